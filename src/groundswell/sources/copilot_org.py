"""GitHub Copilot usage of an organisation or enterprise by day: how many people did something, and how often."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family, UsageTotal
from groundswell.sources._ledger import total, whole
from groundswell.sources._pages import has_keys, json_head, records, utc_day
from groundswell.sources._rows import batches

TOOL = "copilot"


class _Day(msgspec.Struct):
    day: str
    people: float | None = msgspec.field(default=None, name="daily_active_users")
    asked: float | None = msgspec.field(default=None, name="user_initiated_interaction_count")
    organization_id: str | float | None = None
    enterprise_id: str | float | None = None


def recognise(path: Path) -> Export | None:
    """Days with numbers of active users; a report of single users has a login and is another source's."""
    start = json_head(path)
    person = has_keys(start, "user_login") or has_keys(start, "user_id")
    mine = has_keys(start, "day", "daily_active_users") and not person
    return Export("copilot_org", path) if mine else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """One total a day and organisation."""
    yield from batches(_totals(export.path, door), door)


def _totals(path: Path, door: DoorLike) -> Iterator[UsageTotal]:
    for where, row in records(path, door, _Day, "day_totals"):
        day = utc_day(row.day)
        if day is None:
            door.skip("no usable date", where=where)
            continue
        part = f"enterprise:{row.enterprise_id}" if row.organization_id in (None, "") else f"organization:{row.organization_id}"
        yield total(door, "copilot_org", day, TOOL, people=whole(row.people), interactions=whole(row.asked), part=part)


SOURCE = Source(
    name="copilot_org",
    title="GitHub Copilot usage of an organisation",
    family=Family.USAGE,
    fields=("day", "daily_active_users", "user_initiated_interaction_count", "organization_id", "enterprise_id"),
    shows=("how many people used Copilot on which day in the organisation as a whole, and how often they asked",),
    never=("who they are", "days before 10 October 2025, or more than a year back", "people whose editor sends no telemetry"),
    traps=(
        "weekly and monthly users look back from each day and are not read: they cannot be added",
        "an enterprise contains its organisations: never add the two",
        "lines suggested leave out what agents edit, so no acceptance rate is made from them",
        "the automatic review of pull requests reaches people who did nothing: its passive users are not read",
    ),
    recognise=recognise,
    read=read,
)
