"""The results, the sentence and the picture of what was left of the why, from cascades of statements (M5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.measures._floors import Quantity
from groundswell.measures._labels import gold_of, why_withheld
from groundswell.measures._named_reasons import named
from groundswell.measures._rates import LEVEL, Floats, Interval, detectable, student_quantile
from groundswell.model.measure import Finding, Line, Picture, Point, ReleaseLike, Result, Shape
from groundswell.model.phrase import Phrase, say

LEAST_CASCADES, FIRM_CASCADES, LEAST_AUTHORS, BITS = 8, 20, 5, 5
"""Cascades below which nothing is said, below which it is indicative; authors a level; kinds of reason."""

ASSUMPTIONS = (
    say("What is said on the same tool and kind of work further down the line is about the latest statement above it."),
    say("A leader keeps a reason if any of their statements carries it; each level keeps the same share as the one above."),
    say("The source's own repetitions show how well a reason is found, other cascades how often one is found by chance."),
)

KEPT = say("Share of the reasons kept a level of the reporting line")
FLOOR = say("Share of another cascade's reasons found below: what chance gives")
CEILING = say("Share of the reasons found again in the source's own later statements")
PRESSURE = say("Change of the share of statements with a deadline, an obligation or a sanction, a level down")
ANSWERS_A_CASCADE = 5
"""So many answers of the pulse let as much out as one cascade: 40 of them as much as eight."""

MORE = say("more announcements with reasons, followed down the line")


@dataclass(frozen=True)
class Cascade:
    """One source and what was said below.

    Attributes:
        source: reasons of the source, booleans by bit; at least one.
        level: level -> by bit, the share of that level's authors who carry the reason; level 0 is the source's own repetitions.
            Levels with few authors are counted under another.
        mix: level -> for each level counted under it, its share of the authors there; each sums to 1.
        pressing: level -> (pressing statements, statements).
        depth: level -> mean levels below the source of those statements.
    """

    source: "np.ndarray[Any, np.dtype[np.bool_]]"
    level: Mapping[int, Floats]
    mix: Mapping[int, Mapping[int, float]]
    pressing: Mapping[int, tuple[int, int]]
    depth: Mapping[int, float]


def cascades(release: ReleaseLike) -> list[Cascade]:
    """Cascades with at least one statement below; a level with fewer than 5 authors is merged into the one above it.

    A departure from the specification, which asks for the reasons found in *some* statement of a level: with eight leaders on a
    level each of whom keeps .7, hardly a reason is missing from all of them, and .7 planted comes out as 1.0. What reaches a team
    is what its own leader says; so the share is that of the average author.
    """
    rows = release.tables["statements"].to_pylist()
    merged = merge({level: {r["author"] for r in rows if r["level"] == level} for level in (1, 2, 3)})
    found = []
    for source in release.tables["sources"].to_pylist():
        own = [r for r in rows if r["cascade"] == source["cascade"]]
        carried: dict[int, dict[tuple[int, int], Any]] = {}
        below: dict[int, list[tuple[int, bool]]] = {}
        for r in own:
            at = merged.get(r["level"], r["level"])
            authors, who = carried.setdefault(at, {}), (r["level"], r["author"])
            authors[who] = authors.get(who, np.zeros(BITS, dtype=bool)) | bits(r["reasons"])
            if at > 0:
                below.setdefault(at, []).append((r["level"], r["pressing"]))
        if below:
            level = {at: np.mean(list(authors.values()), axis=0) for at, authors in carried.items()}
            mix = {at: _mix([depth for depth, _ in authors]) for at, authors in carried.items()}
            pressing = {at: (sum(press for _, press in told), len(told)) for at, told in below.items()}
            depth = {at: sum(deep for deep, _ in told) / len(told) for at, told in below.items()}
            pressed = {0: (source["pressing"], 1), **pressing}
            found.append(Cascade(bits(source["reasons"]), level, mix, pressed, {0: 0.0, **depth}))
    return found


def _mix(levels: list[int]) -> dict[int, float]:
    return {level: levels.count(level) / len(levels) for level in set(levels)}


def merge(authors: Mapping[int, set[int]]) -> dict[int, int]:
    """Level -> the level it is counted at: with fewer than 5 authors, the one above (below for the first)."""
    enough = [level for level, who in authors.items() if len(who) >= LEAST_AUTHORS]
    if not enough:
        return dict.fromkeys(authors, min(authors))
    return {level: max([e for e in enough if e <= level], default=min(enough)) for level in authors}


def bits(reasons: int) -> "np.ndarray[Any, np.dtype[np.bool_]]":
    """A bit set as booleans."""
    return np.array([bool(reasons >> k & 1) for k in range(BITS)])


def shares(found: list[Cascade], *, shift: int = 0) -> list[dict[int, float]]:
    """Share of the source's reasons found at each level, for each cascade; `shift` compares with another cascade's source."""
    sources = [c.source for c in found]
    result = []
    for n, cascade in enumerate(found):
        source = sources[(n + shift) % len(found)]
        result.append({level: float(got[source].mean()) for level, got in cascade.level.items()})
    return result


def kept(
    levels: list[dict[int, float]], mixes: list[Mapping[int, Mapping[int, float]]], sensitivity: float, alarm: float
) -> Interval:
    """Share kept a level, rho in R_l = rho^l, pooled over cascades, with a t interval over them.

    Args:
        levels: level -> share found, for each cascade; level 0 is left out. At least two cascades.
        mixes: level -> shares of the levels counted under it, for each cascade, as in `Cascade`.
        sensitivity: how often a reason that is there is found.
        alarm: how often one that is not there is found, < sensitivity.

    Returns:
        rho in [0, 1] with its interval.

    Source: R_l corrected as Rogan & Gladen 1978; where levels with few authors are counted together, R is held against the
    mean of their rho^l, weighted by their authors: three heads counted among the second level keep rho, not rho^2. rho solves
    sum (R - mean rho^l) = 0, its variance is that of the cascades' parts of this sum divided by its squared slope; Student's
    quantile at cascades - 1 degrees of freedom.
    """
    pairs = [
        [((r - alarm) / (sensitivity - alarm), mix[level]) for level, r in c.items() if level > 0]
        for c, mix in zip(levels, mixes, strict=True)
    ]
    low, high = 0.0, 1.0
    for _ in range(60):
        rho = (low + high) / 2
        if sum(r - _expected(mix, rho) for c in pairs for r, mix in c) > 0:
            low = rho
        else:
            high = rho
    parts = np.array([sum(r - _expected(mix, rho) for r, mix in c) for c in pairs])
    slope = sum(w * level * max(rho, 1e-6) ** (level - 1) for c in pairs for _, mix in c for level, w in mix.items())
    n = len(pairs)
    error = float(np.sqrt(n / (n - 1) * np.sum(parts**2))) / slope
    half = student_quantile(LEVEL, n - 1) * error
    return Interval(rho, max(0.0, rho - half), min(1.0, rho + half))


def _expected(mix: Mapping[int, float], rho: float) -> float:
    return sum(w * rho**level for level, w in mix.items())


def mean_interval(values: Floats) -> Interval:
    """Mean of independent values with Student's interval; at least two."""
    half = student_quantile(LEVEL, len(values) - 1) * float(np.std(values, ddof=1)) / float(np.sqrt(len(values)))
    mean = float(values.mean())
    return Interval(mean, mean - half, mean + half)


