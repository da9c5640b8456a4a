"""A prompt or a script beside an entry: small, scanned, and never anything but text."""

import re
from dataclasses import dataclass
from unicodedata import category

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.model.phrase import say
from groundswell.selfreport.accounts import new_number
from groundswell.selfreport.base import METADATA
from groundswell.selfreport.declined import Declined

MOST_BYTES = 64 * 1024
"""A prompt or a script; what is larger is a document, and belongs elsewhere."""

MOST = 3
"""Attachments of one entry."""

LONGEST_NAME = 80

KINDS = frozenset({
    "txt", "md", "prompt", "py", "sh", "ps1", "js", "ts", "sql", "r", "rb", "go", "java", "kt", "rs", "c", "h", "cpp", "cs",
    "php", "pl", "lua", "json", "jsonl", "yaml", "yml", "toml", "ini", "csv", "tsv", "xml", "html", "css", "tex", "ipynb",
    "bas", "vba", "gs",
})  # fmt: skip
"""Endings of names; whatever the ending, it is kept and shown as plain text."""

SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\bAKIA[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36,}"
    r"|\bgithub_pat_[A-Za-z0-9_]{50,}"
    r"|\bglpat-[A-Za-z0-9_-]{20,}"
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{10,}"
    r"|\bxapp-[0-9]-[A-Za-z0-9-]{10,}"
    r"|\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{20,}"
    r"|\bAIza[0-9A-Za-z_-]{35}\b"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"
    r"|\b[a-z][a-z0-9+]*://[^\s:/@]+:[^\s/@]{3,}@"
    r"|(?i:\b(?:password|passwd|pwd|mot[ _]de[ _]passe|mật[ _]khẩu|api[_-]?key|secret|token)\b)"
    r"[\"']?\s*[:=]\s*[\"'][^\"'\s]{8,}[\"']"
)
"""Forms of keys and passwords, as their issuers document them; a scan finds many, never all."""

ATTACHMENTS = sa.Table(
    "attachments",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("entry", sa.ForeignKey("entries.id", ondelete="cascade"), nullable=False, index=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)


@dataclass(frozen=True)
class Attachment:
    """A text beside an entry.

    Attributes:
        id: its number.
        name: of the file, plain.
        content: its text.
    """

    id: str
    name: str
    content: str


def check(name: str, raw: bytes) -> tuple[str, str]:
    """The plain name and text of what somebody attached.

    Raises:
        Declined: it is too large, no text, of no kind we take, hides characters, or holds a secret key.
    """
    name = re.split(r"[/\\]", name)[-1].strip()
    if len(raw) > MOST_BYTES:
        raise Declined(say("An attachment has at most {most:count} kB.", most=MOST_BYTES // 1024))
    stem, _, ending = name.rpartition(".")
    if not stem or len(name) > LONGEST_NAME or not name.isprintable() or ending.casefold() not in KINDS:
        raise Declined(say("Only a prompt, a script or another text can be attached, with a name such as prompt.md."))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Declined(say("Only a prompt, a script or another text can be attached, with a name such as prompt.md.")) from error
    if hidden := _hidden(text):
        raise Declined(
            say(
                "Line {line:count} holds characters nobody can see. Take them out: they can hide what a script does.", line=hidden
            )
        )
    if secret_in(text):
        raise Declined(say("There seems to be a password or a key in it. Take it out: what is told here is read by others."))
    return name, text


def secret_in(text: str) -> bool:
    """Whether a text seems to hold a password or a key."""
    return SECRETS.search(text) is not None


def attach(connection: Connection, entry: str, name: str, text: str) -> str:
    """Keep a checked text beside an entry; its number.

    Raises:
        Declined: the entry has as many as it may.
    """
    held = connection.execute(sa.select(sa.func.count()).select_from(ATTACHMENTS).where(ATTACHMENTS.c.entry == entry))
    if held.scalar_one() >= MOST:
        raise Declined(say("An entry has at most {most:count} attachments.", most=MOST))
    number = new_number()
    connection.execute(ATTACHMENTS.insert().values(id=number, entry=entry, name=name, content=text))
    return number


def of_entry(connection: Connection, entry: str) -> list[Attachment]:
    """What stands beside an entry, by name; the caller has asked whether the reader may see the entry."""
    return [Attachment(row.id, row.name, row.content) for row in connection.execute(_BESIDE, {"beside": entry})]


def detach(connection: Connection, entry: str, number: str) -> None:
    """Take an attachment away; the caller has asked whether the entry is theirs."""
    connection.execute(ATTACHMENTS.delete().where(ATTACHMENTS.c.entry == entry, ATTACHMENTS.c.id == number))


def _hidden(text: str) -> int:
    """Number of the first line with a control or a character without a shape, such as those that turn the direction; 0 for none.

    Source: Boucher & Anderson 2021, "Trojan Source".
    """
    for number, line in enumerate(text.split("\n"), 1):
        if any(category(c) in {"Cc", "Cf", "Cs", "Co"} and c not in "\t\r\u200c\u200d" for c in line):
            return number
    return 0


_BESIDE = (
    sa.select(ATTACHMENTS).where(ATTACHMENTS.c.entry == sa.bindparam("beside")).order_by(ATTACHMENTS.c.name, ATTACHMENTS.c.id)
)
