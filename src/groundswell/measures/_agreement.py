"""How alike two sources order groups within quarters, and whether that changed: rank correlation, jackknifed over groups."""

from typing import Any

import numpy as np

from groundswell.measures._rates import LEVEL, Floats, Interval, student_quantile

Ranked = np.ndarray[Any, np.dtype[np.float64]]
"""Shares of groups, one row a quarter, one column a group."""


def agreement(one: Ranked, other: Ranked) -> float | None:
    """Rank correlation of two sources over groups, ranked anew in every quarter, so that a trend both show is no agreement.

    Args:
        one: shares by the one source, quarters x groups.
        other: shares by the other, of the same quarters and groups.

    Returns:
        Spearman's correlation over all quarters together, in [-1, 1]; None where a source tells no two groups apart.

    Source: Spearman 1904; ranks within blocks as in Taylor 1987, Biometrics 43:409.
    """
    a, b = _centred(one), _centred(other)
    spread = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum() / spread) if spread > 0 else None


def change(before: tuple[Ranked, Ranked], after: tuple[Ranked, Ranked], level: float = LEVEL) -> Interval | None:
    """How much two sources agree more after than before, with Student's interval over groups.

    Args:
        before: shares by the two sources, quarters x groups.
        after: the same of later quarters; the same groups throughout.
        level: probability of the interval.

    Returns:
        Difference of the two correlations, in [-2, 2], with the delete-one-group jackknife's interval: quarters of one group
        hang together, and so do before and after. None where it is not defined, with all groups or without one of them.

    Source: Efron & Stein 1981; Student's quantile with groups - 1 degrees of freedom, since groups are few.
    """
    whole = _difference(before, after)
    groups = before[0].shape[1]
    left = [_difference(_without(before, n), _without(after, n)) for n in range(groups)]
    if whole is None or groups < 3 or any(value is None for value in left):
        return None
    values = np.array(left, dtype=float)
    error = float(np.sqrt((groups - 1) / groups * ((values - values.mean()) ** 2).sum()))
    half = student_quantile(level, groups - 1) * error
    return Interval(whole, max(-2.0, whole - half), min(2.0, whole + half))


def _difference(before: tuple[Ranked, Ranked], after: tuple[Ranked, Ranked]) -> float | None:
    first, second = agreement(*before), agreement(*after)
    return None if first is None or second is None else second - first


def _without(pair: tuple[Ranked, Ranked], group: int) -> tuple[Ranked, Ranked]:
    return np.delete(pair[0], group, axis=1), np.delete(pair[1], group, axis=1)


def _centred(shares: Ranked) -> Floats:
    """Ranks within each quarter less their mean; ties share their mean rank."""
    below = (shares[:, None, :] < shares[:, :, None]).sum(axis=2)
    level = (shares[:, None, :] == shares[:, :, None]).sum(axis=2)
    ranks = np.asarray(below + (level + 1) / 2, dtype=float)
    return np.asarray(ranks - ranks.mean(axis=1, keepdims=True), dtype=float)
