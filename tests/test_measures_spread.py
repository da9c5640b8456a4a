"""Spread (M4): both tests, what withholds it, and worlds in which something else moves everybody."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from groundswell.measures import spread
from groundswell.measures._cell_cox import Fit, fit
from groundswell.measures._permuted_dates import KINDS, PERMUTATIONS, excess_of, exchange
from groundswell.measures._spread_tests import naive_ratio, set_beside
from groundswell.model.measure import Counts, Exit, Verdict
from groundswell.privacy.release import release
from practice_company import day, linked, moment

NEVER = 10**6


def test_cell_model_equals_statsmodels_person_by_person():
    """Estimates and errors from counts equal those of a stratified Cox model with Efron's ties on the people themselves."""
    from statsmodels.duration.hazard_regression import PHReg

    rng = np.random.default_rng(1)
    sets, x, at_risk, events = [], [], [], []
    for s in range(60):
        for a in (0, 1):
            for b in (0, 1):
                n = int(rng.integers(1, 6))
                sets.append(s), x.append((a, b)), at_risk.append(n), events.append(int(rng.binomial(n, 0.15 + 0.2 * a)))
    ours = fit(np.array(sets), np.array(x, float), np.array(at_risk, float), np.array(events, float))
    who = np.repeat(np.arange(len(sets)), at_risk)
    nth = np.arange(len(who)) - np.repeat(np.cumsum(at_risk) - at_risk, at_risk)
    status = (nth < np.array(events)[who]).astype(int)
    theirs = PHReg(np.ones(len(who)), np.array(x)[who], status=status, strata=np.array(sets)[who], ties="efron").fit(disp=0)
    assert np.allclose(ours.beta, theirs.params, atol=1e-4)
    assert np.allclose(ours.error, theirs.bse, atol=1e-3)


def looked(adoptions, looks, kind="informal", seed=1):
    """Exposed adoptions beyond those of exchanged dates; adoptions as (stratum, day), looks as (adoption, example, day)."""
    table = {
        "adoption": list(range(1, len(adoptions) + 1)), "stratum": [a[0] for a in adoptions], "day": [a[1] for a in adoptions]
    }  # fmt: skip
    seen = {"kind": [kind] * len(looks), **{c: [x[n] for x in looks] for n, c in enumerate(("adoption", "example", "day"))}}
    return excess_of(exchange(table, seen, days=42, seed=seed), kind, len(adoptions))


def test_exchange_gives_the_exact_distribution_of_a_small_stratum():
    """With two adoptions, one exposed on its own date only, half of the exchanges expose none: excess one half, p one half."""
    found = looked([(1, 500), (1, 700)], [(2, 0, 690)])
    assert (found.exposed, found.adoptions) == (1, 2)
    assert abs(found.excess - 0.5) < 0.06
    assert abs(found.p - 0.5) < 0.06


def test_exchange_keeps_every_stratum_to_itself():
    """Three strata of two adoptions, each exposed on its own date: p is 1 in 8, not 1 in 20 as if strata were mixed."""
    adoptions = [(s, d) for s in (1, 2, 3) for d in (100 * s, 1000 + 100 * s)]
    looks = [(n, 0, d - 5) for n, (_, d) in enumerate(adoptions, 1)]
    assert abs(looked(adoptions, looks, seed=2).p - 0.125) < 0.035


def test_lone_adoption_of_a_team_says_nothing():
    """A stratum with one adoption keeps its date: nothing beyond it, and p is 1."""
    found = looked([(1, 500)], [(1, 0, 490)])
    assert (found.exposed, found.excess, found.p) == (1, 0.0, 1.0)


def test_of_two_who_know_each_other_only_one_follows_under_any_exchange():
    """What an adopter shows moves with the adoption: a pair that adopted ten days apart has one exposed, however dates fall."""
    found = looked([(1, 500), (1, 510)], [(1, 2, 0), (2, 1, 0)])
    assert (found.exposed, found.spread) == (1, 0.0)


def test_example_of_the_same_day_or_older_than_six_weeks_is_none():
    """Exposed from the day after an example to the forty-second; acts less than six weeks apart leave no gap."""
    days = [d for d in range(95, 200) if looked([(1, d)], [(1, 0, 100), (1, 0, 130)]).exposed]
    assert (days[0], days[-1], len(days)) == (101, 172, 72)


