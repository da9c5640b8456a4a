"""Passkeys: a device signs for its owner, and nothing that could be fished for or guessed is kept."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.selfreport.accounts import PASSKEYS

MOST = 10
"""Passkeys of one account."""


@dataclass(frozen=True)
class Passkey:
    """A device's key.

    Attributes:
        id: number the device gave it, base64url.
        account: whose it is.
        public_key: what its signatures are checked with.
        sign_count: how often it has signed, if the device counts; a copy that signs shows by it.
        since: when it was made.
    """

    id: str
    account: str
    public_key: bytes
    sign_count: int
    since: date


def add(connection: Connection, key: str, account: str, *, public_key: bytes, sign_count: int, now: datetime) -> bool:
    """Keep a new passkey; False if the account has as many as it may, or the number is taken."""
    if len(of_account(connection, account)) >= MOST or by_number(connection, key) is not None:
        return False
    values = {"id": key, "account": account, "public_key": public_key, "sign_count": sign_count, "since": now.date()}
    connection.execute(PASSKEYS.insert().values(**values))
    return True


def of_account(connection: Connection, account: str) -> list[Passkey]:
    """An account's passkeys, the oldest first."""
    rows = connection.execute(sa.select(PASSKEYS).where(PASSKEYS.c.account == account).order_by(PASSKEYS.c.since, PASSKEYS.c.id))
    return [_passkey(row) for row in rows]


def by_number(connection: Connection, key: str) -> Passkey | None:
    """The passkey of a number; None if there is none."""
    row = connection.execute(sa.select(PASSKEYS).where(PASSKEYS.c.id == key)).one_or_none()
    return _passkey(row) if row else None


def signed(connection: Connection, key: str, sign_count: int) -> None:
    """Note how often a passkey has signed."""
    connection.execute(PASSKEYS.update().where(PASSKEYS.c.id == key).values(sign_count=sign_count))


def remove(connection: Connection, key: str, account: str) -> None:
    """Take a passkey of an account away."""
    connection.execute(PASSKEYS.delete().where(PASSKEYS.c.id == key, PASSKEYS.c.account == account))


def _passkey(row: sa.Row[tuple[str, str, bytes, int, date]]) -> Passkey:
    return Passkey(row.id, row.account, row.public_key, row.sign_count, row.since)
