"""Do teams go back to their old ways: does the share of work done with AI fall for good?"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.measures._change_point import BLOCK, Change, change
from groundswell.measures._coverage import COVERAGE, why_begun, why_not_comparable
from groundswell.measures._floors import Quantity
from groundswell.measures._practice_counts import LEAST_AUDITED, LEAST_PRACTICES, two_figures
from groundswell.measures._rates import Floats, Interval, detectable, normal_quantile, student_quantile
from groundswell.measures._uses import USE_ACTS
from groundswell.measures._weeks import EPOCH, axis_of, monday_of, sunday_of
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

NEAR_WEEKS = 4
"""A vendor's change this near to a change of use may be its cause."""

LEAST_LEFT = 1 / 3
"""Of a change, what the marks of the other tools must show: less is no more than weeks that wander."""

WINDOW_WEEKS = 26
"""On either side of a change the sources must show as much as on the other for this long (R5)."""

_BASE = f"""begun as (
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
), seen as (
    select person, week_of(ts) as week, case when channel = 'message' then '' else tool end as mark, day_of(ts) as day
    from acts where act in {USE_ACTS} and modality = 'done' and actor_kind = 'person' and person > 0 and tool <> ''
      and channel <> 'review suggestion'
    union all
    select person, week_of(day) as week, '' as mark, day from usage_days
    where active and actor_kind = 'person' and person > 0 and tool <> ''
), lone as (
    select person, week, min(mark) as mark from seen group by person, week having count(distinct mark) = 1 and min(mark) <> ''
), work as (
    select h.person, h.week, h.team, case when u.person is null then 0 else 1 end as used,
           coalesce(case when u.person is null then null else n.mark end, '') as mark
    from home h join begun b on b.team = h.team and h.week > week_of(b.day)
    join last l on h.week <= l.week
    left join used u on u.person = h.person and u.week = h.week and u.team = h.team
    left join lone n on n.person = h.person and n.week = h.week
)"""  # noqa: S608 - own words only
"""One row a person-week of work in a unit that had begun: whether AI was used, and the tool whose marks alone say so, if all that
says so are marks of one tool. What was written in messages, and a usage log, is no mark that a vendor adds or drops."""

_WEEKS = f"""with {_BASE}
select week, count(*) as active, cast(sum(used) as bigint) as used from work group by week order by week"""  # noqa: S608

_ALONE = f"""with {_BASE}
select mark as tool, week, count(*) as alone from work where mark <> '' group by mark, week order by tool, week"""  # noqa: S608

_SPAN = f"""with {_BASE}
select count(*) as person_weeks, count(distinct case when used = 1 then person end) as people, min(week) as first_week,
       max(week) as last_week
from work"""  # noqa: S608

_READ = """
select cast(count(*) as bigint) as practices, cast(coalesce(sum(case when c.source is null then 0 else 1 end), 0) as bigint)
           as from_messages, max(a.audited) as audited
from practices p
left join (select distinct source from acts where channel = 'message') c on c.source = p.source
cross join (select count(distinct id) as audited from labels) a
where p.carrier = 'acts'"""

_VENDORS = "select distinct tool, week_of(day) as week from programmes where kind = 'vendor' order by week, tool"

