"""Which cues of its language does each sentence hold: one column a cue, one pass of RE2 a column."""

import re
from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from groundswell.languages import load as languages
from groundswell.reading import patterns, wording


@cache
def names(group: str) -> tuple[str, ...]:
    """The cues of a group, in the order of the first language's file; every language has the same (a contract test holds it)."""
    return tuple(languages.load(languages.codes()[0]).cues[group])


def found(sentences: Sequence[str], codes: Sequence[str], group: str) -> NDArray[np.bool_]:
    """Look for every cue of a group in every sentence, each in its own language.

    Args:
        sentences: spaced tokens.
        codes: language of each sentence.
        group: a group of [cues] matched over tokens, such as "act" or "job".

    Returns:
        One row a sentence, one column a cue in the order of `names(group)`.
    """
    columns = names(group)
    out = np.zeros((len(sentences), len(columns)), dtype=bool)
    of = np.asarray(codes, dtype=object)
    texts = pa.array(sentences, pa.string())
    for code in dict.fromkeys(codes):
        rows = np.flatnonzero(of == code)
        part = texts.take(pa.array(rows))
        for column, name in enumerate(columns):
            hits = patterns.matches(part, _pattern(code, group, name))
            out[rows, column] = hits.to_numpy(zero_copy_only=False)
    return out


def positions(sentence: str, code: str, groups: Iterable[str]) -> list[tuple[str, str, int, int]]:
    """Where cues stand in one sentence, for debugging inside a run only: (group, cue, start, end) in characters."""
    return [
        (group, name, hit.start(), hit.end())
        for group in groups
        for name in names(group)
        for hit in re.finditer(_pattern(code, group, name), sentence)
    ]


@cache
def _pattern(code: str, group: str, name: str) -> str:
    return wording.cue(languages.load(code).cues[group][name])
