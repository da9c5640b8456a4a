"""Logbook entries as a file: small experiments people tell on purpose; the story itself stays where it was told."""

from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import Path

import msgspec

from groundswell.model.reading import Act, ActRow, DropKind, Job, Modality
from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family, Trace
from groundswell.sources._csv import Columns, need_table, open_table
from groundswell.sources._days import day, instant, to_micros
from groundswell.sources._ledger import kind_of
from groundswell.sources._pages import has_keys, json_head, records
from groundswell.sources._rows import batches
from groundswell.sources._tools import tool_name

READER = "selfreport-1"
CHANNEL = "logbook"
JOBS = frozenset(Job)
DROPS = frozenset(DropKind)
ACTS = frozenset({Act.USES, Act.TRIES, Act.SHARES, Act.TAKES_UP, Act.LEARNS, Act.DROPS})
"""What one can tell of oneself; a demand or a plan is no entry of a logbook."""

COLUMNS: Columns = {
    "entry": ("entry", "entry id"),
    "at": ("at", "day", "date", "when"),
    "changed": ("changed", "edited at"),
    "person": ("person", "author", "email"),
    "pen": ("pen name", "pen"),
    "act": ("act", "acts"),
    "tool": ("tool",),
    "job": ("job", "kind of work"),
    "drop": ("drop", "why dropped"),
    "whom": ("taken from", "from"),
}
"""Columns read; the story, its title and anything else are dropped unread."""


class _Entry(msgspec.Struct):
    entry: str
    at: str
    act: str | list[str]
    changed: str | None = None
    person: str | None = None
    pen: str | None = None
    tool: str | None = None
    job: str | None = None
    drop: str | None = None
    whom: str | None = None


def recognise(path: Path) -> Export | None:
    """Entries with a number, an instant, an act and a tool."""
    if has_keys(json_head(path), "entry", "at", "act", "tool"):
        return Export("logbook", path)
    table = open_table(path)
    return Export("logbook", path) if table and table.has(COLUMNS, "entry", "at", "act", "tool") else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """One trace an entry, and one act for each thing it tells."""
    yield from batches(_traces(export.path, door), door)


def _traces(path: Path, door: DoorLike) -> Iterator[Trace | ActRow]:
    for where, entry in _rows(path, door):
        ts = _instant(entry.at)
        actor, kind = _who(entry, door)
        acts = _acts(entry.act)
        if ts is None or not actor or not acts or not entry.entry:
            reason = "no usable date" if ts is None else "unattributed" if not actor else "no act of a logbook"
            door.skip(reason if entry.entry else "entry without a number", where=where)
            continue
        number, changed = door.hashed("logbook", entry.entry), _instant(entry.changed or "")
        version, place = to_micros(changed or ts), door.hashed("place", "logbook")
        yield Trace(number, version, ts.date(), actor, kind, place, "logbook")
        for act in acts:
            yield _act(number, version, ts, actor, kind, act, place, entry, door)


def _act(
    number: int, version: int, ts: datetime, actor: int, kind: ActorKind, act: Act, place: int, entry: _Entry, door: DoorLike
) -> ActRow:
    job = (entry.job or "").strip().casefold()
    drop = (entry.drop or "").strip().casefold()
    whom = (entry.whom or "").strip() if act is Act.TAKES_UP else ""
    return ActRow(
        id=number,
        version=version,
        ts=ts,
        actor=actor,
        actor_kind=kind,
        act=act,
        modality=Modality.DONE,
        tool=tool_name(entry.tool or ""),
        job=job if job in JOBS else Job.UNKNOWN,
        place=place,
        thread=0,
        readers=None,
        whom=door.person(**_handles(whom)) if whom else 0,
        channel=CHANNEL,
        reason=False,
        deadline=False,
        obligation=False,
        sanction=False,
        limit=False,
        example=False,
        permission=False,
        reasons=0,
        drop=(drop if drop in DROPS else DropKind.ABANDONED) if act is Act.DROPS else "",
        score=1.0,
        reader=READER,
        source="logbook",
    )


def _rows(path: Path, door: DoorLike) -> Iterator[tuple[str, _Entry]]:
    if json_head(path):
        yield from records(path, door, _Entry, "entries", "data")
        return
    table = need_table(path, COLUMNS, "entry", "at", "act", "tool")
    for number, row in table.rows(door, COLUMNS):
        yield f"{path.name}:{number}", _Entry(**row)


def _who(entry: _Entry, door: DoorLike) -> tuple[int, ActorKind]:
    person = (entry.person or "").strip()
    if person:
        return door.person(**_handles(person)), kind_of(door, **_handles(person))
    # A pen name is a handle of its own: nothing joins it to the person behind it.
    return door.person(native=f"pen:{entry.pen.strip()}") if (entry.pen or "").strip() and entry.pen else 0, ActorKind.PERSON


def _handles(person: str) -> dict[str, str]:
    return {"email": person} if "@" in person else {"name": person} if " " in person else {"login": person}


def _acts(told: str | list[str]) -> list[Act]:
    words = told if isinstance(told, list) else told.replace(";", ",").replace("|", ",").split(",")
    plain = [word.strip().casefold().replace(" ", "_") for word in words]
    return [Act(word) for word in dict.fromkeys(plain) if word in ACTS]


def _instant(text: str) -> datetime | None:
    moment = instant(text)
    on = day(text) if moment is None else None
    return moment or (datetime.combine(on, time(), UTC) if on else None)


SOURCE = Source(
    name="logbook",
    title="Logbook",
    family=Family.SELFREPORT,
    fields=tuple(COLUMNS),
    shows=("what people chose to tell: a trial, something shared, something learned, something given up",),
    never=("what nobody told", "the words of an entry: they stay in the logbook"),
    traps=(
        "people tell what went well more readily",
        "an entry is what its author says: it counts as said until another family of traces agrees",
        "a pen name cannot be joined to other traces, and is not",
        "an entry that says it was dropped without saying why counts as abandoned",
    ),
    recognise=recognise,
    read=read,
)
