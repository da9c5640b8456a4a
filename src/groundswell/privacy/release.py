"""The only way out: turns exact counts into what may be estimated from and shown, or refuses."""

from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from groundswell.errors import PrivacyError
from groundswell.model.measure import Counts, Exit
from groundswell.model.phrase import Phrase, say
from groundswell.privacy import noise
from groundswell.privacy.book import Book, Entered, pack_tables, shape_of, unpack_tables
from groundswell.privacy.protection import DEFAULT, Protection
from groundswell.privacy.smuggle import LARGEST_NUMBER as LARGEST_NUMBER
from groundswell.privacy.smuggle import copied
from groundswell.privacy.suppression import guard

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_PEOPLE = int(DEFAULT.least_people)
"""Fewest people a released count may rest on (M11)."""

LEAST_UNITS = int(DEFAULT.least_units)
"""Fewest practices, announcements or cascades any released result may rest on; a measure asks for more, never for less."""

SHARE_ERROR = 0.10
"""Largest 1.96 standard deviations of noise a share may carry; fewer people get the smaller noise of a group (M11)."""

_seal = object()
"""Held by this module alone: a Release made anywhere else is a forgery."""


class How(StrEnum):
    """How a release is protected; kept with it."""

    AGGREGATION = "aggregation"
    NOISE = "noise"
    FLOORS_TRIAL = "floors, trial"
    FLOORS_SMALL = "floors, few people"
    FLOORS_UNDECLARED = "floors, no noise declared"


@dataclass(frozen=True, kw_only=True)
class Release:
    """Counts that may be estimated from and shown.

    Attributes:
        measure, exit: what was counted, and by which kind of exit it left.
        tables: the released tables; empty if refused. In a noised release the noised and the plain ones alone; in a
            suppressed table the hidden numbers are null.
        people, units: what they rest on, 0 where that is fewer than the floor; head counts, taken as known to whoever employs
            these people.
        start, end: window counted.
        sigma: standard deviation of the noise in every noised count; 0 where protection is by aggregation or floors alone.
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
    # Asked for and not kept: a seal that could be read off a release, or copied by `replace`, would let anybody forge the next.
    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _seal:
            raise PrivacyError(self.measure, "a release was made outside privacy")


def release(
    counts: Counts,
    *,
    book: Book | None = None,
    words: frozenset[str] | None = None,
    unseen: tuple[Phrase, Phrase] | None = None,
) -> Release:
    """Let counts out under the floors of their exit, or refuse with the reason.

    With a book, one release a measure and quarter is let out: where noise is due it is paid, drawn, kept and given again
    whatever is counted later; elsewhere other counts for the same quarter are refused, because their difference could tell of
    one person. So is a measure that was added or changed after the quarter's first release, for it could ask the same again.
    Without a book (a trial) floors alone protect, and the note says so.

    Args:
        counts: what a measure counted.
        book: of a company with a complete charter.
        words: every word of the closed lists of this company; None holds words to a form only.
        unseen: why the sources that were read cannot show this at all, and what to add: then nothing is let out.

    Raises:
        PrivacyError: a table holds what no release may hold, or the book was changed by another hand.
    """
    protection = book.protection if book else DEFAULT
    refused = unseen or _refusal(counts, protection)
    if refused:
        # Before a table is looked at: what a refusal takes must not hang on what was counted of few people.
        return _sealed(counts, {}, how=_how(counts, book, protection), refused=refused)
    tables = copied(counts.measure, counts.tables, words)
    shape = shape_of(tables)
    entered = book.entered(counts.measure) if book else None
    how = How(entered.how) if entered else _how(counts, book, protection)
    if book is not None and _asks_anew(book, counts.measure, shape, entered):
        return _sealed(counts, {}, how=how, refused=_other_question())
    if book is not None and entered is not None and how is How.NOISE:
        return _again(book.load(counts.measure, shape, entered.digest))
    if book is not None and entered is not None and entered.digest != book.digest(tables):
        return _sealed(counts, {}, how=how, refused=_other_traces())
    if book is not None and entered is None and how is How.NOISE:
        return _paid(counts, tables, shape, book)
    if book is not None and entered is None:
        book.enter(counts.measure, shape, how=how, digest=book.digest(tables))
    return _sealed(counts, _suppressed(counts, tables, protection), how=how)


def _asks_anew(book: Book, measure: str, shape: str, entered: Entered | None) -> bool:
    """Whether this is another question than the one that was answered, or fixed, before the quarter's results went out."""
    if entered is not None:
        return entered.question != book.question(measure, shape)
    return book.closed_to(measure)


