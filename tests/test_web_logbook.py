"""The logbook is told in half a minute, shows what its author allowed, and makes nobody a score."""

import re

import pytest

from groundswell.selfreport import logbook
from groundswell.selfreport.base import reading, writing
from web_company import company


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    return company(tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="module")
def ada(served):
    return served.joined("Ada", unit="Support")


@pytest.fixture(scope="module")
def bela(served):
    return served.joined("Béla", unit="Finance")


def tell(browser, **said):
    """Send the half-minute form; the answer."""
    told = {"title": "Sorting the Monday tickets", "tool": "Claude", "outcome": "kept", "visible": "everyone", "job": "support"}
    return browser.post("/logbook", **{**told, **said})


def told(browser, **said):
    """Tell, and return the entry's address."""
    answer = tell(browser, **said)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_three_fields_are_enough(served, ada, bela):
    """The job, the tool and what became of it make an entry that others can read."""
    where = told(ada)
    page = bela.get(where).text
    assert "Sorting the Monday tickets" in page
    assert "Ada" in page


@pytest.mark.parametrize(
    ("visible", "team", "others"), [("me", 404, 404), ("team", 200, 404), ("everyone", 200, 200), ("nameless", 200, 200)]
)
def test_who_sees_an_entry(served, ada, bela, visible, team, others):
    """An entry is seen by those its author named and nobody else: by its address, in the list, in a search, in its practice."""
    colleague = served.joined(unit="Support")
    mark = f"heron{visible}"
    answer = tell(ada, visible=visible, title=f"A job {mark}", tool=f"Tool{visible}")
    number = re.search(r"/logbook/([\w-]{16})", answer.headers.get("location", "") + answer.text)[1]
    for reader, status in ((colleague, team), (bela, others)):
        assert reader.get(f"/logbook/{number}").status_code == status
        seen = status == 200
        assert (mark in reader.get("/").text) == seen
        assert (mark in reader.get(f"/logbook?q={mark}").text.replace(f'value="{mark}"', "")) == seen
        assert (f"/practices/support/tool{visible}" in reader.get("/practices").text) == seen
        assert (reader.get(f"/practices/support/tool{visible}").status_code == 200) == seen
        assert (reader.post(f"/logbook/{number}/use").status_code == 303) == seen
        assert (reader.get(f"/logbook/new?parent={number}").status_code == 200) == seen


def test_without_a_name_nothing_stored_leads_to_its_author(served, ada):
    """The row of an entry without a name holds no account, no team, no day; no other row of the book names the entry."""
    answer = tell(ada, visible="nameless", title="A quiet job")
    assert "Ada" not in re.sub(r'<div class="me">.*?</div>', "", answer.text, flags=re.DOTALL)
    number = re.search(r'href="/logbook/([\w-]+)"', answer.text)[1]
    with reading(served.book) as connection:
        row = connection.exec_driver_sql("select account, unit, link, day from entries where id = ?", (number,)).one()
        tables = connection.exec_driver_sql("select name from sqlite_master where type = 'table'").scalars().all()
        holding = {t for t in tables for r in connection.exec_driver_sql(f"select * from {t}") if number in map(str, r)}  # noqa: S608
    assert tuple(row) == (None, "", "", "2026-03-01")
    assert holding == {"entries"}


def test_only_the_code_changes_an_entry_without_a_name(served, ada, bela):
    """Its author has no more right to it than anybody else, except by the code shown once."""
    answer = tell(ada, visible="nameless", title="Another quiet job")
    number, code = re.search(r'href="/logbook/([\w-]+)"', answer.text)[1], re.search(r"<pre[^>]*>([\w-]+)</pre>", answer.text)[1]
    assert ada.get(f"/logbook/{number}/edit").status_code == 404
    assert ada.post(f"/logbook/{number}/erase").status_code == 404
    assert bela.post(f"/logbook/{number}/open", code="x" * 43).status_code == 404
    form = ada.post(f"/logbook/{number}/open", code=code)
    assert form.status_code == 200
    changed = {"title": "Changed", "tool": "Claude", "outcome": "dropped", "visible": "nameless", "code": code}
    assert ada.post(f"/logbook/{number}", page=form, **changed).status_code == 303
    assert ada.post(f"/logbook/{number}", **{**changed, "visible": "everyone"}).status_code == 422
    assert "Changed" in bela.get(f"/logbook/{number}").text
    assert ada.post(f"/logbook/{number}/erase", code=code).status_code == 303
    assert bela.get(f"/logbook/{number}").status_code == 404


def test_others_can_neither_change_nor_erase(served, ada, bela):
    """Another member's number in an address opens nothing."""
    where = told(ada, title="Mine alone")
    assert bela.get(f"{where}/edit").status_code == 404
    form = {"title": "Taken over", "tool": "x", "outcome": "kept", "visible": "everyone"}
    assert bela.post(where, **form).status_code == 404
    assert bela.post(f"{where}/erase").status_code == 404
    assert "Mine alone" in ada.get(where).text


def test_reuse_is_seen_without_a_count(served, ada, bela):
    """ "I use this too" shows that others do, never how many, and the same after a second tap; it can be taken back."""
    where = told(ada, title="A used job")
    for reader in (bela, served.joined(), served.joined()):
        reader.post(f"{where}/use")
        reader.post(f"{where}/use")
    page = ada.get(where).text
    assert "Others say they use it too." in page
    assert not re.search(r"\b[23]\b (?:others|people|colleagues)|\(3\)", page)
    for reader in (bela,):
        reader.post(f"{where}/use", using="false")
    assert "I use this too" in bela.get(where).text


