"""People who answer the pulse in tests, as their browsers do it."""

import secrets
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

import sqlalchemy as sa
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from groundswell.privacy import blind
from groundswell.selfreport import pulse
from groundswell.selfreport.accounts import ACCOUNTS, Role
from groundswell.selfreport.answers import Answer
from groundswell.selfreport.asking import Ask, ask_of, claim_of
from groundswell.selfreport.base import writing
from groundswell.selfreport.pulse import Refusal, Token

SECRET = b"a secret of the tests, long enough"
QUARTER = "2026-Q1"
TOOLS = frozenset({"claude", "chatgpt", "copilot"})


def hire(engine: sa.Engine, units: Iterable[str], *, leads: bool = False) -> list[str]:
    """Accounts of invented people, one a unit named."""
    rows = [
        {"id": f"account-{n:04}", "address": f"person{n}@lanterne.example", "name": f"Person {n}", "unit": unit}
        | {"role": Role.MEMBER, "leads": leads, "since": date(2026, 1, 1)}
        for n, unit in enumerate(units)
    ]
    with writing(engine) as connection:
        connection.execute(ACCOUNTS.insert(), rows)
    return [str(row["id"]) for row in rows]


def turn(account: str) -> tuple[Ask, str]:
    """A person's turn and the claim their link carries."""
    ask = ask_of(SECRET, account, QUARTER)
    return ask, claim_of(SECRET, account, ask)


def fetch(engine: sa.Engine, account: str, *, today: date | None = None) -> Token | Refusal:
    """Get a token as the browser does: only what is hidden is sent."""
    ask, claim = turn(account)
    with writing(engine) as connection:
        key = pulse.public_key(connection, ask.quarter, secret=SECRET)
    prepared = blind.prepare(secrets.token_bytes(pulse.TOKEN_BYTES))
    hidden = blind.blind(key, prepared)
    with writing(engine) as connection:
        signed = pulse.sign(connection, claim, hidden.message, secret=SECRET, today=today or ask.on)
    if isinstance(signed, Refusal):
        return signed
    signature = blind.finalize(key, prepared, signed, hidden.inverse)
    return Token(ask.quarter, ask.about.isoformat(), prepared, signature)


def send(engine: sa.Engine, token: Token, answer: Answer | None, *, today: date | None = None) -> Refusal | None:
    """Spend a token, with nothing that says who it was given to."""
    day = today or date.fromisoformat(token.about)
    day = day if today else _next(day)
    with writing(engine) as connection:
        return pulse.spend(connection, token, answer, secret=SECRET, tools=TOOLS, today=day)


def ready_token(key: blind.SecretKey, ask: Ask) -> Token:
    """A token as blind signing makes it, by the faster way of whoever holds the key: for tests of many answers."""
    prepared = blind.prepare(secrets.token_bytes(pulse.TOKEN_BYTES))
    scheme = padding.PSS(mgf=padding.MGF1(hashes.SHA384()), salt_length=blind.HASH_BYTES)
    return Token(ask.quarter, ask.about.isoformat(), prepared, _whole(key).sign(prepared, scheme, hashes.SHA384()))


def rows(engine: sa.Engine, table: sa.Table) -> list[dict[str, object]]:
    """All rows of a table, in the order they lie in."""
    with engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(sa.select(table))]


@lru_cache(maxsize=2)
def _whole(key: blind.SecretKey) -> rsa.RSAPrivateKey:
    return key._rsa()  # checked as it is made, which takes long


def _next(day: date) -> date:
    return day + timedelta(days=3 if day.weekday() == 4 else 1)
