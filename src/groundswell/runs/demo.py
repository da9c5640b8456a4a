"""The demonstration: two invented companies, read and audited like real ones, on one page."""

import json
from collections.abc import Collection
from pathlib import Path

from groundswell.model.reading import Act, Modality
from groundswell.privacy.door import Door
from groundswell.report.page import Page
from groundswell.runs import audit
from groundswell.runs.find import find
from groundswell.runs.ingest import ingest
from groundswell.runs.names import Names
from groundswell.runs.page import Progress, page_of
from groundswell.runs.scratch import scratch
from groundswell.simulation.demo import two_companies
from groundswell.store.tables import Store

SEED = 7
"""Seed of the two companies unless asked otherwise."""

AUDITED = 400
"""Messages the demonstration's auditor labels; the specification asks for 300 to start with (M0)."""

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
        workers: processes of the heavy pass.
        progress: called after every step.

    Returns:
        The page of the company where talk outruns use, and the page of the quiet groundswell.
    """
    pages = [_page(company, key, seed, workers, progress) for company in two_companies(folder, seed=seed)]
    return pages[0], pages[1]


def _page(company: Path, key: bytes, seed: int, workers: int, progress: Progress | None) -> Page:
    exports = find(p for p in sorted(company.iterdir()) if p.name != "truth").exports
    with scratch() as place:
        store = Store(place / "store")
        ingest(store, exports, key=key, workers=workers, progress=progress)
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
