"""What people wrote to mailing lists, from an mbox file, a list's archive, or a maildir."""

import re
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path

from groundswell.errors import InputError
from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family
from groundswell.sources import _words
from groundswell.sources._chat import BOT, NO_TIME, NOBODY, PERSON, Conversation, Who, hasher
from groundswell.sources._gzip import MAGIC, open_gzip
from groundswell.sources._lines import head
from groundswell.sources._mail import Letter, letter
from groundswell.sources._mailbox import FROM_LINE, VAULT_LINE, mails
from groundswell.sources._zip import MemberError, need_archive

HEADER = re.compile(rb"^[A-Za-z][A-Za-z0-9-]{1,60}:\s?\S")
AUTHORS_KEPT = 1_000_000
"""Message ids whose author is remembered for answers; the oldest are forgotten first."""


def recognise(path: Path) -> Export | None:
    """Take a file that begins as an mbox does, plain or in gzip, or a folder with cur and new full of mails."""
    try:
        if path.is_dir():
            looked_at = (file for name in ("cur", "new") for file in sorted((path / name).iterdir())[:3])
            both = (path / "cur").is_dir() and (path / "new").is_dir()
            return Export("mbox", path) if both and any(_is_mail(head(file, 4_096)) for file in looked_at) else None
    except (OSError, ValueError):
        return None
    start = head(path, 8_192)
    if start.startswith(MAGIC):
        try:
            with open_gzip(path) as stream:
                start = stream.read(8_192)
        except (OSError, MemberError):
            return None
    first, _, rest = start.lstrip(b"\r\n").partition(b"\n")
    mine = FROM_LINE.match(first[:300]) and not VAULT_LINE.match(first[:300])
    return Export("mbox", path) if mine and _is_mail(rest) else None


def _is_mail(start: bytes) -> bool:
    """Headers first, a sender and a date among them."""
    lines = start.splitlines()
    names = {line.partition(b":")[0].lower() for line in lines}
    return bool(lines) and bool(HEADER.match(lines[0])) and b"from" in names and b"date" in names


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Read the mails that went to a list; every other one is refused unread.

    Raises:
        InputError: the file cannot be opened.
    """
    rows = Conversation(door, "mbox")
    lists = _Lists(rows, door)
    letters = _maildir(export.path, door) if export.path.is_dir() else _mbox(export.path, door)
    for where, head_bytes, body in letters:
        lists.take(letter(head_bytes, body), where)
        if rows.full:
            yield from rows.flush()
    yield from rows.flush()


def _maildir(path: Path, door: DoorLike) -> Iterator[tuple[str, bytes, bytes]]:
    archive = need_archive(path)
    with archive.reading() as reader:
        for order, name in enumerate(sorted(n for n in archive.members if n.split("/")[-2:-1] in (["cur"], ["new"])), 1):
            where = f"{path.name}: mail {order}"  # a maildir's file names hold the host's name
            try:
                with reader.stream(name) as stream:
                    yield from ((where, *found) for found in mails(where, stream.read, door, one=True))
            except MemberError as error:
                door.skip("mail that is damaged", where=f"{where}: {error}")


def _mbox(path: Path, door: DoorLike) -> Iterator[tuple[str, bytes, bytes]]:
    try:
        stream = open_gzip(path) if head(path, 2) == MAGIC else path.open("rb")
    except OSError as error:
        raise InputError(path.name, "the file cannot be opened", remedy="Check that it exists and may be read") from error
    order = 0
    with stream:
        try:
            for order, found in enumerate(mails(path.name, stream.read, door), 1):
                yield (f"{path.name}: mail {order}", *found)
        except MemberError as error:
            door.skip("rest of a file that is damaged", where=f"{path.name}: after mail {order}: {error}")


class _Lists:
    """Turns letters into rows, list by list."""

    def __init__(self, rows: Conversation, door: DoorLike) -> None:
        self.rows = rows
        self.door = door
        self.hashed = hasher(door, "mbox")
        self.authors: OrderedDict[int, Who] = OrderedDict()
        self.people: dict[tuple[str, str], Who] = {}
        self.places: dict[str, int] = {}

    def take(self, mail: Letter, where: str) -> None:
        """Add one mail, or count why not."""
        if not mail.mailing_list:
            self.door.refuse("mail that went to no list")
            return
        if mail.micros is None:
            self.door.skip(NO_TIME, where=where)
            return
        who = self.who(mail.email, mail.name)
        if mail.automatic and who.kind == PERSON:
            who = Who(who.actor, BOT)
        key = self.hashed(f"mail {mail.key}")
        answered = self.hashed(f"mail {mail.answers}") if mail.answers else 0
        answers = self.authors.get(answered, NOBODY)
        self.authors[key] = who
        if len(self.authors) > AUTHORS_KEPT:
            self.authors.popitem(last=False)
        root = mail.root or mail.key
        thread = key if root == mail.key else answered if root == mail.answers else self.hashed(f"mail {root}")
        place = self.places.get(mail.mailing_list)
        if place is None:
            place = self.places[mail.mailing_list] = self.hashed(f"list {mail.mailing_list}")
        text = _words.mail(mail.text)
        if not self.rows.add(key, mail.micros, mail.micros, who, place, text, None, thread, not mail.answers, answers.person):
            self.door.skip(NO_TIME, where=where)

    def who(self, email: str, name: str) -> Who:
        """Who bears an address and a name; asked of the door once."""
        known = self.people.get((email, name))
        if known is None:
            kind = self.door.kind(email=email, name=name).value
            known = self.people[email, name] = Who(self.door.person(email=email, name=name), kind)
        return known


SOURCE = Source(
    name="mbox",
    title="Mailing lists (mbox or maildir)",
    family=Family.CHAT,
    fields=(
        "From",
        "Date",
        "Message-ID",
        "In-Reply-To",
        "References",
        "List-Id",
        "List-Post",
        "Auto-Submitted",
        "plain-text body",
    ),
    shows=(
        "what people said about AI on mailing lists, and in threads how others took it up",
        "who answered whom",
        "mails of any topic, against which shares are taken",
    ),
    never=(
        "mail that went to no list: refused unread",
        "who reads a list",
        "mail in HTML alone, and attachments",
    ),
    traps=(
        "a list may be closed: its mails say they went to a list, not who may read it; give only lists open to all",
        "quotes and signatures are most of a mail; they are cut off before reading",
        "dates are the sender's clock",
        "mails without a message id are told apart by sender, date and subject",
        "answers are tied only where the answered mail stands earlier in the same file",
    ),
    recognise=recognise,
    read=read,
)
