"""Notes of agents beside commits: which tools they name, and that nothing else of them comes through."""

import io
import json
import random
from collections import Counter
from contextlib import contextmanager

import pytest

from git_stories import make, marks_of, read_repository, read_story
from groundswell.sources import _git_notes
from groundswell.sources._git_notes import NOTE, tools_of
from groundswell.sources.git import SOURCE

ADA, COPILOT, HOST = make.ADA, make.COPILOT, make.HOST


def later(tool):
    """A note in the form with sessions."""
    facts = {"schema_version": "authorship/3.0.0", "prompts": {}, "sessions": {"s_1": {"agent_id": {"tool": tool}}}}
    return f'"a b.py"\n  s_1::t_1 1-3,9\n---\n{json.dumps(facts)}'


@pytest.mark.parametrize(
    ("note", "tools"),
    [
        (make.agent_note("claude"), ["claude"]),
        (make.agent_note("cursor", "claude", "cursor"), ["cursor", "claude"]),
        (later("github-copilot-cli"), ["copilot"]),
        (later("claude").replace("\n", "\r\n"), ["claude"]),
        (later("Ada Invented"), ["any"]),
        ("---\n{}", []),
        (make.agent_note(), []),
        ("a note of a person", None),
        ("a.py\n---\nnot JSON", None),
        ('a.py\n---\n{"prompts": [1]}', None),
        ("---\n" + '{"prompts":' * 5_000, None),
    ],
)
def test_a_note_names_tools(note, tools):
    """Both forms of the standard are read; an unknown tool has no name, a note of people or agents without work none at all."""
    assert tools_of(note.encode()) == tools


def test_the_author_is_credited_and_an_agent_alone_is_not(tmp_path):
    """A noted commit is its author's use of each tool; where an agent committed for nobody, it is counted, not credited."""
    story = make.Story()
    mine = story.commit(ADA, "2025-03-01", files=["a.py"])
    nobody = story.commit(COPILOT, "2025-03-02", files=["b.py"], by=HOST)
    story.commit(ADA, "2025-03-03", files=["c.py"])
    story.note({mine: make.agent_note("claude", "cursor"), nobody: make.agent_note("copilot")})
    rows, tally = read_story(story, tmp_path)
    assert sorted(marks_of(rows)) == [(NOTE, "claude"), (NOTE, "cursor")]
    assert tally.skipped["unattributable agent commit"] == 1
    assert len(rows["Trace"]) == 3  # the commit that holds the notes is nobody's work


def test_many_notes_are_spread_over_folders(tmp_path):
    """Git spreads many notes over folders; each still finds its commit."""
    story = make.Story()
    commits = [story.commit(ADA, f"2025-03-{1 + n // 24:02}T{n % 24:02}:00", f"work {n}") for n in range(400)]
    story.note(dict.fromkeys(commits, make.agent_note("claude")))
    place = story.write(tmp_path / "r")
    assert b"/" in make.git("-C", str(place), "ls-tree", "-r", "--name-only", "refs/notes/ai")
    rows, tally = read_repository(place)
    assert marks_of(rows) == {(NOTE, "claude")}
    assert tally.kept["ActRow"] == 400


def test_a_new_note_is_new_to_read(tmp_path):
    """A note written after a reading changes what the repository is remembered by, and the next reading finds its tool."""
    story = make.Story()
    story.commit(ADA, "2025-03-01", files=["a.py"])
    place = story.write(tmp_path / "r")
    before = SOURCE.fingerprint(SOURCE.recognise(place))
    assert not marks_of(read_repository(place)[0])
    names = ("-c", "user.name=Ada Invented", "-c", "user.email=ada@plainly.example")
    make.git("-C", str(place), *names, "notes", "--ref=ai", "add", "-m", later("claude"), "main")
    assert SOURCE.fingerprint(SOURCE.recognise(place)) != before
    assert marks_of(read_repository(place)[0]) == {(NOTE, "claude")}


def test_notes_of_commits_that_are_gone_are_counted(tmp_path):
    """A note stays when its commit was squashed away: it credits nobody, and is counted."""
    story = make.Story()
    story.commit(ADA, "2025-03-01", files=["a.py"])
    gone = story.commit(ADA, "2025-03-02", on="side", start="main", files=["b.py"])
    story.note({gone: make.agent_note("claude")})
    place = story.write(tmp_path / "r")
    make.git("-C", str(place), "update-ref", "-d", "refs/heads/side")
    rows, tally = read_repository(place)
    assert not rows["ActRow"]
    assert tally.skipped == {"note of a commit that is not in this history": 1}


