"""Practices: what makes one, when it began, when it ended, and what is no end at all."""

import numpy as np
import pytest

from groundswell.measures._survival_curves import Lives, kaplan_meier, restricted_mean
from groundswell.practices import link
from groundswell.practices.rhythm import DEFAULT, fit, longest_silence
from practice_company import company, day, linked, moment

END = 400
STAFF = [{"person": p, "day": day(d), "place": 11, "source": "chat"} for p in range(1, 9) for d in range(0, END + 1, 5)]


def uses(person, days, **more):
    """One act of use on each of the days."""
    return [{"person": person, "act": "uses", "tool": "quill", "ts": moment(d + 0.4), **more} for d in days]


def practices(acts, end=END, traces=STAFF, **rows):
    """Rows of practices of a company of eight people in one channel."""
    return linked(end, acts=acts, traces=traces, **rows).run("select * from practices").to_pylist()


def weekly(first, last):
    """Days a week apart."""
    return range(first, last, 7)


def test_practice_is_a_tool_for_a_job_in_a_unit():
    """Two people of one unit with one tool and job are one practice; another job, tool or unit is another."""
    positions = [{"person": p, "unit": "north" if p < 3 else "south", "day": day(0), "source": "chart"} for p in range(1, 9)]
    acts = [*uses(1, [100]), *uses(2, [110]), *uses(1, [100], job="testing"), *uses(1, [100], tool="pen"), *uses(3, [100])]
    found = practices(acts, positions=positions)
    assert sorted((p["tool"], p["job"], p["unit"], p["people"]) for p in found) == [
        ("pen", "coding", "north", 1),
        ("quill", "coding", "north", 2),
        ("quill", "coding", "south", 1),
        ("quill", "testing", "north", 1),
    ]
    assert next(p for p in found if p["people"] == 2)["second_after_days"] == 10


def test_unit_is_the_place_without_an_org_chart():
    """The same people in two channels have a practice in each, and its unit is the channel's hash."""
    found = practices([*uses(1, [100], place=11), *uses(1, [100], place=12)])
    assert sorted(p["unit"] for p in found) == ["11", "12"]
    assert sorted(p["team"] for p in found) == [1, 2]


def test_person_who_moves_takes_no_practice_along():
    """Use counts for the unit of the day it was left in."""
    positions = [
        {"person": 1, "unit": "north", "day": day(0), "source": "chart"},
        {"person": 1, "unit": "south", "day": day(200), "source": "chart"},
    ]
    found = practices(uses(1, [199, 200]), positions=positions)
    assert {(p["unit"], p["born_on"]) for p in found} == {("north", day(199)), ("south", day(200))}


@pytest.mark.parametrize(
    "wrong",
    [
        {"modality": "intended"},
        {"modality": "reported"},
        {"act": "demands"},
        {"act": "announces"},
        {"tool": ""},
        {"tool": "any", "job": "unknown"},
        {"actor_kind": "bot"},
    ],
)
def test_only_concrete_use_by_a_person_is_a_practice(wrong):
    """What is meant, told of another, demanded, nameless or done by a machine makes no practice."""
    assert practices([{**row, **wrong} for row in uses(1, [100])]) == []


def test_passive_rows_of_a_log_are_no_use():
    """A log's row that is not active, such as an automatic review, makes no practice; an active one does."""
    logs = [{"person": 1, "day": day(100), "tool": "quill", "source": "log", "active": a} for a in (True, False)]
    assert len(practices([], usage_days=logs[:1])) == 1
    assert practices([], usage_days=logs[1:]) == []


def test_long_silence_ends_a_practice_on_the_day_after_its_last_trace():
    """A practice with weekly traces that falls silent for months has ended, and lived to its last trace."""
    (found,) = practices(uses(1, weekly(100, 200)))
    assert (found["fate"], found["exit_days"]) == ("abandoned", 99)


def test_silence_at_the_end_of_observation_ends_nothing():
    """A practice whose silence is shorter than its rhythm allows is alive, and censored where it could last be told."""
    (found,) = practices(uses(1, weekly(100, 395)))
    assert found["fate"] == "alive"
    assert 250 < found["exit_days"] < 290


def test_pause_that_was_taken_up_again_is_no_end():
    """Ten silent weeks in the middle of a practice's life do not end it."""
    (found,) = practices(uses(1, [*weekly(100, 150), *weekly(220, 395)]))
    assert found["fate"] == "alive"


