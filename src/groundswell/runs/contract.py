"""What every number that is printed must carry, and every one that is withheld must say (measures.md, R1)."""

import math
from collections.abc import Iterator

from groundswell.model.measure import Finding, Result, Verdict

LEAST_PEOPLE = 10
"""Fewest people a printed number may rest on (M11)."""


def broken(finding: Finding, *, has_chart: bool) -> tuple[str, ...]:
    """Every breach of the contract in what one measure says, in plain words; empty if it keeps it.

    A printed number has a finite interval that holds it, people, what must hold, the share of people its sources show, and,
    where its interval holds "no difference", the smallest difference that would have been told. A withheld one has no value,
    says why and what would unlock it.

    Args:
        finding: as `runs.measure` gives it.
        has_chart: whether there is an org chart of ten people, without which no share of people seen can be known.
    """
    found = [f"{r.measure}.{r.key} ({r.group}): {what}" for r in finding.results for what in _breaches(r, has_chart=has_chart)]
    if not finding.results:
        found.append(f"{finding.measure}: no result")
    if not finding.sentence.text.strip():
        found.append(f"{finding.measure}: no sentence")
    return tuple(found)


def _breaches(result: Result, *, has_chart: bool) -> Iterator[str]:
    if not result.label.text.strip():
        yield "has no label"
    if result.verdict is not Verdict.PUBLISHED and (result.reason is None or result.unlock is None):
        yield f"is {result.verdict} without a reason or without what would unlock it"
    if result.verdict is Verdict.PUBLISHED and (result.reason is not None or result.unlock is not None):
        yield "is published with a reservation"
    if result.estimate is None or result.low is None or result.high is None:
        if (result.estimate, result.low, result.high, result.least) != (None, None, None, None):
            yield "is withheld in part"
        return
    yield from _whole(result, result.estimate, result.low, result.high)
    if has_chart and result.coverage is None:
        yield "does not say what share of the people its sources show"


def _whole(result: Result, estimate: float, low: float, high: float) -> Iterator[str]:
    if not all(map(math.isfinite, (estimate, low, high))):
        yield "is not finite"
    if not low <= estimate <= high:
        yield "lies outside its interval"
    if low == high and result.unit == "share" and not _counted(result):
        yield "is an estimate without an interval"
    if result.n_people < LEAST_PEOPLE and estimate != 0:
        yield f"rests on {result.n_people} people"
    if not result.assumptions:
        yield "names nothing that must hold"
    neutral = neutral_of(result)
    if neutral is not None and low <= neutral <= high and not (result.least and result.least > neutral):
        yield "shows no difference, and does not say how small a one would have been seen"


def neutral_of(result: Result) -> float | None:
    """The value that means no difference: 1 for a ratio, 0 for what is named a difference or may be negative, else None."""
    if result.unit == "ratio":
        return 1.0
    named = any(word in result.key for word in ("difference", "change", "excess", "effect", "lost"))
    return 0.0 if named or (result.low is not None and result.low < 0) else None


def _counted(result: Result) -> bool:
    """Whether the share is one of seats that were all counted: then there is no chance in it."""
    return result.measure == "seats"
