"""Ties: who stood under whom and in which unit on a day, and who turned to whom before one."""

from datetime import date
from itertools import pairwise

from groundswell.ties import formal, informal
from practice_company import company, day


def members(*rows):
    """Members of a chart given as (person, unit, manager, snapshot day) and more."""
    return (
        formal.members(company(positions=[{"source": "chart", **row} for row in rows]))
        .select(["person", "unit", "team", "from_day", "to_day", "manager_person"])
        .to_pylist()
    )


def test_snapshot_holds_until_the_next():
    """A move is dated by the snapshot that shows it; the first snapshot reaches back, the last one on."""
    found = members(
        {"person": 1, "unit": "north", "manager_person": 2, "day": day(0)},
        {"person": 1, "unit": "south", "manager_person": 3, "day": day(30)},
    )
    assert [(m["unit"], m["from_day"], m["to_day"], m["manager_person"]) for m in found] == [
        ("north", date(1970, 1, 1), day(29), 2),
        ("south", day(30), date(2199, 12, 31), 3),
    ]


def test_person_missing_from_the_next_snapshot_left_before_it():
    """Who is not in the next snapshot of the same chart belongs to no unit from then on."""
    found = members(
        {"person": 1, "unit": "north", "day": day(0)},
        {"person": 2, "unit": "north", "day": day(0)},
        {"person": 2, "unit": "north", "day": day(30)},
    )
    assert [m["to_day"] for m in found if m["person"] == 1] == [day(29)]


def test_joining_and_leaving_days_cut_the_membership():
    """Dates of employment are kept where the chart has them, also between two snapshots."""
    found = members(
        {"person": 1, "unit": "north", "day": day(0), "joined_on": day(-10), "left_on": day(12)},
        {"person": 2, "unit": "north", "day": day(0)},
        {"person": 3, "unit": "north", "day": day(30), "joined_on": day(20)},
    )
    assert [(m["from_day"], m["to_day"]) for m in found if m["person"] == 1] == [(day(-10), day(12))]
    assert [m["from_day"] for m in found if m["person"] == 3] == [day(20)]


def test_nobody_is_in_two_units_at_once():
    """A person two charts, or two handles, put in two units has one unit a day."""
    found = members(
        {"person": 1, "unit": "north", "day": day(0)},
        {"person": 1, "unit": "south", "day": day(0)},
        {"person": 1, "unit": "west", "day": day(10), "source": "other"},
        {"person": 1, "unit": "north", "day": day(20)},
    )
    spans = sorted((m["from_day"], m["to_day"]) for m in found)
    assert all(a[1] < b[0] for a, b in pairwise(spans))


def test_teams_are_numbered_densely_and_nobody_manages_themselves():
    """Units are numbered from 1 by name; a manager who is oneself is nobody."""
    found = members(
        {"person": 1, "unit": "south", "manager_person": 1, "day": day(0)}, {"person": 2, "unit": "north", "day": day(0)}
    )
    assert {m["unit"]: m["team"] for m in found} == {"north": 1, "south": 2}
    assert {m["manager_person"] for m in found} == {0}


def test_no_chart_no_members():
    """Without an org chart the table is there and empty."""
    assert members() == []


def tie(person, whom, n, kind="reply"):
    """One person turning to another on a day."""
    return {"person": person, "whom_person": whom, "day": day(n), "kind": kind, "source": "chat"}


def test_ties_stand_in_both_directions_and_count_days():
    """Two replies on one day and one back on another are a tie of two days, seen from both ends."""
    engine = company(ties=[tie(1, 2, 10), tie(1, 2, 10, "mention"), tie(2, 1, 12)])
    assert informal.ties(engine, day(20)).to_pylist() == [
        {"person": 1, "whom_person": 2, "days": 2},
        {"person": 2, "whom_person": 1, "days": 2},
    ]


def test_ties_are_of_the_weeks_before_and_no_reaction_is_one():
    """The day itself, later days, days longer ago than the window, and reactions make no tie."""
    engine = company(ties=[tie(1, 2, 100), tie(1, 3, 101), tie(1, 4, 100 - 92), tie(1, 5, 99, "reaction"), tie(1, 6, 100 - 91)])
    assert [t["whom_person"] for t in informal.ties(engine, day(100)).to_pylist() if t["person"] == 1] == [6]
