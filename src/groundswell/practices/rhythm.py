"""How long a practice may be silent before its silence means an end: its own rhythm, steadied by that of its source."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FLOOR_WEEKS = 3.0
"""No silence shorter than this is an end: holidays and the end of a quarter are not (measures.md, defaults)."""

QUANTILE = 0.99
"""A living practice is silent for longer than its threshold once in a hundred times (measures.md, defaults)."""

LEAST_PRACTICES = 20
"""Practices a source needs for a rhythm of its own; with fewer, the rhythm of all sources together is used."""

LONGEST_WEEKS = 520.0
"""Silences past ten years are written as ten years: no export is longer."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often the practices of a source leave traces: weekly rates follow a gamma law.

    Attributes:
        shape: a0, > 0.
        weeks: b0, in weeks, > 0; the mean rate is shape / weeks a week.
        stop: probability that a trace is a practice's last, in (0, 1).
    """

    shape: float
    weeks: float
    stop: float


DEFAULT = Rhythm(shape=2.0, weeks=2.0, stop=0.1)
"""Used where a company has fewer than LEAST_PRACTICES practices in all: a trace a week, rates within a factor of about two."""

_BOUNDS = ((np.log(0.3), np.log(60.0)), (np.log(0.05), np.log(400.0)), (-7.0, 4.0))


def fit(again: Floats, alive_weeks: Floats, seen_weeks: Floats) -> Rhythm:
    """Empirical Bayes estimate of a source's rhythm by maximum likelihood.

    A practice leaves traces as a Poisson process whose rate is drawn from Gamma(a0, b0), and after each trace, the first one
    included, ends with probability `stop`. Fitting the closed gaps alone would see only the quick ones of those that died young.
    Source: BG/NBD of Fader, Hardie & Lee 2005, with an end possible after the first trace (Batislam, Denizel & Filiztekin
    2007). We depart from both: one stop probability for all practices instead of a beta law.

    Args:
        again: weeks with a trace after the first, one value a practice, >= 0.
        alive_weeks: weeks from the first trace to the last, >= 0.
        seen_weeks: weeks from the first trace to the end of observation, >= alive_weeks.

    Returns:
        The rhythm; DEFAULT if there are fewer than LEAST_PRACTICES practices.
    """
    if len(again) < LEAST_PRACTICES:
        return DEFAULT
    from scipy.optimize import minimize

    # Practices with the same history share one term, so that 20,000 cost as much as a few hundred.
    rows, weight = np.unique(np.round(np.stack([again, alive_weeks, seen_weeks], axis=1)), axis=0, return_counts=True)
    start = np.array([np.log(DEFAULT.shape), np.log(DEFAULT.weeks), np.log(DEFAULT.stop / (1 - DEFAULT.stop))])
    found = minimize(
        _loss, start, args=(rows[:, 0], rows[:, 1], rows[:, 2], weight / weight.sum()), method="L-BFGS-B", bounds=_BOUNDS
    )
    shape, weeks, odds = np.exp(found.x)
    return Rhythm(shape=float(shape), weeks=float(weeks), stop=float(odds / (1 + odds)))


def longest_silence(again: Floats, alive_weeks: Floats, shape: Floats | float, weeks: Floats | float) -> Floats:
    """Weeks of silence after which a practice with this history has ended: max(3, b ((1 - q)^(-1/a) - 1)).

    With a = a0 + weeks with a trace after the first and b = b0 + weeks from the first to the last: the quantile of the Lomax
    law that the next gap follows (measures.md, M3). We count weeks with any trace, not person-weeks: the silence is the
    practice's, and ten users of one week must not make the next holiday an end.

    Args:
        again: weeks with a trace after the first, so far.
        alive_weeks: weeks from the first trace to the last, so far.
        shape: a0 of the source.
        weeks: b0 of the source.
    """
    power = np.minimum(-np.log1p(-QUANTILE) / (np.asarray(shape) + again), 50.0)
    gap: Floats = (np.asarray(weeks) + alive_weeks) * np.expm1(power)
    return np.clip(gap, FLOOR_WEEKS, LONGEST_WEEKS)


def _loss(theta: Floats, again: Floats, alive: Floats, seen: Floats, weight: Floats) -> float:
    from scipy.special import gammaln

    shape, weeks = float(np.exp(theta[0])), float(np.exp(theta[1]))
    go, halt = -np.logaddexp(0.0, theta[2]), -np.logaddexp(0.0, -theta[2])  # logs of 1 - stop and of stop
    common = gammaln(shape + again) - gammaln(shape) + shape * np.log(weeks) + again * go
    living = go - (shape + again) * np.log(weeks + seen)
    ended = halt - (shape + again) * np.log(weeks + alive)
    # A weak pull towards the default keeps the fit inside its bounds when all practices look alike.
    pull = 0.5 * ((theta[0] - np.log(DEFAULT.shape)) ** 2 + (theta[2] + 2.2) ** 2) / 9.0 / max(len(again), 1)
    return float(-(weight * (common + np.logaddexp(living, ended))).sum() + pull)
