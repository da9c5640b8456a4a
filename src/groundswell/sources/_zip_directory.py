"""Reads the directory at a zip's end: where each member lies, also past 4 GB, and whose name leads outside."""

import os
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

MAX_MEMBERS = 5_000_000
MAX_DEPTH = 12
END, END64, LOCATOR64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"
ENTRY = struct.Struct("<4s4B4HL2L5H2L")
ENCRYPTED = 0x1
UTF8_NAME = 0x800
FULL32, FULL16 = 0xFFFFFFFF, 0xFFFF
WIDEST = (1 << 63) - 1
"""Where a directory that lies is cut: no file is longer, so that what lies there is not found."""


@dataclass(frozen=True, slots=True)
class Member:
    """Where one member of a zip lies.

    Attributes:
        offset: of its local header.
        packed, size: bytes before and after inflating, as the directory says.
        crc: CRC-32 of the inflated bytes.
        method: 0 stored, 8 deflated.
        encrypted: true if it needs a password.
    """

    offset: int
    packed: int
    size: int
    crc: int
    method: int
    encrypted: bool


_NOWHERE = Member(offset=-1, packed=0, size=0, crc=0, method=0, encrypted=False)


class Directory(Mapping[str, Member | None]):
    """Members of an archive by name, a hundred bytes each: a large export has a million, which as objects hold far more.

    Each has a number, in the order of adding. A name that stands twice is the later one's. A file of a folder has no place: None.
    """

    def __init__(self) -> None:
        self._names = bytearray()
        self._ends = array("q", [0])
        self._facts = array("q")
        self._hashes = array("q")
        self._sorted: tuple[array[int], array[int]] | None = None

    @classmethod
    def of(cls, *names: str) -> "Directory":
        """Files of a folder."""
        made = cls()
        for name in names:
            made.add(name, None)
        return made

    def add(self, name: str, member: Member | None) -> None:
        """Take one more member in."""
        self._names += name.encode("utf8", "surrogatepass")
        self._ends.append(len(self._names))
        m = member or _NOWHERE
        self._facts.extend(min(fact, WIDEST) for fact in (m.offset, m.packed, m.size, m.crc, m.method, m.encrypted))
        self._hashes.append(hash(name))
        self._sorted = None

    def __getitem__(self, name: str) -> Member | None:
        """Where a member lies."""
        hashes, numbers = self._index()
        wanted = hash(name)
        at = bisect_left(hashes, wanted)
        while at < len(hashes) and hashes[at] == wanted:
            if self.name(numbers[at]) == name:
                return self.member(numbers[at])
            at += 1
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        """Every name once, in the order of adding."""
        return map(self.name, self.numbers())

    def __len__(self) -> int:
        """How many names there are."""
        return len(self._index()[1])

    def numbers(self) -> list[int]:
        """Number of every name's member, in order."""
        return sorted(self._index()[1])

    def name(self, number: int) -> str:
        """Name of a member."""
        return self._names[self._ends[number] : self._ends[number + 1]].decode("utf8", "surrogatepass")

    def size(self, number: int) -> int:
        """Bytes of a member once inflated, as the directory says; 0 of a file of a folder."""
        return self._facts[6 * number + 2]

    def member(self, number: int) -> Member | None:
        """Where a member lies."""
        offset, packed, size, crc, method, encrypted = self._facts[6 * number : 6 * number + 6]
        return Member(offset, packed, size, crc, method, bool(encrypted)) if offset >= 0 else None

    def _index(self) -> tuple["array[int]", "array[int]"]:
        """Hashes in order, and whose each is; of two members of one name the later."""
        if self._sorted is None:
            hashes = np.frombuffer(self._hashes, dtype=np.int64) if self._hashes else np.zeros(0, np.int64)
            order = np.lexsort((-np.arange(len(hashes)), hashes)).astype(np.intc)
            hashes = hashes[order]
            kept = np.ones(len(order), dtype=bool)
            for at in np.flatnonzero(hashes[1:] == hashes[:-1]) + 1:  # seldom any: a name again, or two names of one hash
                first = int(np.searchsorted(hashes, hashes[at]))
                kept[at] = self.name(order[at]) not in {self.name(number) for number in order[first:at]}
            self._sorted = array("q", hashes[kept].tobytes()), array("i", order[kept].tobytes())
        return self._sorted


