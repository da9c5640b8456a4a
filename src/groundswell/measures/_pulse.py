"""The results, the sentence and the picture of the pulse, from counted answers (M8)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.measures._floors import Quantity, floored_share
from groundswell.measures._raking import Codes, bounds, rake, survey_mean, trimmed
from groundswell.measures._rates import LEAST_PEOPLE, Floats, Interval
from groundswell.model.measure import Finding, Line, Picture, Point, ReleaseLike, Result, Shape
from groundswell.model.phrase import Phrase, say

ENOUGH_RESPONSE, LEAST_RESPONSE = 0.60, 0.30
"""Share of answers from which the others are taken to be alike within strata, and below which nothing is said."""

LEAST_SEEN = 0.6
"""Logged person-days over those that answers name, from which on the logs are taken to see all use of their tools: people who
use a tool and answer two thirds more readily than others give this ratio where the logs see everything."""

ASSUMPTIONS = (
    say("Within a unit and a logged tool, people who answered and people who did not are alike."),
    say("The day asked about was drawn at random among working days."),
)

SHARE = say("Share of person-workdays with AI used for work")
BOTH = say("Used AI on both of two working days in a row: at most this share uses it daily")
EXPECTED = say("Used, mentioned or reported AI mainly because it was expected, among those who answered")
MORE = say("more answers")
HOW = {
    "own": say("Came to it on their own"),
    "colleague": say("Came to it through a colleague"),
    "asked": say("Came to it because they were asked"),
    "programme": say("Came to it through a programme"),
    "other": say("Came to it in another way"),
}


@dataclass(frozen=True)
class Answers:
    """Answers, one row each, with weights that agree with the org chart and the logs.

    Attributes:
        used: 0 or 1.
        tool: what was used; "" for nothing.
        raked, plain: raked and design weights, both summing to 1.
        margins: what was raked to.
        response: answers over the people who could have answered; None if unknown.
        logged: share of the use answered that is on logged tools; 0 without logs.
    """

    used: Floats
    tool: "np.ndarray[Any, Any]"
    raked: Floats
    plain: Floats
    margins: tuple[tuple[Codes, Floats], ...]
    response: float | None
    logged: float


def finding(release: ReleaseLike) -> Finding:
    """Everything said about the pulse."""
    if release.refused is not None or not len(release.tables["answers"]):
        reason = release.refused or say("no pulse has been answered")
        quantity = _quantity(release, "day_share", SHARE, 0)
        result = quantity.withheld(reason, release.unlock or say("a pulse: one question about one day, once a quarter"))
        return Finding(measure="pulse", sentence=_cannot(reason), results=(result,))
    answers = weighted(release)
    share = day_share(release, answers)
    others: tuple[Result, ...] = ()
    if share.reason is not _TOO_FEW:
        others = (*_per_tool(release, answers), both_days(release), *_how(release), *_expected(release))
    return Finding(
        measure="pulse",
        sentence=sentence(share),
        results=(share, *others),
        pictures=_picture(others),
        known=say("Answers bear no name; they are weighted so that units and the days of logged tools agree with what is known."),
    )


def weighted(release: ReleaseLike) -> Answers:
    """Answers one row each, raked to headcounts and to the logs' person-days, where there are any."""
    rows = release.tables["answers"].to_pylist()
    times = np.array([r["answers"] for r in rows])
    # Rows of one cell share their mean weight; the design gives the same weight within a stratum.
    plain = np.repeat(np.array([r["weight"] for r in rows], dtype=float) / times, times)
    pick = np.repeat(np.arange(len(rows)), times)
    heads = {r["stratum"]: float(r["people"]) for r in release.tables["heads"].to_pylist()}
    span = release.tables["span"].to_pylist()[0]
    people = sum(heads.values()) or float(span["active_people"] or 0)
    margins = [m for m in (_by_stratum(rows, pick, heads), _by_log(release, rows, pick, people)) if m is not None]
    used = np.array([float(r["used"]) for r in rows])[pick]
    on_log = np.array([r["logged_tool"] not in ("", "other") for r in rows])[pick]
    return Answers(
        used=used,
        tool=np.array([r["tool"] for r in rows], dtype=object)[pick],
        raked=trimmed(rake(plain, margins)),
        plain=plain / plain.sum(),
        margins=tuple(margins),
        response=min(1.0, len(pick) / people) if people >= len(pick) * 0.5 and people > 0 else None,
        logged=float(on_log.sum() / used.sum()) if used.sum() else 0.0,
    )


def day_share(release: ReleaseLike, answers: Answers) -> Result:
    """The headline: raked mean, with bounds instead of an interval where fewer than 60 % answered."""
    n = len(answers.used)
    quantity = _quantity(release, "day_share", SHARE, n, coverage=answers.response)
    if answers.response is not None and answers.response < LEAST_RESPONSE:
        return quantity.withheld(_TOO_FEW, say("answers of at least {least:percent} of the people", least=LEAST_RESPONSE))
    interval = survey_mean(answers.used, answers.raked, answers.margins)
    reason: Phrase | None = None
    if answers.response is None:
        reason = say("how many people could have answered is not known")
    elif answers.response < ENOUGH_RESPONSE:
        low, high = bounds(float(np.sum(answers.plain * answers.used)), answers.response)
        interval = Interval(interval.value, min(low, interval.low), max(high, interval.high))
        reason = say("{share:percent} answered; the interval assumes nothing of the others", share=answers.response)
    return floored_share(quantity, 0, n, interval, reason=reason)


