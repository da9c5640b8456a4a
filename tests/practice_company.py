"""Small invented companies for the tests of practices, ties and measures: rows with persons, straight onto an engine."""

from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from groundswell.practices import link
from groundswell.store.engine import PERSONS, DuckDB
from groundswell.store.schema import TABLES, schema_of
from groundswell.ties import formal

START = date(2025, 1, 6)
DEFAULTS: dict[str, Any] = {
    "version": 0,
    "actor_kind": "person",
    "modality": "done",
    "job": "coding",
    "place": 11,
    "thread": 0,
    "readers": None,
    "whom": 0,
    "channel": "message",
    "reasons": 0,
    "drop": "",
    "score": 1.0,
    "reader": "test-1",
    "source": "chat",
    "kind": "",
    "tool": "",
    "unit": "",
    "manager": 0,
    "role": "",
    "site": "",
    "interactions": None,
    "active": True,
    "form": "skill",
    "event": "created",
    "measured": True,
    "monthly_price": None,
    "currency": "",
    "joined_on": None,
    "left_on": None,
    "last_active_on": None,
    "assigned_on": None,
}


def day(n: int) -> date:
    """The n-th day of the invented company."""
    return START + timedelta(days=n)


def moment(n: float) -> datetime:
    """An instant, n days after its start."""
    return datetime(START.year, START.month, START.day) + timedelta(days=n)


def table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Rows of a stored table, with the person's number for a pseudonym; what is not given is the default."""
    schema = schema_of(TABLES[name])
    columns: dict[str, Any] = {}
    for item in schema:
        key = PERSONS.get(item.name, item.name)
        default = DEFAULTS.get(item.name, False if pa.types.is_boolean(item.type) else 0)
        columns[item.name] = pa.array([row.get(key, default) for row in rows], item.type)
    if not any("id" in row for row in rows):
        columns["id"] = pa.array(range(1, len(rows) + 1), pa.int64())
    return pa.table(columns, schema=schema)


def company(people: int = 400, **rows: list[dict[str, Any]]) -> DuckDB:
    """An engine that holds the given tables, the others being there and empty; person n has pseudonym n."""
    engine = DuckDB()
    numbers = range(1, people + 1)
    engine.load({}, pa.table({"actor": pa.array(numbers, pa.int64()), "person": pa.array(numbers, pa.int32())}))
    for name, given in rows.items():
        engine.register(f"raw_{name}", table(name, given))
    return engine


def linked(end: int, people: int = 400, **rows: list[dict[str, Any]]) -> DuckDB:
    """The same, seen from day 0 up to a day, with members and practices linked."""
    engine = company(people, **rows)
    engine.register("period", pa.table({"start_day": [day(0)], "end_day": [day(end)]}))
    engine.register("members", formal.members(engine))
    link.register(engine, end=day(end))
    return engine
