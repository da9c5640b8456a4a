"""What real repositories looked like, as shapes: what a naive look would have said, and what is said here."""

from functools import cache

import numpy as np
import pytest

from groundswell.measures._cell_cox import fit
from groundswell.measures._change_point import change
from groundswell.measures._permuted_dates import excess_of, exchange
from groundswell.measures._spread_tests import naive_ratio, set_beside
from groundswell.measures.adoption import MEASURE as ADOPTION
from groundswell.measures.going_back import MEASURE as GOING_BACK
from groundswell.model.measure import Verdict
from groundswell.model.practice import Fate
from groundswell.privacy.release import release
from measure_rows import day, engine, moment
from practice_company import day as chart_day
from practice_company import linked
from practice_company import moment as instant

NEVER = 10**6


# --- a neighbour comparison: a ratio of three that is calendar time ---


def rising_world(rng, *, repositories=8, people=24, weeks=52, neighbours=0.4):
    """Nobody moves anybody: in each repository everybody's weekly hazard rises thirtyfold over the year; some share folders."""
    team = np.repeat(np.arange(repositories), people)
    tied = rng.random((len(team), len(team))) < neighbours
    tied = np.triu(tied & (team[:, None] == team[None, :]), 1)
    tied = tied | tied.T
    adopted = np.full(len(team), NEVER)
    for week in range(weeks):
        hazard = 0.002 * np.exp(3.4 * week / weeks)
        new = (adopted == NEVER) & (rng.random(len(team)) < hazard)
        adopted[new] = 7 * week + rng.integers(0, 7, new.sum())
    return team, tied, adopted


def looked_at(rng, team, tied, adopted, weeks=52):
    """The naive ratio over person-weeks, and both tests within repository and week."""
    counts = dict.fromkeys(("exposed_weeks", "exposed_adopted", "all_weeks", "all_adopted"), 0)
    cells = []
    for week in range(weeks):
        at_risk, new = adopted >= 7 * week, adopted // 7 == week
        seen = (tied & (adopted < 7 * week)[None, :]).any(axis=1)
        counts["all_weeks"] += int(at_risk.sum())
        counts["all_adopted"] += int((at_risk & new).sum())
        counts["exposed_weeks"] += int((at_risk & seen).sum())
        counts["exposed_adopted"] += int((at_risk & seen & new).sum())
        for t in np.unique(team[new]):
            mine = at_risk & (team == t)
            cells += [(t * 100 + week, float(v), (mine & (seen == v)).sum(), (mine & new & (seen == v)).sum()) for v in (0, 1)]
    keys, x, n, events = (np.array(c) for c in zip(*cells, strict=True))
    fitted = fit(keys.astype(int), x[:, None], n.astype(float), events.astype(float))
    who = np.flatnonzero(adopted < NEVER)
    number = {int(i): k for k, i in enumerate(who, 1)}
    pairs = [(number[int(i)], number[int(j)]) for i in who for j in np.flatnonzero(tied[i]) if int(j) in number]
    adoptions = {"adoption": list(number.values()), "stratum": team[who].tolist(), "day": adopted[who].tolist()}
    looks = {
        "kind": ["informal"] * len(pairs),
        "adoption": [a for a, _ in pairs],
        "example": [b for _, b in pairs],
        "day": [0] * len(pairs),
    }
    rows = exchange(adoptions, looks, days=364, seed=int(rng.integers(1e9)))
    return naive_ratio(counts), set_beside(excess_of(rows, "informal", len(who)), fitted, 0)


def test_a_neighbour_ratio_of_three_is_calendar_time_and_is_not_told():
    """Where everybody starts more often as the year goes on, weeks beside an adopter look thrice as fruitful; nothing is told."""
    rng = np.random.default_rng(5)
    found = [looked_at(rng, *rising_world(rng)) for _ in range(8)]
    assert np.median([naive for naive, _ in found]) > 2.5
    assert sum(one.spreads for _, one in found) <= 1  # .05 x 8: two would be seen less than 6 times in 100
    assert np.median([one.ratio.value for _, one in found]) < 1.6


