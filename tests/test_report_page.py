"""The page: whole, safe to open, safe to read aloud, and the same for every language."""

import re
import time
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest

import report_samples as samples
from groundswell.model.measure import Finding, Line, Picture, Point, Shape, Verdict
from groundswell.model.phrase import say
from groundswell.report import render as rendering
from groundswell.report.certainty import Grade, grade, statement, statements
from groundswell.report.chapters import CHAPTERS, chapter_of
from groundswell.report.page import Page
from groundswell.report.render import render, render_coverage, render_pair
from groundswell.report.words import Words

LANGS = ("en", "fr", "vi")
PAGES = {"full": samples.full(), "git": samples.git_only(), "empty": samples.empty()}
VOID = {"meta", "link", "br", "input", "img", "hr", "col"}
FORBIDDEN = re.compile(
    r"\b(fake\w*|theat(?:re|er)\w*|laggards?|champions?|scores?|influencers?|faux|théâtre|retardataires?|influenceu\w+)\b",
    re.IGNORECASE,
)


class Reader(HTMLParser):
    """Reads a page as a browser that forgives nothing."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: list[str] = []
        self.links: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"never closed: {tag}" for tag in self.open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        self.tags.append((tag, held))
        if len(held) != len(attrs):
            self.faults.append(f"attribute twice in {tag}")
        self.ids += [value for name, value in attrs if name == "id" and value]
        self.links += [
            (name, value or "")
            for name, value in attrs
            if name in {"href", "src", "action", "xlink:href", "srcset", "data", "poster"}
        ]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"out of order: {tag}")

    def handle_data(self, data: str) -> None:
        if not {"style", "script", "pre", "code"} & set(self.open):
            self.text.append(data)

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def htmls() -> dict[str, str]:
    """Every sample in every language, and in all at once."""
    found = {f"{name}-{lang}": render(page, lang=lang) for name, page in PAGES.items() for lang in LANGS}
    found["coverage-git-all"] = render_coverage(PAGES["git"], lang="en", also=("fr", "vi"))
    found["full-all"] = render(PAGES["full"], lang="en", also=("fr", "vi"), auto=True)
    found["pair-en"] = render_pair(samples.pair(), lang="en")
    found["pair-all"] = render_pair(samples.pair(), lang="fr", also=("en", "vi"))
    return found


HTMLS = htmls()
EACH = pytest.mark.parametrize("name", sorted(HTMLS))


@EACH
def test_page_is_well_formed(name: str) -> None:
    """Every tag is closed in order, no attribute stands twice, and every id is unique."""
    reader = Reader(HTMLS[name])
    assert reader.faults == []
    assert len(set(reader.ids)) == len(reader.ids)


@EACH
def test_page_asks_no_host_for_anything(name: str) -> None:
    """Nothing in the page points outside it: every link is a place in the page, and no style or drawing names an address."""
    html = HTMLS[name]
    reader = Reader(html)
    assert [link for link in reader.links if not link[1].startswith("#")] == []
    assert {link[1][1:] for link in reader.links} <= set(reader.ids)
    assert not re.search(r"url\(|@import|https?://(?!www\.w3\.org/)", html)
    assert html.count("http://") == html.count("http://www.w3.org/2000/svg")


@EACH
def test_page_is_light(name: str) -> None:
    """A page weighs less than 1.5 MB, and one in a single language less than 300 kB."""
    assert len(HTMLS[name].encode()) < (1_500_000 if name.endswith("all") or name.startswith("pair") else 300_000)


@EACH
def test_page_has_no_word_that_hurts(name: str) -> None:
    """Words that blame people never appear outside the SQL."""
    reader = Reader(HTMLS[name])
    assert FORBIDDEN.findall(reader.words) == []


def test_forbidden_words_would_be_seen() -> None:
    """The check above sees such a word when it is planted."""
    page = replace(PAGES["empty"], company="Champions of fakery")
    assert FORBIDDEN.findall(Reader(render(page)).words)


@EACH
def test_nothing_is_left_unfilled(name: str) -> None:
    """No placeholder, marker or Python value shows through."""
    text = Reader(HTMLS[name]).words
    assert not re.search(r"\{\w+(:\w+)?\}|None\b|Phrase\(|datetime|\bnan\b|~\d+~|\.\.(?!\.)", text)


@EACH
def test_planted_markup_is_escaped(name: str) -> None:
    """A unit whose name is a script is shown as text, never run: the only script is the one that picks a language."""
    html = HTMLS[name]
    assert html.count("<script") == (1 if name == "full-all" else 0)
    if not name.startswith(("git", "empty", "coverage")):
        assert samples.PLANTED.split(" ")[0] in Reader(html).words


def test_planted_markup_in_every_field_is_escaped() -> None:
    """Company, source, reason and hash come from outside and are escaped wherever they stand."""
    bad = "\"><img src=x onerror=alert(1)>'<svg/onload=alert(1)>"
    source = replace(samples.CODE, title=bad, never=(bad,), skipped={bad: 1}, refused={bad: 2})
    page = replace(samples.full(), company=bad, coverage=(source,), release_hash=bad, version=bad)
    for html in (render(page), render_pair((page, page))):
        reader = Reader(html)
        assert reader.faults == []
        assert not [tag for tag, _ in reader.tags if tag == "img"]
        assert not [attrs for _, attrs in reader.tags if any(name.startswith("on") for name in attrs)]


@EACH
def test_every_picture_has_alt_table_and_sentence(name: str) -> None:
    """Each figure has a title, alternative text, the same as a table, and its alternative text as words."""
    html = HTMLS[name]
    figures = re.findall(r"<figure>.*?</figure>", html, re.DOTALL)
    assert figures or name.startswith(("empty", "coverage"))
    for figure in figures:
        alt = re.search(r'role="img" aria-label="([^"]+)"', figure)
        assert alt
        assert len(alt[1]) > 20
        assert figure.count(alt[1]) >= 2
        assert re.search(r"<h3>[^<]+", figure)
        assert re.search(r"<details class=\"data[^\"]*\">.*<th scope=\"col\">.*<th scope=\"row\">", figure, re.DOTALL)
        assert figure.count("<svg") == 2


@EACH
def test_tables_hold_every_value_of_pictures(name: str) -> None:
    """The number of figures is the number of pictures, and week tables hold a row a week."""
    html = HTMLS[name]
    tables = re.findall(r"<tbody>(.*?)</tbody>", html, re.DOTALL)
    if name == "full-en":
        drawn = sum(len(finding.pictures) for finding in PAGES["full"].findings)
        assert html.count("<figure>") == drawn + 1  # the ledger
        assert max(table.count("<tr>") for table in tables) == 78


def test_every_result_is_said_withheld_ones_included() -> None:
    """Each result of each finding is on the page with its label; a withheld one carries its reason and what would unlock it."""
    text, words = Reader(HTMLS["full-en"]).words, Words("en")
    results = [result for finding in PAGES["full"].findings for result in finding.results]
    assert any(result.verdict is Verdict.WITHHELD for result in results)
    for result in results:
        assert words.say(result.label) in text
        for phrase in (result.reason, result.unlock):
            assert phrase is None or words.say(phrase) in text


def test_published_numbers_never_stand_alone() -> None:
    """Every published result says its interval and how many people it rests on, in the same sentence or the next."""
    for entry in re.findall(
        r'<li class="result (?:well|fairly|roughly|either|indicative)">.*?</li>', HTMLS["full-en"], re.DOTALL
    ):
        assert "between" in entry
        assert re.search(r"\d people", entry)


def test_opening_is_three_sentences_with_how_sure() -> None:
    """The page opens with said, done, lasted, each followed by how sure it is, before any chapter."""
    html = HTMLS["full-en"]
    opening = html[html.index('class="opening"') : html.index('class="contents"')]
    assert re.findall(r'<h3 class="what"><a href="#en-(\w+)"', opening) == ["said", "done", "lasted"]
    assert len(re.findall(r'<p class="sentence">', opening)) == 3
    assert re.findall(r'<p class="sure"><b>([^<]+)</b>', opening) == ["Fairly well known.", "Well known.", "Only roughly known."]


def test_chapters_stand_in_order_and_only_where_data_carry_them() -> None:
    """Chapters follow the fixed order; a company with git alone gets said, done and lasted, and no empty chapter."""
    order = [chapter.key for chapter in CHAPTERS]
    found = re.findall(r'<section class="chapter" id="en-(\w+)"', HTMLS["full-en"])
    assert [key for key in found if key in order] == ["said", "done", "lasted", "reasons", "kinds", "seats"]
    found = re.findall(r'<section class="chapter" id="en-(\w+)"', HTMLS["git-en"])
    assert found == ["said", "done", "lasted", "unanswered", "read", "charter", "hypotheses", "numbers"]


def test_a_chapter_of_which_nothing_can_be_said_is_folded_away() -> None:
    """Its withheld numbers stand, with their reasons, in the list of what could not be answered, and in no contents."""
    html = HTMLS["full-en"]
    unanswered = html[html.index('id="en-unanswered"') : html.index('id="en-read"')]
    folded = re.findall(r"<summary>([^<]+): Withheld: (\d) number", unanswered)
    assert [chapter for chapter, _ in folded] == ["How it started"]
    assert unanswered.count('<li class="result withheld"><div>') >= len(folded)
    assert '<a href="#en-started">' not in html


def test_git_only_says_why_it_cannot_tell_and_what_to_add() -> None:
    """Where git cannot tell, the page says so, why, and what to add, in the opening as well as in the list of open questions."""
    text = Reader(HTMLS["git-en"]).words
    assert "What was said cannot be told from these traces." in text
    assert text.count("Because git holds what was built, not what was announced. To know: a chat export.") == 3


def test_hypotheses_are_all_printed_alike() -> None:
    """All eleven claims are printed, whatever the verdict, in one kind of cell."""
    rows = re.findall(r'<tr><th scope="row"><span class="code">(H\d+)</span>.*?</tr>', HTMLS["full-en"], re.DOTALL)
    assert rows == [f"H{n}" for n in range(1, 12)]
    assert len(set(re.findall(r"<td( [^>]*)?><b>(?:supports|refutes|cannot tell)</b>", HTMLS["full-en"]))) == 1


def test_trial_is_marked_on_screen_and_on_paper() -> None:
    """Without a charter the page carries the watermark; with one it does not."""
    assert 'class="watermark"' in HTMLS["full-en"]
    released = render(replace(PAGES["full"], trial=False))
    assert 'class="watermark"' not in released
    assert "not for circulation" not in released


def test_small_counts_of_people_are_not_written() -> None:
    """A source that shows fewer than ten people does not say how many."""
    text = Reader(HTMLS["full-en"]).words
    assert "fewer than 10 people, 240 records" in text
    assert ": 7 people" not in text


def test_languages_stand_in_one_file_and_switch_without_script() -> None:
    """All languages are inside, the first is shown, and radio buttons with style rules choose between them."""
    html = HTMLS["pair-all"]
    assert "<script" not in html
    assert re.findall(r'<div class="page page-(\w+)( other)?"', html) == [("fr", ""), ("en", " other"), ("vi", " other")]
    assert re.findall(r'<input type="radio" name="lang" id="lang-(\w+)"', html) == ["fr", "en", "vi"]
    assert all(f"body:has(#lang-{lang}:checked) .page-{lang}" in html for lang in LANGS)


def test_pair_shares_scales() -> None:
    """Side by side, one picture of two companies has one scale."""
    html = HTMLS["pair-en"]
    figures = [f for f in re.findall(r"<figure>.*?</figure>", html, re.DOTALL) if "What was announced, and then taken up" in f]
    assert len(figures) == 2
    ticks = [re.findall(r">(\d+%)</text>", figure) for figure in figures]
    assert ticks[0] == ticks[1]


def test_coverage_is_a_page_of_its_own() -> None:
    """The coverage page says what was read and what it can and cannot answer, without any result."""
    html = HTMLS["coverage-git-all"]
    found = re.findall(r'<section class="chapter" id="en-(\w+)"', html)
    assert found == ["answered", "unanswered", "read"]
    assert "use that leaves no mark in a commit" in html
    assert '<p class="sentence">' not in html


def test_queries_stand_once_in_a_file_of_several_languages() -> None:
    """SQL reads the same in every language: it is in the file once, and every definition leads to it."""
    assert HTMLS["full-en"].count("SELECT week") == len(samples.MEASURES)
    assert HTMLS["full-all"].count("SELECT week") == len(samples.MEASURES)
    assert HTMLS["full-all"].count('href="#sql-seats"') == 3


def test_page_without_findings_is_complete() -> None:
    """With nothing to say, the page still opens with three sentences and every back chapter."""
    text = Reader(HTMLS["empty-en"]).words
    assert text.count("cannot be told from these traces") == 6
    assert "Nothing was connected." in text


def test_unknown_measures_are_shown_too() -> None:
    """A finding of a measure no chapter knows stands under "also seen"."""
    stranger = Finding(measure="from_a_stranger", sentence=say("Something else was seen."), results=())
    assert chapter_of(stranger, ()) == "also"
    assert "Something else was seen." in Reader(render(replace(PAGES["empty"], findings=(stranger,)))).words


def test_rendering_takes_no_longer_than_three_seconds() -> None:
    """A full page in three languages is made in under three seconds of processor time."""
    before = time.process_time()
    render(PAGES["full"], lang="en", also=("fr", "vi"))
    assert time.process_time() - before < 3


def test_same_page_gives_the_same_bytes() -> None:
    """Rendering has no clock and no chance in it."""
    assert render(PAGES["full"]) == render(PAGES["full"])


def test_weight_of_a_large_company() -> None:
    """Ten years of weeks, 40 kinds of work and 30 sources in three languages stay under 1.5 MB."""
    weeks = tuple(Point(x=18_000 + 7.0 * n, value=0.3, low=0.2, high=0.4) for n in range(520))
    base = samples.adoption()
    long = replace(base.pictures[0], lines=tuple(replace(line, points=weeks) for line in base.pictures[0].lines))
    rows = tuple(
        Line(name=say("{unit}", unit=f"kind of work number {n}"), points=(Point(x=0, value=0.5, low=0.4, high=0.6),))
        for n in range(40)
    )
    many: Picture = replace(samples.kinds().pictures[0], lines=rows)
    page = replace(
        samples.full(),
        findings=(*samples.full().findings[2:], replace(base, pictures=(long,)), replace(samples.kinds(), pictures=(many,))),
        coverage=tuple(replace(samples.CHAT, title=f"Source {n}") for n in range(30)),
    )
    assert many.shape is Shape.INTERVALS
    assert len(render(page, lang="en", also=("fr", "vi")).encode()) < 1_500_000


@pytest.mark.parametrize(
    ("unit", "key", "values", "found"),
    [
        ("share", "x", (0.5, 0.45, 0.55), Grade.WELL),
        ("share", "x", (0.5, 0.38, 0.62), Grade.FAIRLY),
        ("share", "x", (0.5, 0.2, 0.8), Grade.ROUGHLY),
        ("ratio", "x", (2.0, 1.8, 2.3), Grade.WELL),
        ("ratio", "x", (2.0, 0.9, 4.0), Grade.EITHER),
        ("ratio", "x", (4.0, 1.5, 9.0), Grade.ROUGHLY),
        ("days", "difference", (12.0, -3.0, 27.0), Grade.EITHER),
        ("days", "difference", (12.0, 3.0, 21.0), Grade.ROUGHLY),
        ("days", "mean", (100.0, 90.0, 110.0), Grade.WELL),
        ("people", "x", (13.0, 13.0, 13.0), Grade.COUNTED),
        ("share", "change", (0.05, -0.02, 0.12), Grade.EITHER),
    ],
)
def test_words_of_certainty_match_the_interval(unit: str, key: str, values: tuple[float, float, float], found: Grade) -> None:
    """The wider the interval the weaker the word, and an interval that holds "no difference" is said to."""
    assert grade(samples.result("m", key, say("x"), values, unit, 50, 50)) is found


def test_differences_carry_their_sign() -> None:
    """A difference in days is written with its sign, its unit once in the interval."""
    said = statement(samples.result("m", "difference", say("x"), (-12, -36, 15), "days", 50, 50), "practice")
    words = Words("en")
    assert words.say(said.value) == "−12 days"
    assert said.interval
    assert words.say(said.interval) == "between −36 and +15 days"


def test_a_repeated_reason_for_caution_is_named_once() -> None:
    """Indicative results that share a reason say it once, then point back to it."""
    results = samples.staying_power().results
    again = replace(results[2], key="replaced", label=say("Replaced"))
    said = [Words("en").say(entry.why) for entry in statements((*results, again), "practice") if entry.why]
    assert said == [
        "; only indicative, because it rests on fewer than 120 practices. To know: about six more months of traces.",
        "; only indicative, for the same reason.",
    ]


def test_differences_of_shares_are_points() -> None:
    """A difference of shares is said in percentage points, not in percent, which would be another thing."""
    said = statement(samples.result("m", "change", say("x"), (-0.045, -0.19, 0.099), "share", 50, 50), "person")
    words = Words("en")
    assert words.say(said.value) == "−4.5 percentage points"
    assert said.interval
    assert words.say(said.interval) == "between −19 and +9.9 percentage points"


def test_one_reason_is_said_once() -> None:
    """Quantities withheld for the same reason share one sentence; each keeps its label."""
    reason, unlock = say("it rests on too little"), say("more exports")
    held = [samples.withheld("m", key, say("{unit}", unit=key), reason, unlock) for key in ("a", "b")]
    other = samples.withheld("m", "c", say("{unit}", unit="c"), say("something else"), unlock)
    shown = samples.result("m", "d", say("{unit}", unit="d"), (0.5, 0.4, 0.6), "share", 50, 50)
    said = statements((held[0], shown, other, held[1]), "person")
    assert [[Words("en").say(label) for label in entry.labels] for entry in said] == [["a", "b"], ["d"], ["c"]]


def test_opening_does_not_say_a_reason_twice() -> None:
    """Where the sentence holds the reason, how-sure only says what would unlock it."""
    reason, unlock = say("nobody has audited it"), say("an audit")
    held = samples.withheld("survival", "a", say("alive after 90 days"), reason, unlock)
    finding = Finding(
        measure="survival", sentence=say("How long practices live cannot be told: {why}.", why=reason), results=(held,)
    )
    html = render(replace(PAGES["empty"], findings=(finding,)))
    opening = html[html.index('class="opening"') : html.index('class="contents"')]
    assert opening.count("nobody has audited it") == 1
    assert "To know: an audit." in opening


def test_no_name_of_a_day_or_place_is_needed() -> None:
    """A page of one day and no company renders."""
    page = Page(company="", start=date(2026, 1, 1), end=date(2026, 1, 1), findings=())
    assert "1\u00a0January\u00a02026" in render(page)


def test_style_names_every_colour_role() -> None:
    """Light and dark define the same variables, so that no drawing loses a colour at night."""
    style = rendering.style()
    roles = re.findall(r"--(ink|soft|grid|paper|s[1-5]): #", style)
    assert len(roles) == 2 * len(set(roles)) == 18