def test_silence_allowed_follows_the_practice_and_never_falls_below_three_weeks():
    """A rarer or shorter-known practice may be silent for longer; the busiest still has three weeks."""
    often, seldom = longest_silence(np.array([50.0, 12.0]), np.array([50.0, 50.0]), DEFAULT.shape, DEFAULT.weeks)
    known_short = longest_silence(np.array([5.0]), np.array([5.0]), DEFAULT.shape, DEFAULT.weeks)[0]
    assert 3.0 <= often < seldom
    assert known_short > often
    assert longest_silence(np.array([5000.0]), np.array([500.0]), 2.0, 2.0)[0] == 3.0


def test_silence_is_the_lomax_quantile():
    """The threshold is the .99 quantile of scipy's Lomax law with a = a0 + traces and b = b0 + weeks."""
    from scipy.stats import lomax

    a, b = DEFAULT.shape + 9, DEFAULT.weeks + 30
    ours = longest_silence(np.array([9.0]), np.array([30.0]), DEFAULT.shape, DEFAULT.weeks)[0]
    assert np.isclose(ours, lomax(a, scale=b).ppf(0.99))


def test_rhythm_of_a_source_is_recovered():
    """From 3,000 practices with gamma rates and a chance to end after each trace, rate and stop come back within .12 and .03."""
    rng = np.random.default_rng(3)
    n, weeks = 3000, 60.0
    rate = rng.gamma(3.0, 1 / 4.0, n)
    again, alive = np.zeros(n), np.zeros(n)
    for i in range(n):
        t = 0.0
        while rng.random() > 0.1:
            t += rng.exponential(1 / rate[i])
            if t > weeks:
                break
            again[i], alive[i] = again[i] + 1, t
    found = fit(again, alive, np.full(n, weeks))
    assert abs(found.shape / found.weeks - 0.75) < 0.12
    assert abs(found.stop - 0.1) < 0.03


@pytest.mark.parametrize(("drop", "fate"), [("abandoned", "abandoned"), ("switched", "replaced"), ("job_ended", "alive")])
def test_word_of_an_end_decides_what_became_of_it(drop, fate):
    """Said to be abandoned, switched, or its job ended, with no later trace: the fate follows, dated when it was said."""
    said = {"person": 1, "act": "drops", "tool": "quill", "drop": drop, "ts": moment(203.5)}
    (found,) = practices([*uses(1, weekly(100, 200)), said])
    assert (found["fate"], found["exit_days"]) == (fate, 104)


def test_word_of_an_end_before_a_later_trace_ends_nothing():
    """Giving up and coming back is no end."""
    said = {"person": 1, "act": "drops", "tool": "quill", "drop": "abandoned", "ts": moment(203.5)}
    (found,) = practices([*uses(1, weekly(100, 395)), said])
    assert found["fate"] == "alive"


def test_job_that_goes_on_with_another_tool_is_replaced():
    """If the same unit does the same job with another tool within the silence, the practice was replaced."""
    found = practices([*uses(1, weekly(100, 200)), *uses(2, weekly(203, 395), tool="pen")])
    assert {p["tool"]: p["fate"] for p in found} == {"quill": "replaced", "pen": "alive"}


def test_another_job_does_not_replace():
    """Another tool for another job is no replacement."""
    found = practices([*uses(1, weekly(100, 200)), *uses(2, weekly(203, 395), tool="pen", job="testing")])
    assert {p["tool"]: p["fate"] for p in found} == {"quill": "abandoned", "pen": "alive"}


def test_practice_built_into_a_shared_file_is_absorbed():
    """If one of its people makes a skill for the tool around the last trace, it was built in."""
    made = {"person": 1, "ts": moment(200), "place": 30, "artefact": 5, "tool": "quill", "source": "git"}
    found = practices(uses(1, weekly(100, 200)), artefacts=[made])
    assert {p["carrier"]: p["fate"] for p in found} == {"acts": "absorbed", "file": "alive"}


def test_practice_of_people_who_left_is_censored():
    """Silence after the last person left, by org chart or by their last trace of any kind, is no end."""
    gone = [{"person": 20, "day": day(d), "place": 11, "source": "chat"} for d in range(100, 203, 5)]
    (by_trace,) = practices(uses(20, weekly(100, 200)), traces=STAFF + gone)
    assert by_trace["fate"] == "alive"
    positions = [{"person": 1, "unit": "north", "day": day(0), "left_on": day(203), "source": "chart"}]
    (by_chart,) = practices(uses(1, weekly(100, 200)), positions=positions)
    assert by_chart["fate"] == "alive"


