"""Room that leaders grant has no deadline, and whether it was used is told of enough people or not at all."""

import pytest

from groundswell.selfreport import grants
from groundswell.selfreport.base import reading, writing
from groundswell.selfreport.declined import Declined
from groundswell.selfreport.grants import GRANTS, Grant, Kind, share
from web_company import PASSWORD, company


def test_there_is_nowhere_to_write_a_deadline():
    """No column, no field of a grant can hold an end."""
    names = {c.name for c in GRANTS.c} | set(Grant.__dataclass_fields__)
    assert not {n for n in names if any(word in n for word in ("until", "end", "due", "deadline", "expire"))}


@pytest.mark.parametrize(
    ("part", "whole", "told"),
    [
        (9, 100, None),
        (10, 100, 10),
        (91, 100, None),
        (90, 100, 90),
        (50, 100, 50),
        (54, 100, 50),
        (10, 20, 50),
        (10, 19, None),
        (999, 1009, 90),
    ],
)
def test_a_share_is_told_in_steps_with_ten_people_on_either_side(part, whole, told):
    """Fewer than ten on one side are not told; none and all are never told; the rest in tenths."""
    assert share(part, whole, least=10) == told


def test_one_person_more_or_less_is_not_seen_from_one_share():
    """Of every size there is, leaving one person out changes what is told at most by one step, and mostly not at all."""
    changed = 0
    for whole in range(20, 200):
        for part in range(whole):
            before, after = share(part, whole, least=10), share(part, whole - 1, least=10)
            if before is not None and after is not None:
                assert abs(before - after) <= grants.STEP
                changed += before != after
    assert changed < 0.1 * sum(range(20, 200))


@pytest.fixture
def served(tmp_path):
    return company(tmp_path)


def later(served, browser):
    """Sign in again after some weeks."""
    served.later(days=40)
    browser.post("/sign-in", page=browser.get("/sign-in"), address=browser.address, password=PASSWORD)


def test_a_team_sees_its_own_grants(served):
    """What is granted to a team is shown to it and its leader, what is granted to everyone to all."""
    lead, mate, other = served.joined("Lea", leads=True), served.joined("Mia"), served.joined("Otto", unit="Sales")
    lead.post("/charter/grants", kind="hours", amount="3", per="week", note="Also for what **fails**.")
    lead.post("/charter/grants", kind="amnesty", note="Mistakes are mine to carry.", everyone="true")
    assert "3 hours a week" in mate.get("/charter").text
    assert "<strong>fails</strong>" in mate.get("/charter").text
    assert "3 hours a week" not in other.get("/charter").text
    assert "Mistakes are mine to carry." in other.get("/").text or "mistakes made in trying" in other.get("/").text


@pytest.mark.parametrize("given", [Grant(kind=Kind.HOURS), Grant(kind=Kind.TOOLS), Grant(kind=Kind.AMNESTY, note="x" * 2001)])
def test_an_empty_grant_is_declined(served, given):
    """Nothing, or too much, is refused in words."""
    lead = served.joined("Lea", leads=True)
    with writing(served.book) as connection, pytest.raises(Declined):
        grants.grant(connection, given, lead.member, now=served.now)


def test_used_is_told_after_the_quarter_and_its_sayers_forgotten(served):
    """During the quarter nothing is told; after it a share, fixed for good; who said so is erased."""
    people = [served.joined(leads=n == 0) for n in range(24)]
    people[0].post("/charter/grants", kind="hours", amount="2", per="week", everyone="true")
    people[0].post("/charter/grants", kind="budget", amount="50", per="month")
    with writing(served.book) as connection:
        for person in people[:12]:
            grants.say_used(connection, person.member, used=True, now=served.now)
    assert "% of people" not in people[0].get("/charter").text
    later(served, people[0])
    assert "about 50% of people" in people[0].get("/charter").text
    with reading(served.book) as connection:
        assert connection.exec_driver_sql("select count(*) from grant_uses").scalar() == 0
    people[3].post("/sign-in", page=people[3].get("/sign-in"), address=people[3].address, password=PASSWORD)
    people[3].post("/me/erase")
    assert "about 50% of people" in people[0].get("/charter").text


def test_too_few_are_not_told(served):
    """With nine who used it, no number and no zero."""
    people = [served.joined(leads=n == 0) for n in range(20)]
    people[0].post("/charter/grants", kind="hours", amount="2", per="week", everyone="true")
    with writing(served.book) as connection:
        for person in people[:9]:
            grants.say_used(connection, person.member, used=True, now=served.now)
    later(served, people[0])
    page = people[0].get("/charter").text
    assert "too few people to say" in page
    assert "% of people" not in page


def test_leaders_lead_by_what_they_tried(served):
    """The charter shows what leaders told of their own trying, to whom they chose; never what is theirs alone or unnamed."""
    lead, mate, other = served.joined("Lea", leads=True), served.joined("Mia"), served.joined("Otto", unit="Sales")
    fields = {"tool": "Claude", "outcome": "dropped"}
    for visible in ("me", "team", "everyone", "nameless"):
        lead.post("/logbook", title=f"Tried {visible}", visible=visible, **fields)
    mate.post("/logbook", title="Tried by Mia", visible="everyone", **fields)
    seen = {
        name: {v for v in ("me", "team", "everyone", "nameless", "by Mia") if f"Tried {v}" in page}
        for name, page in {
            "mate": mate.get("/charter").text,
            "other": other.get("/charter").text,
            "own": lead.get("/charter").text,
        }.items()
    }
    assert seen == {"mate": {"team", "everyone"}, "other": {"everyone"}, "own": {"team", "everyone"}}
