"""Adoption: says how many leave a mark, with which trail, and says little where there is little."""

from datetime import timedelta

import numpy as np
import pytest

from groundswell.measures._rates import wilson
from groundswell.measures._uses import USES
from groundswell.measures.adoption import MEASURE
from groundswell.model.measure import Finding, Verdict
from groundswell.privacy.release import release
from measure_rows import day, engine, moment

WEEKS = 60


def world(adopters, *, people=40, start=30, channel="co-author trailer", rate=0.5, seed=1, weeks=WEEKS, cut=None):
    """Everybody commits every week; the first `adopters` leave a mark in a share of weeks from `start` on."""
    chance = np.random.default_rng(seed)
    traces, acts = [], []
    for person in range(1, people + 1):
        for week in range(weeks):
            traces.append({"person": person, "day": day(7 * week + 1), "id": 1_000_000 + len(traces)})
            marked = person <= adopters and week >= start and (cut is None or week < cut)
            if marked and chance.random() < rate:
                acts.append({"person": person, "ts": moment(7 * week + 2), "channel": channel, "source": "git"})
    return {"traces": traces, "acts": acts}


def finding(**tables) -> Finding:
    return MEASURE.estimate(release(MEASURE.count(engine(**tables))))


def result(found, key, group="organisation"):
    return next(r for r in found.results if r.key == key and r.group == group)


def test_the_share_is_that_of_people_who_left_a_mark():
    """Of 40 people of whom 20 leave marks in half of their weeks, half are counted, with Wilson's interval."""
    got = result(finding(**world(20)), "people_last_quarter")
    assert got.verdict is Verdict.PUBLISHED
    expected = wilson(20, 40)
    assert (got.estimate, got.low, got.high) == (expected.value, expected.low, expected.high)
    assert got.n_people == 40


def test_wilson_is_the_published_interval():
    """81 of 263 gives .2553 to .3662 and 15 of 148 .0624 to .1605, the figures of Newcombe 1998, table I."""
    for hits, n, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        got = wilson(hits, n)
        assert (round(got.low, 4), round(got.high, 4)) == (low, high)


def test_a_company_without_marks_is_not_made_to_look_alive():
    """With no mark, and with one marked person of 40, the sentence says fewer than 10 % and the same upper bound."""
    for adopters in (0, 1):
        found = finding(**world(adopters))
        assert found.sentence.text.startswith("Fewer than 10 %")
        assert result(found, "people_last_quarter").verdict is Verdict.WITHHELD
        assert found.sentence.values["high"] == pytest.approx(wilson(3, 40).high)


def test_a_share_below_a_tenth_cannot_be_counted_back():
    """No, one, two or three marked people of 40 read exactly the same."""
    said = {str(finding(**world(n)).results[0].reason) + str(finding(**world(n)).sentence) for n in range(4)}
    assert len(said) == 1


def test_a_nearly_full_share_is_not_told_exactly():
    """When all 40 people leave marks, the page says more than 90 % and no more."""
    found = finding(**world(40, start=0, rate=1.0))
    assert found.sentence.text.startswith("More than 90 %")
    assert found.results[0].estimate is None


def test_fewer_than_ten_people_are_refused():
    """Nine people give no share at all."""
    found = finding(**world(9, people=9))
    assert [r.verdict for r in found.results] == [Verdict.WITHHELD]


def test_a_channel_that_begins_is_named_beside_the_step():
    """When 20 people start to be marked in one week because a trailer appears, the sentence says it may be the trail."""
    found = finding(**world(20, start=32, rate=1.0))
    inner = found.sentence.values["second"]
    assert "may be the trail, not the people" in inner.text
    assert abs((inner.values["day"] - day(7 * 32)).days) <= 28
    assert result(found, "people_last_quarter").estimate == 0.5


def test_an_accepted_suggestion_of_a_reviewing_bot_is_no_use():
    """Where a bot reviews every change, whoever accepts its suggestions is not thereby a user; nor is a practice born of it."""
    rows = world(20, start=0, rate=1.0)
    own = finding(**rows)
    reviewed = {**rows, "acts": [{**act, "channel": "review suggestion"} for act in rows["acts"]]}
    assert result(own, "people_last_quarter").estimate is not None
    assert result(finding(**reviewed), "people_last_quarter").estimate is None
    assert len(engine(**rows).run(USES)) > 0
    assert len(engine(**reviewed).run(USES)) == 0


def test_a_vendor_who_drops_a_trailer_is_not_abandonment():
    """When a trailer ends, the step is named as the trail, and the change is at most indicative."""
    found = finding(**world(20, start=0, cut=40, rate=1.0, weeks=56))
    assert any("last marks" in m.label.text for m in found.pictures[0].marks)
    assert "may be the trail" in found.sentence.values["second"].text


