"""Finds the marks AI tools leave in commit messages and branch names, by rules kept as data in git_marks.toml."""

import os
import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, NamedTuple

from groundswell.errors import InputError

READER = "git-marks-1"
"""Name and version of these rules in the rows they make; a change of rules that changes rows gets a new number."""

SETTING = "GROUNDSWELL_MARKS"
"""Names the company's own marks.toml, confirmed by the operator from the report of frequent unknown marks."""

MAX_LINE = 2_000
"""Characters of a line that are looked at: no mark is longer, and patterns stay fast on a hostile one."""

COAUTHOR = "co-author trailer"
CREDIT = re.compile(r"^[ \t>*-]*co-?authored-by:[ \t]*", re.I)
PULL = re.compile(r"^merge pull request #\d+ from [^/\s]+/(\S+)|^merged in (\S+) \(pull request", re.I)
BRANCH = re.compile(r"^merge (?:remote-tracking )?branch(?:es)? '([^']+)'(?: of \S+)?(?: into '?([^'\s]+)'?)?", re.I)
MAINLINES = frozenset({"main", "master", "trunk", "develop", "dev"})


class Mark(NamedTuple):
    """A trace of one tool, by one channel."""

    channel: str
    tool: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a message carries.

    Attributes:
        marks: marks in the words of the message.
        contacts: (channel, name, address) of everyone credited with an address, people and tools alike.
    """

    marks: list[Mark]
    contacts: list[tuple[str, str, str]]


NOTHING = Found([], [])


@dataclass(frozen=True)
class Merged:
    """What the first line of a merge says.

    Attributes:
        theirs: whether the message speaks of the merged branch, so that it belongs to its author, not to who pressed merge.
        taken: name of the branch merged; "" if not said.
        into: name of the branch it went into, if that is not a main branch; its author is the merger.
    """

    theirs: bool
    taken: str
    into: str


@dataclass(frozen=True)
class Channel:
    """One kind of line that names a tool."""

    name: str
    line: re.Pattern[str]
    tool: str
    bare: bool
    disclosure: bool


@dataclass(frozen=True)
class Marks:
    """All rules, ready to use; see git_marks.toml for what each table means."""

    tools: tuple[tuple[str, re.Pattern[str], re.Pattern[str] | None], ...]
    words: tuple[tuple[str, re.Pattern[str]], ...]
    channels: tuple[Channel, ...]
    needles: re.Pattern[bytes]
    none: re.Pattern[str]
    authors: tuple[tuple[str, re.Pattern[str] | None, re.Pattern[str] | None], ...]
    branches: tuple[tuple[str, re.Pattern[str]], ...]
    any_branch: re.Pattern[str]
    agents: tuple[tuple[str, re.Pattern[str] | None, re.Pattern[str] | None], ...]
    ordinary: frozenset[str]
    ordinary_bots: frozenset[str]

    def find(self, message: bytes) -> Found:
        """Marks and credits of a message; call it only if `needles` is found in the message in lower case."""
        text = message.replace(b"\\n", b"\n").replace(b"\r", b"\n")
        low = text.lower()  # of bytes: keeps every position
        marks: dict[Mark, None] = {}
        contacts: list[tuple[str, str, str]] = []
        end = -1
        for needle in self.needles.finditer(low):
            if needle.start() < end:
                continue  # a second needle on a line already read
            start = low.rfind(b"\n", 0, needle.start()) + 1
            end = low.find(b"\n", needle.end())
            end = len(low) if end < 0 else end
            line = text[start : min(end, start + MAX_LINE)].decode("utf8", "replace")
            credit = CREDIT.match(line)
            if credit:
                contacts.append((COAUTHOR, *_contact(line[credit.end() :])))
                continue
            found = self._line(line, text[end : end + MAX_LINE])
            if isinstance(found, Mark):
                marks[found] = None
            elif found is not None:
                contacts.append(found)
        return Found(list(marks), contacts)

    def _line(self, line: str, after: bytes) -> Mark | tuple[str, str, str] | None:
        """The mark of one line, or whom it credits with an address."""
        for channel in self.channels:
            hit = channel.line.match(line)
            if hit is None:
                continue
            value = hit.groupdict().get("value") or ""
            if "@" in value and "<" in value and not channel.disclosure:
                return (channel.name, *_contact(value))
            tool = self._tool(channel, hit, value, after)
            if tool:
                return Mark(channel.name, tool)
        return None

    def _tool(self, channel: Channel, hit: re.Match[str], value: str, after: bytes) -> str:
        if channel.disclosure:
            return self._disclosed(value or after.strip().split(b"\n", 1)[0].decode("utf8", "replace"))
        return channel.tool or (hit.groupdict().get("tool") or "").lower() or self.named(value, bare=channel.bare)

    def named(self, value: str, *, bare: bool) -> str:
        """Tool a value begins with; "" if it names none."""
        value = value.lstrip("~[(@\"'`*_ ")
        for tool, sure, first in self.tools:
            if sure.match(value) or (bare and first is not None and first.match(value)):
                return tool
        return ""

    def _disclosed(self, value: str) -> str:
        """Tool a disclosure speaks of, "any" if it names none; "" if none was used or nothing is said."""
        if not value.strip(" .-*_#>`") or self.none.search(value):
            return ""
        found = [(hit.start(), tool) for tool, word in self.words if (hit := word.search(value))]
        return min(found)[1] if found else "any"

    def author(self, name: str, email: str) -> str:
        """Tool a person's own name or address says the commit was made with; "" if none."""
        return _who(self.authors, name, email)

    def agent(self, name: str, email: str) -> str:
        """Tool of a company's own agent; "" if it is none."""
        return _who(self.agents, name, email)

    def branch(self, name: str) -> str:
        """Tool that names its branches so; "" if none."""
        if not name or not self.any_branch.search(name):
            return ""
        return next((tool for tool, pattern in self.branches if pattern.search(name)), "")


