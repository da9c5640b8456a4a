"""Asks every question of a company: counted on the engine, released by privacy, estimated from the release alone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from groundswell import registry
from groundswell.model.measure import EngineLike, Finding, Measure
from groundswell.model.phrase import Phrase
from groundswell.model.trace import Family
from groundswell.privacy.book import Book
from groundswell.privacy.hold import hold
from groundswell.privacy.protection import DEFAULT
from groundswell.privacy.release import release
from groundswell.runs.definitions import definitions, whole
from groundswell.runs.seen import covered, seen_by
from groundswell.runs.steered import freeze
from groundswell.runs.words import closed_lists, literals

SOURCES = """
select source from traces union select source from acts union select source from usage_days union select source from seats
union select source from positions union select source from pulse_answers union select source from artefacts
"""


@dataclass(frozen=True)
class Answers:
    """What the measures say.

    Attributes:
        findings: one a measure, in the order of the page; withheld ones included.
        measures: their definitions, by name.
        release_hash: hash of every definition, fixed before a trace is read (R8).
        notes: name of a measure -> how what it was let out of is protected.
    """

    findings: tuple[Finding, ...]
    measures: Mapping[str, Measure]
    release_hash: str
    notes: Mapping[str, Phrase]


def measure(
    engine: EngineLike,
    measures: Mapping[str, Measure] | None = None,
    *,
    progress: Callable[[int, int, str], None] | None = None,
    book: Book | None = None,
) -> Answers:
    """Count, release and estimate every measure there is.

    Args:
        engine: a company opened by `runs.company`.
        measures: those asked, by name; all there are if None.
        progress: called with measures done, measures in all, and the name of the one just done.
        book: where releases of a company with a complete charter are paid for and kept; None for a trial.
    """
    measures = registry.measures() if measures is None else measures
    protection = book.protection if book else DEFAULT
    fixed = definitions(measures, protection)
    book = None if book is None else replace(book, definitions=fixed)
    known = closed_lists(engine)
    families, seen = _families(engine), seen_by(engine)
    findings, notes = [], {}
    for n, one in enumerate(measures.values(), 1):
        unseen = one.unseen if one.seen_in and not families & set(one.seen_in) else None
        out = release(one.count(engine), book=book, words=known | literals(one), unseen=unseen)
        held = hold(one.estimate(out), way=one.exit, protection=protection)
        findings.append(covered(held, seen.share(one.seen_in)))
        notes[one.name] = out.note
        if progress is not None:
            progress(n, len(measures), one.name)
    return Answers(freeze(findings, measures), measures, whole(fixed), notes)


def _families(engine: EngineLike) -> set[Family]:
    """Families of the sources that were read."""
    sources = registry.sources()
    read = {row["source"] for row in engine.run(SOURCES).to_pylist()}
    return {source.family for name, source in sources.items() if name in read}
