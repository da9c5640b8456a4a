"""The results, the sentence and the picture of adoption, from its released counts."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from groundswell.measures._coverage import why_not_comparable
from groundswell.measures._floors import Quantity, floored_share, too_few
from groundswell.measures._impute import candidates, chance_draws, rubin
from groundswell.measures._labels import Gold, caveat, gold_of, why_withheld
from groundswell.measures._rates import (
    EDGE,
    LEAST_PEOPLE,
    Interval,
    ceiling_below_edge,
    normal_quantile,
    student_quantile,
    wilson,
)
from groundswell.measures._weeks import axis_of, monday_of, sunday_of
from groundswell.model.measure import Line, Mark, Picture, Point, ReleaseLike, Result, Shape
from groundswell.model.phrase import Phrase, say

HEADLINE = say("Share of the people active in the last 13 weeks who left a mark of AI use in them")

ASSUMPTIONS = (
    say("A mark was left by the person it names: an agent's commit counts for whoever asked for it, if that is known."),
    say("People who use AI without leaving a mark are not seen, so the true share is at least this."),
)

NEAR_WEEKS = 4
"""A step this near to a channel's first or last week may be the trail, not the people."""

GONE_WEEKS = 8
"""A channel not seen for this long has ended; shorter silences are holidays."""

CHANNEL_PEOPLE = 3
"""Fewest people in a channel whose first week is worth a mark in the picture."""

Row = dict[str, Any]


@dataclass(frozen=True)
class Edge:
    """The first or last week of a channel."""

    week: int
    tool: str
    channel: str
    begins: bool
    person_weeks: int

    @property
    def label(self) -> Phrase:
        """What happened, in words for a mark."""
        if self.begins:
            return say("first marks of {tool} ({channel})", tool=self.tool, channel=self.channel)
        return say("last marks of {tool} ({channel})", tool=self.tool, channel=self.channel)


@dataclass(frozen=True)
class Look:
    """What the estimators of one release share.

    Attributes:
        last_week: the last whole week.
        quarters: (back, family) -> row.
        bins: whole four-week bins by family, in order.
        edges: first and last weeks of channels, in order of time.
        step: week of the largest step of the curve that chance does not explain; None if there is none.
        near: the channel edge that lies near that step.
    """

    last_week: int
    quarters: dict[tuple[int, str], Row]
    bins: dict[str, list[Row]]
    edges: tuple[Edge, ...]
    step: int | None
    near: Edge | None


def look(release: ReleaseLike) -> Look:
    """Read the released tables once."""
    span = release.tables["span"].to_pylist()[0]
    first, last = span["first_week"], span["last_week"] if span["last_week"] is not None else span["top_week"]
    bins: dict[str, list[Row]] = {}
    for row in release.tables["bins"].to_pylist():
        # The first and the last bin are whole only if all four weeks lie inside the window.
        if 4 * row["bin"] >= first and 4 * row["bin"] + 3 <= last:
            bins.setdefault(row["family"], []).append(row)
    quarters = {(r["back"], r["family"]): r for r in release.tables["quarters"].to_pylist()}
    found = edges(release.tables["channels"].to_pylist(), first, last)
    step = _step(bins.get("all", []))
    near = [] if step is None else [e for e in found if abs(e.week - step) <= NEAR_WEEKS]
    largest = max(near, key=lambda e: (e.person_weeks, e.tool, e.channel), default=None)
    return Look(last, quarters, bins, found, step, largest)


def edges(channels: list[Row], first: int, last: int) -> tuple[Edge, ...]:
    """First and last weeks of channels with at least three people; a channel there from the start has no first week."""
    found = []
    for row in channels:
        if row["people"] < CHANNEL_PEOPLE:
            continue
        if row["onset"] > first + NEAR_WEEKS:
            found.append(Edge(row["onset"], row["tool"], row["channel"], True, row["person_weeks"]))
        if row["last_week"] <= last - GONE_WEEKS:
            found.append(Edge(row["last_three"], row["tool"], row["channel"], False, row["person_weeks"]))
    return tuple(sorted(found, key=lambda e: (e.week, e.tool, e.channel, e.begins)))


