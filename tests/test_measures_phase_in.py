"""M13: says because of only where the order was drawn, and as readily that it made things worse or no different."""

from itertools import permutations

import numpy as np
import pyarrow as pa
import pytest

from groundswell.measures._permute import Cases, difference, orders, permute
from groundswell.measures._phases import life_values
from groundswell.measures.phase_in import MEASURE
from groundswell.model.measure import Verdict
from groundswell.privacy.release import release
from measure_rows import START, day, engine, moment
from test_measures_after_fashion import practices
from test_measures_follow_through import background, chart, people_of, say_so, taken_up

TURN = 150


def phases(units=8, first=4, drawn=50, starts=None):
    starts = starts or [TURN if u < first else 400 for u in range(units)]
    return pa.table(
        {"unit": [f"unit {u}" for u in range(units)], "start_day": [day(s) for s in starts], "drawn_on": [day(drawn)] * units}
    )


def world(units=8, first=4, treated=1.0, others=0.0, each=4, drawn=50, when=TURN + 10, lives=()):
    """Every unit announces `each` things after the first turn; the given shares are taken up in units in and not yet in."""
    acts = []
    for u in range(units):
        share = treated if u < first else others
        for k in range(each):
            acts.append(say_so(u, f"tool {u}-{k}", when + k))
            if k < round(share * each):
                acts += taken_up(u, f"tool {u}-{k}", when + k)
    return {
        "acts": acts,
        "traces": background(units),
        "members": chart(units),
        "phases": phases(units, first, drawn),
        "practices": practices(lives),
    }


def finding(**tables):
    return MEASURE.estimate(release(MEASURE.count(engine(**tables))))


def result(found, key="follow_through_effect"):
    return next(r for r in found.results if r.key == key)


def words(phrase):
    return phrase.text + " ".join(words(v) for v in phrase.values.values() if hasattr(v, "text"))


@pytest.mark.parametrize(
    ("treated", "others", "text"),
    [(1.0, 0.25, "more was taken up"), (0.25, 1.0, "less was taken up"), (0.5, 0.5, "No effect on what is taken up")],
)
def test_a_programme_can_help_hurt_or_do_nothing(treated, others, text):
    """Planted in both directions and not at all, the sentence says each in the same words."""
    found = finding(**world(treated=treated, others=others))
    got = result(found)
    assert text in words(found.sentence)
    assert got.estimate == pytest.approx(treated - others)
    assert got.low <= treated - others <= got.high


def test_life_can_be_compared_too():
    """Practices born in groups that were in live 100 days longer: said in days."""
    lives = [
        {"unit": f"unit {u}", "born_on": day(TURN + 10 + k), "exit_days": (150 if u < 4 else 50) + 2 * k, "fate": "abandoned"}
        for u in range(8)
        for k in range(4)
    ]
    got = result(finding(**world(lives=lives)), "life_effect")
    assert got.estimate == pytest.approx(100)
    assert got.low > 0


@pytest.mark.parametrize(
    ("tables", "words_"),
    [
        (world(units=7, first=3), "8"),
        (world(units=8, first=8), "so few possible orders"),
        (world(drawn=TURN + 1), "not logged before"),
    ],
    ids=["seven groups", "all at once", "drawn too late"],
)
def test_a_weak_order_is_withheld(tables, words_):
    """Too few groups, no group left out, or an order logged after the start: nothing is said because of it."""
    found = finding(**tables)
    assert {r.verdict for r in found.results} == {Verdict.WITHHELD}
    assert words_ in words(found.results[0].reason) + str(found.results[0].reason.values)
    assert "Because" not in words(found.sentence)


def test_without_a_drawn_order_nothing_is_compared():
    """Without the table of phases the measure says how to draw an order."""
    tables = world()
    del tables["phases"]
    found = finding(**tables)
    assert found.results[0].verdict is Verdict.WITHHELD
    assert "no drawn order" in found.results[0].reason.text


def test_smallest_attainable_p_is_the_specification_s():
    """6 groups with 1 in: 1/6 = .17; 8 groups, 4 + 4: 1/70 = .014 (docs: M13)."""
    assert round(1 / orders(np.array([0.0, 1, 1, 1, 1, 1])), 2) == 0.17
    assert round(1 / orders(np.array([0.0] * 4 + [1] * 4)), 3) == 0.014


def test_the_p_value_is_that_of_all_orders():
    """With 5 groups the p value equals brute force over all 120 permutations written out here."""
    chance = np.random.default_rng(31)
    cases = Cases(np.repeat(np.arange(5), 3), chance.uniform(10, 20, 15), chance.normal(0, 1, 15))
    start = np.array([0.0, 0, 100, 100, 100])
    observed = abs(difference(cases, start, cases.value))
    all_ = [abs(difference(cases, np.array(p), cases.value)) >= observed - 1e-12 for p in permutations(start)]
    assert permute(cases, start, seed=1).p == pytest.approx(np.mean(all_))


def test_the_interval_is_the_set_of_effects_not_rejected():
    """Just inside either end the shifted data are not rejected, just outside they are."""
    chance = np.random.default_rng(32)
    group = np.repeat(np.arange(8), 4)
    start = np.array([0.0] * 4 + [100.0] * 4)
    value = chance.normal(0, 1, 32) + 1.5 * (start[group] == 0)
    cases = Cases(group, np.full(32, 50.0), value)
    got = permute(cases, start, seed=1)
    for end, out in ((got.interval.low, -1), (got.interval.high, 1)):
        for step, rejected in ((0.01 * out, True), (-0.01 * out, False)):
            shifted = Cases(group, cases.day, value - (end + step) * (start[group] == 0))
            assert (permute(shifted, start, seed=1).p <= 0.05) is rejected


def test_life_values_average_to_the_restricted_mean():
    """Their mean is lifelines' restricted mean survival time, with and without censoring."""
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    chance = np.random.default_rng(33)
    days = chance.exponential(120, 60)
    for ended in (np.ones(60, bool), chance.random(60) < 0.7):
        fitted = KaplanMeierFitter().fit(days, ended)
        expected = restricted_mean_survival_time(fitted, t=180)
        # Jackknife values average to the estimate up to terms of order 1/n.
        assert life_values(days, ended).mean() == pytest.approx(expected, abs=1.0)


def test_the_day_of_the_world_is_a_monday():
    """The invented weeks are whole weeks."""
    assert START.weekday() == 0
    assert people_of(0)[0] == 1
    assert moment(0).date() == day(0)


@pytest.mark.validity
def test_the_order_test_keeps_its_level_under_shared_shocks():
    """Groups differ (sd 1) and weeks shift everybody: false alarms <= .06 of 600, an effect of 2 is covered in >= .93."""
    start = np.array([0.0] * 4 + [100.0] * 4)
    alarms, held = 0, 0
    for n in range(600):
        chance = np.random.default_rng([34, n])
        drawn = chance.permutation(start)
        group = np.repeat(np.arange(8), 5)
        value = chance.normal(0, 1, 8)[group] + chance.normal(0, 1, 40)
        cases = Cases(group, np.full(40, 50.0), value)
        alarms += permute(cases, drawn, seed=n).p <= 0.05
        moved = permute(Cases(group, cases.day, value + 2.0 * (drawn[group] == 0)), drawn, seed=n).interval
        held += moved.low <= 2.0 <= moved.high
    assert alarms / 600 <= 0.06
    assert held / 600 >= 0.93
