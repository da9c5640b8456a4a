"""What somebody erased in the logbook, or keeps to themselves now, leaves the store as well."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from groundswell import drafts
from groundswell.privacy.door import Door
from groundswell.privacy.keyring import Keys, tag_of
from groundswell.runs.folder import Folder
from groundswell.store.erase import erase
from groundswell.store.schema import TABLES, schema_of
from groundswell.store.tables import Store

if TYPE_CHECKING:
    import pyarrow as pa

SOURCE = "logbook"
"""Name of the source, and what the numbers of its entries are hashed with."""


def settle(folder: Folder, told: Iterable[str], *, keys: Keys, room: Path) -> int:
    """Take out of every epoch what was given out before and is told no more; how many entries these were.

    What was given out is remembered by the keyed hashes the store has anyhow, one file an epoch, so that entries read from
    another logbook's export are left alone. A destroyed key leaves its epoch as it is: nobody can tell whose rows are whose.

    Args:
        folder: the company's.
        told: numbers of the entries as they were given out this time.
        keys: all keys of the company.
        room: folder the server keeps its own in.

    Raises:
        StoreError: another run is writing.
    """
    known = {tag_of(epoch.key): epoch.key for epoch in keys.epochs if epoch.key is not None}
    told, epochs, taken = list(told), folder.epochs(), 0
    for tag in epochs:
        if tag not in known:
            continue
        door, file = Door(known[tag], SOURCE), room / f"given-{tag}.json"
        now = {door.hashed(SOURCE, number) for number in told}
        before = set(json.loads(file.read_text("utf8"))) if file.exists() else set()
        gone = before - now
        if gone:
            erase(Store(folder.store_folder / tag), lambda table, rows, gone=gone: _without(table, rows, gone))  # type: ignore[misc]
            taken += len(gone)
        held = now if tag == epochs[-1] else before & now
        if held != before:
            drafts.replace(file, json.dumps(sorted(held)))
    return taken


def _without(table: str, rows: "pa.Table", gone: set[int]) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc

    if not {"id", "source"} <= set(schema_of(TABLES[table]).names):
        return rows
    theirs = pc.and_(pc.equal(rows["source"], SOURCE), pc.is_in(rows["id"], pa.array(sorted(gone), rows["id"].type)))
    return rows.filter(pc.invert(theirs))
