"""A served company lives through a while; then pages, book, backup, letters, bot, logs and leftovers are searched for its people.

A name belongs in two places: in the row of its account, and on its bearer's own page. Whatever else is found is a leak.
"""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from datetime import timedelta
from email import message_from_bytes

import httpx
import pytest
from slack_sdk import WebClient
from test_attacks_on_serve import doors, filled
from test_scan_of_everything import Machine, Search

from groundswell.bot.slack import Place, send_pulse, send_taps
from groundswell.selfreport import mail
from groundswell.selfreport.accounts import ACCOUNTS
from groundswell.selfreport.asking import workdays
from groundswell.selfreport.backup import backup
from groundswell.selfreport.base import reading, writing
from groundswell.selfreport.chat import CHAT_LINKS
from groundswell.selfreport.mail import Relay
from groundswell.simulation.names import christen
from groundswell.simulation.policy import Policy
from groundswell.simulation.world import simulate
from slack_standin import TOKEN, Slack
from web_company import MONDAY, PASSWORD, company

ENTRY = {"title": "A job", "tool": "Claude", "outcome": "kept", "tried": "the dull one with the columns"}


class People:
    """Invented people who join, as the simulated company is called."""

    def __init__(self, n):
        world = simulate(people=40, weeks=2, policy=Policy.BOTH, seed=3)
        full = [p.name for p in christen(world.company, world.chance) if len(p.name) > 8]
        self.names = sorted(set(full))[:n]
        assert len(self.names) == n

    def search(self, *, but=""):
        """What is looked for: everybody's name and address, those of one left out."""
        return Search([word for name in self.names if name != but for word in (name, address_of(name))], [])


def address_of(name):
    """The address somebody joins with (`web_company`)."""
    return f"{name.casefold().replace(' ', '.')}@lanterne.example"


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """(people, company, browsers): five have joined, told things nobody is to know them by, tapped, failed and been refused."""
    people = People(5)
    made = company(tmp_path_factory.mktemp("served"))
    browsers = [made.joined(name) for name in people.names]
    for n, browser in enumerate(browsers):
        for visible in ("me", "nameless"):
            browser.post("/logbook", visible=visible, **ENTRY)
        browser.post("/sign-in", address=address_of(people.names[n]), password="wrong, and not short")  # noqa: S106
        browser.post("/logbook", visible="everyone", **{**ENTRY, "title": ""})
        browser.get("/logbook", params={"q": people.names[(n + 1) % 5]})
    return people, made, browsers


def told_to(made, browser):
    """Every page one member can open."""
    places = [filled(path) for path, _ in doors(made.app, "GET") if not path.startswith(("/join", "/language", "/sign-in/"))]
    entries = set(re.findall(r'href="(/logbook/[\w-]{16})"', browser.get("/logbook").text))
    return {place: browser.get(place).text for place in [*places, *sorted(entries)]}


def named_on_pages(lived):
    """Place -> names of others, over the pages of two members."""
    people, made, browsers = lived
    found = {}
    for name, browser in list(zip(people.names, browsers, strict=True))[:2]:
        search = people.search(but=name)
        found |= {place: hits for place, text in told_to(made, browser).items() if (hits := search.in_text(text))}
    return found


def test_no_page_names_anybody_else(lived):
    """Whatever page a member opens, nobody else's name or address stands on it: what was told without a name has none."""
    people, made, browsers = lived
    assert len(told_to(made, browsers[0])) > 20
    assert people.search().in_text(browsers[0].get("/me").text), "one's own name is on one's own page, so a name would be seen"
    assert named_on_pages(lived) == {}


def test_planted_a_page_that_names_is_seen(lived, monkeypatch):
    """Against a logbook that shows who told what was told without a name, the search finds them."""
    from groundswell.selfreport import logbook
    from groundswell.web.pages import start

    plain, (people, _, _) = logbook.find, lived

    def naming(*args, **sought):
        from dataclasses import replace

        return [replace(entry, author=people.names[-1]) for entry in plain(*args, **sought)]

    monkeypatch.setattr(start.logbook, "find", naming)
    assert set(named_on_pages(lived)) >= {"/", "/logbook"}


def rows_outside_accounts(made):
    """Every row of every table but that of the accounts, as text."""
    with reading(made.book) as connection:
        tables = connection.exec_driver_sql("select name from sqlite_master where type = 'table' and name <> 'accounts'")
        names = tables.scalars().all()
        return {t: repr(connection.exec_driver_sql(f'select * from "{t}"').all()) for t in names}  # noqa: S608 - its own tables


