"""Translations of the page: complete for what this room says, faithful to placeholders, none left over."""

import re
from importlib import resources

import pytest

from groundswell.languages.load import load
from groundswell.model.phrase import Phrase
from groundswell.report import phrases
from groundswell.report.words import PLACEHOLDER, Words

LANGS = ("fr", "vi")


def own_phrases() -> frozenset[str]:
    """English texts of this room alone."""
    found: set[str] = set()
    for file in phrases._files(resources.files("groundswell.report")):
        text = file.read_text(encoding="utf-8")
        found.update(phrases._in_python(text) if file.name.endswith(".py") else phrases._in_template(text))
    return frozenset(text for text in found if phrases.has_words(text))


def test_phrases_are_found_in_code_and_in_templates() -> None:
    """The scan sees a phrase of a module, of a template, of a choice in a template, and a source's declaration."""
    found = phrases.all_phrases()
    assert "Only roughly known" in found
    assert "What was read, and how well" in found
    assert "Invented companies: their traces were simulated, so that the truth behind this page is known." in found
    assert "Quiet people at the edge have what others lack." in found


def test_scan_reads_choices_and_tuples() -> None:
    """Both sides of a choice, and each clause of a declaration, are phrases."""
    assert set(phrases._in_python("say('a' if x else 'b'); Source(never=('c.', 'd')); say(text); say(f'{x}')")) == {
        "a",
        "b",
        "c",
        "d",
    }
    assert set(phrases._in_template("{{ t('a') if x else language.t('b', n=1) }}{{ p(c) }}")) == {"a", "b"}


@pytest.mark.parametrize("lang", LANGS)
def test_this_room_is_translated(lang: str) -> None:
    """Everything the page itself says has a translation."""
    assert own_phrases() & set(phrases.missing_phrases(lang)) == set()


@pytest.mark.parametrize("lang", LANGS)
def test_no_translation_is_left_over(lang: str) -> None:
    """A translation whose English text no page shows any more is taken out."""
    assert phrases.left_over_phrases(lang) == ()


@pytest.mark.parametrize("lang", LANGS)
def test_translations_keep_placeholders_and_forms(lang: str) -> None:
    """A translation has the placeholders of its English text, with their specs, and the plural forms its language needs."""
    forms = {"fr": 2, "vi": 1}
    for english, translation in load(lang).phrases.items():
        assert set(PLACEHOLDER.findall(translation)) == set(PLACEHOLDER.findall(english)), english
        expected = forms[lang] if " | " in english else 1
        assert len(translation.split(" | ")) == expected, english


@pytest.mark.parametrize("lang", LANGS)
def test_translations_are_not_english(lang: str) -> None:
    """A translation is not its own English text, but for words both languages share."""
    shared = {
        "Protection",
        "Google Chat (Takeout)",
        "Google Chat (Vault)",
        "Question",
        "Code",
        "Pages",
        "messages",
        "code",
        "marketing",
        "{n:count} adoption | {n:count} adoptions",
        "{n:count} message | {n:count} messages",
    }
    same = {english for english, translation in load(lang).phrases.items() if english == translation}
    assert same <= shared


def test_vietnamese_is_written_with_its_marks() -> None:
    """Every Vietnamese sentence of some length carries its diacritics, composed as keyboards write them."""
    for translation in load("vi").phrases.values():
        if len(translation) > 25:
            assert re.search(r"[ăâđêôơưàáảãạằắẳẵặầấẩẫậèéẻẽẹềếểễệìíỉĩịòóỏõọồốổỗộờớởỡợùúủũụừứửữựỳýỷỹỵ]", translation.lower()), (
                translation
            )


def test_english_needs_no_translation() -> None:
    """English is the key of the others and misses nothing."""
    assert phrases.missing_phrases("en") == ()
    assert Words("en").say(Phrase("Anything at all")) == "Anything at all"
