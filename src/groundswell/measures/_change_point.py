"""Whether and when a weekly share changed for good: a binomial change point, judged against shuffled blocks of weeks (M3)."""

from dataclasses import dataclass

import numpy as np

from groundswell.measures._rates import Floats

LEAST_SEGMENT = 6
"""Weeks a segment must have on either side of a change (M3)."""

BLOCK = 4
"""Weeks shuffled together, so that weeks that hang together stay so (M3)."""

PERMUTATIONS = 999
"""Permutations (measures.md, defaults)."""


@dataclass(frozen=True)
class Change:
    """The most likely change.

    Attributes:
        week: index of the first week after it.
        before, after: shares on either side.
        p: share of shuffled series with at least as large a likelihood ratio, (1 + as many) / (1 + shuffles).
    """

    week: int
    before: float
    after: float
    p: float


def change(hits: Floats, trials: Floats, *, seed: int, permutations: int = PERMUTATIONS) -> Change:
    """Find the binomial maximum-likelihood-ratio change point.

    Args:
        hits: successes a week, 0 <= hits <= trials.
        trials: a week, >= 0; weeks without any say nothing.
        seed: of the shuffles.
        permutations: how many.

    Raises:
        ValueError: fewer than two segments' worth of weeks.

    Source: Worsley 1983 for the statistic; blocks after Kirch 2007. What dependence remains past a block can still raise alarms.
    """
    if len(hits) < 2 * LEAST_SEGMENT:
        raise ValueError(f"a change point needs at least {2 * LEAST_SEGMENT} weeks, got {len(hits)}")
    ratio = _ratios(hits[None, :], trials[None, :])[0]
    best = int(ratio.argmax())
    cut = best + LEAST_SEGMENT
    rng = np.random.default_rng(seed)
    orders = np.stack([_shuffled_blocks(len(hits), rng) for _ in range(permutations)])
    highest = _ratios(hits[orders], trials[orders]).max(axis=1)
    p = (1 + int((highest >= ratio[best] - 1e-9).sum())) / (1 + permutations)
    return Change(cut, _share(hits[:cut], trials[:cut]), _share(hits[cut:], trials[cut:]), p)


def _ratios(hits: Floats, trials: Floats) -> Floats:
    """Log-likelihood ratio of a change after each allowed week, one row a series."""
    y, n = hits.cumsum(axis=1), trials.cumsum(axis=1)
    total_y, total_n = y[:, -1:], n[:, -1:]
    inner = slice(LEAST_SEGMENT - 1, hits.shape[1] - LEAST_SEGMENT)
    y, n = y[:, inner], n[:, inner]
    ratios: Floats = _log_likelihood(y, n) + _log_likelihood(total_y - y, total_n - n) - _log_likelihood(total_y, total_n)
    return ratios


def _log_likelihood(y: Floats, n: Floats) -> Floats:
    from scipy.special import xlogy

    safe = np.maximum(n, 1e-12)
    value: Floats = xlogy(y, y / safe) + xlogy(n - y, (n - y) / safe)
    return value


def _shuffled_blocks(weeks: int, rng: np.random.Generator) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    """Weeks in blocks that begin at a random offset, going round, the blocks in random order."""
    order = np.roll(np.arange(weeks), int(rng.integers(weeks)))
    blocks = np.array_split(order, max(1, weeks // BLOCK))
    return np.concatenate([blocks[i] for i in rng.permutation(len(blocks))]).astype(np.int64)


def _share(hits: Floats, trials: Floats) -> float:
    return float(hits.sum() / max(float(trials.sum()), 1.0))
