"""What does a page call a tool, a trail or a source, whose stored names are short words?"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType

from groundswell import registry
from groundswell.languages.load import tools
from groundswell.model.phrase import Phrase, say

CHANNELS: Mapping[str, Phrase] = MappingProxyType(
    {
        "agent author": say("agent as author"),
        "agent branch": say("branch of an agent"),
        "assisted-by trailer": say("assisted-by line"),
        "author": say("author's name"),
        "co-author trailer": say("co-author line"),
        "disclosure": say("disclosure in a request"),
        "generated-by trailer": say("generated-by line"),
        "generated-with line": say("generated-with line"),
        "logbook": say("logbook"),
        "made-with trailer": say("made-with line"),
        "message": say("messages"),
        "note of an agent": say("note of an agent"),
        "review suggestion": say("suggestion in a review"),
        "session trailer": say("session line"),
        "usage log": say("usage log"),
    }
)
"""Trails of use, as the stored rows name them, and what a page calls them."""

INVENTED = frozenset(title.text for title in (say("Talk outruns use"), say("A quiet groundswell")))
"""Companies of the demonstration, whose names are sentences and so are translated."""

_STORED = re.compile(r"[a-z][a-z0-9_]*")


def tool_name(tool: str) -> str:
    """A tool as its makers write it; one of the company's own, stored in small letters, begins with a capital."""
    if tool in tools():
        return str(tools()[tool]["name"])
    return tool.replace("_", " ").capitalize() if _STORED.fullmatch(tool) else tool


@cache
def _titles() -> Mapping[str, str]:
    return {name: source.title for name, source in registry.sources().items()}


def shown_name(placeholder: str, value: str, said: Callable[[Phrase], str]) -> str:
    """What stands for a text in a phrase: tools and trails by the names people know, anything else as it is.

    Args:
        placeholder: the name under which the phrase holds it; `tool`, `channel` and `source` are stored words.
        value: what the phrase holds.
        said: puts a phrase into the language of the page.
    """
    if placeholder == "channel" and value in CHANNELS:
        return said(CHANNELS[value])
    if placeholder == "source" and value in _titles():
        return said(Phrase(_titles()[value]))
    return tool_name(value) if placeholder == "tool" else value
