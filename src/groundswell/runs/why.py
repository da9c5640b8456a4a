"""Which reasons does an answer in somebody's own words name: the words come in, five yes or no go out, nothing else stays."""

LONGEST = 600
"""Characters read; a why in one's own words is a sentence or two."""


def reasons_of(words: str) -> int | None:
    """Code an answer to "why is your team asked to use AI?" by the reasons a statement may carry (see reading.substance).

    Args:
        words: as somebody wrote them; they are nowhere kept, logged or quoted. How somebody writes tells who they are.

    Returns:
        Bit set: a goal, a problem, for whom, limits, permission to fail; 0 for words that name none; None for no words.
    """
    import pyarrow as pa

    from groundswell.reading import substance, tools, wording

    text = words.strip()[:LONGEST]
    if not text:
        return None
    marked = tools.mark(wording.tidy(pa.array([text], pa.string())), own_tools=(), own_products=()).to_pylist()[0]
    parts = [wording.tokens(sentence) for sentence in wording.sentences(marked)]
    spoken = " ".join(wording.spaced(part) for part in parts)
    code = wording.language_of(token for part in parts for token in part)
    return int(substance.of([spoken], [code]).reasons[0])
