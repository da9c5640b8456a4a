"""The closed lists a released word must stand in: the codebook, what the exports call things, what the published SQL writes."""

import re
from enum import StrEnum

from groundswell.model import practice, reading, trace
from groundswell.model.measure import EngineLike, Measure

LITERAL = re.compile(r"'([^']*)'")
"""A word that stands in the SQL itself, and so was fixed before a trace was read."""

LISTED: dict[str, tuple[str, ...]] = {
    "acts": ("tool", "channel", "source", "reader"),
    "traces": ("source",),
    "usage_days": ("tool", "source"),
    "usage_totals": ("tool", "source"),
    "artefacts": ("tool", "source"),
    "seats": ("tool", "currency", "source"),
    "spend": ("tool", "currency", "source"),
    "positions": ("unit", "role", "site", "source"),
    "programmes": ("tool", "unit", "source"),
    "pulse_answers": ("tool", "how", "stratum", "source"),
    "labels": ("stratum", "reader"),
}
"""Stored columns that hold words of lists: names of tools, of kinds, of sources, of units; never of people."""


def closed_lists(engine: EngineLike) -> frozenset[str]:
    """Every word a release of this company may hold, beside those its own SQL writes."""
    words = {
        str(word) for module in (practice, reading, trace) for kind in vars(module).values() if _is_list(kind) for word in kind
    }
    for table, columns in LISTED.items():
        for column in columns:
            words.update(engine.run(f"select distinct {column} as word from {table}")["word"].to_pylist())  # noqa: S608 - own words only
    return frozenset(word for word in words if word)


def literals(measure: Measure) -> frozenset[str]:
    """Words that stand in a measure's published SQL."""
    return frozenset(word for text in measure.sql.values() for word in LITERAL.findall(text))


def _is_list(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum
