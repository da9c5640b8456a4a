"""Attacks by what an operator may write or choose: charter, company.toml, names of files, a head count, a notebook, a flag."""

import shutil
import traceback
from dataclasses import replace
from datetime import UTC, date, datetime

import duckdb
import pyarrow as pa
import pytest
import typer
from test_attacks_by_measures import careless, result

from groundswell.cli.main import app
from groundswell.errors import GroundswellError, InputError, PrivacyError, StoreError
from groundswell.model.measure import Counts, Exit, Verdict
from groundswell.model.phrase import say
from groundswell.model.reading import ActRow
from groundswell.model.source import Batch
from groundswell.privacy import hold as gate
from groundswell.privacy.book import Book
from groundswell.privacy.charter import Charter, read_charter, to_toml
from groundswell.privacy.door import Door
from groundswell.privacy.protection import DEFAULT, read_protection
from groundswell.privacy.release import release
from groundswell.reading.reader import Reader
from groundswell.runs import coverage, notebook
from groundswell.runs.folder import Folder, init, read
from groundswell.runs.pack import pack
from groundswell.store.engine import DuckDB
from source_samples import SAMPLES, place_sample

NOW = datetime(2026, 4, 2, 9, tzinfo=UTC)
KEY = bytes(range(32))

EDITS = {
    "a floor below": "[protection]\nleast_people = 9",
    "a floor below by a hair": "[protection]\nleast_people = 9.999999",
    "no floor": "[protection]\nleast_people = 0",
    "a floor below zero": "[protection]\nleast_people = -10",
    "no number": '[protection]\nleast_people = "10"',
    "a truth value": "[protection]\nleast_people = true",
    "not a number": "[protection]\nleast_people = nan",
    "a list": "[protection]\nleast_people = [10]",
    "a table": "[protection.least_people]\nvalue = 10",
    "less noise": "[protection]\nsigma_group = 4.99",
    "no noise": "[protection]\nsigma_organisation = 0",
    "noise from later on": "[protection]\nnoised_from = 1000000",
    "a larger budget": "[protection]\nepsilon = 3.51",
    "an endless budget": "[protection]\nepsilon = inf",
    "a smaller team": "[protection]\nleast_own_view = 7",
    "another capital": "[Protection]\nleast_people = 3",
    "a lookalike letter": "[protection]\nle\u0430st_people = 3",
    "a word of ours": "[protection]\nEDGE = 0.0",
    "the section as a word": 'protection = "off"',
    "the section as a list": "[[protection]]\nleast_people = 3",
    "twice": "[protection]\nleast_people = 12\nleast_people = 3",
}
"""Ways to write a lower protection, or to be taken for a raised one."""


@pytest.mark.parametrize("how", EDITS)
def test_no_way_of_writing_lowers_a_protection(how, tmp_path):
    """Each is an error that stops the run, never a protection passed over in silence."""
    whole = to_toml(Charter()).partition("# A protection may")[0]
    file = tmp_path / "charter.toml"
    # A key that belongs to no table must stand before the first one.
    file.write_text(f"{EDITS[how]}\n{whole}" if EDITS[how].startswith("protection =") else f"{whole}\n{EDITS[how]}\n", "utf8")
    with pytest.raises((InputError, PrivacyError)):
        both_read(file)


def both_read(file):
    """A charter file as `measure` reads it."""
    read_protection(file)
    read_charter(file)


def test_weakened_a_charter_that_is_believed_lowers_it(monkeypatch, tmp_path):
    """Against a build that takes any number, the floor is three."""
    from groundswell.privacy import protection

    monkeypatch.setattr(protection, "_at_least_as_safe", lambda name, value, least: True)
    (tmp_path / "charter.toml").write_text("[protection]\nleast_people = 3\n", "utf8")
    assert read_protection(tmp_path / "charter.toml").least_people == 3


def acts(door, tool):
    """A row of a message that was read."""
    row = {
        "id": 1, "version": 0, "ts": datetime(2026, 3, 1, 9), "actor": door.person(email="bo@example.test"),
        "actor_kind": "person", "act": "uses", "modality": "done", "tool": tool, "job": "unknown", "drop": "", "source": "slack",
        "channel": "message", "whom": 0,
    }  # fmt: skip
    return Batch(ActRow, {name: [value] for name, value in row.items()})


@pytest.mark.parametrize("tool", ["Ada Quill", "ada_quill", "Quill, Ada", "copilot of ada quill"])
def test_a_colleague_is_no_tool(tool):
    """Who lists a colleague among the company's own tools would have the page count who speaks of them: where a tool bears the
    full name of somebody the export names, a keyed label is stored, and the tally says so."""
    door = Door(KEY, "slack")
    door.person(email="ada@example.test", name="Ada Quill")
    stored = door.admit(acts(door, tool)).columns["tool"][0]
    assert "quill" not in stored.casefold()
    assert door.tally.refused.total() == 1
    assert door.admit(acts(door, "claude")).columns["tool"] == ["claude"]


