"""Bare git repositories of a simulated company, through `git fast-import`."""

import os
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import numpy as np

from groundswell.errors import OutputError
from groundswell.simulation.catalogue import JOBS, TOOLS
from groundswell.simulation.chance import expand
from groundswell.simulation.exports.marks import Mark, mark
from groundswell.simulation.names import Persona
from groundswell.simulation.speech.frames import Dice
from groundswell.simulation.usage import FORM_EVENTS, FORMS

if TYPE_CHECKING:
    from groundswell.simulation.world import World

_WEEKLY = 3.0  # commits without a mark a person and week
_SQUASHED = 0.45
_MERGED = 0.12
_NOREPLY = 0.2  # share of people who commit with the code host's address
_ZONES = {"en": "+0000", "fr": "+0100", "vi": "+0700"}
_HOST = "GitHub <noreply@github.com>"
_BOT = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"
_VERBS = ("Fix", "Add", "Tidy", "Rename", "Speed up", "Remove", "Test", "Document", "Move", "Guard")
_THINGS = ("the cart total", "the export job", "search page", "login form", "invoice batch", "label printing", "retry logic",
           "the price list", "currency rounding", "session timeout", "the audit table", "date parsing")  # fmt: skip
_FILES = ("cart", "export", "search", "login", "invoice", "labels", "retry", "prices", "currency", "session", "audit", "dates")
# Where a shared file lives at first, and after a move.
_PATHS: dict[str, tuple[str, str]] = {
    "skill": (".claude/skills/{slug}/SKILL.md", ".agents/skills/{slug}/SKILL.md"),
    "command": (".claude/commands/{slug}.md", ".agents/commands/{slug}.md"),
    "rule": (".cursor/rules/{slug}.mdc", ".agents/rules/{slug}.mdc"),
    "instructions": ("services/{slug}/CLAUDE.md", "services/{slug}/AGENTS.md"),
    "agent": (".github/agents/{slug}.agent.md", ".agents/{slug}.agent.md"),
}


@dataclass(slots=True)
class Change:
    """One commit to come.

    Attributes:
        day, second: when, from the world's first day.
        person: author; -1 for a bot.
        unit: whose code.
        lines: fast-import commands on files.
        subject: first line.
        tool: number in TOOLS of the tool marked, -1 for none.
        row: number of the act, -1 for none.
    """

    day: int
    second: int
    person: int
    unit: int
    lines: list[str] = field(default_factory=list)
    subject: str = ""
    tool: int = -1
    row: int = -1


def write(world: "World", personas: Sequence[Persona], folder: Path) -> Iterator[tuple[str, str, int]]:
    """Write one bare repository for each of the world's, `<name>.git`; yields (repository, commit, number of the act).

    Raises:
        OutputError: git is missing or refuses.
    """
    changes = _changes(world)
    for place in range(world.places.repositories, len(world.places.names)):
        name = world.places.names[place]
        stream = _Stream(world, personas, place)
        yield from ((name, commit, row) for commit, row in stream.write(folder / f"{name}.git", changes[place]))


def _changes(world: "World") -> dict[int, list[Change]]:
    """Place -> its commits by time."""
    out: dict[int, list[Change]] = defaultdict(list)
    acts, places = world.acts, world.places
    chance = world.chance
    rows = np.flatnonzero(places.is_repository(acts["place"]))
    seconds = (8 * 3600 + chance.stream("commit at").below(36_000, rows)).tolist()
    for row, second in zip(rows.tolist(), seconds, strict=True):
        person = int(acts["person"][row])
        use = int(acts["use"][row])
        unit = int(world.course.uses["unit"][use])
        change = Change(int(acts["day"][row]), second, person, unit, tool=int(acts["tool"][row]), row=row)
        out[int(acts["place"][row])].append(change)
    _files(world, out)
    _ordinary(world, out)
    for changes in out.values():
        changes.sort(key=lambda c: (c.day, c.second, c.person))
    return out


