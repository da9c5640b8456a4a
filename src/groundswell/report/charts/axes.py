"""Where ticks stand on numbers, days and dates."""

import math
from datetime import date, timedelta

_EPOCH = date(1970, 1, 1)


def nice(low: float, high: float, most: int) -> tuple[float, ...]:
    """Round tick values that cover [low, high], at most about `most`; the first and last are the domain to draw."""
    if high <= low:
        high = low + 1
    rough = (high - low) / max(1, most - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return tuple(round(n * step, 10) for n in range(first, last + 1))


def days(last: float, most: int) -> tuple[float, ...]:
    """Ticks on a count of days from 0: whole months of 30 days, at most `most`."""
    step = next(step for step in (5, 10, 15, 30, 60, 90, 180, 360, 720, 3600) if last / step < most)
    return tuple(float(n * step) for n in range(math.floor(last / step) + 1))


def months(first: float, last: float, most: int) -> tuple[tuple[float, date], ...]:
    """First days of months between two days since 1970-01-01, evenly spaced, at most `most`."""
    start, end = _EPOCH + timedelta(days=first), _EPOCH + timedelta(days=last)
    span = (end.year - start.year) * 12 + end.month - start.month + 1
    step = next(step for step in (1, 2, 3, 4, 6, 12, 24, 60, 120) if span / step <= most or step == 120)
    found = []
    for month in range(start.year * 12 + start.month - 1, end.year * 12 + end.month):
        day = date(month // 12, month % 12 + 1, 1)
        if month % step == 0 and start <= day <= end:
            found.append((float((day - _EPOCH).days), day))
    return tuple(found)


def day_of(x: float) -> date:
    """The date that x days since 1970-01-01 stand for."""
    return _EPOCH + timedelta(days=round(x))