# --- pauses are not stops ---


def test_most_silences_of_four_weeks_are_pauses_and_end_nothing():
    """Sixty practices used in bursts fall silent for 5 weeks, 42 of them to resume: on its last day nearly all live."""
    rng = np.random.default_rng(2)
    acts, traces, positions = [], [], []
    for person in range(1, 61):
        unit = f"unit{person}"
        positions.append({"person": person, "unit": unit, "day": chart_day(0), "source": "chart"})
        # Bursts: two or three weeks of use, then a pause of one to four weeks.
        week, weeks = int(rng.integers(0, 5)), []
        while week < 30:
            weeks += range(week, min(week + int(rng.integers(2, 4)), 30))
            week = weeks[-1] + 1 + int(rng.integers(1, 5))
        if person <= 42:
            weeks += range(36, 52, 2)
        acts += [{"person": person, "act": "uses", "tool": "quill", "place": person, "ts": instant(7 * w + 2)} for w in weeks]
        traces += [{"person": person, "day": chart_day(7 * w + 1), "place": person, "source": "chat"} for w in range(60)]
    cut = 7 * 35
    early = linked(cut, acts=[a for a in acts if a["ts"] < instant(cut)], traces=traces, positions=positions)
    fates = [r["fate"] for r in early.run("select fate from practices").to_pylist()]
    last = [max(a["ts"] for a in acts if a["person"] == p and a["ts"] < instant(cut)) for p in range(1, 61)]
    fixed_gap = sum(ts < instant(cut - 28) for ts in last)
    assert fixed_gap >= 55  # a rule of four weeks would call nearly all of them stopped
    assert sum(f != Fate.ALIVE for f in fates) <= 6


# --- control repositories stay near zero ---


def test_three_stray_marks_among_forty_do_not_make_a_company_that_uses_ai():
    """As in the control repositories: 3 people with a mark in one week each read as fewer than a tenth, and no tool is told."""
    traces = [
        {"person": p, "day": day(7 * w + 1), "id": 1000 * p + w} for p in range(1, 41) for w in range(60)
    ]  # fmt: skip
    acts = [{"person": p, "ts": moment(7 * (50 + p)), "channel": "co-author trailer", "source": "git"} for p in (1, 2, 3)]
    found = ADOPTION.estimate(release(ADOPTION.count(engine(traces=traces, acts=acts))))
    assert found.sentence.text.startswith("Fewer than 10 %")
    assert all(r.verdict is Verdict.WITHHELD for r in found.results)


# --- a vendor's change of trailer is neither adoption nor abandonment ---


@cache
def trailers(change=None, people=40, users=24, weeks=60):
    """Users leave a mark most weeks: by one line until a week, by another from then on."""
    rng = np.random.default_rng(3)
    traces = [{"person": p, "day": day(7 * w + 1), "id": 1000 * p + w} for p in range(1, people + 1) for w in range(weeks)]
    acts = [
        {
            "person": p, "ts": moment(7 * w + 2), "source": "git",
            "channel": "co-author trailer" if change is not None and w >= change else "generated-with line",
        }
        for p in range(1, users + 1) for w in range(weeks) if rng.random() < 0.6
    ]  # fmt: skip
    return ADOPTION.estimate(release(ADOPTION.count(engine(traces=traces, acts=acts))))


@pytest.mark.parametrize("change", [40, 47, 55])
def test_one_trailer_giving_way_to_another_changes_no_share(change):
    """The share of people, its change and the curve are those of a company whose vendor changed nothing; the line is marked."""
    plain, changed = trailers(), trailers(change)
    level = [next(r for r in f.results if r.key == "people_last_quarter") for f in (plain, changed)]
    assert level[0].estimate == level[1].estimate
    moved = [next(r for r in f.results if r.key == "change_last_quarter") for f in (plain, changed)]
    assert moved[0].estimate == moved[1].estimate
    assert [p.value for p in plain.pictures[0].lines[0].points] == [p.value for p in changed.pictures[0].lines[0].points]
    assert any("first marks" in m.label.text for m in changed.pictures[0].marks)
    if moved[1].estimate is not None:
        assert moved[1].verdict is Verdict.INDICATIVE  # it may be the trail


