"""A company's folder, from its charter to a released page."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from groundswell.errors import InputError, OutputError, PrivacyError
from groundswell.privacy import record
from groundswell.privacy.charter import QUESTIONS, Charter, read_charter, to_toml
from groundswell.runs.folder import Folder, init, measure, read

SAMPLES = Path(__file__).parent / "data" / "sources"
NOW = datetime(2026, 4, 2, 9, tzinfo=UTC)
KEY = bytes(range(32))
WHOLE = Charter(**{name: f'Answer to "{name}",\nin two lines \\ with signs' for name in QUESTIONS})


@pytest.fixture
def folder(tmp_path):
    """A company folder with an empty charter."""
    place = Folder(tmp_path / "company")
    init(place, Charter(), now=NOW)
    return place


def test_a_charter_says_back_what_was_answered(tmp_path):
    """Any text, quotes and line ends included, is the same when the file is read again."""
    (tmp_path / "charter.toml").write_text(to_toml(WHOLE), "utf8")
    assert read_charter(tmp_path / "charter.toml") == WHOLE
    assert WHOLE.missing() == ()
    assert set(Charter().missing()) == set(QUESTIONS)


def test_a_charter_is_never_overwritten(folder):
    """A second init is refused and leaves the charter as it is."""
    before = folder.charter_file.read_bytes()
    with pytest.raises(OutputError, match="a charter already"):
        init(folder, WHOLE, now=NOW)
    assert folder.charter_file.read_bytes() == before


@pytest.mark.parametrize("content", ["purpose = ", "purposes = 'x'", "purpose = 3"])
def test_a_broken_charter_is_named(tmp_path, content):
    """A charter that is no TOML, has an unknown field or a value that is no text stops the run, with what was expected."""
    (tmp_path / "charter.toml").write_text(content)
    with pytest.raises(InputError, match=r"charter\.toml.*Expected"):
        read_charter(tmp_path / "charter.toml")


def test_without_a_complete_charter_nothing_counts_as_released(folder):
    """A page from a folder whose charter is not complete is a trial, and the record knows of no release."""
    read(folder, [SAMPLES / "claude_code"], key=KEY, now=NOW)
    assert measure(folder, now=NOW).trial
    assert [e.kind for e in record.verify(folder.record_file)] == ["charter", "fixed", "epoch", "read"]


def test_with_a_complete_charter_the_page_is_released_and_recorded(tmp_path):
    """The page shows the charter, is no trial, and the record holds the hash of the definitions it was made with."""
    place = Folder(tmp_path / "company")
    init(place, WHOLE, now=NOW)
    read(place, [SAMPLES / "claude_code"], key=KEY, now=NOW)
    page = measure(place, now=NOW)
    assert not page.trial
    assert len(page.charter) == len(QUESTIONS)
    released = record.verify(place.record_file)[-1]
    assert (released.kind, released.facts["definitions"]) == ("released", page.release_hash)


def test_what_was_read_before_is_not_read_again(folder):
    """The same export given twice is read once, and the record says so."""
    read(folder, [SAMPLES / "claude_code"], key=KEY, now=NOW)
    again = read(folder, [SAMPLES / "claude_code"], key=KEY, now=NOW)
    assert again.known == 1
    assert [e.kind for e in record.verify(folder.record_file)].count("read") == 1


def test_a_changed_record_stops_the_run(folder):
    """After another hand changed the record nothing is read or measured."""
    folder.record_file.write_text(folder.record_file.read_text().replace('"n": 1', '"n": 2'))
    with pytest.raises(PrivacyError, match="changed here"):
        read(folder, [SAMPLES / "claude_code"], key=KEY, now=NOW)
    with pytest.raises(PrivacyError, match="changed here"):
        measure(folder, now=NOW)


def test_a_folder_without_a_charter_is_none(tmp_path):
    """Reading into any other folder is refused, with the command that makes one."""
    with pytest.raises(InputError, match="groundswell init"):
        read(Folder(tmp_path), [SAMPLES / "claude_code"], key=KEY, now=NOW)


def test_before_the_first_quarter_is_over_the_page_is_a_trial(tmp_path):
    """A complete charter releases nothing of a quarter that still runs."""
    place = Folder(tmp_path / "company")
    init(place, WHOLE, now=NOW)
    read(place, [SAMPLES / "claude_code"], key=KEY, now=NOW)
    assert measure(place, now=datetime(2026, 3, 20, tzinfo=UTC)).trial
    assert "released" not in {e.kind for e in record.verify(place.record_file)}


def test_a_quarter_is_not_released_twice_with_other_traces(tmp_path):
    """When a further export changes the counts of a quarter that was released, they are withheld until the next quarter."""
    place = Folder(tmp_path / "company")
    init(place, WHOLE, now=NOW)
    read(place, [SAMPLES / "claude_code"], key=KEY, now=NOW)
    first = measure(place, now=NOW)
    assert measure(place, now=NOW).findings == first.findings
    kept = [e for e in record.verify(place.record_file) if e.kind == "kept"]
    assert len(kept) == len({(e.facts["what"], e.facts["quarter"]) for e in kept})
