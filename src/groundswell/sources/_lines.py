"""Reads lines of a file with a bound on their length, so that a hostile file costs no memory."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from stat import S_ISREG
from typing import AnyStr, TypeVar

import msgspec

from groundswell.errors import InputError
from groundswell.model.source import DoorLike

MAX_LINE = 8 << 20
"""Bytes: the longest record met in real exports is well under 1 MB; a longer line is passed over, not held."""

HEAD_KEPT = 262_144
"""Bytes of a file's start that are read at once: what the most curious recogniser asks for."""
MAX_DOCUMENT = 256 << 20
"""Bytes of one JSON document: a million seats, or a day of users of the largest company."""

Row = TypeVar("Row")


def bounded(readline: Callable[[int], AnyStr], limit: int = MAX_LINE) -> Iterator[tuple[int, AnyStr | None]]:
    """Yield (line number from 1, line with its end) of a stream; None instead of a line longer than `limit`.

    Args:
        readline: the stream's method, bytes or text; it must honour its size argument.
        limit: longest line, in what the stream counts (bytes or characters).
    """
    number = 0
    while line := readline(limit):
        number += 1
        if len(line) < limit or line[-1:] in (b"\n", "\n"):
            yield number, line
            continue
        while line and line[-1:] not in (b"\n", "\n"):
            line = readline(limit)
        yield number, None


def json_lines(path: Path, door: DoorLike, kind: type[Row], limit: int = MAX_LINE) -> Iterator[tuple[int, Row]]:
    """Yield (line number, record) of a file of JSON lines; a line that is no such record is counted and passed over.

    Args:
        path: the file; a BOM at its start and empty lines are ignored.
        door: told of each line passed over, by number.
        kind: a msgspec type; unknown fields are skipped undecoded.
        limit: bytes of the longest line that is read.

    Raises:
        InputError: the file cannot be opened.
    """
    decode = msgspec.json.Decoder(kind, strict=False).decode
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InputError(path.name, "the file cannot be opened", remedy="Check that it exists and may be read") from error
    with stream:
        for number, line in bounded(stream.readline, limit):
            if line is None:
                door.skip("line too long to be a record", where=f"{path.name}:{number}")
                continue
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if not line.strip():
                continue
            try:
                row = decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                door.skip("line that is not the record expected", where=f"{path.name}:{number}")
                continue
            yield number, row


def head(path: Path, size: int = 65_536) -> bytes:
    """First bytes of a file; empty for a folder, a missing file or one that may not be read. Never raises.

    Every source asks this of every file of a folder, so the last answers are kept while the file does not change.
    """
    try:
        facts = path.stat()
        if not S_ISREG(facts.st_mode):
            return b""
        return _head(path, facts.st_mtime_ns, facts.st_size, max(size, HEAD_KEPT))[:size]
    except (OSError, ValueError):
        return b""


@lru_cache(maxsize=4)
def _head(path: Path, mtime_ns: int, length: int, size: int) -> bytes:
    """Start of a file; the second and third argument make a changed file a new question."""
    with path.open("rb") as stream:
        return stream.read(size)


def json_document(path: Path, kind: type[Row], limit: int = MAX_DOCUMENT) -> Row:
    """Read a file that is one JSON document.

    Args:
        path: the file; a BOM at its start is ignored.
        kind: a msgspec type; unknown fields are skipped undecoded.
        limit: bytes of the largest document that is read.

    Raises:
        InputError: it cannot be opened, is larger than `limit`, cut short, or no such document.
    """
    try:
        with path.open("rb") as stream:
            content = stream.read(limit + 1)
    except OSError as error:
        raise InputError(path.name, "the file cannot be opened", remedy="Check that it exists and may be read") from error
    if len(content) > limit:
        raise InputError(path.name, f"one JSON document of more than {limit >> 20} MB", remedy="Export a shorter period")
    try:
        return msgspec.json.decode(content.removeprefix(b"\xef\xbb\xbf"), type=kind, strict=False)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        # The decoder's own text names fields and places, never values.
        problem = str(error)[:120] if isinstance(error, msgspec.MsgspecError) else "its text is not UTF-8, or nested too deep"
        raise InputError(path.name, f"not the JSON expected: {problem}", remedy="Export or download it again") from error
