"""Reads a table a person or a portal saved as text, whatever its delimiter, its encoding and the spelling of its header.

How a source uses it::

    COLUMNS = {"email": ("User Principal Name", "UPN"), "last": ("Last Activity Date",)}

    def recognise(path):
        table = open_table(path)                     # None unless it is a delimited text with a header
        return Export("m365", path) if table and table.has(COLUMNS, "email", "last") else None

    def read(export, door):
        table = need_table(export.path, COLUMNS, "email", "last")     # InputError names what is missing
        for number, row in table.rows(door, COLUMNS):                 # row["email"] is "" where the column is absent
            ...

Spellings match whatever their case, spaces, underscores, hyphens and accents: "User Principal Name" = "USER_PRINCIPAL_NAME".
Comma, semicolon, tab and bar; UTF-8 with or without BOM, UTF-16, and Latin-1 / cp1252 bytes anywhere in a UTF-8 file.
"""

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from groundswell.errors import InputError
from groundswell.model.source import DoorLike
from groundswell.sources._lines import bounded, head

DELIMITERS = (",", ";", "\t", "|")
HEAD_BYTES = 65_536
MAX_FIELD = 1 << 20
"""Characters: the audit column of a Microsoft export holds a JSON document; what is longer is no cell."""
MAX_COLUMNS = 2_000
FALLBACK = "groundswell-cp1252"
CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")

Columns = Mapping[str, Sequence[str]]
"""Our name of a column -> the spellings it is known under, best first."""


def spelling(header: str) -> str:
    """Normal form of a column's name: case, accents and everything but letters and digits are ignored."""
    plain = unicodedata.normalize("NFKD", header).casefold()
    return "".join(c for c in plain if c.isalnum())


@dataclass(frozen=True)
class Table:
    """A delimited text file whose header has been understood.

    Attributes:
        path: the file.
        encoding: Python's name of its encoding.
        delimiter: one character.
        header: its columns as written.
        start: lines before the first row, the header included.
    """

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    start: int

    def find(self, spellings: Sequence[str]) -> int | None:
        """Position of the first of these spellings that is a column; None if none is."""
        places = {spelling(name): place for place, name in reversed(list(enumerate(self.header)))}
        return next((places[s] for s in map(spelling, spellings) if s in places), None)

    def has(self, columns: Columns, *names: str) -> bool:
        """True if each of `names`, keys of `columns`, is among the file's columns."""
        return all(self.find(columns[name]) is not None for name in names)

    def rows(self, door: DoorLike, columns: Columns) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield (line number, row) with exactly the keys of `columns`, cells stripped, "" where absent or empty.

        A row with fewer or more cells than the header, or a cell too long, is counted through the door and passed over.
        """
        places = {name: self.find(spellings) for name, spellings in columns.items()}
        width = len(self.header)
        for number, row in self._cells(door):
            if len(row) < width or any(row[width:]):
                door.skip("row with more or fewer cells than the header", where=f"{self.path.name}:{number}")
                continue
            yield number, {name: "" if place is None else row[place].strip() for name, place in places.items()}

    def _cells(self, door: DoorLike) -> Iterator[tuple[int, list[str]]]:
        with _open(self.path, self.encoding) as stream:
            lines = _lines(stream, door, self.path.name)
            for _ in range(self.start):
                next(lines, "")
            reader = csv.reader(lines, delimiter=self.delimiter)
            csv.field_size_limit(MAX_FIELD)
            while True:
                try:
                    row = next(reader)
                except StopIteration:
                    return
                except csv.Error:
                    door.skip("cell too long or never closed", where=f"{self.path.name}:{reader.line_num + self.start}")
                    continue
                if any(cell.strip() for cell in row):
                    yield reader.line_num + self.start, row


def open_table(path: Path) -> Table | None:
    """Understand a file as a table; None if it is no delimited text with a header of two columns. Never raises."""
    raw = head(path, HEAD_BYTES)
    encoding = _encoding(raw)
    if not encoding:
        return None
    text = raw.decode(encoding, FALLBACK if encoding == "utf-8-sig" else "replace")
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        declared = re.fullmatch(r'"?sep=(.)"?\s*', line)
        if line.strip() and not declared:
            return _table(path, encoding, line, number)
    return None


def need_table(path: Path, columns: Columns, *names: str) -> Table:
    """Understand a file as a table that has the columns `names`.

    Raises:
        InputError: it is no table, or lacks one of them.
    """
    table = open_table(path)
    if table is None:
        raise InputError(
            path.name,
            "not a table with a header",
            expected="comma, semicolon or tab between cells, column names in the first line",
            remedy="Export it again as CSV",
        )
    missing = [columns[name][0] for name in names if table.find(columns[name]) is None]
    if missing:
        # What the first line does hold is not told: in a file without a header it is somebody's row.
        raise InputError(
            path.name,
            f"no column {', '.join(missing)} among the {len(table.header)} of its first line",
            remedy="Name the column so in the first line, or export it with the file",
        )
    return table


def _encoding(raw: bytes) -> str:
    """Encoding of a head of a file; "" if these bytes are no text."""
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    pairs = max(1, len(raw) // 2)
    if raw[1::2].count(0) > 0.4 * pairs:
        return "utf-16-le"
    if raw[0::2].count(0) > 0.4 * pairs:
        return "utf-16-be"
    return "utf-8-sig" if raw and b"\0" not in raw else ""


def _table(path: Path, encoding: str, line: str, number: int) -> Table | None:
    if CONTROL.search(line):
        return None
    best: list[str] = []
    delimiter = ","
    for candidate in DELIMITERS:
        try:
            cells = next(csv.reader([line], delimiter=candidate), [])
        except csv.Error:
            continue
        if len(cells) > len(best):
            best, delimiter = cells, candidate
    while best and not best[-1].strip():
        best.pop()
    names = [name.strip().removeprefix("\ufeff") for name in best]
    plausible = 2 <= len(names) <= MAX_COLUMNS and not line.lstrip().startswith(("{", "[", "<"))
    return Table(path, encoding, delimiter, tuple(names), number) if plausible and all(n[:200] == n for n in names) else None


def _open(path: Path, encoding: str) -> io.TextIOWrapper:
    try:
        return path.open(encoding=encoding, errors=FALLBACK if encoding == "utf-8-sig" else "replace", newline=None)
    except OSError as error:
        raise InputError(path.name, "the file cannot be opened", remedy="Check that it exists and may be read") from error


def _lines(stream: io.TextIOWrapper, door: DoorLike, name: str) -> Iterator[str]:
    for number, line in bounded(stream.readline, MAX_FIELD):
        if line is None:
            door.skip("line too long to be a row", where=f"{name}:{number}")
            yield "\n"  # keeps the line numbers right
        else:
            yield line.replace("\0", "")


def _as_cp1252(error: UnicodeError) -> tuple[str, int]:
    """Read the bytes UTF-8 refuses as Windows writes them; the five it leaves undefined as Latin-1 does."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in wrong), error.end


codecs.register_error(FALLBACK, _as_cp1252)
