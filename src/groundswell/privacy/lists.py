"""What a row may hold on its way in: pseudonyms the door made, and words of closed lists, so that no plug-in stores a name."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from groundswell.errors import PrivacyError
from groundswell.model import reading, trace
from groundswell.model.source import Batch

HOW = frozenset({"own", "colleague", "asked", "programme", "other", ""})
"""How somebody came to use a tool, as the pulse asks it."""

CLOSED: Mapping[tuple[str, str], frozenset[str]] = {
    ("", "actor_kind"): frozenset(trace.ActorKind),
    ("", "act"): frozenset({*reading.Act, "none"}),
    ("", "modality"): frozenset(reading.Modality),
    ("", "job"): frozenset(reading.Job),
    ("", "drop"): frozenset({*reading.DropKind, ""}),
    ("", "form"): frozenset(trace.ArtefactForm),
    ("", "event"): frozenset(trace.ArtefactEvent),
    ("", "how"): HOW,
    ("TieTrace", "kind"): frozenset(trace.TieKind),
    ("Programme", "kind"): frozenset(trace.ProgrammeKind),
}
"""Row class ("" for any) and column -> every word it may hold."""

OWN_WORDS = ("tool", "unit", "role", "site", "stratum", "channel", "currency", "reader")
"""Columns that hold a company's or a plug-in's own words: held to a form, since no list of them can be known."""

LONGEST_WORD = 80
"""Characters; the longest names of teams are about half of it."""

NO_WORD = re.compile(r"@|\d{7,}|[\r\n\t]")
"""An address, a number long enough to be a pseudonym or an account, or more than one line: never a word of a list."""

PEOPLE = ("actor", "whom", "manager", "reply_to")


def check(batch: Batch, source: str, *, issued: set[int]) -> None:
    """Refuse a batch that could carry a name or a text into the store.

    Args:
        batch: rows of any class.
        source: name of the source that reads them; every row must bear it.
        issued: pseudonyms the door made, and 0.

    Raises:
        PrivacyError: naming source, row class and column, never a value.
    """
    kind = batch.row.__name__
    for column, values in batch.columns.items():
        where = f"{source}.{kind}.{column}"
        allowed = CLOSED.get((kind, column)) or CLOSED.get(("", column))
        if column in PEOPLE and not _distinct(values) <= issued:
            raise PrivacyError(where, "a pseudonym that the door did not make")
        if allowed is not None and not {_plain(v) for v in _distinct(values)} <= allowed:
            raise PrivacyError(where, "a word that stands in no list")
        if column == "source" and not _distinct(values) <= {source}:
            raise PrivacyError(where, "a row that bears another source's name")
        if column in OWN_WORDS and not all(is_word(v) for v in _distinct(values)):
            raise PrivacyError(where, "what looks like an address, a number or a sentence")


def is_word(value: Any) -> bool:
    """Whether a value has the form of a word of a list; "" and None have."""
    return value is None or (isinstance(value, str) and len(value) <= LONGEST_WORD and not NO_WORD.search(value))


def _distinct(values: Any) -> set[Any]:
    return set(values.unique().to_pylist()) if hasattr(values, "unique") and hasattr(values, "type") else set(values)


def _plain(value: Any) -> Any:
    return value.value if isinstance(value, StrEnum) else value
