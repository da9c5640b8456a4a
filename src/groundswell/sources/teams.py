"""What people wrote in standard channels of Microsoft Teams, from the JSON its Graph interface gives."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family
from groundswell.sources import _words
from groundswell.sources._chat import BOT, NO_TIME, NOBODY, PERSON, Conversation, Who, hasher
from groundswell.sources._days import instant, to_micros
from groundswell.sources._lines import MAX_LINE, head
from groundswell.sources._zip import Archive, MemberError, Reader, need_archive, open_archive
from groundswell.sources._zip_directory import Directory

JSON_FILE = re.compile(r"\.(json|jsonl|ndjson)$")
MESSAGE_MARKS = (b'"messageType"', b'"createdDateTime"')
CHANNEL_MARK = b'"membershipType"'
STANDARD = "standard"
OUTSIDE = frozenset({"federatedUser", "anonymousGuest", "skypeUser", "phoneUser", "emailUser"})
LOOKED_AT = 20
"""Files of a folder that are opened to recognise it."""
BROKEN = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Identity(msgspec.Struct, gc=False, rename="camel"):
    """A user, an application or a device."""

    id: str | None = ""
    display_name: str | None = ""
    user_identity_type: str | None = ""


class Sender(msgspec.Struct, gc=False):
    """Who sent, reacted or is mentioned."""

    user: Identity | None = None
    application: Identity | None = None


class Body(msgspec.Struct, gc=False, rename="camel"):
    """The words, in HTML or plain."""

    content: str | None = ""
    content_type: str | None = ""


class Place(msgspec.Struct, gc=False, rename="camel"):
    """The channel of a message."""

    channel_id: str | None = ""


class Mention(msgspec.Struct, gc=False, rename="camel"):
    """Somebody addressed, by the number that stands in the body."""

    id: int | str | None = None
    mentioned: Sender | None = None


class Reaction(msgspec.Struct, gc=False):
    """Who reacted."""

    user: Sender | None = None


class Item(msgspec.Struct, gc=False, rename="camel"):
    """A message or a channel; attachments, hosted content and former versions are skipped undecoded."""

    id: str | None = ""
    membership_type: str | None = ""
    message_type: str | None = ""
    chat_id: str | None = None
    channel_identity: Place | None = None
    reply_to_id: str | None = None
    created_date_time: str | None = ""
    last_edited_date_time: str | None = None
    deleted_date_time: str | None = None
    sender: Sender | None = msgspec.field(default=None, name="from")
    body: Body | None = None
    mentions: list[Mention] | None = None
    reactions: list[Reaction] | None = None
    replies: list[msgspec.Raw] | None = None


class Answer(msgspec.Struct, gc=False):
    """One page of Graph's answer."""

    value: list[msgspec.Raw]


def recognise(path: Path) -> Export | None:
    """Take a file of chat messages, a folder that holds some, or a zip that does."""
    start = head(path)
    if start and not start.startswith(b"PK"):
        return Export("teams", path) if _is_messages(start) else None
    try:
        if path.is_dir():
            files = sorted(f for f in path.iterdir() if JSON_FILE.search(f.name))[:LOOKED_AT]
            return Export("teams", path) if any(_is_messages(head(f)) for f in files) else None
    except (OSError, ValueError):
        return None
    archive = open_archive(path) if start else None
    if archive is None:
        return None
    names = [n for n in sorted(archive.members) if JSON_FILE.search(n) and n.count("/") <= 1][:LOOKED_AT]
    with archive.reading() as reader:
        return Export("teams", path) if any(_is_messages(_start(reader, name)) for name in names) else None


def _is_messages(start: bytes) -> bool:
    plain = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    return plain.startswith((b"{", b"[")) and all(mark in start for mark in MESSAGE_MARKS) and b'"body"' in start


