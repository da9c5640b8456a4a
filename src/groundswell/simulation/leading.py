"""What leaders and programmes do in a simulated company: announce, demand, give seats and trainings."""

import numpy as np

from groundswell.simulation.birth import begin
from groundswell.simulation.chance import Bools, Ints
from groundswell.simulation.state import LOOK_BACK, J, K, State


def happen(s: State, day: int) -> None:
    """Seats, trainings and vendors' events of today, and demands that name nothing."""
    events = s.plan.events
    for at in range(*np.searchsorted(events.day, [day, day + (3 if day % 7 == 4 else 1)])):
        kind, tool, department = int(events.kind[at]), int(events.tool[at]), int(events.department[at])
        if kind == 3:
            continue
        units = np.flatnonzero((s.company.department == department) | (department < 0))
        s.provisioned[units, tool] = day
        if kind < 2:
            pushing(s, day, units, np.full(len(units), tool), s.dials.programme_start_log)
    if (s.plan.generic == day).any():
        s.generic = day


def announce(s: State, day: int) -> None:
    """Leads name a tool and a job that is not done with it yet; whether it will be taken up is decided here."""
    plan, company = s.plan, s.company
    slots = np.arange(*np.searchsorted(plan.slot_day, [day, day + 1]))
    if not len(slots):
        return
    by = plan.slot_unit[slots]
    # The leadership speaks about the work of others.
    other = 1 + s.streams["about"].below(len(company.units) - 1, slots)
    unit = np.where(by == 0, other, by)
    tool, job, found = _topic(s, slots, unit)
    if not found.any():
        return
    slots, by, unit, tool, job = slots[found], by[found], unit[found], tool[found], job[found]
    code = (unit * J + job) * K + tool
    fresh = np.zeros(len(code), dtype=np.bool_)
    fresh[np.unique(code, return_index=True)[1]] = True
    slots, by, unit, tool, job, code = slots[fresh], by[fresh], unit[fresh], tool[fresh], job[fresh], code[fresh]
    demand = plan.slot_demand[slots]
    share = np.clip(np.where(demand, s.dials.follow_through_demanded, s.dials.follow_through), 1e-9, 1 - 1e-9)
    odds = np.log(share / (1 - share)) + plan.follow_log[unit]
    planted = s.streams["follow"].uniform(slots) < 1 / (1 + np.exp(-odds))
    lot = s.streams["withdraw"].uniform(slots)
    withdrawn = np.where(~planted & (lot < s.dials.withdrawn_share), day + 14 + np.floor(60 * lot / 1.0), -1)
    author = s.leads[by]
    s.announcements.append(
        day=day, unit=unit, by_unit=by, author=author, tool=tool, job=job, demand=demand, planted=planted, withdrawn=withdrawn
    )
    s.blocked[code] = day + LOOK_BACK + 1
    _take_up(s, day, slots[planted], unit[planted], tool[planted], job[planted], author[planted], demand[planted])
    if demand.any():
        _demand(s, day, unit[demand], tool[demand], job[demand])


def _topic(s: State, slots: Ints, unit: Ints) -> tuple[Ints, Ints, Bools]:
    """A tool and a job of the unit that are no practice yet, within eight tries."""
    tool = np.zeros(len(slots), dtype=np.int64)
    job = np.zeros(len(slots), dtype=np.int64)
    found = np.zeros(len(slots), dtype=np.bool_)
    for tick in range(8):
        k = s.streams["topic tool"].below(K, slots, tick)
        pick = s.streams["topic job"].uniform(slots, tick)
        j = np.minimum((s.works[s.company.department[unit], k] <= pick[:, None]).sum(axis=1), J - 1)
        code = (unit * J + j) * K + k
        able = s.opened[k] & s.suits[unit, k] & (s.practice[code] < 0) & (s.blocked[code] < 0) & ~found
        tool, job = np.where(able, k, tool), np.where(able, j, job)
        found |= able
    return tool, job, found


def _take_up(s: State, day: int, slots: Ints, unit: Ints, tool: Ints, job: Ints, author: Ints, demand: Bools) -> None:
    """Four members of each unit start within five weeks, on dates of their own."""
    for row, where in enumerate(unit):  # announcements that are taken up today: a handful
        members = s.team(int(where))
        members = members[s.company.there(members, day) & (members != author[row])]
        if not len(members):
            continue
        turn = s.streams["volunteer"].below(len(members), slots[row : row + 1])[0]
        some = members[(turn + np.arange(min(4, len(members)))) % len(members)]
        dates = day + 3 + s.streams["volunteer day"].below(30, slots[row] * 8 + np.arange(len(some)))
        for who, date in zip(some, dates - np.maximum(dates % 7 - 4, 0), strict=True):
            one = (np.array([who]), tool[row : row + 1], job[row : row + 1], np.array([3 if demand[row] else 4]))
            s.planned.setdefault(int(date), []).append(one)


def _demand(s: State, day: int, unit: Ints, tool: Ints, job: Ints) -> None:
    s.demanded_tool[unit, tool] = day
    s.demanded_job[unit, job] = day
    s.demanded_until[unit, tool] = day + 7 * s.dials.push_weeks
    s.demand_work[unit, tool] = job
    pushing(s, day, unit, tool, s.dials.mandate_start_log)


def pushing(s: State, day: int, units: Ints, tools: Ints, log: float) -> None:
    """From tomorrow, for the dials' push weeks, add `log` to the log hazard of these tools in these units."""
    s.pushes.setdefault(day + 1, []).append((units, tools, log))
    until = day + 7 * s.dials.push_weeks
    s.pushes.setdefault(until, []).append((units, tools, -log))


def follow_up(s: State, day: int) -> None:
    """Starts that follow an announcement which is taken up."""
    for who, tool, job, cause in s.planned.pop(day, ()):
        here = s.company.there(who, day)
        begin(s, day, who[here], tool[here], job[here], cause[here], sure=True)
