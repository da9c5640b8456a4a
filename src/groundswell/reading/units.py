"""From messages to the sentences that are read: which of them speak of AI, and what stands beside them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.reading import tools, wording

_REACH = 2  # sentences after one about AI that may still be about it
_CONTEXT_SENTENCES = 4  # of a message that passes by its thread alone


@dataclass(frozen=True, slots=True)
class Units:
    """Sentences to read, in the order of their messages.

    Attributes:
        message: index of the message each comes from.
        focus: spaced tokens of the sentence.
        near: spaced tokens of the sentences before and after it.
        about: true where the sentence itself names AI or a tool.
        alone: true where the whole message names neither and its thread lends the topic.
        code: language of the message.
        tool: canonical tool named, the message's first where the sentence names none.
    """

    message: NDArray[np.int64]
    focus: list[str]
    near: list[str]
    about: NDArray[np.bool_]
    alone: NDArray[np.bool_]
    code: list[str]
    tool: list[str]

    def __len__(self) -> int:
        return len(self.focus)


def cut(texts: Any, *, own_tools: Sequence[str] = (), own_products: Sequence[str] = ()) -> Units:
    """Cut messages into the sentences worth reading.

    Args:
        texts: a string array of messages that passed the first filter.
        own_tools: names of the company's own tools.
        own_products: names of what it sells or builds.
    """
    marked = tools.mark(wording.tidy(texts), own_tools=own_tools, own_products=own_products).to_pylist()
    message: list[int] = []
    focus: list[str] = []
    near: list[str] = []
    about: list[bool] = []
    alone: list[bool] = []
    code: list[str] = []
    tool: list[str] = []
    for index, text in enumerate(marked):
        parts = [wording.tokens(sentence) for sentence in wording.sentences(text)]
        if not parts:
            continue
        spoken = [wording.spaced(part) for part in parts]
        speaks = [tools.speaks(sentence) for sentence in spoken]
        lent = not any(speaks)
        language = wording.language_of(token for part in parts for token in part)
        first = next((tools.named(sentence) for sentence in spoken if tools.named(sentence) not in ("", tools.ANY)), "")
        first = first or ("" if lent else tools.ANY)
        for place in _worth(speaks):
            message.append(index)
            focus.append(spoken[place])
            near.append(" ".join(spoken[max(0, place - 1) : place] + spoken[place + 1 : place + 2]))
            about.append(speaks[place])
            alone.append(lent)
            code.append(language)
            tool.append(_tool(spoken[place], first))
    return Units(np.array(message, dtype=np.int64), focus, near, np.array(about, bool), np.array(alone, bool), code, tool)


def joined(cut_up: Units) -> Units:
    """One unit a message, its sentences on end: what a label given to a whole message is true of."""
    starts = np.flatnonzero(np.diff(cut_up.message, prepend=-1))
    stops = [*starts[1:].tolist(), len(cut_up)] if len(cut_up) else []
    spans = list(zip(starts.tolist(), stops, strict=True))
    return Units(
        message=cut_up.message[starts],
        focus=[" ".join(cut_up.focus[start:stop]).replace("  ", " ") for start, stop in spans],
        near=[""] * len(spans),
        about=np.array([cut_up.about[start:stop].any() for start, stop in spans], dtype=bool),
        alone=cut_up.alone[starts],
        code=[cut_up.code[start] for start, _ in spans],
        tool=[cut_up.tool[start] for start, _ in spans],
    )


def _worth(speaks: list[bool]) -> list[int]:
    if not any(speaks):
        return list(range(min(len(speaks), _CONTEXT_SENTENCES)))
    return [place for place in range(len(speaks)) if any(speaks[max(0, place - _REACH) : place + 1])]


def _tool(sentence: str, first: str) -> str:
    own = tools.named(sentence)
    return own if own not in ("", tools.ANY) else first
