"""How a use begins in a simulated company, and a practice with it."""

import numpy as np

from groundswell.simulation.chance import Bools, Ints
from groundswell.simulation.people import NEVER
from groundswell.simulation.state import LOOK_BACK, MEMORY, J, K, State


def begin(s: State, day: int, who: Ints, tool: Ints, job: Ints, cause: Ints, *, sure: bool, after: Ints | None = None) -> None:
    """Write down new uses, and the practices born with them; void where the practice is over or not to be born yet."""
    unit = s.unit[who]
    code = (unit * J + job) * K + tool
    number = s.practice[code]
    over = (number >= 0) & (s.practices["end"][np.maximum(number, 0)] <= day) if len(s.practices) else number >= 0
    keep = ~over & (sure | (s.blocked[code] <= day))
    # Two starts of one tool by one person on one day are one.
    first = np.zeros(len(who), dtype=np.bool_)
    first[np.unique(who * K + tool, return_index=True)[1]] = True
    keep &= first
    if not keep.any():
        return
    after = np.full(len(who), -1) if after is None else after
    who, tool, job, unit, code, cause, after = (x[keep] for x in (who, tool, job, unit, code, cause, after))
    pushed = s.demanded_until[unit, tool] > day
    lot = s.streams["perform"].uniform(who * K + tool, day)
    performed = pushed & (lot < s.dials.perform_share) & (cause != 6) & ~np.full(len(who), sure)
    _born(s, day, who, tool, job, unit, code, performed, sure=sure)
    number = s.practice[code].astype(np.int64)
    keeper = (s.practices["founder"][number] == who) & (s.practices["born"][number] == day)
    seen, told = day - s.informal[who, tool], day - s.formal[who, tool]
    whom = np.where(cause == 1, s.informal_from[who, tool], np.where(cause == 2, s.formal_from[who, tool], after))
    rows = s.uses.append(
        person=who, tool=tool, job=job, unit=unit, practice=number, start=day,
        end=_ends(s, day, who, tool, unit, number, keeper, performed, pushed, sure=sure), cause=cause, whom=whom,
        performed=performed, pushed=pushed, silent=s.silent[who] & ~np.full(len(who), sure), sure=sure, keeper=keeper,
        informal=np.where(seen <= MEMORY, seen, -1), formal=np.where(told <= MEMORY, told, -1),
    )  # fmt: skip
    np.add.at(s.using, (who, tool), 1)
    np.add.at(s.practices["users"], number, 1)
    s.active = np.concatenate([s.active, rows])


def _born(s: State, day: int, who: Ints, tool: Ints, job: Ints, unit: Ints, code: Ints, performed: Bools, *, sure: bool) -> None:
    """Practices that begin today, with their origin as known today and their end drawn from its hazard."""
    order = np.lexsort((performed, code))  # who does it leads who performs it
    fresh = np.ones(len(code), dtype=np.bool_)
    fresh[1:] = code[order][1:] != code[order][:-1]
    at = order[fresh & (s.practice[code[order]] < 0)]
    real = order[fresh & (s.practice[code[order]] >= 0)]
    _revive(s, day, real[~performed[real]], code, who)
    if not len(at):
        return
    who, tool, job, unit, code, performed = who[at], tool[at], job[at], unit[at], code[at], performed[at]
    demanded = (day - s.demanded_tool[unit, tool] <= LOOK_BACK) | (day - s.demanded_job[unit, job] <= LOOK_BACK)
    generic = np.full(len(at), day - s.generic <= LOOK_BACK)
    provisioned = day - s.provisioned[unit, tool] <= LOOK_BACK
    origin = np.select([demanded, provisioned, generic], [1, 2, 3], 0)
    end = _life(s, day, code, demanded, job, unit, sure=sure)
    hidden = s.streams["hidden"].exponential(code) * s.dials.hidden_weeks * 7
    rows = s.practices.append(
        unit=unit, job=job, tool=tool, born=day, origin=origin, founder=who, performed=performed, generic=generic, users=0,
        end=np.where(performed, s.demanded_until[unit, tool], end),
        fate=np.where(performed, 1, _fate(s, code)),
        entry=day + np.where((origin == 0) & (not sure), np.floor(hidden), 0).astype(np.int64),
    )  # fmt: skip
    s.practice[code] = rows


def _life(s: State, day: int, code: Ints, demanded: Bools, job: Ints, unit: Ints, *, sure: bool) -> Ints:
    log = s.dials.mandate_end_log * demanded + s.job_end[job] + s.frailty[unit]
    days = s.streams["life"].exponential(code) * 7 / max(s.dials.end_rate, 1e-9) * np.exp(-log)
    least = 7 * s.dials.sure_weeks if sure else 0
    end: Ints = day + np.minimum(np.maximum(1 + np.floor(days), least), NEVER - day).astype(np.int64)
    return end


def _fate(s: State, code: Ints) -> Ints:
    lot = s.streams["fate"].uniform(code)
    replaced = s.dials.replaced_share
    return np.where(lot < replaced, 2, np.where(lot < replaced + s.dials.absorbed_share, 3, 1))


def _revive(s: State, day: int, at: Ints, code: Ints, who: Ints) -> None:
    """A practice that was only performed so far becomes real with its first user in earnest."""
    number = s.practice[code[at]].astype(np.int64)
    books = s.practices
    only = books["performed"][number] == 1
    at, number = at[only], number[only]
    if not len(at):
        return
    unit, job = books["unit"][number], books["job"][number]
    books["performed"][number] = 0
    books["founder"][number] = who[at]
    books["fate"][number] = _fate(s, code[at])
    books["end"][number] = _life(s, day, code[at], books["origin"][number] == 1, job, unit, sure=False)


def _ends(
    s: State, day: int, who: Ints, tool: Ints, unit: Ints, number: Ints, keeper: Bools, performed: Bools, pushed: Bools,
    *, sure: bool,
) -> Ints:  # fmt: skip
    """The day each use ends by itself; the end of its practice may come first."""
    key = np.arange(len(s.uses), len(s.uses) + len(who))
    rate = max(s.dials.drop_rate, 1e-9) * np.exp(s.dials.mandate_drop_log * pushed)
    days = np.maximum(1 + np.floor(s.streams["drop"].exponential(key) * 7 / rate), 7 * s.dials.sure_weeks * sure)
    end = np.where(keeper, NEVER, day + np.minimum(days, NEVER - day).astype(np.int64))
    end = np.where(performed, np.minimum(s.demanded_until[unit, tool], end), end)
    moves = s.company.moves_on[who]
    return np.minimum(np.minimum(end, s.company.left_on[who]), np.where(moves > day, moves, NEVER))
