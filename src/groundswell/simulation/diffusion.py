"""How tools travel: a loop over the weeks of the simulated company, each decided at once for everybody and every day of it.

Spontaneous starts are a Poisson process in working days, thinned (Lewis & Shedler 1979, exact): one draw a person and week
against an upper bound of their hazard says who may start at all, and the hazard itself, of the very day, is computed for
those few. Shares are events with gaps of their own, and push exposure to contacts; ends are drawn at the start, by inversion.
So a week's work is one pass over the people and otherwise goes with what happens. What lets a week be decided at once: a use
is shown from the Monday after its start, a demand or programme is followed up from the Monday after it, and people change
team on Mondays.
"""

import numpy as np

from groundswell.simulation.birth import begin, gap
from groundswell.simulation.catalogue import TOOLS
from groundswell.simulation.chance import Bools, Chance, Floats, Ints
from groundswell.simulation.exposure import K
from groundswell.simulation.leading import announce, happen
from groundswell.simulation.network import Network
from groundswell.simulation.people import NEVER, Company
from groundswell.simulation.policy import Dials
from groundswell.simulation.programme import SHOCK_WEEKS, Schedule
from groundswell.simulation.state import CAUSES, WORKDAYS, Births, Course, State, fashion

_TOP = float(2**64)
_POINTS = 16  # of one person's bounding process in one week, at most
_OF_GAIN = np.array([0, 1, 2, 3, 5])  # cause of each multiplier of the hazard


def run(company: Company, network: Network, plan: Schedule, weeks: int, dials: Dials, chance: Chance) -> Course:
    """Step through the weeks and return what happened."""
    s = State(company, network, plan, weeks, dials, chance)
    for week in range(weeks):
        s.week, s.monday = week, 7 * week
        s.steps += 1
        _organise(s)
        happen(s)
        announce(s)
        gone = _gone(s)
        births = [*s.planned.pop(week, []), *_share(s), *_start(s), *_replace(s, gone)]
        if births:
            begin(s, births)
        _close(s, gone)
        s.informal.settle()
        s.formal.settle()
    return Course(
        uses=s.uses.done("closing", "showing"),
        practices=s.practices.done("users"),
        shares=s.shares.done(),
        announcements=s.announcements.done(),
        draws=s.draws,
        steps=s.steps,
    )


def _organise(s: State) -> None:
    """What is so from this Monday on: moves, successions, tools that appear, what was demanded or provided last week."""
    moved, heirs = s.moves.pop(s.week, None), s.heirs.pop(s.week, None)
    if moved is not None:
        s.unit[moved] = s.company.unit_then[moved]
        s.regroup()
    if heirs is not None:
        s.leads[heirs[:, 1]] = heirs[:, 2]
        _show_as_lead(s, heirs[:, 1], heirs[:, 2])
    until, change = s.monday + 7 * s.dials.push_weeks, bool(s.demands or s.programmes or moved is not None)
    for unit, tool, job in s.demands:
        s.pushed_until[unit * K + tool] = until
        s.pushed_work[unit * K + tool] = job
    for unit, tool in s.programmes:
        s.provided_until[unit * K + tool] = until
    if s.demands or s.programmes:
        s.turns.add(s.week + s.dials.push_weeks)
    s.demands.clear()
    s.programmes.clear()
    shock = s.dials.shock_log * (s.dials.shock_week <= s.week < s.dials.shock_week + SHOCK_WEEKS)
    if change or s.week in s.turns or shock != s.shocked or s.dials.hype_week is not None:
        s.shocked = shock
        _hazards(s)


def _show_as_lead(s: State, units: Ints, heirs: Ints) -> None:
    """A new lead shows at a lead's pace; the gap has no memory and is drawn anew."""
    s.wait[heirs] = s.lead_wait[units]
    rows = np.flatnonzero(np.isin(s.uses["person"], heirs) & (s.uses["showing"] < NEVER))
    (lot,) = s.streams["heir"].parts(rows * 1024 + s.week, 1)
    s.uses["showing"][rows] = WORKDAYS * s.week + gap(s, lot, s.uses["person"][rows])


