"""How a use begins in a simulated company, and a practice with it."""

from collections.abc import Sequence

import numpy as np

from groundswell.simulation.chance import Bools, Floats, Ints
from groundswell.simulation.exposure import K
from groundswell.simulation.people import NEVER
from groundswell.simulation.state import LOOK_BACK, WORKDAYS, Births, J, State

_REPLACED = 6


def begin(s: State, born: Sequence[Births]) -> None:
    """Write down the uses that begin this week, and the practices born with them.

    A use is void where its practice is over or not to be born yet; two starts of one tool by one person in a week are the first.
    """
    b, sure = _possible(s, born)
    if not len(b.day):
        return
    unit = s.unit[b.who]
    code = (unit * J + b.job) * K + b.tool
    at = b.who * K + b.tool
    until = s.pushed_until[unit * K + b.tool]
    pushed = until > b.day
    performed = pushed & ~sure
    if performed.any():
        lot = s.streams["perform"].uniform(at * 8192 + b.day)
        performed &= (lot < s.dials.perform_share) & (b.cause != _REPLACED)
    keeper = _born(s, b, unit, code, performed, sure)
    number = s.practice[code].astype(np.int64)
    first = len(s.uses)
    drops, shows = s.streams["use"].parts(np.arange(first, first + len(at)), 2)
    s.draws += len(at)
    end = _ends(s, b, number, keeper, performed, pushed, until, sure, drops)
    silent = s.silent[b.who] & ~sure
    # What is new is shown from the next Monday on.
    showing = WORKDAYS * (s.week + 1) + gap(s, shows, b.who)
    seen, told = s.informal.told(at, b.day), s.formal.told(at, b.day)
    whom = np.where(b.cause == 1, seen[1], np.where(b.cause == 2, told[1], b.whom))
    s.uses.append(
        len(at), person=b.who, tool=b.tool, job=b.job, unit=unit, practice=number, start=b.day, end=end, cause=b.cause, whom=whom,
        performed=performed, pushed=pushed, silent=silent, sure=sure, keeper=keeper, informal=seen[0], formal=told[0],
        closing=end, showing=np.where(performed | silent, NEVER, showing),
    )  # fmt: skip
    s.using[at] += 1
    np.add.at(s.practices["users"], number, 1)


def gap(s: State, lot: Floats, who: Ints) -> Ints:
    """Working days until each use is shown (again), from a uniform draw; leads show at the pace they tell."""
    days: Ints = np.minimum(-np.log1p(-lot) * s.wait[who], NEVER).astype(np.int64)
    return days


def _possible(s: State, born: Sequence[Births]) -> tuple[Births, Bools]:
    """What can begin, by day, the first of each person and tool; and which of it is sure."""
    every = born[0]
    if len(born) > 1:
        day, who, tool, job, cause, whom = (np.concatenate(column) for column in zip(*(b.columns() for b in born), strict=True))
        every = Births(day, who, tool, job, cause, whom)
    sure = np.repeat(np.array([b.sure for b in born]), [len(b.day) for b in born])
    code = (s.unit[every.who] * J + every.job) * K + every.tool
    number = s.practice[code]
    able = (number < 0) | (s.practices.spare("end")[number] > every.day)
    able &= sure | (s.blocked[code] <= every.day)
    order = np.argsort((every.day - s.monday).astype(np.int8), kind="stable")
    rows = order[able[order]]
    at = every.who[rows] * K + every.tool[rows]
    s.scratch[at[::-1]] = rows[::-1]  # written last, and so kept, is the first
    rows = rows[s.scratch[at] == rows]
    day, who, tool, job, cause, whom = (column[rows] for column in every.columns())
    return Births(day, who, tool, job, cause, whom), sure[rows]


