"""A survey mean whose weights agree with known totals, its variance, and its bounds when many did not answer (M8)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from groundswell.measures._rates import LEVEL, Floats, Interval, normal_quantile

Codes = np.ndarray[Any, np.dtype[np.int64]]

LARGEST_WEIGHT = 3.0
"""Largest weight over the mean (M11)."""


def rake(weights: Floats, margins: Sequence[tuple[Codes, Floats]], *, rounds: int = 200, tolerance: float = 1e-9) -> Floats:
    """Scale weights until each margin has its known shares (iterative proportional fitting).

    Args:
        weights: design weights, > 0, length n.
        margins: for each margin the category of every row, and the known share of each category (summing to 1).
        rounds: most passes over the margins.
        tolerance: largest distance from a share at which the passes stop.

    Returns:
        Weights that sum to 1. A category without rows keeps no weight; the others share it in proportion.

    Source: Deming & Stephan 1940; Deville & Sarndal 1992, the multiplicative case.
    """
    w = np.asarray(weights, dtype=float) / float(np.sum(weights))
    for _ in range(rounds):
        distance = 0.0
        for category, shares in margins:
            held = np.bincount(category, w, minlength=len(shares))
            known = np.where(held > 0, shares, 0.0)
            known = known / known.sum()
            distance = max(distance, float(np.abs(held - known).max()))
            w = w * np.divide(known, held, out=np.ones(len(shares)), where=held > 0)[category]
        if distance < tolerance:
            break
    return np.asarray(w / w.sum())


def trimmed(weights: Floats, most: float = LARGEST_WEIGHT) -> Floats:
    """Weights of at most `most` times their mean, what is cut off shared by the others in proportion; they sum to 1.

    Source: M11 of the specification, after Potter 1990. One person's answer then never counts for more than three.
    """
    w = np.asarray(weights / weights.sum())
    for _ in range(50):
        over = w > most / len(w) + 1e-12
        if not over.any() or over.all():
            break
        left = 1.0 - most / len(w) * over.sum()
        w = np.where(over, most / len(w), w * left / w[~over].sum())
    return w


def survey_mean(values: Floats, weights: Floats, margins: Sequence[tuple[Codes, Floats]], level: float = LEVEL) -> Interval:
    """Hajek mean with raked weights; the variance is that of the residuals from the margins.

    Args:
        values: what was answered, length n >= 2.
        weights: raked weights, summing to 1.
        margins: those the weights were raked to; none if design weights alone are used.
        level: probability of the interval.

    Returns:
        Mean with its interval, clipped to [0, 1].

    Source: Deville & Sarndal 1992, result 5: calibration is linearised as a regression on the margins.
    """
    mean = float(np.sum(weights * values))
    design = np.column_stack(
        [np.ones(len(values)), *(category == c for category, shares in margins for c in range(len(shares) - 1))]
    )
    root = np.sqrt(weights)[:, None]
    slope = np.linalg.lstsq(design * root, values * root[:, 0], rcond=None)[0]
    residual = values - design @ slope
    n = len(values)
    variance = n / (n - 1) * float(np.sum((weights * residual) ** 2))
    half = normal_quantile(level) * float(np.sqrt(variance))
    return Interval(mean, max(0.0, mean - half), min(1.0, mean + half))


def bounds(share: float, response: float) -> tuple[float, float]:
    """Where the share of all must lie if nothing is assumed of those who did not answer.

    Source: Manski 2003, chapter 1: [r share, r share + 1 - r].
    """
    return response * share, response * share + 1 - response