def floor_of(found: list[Cascade]) -> Floats:
    """How often reasons that a source does not carry are found below it: one share a cascade that lacks any."""
    got = [np.mean([level[~c.source].mean() for at, level in c.level.items() if at > 0]) for c in found if not c.source.all()]
    return np.array(got, dtype=float)


def finding(release: ReleaseLike) -> Finding:
    """Everything M5 says about one release."""
    why = _why_nothing(release)
    found = [] if why is not None else cascades(release)
    if why is None and len(found) < LEAST_CASCADES:
        why = say("{n:count} cascades were found, and {least:count} are needed", n=len(found), least=LEAST_CASCADES), MORE
    if why is not None:
        results = (*named(release), *(_quantity(release, k, label, 0).withheld(*why) for k, label in _ALL))
        return Finding(measure="reasons", sentence=_cannot(why[0]), results=results)
    alarm, ceiling = floor_of(found), np.array([s[0] for s in shares(found) if 0 in s])
    sensitivity = float(ceiling.mean()) if len(ceiling) >= LEAST_CASCADES else 1.0
    chance = float(alarm.mean()) if len(alarm) >= LEAST_CASCADES else 0.0
    rho = _rho(release, found, sensitivity, chance)
    pressure = _pressure(release, found)
    anchors = (_anchor(release, "floor", FLOOR, _shuffled(found)), _anchor(release, "ceiling", CEILING, ceiling))
    return Finding(
        measure="reasons",
        sentence=say("{first} {second}", first=_rho_words(rho), second=_pressure_words(pressure)),
        results=(*named(release), rho, pressure, *anchors),
        pictures=_picture(found),
        known=say("Only acts in the wording are read; a reason said aloud and not written looks lost."),
    )


def _rho(release: ReleaseLike, found: list[Cascade], sensitivity: float, chance: float) -> Result:
    quantity = _quantity(release, "kept", KEPT, len(found))
    if sensitivity - chance < 0.2:
        reason = say("reasons are found hardly more often where they are than where they are not")
        return quantity.withheld(reason, say("an audit of the reasons"))
    few = say("there are fewer than {firm:count} cascades", firm=FIRM_CASCADES) if len(found) < FIRM_CASCADES else None
    reason = few or say("single reasons have not been audited")
    return quantity.value(
        kept(shares(found), [c.mix for c in found], sensitivity, chance),
        reason=reason,
        unlock=MORE if few else say("an audit of the reasons"),
    )


