"""M10: says whether use held after the talk peaked, fell with it, or fell faster."""

import numpy as np
import pyarrow as pa
import pytest

from groundswell.measures._persistence import alive_share, mean_cumulative
from groundswell.measures.after_fashion import MEASURE
from groundswell.model.measure import Verdict
from groundswell.model.practice import Practice
from groundswell.privacy.release import release
from groundswell.store.schema import schema_of
from measure_rows import day, engine, moment

PEOPLE, WEEKS, PEAK = 120, 80, 30


def practices(rows=()):
    schema = schema_of(Practice)
    plain = {
        "carrier": "acts",
        "tool": "quill",
        "job": "coding",
        "unit": "u",
        "team": 1,
        "source": "git",
        "born_on": day(100),
        "entry_days": 0,
        "exit_days": 10,
        "fate": "alive",
        "origin": "unknown",
        "fragile": False,
        "traces": 5,
        "people": 2,
        "corroborated": True,
        "second_after_days": None,
    }
    full = [{**plain, "practice": n + 1, **row} for n, row in enumerate(rows)]
    return pa.table({f.name: [r[f.name] for r in full] for f in schema}, schema=schema)


def world(talk_after=1.0, use_after=1.0, *, spike=6.0, use_spike=1.0, weeks=WEEKS, seed=1, lives=(), files=()):
    """Talk at .05 a person-week, `spike` times that in weeks 30 to 33; use at .3; both scaled from 16 weeks after the peak on."""
    chance = np.random.default_rng([21, seed])
    acts, traces = [], []
    for w in range(weeks):
        at_peak = 30 <= w <= 33
        late = w >= 46
        talk = 0.05 * (spike if at_peak else talk_after if late else 1)
        use = 0.3 * (use_spike if at_peak else use_after if late else 1)
        for p in range(1, PEOPLE + 1):
            traces.append({"person": p, "day": day(7 * w), "id": 10_000_000 + 1000 * w + p})
            if chance.random() < talk:
                acts.append(
                    {
                        "person": p,
                        "ts": moment(7 * w + 1),
                        "act": "announces",
                        "tool": "any",
                        "channel": "board",
                        "source": "board",
                    }
                )
            if chance.random() < use:
                acts.append({"person": p, "ts": moment(7 * w + 2), "source": "git"})
    return {"acts": acts, "traces": traces, "practices": practices(lives), "artefacts": list(files)}


def finding(**tables):
    return MEASURE.estimate(release(MEASURE.count(engine(**tables))))


def result(found, key="persistence"):
    return next(r for r in found.results if r.key == key)


def test_flat_use_with_a_talk_spike_lies_above_one():
    """M10: talk spikes and falls back, use stays: the interval lies above 1 and the sentence says use held up."""
    found = finding(**world())
    assert result(found).low > 1
    assert "held up" in found.sentence.text


def test_use_that_follows_talk_covers_one():
    """M10: use spikes and falls as talk does: the interval covers 1, and what would have been seen is printed."""
    found = finding(**world(spike=3.0, use_spike=3.0))
    got = result(found)
    assert got.low <= 1 <= got.high
    assert "as far as can be told" in found.sentence.text
    assert found.sentence.values["times"] > 1


def test_use_that_falls_faster_is_said_too():
    """Use collapses while talk stays up after its peak: the interval lies below 1."""
    found = finding(**world(spike=4.0, talk_after=3.0, use_after=0.2))
    assert result(found).high < 1
    assert "fell faster" in found.sentence.text


@pytest.mark.parametrize(
    ("more", "words"), [({"weeks": 36}, "shorter than"), ({"spike": 1.5}, "no peak"), ({"weeks": 48}, "less than 26 weeks")]
)
def test_without_a_peak_long_enough_ago_it_is_withheld(more, words):
    """A short window, talk without a peak, or a recent peak: nothing is said of after."""
    got = result(finding(**world(**more)))
    assert got.verdict is Verdict.WITHHELD
    assert words in got.reason.text


