"""Where counting runs: the stored tables, with persons in place of pseudonyms, under DuckDB."""

from collections.abc import Mapping, Sequence
from datetime import date
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from groundswell.errors import StoreError
from groundswell.store.answer import plain
from groundswell.store.schema import TABLES, schema_of

if TYPE_CHECKING:
    import pyarrow as pa

MEMORY = "1GB"
"""What counting may hold before it spills; 50 million traces were counted in this (engine.md)."""

PERSONS: dict[str, str] = {"actor": "person", "whom": "whom_person", "manager": "manager_person"}
"""Pseudonym column -> the column that holds the person behind it; 0 if nobody."""


class DuckDB:
    """The embedded engine.

    Tables carry the names of `store.schema.TABLES`; each has, beside a pseudonym column, the dense number of the person
    behind it (`person`, `whom_person`, `manager_person`; 0 for nobody).

    Args:
        memory: what it may hold.
        spill: where it may write what does not fit, for as long as it is open; None lets it write nowhere.
    """

    name = "duckdb"

    def __init__(self, *, memory: str = MEMORY, spill: Path | None = None) -> None:
        import duckdb

        self._db = duckdb.connect(":memory:")
        self._db.execute(f"set memory_limit = '{memory}'")
        self._db.execute("set TimeZone = 'UTC'")
        # Its own default is a folder in the current directory, where nobody would look for what was spilled.
        self._db.execute("set temp_directory = ?", [str(spill) if spill is not None else ""])
        self._db.execute(files(__package__).joinpath("helpers.duckdb.sql").read_text("utf8"))

    def load(self, tables: Mapping[str, Sequence[Path]], people: "pa.Table", *, end: date | None = None) -> None:
        """Make the stored tables known.

        Args:
            tables: table -> its Parquet files; a table without files is there and empty.
            people: columns `actor` (pseudonym) and `person` (number from 1).
            end: last day that is counted; every day if not given.
        """
        self.register("people", people)
        for table, row in TABLES.items():
            paths = [str(p) for p in tables.get(table, ())]
            if paths:
                listed = ", ".join("'" + p.replace("'", "''") + "'" for p in paths)
                self._db.execute(f"create or replace temporary view raw_{table} as select * from read_parquet([{listed}])")  # noqa: S608 - own names only
            else:
                self.register(f"raw_{table}", schema_of(row).empty_table())
            self._db.execute(person_view(table, end))

    def register(self, name: str, table: "pa.Table") -> None:
        """Make a derived table, such as `practices`, known under a name."""
        self._db.register(f"arrow_{name}", table)
        self._db.execute(f'create or replace temporary table "{name}" as select * from "arrow_{name}"')  # noqa: S608 - own names only
        self._db.unregister(f"arrow_{name}")

    def run(self, sql: str) -> "pa.Table":
        """Run one SQL text of the portable subset.

        Raises:
            StoreError: the engine refuses it.
        """
        import duckdb

        try:
            return plain(self._db.sql(sql).to_arrow_table())
        except duckdb.Error as error:
            # Only what is wrong with the text is told: what is wrong with a value would quote it.
            of_text = isinstance(error, duckdb.CatalogException | duckdb.ParserException | duckdb.BinderException)
            why = f": {str(error).splitlines()[0]}" if of_text else ""
            raise StoreError("engine", f"a count failed ({type(error).__name__}{why})") from (error if of_text else None)

    def has(self, table: str) -> bool:
        """Whether a table is known and has rows."""
        import duckdb

        try:
            return self._db.execute(f'select 1 from "{table}" limit 1').fetchall() != []  # noqa: S608 - own names only
        except duckdb.CatalogException:
            return False

    def close(self) -> None:
        """Let go of memory and spill files."""
        self._db.close()


UNDATED = frozenset({"positions", "labels", "aliases"})
"""Tables that hold at any time: the org chart's own snapshots date it, and an audit speaks of the reader, not of a quarter."""


def person_view(table: str, end: date | None = None) -> str:
    """SQL of the view that puts persons beside pseudonyms, up to a day, in the portable subset."""
    names = schema_of(TABLES[table]).names
    held = [column for column in PERSONS if column in names]
    columns = ["t.*", *(f"coalesce(p_{c}.person, 0) as {PERSONS[c]}" for c in held)]
    joins = [f"left join people p_{c} on p_{c}.actor = t.{c}" for c in held]
    text = f"create or replace temporary view {table} as select {', '.join(columns)} from raw_{table} t {' '.join(joins)}"  # noqa: S608
    if end is None or table in UNDATED or not {"day", "ts"} & set(names):
        return text
    bound = f"t.day <= date '{end}'" if "day" in names else f"t.ts < cast(day_after(date '{end}', 1) as timestamp)"
    return f"{text} where {bound}"
