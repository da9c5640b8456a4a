"""Counts everything there is to count over a store, on one engine, and writes every table to a folder.

    python tests/engines/counted.py STORE FOLDER [spark address]

A process of its own, since Spark's classic and Connect clients do not live in one. Without an address the embedded engine counts.
"""

import json
import sys
import time
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from groundswell import registry
from groundswell.runs import coverage
from groundswell.runs.company import open_company
from groundswell.store.schema import TABLES
from groundswell.store.tables import Store
from groundswell.ties import informal

SMALL = {
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.codegen.wholeStage": "false",  # a few thousand rows are counted before Java has compiled anything
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.ui.enabled": "false",
    "spark.executor.memory": "1g",
}
"""Settings for tiny tables; what is counted must not hang on any of them."""

DERIVED = {
    "members": "person, from_day",
    "practices": "practice",
    "practice_people": "practice, person, week, day, place, visible",
    "practice_births": "practice, person, place",
    "people": "actor",
}


class Keeper:
    """An engine that keeps what it answered, text by text."""

    def __init__(self, engine):
        self._engine = engine
        self.answers = {}

    def run(self, sql):
        answer = self.answers[sql] = self._engine.run(sql)
        return answer

    def has(self, table):
        return self._engine.has(table)


def drawn(engine):
    """An order in which a programme reached the units: a table a run registers where there is one."""
    units = engine.run("select distinct unit from members order by unit")["unit"].to_pylist()
    start = engine.run("select start_day from period")["start_day"][0].as_py()
    turns = [start + timedelta(weeks=12 + 4 * n) for n in range(len(units))]
    return pa.table({"unit": units, "start_day": turns, "drawn_on": [start] * len(units)})


def counted(engine):
    """Name -> table, of every stored and derived table, every text of every measure, and every count."""
    engine.register("phases", drawn(engine))
    found = {}
    for table in TABLES:
        found[f"stored-{table}"] = engine.run(f"select count(*) as n, count(distinct id) as ids from {table}")  # noqa: S608 - own names only
    for table, order in DERIVED.items():
        found[f"derived-{table}"] = engine.run(f"select * from {table} order by {order}")  # noqa: S608 - own names only
    start = engine.run("select start_day from period")["start_day"][0].as_py()
    found["ties"] = informal.ties(engine, start + timedelta(weeks=26))
    for name in ("PERIODS", "SILENCES"):
        found[f"coverage-{name.lower()}"] = engine.run(getattr(coverage, name))
    for name, measure in registry.measures().items():
        keeper = Keeper(engine)
        found |= {f"count-{name}-{table}": rows for table, rows in measure.count(keeper).tables.items()}
        for key, sql in measure.sql.items():
            found[f"text-{name}-{key}"] = keeper.answers[sql] if sql in keeper.answers else engine.run(sql)
    return found


def main(store, folder, address=""):
    """Count, and write the tables with the seconds they took."""
    begin = time.perf_counter()
    engine = None
    if address:
        from groundswell.store.spark import Spark

        engine = Spark(address, settings=SMALL)
    engine = open_company(Store(Path(store)), engine=engine)
    opened = time.perf_counter()
    for name, table in counted(engine).items():
        pq.write_table(table if table.num_columns else pa.table({"empty": pa.nulls(0)}), Path(folder) / f"{name}.parquet")
    (Path(folder) / "seconds.json").write_text(json.dumps({"open": opened - begin, "count": time.perf_counter() - opened}))
    engine.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