def two_tools(quill, finch, people=20, weeks=44):
    """What going back says, and the naive change point, of a company where each tool is used, or marked, week by week so much."""
    rng = np.random.default_rng(7)
    shares = {"quill": np.asarray(quill), "finch": np.asarray(finch)}
    people = range(1, people + 1)
    traces = [{"person": p, "day": chart_day(7 * w + 1), "place": 11, "source": "git"} for p in people for w in range(weeks + 1)]
    acts = [
        {"person": p, "act": "uses", "tool": tool, "ts": instant(7 * w + 1), "source": "git", "channel": "co-author trailer"}
        for tool, share in shares.items() for p in people for w in range(weeks) if rng.random() < share[w]
    ]  # fmt: skip
    let_out = release(GOING_BACK.count(linked(7 * weeks + 1, acts=acts, traces=traces)))
    weekly = let_out.tables["weeks"].to_pydict()
    naive = change(np.array(weekly["used"], dtype=float), np.array(weekly["active"], dtype=float), seed=1, permutations=199)
    return GOING_BACK.estimate(let_out), naive


STEP = [0.1] * 22 + [0.5] * 22
FLAT = [0.2] * 44


@pytest.mark.parametrize("finch", [STEP, STEP[::-1], [0.0] * 22 + [0.5] * 22])
def test_marks_that_one_vendor_adds_or_drops_are_no_going_back(finch):
    """Only one tool's marks step, up or down: a naive change point is sure, and nothing is told but which marks changed."""
    found, naive = two_tools(FLAT, finch)
    assert naive.p <= 0.01
    assert found.results[0].verdict is Verdict.WITHHELD
    assert found.sentence.values["why"].values["tool"] == "finch"


@pytest.mark.parametrize(("quill", "way"), [(STEP, "higher"), (STEP[::-1], "lower")])
def test_people_who_change_show_in_the_marks_of_every_tool(quill, way):
    """Where use really rises, or falls, whatever the tool, it is told, with its sign."""
    found, _ = two_tools(quill, quill)
    assert found.results[0].verdict is Verdict.PUBLISHED
    assert found.sentence.values["way"].text == way


def test_a_change_of_tool_by_the_same_people_is_no_change_of_use():
    """One tool gives way to the other, at once and with nobody starting or stopping: no lasting change shows."""
    found, _ = two_tools([0.4] * 22 + [0.0] * 22, [0.0] * 22 + [0.4] * 22)
    assert found.sentence.text.startswith("No lasting change")


def test_what_a_usage_log_shows_is_not_left_out():
    """A fall that one tool's log shows is told: a log is no mark that comes and goes with a vendor's release."""
    rng = np.random.default_rng(8)
    traces = [{"person": p, "day": chart_day(7 * w + 1), "place": 11, "source": "chat"} for p in range(1, 31) for w in range(45)]
    acts = [{"person": 1, "act": "uses", "tool": "quill", "ts": instant(1), "place": 11}]
    usage = [
        {"person": p, "tool": "quill", "day": chart_day(7 * w + 1), "source": "log"}
        for p in range(1, 31) for w in range(44) if rng.random() < STEP[::-1][w]
    ]  # fmt: skip
    positions = [{"person": p, "unit": "loft", "day": chart_day(0), "source": "chart"} for p in range(1, 31)]
    engine_ = linked(309, acts=acts, traces=traces, usage_days=usage, positions=positions)
    found = GOING_BACK.estimate(release(GOING_BACK.count(engine_)))
    assert found.sentence.values["way"].text == "lower"


def test_where_every_work_week_shows_use_no_change_is_told():
    """Sources that show work only where AI is used say nothing of going back: 0 without an interval was printed."""
    found, _ = two_tools([1.0] * 44, [1.0] * 44)
    assert [r.verdict for r in found.results] == [Verdict.WITHHELD]
    assert "every work week" in found.sentence.values["why"].text
