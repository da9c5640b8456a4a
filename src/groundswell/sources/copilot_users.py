"""What each person did with GitHub Copilot on each day, from the per-user usage reports."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family, UsageDay
from groundswell.sources._days import day, day_micros
from groundswell.sources._lines import MAX_DOCUMENT, MAX_LINE, head, json_document, json_lines
from groundswell.sources._rows import batches

ACTIVE_FLAGS = (
    "used_chat",
    "used_agent",
    "used_cli",
    "used_copilot_coding_agent",
    "used_copilot_cloud_agent",
    "used_copilot_code_review_active",
)
"""Flags a person must have set themselves; a review assigned to everybody (`..._passive`) is not use."""
COUNTS = ("user_initiated_interaction_count", "code_generation_activity_count", "code_acceptance_activity_count")

ABSURD = 1_000_000_000
"""A count nobody reaches in a day: a hostile or a broken file."""


class Line(msgspec.Struct, gc=False):
    """One person on one day; the totals by editor, language and model are skipped undecoded."""

    day: str = ""
    user_login: str | None = ""
    user_id: int | str | None = None
    user_initiated_interaction_count: float | None = None
    code_generation_activity_count: float | None = None
    code_acceptance_activity_count: float | None = None
    used_chat: bool | None = None
    used_agent: bool | None = None
    used_cli: bool | None = None
    used_copilot_coding_agent: bool | None = None
    used_copilot_cloud_agent: bool | None = None
    used_copilot_code_review_active: bool | None = None
    used_copilot_code_review_passive: bool | None = None


class Wrapped(Line, gc=False):
    """A line, or the wrapper some downloads put around many."""

    day_totals: list[Line] | None = None


def recognise(path: Path) -> Export | None:
    """Take JSON lines, or one JSON document, with a user, a day and Copilot's own counts."""
    start = head(path, 262_144)
    if not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return None
    person = b'"user_login"' in start or b'"user_id"' in start
    counts = b'"user_initiated_interaction_count"' in start or b'"used_copilot_' in start
    return Export("copilot_users", path) if person and counts and b'"day"' in start else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Read every person-day; a line cut in half is counted with its number and passed over.

    Raises:
        InputError: the file cannot be opened, or holds no readable line at all.
    """
    yield from batches(_usage(export.path, door), door)


def _usage(path: Path, door: DoorLike) -> Iterator[UsageDay]:
    for number, line in _records(path, door):
        for row in (line,) if line.day_totals is None else line.day_totals:
            when = day(row.day)
            login = row.user_login or line.user_login or ""
            number_of_user = line.user_id if row.user_id is None else row.user_id
            native = "" if number_of_user is None else f"github:{number_of_user}"
            actor = door.person(login=login, native=native)
            if when is None or not actor:
                door.skip("line without a day or a person", where=f"{path.name}:{number}")
            else:
                yield _row(row, when, actor, door.kind(login=login).value, native or login.lower(), door)


def _row(row: Line, when: date, actor: int, kind: str, handle: str, door: DoorLike) -> UsageDay:
    counts = [count for name in COUNTS if (count := _whole(getattr(row, name))) is not None]
    active = any(getattr(row, name) for name in ACTIVE_FLAGS) or any(count > 0 for count in counts)
    return UsageDay(
        id=door.hashed("copilot_users", handle, when.isoformat()),
        version=day_micros(when) + sum(counts),  # of two copies of a day the fuller one is the later
        day=when,
        actor=actor,
        actor_kind=kind,
        tool="copilot",
        interactions=_whole(row.user_initiated_interaction_count),
        active=active,
        source="copilot_users",
    )


def _whole(count: float | None) -> int | None:
    """A count as written; None where it is missing, negative or absurd, which is not 0."""
    return int(count) if count is not None and 0 <= count < ABSURD else None


def _records(path: Path, door: DoorLike) -> Iterator[tuple[int, Wrapped]]:
    """Lines, or the parts of one document: a list, or a wrapper printed over many lines."""
    start = head(path, 4_096).lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"["):
        yield from enumerate(json_document(path, list[Wrapped]), 1)
    elif start.partition(b"\n")[0].strip() == b"{":
        yield 1, json_document(path, Wrapped)
    else:
        yield from json_lines(path, door, Wrapped, MAX_DOCUMENT if b'"day_totals"' in start else MAX_LINE)


SOURCE = Source(
    name="copilot_users",
    title="GitHub Copilot, usage by user and day",
    family=Family.USAGE,
    fields=("day", "user_login", "user_id", *COUNTS, *ACTIVE_FLAGS, "used_copilot_code_review_passive"),
    shows=(
        "on which days each person used Copilot in an editor, chat, agent, command line or review they asked for",
        "how often they asked it something",
    ),
    never=(
        "what they asked, or what for",
        "days before 2025-10-10 or more than a year back, unless an older snapshot was kept",
        "people whose editor sends no telemetry",
    ),
    traps=(
        "a review assigned automatically (passive) is not use; such a day counts as not active",
        "the command line is not inside the totals by editor",
        "suggested lines leave out what agents wrote, so an acceptance rate says nothing of agent users",
        "28-day reports must not be joined with one-day teams",
        "telemetry that is off looks like a person who does not use it",
    ),
    recognise=recognise,
    read=read,
)