def _ordinary(world: "World", out: dict[int, list[Change]]) -> None:
    """Commits without a mark by everybody who commits, and a bot's."""
    company, places, chance = world.company, world.places, world.chance
    who = np.flatnonzero(places.repository[company.unit_first] >= 0)
    for week in range(dict(world.dials.onsets).get("code", 0), world.weeks):
        at, nth = expand(chance.stream("commits").poisson(_WEEKLY, who, week, most=14))
        person = who[at]
        key = person * 32 + nth
        day = 7 * week + chance.stream("commit day").below(5, key, week)
        second = 8 * 3600 + chance.stream("commit second").below(36_000, key, week)
        there = company.there(person, day)
        unit = company.unit_on(person, day)
        columns = (day[there], second[there], person[there], unit[there])
        for when, moment, author, team in zip(*(c.tolist() for c in columns), strict=True):
            out[int(places.repository[team])].append(Change(when, moment, author, team))
        for place in range(places.repositories, len(places.names)):
            lines = [_blob("requirements.txt", f"left-pad=={week}.0\n")]
            out[place].append(Change(7 * week, 3 * 3600, -1, -1, lines, f"Bump left-pad to {week}.0"))


def _files(world: "World", out: dict[int, list[Change]]) -> None:
    """The shared files that carry practices: created, edited, moved, deleted."""
    files, books = world.artefacts, world.course.practices
    moved: set[int] = set()
    edits: dict[int, int] = defaultdict(int)
    for n in range(len(files["day"])):
        practice, event = int(files["practice"][n]), FORM_EVENTS[files["event"][n]]
        job = JOBS[books["job"][practice]]
        before, after = (path.format(slug=f"{job}-{practice}") for path in _PATHS[FORMS[files["form"][n]]])
        path = after if practice in moved else before
        if event == "moved":
            moved.add(practice)
            line = f"R {before} {after}\n"
        elif event == "deleted":
            line = f"D {path}\n"
        else:
            line = _blob(path, _instructions(job, practice, edits[practice]))
            edits[practice] += 1
        verb = {"created": "Add", "edited": "Sharpen", "moved": "Move", "deleted": "Remove"}[event]
        unit = int(books["unit"][practice])
        subject = f"{verb} {path.rsplit('/', 1)[-1]} for {job}"
        out[int(files["place"][n])].append(
            Change(int(files["day"][n]), 64_900 + n % 1000, int(files["person"][n]), unit, [line], subject)
        )


def _instructions(job: str, practice: int, edits: int) -> str:
    lines = [f"# {job} {practice}", "", "Always read the ticket first.", "You must run the tests before you answer."]
    return "\n".join(lines + [f"- rule {n}: keep step {n} short and say what was left out" for n in range(3 + edits)]) + "\n"


def _blob(path: str, content: str) -> str:
    return f"M 100644 inline {path}\ndata {len(content.encode())}\n{content}\n"


