"""Whether practices of one origin live longer than those of another: when it may be said, and how sure it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from groundswell.measures._impute import rubin
from groundswell.measures._rates import Interval, normal_quantile, student_quantile
from groundswell.measures._survival_curves import (
    LEAST_AT_RISK,
    Lives,
    Whole,
    kaplan_meier,
    last_readable_day,
    mean_influence,
    number_at_risk,
    permuted_log_rank,
    restricted_mean,
)
from groundswell.model.phrase import Phrase, say

HORIZON, SHORTER = 180, 90
"""Survival horizon tau, in days (measures.md, defaults), and the one used where an arm cannot be read that far."""

LEAST_IN_ARM, LEAST_TEAMS, LEAST_TOGETHER = 12, 5, 40
"""Below these a comparison is withheld (M3)."""

FEW_CLUSTERS = 20
"""Below this many teams, Student's quantile over teams and no cluster-robust z (R6)."""

ALPHA = 0.05
"""A difference is called one if its interval excludes 0 and the permutation within teams is at most this."""


@dataclass(frozen=True)
class Difference:
    """Restricted mean life of one arm minus the other's.

    Attributes:
        days: the difference with its interval.
        p: of the log-rank test with arms permuted within teams.
        detectable: smallest difference that would have been seen four times in five, in days.
        teams: how many teams hold practices of either arm.
        means: restricted mean of each arm.
    """

    days: Interval
    p: float
    detectable: float
    teams: int
    means: tuple[float, float]

    @property
    def shown(self) -> bool:
        """Whether a difference shows, in either direction."""
        return self.p <= ALPHA and not self.days.low <= 0 <= self.days.high


def why_not(
    arms: tuple[Lives, Lives], names: tuple[Phrase, Phrase], unsure: float, horizon: int = HORIZON
) -> tuple[Phrase, Phrase] | None:
    """Why two arms may not be compared, and what would change that; None if they may.

    Args:
        arms: practices of each origin.
        names: what each is called.
        unsure: share of all practices whose origin is unknown or fragile (M2).
        horizon: how far both must be readable, in days.
    """
    more = say("more practices, from more exports or a longer time")
    if unsure > 0.4:
        return (
            say("how they started is unknown or unsure for {share:percent} of the practices", share=unsure),
            say("chat exports that reach back further, with the channels leaders write in, and an org chart"),
        )
    for arm, name in zip(arms, names, strict=True):
        if len(arm) < LEAST_IN_ARM:
            return (
                say("there is only {n:count} practice {name} | there are only {n:count} practices {name}", n=len(arm), name=name),
                say("{least:count} practices of each kind of start", least=LEAST_IN_ARM),
            )
    together = len(arms[0]) + len(arms[1])
    if together < LEAST_TOGETHER:
        return say("it rests on {n:count} practice | it rests on {n:count} practices", n=together), more
    teams = len(np.unique(np.concatenate([arms[0].stratum, arms[1].stratum])))
    if teams < LEAST_TEAMS:
        return say("they come from {n:count} team | they come from {n:count} teams", n=teams), say(
            "practices of at least {least:count} teams", least=LEAST_TEAMS
        )
    if not readable(arms, horizon):
        return (
            say(
                "of one kind fewer than {least:count} practices were followed past {days:days}", least=LEAST_AT_RISK, days=horizon
            ),
            say("more practices of each kind of start, or a longer time"),
        )
    return None


def compare(
    arms: tuple[Lives, Lives], *, seed: int, horizon: float = HORIZON, completed: Sequence[tuple[Lives, Lives]] = ()
) -> Difference:
    """Restricted mean life of the first arm minus that of the second.

    The standard error is the larger of Greenwood's and that of the teams' summed influence, so that neither few practices nor
    alike teams make the interval too short; below FEW_CLUSTERS teams the quantile is Student's (R6).

    Args:
        arms: practices of each origin; team numbers are shared.
        seed: of the permutations.
        horizon: in days.
        completed: the arms of each completed data set, where a reader's errors leave it open which practices are real; their
            differences are combined by Rubin's rules.
    """
    one, other, error, teams = _parts(arms, horizon)
    value = one - other
    if completed:
        found = [_parts(one_set, horizon) for one_set in completed]
        values, variances = np.array([f[0] - f[1] for f in found]), np.array([f[2] ** 2 for f in found])
        value, variance, _ = rubin(values, variances)
        error = float(np.sqrt(variance))
    few = teams < FEW_CLUSTERS
    reach = student_quantile(0.95, teams - 1) if few else normal_quantile(0.95)
    days = Interval(value, value - reach * error, value + reach * error)
    first = np.arange(len(arms[0]) + len(arms[1])) < len(arms[0])
    p = permuted_log_rank(_joined(arms), first, seed=seed)
    return Difference(days, p, (reach + 0.8416) * error, teams, (one, other))


def _parts(arms: tuple[Lives, Lives], horizon: float) -> tuple[float, float, float, int]:
    """Restricted means of both arms, the standard error of their difference, and how many teams there are."""
    curves = (kaplan_meier(arms[0]), kaplan_meier(arms[1]))
    (one, first), (other, second) = (restricted_mean(c, horizon) for c in curves)
    stratum = np.concatenate([arms[0].stratum, arms[1].stratum])
    influence = np.concatenate([mean_influence(arms[0], curves[0], horizon), -mean_influence(arms[1], curves[1], horizon)])
    _, code = np.unique(stratum, return_inverse=True)
    totals = np.bincount(code, influence)
    teams = len(totals)
    clustered = teams / max(teams - 1, 1) * float((totals**2).sum())
    return one, other, float(np.sqrt(max(first + second, clustered))), teams


def readable(arms: tuple[Lives, Lives], horizon: int) -> bool:
    """Whether both arms have enough at risk up to a horizon."""
    return min(_readable(arm) for arm in arms) >= horizon


def _joined(arms: tuple[Lives, Lives]) -> Lives:
    one, other = arms
    fate: Whole = np.concatenate([one.fate, other.fate])
    return Lives(
        np.concatenate([one.entry, other.entry]),
        np.concatenate([one.exit, other.exit]),
        fate,
        np.concatenate([one.stratum, other.stratum]),
    )


def _readable(arm: Lives) -> float:
    """Last day with enough at risk; 0 if too few were watched young, for then the curve starts on sand."""
    early = np.unique(arm.exit[arm.fate > 0])
    if len(early) and number_at_risk(arm, early[:1])[0] < LEAST_AT_RISK:
        return 0.0
    return last_readable_day(arm)
