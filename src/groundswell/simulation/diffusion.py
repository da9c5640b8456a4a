"""How tools travel: the day loop of the simulated company, vectorised over people.

One draw a person and day decides whether they start; it is compared first with an upper bound of their hazard, so that the hazard
itself is computed for a few only (thinning, Lewis & Shedler 1979, exact). Shares push exposure to contacts; ends are drawn at
the start by inversion.
"""

import numpy as np

from groundswell.simulation.birth import begin
from groundswell.simulation.catalogue import TOOLS
from groundswell.simulation.chance import Bools, Chance, Ints, UInts, expand
from groundswell.simulation.leading import announce, follow_up, happen
from groundswell.simulation.network import Network
from groundswell.simulation.people import Company
from groundswell.simulation.policy import Dials
from groundswell.simulation.programme import SHOCK_WEEKS, Schedule
from groundswell.simulation.state import CAUSES, MEMORY, WORKDAYS, Course, J, K, State, fashion

_TOP = float(2**64)


def run(company: Company, network: Network, plan: Schedule, weeks: int, dials: Dials, chance: Chance) -> Course:
    """Step every working day of the weeks and return what happened."""
    s = State(company, network, plan, weeks, dials, chance)
    for day in range(7 * s.weeks):
        if day % 7 > 4:
            continue
        s.steps += 1
        _organise(s, day)
        _end(s, day)
        _start(s, day)
        follow_up(s, day)
        _share(s, day)
        happen(s, day)
        announce(s, day)
    practices = s.practices.done()
    practices.pop("users")
    return Course(
        uses=s.uses.done(),
        practices=practices,
        shares=s.shares.done(),
        announcements=s.announcements.done(),
        draws=s.draws,
        steps=s.steps,
    )


def _organise(s: State, day: int) -> None:
    """Moves, successions, tools that appear, and pushes that begin or end (weekend dates are done on Monday)."""
    since = day - 2 if day % 7 == 0 else day
    company = s.company
    on = company.moves_on[s.moving]
    moved = s.moving[np.searchsorted(on, since) : np.searchsorted(on, day, side="right")]
    if len(moved):
        s.unit[moved] = company.unit_then[moved]
        s.regroup()
        s.stale = True
    for when, unit, person in company.successions:
        if since <= when <= day:
            s.leads[unit] = person
    for k, tool in enumerate(TOOLS):
        if not s.opened[k] and tool.week * 7 <= day:
            s.opened[k] = s.stale = True
    for when in range(since, day + 1):
        for units, tools, log in s.pushes.pop(when, ()):
            np.add.at(s.push, (units, tools), log)
            s.stale = True


def _bound(s: State, day: int) -> UInts:
    """Person -> an upper bound of today's hazard, scaled to 64 bits; kept until something changes it."""
    dials = s.dials
    if day % 7 == 0 and dials.hype_week is not None:
        s.stale = True
    shocked = dials.shock_log if _shocked(s, day) else 0.0
    s.stale |= shocked != s.shocked
    if s.stale:
        s.shocked = shocked
        s.log = np.where(s.opened[None, :], s.base + s.push, -np.inf) + _fashion(s, day)
        most = max(dials.informal_log, 0.0) + max(dials.formal_log, 0.0) + max(shocked, 0.0)
        rate = np.exp(s.log + most).sum(axis=1)
        bound = np.minimum(s.propensity * rate[s.unit], 1.0 - 2.0**-20)
        s.threshold = (bound * _TOP).astype(np.uint64)
        s.stale = False
    return s.threshold


def _shocked(s: State, day: int) -> bool:
    first = 7 * s.dials.shock_week
    return bool(s.dials.shock_log) and first <= day < first + 7 * SHOCK_WEEKS


