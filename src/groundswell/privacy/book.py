"""What a company let out, kept one a measure and quarter, so that asking again shows the same and never more."""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundswell.errors import PrivacyError
from groundswell.privacy import record
from groundswell.privacy.ledger import Ledger
from groundswell.privacy.protection import DEFAULT, Protection

if TYPE_CHECKING:
    import pyarrow as pa

KEPT = "kept"
"""Kind of the record's entries that name a kept release and its digest."""


@dataclass(frozen=True)
class Entered:
    """That something was let out.

    Attributes:
        how: how it was protected.
        digest: of the kept release where it was noised, of the exact tables otherwise.
    """

    how: str
    digest: str


@dataclass(frozen=True, kw_only=True)
class Book:
    """Where releases of one quarter are paid for, entered and kept.

    Attributes:
        record: the hash-chained record.
        folder: where what was let out is kept; made if missing.
        now: the moment, UTC.
        protection: floors and budget.
        definitions: hash of how every measure is defined; another version asks another question.
    """

    record: Path
    folder: Path
    now: datetime
    protection: Protection = DEFAULT
    definitions: str = ""

    @property
    def quarter(self) -> str:
        """The last quarter that is over, such as "2026-Q1"."""
        return quarter_of(self.end)

    @property
    def end(self) -> date:
        """Last day of the last quarter that is over."""
        first_month = 3 * ((self.now.month - 1) // 3) + 1
        return date(self.now.year, first_month, 1) - timedelta(days=1)

    @property
    def ledger(self) -> Ledger:
        """The year's ledger."""
        return Ledger(self.record, self.now.year, limit=self.protection.epsilon)

    def entered(self, measure: str, shape: str) -> "Entered | None":
        """What was let out of a measure for this quarter; None if nothing was.

        Args:
            measure: its name.
            shape: digest of the names and types of its columns: another version of a measure is another question.

        Raises:
            PrivacyError: the record was changed.
        """
        asked = (measure, self.quarter, self._question(shape))
        found = None
        for entry in record.verify(self.record):
            if entry.kind == KEPT and (entry.facts["what"], entry.facts["quarter"], entry.facts["question"]) == asked:
                found = Entered(str(entry.facts["how"]), str(entry.facts["digest"]))
        return found

    def enter(self, measure: str, shape: str, *, how: str, digest: str) -> None:
        """Enter what is let out, before it is: its digest, never itself."""
        facts: dict[str, record.Fact] = {
            "what": measure,
            "quarter": self.quarter,
            "question": self._question(shape),
            "how": how,
            "digest": digest,
        }
        record.append(self.record, KEPT, facts, now=self.now)

    def load(self, measure: str, shape: str, digest: str) -> dict[str, Any]:
        """A noised release that was kept.

        Raises:
            PrivacyError: it is gone or was changed.
        """
        file = self._file(measure, shape)
        raw = file.read_bytes() if file.is_file() else b""
        if hashlib.sha256(raw).hexdigest() != digest:
            what = "was changed" if raw else "is gone"
            raise PrivacyError(
                str(file),
                f"what was let out for {self.quarter} {what}",
                remedy="Restore it from a backup: it is not let out twice",
            )
        kept: dict[str, Any] = json.loads(raw)
        return kept

    def save(self, measure: str, shape: str, content: Mapping[str, Any]) -> str:
        """Keep a noised release, and return its digest to enter; a crash in between leaves it not let out."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._file(measure, shape)
        raw = json.dumps(content, indent=1, sort_keys=True).encode("utf8")
        draft = file.with_name(f".{file.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            out.write(raw)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(file)
        return hashlib.sha256(raw).hexdigest()

    def _question(self, shape: str) -> str:
        return hashlib.sha256(f"{self.definitions} {shape}".encode()).hexdigest()

    def _file(self, measure: str, shape: str) -> Path:
        return self.folder / f"{self.quarter}-{measure}-{self._question(shape)[:8]}.json"


def quarter_of(day: date) -> str:
    """The calendar quarter of a day, such as "2026-Q1"."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def shape_of(tables: "Mapping[str, pa.Table]") -> str:
    """Digest of the names and types of all columns."""
    named = [[name, [[f.name, str(f.type)] for f in tables[name].schema]] for name in sorted(tables)]
    return hashlib.sha256(json.dumps(named).encode("utf8")).hexdigest()


def digest_of(tables: "Mapping[str, pa.Table]") -> str:
    """Digest of what tables hold in any order of rows; fractions count to nine figures, since engines add in any order."""
    whole = hashlib.sha256()
    for name in sorted(tables):
        columns = tables[name].column_names
        rows = zip(*(tables[name][c].to_pylist() for c in columns), strict=True)
        lines = sorted("\x1f".join(f"{v:.9g}" if isinstance(v, float) else repr(v) for v in row) for row in rows)
        whole.update("\x1e".join((name, *columns, *lines)).encode("utf8", "surrogatepass"))
    return whole.hexdigest()


def pack_tables(tables: "Mapping[str, pa.Table]") -> dict[str, str]:
    """Tables as text: Arrow's own stream, in base 64."""
    import pyarrow as pa

    packed = {}
    for name, table in tables.items():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as out:
            out.write_table(table)
        packed[name] = base64.b64encode(sink.getvalue().to_pybytes()).decode("ascii")
    return packed


def unpack_tables(packed: Mapping[str, str]) -> "dict[str, pa.Table]":
    """Tables from their text."""
    import pyarrow as pa

    return {name: pa.ipc.open_stream(base64.b64decode(text)).read_all() for name, text in packed.items()}