def directory(handle: int, size: int) -> tuple[Directory, int] | None:
    """Members by name, and how many names were left out because they lead outside; None if the directory is not whole.

    Args:
        handle: the open zip.
        size: its bytes.
    """
    found = _directory_place(handle, size)
    if found is None:
        return None
    start, length, shift = found
    listed = os.pread(handle, length, start)
    return _parse(listed, shift) if len(listed) == length else None


def _directory_place(handle: int, size: int) -> tuple[int, int, int] | None:
    """(offset, bytes) of the directory and what to add to every offset in it; None if there is no end record."""
    tail_start = max(0, size - 65_557)
    tail = os.pread(handle, size - tail_start, tail_start)
    at = tail.rfind(END)
    if at < 0 or at + 22 > len(tail):
        return None
    count, length, start = struct.unpack_from("<H2L", tail, at + 10)
    end = tail_start + at
    if count == FULL16 or FULL32 in (length, start):
        locator = os.pread(handle, 20, end - 20) if end >= 20 else b""
        if locator[:4] == LOCATOR64 and len(locator) == 20:
            record_at = struct.unpack_from("<Q", locator, 8)[0]
            record = os.pread(handle, 56, record_at) if record_at < size else b""
            if record[:4] != END64 or len(record) < 56:
                return None
            length, start = struct.unpack_from("<2Q", record, 40)
            end = record_at
    shift = end - length - start
    if length > size or shift < 0:
        return None
    return start + shift, length, shift


def _parse(listed: bytes, shift: int) -> tuple[Directory, int] | None:
    members = Directory()
    unsafe = at = count = 0
    while at + ENTRY.size <= len(listed):
        entry = ENTRY.unpack_from(listed, at)
        count += 1
        if entry[0] != b"PK\x01\x02" or count > MAX_MEMBERS:
            return None
        flags, method, crc, packed, size = entry[5], entry[6], entry[9], entry[10], entry[11]
        name_bytes, extra_bytes, note_bytes, offset = entry[12], entry[13], entry[14], entry[18]
        at += ENTRY.size
        raw = listed[at : at + name_bytes]
        if FULL32 in (size, packed, offset):
            extra = listed[at + name_bytes : at + name_bytes + extra_bytes]
            size, packed, offset = _wide(extra, size, packed, offset)
        at += name_bytes + extra_bytes + note_bytes
        name = raw.decode("utf8", "replace") if flags & UTF8_NAME or raw.isascii() else _old_name(raw)
        if name.endswith("/"):
            continue
        if not _inside(name):
            unsafe += 1
            continue
        members.add(name, Member(offset + shift, packed, size, crc, method, bool(flags & ENCRYPTED)))
    return members, unsafe


def _wide(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Zip64: the fields that are full stand in the extra field 1, in this order."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == 1:
            body = extra[at + 4 : at + 4 + length]
            numbers = iter(struct.unpack(f"<{len(body) // 8}Q", body[: len(body) // 8 * 8]))
            size = next(numbers, size) if size == FULL32 else size
            packed = next(numbers, packed) if packed == FULL32 else packed
            offset = next(numbers, offset) if offset == FULL32 else offset
            break
        at += 4 + length
    return size, packed, offset


def _old_name(raw: bytes) -> str:
    """Name without the UTF-8 flag: many tools write UTF-8 all the same; the rest is the old IBM page."""
    try:
        return raw.decode("utf8")
    except UnicodeDecodeError:
        return raw.decode("cp437")


def _inside(name: str) -> bool:
    """Whether a name stays inside its archive; nothing is unpacked, but a source must not be led to trust it either."""
    parts = name.split("/")
    return not (
        name.startswith("/") or "\\" in name or "\0" in name or ":" in parts[0] or ".." in parts or len(parts) > MAX_DEPTH
    )
