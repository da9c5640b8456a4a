"""A practice: one tool for one kind of work, whoever told of it, who uses it too, and whether it is still alive."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.selfreport.accounts import Member
from groundswell.selfreport.base import METADATA, upsert
from groundswell.selfreport.entry import ENTRIES, SEEN, Entry, Outcome, Visible, as_seen_by
from groundswell.selfreport.logbook import find, one

USES = sa.Table(
    "uses",
    METADATA,
    sa.Column("entry", sa.ForeignKey("entries.id", ondelete="cascade"), primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id", ondelete="cascade"), primary_key=True, index=True),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("asked", sa.Text, nullable=False),
    sa.Column("still", sa.Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""Who uses what an entry tells of, as they said; `asked` is the quarter of their latest answer. Nobody is shown a list."""

MOST_ASKED = 3
"""Questions at once on the first page: one tap each, once a quarter."""


class Alive(StrEnum):
    """Whether a practice is still alive, as those who use it said in this quarter or the last."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Practice:
    """One tool for one kind of work, as one reader may see it.

    Attributes:
        job: kind of work.
        tool_key: canonical name of the tool.
        entries: what is told of it, the latest first.
        alive: whether it is still alive.
        reused: whether anybody beside those who told of it says they use it too.
    """

    job: str
    tool_key: str
    entries: list[Entry]
    alive: Alive
    reused: bool


def use(connection: Connection, number: str, who: Member, *, now: datetime) -> None:
    """Say that one uses this too; saying it twice changes nothing.

    Raises:
        LookupError: there is no such entry that this member may see.
    """
    if one(connection, number, who) is None:
        raise LookupError
    said = {"since": now.date(), "asked": quarter(now.date()), "still": True}
    put = upsert(connection, USES).values(entry=number, account=who.account, **said)
    connection.execute(put.on_conflict_do_nothing(index_elements=["entry", "account"]))


def stop_using(connection: Connection, number: str, who: Member) -> None:
    """Take it back that one uses this."""
    connection.execute(USES.delete().where(USES.c.entry == number, USES.c.account == who.account))


def standing(connection: Connection, number: str, who: Member) -> tuple[bool, bool]:
    """Whether a member said that they use this, and whether anybody but its author does.

    Never how many: a number beside a name becomes a score.
    """
    using, reused = connection.execute(_STANDING, {"entry": number, "account": who.account}).one()
    return bool(using), bool(reused)


def keep_asking(connection: Connection, number: str, outcome: Outcome, who: Member, *, now: datetime) -> None:
    """Whoever tells by name that they kept something uses it, and is asked next quarter like any other user."""
    if outcome is Outcome.KEPT:
        use(connection, number, who, now=now)
    else:
        stop_using(connection, number, who)


def to_ask(connection: Connection, who: Member, *, now: datetime) -> list[Entry]:
    """What a member is asked about this quarter: what they said they use, in an earlier quarter, and have not answered yet."""
    rows = connection.execute(_TO_ASK, {"quarter": quarter(now.date()), **as_seen_by(who)}).all()
    found = (one(connection, row.entry, who) for row in rows)
    return [entry for entry in found if entry is not None]


def answer(connection: Connection, number: str, who: Member, *, still: bool, now: datetime) -> None:
    """One tap: whether one still uses it. A later tap of the quarter takes the place of an earlier one.

    Raises:
        LookupError: they never said that they use it.
    """
    ours = (USES.c.entry == number) & (USES.c.account == who.account)
    if connection.execute(USES.update().where(ours).values(asked=quarter(now.date()), still=still)).rowcount != 1:
        raise LookupError


def practice(connection: Connection, who: Member, *, job: str, tool_key: str, now: datetime) -> Practice | None:
    """A practice; None if nothing is told of it that this member may see."""
    entries = find(connection, who, job=job, tool=tool_key, most=200)
    if not entries:
        return None
    return Practice(
        job,
        tool_key,
        entries,
        _alive(connection, who, job, tool_key, now.date()),
        _reused(connection, who, job, tool_key),
    )


def practices(connection: Connection, who: Member) -> list[tuple[str, str]]:
    """Kind of work and tool of every practice this member may see, by name: not the most used first."""
    return [(row.job, row.tool_key) for row in connection.execute(_PRACTICES, as_seen_by(who))]


def quarter(day: date) -> str:
    """The calendar quarter of a day, such as "2026-Q1"."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def _alive(connection: Connection, who: Member, job: str, tool_key: str, today: date) -> Alive:
    first = date(today.year, 3 * ((today.month - 1) // 3) + 1, 1)
    before = date(first.year - 1, 10, 1) if first.month == 1 else date(first.year, first.month - 3, 1)
    asked = _USED.where(USES.c.asked.in_([quarter(first), quarter(before)]))
    said = {row.still for row in connection.execute(asked, {"job": job, "tool": tool_key, **as_seen_by(who)})}
    return Alive.YES if True in said else Alive.NO if said else Alive.UNKNOWN


def _reused(connection: Connection, who: Member, job: str, tool_key: str) -> bool:
    asked = _USED.where(_BY_ANOTHER, USES.c.still)
    return connection.execute(asked, {"job": job, "tool": tool_key, **as_seen_by(who)}).first() is not None


_BY_ANOTHER = sa.or_(ENTRIES.c.account.is_(None), USES.c.account != ENTRIES.c.account)
_TO_ASK = (
    sa.select(USES.c.entry)
    .join(ENTRIES, ENTRIES.c.id == USES.c.entry)
    .where(USES.c.account == sa.bindparam("reader"), USES.c.asked != sa.bindparam("quarter"), USES.c.still, SEEN)
    .order_by(USES.c.entry)
    .limit(MOST_ASKED)
)
_STANDING = sa.select(
    sa.exists().where(USES.c.entry == sa.bindparam("entry"), USES.c.account == sa.bindparam("account")),
    sa.exists().where(USES.c.entry == sa.bindparam("entry"), ENTRIES.c.id == USES.c.entry, _BY_ANOTHER, USES.c.still),
)
_USED = (
    sa.select(USES.c.still)
    .join(ENTRIES, ENTRIES.c.id == USES.c.entry)
    .where(ENTRIES.c.job == sa.bindparam("job"), ENTRIES.c.tool_key == sa.bindparam("tool"), SEEN)
    .distinct()
)
_PRACTICES = (
    sa.select(ENTRIES.c.job, ENTRIES.c.tool_key)
    .where(SEEN, ENTRIES.c.visible != str(Visible.ME))
    .distinct()
    .order_by(ENTRIES.c.job, ENTRIES.c.tool_key)
)