def test_names_stand_in_the_accounts_alone(lived, tmp_path):
    """No other table of the book, and none of a backup, holds a name or an address; the server's record holds none either."""
    people, made, _ = lived
    search = people.search()
    assert {t: hits for t, text in rows_outside_accounts(made).items() if (hits := search.in_text(text))} == {}
    backup(made.book, tmp_path / "copy")
    with sqlite3.connect(tmp_path / "copy") as copy:
        tables = [row[0] for row in copy.execute("select name from sqlite_master where type = 'table'")]
        held = {t for t in tables if search.in_text(repr(copy.execute(f'select * from "{t}"').fetchall()))}  # noqa: S608
    copy.close()
    assert held == {"accounts"}
    assert [p.name for p in tmp_path.iterdir()] == ["copy"], "no draft is left beside it"
    left = [p for p in made.folder.rglob("*") if p.is_file() and "book" not in p.name]
    assert not [p.name for p in left if search.in_bytes(p.read_bytes())]


def test_planted_a_name_in_another_table_is_seen(tmp_path):
    """A name in a row of another table, planted, is found."""
    people = People(5)
    made = company(tmp_path)
    ada = made.joined("Ada")
    ada.post("/logbook", visible="me", **{**ENTRY, "tried": f"with {people.names[0]}"})
    assert [t for t, text in rows_outside_accounts(made).items() if people.search().in_text(text)] == ["entries"]


def test_who_erased_themselves_is_in_no_byte(tmp_path):
    """After an account was erased by its owner no byte of the book, of its log or of anything beside it holds name or address."""
    people = People(5)
    made = company(tmp_path)
    gone = made.joined(people.names[0])
    made.joined("Ada")
    gone.post("/logbook", visible="everyone", **ENTRY)
    search = Search([people.names[0], address_of(people.names[0])], [])
    assert search.in_files(tmp_path), "there they are before"
    assert gone.post("/me/erase").status_code == 303
    assert search.in_files(tmp_path) == {}


def test_weakened_a_book_that_only_forgets_keeps_the_bytes(tmp_path, monkeypatch):
    """Against a server that deletes rows and leaves the log as it is, the name is still in the files."""
    from groundswell.web.pages import me

    monkeypatch.setattr(me, "fold_in", lambda book: None)
    people = People(5)
    made = company(tmp_path)
    gone = made.joined(people.names[0])
    assert gone.post("/me/erase").status_code == 303
    assert Search([people.names[0], address_of(people.names[0])], []).in_files(tmp_path)


def letters(made, monkeypatch):
    """(address, whole letter) of a quarter of the pulse, as they are handed to the mail server."""
    got = []
    monkeypatch.setattr(mail, "deliver", lambda relay, some: got.extend((m["To"], m.as_bytes()) for m in some))
    relay = Relay(host="127.0.0.1", port=25, sender="pulse@lanterne.example", safety="none")
    for day in workdays("2026-Q1"):
        mail.send_turns(made.book, relay, secret=made.settings.secret, origin=made.settings.origin, today=day)
    return got


def names_in_letters(lived, monkeypatch):
    """Names in any letter, and addresses of anybody but who it goes to."""
    people, made, _ = lived
    with writing(made.book) as connection:
        connection.execute(mail.SENT.delete())
    found = []
    for address, raw in letters(made, monkeypatch):
        message = message_from_bytes(raw)
        text = "\n".join(f"{k}: {v}" for k, v in message.items()) + message.get_payload(decode=True).decode("utf8")
        own = next(name for name in people.names if address_of(name) == address)
        others = Search([own, *(w for n in people.names if n != own for w in (n, address_of(n)))], [])
        found += others.in_text(text)
    return found


def test_no_letter_names_anybody(lived, monkeypatch):
    """Each letter of the pulse goes to one address and holds no name at all, not even that of whoever it goes to."""
    assert names_in_letters(lived, monkeypatch) == []
    with writing(lived[1].book) as connection:
        connection.execute(mail.SENT.delete())
    assert len(letters(lived[1], monkeypatch)) == 5, "each of the five got one"


def test_planted_a_letter_that_greets_by_name_is_seen(lived, monkeypatch):
    """Against a letter that greets, the search finds the name."""
    plain, (people, _, _) = mail.letter, lived

    def greeting(turn, **how):
        message = plain(turn, **how)
        name = next(n for n in people.names if address_of(n) == turn.address)
        message.set_content(f"Dear {name},\n{message.get_content()}")
        return message

    monkeypatch.setattr(mail, "letter", greeting)
    assert names_in_letters(lived, monkeypatch)