def _paid(counts: Counts, tables: "dict[str, pa.Table]", shape: str, book: Book) -> Release:
    """A noised release: paid, drawn, kept and entered, in that order, so that a crash wastes budget and forgets nothing."""
    sigma = _sigma(counts, book.protection)
    if not book.ledger.holds(sigma=sigma, moves=counts.moves):
        return _sealed(counts, {}, how=How.NOISE, sigma=sigma, refused=_spent())
    noised = _suppressed(counts, _noised(counts, tables, sigma, book), book.protection)
    out = _sealed(counts, noised, how=How.NOISE, sigma=sigma)
    book.enter(counts.measure, shape, how=How.NOISE, digest=book.save(counts.measure, shape, _content(out)))
    return out


def _how(counts: Counts, book: Book | None, protection: Protection) -> How:
    if counts.exit is Exit.PRACTICES:
        return How.AGGREGATION
    if book is None:
        return How.FLOORS_TRIAL
    if counts.people < protection.noised_from:
        return How.FLOORS_SMALL
    return How.NOISE if counts.noised else How.FLOORS_UNDECLARED


def _sigma(counts: Counts, protection: Protection) -> float:
    """Noise of a group, or of the organisation where it is large enough to bear it; a smaller one is the single group."""
    whole = counts.people >= 1.96 * protection.sigma_organisation / SHARE_ERROR
    return float(protection.sigma_organisation if whole and not counts.groups else protection.sigma_group)


def _noised(counts: Counts, tables: "dict[str, pa.Table]", sigma: float, book: Book) -> "dict[str, pa.Table]":
    """Noise on every declared column, paid first; of the others only what is about no person stays."""
    import pyarrow as pa

    for name, columns in counts.noised.items():
        _check_grid(f"{counts.measure}.{name}", tables.get(name), columns)
    book.ledger.spend(f"{counts.measure} {book.quarter}", sigma=sigma, moves=counts.moves, now=book.now)
    out = {}
    for name, table in tables.items():
        columns = counts.noised.get(name, ())
        if not columns and name not in counts.plain:
            continue
        for column in columns:
            drawn = noise.add(table[column].to_pylist(), sigma=sigma)
            table = table.set_column(table.schema.get_field_index(column), column, pa.array(drawn, pa.int64()))
        out[name] = table
    return out


def _check_grid(where: str, table: "pa.Table | None", columns: tuple[str, ...]) -> None:
    """Noise hides nothing if an exact number stands beside it: the other columns may only name the row."""
    import pyarrow as pa

    if table is None or not columns or not set(columns) <= set(table.column_names):
        raise PrivacyError(where, "a column that is declared noised is not there")
    keys = [f for f in table.schema if f.name not in columns]
    if any(pa.types.is_floating(f.type) for f in keys):
        raise PrivacyError(where, "an exact number stands beside noised ones")
    names = [tuple(row.values()) for row in table.select([f.name for f in keys]).to_pylist()] if keys else [()] * len(table)
    if len(set(names)) != len(names):
        raise PrivacyError(where, "two rows of noised counts have one name")
    for column in columns:
        if table[column].null_count or not pa.types.is_integer(table.schema.field(column).type):
            raise PrivacyError(f"{where}.{column}", "a noised column holds what is no count")


