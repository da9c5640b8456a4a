"""One file that holds the book, whichever database it is in, and one command to bring it back."""

import sqlite3
import tempfile
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from groundswell import drafts
from groundswell.errors import InputError, OutputError, StoreError
from groundswell.selfreport.accounts import is_empty
from groundswell.selfreport.base import all_tables, open_book, reading, writing
from groundswell.selfreport.sessions import PASSING

ROWS_AT_ONCE = 1_000


def backup(book: Engine, file: Path) -> int:
    """Write the whole book into one new SQLite file, as it stood at one moment, while it is in use; how many rows there are.

    Rows are written in the order of their random numbers, so that a backup does not tell in which order anything was told, from
    whichever database it was taken. Who was signed in is not in it.

    Raises:
        OutputError: the file is there already, or cannot be written.
    """
    if file.exists():
        raise OutputError(str(file), "there is a file of this name", remedy="Give another, or move it away")
    try:
        with drafts.drafted(file) as draft:
            copy = open_book(f"sqlite:///{draft.resolve()}")
            try:
                with reading(book) as source, writing(copy) as target:
                    rows = _copy(source, target)
            finally:
                copy.dispose()
            raw = sqlite3.connect(draft, isolation_level=None)
            raw.execute("pragma journal_mode = delete")  # one file, without a log beside it
            raw.close()
    except (OSError, StoreError) as error:
        raise OutputError(str(file), "it cannot be written", remedy="Choose another place") from error
    return rows


def restore(file: Path, book: Engine) -> int:
    """Fill an empty book from a backup; how many rows there are.

    Raises:
        InputError: the file is no backup, or is damaged.
        StoreError: somebody has joined this book already: nothing is written over.
    """
    if not file.is_file() or file.read_bytes()[:16] != b"SQLite format 3\0":
        raise InputError(str(file), "no backup", expected="a file made by groundswell backup")
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".restore-") as place:
        copy = Path(place) / file.name
        copy.write_bytes(file.read_bytes())  # brought up to this version's tables as a copy: the backup stays as it is
        try:
            source = open_book(f"sqlite:///{copy.resolve()}")
            try:
                with reading(source) as connection, writing(book) as target:
                    return _restored(connection, target, file)
            finally:
                source.dispose()
        except sa.exc.DatabaseError as error:
            raise InputError(str(file), "no backup, or a damaged one", expected="a file made by groundswell backup") from error


def _restored(source: Connection, target: Connection, file: Path) -> int:
    if source.exec_driver_sql("pragma integrity_check").scalar() != "ok":
        raise InputError(str(file), "this backup is damaged", remedy="Take another")
    if not is_empty(target):
        raise StoreError("the book", "somebody has joined it already", remedy="Restore into a new company folder")
    return _copy(source, target)


def _copy(source: Connection, target: Connection) -> int:
    """Every row of every table that is kept, parents before what hangs on them."""
    n = 0
    for table in all_tables().sorted_tables:
        if table.name in PASSING:
            continue
        rows = source.execution_options(yield_per=ROWS_AT_ONCE).execute(sa.select(table).order_by(*table.primary_key))
        later: list[dict[str, object]] = []
        for part in rows.mappings().partitions(ROWS_AT_ONCE):
            held = [dict(row) for row in part]
            n += len(held)
            later += _own_parents(table, held)
            target.execute(table.insert(), held)
        for row in later:  # an entry may be a change of one with a later number
            target.execute(table.update().where(table.c.id == row["id"]).values(parent=row["parent"]))
    return n


def _own_parents(table: sa.Table, rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """Take references of a table to itself out of its rows, to be put in once all rows are there."""
    if "parent" not in table.c:
        return []
    taken = [{"id": row["id"], "parent": row["parent"]} for row in rows if row["parent"] is not None]
    for row in rows:
        row["parent"] = None
    return taken
