"""One's own page is one's own: the same for the invited and the others but for a sentence, and nothing notes a look."""

import re
from datetime import timedelta

import pytest

from groundswell.privacy.consent import MOST_DAYS
from groundswell.selfreport.base import all_tables
from groundswell.selfreport.entry import ENTRIES
from groundswell.selfreport.invitation import ESCROW, invited
from pulse_people import rows
from web_company import company

TOLD = {
    "title": "Copying tickets",
    "tool": "Claude",
    "job": "support",
    "text": "I let it fill the form.",
    "name": "pen",
    "pen": "quiet heron",
}


@pytest.fixture
def served(tmp_path):
    return company(tmp_path)


def test_looking_leaves_nothing(served):
    """Whether somebody looked, was invited or ignored it stands nowhere: the book is the same after a look as before."""
    ada = served.joined("Ada")
    before = {t.name: rows(served.book, t) for t in all_tables().tables.values() if t.name != "tries"}
    assert ada.get("/own").status_code == 200
    assert {t.name: rows(served.book, t) for t in all_tables().tables.values() if t.name != "tries"} == before


def test_the_paragraph_is_the_draw_and_nothing_else(served):
    """Invited or not, the page differs by one sentence, the same at every look."""
    pages = {True: set(), False: set()}
    for n in range(12):
        who = served.joined(f"Person of {n}")
        there = invited(served.settings.secret, who.member.account, served.now.year, match=False)
        texts = {re.sub(r'value="\w{64}"|Person of \d+', "", who.get("/own").text) for _ in range(2)}
        assert len(texts) == 1
        pages[there] |= texts
    for there, texts in pages.items():
        assert len(texts) <= 1
        assert all(("You may have something" in text) == there for text in texts)


def test_a_story_waits_and_goes(served):
    """Told under a pen name it waits; by its waiver it goes within a fortnight, into the logbook, under nobody's account."""
    ada = served.joined("Ada")
    answer = ada.post("/own/tell", page=ada.get("/own"), alone="yes", **TOLD)
    assert answer.status_code == 200
    assert len(re.findall(r"<code>[\w-]{40,}</code>", answer.text)) == 1
    assert ada.member.account not in repr(rows(served.book, ESCROW))
    served.now += timedelta(days=MOST_DAYS)
    bo = served.joined("Bo")
    bo.get("/own")
    (entry,) = rows(served.book, ENTRIES)
    assert entry["account"] is None
    assert "quiet heron" in bo.get(f"/logbook/{entry['id']}").text


def test_a_story_goes_when_anybody_opens_the_logbook(served):
    """No page of its author's must be opened on the day it goes: whoever reads the logbook then finds it."""
    ada = served.joined("Ada")
    ada.post("/own/tell", page=ada.get("/own"), alone="yes", **TOLD)
    assert "quiet heron" not in served.joined("Bo").get("/logbook").text
    served.now += timedelta(days=MOST_DAYS)
    assert "quiet heron" in served.joined("Cy").get("/logbook").text


def test_a_story_is_taken_back_by_its_code_alone(served):
    """Whoever holds the code takes it back; nobody else does."""
    ada = served.joined("Ada")
    told = ada.post("/own/tell", page=ada.get("/own"), **TOLD)
    code = re.search(r"<code>([\w-]{40,})</code>", told.text)[1]
    assert ada.post("/own/take-back", page=ada.get("/own"), code="x" * 43).status_code == 404
    assert ada.post("/own/take-back", page=ada.get("/own"), code=code).status_code == 200
    assert rows(served.book, ESCROW) == []


@pytest.mark.parametrize("wrong", [{"pen": " "}, {"name": "boss"}, {"text": ""}, {"title": "x" * 161}])
def test_what_is_no_story_is_declined(served, wrong):
    """A story without words, or under a pen name without a name, is not taken."""
    ada = served.joined("Ada")
    assert ada.post("/own/tell", page=ada.get("/own"), **{**TOLD, **wrong}).status_code == 422
    assert rows(served.book, ESCROW) == []


def test_strangers_have_no_page(served):
    """Nobody sees an own page without being signed in, and no address names whose it is."""
    assert served.browser().get("/own").status_code == 303
    assert served.joined("Ada").get("/own/bo").status_code == 404
