"""What is to be done in a simulated company and can be counted: tickets, releases, closings, forecasts, reports."""

from datetime import timedelta

import numpy as np

from groundswell.simulation.acts import Rows, Scene
from groundswell.simulation.catalogue import JOB, JOBS, WORK, Work
from groundswell.simulation.chance import Bools, Ints, expand
from groundswell.simulation.usage import days_used

NAMES = ("day", "person", "kind", "job", "unit", "use", "tool", "succeeded", "minutes")
BLOCK_WEEKS = 13
"""Weeks dealt out at once, so that a large company's days fit in memory."""

CLOSING_DAYS = 3
"""Last working days of a month on which it is closed."""

NONE = -1
_DAYS = 8192  # more than any world has
_MOST = 12  # pieces of one kind that come to one person in a day
_SPREAD = 0.5  # of the log of the time one takes


def done(scene: Scene) -> Rows:
    """Every piece of work, by day.

    A piece is done with AI if whoever does it really uses a tool for that kind of work on that day (`usage.days_used`): it
    follows the uses of the world and changes none of them. Whether it succeeds and how long it takes is drawn by `work_success`,
    `ai_success_log` and `ai_time_log`.

    Columns: day, person, kind (number in WORK), job, unit, use and tool (-1 without AI), succeeded (0, 1), minutes.
    """
    helped = _Helped(scene)
    spans = [(first, min(first + BLOCK_WEEKS, scene.weeks)) for first in range(0, scene.weeks, BLOCK_WEEKS)]
    blocks = [_pieces(scene, helped, number, span) for span in spans for number in range(len(WORK))]
    table = {name: np.concatenate([block[name] for block in blocks]) for name in NAMES}
    order = np.lexsort((table["kind"], table["person"], table["day"]))
    return {name: column[order] for name, column in table.items()}


class _Helped:
    """Finds the use by which somebody is helped with a kind of work on a day."""

    def __init__(self, scene: Scene) -> None:
        uses = scene.course.uses
        use, day = days_used(scene)
        key = self._key(uses["person"][use], uses["job"][use], day)
        order = np.argsort(key, kind="stable")
        self._keys, self._uses = key[order], use[order]

    @staticmethod
    def _key(person: Ints, job: Ints, day: Ints) -> Ints:
        return (person * len(JOBS) + job) * _DAYS + day

    def by(self, person: Ints, job: Ints, day: Ints) -> Ints:
        """The use, -1 for none."""
        if not len(self._keys):
            return np.full(len(person), NONE, dtype=np.int64)
        wanted = self._key(person, job, day)
        at = np.minimum(np.searchsorted(self._keys, wanted), len(self._keys) - 1)
        return np.where(self._keys[at] == wanted, self._uses[at], NONE)


def _pieces(scene: Scene, helped: _Helped, number: int, span: tuple[int, int]) -> Rows:
    """One kind of work of one department in some weeks."""
    one, company, chance, dials = WORK[number], scene.company, scene.chance, scene.dials
    names = [department.name for department in company.departments]
    at_home = names.index(one.department) if one.department in names else NONE
    mine = np.flatnonzero(company.department[company.unit_first] == at_home)
    days = np.array([d for d in range(7 * span[0], 7 * span[1]) if d % 7 < 5], dtype=np.int64)
    who, day = np.repeat(mine, len(days)), np.tile(days, len(mine))
    come = _come(scene, one, number, who, day) * company.there(who, day)
    cell, nth = expand(come)
    who, day = who[cell], day[cell]
    job = np.full(len(who), JOB[one.job], dtype=np.int64)
    use = helped.by(who, job, day)
    with_ai = use >= 0
    key = (who * _DAYS + day) * (_MOST + 1) + nth
    base = np.log(dials.work_success / (1 - dials.work_success))
    odds = base + with_ai * dict(dials.ai_success_log).get(one.job, 0.0)
    hours = one.hours * np.exp(_SPREAD * chance.stream("work time", number).normal(key) + with_ai * dials.ai_time_log)
    tools = scene.course.uses["tool"]
    return {
        "day": day,
        "person": who,
        "kind": np.full(len(who), number, dtype=np.int64),
        "job": job,
        "unit": company.unit_on(who, day),
        "use": use,
        "tool": np.where(with_ai, tools[use], NONE) if len(tools) else use,
        "succeeded": (chance.stream("work goes", number).uniform(key) < 1 / (1 + np.exp(-odds))).astype(np.int64),
        "minutes": np.maximum(np.round(60 * hours), 1).astype(np.int64),
    }


def _come(scene: Scene, one: Work, number: int, who: Ints, day: Ints) -> Ints:
    """How many come to each person on each day."""
    rate = one.a_week * scene.dials.work_rate
    stream = scene.chance.stream("work comes", number)
    if not one.month_end:
        return stream.poisson(rate / 5, who * _DAYS + day, most=_MOST)
    month, nth = _closing(scene, day)
    chosen: Bools = (nth >= 0) & (stream.below(CLOSING_DAYS, who * 512 + month) == nth)
    return chosen * stream.poisson(rate, who * 512 + month, tick=1, most=_MOST)


def _closing(scene: Scene, day: Ints) -> tuple[Ints, Ints]:
    """(number of the month, place among its closing days or -1) of each working day."""
    last: dict[int, list[int]] = {}
    for n in range(7 * scene.weeks + 31):  # the month that is not over yet has its end beyond the world's
        date = scene.dials.start + timedelta(days=n)
        if n % 7 < 5:
            last.setdefault(date.year * 12 + date.month, []).append(n)
    first = min(last)
    month, place = np.full(7 * scene.weeks + 31, 0), np.full(7 * scene.weeks + 31, NONE)
    for number, worked in last.items():
        month[worked] = number - first
        place[worked[-CLOSING_DAYS:]] = np.arange(len(worked[-CLOSING_DAYS:]))
    return month[day], place[day]
