"""Randomness by counting: every draw is a hash of (seed, stream, who, when), so order and batching never change a world.

The mixing is the finaliser of SplitMix64 (Steele, Lea & Flood 2014), applied twice; NumPy, numba and C give the same bits.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

UInts: TypeAlias = npt.NDArray[np.uint64]
Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Bools: TypeAlias = npt.NDArray[np.bool_]

_WORD = (1 << 64) - 1
_TICK = 0x9E3779B97F4A7C15  # odd, so that ticks never collide modulo 2**64
_WHO = np.uint64(0xD1342543DE82EF95)
_ONE = np.uint64(0xBF58476D1CE4E5B9)
_TWO = np.uint64(0x94D049BB133111EB)
_UNIT = np.float64(2.0**-53)  # a double has 53 bits of fraction
_PART_BITS = 21
_PART = np.uint64((1 << _PART_BITS) - 1)
_PART_UNIT = np.float64(2.0**-_PART_BITS)
_CHUNK = 1 << 14  # entities mixed at once, so that their bits stay in the processor's nearest memory


def _mix(x: UInts) -> UInts:
    x ^= x >> np.uint64(30)
    x *= _ONE
    x ^= x >> np.uint64(27)
    x *= _TWO
    x ^= x >> np.uint64(31)
    return x


@dataclass(frozen=True, slots=True)
class Stream:
    """One named sequence of draws; the same (who, tick) always gives the same bits."""

    key: int

    def bits(self, who: npt.ArrayLike, tick: int = 0) -> UInts:
        """64 bits for each entity in `who` (integers >= 0) at `tick` (>= 0); same shape as `who`."""
        x: UInts = np.multiply(np.atleast_1d(np.asarray(who)).astype(np.uint64, copy=False), _WHO)  # new: mixing works in place
        x += np.uint64((self.key + tick * _TICK) & _WORD)
        return _mix(x)

    def uniform(self, who: npt.ArrayLike, tick: int = 0) -> Floats:
        """Uniform draws in [0, 1), one for each entity."""
        drawn: Floats = (self.bits(who, tick) >> np.uint64(11)) * _UNIT
        return drawn

    def parts(self, who: npt.ArrayLike, count: int = 3) -> list[Floats]:
        """Up to three independent uniform draws in [0, 1) for each entity, of 21 bits each, out of one hash."""
        bits = self.bits(who)
        return [((bits >> np.uint64(_PART_BITS * n)) & _PART) * _PART_UNIT for n in range(count)]

    def below(self, bound: npt.ArrayLike, who: npt.ArrayLike, tick: int = 0) -> Ints:
        """Integers in [0, bound), bound >= 1; the bias of the multiplication is below bound / 2**53."""
        return np.floor(self.uniform(who, tick) * np.asarray(bound, dtype=np.float64)).astype(np.int64)

    def normal(self, who: npt.ArrayLike, tick: int = 0) -> Floats:
        """Standard normal draws (Box & Muller 1958)."""
        radius = np.sqrt(-2.0 * np.log1p(-self.uniform(who, 2 * tick)))
        turn: Floats = radius * np.cos(2.0 * np.pi * self.uniform(who, 2 * tick + 1))
        return turn

    def exponential(self, who: npt.ArrayLike, tick: int = 0) -> Floats:
        """Exponential draws of mean 1."""
        drawn: Floats = -np.log1p(-self.uniform(who, tick))
        return drawn

    def poisson(self, mean: npt.ArrayLike, who: npt.ArrayLike, tick: int = 0, most: int = 12) -> Ints:
        """Poisson counts by inversion, cut at `most`."""
        rate = np.broadcast_to(np.asarray(mean, dtype=np.float64), np.shape(who))
        left = self.uniform(who, tick)
        term = np.exp(-rate)
        count = np.zeros(np.shape(left), dtype=np.int64)
        for k in range(1, most + 1):
            left = left - term
            count += left >= 0
            term = term * rate / k
        return count


class Crowd:
    """The same entities asked again and again: their part of the hash is kept, and no draw takes new memory.

    Args:
        size: how many; they are the numbers from 0.
    """

    def __init__(self, size: int) -> None:
        self._own = np.arange(size, dtype=np.uint64) * _WHO
        self._bits = np.empty(min(size, _CHUNK), dtype=np.uint64)
        self._spare = np.empty_like(self._bits)
        self._low = np.empty(size, dtype=np.bool_)

    def under(self, stream: Stream, tick: int, threshold: UInts) -> Ints:
        """Who draws `stream.bits(who, tick)` below their threshold, ascending."""
        key = np.uint64((stream.key + tick * _TICK) & _WORD)
        for first in range(0, len(self._own), _CHUNK):
            own = self._own[first : first + _CHUNK]
            x, spare = self._bits[: len(own)], self._spare[: len(own)]
            np.add(own, key, out=x)
            for shift, factor in ((30, _ONE), (27, _TWO), (31, None)):
                np.right_shift(x, np.uint64(shift), out=spare)
                np.bitwise_xor(x, spare, out=x)
                if factor is not None:
                    np.multiply(x, factor, out=x)
            np.less(x, threshold[first : first + _CHUNK], out=self._low[first : first + _CHUNK])
        return np.flatnonzero(self._low)


@dataclass(frozen=True, slots=True)
class Chance:
    """Where all streams of one world come from.

    Attributes:
        seed: any integer; the only source of chance.
    """

    seed: int

    def stream(self, *name: str | int) -> Stream:
        """The stream of this name; different names are independent."""
        text = "\x1f".join(str(part) for part in (self.seed, *name))
        return Stream(int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little"))


def expand(counts: npt.NDArray[Any]) -> tuple[Ints, Ints]:
    """For counts [2, 0, 3]: the owners [0, 0, 2, 2, 2] and the places within each [0, 1, 0, 1, 2]."""
    sizes = counts.astype(np.int64)
    owner = np.repeat(np.arange(len(sizes), dtype=np.int64), sizes)
    first = np.cumsum(sizes) - sizes
    return owner, np.arange(len(owner), dtype=np.int64) - first[owner]
