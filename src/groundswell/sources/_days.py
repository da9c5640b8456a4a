"""Reads days and instants as exports write them; what lies outside living memory is no date."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = date(1980, 1, 1)
LAST = date(2100, 1, 1)
"""A working trace outside [FIRST, LAST) is a wrong unit or a hostile file, not a date."""
MIN_US = int((datetime(1980, 1, 1, tzinfo=UTC) - EPOCH) / timedelta(microseconds=1))
MAX_US = int((datetime(2100, 1, 1, tzinfo=UTC) - EPOCH) / timedelta(microseconds=1))

YEAR_FIRST = re.compile(r"^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
DOTTED = re.compile(r"^(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")
SLASHED = re.compile(r"^(\d{1,2})[/-](\d{1,2})[/-](\d{4})(?!\d)")

NAMED = re.compile(r"(?<!\d)(20\d{2})[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?!\d)")


def day(text: str, *, month_first: bool = False) -> date | None:
    """Calendar day a cell or a field starts with; None if it is empty, no date, or outside [1980, 2100).

    Reads 2026-03-01, 2026/3/1, 2026.03.01, 20260301, 01.03.2026, 01/03/2026, each with or without a time after it; a time's
    zone is not applied, so use `instant` where the hour matters.

    Args:
        text: as written.
        month_first: how to read 03/04/2026: True as 4 March, False as 3 April (see `month_first`).
    """
    text = text.strip()
    if found := YEAR_FIRST.match(text) or COMPACT.match(text):
        year, month, of_month = map(int, found.groups())
    elif found := DOTTED.match(text):
        of_month, month, year = map(int, found.groups())
    elif found := SLASHED.match(text):
        one, two, year = map(int, found.groups())
        of_month, month = (two, one) if month_first else (one, two)
    else:
        return None
    try:
        found_day = date(year, month, of_month)
    except ValueError:
        return None
    return found_day if FIRST <= found_day < LAST else None


def month_first(cells: Iterable[str]) -> bool | None:
    """Whether a column writes the month before the day; None where no cell settles it."""
    settled: set[bool] = set()
    for cell in cells:
        if found := SLASHED.match(cell.strip()):
            one, two = int(found[1]), int(found[2])
            if one > 12 >= two:
                settled.add(False)
            elif two > 12 >= one:
                settled.add(True)
    return settled.pop() if len(settled) == 1 else None


def instant(text: str) -> datetime | None:
    """Instant an ISO 8601 text means, in UTC; without a zone it is taken as UTC; None if it is none or out of range."""
    try:
        found = datetime.fromisoformat(text.strip())
        found = found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return found if FIRST <= found.date() < LAST else None


def from_micros(micros: int) -> datetime | None:
    """Instant of microseconds since 1970, exact; None if out of range."""
    return EPOCH + timedelta(microseconds=micros) if MIN_US <= micros < MAX_US else None


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware instant, exact."""
    return (moment - EPOCH) // timedelta(microseconds=1)


def day_micros(when: date) -> int:
    """Microseconds since 1970 of a UTC day's start."""
    return (when.toordinal() - EPOCH.toordinal()) * 86_400_000_000


def day_in_name(name: str) -> date | None:
    """The last whole day a file's name tells, such as people-2026-03-31.csv; None if it tells none."""
    found = NAMED.findall(name)
    return day("-".join(found[-1])) if found else None


def seconds_micros(seconds: float | None) -> int:
    """Microseconds of an epoch in seconds; 0, which no message bears, if it is missing or out of range."""
    return round(seconds * 1_000_000) if seconds is not None and MIN_US <= seconds * 1_000_000 < MAX_US else 0


def epoch_micros(number: int | float) -> int | None:
    """Microseconds of an epoch number whose unit (s, ms, us, ns) is told by its size; None if out of range.

    The ranges do not meet: 1980 to 2100 is 3.2e8 to 4.1e9 in seconds and a thousand times that in each smaller unit.
    """
    for per_unit in (1_000_000, 1_000):
        if MIN_US <= number * per_unit < MAX_US:
            return round(number * per_unit)
    for units in (1, 1_000):
        if MIN_US <= number / units < MAX_US:
            return int(number // units)
    return None
