"""The invitation: seeing it says almost nothing, nobody can aim or count it, and what is told waits until it is safe."""

import inspect
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from groundswell.privacy.consent import BATCH, MOST_DAYS, Held, left_after, plan
from groundswell.selfreport import invitation
from groundswell.selfreport.accounts import member_of
from groundswell.selfreport.base import all_tables, open_book, reading, writing
from groundswell.selfreport.declined import Declined
from groundswell.selfreport.entry import ENTRIES
from groundswell.selfreport.invitation import ESCROW, OwnAct, Story, invited, let_go, matches, offer, withdraw
from pulse_people import SECRET, hire, rows

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
STORY = Story("Copying tickets", "Claude", "support", "I let it fill the form.", pen="quiet heron")


@pytest.fixture
def book(tmp_path):
    engine = open_book(f"sqlite:///{tmp_path / 'book'}")
    yield engine
    engine.dispose()


def test_the_odds_an_observer_gains_are_bounded():
    """Who sees a page learns at most by the odds of .9 to .4 if the paragraph is there, and .1 to .6 if it is not."""
    shown, hidden = invitation.MATCHING / invitation.COVER, (1 - invitation.MATCHING) / (1 - invitation.COVER)
    assert shown == pytest.approx(2.25)
    assert round(hidden, 2) == 0.17
    people = [f"account {n}" for n in range(20_000)]
    rates = {m: sum(invited(SECRET, who, 2026, match=m) for who in people) / len(people) for m in (True, False)}
    assert rates[True] == pytest.approx(0.9, abs=0.015)
    assert rates[False] == pytest.approx(0.4, abs=0.015)
    assert rates[True] / rates[False] == pytest.approx(2.25, rel=0.06)
    assert (1 - rates[True]) / (1 - rates[False]) == pytest.approx(1 / 6, rel=0.12)


ACTS = st.lists(st.builds(OwnAct, st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.booleans()), max_size=12)


@given(ACTS, st.lists(st.dates(date(2026, 1, 1), date(2026, 12, 31)), min_size=1, max_size=6), st.text(max_size=8))
def test_looking_again_teaches_nothing(acts, looks, account):
    """Over a year every look at a page shows the same, whatever happened meanwhile: many looks are one look."""
    shown = {invited(SECRET, account, look.year, match=matches([a for a in acts if a.day <= look], look.year)) for look in looks}
    assert len(shown) == 1


@given(ACTS)
def test_who_matches_has_weeks_of_their_own_and_showed_none(acts):
    """Whoever has shown something is not at the edge, and neither is whoever has hardly begun."""
    before = [act for act in acts if act.day.year < 2026]
    if matches(acts, 2026):
        assert not any(act.shared for act in before)
        assert len({act.day.isocalendar()[:2] for act in before}) >= invitation.LEAST_WEEKS
    assert not matches([*before, OwnAct(date(2025, 1, 1), True)], 2026)


def test_nobody_can_aim_filter_or_count():
    """No function takes people in the plural, and no table says who matches, who was shown it or who ignored it."""
    for name, function in inspect.getmembers(invitation, inspect.isfunction):
        if function.__module__ == invitation.__name__ and not name.startswith("_"):
            assert not {"accounts", "people", "unit", "role", "leads"} & set(inspect.signature(function).parameters)
    columns = {f"{t.name}.{c.name}" for t in all_tables().tables.values() for c in t.columns}
    columns -= {"ballots.opened"}  # the day a team's ballot began
    assert not [c for c in columns if any(word in c for word in ("invit", "match", "shown", "ignored", "opened"))]


HELD = st.lists(st.builds(Held, st.uuids().map(str), st.booleans()), max_size=12, unique_by=lambda one: one.number)


@given(HELD, st.integers(0, MOST_DAYS))
def test_what_is_given_a_day_goes_in_company_or_by_waiver(held, days):
    """A story gets a day at once if its author waived company; the others only when five wait; within fourteen days."""
    today = date(2026, 3, 2)
    got = plan(held, today, below=lambda _: days)
    together = [one for one in got if not one.alone]
    assert len(together) in {0, sum(not one.alone for one in held)}
    assert len(together) == 0 or len(together) >= BATCH
    assert {one.number for one in got if one.alone} == {one.number for one in held if one.alone}
    assert all(one.on == today + timedelta(days=days) and one.size >= 1 for one in got)


