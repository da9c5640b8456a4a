"""Which tools are named, when a tool's name may also be a person, a planet or a mouse pointer."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any

from groundswell.languages import load as languages
from groundswell.reading import patterns, wording

_NAMED = re.compile(rf"{wording.TOOL_PREFIX}([a-z0-9_]+)")
ANY = "any"


def own_id(name: str) -> str:
    """Canonical id of a tool of the company's own: its name in lower case, signs as underscores."""
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") or "own"


def mark(texts: Any, *, own_tools: Sequence[str] = (), own_products: Sequence[str] = ()) -> Any:
    """Put one token for each tool, product and namesake into tidied texts.

    Args:
        texts: a string array as `wording.tidy` leaves it.
        own_tools: names of the company's own tools.
        own_products: names of what the company itself sells or builds: talk about them is not talk about how people work.
    """
    texts = wording.replace(texts, _people(), wording.PERSON_TOKEN, ignore_case=False)
    for name in own_products:
        texts = wording.replace(texts, [re.escape(name)], wording.PRODUCT_TOKEN)
    for name in own_tools:
        texts = wording.replace(texts, [re.escape(name)], wording.TOOL_PREFIX + own_id(name))
    for tool, entry in languages.tools().items():
        token = wording.AI_TOKEN if tool == ANY else wording.TOOL_PREFIX + tool
        texts = _forms(texts, token, entry)
    texts = _general(texts)
    return _homonyms(texts)


def named(sentence: str) -> str:
    """The first tool a marked sentence names, `any` for AI in general, empty for none; "AI" yields to a named tool."""
    found = _NAMED.search(sentence)
    if found:
        return found[1]
    return ANY if wording.AI_TOKEN in sentence else ""


def speaks(sentence: str) -> bool:
    """Whether a marked sentence names AI or a tool."""
    return wording.TOOL_PREFIX in sentence or wording.AI_TOKEN in sentence


def _forms(texts: Any, token: str, entry: Any) -> Any:
    # The specific before the general: "teams copilot" must not leave "teams" behind; the order is that of tools.toml.
    if entry.get("forms"):
        texts = wording.replace(texts, entry["forms"], token)
    if entry.get("cased"):
        texts = wording.replace(texts, entry["cased"], token, ignore_case=False)
    for name in entry.get("names", ()):
        if not _occurs(texts, (name,)):
            continue
        strong = "|".join(_contexts("strong"))
        texts = _swap(texts, rf"((?i:{strong})\s+){name}", rf"\1{token}")
    return texts


def _general(texts: Any) -> Any:
    for code in languages.codes():
        names = languages.load(code).cues["names"]
        if "cased" in names:
            texts = wording.replace(texts, names["cased"], wording.AI_TOKEN, ignore_case=False)
        words = names["words"]
        if code == "en":  # "ai" alone is a word of French and Vietnamese: only English spelling rules may take it
            texts = _in_english(texts, words)
            continue
        texts = wording.replace(texts, words, wording.AI_TOKEN)
        if "short" in names:
            texts = _swap(texts, rf"((?i:{'|'.join(names['after'])}))(?:{'|'.join(names['short'])})", rf"\1{wording.AI_TOKEN}")
    return texts


def _in_english(texts: Any, words: Sequence[str]) -> Any:
    import pyarrow as pa

    texts = wording.replace(texts, ["AIs?", "A\\.I\\."], wording.AI_TOKEN, ignore_case=False)
    longer = [word for word in words if not word.startswith(("a\\.", "ais"))]
    texts = wording.replace(texts, longer, wording.AI_TOKEN)
    hit = patterns.matches(texts, wording.bounded(["ai", "ais"])).to_pylist()
    if not any(hit):
        return texts
    values = texts.to_pylist()
    for index, one in enumerate(hit):
        if one and wording.language_of(wording.tokens(values[index])) == "en":
            values[index] = re.sub(r"(?<!\w)ais?(?!\w|')", wording.AI_TOKEN, values[index])
    return pa.array(values, pa.string())


def _homonyms(texts: Any) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    before, after = "|".join(_contexts("before")), "|".join(_contexts("after"))
    evident = patterns.matches(texts, f"{wording.AI_TOKEN}|{wording.TOOL_PREFIX}|(?i:prompt)")
    for tool, words in _ambiguous():
        token = wording.AI_TOKEN if tool == ANY else wording.TOOL_PREFIX + tool
        if not _occurs(texts, words):
            continue
        here = "|".join(words)
        beside = wording.bounded([rf"(?i:{before})\s+(?:{here})", rf"(?:{here})(?:'s)?\s+(?i:{after})"])
        meant = pc.and_(pc.or_(evident, patterns.matches(texts, beside)), patterns.matches(texts, f"(?:{here})"))
        if pc.any(meant).as_py():
            swapped = wording.replace(texts, words, token, ignore_case=False)
            texts = pc.if_else(meant, swapped, texts)
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def _occurs(texts: Any, words: Sequence[str]) -> bool:
    """Whether any of a few plain words stands anywhere: a cheap look before a pattern that is dear to compile."""
    import pyarrow.compute as pc

    return any(pc.any(pc.match_substring(texts, word)).as_py() for word in words)


def _swap(texts: Any, pattern: str, replacement: str) -> Any:
    import pyarrow.compute as pc

    if not pc.any(patterns.matches(texts, pattern)).as_py():  # the bounded pattern is dear to compile
        return texts
    bounded = rf"(^|[^\p{{L}}])(?:{pattern})($|[^\p{{L}}])"
    shifted = replacement.replace(r"\1", r"\2")
    return pc.replace_substring_regex(texts, bounded, rf"\1{shifted}\3")


@cache
def _people() -> tuple[str, ...]:
    return tuple(turn for entry in languages.tools().values() for turn in entry.get("people", ()))


@cache
def _ambiguous() -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((tool, tuple(entry["homonyms"])) for tool, entry in languages.tools().items() if "homonyms" in entry)


@cache
def _contexts(side: str) -> tuple[str, ...]:
    return tuple(_each(side))


def _each(side: str) -> Iterator[str]:
    for code in languages.codes():
        words: Iterable[str] = languages.load(code).cues["homonyms"][side]
        yield from words
