"""Turns pages into what the template walks through: phrases and drawings, in no language yet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from groundswell.model.measure import Exit, Finding, Mark, Measure, Picture, Shape
from groundswell.model.phrase import Phrase, say
from groundswell.report import certainty, ledger, pairing
from groundswell.report.chapters import CHAPTERS, OPENING, Chapter, chapter, chapter_of
from groundswell.report.charts.draw import Drawing, draw, highest, lowest
from groundswell.report.charts.house import HALF, NARROW, WIDE, WIDEST, Room
from groundswell.report.names import INVENTED
from groundswell.report.page import Answerable, Page, Published
from groundswell.report.pairing import Compared
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

    @property
    def shown(self) -> tuple[certainty.Statement, ...]:
        """What was let out."""
        return tuple(entry for entry in self.statements if entry.grade is not certainty.Grade.WITHHELD)

    @property
    def held(self) -> tuple[certainty.Statement, ...]:
        """What was withheld, one entry a reason."""
        return tuple(entry for entry in self.statements if entry.grade is certainty.Grade.WITHHELD)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One of the three opening sentences.

    Attributes:
        sentence: what we can say, or that we cannot.
        sure: the headline result in words; None when there is none.
        why: why we cannot say, and what would unlock it; None when we can.
        told: True if the sentence says the headline's value already.
        reserve: why the headline is only indicative; None when it is published.
        other: True if the sentence is about something withheld, and the headline about something else that can be said.
    """

    sentence: Phrase
    sure: certainty.Statement | None
    why: Phrase | None
    told: bool = False
    reserve: Phrase | None = None
    other: bool = False


@dataclass(frozen=True, kw_only=True)
class Row:
    """What one measure found, company by company, and what can be compared."""

    blocks: tuple[Block | None, ...]
    compared: tuple[Compared, ...]

    @property
    def known(self) -> Phrase | None:
        """How we know, where it is the same for all; None where it is not."""
        said = {(block.known.text, repr(block.known.values)): block.known for block in self.blocks if block and block.known}
        return next(iter(said.values())) if len(said) == 1 else None


@dataclass(frozen=True, kw_only=True)
class Section:
    """A chapter, one column a page; `rows` are the same blocks measure by measure, for companies side by side."""

    chapter: Chapter
    columns: tuple[tuple[Block, ...], ...]
    answers: tuple[Answer | None, ...]
    rows: tuple[Row, ...] = ()

    @property
    def carries(self) -> bool:
        """Whether any company's traces carry a number, a picture or a sentence of it that is not a refusal."""
        return any(block.figures or block.shown or not block.held for column in self.columns for block in column)


@dataclass(frozen=True, kw_only=True)
class View:
    """Everything the template needs; `told_apart`, `apart`, `also_apart` and `strip` are of companies side by side only.

    A chapter of which nothing can be said stands in `folded`, for the list of what could not be answered: traces that carry
    less make a shorter page. The three that open it always stand in `sections`.
    """

    pages: tuple[Page, ...]
    sections: tuple[Section, ...]
    folded: tuple[Section, ...]
    opening: tuple[Section, ...]
    measures: tuple[Measure, ...]
    reading: tuple[tuple[certainty.Statement, ...], ...]
    told_apart: Phrase | None = None
    apart: tuple[Phrase, ...] = ()
    also_apart: tuple[Phrase, ...] = ()
    strip: Figure | None = None
    ledger: Figure | None = None


