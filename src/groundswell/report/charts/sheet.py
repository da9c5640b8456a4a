"""Where a drawing keeps its words, so that one drawing serves every language."""

import re
from collections.abc import Sequence
from html import escape
from itertools import pairwise

from groundswell.model.phrase import Phrase
from groundswell.report.charts.house import CHARACTER
from groundswell.report.words import Words

_MARKER = re.compile(r"(<text[^>]*>)~(\d+)~</text>")


class Sheet:
    """Phrases of one drawing; each is drawn as a marker `~n~` and filled in per language.

    Args:
        languages: every language the drawing may be filled in; room is reserved for the longest.
    """

    def __init__(self, languages: Sequence[Words]) -> None:
        self.languages = tuple(languages)
        self._texts: list[tuple[Phrase, float]] = []

    def put(self, phrase: Phrase, room: float = 0) -> str:
        """Marker for a phrase; with room > 0 (px) it is broken into lines that fit."""
        self._texts.append((phrase, room))
        return f"~{len(self._texts) - 1}~"

    def reach(self, phrase: Phrase) -> float:
        """Width in px of the phrase in its longest language."""
        return max(len(words.say(phrase)) for words in self.languages) * CHARACTER

    def lines(self, phrase: Phrase, room: float) -> int:
        """How many lines the phrase takes in its longest language, within `room` px."""
        return max(len(_broken(words.say(phrase), room)) for words in self.languages)

    def text(self, marker: str, words: Words) -> str:
        """What a marker stands for, in one language, its lines parted by line feeds."""
        phrase, room = self._texts[int(marker.strip("~"))]
        return "\n".join(_broken(words.say(phrase), room))

    def fill(self, svg: str, words: Words) -> str:
        """The drawing in one language; texts are escaped."""

        def text(found: re.Match[str]) -> str:
            phrase, room = self._texts[int(found[2])]
            return f"{found[1]}{_spans(_broken(words.say(phrase), room))}</text>"

        return _MARKER.sub(text, svg)


def _broken(text: str, room: float) -> list[str]:
    if not room:
        return [text]
    most = max(4, int(room / CHARACTER))
    lines, rest = [], text.split(" ")
    while rest:
        line = rest.pop(0)
        while rest and len(line) + 1 + len(rest[0]) <= most:
            line += " " + rest.pop(0)
        lines.append(line)
    return lines


def _spans(lines: list[str]) -> str:
    if len(lines) == 1:
        return escape(lines[0], quote=False)
    return "".join(
        f'<tspan x="0"{dy}>{escape(line, quote=False)}</tspan>' for line, dy in zip(lines, _steps(len(lines)), strict=True)
    )


def _steps(n: int) -> list[str]:
    return ["", *(' dy="16"' for _ in pairwise(range(n)))]
