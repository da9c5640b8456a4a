"""Reads a git repository: who committed when, which AI tools left a mark, and how shared practice files live."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family
from groundswell.sources._git_marks import Marks, load, own_rules
from groundswell.sources._git_notes import noted
from groundswell.sources._git_open import git_folder, opened
from groundswell.sources._git_people import People
from groundswell.sources._git_rows import Rows
from groundswell.sources._git_walk import default_branch, elsewhere


def recognise(path: Path) -> Export | None:
    """Recognise a work tree, a linked work tree, a bare repository or a mirror by what it holds, not by its name."""
    return Export("git", path) if git_folder(path) is not None else None


def read(export: Export, door: DoorLike, *, marks: Marks | None = None, now: datetime | None = None) -> Iterator[Batch]:
    """Read every commit once, as Trace, ActRow, TieTrace and ArtefactTrace rows.

    Ids rest on who wrote what when (`_git_walk.work_of`), so two clones of one repository give the same rows, and so does history
    that was written anew. The place is the oldest commit of the first-parent line of the default branch.

    Args:
        export: as `recognise` gave it.
        door: the entry gate.
        marks: rules to use; by default the shared ones and the company's own.
        now: commits dated more than two days later are from a broken clock; by default the present.

    Raises:
        InputError: git is missing, the repository cannot be opened, or objects of its history are missing.
    """
    marks = marks or load()
    with opened(export.path) as repository:
        if not repository.head:
            return
        place = door.hashed("git", "root", repository.root)
        people = People(door, marks, repository.mailmap or b"")
        rows = Rows(door, marks, people, place, now or datetime.now(UTC))
        if repository.cuts:
            door.skip("history cut by a shallow clone", where=export.path.name, n=len(repository.cuts))
        if repository.mailmap is None:
            door.skip("mailmap missing in a partial clone", where=export.path.name)
        if not repository.trees:
            door.skip("files of commits missing in a treeless clone", where=export.path.name)
        rows.noted(noted(repository, door))
        rows.follow(repository.head, repository.cuts)
        for records in default_branch(repository, door):
            rows.take(records)
            yield from rows.full()
        rows.expect(repository.branches)
        for records in elsewhere(repository, door):
            rows.take(records)
            yield from rows.full()
        rows.close()
        yield from rows.full(1)


def fingerprint(export: Export) -> str:
    """What every ref names, and by which rules it is read: packing again changes nothing, and a mark confirmed reads it anew."""
    whole = hashlib.sha256(own_rules())
    with opened(export.path) as repository:
        whole.update(b"\0".join((repository.head.encode(), repository.tips.read_bytes(), *sorted(repository.cuts))))
        whole.update(f"{repository.trees} {repository.mailmap is None} {repository.notes}".encode())
    return whole.hexdigest()


SOURCE = Source(
    name="git",
    title="Git repository",
    family=Family.CODE,
    fields=(
        "commit id",
        "parents",
        "author",
        "author date",
        "committer",
        "message",
        "changed paths",
        "branch names",
        ".mailmap",
        "refs/notes/ai: agent_id.tool",
    ),
    shows=(
        "who commits when, people apart from bots and agents",
        "marks that AI tools leave: authors, trailers, generated-with lines, disclosures, branch names, review suggestions",
        "which tools took part in a commit, where git-ai or a tool of its standard wrote notes of agents",
        "when files that share a practice (skills, commands, rules, instructions) are born, edited, moved and dropped",
        "who writes code together",
    ),
    never=(
        "use that leaves no mark: autocomplete, chat windows, most of Codex (4 % of its branches carry one)",
        "which share of the code a tool wrote",
        "the contents of any file",
        "who announced or asked for what",
    ),
    traps=(
        "a vendor that switches a trailer on or off looks like people starting or stopping: compare channels, not only totals",
        "an agent's commit is credited to the person who asked for it; about one in seven names nobody and is counted apart",
        "a plain clone has no notes of agents: fetch them with git fetch --no-filter origin refs/notes/ai:refs/notes/ai",
        "squash merges drop every channel but the co-author trailer; pull request heads, where fetched, bring them back",
        "marks say that a tool was used, never how much of a commit it wrote",
    ),
    recognise=recognise,
    read=read,
    fingerprint=fingerprint,
)
