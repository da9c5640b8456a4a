"""Reads a public Zulip archive, as JSON or as pages: one folder a stream, one file a topic, four fields a message."""

import re
from collections.abc import Iterable, Iterator
from itertools import islice, starmap
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export
from groundswell.sources import _words
from groundswell.sources._chat import NO_TIME, PERSON, Conversation, Who, hasher
from groundswell.sources._days import seconds_micros
from groundswell.sources._lines import head
from groundswell.sources._zip import MemberError, Reader, need_archive
from groundswell.sources._zulip_pages import FOLDER, posts_of, recognise_pages

INDEX = "stream_index.json"
STREAM = re.compile(r"^\d+-")
LOOKED_AT = 5
"""Folders that are opened to recognise an archive whose index is gone."""
TOPIC = re.compile(r"^(?:[^/]+/)?(\d+-[^/]*)/([^/]+)\.json$")
RESOLVED_IN_FILE = ".E2.9C.94.20"
"""How the archive spells the sign of a settled topic in a file's name."""


class Post(msgspec.Struct, gc=False):
    """All an archive keeps of a message."""

    id: int
    sender_full_name: str | None = ""
    timestamp: float | None = None
    content: str | None = ""


TOPIC_FILE = msgspec.json.Decoder(list[Post], strict=False)


def recognise_archive(path: Path) -> Export | None:
    """Take a folder with an index of streams, or with streams' own folders (their number, their name) of topics.

    Raises:
        OSError: a folder cannot be listed.
    """
    start = head(path / INDEX, 4_096)
    if b'"streams"' in start and (b'"topic_data"' in start or b'"latest_id"' in start):
        return Export("zulip", path)
    for folder in islice((f for f in path.iterdir() if STREAM.match(f.name) and f.is_dir()), LOOKED_AT):
        topic = next(folder.glob("*.json"), folder)
        if b'"sender_full_name"' in (start := head(topic, 65_536)) and b'"timestamp"' in start:
            return Export("zulip", path)
    return Export("zulip", path) if recognise_pages(path) else None


def read_archive(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Read every topic of every stream, pages only where there is no JSON; the archive's own tool takes public streams only."""
    archive = need_archive(export.path)
    rows = Conversation(door, "zulip")
    people = _Names(door)
    begun: set[int] = set()
    with archive.reading() as reader:
        names = sorted(archive.members)
        # A site holds its own JSON beside its pages, which round the time to minutes of a zone they do not name.
        exact = list(filter(None, map(TOPIC.match, names)))
        files = exact or list(filter(None, map(FOLDER.search, names)))
        for order, found in enumerate(files, 1):
            stream = found[1].partition("-")[0]
            where = f"{stream}: file {order}"  # the names of topics and streams are words somebody wrote
            topic = _Topic(stream, found[2].removeprefix(RESOLVED_IN_FILE), people, rows, door)
            for number, post in enumerate(_posts(reader, found.string, where, door), 1):
                opens = topic.thread not in begun
                begun.add(topic.thread)
                if not topic.add(post, opens=opens):
                    door.skip(NO_TIME, where=f"{where}#{number}")
                if rows.full:
                    yield from rows.flush()
    yield from rows.flush()


class _Topic:
    """A topic while it is read; one that was settled meanwhile lies in two files and is one thread."""

    def __init__(self, stream: str, name: str, people: "_Names", rows: Conversation, door: DoorLike) -> None:
        self.people = people
        self.rows = rows
        self.hashed = hasher(door, "zulip", "archive", stream)
        self.place = door.hashed("zulip", "archive", stream)
        self.thread = self.hashed(f"topic {name}")

    def add(self, post: Post, *, opens: bool) -> bool:
        """Add one message; False if its time is none."""
        called: list[Who] = []

        def mentioned(attributes: dict[str, str], shown: str) -> str:
            who = self.people[shown.removeprefix("@")]
            if "silent" not in attributes.get("class", ""):
                called.append(who)
            return who.shown

        text = _words.markup(post.content or "", mentioned)
        micros = seconds_micros(post.timestamp)
        who = self.people[post.sender_full_name or ""]
        key = self.hashed(f"message {post.id}")
        return self.rows.add(key, micros, micros, who, self.place, text, None, self.thread, opens, 0, called)


def _posts(reader: Reader, name: str, where: str, door: DoorLike) -> Iterable[Post]:
    if name.endswith(".html"):
        return starmap(Post, posts_of(reader, name, where, door))
    try:
        return TOPIC_FILE.decode(reader.read(name))
    except MemberError as error:
        door.skip("topic that is damaged", where=f"{where}: {error}")
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        door.skip("topic that is damaged", where=f"{where}: not a list of messages")
    return []


class _Names(dict[str, Who]):
    """Display name -> who that is: an archive knows nothing else."""

    def __init__(self, door: DoorLike) -> None:
        super().__init__()
        self._door = door

    def __missing__(self, name: str) -> Who:
        kind = self._door.kind(name=name).value
        native = f"zulip:archive:{name}" if name else ""
        actor = self._door.person(name=name, native=native) if kind == PERSON else self._door.person(native=native)
        self[name] = Who(actor, kind, "@" if kind == PERSON else f"@{name}")
        return self[name]
