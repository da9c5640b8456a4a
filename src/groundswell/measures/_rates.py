"""Shares with their intervals: of people, and of cases that come in clusters."""

from dataclasses import dataclass
from typing import Any

import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]

LEVEL = 0.95
"""Probability of every interval (docs: measures, section 4)."""

LEAST_PEOPLE = 10
"""Fewest people a share or a count of people may rest on (M11)."""

EDGE = 0.10
"""Shares below this or above 1 - this are not told apart from it (M11)."""


@dataclass(frozen=True)
class Interval:
    """A value and its interval."""

    value: float
    low: float
    high: float


def wilson(hits: float, n: float, level: float = LEVEL) -> Interval:
    """Score interval of a binomial share.

    Args:
        hits: successes, 0 <= hits <= n.
        n: trials, > 0.
        level: probability of the interval.

    Returns:
        hits / n within its interval, all in [0, 1].

    Source: Wilson 1927; figures in Newcombe 1998, Statistics in Medicine 17:857.
    """
    if not 0 <= hits <= n or n <= 0:
        raise ValueError(f"a share needs 0 <= hits <= n and n > 0, got {hits} of {n}")
    z = normal_quantile(level)
    share = hits / n
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * np.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return Interval(share, max(0.0, float(centre - half)), min(1.0, float(centre + half)))


def ceiling_below_edge(n: int, level: float = LEVEL) -> float:
    """Upper end that may be said of a share below the edge without telling how far below it is.

    It is the upper end of the largest count still below the edge, so that every such count gets the same words.
    """
    return wilson(max(0, int(np.ceil(EDGE * n)) - 1), n, level).high


def clustered_share(values: Floats, clusters: "np.ndarray[Any, Any]", level: float = LEVEL) -> tuple[Interval, float, int]:
    """Share of cases that come in clusters: ratio estimator on the logit scale.

    One success and one failure are added, the design effect is that of the between-cluster variance and at least 1,
    the quantile is Student's with clusters - 1 degrees of freedom (docs: M1).

    Args:
        values: one number a case, 0 or 1, or a pseudo-value of a cumulative incidence where follow-up was cut short.
        clusters: the cluster of each case.
        level: probability of the interval.

    Returns:
        The mean with its interval, the variance on the logit scale, and the degrees of freedom.

    Raises:
        ValueError: fewer than two clusters.
    """
    share, variance, freedom = _logit_share(values, clusters)
    return _from_logit(float(np.mean(values)), share, variance, freedom, level), variance, freedom


def combined_share(draws: "list[tuple[Floats, np.ndarray[Any, Any]]]", level: float = LEVEL) -> Interval:
    """The same over imputations of uncertain labels, combined by Rubin's rules on the logit scale.

    Args:
        draws: values and clusters of each completed data set; at least one.
        level: probability of the interval.

    Returns:
        Mean over the draws; degrees of freedom are the smaller of Rubin's and clusters - 1.

    Source: Rubin 1987, 3.1; the added success and failure are of docs: M1.
    """
    parts = [_logit_share(values, clusters) for values, clusters in draws]
    centres = np.array([p[0] for p in parts])
    within = float(np.mean([p[1] for p in parts]))
    between = float(np.var(centres, ddof=1)) if len(parts) > 1 else 0.0
    variance = within + (1 + 1 / len(parts)) * between
    freedom = float(min(p[2] for p in parts))
    if between > 0:
        freedom = min(freedom, (len(parts) - 1) * (variance / ((1 + 1 / len(parts)) * between)) ** 2)
    value = float(np.mean([np.mean(values) for values, _ in draws]))
    return _from_logit(value, float(np.mean(centres)), variance, freedom, level)


def combined_difference(
    draws: "list[tuple[Floats, np.ndarray[Any, Any], np.ndarray[Any, Any]]]", level: float = LEVEL
) -> Interval:
    """Difference of two shares whose cases come in the same clusters, over imputations of uncertain labels.

    Args:
        draws: values, clusters, and which cases belong to the first share, of each completed data set; both shares and at
            least two clusters in each.
        level: probability of the interval.

    Returns:
        First minus second, with Student's quantile at clusters - 1 degrees of freedom; the variance between clusters is
        used unless that of independent cases is larger.

    Source: linearisation of a difference of ratios; Rubin 1987, 3.1.
    """
    values, variances, freedom = [], [], np.inf
    for y, clusters, first in draws:
        means, sizes = [y[part].mean() for part in (first, ~first)], [part.sum() for part in (first, ~first)]
        residual = np.where(first, (y - means[0]) / sizes[0], -(y - means[1]) / sizes[1])
        _, index = np.unique(clusters, return_inverse=True)
        units = int(index.max()) + 1
        between = units / (units - 1) * float(np.sum(np.bincount(index, residual) ** 2))
        # One success and one failure are added to each share, so that 0 of 8 is not known for certain.
        shares = [(n * m + 1) / (n + 2) for n, m in zip(sizes, means, strict=True)]
        plain = sum(s * (1 - s) / n for s, n in zip(shares, sizes, strict=True))
        values.append(float(means[0] - means[1]))
        variances.append(max(between, float(plain)))
        freedom = min(freedom, units - 1)
    spread = float(np.var(values, ddof=1)) * (1 + 1 / len(values)) if len(values) > 1 else 0.0
    half = student_quantile(level, freedom) * float(np.sqrt(np.mean(variances) + spread))
    value = float(np.mean(values))
    return Interval(value, max(-1.0, value - half), min(1.0, value + half))


def normal_quantile(level: float) -> float:
    """Two-sided quantile of the normal distribution: 1.96 at .95."""
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + level) / 2)


def student_quantile(level: float, freedom: float) -> float:
    """Two-sided quantile of Student's distribution."""
    from scipy.stats import t

    return float(t.ppf((1 + level) / 2, freedom))


def detectable(interval: Interval) -> float:
    """Smallest true difference that an interval of this width would have told from 0 four times in five.

    Source: (z_.975 + z_.80) standard errors, 2.8 where the half width is 1.96.
    """
    return (interval.high - interval.low) / 2 * 2.8 / 1.96


def _logit_share(values: Floats, clusters: "np.ndarray[Any, Any]") -> tuple[float, float, int]:
    n, mean = len(values), float(np.mean(values))
    _, index = np.unique(clusters, return_inverse=True)
    units = int(index.max()) + 1
    if units < 2:
        raise ValueError("a share over clusters needs at least two of them")
    residual = values - mean
    totals = np.bincount(index, residual)
    between = units / (units - 1) * float(np.sum(totals**2)) / n**2
    simple = float(np.sum(residual**2)) / (n * (n - 1))
    effect = max(1.0, between / simple) if simple > 0 else 1.0
    share = float(np.clip((n * mean + 1) / (n + 2), 1 / (n + 2), (n + 1) / (n + 2)))
    return float(np.log(share / (1 - share))), effect / ((n + 2) * share * (1 - share)), units - 1


def _from_logit(value: float, centre: float, variance: float, freedom: float, level: float) -> Interval:
    half = student_quantile(level, freedom) * np.sqrt(variance)
    low, high = (float(1 / (1 + np.exp(-x))) for x in (centre - half, centre + half))
    value = float(np.clip(value, 0.0, 1.0))
    return Interval(value, min(low, value), max(high, value))
