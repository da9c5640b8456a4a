"""Keeps a crash quiet: no memory image on disk, no value in what is printed of an unforeseen failure."""

import sys
import threading
import traceback
from pathlib import Path
from typing import Any


def hush() -> None:
    """Make this process, and those it starts, leave neither a memory image nor a message of a failure; call it first.

    A memory image would hold text and names. A failure in a thread or while an object is taken down is printed by the interpreter
    itself, message and all, unless it is told otherwise.
    """
    import resource

    # Not 0: a system that pipes images to a collector ignores that, and makes none only for a limit of 1. In a file nothing fits.
    least = 0 if resource.getrlimit(resource.RLIMIT_CORE)[1] == 0 else 1
    resource.setrlimit(resource.RLIMIT_CORE, (least, least))
    sys.excepthook = lambda kind, error, trace: _say(error)
    threading.excepthook = lambda args: _say(args.exc_value)
    sys.unraisablehook = lambda args: _say(args.exc_value)


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


def _say(error: Any) -> None:
    if isinstance(error, Exception) and sys.stderr is not None:
        sys.stderr.write(f"A failure of ours: {told(error)}. Nothing more is printed, since it could quote a message.\n")
