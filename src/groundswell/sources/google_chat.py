"""What people wrote in Google Chat spaces that are open to all, from an account's Takeout beside the list of spaces."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family
from groundswell.sources import _words
from groundswell.sources._chat import NO_TIME, NOBODY, PERSON, Conversation, Who, hasher
from groundswell.sources._days import to_micros
from groundswell.sources._google_spaces import BROKEN, CLOSED, open_spaces, written_date
from groundswell.sources._lines import head
from groundswell.sources._zip import MemberError, Reader, need_archive, open_archive

MESSAGES = re.compile(r"^(?:.*/)?Groups/((?:Space|DM) [^/]+)/messages(?:\(\d+\))?\.json$")
CALLED = re.compile(r"(?<![\w.])@(\w+(?: \w+){0,3})")


class Creator(msgspec.Struct, gc=False):
    """An author."""

    name: str | None = ""
    email: str | None = ""
    user_type: str | None = ""


class Post(msgspec.Struct, gc=False):
    """A message; attachments and previews are skipped undecoded."""

    creator: Creator | None = None
    created_date: str | None = ""
    updated_date: str | None = None
    text: str | None = ""
    topic_id: str | None = ""
    message_id: str | None = ""


class Page(msgspec.Struct, gc=False):
    """One file of messages, each decoded on its own."""

    messages: list[msgspec.Raw] = []


class Group(msgspec.Struct, gc=False):
    """A space's members."""

    members: list[Creator] = []


POST = msgspec.json.Decoder(Post, strict=False)


def recognise(path: Path) -> Export | None:
    """Take a folder or zip with Takeout's folders of spaces and direct messages."""
    try:
        if path.is_dir():
            places = (path / "Groups", path / "Google Chat" / "Groups", path / "Takeout" / "Google Chat" / "Groups")
            found = any(any(p.glob(f"{kind} */messages*.json")) for p in places for kind in ("Space", "DM"))
            return Export("google_chat", path) if found else None
    except (OSError, ValueError):
        return None
    archive = open_archive(path) if head(path, 2) == b"PK" else None
    if archive is None or not any(MESSAGES.match(name) for name in archive.members):
        return None
    return Export("google_chat", path)


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Read the spaces that the list of spaces calls discoverable; direct messages and every other space are refused.

    Raises:
        InputError: the folder or zip cannot be opened.
    """
    archive = need_archive(export.path)
    rows = Conversation(door, "google_chat")
    with archive.reading() as reader:
        public = open_spaces(archive, reader, door)
        files = [found for name in sorted(archive.members) if (found := MESSAGES.match(name))]
        for order, found in enumerate(files, 1):
            kind, _, native = found[1].partition(" ")
            if kind == "DM" or native not in public:
                door.refuse("file of direct messages" if kind == "DM" else CLOSED)
                continue
            space = _Space(native, _members(reader, found[0]), rows, door)
            where = f"{export.path.name}: file {order}"
            for number, raw in enumerate(_page(reader, found[0], where, door), 1):
                space.take(raw, f"{where}#{number}")
                if rows.full:
                    yield from rows.flush()
    yield from rows.flush()


def _members(reader: Reader, name: str) -> list[Creator]:
    """Members of the space a file belongs to; empty if they are not told."""
    try:
        facts = reader.read(f"{name.rsplit('/', 1)[0]}/group_info.json")
        return msgspec.json.decode(facts, type=Group, strict=False).members
    except (*BROKEN, MemberError):
        return []


def _page(reader: Reader, name: str, where: str, door: DoorLike) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(reader.read(name), type=Page).messages
    except MemberError as error:
        door.skip("file of messages that is damaged", where=f"{where}: {error}")
    except BROKEN:
        door.skip("file of messages that is damaged", where=f"{where}: not the JSON expected")
    return []


class _Space:
    """An open space while it is read."""

    def __init__(self, native: str, members: list[Creator], rows: Conversation, door: DoorLike) -> None:
        self.rows = rows
        self.door = door
        self.place = door.hashed("google_chat", "space", native)
        self.hashed = hasher(door, "google_chat", native)
        self.readers = len(members) or None
        self.openers: dict[str, Who] = {}
        self.names = {member.name: member for member in members if member.name}

    def take(self, raw: msgspec.Raw, where: str) -> None:
        """Add one message, or count why not."""
        try:
            post = POST.decode(raw)
        except BROKEN:
            self.door.skip("message of an unexpected shape", where=where)
            return
        moment = written_date(post.created_date or "")
        if moment is None:
            self.door.skip("message whose date is in a language that is not read, or none", where=where)
            return
        who = self.who(post.creator)
        topic = post.topic_id or ""
        opens = bool(topic) and topic not in self.openers
        opener = self.openers.setdefault(topic, who) if topic else NOBODY
        called: list[Who] = []
        text = CALLED.sub(lambda found: self._called(found, called), _words.markdown(post.text or ""))
        micros = to_micros(moment)
        edited = written_date(post.updated_date or "")
        key = self.hashed(post.message_id or f"{post.created_date} {post.creator and post.creator.email}")
        version = max(micros, to_micros(edited)) if edited else micros
        thread = self.hashed(f"topic {topic}") if topic else 0
        reply_to = 0 if opens else opener.person
        if not self.rows.add(key, version, micros, who, self.place, text, self.readers, thread, opens, reply_to, called):
            self.door.skip(NO_TIME, where=where)

    def who(self, creator: Creator | None) -> Who:
        """Author or member; those without an address have left, or are software."""
        if creator is None:
            return NOBODY
        kind = self.door.kind(email=creator.email or "", name=creator.name or "").value
        if kind == PERSON and (creator.user_type or "").lower() in ("bot", "app"):
            kind = "bot"
        name = creator.name or ""
        actor = self.door.person(
            email=creator.email or "", name=name, native="" if creator.email else f"chat:{name}" * bool(name)
        )
        return Who(actor, kind, "@" if kind == PERSON else f"@{name}")

    def _called(self, found: re.Match[str], called: list[Who]) -> str:
        """The longest beginning of the words after @ that is a member's name."""
        words = found[1].split(" ")
        for count in range(len(words), 0, -1):
            member = self.names.get(" ".join(words[:count]))
            if member:
                called.append(self.who(member))
                return " ".join([called[-1].shown, *words[count:]])
        return found[0]


SOURCE = Source(
    name="google_chat",
    title="Google Chat (Takeout)",
    family=Family.CHAT,
    fields=(
        "messages.json: creator, created_date, updated_date, text, topic_id, message_id",
        "group_info.json: members",
        "spaces.json: name, accessSettings.accessState",
    ),
    shows=(
        "what people said about AI in open spaces the exporting account is in, and in threads how others took it up",
        "who answered or addressed whom",
    ),
    never=(
        "direct messages, group chats and spaces not known to be open: refused even where the export holds them",
        "spaces the exporting account is not in: a Takeout is one person's view, never the organisation's",
        "reactions, and what a message said before it was edited",
    ),
    traps=(
        "a Takeout does not say which spaces are open: without the list of spaces beside it, all are refused",
        "dates are prose in the account's language; English, French and Vietnamese are read, others counted and left out",
        "a mention is only an @ and a name",
        "files of the same name get a number in brackets",
    ),
    recognise=recognise,
    read=read,
)
