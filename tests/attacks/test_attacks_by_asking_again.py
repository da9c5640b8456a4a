"""Attacks by whoever runs the program again: with another version, a plug-in, another clock, an emptied charter."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest

from groundswell import registry
from groundswell.errors import PrivacyError
from groundswell.model.measure import Counts, Exit
from groundswell.privacy import record
from groundswell.privacy.book import FIXED, KEPT, Book, digest_of, quarter_of
from groundswell.privacy.charter import QUESTIONS, Charter, to_toml
from groundswell.privacy.release import release
from groundswell.runs import definitions
from groundswell.runs import folder as story
from groundswell.runs.folder import Folder, init, measure, read

NOW = datetime(2026, 4, 2, 9, tzinfo=UTC)
KEY = bytes(range(32))
SAMPLES = Path(__file__).parent.parent / "data" / "sources"
WHOLE = Charter(**{name: f"Our answer to {name}" for name in QUESTIONS})


def book(folder, fixed, now=NOW):
    """A book in whose record these definitions were entered, if they differ from the last."""
    made = Book(record=folder / "record", folder=folder / "releases", now=now, definitions=fixed)
    definitions.enter(folder / "record", fixed, now=now)
    return made


def practices(users, name="sample"):
    """Counts about practices."""
    table = pa.table({"kind": ["a", "b"], "users": users})
    return Counts(
        measure=name,
        exit=Exit.PRACTICES,
        tables={"grid": table},
        people=90,
        units=90,
        start=date(2026, 1, 1),
        end=date(2026, 3, 31),
    )


def difference(folder, second_name, second_digest):
    """What the difference of two runs of one quarter tells, the second asked by a measure that was changed or added since."""
    first = release(practices([40, 50]), book=book(folder, {"sample": "1"}))
    fixed = {"sample": "1", second_name: second_digest}
    second = release(practices([40, 49], second_name), book=book(folder, fixed))
    if second.refused:
        return None
    return [a - b for a, b in zip(*(r.tables["grid"]["users"].to_pylist() for r in (first, second)), strict=True)]


AGAIN = [("sample", "2"), ("copy_of_sample", "1")]


@pytest.mark.parametrize(("name", "digest"), AGAIN)
def test_a_changed_or_added_measure_does_not_ask_the_quarter_again(name, digest, tmp_path):
    """A measure that was changed, or installed, after the quarter's first release is refused until the next quarter: else a copy
    of a measure under another name, run on an org chart without one person, would be subtracted from the first."""
    assert difference(tmp_path, name, digest) is None
    later = book(tmp_path, {"sample": "1", name: digest}, now=NOW.replace(month=7))
    assert release(practices([40, 49], name), book=later).refused is None, "the next quarter it is let out"


@pytest.mark.parametrize(("name", "digest"), AGAIN)
def test_weakened_a_book_that_knows_no_definitions_is_asked_again(name, digest, tmp_path, monkeypatch):
    """Against a build that holds a question to itself alone, as ours once did, the difference is the person."""
    monkeypatch.setattr(Book, "closed_to", lambda self, measure: False)
    monkeypatch.setattr(Book, "entered", lambda self, measure: None)
    assert difference(tmp_path, name, digest) == [0, 1]


def test_what_was_fixed_and_is_the_same_is_shown_again(tmp_path):
    """An upgrade that changes one measure leaves the others as they are: their release is given again."""
    assert release(practices([40, 50]), book=book(tmp_path, {"sample": "1", "other": "1"})).refused is None
    assert release(practices([40, 50]), book=book(tmp_path, {"sample": "1", "other": "2"})).refused is None


def guesses(folder):
    """Tables that fit the record's digest, tried out by whoever holds the record alone and knows all but two hidden cells."""
    release(practices([4, 7]), book=book(folder, {"sample": "1"}))
    told = [e.facts["digest"] for e in record.verify(folder / "record") if e.kind == KEPT]
    tried = itertools.product(range(20), range(20))
    return [pair for pair in tried if digest_of({"grid": practices(list(pair)).tables["grid"]}) in told]


def test_the_record_does_not_let_tables_be_guessed(tmp_path):
    """The digest of exact counts in the record is keyed with a number that stays in the folder: an outsider who tries out all
    small tables finds none that fits."""
    assert guesses(tmp_path) == []
    assert (tmp_path / "releases" / ".salt").stat().st_mode & 0o077 == 0


def test_weakened_a_plain_digest_is_guessed(tmp_path, monkeypatch):
    """Against a record that holds a plain digest, as ours once did, the hidden cells are found in four hundred tries."""
    monkeypatch.setattr(Book, "digest", lambda self, tables: digest_of(tables))
    assert guesses(tmp_path) == [(4, 7)]


def test_a_lost_key_of_the_digests_lets_nothing_out(tmp_path):
    """Whoever deletes that number is refused, not given a second release."""
    release(practices([40, 50]), book=book(tmp_path, {"sample": "1"}))
    (tmp_path / "releases" / ".salt").unlink()
    assert release(practices([40, 49]), book=book(tmp_path, {"sample": "1"})).refused is not None


@pytest.fixture(autouse=True)
def two_measures(monkeypatch):
    """Two measures alone, so that a page takes no longer than the question does."""
    two = {name: one for name, one in registry.measures().items() if name in ("seats", "survival")}
    monkeypatch.setattr(registry, "measures", lambda: two)


@pytest.fixture
def released(tmp_path):
    """A company that released a quarter."""
    place = Folder(tmp_path / "company")
    init(place, WHOLE, now=NOW)
    read(place, [SAMPLES / "claude_code"], key=KEY, now=NOW)
    assert not measure(place, now=NOW).trial
    return place


