"""The results and the sentence of a programme in a drawn order (M13)."""

from collections.abc import Callable

import numpy as np

from groundswell.measures._announced import HORIZON_DAYS
from groundswell.measures._floors import Quantity
from groundswell.measures._follow import columns, data_sets, why_unread
from groundswell.measures._incidence import pseudo_values
from groundswell.measures._permute import Cases, Tested, orders, permute
from groundswell.measures._rates import Floats, Interval, detectable
from groundswell.model.measure import Finding, Line, Picture, Point, ReleaseLike, Result, Shape
from groundswell.model.phrase import Phrase, say

LEAST_CASES, LEAST_GROUPS, LEAST_P = 8, 8, 0.05
"""Fewest announcements or practices, fewest groups, and the p a clear result must be able to reach."""

LIFE_DAYS = 180.0
"""Horizon of the restricted mean life."""

SEED = 13

ASSUMPTIONS = (
    say("The order was drawn by lot and logged before the start, and every order that could have been drawn was as likely."),
    say("The programme adds the same to every case while it is in; the interval holds every such addition not rejected."),
    say("A programme that reached one group did nothing in another."),
)

FOLLOW = say("Follow-through with the programme minus without, same weeks")
LIFE = say("Restricted mean life to 180 days with the programme minus without, same weeks")
DRAW = say("Draw the order in which a programme reaches at least 8 groups, log it before the start, and tell the groups.")


def finding(release: ReleaseLike) -> Finding:
    """Everything M13 says about one release."""
    why = _why_nothing(release)
    if why is not None:
        results = tuple(_quantity(release, k, label, u, 0).withheld(*why) for k, label, u in _ALL)
        return Finding(measure="phase_in", sentence=_cannot(why[0]), results=results)
    follow = _result(release, "follow_through_effect", FOLLOW, "share", _follow_cases(release), why_unread(release))
    life = _result(release, "life_effect", LIFE, "days", _life_cases(release), None)
    return Finding(
        measure="phase_in",
        sentence=say("{first} {second}", first=_words(follow, "share"), second=_words(life, "days")),
        results=(follow, life),
        pictures=_picture((follow, life)),
        known=say("The p value is the share of all orders that could have been drawn which give a difference at least as large."),
    )


def life_values(days: Floats, ended: "np.ndarray[tuple[int], np.dtype[np.bool_]]", horizon: float = LIFE_DAYS) -> Floats:
    """One number a practice whose mean is the restricted mean life; its own life where all of it was seen.

    Source: jackknife pseudo-observations of the Kaplan-Meier area, Andersen, Hansen & Klein 2004.
    """
    if not np.any(~ended & (days < horizon)):
        return np.minimum(days, horizon)
    n, whole = len(days), _area(days, ended, horizon)
    return np.array([n * whole - (n - 1) * _area(np.delete(days, i), np.delete(ended, i), horizon) for i in range(n)])


def _area(days: Floats, ended: "np.ndarray[tuple[int], np.dtype[np.bool_]]", horizon: float) -> float:
    moments = np.unique(days[ended & (days < horizon)])
    at_risk = np.array([float(np.sum(days >= m)) for m in moments])
    gone = np.array([float(np.sum((days == m) & ended)) for m in moments])
    survival = np.concatenate([[1.0], np.cumprod(1 - gone / at_risk)]) if len(moments) else np.ones(1)
    return float(np.sum(np.diff(np.concatenate([[0.0], moments, [horizon]])) * survival))


_ALL = (("follow_through_effect", FOLLOW, "share"), ("life_effect", LIFE, "days"))


def _why_nothing(release: ReleaseLike) -> tuple[Phrase, Phrase] | None:
    if release.people == 0:
        return say("no drawn order was found"), DRAW
    if release.refused is not None:
        return release.refused, release.unlock or DRAW
    groups = columns(release.tables["groups"])
    start = np.asarray(groups["start_day"], dtype=float)
    if len(start) < LEAST_GROUPS:
        return say("the order covers {n:count} groups, and {least:count} are needed", n=len(start), least=LEAST_GROUPS), DRAW
    drawn = np.asarray(groups["drawn_day"], dtype=float)
    if np.isnan(drawn).any() or drawn.max() >= start.min():
        return say("the order was not logged before the first start"), DRAW
    if 1 / orders(start) > LEAST_P:
        return say("even the clearest result could not reach p = .05 with so few possible orders"), DRAW
    return None


