"""What people wrote in the public channels of a Mattermost server, from its bulk export."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from groundswell.errors import InputError
from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family
from groundswell.sources import _words
from groundswell.sources._chat import BOT, NO_TIME, NOBODY, PERSON, Conversation, Who, hasher
from groundswell.sources._lines import bounded, head
from groundswell.sources._zip import Archive, MemberError, open_archive

CALLED = re.compile(r"(?<![\w@.])@([a-z0-9](?:[a-z0-9._-]*[a-z0-9_-])?)", re.IGNORECASE)
OPEN = "O"
START = re.compile(rb'^\s*\{\s*"type"\s*:\s*"(version|scheme|info|role)"')
BAD_LINE = "line that is not the record expected"


class Reaction(msgspec.Struct, gc=False):
    """Who reacted."""

    user: str | None = ""


class Post(msgspec.Struct, gc=False):
    """A post or a reply; attachments and flags are skipped undecoded."""

    team: str | None = ""
    channel: str | None = ""
    user: str | None = ""
    message: str | None = ""
    type: str | None = ""
    create_at: int | None = None
    edit_at: int | None = None
    props: dict[str, msgspec.Raw] | None = None
    replies: "list[Post] | None" = None
    reactions: list[Reaction] | None = None


class Channel(msgspec.Struct, gc=False):
    """A channel; type O is open to all, P is not."""

    team: str | None = ""
    name: str | None = ""
    type: str | None = ""


class Membership(msgspec.Struct, gc=False):
    """A channel somebody is in."""

    name: str | None = ""


class Team(msgspec.Struct, gc=False):
    """A team somebody is in."""

    name: str | None = ""
    channels: list[Membership] | None = None


class User(msgspec.Struct, gc=False):
    """A user or a bot."""

    username: str | None = ""
    email: str | None = ""
    first_name: str | None = ""
    last_name: str | None = ""
    teams: list[Team] | None = None


class Direct(msgspec.Struct, gc=False):
    """A direct post: counted, its words never decoded."""

    replies: list[msgspec.Raw] | None = None


class Line(msgspec.Struct, gc=False):
    """One line of the export, under its own type."""

    type: str = ""
    channel: Channel | None = None
    user: User | None = None
    bot: User | None = None
    post: Post | None = None
    direct_post: Direct | None = None


def recognise(path: Path) -> Export | None:
    """Take JSON lines that begin with the export's version, or a zip that holds such a file at its top."""
    start = head(path, 4_096)
    if START.match(start.removeprefix(b"\xef\xbb\xbf")):
        return Export("mattermost", path) if b'"version"' in start or b'"scheme"' in start else None
    archive = open_archive(path) if start.startswith(b"PK") else None
    name = _lines_of(archive) if archive else ""
    if not archive or not name:
        return None
    try:
        with archive.reading() as reader:
            start = reader.stream(name).read(4_096)
    except (MemberError, InputError):
        return None
    return Export("mattermost", path) if START.match(start) else None


