"""An append-only, hash-chained record of what was read and released, that an outsider can verify."""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from groundswell.errors import PrivacyError

GENESIS = "0" * 64
"""Hash that stands before the first entry."""

Fact = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the record.

    Attributes:
        n: its number, from 1.
        at: UTC time, ISO 8601.
        kind: what happened, such as "read", "released", "mirror opened".
        facts: what is recorded of it; never a person, a text or a pseudonym.
        before: hash of the line before.
        hash: SHA-256 over all of the above.
    """

    n: int
    at: str
    kind: str
    facts: Mapping[str, Fact]
    before: str
    hash: str


def append(
    path: Path, kind: str, facts: Mapping[str, Fact], *, now: datetime, unless: Callable[[Sequence[Entry]], None] | None = None
) -> Entry:
    """Add one entry; the file is only ever appended to, and synced before this returns. Two runs at once wait for each other.

    Args:
        path: the record; made with owner-only rights if missing.
        kind: what happened, such as "read".
        facts: what is recorded of it; never a person, a text or a pseudonym.
        now: when, in UTC.
        unless: called with the entries so far while nobody else may append; what it raises leaves the record as it was.

    Raises:
        PrivacyError: the record so far does not hold together; nothing is added to it.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(handle, "a", encoding="utf8") as out:
        fcntl.flock(handle, fcntl.LOCK_EX)  # until it is closed
        _cut_torn_line(path)
        entries = verify(path)
        if unless is not None:
            unless(entries)
        before = entries[-1].hash if entries else GENESIS
        n, at = len(entries) + 1, now.isoformat(timespec="seconds")
        entry = Entry(n, at, kind, dict(facts), before, _hash(n, at, kind, facts, before))
        line = {"n": n, "at": at, "kind": kind, "facts": entry.facts, "before": before, "hash": entry.hash}
        out.write(json.dumps(line, ensure_ascii=False) + "\n")
        out.flush()
        os.fsync(handle)
    return entry


def verify(path: Path) -> list[Entry]:
    """Read the record and check that no line was changed, removed from the middle, added or moved; writes nothing.

    A torn last line, as a power cut leaves, is not an entry yet. Removing entries from the end cannot be seen from the file
    alone: compare the last hash with one kept elsewhere, such as on a printed page.

    Raises:
        PrivacyError: naming the first line that does not fit.
    """
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    entries: list[Entry] = []
    for n, line in enumerate(whole.splitlines() if whole else [], 1):
        entry = _parse(line)
        before = entries[-1].hash if entries else GENESIS
        if (
            entry is None
            or entry.n != n
            or entry.before != before
            or entry.hash != _hash(n, entry.at, entry.kind, entry.facts, before)
        ):
            raise PrivacyError(f"{path}:{n}", "the record was changed here", remedy="Compare it with a copy kept elsewhere")
        entries.append(entry)
    return entries


def _cut_torn_line(path: Path) -> None:
    raw = path.read_bytes()
    torn = raw.rpartition(b"\n")[2]
    if torn:
        os.truncate(path, len(raw) - len(torn))


def _parse(line: bytes) -> Entry | None:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None


def _hash(n: int, at: str, kind: str, facts: Mapping[str, Fact], before: str) -> str:
    body = json.dumps([n, at, kind, dict(facts), before], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(body.encode("utf8")).hexdigest()