def _pressure(release: ReleaseLike, found: list[Cascade]) -> Result:
    """Least-squares slope of the share of pressing statements on level, one slope a cascade, t over cascades."""
    quantity = _quantity(release, "pressure_change", PRESSURE, len(found))
    slopes = []
    for cascade in found:
        level = np.array([cascade.depth[at] for at in sorted(cascade.pressing)])
        share = np.array([cascade.pressing[at][0] / cascade.pressing[at][1] for at in sorted(cascade.pressing)])
        if len(level) >= 2:
            slopes.append(float(np.sum((level - level.mean()) * (share - share.mean())) / np.sum((level - level.mean()) ** 2)))
    if len(slopes) < LEAST_CASCADES:
        return quantity.withheld(say("too few cascades reach below their source"), MORE)
    reason = say("the wording of statements has not been audited")
    return quantity.value(mean_interval(np.array(slopes)), reason=reason, unlock=say("an audit of the wording"))


def _shuffled(found: list[Cascade]) -> Floats:
    got = [np.mean([r for at, r in s.items() if at > 0]) for s in shares(found, shift=1) if any(at > 0 for at in s)]
    return np.array(got, dtype=float)


def _anchor(release: ReleaseLike, key: str, label: Phrase, values: Floats) -> Result:
    quantity = _quantity(release, key, label, len(values))
    if len(values) < LEAST_CASCADES:
        return quantity.withheld(
            say("{n:count} cascades have it, and {least:count} are needed", n=len(values), least=LEAST_CASCADES), MORE
        )
    got = mean_interval(values)
    reason = say("single reasons have not been audited")
    clipped = Interval(got.value, max(0.0, got.low), min(1.0, got.high))
    return quantity.value(clipped, reason=reason, unlock=say("an audit of the reasons"))


def _rho_words(rho: Result) -> Phrase:
    if rho.estimate is None:
        return _cannot(rho.reason or MORE)
    return say(
        "Of the reasons given at the top, {share:percent} are kept at each level down"
        " (between {low:percent} and {high:percent}).",
        share=rho.estimate,
        low=rho.low or 0.0,
        high=rho.high or 0.0,
    )


def _pressure_words(pressure: Result) -> Phrase:
    if pressure.estimate is None:
        return say("Whether pressure grows on the way cannot be said.")
    low, high = pressure.low or 0.0, pressure.high or 0.0
    if low > 0:
        return say("Deadlines, obligations and sanctions grow on the way down.")
    if high < 0:
        return say("Deadlines, obligations and sanctions become fewer on the way down.")
    gap = detectable(Interval(pressure.estimate, low, high))
    return say(
        "Pressure neither grows nor falls as far as can be told; {gap:percent} a level or more would have been seen.", gap=gap
    )


def _picture(found: list[Cascade]) -> tuple[Picture, ...]:
    lines = []
    for name, parts in ((say("kept"), shares(found)), (say("floor: another cascade's reasons"), shares(found, shift=1))):
        points = []
        for level in sorted({at for c in parts for at in c if at > 0}):
            values = np.array([c[level] for c in parts if level in c])
            if len(values) >= LEAST_CASCADES:
                got = mean_interval(values)
                deep = np.mean([sum(at * w for at, w in c.mix[level].items()) for c in found if level in c.mix])
                points.append(
                    Point(
                        x=round(float(deep), 1),
                        value=got.value,
                        low=max(0.0, got.low),
                        high=min(1.0, got.high),
                        at_risk=len(values),
                    )
                )
        if points:
            lines.append(Line(name=name, points=tuple(points)))
    again = np.array([s[0] for s in shares(found) if 0 in s])
    if len(again) >= LEAST_CASCADES:
        lines.append(Line(name=say("ceiling: the source again"), points=(Point(x=0.0, value=float(again.mean())),)))
    if not lines:
        return ()
    return (
        Picture(
            key="reasons_levels",
            shape=Shape.LEVELS,
            title=say("Reasons found at each level down"),
            x_label=say("levels below the source"),
            y_label=say("share of the source's reasons"),
            lines=tuple(lines),
            alt=say("The share of a source's reasons found at each level below it, with floor and ceiling."),
            y_unit="share",
        ),
    )


_ALL = (("kept", KEPT), ("pressure_change", PRESSURE), ("floor", FLOOR), ("ceiling", CEILING))


def _why_nothing(release: ReleaseLike) -> tuple[Phrase, Phrase] | None:
    if release.refused is not None:
        return release.refused, release.unlock or MORE
    if any(r["was_read"] for name in ("sources", "statements") for r in release.tables[name].to_pylist()):
        return why_withheld(gold_of(release.tables["gold"], "said"))
    return None


def _quantity(release: ReleaseLike, key: str, label: Phrase, units: int) -> Quantity:
    return Quantity(
        measure="reasons",
        key=key,
        label=label,
        unit="share",
        start=release.start,
        end=release.end,
        n_people=release.people,
        n_units=units,
        assumptions=ASSUMPTIONS,
        figures=2,
        neutral=0.0 if key == "pressure_change" else None,
    )


def _cannot(reason: Phrase) -> Phrase:
    return say("What was left of the reasons cannot be said: {reason}.", reason=reason)
