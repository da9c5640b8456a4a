"""The only way out: turns exact counts into what may be estimated from and shown, or refuses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING

from groundswell.errors import PrivacyError
from groundswell.model.measure import Counts, Exit
from groundswell.model.phrase import Phrase, say

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_PEOPLE = 10
"""Fewest people a released count may rest on (M11)."""

LEAST_UNITS = 8
"""Fewest practices, announcements or cascades any released result may rest on; a measure asks for more, never for less."""

LARGEST_NUMBER = 2**40
"""No honest count, day or week is larger; a pseudonym nearly always is."""

_seal = object()
"""Held by this module alone: a Release made anywhere else is a forgery."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """Counts that may be estimated from and shown.

    Attributes:
        measure, exit: what was counted, and by which kind of exit it left.
        tables: the released tables; empty if refused.
        people, units: what they rest on.
        start, end: window counted.
        sigma: standard deviation of the noise in every count; 0 where protection is by aggregation or floors alone.
        refused, unlock: why nothing was let out and what would lift that.
        note: how it is protected, in words for the page.
    """

    measure: str
    exit: Exit
    tables: "Mapping[str, pa.Table]"
    people: int
    units: int
    start: date
    end: date
    sigma: float
    refused: Phrase | None
    unlock: Phrase | None
    note: Phrase
    seal: object

    def __post_init__(self) -> None:
        if self.seal is not _seal:
            raise PrivacyError(self.measure, "a release was made outside privacy")


def release(counts: Counts) -> Release:
    """Let counts out under the floors of their exit, or refuse with the reason.

    Raises:
        PrivacyError: a table holds what no release may hold: a pseudonym, nested rows, or bytes.
    """
    for name, table in counts.tables.items():
        _check(f"{counts.measure}.{name}", table)
    refused, unlock = _refusal(counts)
    return Release(
        measure=counts.measure,
        exit=counts.exit,
        tables=MappingProxyType({} if refused else dict(counts.tables)),
        people=counts.people,
        units=counts.units,
        start=counts.start,
        end=counts.end,
        sigma=0.0,
        refused=refused,
        unlock=unlock,
        note=_note(counts),
        seal=_seal,
    )


def _refusal(counts: Counts) -> tuple[Phrase | None, Phrase | None]:
    least = max(counts.least_units, LEAST_UNITS)
    if counts.people < LEAST_PEOPLE:
        return (
            say("fewer than {least:count} people stand behind it", least=LEAST_PEOPLE),
            say("traces of more people, or of a longer time"),
        )
    if counts.exit is Exit.PRACTICES and counts.units < least:
        return (
            say(
                "it rests on {n:count} case and needs {least:count} | it rests on {n:count} cases and needs {least:count}",
                n=counts.units,
                least=least,
            ),
            say("more exports, or a longer time"),
        )
    return None, None


def _note(counts: Counts) -> Phrase:
    if counts.exit is Exit.PRACTICES:
        return say("protected by aggregation, not by differential privacy")
    return say("protected by floors: no cell rests on fewer than {least:count} people", least=LEAST_PEOPLE)


def _check(where: str, table: "pa.Table") -> None:
    """Refuse columns that could carry a person out: huge integers, lists, bytes."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for column in table.schema:
        kind = column.type
        plain = any(
            test(kind)
            for test in (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_date, pa.types.is_string)
        )
        if not plain:
            raise PrivacyError(f"{where}.{column.name}", f"a column of type {kind} may not leave")
        if (
            pa.types.is_integer(kind)
            and len(table)
            and (pc.max(pc.abs(table[column.name].cast("int64"))).as_py() or 0) >= LARGEST_NUMBER
        ):
            raise PrivacyError(f"{where}.{column.name}", "numbers as large as a pseudonym may not leave")
