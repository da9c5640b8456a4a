"""Takes rows out of every stored table, so that no file holds them any more."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from groundswell.store import manifest as manifests
from groundswell.store.manifest import Partition
from groundswell.store.schema import TABLES, schema_of
from groundswell.store.tables import ROW_GROUP, Store

if TYPE_CHECKING:
    import pyarrow as pa

Keep = Callable[[str, "pa.Table"], "pa.Table"]
"""Table name and some of its rows -> what remains of them, of the same schema."""


def erase(store: Store, keep: Keep) -> int:
    """Rewrite every file that holds something to take out, swap the manifest, remove the old files.

    After a kill either the old files are the store or the new ones; what is left of the other is swept by the next settling.

    Args:
        store: not being written by another run.
        keep: what remains of a piece of a table; returning the same rows leaves a file as it is.

    Returns:
        How many files were rewritten.

    Raises:
        StoreError: another run is writing.
    """
    rewritten = 0
    with store.writing():
        store.settle()
        manifest = manifests.load(store.folder)
        for table, months in manifest.tables.items():
            for month, part in list(months.items()):
                files = [_rewritten(store, table, month, name, keep) for name in part.files]
                changed = sum(new != old for new, old in zip(files, part.files, strict=True))
                if changed:
                    rewritten += changed
                    months[month] = Partition(sorted({name for name in files if name}), settled=True)
        manifests.save(store.folder, manifest)
        store.settle()
    return rewritten


def _rewritten(store: Store, table: str, month: str, name: str, keep: Keep) -> str:
    """Name of the file that holds what remains; "" if nothing does, the same name if nothing was taken out."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = schema_of(TABLES[table])
    with pq.ParquetFile(store.folder / name) as old:
        kept: list[Any] = []
        same = True
        for batch in old.iter_batches(ROW_GROUP):
            rows = pa.Table.from_batches([batch]).cast(schema)
            left = keep(table, rows)
            same = same and left.equals(rows)
            kept.append(left)
    if same:
        return name
    whole = pa.concat_tables(kept)
    return store.put(table, month, whole) if len(whole) else ""
