"""M8: seats used and idle, certain and possible, what they cost, and the pulse beside them."""

import numpy as np
import pytest

from groundswell.measures._raking import bounds, rake, survey_mean
from groundswell.measures.pulse import MEASURE as PULSE
from groundswell.measures.seats import MEASURE as SEATS
from groundswell.model.measure import Verdict
from groundswell.privacy.release import release
from measure_rows import day, engine, members, moment

SNAPSHOT = 200


def seats(active=30, idle=20, possible=0, new=0, ever=0, **more):
    """Seats of one snapshot; ids tell the states apart, and `ever` of the idle ones were used long ago."""
    rows = []
    for n in range(active + idle + possible + new):
        row = {"person": n + 1, "day": day(SNAPSHOT), "assigned_on": day(10), "monthly_price": 19.0, **more}
        if n < active:
            row["last_active_on"] = day(SNAPSHOT - 3)
        elif n < active + idle:
            row["last_active_on"] = day(SNAPSHOT - 60) if n < active + ever else None
        elif n < active + idle + possible:
            row["measured"] = False
        else:
            row["assigned_on"] = day(SNAPSHOT - 5)
        rows.append(row)
    return rows


def finding(measure=SEATS, **tables):
    return measure.estimate(release(measure.count(engine(**tables))))


def result(found, key, group="organisation"):
    return next(r for r in found.results if r.key == key and r.group == group)


def test_seats_are_told_apart():
    """30 used, 20 idle, 15 perhaps idle and 12 new seats come out as such, and sum to those assigned."""
    found = finding(seats=seats(30, 20, 15, 12, ever=10))
    got = {r.key: r.estimate for r in found.results}
    assert (got["seats_assigned"], got["seats_active"], got["seats_idle"]) == (77, 30, 20)
    assert (got["seats_possible"], got["seats_new"], got["seats_ever"]) == (15, 12, 40)


def test_the_share_reaches_from_no_unmeasured_seat_to_all():
    """Of 65 seats not new, 30 used and 15 unmeasured: the share lies between 30 and 45 of 65."""
    got = result(finding(seats=seats(30, 20, 15, 12)), "active_share")
    assert (got.low, got.high) == (pytest.approx(30 / 65), pytest.approx(45 / 65))
    assert got.estimate == pytest.approx(30 / 50)


def test_the_cost_is_an_interval():
    """20 certain and 15 possible idle seats at 19 a month cost between 380 and 665."""
    got = result(finding(seats=seats(30, 20, 15)), "idle_cost")
    assert (got.low, got.estimate, got.high) == (380, 380, 665)


def test_unknown_prices_withhold_the_cost():
    """Without prices no cost is printed, and a price list is asked for."""
    got = result(finding(seats=seats(30, 20, monthly_price=None)), "idle_cost")
    assert got.verdict is Verdict.WITHHELD
    assert "prices" in got.unlock.text


@pytest.mark.parametrize(
    ("active", "idle", "text"), [(40, 20, "were used in the last 28 days"), (59, 1, "above"), (1, 59, "below")]
)
def test_full_and_empty_seats_are_said_in_one_tone(active, idle, text):
    """Many used, nearly all used and hardly any used are each said; near 0 and 1 only the bound is."""
    found = finding(seats=seats(active, idle))
    assert text in found.sentence.text + str(found.sentence)


def test_one_small_state_takes_another_with_it():
    """When 4 seats are idle, neither idle nor the next smallest state is printed: subtraction would give it back."""
    found = finding(seats=seats(40, 4, 25))
    hidden = {r.key for r in found.results if r.verdict is Verdict.WITHHELD}
    assert {"seats_idle", "seats_possible"} <= hidden
    shown = {r.key: r.estimate for r in found.results if r.estimate is not None and r.key.startswith("seats_")}
    assert set(shown) & {"seats_active", "seats_assigned"} == {"seats_active", "seats_assigned"}


def test_a_usage_log_is_activity_even_where_telemetry_of_the_seat_is_off():
    """15 unmeasured seats whose holders appear in the log are used, not possibly idle."""
    logs = [{"person": n, "day": day(SNAPSHOT - 2), "id": n} for n in range(51, 66)]
    got = {r.key: r.estimate for r in finding(seats=seats(30, 20, 15), usage_days=logs).results}
    assert (got["seats_active"], got["seats_possible"]) == (45, 0)


def test_what_happens_after_the_snapshot_changes_nothing():
    """Later use leaves every number as it was (R3)."""
    logs = [{"person": n, "day": day(SNAPSHOT + 5), "id": n} for n in range(31, 51)]
    early = [{"person": 1, "day": day(SNAPSHOT - 2), "id": 900}]
    one, other = (finding(seats=seats(30, 20), usage_days=u) for u in (early, early + logs))
    assert one.results == other.results


def test_idle_seats_whose_holders_use_another_tool_are_counted():
    """Twelve holders of idle seats with marks of another tool are counted, people without a seat are not."""
    acts = [{"person": n, "ts": moment(SNAPSHOT - 4), "tool": "anvil"} for n in [*range(31, 43), *range(500, 520)]]
    assert result(finding(seats=seats(30, 40), acts=acts), "seats_elsewhere").estimate == 12


