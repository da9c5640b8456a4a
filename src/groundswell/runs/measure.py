"""Asks every question of a company: counted on the engine, released by privacy, estimated from the release alone."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from groundswell import __version__, registry
from groundswell.model.measure import EngineLike, Finding, Measure
from groundswell.privacy.book import Book
from groundswell.privacy.release import release
from groundswell.runs.words import closed_lists, literals


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
    findings = []
    for n, one in enumerate(measures.values(), 1):
        findings.append(one.estimate(release(one.count(engine), book=book, words=known | literals(one))))
        if progress is not None:
            progress(n, len(measures), one.name)
    return Answers(tuple(findings), measures, fixed)


def definitions_hash(measures: Mapping[str, Measure]) -> str:
    """Hash of what is fixed before a trace is read: each measure's SQL, estimand and assumptions, and this version."""
    whole = hashlib.sha256(__version__.encode())
    for name in sorted(measures):
        one = measures[name]
        parts = [name, one.code, one.estimand.text, *(a.text for a in one.assumptions)]
        parts += [f"{key}={one.sql[key]}" for key in sorted(one.sql)]
        whole.update("\0".join(parts).encode())
    return whole.hexdigest()[:16]
