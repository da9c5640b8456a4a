"""The validator itself: it sees faults planted in estimators, and states how sure it is of what it says."""

import json
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from typer.testing import CliRunner

from groundswell.measures import _rates, _survival_adjusted, _survival_compare
from groundswell.runs import _validity_page as text
from groundswell.runs import validate as runs
from groundswell.runs._validity_draws import Draw, Kind, Promise, Status, figures, judge, mean, rate

REAL_COMPARE, REAL_SHARE = _survival_compare.compare, _rates.combined_share
REAL_ADJUSTED = _survival_adjusted.adjusted


def without_delayed_entry(arms, **more):
    """Every practice counts as watched from birth."""
    return REAL_COMPARE(tuple(replace(a, entry=np.zeros(len(a))) for a in arms), **more)


def arms_swapped(arms, **more):
    """Grassroots are called mandated."""
    return REAL_COMPARE((arms[1], arms[0]), **more)


def shrunk(interval):
    """A quarter of the variance: half the interval."""
    half = (interval.high - interval.low) / 4
    return _rates.Interval(interval.value, interval.value - half, interval.value + half)


def a_quarter_of_the_variance(arms, **more):
    """The difference is called twice as sure as it is."""
    found = REAL_COMPARE(arms, **more)
    return replace(found, days=shrunk(found.days))


def without_tools(held, first, other):
    """No term for the tool."""
    return REAL_ADJUSTED({**held, "tool": [1] * len(held["tool"])}, first, other)


FAULTS = {
    "tools left out": ("held_equal_nothing", _survival_adjusted, "adjusted", without_tools),
    "delayed entry dropped": ("lives_seen_late", _survival_compare, "compare", without_delayed_entry),
    "arms swapped": ("twice_the_hazard", _survival_compare, "compare", arms_swapped),
    "variance of lives a quarter": ("lives_alike", _survival_compare, "compare", a_quarter_of_the_variance),
    "variance of shares a quarter": (
        "announcements_of_twelve_units", _rates, "combined_share", lambda draws, **more: shrunk(REAL_SHARE(draws, **more)),
    ),
}  # fmt: skip


def broken(trial, worlds):
    """Whether the validator calls any promise of the trial broken."""
    return any(row.status is Status.BROKEN for row in runs.try_out(trial, worlds))


@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_seen(name, monkeypatch):
    """With a fault in the estimator the trial made for it breaks; without, it does not."""
    trial_name, module, function, fault = FAULTS[name]
    trial = runs.trials()[trial_name]
    assert not broken(trial, 60)
    monkeypatch.setattr(module, function, fault)
    assert broken(trial, 60)


@pytest.mark.validity
@pytest.mark.parametrize("name", FAULTS)
def test_a_planted_fault_is_seen_twenty_times_of_twenty(name, monkeypatch):
    """In the size of the fast set, every one of 20 runs on fresh seeds sees the fault."""
    trial_name, module, function, fault = FAULTS[name]
    trial = runs.trials()[trial_name]
    monkeypatch.setattr(module, function, fault)
    assert sum(broken(replace(trial, seed=900_000 + 1000 * n), trial.fast) for n in range(20)) == 20


def test_the_same_seed_gives_the_same_figures():
    """Two runs agree to the last digit, in one process or two."""
    one = runs.validate(fast=True, only=["announcements_of_twelve_units", "lives_alike"], replications=3, workers=1)
    two = runs.validate(fast=True, only=["announcements_of_twelve_units", "lives_alike"], replications=3, workers=2)
    assert text.as_dict(one) == text.as_dict(two)


def test_a_promise_that_just_holds_is_broken_less_than_once_in_a_thousand():
    """A coverage of exactly .95 in 200 draws is called broken with probability below .001, over 20,000 tries at most 40 times."""
    hits = np.random.default_rng(5).binomial(200, 0.95, 20_000)
    promise = Promise(kind=Kind.COVERAGE, least=0.95, source="test")
    called = {k: judge(promise, [rate(Kind.COVERAGE, k, 200)]).status for k in range(201)}
    assert sum(called[int(k)] is Status.BROKEN for k in hits) <= 40
    assert called[160] is Status.BROKEN


