"""A company's folder: its charter, what was read, and the record of readings and releases."""

import hashlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from groundswell import registry
from groundswell.errors import InputError, OutputError, PrivacyError
from groundswell.model.phrase import Phrase, say
from groundswell.privacy import record
from groundswell.privacy.book import KEPT, Book
from groundswell.privacy.charter import FILE, QUESTIONS, Charter, read_charter, to_toml
from groundswell.privacy.keyring import tag_of
from groundswell.privacy.ledger import RELEASED
from groundswell.privacy.optout import read_opt_out
from groundswell.privacy.protection import read_protection
from groundswell.report.page import Page, Spent
from groundswell.runs import definitions, retention
from groundswell.runs.company import Engine
from groundswell.runs.find import find
from groundswell.runs.ingest import WORKERS, Report, Runner, ingest
from groundswell.runs.names import read_names
from groundswell.runs.order import drawn
from groundswell.runs.page import Progress, page_of
from groundswell.runs.readers import settled
from groundswell.runs.sweep import sweep
from groundswell.runs.verify import RECORD
from groundswell.store.tables import Store

EPOCH = "epoch"
"""Kind of the record's entries that begin the tables of a new key."""

LET_OUT = frozenset({KEPT, RELEASED})
"""Kinds of the record's entries that say that something was let out."""


@dataclass(frozen=True)
class Folder:
    """Where one company keeps what Groundswell holds; the pseudonym key is never in it.

    Attributes:
        path: the folder itself.
    """

    path: Path

    @property
    def charter_file(self) -> Path:
        """The charter, readable and editable by hand."""
        return self.path / FILE

    @property
    def record_file(self) -> Path:
        """The hash-chained record of readings and releases."""
        return self.path / RECORD

    @property
    def store_folder(self) -> Path:
        """The tables, in one folder an epoch: the tables of an epoch share a key, and no two epochs can be joined."""
        return self.path / "store"

    @property
    def opt_out_file(self) -> Path:
        """Keyed hashes of who opted out."""
        return self.path / "opt-out.json"

    @property
    def releases_folder(self) -> Path:
        """What was let out with noise."""
        return self.path / "releases"

    def epochs(self) -> tuple[str, ...]:
        """Tags of the epochs so far, oldest first.

        Raises:
            PrivacyError: the record was changed by another hand.
        """
        return tuple(str(e.facts["key"]) for e in record.verify(self.record_file) if e.kind == EPOCH)

    def store(self) -> Store:
        """The tables of the present epoch, made if missing.

        Raises:
            InputError: the folder was not made by `groundswell init`.
        """
        self.check()
        epochs = self.epochs()
        return Store(self.store_folder / epochs[-1] if epochs else self.store_folder)

    def check(self) -> None:
        """Raise InputError if the folder was not made by `groundswell init`."""
        if not self.charter_file.is_file():
            raise InputError(str(self.path), "this is no company folder", expected=FILE, remedy="Make one with groundswell init")


