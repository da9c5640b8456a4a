"""What people told on purpose goes into the same store as every other trace, by the same door and the same files."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from groundswell.privacy.keyring import Keys
from groundswell.runs.folder import Folder, read
from groundswell.runs.ingest import WORKERS, Report
from groundswell.runs.names import read_names
from groundswell.runs.page import Progress
from groundswell.runs.withdrawn import settle

if TYPE_CHECKING:
    from sqlalchemy import Engine

ROOM = "serve"
"""Folder inside the company's in which the server keeps its own; what is written here lies there while it is read."""

_PREFIX = "collect-"


@dataclass(frozen=True)
class Collected:
    """What was collected.

    Attributes:
        report: of the reading, as for any export.
        entries: rows of the logbook.
        quarters: quarter of the pulse -> its answers; only quarters that are over.
        running: quarters of the pulse that are not over, and so stay in the book.
        withdrawn: rows of the logbook that were given out before, were erased since and left the store now.
    """

    report: Report
    entries: int = 0
    quarters: dict[str, int] = field(default_factory=dict)
    running: tuple[str, ...] = ()
    withdrawn: int = 0


def collect(
    folder: Folder,
    book: "Engine",
    *,
    secret: bytes,
    keys: Keys,
    now: datetime,
    workers: int = WORKERS,
    progress: Progress | None = None,
) -> Collected:
    """Read the logbook and the pulse's finished quarters into the company's store; again and again, without counting twice.

    Args:
        folder: the company's.
        book: what the server writes.
        secret: of the server: days of the pulse are dealt out by it.
        keys: of the pseudonyms, and of the opt-outs.
        now: the moment, UTC.
        workers: processes that read.
        progress: called after every step.

    Raises:
        InputError, PrivacyError, StoreError: as for reading any export.
    """
    from groundswell.selfreport import invitation, pulse
    from groundswell.selfreport.base import writing
    from groundswell.selfreport.entry import tool_key
    from groundswell.selfreport.logbook_file import entries_to_file
    from groundswell.selfreport.pulse_file import answers_to_file

    folder.check()
    own = {tool_key(name) for name in read_names([folder.path]).tools}
    invitation.let_due_go(book, now=now)
    with _for_a_moment(folder.path / ROOM) as place:
        with writing(book) as connection:
            entries = entries_to_file(connection, place / "logbook.json", tools_known=own)
            held = pulse.quarters(connection)
            over = [quarter for quarter in held if pulse.over(quarter, now.date())]
            told = {q: answers_to_file(connection, q, place / f"pulse-{q}.csv", secret=secret) for q in over}
            pulse.forget(connection, now.date())
        numbers = [str(row["entry"]) for row in json.loads((place / "logbook.json").read_bytes())["entries"]]
        withdrawn = settle(folder, numbers, keys=keys, room=folder.path / ROOM)
        if not entries:
            (place / "logbook.json").unlink()
        report = Report()
        if any(place.iterdir()):
            key, out = keys.key, keys.opt_out
            report = read(folder, [place], key=key, opt_out_key=out, now=now, workers=workers, progress=progress)
            settle(folder, numbers, keys=keys, room=folder.path / ROOM)  # the reading may have begun a new epoch
    return Collected(report, entries, told, tuple(q for q in held if q not in over), withdrawn)


@contextmanager
def _for_a_moment(room: Path) -> Iterator[Path]:
    """A folder only its owner may read, gone afterwards: the logbook's file holds addresses, as any export does."""
    room.mkdir(parents=True, exist_ok=True, mode=0o700)
    for left in room.glob(f"{_PREFIX}*"):  # of a run that was killed
        shutil.rmtree(left, ignore_errors=True)
    place = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=room))
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)