def small(shows=140, place=50, kind="reply", extra=(), whom=5, programmes=(), show=True):
    """Person 1 of team north takes up what person 5 of team south showed, person 2 takes it up much later."""
    units = {1: "north", 2: "north", 3: "north", 5: "south", 6: "south"}
    positions = [
        {"person": p, "unit": u, "manager_person": 3 if u == "north" and p != 3 else 0, "day": day(0), "source": "chart"}
        for p, u in units.items()
    ]
    traces = [
        {"person": p, "day": day(d), "place": 11 if u == "north" else 12, "source": "chat"}
        for p, u in units.items()
        for d in range(0, 300, 5)
    ]
    traces += [{"person": p, "day": day(1), "place": 50, "source": "chat"} for p in (1, 5)]
    acts = [
        *([{"person": 5, "act": "shares", "tool": "quill", "place": place, "ts": moment(shows)}] if show else []),
        {"person": 1, "act": "uses", "tool": "quill", "place": 11, "ts": moment(150)},
        {"person": 2, "act": "uses", "tool": "quill", "place": 11, "ts": moment(250)},
        *extra,
    ]  # fmt: skip
    ties = [{"person": 1, "whom_person": whom, "day": day(40), "kind": kind, "source": "chat"}]
    return linked(299, acts=acts, traces=traces, positions=positions, ties=ties, programmes=list(programmes))


def looks(engine, kind="informal"):
    """(adoption, the contact's adoption or 0, day of the act since it) of everything an adopter could see."""
    rows = engine.run(spread.MEASURE.sql["looks"]).to_pylist()
    return {(r["adoption"], r["example"], r["day"]) for r in rows if r["kind"] == kind}


def test_example_of_a_tied_colleague_in_a_place_one_reads_is_seen():
    """Persons 1 and 5 adopt within the window; 1 could see what 5 showed on the day 5 took it up, and nothing else."""
    assert looks(small()) == {(1, 3, 0)}
    found = {r["round"]: r["exposed"] for r in spread.count(small()).tables["exchanged"].to_pylist() if r["kind"] == "informal"}
    assert found[0] == 1
    assert spread.count(small(shows=100)).tables["exchanged"].to_pylist()[2000]["exposed"] == 0


def test_example_elsewhere_or_without_a_tie_is_not_seen():
    """A place the person does not write in, and a mere reaction, expose nobody."""
    assert looks(small(place=51)) == set()
    assert looks(small(kind="reaction")) == set()


def test_tie_inside_a_team_is_not_informal_between_teams():
    """What a team mate shows exposes nobody along informal ties between teams."""
    shown = {"person": 2, "act": "shares", "tool": "quill", "place": 11, "ts": moment(140)}
    assert looks(small(shows=290, extra=[shown], whom=2)) == set()


def test_the_line_exposes_in_both_directions_and_is_no_informal_tie():
    """The manager's act in the team's channel, itself an adoption, exposes both reports, theirs the manager; none informally."""
    shown = {"person": 3, "act": "shares", "tool": "quill", "place": 11, "ts": moment(120)}
    engine = small(shows=200, place=51, extra=[shown])
    assert looks(engine, "formal") == {(1, 2, 0), (1, 3, 0), (2, 1, 0), (3, 1, 0)}
    assert looks(engine) == set()


def test_control_is_another_tool_of_a_contact_who_never_took_up_this_one():
    """What the contact showed of another tool is a control; as soon as they also use the adopted tool it is none."""
    other = {"person": 5, "act": "shares", "tool": "brush", "place": 50, "ts": moment(140)}
    alone = small(shows=140, place=51, extra=[other], show=False)
    assert {(a, d) for a, _, d in looks(alone, "control")} == {(1, 0)}
    assert looks(small(extra=[other]), "control") == set()


def test_dates_are_exchanged_within_team_and_tool_and_after_a_training_only_with_each_other():
    """Team, tool and the training before an adoption part the strata."""

    def strata(**more):
        rows = small(**more).run(spread.MEASURE.sql["adoptions"]).to_pylist()
        return len(rows), len({r["stratum"] for r in rows})

    second = {"person": 2, "act": "uses", "tool": "brush", "place": 11, "ts": moment(160)}
    assert strata() == (3, 2)
    assert strata(extra=[second]) == (4, 3)
    training = {"kind": "training", "tool": "quill", "unit": "north", "day": day(130), "place": 0, "source": "list"}
    assert strata(programmes=[training]) == (3, 3)
    assert strata(programmes=[{**training, "unit": "south"}]) == (3, 2)


def test_adoption_whose_first_six_weeks_are_not_seen_whole_is_left_out():
    """Of two adoptions in the team, one in the last six weeks is no adoption of this window."""
    late = {"person": 3, "act": "uses", "tool": "quill", "place": 11, "ts": moment(270)}
    assert spread.count(small(extra=[late])).units == spread.count(small()).units == 3


