"""That one text is read as it is among many, and that reading one is cheap."""

import re
import time

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from groundswell.reading import cues, exemplar, features, patterns, units
from groundswell.reading import filter as first_filter

STRANGE = [
    "",
    "AI",
    "AI\n",
    "ai\u00a0tool",
    "use\u00a0ai",
    "x²AI",
    "ＡＩ and ChatGPT４",
    "ÉCRIT PAR L'IA",
    "ſlack ai",
    "ChatGPT\u2028Claude",
    "tool_AI",
]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    return [*(sample.text for sample in exemplar.load()[::120]), *STRANGE]


def test_one_text_is_read_as_among_many(texts: list[str]) -> None:
    """The standard library's patterns give each text alone what the column engine gives them together: filter, tools, cues."""
    together = units.cut(pa.array(texts))
    passed, rules = first_filter.matches(pa.array(texts)), features.rules(together)
    for index, text in enumerate(texts):
        alone = units.cut(pa.array([text]))
        at = np.flatnonzero(together.message == index)
        assert first_filter.matches(pa.array([text])).tolist() == [passed[index]], text
        assert alone.focus == [together.focus[place] for place in at], text
        assert alone.tool == [together.tool[place] for place in at]
        assert np.array_equal(features.rules(alone), rules[at]), text


def test_every_pattern_of_the_languages_is_kept() -> None:
    """No cue of any language falls back on the column engine for one text; the filter neither."""
    assert patterns.translated(first_filter.pattern()) is not None
    for group in ("act", "modality", "person", "frame", "substance", "job"):
        for name in cues.names(group):
            assert patterns.translated(cues._pattern("en", group, name)) is not None, (group, name)


@pytest.mark.parametrize("pattern", [r"\bAI\b", r"\p{L}AI", "AI$", r"[\w-]AI", "(?m)^AI", "(?s)A.I"])
def test_what_might_differ_is_not_kept(pattern: str) -> None:
    """A pattern the two libraries may read differently stays with the column engine, which gives the answer."""
    assert patterns.translated(pattern) is None
    column = pa.array(["AI", "xAI\n", None])
    assert patterns.matches(column, pattern).equals(pc.match_substring_regex(column, pattern))


def test_few_and_many_replace_alike() -> None:
    """Groups are put back, missing texts stay missing, and so whatever the number of texts."""
    few = pa.array(["use AI, AI", None, "no"])
    many = pa.concat_arrays([few] * patterns.FEW)
    pattern = rf"(?i)(^|{patterns.EDGE})(?:ai)($|{patterns.EDGE})"
    assert isinstance(patterns.translated(pattern), re.Pattern)
    assert patterns.replaced(few, pattern, r"\1zai\2").equals(patterns.replaced(many, pattern, r"\1zai\2")[:3])


def test_one_text_is_cheap() -> None:
    """A short text is cut in under 20 CPU milliseconds once patterns are kept (2 measured; 98 when compiled anew)."""
    column = pa.array(["I asked ChatGPT to summarise the tickets, looks fine."])
    units.cut(column)
    start = time.process_time()
    for _ in range(10):
        units.cut(column)
    assert (time.process_time() - start) / 10 < 0.02
