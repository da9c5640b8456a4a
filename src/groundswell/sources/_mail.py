"""Takes one mail apart: the few headers that are read, and the words of its plain-text part."""

import re
from dataclasses import dataclass
from datetime import UTC, date, time
from email import message_from_bytes
from email.header import decode_header
from email.message import Message as Mail
from email.utils import getaddresses, parsedate_to_datetime
from functools import lru_cache

from groundswell.sources._days import to_micros

WANTED = re.compile(
    rb"^(from|date|message-id|in-reply-to|references|list-id|list-post|mailing-list|x-mailing-list|subject|auto-submitted"
    rb"|content-type|content-transfer-encoding)[ \t]*:([^\r\n]{0,20000})",
    re.IGNORECASE | re.MULTILINE,
)
FOLDED = re.compile(rb"\n[ \t]")
FOLD = re.compile(rb"\r?\n[ \t]+")
LIST_ID = re.compile(r"<([^<>\s]+)>")
MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
OBFUSCATED = re.compile(r"^\s*(\S+) at (\S+\.\S+)\s*(?:\((.*)\))?\s*$")
"""How public list archives write a sender: `ada at invented.example (Ada Imagined)`."""
DATE = re.compile(
    r"\s*(?:[A-Za-z]{3},\s*)?(\d{1,2})\s+([A-Za-z]{3})\s+(\d{4})\s+(\d\d):(\d\d):(\d\d)\s+([+-])(\d\d)([0-5]\d)(?:\s*\([^()]*\))?\s*$"
)
"""A date as nearly every mail writes it."""
MONTHS = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
EPOCH_DAY = date(1970, 1, 1).toordinal()
MAX_PARTS = 50
"""Nested parts: forwarded a dozen times at most; a mail of thousands only costs time."""
BODY_ERRORS = (ValueError, LookupError, TypeError, AttributeError, RecursionError, AssertionError)
"""What the standard library's mail parser is known to raise on hostile mail."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is read of a mail.

    Attributes:
        key: its own message id, or a stand-in made of its sender, date and subject.
        email, name: of its sender.
        micros: when it was sent; None if its date is none.
        mailing_list: id of the list it went to; "" if it went to none.
        answers: message id of what it answers; "" if it answers nothing.
        root: message id its thread begins with.
        automatic: true if software sent it.
        text: its plain-text part, quotes and signature still in it.
    """

    key: str
    email: str
    name: str
    micros: int | None
    mailing_list: str
    answers: str
    root: str
    automatic: bool
    text: str


def letter(head: bytes, body: bytes) -> Letter:
    """Take a mail apart; never raises.

    Args:
        head: its header lines.
        body: what follows, cut where it grew too long.
    """
    found = _headers(head)
    sender, email, name, archived = _from(found.get("from", "")[:500])
    key = _first(found.get("message-id", ""))
    references = MESSAGE_ID.findall(found.get("references", "")[:20_000])
    answers = _first(found.get("in-reply-to", "")) or (references[-1] if references else "")
    return Letter(
        key=key or f"{sender} {found.get('date', '')} {found.get('subject', '')}",
        email=email,
        name=name,
        micros=_micros(found.get("date", "")),
        mailing_list=_list(found) or ("archive" if archived else ""),
        answers=answers,
        root=references[0] if references else answers or key,
        automatic=found.get("auto-submitted", "no").strip().lower() not in ("no", ""),
        text=_text(head, body, found),
    )


def _headers(head: bytes) -> dict[str, str]:
    """The wanted headers, the first of each, continuation lines joined."""
    found: dict[str, str] = {}
    for name, words in WANTED.findall(FOLD.sub(b" ", head) if FOLDED.search(head) else head):
        found.setdefault(name.decode("ascii").lower(), words.strip().decode("utf8", "replace"))
    return found


@lru_cache(maxsize=10_000)
def _from(text: str) -> tuple[str, str, str, bool]:
    """(the header decoded, address, name, whether an archive wrote it so): few people write most of a list's mails."""
    sender = _decoded(text)
    return sender, *_sender(sender)


