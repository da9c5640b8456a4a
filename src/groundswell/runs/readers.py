"""Which reader reads on: a folder is read by one model, so that its audit stays true of all it holds."""

from dataclasses import replace
from pathlib import Path

from groundswell.reading.rows import CHANNEL
from groundswell.runs.names import Names
from groundswell.store.tables import Store


def settled(names: Names, store: Store) -> Names:
    """Leave a retrained model aside where messages were already read by another: it begins in a new folder.

    Args:
        names: what the company's file and folder say.
        store: what was read before.
    """
    local = names.reader.local
    if not local or all(version.split("+")[0] == Path(local).stem for version in versions(store)):
        return names
    return replace(names, reader=replace(names.reader, local=""))


def versions(store: Store) -> set[str]:
    """Every reader that read a message of a store."""
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    found: set[str] = set()
    for file in store.files("acts"):
        table = pq.read_table(file, columns=["reader", "channel"])
        found |= set(table.filter(pc.equal(table["channel"], CHANNEL))["reader"].unique().to_pylist())
    return found
