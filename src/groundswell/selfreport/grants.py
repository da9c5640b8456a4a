"""Room that leaders grant: hours, a budget, tools, a promise that mistakes are not held against anyone. Never with a deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.model.phrase import say
from groundswell.selfreport.accounts import ACCOUNTS, Member, new_number
from groundswell.selfreport.attachments import secret_in
from groundswell.selfreport.base import METADATA, upsert
from groundswell.selfreport.declined import Declined
from groundswell.selfreport.practice import quarter

LONGEST_NOTE = 2_000
MOST_OPEN = 20
"""Grants one person has open at once."""

STEP = 10
"""Shares are told in steps of so many in a hundred: a finer one would follow single people."""

GRANTS = sa.Table(
    "grants",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id", ondelete="cascade"), nullable=False, index=True),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("amount", sa.Integer, nullable=False),
    sa.Column("per", sa.Text, nullable=False),
    sa.Column("currency", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sqlite_with_rowid=False,
)
"""One row a grant that holds; no column has its end, since a right that runs out is a deadline. Taken back, it is erased."""

GRANT_USES = sa.Table(
    "grant_uses",
    METADATA,
    sa.Column("account", sa.ForeignKey("accounts.id", ondelete="cascade"), primary_key=True),
    sa.Column("quarter", sa.Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""Who said that they used some of it this quarter; erased as soon as the quarter is over and counted."""

GRANT_QUARTERS = sa.Table(
    "grant_quarters",
    METADATA,
    sa.Column("quarter", sa.Text, primary_key=True),
    sa.Column("reached", sa.Integer),
    sa.Column("used", sa.Integer),
)
"""What was told of a quarter, fixed once; None where floors forbid to tell."""


class Kind(StrEnum):
    """What is granted."""

    HOURS = "hours"
    BUDGET = "budget"
    TOOLS = "tools"
    AMNESTY = "amnesty"


class Per(StrEnum):
    """How often."""

    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, kw_only=True)
class Grant:
    """Something granted.

    Attributes:
        id: its number; "" before it is kept.
        kind: what it is.
        amount: hours, or units of the currency; 0 where the kind has none.
        per: the time it is for.
        currency: ISO code of a budget's.
        note: in the leader's own words, Markdown.
        everyone: whether it holds for everyone, not the leader's team alone.
        by: name of whoever grants it.
        day: since when.
        own: whether the reader granted it.
    """

    kind: Kind
    amount: int = 0
    per: Per = Per.MONTH
    currency: str = ""
    note: str = ""
    everyone: bool = False
    id: str = ""
    by: str = ""
    day: date | None = None
    own: bool = False


@dataclass(frozen=True)
class Quarter:
    """What can be told of a quarter that is over.

    Attributes:
        quarter: such as "2026-Q1".
        reached: share of people something was granted to, in steps of ten in a hundred; None if too few people to tell.
        used: share of these who said that they used some of it; None if too few people to tell.
    """

    quarter: str
    reached: int | None
    used: int | None


def grant(connection: Connection, given: Grant, who: Member, *, now: datetime) -> str:
    """Grant something; its number.

    Raises:
        Declined: they do not lead, have no team to grant it to, or it is empty or too long.
    """
    if not who.leads:
        raise Declined(say("Only who leads people can grant them room."))
    if not given.everyone and not who.unit:
        raise Declined(say("No team of yours is known here: grant it to everyone."))
    if given.kind in (Kind.HOURS, Kind.BUDGET) and given.amount <= 0:
        raise Declined(say("Say how much is granted."))
    if given.kind in (Kind.TOOLS, Kind.AMNESTY) and not given.note.strip():
        raise Declined(say("Say in your own words what is granted."))
    if len(given.note) > LONGEST_NOTE or secret_in(given.note):
        raise Declined(say("One of the texts is too long: at most {most:count} characters.", most=LONGEST_NOTE))
    held = sa.select(sa.func.count()).select_from(GRANTS).where(GRANTS.c.account == who.account)
    if connection.execute(held).scalar_one() >= MOST_OPEN:
        raise Declined(say("You grant {most:count} things already. Take one back first.", most=MOST_OPEN))
    number = new_number()
    connection.execute(
        GRANTS.insert().values(
            id=number,
            account=who.account,
            unit="" if given.everyone else who.unit,
            kind=given.kind,
            amount=given.amount if given.kind in (Kind.HOURS, Kind.BUDGET) else 0,
            per=given.per,
            currency=given.currency if given.kind is Kind.BUDGET else "",
            note=given.note.strip(),
            day=now.date(),
        )
    )
    return number