def init(folder: Folder, charter: Charter, *, now: datetime) -> None:
    """Make a company folder with its charter.

    Raises:
        OutputError: it has a charter already, which is changed by hand, or it cannot be written.
    """
    may_begin(folder)
    try:
        folder.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(folder.charter_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf8") as out:
            out.write(to_toml(charter))
    except OSError as error:
        raise OutputError(str(folder.path), f"it cannot be written ({error.strerror})", remedy="Choose another folder") from error
    _enter_terms(folder, now)


def may_begin(folder: Folder) -> None:
    """Raise OutputError if a company folder cannot be made here: it has a charter, or a file stands in its place."""
    if folder.charter_file.exists():
        raise OutputError(str(folder.charter_file), "there is a charter already", remedy="Edit it by hand")
    if folder.path.exists() and not folder.path.is_dir():
        raise OutputError(str(folder.path), "this is a file", expected="the name of a folder", remedy="Choose another name")


def read(
    folder: Folder,
    paths: Iterable[Path],
    *,
    key: bytes,
    now: datetime,
    opt_out_key: bytes = b"",
    workers: int = WORKERS,
    progress: Progress | None = None,
    run: Runner | None = None,
) -> Report:
    """Add what is new at the paths to the folder; what it has is not read again, and nothing is taken away.

    A key that the folder has not met begins a new epoch, with tables of its own; who opted out is left out of them too.

    Args:
        folder: made by `init`.
        paths: exports, or folders of them.
        key: of the present epoch's pseudonyms.
        now: the moment, UTC.
        opt_out_key: of the remembered opt-outs; needed as soon as there are any.
        workers: processes of the heavy pass.
        progress: called after every step.
        run: where the heavy pass runs; processes of this machine if not given.

    Raises:
        InputError, NothingToReadError: nothing can be read, or the folder is none.
        PrivacyError: the record was changed by another hand, or the key is of an epoch that is over; nothing is read.
        StoreError: another run is writing.
    """
    paths = [Path(p) for p in paths]
    folder.check()
    _enter_terms(folder, now)
    opt_out = read_opt_out(folder.opt_out_file, opt_out_key)
    found = find(paths)
    names = read_names([*paths, folder.path])
    store = _store_of(folder, key, now)
    names = settled(names, store)
    report = ingest(store, found.exports, key=key, names=names, workers=workers, progress=progress, opt_out=opt_out, run=run)
    report.failed[:0] = found.closed
    sweep(store)
    kept_since = retention.since(record.verify(folder.record_file))
    if kept_since is not None:
        retention.drop(store, kept_since)  # an export may hold again what was forgotten
    for source, tally in sorted(report.tallies.items()):
        facts: dict[str, record.Fact] = {
            "source": source,
            "kept": tally.kept.total(),
            "skipped": tally.skipped.total(),
            "refused": tally.refused.total(),
        }
        record.append(folder.record_file, "read", facts, now=now)
    return report


def measure(folder: Folder, *, now: datetime, progress: Progress | None = None, engine: Engine | None = None) -> Page:
    """Answer every question of what the folder holds; with a complete charter, the page counts as released.

    A released page counts up to the end of the last quarter that is over, and every number is let out once a quarter.

    Args:
        folder: made by `init`.
        now: the moment, UTC.
        progress: called after every step.
        engine: where to count, closed by whoever opened it; the embedded engine if not given.

    Raises:
        NothingToReadError: nothing dated has been read into it.
        PrivacyError: the record was changed by another hand, or the charter lowers a protection.
    """
    store = folder.store()
    sweep(store)  # a reading that was killed may have left rows of who opted out
    _enter_terms(folder, now)
    charter = read_charter(folder.charter_file) or Charter()
    book, whole = _quarter(folder, charter, store.months(), now)
    entries = record.verify(folder.record_file)
    if not whole and any(entry.kind in LET_OUT for entry in entries):
        raise PrivacyError(
            str(folder.path),
            "results were released from here, and a trial would show the same people again without what protected them",
            expected="a complete charter, and a clock that is right",
            remedy="Answer every question of the charter again",
        )
    page = page_of(
        store,
        read_names([folder.path]),
        progress=progress,
        book=book if whole else None,
        engine=engine,
        phases=drawn(folder.record_file),
    )
    fixed = definitions.fixed(entries)
    page = replace(
        page,
        company=page.company or charter.organisation,
        charter=_lines(charter),
        fixed=definitions.lines(fixed, registry.measures()) if fixed else (),
    )
    return _released(folder, page, book, now) if whole else page


def _released(folder: Folder, page: Page, book: Book, now: datetime) -> Page:
    """Enter a page as released, with what the year's releases have spent so far."""
    facts: dict[str, record.Fact] = {
        "what": "page",
        "quarter": book.quarter,
        "rho": 0.0,
        "definitions": page.release_hash,
        "charter": _digest(folder),
    }
    record.append(folder.record_file, RELEASED, facts, now=now)
    steps = tuple(Spent(quarter=quarter, epsilon=spent) for quarter, spent in book.ledger.steps())
    return replace(page, trial=False, ledger=steps if steps and steps[-1].epsilon else (), budget=book.ledger.limit)


def _quarter(folder: Folder, charter: Charter, months: list[str], now: datetime) -> tuple[Book, bool]:
    """The book of the quarter that can be released, and whether it can: a quarter of which nothing is held yet cannot."""
    book = Book(
        record=folder.record_file,
        folder=folder.releases_folder,
        now=now,
        protection=read_protection(folder.charter_file),
        last=date.fromisoformat(f"{months[-1]}-01") if months else None,
    )
    return book, not charter.missing() and f"{book.end:%Y-%m}" >= min(months, default="9999")


def _enter_terms(folder: Folder, now: datetime) -> None:
    """Enter charter and definitions, where either is not what was entered last: before a trace is read, and at every change."""
    charters = [e.facts["digest"] for e in record.verify(folder.record_file) if e.kind == "charter"]
    if not charters or charters[-1] != _digest(folder):
        record.append(folder.record_file, "charter", {"digest": _digest(folder)}, now=now)
    held = definitions.definitions(registry.measures(), read_protection(folder.charter_file))
    definitions.enter(folder.record_file, held, now=now)


def _store_of(folder: Folder, key: bytes, now: datetime) -> Store:
    """The tables of this key's epoch; a new one is entered before its first row is stored."""
    tag, epochs = tag_of(key), folder.epochs()
    if tag in epochs[:-1]:
        raise PrivacyError(
            str(folder.path), "this key is of an epoch that is over", remedy="Read with the key of the present epoch"
        )
    if tag not in epochs:
        record.append(folder.record_file, EPOCH, {"key": tag, "since": now.date().isoformat()}, now=now)
    return folder.store()


def _lines(charter: Charter) -> tuple[tuple[Phrase, Phrase], ...]:
    """The charter's answers under their questions; an empty one is shown as empty."""
    answers = ((question, str(getattr(charter, name)).strip()) for name, question in QUESTIONS.items())
    return tuple((question, say("{answer}", answer=a) if a else say("not answered yet")) for question, a in answers)


def _digest(folder: Folder) -> str:
    return hashlib.sha256(folder.charter_file.read_bytes()).hexdigest()
