"""Asks every question of a company: counted on the engine, released by privacy, estimated from the release alone."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from groundswell import __version__, registry
from groundswell.model.measure import EngineLike, Finding, Measure
from groundswell.model.trace import Family
from groundswell.privacy.book import Book
from groundswell.privacy.release import release
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
    """

    findings: tuple[Finding, ...]
    measures: Mapping[str, Measure]
    release_hash: str


def measure(engine: EngineLike, *, progress: Callable[[int, int, str], None] | None = None, book: Book | None = None) -> Answers:
    """Count, release and estimate every measure there is.

    Args:
        engine: a company opened by `runs.company`.
        progress: called with measures done, measures in all, and the name of the one just done.
        book: where releases of a company with a complete charter are paid for and kept; None for a trial.
    """
    measures = registry.measures()
    fixed = definitions_hash(measures)
    book = None if book is None else replace(book, definitions=fixed)
    known = closed_lists(engine)
    families = _families(engine)
    findings = []
    for n, one in enumerate(measures.values(), 1):
        unseen = one.unseen if one.seen_in and not families & set(one.seen_in) else None
        findings.append(one.estimate(release(one.count(engine), book=book, words=known | literals(one), unseen=unseen)))
        if progress is not None:
            progress(n, len(measures), one.name)
    return Answers(tuple(findings), measures, fixed)


def _families(engine: EngineLike) -> set[Family]:
    """Families of the sources that were read."""
    sources = registry.sources()
    read = {row["source"] for row in engine.run(SOURCES).to_pylist()}
    return {source.family for name, source in sources.items() if name in read}


def definitions_hash(measures: Mapping[str, Measure]) -> str:
    """Hash of what is fixed before a trace is read: each measure's SQL, estimand and assumptions, and this version."""
    whole = hashlib.sha256(__version__.encode())
    for name in sorted(measures):
        one = measures[name]
        parts = [name, one.code, one.estimand.text, *(a.text for a in one.assumptions)]
        parts += [f"{key}={one.sql[key]}" for key in sorted(one.sql)]
        whole.update("\0".join(parts).encode())
    return whole.hexdigest()[:16]
