"""Teams that take part in a drawn order (measures.md, M13): those who lead them say so, chance says who begins when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.model.phrase import say
from groundswell.selfreport.accounts import Member
from groundswell.selfreport.base import METADATA, upsert
from groundswell.selfreport.declined import Declined

JOINED = sa.Table(
    "joined",
    METADATA,
    sa.Column("unit", sa.Text, primary_key=True),
    sa.Column("since", sa.Date, nullable=False),
    sa.Column("starts", sa.Date),
    sqlite_with_rowid=False,
)
"""One row a team that takes part, with the first day the lot gave it; who said so for the team is not kept."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a team stands.

    Attributes:
        joined: whether it takes part.
        starts: its first day, once the order is drawn; None before.
        teams: how many take part so far, this one included.
    """

    joined: bool
    starts: date | None
    teams: int


def standing(connection: Connection, unit: str) -> Standing:
    """Where a team stands; a team without a name takes no part.

    Args:
        connection: to the book.
        unit: as the org chart writes it; "" if none is known.
    """
    rows = {row.unit: row.starts for row in connection.execute(sa.select(JOINED.c.unit, JOINED.c.starts))}
    return Standing(unit in rows, rows.get(unit), len(rows))


def join(connection: Connection, who: Member, *, now: datetime) -> None:
    """Let one's own team take part; said twice, it is said once.

    Raises:
        Declined: they do not lead, or no team of theirs is known.
    """
    _led(who)
    added = upsert(connection, JOINED).values(unit=who.unit, since=now.date(), starts=None)
    connection.execute(added.on_conflict_do_nothing())


def leave(connection: Connection, who: Member) -> None:
    """Take one's own team out, which can be done until the order is drawn: leaving afterwards would spoil the lot.

    Raises:
        Declined: they do not lead, no team of theirs is known, or the order is drawn.
    """
    _led(who)
    if standing(connection, who.unit).starts is not None:
        raise Declined(say("The order is drawn: a team that left now would make the comparison false."))
    connection.execute(JOINED.delete().where(JOINED.c.unit == who.unit))


def waiting(connection: Connection) -> list[str]:
    """The teams that take part and have no day yet, by name."""
    rows = connection.execute(sa.select(JOINED.c.unit).where(JOINED.c.starts.is_(None)).order_by(JOINED.c.unit))
    return [row.unit for row in rows]


def tell(connection: Connection, order: Mapping[str, date]) -> int:
    """Write beside each team the day the lot gave it, so that its people read it; how many teams that were.

    Args:
        connection: to the book.
        order: unit -> its first day; units that did not join here are left out.
    """
    told = 0
    for unit, day in order.items():
        told += connection.execute(JOINED.update().where(JOINED.c.unit == unit).values(starts=day)).rowcount
    return told


def _led(who: Member) -> None:
    if not who.leads:
        raise Declined(say("Only who leads a team can let it take part."))
    if not who.unit:
        raise Declined(say("No team of yours is known here."))