def view(pages: Sequence[Page], languages: Sequence[Words], *, drawn: bool = True) -> View:
    """Arrange one page, or several side by side with common scales.

    Args:
        pages: the companies, in the order of their columns.
        languages: every language it will be said in; the first one's alphabet sorts names.
        drawn: False leaves the pictures undrawn, for forms that show tables only.
    """
    held = [_by_chapter(page) for page in pages]
    draws = _Draws(pages, languages, drawn=drawn)
    sections = []
    for entry in CHAPTERS:
        findings = [by_key.get(entry.key, []) for by_key in held]
        if entry.key not in OPENING and not any(findings):
            continue
        columns = tuple(
            tuple(_block(finding, page, draws) for finding in found) for page, found in zip(pages, findings, strict=True)
        )
        answers = tuple(_answer(entry.key, page, found) for page, found in zip(pages, findings, strict=True))
        rows = _rows(findings, columns, pages) if len(pages) > 1 else ()
        sections.append(Section(chapter=entry, columns=columns, answers=answers, rows=rows))
    measures = {measure.name: measure for page in pages for measure in page.measures}
    numbers = [row.compared for section in sections for row in section.rows]
    every = [compared for rows in numbers for compared in rows]
    by_chapter = [[compared for row in section.rows for compared in row.compared] for section in sections]
    first = pairing.foremost(by_chapter)
    picture = pairing.strip(numbers, [_name(n, page) for n, page in enumerate(pages)]) if len(pages) > 1 else None
    kept = [section for section in sections if section.carries or section.chapter.key in OPENING]
    return View(
        pages=tuple(pages),
        sections=tuple(kept),
        folded=tuple(section for section in sections if section not in kept),
        opening=tuple(section for section in sections if section.chapter.key in OPENING),
        measures=tuple(sorted(measures.values(), key=lambda measure: measure.order)),
        reading=tuple(certainty.statements(page.reading, "message") for page in pages),
        told_apart=pairing.sentence(every) if len(pages) > 1 else None,
        apart=tuple(_in_words(sections[n], row) for n, row in first),
        also_apart=tuple(
            _in_words(section, row)
            for section, rows in zip(sections, by_chapter, strict=True)
            for row in rows
            if row.apart and not any(row is other for _, other in first)
        ),
        ledger=draws.figure(spent) if len(pages) == 1 and (spent := ledger.picture(pages[0])) else None,
        strip=None if picture is None else draws.figure(picture, rooms={"wide": WIDEST, "narrow": NARROW}),
    )


def _in_words(section: Section, row: Compared) -> Phrase:
    """One difference between two companies in words, in the order of their columns."""
    one, other = (entry.value for entry in row.statements[:2] if entry is not None)
    return say("{chapter}: {label}, {one} and {other}", chapter=section.chapter.short, label=row.label, one=one, other=other)


def unanswered(page: Page) -> tuple[Answerable, ...]:
    """Questions the page cannot answer."""
    return tuple(question for question in page.questions if not question.can)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question that at least one company cannot answer; `answers` holds what each is told, None where it can."""

    question: Phrase
    answers: tuple[Answerable | None, ...]

    @property
    def alike(self) -> Answerable | None:
        """The answer, where it is the same for all."""
        first = self.answers[0]
        return first if first and all(a and (a.why, a.unlock) == (first.why, first.unlock) for a in self.answers) else None


def asked(pages: Sequence[Page]) -> tuple[Asked, ...]:
    """Questions that one company or another cannot answer, in order."""
    held = [{q.question.text: q for q in unanswered(page)} for page in pages]
    return tuple(
        Asked(question=next(one[text].question for one in held if text in one), answers=tuple(one.get(text) for one in held))
        for text in dict.fromkeys(text for one in held for text in one)
    )


def published(pages: Sequence[Page]) -> tuple[tuple[Published, ...], ...]:
    """Published results beside which at least one company has a number, one row a result, one column a company."""
    rows = zip(*(page.beside for page in pages if page.beside), strict=False)
    return tuple(row for row in rows if any(entry.ours and entry.ours.estimate is not None for entry in row))


def protection(measure: Measure, page: Page) -> Phrase:
    """How people are protected in a measure's results: as they were let out, else as such results are."""
    if measure.name in page.protections:
        return page.protections[measure.name]
    if measure.exit is Exit.PEOPLE:
        return say(
            "counts of people: small groups never appear; from 100 people on, counts carry noise and a yearly ledger limits them"
        )
    return say("protected by aggregation, not by differential privacy")


def assumed(measure: Measure, pages: Sequence[Page]) -> tuple[Phrase, ...]:
    """What must hold for a measure's numbers: what its definition says, then what single numbers that were let out add."""
    held = [
        clause
        for page in pages
        for finding in page.findings
        if finding.measure == measure.name
        for result in finding.results
        if result.estimate is not None
        for clause in result.assumptions
    ]
    said = {(clause.text, repr(clause.values)): clause for clause in (*measure.assumptions, *held)}
    return tuple(said.values())


def seen(measure: Measure, page: Page) -> Phrase:
    """What share of a company's people the sources behind a measure show."""
    shares = [r.coverage for f in page.findings if f.measure == measure.name for r in f.results if r.coverage is not None]
    if not shares:
        return say("How many of the people its sources show is not known: there is no org chart, or none of ten people.")
    if min(shares) == 0:
        return say("Its sources show fewer than a tenth of the people in the org chart.")
    return say("Its sources show at least {share:percent} of the people in the org chart.", share=min(shares))


def _by_chapter(page: Page) -> dict[str, list[Finding]]:
    orders = {measure.name: measure.order for measure in page.measures}
    found: dict[str, list[Finding]] = {}
    for finding in sorted(page.findings, key=lambda finding: orders.get(finding.measure, 1_000)):
        found.setdefault(chapter_of(finding, page.measures), []).append(finding)
    return found