def _fashion(s: State, day: int) -> float:
    return float(np.log1p(s.dials.hype_use * (fashion(s.dials, np.array([day // 7]))[0] - 1.0)))


def _start(s: State, day: int) -> None:
    """Whoever starts something today by themselves."""
    drawn = s.streams["start"].bits(s.who, day)
    s.draws += len(s.who)
    some = np.flatnonzero(drawn < _bound(s, day))
    some = some[s.company.there(some, day)]
    if not len(some):
        return
    seen = day - s.informal[some] <= MEMORY
    told = day - s.formal[some] <= MEMORY
    log = s.log[s.unit[some]] + s.dials.informal_log * seen + s.dials.formal_log * told
    if s.shocked:
        log[:, s.plan.shock_tool] += s.shocked * s.plan.hit[some]
    rate = np.where(s.using[some] > 0, 0.0, s.propensity[some, None] * np.exp(log))
    upto = np.cumsum(rate, axis=1)
    starts = drawn[some] < (np.minimum(upto[:, -1], 1.0 - 2.0**-20) * _TOP).astype(np.uint64)
    if not starts.any():
        return
    some, upto = some[starts], upto[starts]
    pick = s.streams["tool"].uniform(some, day) * upto[:, -1]
    tool = np.minimum((upto <= pick[:, None]).sum(axis=1), K - 1)
    job = _work(s, some, tool, day)
    cause = _cause(s, some, tool, seen[starts, tool], told[starts, tool], day)
    begin(s, day, some, tool, job, cause, sure=False)


def _work(s: State, who: Ints, tool: Ints, day: int) -> Ints:
    """Which job each tries the tool on; what is demanded is tried more often than not."""
    unit = s.unit[who]
    pick = s.streams["job"].uniform(who * K + tool, day)
    job = (s.works[s.company.department[unit], tool] <= pick[:, None]).sum(axis=1)
    asked = (s.demanded_until[unit, tool] > day) & (s.streams["obey"].uniform(who, day) < 0.5)
    return np.where(asked, s.demand_work[unit, tool], np.minimum(job, J - 1))


def _cause(s: State, who: Ints, tool: Ints, seen: Bools, told: Bools, day: int) -> Ints:
    """Which term of the hazard it was: each multiplier above 1 takes its share of the start."""
    unit, dials = s.unit[who], s.dials
    pushed = s.demanded_until[unit, tool] > day
    given = (day - s.provisioned[unit, tool] < 7 * dials.push_weeks) & ~pushed
    gains = np.stack(
        [
            np.ones(len(who)),
            np.expm1(max(dials.informal_log, 0.0)) * seen,
            np.expm1(max(dials.formal_log, 0.0)) * told,
            np.expm1(max(dials.mandate_start_log, 0.0)) * pushed,
            np.expm1(max(dials.programme_start_log, 0.0)) * given,
        ]
    )
    upto = np.cumsum(gains, axis=0)
    pick = s.streams["cause"].uniform(who, day) * upto[-1]
    code: Ints = np.array([0, 1, 2, 3, 5])[np.minimum((upto <= pick).sum(axis=0), 4)]
    return code


def _end(s: State, day: int) -> None:
    """Uses and practices that end today; users of what is replaced go on with something else."""
    books, uses = s.practices, s.uses
    if not len(books):
        return
    done = (books["end"] <= day) & (books["users"] > 0)
    mine = uses["practice"][s.active]
    closed = s.active[done[mine]]
    uses["end"][closed] = np.minimum(uses["end"][closed], day)
    gone = s.active[uses["end"][s.active] <= day]
    if not len(gone):
        return
    s.active = s.active[uses["end"][s.active] > day]
    np.subtract.at(s.using, (uses["person"][gone], uses["tool"][gone]), 1)
    np.subtract.at(books["users"], uses["practice"][gone], 1)
    left = np.unique(uses["practice"][gone])
    left = left[(books["users"][left] == 0) & (books["end"][left] > day)]
    books["end"][left] = day
    books["fate"][left] = 1
    _replace(s, day, closed[books["fate"][uses["practice"][closed]] == 2])


def _replace(s: State, day: int, rows: Ints) -> None:
    rows = rows[(s.uses["performed"][rows] == 0) & s.company.there(s.uses["person"][rows], day)]
    if not len(rows):
        return
    unit, old = s.uses["unit"][rows], s.uses["tool"][rows]
    able = s.opened[None, :] & s.suits[unit]
    able[np.arange(len(rows)), old] = False
    # Everybody in a unit goes on with the same other tool.
    turn = s.streams["instead"].below(K, s.uses["practice"][rows])
    tools = (turn[:, None] + np.arange(K)) % K
    tool = tools[np.arange(len(rows)), np.argmax(np.take_along_axis(able, tools, axis=1), axis=1)]
    same = s.unit[s.uses["person"][rows]] == unit
    cause = np.full(int(same.sum()), 6)
    begin(s, day, s.uses["person"][rows][same], tool[same], s.uses["job"][rows][same], cause, sure=False)


def _share(s: State, day: int) -> None:
    """Some users show others; whoever reads it has seen an example."""
    rows = s.active
    s.draws += len(rows)
    if not len(rows):
        return
    uses = s.uses
    person, unit = uses["person"][rows], uses["unit"][rows]
    lead = s.leads[unit] == person
    rate = s.dials.share_rate / WORKDAYS * np.where(lead, 0.3 + 1.4 * s.plan.tells[unit], 1.0)
    rate *= (uses["performed"][rows] == 0) & (uses["silent"][rows] == 0)
    rate *= s.practices["entry"][uses["practice"][rows]] <= day
    shares = s.streams["share"].uniform(rows, day) < rate
    if not shares.any():
        return
    rows, person, unit, lead = rows[shares], person[shares], unit[shares], lead[shares]
    tool = uses["tool"][rows]
    outside = s.streams["outside"].uniform(rows, day) < s.dials.share_outside
    community = s.network.row_of(person, s.streams["community"].uniform(rows, day))
    s.shares.append(use=rows, day=day, community=np.where(outside, community, -1))
    _tell_contacts(s, day, person[outside], tool[outside], community[outside])
    _tell_line(s, day, person[~outside], tool[~outside], unit[~outside], lead[~outside])
    _join(s, day, rows[~outside])


def _join(s: State, day: int, rows: Ints) -> None:
    """Some colleagues in the team take up what they were shown."""
    rows = rows[s.streams["joins"].uniform(rows, day) < s.dials.join_share]
    if not len(rows):
        return
    unit, tool, job, person = (s.uses[name][rows] for name in ("unit", "tool", "job", "person"))
    mate = s.members[s.edges[unit] + s.streams["mate"].below(s.edges[unit + 1] - s.edges[unit], rows, day)]
    able = (mate != person) & s.company.there(mate, day) & (s.using[mate, tool] == 0)
    if able.any():
        cause = np.full(int(able.sum()), CAUSES.index("team"))
        begin(s, day, mate[able], tool[able], job[able], cause, sure=False, after=person[able])


def _tell_contacts(s: State, day: int, person: Ints, tool: Ints, community: Ints) -> None:
    edges = s.network.edges
    owner, nth = expand(edges[person + 1] - edges[person])
    at = edges[person][owner] + nth
    at, owner = _both(at, owner, s.network.tied_in[at] == community[owner])
    contact = s.network.contacts[at]
    s.informal[contact, tool[owner]] = day
    s.informal_from[contact, tool[owner]] = person[owner]


def _tell_line(s: State, day: int, person: Ints, tool: Ints, unit: Ints, lead: Bools) -> None:
    """A member's share reaches the lead, a lead's share the members."""
    up = ~lead
    boss = s.leads[unit[up]]
    s.formal[boss, tool[up]] = day
    s.formal_from[boss, tool[up]] = person[up]
    for who, kind, where in zip(person[lead], tool[lead], unit[lead], strict=True):  # leads who share today: a handful
        members = s.team(int(where))
        members = members[members != who]
        s.formal[members, kind] = day
        s.formal_from[members, kind] = who


def _both(one: Ints, other: Ints, keep: Bools) -> tuple[Ints, Ints]:
    return one[keep], other[keep]
