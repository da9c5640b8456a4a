"""Keeps what the charter says of retention: rows older than a day are taken out of every table, now and after every reading."""

from collections.abc import Iterable
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING

from groundswell.errors import InputError
from groundswell.privacy import record
from groundswell.privacy.record import Entry
from groundswell.runs.sweep import actors_of
from groundswell.store.erase import erase
from groundswell.store.tables import Store

if TYPE_CHECKING:
    import pyarrow as pa

FORGOT = "forgot"
"""Kind of the record's entries that say since when rows are kept."""


def forget(stores: Iterable[Store], path: Path, before: date, *, now: datetime) -> int:
    """Take every row of before a day out of the tables, and enter that day, which holds for later readings too.

    Persons of whom no row is left go with their aliases, labels with their messages. Pages that were released stay as they are.

    Args:
        stores: the tables of every epoch.
        path: the record.
        before: first day whose rows are kept.
        now: the moment, UTC.

    Returns:
        How many files were rewritten.

    Raises:
        InputError: the day has not come, or rows from before an earlier one were said to be gone.
        StoreError: another run is writing.
    """
    kept_since = since(record.verify(path))
    if before > now.date():
        raise InputError(str(before), "this day has not come yet", expected="the first day whose rows are kept")
    if kept_since is not None and before < kept_since:
        raise InputError(str(before), f"rows from before {kept_since} are gone already", remedy="Choose that day or a later one")
    files = sum(drop(store, before) for store in stores)
    record.append(path, FORGOT, {"before": before.isoformat(), "files": files}, now=now)
    return files


def since(entries: Iterable[Entry]) -> date | None:
    """First day whose rows are kept; None if nothing was ever forgotten."""
    days = [date.fromisoformat(str(e.facts["before"])) for e in entries if e.kind == FORGOT]
    return max(days, default=None)


def drop(store: Store, before: date) -> int:
    """Take rows of before a day out of one store; how many files were rewritten."""
    import pyarrow as pa
    import pyarrow.compute as pc

    gone: set[int] = set()
    moment = pa.scalar(datetime.combine(before, time.min), pa.timestamp("us"))

    def dated(table: str, rows: "pa.Table") -> "pa.Table":
        names = rows.column_names
        if "ts" not in names and "day" not in names:
            return rows
        old = pc.less(rows["ts"], moment) if "ts" in names else pc.less(rows["day"], pa.scalar(before))
        if table in ("acts", "traces"):
            gone.update(rows.filter(old)["id"].to_pylist())
        return rows.filter(pc.invert(old))

    files = erase(store, dated)
    left = pa.array(sorted(actors_of(store)), pa.int64())
    messages = pa.array(sorted(gone), pa.int64())

    def undated(table: str, rows: "pa.Table") -> "pa.Table":
        if table == "labels":
            return rows.filter(pc.invert(pc.is_in(rows["id"], messages)))
        if table == "aliases":
            return rows.filter(pc.or_(pc.is_in(rows["one"], left), pc.is_in(rows["other"], left)))
        return rows

    return files + erase(store, undated)
