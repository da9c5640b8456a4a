"""In which kinds of work does AI practice last?"""

import math
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np

from groundswell.measures._beta_binomial import shrink
from groundswell.measures._floors import Quantity
from groundswell.measures._practice_counts import LIVED, READ, SPAN, caution, counts, two_figures
from groundswell.measures._rates import Interval
from groundswell.measures._survival_curves import Lives, kaplan_meier, number_at_risk
from groundswell.model.measure import (
    Counts,
    EngineLike,
    Exit,
    Finding,
    Line,
    Measure,
    Picture,
    Point,
    ReleaseLike,
    Result,
    Shape,
)
from groundswell.model.phrase import Phrase, say

DAYS = 90
"""In use at this age (M7)."""

LEAST_KIND, LEAST_TEAMS, LEAST_PEOPLE = 5, 3, 10
"""Practices, teams and people below which a kind goes to "other" (M7)."""

_SIZES = f"""with {LIVED}
select p.job, count(distinct p.practice) as practices, count(distinct p.team) as teams, count(distinct w.person) as people
from lived p left join practice_people w on w.practice = p.practice
where p.entry_days < p.exit_days
group by p.job order by p.job"""  # noqa: S608 - own words only

_LIVES = f"""with {LIVED}
select job, least(entry_days, {DAYS}) as entry_days, least(exit_days, {DAYS + 1}) as exit_days,
       case when fate <> 'alive' and exit_days <= {DAYS} then 1 else 0 end as ended, count(*) as practices
from lived where entry_days < exit_days and entry_days < {DAYS}
group by job, least(entry_days, {DAYS}), least(exit_days, {DAYS + 1}),
         case when fate <> 'alive' and exit_days <= {DAYS} then 1 else 0 end
order by job, entry_days, exit_days, ended"""  # noqa: S608 - own numbers only

_SQL = {"sizes": _SIZES, "lives": _LIVES, "read": READ, "span": SPAN}


@dataclass(frozen=True)
class Kind:
    """One kind of work, or what is left over."""

    name: str
    lives: Lives
    people: int


def count(engine: EngineLike) -> Counts:
    """Count practices by kind of work, day of entry and day of exit, no further than 90 days.

    Args:
        engine: needs `practices`, `practice_people`, `acts`, `labels`.

    Returns:
        `sizes` (job, practices, teams, people), `lives` (job, entry_days, exit_days, ended, practices), `read` and `span`.
    """
    return counts("kinds", engine, _SQL)


def estimate(release: ReleaseLike) -> Finding:
    """Say, for each kind of work, what share of practices is in use at 90 days, each kind steadied by the others.

    Args:
        release: tables of `count`; a refused one gives a withheld result.
    """
    if release.refused is not None:
        return _nothing(release, release.refused, release.unlock or say("more exports, or a longer time"))
    kinds = _kinds(release)
    if len(kinds) < 2:
        return _nothing(
            release,
            say("fewer than two kinds of work have {n:count} practices of {teams:count} teams", n=LEAST_KIND, teams=LEAST_TEAMS),
            say("messages that say what AI was used for"),
        )
    hits, trials = np.array([_effective(k.lives) for k in kinds]).T
    found = shrink(hits, trials)
    total = sum(len(k.lives) for k in kinds)
    doubt = caution(total, release.tables["read"].to_pylist()[0])
    reason, unlock = doubt or (None, None)
    results = tuple(
        _quantity(release, k).value(two_figures(g), reason=reason, unlock=unlock)
        for k, g in zip(kinds, found.groups, strict=True)
    )
    return Finding(
        measure=release.measure,
        sentence=_sentence(kinds, found.groups),
        results=results,
        pictures=(_picture(results),),
        known=say("Different people try different kinds of work: a kind that lasts is not a kind where AI works better."),
    )


def kind_of(job: str) -> Phrase:
    """What a kind of work is called on the page."""
    names = {
        "support": say("support"), "debugging": say("debugging"), "coding": say("coding"), "review": say("review"),
        "testing": say("testing"), "documentation": say("documentation"), "automation": say("automation"),
        "analysis": say("analysis"), "forecasting": say("forecasting"), "revops": say("revenue operations"),
        "marketing": say("marketing"), "writing": say("writing"), "translation": say("translation"), "meetings": say("meetings"),
        "research": say("research"), "recruiting": say("recruiting"), "closing": say("closing of accounts"),
        "legal": say("legal"),
        "design": say("design"), "operations": say("operations"), "other": say("other or unknown"),
    }  # fmt: skip
    return names[job]


def _kinds(release: ReleaseLike) -> list[Kind]:
    """Kinds large enough to be shown, by name, and the rest together if it is large enough itself."""
    sizes = {r["job"]: r for r in release.tables["sizes"].to_pylist()}
    rows = release.tables["lives"].to_pydict()
    job = np.array(rows["job"], dtype=object)
    shown = sorted(
        name
        for name, r in sizes.items()
        if name != "unknown" and r["practices"] >= LEAST_KIND and r["teams"] >= LEAST_TEAMS and r["people"] >= LEAST_PEOPLE
    )
    kinds = [Kind(name, _lives(rows, job == name), sizes[name]["people"]) for name in shown]
    rest = [name for name in sizes if name not in shown]
    people = max((sizes[name]["people"] for name in rest), default=0)
    left = Kind("other", _lives(rows, np.isin(job, rest)), people)
    kinds = [k for k in kinds if len(k.lives) >= LEAST_KIND]
    return [*kinds, left] if kinds and len(left.lives) >= LEAST_KIND and people >= LEAST_PEOPLE else kinds