_SQL = {"weeks": _WEEKS, "alone": _ALONE, "vendors": _VENDORS, "read": _READ, "coverage": COVERAGE, "span": _SPAN}


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
        engine: needs `practices`, `practice_people`, `members`, `traces`, `acts`, `usage_days`, `programmes`, `labels`.

    Returns:
        `weeks` (week, active, used), `alone` (tool, week, and how many person-weeks of use nothing but its marks shows),
        `vendors` (tool and week of a vendor's change that was told), `coverage` (R5), `read` and `span`. Units are person-weeks
        of work; people are those with any use.
    """
    tables = {name: engine.run(text) for name, text in _SQL.items()} if engine.has("practices") else {}
    span = tables["span"].to_pylist()[0] if tables else {"people": 0, "person_weeks": 0, "first_week": 0, "last_week": 0}
    return Counts(
        measure="going_back",
        exit=Exit.PRACTICES,
        tables=tables,
        people=span["people"],
        units=span["person_weeks"],
        least_units=LEAST_PRACTICES,
        start=monday_of(span["first_week"] or 0),
        end=sunday_of(span["last_week"] or 0),
    )


def estimate(release: ReleaseLike) -> Finding:
    """Say whether the share of person-weeks with use changed for good, and in which direction.

    A change that is gone once the marks of one tool are left out is not told: vendors add and drop marks without any person
    changing, and nothing in the marks themselves tells the one from the other.

    Args:
        release: tables of `count`; a refused one gives a withheld result.
    """
    if release.refused is not None:
        return _nothing(release, release.refused, release.unlock or say("more exports, or a longer time"))
    series = _series(release)
    if len(series.active) < LEAST_WEEKS or series.active.mean() < LEAST_A_WEEK:
        return _nothing(
            release,
            say(
                "there are fewer than {weeks:count} weeks, or fewer than {least:count} people at work a week",
                weeks=LEAST_WEEKS,
                least=2,
            ),
            say("a longer time"),
        )
    if not 0 < series.used.sum() < series.active.sum():
        return _nothing(
            release,
            say("every work week that the sources show is one with AI, or none is"),
            say("a source that shows work with and without AI, such as messages or commits"),
        )
    found = change(series.used, series.active, seed=SEED)
    told = found.p <= ALPHA
    stop = (_hangs_on_one(release, series, found) or _not_alike(release, series, found)) if told else None
    if stop is not None:
        return _nothing(release, *stop, pictures=(_picture(series, found),))
    reason, unlock = _doubt(release, series, found) or (None, None)
    quantity = _quantity(release)
    return Finding(
        measure=release.measure,
        sentence=_sentence(series, found),
        results=(quantity.value(two_figures(_difference(series, found)), reason=reason, unlock=unlock),),
        pictures=(_picture(series, found),),
        known=say(
            "A person-week counts once. A change that only the marks of one tool show is not told: a vendor who adds or drops a "
            "mark looks like people who start or stop."
        ),
    )


def without_one(release: ReleaseLike, series: Series) -> dict[str, Series]:
    """The series once the marks of each tool are left out in turn, by tool; none for logs and messages, which stay."""
    rows = release.tables["alone"].to_pylist() if "alone" in release.tables else []
    found: dict[str, Series] = {}
    for row in rows:
        one = found.setdefault(row["tool"], Series(series.first, series.active, series.used.copy()))
        one.used[row["week"] - series.first] -= row["alone"]
    return found


def _hangs_on_one(release: ReleaseLike, series: Series, found: Change) -> tuple[Phrase, Phrase] | None:
    """Why a change may be the trail's: without the marks of one tool too little of it is left, or nothing that is sure."""
    way = -1.0 if found.after < found.before else 1.0
    hanging = {}
    for tool, rest in without_one(release, series).items():
        left = _difference(rest, found)
        sure = left.low > 0 or left.high < 0
        if not sure or way * left.value < LEAST_LEFT * abs(found.after - found.before):
            hanging[tool] = way * left.value
    if not hanging:
        return None
    tool = min(sorted(hanging), key=hanging.__getitem__)
    return (
        say(
            "from {week:date} on the share of work weeks with AI is {way}, but only the marks of {tool} show it; the trail may "
            "have changed, and not the people",
            week=monday_of(series.first + found.week),
            way=_way(found),
            tool=tool,
        ),
        say("a usage log of {tool}, or another source that sees the same work", tool=tool),
    )


def _not_alike(release: ReleaseLike, series: Series, found: Change) -> tuple[Phrase, Phrase] | None:
    """Why the two sides of a change may not be set beside each other (R5).

    Usage logs are asked only whether they begin or end within: what they hold is the use itself, whose share may well move.
    """
    if "coverage" not in release.tables:
        return None
    seen, cut = release.tables["coverage"], series.first + found.week
    first, last = max(series.first, cut - WINDOW_WEEKS), min(series.first + len(series.active), cut + WINDOW_WEEKS) - 1
    plain = seen.filter(np.array(seen["control"]) == 1)
    why = why_not_comparable(plain, (first, cut - 1), (cut, last)) or why_begun(seen, first, last)
    return None if why is None else (why, say("exports that cover both windows alike"))


def _doubt(release: ReleaseLike, series: Series, found: Change) -> tuple[Phrase, Phrase] | None:
    """Why the result is only indicative, and what would lift that."""
    read = release.tables["read"].to_pylist()[0]
    if 2 * read["from_messages"] > read["practices"] and read["audited"] < LEAST_AUDITED:
        return (
            say("most of these practices were read in messages, and nobody has checked the reader here"),
            say("an audit of {least:count} messages", least=LEAST_AUDITED),
        )
    if found.p > ALPHA:
        return say("weeks differ as much when they are shuffled"), say("a longer time")
    near = [r for r in _vendors(release) if abs(r["week"] - series.first - found.week) <= NEAR_WEEKS]
    if near:
        return say("a vendor changed something within the same weeks"), say("a longer time, or a second source")
    return None


def _vendors(release: ReleaseLike) -> list[dict[str, Any]]:
    return list(release.tables["vendors"].to_pylist()) if "vendors" in release.tables else []


def _series(release: ReleaseLike) -> Series:
    rows: dict[str, list[Any]] = release.tables["weeks"].to_pydict()
    if not rows["week"]:
        return Series(0, np.zeros(0), np.zeros(0))
    week = np.array(rows["week"], dtype=int) - rows["week"][0]
    active, used = np.zeros(week[-1] + 1), np.zeros(week[-1] + 1)
    active[week], used[week] = rows["active"], rows["used"]
    return Series(rows["week"][0], active, used)


def _difference(series: Series, found: Change) -> Interval:
    """After minus before, with the interval of two means of blocks of weeks, so that alike weeks do not shorten it.

    Source: Welch 1947 for the degrees of freedom of two means whose spreads differ.
    """
    parts, shares, freedom = [], [], 0.0
    for part in (slice(None, found.week), slice(found.week, None)):
        used, active = series.used[part], series.active[part]
        share = float(used.sum() / max(active.sum(), 1.0))
        blocks = np.add.reduceat(used - share * active, np.arange(0, len(used), BLOCK))
        rest = max(len(blocks) - 1, 1)
        parts.append(float((blocks**2).sum()) / max(float(active.sum()), 1.0) ** 2 * len(blocks) / rest)
        shares.append(share)
        freedom += parts[-1] ** 2 / rest
    quantile = student_quantile(0.95, sum(parts) ** 2 / freedom) if freedom > 0 else normal_quantile(0.95)
    reach = quantile * float(np.sqrt(sum(parts)))
    value = shares[1] - shares[0]
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
        way=_way(found),
        before=round(found.before, 2),
        after=round(found.after, 2),
    )


