"""Staying power (M3): estimators against independent sources, refusals, and planted worlds in both directions."""

import re
from dataclasses import replace
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from groundswell.measures import survival
from groundswell.measures._survival_compare import compare, why_not
from groundswell.measures._survival_curves import (
    Lives,
    cumulative_incidence,
    kaplan_meier,
    last_readable_day,
    mean_influence,
    number_at_risk,
    permuted_log_rank,
    restricted_mean,
)
from groundswell.model.measure import Counts, Exit, Verdict
from groundswell.model.phrase import say
from groundswell.privacy.release import release
from practice_company import linked

ALPHA = 0.05


def lives(exit_, fate, entry=None, stratum=None):
    """Practices from plain lists."""
    n = len(exit_)
    return Lives(
        np.zeros(n) if entry is None else np.asarray(entry, float),
        np.asarray(exit_, float),
        np.asarray(fate, dtype=np.int64),
        np.zeros(n, dtype=np.int64) if stratum is None else np.asarray(stratum, dtype=np.int64),
    )


def drawn(rng, n=200, late=True):
    """Untied left-truncated lives with three competing ends."""
    end = rng.exponential(100, n)
    censored = rng.uniform(20, 300, n)
    entry = rng.exponential(20, n) * rng.integers(0, 2, n) if late else np.zeros(n)
    exit_ = np.minimum(end, censored)
    keep = entry < exit_
    fate = np.where(end <= censored, rng.integers(1, 4, n), 0)
    return lives(exit_[keep], fate[keep], entry[keep])


# --- against independent sources ---


