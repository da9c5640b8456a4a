"""Cumulative incidence when something else may happen first and follow-up may be cut short."""

from typing import Any

import numpy as np

from groundswell.measures._rates import Floats

Kinds = np.ndarray[Any, np.dtype[np.int64]]


def incidence(times: Floats, kinds: Kinds, horizon: float) -> float:
    """Probability that event 1 has happened by the horizon, event 2 competing.

    Args:
        times: time of the event, or of the end of follow-up; >= 0.
        kinds: 1 the event, 2 the competing one, 0 cut short; at equal times events come before the end of follow-up.
        horizon: in the unit of `times`.

    Returns:
        In [0, 1]; 0 without cases.

    Source: Aalen & Johansen 1978.
    """
    if len(times) == 0:
        return 0.0
    order = np.argsort(times, kind="stable")
    t, k = times[order], kinds[order]
    moments, first = np.unique(t, return_index=True)
    at_risk = len(t) - first
    ones = np.add.reduceat((k == 1).astype(float), first)
    events = np.add.reduceat((k > 0).astype(float), first)
    before: Floats = np.concatenate([[1.0], np.cumprod(1 - events / at_risk)[:-1]])
    return float(np.sum((before * ones / at_risk)[moments <= horizon]))


def curve(times: Floats, kinds: Kinds, horizon: int) -> Floats:
    """The same at every whole day 0 .. horizon."""
    return np.array([incidence(times, kinds, float(day)) for day in range(horizon + 1)])


def pseudo_values(times: Floats, kinds: Kinds, horizon: float) -> Floats:
    """One number a case whose mean is the cumulative incidence: 0 or 1 where all was seen, between where it was cut short.

    Source: jackknife pseudo-observations, Andersen, Klein & Rosthoj 2003. They carry a case's part to its unit's total.
    """
    n = len(times)
    cut = (kinds == 0) & (times < horizon)
    if not cut.any():
        return np.asarray((kinds == 1) & (times <= horizon), dtype=float)
    whole = incidence(times, kinds, horizon)
    left_out: dict[tuple[float, int], float] = {}
    for i, case in enumerate(zip(times.tolist(), kinds.tolist(), strict=True)):
        if case not in left_out:
            left_out[case] = incidence(np.delete(times, i), np.delete(kinds, i), horizon)
    return np.array([n * whole - (n - 1) * left_out[case] for case in zip(times.tolist(), kinds.tolist(), strict=True)])
