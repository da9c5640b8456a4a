"""What came out of planted worlds, and whether a promise about it is kept, with the chance of a false alarm stated."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import fmean, stdev

ALARM = 0.001
"""Chance that a promise which just holds is called broken by the luck of the draw."""

LEVEL = 0.95
"""Probability of the interval printed beside every figure."""


class Kind(StrEnum):
    """The figures that can be promised."""

    BIAS = "bias"
    COVERAGE = "coverage"
    ALARMS = "false alarms"
    WRONG = "wrong sign"
    POWER = "power"
    WITHHELD = "withheld"
    MEAN = "mean"


class Status(StrEnum):
    """What became of a promise."""

    KEPT = "kept"
    OPEN = "not told apart"
    BROKEN = "broken"
    UNTRIED = "not tried"


@dataclass(frozen=True, kw_only=True)
class Draw:
    """What one world gave for one quantity.

    Attributes:
        estimate, low, high: None where the measure withheld it.
        truth: what was planted, in the same unit; None if only the direction is.
        said: +1 or -1 if a reader is told of a difference in that direction, 0 if not.
        part: which of several quantities of the same kind, such as the kind of work.
        world: seed of its world.
    """

    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    truth: float | None = None
    said: int = 0
    part: str = ""
    world: int = 0


@dataclass(frozen=True, kw_only=True)
class Promise:
    """A bound on a figure, and where it is written.

    Attributes:
        kind: which figure.
        least, most: exactly one of them is given; for BIAS the bound is on its size.
        source: the criterion's place in the specification, or "gate", or "ours" if the specification has none.
    """

    kind: Kind
    least: float | None = None
    most: float | None = None
    source: str

    def words(self) -> str:
        """Such as "coverage at least .94 (M1)"."""
        bound = f"at least {self.least:g}" if self.least is not None else f"at most {self.most:g}"
        return f"{self.kind.value} {bound} ({self.source})"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure with its own uncertainty.

    Attributes:
        kind: which.
        value: a share for rates, in the quantity's unit for BIAS and MEAN.
        low, high: 95 % interval: Clopper and Pearson for rates, Student's t for means.
        n: how many draws it rests on.
        hits: how many of them, for a rate.
        error: standard error, for a mean.
    """

    kind: Kind
    value: float
    low: float
    high: float
    n: int
    hits: int | None = None
    error: float | None = None


@dataclass(frozen=True, kw_only=True)
class Judged:
    """A promise, the figure it is about, and what became of it; `chance` is that of the figure if the promise just held."""

    promise: Promise
    figure: Figure | None
    status: Status
    chance: float | None


def figures(draws: Sequence[Draw], *, expected: int, pooled: bool, decides: bool = True) -> tuple[Figure, ...]:
    """Everything that can be said of the draws of one quantity.

    Args:
        draws: one a world, or one a part and world.
        expected: the direction planted: +1, -1, or 0 where nothing is to be found.
        pooled: the truth of the law that made the worlds is meant, not of each single world: their mean stands for it.
        decides: whether a reader is told a direction.

    Returns:
        The withheld share of all; the others rest on what was let out. Decisions are what a reader is told. Where a world
        gives several draws, they are alike, so a rate is the mean over worlds and has Student's interval.
    """
    if not draws:
        return ()
    meant = _pooled(draws) if pooled else list(draws)
    out = [d for d in meant if d.estimate is not None]
    found = [_rate(Kind.WITHHELD, meant, lambda d: d.estimate is None)]
    if not out:
        return tuple(found)
    known = [d for d in out if d.truth is not None]
    if known:
        found.append(mean(Kind.BIAS, [(d.estimate or 0.0) - (d.truth or 0.0) for d in known]))
        found.append(_rate(Kind.COVERAGE, known, _holds))
    found.append(mean(Kind.MEAN, [d.estimate or 0.0 for d in out]))
    if decides and expected == 0:
        found.append(_rate(Kind.ALARMS, out, lambda d: d.said != 0))
    elif decides:
        found.append(_rate(Kind.POWER, out, lambda d: d.said == expected))
        found.append(_rate(Kind.WRONG, out, lambda d: d.said == -expected))
    return tuple(found)


def judge(promise: Promise, found: Sequence[Figure]) -> Judged:
    """Hold a promise against the figures: broken only if chance alone would do it less than one time in a thousand."""
    figure = next((f for f in found if f.kind is promise.kind), None)
    if figure is None or figure.n == 0:
        return Judged(promise=promise, figure=None, status=Status.UNTRIED, chance=None)
    size = abs(figure.value) if promise.kind is Kind.BIAS else figure.value
    met = size >= promise.least if promise.least is not None else size <= (promise.most or 0.0)
    chance = _chance(promise, figure, size)
    status = Status.KEPT if met else Status.BROKEN if chance < ALARM else Status.OPEN
    return Judged(promise=promise, figure=figure, status=status, chance=chance)


def rate(kind: Kind, hits: int, n: int) -> Figure:
    """A rate with the exact interval of Clopper and Pearson."""
    from scipy.stats import beta

    tail = (1 - LEVEL) / 2
    low = float(beta.ppf(tail, hits, n - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, n - hits)) if hits < n else 1.0
    return Figure(kind=kind, value=hits / n, low=low, high=high, n=n, hits=hits)


def mean(kind: Kind, values: Sequence[float]) -> Figure:
    """A mean with Student's interval; without width for a single value, of which nothing can be judged."""
    from scipy.stats import t

    n, centre = len(values), fmean(values)
    if n < 2:
        return Figure(kind=kind, value=centre, low=float("-inf"), high=float("inf"), n=n, error=float("inf"))
    error = stdev(values) / n**0.5
    reach = float(t.ppf(0.5 + LEVEL / 2, n - 1)) * error
    return Figure(kind=kind, value=centre, low=centre - reach, high=centre + reach, n=n, error=error)


def _rate(kind: Kind, draws: Sequence[Draw], hit: Callable[[Draw], bool]) -> Figure:
    worlds: dict[int, list[bool]] = {}
    for d in draws:
        worlds.setdefault(d.world, []).append(hit(d))
    if len(worlds) == len(draws):
        return rate(kind, sum(map(hit, draws)), len(draws))
    return mean(kind, [fmean(hits) for hits in worlds.values()])


def _chance(promise: Promise, figure: Figure, size: float) -> float:
    from scipy.stats import binom, t

    bound = promise.least if promise.least is not None else promise.most or 0.0
    below = promise.least is not None
    if figure.hits is not None:
        return float(binom.cdf(figure.hits, figure.n, bound) if below else binom.sf(figure.hits - 1, figure.n, bound))
    gap = bound - size if below else size - bound
    if not figure.error:
        return 0.0 if gap > 0 else 1.0
    return float(t.sf(gap / figure.error, figure.n - 1)) if figure.n > 1 else 1.0


def _holds(draw: Draw) -> bool:
    # Results leave with two figures; one that rounds onto the truth holds it.
    if draw.low is None or draw.high is None or draw.truth is None:
        return False
    return draw.low <= draw.truth <= draw.high


def _pooled(draws: Sequence[Draw]) -> list[Draw]:
    parts: dict[str, list[float]] = {}
    for d in draws:
        if d.truth is not None:
            parts.setdefault(d.part, []).append(d.truth)
    centre = {part: fmean(values) for part, values in parts.items()}
    return [replace(d, truth=centre.get(d.part)) for d in draws]
