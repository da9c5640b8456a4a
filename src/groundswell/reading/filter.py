"""Which messages may speak of AI at work: one pattern over the text, and the thread a message stands in."""

import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.languages import load as languages
from groundswell.reading import patterns, wording

OPEN_THREADS = 100_000  # threads remembered at once; about 15 MB
_LAST = 0b111  # the last three messages of a thread lend their topic
_OPENER = 0b1000  # the opener lends its own to the whole thread
_EVER = 0b10000  # some message of it passed


@cache
def pattern(own_words: tuple[str, ...] = ()) -> str:
    r"""The first filter as one RE2 alternation, the same on every engine.

    Args:
        own_words: names of the company's own tools, taken literally and without case.

    Source: boundaries are \p{L}, because ASCII \b and a caseless "ai" let every French and Vietnamese sentence pass.
    """
    loaded = [languages.load(code) for code in languages.codes()]
    plain = [form for language in loaded for form in language.cues["filter"]["plain"]]
    cased = [form for language in loaded for form in language.cues["filter"]["cased"]]
    before = "|".join(form for language in loaded for form in language.cues["homonyms"]["before"])
    after = "|".join(form for language in loaded for form in language.cues["homonyms"]["after"])
    strong = "|".join(form for language in loaded for form in language.cues["homonyms"]["strong"])
    homonyms: list[str] = []
    for tool in languages.tools().values():
        plain += tool.get("forms", ())
        cased += tool.get("cased", ())
        homonyms += tool.get("homonyms", ())
        names = tool.get("names", ())
        cased += [rf"(?:{strong}) {name}" for name in names]
    cased += [rf"(?i:{before})\s+(?:{'|'.join(homonyms)})", rf"(?:{'|'.join(homonyms)})(?:'s)?\s+(?i:{after})"]
    plain += [_literal(word) for word in own_words]
    return wording.bounded([*(dict.fromkeys(cased)), f"(?i:{'|'.join(dict.fromkeys(plain))})"])


def matches(texts: Any, own_words: tuple[str, ...] = ()) -> NDArray[np.bool_]:
    """Tell of each text whether it passes by its own words.

    Args:
        texts: a string array; a null does not pass.
        own_words: names of the company's own tools.
    """
    import pyarrow.compute as pc

    texts = pc.replace_substring(pc.utf8_normalize(pc.fill_null(texts, ""), form="NFC"), "’", "'")
    return np.asarray(patterns.matches(texts, pattern(own_words)).to_numpy(zero_copy_only=False), dtype=bool)


class Threads:
    """What threads were about so far; memory is bounded by OPEN_THREADS.

    A message passes in context when its thread's opener, or one of the three messages before it there, passed by its own words.
    """

    def __init__(self, capacity: int = OPEN_THREADS) -> None:
        self._capacity = capacity
        self._open: OrderedDict[int, int] = OrderedDict()

    def lend(
        self, threads: Sequence[int], opens: Iterable[bool], passed: NDArray[np.bool_]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Tell of each message, in order, whether its thread lends it a topic; remembers the messages for the next call.

        Returns:
            Whether a topic is lent, and whether the thread ever spoke of AI before.
        """
        lent = np.zeros(len(passed), dtype=bool)
        near = np.zeros(len(passed), dtype=bool)
        known = self._open
        for index, (thread, opener, hit) in enumerate(zip(threads, opens, passed.tolist(), strict=True)):
            if not thread:
                continue
            state = known.pop(thread, 0)
            lent[index] = state & (_LAST | _OPENER) != 0
            near[index] = state != 0
            kept = (state & (_OPENER | _EVER)) | ((state << 1) & _LAST)
            known[thread] = kept | (_EVER | (_OPENER if opener else 0) | 1 if hit else 0)
            if len(known) > self._capacity:
                known.popitem(last=False)
        return lent, near


def _literal(word: str) -> str:
    return re.escape(word).replace(r"\ ", " ")
