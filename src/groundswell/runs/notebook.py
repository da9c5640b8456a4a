"""The verbs of the command line for a notebook: the same page, as tables, charts and text."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundswell.errors import GroundswellError
from groundswell.model.measure import Picture, Result
from groundswell.model.phrase import Phrase
from groundswell.report.page import Page

if TYPE_CHECKING:
    from altair import LayerChart

Row = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """A page that was made, to look at in whatever form.

    Attributes:
        page: everything it says, in no language yet.
        whole: False for `doctor`, whose HTML is only what was read and what it can answer.
        failed: exports that could not be read, each with why.
    """

    page: Page
    whole: bool = True
    failed: tuple[str, ...] = ()

    def sentences(self, lang: str = "en") -> dict[str, str]:
        """What each chapter says first, by the chapter's key: "said", "done", "lasted"..."""
        from groundswell.report.chapters import CHAPTERS, chapter_of
        from groundswell.report.words import words

        told: dict[str, str] = {}
        for chapter in CHAPTERS:
            for finding in self.page.findings:
                if chapter_of(finding, self.page.measures) == chapter.key:
                    told.setdefault(chapter.key, words(lang).say(finding.sentence))
        return told

    def to_html(self, lang: str = "en", also: Iterable[str] = ()) -> str:
        """The page as one HTML file that asks no host for anything."""
        from groundswell.report.render import render, render_coverage

        return (render if self.whole else render_coverage)(self.page, lang=lang, also=tuple(also))

    def to_json(self) -> str:
        """The page as JSON, as `report.forms` documents it."""
        from groundswell.report.forms import to_json

        return to_json(self.page)

    def to_markdown(self, lang: str = "en") -> str:
        """Every sentence, number and table as Markdown."""
        from groundswell.report.forms import to_markdown

        return to_markdown(self.page, lang=lang)

    def to_pdf(self, lang: str = "en") -> bytes:
        """The page on A4, printed by a browser of this machine.

        Raises:
            OutputError: there is none.
        """
        from groundswell.report.paper import to_pdf

        return to_pdf(self.to_html(lang))

    def tables(self, lang: str = "en") -> dict[str, list[Row]]:
        """The page's numbers as rows; `pandas.DataFrame(rows)` and `pyarrow.Table.from_pylist(rows)` both take them.

        Returns:
            `results`: one row a number: measure, key, group, label, estimate, low, high, level, unit, n_people, n_units,
                verdict, reason, unlock, start, end; estimate, low and high are None where it is withheld.
            `points`: one row a point of a picture: picture, line, x, value, low, high, at_risk; x counts days since 1970-01-01
                where `is_date`.
            `coverage`: one row a source: source, title, family, first, last, people (None below ten), records.
            `questions`: one row a question: question, can, why, unlock.
            `hypotheses`: one row a claim: code, claim, says, why.
            `published`: one row a published result: source, figure, ours, low, high, differs.
        """
        from groundswell.report.words import words

        return _tables(self.page, words(lang).say)

    def charts(self, lang: str = "en") -> dict[str, "LayerChart"]:
        """Every picture as an Altair chart, by the picture's key."""
        from groundswell.report.charts.draw import altair_chart

        return {picture.key: altair_chart(picture, lang=lang) for finding in self.page.findings for picture in finding.pictures}

    def _repr_html_(self) -> str:
        from html import escape

        return "".join(f"<p><b>{escape(key)}</b> {escape(text)}</p>" for key, text in self.sentences().items())


@dataclass(frozen=True)
class Pair:
    """Two companies, read in the same way."""

    first: Told
    second: Told

    def __iter__(self) -> Iterator[Told]:
        """The two, in the order of their columns."""
        return iter((self.first, self.second))

    def to_html(self, lang: str = "en", also: Iterable[str] = ()) -> str:
        """Both side by side, on common scales."""
        from groundswell.report.render import render_pair

        return render_pair((self.first.page, self.second.page), lang=lang, also=tuple(also))


def report(paths: str | Path | Iterable[str | Path], *, key: Path | None = None, workers: int = 1) -> Told:
    """Recognise, read and report, as `groundswell report` does; nothing read is kept.

    Args:
        paths: exports, repositories, or folders of them.
        key: file of the pseudonym key, made on first use; this user's own if not given.
        workers: processes that read; more than one needs a main module that can be imported, which a notebook is not.

    Raises:
        InputError, NothingToReadError: nothing can be read there.
    """
    return _told(paths, key, workers, whole=True)