def _way(found: Change) -> Phrase:
    return say("lower") if found.after < found.before else say("higher")


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
        neutral=0.0, assumptions=(say("weeks further apart than a month do not hang together"),),
    )  # fmt: skip


def _nothing(release: ReleaseLike, reason: Phrase, unlock: Phrase, pictures: tuple[Picture, ...] = ()) -> Finding:
    return Finding(
        measure=release.measure,
        sentence=say("Whether work goes back to the old ways cannot be told: {why}.", why=reason),
        results=(_quantity(release).withheld(reason, unlock),),
        pictures=pictures,
    )


MEASURE = Measure(
    name="going_back",
    code="M3",
    title=say("Going back"),
    question=say("Does the share of work done with AI fall for good?"),
    estimand=say("Change of the share of person-weeks with use, in units that had begun, at the likeliest week of a change."),
    unit="person-weeks",
    exit=Exit.PRACTICES,
    needs=("practices", "practice_people", "traces", "acts", "usage_days", "programmes"),
    sql=_SQL,
    assumptions=(
        say("The countable instance of work is the person-week; tickets and releases are not read yet."),
        say("A change has at least six weeks on either side."),
        say("Weeks further apart than a month do not hang together."),
        say(
            "What a tool's marks show and nothing else does may be its vendor's doing: it is left out, and the change must stay."
        ),
    ),
    references=("Worsley 1983, Biometrika 70:455", "Kirch 2007, Journal of Statistical Planning and Inference 137:2031"),
    order=31,
    count=count,
    estimate=estimate,
)
