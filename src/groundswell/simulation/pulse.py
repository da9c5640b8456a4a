"""What people of a simulated company answer to the pulse, and what they did in truth on the days it asks about."""

import numpy as np

from groundswell.simulation.acts import UNKNOWN_JOB, Rows, Scene
from groundswell.simulation.chance import Ints
from groundswell.simulation.state import CAUSES
from groundswell.simulation.usage import days_used

HOW: tuple[str, ...] = ("", "own", "colleague", "asked", "programme", "other")
_HOW_OF_CAUSE = {"own": 1, "informal": 2, "formal": 2, "team": 2, "announced": 2, "demanded": 3, "programme": 4, "replaced": 5}
_CODE = np.array([_HOW_OF_CAUSE[cause] for cause in CAUSES])
QUARTER_WEEKS = 13
SECOND_DAY = 0.2  # share of people who are asked about a second day
FLOOR = 10  # people in a stratum; smaller ones are not attached to an answer


def answers(scene: Scene) -> Rows:
    """One row of everybody who answers: a tool used on the day asked about, or tool -2 and used 0.

    Each person is asked once a quarter, on a random working day, about the working day before; those who used AI on it answer
    with probability `respond_user`, the others with `respond_other`. One in five is asked about the working day before, too.
    Columns: quarter, day (asked about), person (for tests, not exported), tool, job, used, how (number in HOW), expected (0, 1),
    second (0, 1; -1 not asked), department (-1 where too small).
    """
    blocks = [_quarter(scene, quarter) for quarter in range(scene.weeks // QUARTER_WEEKS)]
    names = ("quarter", "day", "person", "tool", "job", "used", "how", "expected", "second", "department")
    return {name: np.concatenate([b[name] for b in blocks] or [np.zeros(0, dtype=np.int64)]) for name in names}


def asked_about(scene: Scene, who: Ints, quarter: int) -> tuple[Ints, Ints]:
    """(day on which each person is asked, working day before it)."""
    drawn = scene.chance.stream("asked on").below(QUARTER_WEEKS * 5 - 1, who, quarter) + 1
    asked = 7 * (QUARTER_WEEKS * quarter + drawn // 5) + drawn % 5
    return asked, np.where(asked % 7 == 0, asked - 3, asked - 1)


def day_share(scene: Scene) -> tuple[Ints, Ints]:
    """(person-workdays with AI really used, person-workdays) of each quarter: the truth of M8."""
    company, uses = scene.company, scene.course.uses
    use, day = days_used(scene)
    quarters = scene.weeks // QUARTER_WEEKS
    key = np.sort(uses["person"][use] * 8192 + day)  # two tools on one day are one day
    fresh = np.ones(len(key), dtype=np.bool_)
    fresh[1:] = key[1:] != key[:-1]
    used = np.bincount(key[fresh] % 8192 // (7 * QUARTER_WEEKS), minlength=quarters)[:quarters]
    days = np.array([d for d in range(7 * QUARTER_WEEKS * quarters) if d % 7 < 5], dtype=np.int64)
    here = np.array([int(((company.joined_on <= d) & (company.left_on > d)).sum()) for d in days.tolist()], dtype=np.int64)
    return used.astype(np.int64), np.bincount(days // (7 * QUARTER_WEEKS), weights=here, minlength=quarters).astype(np.int64)


def _quarter(scene: Scene, quarter: int) -> Rows:
    company, chance, dials, uses = scene.company, scene.chance, scene.dials, scene.course.uses
    who = np.arange(len(company), dtype=np.int64)
    asked, about = asked_about(scene, who, quarter)
    use, day = days_used(scene)
    mine = use[day == about[uses["person"][use]]]
    used = np.zeros(len(company), dtype=np.bool_)
    used[uses["person"][mine]] = True
    lot = chance.stream("pulse", "answers").uniform(who, quarter)
    replies = company.there(who, asked) & (lot < np.where(used, dials.respond_user, dials.respond_other))
    department = company.department[company.unit_on(who, asked)]
    size = np.bincount(department[company.there(who, asked)], minlength=len(company.departments))
    mine = _one_each(uses["person"], mine[replies[uses["person"][mine]]])
    second = _second(scene, use, day, about, quarter)
    none = np.flatnonzero(replies & ~used)
    person = np.concatenate([uses["person"][mine], none])
    expected = _performs(scene, asked)[person] & (
        chance.stream("pulse", "expected").uniform(person, quarter) < dials.expected_share
    )
    order = np.argsort(chance.stream("pulse", "order").bits(person * 16 + np.arange(len(person)) % 16, quarter), kind="stable")
    table = {
        "quarter": np.full(len(person), quarter),
        "day": about[person],
        "person": person,
        "tool": np.concatenate([uses["tool"][mine], np.full(len(none), -2)]),
        "job": np.concatenate([uses["job"][mine], np.full(len(none), UNKNOWN_JOB)]),
        "used": (np.arange(len(person)) < len(mine)).astype(np.int64),
        "how": np.concatenate([_CODE[uses["cause"][mine]], np.zeros(len(none), dtype=np.int64)]),
        "expected": expected.astype(np.int64),
        "second": second[person],
        "department": np.where(size[department[person]] >= FLOOR, department[person], -1),
    }
    return {name: column[order] for name, column in table.items()}


def _one_each(person: Ints, uses: Ints) -> Ints:
    """One of the uses of each person: an answer names one tool."""
    _, first = np.unique(person[uses], return_index=True)
    return uses[np.sort(first)]


def _second(scene: Scene, use: Ints, day: Ints, about: Ints, quarter: int) -> Ints:
    """Whether each person used AI on the working day before the one asked about; -1 for the four in five who are not asked."""
    person = scene.course.uses["person"][use]
    before = np.where(about % 7 == 0, about - 3, about - 1)
    used = np.zeros(len(about), dtype=np.int64)
    used[person[day == before[person]]] = 1
    asked = scene.chance.stream("pulse", "second").uniform(np.arange(len(about), dtype=np.int64), quarter) < SECOND_DAY
    return np.where(asked, used, -1)


def _performs(scene: Scene, asked: Ints) -> "np.ndarray[tuple[int, ...], np.dtype[np.bool_]]":
    """Who performs some use on the day they are asked."""
    uses = scene.course.uses
    performs = np.zeros(len(scene.company), dtype=np.bool_)
    when = asked[uses["person"]]
    performs[uses["person"][(uses["performed"] == 1) & (uses["start"] <= when) & (uses["end"] > when)]] = True
    return performs
