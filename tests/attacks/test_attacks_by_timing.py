"""Attacks with a stopwatch: does the work of a page tell one person's presence, or what somebody else keeps to themselves?

Work is counted, not timed: lines of our own code that were run, and steps of the database's machine; so a busy computer raises no
false alarm, and one step more is seen. Where a clock is needed, the test says how often it raises a false one.
"""

import sys
import threading
import time
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import sqlalchemy as sa
from scipy.stats import mannwhitneyu
from sqlalchemy import event

import groundswell
from groundswell.measures.adoption import MEASURE as ADOPTION
from groundswell.model.measure import Counts, Exit
from groundswell.privacy import noise
from groundswell.privacy import release as releases
from groundswell.privacy.hold import hold
from groundswell.privacy.protection import DEFAULT
from groundswell.privacy.release import release
from groundswell.report.forms import to_json, to_markdown
from groundswell.report.page import Page
from groundswell.runs.folder import Folder
from groundswell.runs.releases import keep
from groundswell.selfreport import entry, logbook
from groundswell.web.pages import the_page
from measure_rows import day, engine
from web_company import company

PACKAGE = str(Path(groundswell.__file__).parent)
ENTRY = {"title": "A job", "tool": "Claude", "outcome": "kept"}


class Work:
    """Counts lines of our own code that are run while it is open, in whichever thread."""

    def __init__(self):
        self.lines = 0

    def _tick(self, frame, what, arg):
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        self.lines += what == "line"
        return self._tick

    def __enter__(self):
        self._before = sys.gettrace()
        threading.settrace(self._tick)
        sys.settrace(self._tick)
        return self

    def __exit__(self, *_):
        sys.settrace(self._before)
        threading.settrace(None)


def lines(work):
    """Lines that something runs, the second time: what is only imported or cached at first does not count."""
    work()
    with Work() as counted:
        work()
    return counted.lines


def counted(people, users):
    """What is counted of a company in which some of the people left a mark of use."""
    traces = [{"person": n, "day": day(d)} for n in range(1, people + 1) for d in range(0, 91, 7)]
    uses = [{"person": n, "day": day(d)} for n in range(1, users + 1) for d in range(0, 91, 7)]
    return ADOPTION.count(engine(traces=traces, usage_days=uses))


def page_of(counts):
    """A page of one measure in the forms a program reads: everything that is done after counting."""
    found = hold(ADOPTION.estimate(release(counts)), way=Exit.PEOPLE, protection=DEFAULT)
    whole = Page(company="", start=date(2026, 1, 1), end=date(2026, 3, 31), findings=(found,), measures=(ADOPTION,))
    return to_json(whole) + to_markdown(whole)


@pytest.fixture(scope="module")
def small():
    """Counts of companies below the floor: the first two differ in one person's presence, the last two in one person's use."""
    one, none = counted(9, 1), counted(9, 0)
    return [replace(one, people=8), one, none]


def test_the_work_of_a_page_below_the_floor_tells_nobodys_presence(small):
    """From the count to the finished page the same number of lines is run, whoever was there and whoever used what."""
    (taken,) = {lines(lambda counts=counts: page_of(counts)) for counts in small}
    assert taken > 500, "there was something to count"


def test_weakened_a_page_without_floors_tells_it_by_its_work(small, monkeypatch):
    """Against a build without a floor the number of lines tells these companies apart."""
    monkeypatch.setattr(releases, "_refusal", lambda counts, protection: None)
    monkeypatch.setattr(releases, "LEAST_PEOPLE", 0)
    assert len({lines(lambda counts=counts: page_of(counts)) for counts in small}) > 1


def test_weakened_a_refusal_that_looks_at_the_tables_first_tells_it(small, monkeypatch):
    """Against a gate that checks and copies the tables before it refuses, as ours once did, one person's use shows."""
    plain = releases._refusal

    def looking_first(counts, protection):
        releases.copied(counts.measure, counts.tables, None)
        return plain(counts, protection)

    monkeypatch.setattr(releases, "_refusal", looking_first)
    assert len({lines(lambda counts=counts: release(counts)) for counts in small[1:]}) == 2


def noised(users):
    """A count of people under noise."""
    table = pa.table({"what": ["any"], "people": [users]})
    return Counts(
        measure="sample", exit=Exit.PEOPLE, tables={"noised": table}, people=300, units=300, start=date(2026, 1, 1),
        end=date(2026, 3, 31), noised={"noised": ("people",)},
    )  # fmt: skip


def test_the_gate_takes_as_many_lines_for_one_user_more(small):
    """Letting a count out runs the same lines for 120 users as for 121, for none as for all."""
    assert len({lines(lambda users=users: release(noised(users))) for users in (0, 120, 121, 300)}) == 1


ALPHA = 1e-6
"""False alarm of the test with a clock: how often times of one law would be told apart."""

ROUNDS = 120


def drawn_apart():
    """Probability that the times of noising no one and of noising everybody come from one law, taken in turns at random."""
    rng = np.random.default_rng(4)
    times = {0: [], 50_000: []}
    for users in rng.permutation(np.repeat([0, 50_000], ROUNDS)).tolist():
        began = time.thread_time_ns()
        noise.add([users], sigma=12)
        times[users].append(time.thread_time_ns() - began)
    return float(mannwhitneyu(*times.values()).pvalue)


