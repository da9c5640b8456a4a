"""Opens what the store holds for counting: persons in place of handles, practices in place of acts."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from groundswell.errors import NothingToReadError
from groundswell.practices import link
from groundswell.practices.evidence import LinkEngine
from groundswell.privacy.identity import fold
from groundswell.store.engine import DuckDB
from groundswell.store.schema import TABLES
from groundswell.store.tables import Store
from groundswell.ties import formal

ACTORS = """
select actor from raw_traces union select actor from raw_acts union select actor from raw_artefacts
union select actor from raw_usage_days union select actor from raw_seats union select actor from raw_positions
union select manager from raw_positions union select whom from raw_acts union select whom from raw_ties
"""


class Engine(LinkEngine, Protocol):
    """An engine that tables can be loaded into: `store.engine.DuckDB`, `store.spark.Spark`."""

    def load(self, tables: Mapping[str, Sequence[Path]], people: pa.Table, *, end: date | None = None) -> None:
        """Make the stored tables known up to a day, with the person of every pseudonym."""

    def close(self) -> None:
        """Let go of what it holds."""


DATED = """
select min(day) as first_day, max(day) as last_day from raw_traces
union all select min(day), max(day) from raw_usage_days
union all select min(day_of(ts)), max(day_of(ts)) from raw_acts
union all select min(day), max(day) from raw_seats
union all select min(day), max(day) from raw_usage_totals
union all select min(day), max(day) from raw_pulse_answers
"""

SNAPSHOTS = "select min(day) as first_day, max(day) as last_day from raw_positions"


def open_company(store: Store, *, end: date | None = None, spill: Path | None = None, engine: Engine | None = None) -> Engine:
    """Make everything in the store countable.

    Args:
        store: settled tables.
        end: last day counted; the last day with any trace if not given.
        spill: where the embedded engine may write what does not fit in memory; a folder of the store if not given.
        engine: where to count; the embedded engine if not given.

    Returns:
        An engine that knows the stored tables, `people`, `period` (start_day, end_day), `members`, `practices`,
        `practice_people` and `practice_births`.

    Raises:
        NothingToReadError: the store holds no dated row.
    """
    engine = engine or DuckDB(spill=spill or store.spill())
    engine.load({table: store.files(table) for table in TABLES}, _nobody())
    engine.load({table: store.files(table) for table in TABLES}, _people(engine), end=end)
    window = _window(engine, end)
    engine.register("period", window)
    last = window["end_day"][0].as_py()
    engine.register("members", formal.members(engine))
    link.register(engine, end=last)
    return engine


def open_members(store: Store) -> DuckDB:
    """The stored tables with persons and `members`, without practices: what a look at one unit needs; whoever asks closes it."""
    engine = DuckDB(spill=store.spill())
    engine.load({table: store.files(table) for table in TABLES}, _nobody())
    engine.load({table: store.files(table) for table in TABLES}, _people(engine))
    engine.register("members", formal.members(engine))
    return engine


def units_of(store: Store) -> dict[int, str]:
    """The unit each actor of a store belongs to, or last belonged to, as the org chart writes it; empty without a chart."""
    engine = DuckDB(spill=store.spill())
    try:
        engine.load({table: store.files(table) for table in TABLES}, _nobody())
        people = _people(engine)
        engine.load({table: store.files(table) for table in TABLES}, people)
        stretches = sorted(formal.members(engine).to_pylist(), key=lambda row: (row["person"], row["to_day"]))
    finally:
        engine.close()
    unit = {row["person"]: row["unit"] for row in stretches}
    pairs = zip(people["actor"].to_pylist(), people["person"].to_pylist(), strict=True)
    return {actor: unit[person] for actor, person in pairs if person in unit}


def _nobody() -> pa.Table:
    return pa.table({"actor": pa.array([], pa.int64()), "person": pa.array([], pa.int32())})


def _people(engine: Engine) -> pa.Table:
    pairs = engine.run("select one, other, strength from raw_aliases order by one, other").to_pylist()
    persons = fold(
        ((p["one"], p["other"]) for p in pairs if p["strength"] == "strong"),
        ((p["one"], p["other"]) for p in pairs if p["strength"] == "name"),
        known=engine.run("select distinct actor from raw_positions")["actor"].to_pylist(),
        actors=[a for a in engine.run(ACTORS)["actor"].to_pylist() if a],
    )
    return pa.table({"actor": pa.array(persons.keys(), pa.int64()), "person": pa.array(persons.values(), pa.int32())})


def _window(engine: Engine, end: date | None) -> pa.Table:
    """First and last day with a trace; of the org chart's snapshots where there is nothing else."""
    for spans in (DATED, SNAPSHOTS):
        days = engine.run(f"select min(first_day) as start_day, max(last_day) as end_day from ({spans}) as spans").to_pylist()[0]  # noqa: S608 - own text only
        if days["start_day"] is not None:
            last = min(end, days["end_day"]) if end else days["end_day"]
            return pa.table({"start_day": [days["start_day"]], "end_day": [last]})
    raise NothingToReadError("these exports", "they hold no dated record", remedy="Check that they are not empty")