def test_delays_are_drawn_one_by_one():
    """Stories of one batch go on different days, any of fifteen."""
    held = [Held(str(n), alone=False) for n in range(400)]
    days = [(one.on - date(2026, 3, 2)).days for one in plan(held, date(2026, 3, 2))]
    assert set(days) == set(range(MOST_DAYS + 1))


@settings(max_examples=50)
@given(st.integers(BATCH, 9), st.data())
def test_taking_back_leaves_nobody_in_small_company(n, data):
    """However many take theirs back, no story has a day with fewer than five in its batch."""
    held = {one.number: one for one in plan([Held(str(i), alone=False) for i in range(n)], date(2026, 3, 2))}
    for _ in range(data.draw(st.integers(1, n))):
        gone = held.pop(data.draw(st.sampled_from(sorted(held))))
        held |= {one.number: one for one in left_after(list(held.values()), gone)}
        assert all(one.on is None or one.size >= BATCH for one in held.values())
        assert all(one.size == sum(o.batch == one.batch for o in held.values()) for one in held.values() if one.on)


def test_a_pen_name_leads_to_nobody(book):
    """Under a pen name neither the waiting story nor the entry has an account; the code its author holds changes both."""
    (who,) = hire(book, ["Sales"])
    with writing(book) as connection:
        code = offer(connection, STORY, member_of(connection, who), now=NOW)
    assert who not in repr(rows(book, ESCROW))
    assert code not in repr(rows(book, ESCROW))
    with writing(book) as connection:
        connection.execute(sa.update(ESCROW).values(alone=True, on=NOW.date()))
        assert let_go(connection, now=NOW) == 1
    (entry,) = rows(book, ENTRIES)
    assert entry["account"] is None
    assert entry["day"] == date(2026, 3, 1)
    assert (entry["pen"], entry["tried"]) == ("quiet heron", STORY.text)
    with reading(book) as connection:
        stranger = member_of(connection, who)
        assert invitation.logbook.may_change(connection, entry["id"], stranger, code=code)
        assert not invitation.logbook.may_change(connection, entry["id"], stranger)


def test_stories_wait_for_each_other(book):
    """Four stories wait; the fifth gives all of them a day; each goes on its day and not before."""
    people = hire(book, ["Sales"] * BATCH)
    for n, who in enumerate(people):
        with writing(book) as connection:
            offer(connection, STORY, member_of(connection, who), now=NOW)
        days = [row["on"] for row in rows(book, ESCROW)]
        assert (None in days) == (n + 1 < BATCH)
    seen = 0
    for day in range(MOST_DAYS + 1):
        with writing(book) as connection:
            due = sum(row["on"] <= (NOW + timedelta(days=day)).date() for row in rows(book, ESCROW))
            assert let_go(connection, now=NOW + timedelta(days=day)) == due
            seen += due
    assert seen == len(rows(book, ENTRIES)) == BATCH


def test_a_story_can_be_taken_back_until_it_goes(book):
    """Before its day a code takes a story back without a trace; afterwards, or with another code, it takes nothing back."""
    (who,) = hire(book, ["Sales"])
    with writing(book) as connection:
        code = offer(
            connection, Story("Minutes", "Claude", "", "It writes them.", alone=True), member_of(connection, who), now=NOW
        )
        assert not withdraw(connection, "another code")
        assert withdraw(connection, code)
        assert not withdraw(connection, code)
    assert rows(book, ESCROW) == []
    with writing(book) as connection:
        code = offer(
            connection, Story("Minutes", "Claude", "", "It writes them.", alone=True), member_of(connection, who), now=NOW
        )
        assert let_go(connection, now=NOW + timedelta(days=MOST_DAYS)) == 1
        assert not withdraw(connection, code)
    (entry,) = rows(book, ENTRIES)
    assert entry["account"] == who


@pytest.mark.parametrize("wrong", [{"text": " "}, {"title": ""}, {"text": "x" * 5000}, {"pen": "x" * 41}])
def test_what_cannot_be_told_is_declined_at_once(book, wrong):
    """A story that the logbook would not take is not left waiting."""
    from dataclasses import replace

    (who,) = hire(book, ["Sales"])
    with pytest.raises(Declined), writing(book) as connection:
        offer(connection, replace(STORY, **wrong), member_of(connection, who), now=NOW)
    assert rows(book, ESCROW) == []
