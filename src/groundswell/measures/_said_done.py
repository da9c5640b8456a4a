"""The results, the sentence and the pictures of follow-through, from completed data sets (M1)."""

from dataclasses import dataclass

import numpy as np

from groundswell.measures import _drift
from groundswell.measures._announced import HORIZON_DAYS
from groundswell.measures._coverage import why_begun, why_not_comparable
from groundswell.measures._floors import Quantity
from groundswell.measures._follow import Cohort, Lived, columns, data_sets, why_unread
from groundswell.measures._incidence import curve, pseudo_values
from groundswell.measures._labels import caveat, gold_of, why_withheld
from groundswell.measures._rates import Floats, Interval, combined_difference, combined_share, detectable
from groundswell.measures._weeks import axis_of
from groundswell.model.measure import Finding, Line, Picture, Point, ReleaseLike, Result, Shape
from groundswell.model.phrase import Phrase, say

LEAST, FIRM, LEAST_UNITS = 15, 40, 8
"""Announcements below which nothing is said, below which it is only indicative, and fewest announcing units."""

LEAST_ARM = 8
"""Fewest demands, and fewest plain announcements, for a comparison of the two."""

LEAST_SPAN = 13
"""Fewest weeks in each half of the window for a drift."""

SEED = 1
"""Of the draws of the labels; fixed, so that the same traces give the same page."""

ASSUMPTIONS = (
    say("An announcement concerns the announcer's reporting line, else their unit, else everybody."),
    say("What somebody above said of the same thing in the 90 days before is passed on, and counts once, where it came from."),
    say("Use that leaves no trace, or is told and not recognised, is not seen: follow-through is at least this."),
    say("Announcements whose follow-up was cut short would have been taken up as often as the others."),
)

FOLLOW = say("Share of announcements taken up within 90 days")
DEMANDED = say("Share of demanded things taken up, minus that of things only announced")
QUIET = say("Share of what was taken up that nobody had announced")
DRIFT = say("Growth of talk against growth of use, second half of the window against the first (1 = the same)")
BALANCE = say("Growth of talk against use, sharing and learning together (1 = the same)")
ENOUGH = say("at least 15 announcements from at least 8 units")


@dataclass(frozen=True)
class Read:
    """What the completed data sets give.

    Attributes:
        cohorts, lived: one of each a data set.
        values: whether each announcement was taken up, as pseudo-values, a data set.
        announcements, units, practices: average numbers over the data sets.
    """

    cohorts: list[Cohort]
    lived: list[Lived]
    values: list[Floats]
    announcements: int
    units: int
    practices: int


def finding(release: ReleaseLike) -> Finding:
    """Everything M1 says about one release."""
    why = _why_nothing(release)
    if why is not None:
        results = tuple(_quantity(release, key, label, unit, 0).withheld(*why) for key, label, unit in _ALL)
        return Finding(measure="follow_through", sentence=_cannot(why[0]), results=results, known=_KNOWN)
    read = complete(release)
    follow = follow_through(release, read)
    quiet = quiet_share(release, read)
    asked = demanded(release, read)
    drift, balance = _change(release, "drift", DRIFT, _TALK_USE), _change(release, "balance", BALANCE, _FOUR)
    return Finding(
        measure="follow_through",
        sentence=sentence(follow, quiet, asked, drift),
        results=(follow, quiet, asked, drift, balance),
        pictures=(*_curve(read, follow), *_weeks(release)),
        known=_KNOWN,
    )


def complete(release: ReleaseLike) -> Read:
    """Draw the completed data sets once."""
    sets = list(data_sets(release, seed=SEED))
    cohorts, lived = [c for c, _ in sets], [q for _, q in sets]
    return Read(
        cohorts,
        lived,
        [pseudo_values(c.days, c.kinds, HORIZON_DAYS) for c in cohorts],
        round(float(np.mean([len(c.rows) for c in cohorts]))),
        round(float(np.mean([len(np.unique(c.units)) for c in cohorts]))),
        round(float(np.mean([len(q.quiet) for q in lived]))),
    )


def follow_through(release: ReleaseLike, read: Read) -> Result:
    """F: cumulative incidence at 90 days, units as clusters; withheld below 15 announcements or 8 units."""
    quantity = _quantity(release, "follow_through", FOLLOW, "share", read.announcements)
    if read.announcements < LEAST or read.units < LEAST_UNITS or min(len(np.unique(c.units)) for c in read.cohorts) < 2:
        return quantity.withheld(
            say(
                "only {n:count} announcements from {units:count} units concern something not yet in use",
                n=read.announcements,
                units=read.units,
            ),
            ENOUGH,
        )
    sets = [(v, c.units) for v, c in zip(read.values, read.cohorts, strict=True)]
    interval = combined_share(sets)
    few = say("there are fewer than {firm:count} announcements", firm=FIRM) if read.announcements < FIRM else None
    reason = few or _caveat(release)
    return quantity.value(interval, reason=reason, unlock=None if reason is None else _unlock(few))


