"""Which repositories can be read, what their damage costs, and that none of them runs anything."""

import os
import shutil
import subprocess
import sys
import threading

import pytest

from git_stories import make, marks_of, read_repository
from groundswell.errors import InputError
from groundswell.privacy.door import Door
from groundswell.sources import _git_walk
from groundswell.sources._git_notes import NOTE
from groundswell.sources.git import SOURCE
from source_samples import KEY


@pytest.fixture
def work(tmp_path):
    """The sample as a work tree."""
    return make.build(tmp_path)


def sorted_rows(path):
    """Rows of a repository, in an order of their own."""
    return {name: sorted(map(str, rows)) for name, rows in read_repository(path)[0].items()}


def test_the_same_history_reads_the_same_however_it_is_kept(work, tmp_path):
    """A bare clone, a blobless one, a linked work tree, packed refs and no configuration give the very same rows."""
    make.git("-C", str(work), "config", "uploadpack.allowFilter", "true")
    for name, options in {"bare": [], "blobless": ["--filter=blob:none"]}.items():
        make.git("clone", "--quiet", "--mirror", *options, f"file://{work}", str(tmp_path / name))
    make.git("-C", str(work), "worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"), "main")
    shutil.copytree(tmp_path / "bare", tmp_path / "mirror")
    (tmp_path / "mirror" / "config").unlink()
    make.git("--git-dir", str(tmp_path / "mirror"), "pack-refs", "--all")
    whole = sorted_rows(work)
    assert sum(map(len, whole.values())) == 34
    for name in ("bare", "linked", "mirror"):
        assert sorted_rows(tmp_path / name) == whole, name
    blobless = sorted_rows(tmp_path / "blobless")
    assert len(blobless["ArtefactTrace"]) == len(whole["ArtefactTrace"])
    assert blobless["ActRow"] == [row for row in whole["ActRow"] if NOTE not in row]
    skipped = read_repository(tmp_path / "blobless")[1].skipped
    assert skipped["mailmap missing in a partial clone"] == 1
    assert skipped["note of an agent missing in this clone"] == 2


def test_notes_a_blobless_clone_lacks_are_fetched_as_the_source_says(work, tmp_path):
    """The command among the traps of the source brings the notes of agents into a blobless clone, and they are read."""
    make.git("-C", str(work), "config", "uploadpack.allowFilter", "true")
    make.git("clone", "--quiet", "--bare", "--filter=blob:none", f"file://{work}", str(tmp_path / "clone"))
    assert not any(channel == NOTE for channel, _ in marks_of(read_repository(tmp_path / "clone")[0]))
    told = next(trap for trap in SOURCE.traps if "refs/notes/ai" in trap)
    make.git("-C", str(tmp_path / "clone"), *told.partition("fetch them with git ")[2].split())
    assert (NOTE, "cursor") in marks_of(read_repository(tmp_path / "clone")[0])


def test_rows_match_git_s_own_count(work):
    """Every commit git lists is a trace or counted as passed over."""
    rows, tally = read_repository(work)
    listed = int(make.git("-C", str(work), "rev-list", "--count", "--exclude=refs/notes/*", "--all"))
    assert len(rows["Trace"]) + tally.skipped["impossible date"] == listed


def test_a_repository_without_commits_has_nothing_to_read(tmp_path):
    """An empty repository is recognised and gives no rows and no error."""
    make.git("init", "--quiet", str(tmp_path / "r"))
    rows, tally = read_repository(tmp_path / "r")
    assert not any(rows.values())
    assert not tally.skipped


def test_a_head_that_points_nowhere_falls_back_to_the_main_branch(work):
    """A mirror whose HEAD names a branch it lacks is read along main."""
    whole = sorted_rows(work)
    (work / ".git" / "HEAD").write_text("ref: refs/heads/gone\n")
    assert sorted_rows(work) == whole


def test_a_shallow_clone_says_where_its_history_is_cut(work, tmp_path):
    """Files that were there before the cut are not born at it, and the cut is counted."""
    make.git("clone", "--quiet", "--depth=3", "--branch=main", f"file://{work}", str(tmp_path / "s"))
    rows, tally = read_repository(tmp_path / "s")
    assert tally.skipped["history cut by a shallow clone"] >= 1
    assert not [row for row in rows["ArtefactTrace"] if row["event"] == "created"]


def test_a_treeless_clone_gives_marks_without_files(work, tmp_path):
    """Where old trees are missing, commits and marks are read and the files are counted as missing."""
    make.git("-C", str(work), "config", "uploadpack.allowFilter", "true")
    make.git("clone", "--quiet", "--bare", "--filter=tree:0", f"file://{work}", str(tmp_path / "t"))
    rows, tally = read_repository(tmp_path / "t")
    assert tally.skipped["files of commits missing in a treeless clone"] == 1
    assert rows["ActRow"]
    assert not rows["ArtefactTrace"]