def trial_again(place, how):
    """A page without noise and without a record, from a company that released: by an emptied charter, or a clock put back."""
    if how == "charter":
        place.charter_file.write_text(to_toml(replace(WHOLE, purpose="")), "utf8")
        return measure(place, now=NOW)
    return measure(place, now=datetime(2020, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize("how", ["charter", "clock"])
def test_who_released_makes_no_trial_any_more(released, how):
    """Once results were released, neither an emptied charter nor a clock put back makes the page a trial, which would show the
    same people exactly, as often as one likes."""
    with pytest.raises(PrivacyError, match="results were released from here"):
        trial_again(released, how)


@pytest.mark.parametrize("how", ["charter", "clock"])
def test_weakened_a_trial_is_made_after_a_release(released, how, monkeypatch):
    """Against a build that looks for no release, as ours once was, the trial is made."""
    monkeypatch.setattr(story, "LET_OUT", frozenset())
    assert trial_again(released, how).trial


def quarters(place):
    """Quarters under which one set of traces is let out when the clock is put forward, a quarter at a time."""
    for year in (2026, 2029):
        measure(place, now=datetime(year, 7, 2, tzinfo=UTC))
    return {e.facts["quarter"] for e in record.verify(place.record_file) if e.kind == "released"}


def test_a_clock_put_forward_makes_no_new_quarter(released):
    """The quarter is that of the last trace, if it is over: a later clock finds the same quarter, which was let out."""
    assert len(quarters(released)) == 1


def test_weakened_a_clock_put_forward_releases_again(released, monkeypatch):
    """Against a book that believes the clock alone the same traces go out again and again."""
    from datetime import timedelta

    over = property(lambda self: date(self.now.year, 3 * ((self.now.month - 1) // 3) + 1, 1) - timedelta(days=1))
    monkeypatch.setattr(Book, "end", over)
    assert len(quarters(released)) > 2


@pytest.mark.parametrize(
    ("last", "now", "quarter"),
    [
        (None, (2026, 4, 2), "2026-Q1"),
        (date(2026, 4, 1), (2026, 4, 2), "2026-Q1"),
        (date(2026, 3, 31), (2026, 4, 2), "2026-Q1"),
        (date(2025, 11, 5), (2026, 4, 2), "2025-Q4"),
        (date(2025, 12, 31), (2026, 1, 1), "2025-Q4"),
        (date(2026, 1, 1), (2026, 1, 1), "2025-Q4"),
        (date(2026, 1, 1), (2026, 3, 31), "2025-Q4"),
    ],
)
def test_the_quarter_is_over_and_has_traces(last, now, quarter, tmp_path):
    """The last quarter that is over by the clock and by the traces."""
    made = Book(record=tmp_path / "r", folder=tmp_path / "f", now=datetime(*now, 9, tzinfo=UTC), last=last)
    assert (made.quarter, quarter_of(made.end)) == (quarter, quarter)


def test_definitions_are_entered_before_a_trace_is_read(tmp_path):
    """The record of a new company begins with charter and definitions; the reading comes after (R8)."""
    place = Folder(tmp_path / "company")
    init(place, WHOLE, now=NOW)
    read(place, [SAMPLES / "claude_code"], key=KEY, now=NOW)
    kinds = [e.kind for e in record.verify(place.record_file)]
    assert kinds == ["charter", "fixed", "epoch", "read"]
    page = measure(place, now=NOW)
    assert page.release_hash == record.verify(place.record_file)[1].facts["whole"]
    assert [line.text for line in page.fixed][1:] == ["None of them was changed afterwards."]


def test_a_threshold_changed_after_reading_is_printed(tmp_path, monkeypatch):
    """A constant of a shared file of the measures, changed by a line of Python, changes the hash, is entered, and the page names
    every measure that uses it, and no other."""
    from groundswell.measures import _survival_curves

    place = Folder(tmp_path / "company")
    init(place, WHOLE, now=NOW)
    read(place, [SAMPLES / "claude_code"], key=KEY, now=NOW)
    before = measure(place, now=NOW)
    monkeypatch.setattr(_survival_curves, "SWAPPED_IN", 90, raising=False)
    after = measure(place, now=NOW)
    assert after.release_hash != before.release_hash
    changed = [line.values["what"].text for line in after.fixed if "what" in line.values]
    assert registry.measures()["survival"].title.text in changed
    assert registry.measures()["seats"].title.text not in changed
    assert [e.kind for e in record.verify(place.record_file)].count(FIXED) == 2


def test_a_raised_protection_is_entered(tmp_path):
    """A floor raised in the charter, and one taken back, are changes of what is fixed, and stand in the record."""
    place = Folder(tmp_path / "company")
    init(place, WHOLE, now=NOW)
    read(place, [SAMPLES / "claude_code"], key=KEY, now=NOW)
    whole = place.charter_file.read_text("utf8")
    place.charter_file.write_text(whole + "least_people = 15\n", "utf8")
    measure(place, now=NOW)
    place.charter_file.write_text(whole, "utf8")
    told = [line.values["what"].text for line in measure(place, now=NOW).fixed if "what" in line.values]
    assert told == ["the floors and the noise that protect people"] * 2


def test_the_hash_is_the_same_in_every_process():
    """Sets and mappings among the constants are told in one order, whatever the process's hash seed."""
    import os
    import subprocess
    import sys

    code = (
        "from groundswell import registry\nfrom groundswell.runs import definitions as d\n"
        "print(d.whole(d.definitions(registry.measures())))"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
