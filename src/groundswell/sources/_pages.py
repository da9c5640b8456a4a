"""Reads the JSON an admin API answers with: bare records, JSON lines, pages of records, or pages one after another.

How a source uses it::

    class Row(msgspec.Struct): ...                       # only the fields it reads: the rest is skipped undecoded

    def recognise(path):
        return Export("cursor", path) if has_keys(json_head(path), "composerRequests", "totalApplies") else None

    def read(export, door):
        for where, row in records(export.path, door, Row, "data"):     # "data": where a page keeps its records
            ...
"""

import codecs
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar

import msgspec

from groundswell.errors import InputError
from groundswell.model.source import DoorLike
from groundswell.sources._days import day, epoch_micros, from_micros, instant
from groundswell.sources._lines import bounded, head

HEAD_BYTES = 262_144
"""A first record of a gateway's log may hold a long prompt before the field that tells what it is."""
MAX_DOCUMENT = 256 << 20
"""Bytes: an answer of an admin API is a few MB; what is longer must be one record a line."""
MAX_PAGES = 20_000
"""Pages one after another in a file that is no JSON lines; more is no export."""

TRAILING = re.compile(r"trailing characters \(byte (\d+)\)")
EPOCH_TEXT = re.compile(r"\d{9,19}(\.\d+)?")
FARTHEST = 10**11
"""Seconds since 1970, far beyond any date: keeps a number within what can be reckoned exactly."""
UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
BAD = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, OverflowError)

Row = TypeVar("Row")
_complete = msgspec.json.Decoder(msgspec.Raw)


def json_head(path: Path) -> bytes:
    """First bytes of a file that starts as JSON does, in UTF-8; empty for anything else. Never raises."""
    raw = head(path, HEAD_BYTES)
    if raw.startswith(UTF16):
        raw = raw.decode("utf-16", "ignore").encode()
    raw = raw.removeprefix(codecs.BOM_UTF8).lstrip()
    return raw if raw[:1] in (b"{", b"[") else b""


def has_keys(start: bytes, *keys: str) -> bool:
    """True if each of these is the key of some object in the head of a JSON file."""
    return bool(start) and all(_key(key).search(start) for key in keys)


def records(path: Path, door: DoorLike, kind: type[Row], *wrappers: str) -> Iterator[tuple[str, Row]]:
    """Yield (place, record) of a file of JSON, whatever it wraps its records in.

    Args:
        path: the file: JSON lines, an array, an object, pages of either; UTF-8 or UTF-16, with or without BOM.
        door: told of each record passed over, by file and line or number.
        kind: a msgspec type; unknown fields are skipped undecoded.
        wrappers: keys under which a page keeps its list of records; an object without any of them is a record itself.

    Raises:
        InputError: the file cannot be opened, or holds no JSON at all.
    """
    decode = msgspec.json.Decoder(kind, strict=False).decode
    for place, document in documents(path, door):
        for where, raw in _unwrapped(place, document, wrappers):
            try:
                row = decode(raw)
            except BAD:
                door.skip("record that is not the one expected", where=where)
                continue
            yield where, row


def documents(path: Path, door: DoorLike) -> Iterator[tuple[str, bytes]]:
    """Yield (place, JSON object or array) of a file: its lines if they are complete, else the whole, page by page.

    A line that is cut, too long or no JSON is counted and passed over.

    Raises:
        InputError: the file cannot be opened, or holds no JSON at all.
    """
    first = next((line for _, line in _lines(path) if line is None or line.strip(b"\xef\xbb\xbf \t\r\n")), b"")
    if not _is_complete(first) and _size(path) <= MAX_DOCUMENT:
        pages = _pages(b"".join(line if line is not None else b"" for _, line in _lines(path, MAX_DOCUMENT + 1)))
        if pages:
            yield from ((f"{path.name}#{number}" if len(pages) > 1 else path.name, page) for number, page in enumerate(pages, 1))
            return
    yield from _complete_lines(path, door)


def utc_day(value: str | float | None, *, per_second: int = 0) -> date | None:
    """UTC day of an ISO date, an ISO instant or an epoch number; None if it is none or out of range.

    Args:
        value: as written; digits in a text are an epoch number.
        per_second: units of an epoch number, 1 or 1,000 or a billion; 0 where the vendor does not say, and its size tells.
    """
    if value is None:
        return None
    if isinstance(value, str) and not EPOCH_TEXT.fullmatch(value.strip()):
        moment = instant(value) if ":" in value else None
        return moment.date() if moment else day(value) if ":" not in value else None
    number = float(value)
    if per_second and abs(number) < FARTHEST * per_second:
        moment = from_micros(int(number / per_second * 1_000_000))
    else:
        micros = None if per_second else epoch_micros(number)
        moment = from_micros(micros) if micros is not None else None
    return moment.date() if moment else None


def _complete_lines(path: Path, door: DoorLike) -> Iterator[tuple[str, bytes]]:
    found = False
    for number, line in _lines(path):
        # An array may be written one record a line: its brackets and commas are not part of a record.
        body = b"" if line is None else line.strip(b"\xef\xbb\xbf \t\r\n")
        if line is not None and body in (b"", b"[", b"]", b","):
            continue
        if not _is_complete(body.removesuffix(b",")):
            reason = "line too long to be a record" if line is None else "line that is cut or no JSON"
            door.skip(reason, where=f"{path.name}:{number}")
            continue
        found = True
        yield f"{path.name}:{number}", body.removesuffix(b",")
    if not found:
        raise InputError(
            path.name,
            "no complete JSON in it",
            expected="one record a line, or the pages an admin API answers with, under 256 MB",
            remedy="Export it again",
        )


def _unwrapped(place: str, document: bytes, wrappers: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    items: list[Any] | None = None
    try:
        if document.lstrip()[:1] == b"[":
            items = msgspec.json.decode(document, type=list[msgspec.Raw])
        elif any(_key(name).search(document) for name in wrappers):  # most lines are bare records: spare them a second look
            page = _page_type(wrappers).decode(document)
            lists = [getattr(page, name) for name in _attributes(wrappers)]
            items = next((found for found in lists if found is not None), None)
    except BAD:
        items = None
    if items is None:
        yield place, document
    else:
        yield from ((f"{place}#{number}", item) for number, item in enumerate(items, 1))


def _pages(body: bytes) -> list[bytes]:
    """Complete JSON values one after another; empty if what stands there is anything else."""
    rest = memoryview(body.removeprefix(codecs.BOM_UTF8).strip())
    pages: list[bytes] = []
    while rest and len(pages) < MAX_PAGES:
        if bytes(rest[:1]) not in (b"{", b"["):
            return []
        try:
            _complete.decode(rest)
        except msgspec.DecodeError as error:
            found = TRAILING.search(str(error))
            if not found:
                return []
            end = int(found[1]) - 1  # the decoder counts bytes from 1, and names the first that does not belong
            pages.append(bytes(rest[:end]))
            rest = rest[end:]
        except RecursionError:
            return []
        else:
            return [*pages, bytes(rest)]
    return []


def _is_complete(line: bytes | None) -> bool:
    body = (line or b"").strip(b"\xef\xbb\xbf \t\r\n")
    if body[:1] not in (b"{", b"["):
        return False
    try:
        _complete.decode(body)
    except BAD:
        return False
    return True


def _lines(path: Path, limit: int = 8 << 20) -> Iterator[tuple[int, bytes | None]]:
    """Lines of a file as UTF-8 bytes; None for one longer than `limit`."""
    try:
        stream: IO[Any] = path.open("rb")
    except OSError as error:
        raise InputError(path.name, "the file cannot be opened", remedy="Check that it exists and may be read") from error
    with stream:
        wide = stream.read(2) in UTF16
        stream.seek(0)
        if not wide:
            yield from bounded(stream.readline, limit)
            return
    with path.open(encoding="utf-16", errors="replace", newline=None) as text:
        for number, line in bounded(text.readline, limit):
            yield number, None if line is None else line.encode()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


@cache
def _key(key: str) -> re.Pattern[bytes]:
    return re.compile(rb'"' + re.escape(key.encode()) + rb'"\s*:')


@cache
def _page_type(wrappers: tuple[str, ...]) -> msgspec.json.Decoder[Any]:
    fields = [(name, list[msgspec.Raw] | None, None) for name in _attributes(wrappers)]
    return msgspec.json.Decoder(msgspec.defstruct("Page", fields, rename=dict(zip(_attributes(wrappers), wrappers, strict=True))))


def _attributes(wrappers: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"list_{place}" for place in range(len(wrappers)))