def _suppressed(counts: Counts, tables: "dict[str, pa.Table]", protection: Protection) -> "dict[str, pa.Table]":
    """Small cells of tables with published margins become null, with every number that stands in their row."""
    import pyarrow as pa

    out = dict(tables)
    for name, column in counts.suppressed.items():
        table = tables.get(name)
        if table is None or column not in table.column_names:
            continue
        numbers = [f.name for f in table.schema if not (pa.types.is_string(f.type) or pa.types.is_boolean(f.type))]
        keys = [f.name for f in table.schema if f.name not in numbers]
        rows = table.to_pylist()
        cells = {tuple(row[k] for k in keys): row[column] for row in rows}
        if len(cells) != len(rows):
            raise PrivacyError(f"{counts.measure}.{name}", "two cells of a suppressed table have one name")
        shown = guard(cells, least=protection.least_people, width=protection.interval_width).shown if keys else cells
        held = [tuple(row[k] for k in keys) in shown for row in rows]
        for field in numbers:
            values = [row[field] if h else None for row, h in zip(rows, held, strict=True)]
            table = table.set_column(table.schema.get_field_index(field), field, pa.array(values, table.schema.field(field).type))
        out[name] = table
    return out


def _sealed(
    counts: Counts, tables: "dict[str, pa.Table]", *, how: How, sigma: float = 0.0, refused: tuple[Phrase, Phrase] | None = None
) -> Release:
    return Release(
        measure=counts.measure,
        exit=counts.exit,
        tables=MappingProxyType(tables),
        # Below the floor the number itself is what must not be told: three people and nine read the same.
        people=counts.people if counts.people >= LEAST_PEOPLE else 0,
        units=counts.units if counts.people >= LEAST_PEOPLE else 0,
        start=counts.start,
        end=counts.end,
        sigma=sigma,
        refused=refused[0] if refused else None,
        unlock=refused[1] if refused else None,
        note=_note(how, sigma),
        seal=_seal,
    )


def _content(out: Release) -> dict[str, Any]:
    return {
        "measure": out.measure,
        "exit": str(out.exit),
        "people": out.people,
        "units": out.units,
        "start": out.start.isoformat(),
        "end": out.end.isoformat(),
        "sigma": out.sigma,
        "tables": pack_tables(out.tables),
    }


def _again(kept: Mapping[str, Any]) -> Release:
    """The release that was kept; its digest stands in the record, so that it is ours."""
    return Release(
        measure=kept["measure"],
        exit=Exit(kept["exit"]),
        tables=MappingProxyType(unpack_tables(kept["tables"])),
        people=kept["people"],
        units=kept["units"],
        start=date.fromisoformat(kept["start"]),
        end=date.fromisoformat(kept["end"]),
        sigma=kept["sigma"],
        refused=None,
        unlock=None,
        note=_note(How.NOISE, kept["sigma"]),
        seal=_seal,
    )


def _refusal(counts: Counts, protection: Protection) -> tuple[Phrase, Phrase] | None:
    least = int(max(counts.least_units, protection.least_units))
    if counts.people < protection.least_people:  # never lower than LEAST_PEOPLE
        return (
            say("fewer than {least:count} people stand behind it", least=int(protection.least_people)),
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
    return None


def _spent() -> tuple[Phrase, Phrase]:
    return say("the year's privacy budget is spent"), say("the next calendar year")


def _other_traces() -> tuple[Phrase, Phrase]:
    return say("other counts were let out for this quarter, and a difference between two could tell of one person"), say(
        "the next quarter"
    )


def _other_question() -> tuple[Phrase, Phrase]:
    return say("how it is counted was changed after results of this quarter had been let out"), say("the next quarter")


def _note(how: How, sigma: float) -> Phrase:
    match how:
        case How.AGGREGATION:
            return say("protected by aggregation, not by differential privacy")
        case How.NOISE:
            return say(
                "protected by noise of {sigma:number} people in every count, paid from the year's privacy budget", sigma=sigma
            )
        case How.FLOORS_SMALL:
            return say(
                "protected by floors alone, because fewer than {n:count} people stand behind it", n=int(DEFAULT.noised_from)
            )
        case How.FLOORS_TRIAL:
            return say("protected by floors alone, because this is a trial without a charter")
        case How.FLOORS_UNDECLARED:
            return say("protected by floors: no cell rests on fewer than {least:count} people", least=LEAST_PEOPLE)
