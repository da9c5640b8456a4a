"""Multiple imputation of true labels, so that a reader's errors widen every interval that rests on it (M0)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.measures._labels import Gold
from groundswell.measures._rates import Floats

DRAWS = 30
"""How many completed data sets (M0)."""

PRIOR_MEAN = (0.0, 1.0)
"""Intercept and slope on the reader's logit before any audit: its probabilities taken at their word."""

PRIOR_SD, CELL_SD, COVARIATE_SD = (1.5, 1.0), 0.7, 2.5
"""Prior standard deviations on the logit scale: of those two, of a source or group (it shrinks), of an analysis variable."""


@dataclass(frozen=True)
class Candidates:
    """What the reader claims, to be completed with true labels.

    Attributes:
        score: the reader's probability, in [0, 1].
        cell: source (or source and group) of each, matched to the audited ones by name.
        covariates: every variable of the analysis, one row each; two-dimensional, zero columns if none.
        known: the audited truth where there is one, nan elsewhere.
    """

    score: Floats
    cell: "np.ndarray[Any, Any]"
    covariates: Floats
    known: Floats


def candidates(
    score: Floats, cell: "np.ndarray[Any, Any]", covariates: Floats | None = None, known: Floats | None = None
) -> Candidates:
    """Candidates with no covariates and nothing known unless given."""
    n = len(score)
    return Candidates(
        score=np.asarray(score, dtype=float),
        cell=np.asarray(cell, dtype=object),
        covariates=np.zeros((n, 0)) if covariates is None else np.asarray(covariates, dtype=float),
        known=np.full(n, np.nan) if known is None else np.asarray(known, dtype=float),
    )


def calibrate(
    gold: Gold, claimed: Candidates, *, seed: int, gold_covariates: Floats | None = None, draws: int = DRAWS
) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """Draw the true labels of what the reader claims.

    P(y | score, source or group, every variable of the analysis) is a logistic regression on the audited messages the
    reader gave the same class, weighted by 1 / chance of being drawn; each draw fits it on its own Bayesian bootstrap of the
    audit, then draws labels. (Normal draws round one fit go astray where the reader hardly errs.)

    Args:
        gold: audited messages; those the reader did not claim are left out.
        claimed: what is to be completed.
        seed: of the draws.
        gold_covariates: the analysis variables of every audited message, rows as in `gold`; needed if `claimed` has any.
        draws: how many completed data sets.

    Returns:
        Booleans, (draws, n). A known label is never changed.

    Source: Rubin 1987, chapters 4 and 5; Rubin 1981 for the bootstrap; White & Royston 2009 for the variables a survival
    analysis must put in.
    """
    chances = chance_draws(gold, claimed, seed=seed, gold_covariates=gold_covariates, draws=draws)
    drawn = np.random.default_rng([seed, 1]).random(chances.shape) < chances
    known = ~np.isnan(claimed.known)
    drawn[:, known] = claimed.known[known] > 0.5
    return np.asarray(drawn)


def chance_draws(
    gold: Gold, claimed: Candidates, *, seed: int, gold_covariates: Floats | None = None, draws: int = DRAWS
) -> Floats:
    """Draws of the probability that each claim is true, (draws, n); the first half of `calibrate`."""
    kept = gold.claimed
    width = claimed.covariates.shape[1]
    extra = np.zeros((len(gold.truth), width)) if gold_covariates is None else gold_covariates
    cells = sorted(set(gold.source[kept]) | set(claimed.cell))
    design = _design(gold.score[kept], gold.source[kept], extra[kept], cells)
    spread = np.concatenate([PRIOR_SD, [CELL_SD] * (len(cells) if len(cells) > 1 else 0), [COVARIATE_SD] * width])
    centre = np.concatenate([PRIOR_MEAN, np.zeros(len(spread) - 2)])
    chance = np.random.default_rng([seed, 0])
    fits = [
        _logistic(design, gold.truth[kept], _resampled(gold.weight[kept], chance), centre, spread**-2.0) for _ in range(draws)
    ]
    betas = np.array(fits)
    target = _design(claimed.score, claimed.cell, claimed.covariates, cells)
    return np.asarray(1 / (1 + np.exp(-np.clip(betas @ target.T, -30, 30))))


def rubin(values: Floats, variances: Floats, noise: float = 0.0) -> tuple[float, float, float]:
    """Combine completed-data estimates.

    Args:
        values: estimate on each completed data set.
        variances: its variance there.
        noise: variance of privacy noise, added last.

    Returns:
        Mean, total variance W + (1 + 1/M) B + noise, degrees of freedom (infinite when B is 0).

    Source: Rubin 1987, 3.1.
    """
    m = len(values)
    within, between = float(np.mean(variances)), float(np.var(values, ddof=1)) if m > 1 else 0.0
    total = within + (1 + 1 / m) * between
    freedom = (m - 1) * (total / ((1 + 1 / m) * between)) ** 2 if between > 0 else np.inf
    return float(np.mean(values)), total + noise, float(freedom)


def _design(score: Floats, cell: "np.ndarray[Any, Any]", covariates: Floats, cells: list[Any]) -> Floats:
    logit = np.log(np.clip(score, 0.001, 0.999) / np.clip(1 - score, 0.001, 0.999))
    columns = [np.ones(len(score)), logit]
    if len(cells) > 1:
        columns += [(cell == c).astype(float) for c in cells]
    return np.column_stack([*columns, covariates])


def _resampled(weight: Floats, chance: np.random.Generator) -> Floats:
    """Bayesian bootstrap: sampling weights times exponential ones, with mean 1."""
    drawn = weight * chance.exponential(1.0, len(weight))
    return np.asarray(drawn / drawn.mean()) if len(weight) else weight


def _logistic(design: Floats, truth: Floats, weight: Floats, centre: Floats, prior: Floats) -> Floats:
    """Penalised weighted logistic regression by Newton's method: coefficients, pulled to `centre` with precision `prior`."""
    beta = centre.copy()
    for _ in range(30):
        chance = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (weight * (truth - chance)) - prior * (beta - centre)
        hessian = (design * (weight * chance * (1 - chance))[:, None]).T @ design + np.diag(prior)
        step = np.linalg.solve(hessian, gradient)
        beta = beta + step * min(1.0, 5.0 / (float(np.abs(step).max()) + 1e-12))
        if float(np.abs(step).max()) < 1e-6:
            break
    return beta
