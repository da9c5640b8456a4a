"""What is held about one person: shown to them, erased, or left out for good, by whoever holds the key."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from groundswell.errors import InputError
from groundswell.privacy import record
from groundswell.privacy.keyring import Keys, tag_of
from groundswell.privacy.optout import read_opt_out, write_opt_out
from groundswell.runs.folder import EPOCH, Folder
from groundswell.runs.subject import Handles, pseudonyms_of, stores_of
from groundswell.runs.sweep import actors_of, take_out
from groundswell.store.schema import TABLES, schema_of
from groundswell.store.tables import Store

if TYPE_CHECKING:
    import pyarrow as pa

HASHES = frozenset({"id", "version", "actor", "place", "thread", "whom", "manager", "artefact", "one", "other", "reasons"})
"""Columns that tell the person nothing: keyed hashes of their messages and channels, and other people's pseudonyms."""


class Wish(StrEnum):
    """What the person wants."""

    SEE = "shown"
    ERASE = "erased"
    OPT_OUT = "opted out"


@dataclass(frozen=True)
class Held:
    """What is held about one person.

    Attributes:
        rows: table -> the person's own rows, newest last, without hashes; never a row of another person.
        named: table -> how many rows of others name the person, as the one replied to or the one reported to.
        files: how many files were rewritten.
        unsearched: earlier keys' first days, in whose tables nobody was looked for, since the key is not in the file.
    """

    rows: dict[str, list[dict[str, Any]]]
    named: dict[str, int]
    files: int = 0
    unsearched: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether anything is held."""
        return any(self.rows.values()) or any(self.named.values())


def mine(folder: Folder, handles: Handles, wish: Wish, *, keys: Keys, now: datetime) -> Held:
    """Say what is held about one person in every epoch whose key is still there; then do what they wish.

    That somebody looked is entered in the record before anything is shown, without who it was about.

    Args:
        folder: the company's.
        handles: of one person, who was recognised by whoever holds the key.
        wish: to see, to be erased (a later export may bring them back), or to be left out for good.
        keys: all keys of the company.
        now: the moment, UTC.

    Raises:
        InputError: no usable handle, or handles of two people.
        PrivacyError: the keys are not those of the folder; nothing is shown.
        StoreError: another run is writing.
    """
    if not handles.normal():
        raise InputError("mine", "no usable handle is given", expected="--email, --login or --native of one person")
    stores = list(stores_of(folder, keys))
    record.append(folder.record_file, "mine", {"what": str(wish)}, now=now)
    found = [(store, pseudonyms_of(store, key, handles)) for store, key in stores]
    held = replace(_held(found), unsearched=_unsearched(folder, keys))
    if wish is Wish.SEE:
        return held
    if wish is Wish.OPT_OUT:
        _remember(folder, handles, found, keys)
    files = sum(take_out(store, gone) for store, gone in found if gone)
    return replace(held, files=files)


def _unsearched(folder: Folder, keys: Keys) -> tuple[str, ...]:
    """First days of the epochs whose key is destroyed, or in parts that were not joined."""
    known = {tag_of(epoch.key) for epoch in keys.epochs if epoch.key is not None}
    entries = [e for e in record.verify(folder.record_file) if e.kind == EPOCH]
    return tuple(str(e.facts["since"]) for e in entries if e.facts["key"] not in known)


def _held(found: list[tuple[Store, set[int]]]) -> Held:
    import pyarrow as pa
    import pyarrow.compute as pc

    rows: dict[str, list[dict[str, Any]]] = {}
    named: dict[str, int] = {}
    for store, gone in found:
        handles = pa.array(sorted(gone), pa.int64())
        for table, row in TABLES.items():
            names = schema_of(row).names
            for piece in _tables(store, table):
                if "actor" in names:
                    rows.setdefault(table, []).extend(_plain(piece.filter(pc.is_in(piece["actor"], handles))))
                for column in {"whom", "manager"} & set(names):
                    others = piece.filter(pc.invert(pc.is_in(piece["actor"], handles)))
                    named[table] = named.get(table, 0) + pc.sum(pc.is_in(others[column], handles), min_count=0).as_py()
    for held in rows.values():
        held.sort(key=lambda line: [str(value) for value in line.values()])
    return Held(rows, named)


def _plain(piece: "pa.Table") -> list[dict[str, Any]]:
    shown = [name for name in piece.column_names if name not in HASHES]
    return [
        {n: v.isoformat() if isinstance(v, date | datetime) else v for n, v in row.items()}
        for row in piece.select(shown).to_pylist()
    ]


def _tables(store: Store, table: str) -> "list[pa.Table]":
    import pyarrow.parquet as pq

    return [pq.read_table(file, partitioning=None) for file in store.files(table)]


def _remember(folder: Folder, handles: Handles, found: list[tuple[Store, set[int]]], keys: Keys) -> None:
    """Keep keyed hashes of what the person is known by, so that later readings leave them out; first, lest a crash forget."""
    known = read_opt_out(folder.opt_out_file, keys.opt_out)
    pseudonyms: set[int] = set()
    for store, gone in found:
        seen = actors_of(store)
        names = {p["other"] for piece in _tables(store, "aliases") for p in piece.to_pylist() if p["strength"] == "name"}
        # The pseudonym of a full name is kept only if it stood for the person: a namesake may come later.
        pseudonyms |= {handle for handle in gone if handle not in names or handle in seen}
    write_opt_out(folder.opt_out_file, known.and_also([*handles.normal(), *pseudonyms]))
