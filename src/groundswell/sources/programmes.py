"""What the organisation or a vendor did on a date: trainings, seats handed out, events, joint projects, as a plain table.

A row is a day, what it was, and whom it concerned::

    DATE,KIND,TOOL,UNIT
    2026-02-25,training,chatgpt,Engineering
    2026-03-17,vendor,gemini,

An empty tool stands for all of them, an empty unit for everybody.
"""

from collections.abc import Iterator
from pathlib import Path

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family, Programme, ProgrammeKind
from groundswell.sources._csv import Table, need_table, open_table, spelling
from groundswell.sources._days import day, day_micros, month_first
from groundswell.sources._rows import batches
from groundswell.sources._tools import tool_name

COLUMNS: dict[str, tuple[str, ...]] = {
    "day": ("DATE", "Day", "Start date", "On", "Jour", "Ngày"),
    "kind": ("KIND", "Kind of event", "Event type", "Programme", "Program", "Genre", "Loại"),
    "tool": ("TOOL", "Product", "Application", "Software", "Outil", "Công cụ"),
    "unit": ("UNIT", "Department", "Team", "Org unit", "Département", "Équipe", "Phòng ban"),
}

KINDS: dict[ProgrammeKind, tuple[str, ...]] = {
    ProgrammeKind.SEATS: ("seats", "seat", "licences", "licenses", "rollout", "roll-out", "giấy phép"),
    ProgrammeKind.TRAINING: ("training", "workshop", "course", "formation", "atelier", "đào tạo"),
    ProgrammeKind.EVENT: ("event", "hackathon", "all hands", "town hall", "évènement", "événement", "sự kiện"),
    ProgrammeKind.PROJECT: ("project", "joint project", "working group", "dự án"),
    ProgrammeKind.VENDOR: ("vendor", "launch", "release", "fournisseur", "nhà cung cấp"),
}
"""What a kind may be called."""


def recognise(path: Path) -> Export | None:
    """A table with a day, a kind and a tool, in which nobody is named."""
    table = open_table(path)
    if table is None or not table.has(COLUMNS, "day", "kind", "tool") or table.find(PERSON) is not None:
        return None
    return Export("programmes", path)


PERSON = ("person", "user", "email", "user email", "name", "employee", "assigned to", "seat holder")
"""Columns of people: a table that has one is something else."""


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """One event a row.

    Raises:
        InputError: no table with these columns.
    """
    yield from batches(_programmes(need_table(export.path, COLUMNS, "day", "kind", "tool"), door), door)


def _programmes(table: Table, door: DoorLike) -> Iterator[Programme]:
    rows = list(table.rows(door, COLUMNS))
    american = bool(month_first(row["day"] for _, row in rows))
    kinds = {spelling(word): kind for kind, words in KINDS.items() for word in words}
    for number, row in rows:
        when, kind = day(row["day"], month_first=american), kinds.get(spelling(row["kind"]))
        if when is None or kind is None:
            reason = "no usable date" if when is None else "kind of event that is not known"
            door.skip(reason, where=f"{table.path.name}:{number}")
            continue
        tool, unit = tool_name(row["tool"]) if row["tool"] else "", row["unit"]
        yield Programme(
            id=door.hashed("programmes", when.isoformat(), kind.value, tool, unit),
            version=day_micros(when),
            day=when,
            kind=kind.value,
            tool=tool,
            unit=unit,
            place=0,
            source="programmes",
        )


SOURCE = Source(
    name="programmes",
    title="Trainings, rollouts and events (a dated list)",
    family=Family.PEOPLE,
    fields=("DATE", "KIND", "TOOL", "UNIT"),
    shows=(
        "when a unit was given seats or a training, so that what began after it is not taken for a start of its own",
        "which joint projects and events may have moved people of several teams at once",
    ),
    never=("who came", "what was asked or said there"),
    traps=(
        "units must be written as in the org chart; a department that is no unit there reaches nobody",
        "a list that leaves out trainings makes starts look like somebody's own idea",
    ),
    recognise=recognise,
    read=read,
)
