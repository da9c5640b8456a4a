"""Week numbers as the counts use them: whole ISO weeks since Monday 5 January 1970."""

from datetime import date, timedelta

MONDAY = date(1970, 1, 5)
"""First day of week 0, as `week_of` in the engine's helpers has it."""

EPOCH = date(1970, 1, 1)
"""Day 0 of a date axis."""


def monday_of(week: int) -> date:
    """First day of a week."""
    return MONDAY + timedelta(weeks=week)


def sunday_of(week: int) -> date:
    """Last day of a week."""
    return MONDAY + timedelta(weeks=week, days=6)


def axis_of(week: float) -> float:
    """Where a week's Monday stands on a date axis, in days since 1970-01-01."""
    return (MONDAY - EPOCH).days + 7.0 * week
