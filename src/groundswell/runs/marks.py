"""Marks in git that no rule knows and that may be a company's own AI tools: listed, and confirmed in one step."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from groundswell.errors import InputError
from groundswell.privacy.door import Door
from groundswell.runs.find import find
from groundswell.runs.ingest import own_marks
from groundswell.runs.names import MARKS, read_names
from groundswell.sources._git_unknown import Unknown, confirmed, frequent_unknown


def unknown_marks(paths: Iterable[Path]) -> list[Unknown]:
    """Frequent trailers and bots of all repositories at the paths, the commonest first; people counted by repository.

    Raises:
        InputError, NothingToReadError: nothing can be read there, or no repository is there.
    """
    paths = list(paths)
    exports = [export for export in find(paths).exports if export.source == "git"]
    if not exports:
        raise InputError(", ".join(map(str, paths)), "no git repository is here", remedy="Name one, or a folder of some")
    found: dict[tuple[str, str], Unknown] = {}
    with own_marks(read_names(paths)):
        for export in exports:
            for one in frequent_unknown(export, Door(b"nothing is kept", "git")):  # no pseudonym is made, none is stored
                known = found.get((one.kind, one.key))
                found[one.kind, one.key] = _together(known, one) if known else one
    return sorted(found.values(), key=lambda one: (-one.commits, one.kind, one.key))


def confirm(paths: Iterable[Path], words: Iterable[str], into: Path) -> list[str]:
    """Write what the operator confirmed into a company's marks.toml; what it holds stays.

    Args:
        paths: repositories, as for `unknown_marks`.
        words: "mark=tool", such as "assisted-by=Harbour".
        into: a folder, or the file itself.

    Returns:
        The marks confirmed.

    Raises:
        InputError: no such mark is listed, or a word has no "=".
    """
    listed = {one.key: one for one in unknown_marks(paths)}
    rows: dict[str, str] = {}
    for word in words:
        key, equals, tool = (part.strip() for part in word.partition("="))
        if not equals or not tool or key not in listed:
            raise InputError(word, "no mark of the list", expected="mark=tool, such as assisted-by=Harbour")
        rows[key] = confirmed(listed[key], tool)
    file = into / MARKS if into.is_dir() else into
    before = file.read_text("utf8") if file.is_file() else ""
    file.write_text("\n".join(filter(None, [before.rstrip("\n") + "\n" if before else "", *rows.values()])), "utf8")
    return list(rows)


def _together(one: Unknown, other: Unknown) -> Unknown:
    """The same mark in two repositories; a person in both counts in both."""
    return replace(
        one,
        commits=one.commits + other.commits,
        people=one.people + other.people,
        first=min(one.first, other.first),
        last=max(one.last, other.last),
    )
