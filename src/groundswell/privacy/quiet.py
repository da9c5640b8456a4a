"""Keeps a crash quiet: no memory image on disk, no value in what is printed of an unforeseen failure."""

import traceback
from pathlib import Path


def no_dumps() -> None:
    """Ask the system for no memory image of this process or its children: it would hold text and names."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def told(error: BaseException) -> str:
    """An unforeseen failure as kinds and places alone, innermost last; messages and values may quote a name or a text."""
    lines = []
    seen: BaseException | None = error
    while seen is not None:
        frames = traceback.extract_tb(seen.__traceback__)
        where = " > ".join(f"{Path(f.filename).name}:{f.lineno}" for f in frames[-6:])
        lines.append(f"{type(seen).__name__} at {where or 'another process'}")
        seen = seen.__cause__ or seen.__context__
    return "; after ".join(lines)
