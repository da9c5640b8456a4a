"""What those who lead tried themselves: how they lead, told by them, never counted."""

from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.selfreport.accounts import ACCOUNTS, Member
from groundswell.selfreport.entry import ENTRIES, Entry, Visible, as_seen_by, entry_of, seen_entries

MOST = 5
"""Entries shown at once."""


def told_by_leaders(connection: Connection, who: Member) -> list[Entry]:
    """The latest entries by people who lead that this member may see and that were told to others, by name."""
    return [entry_of(row, who) for row in connection.execute(_told(), as_seen_by(who))]


@cache
def _told() -> sa.Select[Any]:
    to_others = sa.or_(ENTRIES.c.visible == str(Visible.TEAM), ENTRIES.c.visible == str(Visible.EVERYONE))
    by_leaders = seen_entries().where(ACCOUNTS.c.leads, to_others)
    return by_leaders.order_by(ENTRIES.c.day.desc(), ENTRIES.c.id.desc()).limit(MOST)
