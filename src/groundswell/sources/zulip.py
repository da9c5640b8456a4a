"""What people wrote in the public streams of Zulip, from its own export or a public archive's JSON or pages."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from groundswell.errors import InputError
from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family
from groundswell.sources import _words
from groundswell.sources._chat import NO_TIME, NOBODY, PERSON, Conversation, Who, hasher
from groundswell.sources._days import seconds_micros
from groundswell.sources._gzip import MAGIC, tar_members
from groundswell.sources._lines import head
from groundswell.sources._zip import MemberError, need_archive
from groundswell.sources._zulip_archive import read_archive, recognise_archive

REALM = re.compile(r"(?:^|/)realm\.json$")
MESSAGES = re.compile(r"(?:^|/)messages-\d+\.json$")
CALLED = re.compile(r"@(_?)\*\*([^*|\n]{1,200})(?:\|(\d+))?\*\*")
ANSWERS = re.compile(r"^@_\*\*[^*|\n]+\|(\d+)\*\* \[[^\]\n]*\]\([^)\n]*\):\s*`{3,}quote", re.MULTILINE)
SAID = re.compile(r"^@_\*\*[^*\n]+\*\* \[[^\]\n]*\]\([^)\n]*\):\s*(?=`{3,}quote)", re.MULTILINE)
"""The line Zulip puts before a quote."""
RESOLVED = "\u2714 "
"""What Zulip puts before the name of a topic that is settled; the topic is the same."""
PERSONAL, STREAM = 1, 2
EXACT = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


class Profile(msgspec.Struct, gc=False):
    """A user."""

    id: int
    delivery_email: str | None = ""
    email: str | None = ""
    full_name: str | None = ""
    is_bot: bool | None = False


class Stream(msgspec.Struct, gc=False):
    """A stream; `invite_only` ones are closed."""

    id: int
    invite_only: bool | None = True


class Recipient(msgspec.Struct, gc=False):
    """What a message goes to: a person (1), a stream (2) or a group (3)."""

    id: int
    type: int
    type_id: int


class Subscription(msgspec.Struct, gc=False):
    """Who reads a stream."""

    recipient: int
    active: bool | None = True


class Reaction(msgspec.Struct, gc=False):
    """Who reacted to what."""

    message: int
    user_profile: int


class RealmFacts(msgspec.Struct, gc=False):
    """The organisation's own name."""

    string_id: str | None = ""


class Realm(msgspec.Struct, gc=False):
    """What realm.json tells of people and streams."""

    zerver_realm: list[RealmFacts] = []
    zerver_userprofile: list[Profile] = []
    zerver_userprofile_crossrealm: list[Profile] = []
    zerver_userprofile_mirrordummy: list[Profile] = []
    zerver_stream: list[Stream] = []
    zerver_recipient: list[Recipient] = []
    zerver_subscription: list[Subscription] = []
    zerver_reaction: list[Reaction] = []


class Post(msgspec.Struct, gc=False):
    """A message; its rendering and its former texts are skipped undecoded."""

    id: int
    sender: int
    recipient: int
    subject: str | None = ""
    content: str | None = ""
    date_sent: float | None = None
    last_edit_time: float | None = None


class Page(msgspec.Struct, gc=False):
    """One file of messages; each is decoded on its own, so that one odd message costs itself."""

    zerver_message: list[msgspec.Raw] = []


def recognise(path: Path) -> Export | None:
    """Take the folder or tar.gz of an export, or the folder of a public archive, as JSON or pages."""
    try:
        if path.is_dir():
            if (path / "realm.json").is_file() and any(path.glob("messages-*.json")):
                return Export("zulip", path)
            return recognise_archive(path)
    except (OSError, ValueError):
        return None
    if not head(path, 2).startswith(MAGIC):
        return None
    try:
        for seen, (name, _) in enumerate(tar_members(path, lambda _: True)):
            if REALM.search(name) or MESSAGES.search(name):
                return Export("zulip", path)
            if seen >= FIRST_MEMBERS:
                break
    except MemberError:
        return None
    return None


