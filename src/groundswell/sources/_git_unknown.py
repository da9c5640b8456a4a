"""Finds frequent trailers and bots that no rule knows and that may be a company's own AI tools, for the operator to confirm."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime

from groundswell.model.source import DoorLike, Export
from groundswell.privacy.actors import classify
from groundswell.sources._git_marks import NOTHING, Marks, load
from groundswell.sources._git_open import opened
from groundswell.sources._git_walk import Record, default_branch, elsewhere

LEAST = 20
"""Commits from which a mark is worth asking about."""

TRAILER = re.compile(r"^([A-Za-z][A-Za-z0-9]*(?:-[A-Za-z0-9]+)+):[ \t]+(\S.*)$")
BOT = re.compile(r"([\w.-]+)\[bot\]@")
TOOLISH = re.compile(r"[/\d]|\b(?:ai|agent|assistant|bot|code|codegen|copilot|gpt|llm|desktop|cli)\b", re.I)
"""A value with one of these is the name of a tool; any other may be a person's and is not shown."""
CREDITING = re.compile(r"^(?:ai-)?(?:generated|assisted|made|authored|written|created|powered|prompted)-(?:by|with)$")
MAX_KEY = 40


@dataclass(frozen=True, order=True)
class Unknown:
    """A frequent mark no rule knows; a word of a tool, never a person's name.

    Attributes:
        kind: "trailer" or "bot".
        key: the trailer's key in lower case, with the head of its value where that is surely a tool; or the bot's account.
        commits: in how many commits it stands.
        people: how many authors wrote it; 0 for a bot.
        first, last: days of the first and last such commit.
    """

    kind: str
    key: str
    commits: int
    people: int
    first: date
    last: date


@dataclass
class _Seen:
    commits: int = 0
    authors: set[bytes] = field(default_factory=set)
    first: int = 1 << 62
    last: int = 0


def frequent_unknown(export: Export, door: DoorLike, *, marks: Marks | None = None, least: int = LEAST) -> list[Unknown]:
    """List frequent trailer keys and bot accounts that no rule knows, by name.

    Args:
        export: a repository.
        door: the entry gate; told what could not be read.
        marks: rules to use; by default the shared ones and the company's own.
        least: commits from which one is listed.

    Raises:
        InputError: as the source's `read`.
    """
    marks = marks or load()
    seen: dict[tuple[str, str], _Seen] = {}
    with opened(export.path) as repository:
        if not repository.head:
            return []
        without_files = replace(repository, trees=False)
        for walk in (default_branch(without_files, door), elsewhere(without_files, door)):
            for records in walk:
                for record in records:
                    _note(record, marks, seen)
    return sorted(
        Unknown(kind, key, s.commits, 0 if kind == "bot" else len(s.authors), _day(s.first), _day(s.last))
        for (kind, key), s in seen.items()
        if s.commits >= least
    )


def confirmed(unknown: Unknown, tool: str) -> str:
    """Row for the company's marks.toml that makes an unknown mark a mark of `tool`."""
    if unknown.kind == "bot":
        return f"[[agent]]\ntool = \"{tool}\"\nemail = '^(?:\\d+\\+)?{re.escape(unknown.key)}@'\n"
    key, _, value = unknown.key.partition(": ")
    begins = re.escape(value) if value else r"\S"
    line = rf"^[ \t]*{re.escape(key)}:\s*{begins}"
    return f'[[channel]]\nname = "company trailer"\nneedle = ["{key}:"]\ntool = "{tool}"\nline = \'{line}\'\n'


def _note(record: Record, marks: Marks, seen: dict[tuple[str, str], _Seen]) -> None:
    if len(record) < 9 or not record[2].isdigit():
        return
    second = int(record[2])
    author = record[4].decode("utf8", "replace").lower()
    message = record[7].decode("utf8", "replace")
    for kind, key in {*_trailers(message, marks), *_bots(author, message, marks)}:
        entry = seen.setdefault((kind, key), _Seen())
        entry.commits += 1
        entry.authors.add(record[4])
        entry.first, entry.last = min(entry.first, second), max(entry.last, second)


def _trailers(message: str, marks: Marks) -> Iterator[tuple[str, str]]:
    """Unknown trailers of the last paragraph, which alone holds trailers by git's own rule."""
    for line in message.rstrip().rpartition("\n\n")[2].splitlines():
        found = TRAILER.match(line[: 4 * MAX_KEY])
        if not found or len(found[1]) > MAX_KEY or found[1].lower() in marks.ordinary:
            continue
        key, value = found[1].lower(), found[2]
        if any(channel.line.match(line) for channel in marks.channels) and marks.find(line.encode()) != NOTHING:
            continue
        if CREDITING.match(key):
            head = re.match(r"[\w .-]*", value.lower())[0].strip()[:MAX_KEY]  # type: ignore[index]
            key = f"{key}: {head}" if TOOLISH.search(value) and "@" not in value and head else key
        yield "trailer", key


def _bots(author: str, message: str, marks: Marks) -> Iterator[tuple[str, str]]:
    """Bot accounts among author and co-authors that no rule takes for an agent."""
    for source in (author, *(line for line in message.lower().splitlines() if "[bot]@" in line)):
        found = BOT.search(source[:1_000])
        if not found or found[1] in marks.ordinary_bots:
            continue
        email = f"{found[1]}[bot]@users.noreply.github.com"
        if not classify(email).tool and not marks.agent("", email):
            yield "bot", f"{found[1]}[bot]"


def _day(second: int) -> date:
    return datetime.fromtimestamp(min(max(second, 0), 4_102_444_800), UTC).date()
