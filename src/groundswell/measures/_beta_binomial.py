"""Shares of several groups, each steadied by the others: beta-binomial with its two parameters integrated over a grid."""

from dataclasses import dataclass

import numpy as np

from groundswell.measures._rates import Floats, Interval

GRID = 40
"""Points a side for the mean and the log concentration (M7)."""

LARGEST_CONCENTRATION = 200.0
"""Beyond this, groups are taken to be alike (M7)."""


@dataclass(frozen=True)
class Shrunk:
    """What is known of each group.

    Attributes:
        groups: share of each with its interval.
        mean: overall mean share, posterior mean.
    """

    groups: tuple[Interval, ...]
    mean: float


def shrink(hits: Floats, trials: Floats, level: float = 0.95) -> Shrunk:
    """Posterior share of each group.

    Args:
        hits: successes a group, 0 <= hits <= trials; may be fractions, as effective counts of a survival curve are.
        trials: a group, > 0.
        level: probability of the intervals.

    Returns:
        Posterior mean and equal-tailed interval of each group, in the order given.

    Source: Gelman & Hill 2007, chapter 12; Gelman et al. 2013, section 5.3, with a uniform prior on (mean, log kappa).
    """
    from scipy.special import betaln

    mean = (np.arange(GRID) + 0.5) / GRID
    kappa = np.exp(np.linspace(0.0, np.log(LARGEST_CONCENTRATION), GRID))
    a = (mean[:, None] * kappa[None, :]).ravel()
    b = ((1 - mean)[:, None] * kappa[None, :]).ravel()
    log_weight = np.zeros(GRID * GRID)
    for y, n in zip(hits, trials, strict=True):
        log_weight += betaln(a + y, b + n - y) - betaln(a, b)
    weight = np.exp(log_weight - log_weight.max())
    weight /= weight.sum()
    order = np.argsort(-weight)
    kept = order[: int(np.searchsorted(np.cumsum(weight[order]), 0.9995)) + 1]  # the rest cannot move a figure that is read
    a, b, weight = a[kept], b[kept], weight[kept] / weight[kept].sum()
    groups = []
    for y, n in zip(hits, trials, strict=True):
        own = Mixture(a + y, b + n - y, weight)
        low, high = (own.quantile(q) for q in ((1 - level) / 2, (1 + level) / 2))
        groups.append(Interval(float((weight * (a + y) / (a + b + n)).sum()), low, high))
    return Shrunk(tuple(groups), float((weight * a / (a + b)).sum()))


@dataclass(frozen=True)
class Mixture:
    """Beta laws with weights that sum to one."""

    a: Floats
    b: Floats
    weight: Floats

    def quantile(self, q: float) -> float:
        """The value below which a share q lies: bracketed on a coarse grid, then on a fine one inside, to about 1/600."""
        low, high = 0.0, 1.0
        for _ in range(2):
            grid = np.linspace(low, high, 26)
            below = self._below(grid)
            place = int(np.clip(np.searchsorted(below, q), 1, len(grid) - 1))
            low, high = float(grid[place - 1]), float(grid[place])
        return float(np.interp(q, below[place - 1 : place + 1], [low, high]))

    def _below(self, grid: Floats) -> Floats:
        from scipy.special import betainc

        below: Floats = self.weight @ betainc(self.a[:, None], self.b[:, None], grid[None, :])
        return below
