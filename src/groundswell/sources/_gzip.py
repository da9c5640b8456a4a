"""Reads gzip and tar.gz as a stream that cannot grow without end."""

import io
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from isal import igzip

from groundswell.sources._zip import MAX_MEMBER, MAX_RATIO, RATIO_FREE, MemberError

MAGIC = b"\x1f\x8b"


class _Bounded(io.RawIOBase):
    """A stream that stops with an error once it has given more than an honest file would."""

    def __init__(self, inner: Any, limit: int) -> None:
        self._inner, self._left = inner, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            piece = self._inner.read(len(buffer))
        except (OSError, EOFError) as error:
            raise MemberError("damaged or cut short") from error
        self._left -= len(piece)
        if self._left < 0:
            raise MemberError(f"packed more than {MAX_RATIO} times, as only a bomb is")
        buffer[: len(piece)] = piece
        return len(piece)


def open_gzip(path: Path) -> BinaryIO:
    """Inflated content of a .gz file as a stream; MemberError while reading if it is damaged or a bomb.

    Raises:
        OSError: the file cannot be opened.
    """
    limit = max(RATIO_FREE, path.stat().st_size * MAX_RATIO)
    inner: Any = igzip.open(path, "rb")  # type: ignore[no-untyped-call]
    return io.BufferedReader(_Bounded(inner, limit), 1 << 18)


def tar_members(path: Path, wanted: Callable[[str], bool]) -> Iterator[tuple[str, bytes]]:
    """Yield (name, content) of the wanted files of a tar.gz, in their order; nothing is unpacked to disk.

    Raises:
        MemberError: damaged, cut short, or a bomb; what came before it stands.
    """
    try:
        with open_gzip(path) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                if not member.isfile() or not wanted(member.name):
                    continue
                if member.size > MAX_MEMBER:
                    raise MemberError(f"larger than {MAX_MEMBER >> 20} MB")
                inside = tar.extractfile(member)
                yield member.name, inside.read(MAX_MEMBER) if inside else b""
    except (tarfile.TarError, OSError, EOFError, ValueError, OverflowError) as error:
        raise MemberError("damaged or cut short") from error
