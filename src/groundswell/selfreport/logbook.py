"""The logbook: small experiments people tell, the failures as welcome as the successes."""

import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import cache
from typing import Any
from unicodedata import combining, normalize

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.languages.load import tools
from groundswell.model.phrase import say
from groundswell.model.reading import DropKind, Job
from groundswell.selfreport.accounts import ACCOUNTS, Member, digest, new_number, new_secret
from groundswell.selfreport.attachments import secret_in
from groundswell.selfreport.base import METADATA
from groundswell.selfreport.declined import Declined

LONGEST = {"title": 160, "tool": 60, "tried": 4_000, "happened": 4_000, "learned": 2_000, "link": 500}
"""Characters of each field: half a minute's worth, and room for who has more to say."""

MOST_WORDS = 8
"""Words of one search."""

A_PAGE = 20
"""Entries shown at once."""

ENTRIES = sa.Table(
    "entries",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id", ondelete="cascade"), index=True),
    sa.Column("edit_key", sa.Text),
    sa.Column("visible", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("job", sa.Text, nullable=False),
    sa.Column("tool", sa.Text, nullable=False),
    sa.Column("tool_key", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("tried", sa.Text, nullable=False),
    sa.Column("happened", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("drop_kind", sa.Text, nullable=False),
    sa.Column("learned", sa.Text, nullable=False),
    sa.Column("link", sa.Text, nullable=False),
    sa.Column("parent", sa.ForeignKey("entries.id", ondelete="set null"), index=True),
    sa.Column("found_by", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Index("ix_entries_practice", "job", "tool_key", "visible", "unit", "account"),
    sa.Index("ix_entries_day", "day", "id"),
    sqlite_with_rowid=False,
)
"""One row an entry. One without a name has no account, no unit, no link, and of its day only the month: what leads to its author
is a code that only they hold, of which the book keeps a digest. Rows lie in the order of random numbers."""


class Visible(StrEnum):
    """Who sees an entry."""

    ME = "me"
    TEAM = "team"
    EVERYONE = "everyone"
    NAMELESS = "nameless"


class Outcome(StrEnum):
    """What became of it."""

    KEPT = "kept"
    DROPPED = "dropped"
    OPEN = "open"


SEEN = sa.or_(
    ENTRIES.c.visible.in_([str(Visible.EVERYONE), str(Visible.NAMELESS)]),
    sa.and_(ENTRIES.c.visible == str(Visible.TEAM), ENTRIES.c.unit == sa.bindparam("readers_unit"), ENTRIES.c.unit != ""),
    ENTRIES.c.account == sa.bindparam("reader"),
)
"""The one rule of who sees an entry; every query of the logbook holds to it. `as_seen_by` fills it."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """What the half-minute form says; texts are Markdown, "" where nothing is said.

    Attributes:
        title: the dull job.
        job: its kind of work.
        tool: as its author writes it.
        tried, happened, learned: what they say of it.
        outcome: kept, dropped or still open.
        drop: why it was dropped; ABANDONED unless they say otherwise.
        visible: who may see it.
        link: address of a chat message of the author's own; never with an entry without a name.
        parent: number of the entry it changes something of; "" for none.
    """

    title: str
    tool: str
    outcome: Outcome
    visible: Visible
    job: Job = Job.UNKNOWN
    tried: str = ""
    happened: str = ""
    learned: str = ""
    drop: DropKind = DropKind.ABANDONED
    link: str = ""
    parent: str = ""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """An entry as one reader may see it.

    Attributes:
        id: its number.
        told: what it says.
        tool_key: canonical name of the tool.
        day: when it was told; the first of its month for one without a name.
        author: name of whoever told it; "" for one without a name.
        own: whether the reader told it, by name.
        nameless: whether it has no name.
    """

    id: str
    told: Told
    tool_key: str
    day: date
    author: str
    own: bool

    @property
    def nameless(self) -> bool:
        """Whether it has no name."""
        return self.told.visible is Visible.NAMELESS


def tell(connection: Connection, told: Told, who: Member, *, now: datetime) -> tuple[str, str]:
    """Write an entry.

    Returns:
        Its number, and the code that changes it: "" unless it has no name, for then nothing else leads to its author.

    Raises:
        Declined: it is too long, holds a secret key, or says what an entry of its kind may not.
    """
    told = _checked(connection, told, who)
    nameless = told.visible is Visible.NAMELESS
    number, code = new_number(), new_secret() if nameless else ""
    connection.execute(
        ENTRIES.insert().values(
            id=number,
            account=None if nameless else who.account,
            edit_key=digest(code) if nameless else None,
            unit=who.unit if told.visible is Visible.TEAM else "",
            day=now.date().replace(day=1) if nameless else now.date(),
            **_columns(told),
        )
    )
    return number, code


def draft(connection: Connection, who: Member, *, text: str, link: str, now: datetime) -> str:
    """Keep a chat message of somebody's own as an entry only they see, to finish when they like; its number.

    The caller answers for it that whoever asks wrote the message.
    """
    first = text.strip().splitlines()[0] if text.strip() else "…"
    told = Told(
        title=first[: LONGEST["title"]],
        tool="",
        tried=text[: LONGEST["tried"]],
        outcome=Outcome.OPEN,
        visible=Visible.ME,
        link=link[: LONGEST["link"]],
    )
    number = new_number()
    values = {"unit": "", "day": now.date(), **_columns(told)}
    connection.execute(ENTRIES.insert().values(id=number, account=who.account, edit_key=None, **values))
    return number


def change(connection: Connection, number: str, told: Told, who: Member, *, code: str = "") -> None:
    """Write an entry of one's own anew. Whether it has a name cannot be changed: a name once given stands in old backups.

    Raises:
        Declined: as for `tell`, or it would gain or lose its name.
        LookupError: there is none of this number that this member, or this code, may change.
    """
    row = _owned(connection, number, who, code)
    if (row.account is None) != (told.visible is Visible.NAMELESS):
        raise Declined(say("An entry with a name cannot lose it, nor gain one: erase it and tell it anew."))
    told = _checked(connection, told, who)
    unit = who.unit if told.visible is Visible.TEAM else ""
    connection.execute(ENTRIES.update().where(ENTRIES.c.id == number).values(unit=unit, **_columns(told)))


def erase(connection: Connection, number: str, who: Member, *, code: str = "") -> None:
    """Erase an entry of one's own, with all that hangs on it.

    Raises:
        LookupError: there is none of this number that this member, or this code, may erase.
    """
    _owned(connection, number, who, code)
    connection.execute(ENTRIES.delete().where(ENTRIES.c.id == number))


def take_down(connection: Connection, number: str) -> None:
    """Erase an entry that harms somebody; the caller has asked whether whoever asks is a steward and sees it."""
    connection.execute(ENTRIES.delete().where(ENTRIES.c.id == number))


def may_change(connection: Connection, number: str, who: Member, *, code: str = "") -> bool:
    """Whether a member, or whoever holds a code, told this entry."""
    try:
        _owned(connection, number, who, code)
    except LookupError:
        return False
    return True


def one(connection: Connection, number: str, who: Member) -> Entry | None:
    """An entry; None if there is none that this member may see."""
    row = connection.execute(_one(), {"number": number, **as_seen_by(who)}).one_or_none()
    return entry_of(row, who) if row else None


def find(
    connection: Connection,
    who: Member,
    *,
    job: str = "",
    tool: str = "",
    words: str = "",
    own: bool = False,
    after: Entry | None = None,
    most: int = A_PAGE,
) -> list[Entry]:
    """Entries this member may see, the latest first, within a day in no order of anything.

    Args:
        connection: to the book.
        who: who asks.
        job: a kind of work; "" for all.
        tool: a tool under any of its names; "" for all.
        words: words all of which must stand in it.
        own: only what they told themselves, by name.
        after: the last of the page before.
        most: entries at once.
    """
    sought = folded(words).split()[:MOST_WORDS]
    asked = _finding(bool(job), bool(tool), len(sought), own, after is not None)
    values: dict[str, Any] = {"job": job, "tool": tool_key(tool) if tool else "", "most": most, **as_seen_by(who)}
    values |= {f"word{n}": _literal(word) for n, word in enumerate(sought)}
    if after is not None:
        values |= {"day": after.day, "last": after.id}
    return [entry_of(row, who) for row in connection.execute(asked, values)]


def variants(connection: Connection, number: str, who: Member) -> list[Entry]:
    """What others made of an entry, as far as this member may see it."""
    return [entry_of(row, who) for row in connection.execute(_variants(), {"number": number, **as_seen_by(who)})]


def as_seen_by(who: Member) -> dict[str, str]:
    """What fills SEEN for a reader."""
    return {"reader": who.account, "readers_unit": who.unit}


def tool_key(tool: str) -> str:
    """One name for all the names of a tool: that of languages/tools.toml, else its own in small letters; "any" for none."""
    plain = " ".join(re.findall(r"[^\W_]+", tool)).casefold()
    return _known_tools().get(plain, plain.replace(" ", "_")) or "any"


def folded(text: str) -> str:
    """A text as it is searched: small letters without accents."""
    return "".join(c for c in normalize("NFKD", text).casefold() if not combining(c))


def _literal(word: str) -> str:
    """A word in which no character stands for others."""
    return word.replace("/", "//").replace("%", "/%").replace("_", "/_")


def _checked(connection: Connection, told: Told, who: Member) -> Told:
    for field, most in LONGEST.items():
        if len(getattr(told, field)) > most:
            raise Declined(say("One of the texts is too long: at most {most:count} characters.", most=most))
        if secret_in(getattr(told, field)):
            raise Declined(say("There seems to be a password or a key in it. Take it out: what is told here is read by others."))
    if not told.title.strip() or not told.tool.strip():
        raise Declined(say("Say at least which job it was and which tool you tried."))
    if told.visible is Visible.TEAM and not who.unit:
        raise Declined(say("No team of yours is known here: show it to everyone, or to yourself."))
    if told.visible is Visible.NAMELESS and told.link:
        raise Declined(say("A link to your own message would give your name: leave it out, or sign the entry."))
    if told.parent and one(connection, told.parent, who) is None:
        raise Declined(say("The entry you changed something of is gone."))
    return told


def _owned(connection: Connection, number: str, who: Member, code: str) -> Any:
    asked = sa.select(ENTRIES.c.account, ENTRIES.c.edit_key).where(ENTRIES.c.id == number)
    row = connection.execute(asked).one_or_none()
    by_name = row is not None and row.account == who.account
    by_code = row is not None and row.edit_key is not None and hmac.compare_digest(row.edit_key, digest(code.strip()))
    if row is None or not (by_name or by_code):
        raise LookupError
    return row


def _columns(told: Told) -> dict[str, str | None]:
    said = (told.title, told.tool, told.tried, told.happened, told.learned)
    return {
        "visible": told.visible,
        "job": told.job,
        "tool": told.tool.strip(),
        "tool_key": tool_key(told.tool),
        "title": " ".join(told.title.split()),
        "tried": told.tried.strip(),
        "happened": told.happened.strip(),
        "outcome": told.outcome,
        "drop_kind": told.drop if told.outcome is Outcome.DROPPED else "",
        "learned": told.learned.strip(),
        "link": told.link.strip(),
        "parent": told.parent or None,
        "found_by": folded(" ".join(said)),
    }


@cache
def seen_entries() -> sa.Select[Any]:
    """Entries whoever `as_seen_by` fills in may see, each with its author's name."""
    author = ACCOUNTS.c.name.label("author")
    return sa.select(ENTRIES, author).outerjoin(ACCOUNTS, ACCOUNTS.c.id == ENTRIES.c.account).where(SEEN)


@cache
def _one() -> sa.Select[Any]:
    return seen_entries().where(ENTRIES.c.id == sa.bindparam("number"))


@cache
def _variants() -> sa.Select[Any]:
    return seen_entries().where(ENTRIES.c.parent == sa.bindparam("number")).order_by(ENTRIES.c.day, ENTRIES.c.id)


@cache
def _finding(job: bool, tool: bool, words: int, own: bool, after: bool) -> sa.Select[Any]:
    """The search with these parts, made once: what is sought fills its places."""
    asked = seen_entries().order_by(ENTRIES.c.day.desc(), ENTRIES.c.id.desc()).limit(sa.bindparam("most"))
    for n in range(words):
        asked = asked.where(ENTRIES.c.found_by.contains(sa.bindparam(f"word{n}", type_=sa.Text), autoescape=False, escape="/"))
    if job:
        asked = asked.where(ENTRIES.c.job == sa.bindparam("job"))
    if tool:
        asked = asked.where(ENTRIES.c.tool_key == sa.bindparam("tool"))
    if own:
        asked = asked.where(ENTRIES.c.account == sa.bindparam("reader"))
    if after:
        day, last = sa.bindparam("day", type_=sa.Date), sa.bindparam("last", type_=sa.Text)
        asked = asked.where((ENTRIES.c.day < day) | ((ENTRIES.c.day == day) & (ENTRIES.c.id < last)))
    return asked


def entry_of(row: Any, who: Member) -> Entry:
    """A row of `seen_entries` as its reader may see it."""
    told = Told(
        title=row.title,
        tool=row.tool,
        outcome=Outcome(row.outcome),
        visible=Visible(row.visible),
        job=Job(row.job),
        tried=row.tried,
        happened=row.happened,
        learned=row.learned,
        drop=DropKind(row.drop_kind or DropKind.ABANDONED),
        link=row.link,
        parent=row.parent or "",
    )
    own = row.account == who.account
    return Entry(id=row.id, told=told, tool_key=row.tool_key, day=row.day, author=row.author or "", own=own)


@cache
def _known_tools() -> dict[str, str]:
    """Every plain name of a tool -> the canonical one."""
    found: dict[str, str] = {}
    for tool, entry in tools().items():
        names: Sequence[str] = [tool.replace("_", " "), entry["name"], *entry.get("homonyms", ()), *entry.get("names", ())]
        found.update({" ".join(re.findall(r"[^\W_]+", name)).casefold(): tool for name in names})
    return found
