"""Left-truncated survival of practices: Kaplan-Meier, restricted mean, cumulative incidence of fates, stratified log-rank."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from groundswell.measures._rates import Floats, Interval, normal_quantile

Whole = np.ndarray[Any, np.dtype[np.int64]]

LEAST_AT_RISK = 10
"""A curve is read no further than the last time at which this many are at risk (M3)."""

TOTAL_PERMUTATIONS = 999
"""Permutations of a test (measures.md, defaults)."""

MANY_PRACTICES = 4000
"""From here on the permutations' normal limit stands in for them: they would take seconds and change no decimal that is read."""


@dataclass(frozen=True)
class Lives:
    """Practices as estimators see them, one value a practice.

    Attributes:
        entry, exit: days; at risk after entry and up to exit, entry < exit.
        fate: 0 censored, 1, 2, 3 the ends told apart.
        stratum: any integer, the same for practices of one team.
    """

    entry: Floats
    exit: Floats
    fate: Whole
    stratum: Whole

    def __len__(self) -> int:
        return len(self.exit)

    def where(self, keep: "np.ndarray[Any, Any]") -> "Lives":
        """The practices picked by a mask or by indices."""
        return Lives(self.entry[keep], self.exit[keep], self.fate[keep], self.stratum[keep])


@dataclass(frozen=True)
class Curve:
    """A survival curve at the times somebody ended.

    Attributes:
        times: distinct times with an end, ascending, in days.
        survival: probability of living past each time.
        at_risk, ends: at risk just before, and ended at, each time.
        greenwood: running sum of d / (n (n - d)); infinite once nobody is left.
    """

    times: Floats
    survival: Floats
    at_risk: Floats
    ends: Floats
    greenwood: Floats

    def at(self, day: float) -> float:
        """Probability of living past a day."""
        place = int(np.searchsorted(self.times, day, side="right"))
        return float(self.survival[place - 1]) if place else 1.0

    def interval(self, day: float) -> Interval:
        """Probability of living past a day with its log-minus-log interval; [0, 1] where nothing is known of its spread.

        Source: Kalbfleisch & Prentice 1980, section 1.3.
        """
        place = int(np.searchsorted(self.times, day, side="right"))
        value = self.at(day)
        if not place or not 0 < value < 1 or not np.isfinite(self.greenwood[place - 1]):
            # Nobody ended, or everybody: the exact binomial bound of the number at risk stands in.
            n = float(self.at_risk[: max(place, 1)].min()) if len(self.times) else 0.0
            reach = 1 - 0.025 ** (1 / n) if n > 0 else 1.0
            return Interval(value, value - reach if value == 1 else 0.0, 1.0 if value == 1 else min(1.0, reach))
        spread = normal_quantile(0.95) * np.sqrt(self.greenwood[place - 1]) / np.log(value)
        return Interval(value, float(value ** np.exp(-spread)), float(value ** np.exp(spread)))


def kaplan_meier(lives: Lives) -> Curve:
    """Left-truncated product-limit estimate.

    Source: Kaplan & Meier 1958; left truncation as in Klein & Moeschberger 2003, section 4.6. A risk set that ends to the last
    practice ends the curve, as there; see `last_readable_day` for how far it may be read.
    """
    times, counts = np.unique(lives.exit[lives.fate > 0], return_counts=True)
    at_risk = number_at_risk(lives, times)
    ends = counts.astype(float)
    left = at_risk - ends
    with np.errstate(divide="ignore"):
        greenwood = np.cumsum(np.where(left > 0, ends / (at_risk * np.maximum(left, 1e-300)), np.inf))
    return Curve(times, np.cumprod(left / at_risk), at_risk, ends, greenwood)


def number_at_risk(lives: Lives, times: Floats) -> Floats:
    """How many are at risk just before each time: entered before it, not yet out."""
    entered = np.searchsorted(np.sort(lives.entry), times, side="left")
    gone = np.searchsorted(np.sort(lives.exit), times, side="left")
    at_risk: Floats = (entered - gone).astype(float)
    return at_risk


