"""Which words does a text hold: one spelling, sentences, tokens, and patterns over them."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

import pyarrow.compute as pc

from groundswell.languages import load as languages
from groundswell.reading import patterns
from groundswell.reading.patterns import EDGE

AI_TOKEN = "zai"  # noqa: S105 - a word put for another, not a secret
PERSON_TOKEN = "zperson"  # noqa: S105
PRODUCT_TOKEN = "zproduct"  # noqa: S105
TOOL_PREFIX = "ztool_"

# A tool or AI in general, with French elision before it and an English genitive or a compound after it.
_AI = r"(?:[^ ]{1,2}')?z(?:ai|tool_[a-z0-9_]+)(?:'s|-[^ ]+)?"
_WORD = "[^ ]"

_URL = r"(?:https?://|www\.)\S+"
_CODE = r"(?s)```.*?```|`[^`\n]{1,200}`|\[code\]"
_QUOTE = r"(?m)^\s*(?:>|&gt;).*$|\[quote\]|^[^\n]{2,60} said:\s*$|^[^\n]{2,60} a écrit ?:\s*$|^[^\n]{2,60} đã viết:\s*$"
_TOKEN = re.compile(r"[^\W_][\w'+-]*[^\W_]|\w+|[^\w\s]")
_SENTENCE = re.compile(r"(?<=[.!?…])[\s)\"»”]+(?=\S)|\n+")
_NUMBER = re.compile(r"\d+")

MAX_CHARACTERS = 4000  # beyond this a message is a pasted document; its opening carries the act
MAX_SENTENCES = 24


def tidy(texts: Any) -> Any:
    """Bring texts to one spelling: NFC, straight apostrophes, no quoted lines, code and links replaced by one word.

    Args:
        texts: a string array; a null counts as empty.
    """
    texts = pc.utf8_slice_codeunits(pc.fill_null(texts, ""), 0, MAX_CHARACTERS)
    texts = pc.utf8_normalize(texts, form="NFC")
    texts = pc.replace_substring_regex(texts, "[’ʼ‘]", "'")
    texts = pc.replace_substring_regex(texts, _CODE, " zcode. ")
    texts = pc.replace_substring_regex(texts, _QUOTE, " ")
    return pc.replace_substring_regex(texts, _URL, " zurl ")


def bounded(fragments: Iterable[str]) -> str:
    r"""One RE2 alternation that matches any fragment between boundaries of \p{L}, in running text."""
    return rf"(?:^|{EDGE})(?:{'|'.join(fragments)})(?:$|{EDGE})"


def replace(texts: Any, fragments: Iterable[str], token: str, *, ignore_case: bool = True) -> Any:
    """Put a token where a fragment stands between boundaries."""
    flag = "(?i)" if ignore_case else ""
    pattern = rf"{flag}(^|{EDGE})(?:{'|'.join(fragments)})($|{EDGE})"
    if not pc.any(patterns.matches(texts, pattern)).as_py():
        return texts
    for _ in range(2):  # neighbours share the space between them, and a match consumes it
        texts = patterns.replaced(texts, pattern, rf"\1{token}\2")
    return texts


def sentences(text: str) -> list[str]:
    """Cut a text into sentences, at most MAX_SENTENCES."""
    return [part for part in _SENTENCE.split(text) if part and not part.isspace()][:MAX_SENTENCES]


def tokens(sentence: str) -> list[str]:
    """Lower-case tokens of a sentence; figures become 0, punctuation stands alone."""
    return [_NUMBER.sub("0", token) if token[0] != "z" else token for token in _TOKEN.findall(sentence.lower())]


def spaced(words: Iterable[str]) -> str:
    """The form cue patterns are matched in: tokens with one space around each."""
    return f" {' '.join(words)} "


def cue(fragments: Iterable[str]) -> str:
    """One RE2 pattern over spaced tokens from fragments of a language file."""
    return f" (?:{'|'.join(_over_tokens(fragment) for fragment in fragments)}) "


def language_of(words: Iterable[str]) -> str:
    """Code of the language most of whose commonest words occur, its own letters counting as one more; the first if none."""
    seen = set(words)
    letters = set("".join(seen))
    return max(_commonest(), key=lambda entry: len(seen & entry[1]) + bool(letters & entry[2]))[0]


def _over_tokens(fragment: str) -> str:
    fragment = fragment.strip().replace(r"\w", _WORD).replace(r"\d", "[0-9]")
    return fragment.replace("{ai}", _AI).replace("{gap}", "(?:[^ .,;:!?]+ ){0,3}")


@cache
def _commonest() -> tuple[tuple[str, frozenset[str], frozenset[str]], ...]:
    groups = [(code, languages.load(code).cues["language"]) for code in languages.codes()]
    return tuple((code, frozenset(group["words"]), frozenset("".join(group["letters"]))) for code, group in groups)
