"""Who opted out: remembered as keyed hashes alone, and left out of everything that is read afterwards."""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundswell import drafts
from groundswell.errors import PrivacyError
from groundswell.model.reading import ActRow
from groundswell.model.source import Batch
from groundswell.model.trace import Message, Position

MARK = "out"
"""Strength of the alias row that says, until the store is swept, that a handle opted out."""


@dataclass(frozen=True)
class OptOut:
    """Keyed hashes of the handles that opted out.

    Attributes:
        key: outlives the epochs of pseudonyms, so that who opted out stays out.
        hashes: hexadecimal HMAC-SHA-256, one a handle or pseudonym.
    """

    key: bytes
    hashes: frozenset[str] = frozenset()

    def of(self, handle: str | int) -> str:
        """Hash of a handle in its normal form, or of a pseudonym."""
        return hmac.new(self.key, f"{type(handle).__name__}:{handle}".encode("utf8", "surrogatepass"), hashlib.sha256).hexdigest()

    def holds(self, handles: Iterable[str | int]) -> bool:
        """Whether any of them opted out."""
        return bool(self.hashes) and any(self.of(h) in self.hashes for h in handles)

    def and_also(self, handles: Iterable[str | int]) -> "OptOut":
        """The same with more handles."""
        return OptOut(self.key, self.hashes | {self.of(h) for h in handles})


def read_opt_out(path: Path, key: bytes) -> OptOut:
    """The remembered opt-outs of a company folder; none if there is no file.

    Raises:
        PrivacyError: the file is none, or was made with another key: whom to leave out would then be unknown.
    """
    if not path.exists():
        return OptOut(key)
    try:
        raw = json.loads(path.read_text("ascii"))
        made_by, hashes = raw["key"], frozenset(map(str, raw["hashes"]))
    except (ValueError, KeyError, TypeError) as error:
        raise PrivacyError(str(path), "the list of opt-outs cannot be read", remedy="Restore it from a backup") from error
    if made_by != _tag(key):
        raise PrivacyError(
            str(path), "the opt-outs were made with another key", remedy="Give the key file that made them, or join its parts"
        )
    return OptOut(key, hashes)


def write_opt_out(path: Path, opt_out: OptOut) -> None:
    """Remember opt-outs, whole or not at all."""
    drafts.replace(path, json.dumps({"key": _tag(opt_out.key), "hashes": sorted(opt_out.hashes)}, indent=1))


def without(batch: Batch, gone: set[int]) -> Batch:
    """A batch without these people: their rows go, and others' rows no longer name them.

    Args:
        batch: rows of any class, text-carrying ones included.
        gone: their pseudonyms.
    """
    columns = {name: _listed(values) for name, values in batch.columns.items()}
    by = {"actor", "whom"} & set(columns) if batch.row not in (Message, ActRow, Position) else {"actor"} & set(columns)
    if by:
        keep = [n for n in range(len(batch)) if not any(columns[name][n] in gone for name in by)]
        columns = {name: [values[n] for n in keep] for name, values in columns.items()}
    for name in ("whom", "manager", "reply_to"):
        if name in columns:
            columns[name] = [0 if value in gone else value for value in columns[name]]
    if "mentions" in columns:
        columns["mentions"] = [[m for m in mentions if m not in gone] for mentions in columns["mentions"]]
    return Batch(batch.row, columns)


def names_any(batch: Batch, gone: set[int]) -> bool:
    """Whether a batch holds any of these people in any column."""
    columns: Mapping[str, Sequence[Any]] = batch.columns
    plain = any(gone & set(_listed(columns[c])) for c in ("actor", "whom", "manager", "reply_to") if c in columns)
    return plain or any(gone & set(m) for m in _listed(columns.get("mentions", ())))


def _listed(values: Any) -> list[Any]:
    return values.to_pylist() if hasattr(values, "to_pylist") else list(values)


def _tag(key: bytes) -> str:
    return hmac.new(key, b"opt-out list", hashlib.sha256).hexdigest()[:16]