def quiet_share(release: ReleaseLike, read: Read) -> Result:
    """Q: share of practices taken up that were not announced before their take-up plus 30 days."""
    quantity = _quantity(release, "quiet_share", QUIET, "share", read.practices)
    fewest = min(len(np.unique(q.units)) for q in read.lived)
    if read.practices < LEAST or fewest < 2:
        return quantity.withheld(
            say("only {n:count} practices were taken up late enough to know what came before", n=read.practices),
            say("at least 15 practices in at least two units"),
        )
    few = say("there are fewer than {firm:count} practices", firm=FIRM) if read.practices < FIRM else None
    reason = few or _caveat(release)
    unlock = None if reason is None else _unlock(few)
    return quantity.value(combined_share([(q.quiet, q.units) for q in read.lived]), reason=reason, unlock=unlock)


def demanded(release: ReleaseLike, read: Read) -> Result:
    """F of what was asked or ordered minus F of what was only announced: withheld below 8 of either."""
    quantity = _quantity(release, "demanded_difference", DEMANDED, "share", read.announcements)
    fewest = min(min(int(c.demanded.sum()), int((~c.demanded).sum())) for c in read.cohorts)
    if read.announcements < LEAST or read.units < LEAST_UNITS or fewest < LEAST_ARM:
        return quantity.withheld(
            say("fewer than {least:count} things were demanded, or fewer only announced", least=LEAST_ARM),
            say("more announcements of both kinds"),
        )
    sets = [(v, c.units, c.demanded) for v, c in zip(read.values, read.cohorts, strict=True)]
    few = say("there are fewer than {firm:count} announcements", firm=FIRM) if read.announcements < FIRM else None
    reason = few or _caveat(release)
    return quantity.value(combined_difference(sets), reason=reason, unlock=None if reason is None else _unlock(few))


def sentence(follow: Result, quiet: Result, asked: Result, drift: Result) -> Phrase:
    """F, the number of announcements and Q, printed together, in one tone whichever way they point."""
    if follow.estimate is None:
        return _cannot(follow.reason or ENOUGH)
    head = say(
        "Of {n:count} announcements, at least {share:percent} were taken up within 90 days"
        " (between {low:percent} and {high:percent} if chance is allowed for).",
        n=follow.n_units,
        share=follow.estimate,
        low=follow.low or 0.0,
        high=follow.high or 0.0,
    )
    return say(
        "{first} {second} {third} {fourth}",
        first=head,
        second=_quiet_words(quiet),
        third=_demanded_words(asked),
        fourth=_drift_words(drift),
    )


def _quiet_words(quiet: Result) -> Phrase:
    if quiet.estimate is None:
        return say("How much lives that nobody announced cannot be said: {reason}.", reason=quiet.reason or ENOUGH)
    return say("Of what was taken up, {share:percent} had not been announced.", share=quiet.estimate)


def _demanded_words(asked: Result) -> Phrase:
    if asked.estimate is None:
        return say("Whether a demand is followed more often than an announcement cannot be said.")
    low, high = asked.low or 0.0, asked.high or 0.0
    if low > 0:
        return say("What was demanded was taken up more often than what was only announced.")
    if high < 0:
        return say("What was demanded was taken up less often than what was only announced.")
    return say(
        "Demanded or only announced, it was taken up as often as far as can be told; only a difference of {gap:count} percentage"
        " points or more would have been seen.",
        gap=round(100 * detectable(Interval(asked.estimate, low, high))),
    )


def _drift_words(drift: Result) -> Phrase:
    if drift.estimate is None:
        return say("Whether talk outgrew use cannot be said: {reason}.", reason=drift.reason or ENOUGH)
    low, high = drift.low or 0.0, drift.high or 0.0
    if low > 1:
        return say("Talk grew {times:ratio} times as much as use.", times=drift.estimate)
    if high < 1:
        return say("Use grew {times:ratio} times as much as talk.", times=1 / drift.estimate)
    seen = float(np.exp(2.8 / 3.92 * np.log(high / low)))
    return say(
        "Talk and use grew alike as far as can be told; only a difference of {times:ratio} times or more would have been seen.",
        times=seen,
    )


_TALK_USE = {"said": 1.0, "corroborated": -1.0}
_FOUR = {"said": 1.0, "used": -1 / 3, "shared": -1 / 3, "learned": -1 / 3}
_ALL = (
    ("follow_through", FOLLOW, "share"),
    ("quiet_share", QUIET, "share"),
    ("demanded_difference", DEMANDED, "share"),
    ("drift", DRIFT, "ratio"),
    ("balance", BALANCE, "ratio"),
)
_KNOWN = say(
    "Announcements come from messages, use from marks, logs and messages; all that a program read is corrected by an audit. "
    "What already lived when it was announced is left out."
)


def _why_nothing(release: ReleaseLike) -> tuple[Phrase, Phrase] | None:
    if release.refused is not None:
        return release.refused, release.unlock or ENOUGH
    if len(release.tables["cases"]) == 0:
        return say("no announcement of a named tool or kind of work was read"), say(
            "an export of a channel in which leaders announce things"
        )
    return why_unread(release)


