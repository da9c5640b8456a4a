"""Gemini in Workspace: single uses from the activity report, or the console's table of the last four weeks."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family, Seat
from groundswell.sources._csv import Columns, Table, need_table, open_table
from groundswell.sources._ledger import UsageLog, kind_of, whole
from groundswell.sources._pages import has_keys, json_head, records, utc_day
from groundswell.sources._rows import batches
from groundswell.sources._snapshot import fingerprint, need_day

TOOL = "gemini"
APPLICATION = "gemini_in_workspace_apps"
WINDOW_DAYS = 28
"""The console's table looks back four weeks and says on how many days, not on which."""
PASSIVE = ("inactive", "passive", "proactive")
"""How an event's category begins where the application acted by itself."""

COLUMNS: Columns = {
    "email": ("Email", "User email", "User"),
    "usage": ("Overall usage", "Overall Gemini usage"),
    "days": ("Active days", "Days active"),
    "app": ("Gemini app", "Gemini"),
    "docs": ("Google Docs", "Docs"),
}


class _Id(msgspec.Struct):
    time: str
    application: str = msgspec.field(default="", name="applicationName")


class _Actor(msgspec.Struct):
    email: str | None = None
    profile: str | None = msgspec.field(default=None, name="profileId")


class _Parameter(msgspec.Struct):
    name: str = ""
    value: str | None = None


class _Event(msgspec.Struct):
    name: str = ""
    parameters: list[_Parameter] | None = None


class _Activity(msgspec.Struct):
    id: _Id
    actor: _Actor
    events: list[_Event]


def recognise(path: Path) -> Export | None:
    """An activity report of Gemini in Workspace, or the console's table of users with their active days."""
    start = json_head(path)
    if start:
        mine = APPLICATION.encode() in start and has_keys(start, "applicationName", "actor", "events")
        return Export("gemini", path) if mine else None
    table = open_table(path)
    known = table and table.has(COLUMNS, "email", "usage") and (table.has(COLUMNS, "app") or table.has(COLUMNS, "docs"))
    return Export("gemini", path) if known else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Uses by person and day, or one seat a user of the table.

    Raises:
        InputError: the table says nowhere on which day it was taken.
    """
    if json_head(export.path):
        yield from batches(_activities(export.path, door).rows(), door)
    else:
        yield from batches(_seats(need_table(export.path, COLUMNS, "email", "usage"), door), door)


def _activities(path: Path, door: DoorLike) -> UsageLog:
    log = UsageLog(door, "gemini")
    for where, row in records(path, door, _Activity, "items"):
        day = utc_day(row.id.time)
        if row.id.application != APPLICATION or day is None:
            door.skip("activity of another application" if day else "no usable date", where=where)
            continue
        own = sum(1 for event in row.events if not _passive(event))
        email = row.actor.email or ""
        actor = door.person(email=email, native=f"google:{row.actor.profile}" if row.actor.profile else "")
        log.add(day, TOOL, actor, kind_of(door, email=email), own, where=where)
    return log


def _passive(event: _Event) -> bool:
    said = next((p.value for p in event.parameters or () if p.name == "event_category"), None)
    return (said or "").casefold().startswith(PASSIVE)


def _seats(table: Table, door: DoorLike) -> Iterator[Seat]:
    taken = need_day(table.path)
    for number, row in table.rows(door, COLUMNS):
        email, days = row["email"], whole(row["days"])
        kind = kind_of(door, email=email)
        if "@" not in email or kind is not ActorKind.PERSON:
            reason = "unattributed" if "@" not in email else "licence of an account that is no person"
            door.skip(reason, where=f"{table.path.name}:{number}")
            continue
        actor = door.person(email=email)
        # Active on some day of the window: the earliest day that fits is the only one that claims nothing.
        last = taken - timedelta(days=WINDOW_DAYS - 1) if days else None
        identity = door.hashed("gemini", "seat", actor, TOOL, taken.isoformat())
        yield Seat(identity, days or 0, taken, actor, TOOL, None, last, days is not None, None, "", "gemini")


SOURCE = Source(
    name="gemini",
    title="Gemini in Workspace",
    family=Family.USAGE,
    fields=("id.time", "actor.email", "events[].parameters.event_category", "Email", "Active days"),
    shows=("who used Gemini in Workspace on which day", "who was active at all in the four weeks before the table was taken"),
    never=(
        "what was asked",
        "which days, from the console's table: only how many of the last 28",
        "events older than 180 days",
    ),
    traps=(
        "some events are suggestions the application made by itself: they are not use",
        "the table's last activity is given as the first day of its window: at least that recent",
        "the table carries no date: its file name must",
        "reports lag by one to three days",
    ),
    recognise=recognise,
    read=read,
    fingerprint=fingerprint,
)
