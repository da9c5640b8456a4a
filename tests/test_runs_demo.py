"""The demonstration keeps its one promise: a newcomer sees what the product tells apart."""

import re

import pytest

from groundswell.model.measure import Verdict
from groundswell.report.page import Page
from groundswell.runs.demo import demo

ANSWERED = ("follow_through", "adoption", "survival")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> tuple[Page, Page]:
    return demo(tmp_path_factory.mktemp("demo"), key=b"k" * 32)


def first(page: Page, measure: str):
    finding = next(f for f in page.findings if f.measure == measure)
    return next(r for r in finding.results if r.group == "organisation")


@pytest.mark.slow
@pytest.mark.parametrize("measure", ANSWERED)
def test_the_first_three_sentences_are_answered(pages: tuple[Page, Page], measure: str) -> None:
    """Said, done and lasted are each answered for both companies, through the ordinary pipeline with its reader and audit."""
    for page in pages:
        assert first(page, measure).verdict is not Verdict.WITHHELD, (page.company, measure, first(page, measure).reason)


@pytest.mark.slow
def test_use_lies_apart(pages: tuple[Page, Page]) -> None:
    """Marks of use lie apart, in the direction the companies' names say."""
    loud, quiet = (first(page, "adoption") for page in pages)
    assert loud.high is not None
    assert quiet.low is not None
    assert loud.high < quiet.low


@pytest.mark.slow
def test_more_is_taken_up_and_lasts_where_the_groundswell_is(pages: tuple[Page, Page]) -> None:
    """Follow-through and lasting point where the planted truth points."""
    for measure in ("follow_through", "survival"):
        loud, quiet = (first(page, measure) for page in pages)
        assert loud.estimate is not None
        assert quiet.estimate is not None
        assert loud.estimate < quiet.estimate


@pytest.mark.slow
def test_how_well_messages_are_read_stands_beside_what_was_read(pages: tuple[Page, Page]) -> None:
    """The audit of the reader is told with the coverage; it is no finding about the company, and nothing lies apart by it."""
    for page in pages:
        assert page.reading
        assert "reliability" not in {finding.measure for finding in page.findings}
        assert "reliability" in {measure.name for measure in page.measures}


def test_steps_of_both_companies_add_up() -> None:
    """The progress bar never runs backwards, though each company reads first and measures after."""
    from groundswell.runs.demo import _Board

    heard: list[tuple[int, int, str]] = []
    board = _Board(lambda done, total, what: heard.append((done, total, what)))
    for name, done, total in (
        ("a", 0, 2),
        ("a", 1, 2),
        ("b", 1, 3),
        ("a", 2, 2),
        ("a", 1, 5),
        ("b", 2, 3),
        ("b", 3, 3),
        ("b", 1, 5),
    ):
        board.step(name, done, total, "slack")
    assert [done for done, _, _ in heard] == [0, 1, 2, 3, 4, 5, 6, 7]
    assert all(done <= total for done, total, _ in heard)


def test_folder_names_are_titles() -> None:
    """Each company of the simulator has a title on the page."""
    from groundswell.runs.demo import TITLES
    from groundswell.simulation.demo import NAMES

    assert set(NAMES) == set(TITLES)
    assert all(re.fullmatch(r"[A-Z][a-z ]+", title) for title in TITLES.values())