class _Stream:
    """Turns changes into a fast-import stream of one repository."""

    def __init__(self, world: "World", personas: Sequence[Persona], place: int) -> None:
        self.world, self.personas, self.place = world, personas, place
        start = world.dials.start
        self.epoch = int(datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp())
        self.lot = world.chance.stream("commit", place)
        self.noreply = world.chance.stream("noreply").uniform(np.arange(len(personas))) < _NOREPLY
        self.marks: list[tuple[int, int]] = []
        self.next = 1
        self.head = 0
        self.pull = 100

    def write(self, path: Path, changes: list[Change]) -> Iterator[tuple[str, int]]:
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(path.parent), "GIT_CONFIG_NOSYSTEM": "1", "LC_ALL": "C"}
        marks = path.parent / f".{path.name}.marks"
        try:
            subprocess.run(
                ["git", "init", "--quiet", "--bare", "--template=", "--initial-branch=main", str(path)],
                check=True,
                env=environment,
            )
            command = ["git", "--git-dir", str(path), "fast-import", "--quiet", f"--export-marks={marks}"]
            with subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as process:
                if process.stdin is None:
                    raise OutputError(path.name, "git fast-import takes no input")
                self._feed(process.stdin, changes)
                process.stdin.close()
            if process.returncode:
                raise OutputError(path.name, "git fast-import failed", expected="git 2.30 or later")
            commits = dict(line.split() for line in marks.read_text(encoding="ascii").splitlines())
            marks.unlink()
        except (OSError, subprocess.CalledProcessError) as e:
            raise OutputError(path.name, "git could not write the repository", expected="git 2.30 or later on the path") from e
        for number, row in self.marks:
            yield commits[f":{number}"], row

    def _feed(self, out: IO[bytes], changes: list[Change]) -> None:
        for n, change in enumerate(changes):
            dice = Dice(int(self.lot.bits([n])[0]))
            if not change.lines:
                change.lines = [self._touch(change, dice) for _ in range(1 + dice.below(2))]
            made = mark(TOOLS[change.tool].name, change.day // 7, dice) if change.tool >= 0 else Mark()
            author, human = self._signature(change, made)
            if change.person >= 0 and change.subject == "" and dice.chance(_MERGED):
                self._branch(out, change, author, human, made, dice)
            else:
                self._straight(out, change, author, human, made, dice)

    def _signature(self, change: Change, made: Mark) -> tuple[str, str]:
        """(author, the person behind it)."""
        if change.person < 0:
            return _BOT, ""
        persona = self.personas[change.person]
        hidden = f"{800_000 + change.person}+{persona.login}@users.noreply.github.com"
        human = f"{persona.name} <{hidden if self.noreply[change.person] else persona.email}>"
        return made.author or human, human

    def _touch(self, change: Change, dice: Dice) -> str:
        name = _FILES[dice.below(len(_FILES))]
        return _blob(f"src/unit{change.unit}/{name}.py", f'"""{name}."""\n\nREVISION = {change.day * 1000 + dice.below(1000)}\n')

    def _straight(self, out: IO[bytes], change: Change, author: str, human: str, made: Mark, dice: Dice) -> None:
        squashed = change.person >= 0 and dice.chance(_SQUASHED)
        subject = change.subject or f"{_VERBS[dice.below(len(_VERBS))]} {_THINGS[dice.below(len(_THINGS))]}"
        footer = made.footer
        if squashed:
            self.pull += 1
            subject += f" (#{self.pull})"
            # The host keeps co-authors when it squashes; other marks are mostly lost.
            footer = footer if footer and dice.chance(0.2) else ""
        trailers = list(made.trailers)
        if made.author:
            trailers.insert(0, f"Co-authored-by: {human}")
        body = "\n\n".join(part for part in (subject, made.body if not squashed else "", footer, "\n".join(trailers)) if part)
        committer = _HOST if squashed else (human or author)
        self._commit(out, "refs/heads/main", change, author, committer, body, change.lines, self.head)
        self.head = self.next - 1

    def _branch(self, out: IO[bytes], change: Change, author: str, human: str, made: Mark, dice: Dice) -> None:
        """A commit on a pull request's branch, and the merge of it."""
        self.pull += 1
        thing = _THINGS[dice.below(len(_THINGS))]
        branch = f"{made.branch}/{thing.replace(' ', '-')}" if made.branch else f"work/{self.pull}"
        trailers = [*([f"Co-authored-by: {human}"] if made.author else []), *made.trailers]
        body = "\n\n".join(
            part for part in (f"{_VERBS[dice.below(len(_VERBS))]} {thing}", made.footer, "\n".join(trailers)) if part
        )
        self._commit(out, f"refs/pull/{self.pull}/head", change, author, human, body, change.lines, self.head)
        side = self.next - 1
        text = f"Merge pull request #{self.pull} from company/{branch}\n\n{thing}"
        merge = Change(change.day, change.second + 60, change.person, change.unit)
        self._commit(out, "refs/heads/main", merge, human, _HOST, text, change.lines, self.head, merged=side)
        self.head = self.next - 1

    def _commit(
        self, out: IO[bytes], ref: str, change: Change, author: str, committer: str, body: str, lines: list[str], parent: int,
        *, merged: int = 0,
    ) -> None:  # fmt: skip
        language = self.personas[change.person].language if change.person >= 0 else "en"
        when = f"{self.epoch + change.day * 86_400 + change.second} {_ZONES[language]}"
        message = body.encode() + b"\n"
        head = f"commit {ref}\nmark :{self.next}\nauthor {author} {when}\ncommitter {committer} {when}\ndata {len(message)}\n"
        origin = (f"from :{parent}\n" if parent else "") + (f"merge :{merged}\n" if merged else "")
        out.write(head.encode() + message + origin.encode() + "".join(lines).encode() + b"\n")
        if change.row >= 0 and not merged:
            self.marks.append((self.next, change.row))
        self.next += 1
