"""The door through which somebody sees their own words counted: nobody else can open what comes out of it."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import msgspec
import numpy as np
from numpy.typing import NDArray

from groundswell.errors import InputError, PrivacyError

if TYPE_CHECKING:
    from nacl.public import PrivateKey

LEAST_STATEMENTS = 20
"""Fewer own public statements than this say nothing (measures.md, M6)."""

SHORTEST_PHRASE = 12
"""Characters of the sentence that opens a mirror."""

DRAWS = 30
"""Draws of what the reader's labels really were (measures.md, M0)."""

ITEMS = ("prototypes", "lessons", "questions", "help", "reasons", "demands", "deadlines", "sanctions")
"""What is counted, in the order of the page; there is no sum of them and no comparison with anybody."""

_OPS, _MEMORY = 3, 128 * 1024 * 1024
"""Argon2id: some tenths of a second and 128 MB a try, so that a sealed mirror cannot be opened by guessing."""

_SALT, _POINT = 16, 32


class Quarter(msgspec.Struct, frozen=True, kw_only=True):
    """One quarter of one's own public words.

    Attributes:
        quarter: such as "2026-Q1".
        messages: own public messages of any topic: what the counts are a share of.
        counts: item -> own public acts.
        change: item -> probability that a difference as large from the quarter before is chance; only where it can be said.
    """

    quarter: str
    messages: int
    counts: dict[str, int]
    change: dict[str, float]


class Mirror(msgspec.Struct, frozen=True, kw_only=True):
    """What one person sees of themselves.

    Attributes:
        quarters: oldest first; none if withheld.
        statements: own public statements about AI in all of them.
        audited: whether the counts' doubt comes from an audit of the reader; else they are as the reader read them.
    """

    quarters: tuple[Quarter, ...]
    statements: int
    audited: bool

    @property
    def withheld(self) -> bool:
        """Whether there are too few own words to count."""
        return self.statements < LEAST_STATEMENTS


@dataclass(frozen=True, slots=True)
class Own:
    """One quarter as it was read.

    Attributes:
        quarter: such as "2026-Q1".
        messages: own public messages.
        statements: those that did something about AI.
        counts: item -> acts.
    """

    quarter: str
    messages: int
    statements: int
    counts: Mapping[str, int]


def reflect(own: Sequence[Own], *, right: Mapping[str, tuple[int, int]], seed: int) -> Mirror:
    """Count, and say what changed by more than chance.

    Args:
        own: quarters of one person, oldest first.
        right: item -> (labels the audit found right, labels it looked at) of the class the item is read by; an item without is
            taken as read.
        seed: of the draws.

    Source: exact conditional test of two Poisson rates, Przyborowski & Wilenski 1940; the p-values of the draws are joined by
        twice their median, which holds however they depend (Rueger 1978).
    """
    statements = sum(q.statements for q in own)
    if statements < LEAST_STATEMENTS:
        return Mirror(quarters=(), statements=statements, audited=bool(right))
    rng = np.random.default_rng(seed)
    chance = {item: _right(right.get(item), rng) for item in ITEMS}
    quarters = []
    for n, now in enumerate(own):
        before = own[n - 1] if n else None
        change = {i: p for i in ITEMS if before is not None and (p := _changed(before, now, i, chance[i], rng)) is not None}
        quarters.append(
            Quarter(quarter=now.quarter, messages=now.messages, counts={i: now.counts.get(i, 0) for i in ITEMS}, change=change)
        )
    return Mirror(quarters=tuple(quarters), statements=statements, audited=bool(right))


def exact_change(first: int, first_of: int, second: int, second_of: int) -> float:
    """Probability of a split of acts at least as unlikely as this one, if both quarters had the same rate.

    Args:
        first: acts of one quarter.
        first_of: messages they are a share of, > 0.
        second: acts of the other.
        second_of: messages of the other, > 0.

    Source: Przyborowski & Wilenski 1940: given their sum, the first is binomial.
    """
    n = first + second
    if n == 0:
        return 1.0
    table = _binomial(n, first_of / (first_of + second_of))
    return min(1.0, float(table[table <= table[first] * (1 + 1e-9)].sum()))