def _lives(rows: dict[str, list[Any]], keep: "np.ndarray[Any, Any]") -> Lives:
    times = np.array(rows["practices"], dtype=int)[keep]
    return Lives(
        entry=np.repeat(np.array(rows["entry_days"], dtype=float)[keep], times),
        exit=np.repeat(np.array(rows["exit_days"], dtype=float)[keep], times),
        fate=np.repeat(np.array(rows["ended"], dtype=np.int64)[keep], times),
        stratum=np.zeros(int(times.sum()), dtype=np.int64),
    )


def _effective(lives: Lives) -> tuple[float, float]:
    """Successes and trials that a survival curve at 90 days is worth: p and n with p (1 - p) / n = Greenwood's variance.

    Where nobody or everybody ended that formula is silent; the number known to have ended or to have reached 90 days stands in.
    Source: effective sample size of Dorey & Korn 1987.
    """
    curve = kaplan_meier(lives)
    share = curve.at(DAYS)
    inside = curve.times <= DAYS
    known = float((lives.fate > 0).sum() + number_at_risk(lives, np.array([DAYS + 0.5]))[0])
    spread = float(curve.greenwood[inside][-1]) if inside.any() else 0.0
    trials = (1 - share) / (share * spread) if 0 < share < 1 and np.isfinite(spread) and spread > 0 else known
    trials = max(min(trials, float(len(lives))), 1.0)
    return share * trials, trials


def _sentence(kinds: list[Kind], groups: tuple[Interval, ...]) -> Phrase:
    apart = [
        (a, b)
        for (a, one), (b, other) in combinations(list(zip(kinds, groups, strict=True)), 2)
        if (one.low > other.high or other.low > one.high) and "other" not in (a.name, b.name)
    ]
    low, high = min(g.value for g in groups), max(g.value for g in groups)
    if not apart:
        return say(
            "Between the {n:number} kinds of work seen no difference shows: {low:percent} to {high:percent} of practices are in "
            "use after {days:days}, and a gap of less than {gap:percent} between two kinds would not be seen.",
            n=len(kinds), low=round(low, 2), high=round(high, 2), days=DAYS, gap=round(_least_gap(groups), 2),
        )  # fmt: skip
    a, b = sorted(apart[0], key=lambda k: k.name)
    value = {k.name: g.value for k, g in zip(kinds, groups, strict=True)}
    return say(
        "Kinds of work differ in what lasts: after {days:days}, {first:percent} of practices in {one} are in use and "
        "{second:percent} in {other}; in all, {low:percent} to {high:percent}.",
        days=DAYS,
        first=round(value[a.name], 2),
        one=kind_of(a.name),
        second=round(value[b.name], 2),
        other=kind_of(b.name),
        low=round(low, 2),
        high=round(high, 2),
    )


def _least_gap(groups: tuple[Interval, ...]) -> float:
    """Smallest gap whose two intervals would lie apart four times in five, of the pair that is known best."""
    halves = sorted((g.high - g.low) / 2 for g in groups)[:2]
    return min(sum(halves) + 0.8416 / 1.96 * math.hypot(*halves), 1.0)


def _picture(results: tuple[Result, ...]) -> Picture:
    return Picture(
        key="kinds",
        shape=Shape.INTERVALS,
        title=say("Practices in use after 90 days, by kind of work"),
        x_label=say("share in use"),
        y_label=say("kind of work"),
        lines=tuple(
            Line(name=r.label, points=(Point(x=0, value=r.estimate or 0.0, low=r.low, high=r.high, at_risk=r.n_units),))
            for r in results
        ),
        alt=say("One interval a kind of work, by name: the share of practices in use after 90 days."),
        y_unit="share",
    )


def _quantity(release: ReleaseLike, kind: Kind) -> Quantity:
    return Quantity(
        measure=release.measure, key=f"in_use_{kind.name}", label=kind_of(kind.name), unit="share", start=release.start,
        end=release.end, n_people=kind.people, n_units=len(kind.lives), group=kind.name,
        assumptions=(say("kinds of work are alike enough to steady each other"),),
    )  # fmt: skip


def _nothing(release: ReleaseLike, reason: Phrase, unlock: Phrase) -> Finding:
    quantity = Quantity(
        measure=release.measure, key="in_use", label=say("practices in use after 90 days, by kind of work"), unit="share",
        start=release.start, end=release.end, n_people=release.people, n_units=release.units, assumptions=MEASURE.assumptions,
    )  # fmt: skip
    return Finding(
        measure=release.measure,
        sentence=say("Where it lasts, by kind of work, cannot be told: {why}.", why=reason),
        results=(quantity.withheld(reason, unlock),),
    )


MEASURE = Measure(
    name="kinds",
    code="M7",
    title=say("Where it lasts, by kind of work"),
    question=say("In which kinds of work does AI practice last?"),
    estimand=say(
        "Probability that a practice is in use 90 days after its first use, by kind of work, shrunk towards the others."
    ),
    unit="practices",
    exit=Exit.PRACTICES,
    needs=("practices", "practice_people"),
    sql=_SQL,
    assumptions=(
        say("Kinds of work are read in messages; a kind misread moves practices between rows."),
        say("The kinds differ among themselves as draws of one law differ."),
        say("It is about lasting use; it says nothing of benefit."),
    ),
    references=("Gelman & Hill 2007, Data Analysis Using Regression and Multilevel/Hierarchical Models, chapter 12",),
    order=65,
    count=count,
    estimate=estimate,
    known_limits=(say("Different people try different kinds of work."),),
)
