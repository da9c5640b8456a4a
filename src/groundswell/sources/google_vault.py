"""What people wrote in Google Chat spaces that are open to all, from an export of Google Vault beside the list of spaces."""

import html
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family
from groundswell.sources import _words
from groundswell.sources._chat import BOT, NO_TIME, NOBODY, PERSON, Conversation, Who, hasher
from groundswell.sources._days import to_micros
from groundswell.sources._google_spaces import CLOSED, open_spaces, written_date
from groundswell.sources._lines import head
from groundswell.sources._mail import page
from groundswell.sources._mailbox import VAULT_LINE, mails
from groundswell.sources._zip import Archive, MemberError, Reader, need_archive, open_archive

MESSAGE_ID = re.compile(rb"^Message-ID:\s*<?([\w-]{1,100}?)-MBI-", re.IGNORECASE | re.MULTILINE)
STARTS = re.compile(r'<div data-id="([^"<>]{1,200})"[^<>]*>')
"""Where a message begins on the page of a conversation, with its id."""
HEADING = re.compile(r"<span[^<>]*>([^<>]{0,300})</span>([^<>]{5,100})</div>")
"""Author and time of a message; a line that counts its answers may stand before it."""
WORDS = re.compile(r"\s*<div[^<>]*>((?:[^<]|<(?!/?div\b))*)")
"""What follows the heading: the words, then names of files and previews, which are not read."""
RELAYED = re.compile(r"\A\s*\* Via User[^\n]*\n?")
MAX_CONVERSATION = 16 << 20
"""Bytes of one conversation that are held: its page stands before the files sent in it."""
LOOKED_AT = 20
"""Files of a folder that are opened to recognise it."""


def recognise(path: Path) -> Export | None:
    """Take a folder with a mailbox or a zip of mailboxes that Vault wrote, or such a file by itself."""
    try:
        if path.is_dir():
            inside = sorted(f for f in path.iterdir() if f.suffix in (".mbox", ".zip"))[:LOOKED_AT]
            return Export("google_vault", path) if any(map(_is_vault, inside)) else None
    except (OSError, ValueError):
        return None
    return Export("google_vault", path) if _is_vault(path) else None


def _is_vault(path: Path) -> bool:
    start = head(path, 400)
    if not start.startswith(b"PK"):
        return bool(VAULT_LINE.match(start))
    archive = open_archive(path)
    if archive is None:
        return False
    with archive.reading() as reader:
        return any(VAULT_LINE.match(_start(reader, name)) for name in islice(_mailboxes(archive), LOOKED_AT))


def _start(reader: Reader, name: str) -> bytes:
    try:
        with reader.stream(name) as stream:
            return stream.read(400)
    except MemberError:
        return b""