def last_readable_day(lives: Lives, least: int = LEAST_AT_RISK) -> float:
    """Last day with at least `least` at risk; 0 if there never were so many."""
    days = np.unique(lives.exit)
    enough = days[number_at_risk(lives, days) >= least]
    return float(enough[-1]) if len(enough) else 0.0


def restricted_mean(curve: Curve, horizon: float) -> tuple[float, float]:
    """Mean life up to a horizon, and its variance.

    Returns:
        Area under the curve to the horizon, in days, and sum A_i^2 d_i / (n_i (n_i - d_i)), with A_i the area to the right
        of t_i; a risk set that ends to the last practice leaves no area, hence no variance.

    Source: Royston & Parmar 2013; Klein & Moeschberger 2003, formula 4.5.2.
    """
    inside = curve.times < horizon
    times, survival = curve.times[inside], curve.survival[inside]
    edges = np.concatenate([[0.0], times, [horizon]])
    pieces = np.concatenate([[1.0], survival]) * np.diff(edges)
    right = np.cumsum(pieces[::-1])[::-1][1:]
    n, d = curve.at_risk[inside], curve.ends[inside]
    spread = np.where(n > d, right**2 * d / (n * np.maximum(n - d, 1e-300)), 0.0)
    return float(pieces.sum()), float(spread.sum())


def mean_influence(lives: Lives, curve: Curve, horizon: float) -> Floats:
    """What each practice contributes to the error of the restricted mean: - sum A(t) dM_i(t) / n(t), in days.

    Summed over the practices of a team and squared, they give a variance that allows practices of one team to be alike.
    Source: martingale form of the restricted mean, Andersen, Hansen & Klein 2004.
    """
    inside = curve.times < horizon
    times, n, d = curve.times[inside], curve.at_risk[inside], curve.ends[inside]
    edges = np.concatenate([[0.0], times, [horizon]])
    pieces = np.concatenate([[1.0], curve.survival[inside]]) * np.diff(edges)
    right = np.cumsum(pieces[::-1])[::-1][1:]
    # The jump of Nelson-Aalen is set against n - d, as Greenwood's formula does.
    weight = np.where(n > d, right / np.maximum(n - d, 1e-300), 0.0)
    drift = np.concatenate([[0.0], np.cumsum(weight * d / np.maximum(n, 1.0))])
    over = drift[np.searchsorted(times, lives.exit, side="right")] - drift[np.searchsorted(times, lives.entry, side="right")]
    hit = (lives.fate > 0) & (lives.exit < horizon)
    jump = np.zeros(len(lives))
    jump[hit] = weight[np.searchsorted(times, lives.exit[hit])]
    influence: Floats = over - jump
    return influence


def cumulative_incidence(lives: Lives, fate: int, days: Floats) -> tuple[Floats, Floats]:
    """Aalen-Johansen probability of having ended in one way by each day, and its variance.

    Args:
        lives: practices.
        fate: which end, 1, 2 or 3; the others compete.
        days: when to read it, ascending.

    Source: Aalen & Johansen 1978; variance by the delta method, Marubini & Valsecchi 1995, section 10.3.
    """
    curve = kaplan_meier(lives)
    times, n, d = curve.times, curve.at_risk, curve.ends
    own = np.zeros(len(times))
    mine = lives.exit[lives.fate == fate]
    np.add.at(own, np.searchsorted(times, mine), 1.0)
    before = np.concatenate([[1.0], curve.survival[:-1]]) if len(times) else np.array([])
    running = np.cumsum(before * own / n)
    place = np.searchsorted(times, days, side="right")
    value = np.concatenate([[0.0], running])[place]
    first = np.where(n > d, d / (n * np.maximum(n - d, 1e-300)), 0.0)
    second = before**2 * (n - own) * own / n**3
    third = before * own / n**2
    variance = np.array(
        [_incidence_variance(v, running[:k], first[:k], second[:k], third[:k]) for v, k in zip(value, place, strict=True)]
    )
    return value, variance