def _lines_of(archive: Archive) -> str:
    """The one file of JSON lines at a zip's top; "" if there is none or a choice."""
    found = [name for name in archive.members if name.endswith(".jsonl") and "/" not in name]
    return found[0] if len(found) == 1 else ""


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Read the file once; users and channels stand before the posts.

    Raises:
        InputError: the file cannot be opened.
    """
    rows = Conversation(door, "mattermost")
    server = _Server(rows, door)
    decode = msgspec.json.Decoder(Line, strict=False).decode
    number = 0
    try:
        with _opened(export.path) as stream:
            for number, raw in bounded(stream.readline):
                where = f"{export.path.name}:{number}"
                try:
                    line = decode(raw) if raw is not None else None
                except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                    line = None
                if line is None:
                    door.skip(BAD_LINE, where=where)
                else:
                    server.take(line, where)
                if rows.full:
                    yield from rows.flush()
    except MemberError as error:
        door.skip("rest of a file that is damaged", where=f"{export.path.name}:{number}: {error}")
    yield from rows.flush()


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    archive = open_archive(path) if head(path, 2) == b"PK" else None
    if archive:
        with archive.reading() as reader, reader.stream(_lines_of(archive)) as stream:
            yield stream
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise InputError(path.name, "the file cannot be opened", remedy="Check that it exists and may be read") from error
    with stream:
        yield stream


class _Room:
    """An open channel while it is read."""

    def __init__(self, door: DoorLike, team: str, name: str, members: int) -> None:
        self.place = door.hashed("mattermost", "channel", team, name)
        self.hashed = hasher(door, "mattermost", team, name)
        self.readers = members or None


class _Server:
    """Turns lines into rows, keeping users and channels as they come."""

    def __init__(self, rows: Conversation, door: DoorLike) -> None:
        self.rows = rows
        self.door = door
        self.people: dict[str, Who] = {}
        self.types: dict[tuple[str, str], str] = {}
        self.members: Counter[tuple[str, str]] = Counter()
        self.rooms: dict[tuple[str, str], _Room] = {}

    def take(self, line: Line, where: str) -> None:
        """Add what one line holds."""
        if line.post is not None:
            self._post(line.post, where)
        elif line.direct_post is not None:
            self.door.refuse("direct or group message", n=1 + len(line.direct_post.replies or ()))
        elif line.channel is not None:
            self.types[line.channel.team or "", line.channel.name or ""] = line.channel.type or ""
        elif line.user is not None:
            self._user(line.user)
        elif line.bot is not None and line.bot.username:
            self.people[line.bot.username] = Who(self._pseudonym(line.bot), BOT, f"@{line.bot.username}")

    def _pseudonym(self, user: User) -> int:
        name = f"{user.first_name or ''} {user.last_name or ''}"
        return self.door.person(email=user.email or "", name=name, native=f"mattermost:{user.username}")

    def _user(self, user: User) -> None:
        if not user.username:
            return
        kind = self.door.kind(email=user.email or "", login=user.username).value
        shown = "@" if kind == PERSON else f"@{user.username}"
        if user.username not in self.people:
            self.people[user.username] = Who(self._pseudonym(user), kind, shown)
        for team in user.teams or ():
            self.members.update((team.name or "", channel.name or "") for channel in team.channels or ())

    def _post(self, post: Post, where: str) -> None:
        key = (post.team or "", post.channel or "")
        if self.types.get(key) != OPEN:
            reason = "message of a private channel" if key in self.types else "message of a channel the export does not list"
            self.door.refuse(reason, n=1 + len(post.replies or ()))
            return
        room = self.rooms.get(key)
        if room is None:
            room = self.rooms[key] = _Room(self.door, *key, self.members[key])
        opener = self._who(post)
        thread = room.hashed(f"thread {post.create_at} {post.user}") if post.replies else 0
        self._message(post, room, opener, thread, bool(thread), 0, where)
        for reply in post.replies or ():
            self._message(reply, room, self._who(reply), thread, False, opener.person, where)

    def _who(self, post: Post) -> Who:
        """Author; a webhook speaks under the name of whoever set it up, and is not that person."""
        who = self._named(post.user or "")
        relayed = post.props and any(bytes(post.props.get(name, b"")).strip(b'"') == b"true" for name in FROM_SOFTWARE)
        return Who(who.actor, BOT) if relayed and who.kind == PERSON else who

    def _named(self, username: str) -> Who:
        if not username:
            return NOBODY
        if username not in self.people:
            self._user(User(username=username))
        return self.people[username]

    def _message(self, post: Post, room: _Room, who: Who, thread: int, opens: bool, reply_to: int, where: str) -> None:
        if (post.type or "").startswith("system_"):
            self.door.skip("notice of the software, such as somebody joining")
            return
        called: list[Who] = []
        text = _words.markdown(post.message or "")
        if "@" in text:
            text = CALLED.sub(lambda found: self._called(found, called), text)
        reactors = [self._named(reaction.user or "") for reaction in post.reactions or ()]
        micros = (post.create_at or 0) * 1000
        version = max(micros, min((post.edit_at or 0) * 1000, micros + FAR)) + min(len(reactors), 999)
        key = room.hashed(f"{post.create_at} {post.user}")
        taken = self.rows.add(
            key, version, micros, who, room.place, text, room.readers, thread, opens, reply_to, called, reactors
        )
        if not taken:
            self.door.skip(NO_TIME, where=where)

    def _called(self, found: re.Match[str], called: list[Who]) -> str:
        """A known user is somebody addressed; any other @word is a word."""
        who = self.people.get(found[1].lower())
        if who is None:
            return found[0]
        called.append(who)
        return who.shown


FROM_SOFTWARE = ("from_webhook", "from_bot", "from_plugin")
FAR = 20 * 365 * 86_400 * 1_000_000
"""Microseconds: an edit more than twenty years after its message is a broken number."""

SOURCE = Source(
    name="mattermost",
    title="Mattermost bulk export",
    family=Family.CHAT,
    fields=(
        "channel: team, name, type",
        "user: username, email, first_name, last_name, teams.channels",
        "post and replies: team, channel, user, message, create_at, edit_at, type, props, reactions.user",
    ),
    shows=(
        "what people said about AI in open channels, and in threads how others took it up",
        "who answered, addressed or reacted to whom",
        "messages of any topic, against which shares are taken",
    ),
    never=(
        "direct and group messages and private channels: refused even where the export holds them",
        "deleted posts and what a post said before it was edited",
        "who read a message and said nothing",
    ),
    traps=(
        "a post has no id: its channel, author and millisecond stand for it",
        "people are usernames: a rename splits a person unless the address joins the two",
        "webhooks speak under the name of whoever set them up; props tell them apart",
        "converters split posts with more than five attachments into extra replies",
        "a username here is not a login elsewhere",
    ),
    recognise=recognise,
    read=read,
)
