"""The results, the sentence and the pictures of what went on after the talk peaked (M10)."""

from typing import Any

import numpy as np

from groundswell.measures import _drift
from groundswell.measures._coverage import why_not_comparable
from groundswell.measures._floors import Quantity
from groundswell.measures._labels import caveat, gold_of, why_withheld
from groundswell.measures._rates import Floats, Interval, normal_quantile, wilson
from groundswell.measures._weeks import axis_of, monday_of
from groundswell.model.measure import Finding, Line, Mark, Picture, Point, ReleaseLike, Result, Shape
from groundswell.model.phrase import Phrase, say

LEAST_WEEKS, LEAST_PRACTICES, FIRM_PRACTICES, PEAK_TIMES = 39, 20, 40, 2.0
"""Shortest window, fewest practices, fewest for more than an indication, and how far a peak must stand above the median."""

ALIVE_DAYS = 182
"""26 weeks."""

SEED = 10

ASSUMPTIONS = (
    say("One peak is one observation: descriptive, no cause."),
    say("Talk after its own peak is lower by the choice of the peak alone; use is not chosen, so the ratio leans above 1."),
    say("Protected by aggregation, not by differential privacy."),
)

RATIO = say("Use kept of its level at the peak of talk, divided by talk kept of its own (1 = alike)")
ALIVE = say("Share of practices alive four weeks after the peak that were alive 26 weeks later")
CHANGES = say("Changes a shared practice and month, in the last 26 weeks")


def finding(release: ReleaseLike) -> Finding:
    """Everything M10 says about one release."""
    if release.refused is not None:
        keys = (("persistence", RATIO, "ratio"), ("alive_after", ALIVE, "share"), ("changes", CHANGES, "number"))
        results = tuple(_quantity(release, k, label, u, 0).withheld(release.refused, release.unlock) for k, label, u in keys)
        return Finding(measure="after_fashion", sentence=_cannot(release.refused), results=results)
    why = why_no_peak(release)
    ratio, alive, changes = persistence(release, why), alive_after(release, why), iterations(release)
    return Finding(
        measure="after_fashion",
        sentence=sentence(release, ratio),
        results=(ratio, alive, changes),
        pictures=_picture(release, why),
        known=say("Talk and use are each compared with themselves at the peak; how many people were active cancels out."),
    )


def why_no_peak(release: ReleaseLike) -> tuple[Phrase, Phrase] | None:
    """Why there is no peak of talk to look back from; None if there is one."""
    span, longer = release.tables["span"].to_pylist()[0], say("a longer time")
    if span["last_week"] is None or span["last_week"] - span["first_week"] + 1 < LEAST_WEEKS:
        return say("the window is shorter than {weeks:count} weeks", weeks=LEAST_WEEKS), longer
    rows = release.tables["weeks"].to_pylist()
    said = [r for r in rows if r["kind"] == "said"]
    if not said or not len(release.tables["peak"]):
        return say("nobody announced anything"), say("an export of a channel in which leaders announce things")
    if any(r["band"] >= 0 for r in said):
        why = why_withheld(gold_of(release.tables["gold"], "said"))
        if why is not None:
            return why
    real = _drift.chances(release, "said", seed=SEED).mean(axis=0)
    talk = {week: ratio for week, ratio, _ in _drift.relative(rows, "said", real, span["first_week"], span["last_week"])}
    peak = release.tables["peak"].to_pylist()[0]
    if talk.get(peak["first_week"], 0.0) < PEAK_TIMES * float(np.median(list(talk.values()))):
        return say("talk has no peak: no four weeks reach twice the median"), say("a time with a peak of talk in it")
    if peak["first_week"] + 29 > span["last_week"]:
        return say("talk peaked less than 26 weeks before the end"), longer
    return None


