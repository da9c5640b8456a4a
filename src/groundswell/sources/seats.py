"""Seats of any tool: a plain list of who was given a licence, with what it costs, as a table with any column names.

A file `<name>.toml` beside `<name>.csv` says what its columns mean where they are not called so already::

    [columns]
    person = "Mitarbeiter"            # address, login or full name
    tool = "Werkzeug"
    assigned = "Zugewiesen am"
    last_active = "Zuletzt benutzt"
    price = "Preis im Monat"
    [fixed]                           # what holds for every row
    currency = "EUR"
    day = 2026-03-01                  # day of the list; else it is read from a column "as of" or from the file's name
    measured = false                  # the last activity in the list is not reliable
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from groundswell.errors import InputError
from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family, Seat
from groundswell.sources._csv import Columns, Table, need_table, open_table
from groundswell.sources._days import SLASHED, day, month_first
from groundswell.sources._ledger import kind_of, money
from groundswell.sources._lines import head
from groundswell.sources._rows import batches
from groundswell.sources._snapshot import fingerprint, named_day, need_day
from groundswell.sources._tools import tool_name

MONTHS = 12
MAPPING = re.compile(rb"^\s*\[(columns|fixed)", re.MULTILINE)
"""A mapping, even a broken one; other settings may lie beside a table too."""
MAX_MAPPING = 65_536
"""Bytes of a mapping; it is a handful of lines."""

COLUMNS: dict[str, tuple[str, ...]] = {
    "person": ("person", "assigned to", "seat holder", "user", "user email", "email"),
    "tool": ("tool", "product", "application", "app", "software", "licence", "license"),
    "assigned": ("assigned", "assigned on", "assigned at", "date assigned", "seat since"),
    "last_active": ("last active", "last active on", "last activity", "last used", "last seen"),
    "price": ("price", "monthly price", "price per month", "seat price", "price per seat"),
    "yearly": ("yearly price", "annual price", "price per year"),
    "currency": ("currency",),
    "day": ("as of", "snapshot", "list date"),
}


def recognise(path: Path) -> Export | None:
    """A table with a person, a tool and one thing about the seat; or any table with a mapping beside it."""
    table = open_table(path)
    if table is None:
        return None
    try:
        columns, fixed = _mapping(path)
    except InputError:
        meant = MAPPING.search(head(_beside(path) or path, MAX_MAPPING))
        return Export("seats", path) if meant else None  # reading it tells what is wrong with the mapping
    if columns is not COLUMNS or fixed:
        return Export("seats", path)
    told = any(table.has(columns, name) for name in ("assigned", "last_active", "price", "yearly"))
    return Export("seats", path) if table.has(columns, "person", "tool") and told else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """One seat a row.

    Raises:
        InputError: no table, a mapping that does not fit, or nothing that says on which day the list was taken.
    """
    columns, fixed = _mapping(export.path)
    table = need_table(export.path, columns, "person", *(() if "tool" in fixed else ("tool",)))
    yield from batches(_seats(table, columns, fixed, door), door)


def _seats(table: Table, columns: Columns, fixed: Mapping[str, Any], door: DoorLike) -> Iterator[Seat]:
    first = _month_first(table, columns)
    measured = table.has(columns, "last_active") and fixed.get("measured", True) is not False
    taken = fixed["day"] if isinstance(fixed.get("day"), date) else None
    if taken is None and table.find(columns["day"]) is None:
        taken = need_day(table.path)
    for number, row in table.rows(door, columns):
        where = f"{table.path.name}:{number}"
        on = taken or _day(row["day"], first, where, door) or named_day(table.path)
        actor, kind = _who(row["person"], door)
        if on is None or not actor or kind is not ActorKind.PERSON:
            reason = (
                "no usable date" if on is None else "unattributed" if not actor else "licence of an account that is no person"
            )
            door.skip(reason, where=where)
            continue
        tool = tool_name(str(fixed.get("tool") or row["tool"]))
        last = _day(row["last_active"], first, where, door)
        price = _price(row, fixed)
        yield Seat(
            id=door.hashed("seats", "seat", actor, tool, on.isoformat()),
            version=last.toordinal() if last else 0,
            day=on,
            actor=actor,
            tool=tool,
            assigned_on=_day(row["assigned"], first, where, door),
            last_active_on=last if last and last <= on else None,
            measured=measured,
            monthly_price=price,
            currency=str(fixed.get("currency") or row["currency"]).strip().upper()[:3] if price is not None else "",
            source="seats",
        )


def _price(row: Mapping[str, str], fixed: Mapping[str, Any]) -> float | None:
    monthly, yearly = money(fixed.get("price", row["price"])), money(row["yearly"])
    amount = monthly if monthly is not None else yearly / MONTHS if yearly is not None else None
    return float(round(amount, 6)) if amount is not None and amount >= 0 else None


def _month_first(table: Table, columns: Columns) -> bool | None:
    """Whether 03/04/2026 is 4 March here; the whole list is looked through, since one row alone cannot tell."""
    cells: list[str] = []
    names = ("assigned", "last_active", "day")
    for _, row in table.rows(_Silent(), columns):
        cells.extend(row[name] for name in names if SLASHED.match(row[name]))
        settled = month_first(cells)
        if settled is not None:
            return settled
        del cells[:]
    return None


def _day(cell: str, first: bool | None, where: str, door: DoorLike) -> date | None:
    slashed = SLASHED.match(cell)
    if slashed and first is None and slashed[1] != slashed[2]:
        door.skip("date whose day and month cannot be told apart", where=where)
        return None
    found = day(cell, month_first=bool(first))
    if cell and found is None and cell.casefold() not in ("never", "none", "-", "n/a", "jamais"):
        door.skip("cell that is no usable date", where=where)
    return found


def _who(cell: str, door: DoorLike) -> tuple[int, ActorKind]:
    key = "email" if "@" in cell else "name" if " " in cell.strip() else "login"
    return (door.person(**{key: cell}) if cell else 0), kind_of(door, **{key: cell})


def _mapping(path: Path) -> tuple[Columns, Mapping[str, Any]]:
    beside = _beside(path)
    if beside is None:
        return COLUMNS, {}
    try:
        told = tomllib.loads(head(beside, MAX_MAPPING).decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(
            beside.name,
            "not a mapping of columns",
            expected='lines such as person = "E-mail" under [columns]',
            remedy="Correct it",
        ) from error
    named, fixed = told.get("columns", {}), told.get("fixed", {})
    if not isinstance(named, dict) or not isinstance(fixed, dict) or not named.keys() <= COLUMNS.keys():
        raise InputError(
            beside.name,
            "names a column groundswell does not know",
            expected=f"under [columns] only {', '.join(COLUMNS)}",
            remedy="Correct the mapping",
        )
    if not named:
        return COLUMNS, fixed
    return {key: (str(named[key]),) if key in named else spellings for key, spellings in COLUMNS.items()}, fixed


def _beside(path: Path) -> Path | None:
    return next((p for p in (path.with_name(path.name + ".toml"), path.with_suffix(".toml")) if p != path and p.is_file()), None)


def _print(export: Export) -> str:
    """The list's own fingerprint and its mapping's: a corrected mapping makes other rows of the same list."""
    beside = _beside(export.path)
    return fingerprint(export) + (":" + fingerprint(Export("seats", beside)) if beside else "")


class _Silent:
    """A door that counts nothing, for a first look through a list that is then read again."""

    def person(self, *, email: str = "", name: str = "", login: str = "", native: str = "") -> int:
        return 0

    def hashed(self, *parts: str | int) -> int:
        return 0

    def kind(self, *, email: str = "", name: str = "", login: str = "") -> ActorKind:
        return ActorKind.PERSON

    def skip(self, reason: str, *, where: str = "", n: int = 1) -> None:
        """Count nothing."""

    def refuse(self, reason: str, *, n: int = 1) -> None:
        """Count nothing."""

    def keep(self, row: str, n: int = 1) -> None:
        """Count nothing."""


SOURCE = Source(
    name="seats",
    title="Seats of any tool",
    family=Family.SEATS,
    fields=tuple(COLUMNS),
    shows=("who was given a seat of a tool, since when, at what price, and when it was last used if the list says so",),
    never=("use, where the list has no column of last activity", "what a discount or a minimum purchase changes in the price"),
    traps=(
        "a seat without a last activity is idle only where activity is measured",
        "03/04/2026 is left out where no row of the list settles which number is the month",
        "a yearly price is divided by twelve",
        "the day of the list is part of each seat: give a column, a mapping or a file name that carries it",
    ),
    recognise=recognise,
    read=read,
    fingerprint=_print,
)
