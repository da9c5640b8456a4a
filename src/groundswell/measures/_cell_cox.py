"""Cox's stratified model where every covariate is a category, fitted from counts of risk sets alone."""

from dataclasses import dataclass

import numpy as np

from groundswell.measures._rates import Floats
from groundswell.measures._survival_curves import Whole

LARGEST_LOG_RATIO = 8.0
"""A log hazard ratio beyond this means that a covariate parts all events: no estimate."""


@dataclass(frozen=True)
class Fit:
    """Log hazard ratios.

    Attributes:
        beta: estimates, one a covariate.
        error: their standard errors; infinite where the data say nothing.
        clustered: the larger of those and the errors that allow risk sets of one cluster to be alike; the same without clusters.
    """

    beta: Floats
    error: Floats
    clustered: Floats


def fit(risk_set: Whole, covariates: Floats, at_risk: Floats, events: Floats, cluster: Whole | None = None) -> Fit:
    """Maximise the partial likelihood with Efron's treatment of ties.

    Args:
        risk_set: number of the risk set (a stratum at a time) each row belongs to.
        covariates: one row a cell of a risk set, one column a covariate.
        at_risk: people in the cell, events included.
        events: how many of them adopt.
        cluster: the cluster of each row, the same for all of a risk set, such as the team it lies in.

    Source: Cox 1972; Efron 1977; Lin & Wei 1989 for the clustered errors: where clusters are whole strata the scores of their
    risk sets add up to those of their members. Time-varying covariates need no more than their values in each risk set.
    """
    _, index = np.unique(risk_set, return_inverse=True)
    deaths = np.bincount(index, events)
    # One step for each event of a risk set; step l takes l/d of the events' weight out of it.
    owner = np.repeat(np.arange(len(deaths)), deaths.astype(int))
    step = np.arange(len(owner)) - np.repeat(np.cumsum(deaths) - deaths, deaths.astype(int))
    share: Floats = step / deaths[owner] if len(owner) else step.astype(float)
    beta = np.zeros(covariates.shape[1])
    information = np.zeros((len(beta), len(beta)))
    for _ in range(40):
        scores, information = _derivatives(beta, index, covariates, at_risk, events, owner, share)
        score = scores.sum(axis=0)
        move = np.linalg.lstsq(information, score, rcond=1e-10)[0]
        beta = np.clip(beta + np.clip(move, -2, 2), -LARGEST_LOG_RATIO, LARGEST_LOG_RATIO)
        if np.abs(move).max(initial=0.0) < 1e-9:
            break
    known = np.diag(information) > 1e-9
    error, clustered = np.full(len(beta), np.inf), np.full(len(beta), np.inf)
    if known.any():
        inverse: Floats = np.asarray(np.linalg.pinv(information[np.ix_(known, known)]), dtype=float)
        variance = np.diag(inverse)
        error[known] = np.sqrt(np.where(variance > 0, variance, np.inf))  # a ridge of the likelihood identifies nothing
        clustered[known] = error[known]
        if cluster is not None:
            scores, _ = _derivatives(beta, index, covariates, at_risk, events, owner, share)
            clustered[known] = np.maximum(error[known], _clustered(scores[:, known], index, cluster, inverse))
    parted = np.abs(beta) >= LARGEST_LOG_RATIO
    return Fit(beta, np.where(parted, np.inf, error), np.where(parted, np.inf, clustered))


def _clustered(scores: Floats, index: Whole, cluster: Whole, inverse: Floats) -> Floats:
    """Standard errors from the scores of whole clusters, with the factor of few clusters."""
    of_set = np.zeros(len(scores), dtype=np.int64)
    of_set[index] = cluster
    _, code = np.unique(of_set, return_inverse=True)
    many = int(code.max(initial=0)) + 1
    totals = np.stack([np.bincount(code, column, many) for column in scores.T], axis=1)
    spread = inverse @ (totals.T @ totals) @ inverse * (many / max(many - 1, 1))
    return np.sqrt(np.maximum(np.diag(spread), 0.0))


def _derivatives(
    beta: Floats, index: Whole, x: Floats, at_risk: Floats, events: Floats, owner: Whole, share: Floats
) -> tuple[Floats, Floats]:
    """Score of each risk set, one row each, and the information of all."""
    sets = int(index.max(initial=-1)) + 1
    weight = np.exp(x @ beta)
    risk, gone = at_risk * weight, events * weight

    def sums(values: Floats) -> tuple[Floats, Floats]:
        zero: Floats = np.bincount(index, values, sets).astype(float)
        one: Floats = np.stack([np.bincount(index, values * column, sets) for column in x.T], axis=1)
        return zero, one

    all_, out = sums(risk), sums(gone)
    zero = all_[0][owner] - share * out[0][owner]
    mean = (all_[1][owner] - share[:, None] * out[1][owner]) / zero[:, None]
    score: Floats = np.stack([np.bincount(index, events * column, sets) for column in x.T], axis=1)
    score -= np.stack([np.bincount(owner, column, sets) for column in mean.T], axis=1)
    # The second moments of all risk sets add up to one weighted product: no matrix is kept for each of them.
    held = np.bincount(owner, 1 / zero, sets)[index]
    taken = np.bincount(owner, share / zero, sets)[index]
    information: Floats = x.T @ ((risk * held - gone * taken)[:, None] * x) - mean.T @ mean
    return score, information