def test_vendor_that_drops_its_mark_ends_nothing():
    """When everybody's marks of one channel stop within three weeks, practices seen only by it are censored, not ended."""
    marks = [row for p in range(1, 6) for row in uses(p, weekly(100 + p, 250), channel="trailer", place=40 + p, source="git")]
    places = [{"person": p, "day": day(d), "place": 40 + p, "source": "git"} for p in range(1, 6) for d in range(0, END + 1, 9)]
    switched = practices(marks, traces=STAFF + places)
    assert {p["fate"] for p in switched} == {"alive"}
    one_by_one = [
        row for p in range(1, 6) for row in uses(p, weekly(60, 120 + 45 * p), channel="trailer", place=40 + p, source="git")
    ]
    stopped = practices(one_by_one, traces=STAFF + places)
    assert [p["fate"] for p in stopped].count("abandoned") >= 3


def test_union_of_channels_keeps_a_practice_alive_through_a_switch():
    """A tool that leaves two marks, one of which its vendor drops, goes on."""
    rows = []
    for p in range(1, 6):
        rows += uses(p, weekly(100 + p, 250), channel="trailer", place=40 + p, source="git")
        rows += uses(p, weekly(100 + p, 395), channel="author", place=40 + p, source="git")
    places = [{"person": p, "day": day(d), "place": 40 + p, "source": "git"} for p in range(1, 6) for d in range(0, END + 1, 9)]
    found = practices(rows, traces=STAFF + places)
    assert {p["fate"] for p in found} == {"alive"}
    assert min(p["exit_days"] for p in found) > 200


def test_practice_alive_at_the_start_is_never_at_risk():
    """A practice first seen in the first six weeks of its source may be older: its origin is unknown and it is not watched."""
    (found,) = practices(uses(1, weekly(20, 200)))
    assert found["origin"] == "unknown"
    assert found["entry_days"] == found["exit_days"]


def test_stray_early_trace_means_delayed_entry():
    """A birth before its chat was really connected is followed only from then on."""
    early = {"person": 1, "day": day(-200), "place": 11, "source": "chat"}
    (found,) = practices(uses(1, [-200, *weekly(50, 395)]), traces=[*STAFF, early])
    assert found["entry_days"] >= 200


def test_corroboration_needs_two_people_in_three_weeks_or_two_families():
    """R11: two people in three weeks, or chat and log for one person; not one person alone, nor two in one week."""
    log = [{"person": 4, "day": day(130), "tool": "ink", "source": "log"}]
    found = practices(
        [
            *uses(1, weekly(100, 200)),
            *uses(1, [100, 107], tool="pen"),
            *uses(2, [114], tool="pen"),
            *uses(1, [100], tool="nib"),
            *uses(2, [101], tool="nib"),
            *uses(4, [100], tool="ink"),
        ],
        usage_days=log,
    )
    assert {(p["tool"], p["job"]): p["corroborated"] for p in found} == {
        ("quill", "coding"): False,
        ("pen", "coding"): True,
        ("nib", "coding"): False,
        ("ink", "coding"): True,
        ("ink", "unknown"): True,
    }


def artefact(event, n, person=1, number=5, form="skill", place=30):
    """One thing that happened to a shared file."""
    return {
        "person": person, "ts": moment(n), "place": place, "artefact": number, "form": form, "tool": "quill", "event": event,
        "source": "git",
    }  # fmt: skip


REPOSITORY = [{"person": 1, "day": day(d), "place": 30, "source": "git"} for d in range(0, END + 1, 5)]


@pytest.mark.parametrize(
    ("events", "fate", "days"),
    [
        ([artefact("created", 100)], "alive", 300),
        ([artefact("created", 100), artefact("deleted", 150)], "abandoned", 50),
        ([artefact("created", 100), artefact("moved", 150)], "alive", 300),
        ([artefact("created", 100), artefact("deleted", 150), artefact("created", 160)], "alive", 300),
        ([artefact("created", 100), artefact("deleted", 150), artefact("created", 155, number=6)], "replaced", 50),
        ([artefact("created", 100), artefact("deleted", 150), artefact("created", 150, number=6, form="agent")], "absorbed", 50),
        ([artefact("created", 100), artefact("deleted", 150), artefact("created", 190, number=6)], "abandoned", 50),
    ],
)
def test_file_lives_until_it_is_deleted_for_good(events, fate, days):
    """Silence and moves end no file; a deletion does, and what was made beside it says what became of it."""
    found = practices([], traces=STAFF + REPOSITORY, artefacts=events)
    first = next(p for p in found if p["born_on"] == day(100))
    assert (first["carrier"], first["fate"], first["exit_days"], first["entry_days"]) == ("file", fate, days, 0)


