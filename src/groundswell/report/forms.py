"""The page as JSON, which programs read, and as Markdown, which people paste.

The JSON is one object: `format` is "groundswell.page", `version` counts up when a field changes its meaning or goes (new fields
may come at any time), and `page` holds the fields of `report.page.Page` under their own names. Dates are ISO 8601. A phrase is
`{"text", "values", "plain"}`: the English key of its translations, what fills it, and the whole in English. A finding carries
besides its own fields the `chapter` it stands in. A measure carries its SQL, and neither of its functions.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from groundswell.model.phrase import Phrase, say
from groundswell.report import certainty, coverage
from groundswell.report.chapters import chapter_of
from groundswell.report.charts.axes import day_of
from groundswell.report.page import Page
from groundswell.report.tables import Table
from groundswell.report.view import Block, Section, protection, unanswered, view
from groundswell.report.words import Words, words

FORMAT, VERSION = "groundswell.page", 1
FIXED = "Windows, thresholds and groupings were fixed before any trace was read; their hash is {hash}."
_MARKS = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>#|"})


def to_json(page: Page) -> str:
    """The page as JSON, indented, in a stable order."""
    content = _plain(page)
    for finding, held in zip(page.findings, content["findings"], strict=True):
        held["chapter"] = chapter_of(finding, page.measures)
    return json.dumps({"format": FORMAT, "version": VERSION, "page": content}, ensure_ascii=False, indent=1)


def to_markdown(page: Page, *, lang: str = "en") -> str:
    """The page as Markdown: every sentence, result and table, no picture."""
    spoken = Words(lang)
    shown = view((page,), (spoken,), drawn=False)
    lines = [f"# {_t(spoken, say('Is it real?'))}", ""]
    if page.trial:
        lines += [f"**{_t(spoken, say('Trial — not for circulation'))}**", ""]
    if page.company:
        lines += [f"**{page.company.translate(_MARKS)}**", ""]
    lines += [
        _t(
            spoken,
            say("What was said, done and lasted with AI, from {first:date} to {last:date}", first=page.start, last=page.end),
        ),
        "",
    ]
    for section in shown.sections:
        lines += [f"## {_t(spoken, section.chapter.title)}", "", *_section(section, spoken)]
    lines += _back(page, spoken, shown.folded)
    return "\n".join(lines).rstrip() + "\n"


def _section(section: Section, spoken: Words) -> Iterator[str]:
    for block in section.columns[0]:
        yield from _block(block, spoken)
    answer = section.answers[0]
    if not section.columns[0] and answer:
        why = f" {_t(spoken, answer.why)}" if answer.why else ""
        yield from (f"{_t(spoken, answer.sentence)}{why}", "")
    yield from (_t(spoken, section.chapter.about), "")


def _block(block: Block, spoken: Words) -> Iterator[str]:
    yield from (f"**{_t(spoken, block.sentence)}**", "")
    for figure in block.figures:
        yield from (
            f"### {_t(spoken, figure.picture.title)}",
            "",
            _t(spoken, figure.picture.alt),
            "",
            *_table(figure.table, spoken),
            "",
        )
        for n, mark in enumerate(figure.marks, 1):
            day = say("{day:date}: {label}", day=day_of(mark.x), label=mark.label) if figure.picture.is_date else mark.label
            yield f"{n}. {_t(spoken, day)}"
        if figure.marks:
            yield ""
    yield from (f"- {_said(entry, spoken)}" for entry in block.statements)
    if block.statements:
        yield ""
    if block.known:
        yield from (f"*{_t(spoken, say('How we know, and what we cannot tell.'))}* {_t(spoken, block.known)}", "")


def _said(entry: certainty.Statement, spoken: Words) -> str:
    between = f", {_t(spoken, entry.interval)}" if entry.interval else ""
    why = _t(spoken, entry.why) if entry.why else "."
    basis = f" {_t(spoken, entry.sure)} ({_t(spoken, entry.basis)})." if entry.basis else ""
    least = f" {_t(spoken, entry.least)}" if entry.least else ""
    labels = "; ".join(_t(spoken, label) for label in entry.labels)
    return f"{labels}: **{_t(spoken, entry.value)}**{between}{why}{basis}{least}"


def _table(table: Table, spoken: Words) -> Iterator[str]:
    yield f"| {' | '.join(_t(spoken, name) for name in table.head)} |"
    yield f"| {' | '.join('---' for _ in table.head)} |"
    for row in table.rows:
        yield f"| {' | '.join(_t(spoken, cell) if cell else '–' for cell in row)} |"


def _back(page: Page, spoken: Words, folded: Sequence[Section]) -> Iterator[str]:
    yield from (f"## {_t(spoken, say('What we could not answer, and what would unlock it'))}", "")
    for question in unanswered(page):
        yield f"- {_t(spoken, question.question)} {_t(spoken, certainty.because(question.why, question.unlock))}"
    for section in folded:
        for block in section.columns[0]:
            yield from (f"- {_said(entry, spoken)}" for entry in block.held)
    yield from ("", f"## {_t(spoken, say('What was read, and how well'))}", "")
    for source in page.coverage:
        yield f"- **{source.title.translate(_MARKS)}** {_t(spoken, coverage.seen(source))}"
    yield from (f"- {_said(entry, spoken)}" for entry in certainty.statements(page.reading, "message"))
    if page.hypotheses:
        yield from ("", f"## {_t(spoken, say('What we believed, and what these traces say to it'))}", "")
    for verdict in page.hypotheses:
        found = _t(spoken, coverage.clause(verdict.says))
        yield f"- {verdict.code} {_t(spoken, verdict.claim)} **{found}**: {_t(spoken, verdict.why)}"
    yield from ("", f"## {_t(spoken, say('How every number is defined'))}", "")
    for measure in page.measures:
        yield from (
            f"### {measure.code} {_t(spoken, measure.title)}",
            "",
            _t(spoken, measure.estimand),
            _t(spoken, protection(measure, page)),
            "",
        )
        for sql in measure.sql.values():
            yield from ("```sql", sql.strip(), "```", "")
    if page.release_hash:
        yield " ".join(_t(spoken, line) for line in (say(FIXED, hash=page.release_hash), *page.fixed))


def _t(spoken: Words, phrase: Phrase) -> str:
    return spoken.say(phrase).translate(_MARKS)


def _plain(value: Any) -> Any:
    """A value as JSON knows it; functions are left out."""
    if isinstance(value, Phrase):
        return {"text": value.text, "values": _plain(value.values), "plain": words("en").say(value)}
    if is_dataclass(value) and not isinstance(value, type):
        held = {field.name: getattr(value, field.name) for field in fields(value)}
        return {name: _plain(content) for name, content in held.items() if not callable(content)}
    if isinstance(value, Mapping):
        return {str(key): _plain(content) for key, content in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(content) for content in value]
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
