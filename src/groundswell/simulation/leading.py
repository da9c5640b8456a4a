"""What leaders and programmes do in a simulated company: announce, demand, give seats and trainings."""

import numpy as np

from groundswell.simulation.chance import Bools, Ints
from groundswell.simulation.exposure import K
from groundswell.simulation.programme import KINDS
from groundswell.simulation.state import LOOK_BACK, Births, J, State

_VENDOR, _PROJECT = KINDS.index("vendor"), KINDS.index("project")
_VOLUNTEERS = 4


def happen(s: State) -> None:
    """Seats, trainings and vendors' events of this week; they are followed up from the next Monday on."""
    events = s.plan.events
    for at in range(*np.searchsorted(events.day, [s.monday, s.monday + 7])):
        kind, tool, department = int(events.kind[at]), int(events.tool[at]), int(events.department[at])
        if kind == _PROJECT:
            continue
        units = np.flatnonzero((s.company.department == department) | (department < 0))
        s.provisioned.set(units * K + tool, int(events.day[at]))
        if kind != _VENDOR:
            s.programmes.append((units, np.full(len(units), tool)))


def announce(s: State) -> None:
    """Leads name a tool and a job that is not done with it yet; whether it will be taken up is decided here."""
    plan, company = s.plan, s.company
    slots = np.arange(*np.searchsorted(plan.slot_day, [s.monday, s.monday + 7]))
    if not len(slots):
        return
    by = plan.slot_unit[slots]
    # The leadership speaks about the work of others.
    other = 1 + s.streams["about"].below(len(company.units) - 1, slots)
    unit = np.where(by == 0, other, by)
    tool, job, found = _topic(s, slots, unit)
    slots, by, unit, tool, job = slots[found], by[found], unit[found], tool[found], job[found]
    code = (unit * J + job) * K + tool
    fresh = np.sort(np.unique(code, return_index=True)[1])
    if not len(fresh):
        return
    slots, by, unit, tool, job, code = slots[fresh], by[fresh], unit[fresh], tool[fresh], job[fresh], code[fresh]
    day, demand = plan.slot_day[slots], plan.slot_demand[slots]
    share = np.clip(np.where(demand, s.dials.follow_through_demanded, s.dials.follow_through), 1e-9, 1 - 1e-9)
    odds = np.log(share / (1 - share)) + plan.follow_log[unit]
    planted = s.streams["follow"].uniform(slots) < 1 / (1 + np.exp(-odds))
    lot = s.streams["withdraw"].uniform(slots)
    withdrawn = np.where(~planted & (lot < s.dials.withdrawn_share), day + 14 + np.floor(60 * lot / 1.0), -1)
    author = s.slot_author[slots]
    s.announcements.append(
        len(slots), day=day, unit=unit, by_unit=by, author=author, tool=tool, job=job, demand=demand, planted=planted,
        withdrawn=withdrawn,
    )  # fmt: skip
    s.blocked[code] = day + LOOK_BACK + 1
    _take_up(s, day[planted], slots[planted], unit[planted], tool[planted], job[planted], author[planted], demand[planted])
    if demand.any():
        _demand(s, day[demand], unit[demand], tool[demand], job[demand])


def _topic(s: State, slots: Ints, unit: Ints) -> tuple[Ints, Ints, Bools]:
    """A tool and a job of the unit that are no practice yet, within eight tries."""
    tool = np.zeros(len(slots), dtype=np.int64)
    job = np.zeros(len(slots), dtype=np.int64)
    found = np.zeros(len(slots), dtype=np.bool_)
    for tick in range(8):
        k = s.streams["topic tool"].below(K, slots, tick)
        pick = s.streams["topic job"].uniform(slots, tick)
        j = s.work(s.company.department[unit], k, pick)
        code = (unit * J + j) * K + k
        able = s.opened[k] & s.suits[unit, k] & (s.practice[code] < 0) & (s.blocked[code] < 0) & ~found
        tool, job = np.where(able, k, tool), np.where(able, j, job)
        found |= able
    return tool, job, found


def _take_up(s: State, day: Ints, slots: Ints, unit: Ints, tool: Ints, job: Ints, author: Ints, demand: Bools) -> None:
    """Four members of each unit start within five weeks, on dates of their own."""
    for row, where in enumerate(unit):  # announcements that are taken up this week: a handful
        members = s.team(int(where))
        members = members[s.company.there(members, int(day[row])) & (members != author[row])]
        if not len(members):
            continue
        turn = s.streams["volunteer"].below(len(members), slots[row : row + 1])[0]
        some = members[(turn + np.arange(min(_VOLUNTEERS, len(members)))) % len(members)]
        dates = day[row] + 3 + s.streams["volunteer day"].below(30, slots[row] * 8 + np.arange(len(some)))
        dates -= np.maximum(dates % 7 - 4, 0)
        here = s.company.there(some, dates)
        for who, date in zip(some[here], dates[here], strict=True):
            one = Births(
                day=np.array([date]), who=np.array([who]), tool=tool[row : row + 1], job=job[row : row + 1],
                cause=np.array([3 if demand[row] else 4]), whom=np.array([-1]), sure=True,
            )  # fmt: skip
            s.planned.setdefault(int(date) // 7, []).append(one)


def _demand(s: State, day: Ints, unit: Ints, tool: Ints, job: Ints) -> None:
    for date in np.unique(day):  # two demands on one unit in one week are both remembered
        mine = day == date
        s.demanded_tool.set(unit[mine] * K + tool[mine], int(date))
        s.demanded_job.set(unit[mine] * J + job[mine], int(date))
    s.demands.append((unit, tool, job))
