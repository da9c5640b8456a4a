"""Who may sign in: accounts, their keys, and the one-time links by which people join."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING
from unicodedata import normalize

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.model.phrase import Phrase, say
from groundswell.selfreport.base import METADATA

if TYPE_CHECKING:
    from argon2 import PasswordHasher

WELCOME_DAYS = 7
"""A joining link opens once, within so many days."""

SHORTEST_PASSWORD = 12
"""Characters; length is what makes guessing hard (NIST SP 800-63B asks for no other rule but a list of common ones)."""

LONGEST_PASSWORD = 200

COMMON = ("password", "motdepasse", "matkhau", "123456789", "qwertyuiop", "azertyuiop", "groundswell")
"""Stems of what is guessed first."""

ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("address", sa.Text, unique=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("leads", sa.Boolean, nullable=False),
    sa.Column("password", sa.Text),
    sa.Column("recovery", sa.Text),
    sa.Column("issuer", sa.Text),
    sa.Column("subject", sa.Text),
    sa.Column("since", sa.Date, nullable=False),
    sa.UniqueConstraint("issuer", "subject", name="uq_accounts_provider"),
    sqlite_with_rowid=False,  # rows lie in the order of random numbers: the file does not tell who came after whom
)
"""One row a person who may sign in. The only names and addresses in the book; erasing a row erases all that hangs on it."""

PASSKEYS = sa.Table(
    "passkeys",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id", ondelete="cascade"), nullable=False, index=True),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("sign_count", sa.BigInteger, nullable=False),
    sa.Column("since", sa.Date, nullable=False),
)

WELCOMES = sa.Table(
    "welcomes",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("unit", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("leads", sa.Boolean, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
)
"""Joining links that were not opened yet: no name and no address, whoever opens one says who they are."""


class Role(StrEnum):
    """What an account may do; neither sees more about other people."""

    MEMBER = "member"
    STEWARD = "steward"


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who is signed in.

    Attributes:
        account: number of the account, random.
        name: as they wish to be called.
        unit: their team; "" if none is known.
        role: member or steward.
        leads: whether they lead people, and so may grant room to them and ask for their own mirror.
    """

    account: str
    name: str
    unit: str
    role: Role
    leads: bool


@dataclass(frozen=True, slots=True)
class Welcome:
    """What a joining link gives to whoever opens it."""

    unit: str
    role: Role
    leads: bool


def new_number() -> str:
    """A random number for a row, 96 bits: it tells nothing of when it was drawn."""
    return secrets.token_urlsafe(12)


def new_secret() -> str:
    """A random secret for a cookie or a link, 256 bits."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What the book keeps of a secret of full entropy: it cannot be turned back."""
    return hashlib.sha256(secret.encode()).hexdigest()


def welcome(connection: Connection, *, unit: str, role: Role, leads: bool, now: datetime) -> str:
    """Make a joining link for one person; its secret is told once and not kept."""
    secret = new_secret()
    until = int((now + timedelta(days=WELCOME_DAYS)).timestamp())
    connection.execute(WELCOMES.delete().where(WELCOMES.c.until < int(now.timestamp())))
    connection.execute(WELCOMES.insert().values(key=digest(secret), unit=unit, role=role, leads=leads, until=until))
    return secret


def opened(connection: Connection, secret: str, *, now: datetime) -> Welcome | None:
    """What a joining link gives; None if there is none, or it was used or is over."""
    row = connection.execute(
        sa.select(WELCOMES).where(WELCOMES.c.key == digest(secret), WELCOMES.c.until >= int(now.timestamp()))
    ).one_or_none()
    return Welcome(row.unit, Role(row.role), row.leads) if row else None


def join(connection: Connection, secret: str, *, address: str, name: str, password: str, now: datetime) -> tuple[str, str] | None:
    """Use a joining link up and make the account.

    Returns:
        The account and its recovery code, told once; None if the link opens nothing any more, or the address is taken.
    """
    given = opened(connection, secret, now=now)
    taken = connection.execute(sa.select(ACCOUNTS.c.id).where(ACCOUNTS.c.address == folded(address))).first()
    used = None if taken else connection.execute(WELCOMES.delete().where(WELCOMES.c.key == digest(secret)))
    if given is None or used is None or used.rowcount != 1:
        return None
    account, recovery = new_number(), new_secret()
    connection.execute(
        ACCOUNTS.insert().values(
            id=account,
            address=folded(address),
            name=name.strip(),
            unit=given.unit,
            role=given.role,
            leads=given.leads,
            password=_hasher().hash(password),
            recovery=digest(recovery),
            since=now.date(),
        )
    )
    return account, recovery