def headline(release: ReleaseLike, seen: Look) -> Result:
    """Share of people active in the last 13 weeks with at least one mark; a lower bound."""
    row = seen.quarters.get((0, "all"), _EMPTY)
    return floored_share(_quarter(release, seen, "people_last_quarter", HEADLINE, row), row["marked"], row["active"])


def person_weeks(release: ReleaseLike, seen: Look) -> Result:
    """Share of active person-weeks with a mark; the interval takes a person's weeks as one, which is the widest it can be."""
    row = seen.quarters.get((0, "all"), _EMPTY)
    label = say("Share of active person-weeks with a mark of AI use, in the last 13 weeks")
    quantity = _quarter(release, seen, "person_weeks_last_quarter", label, row)
    if row["active"] < LEAST_PEOPLE:
        return quantity.withheld(too_few(), say("traces of more people, or of a longer time"))
    share = row["marked_weeks"] / row["active_weeks"]
    wide = wilson(share * row["active"], row["active"])
    return floored_share(quantity, row["marked"], row["active"], Interval(share, wide.low, wide.high))


def by_family(release: ReleaseLike, seen: Look) -> tuple[Result, ...]:
    """The same share for each family of sources on its own."""
    labels = {
        "code": ("code_last_quarter", say("Share of the people active in code who left a mark of AI use in it, last 13 weeks")),
        "usage": ("usage_last_quarter", say("Share of the people active who appear in a tool's usage log, last 13 weeks")),
    }
    found = []
    for family, (key, label) in labels.items():
        row = seen.quarters.get((0, family))
        if row is not None:
            found.append(floored_share(_quarter(release, seen, key, label, row), row["marked"], row["active"]))
    return tuple(found)


def change(release: ReleaseLike, seen: Look) -> Result:
    """Change of the headline against the 13 weeks before, in points; people of both windows are taken as independent."""
    now, before = seen.quarters.get((0, "all"), _EMPTY), seen.quarters.get((1, "all"), _EMPTY)
    label = say("Change of that share against the 13 weeks before")
    quantity = replace(_quarter(release, seen, "change_last_quarter", label, now), neutral=0.0, at_least=False)
    if min(now["active"], before["active"]) < LEAST_PEOPLE:
        return quantity.withheld(too_few(), say("traces of more people, or of a longer time"))
    shares = [r["marked"] / r["active"] for r in (now, before)]
    if not all(EDGE <= s <= 1 - EDGE for s in shares):
        reason = say("one of the two shares is too near to nobody or everybody to be told")
        return quantity.withheld(reason, say("shares between a tenth and nine tenths"))
    windows = ((seen.last_week - 25, seen.last_week - 13), (seen.last_week - 12, seen.last_week))
    moved = why_not_comparable(release.tables["coverage"], *windows)
    if moved is not None:
        return quantity.withheld(moved, say("exports that cover both windows alike"))
    inside = [e for e in seen.edges if windows[0][0] - NEAR_WEEKS <= e.week <= windows[1][1]]
    trail = max(inside, key=lambda e: (e.person_weeks, e.tool, e.channel), default=None)
    reason_trail = (
        None
        if trail is None
        else say("the {edge} fall within this time, so that it may be the trail and not the people", edge=trail.label)
    )
    unlock = None if trail is None else say("windows in which no channel begins or ends")
    return quantity.value(difference(now, before), reason=reason_trail, unlock=unlock)


def difference(now: Row, before: Row) -> Interval:
    """Difference of two shares. Source: Newcombe 1998, Statistics in Medicine 17:873, method 10."""
    one, two = wilson(now["marked"], now["active"]), wilson(before["marked"], before["active"])
    value = one.value - two.value
    low = value - float(np.hypot(one.value - one.low, two.high - two.value))
    high = value + float(np.hypot(one.high - one.value, two.value - two.low))
    return Interval(value, low, high)


