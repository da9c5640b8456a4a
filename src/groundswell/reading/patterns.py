"""Patterns over a column of texts: by the columns' own RE2 for many, by kept patterns of the standard library for few.

The column engine compiles a pattern anew at every call, 2 to 8 ms for those of the language files: little for ten thousand texts,
dear for one. The standard library is a hundred times slower a text, but keeps what it compiled. Both give the same.
"""

import re
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

FEW = 8
"""Texts up to which the standard library is asked."""

SHORT = 20_000
"""Characters up to which they may sum."""

EDGE = r"[^\p{L}\p{N}_]"
"""What is no part of a word, as RE2 writes it."""

# What RE2 means by the classes the language files use, where the standard library would take all of Unicode or none.
_ASCII = {r"\s": r"[ \t\n\f\r]", r"\d": "[0-9]", r"\w": "[0-9A-Za-z_]"}
_CLASS = re.compile(r"\\[sdw]")
_UNSURE = re.compile(r"\\[pPbBzAQEC]|\[[^\]]*\\[sdwSDW]|\(\?[^:i]|\$")


def matches(texts: Any, pattern: str) -> Any:
    """Tell of each text whether an RE2 pattern stands in it: a column of booleans, null where the text is."""
    kept = _few(texts, pattern)
    if kept is None:
        return pc.match_substring_regex(texts, pattern)
    return pa.array([None if text is None else kept.search(text) is not None for text in texts.to_pylist()], pa.bool_())


def replaced(texts: Any, pattern: str, replacement: str) -> Any:
    r"""Put a replacement, with \1 and so on for groups, wherever an RE2 pattern stands."""
    kept = _few(texts, pattern)
    if kept is None:
        return pc.replace_substring_regex(texts, pattern, replacement)
    return pa.array([None if text is None else kept.sub(replacement, text) for text in texts.to_pylist()], pa.string())


def _few(texts: Any, pattern: str) -> re.Pattern[str] | None:
    if len(texts) > FEW or (pc.sum(pc.utf8_length(texts)).as_py() or 0) > SHORT:
        return None
    return translated(pattern)


@cache
def translated(pattern: str) -> re.Pattern[str] | None:
    """The same pattern for the standard library; None where the two might differ."""
    own = pattern.replace(EDGE, r"\W")  # both mean letters, numbers and the underscore by a word
    own = own.replace("($|", r"(\Z|").replace("(?:$|", r"(?:\Z|")
    if _UNSURE.search(own):
        return None
    return re.compile(_CLASS.sub(lambda hit: _ASCII[hit[0]], own))