@pytest.mark.parametrize("missing", ["main~3", "side~1", "main~3^{tree}"])
def test_missing_objects_stop_the_reading_with_a_remedy(tmp_path, missing):
    """A history with a hole is an error that names the place and what to do, not a short history."""
    story = make.Story()
    for day in range(1, 8):
        story.commit(make.ADA, f"2025-01-0{day}", files={"a": str(day)})
    for day in range(1, 4):
        story.commit(make.BEA, f"2025-02-0{day}", on="side", start="main", files={"b": str(day)})
    path = story.write(tmp_path / "r", bare=True)
    hole = make.git("-C", str(path), "rev-parse", missing).decode().strip()
    (path / "objects" / hole[:2] / hole[2:]).unlink()
    with pytest.raises(InputError, match=r"missing or damaged.*git fsck"):
        read_repository(path)


def test_what_is_no_repository_is_not_taken(tmp_path):
    """A folder with some of a repository's names, and a pointer to elsewhere, are not recognised."""
    (tmp_path / "half" / "objects").mkdir(parents=True)
    (tmp_path / "half" / "HEAD").write_text("see below")
    (tmp_path / "file").mkdir()
    (tmp_path / "file" / ".git").write_text("nothing")
    assert [SOURCE.recognise(tmp_path / name) for name in ("half", "file")] == [None, None]


def test_a_repository_runs_nothing(work, tmp_path):
    """Hooks, pagers, monitors, signature programs, drivers and transports of a hostile repository are never started."""
    proof = tmp_path / "ran"
    trap = tmp_path / "trap.sh"
    trap.write_text(f"#!/bin/sh\ntouch {proof}\n")
    trap.chmod(0o755)
    settings = {
        "core.pager": trap, "core.fsmonitor": trap, "gpg.program": trap, "log.showSignature": "true", "diff.external": trap,
        "core.sshCommand": trap, "core.hooksPath": tmp_path, "pager.log": trap, "diff.x.textconv": trap, "diff.x.command": trap,
        "remote.origin.url": f"ext::{trap}", "protocol.ext.allow": "always", "protocol.allow": "always",
        "remote.origin.promisor": "true", "extensions.partialClone": "origin", "core.gitProxy": trap, "credential.helper": trap,
        "core.alternateRefsCommand": trap, "alias.log": f"!{trap}", "include.path": tmp_path / "more", "core.askPass": trap,
    }  # fmt: skip
    for name, value in settings.items():
        make.git("config", "--file", str(work / ".git" / "config"), name, str(value))
    (work / ".git" / "info").mkdir(exist_ok=True)
    (work / ".git" / "info" / "attributes").write_text("* diff=x\n")
    blob = make.git("--git-dir", str(work / ".git"), "-c", "core.fsmonitor=false", "rev-parse", "main:.mailmap").decode().strip()
    loose = work / ".git" / "objects" / blob[:2] / blob[2:]
    loose.unlink(missing_ok=True)
    rows, _ = read_repository(work)
    assert rows["Trace"]
    assert not proof.exists()
    trapped = {"GIT_DIR": str(work / ".git"), "PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subprocess.run(["git", "log", "-p", "--ext-diff", "-1"], env=trapped, capture_output=True, check=False)
    assert proof.exists(), "the trap itself must work"


def test_surroundings_do_not_change_what_is_read(work, tmp_path, monkeypatch):
    """Variables that point git elsewhere are not heeded."""
    whole = sorted_rows(work)
    make.git("init", "--quiet", str(tmp_path / "other"))
    for name in ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "other" / ".git"))
    assert sorted_rows(work) == whole


def test_git_missing_is_said(work, monkeypatch):
    """Without git the error says what to install."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InputError, match="git is not installed"):
        read_repository(work)


def test_a_record_cannot_be_forged_or_outgrow_memory(tmp_path, monkeypatch):
    """Control characters in a message split nothing, and a commit larger than the bound is cut and counted."""
    monkeypatch.setattr(_git_walk, "CHUNK", 512)
    monkeypatch.setattr(_git_walk, "MAX_RECORD", 4_096)
    story = make.Story()
    story.commit(make.ADA, "2025-01-01", "a\x01b\x1fc\x1e\n\x02")
    story.commit(make.BEA, "2025-01-02", "long " * 4_000)
    story.commit(make.ADA, "2025-01-03")
    rows, tally = read_repository(story.write(tmp_path / "r"))
    assert len(rows["Trace"]) == 3
    assert tally.skipped == {"commit too large to read whole": 1}


def test_batches_are_bounded_and_stopping_early_leaves_no_process(tmp_path):
    """A long history comes in bounded batches; a reader that stops after the first leaves nothing running."""
    story = make.Story()
    for number in range(11_000):
        story.commit(make.ADA, "", at=1_735_700_000 + number)
    path = story.write(tmp_path / "r", bare=True)
    sizes = [len(batch) for batch in SOURCE.read(SOURCE.recognise(path), Door(KEY, "git"))]
    assert sizes == [5_000, 5_000, 1_000]
    reading = SOURCE.read(SOURCE.recognise(path), Door(KEY, "git"))
    next(reading)
    reading.close()
    assert threading.active_count() == 1 or "xdist" in sys.modules