def test_product_limit_gives_the_published_6_mp_figures():
    """Kaplan-Meier, its standard errors and its mean are those printed for 6-MP in Klein & Moeschberger 2003, 4.1 to 4.5."""
    weeks = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
    ended = [1, 1, 1, 0, 1, 0, 1, 0, 0, 1, 1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0]
    curve = kaplan_meier(lives(weeks, ended))
    assert curve.times.tolist() == [6, 7, 10, 13, 16, 22, 23]
    assert curve.survival.round(3).tolist() == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    errors = curve.survival * np.sqrt(curve.greenwood)
    assert errors.round(4).tolist() == [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    mean, variance = restricted_mean(curve, 35)
    assert round(mean, 2) == 23.29
    assert round(float(np.sqrt(variance)), 2) == 2.83


def test_left_truncated_curve_equals_lifelines():
    """The left-truncated curve and the area under it equal lifelines' on untied lives."""
    from lifelines import KaplanMeierFitter
    from lifelines.utils import restricted_mean_survival_time

    for seed in range(3):
        some = drawn(np.random.default_rng(seed))
        some = some.where(some.exit > 1)
        theirs = KaplanMeierFitter().fit(some.exit, some.fate > 0, entry=some.entry)
        ours = kaplan_meier(some)
        days = np.linspace(1, 150, 20)
        expected = theirs.survival_function_at_times(days).to_numpy()
        assert np.allclose([ours.at(d) for d in days], expected, atol=1e-12)
        assert np.isclose(restricted_mean(ours, 150)[0], restricted_mean_survival_time(theirs, t=150), atol=1e-9)


def test_cumulative_incidence_and_its_variance_equal_lifelines():
    """Aalen-Johansen values and variances equal lifelines' on untied lives without truncation."""
    from lifelines import AalenJohansenFitter

    some = drawn(np.random.default_rng(4), late=False)
    for fate in (1, 2, 3):
        theirs = AalenJohansenFitter(calculate_variance=True).fit(some.exit, some.fate, event_of_interest=fate)
        value, variance = cumulative_incidence(some, fate, np.array([50.0, 120.0]))
        at = theirs.cumulative_density_.index.searchsorted([50.0, 120.0], side="right") - 1
        assert np.allclose(value, theirs.cumulative_density_.to_numpy()[at, 0], atol=1e-12)
        assert np.allclose(variance, np.ravel(theirs.variance_.to_numpy())[at], rtol=0.02)


def test_fates_and_survival_add_up_to_one():
    """At every day the three fates and the living make up all practices."""
    some = drawn(np.random.default_rng(5))
    some = some.where(some.entry < 5)
    days = np.array([30.0, 90.0, 180.0])
    total = sum(cumulative_incidence(some, k, days)[0] for k in (1, 2, 3))
    assert np.allclose(total + [kaplan_meier(some).at(d) for d in days], 1.0)


def test_influence_reproduces_the_variance_of_the_mean():
    """The practices' squared influences sum to Greenwood's variance of the restricted mean, within a hundredth."""
    some = drawn(np.random.default_rng(6), n=3000)
    curve = kaplan_meier(some)
    _, variance = restricted_mean(curve, 150)
    assert abs((mean_influence(some, curve, 150) ** 2).sum() / variance - 1) < 0.05


def test_permuted_log_rank_agrees_with_the_asymptotic_test_of_lifelines():
    """In one team and without late entry, p is close to lifelines' log-rank p."""
    from lifelines.statistics import logrank_test

    rng = np.random.default_rng(7)
    for effect in (1.0, 1.3, 1.6):
        arm = rng.integers(0, 2, 160).astype(bool)
        end = rng.exponential(100, 160) / np.where(arm, effect, 1.0)
        stop = rng.uniform(50, 300, 160)
        some = lives(np.minimum(end, stop), (end <= stop).astype(int))
        theirs = logrank_test(some.exit[arm], some.exit[~arm], some.fate[arm], some.fate[~arm]).p_value
        assert abs(permuted_log_rank(some, arm, seed=1) - theirs) < 0.05


def test_permutation_keeps_every_team_to_itself():
    """A team that holds only one arm cannot move p, however short-lived it is."""
    rng = np.random.default_rng(8)
    some = lives(rng.exponential(100, 80) + 1, np.ones(80), stratum=np.repeat([1, 2], 40))
    arm = rng.integers(0, 2, 80).astype(bool)
    lone = lives(np.ones(40), np.ones(40), stratum=np.full(40, 3))
    both = Lives(*(np.concatenate([a, b]) for a, b in zip(vars(some).values(), vars(lone).values(), strict=True)))
    assert permuted_log_rank(some, arm, seed=2) == permuted_log_rank(both, np.r_[arm, np.ones(40, bool)], seed=2)


def test_permutation_within_pairs_has_its_exact_p():
    """Three teams of one practice each way, the first arm always ending first: p is 2 in 8; mixed, it would be 2 in 20."""
    some = lives([10, 20, 30, 60, 50, 90], [1, 1, 1, 1, 1, 1], stratum=[1, 1, 2, 2, 3, 3])
    p = permuted_log_rank(some, np.array([True, False] * 3), seed=3)
    assert abs(p - 0.25) < 0.05


def test_risk_sets_count_nobody_before_they_were_seen():
    """A practice seen from its day 10 on is not at risk on day 10, and is on day 11."""
    some = lives([20, 20], [0, 0], entry=[10, 0])
    assert number_at_risk(some, np.array([10.0, 11.0])).tolist() == [1, 2]
    assert last_readable_day(some, least=2) == 20


# --- refusals and sentences ---


def released(rows, read=None, people=200):
    """A release of invented counts; rows are (team, origin, fate, entry, exit, practices)."""
    names = ("team", "origin", "fate", "entry_days", "exit_days", "practices")
    table = pa.table({n: [r[i] for r in rows] for i, n in enumerate(names)})
    n = sum(r[5] for r in rows)
    origins = ["grassroots", "interleaved", "mandated", "no_mandate_seen", "provisioned", "unknown"]
    known = [sum(r[5] for r in rows if r[1] == o) for o in origins]
    counts = Counts(
        measure="survival",
        exit=Exit.PRACTICES,
        tables={
            "lives": table,
            "origins": pa.table({"origin": origins, "practices": known, "fragile": [0] * 6}),
            "read": pa.table({"practices": [n], "from_messages": [0], "audited": [0], **(read or {})}),
        },
        people=people,
        units=n,
        least_units=40,
        start=date(2025, 1, 6),
        end=date(2026, 6, 1),
    )
    return release(counts)


def world(rng, n=400, teams=24, ratio=1.0, base=150.0, origins=("grassroots", "mandated")):
    """Lives with a hazard ratio of the second origin against the first."""
    rows = []
    for i in range(n):
        which = i % len(origins)
        end = rng.exponential(base / (ratio if which else 1.0))
        stop = rng.uniform(150, 400)
        fate = "abandoned" if end <= stop else "alive"
        rows.append((int(rng.integers(1, teams + 1)), origins[which], fate, 0, int(np.ceil(min(end, stop))), 1))
    return released(rows)


def result(finding, key):
    """The result of a key."""
    return next(r for r in finding.results if r.key == key)


def words(phrase):
    """English words of a phrase, inner ones filled in, numbers left out."""
    text = phrase.text
    for name, value in phrase.values.items():
        if hasattr(value, "text"):
            text = re.sub(rf"\{{{name}(:\w+)?\}}", words(value), text)
    return text


def test_sentence_says_each_direction_in_the_same_words():
    """A world where grassroots lives longer, and its mirror image, give the same sentence with the two swapped."""
    rng = np.random.default_rng(11)
    longer = survival.estimate(world(rng, ratio=2.5)).sentence
    shorter = survival.estimate(world(rng, ratio=0.4)).sentence
    one, other = words(longer), words(shorter)
    assert "that began with someone trying it lived" in one
    assert "that began with a demand lived" in other
    swap = {
        "that began with someone trying it": "that began with a demand",
        "that began with a demand": "that began with someone trying it",
    }
    assert re.sub("|".join(swap), lambda m: swap[m[0]], one) == other


def test_sentence_of_no_difference_says_what_would_have_been_seen():
    """Where nothing shows, the sentence gives the interval and the smallest difference that would have shown."""
    told = words(survival.estimate(world(np.random.default_rng(12))).sentence)
    assert "no difference shows" in told
    assert "would not be seen" in told


def test_git_alone_publishes_survival_and_withholds_the_comparison():
    """Without a leadership channel survival and fates are there, the comparison says what is missing and what would help."""
    finding = survival.estimate(world(np.random.default_rng(13), origins=("no_mandate_seen",)))
    assert result(finding, "alive_90").verdict is Verdict.PUBLISHED
    withheld = result(finding, "difference")
    assert withheld.verdict is Verdict.WITHHELD
    assert "leaders" in withheld.reason.text
    assert "org chart" in withheld.unlock.text


def company_of(work=0, tool=0, file=0):
    """An engine with so many practices of each kind; those of files never end."""
    rows = [("acts", "coding")] * work + [("acts", "unknown")] * tool + [("file", "unknown")] * file
    n = len(rows)
    # Of the acts every other one ended; no file did.
    fates = ["alive" if carrier == "file" or i % 2 else "abandoned" for i, (carrier, _) in enumerate(rows)]
    engine = linked(10)
    engine.register(
        "practices",
        pa.table(
            {
                "practice": range(1, n + 1), "carrier": [r[0] for r in rows], "job": [r[1] for r in rows], "team": [1] * n,
                "origin": ["grassroots"] * n, "fate": fates,
                "entry_days": [0] * n, "exit_days": [60 if f == "abandoned" else 300 for f in fates], "fragile": [False] * n,
                "corroborated": [True] * n, "traces": [9] * n,
                "born_on": [date(2025, 1, 6)] * n, "source": ["chat"] * n, "tool": ["quill"] * n, "unit": ["loft"] * n,
            }
        ),
    )  # fmt: skip
    return engine


@pytest.mark.parametrize(
    ("held", "basis"),
    [
        ({"work": 40, "tool": 90, "file": 90}, "work"),
        ({"work": 39, "tool": 40, "file": 90}, "tool"),
        ({"work": 10, "tool": 9, "file": 50}, "file"),
        ({"work": 20, "tool": 30, "file": 39}, "file"),
    ],
)
def test_practices_of_different_kinds_are_never_pooled(held, basis):
    """Work first, then tools, then files, the first with 40; else the largest, which is then too few for a number."""
    engine = company_of(**held)
    tables = {name: engine.run(text).to_pylist() for name, text in survival.MEASURE.sql.items() if name != "read"}
    assert tables["basis"] == [{"basis": basis}]
    assert sum(r["practices"] for r in tables["lives"]) == tables["span"][0]["watched"] == held[basis]


def test_shared_files_are_told_apart():
    """Where practices are work, the share of shared files still there stands beside, and does not lift the share alive."""
    counts = replace(survival.count(company_of(work=60, file=60)), people=50)
    found = survival.estimate(release(counts))
    assert result(found, "files_180").estimate == 1.0
    assert result(found, "alive_90").estimate == 0.5


@pytest.mark.parametrize(
    ("n", "verdict"), [(39, Verdict.WITHHELD), (40, Verdict.INDICATIVE), (119, Verdict.INDICATIVE), (120, Verdict.PUBLISHED)]
)
def test_number_of_practices_decides_how_it_may_be_read(n, verdict):
    """Below 40 practices nothing, below 120 indicative."""
    finding = survival.estimate(world(np.random.default_rng(14), n=n, base=400))
    assert result(finding, "alive_90").verdict is verdict


def test_comparison_is_withheld_by_each_of_its_rules():
    """Fewer than 12 in an arm, 40 together, 5 teams, 10 at risk at the horizon, or too many unknown origins: each withholds."""
    rng = np.random.default_rng(15)
    names = (say("a"), say("b"))

    def arm(n, teams=10, base=400.0):
        end = rng.exponential(base, n)
        return lives(np.minimum(end, 366), (end <= 366).astype(int), stratum=rng.integers(0, teams, n))

    good = arm(60)
    assert why_not((good, arm(60)), names, 0.0) is None
    assert why_not((good, arm(11)), names, 0.0) is not None
    assert why_not((arm(20), arm(19)), names, 0.0) is not None
    assert why_not((arm(60, teams=4), arm(60, teams=4)), names, 0.0) is not None
    assert why_not((good, arm(60, base=30.0)), names, 0.0) is not None
    assert why_not((good, arm(60)), names, 0.41) is not None


def test_unaudited_messages_are_only_indicative():
    """Where most practices were read in messages nobody audited, nothing is more than indicative."""
    rows = [(t % 9 + 1, "grassroots", "alive", 0, 366, 1) for t in range(200)]
    finding = survival.estimate(released(rows, read={"from_messages": [150]}))
    assert {r.verdict for r in finding.results} <= {Verdict.INDICATIVE, Verdict.WITHHELD}


def test_estimates_leave_with_two_figures():
    """Results that carry no noise are rounded to two significant figures (M11)."""
    finding = survival.estimate(world(np.random.default_rng(16)))
    for r in finding.results:
        for value in (r.estimate, r.low, r.high):
            assert value is None or float(f"{value:.2g}") == value


def test_short_lived_arm_is_compared_at_ninety_days():
    """Where one arm has too few left at 180 days, the difference to 90 days is given beside the withheld one."""
    finding = survival.estimate(world(np.random.default_rng(17), n=200, base=110.0, ratio=2.0))
    assert result(finding, "difference").verdict is Verdict.WITHHELD
    assert result(finding, "difference_90").estimate > 0


# --- planted worlds: bounds widened for few replications ---


def arms(rng, n=160, teams=20, frailty=0.0, ratio=1.0, late=0.0, uneven=0.25):
    """Two arms unevenly spread over teams; `late` days is the mean age at which the first arm is first seen."""
    team = rng.integers(0, teams, n)
    alike = np.exp(rng.normal(0, frailty, teams))
    arm = rng.random(n) < np.clip(0.5 + uneven * rng.normal(0, 1, teams), 0.1, 0.9)[team]
    end = 120 * rng.exponential(1, n) / (alike[team] * np.where(arm, ratio, 1.0))
    stop = rng.uniform(120, 400, n)
    entry = np.where(arm, 0.0, np.floor(late * rng.exponential(1, n)))
    exit_ = np.ceil(np.minimum(end, stop))
    some = Lives(entry, exit_, (end <= stop).astype(np.int64), team)
    keep = entry < exit_
    return some.where(keep & ~arm), some.where(keep & arm)


def tried(replications, seed, **planted):
    """Differences over replications of a world."""
    rng = np.random.default_rng(seed)
    return [compare(arms(rng, **planted), seed=int(rng.integers(1e9))) for _ in range(replications)]


@pytest.mark.validity
def test_no_effect_shows_none():
    """(i) No effect: mean difference at most 5 days, intervals cover. False alarm of this test below 1 in 1,000."""
    found = tried(120, 101)
    assert abs(np.mean([f.days.value for f in found])) <= 5
    assert np.mean([f.days.low <= 0 <= f.days.high for f in found]) >= 0.88
    assert np.mean([f.p <= ALPHA for f in found]) <= 0.11


@pytest.mark.validity
def test_grassroots_seen_late_does_not_flatter_it():
    """(ii) Grassroots first seen 25 days late, no effect: at most .08 false positives, .13 at 120 replications."""
    found = tried(120, 102, late=25.0)
    assert np.mean([f.p <= ALPHA for f in found]) <= 0.13
    assert np.mean([f.shown for f in found]) <= 0.08


@pytest.mark.validity
def test_seeing_late_without_delayed_entry_would_flatter_it():
    """(ii, fault planted) Ignoring delayed entry makes grassroots look longer-lived, so the world above can tell."""
    rng = np.random.default_rng(103)
    found = []
    for _ in range(60):
        pair = arms(rng, n=320, late=25.0)
        found.append(compare(tuple(replace(a, entry=np.zeros(len(a))) for a in pair), seed=1).days.value)
    assert np.mean(found) > 10


@pytest.mark.validity
def test_six_alike_teams_raise_no_alarm():
    """(iii) Six teams with frailty of sd .7 and no effect: type I at most .08, .13 at 120 replications."""
    found = tried(120, 104, teams=6, frailty=0.7)
    assert np.mean([f.p <= ALPHA for f in found]) <= 0.13
    assert np.mean([f.shown for f in found]) <= 0.08


@pytest.mark.validity
@pytest.mark.parametrize("sign", [1, -1])
def test_twice_the_hazard_is_seen_in_both_directions(sign):
    """(v) Hazard ratio 2 with 160 practices: power at least .85, .82 at 100 replications, whichever origin it is against."""
    found = []
    rng = np.random.default_rng(105)
    for _ in range(100):
        pair = arms(rng, ratio=2.0, frailty=0.3, uneven=0.0)
        found.append(compare(pair if sign > 0 else (pair[1], pair[0]), seed=int(rng.integers(1e9))))
    assert np.mean([f.shown and sign * f.days.value > 0 for f in found]) >= 0.82
