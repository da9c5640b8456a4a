"""What people wrote in the public channels of a Slack workspace or an Enterprise Grid."""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import msgspec

from groundswell.errors import InputError
from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family
from groundswell.sources import _words
from groundswell.sources._chat import BOT, NO_TIME, NOBODY, PERSON, Conversation, Who, hasher
from groundswell.sources._days import MAX_US
from groundswell.sources._slack_layout import REFUSED_PART, Channel, Layout, User, fingerprint, layout
from groundswell.sources._zip import Archive, MemberError, Reader, first_names, need_archive, open_archive

SPOKEN = frozenset({"", "file_share", "thread_broadcast", "me_message", "bot_message", "slackbot_response"})
"""Subtypes in which somebody says something; every other one is the software's own notice."""
UPLOAD = re.compile(r"^<@[UW]\w+(?:\|[^>]*)?> (?:uploaded|shared) a file: <[^>]*>(?: and commented: )?")
"""What old exports put before the words somebody wrote beside a file."""
USERNAME = re.compile(r"^<@([UW]\w+)")
BROKEN_DAY = "day file that is damaged"
AT_A_TIME = 64
"""Messages between two looks at whether a batch is full: with texts cut at 20,000 characters, 5 MB."""
STRANGER = Who(0, outside=True)
MAX_TEXT = _words.MAX_TEXT


class Edited(msgspec.Struct, gc=False):
    """When a message was last edited."""

    ts: str | float | None = ""


class Reaction(msgspec.Struct, gc=False):
    """Who reacted with one sign."""

    users: list[str] | None = None


class Post(msgspec.Struct, gc=False):
    """The fields of a message that are read; the others are skipped undecoded."""

    subtype: str | None = ""
    user: str | None = ""
    bot_id: str | None = ""
    username: str | None = ""
    text: str | None = ""
    ts: str | float | None = ""
    thread_ts: str | float | None = ""
    parent_user_id: str | None = ""
    latest_reply: str | float | None = ""
    team: str | None = ""
    user_team: str | None = ""
    edited: Edited | None = None
    reactions: list[Reaction] | None = None
    blocks: msgspec.Raw = msgspec.Raw(b"")
    attachments: msgspec.Raw = msgspec.Raw(b"")


DAY = msgspec.json.Decoder(list[Post])
LOOSE_DAY = msgspec.json.Decoder(list[msgspec.Raw])
LOOSE_POST = msgspec.json.Decoder(Post, strict=False)
ANYTHING = msgspec.json.Decoder()


