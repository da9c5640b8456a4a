"""On which day is a person asked, and about which day: once a quarter, drawn by a key, so that no list of days is kept."""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from groundswell.privacy.book import quarter_of

LINK_DAYS = 5
"""A link opens for so many days after the day it asks about: over a weekend, yet not so long that the day is forgotten."""

SECOND_DAY = 0.2
"""Share of tokens that are asked about a second day: what "daily" can be told from (measures.md, M8)."""

_ID, _MAC = 16, 16
"""Bytes of a claim's number and of the proof that this server made it."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One person's turn in a quarter.

    Attributes:
        quarter: such as "2026-Q1".
        about: the working day that is asked about.
        on: the next working day, on which the link comes.
    """

    quarter: str
    about: date
    on: date

    @property
    def until(self) -> date:
        """Last day on which the link opens."""
        return self.about + timedelta(days=LINK_DAYS)

    def open_on(self, day: date) -> bool:
        """Whether the link opens on a day."""
        return self.on <= day <= self.until


def first_day(quarter: str) -> date:
    """First day of a quarter such as "2026-Q1"."""
    year, number = quarter.split("-Q")
    return date(int(year), 3 * int(number) - 2, 1)


def after(quarter: str) -> date:
    """First day of the next quarter."""
    first = first_day(quarter)
    return (first + timedelta(days=95)).replace(day=1)


@lru_cache(maxsize=16)
def workdays(quarter: str) -> tuple[date, ...]:
    """Mondays to Fridays of a quarter; on a holiday people answer that they did not work."""
    first, end = first_day(quarter), after(quarter)
    days = (first + timedelta(days=n) for n in range((end - first).days))
    return tuple(day for day in days if day.weekday() < 5)


def ask_of(secret: bytes, account: str, quarter: str) -> Ask:
    """A person's turn: every working day of the quarter but the last is as likely to be asked about.

    Args:
        secret: of the server; without it nobody can tell whose turn is when.
        account: number of the account.
        quarter: such as "2026-Q1".
    """
    days = workdays(quarter)
    drawn = int.from_bytes(_keyed(secret, "turn", account, quarter), "big") % (len(days) - 1)
    return Ask(quarter, days[drawn], days[drawn + 1])


def turn_on(secret: bytes, account: str, day: date) -> Ask | None:
    """The turn that is open on a day; None if there is none. A turn at the end of a quarter may still be open in the next."""
    for quarter in dict.fromkeys((quarter_of(day - timedelta(days=LINK_DAYS)), quarter_of(day))):
        ask = ask_of(secret, account, quarter)
        if ask.open_on(day):
            return ask
    return None


def turn_about(quarter: str, about: str) -> Ask | None:
    """The turn that asks about a day; None if there is no such quarter, or the day is not asked about in it.

    Args:
        quarter: such as "2026-Q1", as somebody says it.
        about: ISO date, as somebody says it.
    """
    try:
        days = workdays(quarter)
        at = days.index(date.fromisoformat(about))
    except ValueError:
        return None
    return Ask(quarter, days[at], days[at + 1]) if at + 1 < len(days) else None


def claim_of(secret: bytes, account: str, ask: Ask) -> str:
    """What a link carries: the right to one token, without a word of whose it is.

    The same person and quarter give the same claim, so that a link and a signed-in page are one right; only the server's secret
    leads from an account to its claim, and nothing leads back.
    """
    number = _keyed(secret, "claim", account, ask.quarter)[:_ID]
    proof = _proof(secret, ask.quarter, ask.about.isoformat(), number)
    return f"{ask.quarter}.{ask.about.isoformat()}.{_text(number + proof)}"


def read_claim(secret: bytes, claim: str) -> tuple[Ask, bytes] | None:
    """The turn a claim is for, and its number; None if this server did not make it."""
    try:
        quarter, about, packed = claim.split(".")
        raw = _bytes(packed)
    except ValueError:
        return None
    ask = turn_about(quarter, about)
    # One right has one spelling: base 64 would let some last letters stand for others.
    right = packed == _text(raw) and hmac.compare_digest(raw[_ID:], _proof(secret, quarter, about, raw[:_ID]))
    return (ask, raw[:_ID]) if right and ask is not None else None


def second_day(prepared: bytes) -> bool:
    """Whether a token is asked about a second day: the token's own randomness decides, so that nobody is chosen."""
    drawn = int.from_bytes(hashlib.sha256(b"second day" + prepared).digest()[:8], "big")
    return drawn < SECOND_DAY * 2**64


def workday_before(day: date) -> date:
    """The last Monday to Friday before a day."""
    return day - timedelta(days={0: 3, 6: 2}.get(day.weekday(), 1))


def _keyed(secret: bytes, *parts: str) -> bytes:
    return hmac.new(secret, "\x1f".join(("pulse", *parts)).encode("utf8", "surrogatepass"), hashlib.sha256).digest()


def _proof(secret: bytes, quarter: str, about: str, number: bytes) -> bytes:
    return _keyed(secret, "proof", quarter, about, number.hex())[:_MAC]


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii").rstrip("=")


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