def key_for(phrase: str, salt: bytes = b"") -> str:
    """The half of a person's key that others may have, made from a sentence only they know; a salt is drawn if none is given.

    Raises:
        InputError: the sentence is too short.
    """
    import nacl.utils

    if len(phrase) < SHORTEST_PHRASE:
        raise InputError("mirror", "the sentence is too short", expected=f"at least {SHORTEST_PHRASE} characters")
    salt = salt or nacl.utils.random(_SALT)
    return _text(salt + bytes(_secret(phrase, salt).public_key))


def seal(mirror: Mirror, key: str) -> str:
    """A mirror only the owner of the key can open: not even whoever sealed it.

    Raises:
        InputError: this is no key.
    """
    from nacl.public import PublicKey, SealedBox

    raw = _bytes(key)
    if len(raw) != _SALT + _POINT:
        raise InputError("mirror", "this is no key for a mirror", expected="the text the mirror's page shows")
    sealed = SealedBox(PublicKey(raw[_SALT:])).encrypt(_padded(msgspec.json.encode(mirror)))
    return _text(raw[:_SALT] + sealed)


def unseal(sealed: str, phrase: str) -> Mirror:
    """Open one's own mirror by the sentence its key was made from.

    Raises:
        PrivacyError: the sentence does not open it; nothing says why.
    """
    from nacl.exceptions import CryptoError
    from nacl.public import SealedBox

    try:
        raw = _bytes(sealed)
        opened = SealedBox(_secret(phrase, raw[:_SALT])).decrypt(raw[_SALT:])
        return msgspec.json.decode(opened.rstrip(b" "), type=Mirror)
    except (CryptoError, InputError, ValueError, msgspec.MsgspecError) as error:
        raise PrivacyError("mirror", "this sentence does not open it", remedy="Try the sentence it was made with") from error


def _right(seen: tuple[int, int] | None, rng: np.random.Generator) -> NDArray[np.float64]:
    if seen is None:
        return np.ones(DRAWS)
    return rng.beta(seen[0] + 1, seen[1] - seen[0] + 1, DRAWS)


def _changed(before: Own, now: Own, item: str, chance: NDArray[np.float64], rng: np.random.Generator) -> float | None:
    first, second = before.counts.get(item, 0), now.counts.get(item, 0)
    if not before.messages or not now.messages:
        return None
    values = [
        exact_change(int(rng.binomial(first, c)), before.messages, int(rng.binomial(second, c)), now.messages)
        for c in chance.tolist()
    ]
    return min(1.0, 2 * float(np.median(values))) if any(chance < 1) else values[0]


@lru_cache(maxsize=512)
def _binomial(n: int, share: float) -> NDArray[np.float64]:
    from scipy.stats import binom

    return np.asarray(binom.pmf(np.arange(n + 1), n, share))


def _secret(phrase: str, salt: bytes) -> "PrivateKey":
    import nacl.pwhash
    from nacl.public import PrivateKey

    seed = nacl.pwhash.argon2id.kdf(PrivateKey.SEED_SIZE, phrase.encode("utf8"), salt, opslimit=_OPS, memlimit=_MEMORY)
    return PrivateKey.from_seed(seed)


def _padded(text: bytes) -> bytes:
    """To whole kilobytes: the length of a sealed mirror says nothing of what is in it."""
    return text.ljust(-(-len(text) // 1024) * 1024)


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode("ascii")


def _bytes(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode("".join(text.split()).encode("ascii"))
    except (ValueError, UnicodeEncodeError) as error:
        raise InputError("mirror", "this text is damaged", expected="the whole of it, as it was shown") from error
