"""A simulated company straight onto an engine, without files, reader or store."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from groundswell.practices import link
from groundswell.simulation.traces import event_batches
from groundswell.simulation.world import World
from groundswell.store.engine import DuckDB
from groundswell.store.schema import TABLES, schema_of, table_of, to_arrow
from groundswell.ties import formal

PSEUDONYMS = ("actor", "whom", "manager")


def tables_of(world: World, **read: object) -> dict[str, pa.Table]:
    """The world's own traces as stored tables."""
    parts: dict[str, list[pa.Table]] = {}
    for batch in event_batches(world, **read):
        parts.setdefault(table_of(batch.row), []).append(to_arrow(batch))
    return {name: pa.concat_tables(some).cast(schema_of(TABLES[name])) for name, some in parts.items()}


def people_of(tables: dict[str, pa.Table]) -> list[int]:
    """Every pseudonym in the tables, ascending; one is one person."""
    found = {h for t in tables.values() for c in PSEUDONYMS if c in t.column_names for h in t[c].unique().to_pylist()}
    return sorted(found - {0})


def engine_on(tables: dict[str, pa.Table], handles: list[int] | None = None) -> DuckDB:
    """An engine that holds the tables, linked up to the last day with a trace.

    Args:
        tables: stored tables; the others are there and empty.
        handles: pseudonyms in the order of their numbers; those of the tables if not given.
    """
    people = people_of(tables) if handles is None else handles
    numbers = pa.array(range(1, len(people) + 1), pa.int32())
    engine = DuckDB()
    engine.load({}, pa.table({"actor": pa.array(people, pa.int64()), "person": numbers}))
    for name, rows in tables.items():
        engine.register(f"raw_{name}", rows)
    days = engine.run("select min(day) as first, max(day) as last from traces").to_pylist()[0]
    if days["last"] is not None:
        engine.register("period", pa.table({"start_day": [days["first"]], "end_day": [days["last"]]}))
    engine.register("members", formal.members(engine))
    link.register(engine, end=days["last"] or date(2025, 1, 6))
    return engine


def engine_of(world: World, **read: object) -> DuckDB:
    """The world's own traces on an engine."""
    return engine_on(tables_of(world, **read))


def shuffled(tables: dict[str, pa.Table], seed: int) -> dict[str, pa.Table]:
    """The same rows in another order."""
    rng = np.random.default_rng(seed)
    return {name: rows.take(rng.permutation(len(rows))) for name, rows in tables.items()}


def without(tables: dict[str, pa.Table], handle: int) -> dict[str, pa.Table]:
    """The tables without any row that names a person."""
    left = {}
    for name, rows in tables.items():
        for column in PSEUDONYMS:
            if column in rows.column_names:
                rows = rows.filter(pc.not_equal(rows[column], handle))
        left[name] = rows
    return left
