"""Files that appear whole or not at all: written beside their place under a name of their own, then moved there in one step.

After a crash either the old file is there or the new one, never half of one. A draft's name is drawn, not made of the process's
number: threads of one process would share it. What a killed run leaves is a hidden file ending in `.draft`.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["PRIVATE", "PUBLIC", "create", "drafted", "replace"]

PRIVATE = 0o600
"""Mode of what its owner alone may read."""
PUBLIC = 0o666
"""Mode of a result, before the user's own mask."""


@contextmanager
def drafted(path: Path) -> Iterator[Path]:
    """A place to write what takes `path`'s place when the block ends, and is removed when the block fails.

    For content that is better written by a library than held in memory; `replace` does the same for bytes and makes them durable.

    Raises:
        OSError: it cannot be moved there.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.draft")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def replace(path: Path, content: str | bytes, *, mode: int = PRIVATE) -> None:
    """Write a file in the place of the one that may be there; text as UTF-8.

    Raises:
        OSError: it cannot be written; what was there is there still.
    """
    with drafted(path) as draft:
        write(draft, content, mode=mode)
    _settle(path.parent)


def create(path: Path, content: str | bytes, *, mode: int = PRIVATE) -> bool:
    """Write a file where none is, and say whether it was this call that did: of several that begin at once, one does.

    Raises:
        OSError: it cannot be written, for another reason than that there is one.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.draft")
    try:
        write(draft, content, mode=mode)
        os.link(draft, path)  # unlike a rename, fails if another made one meanwhile
    except FileExistsError:
        return False
    finally:
        draft.unlink(missing_ok=True)
    _settle(path.parent)
    return True


def write(draft: Path, content: str | bytes, *, mode: int = PRIVATE) -> None:
    """Write a new file down to the disk.

    Raises:
        OSError: there is one of this name, or it cannot be written.
    """
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
        out.write(content.encode() if isinstance(content, str) else content)
        out.flush()
        os.fsync(out.fileno())


def _settle(folder: Path) -> None:
    """Make the move itself survive a loss of power; a system that cannot is left as it is."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        return
    finally:
        os.close(handle)
