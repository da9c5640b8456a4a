"""Pulse answers as a file: what was used on one working day and how it came about, with nothing in it that leads to a person."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from groundswell.model.reading import Job
from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family, PulseAnswer
from groundswell.sources._csv import Columns, need_table, open_table, spelling
from groundswell.sources._pages import has_keys, json_head, records, utc_day
from groundswell.sources._rows import batches
from groundswell.sources._tools import tool_name

COLUMNS: Columns = {
    "answer": ("answer", "answer id", "item"),
    "day": ("day", "date", "asked about"),
    "tool": ("tool",),
    "job": ("job", "kind of work"),
    "used": ("used",),
    "how": ("how", "how it began"),
    "expected": ("expected", "because expected"),
    "kept": ("kept", "still in use"),
    "level": ("level", "told by"),
    "reasons": ("reasons", "reasons named"),
    "second": ("second", "the day before"),
    "stratum": ("stratum",),
    "weight": ("weight",),
}
JOBS = frozenset(Job)
HOW = frozenset({"own", "colleague", "asked", "programme", "other"})
LEVELS = frozenset({"leads", "works"})
MOST_REASONS = 31
"""The five reasons as a bit set."""
YES = frozenset({"yes", "y", "true", "1", "oui", "vrai", "có"})
NO = frozenset({"no", "n", "false", "0", "non", "faux", "không"})
PERSONAL = frozenset(
    {"email", "mail", "name", "fullname", "displayname", "user", "username", "userid", "userprincipalname", "login"}
    | {"employee", "employeeid", "person", "ip", "ipaddress", "token"}
)
"""Columns a pulse must not have: they are refused, counted and never read."""
WEIGHTS = (0.0, 1e6)
MAX_STRATUM = 80


class _Answer(msgspec.Struct):
    day: str
    tool: str
    used: str | bool | float
    answer: str | float | None = None
    job: str | None = None
    how: str | None = None
    expected: str | bool | float | None = None
    kept: str | bool | float | None = None
    level: str | None = None
    reasons: str | float | None = None
    second: str | bool | float | None = None
    stratum: str | None = None
    weight: str | float | None = None


def recognise(path: Path) -> Export | None:
    """A sheet with day, tool, used and at least one further item of the pulse."""
    if has_keys(json_head(path), "day", "tool", "used", "how"):
        return Export("pulse", path)
    table = open_table(path)
    known = (
        table and table.has(COLUMNS, "day", "tool", "used") and any(table.has(COLUMNS, n) for n in ("how", "expected", "kept"))
    )
    return Export("pulse", path) if known else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """One answer a row; no row bears an actor, and two like answers stay two."""
    yield from batches(_answers(export.path, door), door)


def _answers(path: Path, door: DoorLike) -> Iterator[PulseAnswer]:
    copies: Counter[tuple[str, ...]] = Counter()
    for where, answer in _rows(path, door):
        day = utc_day(answer.day)
        used = _said(answer.used)
        if day is None or used is None:
            door.skip("no usable date" if day is None else "no answer to whether it was used", where=where)
            continue
        tool, how, job = tool_name(answer.tool), (answer.how or "").strip().casefold(), (answer.job or "").strip().casefold()
        if how and how not in HOW:
            door.skip("way of beginning that is not on the list, read as other", where=where)
            how = "other"
        job = job if job in JOBS else Job.UNKNOWN
        stratum = (answer.stratum or "").strip()[:MAX_STRATUM]
        expected, kept, weight = _said(answer.expected), _said(answer.kept), _weight(answer.weight, where, door)
        second = _said(answer.second)
        level, reasons = _why(answer)
        more = [str(second)] if second is not None else []
        more += [level, str(reasons)] if reasons is not None else []
        told = (day.isoformat(), tool, job, str(used), how, str(expected), str(kept), stratum, *more)
        copies[told] += 1
        # Without a number of its own an answer is its content and how many like it came before: no person is needed for that.
        key = ("own", str(answer.answer)) if answer.answer not in (None, "") else (*told, str(copies[told]))
        yield PulseAnswer(
            door.hashed("pulse", *key), 0, day, tool, job, used, how, expected, kept, level, reasons, second, stratum, weight,
            "pulse",
        )  # fmt: skip


def _rows(path: Path, door: DoorLike) -> Iterator[tuple[str, _Answer]]:
    if json_head(path):
        yield from records(path, door, _Answer, "answers", "data")
        return
    table = need_table(path, COLUMNS, "day", "tool", "used")
    named = sum(1 for name in table.header if spelling(name) in PERSONAL)
    if named:
        door.refuse("column of a pulse that leads to a person", n=named)
    for number, row in table.rows(door, COLUMNS):
        yield f"{path.name}:{number}", _Answer(**row)


def _said(value: str | bool | float | None) -> bool | None:
    text = str(int(value) if isinstance(value, bool | float) else value or "").strip().casefold()
    return True if text in YES else False if text in NO else None


def _why(answer: _Answer) -> tuple[str, int | None]:
    """Level and reasons, both or neither: reasons of nobody knows whom stand at no level."""
    level, text = (answer.level or "").strip().casefold(), str("" if answer.reasons is None else answer.reasons).strip()
    number = int(float(text)) if text.replace(".0", "", 1).isascii() and text.replace(".0", "", 1).isdigit() else -1
    return (level, number) if level in LEVELS and 0 <= number <= MOST_REASONS else ("", None)


def _weight(value: str | float | None, where: str, door: DoorLike) -> float:
    if value in (None, ""):
        return 1.0
    try:
        weight = float(str(value).replace(",", "."))
    except ValueError:
        weight = 0.0
    if WEIGHTS[0] < weight <= WEIGHTS[1]:
        return weight
    door.skip("weight that is no positive number, read as 1", where=where)
    return 1.0


SOURCE = Source(
    name="pulse",
    title="Pulse answers",
    family=Family.SELFREPORT,
    fields=tuple(COLUMNS),
    shows=("which tools were used for work on an ordinary day, how that began, and whether it is kept",),
    never=("who answered", "what those who did not answer would have said", "whether a person uses a tool every day"),
    traps=(
        "a column that leads to a person is refused, even if somebody put one in",
        "answers without a number of their own are told apart by their content only: give each sheet one, made at random",
        "people who use a tool answer more readily: weight to the log totals",
    ),
    recognise=recognise,
    read=read,
)
