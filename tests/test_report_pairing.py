"""Two companies side by side: what is told apart, on one axis, and what is not."""

import re
from dataclasses import replace

import pytest

import report_samples as samples
from groundswell.model.measure import Finding, Result, Verdict
from groundswell.model.phrase import Phrase, say
from groundswell.report import pairing
from groundswell.report.charts.draw import draw
from groundswell.report.charts.house import NARROW, WIDEST
from groundswell.report.render import render_pair
from groundswell.report.tables import table_of
from groundswell.report.words import Words

EN = Words("en")
NAMES = (say("{name}", name="North"), say("{name}", name="South"))


def finding(measure: str, *results: Result) -> Finding:
    """A finding with these results."""
    return Finding(measure=measure, sentence=say("x"), results=results)


def share(key: str, low: float, high: float, *, measure: str = "m") -> Result:
    """A published share."""
    return samples.result(measure, key, say("{unit}", unit=key), ((low + high) / 2, low, high), "share", 50, 50)


def rows(first: tuple[Result, ...], second: tuple[Result, ...]) -> tuple[pairing.Compared, ...]:
    """What can be compared of two findings."""
    return pairing.compared((finding("m", *first), finding("m", *second)), "person")


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        ((0.1, 0.3), (0.31, 0.5), True),
        ((0.31, 0.5), (0.1, 0.3), True),
        ((0.1, 0.3), (0.3, 0.5), False),
        ((0.2, 0.3), (0.1, 0.5), False),
    ],
)
def test_apart_means_that_no_two_intervals_touch(one: tuple[float, float], other: tuple[float, float], apart: bool) -> None:
    """Intervals lie apart whichever company is higher; those that touch, or hold each other, do not."""
    assert rows((share("a", *one),), (share("a", *other),))[0].apart is apart


def test_counts_and_single_numbers_are_never_told_apart() -> None:
    """An amount without an interval, or that only one company has, is no evidence of a difference."""
    counted = samples.result("m", "n", say("seats"), (5.0, 5.0, 5.0), "people", 50, 50)
    held = samples.withheld("m", "a", say("a"), say("too few"), say("more"))
    found = rows((counted, share("a", 0.1, 0.2)), (replace(counted, estimate=9.0, low=9.0, high=9.0), held))
    assert [row.apart for row in found] == [None, None]


def test_what_both_withhold_is_not_compared() -> None:
    """A number neither company was let out stands in no comparison."""
    held = samples.withheld("m", "a", say("a"), say("too few"), say("more"))
    assert rows((held,), (held,)) == ()


def test_groups_with_one_label_are_told_apart_by_their_name() -> None:
    """Two results with the same label carry the name of their group, as its makers write it."""
    both = tuple(replace(share("used", 0.2, 0.4), group=tool) for tool in ("copilot", "organisation"))
    labels = {EN.say(row.label) for row in rows(both, both)}
    assert labels == {"used, GitHub Copilot", "used"}


def test_words_tell_of_each_chapter_what_lies_widest_apart_for_its_intervals() -> None:
    """One difference a chapter, the widest for its intervals and not the largest, five at most, in the order of the page."""
    wide = (share("wide", 0.0, 0.3), share("sure", 0.30, 0.32)), (share("wide", 0.5, 0.9), share("sure", 0.5, 0.52))
    chapter = rows(*wide)
    assert [row.apart for row in chapter] == [True, True]
    assert [(n, EN.say(row.label)) for n, row in pairing.foremost([(), chapter])] == [(1, "sure")]
    assert [n for n, _ in pairing.foremost([chapter] * 7)] == [0, 1, 2, 3, 4]
    alike = rows((share("a", 0.1, 0.5),), (share("a", 0.2, 0.6),))
    assert pairing.foremost([alike]) == ()


def test_what_is_not_told_in_words_stands_behind_a_fold() -> None:
    """Whatever lies apart stands once in the opening block: in words, or in the fold."""
    html = render_pair(samples.pair())
    block = html[html.index('class="apart"') : html.index('class="opening"')]
    told, folded = block.split("<details", 1)
    apart = html.count("<td><b>apart</b></td>")
    assert apart == told.count("<li>") + folded.split("</details>", 1)[0].count("<li>")
    assert 0 < told.count("<li>") <= 5


