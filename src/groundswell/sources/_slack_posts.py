"""One day file of a Slack export: its messages, and where each says its words."""

import re

import msgspec

from groundswell.model.source import DoorLike
from groundswell.sources._zip import MemberError, Reader

BROKEN_DAY = "day file that is damaged"
UPLOAD = re.compile(r"^<@[UW]\w+(?:\|[^>]*)?> (?:uploaded|shared) a file: <[^>]*>(?: and commented: )?")
"""What old exports put before the words somebody wrote beside a file."""


class Edited(msgspec.Struct, gc=False):
    """When a message was last edited."""

    ts: float | None = 0.0


class Reaction(msgspec.Struct, gc=False):
    """Who reacted with one sign."""

    users: list[str] | None = None


class Post(msgspec.Struct, gc=False):
    """The fields of a message that are read; the others are skipped undecoded.

    Times are seconds, which Slack writes as words; a double tells the microseconds of any of this century exactly.
    """

    subtype: str | None = ""
    user: str | None = ""
    bot_id: str | None = ""
    username: str | None = ""
    text: str | None = ""
    ts: float | None = 0.0
    thread_ts: float | None = 0.0
    parent_user_id: str | None = ""
    latest_reply: float | None = 0.0
    team: str | None = ""
    user_team: str | None = ""
    edited: Edited | None = None
    reactions: list[Reaction] | None = None


class Blocks(Post, gc=False):
    """A message with where else its words may stand: with these for every message, decoding takes a third longer."""

    blocks: msgspec.Raw = msgspec.Raw(b"")
    attachments: msgspec.Raw = msgspec.Raw(b"")


ODD = "odd"
"""Subtype of what stands for a message that could not be read, so that the others keep their numbers."""

DAY = msgspec.json.Decoder(list[Post], strict=False)
BLOCKS_DAY = msgspec.json.Decoder(list[Blocks], strict=False)
LOOSE_DAY = msgspec.json.Decoder(list[msgspec.Raw])
LOOSE_POST = msgspec.json.Decoder(Blocks, strict=False)
ANYTHING = msgspec.json.Decoder()


def posts_of(reader: Reader, name: str, door: DoorLike) -> list[Post]:
    """Messages of one day file; one odd message costs itself (a post of subtype ODD stands for it), a broken file the file.

    A day with a message without text is decoded again, with where else words may stand.
    """
    try:
        content = reader.read(name)
    except MemberError as error:
        door.skip(BROKEN_DAY, where=f"{name}: {error}")
        return []
    try:
        posts = DAY.decode(content)
        return posts if all([post.text for post in posts]) else list(BLOCKS_DAY.decode(content))  # noqa: C419 - a list is faster
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return _loose_posts(content, name, door)


def _loose_posts(content: bytes, name: str, door: DoorLike) -> list[Post]:
    try:
        raws = LOOSE_DAY.decode(content.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        door.skip(BROKEN_DAY, where=f"{name}: not a list of messages")
        return []
    posts: list[Post] = []
    for number, raw in enumerate(raws, 1):
        try:
            posts.append(LOOSE_POST.decode(raw))
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            door.skip("message of an unexpected shape", where=f"{name}#{number}")
            posts.append(Post(subtype=ODD))
    return posts


def words_of(post: Post) -> str:
    """Words of a message; where `text` is empty they may stand in blocks or attachments."""
    if post.text:
        return UPLOAD.sub("", post.text) if post.subtype == "file_share" else post.text
    if not isinstance(post, Blocks):
        return ""
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
    kind = str(node.get("type") or "")
    if kind == "user":
        return f"<@{node.get('user_id', '')}>"
    if kind in ("text", "mrkdwn", "plain_text", "link") and not isinstance(node.get("text"), dict):
        return str(node.get("text") or node.get("url") or "")
    inner = [node.get(key) for key in ("text", "elements", "fields")]
    return _block_words([part for part in inner if part is not None]) + ("\n" if kind.startswith("rich_text_") else "")


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
