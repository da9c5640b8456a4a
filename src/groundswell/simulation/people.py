"""Who works in a simulated company: units, levels, leads, joiners, leavers and people who change team."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from groundswell.simulation.catalogue import DEPARTMENTS, LEADERSHIP, SITES, Department
from groundswell.simulation.chance import Bools, Chance, Ints
from groundswell.simulation.policy import Dials

NEVER = 1 << 30  # a day no world reaches
_LARGEST = 12  # people in a team
_SMALLEST = 6
_SPAN = 8  # teams under one director


@dataclass(frozen=True, kw_only=True)
class Company:
    """Everybody who is ever employed, by dense number from 0; days count from the world's first day.

    Attributes:
        units: names of the units, by dense number; unit 0 is the leadership.
        department: unit -> number in `departments`.
        departments: the departments that exist, the leadership last.
        unit_first, unit_then, moves_on: person -> unit until, and from, the day of a move, a Monday (NEVER if none).
        joined_on: person -> first day; 0 for those who were there before.
        left_on: person -> first day without them; NEVER if they stay.
        level: person -> 0 at the top, 1 heads, 2 directors, 3 team leads, 4 others; at the start.
        site: person -> number in SITES.
        lead_first: unit -> who leads it on day 0.
        successions: (day, unit, person) of every later change of lead, by day.
        over: unit -> person its lead reports to, on day 0.
        initial: how many people are there on day 0.
    """

    units: tuple[str, ...]
    department: Ints
    departments: tuple[Department, ...]
    unit_first: Ints
    unit_then: Ints
    moves_on: Ints
    joined_on: Ints
    left_on: Ints
    level: Ints
    site: Ints
    lead_first: Ints
    successions: tuple[tuple[int, int, int], ...]
    over: Ints
    initial: int

    def __len__(self) -> int:
        return len(self.site)

    def unit_on(self, who: Ints, day: Ints | int) -> Ints:
        """Unit of each person on a day (an array beside `who`, or one day for all)."""
        return np.where(np.asarray(day) >= self.moves_on[who], self.unit_then[who], self.unit_first[who])

    def there(self, who: Ints, day: Ints | int) -> Bools:
        """Whether each person is employed on a day."""
        here: Bools = (self.joined_on[who] <= day) & (self.left_on[who] > day)
        return here

    def leads_on(self, day: int) -> Ints:
        """Unit -> who leads it on that day."""
        leads = self.lead_first.copy()
        for when, unit, person in self.successions:
            if when <= day:
                leads[unit] = person
        return leads

    def lead_of(self, unit: Ints, day: Ints) -> Ints:
        """Who leads each unit on each day."""
        lead = self.lead_first[unit]
        if not self.successions:
            return lead
        when, whose, person = np.array(self.successions, dtype=np.int64).T
        order = np.lexsort((when, whose))
        key = (whose * NEVER + when)[order]
        at = np.searchsorted(key, unit * NEVER + day, side="right") - 1
        found = (at >= 0) & (whose[order][at] == unit)
        return np.where(found, person[order][at], lead)

    def managers_on(self, day: int) -> Ints:
        """Person -> whom they report to on that day; -1 at the top."""
        leads = self.leads_on(day)
        who = np.arange(len(self), dtype=np.int64)
        unit = self.unit_on(who, day)
        over = self._over_on(leads)
        manager = np.where(leads[unit] == who, over[unit], leads[unit])
        heads = np.flatnonzero(self.level == 1)
        manager[heads] = leads[0]
        manager[np.flatnonzero(self.level == 2)] = over[unit[self.level == 2]]
        manager[leads[0]] = -1
        return manager

    def _over_on(self, leads: Ints) -> Ints:
        """Unit -> whom its lead reports to; a director or head who left is followed by whoever leads their unit."""
        first = self.lead_first
        swapped = leads != first
        if not swapped.any():
            return self.over
        heir = np.arange(len(self), dtype=np.int64)
        heir[first[swapped]] = leads[swapped]
        return np.where(self.over >= 0, heir[self.over], self.over)

    def code_units(self) -> Bools:
        """Unit -> whether its people commit."""
        return np.array([self.departments[d].code for d in self.department], dtype=np.bool_)


def hire(*, people: int, weeks: int, dials: Dials, chance: Chance) -> Company:
    """Draw a company of `people` (at least 24) on day 0 and everybody who joins within `weeks`.

    Raises:
        ValueError: fewer than 24 people, of whom no organisation with levels can be made.
    """
    if people < 4 * _SMALLEST:
        raise ValueError(f"{people} people; a simulated company has at least {4 * _SMALLEST}")
    plan = _plan(people, dials.team_size)
    level = np.concatenate([np.array([0] + [1] * plan.heads + [2] * plan.directors), np.where(plan.place == 0, 3, 4)])
    unit = np.concatenate([np.zeros(1 + plan.heads, dtype=np.int64), plan.director_unit, plan.member_unit])
    lead = np.zeros(len(plan.names), dtype=np.int64)
    lead[plan.director_unit[::-1]] = 1 + plan.heads + np.arange(plan.directors)[::-1]  # the first of them leads their unit
    lead[plan.member_unit[plan.place == 0]] = 1 + plan.heads + plan.directors + np.flatnonzero(plan.place == 0)
    return _lives(plan, level, unit, lead, weeks, dials, chance)


@dataclass(frozen=True)
class _Plan:
    names: tuple[str, ...]
    department: Ints
    departments: tuple[Department, ...]
    heads: int
    directors: int
    over: Ints
    director_unit: Ints
    member_unit: Ints
    place: Ints


def _sizes(people: int) -> tuple[list[Department], list[int]]:
    """The departments that can fill a team, and their people, the leaders apart."""
    chosen = list(DEPARTMENTS)
    while True:
        left = people - 1 - len(chosen)
        shares = np.array([d.share for d in chosen])
        exact = shares / shares.sum() * left
        sizes = np.floor(exact).astype(int)
        sizes[np.argsort(sizes - exact, kind="stable")[: left - int(sizes.sum())]] += 1
        short = np.maximum(_SMALLEST - sizes, 0)
        if not short.any():
            return chosen, [int(n) for n in sizes]
        if int(short.sum()) <= 2 and sizes[0] - short.sum() >= _SMALLEST:  # the largest department lends a few people
            sizes += short
            sizes[0] -= short.sum()
            return chosen, [int(n) for n in sizes]
        chosen.pop()


def _plan(people: int, team_size: int) -> _Plan:
    departments, sizes = _sizes(people)
    teams = [_teams(n, team_size) for n in sizes]
    directors = [(-(-t // _SPAN)) if t > _SPAN else 0 for t in teams]
    # Directors come out of their department's people.
    members = [n - d for n, d in zip(sizes, directors, strict=True)]
    teams = [_teams(n, team_size) for n in members]
    names, department, over = ["Leadership"], [len(departments)], [-1]
    member_unit: list[int] = []
    director_unit: list[int] = []
    director = 1 + len(departments)
    for d, (kind, count, n) in enumerate(zip(departments, teams, members, strict=True)):
        for t in range(count):
            over.append(director + t * directors[d] // count if directors[d] else 1 + d)
            member_unit += [len(names)] * (n * (t + 1) // count - n * t // count)
            names.append(f"{kind.name} {t + 1}" if count > 1 else kind.name)
            department.append(d)
        director += directors[d]
        if directors[d]:
            director_unit += [len(names)] * directors[d]
            names.append(f"{kind.name} management")
            department.append(d)
            over.append(1 + d)
    unit = np.array(member_unit, dtype=np.int64)
    place = np.arange(len(unit), dtype=np.int64) - np.searchsorted(unit, unit)
    return _Plan(
        tuple(names),
        np.array(department, dtype=np.int64),
        (*departments, LEADERSHIP),
        len(departments),
        sum(directors),
        np.array(over, dtype=np.int64),
        np.array(director_unit, dtype=np.int64),
        unit,
        place,
    )


def _teams(people: int, size: int) -> int:
    return min(max(round(people / size), -(-people // _LARGEST), 1), max(people // _SMALLEST, 1))


def _lives(plan: _Plan, level: Ints, unit: Ints, lead: Ints, weeks: int, dials: Dials, chance: Chance) -> Company:
    """Who leaves, who replaces them, who changes team."""
    people, days = len(level), 7 * weeks
    who = np.arange(people, dtype=np.int64)
    yearly = chance.stream("leave").exponential(who) / max(-np.log1p(-min(dials.turnover, 0.99)), 1e-9)
    left = np.where(level >= 3, np.floor(1 + yearly * 364), NEVER).astype(np.int64)
    left = np.where(left < days, left, NEVER)
    leavers = np.flatnonzero(left < NEVER)
    joins = left[leavers] + 14 + chance.stream("join").below(43, leavers)
    replaced = leavers[joins < days]
    joins = joins[joins < days]
    # A replacement does the leaver's work, but a lead is followed by a member of the team.
    unit = np.concatenate([unit, unit[replaced]])
    level = np.concatenate([level, np.full(len(replaced), 4)])
    joined = np.concatenate([np.zeros(people, dtype=np.int64), joins])
    left = np.concatenate([left, np.full(len(replaced), NEVER)])
    successions = _successions(lead, unit, level, joined, left)
    moves_on, unit_then = _moves(plan, unit, level, joined, left, successions, weeks, dials, chance)
    shares = np.cumsum([share for _, _, share in SITES])
    # Teams sit mostly together: two people in three are where their unit is.
    home = np.searchsorted(shares, chance.stream("home").uniform(unit), side="right")
    away = np.searchsorted(shares, chance.stream("away").uniform(np.arange(len(unit))), side="right")
    site = np.where(chance.stream("stays").uniform(np.arange(len(unit))) < 0.67, home, away)
    return Company(
        units=plan.names,
        department=plan.department,
        departments=plan.departments,
        unit_first=unit,
        unit_then=unit_then,
        moves_on=moves_on,
        joined_on=joined,
        left_on=left,
        level=level,
        site=np.minimum(site, len(SITES) - 1).astype(np.int64),
        lead_first=lead,
        successions=successions,
        over=plan.over,
        initial=people,
    )


def _successions(lead: Ints, unit: Ints, level: Ints, joined: Ints, left: Ints) -> tuple[tuple[int, int, int], ...]:
    """Whenever a lead leaves, the first member who stays longer leads; a loop over departures of leads, not over people."""
    by_unit = np.argsort(unit, kind="stable")
    edges = np.searchsorted(unit[by_unit], np.arange(len(lead) + 1))
    changes: list[tuple[int, int, int]] = []
    for u in np.flatnonzero(left[lead] < NEVER):
        members = by_unit[edges[u] : edges[u + 1]]
        current = int(lead[u])
        while left[current] < NEVER:
            day = int(left[current])
            able = members[(joined[members] < day) & (left[members] > day) & (level[members] == 4)]
            if not len(able):
                break
            current = int(able[0])
            changes.append((day, int(u), current))
    return tuple(sorted(changes))


def _moves(
    plan: _Plan,
    unit: Ints,
    level: Ints,
    joined: Ints,
    left: Ints,
    successions: Sequence[tuple[int, int, int]],
    weeks: int,
    dials: Dials,
    chance: Chance,
) -> tuple[Ints, Ints]:
    """Person -> day of a move, a Monday, and the unit after it; leads and future leads stay."""
    who = np.arange(len(unit), dtype=np.int64)
    kind = plan.department[unit]
    firsts = np.searchsorted(plan.department[1:], np.arange(len(plan.departments))) + 1
    counts = np.bincount(plan.department[1:], minlength=len(plan.departments))
    other = firsts[kind] + (unit - firsts[kind] + 1 + chance.stream("whither").below(np.maximum(counts[kind] - 1, 1), who)) % (
        np.maximum(counts[kind], 1)
    )
    stays = np.zeros(len(unit), dtype=np.bool_)
    stays[[person for _, _, person in successions]] = True
    day = 7 * chance.stream("move day").below(weeks, who)
    moving = chance.stream("move").uniform(who) < dials.moves * weeks / 52
    able = moving & (level == 4) & ~stays & (counts[kind] > 1) & (day > joined + 30) & (day < left)
    return np.where(able, day, NEVER), np.where(able, other, unit)
