"""Attacks on a team's own view: from above, from beside, by few votes, by made-up mandates, by subtracting, by small numbers."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from groundswell.errors import PrivacyError
from groundswell.model.source import Batch
from groundswell.model.trace import Position, Trace, UsageDay
from groundswell.privacy import record
from groundswell.privacy import team as door
from groundswell.privacy.charter import Charter
from groundswell.privacy.protection import Protection
from groundswell.privacy.team import decided, told
from groundswell.runs.folder import Folder, init
from groundswell.runs.own_team import team_view
from groundswell.selfreport import accounts, ballot
from groundswell.selfreport.accounts import Role
from groundswell.selfreport.backup import backup
from groundswell.selfreport.ballot import Mandate
from groundswell.selfreport.base import reading, writing
from groundswell.store.manifest import Intake
from web_company import MONDAY, PASSWORD, company

QUARTER = date(2025, 10, 1)
"""First day of the quarter that is over when the ballot closes."""


def batch(row, rows):
    """Rows of a class, as a source would hand them in."""
    full = [{**dict.fromkeys(row.__dataclass_fields__), "version": 0, "source": "list", **r} for r in rows]
    return Batch(row, {name: [r[name] for r in full] for name in row.__dataclass_fields__})


def stored(folder, *, people=10, users=6, name="first"):
    """Put a chart with a team of so many people into the folder's store, all at work in the quarter, some with a mark of use."""
    numbers = range(1, people + 1)
    chart = [
        {"id": n, "day": QUARTER, "actor": n, "unit": "Support", "manager": 0, "role": "", "site": "", "source": "chart"}
        for n in numbers
    ]
    week = [QUARTER + timedelta(days=6 + 7 * n) for n in range(12)]
    traces = [
        {"id": 100 * n + i, "day": d, "actor": n, "actor_kind": "person", "place": 1, "source": "chat"}
        for n in numbers
        for i, d in enumerate(week)
    ]
    uses = [
        {"id": n, "day": week[2], "actor": n, "actor_kind": "person", "tool": "claude", "active": True, "source": "log"}
        for n in range(1, users + 1)
    ]
    store = folder.store()
    with store.writing():
        parts = [batch(row, rows) for row, rows in ((Position, chart), (Trace, traces), (UsageDay, uses)) if rows]
        store.commit(store.draft(parts), Intake(name, "test"))
        store.settle()


def served(tmp_path, *, members=9, people=10, users=6):
    """A served company in which a team of so many members has joined, the day before anything is asked."""
    folder = Folder(tmp_path / "company")
    init(folder, Charter(), now=MONDAY)
    stored(folder, people=people, users=users)
    made = company(folder.path)
    with writing(made.book) as connection:
        for n in range(2, members):  # most of them never open a page in these tests
            row = {
                "id": f"account-{n}",
                "name": "",
                "unit": "Support",
                "role": "member",
                "leads": False,
                "since": made.now.date(),
            }
            connection.execute(accounts.ACCOUNTS.insert().values(**row))
    browsers = [made.joined(f"Member {n}") for n in range(2)]
    made.later(days=1)
    return made, folder, browsers


def members_of(made):
    """Everybody of the team, whoever has a browser first."""
    with reading(made.book) as connection:
        numbers = connection.execute(accounts.ACCOUNTS.select().where(accounts.ACCOUNTS.c.unit == "Support")).all()
        return [accounts.member_of(connection, row.id) for row in sorted(numbers, key=lambda row: (row.name == "", row.name))]


def voted(made, *wanted):
    """Votes of so many of the team, one each."""
    with writing(made.book) as connection:
        for who, yes in zip(members_of(made), wanted, strict=False):
            ballot.vote(connection, who, yes=yes, secret=made.settings.secret, now=made.now)


def balloted(tmp_path, *, yes=5, **of):
    """The same after a ballot with so many yes, some no, and the rest silent; two weeks and more later."""
    made, folder, team = served(tmp_path, **of)
    assert team[0].post("/team/ballot").status_code == 303
    voted(made, *[True] * yes, *[False] * min(2, of.get("members", 9) - yes))
    back(made, team, days=16)
    return made, folder, team


