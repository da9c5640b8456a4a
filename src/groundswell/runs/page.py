"""From paths to a page: find, read, ask, and gather what was answered and what was not."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from groundswell import __version__
from groundswell.errors import GroundswellError, NothingToReadError
from groundswell.model.measure import EngineLike, Finding, Measure, Verdict
from groundswell.model.phrase import Phrase, say
from groundswell.privacy.book import Book
from groundswell.privacy.protection import DEFAULT, Protection
from groundswell.report.chapters import chapter_of
from groundswell.report.page import Answerable, Page
from groundswell.runs.company import Engine, open_company
from groundswell.runs.coverage import coverage
from groundswell.runs.find import Found, find
from groundswell.runs.hypotheses import verdicts
from groundswell.runs.ingest import WORKERS, Report, ingest
from groundswell.runs.measure import Answers, measure
from groundswell.runs.names import Names, read_names
from groundswell.runs.published import beside
from groundswell.store.tables import Store

if TYPE_CHECKING:
    import pyarrow as pa

Progress = Callable[[int, int, str], None]
"""Called with steps done, steps in all, and what was just done."""


@dataclass(frozen=True)
class Reading:
    """What one run read, and the page it gives."""

    found: Found
    report: Report
    page: Page

    @property
    def failed(self) -> list[tuple[Path, GroundswellError]]:
        """Exports that could not be read and files that never are, each with its error."""
        return [*self.found.closed, *self.report.failed]


RELIABILITY = "reliability"
"""The measure of the reader itself: it stands beside what was read, not among what was found."""


def make_page(
    paths: Iterable[Path], store: Store, *, key: bytes, workers: int = WORKERS, progress: Progress | None = None
) -> Reading:
    """Read what lies at the paths and answer every question of it.

    Args:
        paths: files and folders, given in any order.
        store: where rows go; what it already has is not read again.
        key: of the pseudonyms.
        workers: processes of the heavy pass.
        progress: called after every step.

    Raises:
        InputError, NothingToReadError: nothing can be read, or nothing dated is in it.
        StoreError: another run is writing.
    """
    paths = [Path(p) for p in paths]
    names = read_names(paths)
    found = find(paths)
    report = ingest(store, found.exports, key=key, names=names, workers=workers, progress=progress)
    try:
        return Reading(found, report, page_of(store, names, progress=progress))
    except NothingToReadError as error:
        raise NothingToReadError(", ".join(map(str, paths)), error.problem, remedy=error.remedy) from error


def page_of(
    store: Store,
    names: Names,
    *,
    progress: Progress | None = None,
    book: Book | None = None,
    engine: Engine | None = None,
    phases: "pa.Table | None" = None,
) -> Page:
    """Answer every question of what a store holds; with a book, of what it holds up to the end of its quarter.

    `phases` is the drawn order of a programme, if there is one (M13). An engine that is given, such as a cluster, stays open
    for its owner; the embedded one is closed.
    """
    opened = open_company(store, end=book.end if book else None, engine=engine)
    try:
        if phases is not None:
            opened.register("phases", phases)
        return _page(store, opened, measure(opened, progress=progress, book=book), names, book)
    finally:
        if engine is None:
            opened.close()


def _page(store: Store, engine: EngineLike, answers: Answers, names: Names, book: Book | None) -> Page:
    period = engine.run("select start_day, end_day from period").to_pylist()[0]
    people = engine.run("select count(distinct person) as n from traces where person > 0 and actor_kind = 'person'").to_pylist()[
        0
    ]["n"]
    return Page(
        company=names.company,
        start=period["start_day"],
        end=period["end_day"],
        findings=tuple(f for f in answers.findings if f.measure != RELIABILITY),
        measures=tuple(answers.measures.values()),
        coverage=coverage(store, engine, released=book is not None),
        questions=tuple(_answerable(f, answers.measures) for f in answers.findings),
        hypotheses=verdicts(answers.findings),
        reading=tuple(
            r for f in answers.findings if f.measure == RELIABILITY for r in f.results if r.verdict is not Verdict.WITHHELD
        ),
        beside=beside(answers.findings),
        release_hash=answers.release_hash,
        privacy_note=_privacy_note(people, answers.notes, book.protection if book else DEFAULT),
        protections=answers.notes,
        simulated=names.simulated,
        version=__version__,
        language=names.language,
    )


def _answerable(finding: Finding, measures: Mapping[str, Measure]) -> Answerable:
    """A question is answered if any of its numbers is let out; else the first reason that withholds one says why not."""
    held = [r for r in finding.results if r.verdict is Verdict.WITHHELD]
    can = len(held) < len(finding.results)
    why: Phrase = finding.sentence if can or not held or held[0].reason is None else held[0].reason
    return Answerable(
        chapter=chapter_of(finding, tuple(measures.values())),
        question=measures[finding.measure].question,
        can=can,
        why=why,
        unlock=None if can or not held else held[0].unlock,
    )


def _privacy_note(people: int, notes: Mapping[str, Phrase], protection: Protection) -> Phrase:
    """What protects people on this page, and no more: noise is named only where some was added."""
    if people < protection.noised_from:
        return say(
            "Fewer than {n:count} people left traces: floors alone protect them, no noise is added.",
            n=int(protection.noised_from),
        )
    if any("sigma" in note.values for note in notes.values()):
        return say("Counts of people are protected by floors and noise; results about practices by aggregation.")
    return say("Counts of people are protected by floors; results about practices by aggregation.")