def chat(release: ReleaseLike, seen: Look) -> Result:
    """Share of active people whose messages tell of use, corrected for the reader's errors (M0)."""
    row = seen.quarters.get((0, "all"), _EMPTY)
    label = say("Share of the people active whose messages tell of AI use, last 13 weeks, corrected for errors of reading")
    quantity = _quarter(release, seen, "chat_last_quarter", label, row)
    bands = release.tables["chat"].to_pydict()
    if not bands["people"]:
        return quantity.withheld(say("no message was read that tells of use"), say("a chat export"))
    gold = gold_of(release.tables["gold"], "done")
    why = why_withheld(gold)
    if why is not None:
        return quantity.withheld(*why)
    interval = corrected_share(gold, np.array(bands["score"]), np.array(bands["people"]), row["active"], seed=20)
    return floored_share(quantity, 0, row["active"], interval, reason=caveat(gold))


def corrected_share(
    gold: Gold, score: "np.ndarray[Any, Any]", people: "np.ndarray[Any, Any]", active: int, *, seed: int
) -> Interval:
    """Share of active people with a true act, from people by band of their best-read act; by imputation and Rubin's rules."""
    pooled = Gold(gold.truth, gold.claimed, gold.score, gold.weight, np.full(len(gold.truth), ""), gold.week, gold.again)
    chances = chance_draws(pooled, candidates(score, np.full(len(score), "")), seed=seed)
    drawn = np.random.default_rng([seed, 2]).binomial(people.astype(int), chances).sum(axis=1) / active
    value, variance, freedom = rubin(drawn, drawn * (1 - drawn) / active)
    quantile = student_quantile(0.95, freedom) if np.isfinite(freedom) else normal_quantile(0.95)
    half = quantile * float(np.sqrt(variance))
    return Interval(value, max(0.0, value - half), min(1.0, value + half))


def tools(release: ReleaseLike) -> tuple[Result, ...]:
    """How many people left at least one mark of each tool, and the week it is first seen in."""
    found = []
    for row in release.tables["tools"].to_pylist():
        few = row["people"] < CHANNEL_PEOPLE
        label = (
            say("People with at least one mark of {tool}", tool=row["tool"])
            if few
            else say(
                "People with at least one mark of {tool}, seen since the week of {onset:date}",
                tool=row["tool"],
                onset=monday_of(row["onset"]),
            )
        )
        quantity = Quantity(
            measure="adoption",
            key="tool_people",
            label=label,
            group=row["tool"],
            start=release.start,
            end=release.end,
            unit="people",
            n_people=row["people"] if row["people"] >= LEAST_PEOPLE else 0,
            n_units=row["person_weeks"] if row["people"] >= LEAST_PEOPLE else 0,
            assumptions=ASSUMPTIONS,
        )
        n = float(row["people"])
        found.append(
            quantity.value(Interval(n, n, n))
            if n >= LEAST_PEOPLE
            else quantity.withheld(
                say("fewer than {least:count} people", least=LEAST_PEOPLE), say("more people with a mark of it")
            )
        )
    return tuple(found)


def sentence(release: ReleaseLike, seen: Look, result: Result) -> Phrase:
    """What a reader sees first; few marks are said as plainly as many."""
    row = seen.quarters.get((0, "all"), _EMPTY)
    if row["active"] < LEAST_PEOPLE:
        return say(
            "How many people use AI cannot be said: fewer than {least:count} were active in the last 13 weeks.",
            least=LEAST_PEOPLE,
        )
    if result.estimate is None:
        level = _edge_sentence(row)
    else:
        level = say(
            "At least {share:percent} of the {n:count} people active in the last 13 weeks left a mark of AI use"
            " (between {low:percent} and {high:percent} if chance is allowed for).",
            share=result.estimate,
            n=row["active"],
            low=result.low or 0.0,
            high=result.high or 0.0,
        )
    if seen.step is None or seen.near is None:
        return level
    trail = say(
        "The step around {day:date} falls within four weeks of the {edge}: it may be the trail, not the people.",
        day=monday_of(seen.step),
        edge=seen.near.label,
    )
    return say("{first} {second}", first=level, second=trail)