def _hazards(s: State) -> None:
    """Unit and tool -> hazard a working day of somebody of propensity 1, nothing seen; person -> upper bound of theirs."""
    dials = s.dials
    s.opened = np.array([tool.week <= s.week for tool in TOOLS])
    log = np.where(s.opened[None, :], s.base, -np.inf)
    log += dials.mandate_start_log * (s.pushed_until > s.monday).reshape(log.shape)
    log += dials.programme_start_log * (s.provided_until > s.monday).reshape(log.shape)
    s.rate = np.exp(log) * (1.0 + dials.hype_use * (fashion(dials, np.array([s.week]))[0] - 1.0))
    most = max(dials.informal_log, 0.0) + max(dials.formal_log, 0.0) + max(s.shocked, 0.0)
    s.bound = s.propensity * (np.exp(most) * s.rate.sum(axis=1))[s.unit]
    s.threshold = (-np.expm1(-WORKDAYS * s.bound) * (_TOP * (1 - 2.0**-53))).astype(np.uint64)


def _start(s: State) -> list[Births]:
    """Whoever starts something this week by themselves."""
    some = s.crowd.under(s.streams["start"], s.week, s.threshold)
    s.draws += len(s.who)
    if not len(some):
        return []
    some, day, key, lot = _moments(s, some)
    here = np.flatnonzero(s.company.there(some, day))
    some, day = some[here], day[here]
    rates, seen, told = _rates(s, some, day)
    pick, upto = lot[here] * s.bound[some], rates.T.copy()
    for k in range(1, K):
        upto[k] += upto[k - 1]
    starts = np.flatnonzero(pick < upto[-1])
    if not len(starts):
        return []
    some, day = some[starts], day[starts]
    tool = (upto[:-1, starts] <= pick[starts]).sum(axis=0)
    which, obeys, why = s.streams["work"].parts(key[here[starts]])
    unit = s.unit[some]
    at = unit * K + tool
    pushed = s.pushed_until[at] > s.monday
    job = s.work(s.company.department[unit], tool, which)
    job = np.where(pushed & (obeys < 0.5), s.pushed_work[at], job)  # what is demanded is tried more often than not
    cause = _cause(s, seen[starts, tool], told[starts, tool], pushed, (s.provided_until[at] > s.monday) & ~pushed, why)
    return [Births(day=day, who=some, tool=tool, job=job, cause=cause, whom=np.full(len(some), -1))]


def _moments(s: State, some: Ints) -> tuple[Ints, Ints, Ints, Floats]:
    """The points of each person's bounding process within the week: person, day, key of further draws, lot of the thinning."""
    left = s.streams["start"].uniform(some, s.week)  # what `under` compared: the first point is at -log(1 - u) / bound
    at = -np.log1p(-left) / s.bound[some]
    key = (some * 1024 + s.week) * _POINTS
    points = []
    for _ in range(_POINTS):
        lot, further = s.streams["point"].parts(key, 2)
        s.draws += len(some)
        points.append((some, at, key, lot))
        following = at - np.log1p(-further) / s.bound[some]
        again = np.flatnonzero(following < WORKDAYS)
        if not len(again):
            break
        some, at, key = some[again], following[again], key[again] + 1
    some, at, key, lot = (np.concatenate(column) for column in zip(*points, strict=True))
    return some, s.monday + np.minimum(at.astype(np.int64), WORKDAYS - 1), key, lot


