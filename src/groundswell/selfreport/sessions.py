"""Who is signed in at the moment, what waits for its second half, and how often a door was tried."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.selfreport.accounts import ACCOUNTS, Member, Role, digest, new_secret
from groundswell.selfreport.base import METADATA, upsert

SESSION_DAYS = 7
"""After so many days one signs in anew. A session says when it ends, not when its owner was last here."""

SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id", ondelete="cascade"), nullable=False, index=True),
    sa.Column("until", sa.BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

PENDING = sa.Table(
    "pending",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("content", sa.Text, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
)
"""First halves of a sign-in or of a passkey, for some minutes."""

TRIES = sa.Table(
    "tries",
    METADATA,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("until", sa.BigInteger, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
)
"""How often a door was tried in its present window; the key is a keyed hash, so no address of a network is kept."""

PASSING = frozenset({"sessions", "pending", "tries", "pulse_waiting", "ballot_claims", "ballot_votes"})
"""Tables that no backup holds: they say who was here of late, what waits for a full batch, and votes that are not counted yet."""


def begin(connection: Connection, account: str, *, now: datetime) -> str:
    """Begin a session; its secret goes into the cookie and is not kept.

    It ends at midnight, so that the book does not tell at which hour somebody came.
    """
    secret = new_secret()
    day = datetime(now.year, now.month, now.day, tzinfo=UTC)
    until = int((day + timedelta(days=SESSION_DAYS + 1)).timestamp())
    connection.execute(SESSIONS.delete().where(SESSIONS.c.until <= int(now.timestamp())))
    connection.execute(SESSIONS.insert().values(key=digest(secret), account=account, until=until))
    return secret


def member(connection: Connection, secret: str, *, now: datetime) -> Member | None:
    """Whoever a session belongs to; None if it is none, or over."""
    row = connection.execute(_MEMBER, {"key": digest(secret), "now": int(now.timestamp())}).one_or_none()
    return Member(row.id, row.name, row.unit, Role(row.role), row.leads) if row else None


def end(connection: Connection, secret: str) -> None:
    """Sign out here."""
    connection.execute(SESSIONS.delete().where(SESSIONS.c.key == digest(secret)))


def end_all(connection: Connection, account: str) -> None:
    """Sign out everywhere."""
    connection.execute(SESSIONS.delete().where(SESSIONS.c.account == account))


def keep(connection: Connection, key: str, content: str, *, minutes: int, now: datetime) -> None:
    """Keep the first half of something for some minutes, in place of an earlier one under this key."""
    until = int((now + timedelta(minutes=minutes)).timestamp())
    connection.execute(PENDING.delete().where(PENDING.c.until < int(now.timestamp())))
    put = upsert(connection, PENDING).values(key=digest(key), content=content, until=until)
    new = {"content": put.excluded.content, "until": put.excluded.until}
    connection.execute(put.on_conflict_do_update(index_elements=["key"], set_=new))


def take(connection: Connection, key: str, *, now: datetime) -> str | None:
    """Take a first half away; it can be taken once. None if there is none, or it is too old."""
    ours = PENDING.c.key == digest(key)
    content = connection.execute(sa.select(PENDING.c.content).where(ours, PENDING.c.until >= int(now.timestamp()))).scalar()
    gone = connection.execute(PENDING.delete().where(ours)).rowcount
    return content if gone == 1 else None


def tried(connection: Connection, key: str, *, most: int, seconds: int, now: datetime) -> bool:
    """Count one try at a door; False if it is one too many in this window.

    Args:
        connection: of a writing transaction.
        key: keyed hash of the door and of who tries.
        most: tries allowed a window.
        seconds: length of the window, which begins with the first try.
        now: the moment.
    """
    at = int(now.timestamp())
    connection.execute(TRIES.delete().where(TRIES.c.until <= at))
    put = upsert(connection, TRIES).values(key=key, until=at + seconds, n=1)
    counted = put.on_conflict_do_update(index_elements=["key"], set_={"n": TRIES.c.n + 1}).returning(TRIES.c.n)
    n: int = connection.execute(counted).scalar_one()
    return n <= most


_MEMBER = (
    sa.select(ACCOUNTS.c.id, ACCOUNTS.c.name, ACCOUNTS.c.unit, ACCOUNTS.c.role, ACCOUNTS.c.leads)
    .join(SESSIONS, SESSIONS.c.account == ACCOUNTS.c.id)
    .where(SESSIONS.c.key == sa.bindparam("key"), SESSIONS.c.until > sa.bindparam("now"))
)