def test_a_note_that_is_too_long_or_missing_is_counted(tmp_path, monkeypatch):
    """A huge note is not read, and one whose text the clone lacks is no error."""
    story = make.Story()
    numbers = [story.commit(ADA, f"2025-03-0{n}", f"work {n}") for n in (1, 2, 3)]
    long = make.agent_note("cursor", words="x" * 9_000)
    story.note({numbers[0]: long, numbers[1]: make.agent_note("codex"), numbers[2]: make.agent_note("claude")})
    place = story.write(tmp_path / "r")
    make.git("-C", str(place), "config", "core.compression", "0")
    listed = make.git("-C", str(place), "ls-tree", "-r", "refs/notes/ai").split(b"\n")
    lost = next(line.split()[2].decode() for line in listed if line and b"codex" in blob(place, line.split()[2].decode()))
    without(place, lost)
    monkeypatch.setattr(_git_notes, "MAX_NOTE", 5_000)
    rows, tally = read_repository(place)
    assert marks_of(rows) == {(NOTE, "claude")}
    assert tally.skipped["note of an agent too long to read"] == 1
    assert tally.skipped["note of an agent missing in this clone"] == 1


def blob(place, oid):
    return make.git("-C", str(place), "cat-file", "blob", oid)


def without(place, oid):
    """Take one object out of a repository."""
    for pack in (place / ".git" / "objects" / "pack").glob("*.pack"):
        feed = pack.read_bytes()
        for part in place.glob(f".git/objects/pack/{pack.stem}.*"):
            part.chmod(0o644)
            part.unlink()
        make.git("-C", str(place), "unpack-objects", "-q", feed=feed)
    file = place / ".git" / "objects" / oid[:2] / oid[2:]
    file.chmod(0o644)
    file.unlink()


def test_a_tree_that_repeats_itself_ends(tmp_path):
    """A tree of 2^40 entries in forty small objects is read up to a limit, and counted."""
    story = make.Story()
    story.commit(ADA, "2025-03-01", files=["a.py"])
    place = story.write(tmp_path / "r")
    at = ("-C", str(place))
    name = make.git(*at, "hash-object", "-w", "--stdin", feed=b"x").strip()
    kind = b"100644 blob"
    for _ in range(40):
        feed = b"".join(b"%s %s\t%s\n" % (kind, name, part) for part in (b"aa", b"bb"))
        name, kind = make.git(*at, "mktree", feed=feed).strip(), b"040000 tree"
    names = ("-c", "user.name=Ada Invented", "-c", "user.email=ada@plainly.example")
    commit = make.git(*at, *names, "commit-tree", "-m", "notes", name.decode()).strip().decode()
    make.git(*at, "update-ref", "refs/notes/ai", commit)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_git_notes, "MOST_NOTES", 20_000)
        rows, tally = read_repository(place)
    assert len(rows["Trace"]) == 1
    assert tally.skipped["notes beyond the most that are read"] == 1


def test_a_broken_note_is_no_error():
    """Bytes turned, cut and doubled: a note is read or is none, and only known tools come out of it."""
    whole = make.agent_note("claude", "cursor").encode()
    outcomes = Counter()
    for seed in range(600):
        chance, note = random.Random(seed), bytearray(whole)
        at = chance.randrange(len(note))
        how = chance.randrange(4)
        if how == 0:
            del note[at:]
        elif how == 1:
            note[at : at + 4] = chance.randbytes(4)
        elif how == 2:
            note[at:at] = chance.choice((b"\0", b"\xff", b"---\n", b'"', b"{" * 2_000, b"1e999"))
        else:
            note[at:at] = note[at : at + 60]
        tools = tools_of(bytes(note))
        assert tools is None or set(tools) <= {"claude", "cursor", "any"}
        outcomes[tools is None] += 1
    assert min(outcomes.values()) > 50


@pytest.mark.parametrize("size", [b"12x", b"-1", b"9" * 5_000, b"", b"1 2"])
def test_a_size_that_is_none_costs_its_note(size, tmp_path, monkeypatch):
    """What git says about a note may be damaged: the history is read without it, and it is counted."""
    story = make.Story()
    story.note({story.commit(ADA, "2025-03-01", files=["a.py"]): make.agent_note("claude")})
    place = story.write(tmp_path / "r")

    @contextmanager
    def said(repository, words, feed):
        with whole(repository, words, feed) as out:
            spoilt = out.read()
            yield io.BytesIO(b"0 blob " + size + b"\n" if "cat-file" in words else spoilt)

    whole = _git_notes._said
    monkeypatch.setattr(_git_notes, "_said", said)
    rows, tally = read_repository(place)
    assert len(rows["Trace"]) == 1
    assert not rows["ActRow"]
    assert sum(n for reason, n in tally.skipped.items() if reason.startswith("note of an agent")) == 1
