"""Do teams go back to their old ways: does the share of work done with AI fall for good?"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.measures._change_point import Change, change
from groundswell.measures._floors import Quantity
from groundswell.measures._practice_counts import READ, SPAN, caution, counts, two_figures
from groundswell.measures._rates import Floats, Interval, detectable, normal_quantile
from groundswell.measures._weeks import EPOCH, axis_of, monday_of
from groundswell.model.measure import (
    Counts,
    EngineLike,
    Exit,
    Finding,
    Line,
    Mark,
    Measure,
    Picture,
    Point,
    ReleaseLike,
    Shape,
)
from groundswell.model.phrase import Phrase, say

SEED = 20250108
"""Of the shuffles."""

LEAST_WEEKS, LEAST_A_WEEK = 26, 2.0
"""Weeks, and instances of work a week, below which nothing is said (M3)."""

ALPHA = 0.05
"""A change is called one at this p."""

_WEEKS = """
with begun as (
    select p.team, min(p.born_on) as day from practices p where p.carrier = 'acts' group by p.team
), home as (
    select t.person, week_of(t.day) as week, m.team
    from traces t join members m on m.person = t.person and t.day between m.from_day and m.to_day
    where t.person > 0 and t.actor_kind = 'person'
    union
    select t.person, week_of(t.day) as week, p.team
    from traces t join practices p on p.unit = cast(t.place as string)
    where t.person > 0 and t.actor_kind = 'person' and p.carrier = 'acts'
), used as (
    select distinct w.person, w.week, p.team
    from practice_people w join practices p on p.practice = w.practice where p.carrier = 'acts'
), last as (
    select week_of(day_after(max(day), 1)) - 1 as week from traces
)
select h.week, count(*) as active, cast(sum(case when u.person is null then 0 else 1 end) as bigint) as used
from home h join begun b on b.team = h.team and h.week > week_of(b.day)
join last l on h.week <= l.week
left join used u on u.person = h.person and u.week = h.week and u.team = h.team
group by h.week order by h.week"""

_SQL = {"weeks": _WEEKS, "read": READ, "span": SPAN}


@dataclass(frozen=True)
class Series:
    """Weekly person-weeks in units that had begun, and those with use.

    Attributes:
        first: number of the first week.
        active, used: one value a week, weeks without any 0.
    """

    first: int
    active: Floats
    used: Floats


def count(engine: EngineLike) -> Counts:
    """Count person-weeks of work, and those with use of AI, in units that had begun to use it, week by week.

    The countable instance of work is the person-week (R2), since no export read so far holds tickets or releases.

    Args:
        engine: needs `practices`, `practice_people`, `members`, `traces`, `acts`, `labels`.

    Returns:
        `weeks` (week, active, used), `read` and `span`. Units are practices watched.
    """
    return counts("going_back", engine, _SQL)


def estimate(release: ReleaseLike) -> Finding:
    """Say whether the share of person-weeks with use changed for good, and in which direction.

    Args:
        release: tables of `count`; a refused one gives a withheld result.
    """
    if release.refused is not None:
        return _nothing(release, release.refused, release.unlock or say("more exports, or a longer time"))
    series = _series(release)
    if len(series.active) < LEAST_WEEKS or series.active.mean() < LEAST_A_WEEK:
        return _nothing(
            release,
            say("fewer than {weeks:count} weeks, or less than {least:count} people at work a week", weeks=LEAST_WEEKS, least=2),
            say("a longer time"),
        )
    found = change(series.used, series.active, seed=SEED)
    doubt = caution(release.units, release.tables["read"].to_pylist()[0])
    if doubt is None and found.p > ALPHA:
        doubt = (say("weeks differ as much when they are shuffled"), say("a longer time"))
    reason, unlock = doubt or (None, None)
    quantity = _quantity(release)
    return Finding(
        measure=release.measure,
        sentence=_sentence(series, found),
        results=(quantity.value(two_figures(_difference(series, found)), reason=reason, unlock=unlock),),
        pictures=(_picture(series, found),),
        known=say(
            "A person-week counts once. A vendor who stops writing a mark looks like going back: see where marks begin and end."
        ),
    )


def _series(release: ReleaseLike) -> Series:
    rows: dict[str, list[Any]] = release.tables["weeks"].to_pydict()
    if not rows["week"]:
        return Series(0, np.zeros(0), np.zeros(0))
    week = np.array(rows["week"], dtype=int) - rows["week"][0]
    active, used = np.zeros(week[-1] + 1), np.zeros(week[-1] + 1)
    active[week], used[week] = rows["active"], rows["used"]
    return Series(rows["week"][0], active, used)


def _difference(series: Series, found: Change) -> Interval:
    """After minus before, with the interval of two means of blocks of weeks, so that alike weeks do not shorten it."""
    parts = []
    for part in (slice(None, found.week), slice(found.week, None)):
        used, active = series.used[part], series.active[part]
        share = used.sum() / max(active.sum(), 1.0)
        blocks = np.add.reduceat(used - share * active, np.arange(0, len(used), 4))
        parts.append(float((blocks**2).sum()) / max(float(active.sum()), 1.0) ** 2 * len(blocks) / max(len(blocks) - 1, 1))
    reach = normal_quantile(0.95) * float(np.sqrt(sum(parts)))
    value = found.after - found.before
    return Interval(value, value - reach, value + reach)


def _sentence(series: Series, found: Change) -> Phrase:
    if found.p > ALPHA:
        return say(
            "No lasting change shows in the share of work weeks with AI, up or down: {share:percent} over {n:count} weeks, "
            "and one of less than {gap:percent} would not be seen.",
            share=round(float(series.used.sum() / max(series.active.sum(), 1.0)), 2),
            n=len(series.active),
            gap=round(detectable(_difference(series, found)), 2),
        )
    return say(
        "From {week:date} on, the share of work weeks with AI is {way} than before: {after:percent} after {before:percent}.",
        week=monday_of(series.first + found.week),
        way=say("lower") if found.after < found.before else say("higher"),
        before=round(found.before, 2),
        after=round(found.after, 2),
    )


def _picture(series: Series, found: Change) -> Picture:
    points = tuple(
        Point(x=axis_of(series.first + i), value=float(u / a), at_risk=int(a))
        for i, (u, a) in enumerate(zip(series.used, series.active, strict=True))
        if a >= 10
    )
    mark = Mark(x=float((monday_of(series.first + found.week) - EPOCH).days), label=say("most likely week of a change"))
    return Picture(
        key="going_back",
        shape=Shape.WEEKS,
        title=say("Work weeks with AI, in units that had begun to use it"),
        x_label=say("week"),
        y_label=say("share of people at work"),
        lines=(Line(name=say("with a trace of use"), points=points),) if points else (),
        marks=(mark,) if found.p <= ALPHA else (),
        is_date=True,
        alt=say("One line a week: the share of people at work who left a trace of use."),
        y_unit="share",
    )


def _quantity(release: ReleaseLike) -> Quantity:
    return Quantity(
        measure=release.measure, key="change", label=say("share of work weeks with AI: after the likeliest change, minus before"),
        unit="share", start=release.start, end=release.end, n_people=release.people, n_units=release.units,
        assumptions=(say("weeks further apart than a month do not hang together"),),
    )  # fmt: skip


def _nothing(release: ReleaseLike, reason: Phrase, unlock: Phrase) -> Finding:
    return Finding(
        measure=release.measure,
        sentence=say("Whether work goes back to the old ways cannot be told: {why}.", why=reason),
        results=(_quantity(release).withheld(reason, unlock),),
    )


MEASURE = Measure(
    name="going_back",
    code="M3",
    title=say("Going back"),
    question=say("Does the share of work done with AI fall for good?"),
    estimand=say("Change of the share of person-weeks with use, in units that had begun, at the likeliest week of a change."),
    unit="person-weeks",
    exit=Exit.PRACTICES,
    needs=("practices", "practice_people", "traces"),
    sql=_SQL,
    assumptions=(
        say("The countable instance of work is the person-week; tickets and releases are not read yet."),
        say("A change has at least six weeks on either side."),
        say("Weeks further apart than a month do not hang together."),
    ),
    references=("Worsley 1983, Biometrika 70:455", "Kirch 2007, Journal of Statistical Planning and Inference 137:2031"),
    order=31,
    count=count,
    estimate=estimate,
)
