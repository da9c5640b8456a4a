"""What is decided in advance in a simulated company: seats, trainings, vendors, a common cause, when leaders will speak."""

from dataclasses import dataclass

import numpy as np

from groundswell.simulation.catalogue import SEAT_ORDER, TOOL, TOOLS
from groundswell.simulation.chance import Bools, Chance, Floats, Ints, expand
from groundswell.simulation.network import Network
from groundswell.simulation.people import Company
from groundswell.simulation.policy import Dials, given

KINDS: tuple[str, ...] = ("seats", "training", "vendor", "project")
SHOCK_WEEKS = 6
_PATIENCE = 8  # draws until a weekday is found; two days in seven are not


@dataclass(frozen=True, kw_only=True)
class Events:
    """Dated events, one row each, by day.

    Attributes:
        day: when.
        kind: number in KINDS.
        tool: number in TOOLS; -1 for none.
        department: number in the company's departments; -1 for all.
        community: informal community concerned; -1 for none.
    """

    day: Ints
    kind: Ints
    tool: Ints
    department: Ints
    community: Ints

    def __len__(self) -> int:
        return len(self.day)


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Everything dated that does not depend on what people do.

    Attributes:
        events: seats, trainings, vendor events and projects.
        slot_day, slot_unit, slot_demand: when which unit's lead will announce something, and whether as a demand; by day.
        generic: days of demands without a tool or job.
        cascades: days of statements of the top that are passed down.
        tells: unit -> how far its lead prototypes and tells, 0 to 1.
        follow_log: unit -> its own logit on top of the dial's.
        shock_tool: the tool of the common cause.
        hit: person -> whether the common cause reaches them.
    """

    events: Events
    slot_day: Ints
    slot_unit: Ints
    slot_demand: Bools
    generic: Ints
    cascades: Ints
    tells: Floats
    follow_log: Floats
    shock_tool: int
    hit: Bools


def schedule(company: Company, network: Network, weeks: int, dials: Dials, chance: Chance) -> Schedule:
    """Draw the dates of a company of these people over these weeks."""
    units = np.arange(len(company.units), dtype=np.int64)
    years = weeks / 52
    # As even as whole numbers allow, so that a small company keeps the rate it was given.
    count = np.floor(given(dials.announcements) * years + chance.stream("slots").uniform(units)).astype(np.int64)
    unit, nth = expand(count)
    day = weekdays(chance, "slot day", unit * 64 + nth, 7, 7 * weeks)
    demand = chance.stream("slot demand").uniform(unit * 64 + nth) < given(dials.demand_share)
    order = np.lexsort((unit, day))
    hit_communities = chance.stream("hit").uniform(np.arange(network.communities)) < dials.shock_share
    hit = np.zeros(len(company), dtype=np.bool_)
    if dials.shock_log:
        hit[network.member[hit_communities[network.community]]] = True
    tells = given(dials.leader_tells)
    spread = 0.15 * chance.stream("tells").normal(units)
    return Schedule(
        events=_events(company, hit_communities if dials.shock_log else hit_communities & False, weeks, dials, chance),
        slot_day=day[order],
        slot_unit=unit[order],
        slot_demand=demand[order],
        generic=_dates(given(dials.generic_demands) * years, weeks, chance, "generic"),
        cascades=_dates(given(dials.cascades) * years, weeks, chance, "cascade"),
        tells=np.clip(tells + spread, 0.0, 1.0),
        follow_log=dials.follow_through_sd * chance.stream("follow").normal(units),
        shock_tool=TOOL["claude"],
        hit=hit,
    )


def weekdays(chance: Chance, name: str, who: Ints, first: int, last: int) -> Ints:
    """A working day in [first, last) for each of `who`."""
    day = np.full(len(who), -1, dtype=np.int64)
    for tick in range(_PATIENCE):
        drawn = first + chance.stream(name).below(max(last - first, 1), who, tick)
        day = np.where((day < 0) | (day % 7 > 4), drawn, day)
    return np.where(day % 7 > 4, np.maximum(day - 2, first), day)


def _dates(mean: float, weeks: int, chance: Chance, name: str) -> Ints:
    """About `mean` working days spread evenly: a rate of 6 a year is 6, not a Poisson draw, so that a demo keeps its promise."""
    count = round(mean)
    spacing = 7 * weeks / max(count, 1)
    jitter = chance.stream(name).uniform(np.arange(count))
    day = np.floor((np.arange(count) + 0.15 + 0.5 * jitter) * spacing).astype(np.int64)
    return day - np.maximum(day % 7 - 4, 0)


def _events(company: Company, hit: Bools, weeks: int, dials: Dials, chance: Chance) -> Events:
    rows: list[tuple[int, int, int, int, int]] = []
    real = [d for d, kind in enumerate(company.departments) if kind.share > 0]
    for place, name in enumerate(SEAT_ORDER[: dials.seat_tools]):
        tool = TOOL[name]
        for d in real:
            if TOOLS[tool].code and not company.departments[d].code:
                continue
            key = np.array([place * 64 + d])
            if chance.stream("bought").uniform(key)[0] < 0.25 and not TOOLS[tool].code:
                continue
            opens = max(TOOLS[tool].week, 2 + place * 6) * 7
            rows.append((int(weekdays(chance, "seat day", key, opens, opens + 84)[0]), 0, tool, d, -1))
    for d in real:
        key = np.array([d])
        for n in range(int(chance.stream("trainings").poisson(given(dials.trainings) * weeks / 52, key)[0])):
            day = int(weekdays(chance, "training day", key * 32 + n, 14, 7 * weeks)[0])
            able = [k for k, t in enumerate(TOOLS) if t.week * 7 <= day and (not t.code or company.departments[d].code)]
            rows.append((day, 1, able[int(chance.stream("training tool").below(len(able), key * 32 + n)[0])], d, -1))
    rows += [(t.week * 7, 2, k, -1, -1) for k, t in enumerate(TOOLS) if t.week]
    rows += [(dials.shock_week * 7, 3, TOOL["claude"], -1, int(c)) for c in np.flatnonzero(hit)]
    kept = np.array(sorted(row for row in rows if row[0] < 7 * weeks), dtype=np.int64).reshape(-1, 5)
    return Events(day=kept[:, 0], kind=kept[:, 1], tool=kept[:, 2], department=kept[:, 3], community=kept[:, 4])
