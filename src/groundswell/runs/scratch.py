"""A store for one run only: owner-only, removed at the end, and swept by the next run if this one is killed."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scratch() -> Iterator[Path]:
    """Lend a folder that is gone afterwards, and remove those that killed runs left."""
    home = Path(tempfile.gettempdir()) / f"groundswell-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    _sweep(home)
    folder = Path(tempfile.mkdtemp(prefix="run-", dir=home))
    lock = os.open(folder / "alive", os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _sweep(home: Path) -> None:
    """A folder whose lock nobody holds belongs to a run that is dead; one without a lock file is just being made."""
    for alive in home.glob("run-*/alive"):
        try:
            lock = os.open(alive, os.O_RDWR)
        except OSError:
            continue
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(alive.parent, ignore_errors=True)
        except BlockingIOError:
            pass
        finally:
            os.close(lock)