def _mailboxes(archive: Archive) -> Iterator[str]:
    return (name for name in sorted(archive.members) if name.endswith(".mbox"))


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Read the conversations of spaces that the list of spaces calls discoverable; every other one is refused undecoded.

    The file of metadata in XML is never opened: a conversation names its space itself.

    Raises:
        InputError: the folder cannot be opened.
    """
    rows = Conversation(door, "google_vault")
    public, paths = set[str](), [export.path]
    if export.path.is_dir():
        folder = need_archive(export.path)
        with folder.reading() as reader:
            public = open_spaces(folder, reader, door)
        paths = [export.path / name for name in sorted(folder.members) if name.endswith((".mbox", ".zip"))]
    spaces = _Spaces(public, rows, door)
    for order, stream in enumerate(_streams(paths, export.path.name, door), 1):
        where = f"{export.path.name}: file {order}"  # the names of files are words somebody wrote
        try:
            with stream:
                for number, (headers, body) in enumerate(mails(where, stream.read, door, most=MAX_CONVERSATION), 1):
                    spaces.take(headers, body, f"{where}, conversation {number}")
                    if rows.full:
                        yield from rows.flush()
        except MemberError as error:
            door.skip("rest of a file that is damaged", where=f"{where}: {error}")
    yield from rows.flush()


def _streams(paths: list[Path], where: str, door: DoorLike) -> Iterator[BinaryIO]:
    """Every mailbox, by itself or in a zip."""
    for path in paths:
        try:
            if head(path, 2) != b"PK":
                yield path.open("rb")
            elif packed := open_archive(path):
                with packed.reading() as inside:
                    for member in _mailboxes(packed):
                        yield inside.stream(member)
        except (OSError, MemberError) as error:
            door.skip(
                "rest of a file that is damaged",
                where=f"{where}: {error if isinstance(error, MemberError) else 'cannot be opened'}",
            )


class _Spaces:
    """Turns conversations into rows, space by space."""

    def __init__(self, public: set[str], rows: Conversation, door: DoorLike) -> None:
        self.public = public
        self.rows = rows
        self.door = door
        self.people: dict[str, Who] = {}

    def take(self, headers: bytes, body: bytes, where: str) -> None:
        """Add the messages of one conversation, or refuse it unread."""
        found = MESSAGE_ID.search(headers)
        space = found[1].decode("ascii", "replace") if found else ""
        if space not in self.public:
            self.door.refuse(CLOSED)
            return
        shown = page(headers, body)
        starts = list(STARTS.finditer(shown))
        if not starts:
            self.door.skip("conversation without a message", where=where)
        hashed, place = hasher(self.door, "google_vault", space), self.door.hashed("google_vault", "space", space)
        for number, start in enumerate(starts, 1):
            end = starts[number].start() if number < len(starts) else len(shown)
            heading = HEADING.search(shown, start.end(), min(end, start.end() + 4_000))
            if heading is None:
                self.door.skip("message of an unexpected shape", where=f"{where}#{number}")
            elif not self._add(hashed(start[1]), place, heading, WORDS.match(shown, heading.end(), end)):
                self.door.skip(NO_TIME, where=f"{where}#{number}")

    def _add(self, key: int, place: int, heading: re.Match[str], words: re.Match[str] | None) -> bool:
        moment = written_date(html.unescape(heading[2]))
        if moment is None:
            return False
        text = _words.markup(words[1] if words else "", lambda _, shown: shown)
        micros = to_micros(moment)
        return self.rows.add(key, micros, micros, self.who(html.unescape(heading[1]).strip()), place, RELAYED.sub("", text))

    def who(self, shown: str) -> Who:
        """Who a heading names: people by their address, software by a name."""
        if shown not in self.people:
            self.people[shown] = self._meet(shown)
        return self.people[shown]

    def _meet(self, shown: str) -> Who:
        if not shown:
            return NOBODY
        if "@" in shown:
            return Who(self.door.person(email=shown), self.door.kind(email=shown).value)
        kind = self.door.kind(name=shown).value
        return Who(self.door.person(native=f"chat:{shown}"), BOT if kind == PERSON else kind)


SOURCE = Source(
    name="google_vault",
    title="Google Chat (Vault)",
    family=Family.CHAT,
    fields=(
        "Message-ID: the space",
        "page of a conversation: data-id, author, time, words",
        "spaces.json: name, accessSettings.accessState",
    ),
    shows=(
        "what people said about AI in open spaces of the organisation",
        "messages of any topic, against which shares are taken",
    ),
    never=(
        "direct messages, group chats and spaces not known to be open: refused even where the export holds them",
        "who answered, addressed or reacted to whom",
        "files, previews and names of files",
    ),
    traps=(
        "an export does not say which spaces are open: without the list of spaces beside it, all are refused",
        "a search gives half a day of messages around each hit: take everything of a period, or shares mean nothing",
        "the same message may stand in several conversations; it counts once",
        "a Takeout of the same space tells the same messages under other ids: give one of the two",
        "the page is read as one public reader found it in 2022 to 2024; a new layout is counted, not guessed",
    ),
    recognise=recognise,
    read=read,
)