def _rates(s: State, some: Ints, day: Ints) -> tuple[Floats, Bools, Bools]:
    """Person and tool -> hazard on that day, and whether an example was seen through informal and formal ties."""
    dials = s.dials
    seen, told = s.informal.seen(some, day), s.formal.seen(some, day)
    rates = s.rate.take(s.unit[some], axis=0)
    rates *= s.propensity[some, None]
    for log, so in ((dials.informal_log, seen), (dials.formal_log, told)):
        if log:
            rates *= so * np.expm1(log) + 1.0
    if s.shocked:
        rates[:, s.plan.shock_tool] *= np.exp(s.shocked * s.plan.hit[some])
    rates *= s.using.reshape(-1, K).take(some, axis=0) == 0
    return rates, seen, told


def _cause(s: State, seen: Bools, told: Bools, pushed: Bools, given: Bools, why: Floats) -> Ints:
    """Which term of the hazard it was: each multiplier above 1 takes its share of the start."""
    dials = s.dials
    logs = (dials.informal_log, dials.formal_log, dials.mandate_start_log, dials.programme_start_log)
    upto = np.ones((5, len(seen)))
    for n, (log, so) in enumerate(zip(logs, (seen, told, pushed, given), strict=True), 1):
        upto[n] = upto[n - 1] + so * np.expm1(log) if log > 0 else upto[n - 1]
    cause: Ints = _OF_GAIN[np.minimum((upto <= why * upto[-1]).sum(axis=0), 4)]
    return cause


def _gone(s: State) -> Ints:
    """Uses that end by Friday, begun before this week; a weekend's are known on Monday."""
    closing = s.uses["closing"]
    rows = np.flatnonzero(closing <= s.monday + 4)
    closing[rows] = NEVER
    return rows


def _close(s: State, rows: Ints) -> None:
    """Nobody uses any longer what they gave up; a practice without users is over with its last one."""
    if not len(rows):
        return
    books, uses = s.practices, s.uses
    uses["showing"][rows] = NEVER
    practice, end = uses["practice"][rows], uses["end"][rows]
    np.subtract.at(s.using, uses["person"][rows] * K + uses["tool"][rows], 1)
    np.subtract.at(books["users"], practice, 1)
    last = (books["users"][practice] == 0) & (books["end"][practice] > end)
    if not last.any():
        return
    practice, end = practice[last], end[last]
    order = np.argsort(end, kind="stable")  # the latest is written last
    books["end"][practice[order]] = end[order]
    books["fate"][practice] = 1


def _replace(s: State, gone: Ints) -> list[Births]:
    """Users of what is replaced go on with something else, everybody in a unit with the same."""
    books, uses = s.practices, s.uses
    practice = uses["practice"][gone]
    mine = (books["fate"][practice] == 2) & (books["end"][practice] == uses["end"][gone]) & (uses["performed"][gone] == 0)
    rows = gone[mine]
    if not len(rows):
        return []
    day = np.maximum(uses["end"][rows], s.monday)
    person, unit, old = uses["person"][rows], uses["unit"][rows], uses["tool"][rows]
    here = s.company.there(person, day) & (s.unit[person] == unit)
    rows, day, person, unit, old = rows[here], day[here], person[here], unit[here], old[here]
    if not len(rows):
        return []
    able = s.opened[None, :] & s.suits[unit]
    able[np.arange(len(rows)), old] = False
    turn = s.streams["instead"].below(K, uses["practice"][rows])
    tools = (turn[:, None] + np.arange(K)) % K
    tool = tools[np.arange(len(rows)), np.argmax(np.take_along_axis(able, tools, axis=1), axis=1)]
    cause = np.full(len(rows), CAUSES.index("replaced"))
    return [Births(day=day, who=person, tool=tool, job=uses["job"][rows], cause=cause, whom=np.full(len(rows), -1))]


