"""The logbook: small experiments people tell, the failures as welcome as the successes."""

import hmac
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.model.phrase import say
from groundswell.selfreport.accounts import Member, digest, new_number, new_secret
from groundswell.selfreport.attachments import secret_in
from groundswell.selfreport.declined import Declined
from groundswell.selfreport.entry import (
    ENTRIES,
    LONGEST,
    Entry,
    Outcome,
    Told,
    Visible,
    as_seen_by,
    entry_of,
    folded,
    seen_entries,
    tool_key,
    written,
)

MOST_WORDS = 8
"""Words of one search."""

A_PAGE = 20
"""Entries shown at once."""


def tell(connection: Connection, told: Told, who: Member, *, now: datetime, pen: str = "") -> tuple[str, str]:
    """Write an entry.

    Args:
        connection: of a writing transaction.
        told: what it says.
        who: who tells it.
        now: the moment.
        pen: a name made up for an entry without one; "" for none.

    Returns:
        Its number, and the code that changes it: "" unless it has no name, for then nothing else leads to its author.

    Raises:
        Declined: it is too long, holds a secret key, or says what an entry of its kind may not.
    """
    told = checked(connection, told, who)
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
            **written(told, pen if nameless else ""),
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
    values = {"unit": "", "day": now.date(), **_columns(told), **written(told, "")}
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
    told = checked(connection, told, who)
    values = {"unit": who.unit if told.visible is Visible.TEAM else "", **_columns(told), **written(told, row.pen)}
    connection.execute(ENTRIES.update().where(ENTRIES.c.id == number).values(**values))


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


def _literal(word: str) -> str:
    """A word in which no character stands for others."""
    return word.replace("/", "//").replace("%", "/%").replace("_", "/_")


def checked(connection: Connection, told: Told, who: Member) -> Told:
    """What may be told as it is.

    Raises:
        Declined: it is too long, holds a secret key, or says what an entry of its kind may not.
    """
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
    asked = sa.select(ENTRIES.c.account, ENTRIES.c.edit_key, ENTRIES.c.pen).where(ENTRIES.c.id == number)
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
