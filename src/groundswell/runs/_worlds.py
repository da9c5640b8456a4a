"""From a simulated world straight to the answers of the measures: no text, no files, the same counting and release."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from groundswell import registry
from groundswell.model.measure import Finding, Result, Verdict
from groundswell.practices import link
from groundswell.privacy.release import release
from groundswell.runs.words import closed_lists, literals
from groundswell.simulation.misreading import Confusion
from groundswell.simulation.traces import event_batches
from groundswell.store.engine import DuckDB
from groundswell.store.schema import TABLES, schema_of, table_of, to_arrow
from groundswell.ties import formal

if TYPE_CHECKING:
    import pyarrow as pa

    from groundswell.simulation.world import World

PSEUDONYMS = ("actor", "whom", "manager")
"""Columns of pseudonyms; in a simulated world one pseudonym is one person."""

DAYS = "select min(day) as first_day, max(day) as last_day from traces"


@contextmanager
def opened(
    world: "World",
    *,
    confusion: Confusion | None = None,
    labels: int = 0,
    seed: int | None = None,
    unknown: frozenset[str] = frozenset(),
) -> Iterator[DuckDB]:
    """Lend an engine that holds a world's traces, linked as `runs.company.open_company` links a store's.

    Args:
        world: what happened.
        confusion: the reader's planted errors, as `simulation.traces.event_batches` takes them.
        labels: messages audited.
        seed: of the errors and the audit; the world's own if None.
        unknown: tables that nobody gave, such as the list of projects and trainings.
    """
    import pyarrow as pa

    parts: dict[str, list[pa.Table]] = {}
    for batch in event_batches(world, confusion=confusion, labels=labels, seed=seed):
        if table_of(batch.row) not in unknown:
            parts.setdefault(table_of(batch.row), []).append(to_arrow(batch))
    tables = {name: pa.concat_tables(some).cast(schema_of(TABLES[name])) for name, some in parts.items()}
    engine = DuckDB()
    try:
        engine.load({}, _people(tables))
        for name, rows in tables.items():
            engine.register(f"raw_{name}", rows)
        days = engine.run(DAYS).to_pylist()[0]
        engine.register("period", pa.table({"start_day": [days["first_day"]], "end_day": [days["last_day"]]}))
        engine.register("members", formal.members(engine))
        link.register(engine, end=days["last_day"])
        yield engine
    finally:
        engine.close()


def answers(engine: DuckDB, names: Iterable[str]) -> dict[str, Finding]:
    """Count, release and estimate some measures, as `runs.measure` does with all."""
    known = closed_lists(engine)
    measures = registry.measures()
    chosen = [measures[name] for name in names]
    return {m.name: m.estimate(release(m.count(engine), words=known | literals(m))) for m in chosen}


def result_of(findings: Mapping[str, Finding], measure: str, key: str, group: str = "organisation") -> Result | None:
    """One number of the answers; None if the measure does not print it."""
    return next((r for r in findings[measure].results if r.key == key and r.group == group), None)


def told(result: Result, neutral: float) -> int:
    """Whether a published interval lies wholly above (+1) or below (-1) a value, which is when a reader is told so."""
    if result.verdict is not Verdict.PUBLISHED or result.low is None or result.high is None:
        return 0
    return int(result.low > neutral) - int(result.high < neutral)


def _people(tables: "Mapping[str, pa.Table]") -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    held = [t[c].combine_chunks() for t in tables.values() for c in PSEUDONYMS if c in t.column_names]
    found = pc.unique(pa.concat_arrays([pc.unique(column).cast(pa.int64()) for column in held])).sort()
    found = found.filter(pc.and_(pc.is_valid(found), pc.not_equal(found, 0)))
    return pa.table({"actor": found, "person": pa.array(range(1, len(found) + 1), pa.int32())})