def test_a_figure_bears_the_name_of_the_company_in_whose_column_it_stands() -> None:
    """Every picture's title names the company whose name stands over its column; the second column's never the first."""
    html = render_pair(samples.pair())
    columns = html.split('<div class="column">')[1:]
    named = [
        (
            re.search(r'<p class="owner">(.*?)</p>', column),
            re.findall(r'<figcaption><h3>.*?<span class="vh">, (.*?)</span>', column),
        )
        for column in columns
    ]
    assert {owner[1] for owner, titles in named if owner and titles} >= {"Petit Large", "Lanterne &amp; Filles"}
    assert all(title == owner[1] for owner, titles in named if owner for title in titles)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ((), (), "Nothing can be compared yet: no number was let out for both."),
        ((0.1, 0.5), (0.2, 0.6), "Of 1 numbers that both have, none lies apart: every two intervals overlap."),
        (
            (0.1, 0.2),
            (0.5, 0.6),
            "Of 1 numbers that both have, 1 lies apart: its two intervals do not overlap. The others cannot be told apart.",
        ),
    ],
)
def test_sentence_says_how_many_lie_apart(first: tuple[float, ...], second: tuple[float, ...], said: str) -> None:
    """The first sentence counts what lies apart among what can be compared, and says so when nothing does."""
    found = rows((share("a", *first),), (share("a", *second),)) if first else ()
    assert EN.say(pairing.sentence(found)) == said


def test_strip_shows_what_lies_apart_first_and_shares_alone() -> None:
    """The picture holds shares of the whole organisation: those apart first, then the first of each measure; no difference."""
    change = samples.result("m", "change", say("change"), (0.1, -0.1, 0.3), "share", 50, 50)
    first = rows((share("near", 0.1, 0.5), change), (share("near", 0.2, 0.6), change))
    second = rows((share("other", 0.1, 0.5), share("far", 0.1, 0.2)), (share("other", 0.2, 0.6), share("far", 0.5, 0.6)))
    picture = pairing.strip([first, second], NAMES)
    assert picture
    assert [EN.say(line.name) for line in picture.lines] == ["far – apart", "near", "other"]
    assert all(len(line.points) == 2 for line in picture.lines)
    head, *body = [
        [EN.say(cell) if cell else "" for cell in row] for row in (table_of(picture, EN).head, *table_of(picture, EN).rows)
    ]
    assert head == ["quantity", "North", "South"]
    assert body[0] == ["far – apart", "15% (10% to 20%)", "55% (50% to 60%)"]


@pytest.mark.parametrize("room", [WIDEST, NARROW])
def test_strip_names_both_companies_and_tells_them_apart_without_colour(room) -> None:
    """The key names both companies beside their stroke, and each has a marker of its own."""
    picture = pairing.strip([rows((share("a", 0.1, 0.2),), (share("a", 0.5, 0.6),))], NAMES)
    assert picture
    svg = draw(picture, (EN,), room).fill(EN)
    assert "North" in svg
    assert "South" in svg
    colours = set(re.findall(r'fill="var\(--(s\d)\)"', svg))
    assert {"s1", "s2"} <= colours


def test_page_of_two_opens_with_what_is_told_apart() -> None:
    """Before the three sentences a reader sees how many numbers lie apart, which, and a picture of them."""
    html = render_pair(samples.pair())
    assert html.index('class="apart"') < html.index('class="opening"')
    block = html[html.index('class="apart"') : html.index('class="opening"')]
    assert "What their traces tell apart" in block
    assert block.count("<figure>") == 1


def test_a_number_stands_once_for_both() -> None:
    """Side by side a quantity is one row of a table, with a cell a company and whether it is told apart."""
    html = render_pair(samples.pair())
    table = re.search(r'<table class="compare">.*?</table>', html, re.DOTALL)
    assert table
    heads = re.findall(r'<th scope="col">([^<]*)</th>', table[0])
    assert heads[0] == "What was counted"
    assert heads[-1] == "Told apart?"
    assert len(heads) == 4
    for row in re.findall(r"<tr><th scope=\"row\">.*?</tr>", table[0], re.DOTALL):
        assert row.count("<td>") == 3


def test_reasons_of_what_is_withheld_stay_on_the_page_of_two() -> None:
    """What a company withholds is in its own column with its reason, closed until somebody opens it."""
    pages = samples.pair()
    held = [r for page in pages for f in page.findings for r in f.results if r.verdict is Verdict.WITHHELD]
    html = render_pair(pages)
    assert held
    for result in held:
        assert isinstance(result.reason, Phrase)
        assert EN.say(result.reason) in html.replace("&#39;", "’")
