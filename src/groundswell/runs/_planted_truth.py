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

LOOK_BACK = 90
"""Days before a birth in which a demand makes it mandated (M2)."""


def life_table(days: Floats, ended: Bools, horizon: int = HORIZON) -> Floats:
    """Share alive after each whole day 0 .. horizon; lives are cut short only by the end of the world (Cutler & Ederer 1958)."""
    when = np.ceil(days).astype(np.int64)
    alive = np.ones(horizon + 1)
    for day in range(1, horizon + 1):
        at_risk = np.count_nonzero(when >= day)
        gone = np.count_nonzero((when == day) & ended)
        alive[day] = alive[day - 1] * (1 - gone / at_risk if at_risk else 1.0)
    return alive


def life_difference(one: str, other: str) -> Callable[["World"], float]:
    """Mean life within 180 days of practices born in one way minus that of those born in another way."""

    def difference(world: "World") -> float:
        traced, how = first_traces(world), origins(world)
        life = [float(_alive(world, traced, how == o)[:HORIZON].sum()) for o in (one, other)]
        return life[0] - life[1]

    return difference


def alive_at(day: int) -> Callable[["World"], float]:
    """Share alive so many days after its first trace, of the practices that left one."""
    return lambda world: float(_alive(world, first_traces(world), _all(world))[day])


def alive_by_work(world: "World", day: int = 90) -> dict[str, float]:
    """Kind of work -> share of its practices that left a trace, alive so many days after it."""
    traced, job = first_traces(world), world.truth["practices"]["job"]
    return {str(name): float(_alive(world, traced, job == name)[day]) for name in np.unique(job)}


def first_traces(world: "World") -> npt.NDArray[np.datetime64]:
    """Day on which each practice first left a trace of use in chat or code; NaT if it never did.

    A practice that nobody could see has no place in any measure, and its age counts from the day it could be seen: where the
    delay was hidden the birth itself is known to nobody.
    """
    acts: Any = world.truth["acts"]
    use = np.isin(acts["act"], ("uses", "tries", "takes_up", "shares")) & (acts["use"] >= 0)
    first = np.full(len(world.truth["practices"]["practice"]), np.iinfo(np.int64).max)
    np.minimum.at(first, acts["practice"][use], acts["date"][use].astype("datetime64[D]").astype(np.int64))
    found = np.full(len(first), np.datetime64("NaT", "D"))
    some = first < np.iinfo(np.int64).max
    found[some] = first[some].astype("datetime64[D]")
    return found


def origins(world: "World") -> npt.NDArray[np.str_]:
    """How each practice was born, whoever reads a channel being asked what is asked there.

    The simulator lets the leadership's demand about one unit move that unit alone, but has it written in the channel of the
    whole department; to the others it was said as well (M2: reporting line or channel).
    """
    told, asked = world.truth["practices"], world.truth["announcements"]
    how: npt.NDArray[np.str_] = np.array(told["origin"], dtype="<U16")
    department = dict(zip(world.company.units, world.company.department.tolist(), strict=True))
    own = np.array([department[u] for u in told["unit"].tolist()])
    wide = (asked["act"] == "demands") & (asked["by_unit"] != asked["unit"])
    for at in np.flatnonzero(wide):
        days = (told["born_on"] - asked["date"][at]).astype(np.int64)
        named = (told["tool"] == asked["tool"][at]) | (told["job"] == asked["job"][at])
        how[named & (own == department[str(asked["unit"][at])]) & (days > 0) & (days <= LOOK_BACK)] = "mandated"
    return how


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
    """Share born in one way, of the practices that left their first trace when the chat had been read for 90 days."""

    def share(world: "World") -> float:
        first = first_traces(world)
        late = (first - np.datetime64(world.dials.start, "D")).astype(np.float64) >= LOOK_BACK
        late &= ~np.isnat(first)
        return float(np.mean(origins(world)[late] == origin))

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
    return dict(zip(names, origins(world).tolist(), strict=True))


def _all(world: "World") -> Bools:
    return np.ones(len(world.truth["practices"]["practice"]), dtype=np.bool_)


def _alive(world: "World", first: npt.NDArray[np.datetime64], which: Bools) -> Floats:
    told: Any = world.truth["practices"]
    some = which & ~np.isnat(first)
    over = told["born_on"] + told["life_days"].astype("timedelta64[D]")
    days = np.maximum((over - first)[some].astype(np.float64), 1.0)
    return life_table(days, told["fate"][some] != "alive")
