"""What a company let out, kept one a measure and quarter, so that asking again shows the same and never more."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundswell import drafts
from groundswell.errors import PrivacyError
from groundswell.privacy import record
from groundswell.privacy.ledger import Ledger
from groundswell.privacy.protection import DEFAULT, Protection
from groundswell.privacy.record import Entry

if TYPE_CHECKING:
    import pyarrow as pa

KEPT = "kept"
"""Kind of the record's entries that name a kept release and its digest."""

SALT = ".salt"
"""File of the number that keys the digests of exact tables. If it is lost, the quarter's results cannot be shown again."""

FIXED = "fixed"
"""Kind of the record's entries that hold the digests of every definition (R8)."""


@dataclass(frozen=True)
class Entered:
    """That something was let out.

    Attributes:
        how: how it was protected.
        digest: of the kept release where it was noised; of the exact tables otherwise, keyed, so that nobody who holds the record
            can try out tables until one fits.
        question: digest of what was asked.
    """

    how: str
    digest: str
    question: str


@dataclass(frozen=True, kw_only=True)
class Book:
    """Where releases of one quarter are paid for, entered and kept.

    Attributes:
        record: the hash-chained record.
        folder: where what was let out is kept; made if missing.
        now: the moment, UTC.
        protection: floors and budget.
        definitions: name of a measure -> digest of how it is defined, as `runs.definitions` makes them.
        last: last day with any trace; None if it does not matter.
    """

    record: Path
    folder: Path
    now: datetime
    protection: Protection = DEFAULT
    definitions: Mapping[str, str] = field(default_factory=dict)
    last: date | None = None

    @property
    def quarter(self) -> str:
        """The last quarter that is over, such as "2026-Q1"."""
        return quarter_of(self.end)

    @property
    def end(self) -> date:
        """Last day of the last quarter that is over and has traces: a clock put forward makes no quarter of its own."""
        over = _start_of_quarter(self.now.date()) - timedelta(days=1)
        if self.last is None or self.last > over:
            return over
        return _start_of_quarter(_start_of_quarter(self.last) + timedelta(days=100)) - timedelta(days=1)

    @property
    def ledger(self) -> Ledger:
        """The year's ledger."""
        return Ledger(self.record, self.now.year, limit=self.protection.epsilon)

    def entered(self, measure: str) -> "Entered | None":
        """What was let out of a measure for this quarter, whatever it asked then; None if nothing was.

        Raises:
            PrivacyError: the record was changed.
        """
        kept = [e for e in self._kept() if e.facts["what"] == measure]
        return Entered(*(str(kept[-1].facts[name]) for name in ("how", "digest", "question"))) if kept else None

    def closed_to(self, measure: str) -> bool:
        """Whether the quarter's results went out before this measure was fixed as it is now (R8).

        Else whoever adds a measure, or changes one, could ask the same traces again, and subtract.
        """
        kept = self._kept()
        before = [e for e in record.verify(self.record) if e.kind == FIXED and kept and e.n < kept[0].n]
        return bool(before) and before[-1].facts.get(measure) != self.definitions.get(measure)

    def question(self, measure: str, shape: str) -> str:
        """Digest of what a measure asks: how it is defined, and the names and types of its columns."""
        return hashlib.sha256(f"{self.definitions.get(measure, '')} {shape}".encode()).hexdigest()

    def digest(self, tables: "Mapping[str, pa.Table]") -> str:
        """Digest of exact tables, keyed with a number of this folder's own that never leaves it."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self.folder / SALT
        if not file.exists():
            drafts.create(file, secrets.token_bytes(32))
        return hmac.new(file.read_bytes(), digest_of(tables).encode("ascii"), hashlib.sha256).hexdigest()

    def _kept(self) -> list[Entry]:
        return [e for e in record.verify(self.record) if e.kind == KEPT and e.facts["quarter"] == self.quarter]

    def enter(self, measure: str, shape: str, *, how: str, digest: str) -> None:
        """Enter what is let out, before it is: its digest, never itself."""
        facts: dict[str, record.Fact] = {
            "what": measure,
            "quarter": self.quarter,
            "question": self.question(measure, shape),
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
        drafts.replace(file, raw)
        return hashlib.sha256(raw).hexdigest()

    def _file(self, measure: str, shape: str) -> Path:
        return self.folder / f"{self.quarter}-{measure}-{self.question(measure, shape)[:8]}.json"


def _start_of_quarter(day: date) -> date:
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


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
