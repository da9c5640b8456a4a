"""Builds small invented tables on an engine, for the tests of measures: every column has a plain default."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pyarrow as pa

from groundswell.store.engine import PERSONS, DuckDB
from groundswell.store.schema import TABLES, schema_of

START = date(2025, 1, 6)
"""A Monday; day 0 of the invented worlds."""

DEFAULTS: dict[str, dict[str, Any]] = {
    "acts": {
        "actor_kind": "person",
        "act": "uses",
        "modality": "done",
        "tool": "quill",
        "job": "unknown",
        "channel": "mark",
        "score": 1.0,
    },
    "traces": {"actor_kind": "person", "source": "git"},
    "usage_days": {"actor_kind": "person", "active": True, "source": "log", "tool": "quill"},
    "labels": {"probability": 1.0, "coder": 1, "act": "none", "predicted": "none", "reader": "linear-1"},
    "seats": {"measured": True, "tool": "quill", "currency": "EUR", "source": "seats"},
}

MEMBERS = pa.schema(
    [
        ("person", pa.int64()),
        ("unit", pa.string()),
        ("team", pa.int64()),
        ("from_day", pa.date32()),
        ("to_day", pa.date32()),
        ("manager_person", pa.int64()),
    ]
)

EMPTY = {int: 0, float: 0.0, str: "", bool: False}


def day(n: int) -> date:
    """Day n of the invented world."""
    return START + timedelta(days=n)


def moment(n: int) -> datetime:
    """Noon of day n."""
    return datetime(START.year, START.month, START.day, 12) + timedelta(days=n)


def table(name: str, rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """Rows of a stored table; `person` stands for the actor, ids number the rows unless given."""
    schema = schema_of(TABLES[name])
    plain = DEFAULTS.get(name, {})
    held = []
    for n, row in enumerate(rows):
        full = {"id": n + 1, **plain, **row}
        held.append({**full, **{column: full.get(PERSONS[column], 0) for column in PERSONS}})
    return pa.table(
        {f.name: [row.get(f.name, None if f.nullable else _plain(f.type)) for row in held] for f in schema}, schema=schema
    )


def members(rows: Iterable[Mapping[str, Any]]) -> pa.Table:
    """The derived table of who was where, from day 0 to day 3650 unless said otherwise."""
    plain = {"unit": "", "team": 0, "from_day": day(0), "to_day": day(3650), "manager_person": 0}
    full = [{**plain, **row} for row in rows]
    return pa.table({f.name: [r[f.name] for r in full] for f in MEMBERS}, schema=MEMBERS)


def engine(**tables: Any) -> DuckDB:
    """An engine with these tables; every other stored one is there and empty, and so is `members`.

    A pseudonym is its person's number here: what tells them apart is tested in the store's room.
    """
    stored = {name: table(name, rows) for name, rows in tables.items() if name in TABLES}
    known: set[int] = set()
    for held_table in stored.values():
        for column in set(PERSONS) & set(held_table.schema.names):
            known |= set(held_table[column].to_pylist())
    numbers = pa.array(sorted(known - {0}), pa.int64())
    held = DuckDB()
    held.load({}, pa.table({"actor": numbers, "person": numbers}))
    for name, rows in stored.items():
        held.register(f"raw_{name}", rows)
    for name in (set(tables) | {"members"}) - set(stored):
        held.register(name, tables.get(name, members([])))
    return held


def _plain(kind: pa.DataType) -> Any:
    if pa.types.is_integer(kind):
        return 0
    if pa.types.is_floating(kind):
        return 0.0
    if pa.types.is_boolean(kind):
        return False
    if pa.types.is_date(kind):
        return day(0)
    if pa.types.is_timestamp(kind):
        return moment(0)
    return ""