def test_a_rate_carries_the_exact_interval():
    """Clopper and Pearson at 1 of 10: .0025 to .445, as printed in their tables."""
    found = rate(Kind.ALARMS, 1, 10)
    assert (found.low, found.high) == (pytest.approx(0.00253, abs=1e-5), pytest.approx(0.44502, abs=1e-5))
    assert (rate(Kind.ALARMS, 0, 10).low, rate(Kind.ALARMS, 10, 10).high) == (0.0, 1.0)


def test_bias_is_judged_with_its_error():
    """A mean error of 6 beyond a bound of 5 is broken when it is sure, not when it is not."""
    promise = Promise(kind=Kind.BIAS, most=5.0, source="test")
    sure, unsure = mean(Kind.BIAS, [5.9, 6.0, 6.1] * 10), mean(Kind.BIAS, [-30.0, 6.0, 42.0])
    assert (judge(promise, [sure]).status, judge(promise, [unsure]).status) == (Status.BROKEN, Status.OPEN)


def test_what_is_withheld_is_not_covered_nor_wrong():
    """A world without a number counts as withheld alone; a promise of coverage then cannot be tried."""
    found = figures([Draw(truth=1.0, world=n) for n in range(3)], expected=0, pooled=False)
    assert [f.kind for f in found] == [Kind.WITHHELD]
    assert judge(Promise(kind=Kind.COVERAGE, least=0.9, source="test"), found).status is Status.UNTRIED


def test_draws_of_one_world_are_not_taken_for_many_worlds():
    """Ten alike draws from each of two worlds give an interval of two worlds."""
    draws = [Draw(estimate=0.0, low=-1.0, high=1.0, truth=5.0 * w, world=w) for w in (0, 1) for _ in range(10)]
    found = next(f for f in figures(draws, expected=0, pooled=False) if f.kind is Kind.COVERAGE)
    assert (found.value, found.n, found.hits) == (0.5, 2, None)


def test_the_command_says_what_is_broken(monkeypatch):
    """A broken promise ends with exit code 1 and a sentence that holds its figure; the JSON says the same."""
    from groundswell.cli.main import app

    monkeypatch.setattr(_survival_compare, "compare", arms_swapped)
    words = ["validate", "--only", "twice_the_hazard", "--replications", "3", "--workers", "1"]
    shown = CliRunner().invoke(app, words)
    assert shown.exit_code == 1
    assert "Broken: where mandated practices end at twice the hazard" in shown.output
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).output)
    assert {r["status"] for r in told["rows"]} == {"broken"}
    assert told["rows"][0]["first_seed"] == 4000


def test_the_pages_say_the_same_and_hide_nothing(tmp_path, monkeypatch):
    """Markdown, HTML and JSON are written with every row; broken ones are marked in each."""
    from groundswell.cli.main import app

    monkeypatch.setattr(_survival_compare, "compare", arms_swapped)
    words = ["validate", "--only", "twice_the_hazard", "--only", "twelve_cascades", "--replications", "2", "--workers", "1"]
    CliRunner().invoke(app, [*words, "--out", str(tmp_path)])
    page, marked = (tmp_path / "validity.md").read_text("utf8"), (tmp_path / "validity-page.html").read_text("utf8")
    for row in json.loads((tmp_path / "validity.json").read_text("utf8"))["rows"]:
        assert row["asked"] in page
        assert row["planted"] in page
    assert "BROKEN" in page
    assert 'class="broken"' in marked
    assert "://" not in marked


def test_an_unknown_trial_is_named():
    """A wrong name ends with exit code 2 and the way to the right ones."""
    from groundswell.cli.main import app

    shown = CliRunner().invoke(app, ["validate", "--only", "no_such_trial"])
    assert shown.exit_code == 2
    assert "no_such_trial" in shown.output


def test_every_trial_is_stated_once_with_its_own_seeds():
    """No two trials share a world, and every question has a name of its own."""
    every = list(runs.trials().values())
    spans = sorted((t.seed, t.seed + max(t.fast, t.full)) for t in every)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    for trial in every:
        assert len({q.name for q in trial.questions}) == len(trial.questions)