def from_provider(
    connection: Connection,
    *,
    issuer: str,
    subject: str,
    name: str,
    address: str,
    unit: str,
    role: Role,
    leads: bool,
    now: datetime,
) -> str:
    """The account of whoever a provider of identities vouches for, made at their first visit and kept as the provider says.

    Only issuer and subject tell who it is: an address can be given to somebody else.
    """
    ours = (ACCOUNTS.c.issuer == issuer) & (ACCOUNTS.c.subject == subject)
    known = connection.execute(sa.select(ACCOUNTS.c.id).where(ours)).scalar()
    account = known or new_number()
    other = sa.select(ACCOUNTS.c.id).where(ACCOUNTS.c.address == folded(address), ACCOUNTS.c.id != account)
    free = bool(address) and connection.execute(other).first() is None
    said = {"name": name, "address": folded(address) if free else None, "unit": unit, "role": role, "leads": leads}
    if known:
        connection.execute(ACCOUNTS.update().where(ours).values(**said))
    else:
        connection.execute(ACCOUNTS.insert().values(id=account, issuer=issuer, subject=subject, since=now.date(), **said))
    return account


def with_password(connection: Connection, address: str, password: str) -> str | None:
    """The account with this address and password; as slow where there is none, so that nobody can try addresses out."""
    from argon2.exceptions import InvalidHashError, VerificationError

    row = connection.execute(
        sa.select(ACCOUNTS.c.id, ACCOUNTS.c.password).where(ACCOUNTS.c.address == folded(address))
    ).one_or_none()
    known = row.password if row and row.password else _nobodys()
    try:
        _hasher().verify(known, password[:LONGEST_PASSWORD])
    except (VerificationError, InvalidHashError):
        return None
    return row.id if row and row.password else None


def with_recovery(connection: Connection, address: str, code: str, password: str) -> tuple[str, str] | None:
    """Set a new password by the recovery code, which is used up by it.

    Returns:
        The account and its next recovery code; None if address and code do not belong together.
    """
    row = connection.execute(
        sa.select(ACCOUNTS.c.id, ACCOUNTS.c.recovery).where(ACCOUNTS.c.address == folded(address))
    ).one_or_none()
    if row is None or row.recovery is None or not hmac.compare_digest(row.recovery, digest(code.strip())):
        return None
    recovery = new_secret()
    new = {"password": _hasher().hash(password), "recovery": digest(recovery)}
    connection.execute(ACCOUNTS.update().where(ACCOUNTS.c.id == row.id).values(**new))
    return row.id, recovery


def member_of(connection: Connection, account: str) -> Member | None:
    """An account as a member; None if there is none."""
    row = connection.execute(sa.select(ACCOUNTS).where(ACCOUNTS.c.id == account)).one_or_none()
    return Member(row.id, row.name, row.unit, Role(row.role), row.leads) if row else None


def is_empty(connection: Connection) -> bool:
    """Whether nobody has joined yet."""
    return connection.execute(sa.select(ACCOUNTS.c.id).limit(1)).first() is None


def erase(connection: Connection, account: str) -> None:
    """Erase an account and all that hangs on it, in every table of the book."""
    connection.execute(ACCOUNTS.delete().where(ACCOUNTS.c.id == account))


def erase_at(connection: Connection, address: str) -> None:
    """Erase the account with an address, as a steward does when somebody has left; nothing tells whether there was one."""
    connection.execute(ACCOUNTS.delete().where(ACCOUNTS.c.address == folded(address)))


def weakness(password: str, *, address: str, name: str) -> Phrase | None:
    """Why a password is too easily guessed; None if it is not."""
    plain = password.casefold()
    theirs = {part for text in (address, name) for part in text.casefold().replace("@", " ").replace(".", " ").split()}
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        return say(
            "A password has {least:count} to {most:count} characters; a sentence is easiest to remember.",
            least=SHORTEST_PASSWORD,
            most=LONGEST_PASSWORD,
        )
    bare = plain
    for stem in (*COMMON, *(part for part in theirs if len(part) > 2)):
        bare = bare.replace(stem, "")
    if len(bare) < SHORTEST_PASSWORD / 2 or len(set(plain)) < SHORTEST_PASSWORD / 2:
        return say("This password is among the first that are guessed: choose a sentence of your own.")
    return None


def folded(address: str) -> str:
    """An address as it is compared."""
    return normalize("NFKC", address).strip().casefold()


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher()  # Argon2id with the library's parameters, those of RFC 9106 for little memory


@cache
def _nobodys() -> str:
    return _hasher().hash(new_secret())
