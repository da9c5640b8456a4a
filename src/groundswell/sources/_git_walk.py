"""Walks every commit once, as a stream of records in constant memory."""

import hashlib
import secrets
import subprocess
import tempfile
from collections.abc import Iterator
from typing import IO

from groundswell.model.source import DoorLike
from groundswell.sources._git_open import Repository, command, damaged

FIELDS = ("%H", "%P", "%at", "%an", "%ae", "%cn", "%ce", "%B")
"""Commit, parents, author time, author, committer, message. The mailmap is applied to distinct people, not to commits."""

CHUNK = 1 << 20
"""Bytes read from git at a time."""

MAX_RECORD = 64 << 20
"""Bytes: a commit with more than this in message and file list is cut to CHUNK bytes and counted."""

Record = list[bytes]
"""The eight FIELDS, then the raw list of changed files (b"" where it was not asked for)."""


def work_of(record: Record) -> str:
    """What a commit is remembered by: its author, the second they wrote it and its subject; for a merge, its id.

    A rebase, an amended commit, a cherry-pick or a force-push gives the same work another id, and keeps these three: told apart
    by ids alone, work would count again each time its history is written anew (a third of all commits of one large repository,
    whose pull requests are kept, are such copies). Two works share them only if one author gives two commits one subject in one
    second.
    """
    oid, parents, at, name, email, _, _, message = record[:8]
    if b" " in parents or not at.isdigit():
        return oid.decode("ascii", "replace")
    subject = message.lstrip().partition(b"\n")[0].rstrip()
    return hashlib.blake2b(b"\0".join((at, name, email, subject)), digest_size=20).hexdigest()


def default_branch(repository: Repository, door: DoorLike) -> Iterator[list[Record]]:
    """Commits of the default branch with changed files, children before parents; a merge lists what it changed on its line.

    Raises:
        InputError: git stopped early, or a parent that some commit names was never shown.
    """
    files = ("--raw", "--no-abbrev", "--no-renames", "--diff-merges=first-parent", "--ignore-submodules=all", "--no-ext-diff")
    awaited: set[bytes] = set()
    seen = 0
    for records in _records(repository, door, ("--topo-order", *(files if repository.trees else ())), f"{repository.head}\n"):
        for record in records:
            if len(record) > 1 and record[1]:
                awaited.update(record[1].split(b" "))
            awaited.discard(record[0])
        seen += len(records)
        yield records
    if awaited or not seen:
        raise damaged(repository.path, seen)


def elsewhere(repository: Repository, door: DoorLike) -> Iterator[list[Record]]:
    """Commits that only branches and pull requests hold, without their files; children first unless a clock was wrong."""
    yield from _records(repository, door, ("--ignore-missing",), f"^{repository.head}\n", repository.tips)


def _records(
    repository: Repository, door: DoorLike, options: tuple[str, ...], first: str, more: object = None
) -> Iterator[list[Record]]:
    """Yield records in lists of one chunk each.

    A record begins with a random word, so that nothing written in a message can look like the next record; within it, git
    ends every field by NUL, which none can contain.
    """
    mark = secrets.token_hex(8)
    words = ("log", "--stdin", "-z", "--encoding=UTF-8", "--no-show-signature", "--no-notes", "--no-color", *options,
             f"--format={mark}%x00" + "%x00".join(FIELDS))  # fmt: skip
    with tempfile.TemporaryFile() as start:
        start.write(first.encode("ascii"))
        if more is not None:
            start.write(repository.tips.read_bytes())
        start.seek(0)
        seen = 0
        with subprocess.Popen(
            command(words), env=repository.env, stdin=start, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as git:
            try:
                for parts in _split(git.stdout, f"{mark}\0".encode("ascii"), door, repository.path.name):
                    records = [part.split(b"\0", 8) for part in parts]
                    seen += len(records)
                    yield records
            except BaseException:  # also when the reader of these rows stops early
                git.kill()
                raise
        if git.returncode:
            raise damaged(repository.path, seen)


def _split(stream: IO[bytes] | None, mark: bytes, door: DoorLike, where: str) -> Iterator[list[bytes]]:
    """Cut a stream at `mark`; what is before the first mark is nothing."""
    rest = b""
    cut = False
    while stream is not None and (chunk := stream.read(CHUNK)):
        parts = (rest + chunk).split(mark)
        rest = parts.pop()
        if cut and parts:
            parts[0] = parts[0][:CHUNK] + b"\0"  # ends the field it was cut in
        if parts:
            cut = False
            yield [part for part in parts if part]
        elif len(rest) > MAX_RECORD:
            if not cut:
                door.skip("commit too large to read whole", where=where)
            cut = True
            rest = rest[:CHUNK] + rest[-len(mark) :]
    if rest:
        yield [rest[:CHUNK] + b"\0" if cut else rest]