def _follow_cases(release: ReleaseLike) -> list[Cases]:
    owners = columns(release.tables["owners"])
    group = {int(c): int(g) - 1 for c, g in zip(owners["case_no"], owners["in_group"], strict=True)}
    days = np.asarray(columns(release.tables["cases"])["day"], dtype=float)
    found = []
    for cohort, _ in data_sets(release, seed=SEED):
        values = pseudo_values(cohort.days, cohort.kinds, HORIZON_DAYS)
        kept = np.array([int(r) + 1 in group for r in cohort.rows], dtype=bool)
        rows = cohort.rows[kept]
        found.append(Cases(np.array([group[int(r) + 1] for r in rows], dtype=np.int64), days[rows], values[kept]))
    return found


def _life_cases(release: ReleaseLike) -> list[Cases]:
    lives = columns(release.tables["lives"])
    days = np.asarray(lives["days"], dtype=float)
    ended = np.asarray(lives["ended"], dtype=bool)
    values = life_values(days, ended) if len(days) else days
    return [Cases(np.asarray(lives["in_group"], dtype=np.int64) - 1, np.asarray(lives["born_day"], dtype=float), values)]


def _result(
    release: ReleaseLike, key: str, label: Phrase, unit: str, draws: list[Cases], unread: tuple[Phrase, Phrase] | None
) -> Result:
    n = round(float(np.mean([len(c.value) for c in draws])))
    quantity = _quantity(release, key, label, unit, n)
    if unread is not None:
        return quantity.withheld(*unread)
    start = np.asarray(columns(release.tables["groups"])["start_day"], dtype=float)
    if n < LEAST_CASES or min(len(np.unique(c.group)) for c in draws) < LEAST_GROUPS:
        return quantity.withheld(say("there are too few cases, or not in every group: {n:count}", n=n), say("a longer time"))
    # With misread labels every completed data set is tested; the interval is the widest of the middle nine tenths.
    got = [t for t in (permute(c, start, seed=SEED) for c in draws) if t is not None]
    if not got:
        return quantity.withheld(say("no cases fall in weeks in which some groups were in and others not"), say("a longer time"))
    interval = _over(got)
    if not np.isfinite([interval.low, interval.high]).all():
        return quantity.withheld(say("too few orders were possible to bound the effect"), DRAW)
    return quantity.value(interval)


def _over(got: list[Tested]) -> Interval:
    pick: Callable[[list[float], float], float] = lambda xs, q: float(np.quantile(xs, q))  # noqa: E731 - one line, used thrice
    if len(got) == 1:
        return got[0].interval
    value = float(np.mean([t.interval.value for t in got]))
    low, high = pick([t.interval.low for t in got], 0.05), pick([t.interval.high for t in got], 0.95)
    return Interval(value, min(low, value), max(high, value))


def _words(result: Result, kind: str) -> Phrase:
    if result.estimate is None:
        return say("{what}: cannot be said, {reason}.", what=result.label, reason=result.reason or DRAW)
    low, high = result.low or 0.0, result.high or 0.0
    if low > 0 or high < 0:
        more = low > 0
        if kind == "share":
            text = (
                say("Because of the programme, {gap:percent} more was taken up.", gap=result.estimate)
                if more
                else say("Because of the programme, {gap:percent} less was taken up.", gap=-result.estimate)
            )
        else:
            text = (
                say("Because of the programme, practices lived {gap:days} longer.", gap=result.estimate)
                if more
                else say("Because of the programme, practices lived {gap:days} less.", gap=-result.estimate)
            )
        return text
    gap = detectable(Interval(result.estimate, low, high))
    if kind == "share":
        return say("No effect on what is taken up can be told; one of {gap:percent} or more would have been seen.", gap=gap)
    return say("No effect on how long practices live can be told; one of {gap:days} or more would have been seen.", gap=gap)


def _picture(results: tuple[Result, ...]) -> tuple[Picture, ...]:
    shares = [r for r in results if r.unit == "share" and r.estimate is not None]
    lines = tuple(
        Line(name=r.label, points=(Point(x=0.0, value=r.estimate, low=r.low, high=r.high),))
        for r in shares
        if r.estimate is not None
    )
    if not lines:
        return ()
    return (
        Picture(
            key="phase_in_effect",
            shape=Shape.INTERVALS,
            title=say("What the programme did"),
            x_label=say("difference in the share taken up"),
            y_label=say("outcome"),
            lines=lines,
            alt=say("An interval: the difference in follow-through between groups with and without the programme."),
            y_unit="share",
        ),
    )


def _quantity(release: ReleaseLike, key: str, label: Phrase, unit: str, units: int) -> Quantity:
    return Quantity(
        measure="phase_in",
        key=key,
        label=label,
        unit=unit,
        start=release.start,
        end=release.end,
        n_people=release.people,
        n_units=units,
        assumptions=ASSUMPTIONS,
        figures=2,
        neutral=0.0,
    )


def _cannot(reason: Phrase) -> Phrase:
    return say("What a programme did cannot be said: {reason}.", reason=reason)