def persistence(release: ReleaseLike, why: tuple[Phrase, Phrase] | None) -> Result:
    """(a) The persistence ratio, its interval over people by linearisation.

    A departure from the specification's bootstrap over people: sums and products over people give the same variance to first
    order, and no row of a person has to leave the engine.
    """
    quantity = _quantity(release, "persistence", RATIO, "ratio", 0)
    if why is not None:
        return quantity.withheld(*why)
    peak = release.tables["peak"].to_pylist()[0]["first_week"]
    moved = why_not_comparable(release.tables["coverage"], (peak, peak + 3), (peak + 16, peak + 29))
    if moved is not None:
        return quantity.withheld(moved, say("exports that cover both times alike"))
    rows = release.tables["weeks"].to_pylist()
    if any(r["kind"] == "corroborated" and r["band"] >= 0 for r in rows):
        unread = why_withheld(gold_of(release.tables["gold"], "done"))
        if unread is not None:
            return quantity.withheld(*unread)
    interval = _drift.contrast(release, {"corroborated": 1.0, "said": -1.0}, seed=SEED)
    if interval is None:
        return quantity.withheld(
            say("there are too few person-weeks of talk or of use at the peak or after it"), say("more people")
        )
    read = any(r["kind"] == "said" and r["band"] >= 0 for r in rows)
    reason = caveat(gold_of(release.tables["gold"], "said")) if read else None
    unlock = None if reason is None else say("Let a second person label a fifth of the audit.")
    return quantity.value(interval, reason=reason, unlock=unlock)


def alive_after(release: ReleaseLike, why: tuple[Phrase, Phrase] | None) -> Result:
    """(b) Kaplan-Meier share of practices alive four weeks after the peak that live 26 weeks on; built in counts as alive."""
    rows = release.tables["alive"].to_pylist()
    quantity = _quantity(release, "alive_after", ALIVE, "share", len(rows))
    if why is not None:
        return quantity.withheld(*why)
    days = np.array([float(r["days"]) for r in rows])
    ended = np.array([r["ended"] for r in rows])
    # What was built in lives on for as long as is asked about.
    days = np.where(ended == 2, np.inf, days)
    if len(rows) < LEAST_PRACTICES or float(np.sum(days >= ALIVE_DAYS)) < 5:
        reason = say("too few practices were alive then, or watched for 26 weeks: {n:count}", n=len(rows))
        return quantity.withheld(reason, say("more practices, or a longer time"))
    few = say("there are fewer than {firm:count} practices", firm=FIRM_PRACTICES) if len(rows) < FIRM_PRACTICES else None
    return quantity.value(
        alive_share(days, ended == 1, ALIVE_DAYS), reason=few, unlock=None if few is None else say("more practices")
    )


def alive_share(days: Floats, ended: "np.ndarray[Any, np.dtype[np.bool_]]", horizon: float) -> Interval:
    """Kaplan-Meier survival at the horizon with Greenwood's variance on the log-minus-log scale.

    Args:
        days: time to the end, or to the end of watching, > 0; infinite where it lives on.
        ended: whether it ended.
        horizon: in days.

    Source: Kalbfleisch & Prentice 1980, 1.3.
    """
    survival, green = 1.0, 0.0
    for moment in np.unique(days[ended & (days <= horizon)]):
        at_risk, gone = float(np.sum(days >= moment)), float(np.sum((days == moment) & ended))
        survival *= 1 - gone / at_risk
        green += gone / (at_risk * (at_risk - gone)) if at_risk > gone else np.inf
    if survival in (0.0, 1.0) or not np.isfinite(green):
        n = float(np.sum(days >= horizon)) if survival == 1.0 else float(len(days))
        return wilson(survival * n, n)
    half = normal_quantile(0.95) * np.sqrt(green) / abs(np.log(survival))
    low, high = survival ** np.exp(half), survival ** np.exp(-half)
    return Interval(survival, float(low), float(high))


def iterations(release: ReleaseLike) -> Result:
    """(c) Mean cumulative function of change events over 26 weeks, as changes a month."""
    rows = release.tables["changes"].to_pylist()
    watched = {r["file"]: float(r["weeks"]) for r in rows}
    quantity = _quantity(release, "changes", CHANGES, "number", len(watched))
    if len(watched) < LEAST_PRACTICES:
        reason = say(
            "{n:count} shared practices were watched for 26 weeks, and {least:count} are needed",
            n=len(watched),
            least=LEAST_PRACTICES,
        )
        return quantity.withheld(reason, say("more repositories, or a longer time"))
    events = [(r["file"], float(r["week"])) for r in rows if r["week"] is not None]
    mean, variance = mean_cumulative(watched, events, 26.0)
    months, half = ALIVE_DAYS / 30.4375, normal_quantile(0.95) * float(np.sqrt(variance))
    interval = Interval(mean / months, max(0.0, mean - half) / months, (mean + half) / months)
    few = say("there are fewer than {firm:count} practices", firm=FIRM_PRACTICES) if len(watched) < FIRM_PRACTICES else None
    return quantity.value(interval, reason=few, unlock=None if few is None else say("more practices"))