def test_naive_ratio_counts_weeks_after_an_example_beside_all_others():
    """One of the weeks after the example brings an adoption; the ratio of the two rates is by hand."""
    found = spread.count(small()).tables["naive"].to_pylist()[0]
    assert found["exposed_adopted"] == 1
    assert 1 <= found["exposed_weeks"] <= 6
    assert naive_ratio({"exposed_weeks": 50, "exposed_adopted": 5, "all_weeks": 250, "all_adopted": 15}) == pytest.approx(2.0)
    assert naive_ratio({"exposed_weeks": 0, "exposed_adopted": 0, "all_weeks": 250, "all_adopted": 15}) is None


def test_risk_sets_hold_who_had_not_yet_taken_it_up():
    """In the first week three are at risk, one of whom had seen an example; in the second, two."""
    rows = spread.count(small()).tables["risk"].to_pylist()
    weeks = sorted({r["week"] for r in rows})
    north = [[(r["informal"], r["at_risk"], r["adopted"]) for r in rows if r["week"] == w] for w in weeks]
    assert sum(n for _, n, _ in north[-1]) == 2
    first = next(cells for cells in north if any(i == 1 for i, _, _ in cells))
    assert sorted(first) == [(0, 2, 0), (1, 1, 1)]


# --- worlds of 200 people in 20 teams ---


