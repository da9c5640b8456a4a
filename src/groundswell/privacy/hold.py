"""Holds what an estimator says to the floors once more, so that a measure which forgets them tells nothing of few people."""

from collections.abc import Iterable
from dataclasses import replace

from groundswell.model.measure import Exit, Finding, Line, Picture, Point, Result, Verdict
from groundswell.model.phrase import Phrase, say
from groundswell.privacy.protection import Protection
from groundswell.privacy.smuggle import checked

EDGE = 0.10
"""Shares of people nearer to none or all than this are not told apart (M11)."""

Withheld = tuple[Phrase, Phrase]
"""Why, and what would unlock it."""


def hold(finding: Finding, *, way: Exit, protection: Protection) -> Finding:
    """A finding without what rests on too few people, and without shares of people near none or all.

    The measures say the same with more words, at the floors of the specification; here the company's own floors hold, which it
    may have raised, and whatever a measure of somebody else's forgot. A sentence that quotes a number held back goes with it.

    Args:
        finding: what a measure's `estimate` made.
        way: exit of the measure; shares of practices are no shares of people.
        protection: floors of the company.

    Raises:
        PrivacyError: the measure says what looks like a pseudonym, an address or a quotation.
    """
    checked(finding.measure, finding)
    held = [_held(result, way, protection) for result in finding.results]
    gone = {
        value
        for before, after in zip(finding.results, held, strict=True)
        if before.estimate is not None and after.estimate is None
        for value in (before.estimate, before.low, before.high)
    }
    reasons = [after.reason for after in held if after.reason is not None and after.estimate is None]
    said = set(_numbers(finding.sentence))
    small = {n for n in said if isinstance(n, int) and 0 < n < protection.least_people}
    quoted = bool(gone & said) or bool(gone and small)  # a sentence may say as a count what was held back as a share
    return replace(
        finding,
        results=tuple(held),
        sentence=say("This cannot be said: {reason}.", reason=reasons[0]) if quoted else finding.sentence,
        pictures=tuple(
            picture for p in finding.pictures if (picture := _drawn(p, way is Exit.PEOPLE, protection, gone)) is not None
        ),
    )


def _held(result: Result, way: Exit, protection: Protection) -> Result:
    if 0 < result.n_people < protection.least_people:
        # The number itself is what must not be told: three people and nine read the same.
        return _withheld(replace(result, n_people=0, n_units=0), _few(protection))
    if way is not Exit.PEOPLE or result.estimate is None or _is_difference(result):
        return result
    if result.unit == "people" and 0 < result.estimate < protection.least_people:
        return _withheld(result, _few(protection))
    if result.unit == "share":
        if result.estimate < EDGE:
            return _withheld(result, _edge("below"))
        if result.estimate > 1 - EDGE:
            return _withheld(result, _edge("above"))
    return result


def _is_difference(result: Result) -> bool:
    """A difference of two shares may be near nothing: it is no share of people itself."""
    return any(word in result.key for word in ("difference", "change", "contrast", "excess"))


def _withheld(result: Result, why: Withheld) -> Result:
    if result.estimate is None:
        return result
    return replace(result, estimate=None, low=None, high=None, verdict=Verdict.WITHHELD, reason=why[0], unlock=why[1])


def _few(protection: Protection) -> Withheld:
    return (
        say("fewer than {least:count} people stand behind it", least=int(protection.least_people)),
        say("traces of more people, or of a longer time"),
    )


def _edge(side: str) -> Withheld:
    if side == "below":
        return say("it is below {edge:percent}; smaller shares are not told apart", edge=EDGE), say("a share of a tenth or more")
    return (
        say("it is above {edge:percent}; larger shares are not told apart", edge=1 - EDGE),
        say("a share of nine tenths or less"),
    )


def _drawn(picture: Picture, of_people: bool, protection: Protection, gone: set[float | None]) -> Picture | None:
    """The picture without points of too few people or held back; shares of people no nearer to none or all than told apart."""
    lines = []
    for line in picture.lines:
        few = {p for p in line.points if of_people and _few_in(p, picture.y_unit, protection)}  # else they are practices
        kept = [p for p in line.points if p not in few and p.value not in gone]
        points = tuple(_clipped(p) if of_people and picture.y_unit == "share" else p for p in kept)
        if points:
            lines.append(Line(name=line.name, points=points))
    if not lines:
        return None
    same = [x.points for x in lines] == [x.points for x in picture.lines]
    return picture if same else replace(picture, lines=tuple(lines))


def _few_in(point: Point, unit: str, protection: Protection) -> bool:
    """Whether a point rests on too few people, or is itself a count of too few."""
    counted = unit in ("people", "count") and 0 < point.value < protection.least_people
    return counted or 0 < (point.at_risk or 0) < protection.least_people


def _clipped(point: Point) -> Point:
    """A share beyond the edge is drawn in the middle of what is not told apart, with all of it as its band."""
    if point.value < EDGE:
        return replace(point, value=EDGE / 2, low=0.0, high=EDGE)
    if point.value > 1 - EDGE:
        return replace(point, value=1 - EDGE / 2, low=1 - EDGE, high=1.0)
    return point


def _numbers(phrase: Phrase) -> Iterable[object]:
    for value in phrase.values.values():
        if isinstance(value, Phrase):
            yield from _numbers(value)
        else:
            yield value