def log_log(value: float, variance: float, n: int) -> Interval:
    """Complementary log-log interval of a cumulative incidence; an exact bound where nothing, or everything, ended so."""
    if not 0 < value < 1 or variance <= 0:
        reach = 1 - 0.025 ** (1 / max(n, 1))
        return Interval(value, 0.0 if value < 1 else 1 - reach, reach if value < 1 else 1.0)
    spread = normal_quantile(0.95) * np.sqrt(variance) / ((1 - value) * np.log1p(-value))
    return Interval(value, float(1 - (1 - value) ** np.exp(spread)), float(1 - (1 - value) ** np.exp(-spread)))


def _incidence_variance(value: float, running: Floats, first: Floats, second: Floats, third: Floats) -> float:
    gap = value - running
    return max(float((gap**2 * first).sum() + second.sum() - 2 * (gap * third).sum()), 0.0)


def permuted_log_rank(lives: Lives, arm: "np.ndarray[Any, Any]", *, seed: int, permutations: int = TOTAL_PERMUTATIONS) -> float:
    """Team-stratified left-truncated log-rank test of two arms, with arms permuted within teams.

    Under no effect the ends of a team, seen against its own pooled curve, are martingale residuals m_i that do not depend on
    the arms, and the log-rank numerator is their sum over one arm. It is studentised by the residuals' own spread within teams,
    because arms that are first seen at different ages have residuals of different size.

    Args:
        lives: practices of both arms.
        arm: True for one arm.
        seed: of the permutations.
        permutations: how many.

    Returns:
        Two-sided p, (1 + as extreme) / (1 + permutations); 1 if no team holds both arms.

    Source: R6; Mantel 1966; studentised permutation: Neuhaus 1993, Janssen 1997.
    """
    residual = stratum_residuals(lives)
    order = np.argsort(lives.stratum, kind="stable")
    stratum, residual, arm = lives.stratum[order], residual[order], np.asarray(arm, dtype=float)[order]
    _, code = np.unique(stratum, return_inverse=True)
    size = np.bincount(code)
    share = np.bincount(code, arm) / size
    both = ((share > 0) & (share < 1))[code]
    if not both.any():
        return 1.0
    residual, arm, code = residual[both], arm[both], code[both]
    centre = share[code]
    seen = float(_studentised(residual, arm - centre))
    if len(arm) > MANY_PRACTICES:
        return 2 * NormalDist().cdf(-abs(seen))
    rng = np.random.default_rng(seed)
    extreme = 0
    block = max(1, 2_000_000 // len(arm))
    for start in range(0, permutations, block):
        rounds = min(block, permutations - start)
        # Sorting random keys inside each team shuffles all teams at once.
        keys = rng.random((rounds, len(arm))) + code
        shuffled = arm[np.argsort(keys, axis=1)]
        extreme += int((np.abs(_studentised(residual, shuffled - centre)) >= abs(seen) - 1e-12).sum())
    return (1 + extreme) / (1 + permutations)


def stratum_residuals(lives: Lives) -> Floats:
    """Martingale residual of every practice against the pooled Nelson-Aalen curve of its own stratum."""
    residual = np.zeros(len(lives))
    order = np.argsort(lives.stratum, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(lives.stratum[order]) != 0]) if len(lives) else np.array([], dtype=int)
    for rows in np.split(order, starts[1:]):
        own = lives.where(rows)
        times, counts = np.unique(own.exit[own.fate > 0], return_counts=True)
        hazard = np.concatenate([[0.0], np.cumsum(counts / number_at_risk(own, times))])
        upto = hazard[np.searchsorted(times, own.exit, side="right")]
        since = hazard[np.searchsorted(times, own.entry, side="right")]
        residual[rows] = (own.fate > 0) - (upto - since)
    return residual


def _studentised(residual: Floats, arm: "np.ndarray[Any, Any]") -> Any:
    spread = np.sqrt((arm**2 * residual**2).sum(axis=-1))
    return (arm * residual).sum(axis=-1) / np.maximum(spread, 1e-12)
