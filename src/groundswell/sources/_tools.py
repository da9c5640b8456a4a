"""Names a tool the way every room does, whatever a vendor, an invoice or a colleague calls it."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

from groundswell.languages import load as languages

ANY = "any"
"""AI in general: no tool, or none that can be told."""
LONGEST = 60
"""Characters: a longer cell is a sentence, not a name, and might say anything."""

SUITE = re.compile(r"\b(m365|o365|(office|microsoft) 365)\b.*copilot|copilot.*\b(m365|o365|(office|microsoft) 365)\b|bizchat")
"""The office suite's Copilot under any of its names, tried before the code host's."""
MODELS = (
    (re.compile(r"claude|anthropic"), "claude"),
    (re.compile(r"codex"), "codex"),
    (re.compile(r"\bgpt|chatgpt|\bo[1345](-|$)|davinci|openai"), "chatgpt"),
    (re.compile(r"gemini|gemma"), "gemini"),
    (re.compile(r"mistral|mixtral|codestral|devstral|magistral"), "mistral"),
)
"""Families of models that people call by a tool's name."""


@lru_cache(maxsize=4_096)
def tool_of_model(model: str) -> str:
    """Tool people call a model by; "any" for one that is not known."""
    plain = model.casefold()
    return next((tool for pattern, tool in MODELS if pattern.search(plain)), ANY)


@lru_cache(maxsize=4_096)
def tool_name(product: str) -> str:
    """Canonical id of a product; an unknown one keeps its own name in lower case with underscores; "any" if none is given.

    The ids are those of languages/tools.toml, so that a seat, a log and a message can agree about a tool.
    """
    plain = " ".join(re.findall(r"[^\W_]+", product))
    if plain.casefold() in ("", "ai", "ia", "any", "other") or len(plain) > LONGEST:
        return ANY
    if SUITE.search(plain.casefold()):
        return "m365_copilot"
    # The longest name wins: "OpenAI Codex" names the second, although it begins as the first is called.
    known = [(len(found[0]), tool) for tool, pattern in _known().items() if (found := pattern.search(plain))]
    return max(known)[1] if known else plain.casefold().replace(" ", "_")


@cache
def _known() -> Mapping[str, re.Pattern[str]]:
    patterns = {}
    for tool, entry in languages.tools().items():
        # In a list of products even an ordinary word such as Cursor names the product.
        words = [*entry.get("forms", ()), *entry.get("homonyms", ()), *entry.get("names", ()), re.escape(tool.replace("_", " "))]
        if tool != ANY:
            patterns[tool] = re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)
    return patterns