def recognise(path: Path) -> Export | None:
    """Take a zip or folder that has a channel list beside users or day files, at its top or in Grid workspaces."""
    try:
        if path.is_dir():
            if not (path / "channels.json").is_file() and not any(path.glob("teams/*/channels.json")):
                return None
        elif not path.is_file():
            return None
    except (OSError, ValueError):
        return None
    archive = open_archive(path)
    if archive is None:
        names = first_names(path)
        cut = any(n.endswith(("channels.json", "users.json")) for n in names) and any("/2" in n for n in names)
        return Export("slack", path) if cut else None
    try:
        found = layout(archive)
    except InputError:
        return Export("slack", path) if any(n.endswith("users.json") for n in archive.members) else None
    return Export("slack", path, found.parts) if found.channels and (found.users or found.days) else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Read the months named in `export.parts`, or all.

    The directory and the user list are read once for a zip and kept, so give one process many parts at a time.

    Yields:
        Message, Trace and TieTrace batches; within a part, a channel's days are read in order.

    Raises:
        InputError: no complete zip, or its channel list is unreadable.
    """
    archive = need_archive(export.path)
    found = layout(archive)
    parts = export.parts or found.parts
    if not parts or REFUSED_PART in parts:
        _account(archive, found, door)
    rows = Conversation(door, "slack")
    people = _People(found, door)
    with archive.reading() as reader:
        for folder, names in chain.from_iterable(found.months.get(part, {}).items() for part in parts):
            room = _Room(found.channels[folder], people, rows, door)
            for name in names:
                posts = _posts(reader, name, door)
                for start in range(0, len(posts), AT_A_TIME):
                    room.take_all(posts, start, name)
                    if rows.full:
                        yield from rows.flush()
    yield from rows.flush()


def _account(archive: Archive, found: Layout, door: DoorLike) -> None:
    for reason, files in found.refused.items():
        door.refuse(reason, n=files)
    for name in found.damaged:
        door.skip("user list that is damaged", where=f"{archive.path.name}: {name}")
    if archive.unsafe:
        door.skip("file whose name leads outside the export", n=archive.unsafe)


class _People(dict[str, Who]):
    """Slack id -> who that is, asked of the door once."""

    def __init__(self, found: Layout, door: DoorLike) -> None:
        super().__init__()
        self._found = found
        self._door = door
        self._space = found.space or "slack"

    def __missing__(self, native: str) -> Who:
        user = self._found.users.get(native)
        profile = user.profile if user else None
        email = (profile.email if profile else "") or ""
        name = (profile.real_name if profile else "") or (user.real_name if user else "") or ""
        kind = self._door.kind(email=email, name=name, login=native.lower())
        if kind == PERSON and (native.startswith("B") or (user and user.is_bot)):
            kind = ActorKind.BOT
        if kind != PERSON:
            who = Who(self._door.person(native=f"{self._space}:{native}"), kind.value, f"@{name}" if name else "@bot")
        else:
            outside = bool(user and self._away(user))
            actor = 0 if outside else self._door.person(email=email, name=name, native=f"{self._space}:{native}")
            who = Who(actor, kind.value, "@", outside)
        self[native] = who
        return who

    def _away(self, user: User) -> bool:
        home = self._found.home
        grid = user.enterprise_user.enterprise_id if user.enterprise_user else ""
        return bool(user.is_stranger or (user.team_id and home and user.team_id not in home and grid not in home))

    def author(self, post: Post) -> Who:
        """Who wrote a message: told by the message itself, since user lists forget people and bots."""
        if post.user:
            who = self[post.user]
            if post.user_team != post.team and self._guest(post):
                return STRANGER
            if who.kind == PERSON and (post.bot_id or post.subtype == "bot_message"):
                return Who(who.actor, BOT, outside=who.outside)
            return who
        name = post.username or ""
        if told := USERNAME.match(name):
            return self[told[1]]
        if post.bot_id or name:
            kind = self._door.kind(name=name)
            native = f"{self._space}:{post.bot_id or f'bot {name}'}"
            return Who(self._door.person(native=native), BOT if kind == PERSON else kind.value)
        return NOBODY

    def _guest(self, post: Post) -> bool:
        """A member of another company whom the user list does not name."""
        known = not post.user_team or not post.team or post.user in self._found.users
        return not known and bool(self._found.home) and post.user_team not in self._found.home


class _Room:
    """A channel while it is read: its hashes, and who opened its threads."""

    def __init__(self, channel: Channel, people: _People, rows: Conversation, door: DoorLike) -> None:
        native = channel.id or channel.name or ""
        self.place = door.hashed("slack", "channel", native)
        self.readers = len(channel.members) if channel.members else None
        self.people = people
        self.rows = rows
        self.door = door
        self.hashed = hasher(door, "slack", native)
        self.openers: dict[str, str] = {}
        self.threads: dict[str, int] = {}
        self.called: list[Who] = []

    def take_all(self, posts: Sequence[Post | None], start: int, name: str) -> None:
        """Add the messages of a day file from `start` on, so many at a time that a batch stays bounded."""
        take = self.take
        for number, post in enumerate(posts[start : start + AT_A_TIME], start + 1):
            if post is not None and not take(post):
                self.door.skip(NO_TIME, where=f"{name}#{number}")

    def take(self, post: Post) -> bool:
        """Add one message, or count why not; False if its time is none."""
        if post.subtype and post.subtype not in SPOKEN:
            self.door.skip("notice of the software, such as somebody joining")
            return True
        people = self.people
        who = people.author(post)
        if who.outside:
            self.door.refuse("message of another company, through a shared channel")
            return True
        ts = post.ts if type(post.ts) is str else str(post.ts)
        micros = version = _micros(ts)
        thread, opens, reply_to = self.thread_of(post) if post.thread_ts else (0, False, 0)
        words = (post.text if post.text and post.subtype != "file_share" else _text(post))[:MAX_TEXT]
        called: list[Who] = []
        if "<" in words or "&" in words or ">" in words or "`" in words:  # four scans cost less than one pattern
            words = _words.slack(words, self.mentioned)
            called, self.called = self.called, called
        reactors: list[Who] = []
        if post.reactions or post.edited or post.latest_reply:
            reactors = [people[user] for sign in post.reactions or () for user in sign.users or ()]
            version = _version(post, micros, len(reactors))
        key = self.hashed(ts)
        return self.rows.add(
            key, version, micros, who, self.place, words, self.readers, thread, opens, reply_to, called, reactors
        )

    def mentioned(self, native: str) -> str:
        """Note that somebody is addressed; what stands for them in the text."""
        who = self.people[native]
        self.called.append(who)
        return who.shown

    def thread_of(self, post: Post) -> tuple[int, bool, int]:
        """(hash of the thread, whether the message opens it, the person it answers)."""
        root = post.thread_ts if type(post.thread_ts) is str else str(post.thread_ts)
        thread = self.threads.get(root) or self.threads.setdefault(root, self.hashed(f"thread {root}"))
        if post.thread_ts == post.ts:
            self.openers[root] = post.user or ""
            return thread, True, 0
        opener = post.parent_user_id or self.openers.get(root)
        return thread, False, self.people[opener].person if opener else 0


def _posts(reader: Reader, name: str, door: DoorLike) -> Sequence[Post | None]:
    """Messages of one day file; one odd message costs itself (None stands for it), a broken file costs the file."""
    try:
        content = reader.read(name)
    except MemberError as error:
        door.skip(BROKEN_DAY, where=f"{name}: {error}")
        return ()
    try:
        return DAY.decode(content)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _loose_posts(content, name, door)


def _loose_posts(content: bytes, name: str, door: DoorLike) -> Sequence[Post | None]:
    try:
        raws = LOOSE_DAY.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        door.skip(BROKEN_DAY, where=f"{name}: not a list of messages")
        return ()
    posts: list[Post | None] = []
    for number, raw in enumerate(raws, 1):
        try:
            posts.append(LOOSE_POST.decode(raw))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            door.skip("message of an unexpected shape", where=f"{name}#{number}")
            posts.append(None)
    return posts


def _micros(ts: str) -> int:
    """Microseconds of a Slack time; -1 if it is none. Whole numbers only: a float would lose the last digit."""
    try:
        if ts[-7:-6] == ".":
            return int(ts[:-7] + ts[-6:]) if len(ts) < 20 else -1
        seconds, _, rest = ts.partition(".")
        return int(seconds) * 1_000_000 + int((rest + "000000")[:6]) if len(seconds) <= 12 else -1
    except ValueError:
        return -1


def _version(post: Post, micros: int, reactions: int) -> int:
    """Last change: edit, newest reply, else the message; reactions carry no time, so more of them count as a little later."""
    edited = _micros(str(post.edited.ts)) if post.edited else 0
    newest = max(micros, edited, _micros(str(post.latest_reply)))
    return (newest if newest < MAX_US else micros) + min(reactions, 999)


def _text(post: Post) -> str:
    """Words of a message; where `text` is empty they may stand in blocks or attachments."""
    if post.text:
        return UPLOAD.sub("", post.text) if post.subtype == "file_share" else post.text
    for raw, gather in ((post.blocks, _block_words), (post.attachments, _attachment_words)):
        try:
            if words := gather(ANYTHING.decode(bytes(raw) or b"[]")).strip():
                return words
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
    return ""


def _block_words(node: object) -> str:
    """Words of rich text, quotes and preformatted pieces left out; a person is written as in a text."""
    if isinstance(node, list):
        return "".join(map(_block_words, node))
    if not isinstance(node, dict) or node.get("type") in ("rich_text_quote", "rich_text_preformatted"):
        return ""
    kind = node.get("type")
    if kind == "user":
        return f"<@{node.get('user_id', '')}>"
    if kind in ("text", "mrkdwn", "plain_text", "link") and not isinstance(node.get("text"), dict):
        return str(node.get("text") or node.get("url") or "")
    inner = [node.get(key) for key in ("text", "elements", "fields")]
    return _block_words([part for part in inner if part is not None]) + ("\n" if kind and kind.startswith("rich_text_") else "")


def _attachment_words(node: object) -> str:
    """Words an app sent as attachments; a shared message or a page's preview is somebody else's words."""
    if not isinstance(node, list):
        return ""
    words = []
    for item in node:
        if isinstance(item, dict) and not any(item.get(k) for k in ("is_share", "is_msg_unfurl", "from_url", "author_id")):
            words += [str(item[k]) for k in ("pretext", "title", "text") if isinstance(item.get(k), str)] or [
                str(item.get("fallback") or "")
            ]
    return "\n".join(words)


SOURCE = Source(
    name="slack",
    title="Slack export",
    family=Family.CHAT,
    fields=(
        "channels.json: id, name, members",
        "users.json: id, team_id, profile.email, profile.real_name, is_bot, is_stranger",
        "ts, thread_ts, parent_user_id, user, bot_id, subtype, text, edited.ts, latest_reply, reactions.users",
        "blocks and attachments where text is missing",
    ),
    shows=(
        "what people said about AI in public channels, and in threads how others took it up",
        "who answered, addressed or reacted to whom",
        "messages of any topic, against which shares are taken",
    ),
    never=(
        "direct messages, group messages and private channels: refused even where the export holds them",
        "who read a message and said nothing",
        "what a message said before it was edited, or that it was deleted",
        "when a reaction was given",
    ),
    traps=(
        "snapshots overlap: one real archive holds each message 6.8 times; the newest copy counts once",
        "the day in a file's name is not the UTC day of its messages in one record of six; time comes from ts",
        "user lists name people who never wrote and forget people who did; authors come from messages",
        "the words of a message may stand only in its blocks or attachments",
        "messages through shared channels may come from another company, which agreed to nothing; they are refused",
        "reactions are dated by the message they stand under",
        "old exports write a sentence of the software before the words beside an uploaded file",
    ),
    recognise=recognise,
    read=read,
    fingerprint=fingerprint,
)
