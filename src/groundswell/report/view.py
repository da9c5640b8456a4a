"""Turns pages into what the template walks through: phrases and drawings, in no language yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from groundswell.model.measure import Exit, Finding, Mark, Measure, Picture
from groundswell.model.phrase import Phrase, say
from groundswell.report import certainty
from groundswell.report.chapters import CHAPTERS, OPENING, Chapter, chapter, chapter_of
from groundswell.report.charts.draw import Drawing, draw, highest
from groundswell.report.charts.house import HALF, NARROW, WIDE, Room
from groundswell.report.page import Answerable, Page
from groundswell.report.tables import Table, table_of
from groundswell.report.words import Words


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One picture with everything that stands for it.

    Attributes:
        picture: title, alternative text, key.
        drawings: drawing by name of its room: "wide" and "narrow".
        table: the same as a table.
        marks: numbered marks, as they stand in the picture.
    """

    picture: Picture
    drawings: Mapping[str, Drawing]
    table: Table
    marks: tuple[Mark, ...]


@dataclass(frozen=True, kw_only=True)
class Block:
    """One finding: sentence, figures, results, and how we know."""

    sentence: Phrase
    figures: tuple[Figure, ...]
    statements: tuple[certainty.Statement, ...]
    known: Phrase | None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One of the three opening sentences.

    Attributes:
        sentence: what we can say, or that we cannot.
        sure: the headline result in words; None when there is none.
        why: why we cannot say, and what would unlock it; None when we can.
    """

    sentence: Phrase
    sure: certainty.Statement | None
    why: Phrase | None


@dataclass(frozen=True, kw_only=True)
class Section:
    """A chapter, one column a page."""

    chapter: Chapter
    columns: tuple[tuple[Block, ...], ...]
    answers: tuple[Answer | None, ...]


@dataclass(frozen=True, kw_only=True)
class View:
    """Everything the template needs."""

    pages: tuple[Page, ...]
    sections: tuple[Section, ...]
    opening: tuple[Section, ...]
    measures: tuple[Measure, ...]
    reading: tuple[tuple[certainty.Statement, ...], ...]


def view(pages: Sequence[Page], languages: Sequence[Words], *, drawn: bool = True) -> View:
    """Arrange one page, or several side by side with common scales.

    Args:
        pages: the companies, in the order of their columns.
        languages: every language it will be said in; the first one's alphabet sorts names.
        drawn: False leaves the pictures undrawn, for forms that show tables only.
    """
    held = [_by_chapter(page) for page in pages]
    tops = _tops(pages)
    rooms = {"wide": WIDE if len(pages) == 1 else HALF, "narrow": NARROW} if drawn else {}
    sections = []
    for entry in CHAPTERS:
        findings = [by_key.get(entry.key, ()) for by_key in held]
        if entry.key not in OPENING and not any(findings):
            continue
        columns = tuple(
            tuple(_block(finding, page, languages, rooms, tops) for finding in found)
            for page, found in zip(pages, findings, strict=True)
        )
        answers = tuple(_answer(entry.key, page, found) for page, found in zip(pages, findings, strict=True))
        sections.append(Section(chapter=entry, columns=columns, answers=answers))
    measures = {measure.name: measure for page in pages for measure in page.measures}
    return View(
        pages=tuple(pages),
        sections=tuple(sections),
        opening=tuple(section for section in sections if section.chapter.key in OPENING),
        measures=tuple(sorted(measures.values(), key=lambda measure: measure.order)),
        reading=tuple(certainty.statements(page.reading, "message") for page in pages),
    )


def unanswered(page: Page) -> tuple[Answerable, ...]:
    """Questions the page cannot answer."""
    return tuple(question for question in page.questions if not question.can)


def protection(measure: Measure) -> Phrase:
    """How people are protected in a measure's results."""
    if measure.exit is Exit.PEOPLE:
        return say(
            "counts of people: small groups never appear; from 100 people on, counts carry noise and a yearly ledger limits them"
        )
    return say("protected by aggregation, not by differential privacy")


def _by_chapter(page: Page) -> dict[str, list[Finding]]:
    orders = {measure.name: measure.order for measure in page.measures}
    found: dict[str, list[Finding]] = {}
    for finding in sorted(page.findings, key=lambda finding: orders.get(finding.measure, 1_000)):
        found.setdefault(chapter_of(finding, page.measures), []).append(finding)
    return found


def _tops(pages: Sequence[Page]) -> dict[str, float]:
    """Highest value of each picture over all pages, so that columns share a scale."""
    tops: dict[str, float] = {}
    for page in pages:
        for finding in page.findings:
            for picture in finding.pictures:
                tops[picture.key] = max(tops.get(picture.key, 0.0), highest(picture))
    return tops


def _block(
    finding: Finding, page: Page, languages: Sequence[Words], rooms: Mapping[str, Room], tops: Mapping[str, float]
) -> Block:
    unit = next((measure.unit for measure in page.measures if measure.name == finding.measure), "")
    figures = tuple(
        Figure(
            picture=picture,
            drawings={name: draw(picture, languages, room, top=tops[picture.key]) for name, room in rooms.items()},
            table=table_of(picture, languages[0]),
            marks=picture.marks,
        )
        for picture in finding.pictures
    )
    return Block(
        sentence=finding.sentence,
        figures=figures,
        statements=certainty.statements(finding.results, unit),
        known=finding.known,
    )


def _answer(key: str, page: Page, findings: Sequence[Finding]) -> Answer | None:
    if findings:
        return _found(findings[0], page)
    if key not in OPENING:
        return None
    question = next((q for q in page.questions if q.chapter == key and not q.can), None)
    why = None if question is None else certainty.because(question.why, question.unlock)
    return Answer(sentence=_cannot_tell(key), sure=None, why=why)


def _found(finding: Finding, page: Page) -> Answer:
    headline = certainty.headline(finding.results)
    if headline is None:
        return Answer(sentence=finding.sentence, sure=None, why=None)
    if headline.reason is not None and headline.estimate is None:
        # The sentence usually holds the reason already; it is not said twice.
        told = any(value == headline.reason for value in finding.sentence.values.values())
        unlock = None if headline.unlock is None else certainty.to_know(headline.unlock)
        whole = certainty.because(headline.reason, headline.unlock)
        return Answer(sentence=finding.sentence, sure=None, why=unlock if told else whole)
    unit = next((measure.unit for measure in page.measures if measure.name == finding.measure), "")
    return Answer(sentence=finding.sentence, sure=certainty.statement(headline, unit), why=None)


def _cannot_tell(key: str) -> Phrase:
    match key:
        case "said":
            return say("What was said cannot be told from these traces.")
        case "done":
            return say("What was done cannot be told from these traces.")
        case _:
            return say("What lasted cannot be told from these traces.")


__all__ = ["Answer", "Block", "Figure", "Section", "View", "chapter", "protection", "unanswered", "view"]
