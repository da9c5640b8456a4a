"""What is fixed before a trace is read: windows, thresholds and groupings, each measure's own, hashed into the record (R8)."""

import hashlib
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from groundswell import practices, ties
from groundswell.model.measure import Measure
from groundswell.model.phrase import Phrase, say
from groundswell.privacy import record
from groundswell.privacy.book import FIXED
from groundswell.privacy.protection import DEFAULT, Protection

PLAIN = (bool, int, float, str)
"""What a threshold is; everything else that a module calls by a capital name is no number of ours."""

ROOMS: Mapping[str, ModuleType] = {"practices": practices, "ties": ties}
"""Rooms that every measure stands on: when a practice is over, who is tied to whom."""

NAMES: Mapping[str, Phrase] = {
    "practices": say("when a practice begins and ends"),
    "ties": say("who is tied to whom"),
    "protection": say("the floors and the noise that protect people"),
}
"""What the page calls them; a measure is called by its title."""


@dataclass(frozen=True)
class Fixed:
    """What was fixed, when, and what was changed afterwards.

    Attributes:
        on: day it was first entered.
        read: day of the first reading, None before it.
        changes: day and names of what was changed after the first reading, in order.
    """

    on: date
    read: date | None
    changes: tuple[tuple[date, tuple[str, ...]], ...]


def definitions(measures: Mapping[str, Measure], protection: Protection = DEFAULT) -> dict[str, str]:
    """Digest of everything a number hangs on besides the traces, by name of the measure or the room.

    A measure's own is its SQL, estimand and assumptions, and every plain constant of its file and of the files beside it that it
    uses; so a threshold that is changed in a line of Python is a change too.
    """
    held = {name: _digest(_of_measure(one)) for name, one in measures.items()}
    held |= {name: _digest(line for module in _modules(room) for line in _constants(module)) for name, room in ROOMS.items()}
    held["protection"] = _digest(f"{f.name}={float(getattr(protection, f.name))}" for f in fields(protection))
    return dict(sorted(held.items()))


def whole(held: Mapping[str, str]) -> str:
    """One hash of all of them, as the page prints it."""
    return _digest(f"{name}={digest}" for name, digest in sorted(held.items()))


def enter(path: Path, held: Mapping[str, str], *, now: datetime) -> None:
    """Enter what is fixed into the record, where it differs from what was entered last."""
    last = [entry for entry in record.verify(path) if entry.kind == FIXED]
    if not last or dict(last[-1].facts) != {"whole": whole(held), **held}:
        record.append(path, FIXED, {"whole": whole(held), **held}, now=now)


def fixed(entries: Iterable[record.Entry]) -> Fixed | None:
    """What the record says of it; None if nothing was entered."""
    entered: Mapping[str, Any] = {}
    on: date | None = None
    read: date | None = None
    changes: list[tuple[date, tuple[str, ...]]] = []
    for entry in entries:
        day = datetime.fromisoformat(entry.at).date()
        if entry.kind == "read":
            read = read or day
        elif entry.kind == FIXED:
            on = on or day
            names = {name for name in {*entered, *entry.facts} - {"whole"} if entered.get(name) != entry.facts.get(name)}
            if read is not None:
                changes.append((day, tuple(sorted(names))))
            entered = entry.facts
    return None if on is None else Fixed(on, read, tuple(changes))


def lines(told: Fixed, measures: Mapping[str, Measure]) -> tuple[Phrase, ...]:
    """What the page prints of it: the day, and every later change."""
    first = say("They were entered in the record on {day:date}.", day=told.on)
    later = [
        say("Changed on {day:date}, after traces had been read: {what}.", day=day, what=_called(name, measures))
        for day, names in told.changes
        for name in names
    ]
    return (first, *(later or [say("None of them was changed afterwards.")]))


def _called(name: str, measures: Mapping[str, Measure]) -> Phrase:
    if name in measures:
        return measures[name].title
    return NAMES.get(name, say("{name}, which is no longer installed", name=name))


def _of_measure(one: Measure) -> Iterator[str]:
    yield from (one.name, one.code, one.estimand.text, str(one.exit), *(a.text for a in one.assumptions))
    yield from (f"{key}={one.sql[key]}" for key in sorted(one.sql))
    for module in _beside(one.count.__module__):
        yield from _constants(module)


def _beside(name: str) -> list[ModuleType]:
    """A plug-in's module and the modules of its own folder that it uses, by name."""
    folder = name.rpartition(".")[0]
    found: dict[str, ModuleType] = {}
    waiting = [name]
    while waiting:
        one = waiting.pop()
        module = sys.modules.get(one)
        if module is None or one in found:
            continue
        found[one] = module
        used = {v.__name__ if isinstance(v, ModuleType) else getattr(v, "__module__", None) or "" for v in vars(module).values()}
        waiting += [other for other in used if folder and other.startswith(f"{folder}._")]
    return [found[key] for key in sorted(found)]


def _modules(room: ModuleType) -> list[ModuleType]:
    return [import_module(f"{room.__name__}.{m.name}") for m in pkgutil.iter_modules(room.__path__)]


def _constants(module: ModuleType) -> Iterator[str]:
    """Every plain value that a module calls by a capital name; SQL texts are among them."""
    for name, value in sorted(vars(module).items()):
        if name.isupper() and _is_plain(value):
            yield f"{name}={_told(value)}"


def _is_plain(value: object) -> bool:
    if isinstance(value, tuple | frozenset | list):
        return all(map(_is_plain, value))
    if isinstance(value, Mapping):
        return all(_is_plain(k) and _is_plain(v) for k, v in value.items())
    return isinstance(value, PLAIN)


def _told(value: Any) -> str:
    """A value in one form in every run: sets and mappings sorted."""
    if isinstance(value, Mapping):
        return repr(sorted((str(k), _told(v)) for k, v in value.items()))
    return repr(sorted(map(str, value))) if isinstance(value, frozenset) else repr(value)


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf8", "surrogatepass")).hexdigest()[:16]
