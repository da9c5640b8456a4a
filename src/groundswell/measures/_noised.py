"""Counts of people that may carry noise: one quarter, one cohort, one cell a person and question, and their intervals (M11)."""

from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np

from groundswell.measures._floors import Quantity, floored_share
from groundswell.measures._rates import EDGE, Interval, normal_quantile, wilson
from groundswell.measures._uses import ACTIVE
from groundswell.model.measure import ReleaseLike, Result
from groundswell.model.phrase import Phrase, say

LARGE = 236
"""People from whom the organisation's noise of 12 leaves a share within a tenth, and from whom more than one question is asked of
them a quarter: with fewer the year's budget holds one question a measure, at the noise of a group (M11)."""

NOISED_FROM = 100
"""People from whom counts may have to carry noise; whether they do is decided by `privacy` (M11)."""

WORKDAYS = 66
"""Working days a quarter has at most: days of a person divided by it add up to at most one."""

MOST_NOISE = 0.10
"""Largest 1.96 standard deviations of noise in a share that is told (M11)."""

QUARTER = f"""span as (
    select cast(date_trunc('quarter', end_day) as date) as start_day from period
), quarter as (
    select start_day, day_after(cast(date_trunc('quarter', day_after(start_day, 100)) as date), -1) as end_day from span
), present as (
    select person from ({ACTIVE}) a cross join quarter q
    where a.week >= week_of(day_after(q.start_day, 6)) and a.week <= week_of(day_after(q.end_day, -6))
    group by person having count(distinct week) >= 8
)"""  # noqa: S608 - own words only
"""The calendar quarter in which the time counted ends, whatever anybody did on its last day, and the people active in at least 8
of its weeks: the cohort of M11. Both hang on no single person's traces but that person's own."""


def people_of(release: ReleaseLike) -> Mapping[str, int]:
    """Noised counts of people by what they are of."""
    return {r["what"]: int(r["people"]) for r in release.tables["noised"].to_pylist()}


def noised_share(hits: float, people: float, *, sigma: float, exact: bool = True, weight: float = 1.0) -> tuple[Interval, float]:
    """Share of people from a count with noise.

    Args:
        hits: noised count; may lie outside 0 .. people.
        people: how many could; noised too unless `exact`.
        sigma: standard deviation of the noise in each count, in people.
        exact: whether `people` carries no noise.
        weight: largest survey weight over the mean.

    Returns:
        The share within its interval, Wilson's for chance and the noise's variance added, all in [0, 1]; and the half width that
        the noise alone gives.
    """
    n = max(people, 1.0)
    share = float(np.clip(hits / n, 0.0, 1.0))
    chance = wilson(share * n, n)
    noise = normal_quantile(0.95) * weight * sigma * float(np.sqrt(1.0 if exact else 1.0 + share**2)) / n
    low = max(0.0, share - float(np.hypot(share - chance.low, noise)))
    high = min(1.0, share + float(np.hypot(chance.high - share, noise)))
    return Interval(share, low, high), noise


def told_share(
    quantity: Quantity, hits: float, people: float, *, sigma: float, exact: bool = True, reason: Phrase | None = None
) -> Result:
    """A share of people from a count with noise, under the floors; withheld where the noise alone is more than a tenth."""
    interval, noise = noised_share(hits, people, sigma=sigma, exact=exact)
    if noise > MOST_NOISE:
        return quantity.withheld(*too_much_noise())
    if interval.value < EDGE:
        most = noised_share(EDGE * people, people, sigma=sigma, exact=exact)[0].high
        return quantity.withheld(
            say(
                "it is near nobody: allowing for chance and noise at most {high:percent}; smaller shares are not told apart",
                high=most,
            ),
            say("a share of a tenth or more"),
        )
    if interval.value > 1 - EDGE:
        least = noised_share((1 - EDGE) * people, people, sigma=sigma, exact=exact)[0].low
        return quantity.withheld(
            say(
                "it is near everybody: allowing for chance and noise at least {low:percent}; larger shares are not told apart",
                low=least,
            ),
            say("a share of nine tenths or less"),
        )
    return floored_share(quantity, 0, max(int(people), 0), interval, reason=reason)


def too_much_noise() -> tuple[Phrase, Phrase]:
    """Why a noised share is not told, and what would lift it."""
    return (
        say("the noise that protects people would be more than a tenth of the whole"),
        say("traces of more people, or of a longer time"),
    )


def not_with_noise() -> tuple[Phrase, Phrase]:
    """Why a quantity is left out of a release with noise, and what would unlock it."""
    return (
        say("counts beside the few that are protected by noise do not leave: each would cost more of the year's privacy budget"),
        say("nothing within this year's budget; the quantities that matter most are told"),
    )


def quarter_of(day: date) -> tuple[date, date]:
    """First and last day of the calendar quarter of a day."""
    first = 3 * ((day.month - 1) // 3) + 1
    following = date(day.year + (first + 3) // 13, (first + 2) % 12 + 1, 1)
    return date(day.year, first, 1), following - timedelta(days=1)
