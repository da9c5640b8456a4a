"""Slack AI usage: which members used summaries, recaps and search answers in the last week or month."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family, Seat
from groundswell.sources._csv import Columns, Table, need_table, open_table, spelling
from groundswell.sources._days import day
from groundswell.sources._ledger import kind_of, whole
from groundswell.sources._rows import batches
from groundswell.sources._snapshot import fingerprint, need_day

TOOL = "slack_ai"
WEEK, MONTH = 7, 28
YES = frozenset({"true", "yes", "y", "1"})

COLUMNS: Columns = {
    "user": ("USER_ID",),
    "email": ("USER_EMAIL",),
    "name": ("FULL_NAME",),
    "team": ("TEAM_ID", "WORKSPACE_ID"),
    "day": ("DATE", "DS", "SNAPSHOT_DATE"),
    "ever": ("TOTAL_SLACK_AI_USAGE_TILL_DATE",),
    "week": ("SLACK_AI_WAU",),
    "month": ("SLACK_AI_MAU",),
}


def recognise(path: Path) -> Export | None:
    """A table of users with counts of Slack AI."""
    table = open_table(path)
    named = table and any(spelling(name).startswith("slackai") or "slackaiusage" in spelling(name) for name in table.header)
    known = table and named and (table.has(COLUMNS, "user") or table.has(COLUMNS, "email"))
    return Export("slack_ai", path) if known else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """One seat a member.

    Raises:
        InputError: no such table, or nothing that says on which day it was taken.
    """
    table = need_table(export.path, COLUMNS)
    yield from batches(_seats(table, door), door)


def _seats(table: Table, door: DoorLike) -> Iterator[Seat]:
    taken = None if table.has(COLUMNS, "day") else need_day(table.path)
    for number, row in table.rows(door, COLUMNS):
        where = f"{table.path.name}:{number}"
        on = taken or day(row["day"])
        native = f"{row['team']}:{row['user']}" if row["team"] and row["user"] else f"slack:{row['user']}" if row["user"] else ""
        actor = door.person(email=row["email"], native=native, name=row["name"])
        if on is None or not actor or kind_of(door, email=row["email"]) is not ActorKind.PERSON:
            reason = (
                "no usable date" if on is None else "unattributed" if not actor else "licence of an account that is no person"
            )
            door.skip(reason, where=where)
            continue
        last, measured = _last(on, row)
        version = last.toordinal() if last else 0
        yield Seat(
            door.hashed("slack_ai", "seat", actor, TOOL, on.isoformat()),
            version,
            on,
            actor,
            TOOL,
            None,
            last,
            measured,
            None,
            "",
            "slack_ai",
        )


def _last(on: date, row: dict[str, str]) -> tuple[date | None, bool]:
    """Earliest day of last use that fits the flags, which alone claims nothing, and whether use was measured."""
    if _said(row["week"]):
        return on - timedelta(days=WEEK - 1), True
    if _said(row["month"]):
        return on - timedelta(days=MONTH - 1), True
    ever = whole(row["ever"])
    # Used at some time, but not lately or not told when: idle only if the table says so for week and month.
    return None, bool(row["week"] and row["month"]) or ever == 0


def _said(cell: str) -> bool:
    return cell.casefold() in YES or bool(whole(cell))


SOURCE = Source(
    name="slack_ai",
    title="Slack AI usage",
    family=Family.USAGE,
    fields=("USER_ID", "USER_EMAIL", "FULL_NAME", "TOTAL_SLACK_AI_USAGE_TILL_DATE", "SLACK_AI_WAU", "SLACK_AI_MAU"),
    shows=("which members used Slack AI at all in the week or month before the table was taken",),
    never=("on which day it was used", "what was summarised or searched", "anything beyond 90 days back"),
    traps=(
        "a summary opened by itself may count as use: it is weak evidence",
        "the last activity is given as the first day of the week or month: at least that recent",
        "the table may carry no date: its file name must",
    ),
    recognise=recognise,
    read=read,
    fingerprint=fingerprint,
)
