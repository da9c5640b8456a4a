"""Which commits have a note of agents (refs/notes/ai), and which tools it names; prompts in it are skipped undecoded."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import msgspec

from groundswell.languages import load as languages
from groundswell.model.source import DoorLike
from groundswell.sources._git_marks import Mark
from groundswell.sources._git_open import Repository, command
from groundswell.sources._tools import ANY, tool_name

NOTE = "note of an agent"
"""Channel of the marks found here."""

MOST_NOTES = 2_000_000
"""Notes read of one repository: a tree can repeat itself without end in a few bytes."""

LONGEST_ENTRY = 4_096
"""Bytes of one line of the list of notes; a real one has under 200."""

MAX_NOTE = 4 << 20
"""Bytes: notes written before the end of 2025 may hold whole conversations; a longer one is passed over unread."""

HEX = frozenset(b"0123456789abcdef")
RULE = b"---"
"""The line between the lines attested and the facts about who wrote them."""


class _Agent(msgspec.Struct, gc=False):
    tool: str = ""


class _Session(msgspec.Struct, gc=False):
    """One conversation; its messages, prompts, numbers and people are skipped undecoded."""

    agent_id: _Agent | None = None


class _Facts(msgspec.Struct, gc=False):
    """What stands below the rule: `prompts` in notes of the first form, `sessions` in later ones."""

    prompts: dict[str, _Session] | None = None
    sessions: dict[str, _Session] | None = None


def noted(repository: Repository, door: DoorLike) -> dict[bytes, list[Mark]]:
    """Commit -> marks of the tools its note names; commits whose note names none are absent.

    Source: Git AI Standard 3.0.0. A note whose text the clone lacks, or that is too long, or is no such note, is counted.
    """
    if not repository.notes:
        return {}
    where = repository.path.name
    listed = _sized(repository, _listed(repository, door), door)
    found: dict[bytes, list[Mark]] = {}
    for commit, text in _texts(repository, listed):
        tools = tools_of(text)
        if tools is None:
            door.skip("note of an agent that cannot be read", where=where)
        elif tools:
            found[commit] = [Mark(NOTE, tool) for tool in tools]
    return found


def tools_of(note: bytes) -> list[str] | None:
    """Known tools a note names, "any" for others, each once and in order; None if the note is not of the standard."""
    lines = note.replace(b"\r\n", b"\n")
    _, rule, facts = (b"\n" + lines).partition(b"\n" + RULE + b"\n")
    if not rule:
        return None
    try:
        told = msgspec.json.decode(facts, type=_Facts)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None
    sessions = [*(told.prompts or {}).values(), *(told.sessions or {}).values()]
    known = languages.tools()
    # A name nobody knows may be anything, a person's too: it is kept as a tool without a name.
    named = (tool_name(session.agent_id.tool) for session in sessions if session.agent_id is not None)
    return list(dict.fromkeys(name if name in known else ANY for name in named))


def _listed(repository: Repository, door: DoorLike) -> Iterator[tuple[bytes, bytes]]:
    """Yield (commit, note) of every entry of the tree of notes, whose folders only spread the ids out."""
    with _said(repository, ("ls-tree", "-r", "-z", "--full-tree", repository.notes), b"") as out:
        rest, seen = b"", 0
        while chunk := out.read(1 << 16):
            *entries, rest = (rest + chunk).split(b"\0")
            for entry in entries:
                facts, _, path = entry.partition(b"\t")
                words, commit = facts.split(b" "), path.replace(b"/", b"")
                if len(words) == 3 and words[1] == b"blob" and len(commit) == len(words[2]) and HEX.issuperset(commit):
                    yield commit, words[2]
            seen += len(entries)
            if seen > MOST_NOTES or len(rest) > LONGEST_ENTRY:
                door.skip("notes beyond the most that are read", where=repository.path.name)
                return


def _sized(repository: Repository, listed: Iterator[tuple[bytes, bytes]], door: DoorLike) -> list[tuple[bytes, bytes]]:
    """The entries whose text is there and not too long."""
    entries = list(listed)
    feed = b"".join(note + b"\n" for _, note in entries)
    kept, missing = [], len(entries)
    with _said(repository, ("cat-file", "--batch-check", "--buffer"), feed) as out:
        for entry, line in zip(entries, out, strict=False):
            size = _size(line)
            if size is None:
                continue
            missing -= 1
            if size > MAX_NOTE:
                door.skip("note of an agent too long to read", where=repository.path.name)
            else:
                kept.append(entry)
    if missing:
        door.skip("note of an agent missing in this clone", where=repository.path.name, n=missing)
    return kept


def _texts(repository: Repository, entries: list[tuple[bytes, bytes]]) -> Iterator[tuple[bytes, bytes]]:
    """Yield (commit, text) of every entry."""
    feed = b"".join(note + b"\n" for _, note in entries)
    with _said(repository, ("cat-file", "--batch", "--buffer"), feed) as out:
        for commit, _ in entries:
            size = _size(out.readline(LONGEST_ENTRY))
            if size is None or size > MAX_NOTE:
                return  # git said another thing a moment ago: what follows cannot be told apart
            yield commit, out.read(size)
            out.read(1)


def _size(line: bytes) -> int | None:
    """Bytes of a text, from git's line about it; None if it is not there, or the line is damaged."""
    words = line.split()
    if len(words) != 3 or words[1] != b"blob" or not words[2].isdigit():
        return None
    return int(words[2][:18])


@contextmanager
def _said(repository: Repository, words: tuple[str, ...], feed: bytes) -> Iterator[IO[bytes]]:
    """What git says to a command, as a stream; git is ended with it."""
    with tempfile.TemporaryFile() as start:
        start.write(feed)
        start.seek(0)
        with subprocess.Popen(
            command(words), env=repository.env, stdin=start, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as git:
            try:
                assert git.stdout is not None  # noqa: S101 - asked for above
                yield git.stdout
            finally:
                git.kill()