def test_a_new_channel_in_the_window_makes_a_change_only_indicative():
    """A rise in the quarter in which a second channel appears is indicative; without a new channel it is published."""
    base = world(20, start=0, rate=1.0, people=60)
    late = world(40, start=50, rate=1.0, people=60, channel="generated-by line")
    risen = result(finding(traces=base["traces"], acts=base["acts"] + late["acts"]), "change_last_quarter")
    assert risen.verdict is Verdict.INDICATIVE
    assert risen.estimate > 0.2
    same = [dict(a, channel="co-author trailer") for a in late["acts"]]
    plain = result(finding(traces=base["traces"], acts=base["acts"] + same), "change_last_quarter")
    assert plain.verdict is Verdict.PUBLISHED


def test_a_change_of_coverage_withholds_the_change():
    """When half of the commits of the last quarter are missing, no change is reported (R5)."""
    base = world(20, start=0, rate=1.0)
    thrice = [dict(t, id=5_000_000 + 3 * n + k) for n, t in enumerate(base["traces"]) for k in (1, 2)]
    late = day(7 * (WEEKS - 13))
    kept = [t for t in thrice if t["day"] < late]
    got = result(finding(traces=base["traces"] + kept, acts=base["acts"]), "change_last_quarter")
    assert got.verdict is Verdict.WITHHELD
    assert "traces about other things" in got.reason.text


def test_tools_are_counted_by_people_and_floored():
    """A tool of 12 people is counted; one of 4 people is 'fewer than 10 people'."""
    base = world(12)
    few = [{"person": p, "ts": moment(7 * 40), "tool": "anvil", "source": "git"} for p in (1, 2, 3, 4)]
    found = finding(traces=base["traces"], acts=base["acts"] + few)
    assert result(found, "tool_people", "quill").estimate == 12
    small = result(found, "tool_people", "anvil")
    assert (small.estimate, small.n_people) == (None, 0)


def test_messages_do_not_count_without_an_audit():
    """Use that a reader saw in messages moves no share, and its own number asks for an audit."""
    base = world(12)
    told = [{"person": p, "ts": moment(7 * 55), "channel": "message", "score": 0.9, "source": "slack"} for p in range(20, 38)]
    found = finding(traces=base["traces"], acts=base["acts"] + told)
    assert result(found, "people_last_quarter").estimate == pytest.approx(12 / 40)
    chat = result(found, "chat_last_quarter")
    assert chat.verdict is Verdict.WITHHELD
    assert "groundswell audit" in chat.unlock.text


@pytest.mark.parametrize("precision", [0.9, 0.5])
def test_messages_count_as_often_as_the_audit_says(precision):
    """With an audit, the chat share is the claims times the precision found, and the interval holds the truth."""
    chance = np.random.default_rng(4)
    base = world(12, people=80)
    told = [{"person": p, "ts": moment(7 * 55), "channel": "message", "score": 0.8, "source": "slack"} for p in range(1, 61)]
    labels = []
    for n in range(160):
        true = chance.random() < precision
        labels.append({"id": 9000 + n, "act": "uses" if true else "none", "predicted": "done", "score": 0.8})
        labels.append({"id": 9000 + n, "act": "uses" if true else "none", "predicted": "done", "score": 0.8, "coder": 2})
    got = result(finding(traces=base["traces"], acts=base["acts"] + told, labels=labels), "chat_last_quarter")
    assert got.low < 60 * precision / 80 < got.high
    assert got.verdict is Verdict.PUBLISHED


def test_only_people_adopt():
    """Marks and commits of bots and agents change no result."""
    base = world(15)
    bots = [{"person": 900 + n, "day": day(7 * 55), "actor_kind": "bot", "id": 7_000_000 + n} for n in range(50)]
    marks = [{"person": 900 + n, "ts": moment(7 * 55), "actor_kind": "agent", "source": "git"} for n in range(50)]
    assert finding(**base).results == finding(traces=base["traces"] + bots, acts=base["acts"] + marks).results


def test_later_marks_do_not_move_earlier_points():
    """Points of the curve that end before a day are the same whatever is marked after it (R3)."""
    one, other = world(20, start=20, rate=1.0), world(20, start=20, rate=1.0)
    other["acts"] += [{"person": p, "ts": moment(7 * 50), "source": "git"} for p in range(21, 41)]
    limit = 7 * 48 + (day(0) - day(0)).days
    first = [[p for p in f.pictures[0].lines[0].points if p.x < _axis(limit)] for f in (finding(**one), finding(**other))]
    assert first[0]
    assert first[0] == first[1]


def _axis(n):
    return ((day(0) + timedelta(days=n)) - day(0)).days + (day(0).toordinal() - 719163) - 28


@pytest.mark.validity
def test_the_change_interval_covers_where_nothing_changes():
    """Over 200 worlds in which the share stays, the 95 % interval of the change holds 0 at least 93 times in 100."""
    from groundswell.measures._adoption import difference

    chance = np.random.default_rng(7)
    held = 0
    for _ in range(2000):
        a, b = chance.binomial(60, 0.3, size=2)
        got = difference({"marked": a, "active": 60}, {"marked": b, "active": 60})
        held += got.low <= 0 <= got.high
    assert held / 2000 >= 0.93
