"""What people told the server reaches the measures like any other trace, and nothing of it says who told the pulse what."""

import csv
import json
from collections import Counter
from datetime import UTC, date, datetime

import pyarrow.parquet as pq
import pytest

from groundswell.model.measure import Verdict
from groundswell.privacy import blind
from groundswell.privacy.charter import Charter
from groundswell.privacy.door import Door
from groundswell.privacy.keyring import open_keys
from groundswell.runs.collect import collect
from groundswell.runs.folder import Folder, init, measure, read
from groundswell.selfreport import logbook, pulse
from groundswell.selfreport.accounts import member_of
from groundswell.selfreport.answers import Answer
from groundswell.selfreport.base import open_book, writing
from groundswell.selfreport.entry import Outcome, Told, Visible
from pulse_people import QUARTER, SECRET, TOOLS, hire, ready_token, turn
from source_samples import read_rows

NOW = datetime(2026, 4, 10, 9, tzinfo=UTC)
PEOPLE = 120


@pytest.fixture(scope="module", autouse=True)
def _short_key():
    """A key of 1,024 bits: one of 2,048 takes seconds to draw where others work too."""
    patch = pytest.MonkeyPatch()
    drawn = blind.make_key(1024)
    patch.setattr(blind, "make_key", lambda bits=0: drawn)
    yield
    patch.undo()


@pytest.fixture
def company(tmp_path):
    """A company folder with its org chart read, a book, and its keys."""
    folder = Folder(tmp_path / "company")
    init(folder, Charter(), now=NOW)
    book = open_book(f"sqlite:///{tmp_path / 'book'}")
    people = hire(book, ["sales" if n % 2 else "support" for n in range(PEOPLE)])
    keys = open_keys(tmp_path / "key.json", now=NOW)
    chart = tmp_path / "people-2026-01-05.csv"
    with chart.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(("Email", "Name", "Team", "Manager", "Joined"))
        for n in range(PEOPLE):
            rows.writerow((f"person{n}@lanterne.example", "", "sales" if n % 2 else "support", "", "2025-01-01"))
    read(folder, [chart], key=keys.key, now=NOW, workers=1)
    return folder, book, people, keys


def answer_all(book, people):
    """Everybody answers: two thirds used AI, half of those because they were asked to, and again the day before."""
    with writing(book) as connection:
        key = pulse._key(connection, QUARTER, SECRET)
        for n, who in enumerate(people):
            ask, _ = turn(who)
            used = n % 3 > 0
            said = Answer(
                used=used, tool="claude", job="coding", how="asked" if n % 2 else "own", expected=n % 4 == 0, second=used
            )
            token = ready_token(key, ask)
            assert pulse.spend(connection, token, said, secret=SECRET, tools=TOOLS, today=ask.on) is None


def collected(company, now=NOW):
    folder, book, _, keys = company
    return collect(folder, book, secret=SECRET, keys=keys, now=now, workers=1)


def test_the_pulse_reaches_its_measure(company):
    """What people used yesterday, how they came to it and what was expected stand on the page, as they were told."""
    answer_all(company[1], company[2])
    found = collected(company)
    assert found.quarters == {QUARTER: PEOPLE}
    page = measure(company[0], now=NOW)
    finding = next(f for f in page.findings if f.measure == "pulse")
    results = {r.key: r for r in finding.results}
    assert results["day_share"].verdict is Verdict.PUBLISHED
    assert results["day_share"].estimate == pytest.approx(2 / 3, abs=0.02)
    assert results["how_asked"].estimate == pytest.approx(0.5, abs=0.02)
    assert results["how_own"].estimate == pytest.approx(0.5, abs=0.02)
    assert results["expected"].estimate == pytest.approx(0.25, abs=0.02)


def test_collecting_twice_changes_nothing(company):
    """The same quarter is read once, however often it is collected."""
    answer_all(company[1], company[2])
    collected(company)
    again = collected(company)
    assert again.report.tallies == {}
    assert again.report.known == 1


def test_a_running_quarter_stays_in_the_book(company):
    """While a link may still open, no answer is given out: each new file would show who answered since the last."""
    answer_all(company[1], company[2])
    early = collected(company, datetime(2026, 4, 5, tzinfo=UTC))
    assert (early.quarters, early.running) == ({}, (QUARTER,))
    assert collected(company, datetime(2026, 4, 6, tzinfo=UTC)).quarters == {QUARTER: PEOPLE}