def test_what_was_changed_stands_under_what_it_came_from(served, ada, bela):
    """ "I changed it" makes an entry of its own that both pages lead to."""
    where = told(ada, title="The first way")
    number = where.rpartition("/")[2]
    variant = told(bela, title="Another way", parent=number)
    assert "Another way" in ada.get(where).text
    assert "The first way" in ada.get(variant).text
    assert "Another way" in ada.get("/practices/support/claude").text


def test_alive_is_asked_once_a_quarter_with_one_tap(tmp_path):
    """Who uses something is asked in the next quarter, once; the practice says what was answered, not by whom."""
    served = company(tmp_path)
    ada, bela = served.joined("Ada"), served.joined("Béla")
    where = told(ada, tool="Harbour")
    bela.post(f"{where}/use")
    assert "Do you still use this" not in bela.get("/").text
    served.later(days=40)
    for person in (ada, bela):
        person.post("/sign-in", page=person.get("/sign-in"), address=person.address, password="the heron waits by the weir")  # noqa: S106
        assert "Do you still use this" in person.get("/").text
    assert bela.post(f"{where}/still", still="false").status_code == 303
    assert "Do you still use this" not in bela.get("/").text
    assert "do not any more" not in ada.get("/practices/support/harbour").text  # Ada's own answer of last quarter still counts
    ada.post(f"{where}/still", still="false")
    page = ada.get("/practices/support/harbour").text
    assert "Those who used it say they do not any more." in page
    assert "Béla" not in page
    assert served.joined().post(f"{where}/still", still="true").status_code == 404


def test_search_by_job_tool_and_words(served, ada, bela):
    """A search finds by kind of work, by any name of a tool, and by words without their accents; nothing else comes with it."""
    told(ada, title="Prévision de février", tool="ChatGPT", job="forecasting")
    for query in ("job=forecasting", "tool=chatgpt", "q=prevision+fevrier", "tool=ChatGPT&job=forecasting&q=FÉVRIER"):
        page = bela.get(f"/logbook?{query}").text
        assert "Prévision de février" in page, query
        assert "A used job" not in page
    assert "Prévision" not in bela.get("/logbook?q=%25").text
    assert "Prévision" not in bela.get("/logbook?own=true").text


def test_everything_is_reached_page_by_page(tmp_path):
    """Following "Earlier ones" shows each entry once, whatever day it was told."""
    served = company(tmp_path)
    ada = served.joined("Ada")
    for n in range(45):
        served.later(hours=3)
        told(ada, title=f"Job number {n} of many")
    seen, page = [], ada.get("/logbook").text
    while True:
        seen += re.findall(r"Job number (\d+) of many", page)
        onward = re.search(r'href="(/logbook\?after=[^"]+)"', page)
        if not onward:
            break
        page = ada.get(onward[1].replace("&amp;", "&")).text
    assert sorted(map(int, seen)) == list(range(45))


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("tried", "my key is " + "AKIA" + "HERON" * 3 + "W"),
        ("learned", 'password = "opensesame1"'),
        ("title", ""),
        ("tool", "  "),
        ("tried", "x" * 4001),
        ("link", "https://elsewhere.example/a"),
    ],
)
def test_what_cannot_be_told_is_said_in_the_form(served, ada, field, text):
    """A key, an empty field, a text too long or a link elsewhere is refused in words, and what was typed is not lost."""
    answer = tell(ada, **{"tried": "A careful try", field: text})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert field == "tried" or "A careful try" in answer.text


def test_erasing_an_account_erases_what_it_told(tmp_path):
    """After erasing, no row of the book holds the account, its name, its address or its words; the nameless entry stays."""
    served = company(tmp_path)
    ada, bela = served.joined("Ada Lindqvist", leads=True), served.joined("Béla")
    where = told(ada, title="A heron job", learned="herons wait")
    tell(ada, visible="nameless", title="A quiet job")
    told(bela, title="After hers", parent=where.rpartition("/")[2])
    other = told(bela, title="Used by Ada")
    ada.post(f"{other}/use")
    ada.post("/charter/grants", kind="hours", amount="2", per="week")
    ada.post("/charter/used")
    assert ada.post("/me/erase").status_code == 303
    assert ada.get("/").status_code == 303
    with reading(served.book) as connection:
        tables = connection.exec_driver_sql("select name from sqlite_master where type = 'table'").scalars().all()
        whole = repr([connection.exec_driver_sql(f"select * from {t}").all() for t in tables])  # noqa: S608
    for trace in (ada.member.account, "Lindqvist", ada.address, "heron job"):
        assert trace not in whole
        assert not any(trace.encode() in file.read_bytes() for file in (tmp_path / "serve").iterdir())
    assert "A quiet job" in bela.get("/logbook").text
    assert "After hers" in bela.get("/logbook").text


def test_a_link_to_a_chat_message_comes_from_the_chat_alone(served):
    """The form links nothing, since nobody sees there who wrote a message; a link the chat made stays or goes."""
    ada = served.joined("Ada Lindqvist")
    link = "https://lanterne.slack.example/archives/C1/p1"
    with writing(served.book) as connection:
        number = logbook.draft(connection, ada.member, text="the minutes", link=link, now=served.now)
    fields = {"title": "Minutes", "tool": "Claude", "outcome": "kept", "visible": "everyone"}
    form = ada.get(f"/logbook/{number}/edit").text
    assert f'value="{link}" checked' in form
    assert ada.post("/logbook", link=link, **fields).status_code == 422
    assert ada.post(f"/logbook/{number}", link=link + "2", **fields).status_code == 422
    assert ada.post(f"/logbook/{number}", link=link, **fields).status_code == 303
    assert link in ada.get(f"/logbook/{number}").text
    assert ada.post(f"/logbook/{number}", **fields).status_code == 303
    assert link not in ada.get(f"/logbook/{number}").text