def _list(found: dict[str, str]) -> str:
    """Id of the list a mail went to."""
    if "list-id" in found:
        named = LIST_ID.search(found["list-id"][:1_000])
        return (named[1] if named else found["list-id"].strip()).lower()
    for header in ("list-post", "x-mailing-list", "mailing-list"):
        if header in found and found[header].strip().lower() != "no":
            named = re.search(r"[\w.+-]+@[\w.-]+", found[header][:1_000])
            return named[0].lower() if named else ""
    return ""


def _sender(text: str) -> tuple[str, str, bool]:
    """(address, name, whether an archive wrote it so)."""
    if plain := OBFUSCATED.match(text):
        return f"{plain[1]}@{plain[2]}", (plain[3] or "").strip(), True
    try:
        pairs = getaddresses([text])
    except BODY_ERRORS:
        return "", "", False
    name, email = pairs[0] if pairs else ("", "")
    return email, name, False


def _decoded(text: str) -> str:
    """A header whose words may be written in =?charset?...?=."""
    if "=?" not in text:
        return text
    try:
        parts = decode_header(text[:2_000])
        return "".join(p if isinstance(p, str) else p.decode(charset or "utf8", "replace") for p, charset in parts)
    except (*BODY_ERRORS, UnicodeError):
        return text


def _first(text: str) -> str:
    found = MESSAGE_ID.search(text[:20_000])
    return found[1] if found else ""


def _micros(text: str) -> int | None:
    """Microseconds of a mail's date; a date without a zone is taken as UTC."""
    try:
        if usual := DATE.match(text):  # four times as fast as the library, which reads every odd spelling, too
            day = date(int(usual[3]), MONTHS[usual[2].lower()], int(usual[1])).toordinal() - EPOCH_DAY
            zone = int(usual[8]) * 60 + int(usual[9])
            clock = time(int(usual[4]), int(usual[5]), int(usual[6]))
            minutes = clock.hour * 60 + clock.minute - (-zone if usual[7] == "-" else zone)
            return ((day * 1440 + minutes) * 60 + clock.second) * 1_000_000 if zone < 1440 else None
        moment = parsedate_to_datetime(text[:200])
        return to_micros(moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC))
    except (ValueError, TypeError, IndexError, KeyError, OverflowError):
        return None


def _text(head: bytes, body: bytes, found: dict[str, str]) -> str:
    """The plain-text part; a mail in HTML alone says nothing here."""
    kind = found.get("content-type", "text/plain").lower()
    simple = found.get("content-transfer-encoding", "").strip().lower() in ("", "7bit", "8bit")
    if (
        kind.startswith("text/plain")
        and simple
        and "charset" not in kind.replace('charset="utf-8"', "").replace("charset=utf-8", "")
    ):
        return body.decode("utf8", "replace")
    if body.count(b"boundary=") > MAX_PARTS:
        return ""
    return _part(head, body, "text/plain")


def page(head: bytes, body: bytes) -> str:
    """The HTML part of a mail; "" if it has none, or is put together as no honest mail is. Never raises."""
    return _part(head, body, "text/html") if body.count(b"boundary=") <= MAX_PARTS else ""


def _part(head: bytes, body: bytes, kind: str) -> str:
    """Words of the first part of a kind."""
    try:
        part = _first_part(message_from_bytes(head + b"\n\n" + body), kind)
        content = part.get_payload(decode=True) if part else b""
        if not isinstance(content, bytes):
            return ""
        return content.decode((part and part.get_content_charset()) or "utf8", "replace")
    except BODY_ERRORS:
        return ""


def _first_part(mail: Mail, kind: str) -> Mail | None:
    """The first part that is of a kind and no attachment."""
    for part in mail.walk():
        if part.get_content_type() == kind and part.get_content_disposition() != "attachment":
            return part
    return None
