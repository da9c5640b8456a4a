"""Cuts a mailbox into its mails, in bounded memory and at the speed of a search."""

import re
from collections.abc import Callable, Iterator

from groundswell.model.source import DoorLike

FROM_LINE = re.compile(rb"From (\S+|\S+ at \S+)\s+\S.*\d\d:\d\d.*\d{4}")
VAULT_LINE = re.compile(rb"From ([\w-]{1,100}?)-MBI-[A-Z_]{1,30}:\S+\s")
"""How Google Vault begins a conversation of Chat: the space's id, then the kind of conversation and the time it begins."""
MAX_HEAD = 256 << 10
"""Bytes of headers: a mail past that is an attack on its reader; what follows is passed over."""
MAX_BODY = 512 << 10
"""Bytes of a body that are held: words stand before attachments."""
PIECE = 1 << 20
"""Bytes searched at a time for where a mail begins."""
FROM_BYTES = 400
"""Bytes of a line "From ", and of an empty line before it, at most."""
EMPTY_LINE = re.compile(rb"\n[ \t\r\f\v]{0,99}\n")


def mails(
    where: str, read: Callable[[int], bytes], door: DoorLike, *, one: bool = False, most: int = MAX_BODY
) -> Iterator[tuple[bytes, bytes]]:
    """Cut a stream into (headers, body), each bounded; a line "From " after an empty one begins the next mail.

    The stream is searched a piece at a time: to take each line by itself takes three times as long.

    Args:
        where: name of the file, to say where headers are too long.
        read: gives the next bytes of the stream, at most as many as asked for, none at its end.
        door: told of headers too long.
        one: the stream is one mail.
        most: bytes of a body that are held.
    """
    mail, seen = _Held(most), 0
    waiting = read(PIECE) if one else b"\n\n" + read(PIECE)
    while waiting:
        more = read(PIECE)
        # The last bytes wait for the next piece: they may hold the start of a line "From ", and the line before the next one.
        limit = len(waiting) - FROM_BYTES if more else len(waiting)
        at = 0
        while not one and (end := _next_from(waiting, max(at, seen), limit)) >= 0:
            mail.add(waiting[at:end])
            yield from mail.parts(where, door)
            mail, at = _Held(most), waiting.find(b"\n", end) + 1 or min(len(waiting), end + FROM_BYTES)
        kept = max(at, limit - FROM_BYTES) if more else len(waiting)
        mail.add(waiting[at:kept])
        waiting, seen = waiting[kept:] + more, max(0, limit - kept)
    yield from mail.parts(where, door)


def _next_from(waiting: bytes, at: int, limit: int) -> int:
    """Where, before `limit`, a line "From " begins that stands after an empty one; -1 if nowhere."""
    while 0 <= (found := waiting.find(b"\nFrom ", at)) < limit:
        line = waiting.rfind(b"\n", max(0, found - FROM_BYTES), found) + 1
        if (line or found < FROM_BYTES) and not waiting[line:found].strip() and FROM_LINE.match(waiting, found + 1, found + 300):
            return found + 1
        at = found + 1
    return -1


class _Held:
    """What is held of one mail while it comes in pieces."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._head: list[bytes] = []
        self._body: list[bytes] = []
        self._sizes = [0, 0]
        self._edge = b"\n"
        self._inside = False

    def add(self, piece: bytes) -> None:
        """Take the next bytes; what is past the bounds is dropped."""
        if not self._inside:
            near = self._edge + piece
            found = EMPTY_LINE.search(near)
            # An empty line may begin in the piece before.
            ends = len(piece) if found is None else max(0, found.start() + 1 - len(self._edge))
            self._keep(self._head, 0, piece[:ends], MAX_HEAD)
            self._edge = near[-FROM_BYTES:]
            self._inside = found is not None
            piece = near[found.end() :] if found else b""
        self._keep(self._body, 1, piece, self._most)

    def _keep(self, pile: list[bytes], kind: int, piece: bytes, limit: int) -> None:
        if piece and self._sizes[kind] < limit:
            pile.append(piece[: limit - self._sizes[kind]])
        self._sizes[kind] += len(piece)

    def parts(self, where: str, door: DoorLike) -> Iterator[tuple[bytes, bytes]]:
        """Headers and body, as they were before an mbox took them in; nothing for an empty mail."""
        if self._sizes[0] > MAX_HEAD:
            door.skip("headers too long to be a mail's; the rest of them is not read", where=where)
        head, body = b"".join(self._head), b"\n" + b"".join(self._body)
        if head.strip():
            yield head.rstrip() + b"\n", body.replace(b"\n>From ", b"\nFrom ")[1:]
