"""Work that comes in and is counted: at its role's rate, on its days, by who is there, with AI only on a day AI is used."""

from datetime import date
from functools import cache

import numpy as np
import pytest

from groundswell.simulation.catalogue import DEPARTMENTS, JOBS, WORK
from groundswell.simulation.policy import Dials, Policy
from groundswell.simulation.usage import days_used
from groundswell.simulation.world import World, simulate


@cache
def world(seed: int = 4) -> World:
    return simulate(people=400, weeks=40, policy=Policy.BOTH, seed=seed, dials=Dials(starts=0.06))


def test_every_kind_belongs_to_a_role_that_does_it() -> None:
    """Each is some department's, of a kind of work that the codebook knows, and each department but the top has one."""
    assert {one.department for one in WORK} == {department.name for department in DEPARTMENTS}
    assert {one.job for one in WORK} <= set(JOBS)


@pytest.mark.parametrize("number", range(len(WORK)))
def test_it_comes_at_the_rate_of_its_role(number: int) -> None:
    """As many as the catalogue says for the days its people were there, within five standard deviations."""
    w, one = world(), WORK[number]
    company = w.company
    mine = company.department[company.unit_first] == [d.name for d in company.departments].index(one.department)
    days = np.array([d for d in range(7 * w.weeks) if d % 7 < 5])
    present = sum(int(company.there(np.flatnonzero(mine), int(d)).sum()) for d in days)
    months = 9 if one.month_end else 0  # January to September; the tenth month's closing lies beyond the world
    expected = present / len(days) * months * one.a_week if one.month_end else present / 5 * one.a_week
    seen = (w.work["kind"] == number).sum()
    assert abs(seen - expected) < 5 * np.sqrt(expected) + 0.03 * expected


def test_a_month_is_closed_on_its_last_working_days() -> None:
    """Every closing lies on one of the last three weekdays of its month."""
    w = world()
    closing = [n for n, one in enumerate(WORK) if one.month_end]
    for day in np.unique(w.work["day"][np.isin(w.work["kind"], closing)]).tolist():
        on = date.fromordinal(w.dials.start.toordinal() + day)
        later = [date.fromordinal(on.toordinal() + n) for n in range(1, 31)]
        assert sum(d.month == on.month and d.weekday() < 5 for d in later[: 31 - on.day]) < 3
        assert on.weekday() < 5


def test_nobody_works_before_they_came_or_after_they_left() -> None:
    """Whoever does a piece is employed on that day, in the unit the piece is counted in."""
    w = world()
    assert w.company.there(w.work["person"], w.work["day"]).all()
    assert (w.company.unit_on(w.work["person"], w.work["day"]) == w.work["unit"]).all()


def test_ai_helps_only_whoever_uses_it_that_day() -> None:
    """A piece is done with AI if, and only if, its person really uses a tool for that kind of work on that day."""
    w = world()
    use, day = days_used(w.scene)
    uses = w.course.uses
    used = set(zip(uses["person"][use].tolist(), uses["job"][use].tolist(), day.tolist(), strict=True))
    done = list(zip(w.work["person"].tolist(), w.work["job"].tolist(), w.work["day"].tolist(), strict=True))
    assert [key in used for key in done] == (w.work["use"] >= 0).tolist()
    with_ai = w.work["use"] >= 0
    assert with_ai.sum() > 100
    assert (uses["tool"][w.work["use"][with_ai]] == w.work["tool"][with_ai]).all()
    assert (uses["performed"][w.work["use"][with_ai]] == 0).all()


def test_success_is_as_planted_by_kind_of_work_with_and_without() -> None:
    """Log odds of success with AI against without come back as the dial says, in either direction, within four errors."""
    dials = Dials(starts=0.3, ai_success_log=(("support", -0.8), ("debugging", 0.8)))
    w = simulate(people=1_500, weeks=40, policy=Policy.NONE, seed=9, dials=dials)
    for job, planted in (("support", -0.8), ("debugging", 0.8)):
        mine = w.work["job"] == JOBS.index(job)
        cells = [[(mine & ((w.work["use"] >= 0) == ai) & (w.work["succeeded"] == ok)).sum() for ok in (1, 0)] for ai in (1, 0)]
        (a, b), (c, d) = cells
        error = np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        assert error < 0.3
        assert abs(np.log(a * d / (b * c)) - planted) < 4 * error


def test_the_truth_tells_it_in_words() -> None:
    """The table of the truth has a row for each piece, and no work changes anything else of the world."""
    w = world()
    table = w.truth["work"]
    assert len(table["date"]) == len(w.work["day"])
    assert set(table["kind"].tolist()) == {one.kind for one in WORK}
    assert ((table["tool"] == "") == (table["use"] < 0)).all()
    other = simulate(people=400, weeks=40, policy=Policy.BOTH, seed=4, dials=Dials(starts=0.06, work_rate=3.0))
    assert all((other.course.uses[name] == column).all() for name, column in w.course.uses.items())
