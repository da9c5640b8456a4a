"""The pulse in the book: a right to one token a quarter, tokens that are spent once, answers that lead to nobody."""

import hashlib
import hmac
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy import Connection

from groundswell.errors import PrivacyError
from groundswell.privacy import blind
from groundswell.privacy.blind import PublicKey, SecretKey
from groundswell.selfreport import answers
from groundswell.selfreport.accounts import ACCOUNTS
from groundswell.selfreport.answers import BATCH, LEAST_IN_STRATUM, LEVELS, Answer, Kept
from groundswell.selfreport.asking import LINK_DAYS, Ask, after, read_claim, second_day, turn_about
from groundswell.selfreport.base import METADATA, upsert

TOKEN_BYTES = 32
"""Randomness of a token, before RFC 9474 puts as much again before it."""

_FLUSHING = 7_301_963
"""Number of PostgreSQL's advisory lock around a batch."""

KEYS = sa.Table(
    "pulse_keys",
    METADATA,
    sa.Column("quarter", sa.Text, primary_key=True),
    sa.Column("public", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
)
"""One signing key a quarter; the half that signs is sealed with the server's secret."""

CLAIMS = sa.Table(
    "pulse_claims",
    METADATA,
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sa.Column("quarter", sa.Text, nullable=False),
    sa.Column("request", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,  # rows lie in the order of hashes: the file does not tell who came after whom
)
"""Rights that were used: hashes that only the server's secret can tie to an account; no account, no day, no order."""

SPENT = sa.Table(
    "pulse_spent",
    METADATA,
    sa.Column("token", sa.LargeBinary, primary_key=True),
    sa.Column("quarter", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Hashes of tokens that were spent, so that none is spent twice."""

WAITING = sa.Table(
    "pulse_waiting",
    METADATA,
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("quarter", sa.Text, nullable=False),
    sa.Column("day", sa.Date, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
"""Fewer than a batch of answers, until the batch is full; in no backup."""

ANSWERS = sa.Table(
    "pulse_answers",
    METADATA,
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("quarter", sa.Text, nullable=False),
    sa.Column("used", sa.Boolean, nullable=False),
    sa.Column("tool", sa.Text, nullable=False),
    sa.Column("job", sa.Text, nullable=False),
    sa.Column("how", sa.Text, nullable=False),
    sa.Column("kept", sa.Boolean),
    sa.Column("stratum", sa.Text, nullable=False),
    sqlite_with_rowid=False,
)
"""Answers without day, hour, order, token or person."""

TALLIES = sa.Table(
    "pulse_tallies",
    METADATA,
    sa.Column("quarter", sa.Text, primary_key=True),
    sa.Column("item", sa.Text, primary_key=True),
    sa.Column("word", sa.Text, primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""What is only counted over a quarter: days asked about, what was expected, pairs of days, reasons named."""


class Refusal(StrEnum):
    """Why a door of the pulse stays shut."""

    UNKNOWN = "unknown"
    CLOSED = "closed"
    USED = "used"
    FORGED = "forged"
    SPENT = "spent"


@dataclass(frozen=True, slots=True, repr=False)
class Token:
    """What an answer comes with.

    Attributes:
        quarter: whose key signed it.
        about: ISO date of the day the answer is about.
        prepared: its randomness.
        signature: unblinded.
    """

    quarter: str
    about: str
    prepared: bytes
    signature: bytes


def public_key(connection: Connection, quarter: str, *, secret: bytes) -> PublicKey:
    """The quarter's key that everybody sees, made on first use."""
    return _key(connection, quarter, secret).public


def group_of(connection: Connection, unit: str, leads: bool) -> tuple[str, str]:
    """The team and the level an answer may say it comes from: "" for each that has too few people."""
    same = sa.select(sa.func.count()).select_from(ACCOUNTS)
    stratum = unit if unit and connection.execute(same.where(ACCOUNTS.c.unit == unit)).scalar_one() >= LEAST_IN_STRATUM else ""
    level = LEVELS[0] if leads else LEVELS[1]
    known = level in _levels(connection)
    return stratum, level if known else ""


def used(connection: Connection, claim: str, *, secret: bytes) -> bool:
    """Whether a right was used already; True for what is none."""
    read = read_claim(secret, claim)
    if read is None:
        return True
    key = hashlib.sha256(read[1]).digest()
    return connection.execute(sa.select(CLAIMS.c.quarter).where(CLAIMS.c.key == key)).first() is not None


def sign(connection: Connection, claim: str, blinded: bytes, *, secret: bytes, today: date) -> bytes | Refusal:
    """Use a right up and sign the token that hides behind it; the same request is answered again, as after a lost reply.

    Args:
        connection: of a writing transaction.
        claim: as the link or the page carries it.
        blinded: the hidden token.
        secret: of the server.
        today: UTC.

    Raises:
        PrivacyError: what was sent is no blinded token.
    """
    read = read_claim(secret, claim)
    if read is None:
        return Refusal.UNKNOWN
    ask, number = read
    if not ask.open_on(today):
        return Refusal.CLOSED
    signed = blind.blind_sign(_key(connection, ask.quarter, secret), blinded)  # before the right is used up: it may be refused
    if not _use(connection, ask, number, hashlib.sha256(blinded).digest()):
        return Refusal.USED
    return signed


def spend(
    connection: Connection, token: Token, answer: Answer | None, *, secret: bytes, tools: Collection[str], today: date
) -> Refusal | None:
    """Take an answer for a token, whole or not at all; None says that it was taken.

    Args:
        connection: of a writing transaction. Once it is committed, the answer outlives the process.
        token: and the quarter and day its answer says it is about.
        answer: None for a day on which its giver did not work: the token is spent and nothing is counted.
        secret: of the server.
        tools: canonical names of tools there are.
        today: UTC.
    """
    ask, prepared = turn_about(token.quarter, token.about), token.prepared
    if ask is None or not ask.open_on(today):
        return Refusal.CLOSED
    key = public_key(connection, ask.quarter, secret=secret)
    if len(prepared) != blind.PREFIX_BYTES + TOKEN_BYTES or not blind.verify(key, prepared, token.signature):
        return Refusal.FORGED
    put = upsert(connection, SPENT).values(token=hashlib.sha256(prepared).digest(), quarter=ask.quarter)
    if not _new(connection, put, SPENT.c.token):
        return Refusal.SPENT
    if answer is not None:
        _wait(connection, ask, _clean(connection, answer, tools, second=second_day(prepared)))
    return None


def spend_openly(
    connection: Connection,
    claim: str,
    answer: Answer | None,
    *,
    secret: bytes,
    tools: Collection[str],
    today: date,
) -> Refusal | None:
    """Take an answer without a blind token, as from a browser without script: what is stored is the same, the promise is less.

    This process sees the right and the answer in one request. It keeps nothing that joins them, yet it could: the page says so.
    """
    read = read_claim(secret, claim)
    if read is None:
        return Refusal.UNKNOWN
    ask, number = read
    if not ask.open_on(today):
        return Refusal.CLOSED
    # A request nobody sent: a browser that comes back later with a hidden token finds the right used.
    if not _use(connection, ask, number, b""):
        return Refusal.USED
    if answer is not None:
        _wait(connection, ask, _clean(connection, answer, tools, second=False))
    return None


def quarter_answers(connection: Connection, quarter: str) -> tuple[list[Kept], Counter[tuple[str, str]]]:
    """All answers of a quarter that is over, those that still wait for a full batch among them, and its counts.

    Fewer than a batch in a whole quarter are given out to nobody: empty.
    """
    moved = connection.execute(sa.select(ANSWERS).where(ANSWERS.c.quarter == quarter)).all()
    kept = [Kept(r.number, r.used, r.tool, r.job, r.how, r.kept, r.stratum) for r in moved]
    tallied = connection.execute(sa.select(TALLIES).where(TALLIES.c.quarter == quarter)).all()
    counts = Counter({(r.item, r.word): r.n for r in tallied})
    rest, more = answers.part(_waiting(connection.execute(sa.select(WAITING).where(WAITING.c.quarter == quarter)).all()))
    whole = [*kept, *rest]
    return (whole, counts + more) if len(whole) >= BATCH else ([], Counter())


def settle(connection: Connection, quarter: str) -> None:
    """Move what still waits when a quarter is over, so that it keeps its number from then on; see `quarter_answers`."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("select pg_advisory_xact_lock(:n)"), {"n": _FLUSHING})
    moved, waiting = (_held(connection, table, quarter) for table in (ANSWERS, WAITING))
    if waiting and moved + waiting >= BATCH:
        _flush(connection, quarter)


def over(quarter: str, today: date) -> bool:
    """Whether no link of a quarter opens any more."""
    return today >= after(quarter) + timedelta(days=LINK_DAYS)


def quarters(connection: Connection) -> list[str]:
    """Quarters that hold answers, in order."""
    held = sa.union(sa.select(ANSWERS.c.quarter), sa.select(WAITING.c.quarter))
    return sorted(connection.execute(held).scalars())


def forget(connection: Connection, today: date) -> None:
    """Erase who asked for tokens, the tokens and the keys of quarters that are over: nothing needs them any more."""
    for table in (CLAIMS, SPENT, KEYS):
        held = connection.execute(sa.select(table.c.quarter).distinct()).scalars().all()
        for quarter in held:
            if over(quarter, today):
                connection.execute(table.delete().where(table.c.quarter == quarter))


def _use(connection: Connection, ask: Ask, number: bytes, request: bytes) -> bool:
    key = hashlib.sha256(number).digest()
    put = upsert(connection, CLAIMS).values(key=key, quarter=ask.quarter, request=request)
    if _new(connection, put, CLAIMS.c.key):
        return True
    before = connection.execute(sa.select(CLAIMS.c.request).where(CLAIMS.c.key == key)).scalar()
    return bool(request) and before is not None and hmac.compare_digest(before, request)


def _new(connection: Connection, put: Any, key: "sa.Column[Any]") -> bool:
    """Insert a row if its key is not there; whether it was. Asked by what comes back: PostgreSQL's driver counts no rows here."""
    return connection.execute(put.on_conflict_do_nothing().returning(key)).first() is not None


def _clean(connection: Connection, answer: Answer, tools: Collection[str], *, second: bool) -> Answer:
    stratum, _ = group_of(connection, answer.stratum, leads=False)
    levels = _levels(connection) if answer.level else ()
    return answers.tidy(answer, tools=tools, strata={stratum} - {""}, levels=levels, second=second)


def _levels(connection: Connection) -> tuple[str, ...]:
    """Levels with people enough; none unless both have, for the one left out would be the other."""
    rows = connection.execute(sa.select(ACCOUNTS.c.leads, sa.func.count()).group_by(ACCOUNTS.c.leads)).all()
    return LEVELS if len(rows) == len(LEVELS) and all(n >= LEAST_IN_STRATUM for _, n in rows) else ()


def _wait(connection: Connection, ask: Ask, answer: Answer) -> None:
    number, content = answers.new_number(), msgspec.json.encode(answer)
    connection.execute(WAITING.insert().values(number=number, quarter=ask.quarter, day=ask.about, content=content))
    if connection.dialect.name == "postgresql":
        alone = connection.execute(sa.text("select pg_try_advisory_xact_lock(:n)"), {"n": _FLUSHING}).scalar()
        if not alone:  # another transaction moves a batch: ours waits for the next
            return
    if _held(connection, WAITING, ask.quarter) >= BATCH:
        _flush(connection, ask.quarter)


def _held(connection: Connection, table: sa.Table, quarter: str) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(table).where(table.c.quarter == quarter)).scalar_one()


def _flush(connection: Connection, quarter: str) -> None:
    """Take the waiting answers apart; whoever calls has counted them, and nobody else may be taking them away."""
    taken = connection.execute(WAITING.delete().where(WAITING.c.quarter == quarter).returning(WAITING.c.day, WAITING.c.content))
    rows, counts = answers.part(_waiting(taken.all()))
    connection.execute(ANSWERS.insert(), [{**asdict(row), "quarter": quarter} for row in rows])
    for (item, word), n in sorted(counts.items()):
        put = upsert(connection, TALLIES).values(quarter=quarter, item=item, word=word, n=n)
        connection.execute(put.on_conflict_do_update(index_elements=["quarter", "item", "word"], set_={"n": TALLIES.c.n + n}))


def _waiting(rows: Iterable[Any]) -> list[tuple[date, Answer]]:
    return [(row.day, msgspec.json.decode(row.content, type=Answer)) for row in rows]


def _key(connection: Connection, quarter: str, secret: bytes) -> SecretKey:
    found = connection.execute(sa.select(KEYS.c.sealed).where(KEYS.c.quarter == quarter)).scalar()
    if found is None:
        from nacl.secret import SecretBox

        drawn = blind.make_key()
        sealed = bytes(SecretBox(_sealing(secret)).encrypt(drawn.to_der()))
        put = upsert(connection, KEYS).values(quarter=quarter, public=drawn.public.to_der(), sealed=sealed)
        connection.execute(put.on_conflict_do_nothing())
        found = connection.execute(sa.select(KEYS.c.sealed).where(KEYS.c.quarter == quarter)).scalar_one()
    return _opened(bytes(found), _sealing(secret))


@lru_cache(maxsize=4)
def _opened(sealed: bytes, key: bytes) -> SecretKey:
    from nacl.exceptions import CryptoError
    from nacl.secret import SecretBox

    try:
        return blind.secret_key(SecretBox(key).decrypt(sealed))
    except CryptoError as error:
        raise PrivacyError(
            "pulse key", "the server's secret did not seal it", remedy="Give the server the secret it had"
        ) from error


def _sealing(secret: bytes) -> bytes:
    return hmac.new(secret, b"pulse key", hashlib.sha256).digest()