def pictures(release: ReleaseLike, seen: Look) -> tuple[Picture, ...]:
    """Share of people with a mark by four-week bin and family, with the first and last weeks of the channels."""
    names = {"all": say("any mark"), "code": say("marks in code"), "usage": say("usage logs")}
    first = _first_drawn(seen)
    lines = []
    for family, name in names.items():
        points = tuple(_point(r) for r in seen.bins.get(family, []) if r["active"] >= LEAST_PEOPLE and 4 * r["bin"] >= first)
        if points:
            lines.append(Line(name=name, points=points))
    if not lines:
        return ()
    worth = sorted((e for e in seen.edges if e.week >= first), key=lambda e: -e.person_weeks)[:12]
    marks = tuple(Mark(x=axis_of(e.week), label=e.label) for e in sorted(worth, key=lambda e: (e.week, e.tool, e.channel)))
    return (
        Picture(
            key="adoption_weeks",
            shape=Shape.WEEKS,
            title=say("People with a mark of AI use, among those active"),
            x_label=say("four weeks from"),
            y_label=say("share of active people (below 10 % drawn at 5 %, above 90 % at 95 %)"),
            lines=tuple(lines),
            marks=marks,
            is_date=True,
            alt=say(
                "A curve of the share of active people with at least one mark of AI use in each four weeks, with its interval."
            ),
            y_unit="share",
        ),
    )


_EMPTY: Row = {"active": 0, "marked": 0, "active_weeks": 0, "marked_weeks": 0}


def _edge_sentence(row: Row) -> Phrase:
    if row["marked"] > row["active"] / 2:
        return say("More than 90 % of the {n:count} people active in the last 13 weeks left a mark of AI use.", n=row["active"])
    return say(
        "Fewer than 10 % of the {n:count} people active in the last 13 weeks left a mark of AI use, and allowing for chance"
        " at most {high:percent}; use that leaves no mark is not seen.",
        n=row["active"],
        high=ceiling_below_edge(row["active"]),
    )


def _quarter(release: ReleaseLike, seen: Look, key: str, label: Phrase, row: Row) -> Quantity:
    return Quantity(
        measure="adoption",
        key=key,
        label=label,
        start=max(monday_of(seen.last_week - 12), release.start),
        end=sunday_of(seen.last_week),
        unit="share",
        n_people=row["active"],
        n_units=row["active_weeks"],
        assumptions=ASSUMPTIONS,
        at_least=True,
    )


def _first_drawn(seen: Look) -> int:
    """The curve starts half a year before the first mark, or two years before the end if there is none."""
    marked = [4 * r["bin"] for r in seen.bins.get("all", []) if r["marked"] >= CHANNEL_PEOPLE]
    return min(marked[0] - 26, seen.last_week - 52) if marked else seen.last_week - 104


def _point(row: Row) -> Point:
    share = row["marked"] / row["active"]
    at_risk = row["active"]
    if share < EDGE:
        drawn = Interval(EDGE / 2, 0.0, EDGE)
    elif share > 1 - EDGE:
        drawn = Interval(1 - EDGE / 2, 1 - EDGE, 1.0)
    else:
        drawn = wilson(row["marked"], at_risk)
    return Point(x=axis_of(4 * row["bin"]), value=drawn.value, low=drawn.low, high=drawn.high, at_risk=at_risk)


def _step(bins: list[Row]) -> int | None:
    """First week of the bin with the largest step that chance does not explain, all bins being looked at (Bonferroni)."""
    best, found = 0.0, None
    pairs = [(a, b) for a, b in pairwise(bins) if min(a["active"], b["active"]) >= LEAST_PEOPLE]
    if not pairs:
        return None
    bar = normal_quantile(1 - 0.05 / len(pairs))
    for before, after in pairs:
        n, m = before["active"], after["active"]
        pooled = (before["marked"] + after["marked"]) / (n + m)
        spread = np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
        gap = abs(after["marked"] / m - before["marked"] / n)
        if spread > 0 and gap / spread > max(bar, best):
            best, found = float(gap / spread), 4 * after["bin"]
    return found
