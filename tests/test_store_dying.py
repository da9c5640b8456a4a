"""A reading that dies at any step on the disk loses nothing that was stored, and ends the same when it is started again."""

import os
import random
import shutil
import sys
from pathlib import Path

import pytest

from groundswell.runs.find import find
from groundswell.runs.ingest import ingest
from groundswell.store import manifest
from groundswell.store.tables import Store
from test_runs import KEY, SAMPLES, rows

STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.link", "os.chmod", "os.rmdir", "shutil.rmtree"}
"""Events of the interpreter by which a file system is changed; libraries in C write between them."""

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class DeathError(BaseException):
    """The process is gone: nobody catches it, and nothing on the disk can be put in order afterwards."""


class Hand:
    """Lets a run die at one of its steps on a folder's files; from then on every further step dies as well."""

    def __init__(self):
        self.folder, self.seen, self.dies_at = "", 0, None
        sys.addaudithook(self._hear)  # stays for as long as the interpreter does, and hears nothing without a folder

    def _hear(self, event, told):
        if not self.folder or event not in STEPS or not str(told[0]).startswith(self.folder):
            return
        if event == "open" and not (isinstance(told[2], int) and told[2] & WRITES):
            return
        if self.dies_at is not None and self.seen >= self.dies_at:
            raise DeathError
        self.seen += 1

    def over(self, folder, dies_at=None):
        """Begin to count; `dies_at=0` dies before the first step."""
        self.folder, self.seen, self.dies_at = str(folder), 0, dies_at

    def rests(self):
        """Count and kill no more."""
        self.folder, self.dies_at = "", None


HAND = Hand()


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    """What was read before, and what is read now: the second tells some things of the first again."""
    first, second = tmp_path_factory.mktemp("first"), tmp_path_factory.mktemp("second")
    for sample in ("org_chart/people.csv", "claude_code/claude-code.json"):
        shutil.copy(SAMPLES / sample, first)
    for sample in ("copilot_seats/seats-2026-03-31.json", "claude_code/claude-code.json"):
        shutil.copy(SAMPLES / sample, second)
    text = (second / "claude-code.json").read_text("utf8")
    (second / "claude-code.json").write_text(text + "\n", "utf8")  # another export of the same days
    return first, second


def taken_in(folder, export):
    ingest(Store(folder), find([export]).exports, key=KEY, workers=1)


@pytest.fixture(scope="module")
def calm(exports, tmp_path_factory):
    """The store before, the rows in the end, and how many steps the second reading takes."""
    folder = tmp_path_factory.mktemp("calm") / "store"
    taken_in(folder, exports[0])
    before = folder.with_name("before")
    shutil.copytree(folder, before)
    HAND.over(folder)
    taken_in(folder, exports[1])
    steps = HAND.seen
    HAND.rests()
    return before, rows(Store(folder)), steps


def dies(calm, exports, place, step):
    """Start the second reading on a copy of the store, let it die at a step, tear what it had in its hands, start it again."""
    before, end, _ = calm
    folder = place / "store"
    shutil.copytree(before, folder)
    held = manifest.load(folder)
    HAND.over(folder, dies_at=step)
    try:
        with pytest.raises(DeathError):
            taken_in(folder, exports[1])
    finally:
        HAND.rests()
    chance = random.Random(step)
    for draft in (*folder.rglob(".draft-*"), *folder.rglob("*.draft")):  # a library may have written any part of it
        draft.write_bytes(draft.read_bytes()[: chance.randrange(draft.stat().st_size + 1)])
    left = manifest.load(folder)
    assert set(held.intakes) <= set(left.intakes)
    assert all((folder / name).is_file() for name in left.live())
    taken_in(folder, exports[1])
    assert rows(Store(folder)) == end
    files = {str(path.relative_to(folder)) for path in folder.glob("*/month=*/*")}
    assert files == manifest.load(folder).live()
    return folder


def test_the_hand_hears_every_file_of_the_store(calm):
    """Each file that the second reading left was moved to its place in a step that could have been its last."""
    before, _, steps = calm
    assert steps > 20
    assert len(list(Path(before).glob("*/month=*/*.parquet"))) > 2


@pytest.mark.parametrize("share", range(6))
def test_a_reading_that_dies_starts_again_and_ends_the_same(calm, exports, tmp_path, share):
    """At six steps spread over the reading, the last of them the very last."""
    dies(calm, exports, tmp_path, (calm[2] - 1) * share // 5)


@pytest.mark.slow
def test_at_every_single_step(calm, exports, tmp_path):
    """At each step of the reading, one after the other."""
    for step in range(calm[2]):
        dies(calm, exports, tmp_path / str(step), step)


def test_weakened_a_manifest_that_is_taken_away_first_is_lost(calm, exports, tmp_path, monkeypatch):
    """Against a manifest that is removed before the new one is there, a death in between is seen to lose what was stored."""
    save = manifest.save

    def careless(folder, new):
        (folder / manifest.NAME).unlink(missing_ok=True)
        save(folder, new)

    monkeypatch.setattr(manifest, "save", careless)
    lost = 0
    for step in range(calm[2] - 1, calm[2] - 9, -1):
        try:
            dies(calm, exports, tmp_path / str(step), step)
        except AssertionError:
            lost += 1
    assert lost > 0
