"""Listening gap (M9): what counts as shared, what as an answer, and when nothing is said."""

from datetime import date

import pyarrow as pa
import pytest

from groundswell.measures import listening
from groundswell.model.measure import Verdict
from groundswell.privacy.release import release
from measure_rows import day, engine, members, moment

PERIOD = pa.table({"start_day": [day(0)], "end_day": [day(300)]})
TEAMS = members([{"person": p, "unit": "north" if p <= 40 else "south", "team": 1 if p <= 40 else 2} for p in range(1, 81)])


def shared(n, *, on=100, job=None):
    """Person n of team north shares a practice of its own."""
    return {
        "id": 1000 + n,
        "person": n,
        "act": "shares",
        "place": 7,
        "ts": moment(on),
        "channel": "message",
        "job": job or f"job{n}",
    }


def answer(who, whom, *, on=105, kind="reply", seen_in=None):
    """One person turning to another: in a message of the channel, or in a sign on what they shared."""
    seen_in = seen_in or (1000 + whom if kind == "reaction" else HERE)
    return {"id": seen_in, "person": who, "whom_person": whom, "day": day(on), "kind": kind, "source": "chat"}


HERE, ELSEWHERE = 501, 502
MESSAGES = [{"id": HERE, "place": 7}, {"id": ELSEWHERE, "place": 8}]


def gap(shares, ties=(), acts=()):
    """The one row that is counted."""
    rows = engine(acts=[*shares, *acts], ties=list(ties), traces=MESSAGES, members=TEAMS, period=PERIOD)
    return listening.count(rows).tables["gap"].to_pylist()[0]


def test_answer_from_another_team_within_thirty_days_closes_the_gap():
    """Of four practices one is answered from outside, one from inside only, one too late and one never."""
    found = gap([shared(n) for n in (1, 2, 3, 4)], [answer(50, 1), answer(9, 2), answer(50, 3, on=131)])
    assert (found["shares"], found["unanswered"], found["silent"]) == (4, 3, 2)


def test_a_practice_shared_twice_is_one_and_its_first_day_counts():
    """The same tool and job of a team is one practice; only those who shared it first can be answered."""
    found = gap([shared(1, job="writing"), shared(2, job="writing", on=120)], [answer(50, 2, on=121)])
    assert (found["shares"], found["unanswered"]) == (1, 1)


def test_an_emoji_and_a_use_that_names_the_sharer_are_answers_and_a_mention_is_none():
    """A reaction and a take-up close the gap, a mention of the name does not."""
    took = {"person": 51, "act": "takes_up", "place": 8, "ts": moment(110), "channel": "message", "whom_person": 2, "job": "job2"}
    found = gap([shared(n) for n in (1, 2, 3)], [answer(50, 1, kind="reaction"), answer(50, 3, kind="mention")], [took])
    assert (found["shares"], found["unanswered"]) == (3, 1)


def test_what_is_said_to_the_sharer_about_something_else_is_no_answer():
    """Whoever shares also talks of other things: a reply in another channel, a sign on another message, another take-up."""
    took = {
        "person": 51,
        "act": "takes_up",
        "place": 8,
        "ts": moment(110),
        "channel": "message",
        "whom_person": 3,
        "job": "other",
    }
    found = gap(
        [shared(n) for n in (1, 2, 3)], [answer(50, 1, seen_in=ELSEWHERE), answer(50, 2, kind="reaction", seen_in=9)], [took]
    )
    assert (found["shares"], found["unanswered"], found["silent"]) == (3, 3, 3)
    took["job"] = "unknown"
    assert gap([shared(3)], acts=[took])["unanswered"] == 0


def test_what_was_shared_in_the_last_thirty_days_is_left_out():
    """It could still be answered."""
    assert gap([shared(1, on=275), shared(2, on=265)])["shares"] == 1


@pytest.mark.parametrize(("n", "told"), [(29, False), (30, True)])
def test_fewer_than_thirty_shares_say_nothing(n, told):
    """The limit of the specification, and the share that is then told, with Wilson's interval."""
    found = listening.estimate(
        release(
            listening.count(
                engine(
                    acts=[shared(p) for p in range(1, n + 1)], ties=[answer(50, p) for p in range(1, 11)], members=TEAMS,
                    traces=MESSAGES,
                    period=PERIOD,
                )
            )
        )
    )  # fmt: skip
    gap_ = found.results[0]
    assert (gap_.verdict is Verdict.PUBLISHED) == told
    assert ("no reaction from outside" in found.sentence.text) == told
    if told:
        assert (gap_.estimate, gap_.low, gap_.high) == (0.67, 0.49, 0.81)
        assert gap_.start == date(2025, 4, 16)