class _Draws:
    """Draws pictures for every room and language, on scales that all pages share."""

    def __init__(self, pages: Sequence[Page], languages: Sequence[Words], *, drawn: bool) -> None:
        self._languages = languages
        self._rooms = {"wide": WIDE if len(pages) == 1 else HALF, "narrow": NARROW} if drawn else {}
        self._tops: dict[str, float] = {}
        self._bottoms: dict[str, float] = {}
        for picture in (picture for page in pages for finding in page.findings for picture in finding.pictures):
            self._tops[picture.key] = max(self._tops.get(picture.key, 0.0), highest(picture))
            self._bottoms[picture.key] = min(self._bottoms.get(picture.key, 0.0), lowest(picture))

    def figure(self, picture: Picture, rooms: Mapping[str, Room] | None = None) -> Figure:
        """A picture with all that stands for it."""
        rooms = self._rooms if rooms is None or not self._rooms else rooms
        top, bottom = self._tops.get(picture.key), self._bottoms.get(picture.key)
        return Figure(
            picture=picture,
            drawings={name: draw(picture, self._languages, room, top=top, bottom=bottom) for name, room in rooms.items()},
            table=table_of(picture, self._languages[0]),
            marks=() if picture.shape is Shape.INTERVALS else picture.marks,
        )


def _block(finding: Finding, page: Page, draws: _Draws) -> Block:
    return Block(
        sentence=finding.sentence,
        figures=tuple(draws.figure(picture) for picture in finding.pictures),
        statements=certainty.statements(finding.results, _unit(finding.measure, page), told=certainty.clauses(finding.sentence)),
        known=finding.known,
    )


def _rows(findings: Sequence[Sequence[Finding]], columns: Sequence[Sequence[Block]], pages: Sequence[Page]) -> tuple[Row, ...]:
    blocks = [
        {finding.measure: block for finding, block in zip(found, column, strict=True)}
        for found, column in zip(findings, columns, strict=True)
    ]
    return tuple(
        Row(blocks=tuple(column.get(name) for column in blocks), compared=pairing.compared(side, _unit(name, pages[0])))
        for name, side in pairing.by_measure(findings).items()
    )


def _unit(measure: str, page: Page) -> str:
    """The measure's word for one of the units its results rest on."""
    return next((held.unit for held in page.measures if held.name == measure), "")


def company(page: Page) -> Phrase:
    """A company's own name; that of an invented one is translated where it can be."""
    return Phrase(page.company) if page.simulated and page.company in INVENTED else say("{name}", name=page.company)


def _name(n: int, page: Page) -> Phrase:
    """What a company's column is called."""
    if page.company:
        return company(page)
    return say("The first company") if n == 0 else say("The second company")


def _answer(key: str, page: Page, findings: Sequence[Finding]) -> Answer | None:
    if findings:
        return _found(findings[0], page)
    if key not in OPENING:
        return None
    question = next((q for q in page.questions if q.chapter == key and not q.can), None)
    why = None if question is None else certainty.because(question.why, question.unlock)
    return Answer(sentence=_cannot_tell(key), sure=None, why=why)


def _found(finding: Finding, page: Page) -> Answer:
    headline = certainty.headline(finding)
    if headline is None:
        return Answer(sentence=finding.sentence, sure=None, why=None)
    if headline.reason is not None and headline.estimate is None:
        # The sentence usually holds the reason already; it is not said twice.
        told = any(value == headline.reason for value in finding.sentence.values.values())
        unlock = None if headline.unlock is None else certainty.to_know(headline.unlock)
        whole = certainty.because(headline.reason, headline.unlock)
        return Answer(sentence=finding.sentence, sure=None, why=unlock if told else whole)
    return Answer(
        sentence=finding.sentence,
        sure=certainty.statement(headline, _unit(finding.measure, page)),
        why=None,
        told=certainty.holds(finding.sentence, headline.estimate or 0.0),
        reserve=None if headline.reason is None else certainty.because(headline.reason, headline.unlock),
        other=finding.results[0].estimate is None,
    )


def _cannot_tell(key: str) -> Phrase:
    match key:
        case "said":
            return say("What was said cannot be told from these traces.")
        case "done":
            return say("What was done cannot be told from these traces.")
        case _:
            return say("What lasted cannot be told from these traces.")


__all__ = [
    "Answer",
    "Block",
    "Figure",
    "Section",
    "View",
    "asked",
    "assumed",
    "chapter",
    "company",
    "protection",
    "published",
    "seen",
    "unanswered",
    "view",
]
