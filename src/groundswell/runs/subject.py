"""One person's own rows, for that person alone: found by their handles, by whoever holds the key."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from groundswell.errors import InputError, PrivacyError
from groundswell.privacy.door import Door
from groundswell.privacy.identity import email_handle
from groundswell.privacy.keyring import Keys, tag_of
from groundswell.runs.folder import Folder
from groundswell.runs.sweep import handles_of
from groundswell.store.tables import Store


@dataclass(frozen=True, kw_only=True)
class Handles:
    """What one person is known by; a full name alone is no proof of who somebody is.

    Attributes:
        email, login, native: each may be empty, not all; a native id carries its workspace ("T1:U123").
    """

    email: str = ""
    login: str = ""
    native: str = ""

    def normal(self) -> tuple[str, ...]:
        """Normal forms, as the door hashes them."""
        login, native = self.login.strip().lower(), self.native.strip()
        given = (email_handle(self.email), f"login:{login}" if login else "", f"native:{native}" if native else "")
        return tuple(handle for handle in given if handle)


def stores_of(folder: Folder, keys: Keys) -> Iterator[tuple[Store, bytes]]:
    """The tables of each epoch with their key, oldest first.

    Args:
        folder: the company's.
        keys: of the company; tables of an epoch whose key is not among them are passed over.

    Raises:
        InputError: the folder is none.
        PrivacyError: the key of the present epoch is not among them.
    """
    folder.check()
    known = {tag_of(epoch.key): epoch.key for epoch in keys.epochs if epoch.key is not None}
    epochs = folder.epochs()
    if epochs and epochs[-1] not in known:
        raise PrivacyError(str(folder.path), "this key did not make its tables", remedy="Give the right --key, or join its parts")
    for tag in epochs:
        if tag in known:
            yield Store(folder.store_folder / tag), known[tag]


def pseudonyms_of(store: Store, key: bytes, handles: Handles) -> set[int]:
    """Every pseudonym of whoever bears these handles in one epoch's tables, those of the handles given among them.

    Raises:
        InputError: the handles belong to different people here.
    """
    door = Door(key, "mine")
    given = {door.hashed("person", handle) for handle in handles.normal()}
    per_handle = [handles_of(store, {number}) for number in sorted(given)]
    met = [found for found in per_handle if found]
    if any(found != met[0] for found in met):
        raise InputError("mine", "these handles belong to different people here", remedy="Ask for one at a time")
    return given | (met[0] if met else set())


def rows_of(store: Store, table: str, mine: set[int]) -> list[dict[str, Any]]:
    """The rows of one table whose actor is one of these pseudonyms, and no other row."""
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    handles = pa.array(sorted(mine), pa.int64())
    tables = [pq.read_table(file, partitioning=None) for file in store.files(table)]
    return [row for piece in tables for row in piece.filter(pc.is_in(piece["actor"], handles)).to_pylist()]
