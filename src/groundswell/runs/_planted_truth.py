"""The planted truth of a world, in the units of the measures; computed without any of their estimators."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from groundswell.simulation.world import World

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

HORIZON = 180
"""Days to which lives are compared (M3)."""


def life_table(days: Floats, ended: Bools, horizon: int = HORIZON) -> Floats:
    """Share alive after each whole day 0 .. horizon; lives are cut short only by the end of the world (Cutler & Ederer 1958)."""
    when = np.ceil(days).astype(np.int64)
    alive = np.ones(horizon + 1)
    for day in range(1, horizon + 1):
        at_risk = np.count_nonzero(when >= day)
        gone = np.count_nonzero((when == day) & ended)
        alive[day] = alive[day - 1] * (1 - gone / at_risk if at_risk else 1.0)
    return alive


def mean_life(world: "World", which: Bools) -> float:
    """Mean days of life within the first 180 of some of the world's practices."""
    return float(_alive(world, which)[:HORIZON].sum())


def life_difference(one: str, other: str) -> Callable[["World"], float]:
    """Mean life of practices born in one way minus that of those born in another way."""

    def difference(world: "World") -> float:
        origin = world.truth["practices"]["origin"]
        return mean_life(world, origin == one) - mean_life(world, origin == other)

    return difference


def alive_at(day: int) -> Callable[["World"], float]:
    """Share of all practices alive after so many days."""
    return lambda world: float(_alive(world, np.ones(len(world.truth["practices"]["origin"]), dtype=np.bool_))[day])


def alive_by_work(world: "World", day: int = 90) -> dict[str, float]:
    """Kind of work -> share of its practices alive after so many days."""
    job = world.truth["practices"]["job"]
    return {str(name): float(_alive(world, job == name)[day]) for name in np.unique(job)}


def taken_up(world: "World") -> float:
    """Share taken up within 90 days, of what was announced early enough to be followed so long."""
    told = world.truth["announcements"]
    return float(told["taken_up"][told["followed"]].mean())


def taken_up_difference(world: "World") -> float:
    """The same share of demands minus that of other announcements."""
    told = world.truth["announcements"]
    some, demand = told["followed"].astype(bool), told["act"] == "demands"
    return float(told["taken_up"][some & demand].mean() - told["taken_up"][some & ~demand].mean())


def origin_share(origin: str) -> Callable[["World"], float]:
    """Share of practices born in one way, of those that ever could leave a trace."""

    def share(world: "World") -> float:
        return float(np.mean(world.truth["practices"]["origin"] == origin))

    return share


def day_share(world: "World") -> float:
    """Share of person-workdays with AI used, in the last whole quarter."""
    quarters = world.truth["quarters"]
    used, days = quarters["used_days"].astype(float), quarters["days"].astype(float)
    return float(used[-1] / days[-1])


def persistence(world: "World") -> float:
    """Use 13 to 26 weeks after the peak of talk over use at the peak, divided by the same for talk (M10).

    In person-weeks with an act in chat or code, real use alone; the peak is the four weeks, counted from 1970 as the measure
    does, with most people who announce. The sources of a log are left out: what they add is the same people's use.
    """
    acts: Any = world.truth["acts"]
    week = (acts["date"].astype("datetime64[D]").astype(np.int64) + 3) // 7  # 1970-01-01 was a Thursday
    said = np.isin(acts["act"], ("announces", "demands"))
    use = acts["real"].astype(bool)
    talk, done = (_person_weeks(week[some], acts["person"][some]) for some in (said, use))
    bins = {b: sum(talk.get(w, 0) for w in range(4 * b, 4 * b + 4)) for b in range(min(talk) // 4 + 1, max(talk) // 4)}
    peak = 4 * max(bins, key=lambda b: bins[b])
    later, now = range(peak + 16, peak + 30), range(peak, peak + 4)
    kept = [sum(series.get(w, 0) for w in later) / 14 * 4 / sum(series.get(w, 0) for w in now) for series in (done, talk)]
    return float(kept[0] / kept[1])


def _person_weeks(week: npt.NDArray[np.int64], person: npt.NDArray[np.int64]) -> dict[int, int]:
    """Week -> how many people."""
    pairs = np.unique(np.stack([week, person]), axis=1)
    return {int(w): int(n) for w, n in zip(*np.unique(pairs[0], return_counts=True), strict=True)}


def origins_by_name(world: "World") -> dict[tuple[str, str, str], str]:
    """(unit, job, tool) -> how the practice was born."""
    told: Any = world.truth["practices"]
    names = zip(told["unit"].tolist(), told["job"].tolist(), told["tool"].tolist(), strict=True)
    return dict(zip(names, told["origin"].tolist(), strict=True))


def _alive(world: "World", which: Bools) -> Floats:
    told = world.truth["practices"]
    days = np.maximum(told["life_days"][which].astype(float), 1.0)
    return life_table(days, told["fate"][which] != "alive")
