"""The two tests that must agree before anything is said to spread: exchanged dates and stratified risk sets (M4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

from groundswell.measures._cell_cox import Fit, fit
from groundswell.measures._permuted_dates import Excess
from groundswell.measures._rates import Interval, normal_quantile

ALPHA = 0.05
"""The hazard ratio's two-sided p must be at most this, and the exchanges' one-sided p at most half of it."""

SEEN_WITH = 2.8
"""Standard errors a difference must have to be told at ALPHA with probability .8."""


@dataclass(frozen=True)
class Found:
    """Both tests of one kind of tie.

    Attributes:
        excess: exchanged dates.
        ratio: hazard ratio with its interval; None where the data say nothing.
        p: of the hazard ratio, two-sided; 1 where the data say nothing.
        error: standard error of the log hazard ratio; infinite where the data say nothing.
    """

    excess: Excess
    ratio: Interval | None
    p: float
    error: float

    @property
    def spreads(self) -> bool:
        """Whether both tests agree that adoptions follow examples."""
        return self.excess.p <= ALPHA / 2 and self.p <= ALPHA and self.ratio is not None and self.ratio.value > 1

    @property
    def least_adoptions(self) -> float:
        """Excess adoptions that would be told with probability .8."""
        return SEEN_WITH * max(self.excess.spread, 1.0)

    @property
    def least_ratio(self) -> float | None:
        """Hazard ratio that would be told with probability .8; None where the data say nothing."""
        return float(np.exp(SEEN_WITH * self.error)) if np.isfinite(self.error) else None


def ratios(risk: Mapping[str, Sequence[Any]], *, doses: bool) -> Fit:
    """Log hazard ratios of an informal example (any, or one then a second), one along the line, and two steps of days at work.

    Args:
        risk: columns stratum, week, informal (0, 1, 2 and more), formal, activity (0, 1, 2), at_risk, adopted.
        doses: whether a second informal example has a ratio of its own.
    """
    rows = {k: np.array(v) for k, v in risk.items()}
    informal = [rows["informal"] >= 1, rows["informal"] >= 2] if doses else [rows["informal"] >= 1]
    columns = [*informal, rows["formal"] == 1, rows["activity"] == 1, rows["activity"] == 2]
    return fit(
        rows["stratum"].astype(np.int64) * 10_000 + rows["week"].astype(np.int64),
        np.stack([c.astype(float) for c in columns], axis=1),
        rows["at_risk"].astype(float),
        rows["adopted"].astype(float),
    )


def set_beside(excess: Excess, fitted: Fit, n: int) -> Found:
    """Both tests of the n-th covariate of `ratios`."""
    log_ratio, error = float(fitted.beta[n]), float(fitted.error[n])
    if not np.isfinite(error):
        return Found(excess, None, 1.0, error)
    return Found(excess, ratio_of(log_ratio, error), 2 * NormalDist().cdf(-abs(log_ratio / error)), error)


def ratio_of(log_ratio: float, error: float) -> Interval:
    """A ratio and its interval from the logarithm's."""
    reach = normal_quantile(0.95) * error
    return Interval(float(np.exp(log_ratio)), float(np.exp(log_ratio - reach)), float(np.exp(log_ratio + reach)))


def naive_ratio(counts: Mapping[str, int]) -> float | None:
    """How much more often a week after a colleague's example brings an adoption than any other week, nothing held equal.

    Args:
        counts: exposed_weeks, exposed_adopted, all_weeks, all_adopted.

    Returns:
        None where either side is empty.
    """
    rest_weeks, rest = counts["all_weeks"] - counts["exposed_weeks"], counts["all_adopted"] - counts["exposed_adopted"]
    if not counts["exposed_weeks"] or rest_weeks <= 0 or rest <= 0 or not counts["exposed_adopted"]:
        return None
    return (counts["exposed_adopted"] / counts["exposed_weeks"]) / (rest / rest_weeks)
