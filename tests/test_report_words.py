"""Words, numbers, dates and plurals in three languages."""

from datetime import date

import pytest

from groundswell.model.phrase import say
from groundswell.report.words import PLACEHOLDER, Words

PEOPLE = "{n:count} person | {n:count} people"


@pytest.mark.parametrize(
    ("lang", "n", "said"),
    [
        ("en", 0, "0 people"),
        ("en", 1, "1 person"),
        ("en", 1234, "1,234 people"),
        ("fr", 0, "0 personne"),
        ("fr", 1, "1 personne"),
        ("fr", 1234, "1\u202f234 personnes"),
        ("vi", 1, "1 người"),
        ("vi", 1234, "1.234 người"),
    ],
)
def test_plurals(lang: str, n: int, said: str) -> None:
    """A plural follows the rules of the language that is spoken, and thousands are set apart as its readers expect."""
    assert Words(lang).say(say(PEOPLE, n=n)) == said


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["25%", "5.3%", "99.8%", "100%", "1,200", "0.12", "−12", "+4", "2.0", "4\u00a0March\u00a02025"]),
        (
            "fr",
            [
                "25\u202f%",
                "5,3\u202f%",
                "99,8\u202f%",
                "100\u202f%",
                "1\u202f200",
                "0,12",
                "−12",
                "+4",
                "2,0",
                "4\u00a0mars\u00a02025",
            ],
        ),
        ("vi", ["25%", "5,3%", "99,8%", "100%", "1.200", "0,12", "−12", "+4", "2,0", "4\u00a0tháng\u00a03,\u00a02025"]),
    ],
)
def test_specs(lang: str, said: list[str]) -> None:
    """Every spec of a phrase is written as the language writes it, to two figures, and a share below one is never 100 %."""
    phrases = [
        say("{x:percent}", x=0.25),
        say("{x:percent}", x=0.0534),
        say("{x:percent}", x=0.9981),
        say("{x:percent}", x=1),
        say("{x:number}", x=1234.4),
        say("{x:number}", x=0.1234),
        say("{x:signed}", x=-12.3),
        say("{x:signed}", x=4),
        say("{x:ratio}", x=2),
        say("{x:date}", x=date(2025, 3, 4)),
    ]
    assert [Words(lang).say(phrase) for phrase in phrases] == said


def test_nested_phrase_is_translated_first() -> None:
    """A phrase inside a phrase is said in the same language."""
    assert (
        Words("fr").say(say("between {low} and {high}", low=say("{n:count} day | {n:count} days", n=1), high="x"))
        == "entre 1 jour et x"
    )


def test_missing_translation_falls_back_to_whole_english() -> None:
    """A sentence without translation is said in English throughout, numbers included, and is remembered."""
    words = Words("fr")
    assert words.say(say("Nobody translated this: {x:percent}", x=0.5)) == "Nobody translated this: 50%"
    assert words.missing == {"Nobody translated this: {x:percent}"}


def test_values_are_not_touched_by_typography() -> None:
    """French spacing belongs to the sentence; a company's own name stays as it is written."""
    said = Words("fr").say(say("Read from: {sources}", sources="O'Neil : fils"))
    assert said == "Lu dans\u00a0: O'Neil : fils"


def test_braces_in_values_are_not_placeholders() -> None:
    """A value that looks like a placeholder is printed, not filled."""
    assert Words("en").say(say("{unit}", unit="{secret}")) == "{secret}"


def test_placeholder_pattern_reads_every_spec() -> None:
    """The pattern that finds placeholders finds the name and the spec."""
    assert PLACEHOLDER.findall("{a} {b:count}") == [("a", ""), ("b", "count")]


def test_colon_between_values_is_french_in_french() -> None:
    """A colon between two values is set as the language sets it."""
    phrase = say("{reason}: {count:count}", reason="git", count=3)
    assert Words("fr").say(phrase) == "git\u00a0: 3"
    assert Words("en").say(phrase) == "git: 3"


@pytest.mark.parametrize(("lang", "title"), [("en", "Git repository"), ("fr", "Dépôt git")])
def test_a_source_in_a_sentence_is_called_by_its_title(lang: str, title: str) -> None:
    """No page names a source by the word its rows store; a source that nobody registered stands as it is."""
    begins = "what comes from {source} begins within the window"
    assert title in Words(lang).say(say(begins, source="git"))
    assert "home_made" in Words(lang).say(say(begins, source="home_made"))