def back(made, team, **span):
    """Let time pass, and let everybody sign in anew."""
    made.later(**span)
    for member in team:
        member.cookies.clear()
        answer = member.post("/sign-in", page=member.get("/sign-in"), address=member.address, password=PASSWORD)
        assert answer.status_code == 303


def shown(browser):
    """What of a page is about the team, without who asks."""
    text = browser.get("/team").text
    return re.sub(r'value="\w+"', "", text.partition("<main")[2].partition("<h2>The ballot")[0])


def test_a_team_that_voted_sees_the_same_and_nobody_else_sees_it(tmp_path):
    """More than half of the team said yes: every member, those who voted no too, is shown one page; another team's member, its
    leader and a steward are shown none; the record says that one was made, and not which."""
    made, folder, team = balloted(tmp_path)
    outside = [
        made.joined("Sal", unit="Sales"),
        made.joined("Lea", unit="Sales", leads=True),
        made.joined("Sten", unit="IT", role=Role.STEWARD),
        made.joined("Nobody", unit=""),
    ]
    pages = {shown(member) for member in team}
    assert len(pages) == 1
    assert "about 6 in 10 left a mark of using AI" in re.sub(r"\s+", " ", pages.pop())
    assert not any("in 10" in shown(browser) or "Of 10" in shown(browser) for browser in outside)
    entries = [(e.kind, dict(e.facts)) for e in record.verify(folder.record_file)]
    assert entries.count(("team view", {"quarter": "2025-Q4"})) == 1
    assert "Support" not in folder.record_file.read_text() + made.settings.record.read_text()
    assert team[0].get("/team").headers["cache-control"] == "no-store"


def test_weakened_without_a_ballot_it_is_seen(tmp_path, monkeypatch):
    """Against a build in which every ballot says yes the same team, with four of nine for it, sees its counts."""
    monkeypatch.setattr(ballot, "decided", lambda **how: True)
    _, _, team = balloted(tmp_path, yes=4)
    assert "in 10" in shown(team[0])


def test_less_than_half_of_the_team_is_no(tmp_path):
    """Four yes and two no of nine members are no majority of the team: silence is a no, and nothing is shown."""
    made, _, team = balloted(tmp_path, yes=4)
    assert not any("in 10" in shown(member) for member in team)
    assert "There was no majority" in team[0].get("/team").text
    assert team[0].post("/team/ballot").status_code == 409, "and it is not asked again within the year"
    back(made, team, days=370)
    assert team[0].post("/team/ballot").status_code == 303


def test_seven_do_not_vote(tmp_path):
    """A team of seven opens no ballot; in one of eight the eighth makes it."""
    made, _, team = served(tmp_path, members=7)
    assert team[0].post("/team/ballot").status_code == 409
    made.joined("Eighth")
    assert team[0].post("/team/ballot").status_code == 303


def test_nobody_votes_twice_or_late_and_a_plant_sees_nothing(tmp_path):
    """A second vote, a vote of somebody who joined after the opening, and one after the end are refused; whoever is added to the
    team after the ballot is shown nothing for a quarter."""
    made, _, team = served(tmp_path)
    team[0].post("/team/ballot")
    late = made.joined("Late")
    assert late.post("/team/vote", wanted="yes").status_code == 409
    assert team[0].post("/team/vote", wanted="yes").status_code == 303
    assert team[0].post("/team/vote", wanted="no").status_code == 409
    with writing(made.book) as connection:
        for who in members_of(made)[2:6]:
            ballot.vote(connection, who, yes=True, secret=made.settings.secret, now=made.now)
    back(made, team, days=16)
    assert team[1].post("/team/vote", wanted="no").status_code == 409
    plant = made.joined("Plant")
    assert "in 10" in shown(team[0])
    assert "in 10" not in shown(plant)


def rows_of(made):
    """What the book holds of ballots."""
    with reading(made.book) as connection:
        return {t.name: connection.execute(t.select()).all() for t in (ballot.BALLOTS, ballot.CLAIMS, ballot.VOTES)}


