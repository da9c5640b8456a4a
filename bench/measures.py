"""What each measure costs to count, beside merely scanning the columns of the tables it needs, in one run.

Usage: python bench/measures.py [people, default 2000] [weeks, default 52]     a simulated company of that size, no files to read

Prints for each measure CPU seconds of counting and of estimating (best of ROUNDS), times a bare scan of the columns its texts
name, and rows handled inside the engine per row stored: the figure that tells on a noisy machine whether a count has become more
than linear; then the whole set beside one scan of everything it names. Last, the weekly number of active people three ways: as
SQL here, with pandas, and the floor.
"""

import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

ROUNDS = 3
WEEKLY = """select week_of(day) as week, count(distinct person) as people from traces
where person > 0 and actor_kind = 'person' group by week_of(day) order by week"""


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def best(work: Callable[[], Any]) -> tuple[float, Any]:
    """Least CPU seconds of the rounds, and what the work gave."""
    least, result = float("inf"), None
    for _ in range(ROUNDS):
        begin = time.process_time()
        result = work()
        least = min(least, time.process_time() - begin)
    return least, result


def stored(folder: Path, people: int, weeks: int) -> Any:
    """A store with the events of a simulated company, without exports or reader."""
    from groundswell.simulation.policy import Policy
    from groundswell.simulation.traces import event_batches
    from groundswell.simulation.world import simulate
    from groundswell.store.manifest import Intake
    from groundswell.store.tables import Store

    store = Store(folder)
    with store.writing():
        world = simulate(people=people, weeks=weeks, policy=Policy.BOTH, seed=1)
        store.commit(store.draft(event_batches(world, labels=400)), Intake("world", "simulation"))
        store.settle()
    return store


class Counting:
    """The embedded engine, telling how many rows its operators handed on."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.rows = 0
        self.texts: dict[str, int] = {}
        self._db = engine._db
        self._db.execute("pragma enable_profiling = 'no_output'")

    def run(self, sql: str) -> Any:
        """Run, and add up the rows of every operator."""
        answer = self.engine.run(sql)
        told = json.loads(self._db.get_profiling_information(format="json"))
        self.texts[sql] = sum(_handed_on(told.get("operator", told.get("children", []))))
        self.rows += self.texts[sql]
        return answer

    def has(self, table: str) -> bool:
        """Whether a table has rows."""
        return bool(self.engine.has(table))


def _handed_on(operators: list[Mapping[str, Any]]) -> Iterator[int]:
    for operator in operators:
        yield int(operator.get("intermediate_rows", operator.get("operator_cardinality", 0)))
        yield from _handed_on(operator.get("children", []))


def columns_of(store: Any, needs: Iterable[str], texts: Iterable[str] | None = None) -> Callable[[], int]:
    """Floor: the columns that texts name, or every column, of the stored tables a measure needs, read once."""
    import pyarrow.parquet as pq

    from groundswell.store.engine import PERSONS
    from groundswell.store.schema import TABLES, schema_of

    words = None if texts is None else set(re.findall(r"\w+", " ".join(texts)))
    wanted = {
        table: [c for c in schema_of(TABLES[table]).names if words is None or c in words or PERSONS.get(c) in words]
        for table in needs
        if table in TABLES
    }
    files = [(f, columns) for table, columns in wanted.items() for f in store.files(table)]
    return lambda: sum(len(pq.read_table(f, columns=columns)) for f, columns in files)


def weekly(store: Any, engine: Any) -> None:
    """One count three ways."""
    import pandas as pd
    import pyarrow.parquet as pq

    files = store.files("traces")
    floor, _ = best(lambda: sum(len(pq.read_table(f, columns=["day", "actor", "actor_kind"])) for f in files))
    ours, _ = best(lambda: engine.run(WEEKLY))

    def by_pandas() -> Any:
        rows = pd.concat(pd.read_parquet(f, columns=["day", "actor", "actor_kind"]) for f in files)
        rows = rows[(rows["actor"] != 0) & (rows["actor_kind"] == "person")]
        return rows.groupby(pd.to_datetime(rows["day"]).dt.to_period("W"))["actor"].nunique()

    pandas, _ = best(by_pandas)
    say(f"active people by week: floor {floor:.3f} s, SQL {ours / floor:.1f} times it, pandas {pandas / floor:.1f} times it")


def main(people: int, weeks: int) -> None:
    """Count and estimate every measure."""
    from groundswell import registry
    from groundswell.privacy.release import release
    from groundswell.runs.company import open_company
    from groundswell.store.schema import TABLES

    with tempfile.TemporaryDirectory() as folder:
        store = stored(Path(folder), people, weeks)
        rows = columns_of(store, ("traces", "ties", "acts", "artefacts", "usage_days", "seats", "positions"))()
        opened, engine = best(lambda: open_company(store))
        floor, _ = best(columns_of(store, ("traces", "ties", "acts", "artefacts", "usage_days", "seats", "positions")))
        say(f"{people:,} people, {weeks} weeks, {rows:,} rows; open, link {opened:.2f} CPU s, {opened / floor:.1f} times a scan")
        whole, texts = 0.0, []
        for name, measure in registry.measures().items():
            spy = Counting(engine)
            scan, _ = best(columns_of(store, measure.needs, measure.sql.values()))
            cost, counts = best(lambda measure=measure, spy=spy: measure.count(spy))
            after, _ = best(lambda measure=measure, counts=counts: measure.estimate(release(counts)))
            times = f"{cost / scan:6.1f} times its scan" if scan > 1e-3 else "of derived tables only"
            say(
                f"{name:16} count {cost:7.3f} s = {times:22}   estimate {after:7.3f} s   "
                f"{spy.rows / ROUNDS / max(rows, 1):6.1f} rows handled a stored row"
            )
            whole += cost + after
            texts += measure.sql.values()
        bare, _ = best(columns_of(store, TABLES, texts))
        say(f"the whole set {whole:.2f} s = {whole / bare:.1f} times one scan of the columns it names ({bare:.3f} s)")
        weekly(store, engine)


if __name__ == "__main__":
    main(*(int(word) for word in [*sys.argv[1:], *("2000", "52")[len(sys.argv) - 1 :]]))