def _change(release: ReleaseLike, key: str, label: Phrase, powers: dict[str, float]) -> Result:
    quantity = _quantity(release, key, label, "ratio", 0)
    span = release.tables["span"].to_pylist()[0]
    half = min(26, (span["last_week"] - span["first_week"] + 1) // 2)
    if half < LEAST_SPAN:
        return quantity.withheld(
            say("the window is shorter than {weeks:count} weeks", weeks=2 * LEAST_SPAN), say("a longer time")
        )
    last = span["last_week"]
    seen = release.tables["coverage"]
    moved = why_not_comparable(seen, (last - 2 * half + 1, last - half), (last - half + 1, last))
    moved = moved or why_begun(seen, last - 2 * half + 1, last)
    if moved is not None:
        return quantity.withheld(moved, say("exports that cover both halves alike"))
    for kind in powers:
        rows = release.tables["weeks"].to_pylist()
        if any(r["kind"] == kind and r["band"] >= 0 for r in rows):
            why = why_withheld(gold_of(release.tables["gold"], _drift.TARGETS[kind]))
            if why is not None:
                return quantity.withheld(*why)
    interval = _drift.contrast(release, powers, seed=SEED)
    if interval is None:
        return quantity.withheld(
            say("there are too few person-weeks of talk or of use in one half of the window"), say("a longer time")
        )
    reason = _caveat(release)
    return quantity.value(interval, reason=reason, unlock=None if reason is None else _unlock(None))


def _curve(read: Read, follow: Result) -> tuple[Picture, ...]:
    if follow.estimate is None:
        return ()
    days = range(0, HORIZON_DAYS + 1, 5)
    curves = [curve(c.days, c.kinds, HORIZON_DAYS) for c in read.cohorts]
    ends = np.concatenate([c.days for c in read.cohorts])
    points = []
    for day in days:
        at_risk = round(float(np.sum(ends >= day)) / len(read.cohorts))
        points.append(Point(x=float(day), value=float(np.mean([c[day] for c in curves])), at_risk=at_risk))
    # The band is drawn where the interval is computed: at the horizon.
    last = points[-1]
    points[-1] = Point(
        x=last.x,
        value=last.value,
        low=min(follow.low or 0.0, last.value),
        high=max(follow.high or 1.0, last.value),
        at_risk=last.at_risk,
    )
    return (
        Picture(
            key="follow_through_curve",
            shape=Shape.SURVIVAL,
            title=say("Announcements taken up, day by day"),
            x_label=say("days since the announcement"),
            y_label=say("share taken up"),
            lines=(Line(name=say("taken up"), points=tuple(points)),),
            alt=say("A rising curve: the share of announcements taken up by each day after the announcement, up to 90 days."),
            y_unit="share",
        ),
    )


def _weeks(release: ReleaseLike) -> tuple[Picture, ...]:
    span = release.tables["span"].to_pylist()[0]
    weeks = release.tables["weeks"].to_pylist()
    first = max(span["first_week"], span["last_week"] - 104)
    lines = []
    for kind, name in (("said", say("said")), ("corroborated", say("done"))):
        if any(r["kind"] == kind and r["band"] >= 0 for r in weeks) and why_withheld(
            gold_of(release.tables["gold"], _drift.TARGETS[kind])
        ):
            continue
        real = _drift.chances(release, kind, seed=SEED).mean(axis=0)
        points = []
        for week, ratio, behind in _drift.relative(weeks, kind, real, first, span["last_week"]):
            half = 1.96 * ratio / np.sqrt(max(behind, 1.0))
            points.append(Point(x=axis_of(week), value=ratio, low=max(0.0, ratio - half), high=ratio + half))
        if points:
            lines.append(Line(name=name, points=tuple(points)))
    if len(lines) < 2:
        return ()
    return (
        Picture(
            key="said_and_done",
            shape=Shape.WEEKS,
            title=say("Said and done, each against its own average"),
            x_label=say("four weeks from"),
            y_label=say("share of active person-weeks, 1 = average of the window"),
            lines=tuple(lines),
            is_date=True,
            alt=say("Two curves over time, talk and corroborated use, each divided by its own average over the window."),
            y_unit="ratio",
        ),
    )


def _quantity(release: ReleaseLike, key: str, label: Phrase, unit: str, units: int) -> Quantity:
    return Quantity(
        measure="follow_through",
        key=key,
        label=label,
        unit=unit,
        start=release.start,
        end=release.end,
        n_people=release.people,
        n_units=units,
        assumptions=ASSUMPTIONS,
        figures=2,
        at_least=key == "follow_through",
        neutral=1.0 if unit == "ratio" else 0.0 if key == "demanded_difference" else None,
    )


def _cannot(reason: Phrase) -> Phrase:
    return say("Whether what is announced is taken up cannot be said: {reason}.", reason=reason)


def _caveat(release: ReleaseLike) -> Phrase | None:
    return caveat(gold_of(release.tables["gold"], "said")) if columns(release.tables["cases"])["was_read"].any() else None


def _unlock(few: Phrase | None) -> Phrase:
    return (
        say("more announcements, or a longer time") if few is not None else say("Let a second person label a fifth of the audit.")
    )