FIRST_MEMBERS = 50
"""Members of a tar that are looked at: recognising must not inflate gigabytes of uploads."""


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Read every public stream.

    Raises:
        InputError: realm.json is missing or broken, so that public and private cannot be told apart.
    """
    if export.path.is_dir() and not (export.path / "realm.json").is_file():
        yield from read_archive(export, door)
        return
    organisation = _Organisation(_realm(export.path, door), door)
    rows = Conversation(door, "zulip")
    try:
        for name, content in _files(export.path, MESSAGES, door):
            for number, raw in enumerate(_page(name, content, door), 1):
                organisation.take(raw, rows, f"{name}#{number}")
                if rows.full:
                    yield from rows.flush()
    except MemberError as error:
        door.skip("rest of an export that is damaged", where=f"{export.path.name}: {error}")
    yield from rows.flush()


def _files(path: Path, pattern: re.Pattern[str], door: DoorLike) -> Iterator[tuple[str, bytes]]:
    """Files of an export whose name fits, in order of their names in a folder, in their own order in a tar."""
    if not path.is_dir():
        yield from tar_members(path, lambda name: bool(pattern.search(name)))
        return
    archive = need_archive(path)
    with archive.reading() as reader:
        for name in sorted(name for name in archive.members if pattern.search(name)):
            try:
                content = reader.read(name)
            except MemberError as error:
                door.skip("file of messages that is damaged", where=f"{name}: {error}")
                continue
            yield name, content


def _realm(path: Path, door: DoorLike) -> Realm:
    where = f"{path.name}: realm.json"
    try:
        for _, content in _files(path, REALM, door):
            return msgspec.json.decode(content, type=Realm, strict=False)
    except (*EXACT, MemberError) as error:
        raise InputError(where, "the list of streams cannot be read", remedy="Export or unpack it again") from error
    raise InputError(
        where, "the list of streams is missing, so public and private cannot be told apart", remedy="Export it again"
    )


def _page(name: str, content: bytes, door: DoorLike) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(content, type=Page).zerver_message
    except EXACT:
        door.skip("file of messages that is damaged", where=f"{name}: not the JSON expected")
        return []


class _Organisation:
    """People and streams of one export, and its messages turned into rows."""

    def __init__(self, realm: Realm, door: DoorLike) -> None:
        self.door = door
        self.space = (realm.zerver_realm[0].string_id if realm.zerver_realm else "") or "zulip"
        known = (realm.zerver_userprofile, realm.zerver_userprofile_crossrealm, realm.zerver_userprofile_mirrordummy)
        self.profiles = {profile.id: profile for profiles in known for profile in profiles}
        names = Counter(profile.full_name for profile in self.profiles.values())
        self.by_name = {p.full_name: p.id for p in self.profiles.values() if p.full_name and names[p.full_name] == 1}
        public = {stream.id for stream in realm.zerver_stream if not stream.invite_only}
        self.kinds = {r.id: r.type for r in realm.zerver_recipient}
        self.public = {r.id: r.type_id for r in realm.zerver_recipient if r.type == STREAM and r.type_id in public}
        self.readers = Counter(s.recipient for s in realm.zerver_subscription if s.active)
        self.reactors: dict[int, list[int]] = {}
        for reaction in realm.zerver_reaction:
            self.reactors.setdefault(reaction.message, []).append(reaction.user_profile)
        self.hashed = hasher(door, "zulip", self.space)
        self.people: dict[int, Who] = {}
        self.topics: set[int] = set()
        self.decode = msgspec.json.Decoder(Post, strict=False).decode

    def take(self, raw: msgspec.Raw, rows: Conversation, where: str) -> None:
        """Add one message, or count why not."""
        try:
            post = self.decode(raw)
        except EXACT:
            self.door.skip("message of an unexpected shape", where=where)
            return
        if post.recipient not in self.public:
            self.door.refuse(REFUSED.get(self.kinds.get(post.recipient, 0), "message to somebody the export does not list"))
            return
        stream = self.public[post.recipient]
        topic = self.hashed(f"topic {stream} {(post.subject or '').removeprefix(RESOLVED)}")
        opens = topic not in self.topics
        self.topics.add(topic)
        called: list[Who] = []
        source_text = post.content or ""
        answered = ANSWERS.search(source_text[: _words.MAX_TEXT])
        words = _words.markdown(SAID.sub("", source_text[: 2 * _words.MAX_TEXT]))
        text = CALLED.sub(lambda found: self._called(found, called), words)
        reactors = [self.who(user) for user in self.reactors.get(post.id, ())]
        micros = seconds_micros(post.date_sent)
        version = max(micros, seconds_micros(post.last_edit_time)) + min(len(reactors), 999)
        reply_to = self.who(int(answered[1])).person if answered else 0
        place = self.hashed(f"stream {stream}")
        who = self.who(post.sender)
        readers = self.readers[post.recipient] or None
        key = self.hashed(f"message {post.id}")
        if not rows.add(key, version, micros, who, place, text, readers, topic, opens, reply_to, called, reactors):
            self.door.skip(NO_TIME, where=where)

    def who(self, number: int) -> Who:
        """Who bears a user's number; bots by the export's own flag or by the door's rules."""
        if number not in self.people:
            self.people[number] = self._meet(number)
        return self.people[number]

    def _meet(self, number: int) -> Who:
        profile = self.profiles.get(number) or Profile(number)
        email = profile.delivery_email or profile.email or ""
        name = profile.full_name or ""
        kind = self.door.kind(email=email, name=name)
        if kind == PERSON and profile.is_bot:
            kind = ActorKind.BOT
        native = f"zulip:{self.space}:{number}"
        if kind != PERSON:
            return Who(self.door.person(native=native), kind.value, f"@{name}" if name else "@bot")
        hidden = HIDDEN_ADDRESS.match(email)
        return Who(self.door.person(email="" if hidden else email, name=name, native=native), PERSON)

    def _called(self, found: re.Match[str], called: list[Who]) -> str:
        """Somebody addressed; a silent mention only speaks of them."""
        number = int(found[3]) if found[3] else self.by_name.get(found[2])
        who = self.who(number) if number is not None else NOBODY
        if not found[1]:
            called.append(who)
        return who.shown


