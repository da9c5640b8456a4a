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
    """

    beta: Floats
    error: Floats


def fit(risk_set: Whole, covariates: Floats, at_risk: Floats, events: Floats) -> Fit:
    """Maximise the partial likelihood with Efron's treatment of ties.

    Args:
        risk_set: number of the risk set (a stratum at a time) each row belongs to.
        covariates: one row a cell of a risk set, one column a covariate.
        at_risk: people in the cell, events included.
        events: how many of them adopt.

    Source: Cox 1972; Efron 1977. Time-varying covariates need no more than their values in each risk set.
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
        score, information = _derivatives(beta, index, covariates, at_risk, events, owner, share)
        move = np.linalg.lstsq(information, score, rcond=1e-10)[0]
        beta = np.clip(beta + np.clip(move, -2, 2), -LARGEST_LOG_RATIO, LARGEST_LOG_RATIO)
        if np.abs(move).max(initial=0.0) < 1e-9:
            break
    known = np.diag(information) > 1e-9
    error = np.full(len(beta), np.inf)
    if known.any():
        error[known] = np.sqrt(np.diag(np.linalg.pinv(information[np.ix_(known, known)])))
    return Fit(beta, np.where(np.abs(beta) >= LARGEST_LOG_RATIO, np.inf, error))


def _derivatives(
    beta: Floats, index: Whole, x: Floats, at_risk: Floats, events: Floats, owner: Whole, share: Floats
) -> tuple[Floats, Floats]:
    sets, p = int(index.max(initial=-1)) + 1, x.shape[1]
    weight = np.exp(x @ beta)

    def sums(count: Floats) -> tuple[Floats, Floats, Floats]:
        w: Floats = count * weight
        zero: Floats = np.zeros(sets)
        one: Floats = np.zeros((sets, p))
        two: Floats = np.zeros((sets, p, p))
        np.add.at(zero, index, w)
        np.add.at(one, index, w[:, None] * x)
        np.add.at(two, index, w[:, None, None] * x[:, :, None] * x[:, None, :])
        return zero, one, two

    all_, gone = sums(at_risk), sums(events)
    zero = all_[0][owner] - share * gone[0][owner]
    one = all_[1][owner] - share[:, None] * gone[1][owner]
    two = all_[2][owner] - share[:, None, None] * gone[2][owner]
    mean = one / zero[:, None]
    score: Floats = (events[:, None] * x).sum(axis=0) - mean.sum(axis=0)
    information: Floats = (two / zero[:, None, None] - mean[:, :, None] * mean[:, None, :]).sum(axis=0)
    return score, information