def mean_cumulative(watched: dict[int, float], events: list[tuple[int, float]], horizon: float) -> tuple[float, float]:
    """Mean cumulative function at the horizon and its robust variance.

    Args:
        watched: unit -> how long it was watched, > 0.
        events: (unit, time), time <= how long its unit was watched.
        horizon: in the unit of time.

    Returns:
        Mean events a unit by the horizon, and the variance of that mean; units are independent, their events need not be.

    Source: Nelson 2003, chapter 4; Lawless & Nadeau 1995, equation 2.3.
    """
    units = sorted(watched)
    ends = np.array([watched[u] for u in units])
    place = {u: n for n, u in enumerate(units)}
    mean, own = 0.0, np.zeros(len(units))
    for moment in sorted({t for _, t in events if t <= horizon}):
        at_risk = ends >= moment
        counts = np.bincount([place[u] for u, t in events if t == moment], minlength=len(units)).astype(float)
        n = float(at_risk.sum())
        step = float(counts.sum()) / n
        mean += step
        own += np.where(at_risk, (counts - step) / n, 0.0)
    return mean, float(np.sum(own**2))


def sentence(release: ReleaseLike, ratio: Result) -> Phrase:
    """What a reader sees first, in one tone whichever way it points."""
    if ratio.estimate is None:
        return _cannot(ratio.reason or RATIO)
    low, high = ratio.low or 0.0, ratio.high or 0.0
    when = monday_of(release.tables["peak"].to_pylist()[0]["first_week"])
    if low > 1:
        return say(
            "After talk peaked around {day:date}, use held up {times:ratio} times as well as talk.",
            day=when,
            times=ratio.estimate,
        )
    if high < 1:
        return say(
            "After talk peaked around {day:date}, use fell faster than talk: it kept {times:ratio} times as much of its level.",
            day=when,
            times=ratio.estimate,
        )
    seen = float(np.exp(2.8 / 3.92 * np.log(high / max(low, 1e-9))))
    return say(
        "After talk peaked around {day:date}, use and talk kept alike as far as can be told;"
        " only a difference of {times:ratio} times or more would have been seen.",
        day=when,
        times=seen,
    )


def _picture(release: ReleaseLike, why: tuple[Phrase, Phrase] | None) -> tuple[Picture, ...]:
    if why is not None:
        return ()
    span, peak = release.tables["span"].to_pylist()[0], release.tables["peak"].to_pylist()[0]["first_week"]
    weeks = release.tables["weeks"].to_pylist()
    lines = []
    for kind, name in (("said", say("said")), ("corroborated", say("done"))):
        if any(r["kind"] == kind and r["band"] >= 0 for r in weeks) and why_withheld(
            gold_of(release.tables["gold"], _drift.TARGETS[kind])
        ):
            continue
        real = _drift.chances(release, kind, seed=SEED).mean(axis=0)
        found = _drift.relative(weeks, kind, real, span["first_week"], span["last_week"])
        level = {week: ratio for week, ratio, _ in found}.get(peak, 0.0)
        if level > 0:
            lines.append(Line(name=name, points=tuple(Point(x=axis_of(w), value=ratio / level) for w, ratio, _ in found)))
    if len(lines) < 2:
        return ()
    return (
        Picture(
            key="after_fashion_weeks",
            shape=Shape.WEEKS,
            title=say("Talk and use, each against its level at the peak of talk"),
            x_label=say("four weeks from"),
            y_label=say("share of active person-weeks, 1 = at the peak of talk"),
            lines=tuple(lines),
            marks=(Mark(x=axis_of(peak), label=say("peak of talk")),),
            is_date=True,
            alt=say("Two curves over time, talk and corroborated use, each divided by its level when talk peaked."),
            y_unit="ratio",
        ),
    )


def _quantity(release: ReleaseLike, key: str, label: Phrase, unit: str, units: int) -> Quantity:
    return Quantity(
        measure="after_fashion",
        key=key,
        label=label,
        unit=unit,
        start=release.start,
        end=release.end,
        n_people=release.people,
        n_units=units,
        assumptions=ASSUMPTIONS,
        figures=2,
        neutral=1.0 if key == "persistence" else None,
    )


def _cannot(reason: Phrase) -> Phrase:
    return say("Whether use went on after the talk cannot be said: {reason}.", reason=reason)
