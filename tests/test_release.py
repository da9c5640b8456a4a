"""What a release must have: every phrase of a page in every language."""

import pytest

from groundswell.languages.load import codes
from groundswell.report.phrases import all_phrases, missing_phrases

pytestmark = pytest.mark.release


@pytest.mark.parametrize("lang", codes())
def test_every_phrase_is_translated(lang):
    """No sentence of a page falls back to English: each text of the package has its translation."""
    assert missing_phrases(lang) == ()


def test_the_gate_would_see_a_missing_phrase(monkeypatch):
    """A text that no language file holds fails the gate."""
    from groundswell.report import phrases

    monkeypatch.setattr(phrases, "all_phrases", lambda: all_phrases() | {"A sentence nobody translated."})
    assert "A sentence nobody translated." in missing_phrases("fr")