def _share(s: State) -> list[Births]:
    """Uses that are shown to others this week: whoever reads it has seen an example, some of the own team take it up."""
    rows, day, where, pick = _shown(s)
    if not len(rows):
        return []
    uses = s.uses
    person, tool = uses["person"][rows], uses["tool"][rows]
    outside = where < s.dials.share_outside
    row = s.network.membership(person, pick)
    s.shares.append(len(rows), use=rows, day=day, community=np.where(outside, s.network.community[row], -1))
    out = np.flatnonzero(outside)
    _tell_contacts(s, day[out], person[out], tool[out], row[out])
    own = np.flatnonzero(~outside)
    if not len(own):
        return []
    rows, day = rows[own], day[own]
    _tell_line(s, day, person[own], tool[own], uses["unit"][rows])
    return _join(s, rows, day)


def _shown(s: State) -> tuple[Ints, Ints, Floats, Floats]:
    """(use, day, and two lots) of every share of this week, by day; the next one of each use is drawn."""
    uses, after = s.uses, WORKDAYS * (s.week + 1)
    showing = uses["showing"]
    due = np.flatnonzero(showing < after)
    moment, shares = showing[due], []
    while len(due):
        further, where, pick = s.streams["share"].parts(due * 8192 + moment)
        shares.append((due, moment, where, pick))
        moment = moment + 1 + gap(s, further, uses["person"][due])
        showing[due] = moment
        more = np.flatnonzero(moment < after)
        due, moment = due[more], moment[more]
    if not shares:
        return due, moment, np.zeros(0), np.zeros(0)
    use, moment, where, pick = (np.concatenate(column) for column in zip(*shares, strict=True))
    day = moment + 2 * s.week  # 5 working days a week
    shown = (uses["end"][use] > day) & (s.practices["entry"][uses["practice"][use]] <= day)
    order = np.argsort((day - s.monday).astype(np.int8), kind="stable")
    order = order[shown[order]]
    return use[order], day[order], where[order], pick[order]


def _tell_contacts(s: State, day: Ints, person: Ints, tool: Ints, row: Ints) -> None:
    """Contacts in the community in which something is shown."""
    first, last = s.network.reach[row].T
    count = last - first
    owner = np.repeat(np.arange(len(row)), count)
    at = np.arange(len(owner)) + (first - (np.cumsum(count) - count))[owner]
    s.informal.see(s.contacts_at[at] + tool[owner], s.informal.mark(day, person)[owner])


def _tell_line(s: State, day: Ints, person: Ints, tool: Ints, unit: Ints) -> None:
    """A member's share reaches the lead, a lead's share the members."""
    lead = s.leads[unit] == person
    count = np.where(lead, s.edges[unit + 1] - s.edges[unit], 1)
    owner = np.repeat(np.arange(len(unit)), count)
    nth = np.arange(len(owner)) - (np.cumsum(count) - count)[owner]
    whose = unit[owner]
    who = np.where(lead[owner], s.members.take(s.edges[whose] + nth, mode="clip"), s.leads[whose])
    other = np.flatnonzero(who != person[owner])
    owner = owner[other]
    s.formal.see(who[other] * K + tool[owner], s.formal.mark(day, person)[owner])


def _join(s: State, rows: Ints, day: Ints) -> list[Births]:
    """Some colleagues in the team take up what they were shown."""
    lot, turn = s.streams["mate"].parts(rows * 8192 + day, 2)
    s.draws += len(rows)
    some = np.flatnonzero(lot < s.dials.join_share)
    if not len(some):
        return []
    rows, day, turn = rows[some], day[some], turn[some]
    unit, tool, job, person = (s.uses[name][rows] for name in ("unit", "tool", "job", "person"))
    mate = s.members[s.edges[unit] + (turn * (s.edges[unit + 1] - s.edges[unit])).astype(np.int64)]
    able = np.flatnonzero((mate != person) & s.company.there(mate, day) & (s.using[mate * K + tool] == 0))
    cause = np.full(len(able), CAUSES.index("team"))
    return [Births(day=day[able], who=mate[able], tool=tool[able], job=job[able], cause=cause, whom=person[able])]
