"""Makes practices out of readings: identity, one spell of life each, how it began, and who took part."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from groundswell.model.practice import Carrier, Fate, Practice
from groundswell.practices.evidence import (
    FAMILY_CHAT,
    FAMILY_CODE,
    FAMILY_USAGE,
    LOG,
    MESSAGE,
    Ints,
    LinkEngine,
    Uses,
    ints,
    uses,
)
from groundswell.practices.files import FileLives, files
from groundswell.practices.lives import DAY_US, live
from groundswell.practices.observation import observe
from groundswell.practices.origin import originate

if TYPE_CHECKING:
    import pyarrow as pa

CORROBORATED_PEOPLE, CORROBORATED_WEEKS = 2, 3
"""People and distinct weeks that corroborate a use without a second family of sources (R11)."""

NO_MEMBERS = """
select cast(0 as integer) as person, '' as unit, cast(0 as integer) as team, date '1970-01-01' as from_day,
       date '1970-01-01' as to_day, cast(0 as integer) as manager_person from people where 1 = 0
"""

UNITS = "select distinct unit from members order by unit"


def register(engine: LinkEngine, *, end: date) -> None:
    """Link and make `practices` known to the engine; `practice_people` and `practice_births` come with it.

    Args:
        engine: a loaded engine; `members` (ties.formal) registered, or there is no org chart.
        end: last day used.
    """
    engine.register("practices", link(engine, end=end))


def link(engine: LinkEngine, *, end: date) -> "pa.Table":
    """Find the practices of a company and give each its only spell of life and its origin.

    A practice of acts is a tool used for a job in a unit (the org chart's as of the day, else the place); one of files is one
    shared file. Registers, for the engine only, `practice_births` (practice, person, born_ts, tool, job, unit, place: the first
    users) and `practice_people` (practice, person, week, day, place, visible: person-weeks of use).

    Args:
        engine: needs `acts`, `usage_days`, `artefacts`, `traces`, `programmes`, `seats`; `members` if there is an org chart.
        end: last day used; nothing later is read.

    Returns:
        Columns of model.practice.Practice. A practice with entry_days = exit_days was never watched at a known age: it has an
        origin and people, but no place in a survival analysis.
    """
    try_members(engine)
    found = uses(engine, end)
    shared = files(engine, end)
    seen = observe(engine, found, end)
    lives = live(engine, found, seen, end)
    births = _births(found, shared)
    engine.register("practice_births", births)
    engine.register("practice_people", _people(found, shared))
    known = np.concatenate([seen.known_birth, ints(shared.rows["known_birth"]).astype(bool)])
    origins = originate(engine, births, known)
    parts = [_acts(found, lives.entry, lives.exit, lives.fate), _files(shared)]
    columns: dict[str, Any] = {name: [v for part in parts for v in part[name]] for name in parts[0]}
    columns["practice"] = list(range(1, len(known) + 1))
    columns["team"] = _teams(engine, columns["unit"])
    columns["origin"] = [o.value for o in origins.origin]
    columns["fragile"] = origins.fragile.tolist()
    return _table(columns)


def try_members(engine: LinkEngine) -> None:
    """Give the engine an empty `members` if nobody registered one."""
    if not engine.has("members"):
        engine.register("members", engine.run(NO_MEMBERS))


def _acts(found: Uses, entry: Ints, exit_: Ints, fate: list[Fate]) -> dict[str, Sequence[Any]]:
    """Columns of the practices of acts, but for those laid over all of them."""
    n = found.practices
    first = np.searchsorted(found.practice, np.arange(n))
    born = found.first_us[first] // DAY_US
    person_week = np.unique(np.stack([found.practice, found.person, found.week], axis=1), axis=0)
    traces = np.bincount(person_week[:, 0], minlength=n)
    week_count = np.bincount(np.unique(person_week[:, [0, 2]], axis=0)[:, 0], minlength=n)
    people, second = _second_person(found, born)
    agreed = _families(found) | ((people >= CORROBORATED_PEOPLE) & (week_count >= CORROBORATED_WEEKS))
    return {
        "carrier": [Carrier.ACTS.value] * n,
        "tool": found.tools,
        "job": found.jobs,
        "unit": found.units,
        "source": [found.source.words[c] for c in found.source.codes[first]],
        "born_on": born.tolist(),
        "entry_days": entry.tolist(),
        "exit_days": exit_.tolist(),
        "fate": [f.value for f in fate],
        "traces": traces.tolist(),
        "people": people.tolist(),
        "corroborated": agreed.tolist(),
        "second_after_days": second,
    }


def _second_person(found: Uses, born: Ints) -> tuple[Ints, list[int | None]]:
    """How many people each practice has, and days until the second one came."""
    pairs, where = np.unique(found.practice * 2**31 + found.person, return_inverse=True)
    first_us = np.full(len(pairs), np.iinfo(np.int64).max)
    np.minimum.at(first_us, where, found.first_us)
    practice = pairs // 2**31
    order = np.lexsort((first_us, practice))
    practice, day = practice[order], first_us[order] // DAY_US
    people = np.bincount(practice, minlength=found.practices)
    first = np.searchsorted(practice, np.arange(found.practices))
    second: list[int | None] = [
        int(day[f + 1] - b) if k > 1 else None for f, k, b in zip(first.tolist(), people.tolist(), born.tolist(), strict=True)
    ]
    return people, second


def _families(found: Uses) -> npt.NDArray[np.bool_]:
    """Whether two families of sources show one of the practice's people using its tool."""
    bit = np.array([{MESSAGE: FAMILY_CHAT, LOG: FAMILY_USAGE}.get(w, FAMILY_CODE) for w in found.channel.words] or [0])
    tools = {word: i for i, word in enumerate(sorted(set(found.tools)))}
    tool = np.array([tools[t] for t in found.tools], dtype=np.int64)[found.practice]
    _, where = np.unique(tool * 2**31 + found.person, return_inverse=True)
    bits = np.zeros(int(where.max()) + 1 if len(where) else 0, dtype=np.int64)
    np.bitwise_or.at(bits, where, bit[found.channel.codes])
    two = np.isin(bits, (FAMILY_CHAT, FAMILY_CODE, FAMILY_USAGE, 0), invert=True)
    agreed = np.zeros(found.practices, dtype=bool)
    np.logical_or.at(agreed, found.practice, two[where])
    return agreed


def _files(shared: FileLives) -> dict[str, Sequence[Any]]:
    """Columns of the practices of files."""
    rows = shared.rows.to_pydict()
    n = len(rows["artefact"])
    ended = [bool(e) for e in rows["ended"]]
    exits = [
        max(gone if e else watched, 1) for gone, watched, e in zip(rows["deleted_days"], rows["watched_days"], ended, strict=True)
    ]
    fates = [_file_fate(e, s, o) for e, s, o in zip(ended, rows["same_form"], rows["other_form"], strict=True)]
    return {
        "carrier": [Carrier.FILE.value] * n,
        "tool": rows["tool"],
        "job": ["unknown"] * n,
        "unit": rows["unit"],
        "source": rows["source"],
        "born_on": (ints(shared.rows["first_ts"]) // DAY_US).tolist(),
        "entry_days": [0 if known else x for known, x in zip(rows["known_birth"], exits, strict=True)],
        "exit_days": exits,
        "fate": [f.value for f in fates],
        "traces": rows["traces"],
        "people": rows["people"],
        "corroborated": [
            who >= CORROBORATED_PEOPLE and weeks >= CORROBORATED_WEEKS
            for who, weeks in zip(rows["people"], rows["weeks"], strict=True)
        ],
        "second_after_days": rows["second_days"],
    }


def _file_fate(ended: bool, same_form: int, other_form: int) -> Fate:
    if not ended:
        return Fate.ALIVE
    return Fate.REPLACED if same_form else Fate.ABSORBED if other_form else Fate.ABANDONED


def _births(found: Uses, shared: FileLives) -> "pa.Table":
    """First users of every practice: whoever left a trace of it on its first day; a file's maker."""
    import pyarrow as pa

    born = found.first_us[np.searchsorted(found.practice, np.arange(found.practices))]
    first_day = found.first_us // DAY_US == (born // DAY_US)[found.practice]
    key = np.unique(np.stack([found.practice[first_day], found.person[first_day], found.place[first_day]], axis=1), axis=0)
    at = key[:, 0]
    acts = {
        "practice": at + 1,
        "person": key[:, 1],
        "born_ts": pa.array(born[at], pa.int64()).cast(pa.timestamp("us")),
        "tool": [found.tools[i] for i in at],
        "job": [found.jobs[i] for i in at],
        "unit": [found.units[i] for i in at],
        "place": key[:, 2],
    }
    rows = shared.rows
    made = {
        "practice": np.arange(len(rows)) + found.practices + 1,
        "person": ints(rows["maker"]),
        "born_ts": pa.array(ints(rows["first_ts"]), pa.int64()).cast(pa.timestamp("us")),
        "tool": rows["tool"].to_pylist(),
        "job": ["unknown"] * len(rows),
        "unit": rows["unit"].to_pylist(),
        "place": ints(rows["place"]),
    }
    words, numbers = ("tool", "job", "unit"), ("practice", "person")
    schema = pa.schema(
        [
            *((c, pa.int64()) for c in numbers),
            ("born_ts", pa.timestamp("us")),
            *((c, pa.string()) for c in words),
            ("place", pa.int64()),
        ]
    )
    return pa.concat_tables([pa.table(acts, schema=schema), pa.table(made, schema=schema)])


def _people(found: Uses, shared: FileLives) -> "pa.Table":
    """Person-weeks of every practice, with the place and whether others could see it; never leaves the engine."""
    import pyarrow as pa

    rows = shared.rows
    number = {a: i for i, a in enumerate(rows["artefact"].to_pylist())}
    made = [number.get(a, -1) for a in shared.people["artefact"].to_pylist()]
    held = np.array(made, dtype=np.int64)
    keep = held >= 0
    acts = {
        "practice": found.practice + 1,
        "person": found.person,
        "week": found.week,
        "day": pa.array(found.first_us // DAY_US, pa.int64()).cast(pa.int32()).cast(pa.date32()),
        "place": found.place,
        "visible": found.visible,
    }
    touched = {
        "practice": held[keep] + found.practices + 1,
        "person": ints(shared.people["person"])[keep],
        "week": ints(shared.people["week"])[keep],
        "day": pa.array(ints(shared.people["day"])[keep], pa.int64()).cast(pa.int32()).cast(pa.date32()),
        "place": ints(shared.people["place"])[keep],
        "visible": np.ones(int(keep.sum()), dtype=bool),
    }
    numbers = ("practice", "person", "week")
    schema = pa.schema(
        [*((c, pa.int64()) for c in numbers), ("day", pa.date32()), ("place", pa.int64()), ("visible", pa.bool_())]
    )
    return pa.concat_tables([pa.table(acts, schema=schema), pa.table(touched, schema=schema)])


def _teams(engine: LinkEngine, units: Sequence[str]) -> list[int]:
    """Dense numbers of units: those of the org chart first, numbered as `members` numbers them, then the places."""
    charted = engine.run(UNITS)["unit"].to_pylist()
    number = {unit: i for i, unit in enumerate(charted, 1)}
    for unit in sorted(set(units) - set(charted)):
        number[unit] = len(number) + 1
    return [number[unit] for unit in units]


def _table(columns: dict[str, Any]) -> "pa.Table":
    import pyarrow as pa

    kinds = {int: pa.int64(), str: pa.string(), bool: pa.bool_(), date: pa.date32(), int | None: pa.int64()}
    arrays, schema = [], []
    for item in fields(Practice):
        kind = kinds[item.type]  # type: ignore[index]  # the row class has plain types only
        values = columns[item.name]
        arrays.append(pa.array(values, pa.int32()).cast(kind) if kind == pa.date32() else pa.array(values, kind))
        schema.append(pa.field(item.name, kind, nullable=item.type == int | None))
    return pa.table(arrays, schema=pa.schema(schema))
