"""The store: takes batches in, all of an export or nothing, and settles them to one row an id."""

import fcntl
import hashlib
import os
import shutil
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from groundswell.errors import OutputError, StoreError
from groundswell.model.source import Batch
from groundswell.store import manifest as manifests
from groundswell.store.manifest import Intake, Partition
from groundswell.store.schema import TABLES, schema_of, table_of, to_arrow

if TYPE_CHECKING:
    import pyarrow as pa

FLUSH_ROWS = 250_000
"""Rows of one table held in memory before they are written: about 30 MB of the widest row."""

ROW_GROUP = 131_072
"""Rows a Parquet row group holds: what one thread scans at a time."""

Piece = tuple[str, str, str]
"""Table, month and file below the store's folder."""

SPILL = ".spill"
"""Folder of the store in which engines put aside what does not fit in memory: owner-only, as the tables are."""

MOST_FILES = 16
"""Files of one table and month that may lie side by side before they are merged into one."""

MEMORY = "1GB"
"""What merging may hold before it spills to the store's own folder."""


class Store:
    """Parquet tables in a folder, named by a manifest.

    Args:
        folder: made with owner-only rights if missing.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise OutputError(
                str(folder), "the store's folder cannot be made", remedy="Choose a folder you may write to"
            ) from error

    def taken(self) -> dict[str, Intake]:
        """What has been taken in, by digest."""
        return manifests.load(self.folder).intakes

    def draft(self, batches: Iterable[Batch]) -> list[Piece]:
        """Write rows to files that are not yet part of the store; many processes may do so at once.

        Args:
            batches: rows of stored classes; text-carrying rows are refused.

        Raises:
            PrivacyError, PluginError: a batch may not be stored.
        """
        return list(self._write(batches))

    def commit(self, pieces: Iterable[Piece], *intakes: Intake) -> None:
        """Make drafted files part of the store, all of an export or of some parts at once, and remember them as taken in.

        Call it while `writing`.
        """
        manifest = manifests.load(self.folder)
        for table, month, name in pieces:
            part = manifest.tables.setdefault(table, {}).setdefault(month, Partition())
            if name not in part.files:
                part.files = sorted([*part.files, name])
                part.fresh = sorted([*part.fresh, name])
                part.settled = False
        manifest.intakes |= {intake.digest: intake for intake in intakes}
        manifests.save(self.folder, manifest)

    def put(self, table: str, month: str, rows: "pa.Table") -> str:
        """Write rows of one month to a file that is not yet part of the store; its name below the store's folder."""
        return self._save(table, month, rows)

    def months(self) -> list[str]:
        """Months with any dated row, in order; empty for an empty store."""
        tables = manifests.load(self.folder).tables
        return sorted({m for months in tables.values() for m in months} - {"all"})

    def settle(self) -> None:
        """Merge what was added: the last version of every id, once. Call it while `writing`; safe to kill and to repeat."""
        manifest = manifests.load(self.folder)
        for table, months in manifest.tables.items():
            for month, part in months.items():
                if not part.settled:
                    months[month] = Partition(self._settled(table, month, part), settled=True)
        manifests.save(self.folder, manifest)
        self._sweep(manifest.live())

    def _settled(self, table: str, month: str, part: Partition) -> list[str]:
        """Files that hold every id once. What was settled stays as it is, unless an id of it came again: a day costs a day."""
        old = [name for name in part.files if name not in part.fresh]
        if len(old) >= MOST_FILES or not part.fresh:
            return [self._merge(table, month, part.files)]
        again = [name for name in old if self._meets(name, part.fresh)]
        return sorted({*(set(old) - set(again)), self._merge(table, month, [*again, *part.fresh])})

    def _meets(self, name: str, fresh: list[str]) -> bool:
        """Whether a file holds an id that others hold too; only ids are read."""
        import duckdb

        with duckdb.connect(":memory:") as db:
            db.execute(f"set memory_limit = '{MEMORY}'")
            db.execute("set temp_directory = ?", [str(self.spill())])
            question = f"select 1 from {self._of([name])} where id in (select id from {self._of(fresh)}) limit 1"  # noqa: S608 - own names only
            return db.execute(question).fetchone() is not None

    def _of(self, files: list[str]) -> str:
        """Files as DuckDB reads them."""
        listed = ", ".join("'" + str(self.folder / f).replace("'", "''") + "'" for f in files)
        return f"read_parquet([{listed}])"

    def files(self, table: str) -> list[Path]:
        """Files of one table, settled.

        Raises:
            StoreError: something was added and not settled.
        """
        months = manifests.load(self.folder).tables.get(table, {})
        if not all(part.settled for part in months.values()):
            raise StoreError(str(self.folder), f"{table} was added to and not settled", remedy="Run the command again")
        return [self.folder / f for part in months.values() for f in part.files]

    def spill(self) -> Path:
        """A place inside the store for what does not fit in memory, one process's own: the engine makes it, and removes it."""
        home = self.folder / SPILL
        home.mkdir(exist_ok=True, mode=0o700)
        return home / f"{os.getpid()}-{uuid.uuid4().hex}"

    def _sweep(self, live: set[str]) -> None:
        """Remove files the manifest does not name: what a merge replaced, or a killed run left."""
        for left in self.folder.glob(f"{SPILL}/*-*"):
            if not _alive(int(left.name.partition("-")[0])):
                shutil.rmtree(left, ignore_errors=True)
        for path in self.folder.glob("*/month=*/*"):
            if str(path.relative_to(self.folder)) not in live:
                path.unlink()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the store for one run's writing, from the first draft to the last commit.

        Raises:
            StoreError: another run holds it.
        """
        lock = os.open(self.folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as error:
            raise StoreError(str(self.folder), "another run is writing here", remedy="Wait for it, then run again") from error
        finally:
            os.close(lock)

    def _write(self, batches: Iterable[Batch]) -> Iterator[Piece]:
        held: dict[str, list[pa.Table]] = {}
        for batch in batches:
            table = table_of(batch.row)
            if not len(batch):
                continue
            held.setdefault(table, []).append(to_arrow(batch))
            if sum(map(len, held[table])) >= FLUSH_ROWS:
                yield from self._flush(table, held.pop(table))
        for table, pieces in held.items():
            yield from self._flush(table, pieces)

    def _flush(self, table: str, pieces: "list[pa.Table]") -> Iterator[Piece]:
        import pyarrow as pa
        import pyarrow.compute as pc

        rows = pa.concat_tables(pieces)
        dated = _date_column(table)
        if dated is None:
            yield table, "all", self._save(table, "all", rows)
            return
        months = pc.strftime(rows[dated], format="%Y-%m")
        for month in pc.unique(months).sort().to_pylist():
            yield table, month, self._save(table, month, rows.filter(pc.equal(months, month)))

    def _save(self, table: str, month: str, rows: "pa.Table") -> str:
        import pyarrow.parquet as pq

        draft = self._draft(table, month)
        pq.write_table(rows, draft, compression="zstd", row_group_size=ROW_GROUP)
        return self._name_by_content(draft)

    def _merge(self, table: str, month: str, files: list[str]) -> str:
        """Keep, for every id, the rows of its greatest version; rows that are the same become one.

        DuckDB sorts, spilling what does not fit; Arrow writes, because its bytes depend on the rows alone.
        """
        import duckdb
        import pyarrow.parquet as pq

        draft = self._draft(table, month)
        schema = schema_of(TABLES[table])
        everything = ", ".join(f'"{n}"' for n in schema.names)
        order = ", ".join(filter(None, [_date_column(table), everything]))
        with duckdb.connect(":memory:") as db, pq.ParquetWriter(draft, schema, compression="zstd") as out:
            db.execute(f"set memory_limit = '{MEMORY}'")
            db.execute("set temp_directory = ?", [str(self.spill())])
            merged = db.sql(
                f"select distinct {', '.join(_kept(n) for n in schema.names)} from {self._of(files)} "  # noqa: S608 - own names only
                f"qualify version = max(version) over (partition by id) order by {order}"
            )
            for rows in merged.to_arrow_reader(ROW_GROUP):
                out.write_batch(rows.cast(schema), row_group_size=ROW_GROUP)
        return self._name_by_content(draft)

    def _draft(self, table: str, month: str) -> Path:
        folder = self.folder / table / f"month={month}"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return folder / f".draft-{uuid.uuid4().hex}"  # two machines may write here, and a process number is only one machine's

    def _name_by_content(self, draft: Path) -> str:
        with draft.open("rb") as handle:
            digest = hashlib.file_digest(handle, "sha256").hexdigest()[:32]
            os.fsync(handle.fileno())
        final = draft.with_name(f"{digest}.parquet")
        draft.chmod(0o600)
        draft.replace(final)
        return str(final.relative_to(self.folder))


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _kept(column: str) -> str:
    """A column of what is kept. How many could read a message is known as of the export: of equal versions the most counts."""
    return f'max("{column}") over (partition by id, version) as "{column}"' if column == "readers" else f'"{column}"'


def _date_column(table: str) -> str | None:
    names = schema_of(TABLES[table]).names
    return next((name for name in ("ts", "day") if name in names), None)