def sent_by_bot(lived):
    """Everything the bot sends over a quarter to people who linked it."""
    _, made, browsers = lived
    slack, now = Slack(), [MONDAY]
    try:
        with writing(made.book) as connection:
            connection.execute(CHAT_LINKS.delete())
            for n, browser in enumerate(browsers):
                connection.execute(CHAT_LINKS.insert().values(place=f"slack:T1:U{n}", account=browser.member.account))
        place, client = Place(made.book, made.settings, lambda: now[0]), WebClient(token=TOKEN, base_url=slack.url)
        for day in workdays("2026-Q1"):
            now[0] = MONDAY.replace(month=day.month, day=day.day)
            send_pulse(place, client)
        now[0] = MONDAY + timedelta(days=200)
        send_taps(place, client)
        return json.dumps(slack.calls, ensure_ascii=False)
    finally:
        slack.close()


def test_the_bot_names_nobody(lived):
    """What the bot sends over a quarter holds users' numbers of the chat, and no name or address of the book."""
    said = sent_by_bot(lived)
    assert "U1" in said
    assert "pulse" in said
    assert lived[0].search().in_text(said) == []


def test_planted_a_bot_that_names_is_seen(lived, monkeypatch):
    """Against a bot that says whom it asks, the search finds them."""
    from groundswell.bot import slack as bot

    monkeypatch.setattr(bot.views, "said", lambda *args, **values: f"For {lived[0].names[0]}")
    assert lived[0].search().in_text(sent_by_bot(lived))


@pytest.mark.slow
def test_a_server_that_was_killed_left_no_name_but_in_its_book(tmp_path):
    """The command itself, with people who join, mistype, search and break it, killed in the middle: its output, its record, its
    temporary files and its caches hold no name or address; only the book does, in the rows of the accounts."""
    people, machine = People(5), Machine(tmp_path / "machine")
    assert machine.run("init", "firm", "--no-ask") == 0
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    said = machine.home / "served"
    words = [sys.executable, "-m", "groundswell.cli.main", "serve", "firm", "--port", str(port)]
    with said.open("wb") as out:
        run = subprocess.Popen(words, cwd=machine.home / "work", env=machine.env, stdout=out, stderr=subprocess.STDOUT)
        try:
            _use(f"http://127.0.0.1:{port}", said, people)
        finally:
            run.send_signal(signal.SIGKILL)
            run.wait(timeout=30)
            for worker in _children(run.pid):
                os.kill(worker, signal.SIGKILL)
    machine.run("backup", "firm", "copy.sqlite3")
    machine.run("serve", "firm", "--port", str(port), kill_after=8, by=signal.SIGINT)
    found_in = people.search().in_files(machine.home)
    assert {p.rpartition("/")[2].removesuffix("-wal") for p in found_in} <= {"book.sqlite3", "copy.sqlite3"}
    assert any("book.sqlite3" in p for p in found_in), "they were there"


def _children(parent):
    """Processes of ours that the killed one left."""
    out = subprocess.run(["ps", "-o", "pid=", "--ppid", str(parent)], capture_output=True, text=True, check=False).stdout
    return [int(word) for word in out.split()]


def _use(origin, said, people):
    """Join by the first link, search for colleagues, mistype and send rubbish."""
    for _ in range(120):
        link = re.search(r"http\S+/join/\S+", said.read_text())
        if link:
            break
        time.sleep(0.5)
    with httpx.Client(base_url=origin, headers={"accept": "text/html"}, timeout=30) as browser:
        for _ in range(60):
            try:
                page = browser.get(link[0])
                break
            except httpx.TransportError:
                time.sleep(0.5)
        name = people.names[0]
        form = {"csrf": _token(page.text), "name": name, "address": address_of(name), "password": PASSWORD}
        assert browser.post(link[0], data=form).status_code < 400
        page = browser.get("/")
        browser.get("/logbook", params={"q": people.names[1]})
        browser.get(f"/logbook/{people.names[2]}")
        browser.post("/logbook", data={"csrf": _token(page.text), "title": people.names[3] * 40, "outcome": people.names[3]})
        browser.post("/sign-in", data={"csrf": "x", "address": address_of(people.names[4]), "password": people.names[4]})
        browser.post("/logbook", content=people.names[4].encode() * 50_000)


def _token(html):
    found = re.search(r'name="csrf" value="(\w+)"', html)
    return found[1] if found else ""


def test_accounts_are_where_names_are(lived):
    """The search would see a name in a row: those of the accounts hold all five."""
    people, made, _ = lived
    with reading(made.book) as connection:
        held = repr(connection.execute(ACCOUNTS.select()).all())
    assert len(people.search().in_text(held)) >= 10
