"""A team takes part in a drawn order if who leads it says so; all of it reads its day, and nobody reads another team's."""

from datetime import date

import pytest

from groundswell.selfreport import joining
from groundswell.selfreport.base import all_tables, writing
from pulse_people import rows
from web_company import company


@pytest.fixture
def served(tmp_path):
    return company(tmp_path)


def test_a_leader_lets_the_team_take_part_and_takes_it_out(served):
    """It is said with one button, seen by all of the team, taken back with one button, and who said it is not kept."""
    ada, bo = served.joined("Ada", unit="Support", leads=True), served.joined("Bo", unit="Support")
    assert ada.post("/order/join", page=ada.get("/order")).status_code in (200, 303)
    assert "Your team takes part" in bo.get("/order").text
    (row,) = rows(served.book, joining.JOINED)
    assert row == {"unit": "Support", "since": served.now.date(), "starts": None}
    ada.post("/order/leave", page=ada.get("/order"))
    assert rows(served.book, joining.JOINED) == []
    assert "Your team does not take part" in bo.get("/order").text


def test_only_who_leads_says_so(served):
    """Members have no button, and no request of theirs is believed."""
    bo = served.joined("Bo", unit="Support")
    assert "/order/join" not in bo.get("/order").text
    assert bo.post("/order/join", page=bo.get("/charter")).status_code == 403
    assert served.browser().get("/order").status_code == 303
    assert rows(served.book, joining.JOINED) == []


def test_once_drawn_the_team_reads_its_day_and_stays(served):
    """The day stands on the team's page alone; leaving after the lot is declined with the reason."""
    ada, cy = served.joined("Ada", unit="Support", leads=True), served.joined("Cy", unit="Finance")
    ada.post("/order/join", page=ada.get("/order"))
    page = ada.get("/order")
    with writing(served.book) as connection:
        assert joining.tell(connection, {"Support": date(2026, 4, 7), "Elsewhere": date(2026, 5, 4)}) == 1
    assert "April" in ada.get("/order").text
    assert "April" not in cy.get("/order").text
    assert ada.post("/order/leave", page=page).status_code == 409
    assert len(rows(served.book, joining.JOINED)) == 1


def test_the_table_is_the_books(served):
    """The book scans its rooms for tables, and finds this one."""
    assert joining.JOINED.name in all_tables().tables
