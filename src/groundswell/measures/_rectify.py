"""Prevalence from many machine readings and a few human labels, for the organisation and for its groups (M0)."""

from typing import Any

import numpy as np

from groundswell.measures._rates import LEVEL, Floats, Interval, normal_quantile

GRID = np.linspace(0.0, 0.25, 51)
"""Values tried for the spread of the reader's error between groups; 0 is no spread."""


def ppi_mean(
    truth: Floats, read: Floats, read_rest: Floats, weight: Floats | None = None, level: float = LEVEL
) -> tuple[Interval, float]:
    """Power-tuned prediction-powered mean.

    Args:
        truth: labels of the audited messages, 0 or 1.
        read: the reader's values for the same messages.
        read_rest: the reader's values for all other messages; at least one.
        weight: 1 / chance of being drawn, for the audited ones; None if all had the same chance.
        level: probability of the interval.

    Returns:
        The mean with its interval, not clipped, and the tuning lambda in [0, 1]; 0 leaves the reader out.

    Source: Angelopoulos, Duchi & Zrnic 2023 (PPI++), example 6.1. Unequal weights enter as in a Hajek mean, so that the
    residuals are centred; with equal weights it is their estimator.
    """
    w = np.ones(len(truth)) if weight is None else np.asarray(weight, dtype=float)
    w = w / w.mean()
    n, rest = len(truth), len(read_rest)
    centred = w * (read - np.average(read, weights=w))
    covariance = float(np.mean(w * (truth - np.average(truth, weights=w)) * centred))
    spread = float(np.var(np.concatenate([w * read, read_rest]), ddof=1))
    tuning = float(np.clip(covariance / ((1 + n / rest) * spread), 0.0, 1.0)) if spread > 0 else 0.0
    rectifier = truth - tuning * read
    mean = float(np.average(rectifier, weights=w))
    value = tuning * float(np.mean(read_rest)) + mean
    variance = tuning**2 * float(np.var(read_rest)) / rest + float(np.mean((w * (rectifier - mean)) ** 2)) / n
    half = normal_quantile(level) * np.sqrt(variance)
    return Interval(value, float(value - half), float(value + half)), tuning


def group_draws(
    truth: Floats,
    read: Floats,
    group: "np.ndarray[Any, np.dtype[np.int64]]",
    read_mean: Floats,
    size: Floats,
    *,
    seed: int,
    draws: int = 2000,
) -> Floats:
    """Posterior draws of each group's prevalence: mean reading plus a shrunken rectifier.

    Args:
        truth: label of each audited message, 0 or 1.
        read: its reading.
        group: its group, 0 .. G-1.
        read_mean: mean reading of all messages of each group, length G.
        size: how many messages each group has, length G.
        seed: of the draws.
        draws: how many of them.

    Returns:
        Array (draws, G), clipped to [0, 1]. A group without audits gets the spread of the others.

    Source: docs M0: within-variance pooled with pseudo-errors +1 and -1, factor 1 - n/N, half-normal(0.1) spread.
    """
    chance, error, groups = np.random.default_rng(seed), truth - read, len(read_mean)
    n = np.bincount(group, minlength=groups).astype(float)
    mean = np.bincount(group, error, minlength=groups) / np.maximum(n, 1)
    seen = n > 0
    pooled = (float(np.sum((error - mean[group]) ** 2)) + 2.0) / (len(error) - seen.sum() + 2)
    within = pooled / np.maximum(n, 1) * np.maximum(1 - n / np.maximum(size, 1), 1e-6)
    spread = chance.choice(GRID, size=draws, p=_spread_posterior(mean[seen], within[seen]))
    total = spread[:, None] ** 2 + within[seen][None, :]
    weight = np.sum(1 / total, axis=1)
    centre = np.sum(mean[seen] / total, axis=1) / weight + chance.standard_normal(draws) / np.sqrt(weight)
    pull = np.where(seen[None, :], spread[:, None] ** 2 / (spread[:, None] ** 2 + within[None, :]), 0.0)
    middle = pull * mean[None, :] + (1 - pull) * centre[:, None]
    own = np.where(seen[None, :], pull * within[None, :], spread[:, None] ** 2 + pooled / np.maximum(size, 1)[None, :])
    return np.asarray(np.clip(read_mean + middle + chance.standard_normal((draws, groups)) * np.sqrt(own), 0.0, 1.0))


def _spread_posterior(mean: Floats, within: Floats) -> Floats:
    """Posterior weight of each value of `GRID`, the common mean integrated out under a flat prior."""
    total = GRID[:, None] ** 2 + within[None, :]
    precision = np.sum(1 / total, axis=1)
    centre = np.sum(mean[None, :] / total, axis=1) / precision
    log = -0.5 * np.sum(np.log(total) + (mean[None, :] - centre[:, None]) ** 2 / total, axis=1)
    log += -0.5 * np.log(precision) - 0.5 * (GRID / 0.1) ** 2
    weight = np.exp(log - log.max())
    return np.asarray(weight / weight.sum())
