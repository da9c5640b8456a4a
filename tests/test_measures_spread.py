"""Spread (M4): both tests, what withholds it, and worlds in which something else moves everybody."""

from datetime import date
from statistics import NormalDist

import numpy as np
import pyarrow as pa
import pytest

from groundswell.measures import spread
from groundswell.measures._cell_cox import fit
from groundswell.measures._permuted_dates import exchange
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


def test_exchange_gives_the_exact_distribution_of_a_small_stratum():
    """With two adoptions, one exposed on its own date only, half of the exchanges expose none: excess one half, p one half."""
    rows = {
        "kind": ["informal"] * 4, "stratum": [1] * 4, "adoption": [1, 1, 2, 2], "on_date": [1, 2, 1, 2], "exposed": [0, 0, 0, 1],
    }  # fmt: skip
    found = exchange(rows, "informal", seed=1)
    assert (found.exposed, found.adoptions) == (1, 2)
    assert abs(found.excess - 0.5) < 0.06
    assert abs(found.p - 0.5) < 0.06


def test_exchange_keeps_every_stratum_to_itself():
    """Three strata of two adoptions, each exposed on its own date: p is 1 in 8, not 1 in 20 as if strata were mixed."""
    cells = [(s, a, d, int(a == d)) for s in (1, 2, 3) for a in (1, 2) for d in (1, 2)]
    rows = {
        "kind": ["informal"] * 12,
        **{n: [c[i] for c in cells] for i, n in enumerate(("stratum", "adoption", "on_date", "exposed"))},
    }
    assert abs(exchange(rows, "informal", seed=2).p - 0.125) < 0.035


def test_lone_adoption_of_a_team_says_nothing():
    """A stratum with one adoption cannot be exchanged."""
    rows = {"kind": ["informal"], "stratum": [1], "adoption": [1], "on_date": [1], "exposed": [1]}
    assert exchange(rows, "informal", seed=1).adoptions == 0


def small(shows=140, place=50, kind="reply", extra=(), whom=5):
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
        {"person": 5, "act": "shares", "tool": "quill", "place": place, "ts": moment(shows)},
        {"person": 1, "act": "uses", "tool": "quill", "place": 11, "ts": moment(150)},
        {"person": 2, "act": "uses", "tool": "quill", "place": 11, "ts": moment(250)},
        *extra,
    ]  # fmt: skip
    ties = [{"person": 1, "whom_person": whom, "day": day(40), "kind": kind, "source": "chat"}]
    return linked(299, acts=acts, traces=traces, positions=positions, ties=ties)


def exposed(engine, kind="informal"):
    """(adoption, date) pairs of team north under which the adopter had seen an example."""
    rows = spread.count(engine).tables["dates"].to_pylist()
    return {(r["adoption"], r["on_date"]) for r in rows if r["kind"] == kind and r["exposed"]}


def test_example_of_a_tied_colleague_in_a_place_one_reads_is_seen_for_six_weeks():
    """The first adopter had seen it on the own date and would not have on the other's, 110 days later."""
    assert exposed(small()) == {(1, 1)}
    assert exposed(small(shows=100)) == set()
    assert exposed(small(shows=151)) == set()


def test_example_elsewhere_or_without_a_tie_is_not_seen():
    """A place the person does not write in, and a mere reaction, expose nobody."""
    assert exposed(small(place=51)) == set()
    assert exposed(small(kind="reaction")) == set()


def test_tie_inside_a_team_is_not_informal_between_teams():
    """What a team mate shows exposes nobody along informal ties between teams."""
    shown = {"person": 2, "act": "shares", "tool": "quill", "place": 11, "ts": moment(140)}
    assert exposed(small(shows=290, extra=[shown], whom=2)) == set()


def test_leaders_example_counts_along_the_line_only():
    """The manager's act in the team's channel, itself adoption 1, exposes both reports along the line, not informally."""
    shown = {"person": 3, "act": "shares", "tool": "quill", "place": 11, "ts": moment(120)}
    engine = small(shows=200, extra=[shown])
    assert exposed(engine, "formal") == {(2, 2), (3, 2)}
    assert exposed(engine) == set()


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
    rows = {k: [] for k in ("kind", "stratum", "adoption", "on_date", "exposed")}
    cells = []
    for s in np.unique(stratum):
        mine = np.flatnonzero((stratum == s) & (adopted < NEVER))
        for a, i in enumerate(mine):
            theirs = adopted[tied[i]]
            for b, j in enumerate(mine):
                on = adopted[j]
                values = ("informal", s, a, b, int(((theirs < on) & (theirs >= on - 42)).any()))
                for key, value in zip(rows, values, strict=True):
                    rows[key].append(value)
        for week in np.unique(adopted[mine] // 7):
            at_risk = (stratum == s) & (adopted >= 7 * week)
            seen = (tied & ((adopted < 7 * week) & (adopted >= 7 * week - 42))[None, :]).any(axis=1)
            for v in (False, True):
                cell = at_risk & (seen == v)
                cells.append((s * 1000 + week, float(v), cell.sum(), (cell & (adopted // 7 == week)).sum()))
    keys, x, n, events = (np.array(c) for c in zip(*cells, strict=True))
    found = fit(keys.astype(int), x[:, None], n.astype(float), events.astype(float))
    z = found.beta[0] / found.error[0]
    excess = exchange(rows, "informal", seed=int(rng.integers(1e9)))
    return excess.p <= spread.ALPHA / 2 and z > 0 and 2 * NormalDist().cdf(-abs(z)) <= spread.ALPHA


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


def released(events=0, teams=20, tied=100, adoptions=160, control=0):
    """A release of plain counts: pairs of adoptions in which nothing follows anything, unless the control does."""
    pairs = adoptions // 2
    rows = [
        (kind, s, a, d, int(kind == "control" and control and a == d)) for kind in ("informal", "formal", "control")
        for s in range(pairs) for a in (1, 2) for d in (1, 2)
    ]  # fmt: skip
    names = ("kind", "stratum", "adoption", "on_date", "exposed")
    risk = [(s, 2900, i, f, 0, 3, int(i == 0)) for s in range(pairs) for i in (0, 1) for f in (0, 1)]
    risk_names = ("stratum", "week", "informal", "formal", "activity", "at_risk", "adopted")
    counts = Counts(
        measure="spread",
        exit=Exit.PRACTICES,
        tables={
            "dates": pa.table({n: [r[i] for r in rows] for i, n in enumerate(names)}),
            "risk": pa.table({n: [r[i] for r in risk] for i, n in enumerate(risk_names)}),
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


def test_nothing_following_anything_is_not_distinguishable():
    """Without exposure the sentence says so and how many adoptions would not have been seen."""
    told = released().sentence
    assert "not distinguishable from a shared cause" in told.text
    assert told.values["least"] > 0
