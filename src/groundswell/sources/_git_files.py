"""Tells which files of a repository carry a practice, by rules kept as data in git_marks.toml."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from groundswell.model.trace import ArtefactForm
from groundswell.sources._git_marks import any_of

MAX_PATH = 4_096
"""Bytes: a longer path is passed over, as file systems would."""


class Piece(NamedTuple):
    """What a path is among practice files.

    Attributes:
        form: an ArtefactForm.
        tool: the tool it is written for; "any" if none in particular.
        stem: what stays of its name when it moves; "" for a generic name such as AGENTS.md.
        folder: the folder that belongs to it, for a skill; "" for a single file.
    """

    form: str
    tool: str
    stem: str
    folder: str


class Touch(NamedTuple):
    """One changed file of a commit that may carry a practice.

    Attributes:
        path: where.
        status: A, D, M or T, as git says without looking for renames.
        old, new: object ids before and after; all zeros if there was none.
        link: whether it is a symbolic link afterwards.
    """

    path: str
    status: str
    old: bytes
    new: bytes
    link: bool


@dataclass(frozen=True)
class _Rules:
    needles: re.Pattern[bytes]
    outside: re.Pattern[str]
    ignored: re.Pattern[str]
    inside: re.Pattern[str]
    tool: re.Pattern[str]
    copilot: re.Pattern[str]
    kinds: tuple[tuple[str, str, bool, re.Pattern[str]], ...]


def touches(raw: bytes) -> list[Touch]:
    """Files of a commit that may carry a practice.

    Args:
        raw: git's raw list, `:old-mode new-mode old-id new-id status NUL path NUL` for each file.
    """
    needles = rules().needles.search
    if not needles(raw):
        return []
    words = raw.lstrip(b"\n").split(b"\0")
    found = []
    for about, path in zip(words[::2], words[1::2], strict=False):
        if not needles(path) or len(path) > MAX_PATH:
            continue
        parts = about.split(b" ")
        if len(parts) == 5 and b"160000" not in parts[:2]:
            found.append(
                Touch(path.decode("utf8", "surrogateescape"), parts[4][:1].decode(), parts[2], parts[3], parts[1] == b"120000")
            )
    return found


@lru_cache(maxsize=65_536)
def piece(path: str) -> Piece | None:
    """What a path is; None if it carries no practice by itself (it may still lie in a skill's folder)."""
    known = rules()
    if any(pattern.search(path) for pattern in (known.outside, known.ignored, known.inside)):
        return None
    for form, tool, folder, pattern in known.kinds:
        hit = pattern.search(path)
        if hit:
            stem = hit.groupdict().get("stem") or ""
            return Piece(form, tool or _tool(path), stem.lower(), path.rpartition("/")[0] if folder else "")
    return None


@cache
def rules() -> _Rules:
    """The rules for files, ready to use."""
    raw = tomllib.loads(files(__package__).joinpath("git_marks.toml").read_text("utf8"))
    about = raw["files"]
    return _Rules(
        needles=any_of(about["needles"]),
        outside=re.compile(about["outside"]),
        ignored=re.compile(about["ignored"]),
        inside=re.compile(about["inside"]),
        tool=re.compile(about["tool"]),
        copilot=re.compile(about["copilot"]),
        kinds=tuple(
            (ArtefactForm(f["form"]).value, f.get("tool", ""), f.get("folder", False), re.compile(f["path"])) for f in raw["file"]
        ),
    )


def _tool(path: str) -> str:
    hits = list(rules().tool.finditer(path))
    if hits:
        return hits[-1]["tool"]
    if rules().copilot.search(path) or path.endswith((".instructions.md", ".prompt.md", ".agent.md", ".chatmode.md")):
        return "copilot"
    return "any"
