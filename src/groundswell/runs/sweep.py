"""Takes people out of a store: whoever opted out, and whoever asked to be erased, under every handle they bear."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from groundswell.privacy.identity import fold
from groundswell.privacy.optout import MARK
from groundswell.store.erase import erase
from groundswell.store.schema import TABLES, schema_of
from groundswell.store.tables import Store

if TYPE_CHECKING:
    import pyarrow as pa

POINTERS = {"acts": "whom", "positions": "manager"}
"""Table -> column of others' rows that may name the person; it becomes 0, since the row is the other's own."""


def sweep(store: Store) -> int:
    """Take out whoever the door marked as opted out, with what was stored of them before they were recognised.

    Returns:
        How many files were rewritten; 0 where nobody was marked.
    """
    marked = {row["other"] for row in _rows(store, "aliases", ("other", "strength")) if row["strength"] == MARK}
    return take_out(store, handles_of(store, marked) | marked) if marked else 0


def handles_of(store: Store, known: Iterable[int]) -> set[int]:
    """Every handle in the store of the persons who bear one of these; handles the store has not met are left out."""
    persons = persons_of(store)
    numbers = {persons[handle] for handle in known if handle in persons}
    return {handle for handle, person in persons.items() if person in numbers}


def persons_of(store: Store) -> dict[int, int]:
    """Handle -> number of the person, over everything stored."""
    pairs = _rows(store, "aliases", ("one", "other", "strength"))
    return fold(
        [(p["one"], p["other"]) for p in pairs if p["strength"] == "strong"],
        [(p["one"], p["other"]) for p in pairs if p["strength"] == "name"],
        known={r["actor"] for r in _rows(store, "positions", ("actor",))},
        actors=actors_of(store),
    )


def actors_of(store: Store) -> set[int]:
    """Every pseudonym that left a row or is named in one."""
    found: set[int] = set()
    for table, row in TABLES.items():
        for column in {"actor", "whom", "manager"} & set(schema_of(row).names):
            for piece in _pieces(store, table, (column,)):
                found.update(piece[column].unique().to_pylist())
    return found - {0}


def take_out(store: Store, gone: set[int]) -> int:
    """Rewrite the store without these handles: their rows, rows that join them, and their names in others' rows.

    Returns:
        How many files were rewritten.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    handles = pa.array(sorted(gone), pa.int64())
    messages = [piece.filter(pc.is_in(piece["actor"], handles))["id"] for piece in _pieces(store, "acts", ("id", "actor"))]
    messages += [piece.filter(pc.is_in(piece["actor"], handles))["id"] for piece in _pieces(store, "traces", ("id", "actor"))]
    theirs = pa.array(sorted({n for ids in messages for n in ids.to_pylist()}), pa.int64())

    def keep(table: str, rows: "pa.Table") -> "pa.Table":
        drop = pc.is_in(rows["id"], theirs) if table == "labels" else _names(table, rows, handles)
        left = rows if drop is None else rows.filter(pc.invert(drop))
        if table == "aliases":
            left = left.filter(pc.not_equal(left["strength"], MARK))
        column = POINTERS.get(table)
        if column is not None:
            blank = pc.if_else(pc.is_in(left[column], handles), pa.scalar(0, pa.int64()), left[column])
            left = left.set_column(left.schema.get_field_index(column), left.schema.field(column), blank)
        return left

    return erase(store, keep)


def _names(table: str, rows: "pa.Table", handles: Any) -> Any:
    """Which rows are the person's own, or join the person to somebody; None for tables without people."""
    import pyarrow.compute as pc

    columns = {"ties": ("actor", "whom"), "aliases": ("one", "other")}.get(table, ("actor",))
    found = [pc.is_in(rows[c], handles) for c in columns if c in rows.column_names]
    if not found:
        return None
    return found[0] if len(found) == 1 else pc.or_(found[0], found[1])


def _pieces(store: Store, table: str, columns: tuple[str, ...]) -> "list[pa.Table]":
    import pyarrow.parquet as pq

    return [pq.read_table(file, columns=list(columns), partitioning=None) for file in store.files(table)]


def _rows(store: Store, table: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
    return [row for piece in _pieces(store, table, columns) for row in piece.to_pylist()]
