"""What one page is made of: findings, their definitions, what was read, and what could not be said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from groundswell.model.measure import Finding, Measure, Result
from groundswell.model.phrase import Phrase


class Says(StrEnum):
    """What a company's traces say to a hypothesis."""

    SUPPORTS = "supports"
    REFUTES = "refutes"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, kw_only=True)
class SourceCoverage:
    """What one connected source gave, and what it can never show.

    Attributes:
        name: name of the source, such as "slack".
        title: what people call it.
        family: a `Family` value: chat, code, usage, seats, people, selfreport.
        first, last: first and last UTC day seen; None when nothing was read.
        people: how many different people it shows; the page writes "fewer than 10" below ten.
        at_least: whether that number is a lower bound, as on every released page.
        records: how many records were read.
        skipped: reason -> how many bad records were passed over.
        refused: reason -> how many were not read by principle, such as direct messages.
        never: what this kind of source can never show, one plain English clause each.
        gaps: stretches without any trace, first and last day each.
    """

    name: str
    title: str
    family: str
    first: date | None
    last: date | None
    people: int
    records: int
    skipped: Mapping[str, int] = field(default_factory=dict)
    refused: Mapping[str, int] = field(default_factory=dict)
    never: tuple[str, ...] = ()
    gaps: tuple[tuple[date, date], ...] = ()
    at_least: bool = False


@dataclass(frozen=True, kw_only=True)
class Answerable:
    """A question, whether these traces can answer it, why, and what would.

    Attributes:
        chapter: key of the chapter it belongs to (`report.chapters`), so that a chapter without a finding says why; "" for none.
        question: in plain words.
        can: True if it is answered on this page.
        why: the reason, either way.
        unlock: what to add in order to know; None when `can`.
    """

    chapter: str = ""
    question: Phrase
    can: bool
    why: Phrase
    unlock: Phrase | None = None


@dataclass(frozen=True, kw_only=True)
class HypothesisVerdict:
    """One claim of docs/hypotheses.md and what these traces say to it.

    Attributes:
        code: "H1" to "H11".
        claim: the claim, in the words fixed in advance.
        says: supports, refutes or cannot tell.
        why: one sentence.
    """

    code: str
    claim: Phrase
    says: Says
    why: Phrase


@dataclass(frozen=True, kw_only=True)
class Published:
    """A published result beside ours.

    Attributes:
        source: the publication, as cited.
        figure: what it found.
        ours: our analogue, None when these traces do not allow one.
        differs: how the definitions differ.
        checked: where the figure was found; None if that is not said.
    """

    source: str
    figure: Phrase
    ours: Result | None
    differs: Phrase
    checked: Phrase | None = None


@dataclass(frozen=True, kw_only=True)
class Spent:
    """One step of the privacy ledger.

    Attributes:
        quarter: the quarter that was released, such as "2026-Q1".
        epsilon: spent in the year up to and with it, at the ledger's delta.
    """

    quarter: str
    epsilon: float


@dataclass(frozen=True, kw_only=True)
class Page:
    """Everything one page may show; a set of any findings makes a complete page.

    Attributes:
        company: the folder's own title; may be "".
        start, end: window, both days included.
        findings: one a measure, any subset.
        measures: definitions of the measures, for "how every number is defined".
        coverage: what was read.
        questions: what can and cannot be answered, and what would unlock it.
        hypotheses: H1 to H11.
        trial: True without a complete charter: the page is watermarked.
        release_hash: hash of the windows, thresholds and groupings fixed in advance (R8).
        fixed: when they were entered in the record, and what of them was changed afterwards; empty without a record.
        privacy_note: how people are protected in these results: floors only, or noise and its ledger.
        protections: name of a measure -> how what it rests on was protected on its way out; empty where that is not known.
        charter: label and text of each line of the charter; empty without one.
        reading: how well messages are read, one result an act or class; empty when no text was read.
        beside: published results.
        simulated: True if the company is invented by the simulator; the page says so.
        version: version of Groundswell that made it.
        ledger: the year's releases with noise, oldest first; empty where none was made.
        budget: epsilon of the year; 0 without a ledger.
        language: the language company.toml asks for; "" where it asks for none.
    """

    company: str
    start: date
    end: date
    findings: tuple[Finding, ...]
    measures: tuple[Measure, ...] = ()
    coverage: tuple[SourceCoverage, ...] = ()
    questions: tuple[Answerable, ...] = ()
    hypotheses: tuple[HypothesisVerdict, ...] = ()
    trial: bool = True
    release_hash: str = ""
    fixed: tuple[Phrase, ...] = ()
    privacy_note: Phrase | None = None
    protections: Mapping[str, Phrase] = field(default_factory=dict)
    charter: tuple[tuple[Phrase, Phrase], ...] = ()
    reading: tuple[Result, ...] = ()
    beside: tuple[Published, ...] = ()
    simulated: bool = False
    version: str = ""
    ledger: tuple[Spent, ...] = ()
    budget: float = 0.0
    language: str = ""
