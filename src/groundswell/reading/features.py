"""What the linear model sees of a sentence: hashed words, word pairs and letter groups, and the cues it holds."""

import zlib
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.reading import cues, wording
from groundswell.reading.units import Units

BUCKETS = 1 << 15
_GROUPS = ("act", "modality", "person", "frame")
_LETTERS = range(3, 6)


def rule_names() -> tuple[str, ...]:
    """Names of the rule features, in the order of `rules`."""
    return _rule_names()


def rules(units: Units) -> NDArray[np.float32]:
    """Cues of each sentence, of its neighbours, and the pairs of them that decide what a cue is worth.

    Returns:
        One row a unit, values 0, .5 (a neighbour's cue) or 1, columns as `rule_names`.
    """
    here = {group: cues.found(units.focus, units.code, group) for group in _GROUPS}
    beside = cues.found(units.near, units.code, "act")
    column = {group: {name: here[group][:, place] for place, name in enumerate(cues.names(group))} for group in _GROUPS}
    quiet = ~(column["modality"]["negated"] | column["modality"]["intended"] | column["modality"]["asked"])
    first = column["person"]["first"]
    columns: list[NDArray[Any]] = [here[group] for group in _GROUPS]
    columns.append(beside * np.float32(0.5))
    columns.append(here["act"] & (units.about & quiet)[:, None])
    columns.append(here["act"] & (first & quiet)[:, None])
    columns.append(here["act"] & column["modality"]["reported"][:, None])
    columns.append(here["act"] & column["frame"]["product"][:, None])
    columns.append(here["modality"] & first[:, None])
    columns.append(_shape(units, column))
    return np.hstack(columns, dtype=np.float32)


def terms(sentence: str) -> list[str]:
    """Words and word pairs of a sentence in spaced tokens, each tool as the same word."""
    words = [wording.TOOL_PREFIX if word.startswith(wording.TOOL_PREFIX) else word for word in sentence.split()]
    return words + [f"{one} {other}" for one, other in pairwise(words)]


@cache
def _rule_names() -> tuple[str, ...]:
    acts = cues.names("act")
    out = [f"{group}:{name}" for group in _GROUPS for name in cues.names(group)]
    out += [f"{prefix}:{act}" for prefix in ("near", "plain", "own", "reported", "product") for act in acts]
    out += [f"own:{name}" for name in cues.names("modality")]
    return (*out, *_SHAPES)


_SHAPES = (
    "about",
    "alone",
    "silent",
    "short",
    "long",
    "question",
    "code",
    "link",
    "person",
    "two tools",
    "own about",
    "others about",
)


def _shape(units: Units, column: dict[str, dict[str, NDArray[np.bool_]]]) -> NDArray[np.bool_]:
    length = np.array([sentence.count(" ") - 1 for sentence in units.focus])

    def has(part: str) -> Any:
        return np.array([part in sentence for sentence in units.focus], dtype=bool)

    first, third = column["person"]["first"], column["person"]["third"]
    shapes = (
        units.about,
        units.alone,
        ~units.about & ~units.alone,
        length < 6,
        length > 30,
        has(" ? "),
        has(" zcode "),
        has(" zurl "),
        has(wording.PERSON_TOKEN),
        np.array([sentence.count(wording.TOOL_PREFIX) > 1 for sentence in units.focus], dtype=bool),
        first & units.about,
        third & ~first & units.about,
    )
    return np.column_stack(shapes) if len(units) else np.zeros((0, len(shapes)), dtype=bool)


def term(key: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Buckets and weights of one word, with its letter groups, or of one pair."""
    buckets = [_bucket(("p " if " " in key else "w ") + key)]
    if " " not in key and len(key) > 3 and not key.startswith("z"):
        edged = f"<{key}>"
        buckets += [_bucket(f"c {edged[at : at + n]}") for n in _LETTERS for at in range(len(edged) - n + 1)]
    weights = np.full(len(buckets), 1.0 / np.sqrt(max(len(buckets) - 1, 1)), dtype=np.float32)
    weights[0] = 1.0
    return np.array(buckets, dtype=np.int32), weights


def _bucket(text: str) -> int:
    return zlib.crc32(text.encode()) % BUCKETS