REFUSED = {PERSONAL: "direct message", STREAM: "message of a private stream", 3: "group message"}
HIDDEN_ADDRESS = re.compile(r"^user\d+@")
"""What Zulip writes in place of an address its owner does not show."""

SOURCE = Source(
    name="zulip",
    title="Zulip export",
    family=Family.CHAT,
    fields=(
        "realm.json: users, streams (invite_only), recipients, subscriptions, reactions",
        "messages: id, sender, recipient, subject, content, date_sent, last_edit_time",
        "public archive: id, sender_full_name, timestamp, content",
    ),
    shows=(
        "what people said about AI in public streams, topic by topic",
        "who quoted, addressed or reacted to whom",
        "messages of any topic, against which shares are taken",
    ),
    never=(
        "direct and group messages and private streams: refused even where the export holds them",
        "who read a message and said nothing",
        "former texts of edited messages: the export holds them, they are not decoded",
    ),
    traps=(
        "topics are renamed and resolved, so a topic's name is no lasting key",
        "there are no replies, only topics; an answer is seen where somebody quotes or addresses somebody",
        "a public archive knows people by display name alone: two of one name are one, and a rename splits a person",
        "an archive in HTML writes times to the minute and names no zone; they are taken as UTC, so prefer its JSON",
        "silent mentions speak of somebody without turning to them",
    ),
    recognise=recognise,
    read=read,
)