def take_back(connection: Connection, number: str, who: Member) -> None:
    """Take back what one granted oneself.

    Raises:
        LookupError: they granted nothing of this number.
    """
    ours = (GRANTS.c.id == number) & (GRANTS.c.account == who.account)
    if connection.execute(GRANTS.delete().where(ours)).rowcount != 1:
        raise LookupError


def granted_to(connection: Connection, who: Member) -> list[Grant]:
    """What holds for a member: granted to everyone, to their team, or by themselves; the oldest first."""
    rows = connection.execute(_HELD, {"unit": who.unit, "account": who.account})
    return [
        Grant(
            kind=Kind(row.kind),
            amount=row.amount,
            per=Per(row.per),
            currency=row.currency,
            note=row.note,
            everyone=row.unit == "",
            id=row.id,
            by=row.by,
            day=row.day,
            own=row.account == who.account,
        )
        for row in rows
    ]


def has_used(connection: Connection, who: Member, *, now: datetime) -> bool:
    """Whether a member said that they used some of it this quarter."""
    return connection.execute(_USED, {"account": who.account, "present": quarter(now.date())}).first() is not None


def say_used(connection: Connection, who: Member, *, used: bool, now: datetime) -> None:
    """Say, or take back, that one used some of what was granted this quarter."""
    settle(connection, now=now)
    key = {"account": who.account, "quarter": quarter(now.date())}
    if used:
        put = upsert(connection, GRANT_USES).values(**key)
        connection.execute(put.on_conflict_do_nothing(index_elements=["account", "quarter"]))
    else:
        ours = (GRANT_USES.c.account == who.account) & (GRANT_USES.c.quarter == key["quarter"])
        connection.execute(GRANT_USES.delete().where(ours))


def settle(connection: Connection, *, now: datetime, least: float = 10) -> None:
    """Count every quarter that is over, fix what is told of it, and erase who said so.

    Args:
        connection: of a writing transaction.
        now: the moment.
        least: fewest people either side of a share that is told.
    """
    for past in _over(connection, now):
        people = connection.execute(sa.select(ACCOUNTS.c.id, ACCOUNTS.c.unit)).all()
        units = set(connection.execute(sa.select(GRANTS.c.unit).distinct()).scalars())
        reached = {row.id for row in people if "" in units or row.unit in units}
        said = set(connection.execute(sa.select(GRANT_USES.c.account).where(GRANT_USES.c.quarter == past)).scalars())
        put = upsert(connection, GRANT_QUARTERS).values(
            quarter=past,
            reached=share(len(reached), len(people), least=least),
            used=share(len(said & reached), len(reached), least=least),
        )
        connection.execute(put.on_conflict_do_nothing(index_elements=["quarter"]))
        connection.execute(GRANT_USES.delete().where(GRANT_USES.c.quarter == past))


def unsettled(connection: Connection, *, now: datetime) -> bool:
    """Whether a quarter is over that was not counted yet."""
    return bool(_over(connection, now))


def quarters(connection: Connection) -> Sequence[Quarter]:
    """What is told of the quarters that are over, the latest first."""
    return [Quarter(row.quarter, row.reached, row.used) for row in connection.execute(_TOLD)]


def _over(connection: Connection, now: datetime) -> Sequence[str]:
    return connection.execute(_QUARTERS, {"present": quarter(now.date())}).scalars().all()


def share(part: int, whole: int, *, least: float) -> int | None:
    """A share in steps of ten in a hundred, never 0 or 100; None unless enough people stand on both sides of it."""
    if part < least or whole - part < least:
        return None
    return min(100 - STEP, max(STEP, STEP * round(100 * part / whole / STEP)))


_HELD = (
    sa.select(GRANTS, ACCOUNTS.c.name.label("by"))
    .join(ACCOUNTS, ACCOUNTS.c.id == GRANTS.c.account)
    .where(sa.or_(GRANTS.c.unit == "", GRANTS.c.unit == sa.bindparam("unit"), GRANTS.c.account == sa.bindparam("account")))
    .order_by(GRANTS.c.day, GRANTS.c.id)
)
_QUARTERS = sa.select(GRANT_USES.c.quarter).where(GRANT_USES.c.quarter < sa.bindparam("present")).distinct()
_USED = sa.select(GRANT_USES.c.account).where(
    GRANT_USES.c.account == sa.bindparam("account"), GRANT_USES.c.quarter == sa.bindparam("present")
)
_TOLD = sa.select(GRANT_QUARTERS).order_by(GRANT_QUARTERS.c.quarter.desc()).limit(8)