def _born(s: State, b: Births, unit: Ints, code: Ints, performed: Bools, sure: Bools) -> Bools:
    """Practices that begin, with their origin as known on their day and their end drawn from its hazard; who keeps them."""
    key = (code * 2 + performed) * 8 + (b.day - s.monday)  # who does it leads who performs it
    order = np.argsort(key)
    sorted_ = code[order]
    first = np.ones(len(code), dtype=np.bool_)
    np.not_equal(sorted_[1:], sorted_[:-1], out=first[1:])
    heads = np.flatnonzero(first)
    at = order[heads]
    keeper = np.zeros(len(code), dtype=np.bool_)
    fresh = s.practice[code[at]] < 0
    old = at[~fresh]
    _revive(s, old[~performed[old]], b, code)
    day, at = np.minimum.reduceat(b.day[order], heads)[fresh], at[fresh]
    if not len(at):
        return keeper
    keeper[at] = True
    who, tool, job, unit, code, performed, sure = b.who[at], b.tool[at], b.job[at], unit[at], code[at], performed[at], sure[at]
    demanded = s.demanded_tool.within(unit * K + tool, day) | s.demanded_job.within(unit * J + job, day)
    generic = day - s.generic[np.searchsorted(s.plan.generic, day)] <= LOOK_BACK
    provisioned = s.provisioned.within(unit * K + tool, day)
    origin = np.where(demanded, 1, np.where(provisioned, 2, np.where(generic, 3, 0)))
    live, fate, hide = s.streams["life"].parts(code)
    hidden = np.floor(-np.log1p(-hide) * s.dials.hidden_weeks * 7)
    until = s.pushed_until[unit * K + tool]
    s.practice[code] = s.practices.append(
        len(at), unit=unit, job=job, tool=tool, born=day, origin=origin, founder=who, performed=performed, generic=generic,
        users=0, end=np.where(performed, until, _life(s, day, live, demanded, job, unit, sure)),
        fate=np.where(performed, 1, _fate(s, fate)),
        entry=day + np.where((origin == 0) & ~sure, hidden, 0).astype(np.int64),
    )  # fmt: skip
    return keeper


def _life(s: State, day: Ints, live: Floats, demanded: Bools, job: Ints, unit: Ints, sure: Bools) -> Ints:
    """The day a practice ends, from a uniform draw."""
    log = s.dials.mandate_end_log * demanded + s.job_end[job] + s.frailty[unit]
    days = 1 + np.floor(-np.log1p(-live) * 7 / max(s.dials.end_rate, 1e-9) * np.exp(-log))
    end: Ints = day + np.minimum(np.maximum(days, 7 * s.dials.sure_weeks * sure), NEVER - day).astype(np.int64)
    return end


def _fate(s: State, lot: Floats) -> Ints:
    replaced = s.dials.replaced_share
    return np.where(lot < replaced, 2, np.where(lot < replaced + s.dials.absorbed_share, 3, 1))


def _revive(s: State, at: Ints, b: Births, code: Ints) -> None:
    """A practice that was only performed so far becomes real with its first user in earnest."""
    number = s.practice[code[at]].astype(np.int64)
    books, uses = s.practices, s.uses
    if not len(at):
        return
    only = books["performed"][number] == 1
    at, number = at[only], number[only]
    if not len(at):
        return
    unit, job = books["unit"][number], books["job"][number]
    books["performed"][number] = 0
    books["founder"][number] = b.who[at]
    live, fate = s.streams["life"].parts(code[at], 2)
    books["fate"][number] = _fate(s, fate)
    sure = np.zeros(len(at), dtype=np.bool_)
    books["end"][number] = _life(s, b.day[at], live, books["origin"][number] == 1, job, unit, sure)
    mine = np.flatnonzero(np.isin(uses["practice"], number) & (uses["closing"] < NEVER))
    uses["end"][mine] = uses["closing"][mine] = np.minimum(uses["end"][mine], books["end"][uses["practice"][mine]])


def _ends(
    s: State, b: Births, number: Ints, keeper: Bools, performed: Bools, pushed: Bools, until: Ints, sure: Bools, lot: Floats
) -> Ints:
    """The day each use ends: by itself, with its practice, or because its user moves or leaves."""
    wait = 7 / max(s.dials.drop_rate, 1e-9) * np.exp(-s.dials.mandate_drop_log * pushed)
    days = np.maximum(1 + np.floor(-np.log1p(-lot) * wait), 7 * s.dials.sure_weeks * sure)
    end = b.day + np.where(keeper, NEVER, np.minimum(days, NEVER)).astype(np.int64)
    end = np.where(performed, np.minimum(until, end), end)
    moves = s.company.moves_on[b.who]
    end = np.minimum(np.minimum(end, s.company.left_on[b.who]), np.where(moves > b.day, moves, NEVER))
    return np.minimum(end, s.practices["end"][number])