def test_no_seats_is_said():
    """Without a seat list nothing is claimed, and one is asked for."""
    found = finding(seats=[], traces=[{"person": p, "day": day(1), "id": p} for p in range(1, 30)])
    assert found.results[0].verdict is Verdict.WITHHELD
    assert "cannot be said" in found.sentence.text


def test_raking_equals_the_worked_two_by_two_table():
    """The table 10 20 / 30 40 raked to rows .5 .5 and columns .4 .6 keeps its odds ratio 2/3 and has both margins."""
    row, column = np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1])
    w = rake(np.array([10.0, 20, 30, 40]), [(row, np.array([0.5, 0.5])), (column, np.array([0.4, 0.6]))])
    assert w[:2].sum() == pytest.approx(0.5)
    assert w[0] + w[2] == pytest.approx(0.4)
    assert w[0] * w[3] / (w[1] * w[2]) == pytest.approx(2 / 3)


def test_a_post_stratified_mean_is_the_textbook_one():
    """With one margin the estimate is the post-stratified mean sum W_h ybar_h (Cochran 1977, 5A.9)."""
    values, stratum = np.array([1.0, 0, 0, 1, 1, 0, 1, 1]), np.array([0, 0, 0, 0, 1, 1, 1, 1])
    margin = [(stratum, np.array([0.75, 0.25]))]
    got = survey_mean(values, rake(np.ones(8), margin), margin)
    assert got.value == pytest.approx(0.75 * 0.5 + 0.25 * 0.75)


def answers(chance, people=1000, truth=0.30, logged=0.8, respond=(0.6, 0.4)):
    """Each person is asked about one day; users answer with .6, others with .4; a share of use is on a logged tool."""
    used = chance.random(people) < truth
    tool = np.where(used, np.where(chance.random(people) < logged, "quill", "anvil"), "any")
    when = chance.integers(100, 160, people)
    replied = chance.random(people) < np.where(used, respond[0], respond[1])
    rows = [
        {"id": n + 1, "day": day(int(when[n])), "tool": str(tool[n]), "used": bool(used[n]), "weight": 1.0, "source": "pulse"}
        for n in np.flatnonzero(replied)
    ]
    logs = []
    for d in range(100, 160):
        on = np.flatnonzero(chance.random(people) < truth * logged)
        logs += [{"person": int(p) + 1, "day": day(d), "id": 1_000_000 + 2000 * d + int(p)} for p in on]
    chart = members([{"person": n + 1, "unit": "all"} for n in range(people)])
    return {"pulse_answers": rows, "usage_days": logs, "members": chart}


@pytest.mark.validity
@pytest.mark.parametrize(("logged", "within"), [(0.8, 0.03), (0.6, 0.05)])
def test_raking_to_logs_undoes_who_answers(logged, within):
    """M8: users answer .6, others .4, truth .30: within .03 when 80 % of use is logged, .05 at 60 %, mean of 12 companies."""
    got = [
        result(finding(PULSE, **answers(np.random.default_rng([15, n]), logged=logged)), "day_share").estimate for n in range(12)
    ]
    assert abs(np.mean(got) - 0.30) <= within + 0.005


def test_without_logs_the_bounds_hold_the_truth():
    """When 46 % answered, the interval assumes nothing of the others, holds the truth, and the result is indicative."""
    tables = answers(np.random.default_rng(16))
    got = result(finding(PULSE, **{**tables, "usage_days": []}), "day_share")
    assert got.low < 0.30 < got.high
    assert got.high - got.low > 0.4
    assert got.verdict is Verdict.INDICATIVE
    assert bounds(0.4, 0.5) == (0.2, 0.7)


def test_few_answers_are_withheld():
    """When fewer than 30 % answered, nothing is printed."""
    found = finding(PULSE, **answers(np.random.default_rng(17), respond=(0.3, 0.2)))
    assert [r.verdict for r in found.results] == [Verdict.WITHHELD]


def test_a_well_answered_pulse_is_published_and_covers():
    """When 90 % answered alike, the share is published and its interval holds .30 in at least 17 of 20 companies."""
    held = 0
    for n in range(20):
        tables = answers(np.random.default_rng([18, n]), people=400, respond=(0.9, 0.9))
        got = result(finding(PULSE, **{**tables, "usage_days": []}), "day_share")
        assert got.verdict is Verdict.PUBLISHED
        held += got.low <= 0.30 <= got.high
    assert held >= 17


def test_units_are_weighted_to_the_chart():
    """When the unit that uses AI answers twice as often, the share is still that of the people."""
    chart = members([{"person": n + 1, "unit": "north" if n < 100 else "south"} for n in range(200)])
    rows = [{"day": day(n % 50), "tool": "anvil", "used": True, "stratum": "north", "weight": 1.0} for n in range(90)]
    rows += [{"day": day(n % 50), "tool": "any", "used": False, "stratum": "south", "weight": 1.0} for n in range(45)]
    got = result(finding(PULSE, pulse_answers=rows, members=chart), "day_share")
    assert got.estimate == pytest.approx(0.5)


def test_a_pulse_row_never_bears_a_person():
    """The stored answers have no column that leads to a person."""
    from groundswell.store.schema import TABLES, schema_of

    assert not {"actor", "whom", "manager", "person"} & set(schema_of(TABLES["pulse_answers"]).names)