def test_drawing_noise_takes_no_longer_for_more_people():
    """Processor times of noising a count of none and one of fifty thousand are not told apart (a rank test at 1e-6, the draws
    in random turns, so that a busy machine slows both alike)."""
    assert drawn_apart() > ALPHA


def test_weakened_noise_that_counts_is_told_apart(monkeypatch):
    """Against a sampler that goes through the people of a count, the same test tells none from everybody."""
    plain = noise.add
    monkeypatch.setattr(noise, "add", lambda counts, sigma: plain([sum(1 for _ in range(n)) for n in counts], sigma=sigma))
    assert drawn_apart() < ALPHA


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A company whose server shows a page and keeps a logbook, and one of its members."""
    made = company(tmp_path_factory.mktemp("company"))
    return made, made.joined("Eve", unit="Sales")


def page_steps(served, users):
    """Lines that showing the kept page takes, for a company with so many users."""
    made, eve = served
    folder = Folder(made.folder)
    whole = Page(company="", start=date(2026, 1, 1), end=date(2026, 3, 31), findings=())
    text = f"<html><body><p>{users} people</p></body></html>"
    keep(folder, whole, now=made.now, render=lambda page, lang: text)
    return lines(lambda: eve.get("/page/trial"))


def test_showing_the_page_takes_the_same_work_for_one_person_more(served):
    """What is shown was made once, for everybody, before anybody asked: showing it runs the same lines whatever it says."""
    assert len({page_steps(served, users) for users in (120, 121, 175)}) == 1


def test_weakened_a_page_counted_when_asked_for_tells_it(served, monkeypatch):
    """Against a live view, which counts when it is asked, one person more is one turn of a loop more."""

    def live(file, changed, lang):
        users = int("".join(filter(str.isdigit, file.read_text("utf8"))))
        return str(Work._counted_here(users)).encode(), "default-src 'none'"

    monkeypatch.setattr(the_page, "_shown", live)
    monkeypatch.setattr(Work, "_counted_here", staticmethod(loop_of_ours()), raising=False)
    assert len({page_steps(served, users) for users in (120, 121)}) == 2


def loop_of_ours():
    """A loop over people that passes for a line of the program, so that it is counted."""
    code = "def counted(users):\n    n = 0\n    for _ in range(users):\n        n += 1\n    return n\n"
    held = {}
    exec(compile(code, f"{PACKAGE}/live.py", "exec"), held)  # noqa: S102 - our own text, two lines above
    return held["counted"]


class Machine:
    """Counts steps of the database's machine from when it is opened: one for every instruction of its compiled query."""

    def __init__(self, book):
        self.book, self.steps = book, 0

    def _tick(self):
        self.steps += 1

    def _taken(self, connection, *_):
        connection.set_progress_handler(self._tick, 1)

    def __enter__(self):
        event.listen(self.book, "checkout", self._taken)
        return self

    def __exit__(self, *_):
        event.remove(self.book, "checkout", self._taken)


HIDDEN = ("the heron waits by the weir", "the bream swims in the lake")
"""What somebody keeps to themselves, or tells their own team: of one length, and only the first is searched for."""


def search_steps(made, eve, visible):
    """Steps that another member's search takes in the database, for each of what is kept from them."""
    found = []
    for n, text in enumerate(HIDDEN):
        ada = made.joined(f"Ada{visible}{n}", unit="Support")
        number = ada.post("/logbook", visible=visible, tried=text, **ENTRY).headers["location"].rpartition("/")[2]
        eve.get("/logbook", params={"q": "heron"})
        with Machine(made.book) as machine:
            answer = eve.get("/logbook", params={"q": "heron"})
        assert text not in answer.text
        found.append(machine.steps)
        ada.post(f"/logbook/{number}/erase")
    return found


@pytest.mark.parametrize("visible", ["me", "team"])
def test_searching_takes_as_long_whatever_others_keep_to_themselves(tmp_path, visible):
    """A search for a word takes the same steps whether or not it stands in what somebody else keeps for themselves or their team:
    who may see is asked before what is said."""
    made = company(tmp_path)
    one, other = search_steps(made, made.joined("Eve", unit="Sales"), visible)
    assert one == other > 20


def test_weakened_a_search_that_reads_before_it_asks_tells_a_word(tmp_path, monkeypatch):
    """Against a query that compares the words first and asks afterwards who may see them, the steps tell that the word stands
    there."""
    plain = logbook._finding

    def read_first(*parts):
        asked = plain(*parts)
        words = entry.ENTRIES.c.found_by.contains(sa.bindparam("word0", type_=sa.Text), autoescape=False, escape="/")
        author = entry.ACCOUNTS.c.name.label("author")
        return (
            sa.select(*(entry.ENTRIES.c[name] for name in entry._READ), author)
            .outerjoin(entry.ACCOUNTS, entry.ACCOUNTS.c.id == entry.ENTRIES.c.account)
            .where(words, entry.SEEN)
            .limit(sa.bindparam("most"))
            if parts[2]
            else asked
        )

    monkeypatch.setattr(logbook, "_finding", read_first)
    made = company(tmp_path)
    one, other = search_steps(made, made.joined("Eve", unit="Sales"), "me")
    assert one != other
