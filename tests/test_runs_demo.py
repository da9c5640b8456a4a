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


def quantity(page: Page, measure: str, key: str):
    finding = next(f for f in page.findings if f.measure == measure)
    return next(r for r in finding.results if r.key == key)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("measure", "key"),
    [
        ("follow_through", "follow_through"),
        ("adoption", "people_last_quarter"),
        ("survival", "alive_90"),
        ("survival", "alive_180"),
    ],
)
def test_said_done_and_lasted_lie_apart(pages: tuple[Page, Page], measure: str, key: str) -> None:
    """What is announced happens, is used and lasts where the groundswell is; the two intervals do not touch."""
    loud, quiet = (quantity(page, measure, key) for page in pages)
    assert loud.high is not None, loud.reason
    assert quiet.low is not None, quiet.reason
    assert loud.high < quiet.low


@pytest.mark.slow
def test_what_is_shared_is_heard_by_some(pages: tuple[Page, Page]) -> None:
    """The listening gap is neither none nor all of what was shared: most of it stays in its team, as in the planted worlds."""
    for page in pages:
        gap = quantity(page, "listening", "gap")
        assert gap.estimate is not None, gap.reason
        assert 0.2 < gap.estimate < 0.9


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
