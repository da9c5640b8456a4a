"""Finds what can be read below the given paths, each export by its content."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from groundswell import registry
from groundswell.errors import InputError, NothingToReadError
from groundswell.model.source import Export, Source
from groundswell.sources._closed import closed

DEPTH = 6
"""How many folders down an export is looked for; deeper than any vendor nests one."""

MOST_LOOKED_AT = 20_000
"""Files looked at below one path before the search is called off: this is then not a folder of exports."""


@dataclass(frozen=True)
class Found:
    """What lies below the given paths.

    Attributes:
        exports: what can be read, in order of path.
        unrecognised: files no source knows, in order of path.
        closed: files that are known and not read, each with why and what to export in its place.
    """

    exports: tuple[Export, ...]
    unrecognised: tuple[Path, ...]
    closed: tuple[tuple[Path, InputError], ...] = ()


def find(paths: Iterable[Path]) -> Found:
    """Recognise every export at or below the paths; links are not followed below them.

    Raises:
        InputError: a path does not exist or may not be read, or holds far more files than a folder of exports; or all
            that is known there is never read.
        NothingToReadError: nothing is recognised.
    """
    sources = list(registry.sources().values())
    exports: dict[Path, Export] = {}
    unknown: list[Path] = []
    paths = [Path(p) for p in paths]
    for path in paths:
        _check(path)
        for place, export in _walk(path, sources):
            if export is None:
                unknown.append(place)
            else:
                exports[place.resolve()] = export
    shut = [(place, why) for place in sorted(unknown) if (why := closed(place)) is not None]
    if shut and not exports:
        raise shut[0][1]
    if not exports:
        raise NothingToReadError(
            ", ".join(map(str, paths)),
            f"nothing here is recognised ({len(unknown)} files looked at)",
            expected="a git repository, a chat export, a usage log, a seat list or an org chart",
            remedy="Run groundswell doctor --sources to see what each looks like",
        )
    left = sorted(set(unknown) - {place for place, _ in shut})
    return Found(tuple(e for _, e in sorted(exports.items())), tuple(left), tuple(shut))


def _check(path: Path) -> None:
    if not path.exists():
        raise InputError(str(path), "there is no such file or folder", remedy="Check the path")
    if not os.access(path, os.R_OK | (os.X_OK if path.is_dir() else 0)):
        raise InputError(str(path), "it may not be read", remedy="Ask for the right to read it")


def _walk(top: Path, sources: list[Source]) -> Iterator[tuple[Path, Export | None]]:
    """Yield each recognised place, and each file that is none; a recognised folder is not looked into."""
    looked_at = 0
    waiting = [(top, 0)]
    while waiting:
        place, depth = waiting.pop()
        looked_at += 1
        if looked_at > MOST_LOOKED_AT:
            raise InputError(
                str(top), f"more than {MOST_LOOKED_AT} files", expected="a folder of exports", remedy="Name the exports"
            )
        export = _recognise(place, sources)
        if export is not None:
            yield place, export
        elif place.is_dir():
            if depth < DEPTH:
                waiting.extend((child, depth + 1) for child in sorted(place.iterdir(), reverse=True) if _worth(child))
        else:
            yield place, None


def _recognise(place: Path, sources: list[Source]) -> Export | None:
    for source in sources:
        export = source.recognise(place)
        if export is not None:
            return export
    return None


def _worth(path: Path) -> bool:
    """Skip hidden things, links, what may not be read, and what tools lay beside an export: __avatars, __uploads, __MACOSX."""
    readable = os.access(path, os.R_OK | (os.X_OK if path.is_dir() else 0))
    return readable and not path.is_symlink() and not path.name.startswith((".", "__")) and (path.is_dir() or path.is_file())