def test_a_change_of_coverage_withholds_the_ratio():
    """When two thirds of the traces after the peak are missing, no ratio is printed (R5)."""
    tables = world()
    extra = [dict(t, id=t["id"] + k * 50_000_000) for t in tables["traces"] if t["day"] < day(7 * 46) for k in (1, 2)]
    got = result(finding(**{**tables, "traces": tables["traces"] + extra}))
    assert got.verdict is Verdict.WITHHELD


def test_practices_alive_after_the_peak_are_followed():
    """Of 40 practices alive then, ten are given up within 26 weeks, ten built in and twenty live on: 30 of 40 lasted."""
    start = 7 * (PEAK + 8)
    lives = [{"born_on": day(start - 50), "exit_days": 50 + 60, "fate": "abandoned"}] * 10
    lives += [{"born_on": day(start - 50), "exit_days": 50 + 30, "fate": "absorbed"}] * 10
    lives += [{"born_on": day(start - 50), "exit_days": 50 + 250}] * 20
    lives += [{"born_on": day(start + 10), "exit_days": 30, "fate": "abandoned"}] * 10
    got = result(finding(**world(lives=lives)), "alive_after")
    assert (got.estimate, got.n_units) == (pytest.approx(0.75), 40)
    assert got.low < 0.75 < got.high


def test_changes_are_counted_by_practice_and_month():
    """Thirty shared files, each edited in 6 of the last 26 weeks: one change a practice and month; twice a week is once."""
    files = []
    for f in range(30):
        row = {"artefact": f + 1, "actor_kind": "person", "person": 1 + f, "source": "git", "form": "skill", "tool": "any"}
        files.append({**row, "event": "created", "ts": moment(10)})
        files += [{**row, "event": "edited", "ts": moment(7 * (WEEKS - 2 - 3 * k) + d)} for k in range(6) for d in (1, 2)]
    found = finding(**world(files=[{**r, "id": n + 1} for n, r in enumerate(files)]))
    got = result(found, "changes")
    assert got.estimate == pytest.approx(6 / (182 / 30.4375), abs=0.01)
    few = result(finding(**world(files=[{**r, "id": n + 1} for n, r in enumerate(files[:100])])), "changes")
    assert few.verdict is Verdict.WITHHELD


def test_kaplan_meier_equals_lifelines():
    """On 80 random lives the share alive and its interval equal lifelines' KaplanMeierFitter (log-minus-log Greenwood)."""
    from lifelines import KaplanMeierFitter

    chance = np.random.default_rng(22)
    days, ended = np.ceil(chance.exponential(150, 80)), chance.random(80) < 0.7
    fitted = KaplanMeierFitter().fit(days, ended)
    got = alive_share(days, ended, 182)
    band = fitted.confidence_interval_.loc[:182].iloc[-1]
    assert (got.value, got.low, got.high) == pytest.approx((float(fitted.predict(182)), band.iloc[0], band.iloc[1]))


def test_the_mean_cumulative_function_is_the_hand_computed_one():
    """Two units, watched 10 and 20; events at 5 (unit 1), 5 and 15 (unit 2): 1 + 1 = 2; variance (0)^2 + (0)^2 + 0 by hand."""
    mean, variance = mean_cumulative({1: 10.0, 2: 20.0}, [(1, 5.0), (2, 5.0), (2, 15.0)], 20.0)
    assert (mean, variance) == (2.0, 0.0)
    mean, variance = mean_cumulative({1: 10.0, 2: 20.0}, [(2, 5.0)], 20.0)
    assert (mean, variance) == (0.5, 2 * 0.25**2)


@pytest.mark.validity
def test_use_that_follows_talk_seldom_looks_otherwise():
    """Over 40 worlds in which use falls as talk does, the interval covers 1 in at least 36; flat use lies above in 40 of 40."""
    held = sum(
        got.low <= 1 <= got.high
        for got in (result(finding(**world(spike=4.0, use_spike=3.0, talk_after=1.0, use_after=0.75, seed=s))) for s in range(40))
    )
    flat = sum(result(finding(**world(seed=s))).low > 1 for s in range(10))
    assert held >= 36
    assert flat == 10