def test_file_whose_creation_was_not_seen_is_never_at_risk():
    """A shallow history that begins with an edit tells no birth."""
    (found,) = practices([], traces=STAFF + REPOSITORY, artefacts=[artefact("edited", 100)])
    assert found["entry_days"] == found["exit_days"]


def test_a_company_of_thirty_thousand_is_counted():
    """A person's number times a week fits its type: at 21,475 people it once did not, and linking stopped."""
    files = [artefact("created", 100, person=30_000), artefact("edited", 120, person=29_999)]
    engine = linked(END, people=30_000, traces=STAFF + REPOSITORY, artefacts=files)
    assert engine.run("select people, traces from practices").to_pylist() == [{"people": 2, "traces": 2}]


def test_linking_does_not_depend_on_the_order_of_rows():
    """Shuffled rows give the same practices."""
    rng = np.random.default_rng(5)
    acts = [
        row
        for p in range(1, 9)
        for row in uses(p, sorted(rng.integers(60, 380, 9)), tool=["quill", "pen"][p % 2], place=p % 3 + 1)
    ]
    files = [artefact("created", 100), artefact("edited", 120, person=2), artefact("deleted", 150)]
    plain = company(acts=acts, traces=STAFF + REPOSITORY, artefacts=files)
    mixed = company(acts=acts[::-1], traces=(STAFF + REPOSITORY)[::-1], artefacts=files[::-1])
    assert link.link(plain, end=day(END)).equals(link.link(mixed, end=day(END)))


def test_nothing_after_the_last_day_counts():
    """Linking up to a day is linking a store in which nothing later stands."""
    acts = [row for p in range(1, 5) for row in uses(p, weekly(60 + p, 395), place=p)]
    cut = [a for a in acts if a["ts"] < moment(301)]
    early = [t for t in STAFF if t["day"] <= day(300)]
    assert link.link(company(acts=acts, traces=STAFF), end=day(300)).equals(
        link.link(company(acts=cut, traces=early), end=day(300))
    )


def test_empty_company_has_no_practice():
    """With nothing to read there are no practices, and nothing fails."""
    engine = linked(END)
    assert not engine.has("practices")
    assert engine.run("select * from practices").num_rows == 0


@pytest.mark.validity
def test_practices_that_leave_few_traces_do_not_look_shorter_lived():
    """(iv) Equal lives, a trace a week against one a month: restricted means differ by at most 2 weeks of 16 (2.5 here)."""
    gaps = []
    for seed in range(6):
        rng = np.random.default_rng(400 + seed)
        acts, traces = (
            [],
            [{"person": p, "day": day(d), "place": 11, "source": "chat"} for p in range(1, 6) for d in range(0, 728, 5)],
        )
        for i in range(200):
            t, rate = rng.uniform(8, 94), (1.0, 0.25)[i % 2]
            end = min(t + rng.exponential(26), 104)
            traces.append({"person": 100 + i, "day": day(727), "place": 11, "source": "chat"})
            while t < end:
                acts += uses(100 + i, [7 * t], tool=("often", "seldom")[i % 2], place=1000 + i)
                t += rng.exponential(1 / rate)
        rows = linked(727, acts=acts, traces=traces).run("select * from practices where entry_days < exit_days").to_pydict()
        means = []
        for tool in ("often", "seldom"):
            own = np.array(rows["tool"]) == tool
            lives = Lives(
                np.array(rows["entry_days"], float)[own], np.array(rows["exit_days"], float)[own],
                (np.array(rows["fate"]) != "alive").astype(np.int64)[own], np.zeros(own.sum(), np.int64),
            )  # fmt: skip
            means.append(restricted_mean(kaplan_meier(lives), 180)[0])
        gaps.append(means[0] - means[1])
    assert abs(np.mean(gaps)) <= 2.5 * 7
