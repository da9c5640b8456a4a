"""Which account speaks from which place in a chat: linked by a code that only somebody signed in can have."""

import hashlib
import hmac
from collections.abc import Iterator
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.selfreport.accounts import Member, member_of
from groundswell.selfreport.base import METADATA, upsert

CODE_MINUTES = 30
"""How long a code links, at most."""

CHAT_LINKS = sa.Table(
    "chat_links",
    METADATA,
    sa.Column("place", sa.Text, primary_key=True),
    sa.Column("account", sa.ForeignKey("accounts.id", ondelete="cascade"), nullable=False, index=True),
    sqlite_with_rowid=False,
)
"""One row a chat account. An address alone links nothing: a local account could have been joined under somebody else's."""


def place_of(kind: str, workspace: str, user: str) -> str:
    """What a chat account is called here, such as "slack:T1:U1"."""
    return f"{kind}:{workspace}:{user}"


def code_for(secret: bytes, account: str, *, now: datetime) -> str:
    """A code that links whoever types it in a chat to this account, for half an hour; nothing of it is stored."""
    return f"{account}.{_proof(secret, account, _slot(now))}"


def link(connection: Connection, place: str, code: str, *, secret: bytes, now: datetime) -> bool:
    """Link a chat account by a code; False if the code is none, or too old."""
    account, _, proof = code.strip().rpartition(".")
    slots = (_slot(now), _slot(now - timedelta(minutes=CODE_MINUTES / 2)))
    right = any(hmac.compare_digest(proof.encode(), _proof(secret, account, slot).encode()) for slot in slots)
    if not right or member_of(connection, account) is None:
        return False
    put = upsert(connection, CHAT_LINKS).values(place=place, account=account)
    connection.execute(put.on_conflict_do_update(index_elements=["place"], set_={"account": account}))
    return True


def unlink(connection: Connection, place: str) -> None:
    """Forget a chat account."""
    connection.execute(CHAT_LINKS.delete().where(CHAT_LINKS.c.place == place))


def member_at(connection: Connection, place: str) -> Member | None:
    """The member a chat account belongs to; None if it is not linked."""
    account = connection.execute(sa.select(CHAT_LINKS.c.account).where(CHAT_LINKS.c.place == place)).scalar()
    return member_of(connection, account) if account else None


def places(connection: Connection, kind: str) -> Iterator[tuple[str, str]]:
    """Place and account of every linked chat account of a kind, in order of place."""
    ours = sa.select(CHAT_LINKS).where(CHAT_LINKS.c.place.startswith(f"{kind}:", autoescape=True)).order_by(CHAT_LINKS.c.place)
    for row in connection.execute(ours).all():
        yield row.place, row.account


def _slot(now: datetime) -> int:
    return int(now.timestamp() // (60 * CODE_MINUTES / 2))


def _proof(secret: bytes, account: str, slot: int) -> str:
    return hmac.new(secret, f"chat\x1f{account}\x1f{slot}".encode("utf8", "surrogatepass"), hashlib.sha256).hexdigest()[:24]