def _start(reader: Reader, name: str) -> bytes:
    try:
        with reader.stream(name) as stream:
            return stream.read(65_536)
    except MemberError:
        return b""


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Read the messages of channels a list of channels calls standard; every other message is refused.

    Every file is decoded twice, since answers come newest first: once for channels and for who began each thread.

    Raises:
        InputError: the folder or zip cannot be opened.
    """
    path = export.path
    single = path.is_file() and head(path, 2) != b"PK"
    archive = Archive(path.parent, Directory.of(path.name)) if single else need_archive(path)
    names = [name for name in sorted(archive.members) if single or JSON_FILE.search(name)]
    rows = Conversation(door, "teams")
    with archive.reading() as reader:
        team = _Channels(rows, door)
        for name in names:
            for _, item in _items(reader, name, None):
                team.learn(item)
        for order, name in enumerate(names, 1):
            for number, item in _items(reader, name, door):
                team.take(item, f"file {order} ({name})#{number}" if single else f"{name}#{number}")
                if rows.full:
                    yield from rows.flush()
    yield from rows.flush()


def _items(reader: Reader, name: str, door: DoorLike | None) -> Iterator[tuple[int, Item]]:
    """Messages and channels of one file, replies after what they answer; what is broken is told to the door, if given."""
    try:
        content = reader.read(name).removeprefix(b"\xef\xbb\xbf")
        raws = _raws(content)
    except (*BROKEN, MemberError) as error:
        if door:
            door.skip("file that is damaged", where=f"{name}: {error}" if isinstance(error, MemberError) else name)
        return
    for number, raw in enumerate(raws, 1):
        pile = [raw]
        while pile:
            try:
                item = ITEM.decode(pile.pop())
            except BROKEN:
                if door:
                    door.skip("message of an unexpected shape", where=f"{name}#{number}")
                continue
            pile += item.replies or ()
            yield number, item


def _raws(content: bytes) -> list[msgspec.Raw]:
    """Items of a page, of a list, or of lines."""
    if content.lstrip().startswith(b"["):
        return msgspec.json.decode(content, type=list[msgspec.Raw])
    try:
        return msgspec.json.decode(content, type=Answer).value
    except msgspec.DecodeError:
        lines = [line for line in content.splitlines() if line.strip() and len(line) < MAX_LINE]
        if len(lines) < 2 and not all(mark in content for mark in MESSAGE_MARKS):
            raise
        return [msgspec.Raw(line) for line in lines]


ITEM = msgspec.json.Decoder(Item, strict=False)


class _Channels:
    """Channels, the people in them, and messages turned into rows."""

    def __init__(self, rows: Conversation, door: DoorLike) -> None:
        self.rows = rows
        self.door = door
        self.hashed = hasher(door, "teams")
        self.types: dict[str, str] = {}
        self.openers: dict[int, Who] = {}
        self.people: dict[str, Who] = {}

    def learn(self, item: Item) -> None:
        """Remember a channel's type, and who began a thread."""
        if item.membership_type and item.id:
            self.types[item.id] = item.membership_type
        elif item.id and not item.reply_to_id and (channel := _channel(item)):
            self.openers[self.hashed(f"{channel} {item.id}")] = self.who(item.sender)

    def take(self, item: Item, where: str) -> None:
        """Add one message, or count why not."""
        if item.membership_type:
            return
        reason = self._refused(item)
        who = self.who(item.sender)
        if reason:
            self.door.refuse(reason)
        elif (item.message_type or "message") != "message" or not item.id:
            self.door.skip("notice of the software, such as somebody joining")
        elif item.deleted_date_time:
            self.door.skip("message its author deleted")
        elif who.outside:
            self.door.refuse("message of another company, through a shared channel")
        elif not self._add(item, who, _channel(item)):
            self.door.skip(NO_TIME, where=where)

    def _refused(self, item: Item) -> str:
        channel = _channel(item)
        if not channel:
            return "direct or group message"
        if channel not in self.types:
            return "message of a channel not known to be standard: put the list of channels beside the messages"
        return "" if self.types[channel] == STANDARD else "message of a private or shared channel"

    def _add(self, item: Item, who: Who, channel: str) -> bool:
        moment = instant(item.created_date_time or "")
        if moment is None:
            return False
        called: list[Who] = []
        addressed = {str(m.id): self.who(m.mentioned) for m in item.mentions or ()}

        def mentioned(attributes: dict[str, str], _: str) -> str:
            called.append(addressed.get(attributes.get("id", ""), NOBODY))
            return called[-1].shown

        body = item.body or Body()
        text = _words.markup(body.content or "", mentioned) if body.content_type == "html" else (body.content or "").strip()
        reactors = [self.who(reaction.user) for reaction in item.reactions or ()]
        micros = to_micros(moment)
        edited = instant(item.last_edited_date_time or "")
        version = max(micros, to_micros(edited) if edited else 0) + min(len(reactors), 999)
        thread = self.hashed(f"{channel} {item.reply_to_id or item.id}")
        reply_to = self.openers.get(thread, NOBODY).person if item.reply_to_id else 0
        key, place = self.hashed(f"message {channel} {item.id}"), self.hashed(f"channel {channel}")
        opens = not item.reply_to_id
        return self.rows.add(key, version, micros, who, place, text, None, thread, opens, reply_to, called, reactors)

    def who(self, sender: Sender | None) -> Who:
        """Who that is; an application is a bot, or the agent its name tells."""
        if sender is None or (sender.user is None and sender.application is None):
            return NOBODY
        identity = sender.user or sender.application or Identity()
        if not identity.id:
            return NOBODY
        if identity.id not in self.people:
            self.people[identity.id] = self._meet(identity, human=sender.user is not None)
        return self.people[identity.id]

    def _meet(self, identity: Identity, *, human: bool) -> Who:
        name = identity.display_name or ""
        kind = self.door.kind(name=name).value
        native = f"aad:{identity.id}"
        if not human or kind != PERSON:
            return Who(self.door.person(native=native), BOT if kind == PERSON else kind, f"@{name}" if name else "@bot")
        outside = identity.user_identity_type in OUTSIDE
        return Who(0 if outside else self.door.person(name=name, native=native), PERSON, "@", outside)


def _channel(item: Item) -> str:
    """Id of the channel; "" for a chat, which is never public."""
    return (item.channel_identity.channel_id or "") if item.channel_identity and not item.chat_id else ""


SOURCE = Source(
    name="teams",
    title="Microsoft Teams channel messages",
    family=Family.CHAT,
    fields=(
        "channels: id, membershipType",
        "messages: id, replyToId, messageType, createdDateTime, lastEditedDateTime, deletedDateTime, channelIdentity, from, body",
        "mentions, reactions",
    ),
    shows=(
        "what people said about AI in standard channels, and in threads how others took it up",
        "who answered, addressed or reacted to whom",
        "messages of any topic, against which shares are taken",
    ),
    never=(
        "chats, private and shared channels: refused even where the export holds them",
        "what a message said before it was edited, or after it was deleted",
        "who read a message and said nothing",
    ),
    traps=(
        "a message does not say whether its channel is open: without the list of channels beside it, it is refused",
        "a standard channel is open to its team only; a team itself may be closed",
        "a message's id is unique only inside its channel",
        "answers come newest first, so an answer stands before what it answers",
        "people are directory ids and display names; an address is needed to find them in the org chart",
    ),
    recognise=recognise,
    read=read,
)
