"""Results under the floors of the specification: withheld ones, and shares too near nothing or everything to be told (M11)."""

import math
from dataclasses import dataclass
from datetime import date

from groundswell.measures._rates import EDGE, LEAST_PEOPLE, Interval, ceiling_below_edge, detectable, wilson
from groundswell.model.measure import Result, Verdict
from groundswell.model.phrase import Phrase, say


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """What a result is about, before its value is known.

    Attributes:
        measure, key, label, unit, group: as in `Result`.
        start, end: the window.
        n_people, n_units: what it rests on.
        coverage: share of the population the sources see, if known.
        assumptions: what must hold.
        figures: figures a value is rounded to; results about practices leave with 2 (M11). None for shares of people.
        at_least: as in `Result`.
        neutral: the value that means no difference: 0 for a difference, 1 for a ratio; None for what is no comparison.
    """

    measure: str
    key: str
    label: Phrase
    unit: str
    start: date
    end: date
    n_people: int
    n_units: int
    group: str = "organisation"
    coverage: float | None = None
    assumptions: tuple[Phrase, ...] = ()
    figures: int | None = None
    neutral: float | None = None
    at_least: bool = False

    def withheld(self, reason: Phrase, unlock: Phrase | None) -> Result:
        """The result without a value, with why and what would unlock it."""
        return self._result(None, Verdict.WITHHELD, reason, unlock)

    def value(self, interval: Interval, *, reason: Phrase | None = None, unlock: Phrase | None = None) -> Result:
        """The result with its value; only indicative if a reason is given."""
        return self._result(interval, Verdict.PUBLISHED if reason is None else Verdict.INDICATIVE, reason, unlock)

    def _result(self, interval: Interval | None, verdict: Verdict, reason: Phrase | None, unlock: Phrase | None) -> Result:
        return Result(
            measure=self.measure,
            key=self.key,
            label=self.label,
            group=self.group,
            start=self.start,
            end=self.end,
            estimate=None if interval is None else self._rounded(interval.value),
            low=None if interval is None else self._rounded(interval.low),
            high=None if interval is None else self._rounded(interval.high),
            unit=self.unit,
            n_people=self.n_people,
            n_units=self.n_units,
            coverage=self.coverage,
            assumptions=self.assumptions,
            verdict=verdict,
            reason=reason,
            unlock=unlock,
            least=None if interval is None else self._least(interval),
            at_least=self.at_least,
        )

    def _least(self, interval: Interval) -> float | None:
        """What would have been told four times in five, where the interval holds no difference; to two figures."""
        if self.neutral is None or not interval.low <= self.neutral <= interval.high:
            return None
        if self.neutral == 0:
            return float(f"{detectable(interval):.2g}")
        if interval.low <= 0 or not math.isfinite(interval.high):
            return None  # such an interval says nothing; the contract of the measures finds it
        logs = Interval(0.0, math.log(interval.low), math.log(interval.high))
        return float(f"{math.exp(min(detectable(logs), 700.0)):.2g}")

    def _rounded(self, value: float) -> float:
        return value if self.figures is None else float(f"{value:.{self.figures}g}")


def floored_share(
    quantity: Quantity, hits: int, people: int, interval: Interval | None = None, *, reason: Phrase | None = None
) -> Result:
    """A share of people under the floors.

    Args:
        quantity: what it is.
        hits: how many have it, 0 <= hits <= people.
        people: how many could.
        interval: if better than Wilson's is known.
        reason: makes it only indicative.

    Returns:
        Withheld below 10 people, and where the share is below a tenth or above nine tenths: then the reason gives the
        bound that every such share gets, so that nobody can count back.
    """
    if people < LEAST_PEOPLE:
        return quantity.withheld(too_few(), say("traces of more people, or of a longer time"))
    share = hits / people if interval is None else interval.value
    if share < EDGE:
        return quantity.withheld(below_edge(people), say("a share of a tenth or more"))
    if share > 1 - EDGE:
        return quantity.withheld(above_edge(people), say("a share of nine tenths or less"))
    return quantity.value(
        interval or wilson(hits, people), reason=reason, unlock=None if reason is None else say("a longer time")
    )


def too_few() -> Phrase:
    """That a cell rests on too few people."""
    return say("fewer than {least:count} people stand behind it", least=LEAST_PEOPLE)


def below_edge(people: int) -> Phrase:
    """That a share is below the edge, and how far up it could still reach."""
    return say(
        "it is below {edge:percent}, and allowing for chance at most {high:percent}; smaller shares are not told apart",
        edge=EDGE,
        high=ceiling_below_edge(people),
    )


def above_edge(people: int) -> Phrase:
    """That a share is above the upper edge, and how far down it could still reach."""
    return say(
        "it is above {edge:percent}, and allowing for chance at least {low:percent}; larger shares are not told apart",
        edge=1 - EDGE,
        low=1 - ceiling_below_edge(people),
    )