def world(rng, ratio=1.0, homophily=0.0, shock=0.0):
    """One tool, ties between teams drawn by a trait, a year of weekly adoptions; a shock hits those high in the trait."""
    people, teams, weeks = 200, 20, 52
    team, trait = np.repeat(np.arange(teams), people // teams), rng.normal(size=people)
    score = rng.random((people, people)) - (0.5 * np.abs(trait[:, None] - trait[None, :]) if homophily or shock else 0)
    score[team[:, None] == team[None, :]] = -9
    tied = np.zeros((people, people), bool)
    for i in range(people):
        near = np.argsort(-score[i])[:3]
        tied[i, near] = tied[near, i] = True
    hit, adopted = trait > 0.7, np.full(people, NEVER)
    for week in range(weeks):
        monday = 7 * week
        seen = (tied & ((adopted < monday) & (adopted >= monday - 42))[None, :]).any(axis=1)
        hazard = 0.0175 * np.exp(homophily * trait) * np.where(seen, ratio, 1.0)
        hazard *= np.where(hit & (abs(week - 20) < 3), np.exp(shock), 1.0)
        new = (adopted == NEVER) & (rng.random(people) < 1 - np.exp(-hazard))
        adopted[new] = monday + rng.integers(0, 7, new.sum())
    return team, tied, adopted, hit


def both_tests(rng, team, tied, adopted, stratum):
    """Whether the exchanges and the hazard ratio both call it spread, as the measure does."""
    who = np.flatnonzero(adopted <= 364 - 42)
    who = who[np.lexsort((adopted[who], stratum[who]))]
    number = {int(i): n for n, i in enumerate(who, 1)}
    pairs = [(number[int(i)], number[int(j)], 0) for i in who for j in np.flatnonzero(tied[i]) if int(j) in number]
    excess = looked(list(zip(stratum[who], adopted[who], strict=True)), pairs, seed=int(rng.integers(1e9)))
    cells = []
    for s in np.unique(stratum):
        for week in np.unique(adopted[who][stratum[who] == s] // 7):
            at_risk = (stratum == s) & (adopted >= 7 * week)
            seen = (tied & ((adopted < 7 * week) & (adopted >= 7 * week - 42))[None, :]).any(axis=1)
            for v in (False, True):
                cell = at_risk & (seen == v)
                cells.append((s * 1000 + week, float(v), cell.sum(), (cell & (adopted // 7 == week)).sum()))
    keys, x, n, events = (np.array(c) for c in zip(*cells, strict=True))
    return set_beside(excess, fit(keys.astype(int), x[:, None], n.astype(float), events.astype(float)), 0).spreads


def called(replications, seed, *, joint=False, **planted):
    """Share of worlds called spread; `joint` gives the shock's group as a stratum."""
    rng = np.random.default_rng(seed)
    calls = []
    for _ in range(replications):
        team, tied, adopted, hit = world(rng, **planted)
        calls.append(both_tests(rng, team, tied, adopted, team * 2 + hit if joint else team))
    return np.mean(calls)


@pytest.mark.validity
@pytest.mark.parametrize(
    "planted", [{}, {"homophily": 0.7}, {"shock": 1.5}, {"homophily": 0.7, "shock": 1.5}], ids=["null", "alike", "shock", "both"]
)
def test_what_is_not_spread_is_not_called_spread(planted):
    """Null, homophily, shock and both: at most .07 called spread; .13 allowed at 80 replications."""
    assert called(80, 11, **planted) <= 0.13


@pytest.mark.validity
def test_known_joint_project_as_stratum_keeps_its_shock_out():
    """A shock to a known group, given as stratum: at most .10 called spread."""
    assert called(80, 12, joint=True, homophily=0.7, shock=1.5) <= 0.10


@pytest.mark.validity
def test_twice_the_hazard_after_an_example_is_called_spread():
    """Hazard ratio 2: power at least .55."""
    assert called(50, 13, ratio=2.0) >= 0.55


# --- refusals ---


def released(events=0, teams=20, tied=100, adoptions=160, control=0, follows=0):
    """A release of plain counts in which nothing follows anything, unless the control, or the adoptions, are said to."""
    extra = {"control": control, "informal": follows, "formal": 0}
    rows = [(kind, n, 30 + n % 9 + 20 * extra[kind] * (n == 0)) for kind in KINDS for n in range(PERMUTATIONS + 1)]
    pairs = adoptions // 2
    risk = [
        (s, 2900, i, f, 0, 3, int(i == (int(s % 5 > 0) if follows else s % 2)))
        for s in range(pairs)
        for i in (0, 1)
        for f in (0, 1)
    ]
    risk_names = ("stratum", "week", "informal", "formal", "activity", "at_risk", "adopted")
    counts = Counts(
        measure="spread",
        exit=Exit.PRACTICES,
        tables={
            "exchanged": pa.table({n: [r[i] for r in rows] for i, n in enumerate(("kind", "round", "exposed"))}),
            "risk": pa.table({n: [r[i] for r in risk] for i, n in enumerate(risk_names)}),
            "naive": pa.table({"exposed_weeks": [500], "exposed_adopted": [40], "all_weeks": [4000], "all_adopted": [adoptions]}),
            "span": pa.table({"adoptions": [adoptions], "people": [120], "teams": [teams], "tied": [tied], "events": [events]}),
        },
        people=120,
        units=adoptions,
        least_units=80,
        start=date(2025, 1, 6),
        end=date(2026, 1, 6),
    )
    return spread.estimate(release(counts))


@pytest.mark.parametrize("wrong", [{"events": 1}, {"teams": 4}, {"tied": 30}, {"adoptions": 78}, {"control": 1}])
def test_each_refusal_of_the_specification_withholds(wrong):
    """An event for all, few teams, few ties, few adoptions, or a control that spreads as well: nothing is said."""
    assert all(r.verdict is Verdict.WITHHELD for r in released(**wrong).results)
    assert "cannot be told" in released(**wrong).sentence.text


def test_nothing_following_anything_is_not_distinguishable_and_no_ratio_is_told():
    """Without agreement of both tests the sentence says how small an effect would go unseen, and every ratio is withheld."""
    found = released()
    assert "not distinguishable from a shared cause" in found.sentence.text
    assert found.sentence.values["least"] > 0
    assert found.sentence.values["ratio"] > 1
    assert {r.key for r in found.results if r.verdict is Verdict.PUBLISHED} == {"excess_informal", "excess_formal"}
    assert found.known.values["naive"] == pytest.approx(2.3)


def test_ratio_is_told_where_both_tests_agree():
    """Adoptions that follow in both tests are consistent with spread, with a ratio; along the line none is told."""
    found = released(follows=1)
    assert "consistent with spread along {way}" in found.sentence.text
    assert {r.key for r in found.results if r.verdict is Verdict.PUBLISHED} >= {"ratio_informal"}


def test_one_test_alone_is_not_enough():
    """Dates that say spread while people of one week do not, and the other way round, tell nothing."""
    excess = excess_of({"kind": ["informal"] * 1000, "round": range(1000), "exposed": [60] + [30] * 999}, "informal", 100)
    flat = excess_of({"kind": ["informal"] * 1000, "round": range(1000), "exposed": [30] * 1000}, "informal", 100)
    strong = Fit(np.array([1.0]), np.array([0.2]), np.array([0.2]))
    weak = Fit(np.array([0.1]), np.array([0.2]), np.array([0.2]))
    assert set_beside(excess, strong, 0).spreads
    assert not set_beside(excess, weak, 0).spreads
    assert not set_beside(flat, strong, 0).spreads