def sentence(share: Result) -> Phrase:
    """What a reader sees first."""
    if share.estimate is None:
        return _cannot(share.reason or MORE)
    return say(
        "On an ordinary working day {share:percent} of people use AI for work (between {low:percent} and {high:percent}).",
        share=share.estimate,
        low=share.low or 0.0,
        high=share.high or 0.0,
    )


_TOO_FEW = say("fewer than {least:percent} answered", least=LEAST_RESPONSE)


def _by_stratum(rows: list[dict[str, Any]], pick: Codes, heads: dict[str, float]) -> tuple[Codes, Floats] | None:
    """Units that are large enough in the org chart; everybody else, answers without a unit too, stands together."""
    names = sorted({r["stratum"] for r in rows if heads.get(r["stratum"], 0) >= LEAST_PEOPLE})
    rest = sum(heads.values()) - sum(heads[name] for name in names)
    others = any(r["stratum"] not in names for r in rows)
    if not names or (others and rest <= 0) or (len(names) < 2 and not others):
        return None
    codes = np.array([names.index(r["stratum"]) if r["stratum"] in names else len(names) for r in rows])[pick]
    shares = np.array([heads[name] for name in names] + ([rest] if others else []))
    return codes, shares / shares.sum()


def _by_log(release: ReleaseLike, rows: list[dict[str, Any]], pick: Codes, people: float) -> tuple[Codes, Floats] | None:
    """Answers that name a tool with a log, and the share of person-days the logs hold of the days asked about.

    All logged tools stand together: an answer names one tool, a log holds every one used on the day. Where the logs hold far less
    than the answers name, they see a part of the tool's use only (an agent, not the chat) and are left aside.
    """
    span, logs = (release.tables[name].to_pylist()[0] for name in ("span", "logs"))
    days = float(span["days"] or 0) * people
    share = logs["person_days"] / days if days else 0.0
    codes = np.array([int(r["logged_tool"] in ("", "other")) for r in rows])[pick]
    named = float(np.mean(codes == 0))
    if not 0 < share < 1 or not named or share < LEAST_SEEN * named:
        return None
    return codes, np.array([share, 1 - share])


def _per_tool(release: ReleaseLike, answers: Answers) -> tuple[Result, ...]:
    found = []
    for tool in sorted(set(answers.tool) - {"", "any"}):
        values = (answers.tool == tool).astype(float)
        label = say("Share of person-workdays with {tool}", tool=tool)
        quantity = _quantity(release, "tool_day_share", label, len(values), group=str(tool))
        interval = survey_mean(values, answers.raked, answers.margins)
        found.append(floored_share(quantity, 0, len(values), interval, reason=_few_answered(answers)))
    return tuple(found)


def both_days(release: ReleaseLike) -> Result:
    """Share of those asked about two working days in a row who used AI on both; from above, the share that uses it daily."""
    rows = {r["said"]: r["answers"] for r in release.tables["second"].to_pylist()}
    total = sum(rows.values())
    quantity = _quantity(release, "both_days", BOTH, total)
    if not total:
        return quantity.withheld(say("nobody was asked about two days"), say("a second day for one in five of those asked"))
    return floored_share(quantity, rows.get("both", 0), total)


def _few_answered(answers: Answers) -> Phrase | None:
    if answers.response is None or answers.response < ENOUGH_RESPONSE:
        return say("too few answered to know that the others are alike")
    return None


def _how(release: ReleaseLike) -> tuple[Result, ...]:
    rows = {r["how"]: r["answers"] for r in release.tables["how"].to_pylist()}
    total = sum(rows.values())
    return tuple(
        floored_share(_quantity(release, f"how_{how}", label, total), rows.get(how, 0), total)
        for how, label in HOW.items()
        if total
    )


def _expected(release: ReleaseLike) -> tuple[Result, ...]:
    rows = {r["said"]: r["answers"] for r in release.tables["expected"].to_pylist()}
    total = sum(rows.values())
    return (floored_share(_quantity(release, "expected", EXPECTED, total), rows.get(True, 0), total),) if total else ()


def _picture(results: tuple[Result, ...]) -> tuple[Picture, ...]:
    lines = tuple(
        Line(name=r.label, points=(Point(x=0.0, value=r.estimate, low=r.low, high=r.high),))
        for r in results
        if r.key == "tool_day_share" and r.estimate is not None
    )
    if not lines:
        return ()
    return (
        Picture(
            key="pulse_tools",
            shape=Shape.INTERVALS,
            title=say("What is used on an ordinary working day"),
            x_label=say("share of person-workdays"),
            y_label=say("tool"),
            lines=lines,
            alt=say("One interval a tool: the share of person-workdays on which it is used for work."),
            y_unit="share",
        ),
    )


def _quantity(
    release: ReleaseLike, key: str, label: Phrase, n: int, *, group: str = "organisation", coverage: float | None = None
) -> Quantity:
    return Quantity(
        measure="pulse",
        key=key,
        label=label,
        unit="share",
        group=group,
        start=release.start,
        end=release.end,
        n_people=n,
        n_units=n,
        coverage=coverage,
        assumptions=ASSUMPTIONS,
    )


def _cannot(reason: Phrase) -> Phrase:
    return say("How many people use AI on an ordinary day cannot be said: {reason}.", reason=reason)
