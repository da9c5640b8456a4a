"""What git may say when a history is hostile or damaged: records cut, fields missing, bytes turned, years that never come."""

import io
import random
import subprocess
from types import SimpleNamespace

import pytest

from contracts.test_sources import check_row
from git_stories import make
from groundswell.errors import GroundswellError
from groundswell.privacy.door import Door
from groundswell.sources import _git_notes, _git_walk
from groundswell.sources.git import SOURCE, read
from source_samples import KEY, rows_of

NAMES = ("invented", "madeup", "fictive", "plainly.example")
"""Parts of the names and addresses in the story: none may stand in what is said or stored."""

NUMBERS = (b"-1", b"0", b"9" * 30, b"253402300800", b"1e9", b"", b"\xff\xfe", "٣".encode())
"""What may stand where a time was; the fourth is the year 10000."""


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A history with marks of tools, practice files, a merge, a branch and notes of agents."""
    story = make.Story()
    first = story.commit(make.ADA, "2025-01-01", files=["AGENTS.md", "a.py"])
    story.commit(make.BEA, "2025-01-02", f"mend\n\n{make.CREDIT}{make.CLAUDE}", files={"AGENTS.md": "2"})
    story.commit(make.COPILOT, "2025-01-03", f"x\n\n{make.CREDIT}{make.CYR}", on="side", start="main", files=["CLAUDE.md"])
    story.commit(make.CYR, "2025-01-04", "Merge pull request #1 from plainly/copilot/side", merges="side", files={"b.py": "1"})
    story.commit(make.ADA, "2025-01-05", f"share\n\n{make.CREDIT}{make.BEA}", gone=["AGENTS.md"], files=["docs/AGENTS.md"])
    story.note({first: make.agent_note("claude"), first + 1: make.agent_note("cursor", "codex")})
    return story.write(tmp_path_factory.mktemp("fuzz") / "repository")


class Spoilt:
    """Stands for the module that starts git: what git says comes through another's hands."""

    PIPE, DEVNULL = subprocess.PIPE, subprocess.DEVNULL

    def __init__(self, seed):
        self._chance = random.Random(seed)

    def Popen(self, words, **how):  # noqa: N802 - the name of what it stands for
        done = subprocess.run(words, env=how["env"], stdin=how["stdin"], capture_output=True, check=False)
        said = bytearray(done.stdout)
        for _ in range(self._chance.choice((1, 1, 2, 6))):
            said = self._turned(said)
        return Process(io.BytesIO(bytes(said)), done.returncode if self._chance.random() < 0.9 else 128)

    def _turned(self, said):
        chance, at = self._chance, self._chance.randrange(len(said) + 1)
        fields = bytes(said).split(b"\0")
        field = chance.randrange(len(fields))
        how = chance.randrange(8)
        if how == 0:
            return said[:at]
        if how == 1:
            return said[:at] + said[at + chance.randrange(200) :]
        if how == 2:
            return said[:at] + bytes(chance.randrange(256) for _ in range(chance.randrange(40))) + said[at:]
        if how == 3:
            del fields[field]
        elif how == 4:
            fields.insert(field, chance.choice(fields))
        elif how == 5:
            times = [n for n, one in enumerate(fields) if one.isdigit() and len(one) == 10] or [field]
            fields[chance.choice(times)] = chance.choice(NUMBERS)
        elif how == 6:
            fields[field] = fields[field] * chance.choice((2, 50, 5_000))
        else:
            fields[field] = bytes(said[at : at + chance.randrange(300)])
        return bytearray(b"\0".join(fields))


class Process(SimpleNamespace):
    """A process that has ended, and what it said."""

    def __init__(self, stdout, returncode):
        super().__init__(stdout=stdout, returncode=returncode)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None

    def kill(self):
        """It has ended already."""


def attack(repository, monkeypatch, seed, where=_git_walk):
    """Read it with what git says spoilt: an error one can act on, or rows that make sense; how many rows there were."""
    monkeypatch.setattr(where, "subprocess", Spoilt(seed))
    door, told, count = Door(KEY, "git"), "", 0
    try:
        for batch in read(SOURCE.recognise(repository), door):
            for row in rows_of(door.admit(batch)):
                check_row(SOURCE, batch.row, row)
                count += 1
    except GroundswellError as error:
        told = str(error)
    places = [place for found in door.tally.places.values() for place in found]
    said = "\n".join([told, *door.tally.skipped, *door.tally.refused, *places]).casefold()
    assert not [name for name in NAMES if name in said.replace(str(repository).casefold(), "")]
    return count, told


def test_what_git_says_may_be_spoilt(repository, monkeypatch):
    """Forty spoilt histories: some end with an error that names what to do, some give rows, none fails otherwise."""
    found = [attack(repository, monkeypatch, seed) for seed in range(40)]
    assert sum(count > 0 for count, _ in found) > 5
    assert sum(bool(told) for _, told in found) > 5


@pytest.mark.slow
def test_a_thousand_spoilt_histories(repository, monkeypatch):
    """The same with a thousand."""
    for seed in range(100, 1_100):
        attack(repository, monkeypatch, seed)


@pytest.mark.slow
def test_what_git_says_of_notes_may_be_spoilt(repository, monkeypatch):
    """Three hundred spoilt lists, sizes and texts of notes: the history is read all the same, and notes are read or counted."""
    found = [attack(repository, monkeypatch, seed, _git_notes) for seed in range(300)]
    assert not [told for _, told in found if told]
    assert len({count for count, _ in found}) > 2
