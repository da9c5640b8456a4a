"""Reads members of an export zip, or files of an unpacked one, in bounded memory and without unpacking anything.

The directory at the zip's end is read once; each member is then read with one `pread`, inflated and checked on its own, so that
several processes can share a file and one broken member costs only itself.
"""

import io
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

from isal import isal_zlib

from groundswell.errors import InputError
from groundswell.sources._zip_directory import MAX_DEPTH, MAX_MEMBERS, Directory, Member, directory

MAX_MEMBER = 256 << 20
"""Bytes of one inflated member: a day of the busiest channel is a few MB; a whole user list some tens."""
MAX_RATIO = 250
"""Inflated to packed: JSON of chat packs 8 to 60 times; a bomb packs a thousand times."""
RATIO_FREE = 4 << 20
"""Bytes under which the ratio says nothing: a short file of zeros is harmless."""
PIECE = 1 << 18
"""Bytes read at a time from a member too large to be held."""

LOCAL_BYTES = 30
STORED, DEFLATED = 0, 8

BROKEN: type[Exception] = isal_zlib.error  # type: ignore[assignment]
"""What isal raises; its stub file takes the class for an instance."""


class MemberError(Exception):
    """One member cannot be read; its text says why and names nobody."""


@dataclass(frozen=True, eq=False)
class Archive:
    """Names of an export's files, and how to read each; equal only to itself, so that what is worked out from it can be kept.

    Attributes:
        path: a zip or a folder.
        members: name with / between folders -> where it lies; None for a file of a folder.
        unsafe: names left out because they lead outside (.., absolute, links).
    """

    path: Path
    members: Directory = field(repr=False)
    unsafe: int = 0

    @contextmanager
    def reading(self) -> Iterator["Reader"]:
        """Keep the zip open while its members are read.

        Raises:
            InputError: it cannot be opened.
        """
        if self.path.is_dir():
            yield Reader(self, -1)
            return
        try:
            handle = os.open(self.path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        except OSError as error:
            raise InputError(self.path.name, "the zip cannot be opened", remedy="Check that it may be read") from error
        try:
            yield Reader(self, handle)
        finally:
            os.close(handle)


@dataclass(frozen=True)
class Reader:
    """Reads members of an open archive."""

    archive: Archive
    handle: int

    def read(self, name: str, limit: int = MAX_MEMBER) -> bytes:
        """Whole content of a member.

        Raises:
            MemberError: absent, damaged, encrypted, larger than `limit`, or packed as no honest file is.
        """
        if name not in self.archive.members:
            raise MemberError("missing")
        member = self.archive.members[name]
        return self._file(name, limit) if member is None else self._inflate(member, limit)

    def stream(self, name: str) -> BinaryIO:
        """A member to be read piece by piece, of any size; damage shows as MemberError while reading.

        Raises:
            MemberError: absent, encrypted, or packed as no honest file is.
        """
        if name not in self.archive.members:
            raise MemberError("missing")
        member = self.archive.members[name]
        if member is None:
            try:
                return (self.archive.path / name).open("rb")
            except (OSError, ValueError) as error:
                raise MemberError("cannot be opened") from error
        _refuse_bomb(member)
        if member.method not in (STORED, DEFLATED):
            raise MemberError(f"packed by method {member.method}")
        start = member.offset + self._local_bytes(member)
        return io.BufferedReader(_Inflating(self.handle, start, member), PIECE)

    def _local_bytes(self, member: Member) -> int:
        """Length of the header before a member's bytes."""
        header = os.pread(self.handle, LOCAL_BYTES, member.offset)
        if len(header) < LOCAL_BYTES or header[:4] != b"PK\x03\x04":
            raise MemberError("damaged")
        name, extra = struct.unpack_from("<2H", header, 26)
        return LOCAL_BYTES + int(name) + int(extra)

    def _file(self, name: str, limit: int) -> bytes:
        try:
            with (self.archive.path / name).open("rb") as stream:
                content = stream.read(limit + 1)
        except (OSError, ValueError) as error:
            raise MemberError("cannot be opened") from error
        if len(content) > limit:
            raise MemberError(f"larger than {limit >> 20} MB")
        return content

    def _inflate(self, member: Member, limit: int) -> bytes:
        _refuse_bomb(member)
        if member.size > limit:
            raise MemberError(f"larger than {limit >> 20} MB")
        packed = self._packed(member)
        if member.method == STORED:
            content = packed
        elif member.method == DEFLATED:
            content = _bounded_inflate(packed, member.size)
        else:
            raise MemberError(f"packed by method {member.method}")
        if len(content) != member.size or isal_zlib.crc32(content) != member.crc:
            raise MemberError("damaged")
        return content

    def _packed(self, member: Member) -> bytes:
        try:
            guess = os.pread(self.handle, LOCAL_BYTES + 512 + member.packed, member.offset)
        except OSError as error:
            raise MemberError("cannot be read") from error
        if len(guess) < LOCAL_BYTES or guess[:4] != b"PK\x03\x04":
            raise MemberError("damaged")
        name, extra = struct.unpack_from("<2H", guess, 26)
        start = LOCAL_BYTES + name + extra
        if start + member.packed > len(guess):
            guess, start = os.pread(self.handle, member.packed, member.offset + start), 0
        return guess[start : start + member.packed]


def open_archive(path: Path) -> Archive | None:
    """Names and places of what a folder or a zip holds; None if it is neither or the zip has no directory. Never raises.

    Asking again for an unchanged zip costs nothing, so every source may ask.
    """
    try:
        if path.is_dir():
            return _folder(path)
        facts = path.stat()
        return _zip(path, facts.st_mtime_ns, facts.st_size)
    except (OSError, ValueError):
        return None


def need_archive(path: Path) -> Archive:
    """Names and places of what a folder or a zip holds.

    Raises:
        InputError: a zip cut short, or neither.
    """
    archive = open_archive(path)
    if archive is None:
        raise InputError(
            path.name,
            "a zip without the directory that stands at its end" if first_names(path) else "neither a zip nor a folder",
            expected="a complete zip or the folder it unpacks to",
            remedy="Download or copy it again",
        )
    return archive


def first_names(path: Path, size: int = 1 << 20) -> list[str]:
    """Names of the first members of a zip, from their own headers: all that a zip cut short can tell. Never raises."""
    names: list[str] = []
    try:
        with path.open("rb") as stream:
            raw = stream.read(size)
    except (OSError, ValueError):
        return names
    at = 0 if raw.startswith(b"PK\x03\x04") else -1
    while at >= 0 and len(names) < 1000:
        if at + LOCAL_BYTES > len(raw):
            break
        length = struct.unpack_from("<H", raw, at + 26)[0]
        names.append(raw[at + LOCAL_BYTES : at + LOCAL_BYTES + length].decode("utf8", "replace"))
        at = raw.find(b"PK\x03\x04", at + LOCAL_BYTES)
    return names


def _folder(path: Path) -> Archive:
    members = Directory()
    files_in = unsafe = 0
    for folder, below, files in os.walk(path, followlinks=False):
        inside = Path(folder).relative_to(path)
        if len(inside.parts) >= MAX_DEPTH:
            below.clear()
        below[:] = sorted(name for name in below if not name.startswith("."))
        for name in sorted(files):
            whole = Path(folder, name)
            if whole.is_symlink() or not whole.is_file():
                unsafe += 1
            else:
                members.add(str(inside / name).replace(os.sep, "/"), None)
                files_in += 1
            if files_in > MAX_MEMBERS:
                return Archive(path, Directory(), unsafe)
    return Archive(path, members, unsafe)


@lru_cache(maxsize=4)
def _zip(path: Path, mtime_ns: int, size: int) -> Archive | None:
    """Archive of a zip; the two last arguments make a changed file a new question."""
    with path.open("rb") as stream:
        found = directory(stream.fileno(), size) if stream.read(2) == b"PK" else None
    return Archive(path, *found) if found else None


def _refuse_bomb(member: Member) -> None:
    if member.encrypted:
        raise MemberError("encrypted")
    if member.size > RATIO_FREE and member.size > MAX_RATIO * member.packed:
        raise MemberError(f"packed more than {MAX_RATIO} times, as only a bomb is")


class _Inflating(io.RawIOBase):
    """Inflates a member piece by piece; never gives more than the directory announced, and checks the sum at the end."""

    def __init__(self, handle: int, start: int, member: Member) -> None:
        self._handle, self._at, self._member = handle, start, member
        self._left = member.packed
        self._given = self._crc = 0
        self._inflater = isal_zlib.decompressobj(wbits=-15) if member.method == DEFLATED else None
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        piece = self._piece(len(buffer))
        buffer[: len(piece)] = piece
        self._given += len(piece)
        self._crc = isal_zlib.crc32(piece, self._crc)
        if self._given > self._member.size or (not piece and (self._given, self._crc) != (self._member.size, self._member.crc)):
            raise MemberError("damaged")
        return len(piece)

    def _piece(self, size: int) -> bytes:
        while True:
            if not self._waiting and self._left:
                self._waiting = os.pread(self._handle, min(PIECE, self._left), self._at)
                self._at, self._left = self._at + len(self._waiting), self._left - len(self._waiting)
                if not self._waiting:
                    raise MemberError("damaged")
            if self._inflater is None:
                piece, self._waiting = self._waiting[:size], self._waiting[size:]
                return piece
            fed = bool(self._waiting)
            try:
                piece = bytes(self._inflater.decompress(self._waiting, max_length=size))
            except BROKEN as error:
                raise MemberError("damaged") from error
            self._waiting = bytes(self._inflater.unconsumed_tail)
            if piece or self._inflater.eof or not fed:
                return piece


def _bounded_inflate(packed: bytes, size: int) -> bytes:
    """Inflate to at most one byte more than the directory announced, so that a lying directory costs no memory."""
    inflater = isal_zlib.decompressobj(wbits=-15)
    try:
        return bytes(inflater.decompress(packed, max_length=size + 1))
    except BROKEN as error:
        raise MemberError("damaged") from error