def test_the_logbook_comes_along(company):
    """An entry is an act like any other; what somebody keeps to themselves is not read."""
    _, book, people, _ = company
    with writing(book) as connection:
        for who, visible in ((people[0], Visible.EVERYONE), (people[1], Visible.ME)):
            told = Told(title="Minutes", tool="Claude", tried="a prompt", outcome=Outcome.KEPT, visible=visible)
            logbook.tell(connection, told, member_of(connection, who), now=NOW)
    found = collected(company)
    assert found.entries == 1
    assert found.report.tallies["logbook"].kept == Counter({"ActRow": 2, "Trace": 1})
    assert "pulse" not in found.report.tallies


def test_what_was_erased_leaves_the_store(company):
    """An entry erased, or kept to oneself since, is in no table after the next collection; others, and another export's, stay."""
    folder, book, people, keys = company
    with writing(book) as connection:
        told = [
            logbook.tell(
                connection,
                Told(title="Minutes", tool="Claude", outcome=Outcome.OPEN, visible=Visible.EVERYONE),
                member_of(connection, who),
                now=NOW,
            )[0]
            for who in people[:3]
        ]
    other = folder.path.parent / "other-logbook.json"
    rows = [{"entry": "x1", "at": "2026-03-02", "person": "person9@lanterne.example", "act": ["tries"], "tool": "claude"}]
    other.write_text(json.dumps({"entries": rows}))
    read(folder, [other], key=keys.key, now=NOW, workers=1)
    assert collected(company).withdrawn == 0
    door = Door(keys.key, "logbook")

    def held():
        store = folder.store()
        return {n for table in ("traces", "acts") for f in store.files(table) for n in pq.read_table(f)["id"].to_pylist()}

    numbers = [door.hashed("logbook", number) for number in (*told, "x1")]
    assert set(numbers) <= held()
    with writing(book) as connection:
        logbook.erase(connection, told[0], member_of(connection, people[0]))
        mine = Told(title="Minutes", tool="Claude", outcome=Outcome.OPEN, visible=Visible.ME)
        logbook.change(connection, told[1], mine, member_of(connection, people[1]))
    assert collected(company).withdrawn == 2
    assert [number in held() for number in numbers] == [False, False, True, True]
    with writing(book) as connection:
        logbook.erase(connection, told[2], member_of(connection, people[2]))
    assert collected(company).withdrawn == 1
    assert [number in held() for number in numbers] == [False, False, False, True]


def test_nothing_is_left_lying_about(company):
    """Neither after a collection nor after one that was killed do files of it remain: the logbook's holds addresses."""
    folder, book, people, _ = company
    (folder.path / "serve" / "collect-left").mkdir(parents=True)
    (folder.path / "serve" / "collect-left" / "logbook.json").write_text("person0@lanterne.example")
    with writing(book) as connection:
        told = Told(title="Minutes", tool="Claude", outcome=Outcome.OPEN, visible=Visible.EVERYONE)
        logbook.tell(connection, told, member_of(connection, people[0]), now=NOW)
    answer_all(book, people)
    collected(company)
    held = [path for path in folder.path.rglob("*") if path.is_file()]
    assert not [path for path in held if b"lanterne.example" in path.read_bytes()]
    assert list((folder.path / "serve").glob("collect-*")) == []


def test_an_empty_book_is_no_failure(company):
    """Nobody has told anything yet: nothing is read and nothing fails."""
    found = collected(company)
    assert (found.entries, found.quarters, found.report.tallies) == (0, {}, {})


def test_a_days_column_says_nothing_of_a_row(company, tmp_path):
    """In the file a day is dealt out: the days told with answers and those beside them agree only by chance."""
    from groundswell.registry import sources
    from groundswell.selfreport.pulse_file import answers_to_file

    _, book, people, _ = company
    days = {}
    with writing(book) as connection:
        key = pulse._key(connection, QUARTER, SECRET)
        for who in people:
            ask, _ = turn(who)
            late = ask.about > date(2026, 2, 14)
            days[ask.about] = late
            said = Answer(used=True, tool="claude" if late else "chatgpt")
            assert pulse.spend(connection, ready_token(key, ask), said, secret=SECRET, tools=TOOLS, today=ask.on) is None
        answers_to_file(connection, QUARTER, tmp_path / "pulse.csv", secret=SECRET)
    rows, _ = read_rows(sources()["pulse"], tmp_path / "pulse.csv")
    told = rows["PulseAnswer"]
    assert Counter(r["day"] for r in told) == Counter(turn(who)[0].about for who in people)
    right = sum((r["tool"] == "claude") == days[r["day"]] for r in told)
    assert 0.3 * PEOPLE < right < 0.7 * PEOPLE  # half of them by chance, standard deviation 5.5 of 120