def test_a_vote_leads_to_nobody(tmp_path):
    """While a ballot is open no row ties a vote to an account, and no backup holds one; afterwards what was decided is left, and
    nothing else: the same for five of nine as for nine of nine."""
    made, _, team = served(tmp_path / "one")
    team[0].post("/team/ballot")
    voted(made, *[True] * 5)
    held = rows_of(made)
    assert len(held["ballot_votes"]) == len(held["ballot_claims"]) == 5
    assert not any(who.account in repr(held) for who in members_of(made))
    backup(made.book, tmp_path / "copy")
    raw = (tmp_path / "copy").read_bytes()
    assert not any(row.number.encode() in raw for row in held["ballot_votes"])
    back(made, team, days=16)
    team[0].get("/team")
    other, _, all_of_it = balloted(tmp_path / "two", yes=9)
    all_of_it[0].get("/team")
    assert rows_of(made) == rows_of(other)
    assert not rows_of(made)["ballot_votes"]
    assert not rows_of(made)["ballot_claims"]


def test_no_mandate_is_made_up(tmp_path):
    """Without the ballot there is no mandate: one built elsewhere, or copied with another team's name, is refused."""
    from dataclasses import replace

    with pytest.raises(PrivacyError, match="outside the ballot"):
        Mandate(unit="Support", until=date(2027, 1, 1), seal=object())
    made, folder, team = balloted(tmp_path)
    with reading(made.book) as connection:
        ballot.settle(connection, now=made.now)
        real = ballot.mandate_of(connection, team[0].member, now=made.now)
    assert team_view(folder, real, now=made.now).people == 10
    with pytest.raises((PrivacyError, ValueError)):
        replace(real, unit="Sales")


def seen_twice(tmp_path):
    """What a member sees before and after one colleague's traces are added, within a quarter."""
    _, folder, team = balloted(tmp_path, users=5)
    before = shown(team[0])
    stored(folder, people=10, users=9, name="second")
    return before, shown(team[1])


def test_a_view_is_made_once_a_quarter(tmp_path):
    """Reading more, or less, into the folder does not change what the team was shown of the quarter: no two can be subtracted."""
    before, after = seen_twice(tmp_path)
    assert before == after


def test_weakened_a_live_view_is_subtracted(tmp_path, monkeypatch):
    """Against a server that keeps no view the second tells what was added."""
    from groundswell.web.pages import team as pages

    monkeypatch.setattr(pages.ballot, "keep_view", lambda connection, mandate, quarter, content, **key: HELD.append(content))
    monkeypatch.setattr(pages.ballot, "kept_view", lambda *args, **key: HELD.pop() if HELD else None)
    HELD.clear()
    before, after = seen_twice(tmp_path)
    assert before != after


HELD = []


def few(users, people=10):
    """What is told of a team."""
    return told(people, {"use": users})


def test_one_member_is_not_told_from_none():
    """None, one and two of a team read the same, and so do all and all but two; seven active members are told nothing, whatever
    the charter says below eight."""
    assert few(0) == few(1) == few(2)
    assert few(10) == few(9) == few(8)
    assert few(2) != few(3)
    assert few(3, people=7) is None
    assert told(9, {"use": 5}, Protection(least_own_view=12)) is None
    with pytest.raises(PrivacyError):
        Protection(least_own_view=5)
    assert not decided(members=7, yes=7)


def test_weakened_without_the_side_one_is_told_from_none(monkeypatch):
    """Against a build that tells every tenth, one member's use shows."""
    monkeypatch.setattr(door, "FEW", 0)
    assert few(0) != few(2)


def test_a_team_too_small_in_the_traces_is_told_nothing(tmp_path):
    """Nine members voted, seven were active: the page says that they were too few, without their number."""
    _, _, team = balloted(tmp_path, people=7)
    assert "Fewer than 8 members were active" in team[0].get("/team").text
    assert "Of 7" not in team[0].get("/team").text


def test_the_clock_of_the_view():
    """The quarter shown is the last that is over."""
    from groundswell.runs.own_team import last_quarter

    told_on = {date(2026, 3, 31): "2025-Q4", date(2026, 4, 1): "2026-Q1", date(2026, 1, 1): "2025-Q4"}
    for day, quarter in told_on.items():
        assert last_quarter(datetime(day.year, day.month, day.day, tzinfo=UTC)) == quarter
