"""The alarm rings when a source stops agreeing with the others, not before, and freezes what rests on it."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from groundswell import registry
from groundswell.measures._agreement import agreement, change
from groundswell.measures.agreement import BOTH, FALL, MEASURE, steered
from groundswell.model.measure import Finding, Verdict
from groundswell.model.phrase import say
from groundswell.privacy.release import release
from groundswell.runs import measure as story
from groundswell.runs.hypotheses import verdicts
from groundswell.runs.steered import APART, freeze
from measure_rows import START, day, engine, members, moment
from report_samples import result

ROUNDS = 60
FIVE_SD = 5 * np.sqrt(0.05 * 0.95 / ROUNDS)
"""What a false alarm of one in twenty would be exceeded by with a probability under 1e-6 in so many rounds."""


def shares(rng, groups, people, *, steered_now):
    """Shares of users by two sources in four quarters: both follow the use of a group, until one follows nothing any more."""
    use = rng.normal(-0.5, 0.8, groups)
    size = rng.integers(people // 2, people * 3 // 2, groups)
    one, other = np.zeros((4, groups)), np.zeros((4, groups))
    for n in range(4):
        p = 1 / (1 + np.exp(-(use + 0.1 * n + rng.normal(0, 0.3, groups))))
        told = rng.uniform(0.3, 0.6, groups) if steered_now and n > 1 else 0.6 * p
        one[n], other[n] = rng.binomial(size, told) / size, rng.binomial(size, 0.9 * p) / size
    return (one[:2], other[:2]), (one[2:], other[2:])


def alarms(groups, people, *, steered_now, seed):
    """Share of rounds in which the change is an alarm."""
    rng = np.random.default_rng(seed)
    found = [change(*shares(rng, groups, people, steered_now=steered_now)) for _ in range(ROUNDS)]
    return float(np.mean([i is not None and i.value < -FALL and i.high < 0 for i in found]))


@pytest.mark.parametrize(("groups", "people"), [(10, 20), (20, 40)])
def test_where_nothing_is_steered_no_alarm_rings(groups, people):
    """Sources that both follow use, with chance of their own and growth everywhere, ring in one round of twenty at most."""
    assert alarms(groups, people, steered_now=False, seed=1) < 0.05 + FIVE_SD


def test_an_invented_order_is_seen():
    """Of twenty groups of forty people one source is made up in the later half: seen in more than two rounds of three."""
    assert alarms(20, 40, steered_now=True, seed=2) > 0.67


@settings(max_examples=40, deadline=None)
@given(st.lists(st.lists(st.integers(0, 6), min_size=8, max_size=8), min_size=2, max_size=2))
def test_one_quarter_is_spearmans_own(rows):
    """In one quarter the agreement is scipy's Spearman correlation, ties included; undefined where a source is constant."""
    one, other = (np.array([row], dtype=float) for row in rows)
    found = agreement(one, other)
    if found is None:
        assert len(set(rows[0])) == 1 or len(set(rows[1])) == 1
    else:
        assert found == pytest.approx(spearmanr(rows[0], rows[1]).statistic)


def test_growth_everywhere_is_no_agreement():
    """Two sources that rise from quarter to quarter in groups they order at random do not agree by that."""
    rng = np.random.default_rng(3)
    steps = np.arange(4.0)[:, None]
    assert abs(agreement(rng.normal(size=(4, 60)) + 9 * steps, rng.normal(size=(4, 60)) + 9 * steps)) < 0.4


GROUPS, PEOPLE = 12, 12


def company(*, steered_now, groups=GROUPS, people=PEOPLE):
    """Groups whose use grows with their number; in the later half year chat tells the reverse, if it is steered."""
    team = dict(enumerate(itertools.chain.from_iterable([g] * people for g in range(groups)), 1))
    traces, acts, uses = [], [], []
    for person, g in team.items():
        for block in range(4):
            first = block * 91
            traces += [{"person": person, "day": day(first + d)} for d in (0, 45, 90)]
            shown = (person * 7) % people < g
            chat = shown if not (steered_now and block > 1) else (person * 7) % people < groups - g
            uses += [{"person": person, "day": day(first + 20)}] if shown else []
            acts += [{"person": person, "ts": moment(first + 30), "channel": "message", "source": "slack"}] if chat else []
    placed = members([{"person": p, "unit": f"Unit {g:02}", "team": g, "from_day": START} for p, g in team.items()])
    return engine(traces=traces, acts=acts, usage_days=uses, members=placed)


