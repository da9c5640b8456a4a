"""The demonstration: two invented companies, read and audited like real ones, on one page."""

import json
from collections.abc import Callable, Collection
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

from groundswell.model.reading import Act, Modality
from groundswell.privacy.door import Door
from groundswell.report.page import Page
from groundswell.runs import audit
from groundswell.runs.find import find
from groundswell.runs.ingest import ingest
from groundswell.runs.names import Names
from groundswell.runs.page import Progress, page_of
from groundswell.runs.scratch import scratch
from groundswell.simulation.demo import NAMES, write_company
from groundswell.store.tables import Store

if TYPE_CHECKING:
    from multiprocessing.managers import SyncManager

SEED = 7
"""Seed of the two companies unless asked otherwise."""

AUDITED = 600
"""Messages the demonstration's auditor labels; the specification asks for 300 to start with, and for 20 of every act (M0)."""

TITLES = {"talk-outruns-use": "Talk outruns use", "quiet-groundswell": "A quiet groundswell"}
"""Folder -> what the page calls the company."""


def demo(folder: Path, *, key: bytes, seed: int = SEED, workers: int = 2, progress: Progress | None = None) -> tuple[Page, Page]:
    """Write two companies' exports into a folder and answer every question of each.

    The audit's labels come from the truth the simulator wrote beside the exports: they stand for a person who reads without
    error. Nothing else of the truth is looked at.

    Args:
        folder: receives one folder a company, with its exports and the truth behind them.
        key: of the pseudonyms.
        seed: of the two companies; the same seed writes the same bytes.
        workers: processes; from two on each company has its own.
        progress: called after every step, with the steps known so far of both companies.

    Returns:
        The page of the company where talk outruns use, and the page of the quiet groundswell.
    """
    make = partial(_company, folder, key, seed)
    if workers < 2:
        return _each(make, progress)
    # A forked child of a process with threads may hang; a spawned one starts clean.
    with get_context("spawn").Manager() as manager, ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        return _apart(pool, manager, make, progress)


def _each(make: Callable[[Progress, str], Page], progress: Progress | None) -> tuple[Page, Page]:
    """One company after the other, in this process."""
    board = _Board(progress)
    first, second = (make(partial(board.step, name), name) for name in NAMES)
    return first, second


def _apart(
    pool: ProcessPoolExecutor, manager: "SyncManager", make: Callable[["_Steps", str], Page], progress: Progress | None
) -> tuple[Page, Page]:
    """Both companies at once, a process each; a thread here hears what they have done."""
    steps: SimpleQueue[tuple[str, int, int, str] | None] = manager.Queue()  # type: ignore[assignment]  # the same calls
    board = _Board(progress)
    listener = Thread(target=_listen, args=(steps, board), daemon=True)
    listener.start()
    pages = [pool.submit(make, _Steps(steps, name), name) for name in NAMES]
    try:
        return pages[0].result(), pages[1].result()
    finally:
        steps.put(None)
        listener.join()


class _Steps:
    """Sends the steps of one company to whoever listens."""

    def __init__(self, steps: "SimpleQueue[tuple[str, int, int, str] | None]", name: str) -> None:
        self.steps, self.name = steps, name

    def __call__(self, done: int, total: int, what: str) -> None:
        self.steps.put((self.name, done, total, what))


def _listen(steps: "SimpleQueue[tuple[str, int, int, str] | None]", board: "_Board") -> None:
    while (step := steps.get()) is not None:
        board.step(*step)


class _Board:
    """Adds up the steps of both companies; a story (reading, measuring) that starts anew counts on."""

    def __init__(self, progress: Progress | None) -> None:
        self.progress = progress
        self.before: dict[str, int] = {}
        self.last: dict[str, tuple[int, int]] = {}

    def step(self, name: str, done: int, total: int, what: str) -> None:
        """One more step of one company."""
        if name in self.last and done <= self.last[name][0]:
            self.before[name] = self.before.get(name, 0) + self.last[name][1]
        self.last[name] = done, total
        if self.progress is not None:
            so_far = sum(self.before.values())
            self.progress(so_far + sum(d for d, _ in self.last.values()), so_far + sum(t for _, t in self.last.values()), what)


def _company(folder: Path, key: bytes, seed: int, progress: Progress, name: str) -> Page:
    """Write one company, read it, audit it and answer every question of it."""
    return audited_page(write_company(folder, name, seed=seed), key, seed=seed, progress=progress)


def audited_page(company: Path, key: bytes, *, seed: int, progress: Progress | None = None) -> Page:
    """The page of a simulated company's exports, audited by whoever knows the truth written beside them.

    Args:
        company: its folder, as the simulator writes it, with the truth.
        key: of the pseudonyms.
        seed: of the audit's sample.
        progress: called after every step.
    """
    exports = find(p for p in sorted(company.iterdir()) if p.name != "truth").exports
    with scratch() as place:
        store = Store(place / "store")
        ingest(store, exports, key=key, workers=1, progress=progress)
        truth = _Truth(company / "truth" / "messages.jsonl", key)
        items = audit.sample(exports, key=key, n=AUDITED, seed=seed)
        for coder, part in ((1, items), (2, audit.repeated(items, seed=seed))):
            audit.keep(store, audit.rows(((item, truth.acts(item)) for item in part), coder=coder))
        return page_of(store, Names(company=TITLES.get(company.name, company.name), simulated=True), progress=progress)


class _Truth:
    """An auditor who knows: what each simulated message really does."""

    def __init__(self, file: Path, key: bytes) -> None:
        door = Door(key, "slack")
        self._acts: dict[tuple[int, int], set[Act]] = {}
        with file.open(encoding="utf8") as lines:
            for line in lines:
                row = json.loads(line)
                done = {Act(a["act"]) for a in row["acts"] if a["modality"] == Modality.DONE}
                seconds, _, micros = row["key"].partition(".")
                self._acts[door.hashed("slack", "channel", row["container"]), int(seconds) * 10**6 + int(micros)] = done

    def acts(self, item: audit.Item) -> Collection[Act]:
        """The acts of one message, as done."""
        # Whole microseconds: a float of this size is one off as often as not.
        micros = int(item.ts.timestamp()) * 10**6 + item.ts.microsecond
        return self._acts.get((item.place, micros), set())
