"""A test by permuting a drawn order, and the interval that inverts it (M13)."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np

from groundswell.measures._rates import Floats, Interval

Ints = np.ndarray[Any, np.dtype[np.int64]]

MOST_ORDERS = 20_000
"""More allowed orders than this are sampled."""

SAMPLED = 9_999


@dataclass(frozen=True)
class Cases:
    """Cases of groups over time.

    Attributes:
        group: group of each, 0 .. G-1.
        day: when each began.
        value: its outcome.
    """

    group: Ints
    day: Floats
    value: Floats


@dataclass(frozen=True)
class Tested:
    """What permutation gives.

    Attributes:
        interval: estimate and the interval of all effects the test does not reject.
        p: two-sided p value of no effect.
        smallest: the smallest p the drawn order could have given.
    """

    interval: Interval
    p: float
    smallest: float


def orders(start: Floats) -> int:
    """How many different assignments of groups to these start days there are."""
    _, counts = np.unique(start, return_counts=True)
    total = factorial(len(start))
    for n in counts:
        total //= factorial(int(n))
    return total


def difference(cases: Cases, start: Floats, values: Floats) -> float | None:
    """Mean of cases in minus mean of those not yet in, within periods between start days, weighted by their information.

    Returns:
        None if no period holds both.
    """
    edges = np.unique(start)
    period = np.searchsorted(edges, cases.day, side="right")
    treated = cases.day >= start[cases.group]
    total, weight = 0.0, 0.0
    for p in range(len(edges) + 1):
        one, other = (period == p) & treated, (period == p) & ~treated
        n, m = float(one.sum()), float(other.sum())
        if n and m:
            w = n * m / (n + m)
            total += w * (float(values[one].mean()) - float(values[other].mean()))
            weight += w
    return total / weight if weight else None


def permute(cases: Cases, start: Floats, *, seed: int, level: float = 0.95) -> Tested | None:
    """Test no effect, and find the effects that are not rejected.

    Args:
        cases: at least one in a group that was in while another was not.
        start: start day of each group; infinite for one that never started.
        seed: of the sampled orders, where there are too many to try all.
        level: probability of the interval.

    Returns:
        None if no comparison within the same weeks exists.

    Source: Fisher 1935; interval by inversion, Rosenbaum 2002, 2.6. An effect d is added to every case while in: the
    statistic of an order is then T(order) - d U(order), linear in d, so each order rejects on an interval of d.
    """
    observed = difference(cases, start, cases.value)
    if observed is None:
        return None
    treated = (cases.day >= start[cases.group]).astype(float)
    pairs = []
    for order in _allowed(start, seed):
        t, u = difference(cases, order, cases.value), difference(cases, order, treated)
        if t is not None and u is not None:
            pairs.append((t, u))
    stats = np.array(pairs)
    sampled = orders(start) > MOST_ORDERS
    p = _p(stats, observed, 0.0, sampled)
    low, high = _invert(stats, observed, 1 - level, sampled)
    return Tested(Interval(observed, min(low, observed), max(high, observed)), p, 1 / min(orders(start), SAMPLED + 1))


def _p(stats: Floats, observed: float, effect: float, sampled: bool) -> float:
    hit = np.abs(stats[:, 0] - effect * stats[:, 1]) >= abs(observed - effect) - 1e-12
    return (float(hit.sum()) + 1) / (len(stats) + 1) if sampled else float(hit.mean())


def _invert(stats: Floats, observed: float, alpha: float, sampled: bool) -> tuple[float, float]:
    """Outermost effects on either side that are not rejected; infinite where nothing ever is."""
    ends = []
    scale = max(1e-6, float(np.abs(stats[:, 0] - observed).max()))
    for side in (-1.0, 1.0):
        inside, step = 0.0, scale / 64
        while _p(stats, observed, observed + side * (inside + step), sampled) > alpha:
            inside += step
            step *= 1.5
            if inside > 1e4 * scale:
                break
        outside = inside + step
        for _ in range(30):
            middle = (inside + outside) / 2
            if _p(stats, observed, observed + side * middle, sampled) > alpha:
                inside = middle
            else:
                outside = middle
        ends.append(np.inf * side if inside > 1e4 * scale else observed + side * inside)
    return ends[0], ends[1]


def _allowed(start: Floats, seed: int) -> Iterator[Floats]:
    """Every different assignment of groups to the start days, or a sample of them."""
    if orders(start) > MOST_ORDERS:
        chance = np.random.default_rng(seed)
        for _ in range(SAMPLED):
            yield chance.permutation(start)
        return
    values, counts = np.unique(start, return_counts=True)
    for chosen in _assign(tuple(int(c) for c in counts), len(start)):
        yield values[list(chosen)]


def _assign(left: tuple[int, ...], places: int) -> Iterator[tuple[int, ...]]:
    """Words of `places` letters in which letter k stands left[k] times, each once."""
    if places == 0:
        yield ()
        return
    for k, n in enumerate(left):
        if n:
            for rest in _assign((*left[:k], n - 1, *left[k + 1 :]), places - 1):
                yield (k, *rest)
