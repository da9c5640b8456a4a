"""The logbook as the file its source reads: what was done and with what, never the words of an entry."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.languages.load import tools
from groundswell.model.reading import Act
from groundswell.selfreport.accounts import ACCOUNTS
from groundswell.selfreport.attachments import ATTACHMENTS
from groundswell.selfreport.entry import ENTRIES, Outcome, Visible
from groundswell.selfreport.practice import USES

NAMELESS_PEN = "without a name"
"""One pen for all entries without a name: they count as one person, which can never make more people of them than there are."""

UNLISTED = "any"
"""Stands for a tool that is on no list: what one person typed into a field might be a name, and tools are printed."""


def entries_to_file(connection: Connection, path: Path, *, tools_known: Collection[str] = ()) -> int:
    """Write what the store may learn of the logbook, in the form of the source `logbook`; how many rows there are.

    What somebody keeps to themselves is not in it, nor what an account without an address told: nothing would join it.
    The file holds addresses, as any export does: whoever calls this reads it through the door and removes it.

    Args:
        connection: to the book.
        path: the file.
        tools_known: canonical names of the company's own tools, beside those of languages/tools.toml.
    """
    listed = {*tools(), *tools_known}
    rows = [*_told(connection, listed), *_taken_up(connection, listed)]
    rows.sort(key=lambda row: (row["at"], row["entry"]))  # not in the order of telling
    path.write_text(json.dumps({"entries": rows}, ensure_ascii=False), "utf8")
    return len(rows)


def _told(connection: Connection, listed: Collection[str]) -> Iterator[dict[str, Any]]:
    parent, teller = ENTRIES.alias("parent"), ACCOUNTS.alias("teller")
    asked = (
        sa.select(ENTRIES, ACCOUNTS.c.address, teller.c.address.label("whom"), sa.func.count(ATTACHMENTS.c.id).label("attached"))
        .outerjoin(ACCOUNTS, ACCOUNTS.c.id == ENTRIES.c.account)
        .outerjoin(parent, parent.c.id == ENTRIES.c.parent)
        .outerjoin(teller, teller.c.id == parent.c.account)
        .outerjoin(ATTACHMENTS, ATTACHMENTS.c.entry == ENTRIES.c.id)
        .where(ENTRIES.c.visible != Visible.ME)
        .group_by(*ENTRIES.c, ACCOUNTS.c.address, teller.c.address)
    )
    for row in connection.execute(asked):
        nameless = row.visible == Visible.NAMELESS
        if nameless or row.address:
            acts = [Act.TRIES]
            acts += [Act.TAKES_UP] if row.parent else []
            acts += [Act.SHARES] if row.attached else []
            acts += [Act.USES] if row.outcome == Outcome.KEPT else []
            acts += [Act.LEARNS] if row.learned else []
            acts += [Act.DROPS] if row.outcome == Outcome.DROPPED else []
            yield {
                "entry": row.id,
                "at": row.day.isoformat(),
                "person": "" if nameless else row.address,
                "pen": NAMELESS_PEN if nameless else "",
                "act": [str(act) for act in acts],
                "tool": row.tool_key if row.tool_key in listed else UNLISTED,
                "job": row.job,
                "drop": row.drop_kind,
                "whom": "" if nameless else row.whom or "",
            }


def _taken_up(connection: Connection, listed: Collection[str]) -> Iterator[dict[str, Any]]:
    user, teller = ACCOUNTS.alias("user"), ACCOUNTS.alias("teller")
    asked = (
        sa.select(USES, ENTRIES.c.tool_key, ENTRIES.c.job, user.c.address, teller.c.address.label("whom"))
        .join(ENTRIES, ENTRIES.c.id == USES.c.entry)
        .join(user, user.c.id == USES.c.account)
        .outerjoin(teller, teller.c.id == ENTRIES.c.account)
        .where(ENTRIES.c.visible != Visible.ME, user.c.address.is_not(None))
        .where(sa.or_(ENTRIES.c.account.is_(None), ENTRIES.c.account != USES.c.account))
    )
    for row in connection.execute(asked):
        yield {
            "entry": f"{row.entry}/{row.account}",
            "at": row.since.isoformat(),
            "person": row.address,
            "pen": "",
            "act": [str(Act.TAKES_UP)],
            "tool": row.tool_key if row.tool_key in listed else UNLISTED,
            "job": row.job,
            "drop": "",
            "whom": row.whom or "",
        }