NO_MERGE = Merged(False, "", "")


def merged(subject: bytes) -> Merged:
    """Read the first line of a merge commit."""
    if subject[:5].lower() != b"merge":
        return NO_MERGE
    line = subject.split(b"\n", 1)[0][:MAX_LINE].decode("utf8", "replace").strip()
    pull = PULL.match(line)
    if pull:
        return Merged(True, pull[1] or pull[2], "")
    found = BRANCH.match(line)
    if not found:
        return NO_MERGE
    taken, into = found[1], found[2] or ""
    mainline = into.rpartition("/")[2] in MAINLINES or not into
    return Merged(mainline and taken.rpartition("/")[2] not in MAINLINES, taken, "" if mainline else into)


def load(extra: Path | None = None) -> Marks:
    """Load the rules, a company's own first.

    Args:
        extra: the company's marks.toml; by default the file that the setting GROUNDSWELL_MARKS names, if any.

    Raises:
        InputError: the company's file is missing, or not such a table.
    """
    if extra is None and os.environ.get(SETTING):
        extra = Path(os.environ[SETTING])
    own = tomllib.loads(files(__package__).joinpath("git_marks.toml").read_text("utf8"))
    if extra is None:
        return _shared()
    try:
        company = tomllib.loads(extra.read_text("utf8"))
        return _built({k: [*company.get(k, []), *own.get(k, [])] for k in ("tool", "channel", "author", "branch", "agent")}, own)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, re.error) as error:
        raise InputError(
            str(extra),
            "not a table of marks",
            expected="[[channel]], [[agent]], [[author]], [[branch]] or [[tool]] rows as in git_marks.toml",
        ) from error


def own_rules() -> bytes:
    """The bytes of the company's own marks; empty if there are none."""
    place = os.environ.get(SETTING)
    try:
        return Path(place).read_bytes() if place else b""
    except OSError:
        return b""  # reading will say so


@cache
def _shared() -> Marks:
    own = tomllib.loads(files(__package__).joinpath("git_marks.toml").read_text("utf8"))
    return _built(own, own)


def _built(rules: dict[str, Any], own: dict[str, Any]) -> Marks:
    needles = {needle.lower() for rule in rules["channel"] for needle in rule["needle"]} | {"authored-by"}
    return Marks(
        tools=tuple((t["name"], _compiled(t["sure"]), _maybe(t.get("bare"))) for t in rules["tool"]),
        words=tuple((t["name"], _compiled(rf"\b{re.escape(t['name'])}\b")) for t in rules["tool"] if t["name"] != "any"),
        channels=tuple(
            Channel(c["name"], _compiled(c["line"]), c.get("tool", ""), c.get("bare", False), c.get("disclosure", False))
            for c in rules["channel"]
        ),
        needles=any_of(needles),
        none=_compiled(own["disclosure"]["none"]),
        authors=tuple((a["tool"], _maybe(a.get("name")), _maybe(a.get("email"))) for a in rules["author"]),
        branches=tuple((b["tool"], _compiled(b["name"])) for b in rules["branch"]),
        any_branch=_compiled("|".join(f"(?:{b['name']})" for b in rules["branch"])),
        agents=tuple((a["tool"], _maybe(a.get("name")), _maybe(a.get("email"))) for a in rules.get("agent", [])),
        ordinary=frozenset(own["ordinary"]["trailers"]),
        ordinary_bots=frozenset(own["ordinary"]["bots"]),
    )


def any_of(words: Iterable[str]) -> re.Pattern[bytes]:
    """Pattern that finds any of some words, as a tree by first letters: three times as fast as the plain alternatives."""
    tree: dict[str, Any] = {}
    for word in words:
        node = tree
        for letter in word:
            node = node.setdefault(letter, {})
        node[""] = {}
    return re.compile(_tree_pattern(tree).encode("utf8"))


def _tree_pattern(node: dict[str, Any]) -> str:
    if "" in node:
        return ""
    parts = [re.escape(letter) + _tree_pattern(rest) for letter, rest in sorted(node.items())]
    return parts[0] if len(parts) == 1 else f"(?:{'|'.join(parts)})"


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.I)


def _maybe(pattern: str | None) -> re.Pattern[str] | None:
    return None if pattern is None else _compiled(pattern)


def _contact(value: str) -> tuple[str, str]:
    """Name and address of a credit such as `Ann Onym <ann@example.org>`; either may be missing."""
    name, opened, rest = value.partition("<")
    if not opened:
        words = value.split()
        email = next((word for word in words if "@" in word), "")
        return " ".join(word for word in words if word != email), email
    return name.strip(" \t\"'"), rest.partition(">")[0].strip()


def _who(rules: Sequence[tuple[str, re.Pattern[str] | None, re.Pattern[str] | None]], name: str, email: str) -> str:
    for tool, by_name, by_email in rules:
        if (by_name and by_name.search(name)) or (by_email and by_email.search(email)):
            return tool
    return ""