def test_weakened_a_door_that_looks_at_units_alone_counts_a_colleague(monkeypatch):
    """Against a door that compares units, sites and roles alone, as ours once did, the colleague is a tool."""
    from groundswell.privacy import door as room

    monkeypatch.setattr(room, "NAMED_AFTER", frozenset({"unit", "site", "role", "stratum"}))
    door = Door(KEY, "slack")
    door.person(email="ada@example.test", name="Ada Quill")
    assert door.admit(acts(door, "Ada Quill")).columns["tool"] == ["Ada Quill"]


@pytest.mark.parametrize("lang", ["en", "fr", "vi"])
def test_what_else_messages_are_searched_for_is_in_the_pack(lang, tmp_path):
    """Own tools and products, which could be any word, such as that of a union, are listed for the works council."""
    place = Folder(tmp_path / "firm")
    init(place, Charter(), now=NOW)
    (place.path / "company.toml").write_text('tools = ["Strike fund"]\nproducts = ["Heron"]\n', "utf8")
    assert "Heron, Strike fund" in pack(place, now=NOW, lang=lang).markdown


def heads(people, **other):
    """A count of users among so many people, with noise declared from a hundred on as the measures do."""
    noised = {"grid": ("users",)} if people >= 100 else {}
    grid = pa.table({"world": [0], "users": [people // 2]})
    return Counts(
        measure="sample", exit=Exit.PEOPLE, tables={"grid": grid}, people=people, units=people, noised=noised,
        start=date(2026, 1, 1), end=date(2026, 3, 31), **other,
    )  # fmt: skip


def twice(folder, first, second):
    """Whether the second of two head counts of one quarter lets out anything but what the first did."""
    book = Book(record=folder / "record", folder=folder / "releases", now=NOW)
    one, other = release(heads(first), book=book), release(heads(second), book=book)
    # By the noise too: a noised count may by chance be the exact one.
    told = [(out.sigma, out.tables["grid"].to_pylist()) for out in (one, other) if out.refused is None]
    return len(told) == 2 and told[0] != told[1]


@pytest.mark.parametrize(("first", "second"), [(99, 100), (100, 99), (99, 98), (100, 101), (235, 236)])
def test_nobody_goes_back_and_forth_over_a_hundred(first, second, tmp_path):
    """Leaving one person out, or hiring one, so that a company falls below the hundred from which noise is due, or comes to it,
    gives no second answer for the quarter: neither the exact one after the noised nor the other way round."""
    assert not twice(tmp_path, first, second)


@pytest.mark.parametrize(("first", "second"), [(99, 100), (100, 99)])
def test_weakened_a_book_that_forgets_answers_on_both_sides(first, second, tmp_path, monkeypatch):
    """Against a book that forgets, the exact count is had beside the noised one."""
    monkeypatch.setattr(Book, "entered", lambda self, measure: None)
    monkeypatch.setattr(Book, "closed_to", lambda self, measure: False)
    assert twice(tmp_path, first, second)


SAID = {
    "a count of three": {"results": (result(3.0, 60, unit="people"),)},
    "a share said as a count": {"sentence": say("{n:count} of {of:count} use it.", n=2, of=60), "results": (result(2 / 60, 60),)},
}


@pytest.mark.parametrize("how", SAID)
def test_few_people_are_not_told_as_a_number_either(how):
    """Three people among sixty, told as a count and not as a share, or in a sentence beside a share that is held back, are held
    back too."""
    held = gate.hold(replace(careless(0.5, 60), **SAID[how]), way=Exit.PEOPLE, protection=DEFAULT)
    assert held.results[0].verdict is Verdict.WITHHELD
    assert not {2, 3} & {v for v in held.sentence.values.values() if isinstance(v, int | float)}


def test_few_people_are_not_drawn():
    """A curve of numbers of people leaves out the points below ten, whether or not it says what they rest on."""
    drawn = careless(0.5, 60, at_risk=None, points=(3.0, 12.0, 0.0))
    counts = replace(drawn, pictures=(replace(drawn.pictures[0], y_unit="people"),))
    held = gate.hold(counts, way=Exit.PEOPLE, protection=DEFAULT)
    assert [p.value for p in held.pictures[0].lines[0].points] == [12.0, 0.0]


def test_weakened_a_gate_for_shares_alone_tells_the_count(monkeypatch):
    """Against a gate that looks at shares alone, as ours once did, three people are told."""
    monkeypatch.setattr(gate, "_held", lambda one, way, protection: one)
    held = gate.hold(replace(careless(0.5, 60), **SAID["a count of three"]), way=Exit.PEOPLE, protection=DEFAULT)
    assert held.results[0].estimate == 3.0


QUOTING = ["select cast('Ada Quill' as integer)", "select strptime('Ada Quill', '%Y')", "select error('Ada Quill wrote this')"]
"""Counts that fail on a value, as one of a plug-in's may."""


@pytest.mark.parametrize("sql", QUOTING)
def test_a_count_that_fails_quotes_no_value(sql):
    """The engine's own words quote the value; ours, and the traceback that a notebook would print, do not."""
    with pytest.raises(StoreError) as raised:
        DuckDB().run(sql)
    assert "Ada Quill" not in str(raised.value)
    printed = "".join(traceback.format_exception(raised.value))
    assert "Conversion Error" not in printed
    assert "Invalid Input" not in printed


@pytest.mark.parametrize("sql", QUOTING)
def test_weakened_the_engines_own_words_quote_it(sql):
    """The engine's own error, which ours once passed on, holds the name."""
    with pytest.raises(duckdb.Error, match="Ada Quill"):
        duckdb.sql(sql).fetchall()


def test_a_fault_of_a_query_is_still_told():
    """Whoever writes a measure is told which table or word is wrong."""
    with pytest.raises(StoreError, match="nowhere"):
        DuckDB().run("select * from nowhere")


def test_a_name_in_a_path_is_stored_nowhere(tmp_path):
    """Exports in a folder, and under a file name, called after somebody leave no such name in tables, manifest or record."""
    place = Folder(tmp_path / "firm")
    init(place, Charter(), now=NOW)
    called = tmp_path / "Ada Quill"
    place_sample("litellm", called)
    for file in [f for f in called.rglob("*") if f.is_file()]:
        shutil.copy(file, file.with_name(f"Ada Quill {file.name}"))
    read(place, [called], key=KEY, now=NOW, workers=1)
    files = [f for f in place.path.rglob("*") if f.is_file()]
    assert len(files) > 3
    assert not [f.name for f in files if b"Ada Quill" in f.read_bytes() or "Ada Quill" in f.name]


TEXT = "I told nobody but Ada Quill that it failed"


def broken(self, messages):
    """A reader that breaks, with a text in its message."""
    raise ValueError(TEXT)


def printed_by_a_notebook(tmp_path, monkeypatch):
    """What a notebook prints, and keeps, of a report that fails."""
    monkeypatch.setattr(Reader, "annotate", broken)
    with pytest.raises(Exception) as raised:  # noqa: PT011 - whatever it is
        notebook.report([SAMPLES / "mattermost"], key=tmp_path / "key")
    return raised.value, "".join(traceback.format_exception(raised.value))


def test_a_notebook_keeps_no_text_of_a_failure(tmp_path, monkeypatch):
    """A reader that breaks in a notebook is told as kind and place: the traceback that is saved with it holds no text."""
    error, printed = printed_by_a_notebook(tmp_path, monkeypatch)
    assert isinstance(error, GroundswellError)
    assert "ValueError at" in str(error)
    assert TEXT not in printed


def test_weakened_a_notebook_that_passes_failures_on_keeps_it(tmp_path, monkeypatch):
    """Against a build that passes the failure on as it is, as ours once did, the text is in the saved traceback."""
    monkeypatch.setattr(notebook, "GroundswellError", Exception)
    _, printed = printed_by_a_notebook(tmp_path, monkeypatch)
    assert TEXT in printed


def test_no_command_says_more_when_asked():
    """No command has a flag for more words, a trace, a log or a dump: there is nothing to turn on."""
    commands = typer.main.get_command(app).commands
    flags = {flag for command in commands.values() for p in getattr(command, "params", ()) for flag in p.opts}
    assert len(flags) > 30
    telling = ("verbose", "debug", "trace", "log", "dump", "text", "names")
    assert {flag for flag in flags if any(word in flag for word in telling)} <= {"--login"}


class Seen:
    """An engine that was asked how many people a source shows."""

    def __init__(self, people):
        self.people = people

    def run(self, sql):
        day = date(2026, 1, 1)
        row = {"source": ["litellm"], "first_day": [day], "last_day": [day], "people": [self.people]}
        return pa.table(row if sql == coverage.PERIODS else {"source": pa.array([], pa.string())})


def shown_people(tmp_path, people, **how):
    """People of a source, as the page says them."""
    place = Folder(tmp_path / "firm")
    if not place.path.exists():
        init(place, Charter(), now=NOW)
        read(place, [SAMPLES / "litellm"], key=KEY, now=NOW, workers=1)
    (found,) = coverage.coverage(place.store(), Seen(people), **how)
    return found.people


def test_what_was_read_does_not_tell_of_one_person(tmp_path):
    """A released page says as 10, 20, 50, 100 and so on how many people a source shows at least: made again after any one was
    erased it says the same for every number up to 2,000 but eight, which the threat model says."""
    told = [coverage._told(n, released=True) for n in range(2_001)]
    assert [n for n in range(1, 2_001) if told[n] != told[n - 1]] == [10, 20, 50, 100, 200, 500, 1_000, 2_000]
    assert told[9] == 0
    assert shown_people(tmp_path, 143, released=True) == shown_people(tmp_path, 142, released=True) == told[142] == 100


def test_weakened_an_exact_number_tells_of_one_person(tmp_path):
    """Told exactly, as released pages once did, the difference is the person."""
    assert shown_people(tmp_path, 143) - shown_people(tmp_path, 142) == 1
