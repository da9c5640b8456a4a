"""What does a picture say as a table?"""

from collections.abc import Sequence
from dataclasses import dataclass

from groundswell.model.measure import Line, Picture, Point, Shape
from groundswell.model.phrase import Phrase, say
from groundswell.report.amounts import short, unit_of
from groundswell.report.charts import axes
from groundswell.report.words import Words

# A longer table is left out of print; it stays in the file.
_LONG = 14


@dataclass(frozen=True)
class Table:
    """Head and rows of phrases; the first cell of a row names it.

    Attributes:
        head: column names.
        rows: cells; None where nothing is known.
        note: how the table was read off the picture; None when it holds every point.
    """

    head: tuple[Phrase, ...]
    rows: tuple[tuple[Phrase | None, ...], ...]
    note: Phrase | None = None

    @property
    def is_long(self) -> bool:
        """Whether it is left out of print."""
        return len(self.rows) > _LONG


def table_of(picture: Picture, order: Words) -> Table:
    """The table of a picture.

    Args:
        picture: what is drawn.
        order: the language whose alphabet sorts names, the same as in the drawing.
    """
    unit = unit_of(picture)
    if picture.shape in (Shape.INTERVALS, Shape.BARS):
        return _by_name(picture, unit, order)
    if picture.shape is Shape.SURVIVAL:
        return _read_off(picture, unit)
    xs = sorted({point.x for line in picture.lines for point in line.points})
    rows = []
    for x in xs:
        name = say("{day:date}", day=axes.day_of(x)) if picture.is_date else say("{value:count}", value=x)
        rows.append((name, *_cells(picture.lines, x, unit, exact=True)))
    return Table(_head(picture), tuple(rows))


def cell(point: Point, unit: str) -> Phrase:
    """A value with its interval."""
    if point.low is None or point.high is None or point.low == point.high:
        return short(point.value, unit)
    return say(
        "{value} ({low} to {high})", value=short(point.value, unit), low=short(point.low, unit), high=short(point.high, unit)
    )


def _by_name(picture: Picture, unit: str, order: Words) -> Table:
    lines: Sequence[Line] = picture.lines
    if picture.marks:
        return _side_by_side(picture, unit)
    if picture.shape is Shape.INTERVALS:
        lines = sorted(lines, key=lambda line: order.collated(order.say(line.name)))
    numbered = any(point.at_risk is not None for line in lines for point in line.points)
    head = (picture.y_label, picture.x_label, *((say("rests on"),) if numbered else ()))
    rows = []
    for line in lines:
        for point in line.points:
            at_risk = None if point.at_risk is None else say("{value:count}", value=point.at_risk)
            rows.append((line.name, cell(point, unit), *((at_risk,) if numbered else ())))
        if not line.points:
            rows.append((line.name, say("withheld"), *((None,) if numbered else ())))
    return Table(head, tuple(rows))


def _side_by_side(picture: Picture, unit: str) -> Table:
    """One column a company, where a picture compares."""
    rows = []
    for line in picture.lines:
        held = {point.x: point for point in line.points}
        cells = (cell(held[mark.x], unit) if mark.x in held else None for mark in picture.marks)
        rows.append((line.name, *cells))
    return Table((picture.y_label, *(mark.label for mark in picture.marks)), tuple(rows))


def _read_off(picture: Picture, unit: str) -> Table:
    last = max((point.x for line in picture.lines for point in line.points), default=1.0)
    ticks = axes.days(last, 14)
    ticks = ticks if ticks[-1] == last else (*ticks, last)
    rows = tuple((say("{value:count}", value=x), *_cells(picture.lines, x, unit, exact=False)) for x in ticks)
    return Table(_head(picture), rows, say("Read off the curves at these days; every point is in the JSON form of this page."))


def _head(picture: Picture) -> tuple[Phrase, ...]:
    columns = [picture.y_label if picture.shape is Shape.LEVELS else picture.x_label]
    for line in picture.lines:
        columns.append(line.name)
        if _has_numbers(line):
            columns.append(say("out of") if picture.is_date else say("still observed"))
    return tuple(columns)


def _cells(lines: Sequence[Line], x: float, unit: str, *, exact: bool) -> list[Phrase | None]:
    cells: list[Phrase | None] = []
    for line in lines:
        at = [p for p in line.points if p.x == x] if exact else [p for p in line.points if p.x <= x]
        cells.append(cell(at[-1], unit) if at else None)
        if _has_numbers(line):
            risk = at[-1].at_risk if at else None
            cells.append(None if risk is None else say("{value:count}", value=risk))
    return cells


def _has_numbers(line: Line) -> bool:
    return any(point.at_risk is not None for point in line.points)
