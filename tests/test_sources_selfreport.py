"""What the pulse and the logbook promise: nobody is traced, stories stay where they were told."""

from datetime import UTC, datetime

import pytest

from groundswell.model.trace import PulseAnswer
from groundswell.registry import sources
from source_samples import read_rows
from test_sources_usage import ADA, text_of

SOURCES = sources()
PULSE = "Answer,Day,Tool,Job,Used,How,Expected,Kept,Stratum,Weight"


@pytest.fixture
def read(tmp_path):
    """Write a file and read it as the named source does; no other source may take it."""

    def reading(source, name, content):
        path = tmp_path / name
        path.write_text(text_of(content), "utf8")
        assert {taker for taker, plug_in in SOURCES.items() if plug_in.recognise(path) is not None} == {source}
        return read_rows(SOURCES[source], path)

    return reading


def test_an_answer_bears_nobody():
    """A pulse answer has no field in which a person, a place or an hour could stand."""
    assert not {"actor", "whom", "place", "thread", "ts", "actor_kind"} & set(PulseAnswer.__dataclass_fields__)


@pytest.mark.parametrize("column", ["Email", "User name", "employee_id", "IP address", "token", "Full Name"])
def test_a_column_that_leads_to_a_person_is_refused(read, column):
    """A column that leads to a person is refused and counted, and changes no row, not even its id."""
    line = "a1,2026-03-02,Claude,coding,yes,own,no,yes,engineering,1.5"
    with_person, tally = read("pulse", "p.csv", f"{PULSE},{column}\n{line},{ADA}\n")
    without, _ = read("pulse", "p.csv", f"{PULSE}\n{line}\n")
    assert with_person == without
    assert tally.refused == {"column of a pulse that leads to a person": 1}


def test_two_like_answers_stay_two(read):
    """Two people who answer alike without numbers are two answers, and the same sheet read twice is the same two."""
    sheet = f"{PULSE}\n" + ",2026-03-02,Claude,coding,yes,own,no,yes,,\n" * 2
    first, again = read("pulse", "p.csv", sheet)[0], read("pulse", "p.csv", sheet)[0]
    assert len({row["id"] for row in first["PulseAnswer"]}) == 2
    assert first == again


@pytest.mark.parametrize(
    ("said", "read_as"), [("yes", True), ("oui", True), ("có", True), ("0", False), ("không", False), ("", None)]
)
def test_not_answered_is_not_no(read, said, read_as):
    """An item left out is unknown, in any of the three languages."""
    rows, _ = read("pulse", "p.csv", f"{PULSE}\na1,2026-03-02,any,,yes,,{said},{said},,\n")
    assert [(row["expected"], row["kept"]) for row in rows["PulseAnswer"]] == [(read_as, read_as)]


@pytest.mark.parametrize(
    ("level", "reasons", "read_as"),
    [
        ("leads", "5", ("leads", 5)), ("works", "0", ("works", 0)), ("", "5", ("", None)), ("leads", "", ("", None)),
        ("leads", "32", ("", None)), ("chief", "5", ("", None)), ("works", "-1", ("", None)), ("works", "many", ("", None)),
    ],
)  # fmt: skip
def test_a_why_is_a_level_and_a_set_of_reasons_or_nothing(read, level, reasons, read_as):
    """Reasons without a level, out of their bounds, or a level without reasons are not answered."""
    rows, _ = read("pulse", "p.csv", f"{PULSE},level,reasons\na1,2026-03-02,any,,yes,,,,,,{level},{reasons}\n")
    assert [(row["level"], row["reasons"]) for row in rows["PulseAnswer"]] == [read_as]


def test_answers_as_json(read):
    """Answers as JSON read as answers as a table do."""
    answer = {"answer": "a1", "day": "2026-03-02", "tool": "Claude", "job": "coding", "used": True, "how": "own", "kept": False}
    from_json, _ = read("pulse", "p.json", {"answers": [answer]})
    from_table, _ = read("pulse", "p.csv", f"{PULSE}\na1,2026-03-02,Claude,coding,yes,own,,no,,\n")
    assert from_json == from_table


def entry(**more):
    """One entry of the logbook."""
    return {
        "entry": "e1",
        "at": "2026-03-02T23:30:00-05:00",
        "person": ADA,
        "act": "tries",
        "tool": "Claude",
        "job": "legal",
        **more,
    }


def test_an_entry_is_done_and_dated(read):
    """An entry is an act done, on the instant it tells, in UTC, and a trace of its own day."""
    rows, _ = read("logbook", "l.json", [entry(story="a kettle")])
    act = rows["ActRow"][0]
    assert (act["act"], act["modality"], act["channel"], act["reader"]) == ("tries", "done", "logbook", "selfreport-1")
    assert act["ts"] == datetime(2026, 3, 3, 4, 30, tzinfo=UTC)
    assert [(row["id"], row["day"]) for row in rows["Trace"]] == [(act["id"], act["ts"].date())]


@pytest.mark.parametrize("act", ["demands", "announces", "nudges", "", "plays"])
def test_a_logbook_holds_no_orders(read, act):
    """What cannot be told of oneself is no entry."""
    rows, tally = read("logbook", "l.json", [entry(act=act)])
    assert not rows
    assert tally.skipped == {"no act of a logbook": 1}


def test_a_pen_name_joins_nobody(read):
    """An entry under a pen name has another pseudonym than the person's own, and the person's entry wins where both are given."""
    own, _ = read("logbook", "l.json", [entry()])
    pen, _ = read("logbook", "l.json", [entry(person=None, pen=ADA)])
    both, _ = read("logbook", "l.json", [entry(pen="quiet heron")])
    assert own["Trace"][0]["actor"] != pen["Trace"][0]["actor"]
    assert own == both


def test_a_corrected_entry_replaces_the_first(read):
    """A later copy of an entry has the same id and a greater version, whichever stands first in the file."""
    rows, _ = read("logbook", "l.json", [entry(changed="2026-03-09T08:00:00Z"), entry()])
    assert len({row["id"] for row in rows["Trace"]}) == 1
    assert rows["Trace"][0]["version"] > rows["Trace"][1]["version"]


@pytest.mark.parametrize(("told", "kind"), [("switched", "switched"), ("", "abandoned"), ("bored", "abandoned")])
def test_why_something_was_dropped(read, told, kind):
    """A drop keeps its kind if it is on the list, and counts as abandoned otherwise; no other act has one."""
    rows, _ = read("logbook", "l.json", [entry(act=["drops", "learns"], drop=told)])
    assert {row["act"]: row["drop"] for row in rows["ActRow"]} == {"drops": kind, "learns": ""}