def doctor(paths: str | Path | Iterable[str | Path], *, key: Path | None = None, workers: int = 1) -> Told:
    """Examine what lies at the paths: what is here, what it can answer, what it never will, as `groundswell doctor` does."""
    return _told(paths, key, workers, whole=False)


def simulate(folder: str | Path, *, people: int = 60, weeks: int = 60, policy: str = "both", seed: int = 7) -> Path:
    """Write an invented company as its exports, with the truth beside them; the same seed writes the same bytes.

    Args:
        folder: receives the exports.
        people: at least 24.
        weeks: at least 13.
        policy: "curious", "mandate", "both" or "none": what its leaders do.
        seed: of everything that is drawn.
    """
    from groundswell.simulation.exports.company import write
    from groundswell.simulation.policy import Policy
    from groundswell.simulation.world import simulate as invent

    write(invent(people=people, weeks=weeks, policy=Policy(policy), seed=seed), Path(folder))
    return Path(folder)


def demo(folder: str | Path, *, key: Path | None = None, seed: int = 7) -> Pair:
    """Invent two companies, read and audit them like real ones; takes a minute or two."""
    from groundswell.privacy.keyring import open_key
    from groundswell.runs.demo import demo as story

    Path(folder).mkdir(parents=True, exist_ok=True)
    first, second = story(Path(folder), key=open_key(key or _key_file()), seed=seed, workers=1)
    return Pair(Told(first), Told(second))


def _told(paths: str | Path | Iterable[str | Path], key: Path | None, workers: int, *, whole: bool) -> Told:
    from groundswell.privacy.keyring import open_key
    from groundswell.privacy.quiet import told
    from groundswell.runs.page import make_page
    from groundswell.runs.scratch import scratch
    from groundswell.store.tables import Store

    listed = [paths] if isinstance(paths, str | Path) else list(paths)
    try:
        with scratch() as place:
            store = Store(place / "store")
            reading = make_page([Path(p) for p in listed], store, key=open_key(key or _key_file()), workers=workers)
    except GroundswellError:
        raise
    except Exception as error:  # a notebook keeps what it prints, and its own message may quote a name or a text
        problem = f"a failure of ours: {told(error)}"
        raise GroundswellError("report", problem, remedy="Nothing more is told, since it could quote a message") from None
    return Told(reading.page, whole, tuple(str(error) for _, error in reading.failed))


def _key_file() -> Path:
    """Where the command line keeps this user's key too."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "groundswell" / "key"


def _tables(page: Page, say: Any) -> dict[str, list[Row]]:
    def said(phrase: Phrase | None) -> str | None:
        return None if phrase is None else str(say(phrase))

    return {
        "results": [_result(r, said) for f in page.findings for r in f.results],
        "points": [row for f in page.findings for p in f.pictures for row in _points(p, said)],
        "coverage": [
            {**_plain(c, "title", "family", "first", "last", "records"), "source": c.name, "people": c.people or None}
            for c in page.coverage
        ],
        "questions": [
            {"question": said(q.question), "can": q.can, "why": said(q.why), "unlock": said(q.unlock)} for q in page.questions
        ],
        "hypotheses": [
            {"code": h.code, "claim": said(h.claim), "says": h.says.value, "why": said(h.why)} for h in page.hypotheses
        ],
        "published": [
            {"source": b.source, "figure": said(b.figure), **_ours(b.ours), "differs": said(b.differs)} for b in page.beside
        ],
    }


def _points(picture: Picture, said: Any) -> list[Row]:
    """One row a point, in the order they are drawn."""
    return [
        {
            "picture": picture.key,
            "line": said(line.name),
            "is_date": picture.is_date,
            **_plain(at, "x", "value", "low", "high", "at_risk"),
        }
        for line in picture.lines
        for at in line.points
    ]


def _plain(row: Any, *names: str) -> Row:
    """Some fields of a row under their own names."""
    return {name: getattr(row, name) for name in names}


def _ours(result: Result | None) -> Row:
    """Our analogue of a published figure; None where these traces give none."""
    return {"ours": result and result.estimate, "low": result and result.low, "high": result and result.high}


def _result(result: Result, said: Any) -> Row:
    plain = ("measure", "key", "group", "estimate", "low", "high", "level", "unit", "n_people", "n_units", "start", "end")
    words = {"label": said(result.label), "reason": said(result.reason), "unlock": said(result.unlock)}
    return {**_plain(result, *plain), **words, "verdict": result.verdict.value}