@pytest.fixture(scope="module")
def findings():
    """What the measure says of the honest company and of the one whose chat is steered."""
    return {now: MEASURE.estimate(release(MEASURE.count(company(steered_now=now)))) for now in (False, True)}


def test_a_steered_chat_rings(findings):
    """Chat that turns round while the logs go on as before is an alarm, in the words of the specification."""
    told = findings[True]
    assert told.sentence.text.startswith("This measure is being steered")
    assert steered(told) == ("chat_logs",)
    assert told.results[0].high < 0 > told.results[0].estimate + FALL


def test_an_honest_company_is_told_so(findings):
    """Where both sources go on as they were, the sentence says that there is no sign of steering."""
    told = findings[False]
    assert told.sentence.text.startswith("No sign of steering")
    assert steered(told) == ()
    assert [r.verdict for r in told.results] == [Verdict.PUBLISHED, Verdict.WITHHELD, Verdict.WITHHELD]


def test_what_cannot_be_ruled_out_is_said(findings):
    """A wide interval is no good news: where a fall by more than the limit lies inside it, the sentence says so."""
    from dataclasses import replace

    from groundswell.measures.agreement import _sentence

    wide = replace(findings[False].results[0], low=-0.6)
    assert "cannot be ruled out" in _sentence((wide, *findings[False].results[1:])).text


@pytest.mark.parametrize("small", [{"groups": 8}, {"people": 8}])
def test_few_groups_and_small_groups_say_nothing(small):
    """Eight groups, or groups of eight people, ring no alarm whatever they do: it is withheld, with its reason."""
    told = MEASURE.estimate(release(MEASURE.count(company(steered_now=True, **small))))
    assert {r.verdict for r in told.results} == {Verdict.WITHHELD}
    assert steered(told) == ()


SAID = Finding(
    measure="follow_through",
    sentence=say("a sentence"),
    results=(result("follow_through", "drift", say("x"), (1.8, 1.4, 2.3), "ratio", 90, 90),),
)


def test_what_rests_on_steered_sources_is_frozen(findings):
    """A claim that a published result would decide is not decided while its sources are steered; the result says why."""
    (before,), (_, after) = freeze([SAID], registry.measures()), freeze([findings[True], SAID], registry.measures())
    assert before == SAID
    assert after.results[0].verdict is Verdict.INDICATIVE
    assert after.results[0].reason.values == {"both": BOTH["chat_logs"]}
    assert after.results[0].estimate == SAID.results[0].estimate
    says = [{v.code: v.says for v in verdicts([f])}["H1"] for f in (before, after)]
    assert [str(s) for s in says] == ["supports", "cannot tell"]


def test_every_measure_of_use_is_frozen_and_that_of_the_sources_is_not(findings):
    """Whatever counts acts, logs or practices is frozen; licences held, which nobody tells, would be only where logs are read."""
    one = result("x", "y", say("x"), (0.5, 0.4, 0.6), "share", 90, 90)
    from dataclasses import replace

    asked = [Finding(measure=n, sentence=say("s"), results=(replace(one, measure=n),)) for n in registry.measures()]
    rest = [f for f in asked if f.measure != "agreement"]
    frozen = {f.measure for f in freeze([findings[True], *rest], registry.measures()) if f.results[0].verdict != "published"}
    assert {"adoption", "follow_through", "survival", "kinds", "after_fashion", "pulse"} <= frozen
    assert not frozen & APART


def test_every_page_is_frozen(findings, monkeypatch):
    """Asking every question of a company freezes them; a build without that step, weakened, leaves the claim decided."""
    from dataclasses import replace

    from groundswell.model.measure import Exit

    steady = replace(registry.measures()["follow_through"], exit=Exit.PRACTICES, estimate=lambda out: SAID)
    two = {"agreement": MEASURE, "follow_through": steady}
    monkeypatch.setattr(registry, "measures", lambda: two)
    held = company(steered_now=True)
    assert [f.results[0].verdict for f in story.measure(held).findings][1] is Verdict.INDICATIVE
    monkeypatch.setattr(story, "freeze", lambda findings, measures: tuple(findings))
    assert [f.results[0].verdict for f in story.measure(held).findings][1] is Verdict.PUBLISHED
