"""Lines over days or dates: bands, names at their ends, numbers still observed, numbered marks."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import fmean

from groundswell.model.measure import Line, Picture
from groundswell.model.phrase import Phrase, say
from groundswell.report.amounts import short
from groundswell.report.charts import axes
from groundswell.report.charts.canvas import Canvas, Frame
from groundswell.report.charts.house import CHARACTER, GRID, INK, LINE_HEIGHT, SOFT, Room, stroke
from groundswell.report.charts.sheet import Sheet

_ROW = 18.0
_MARK_SPACE = 16.0


def draw(picture: Picture, sheet: Sheet, room: Room, *, unit: str, top: float, step: bool) -> Canvas:
    """Draw every line of the picture.

    Args:
        picture: its lines, each with points in order of x.
        sheet: where words go.
        room: how much room there is.
        unit: how values are written.
        top: highest value to show.
        step: True where a value holds until the next point.
    """
    y_ticks = axes.nice(0, top, 6)
    x_ticks = _x_ticks(picture, room)
    at_risk = _numbered_lines(picture)
    frame = _frame(
        picture, sheet, room, y=(0.0, y_ticks[-1]), y_reach=max(sheet.reach(short(t, unit)) for t in y_ticks), rows=at_risk
    )
    canvas = Canvas(frame, sheet)
    _grid(canvas, picture, y_ticks, unit, x_ticks)
    _marks(canvas, picture)
    for index, line in enumerate(picture.lines):
        look = stroke(index)
        band = [(p.x, p.low, p.high) for p in line.points if p.low is not None and p.high is not None]
        canvas.band(band, look.colour, step=step)
        canvas.path([(p.x, p.value) for p in line.points], look, step=step)
    for index, line in enumerate(picture.lines):
        if line.points:
            canvas.markers([(line.points[-1].x, line.points[-1].value)], stroke(index))
    _names(canvas, picture, room)
    if at_risk:
        _at_risk(canvas, picture, [x for x, _ in x_ticks])
    return canvas


def span(picture: Picture) -> tuple[float, float]:
    """First and last x of the picture; a count of days starts at 0."""
    xs = [point.x for line in picture.lines for point in line.points]
    first = min(xs, default=0.0) if picture.is_date else 0.0
    return first, max([first + 1, *xs])


def _x_ticks(picture: Picture, room: Room) -> Sequence[tuple[float, Phrase]]:
    first, last = span(picture)
    most = 6 if room.width > 500 else 4
    if picture.is_date:
        return [(x, say("{day:month}", day=day)) for x, day in axes.months(first, last, most)]
    return [(x, say("{value:count}", value=x)) for x in axes.days(last, most + 2)]


def _frame(
    picture: Picture, sheet: Sheet, room: Room, *, y: tuple[float, float], y_reach: float, rows: Sequence[object]
) -> Frame:
    # A sample of the line stands left of each row of numbers, so the margin must hold it.
    left = max(y_reach + 10, 40.0 if rows else 0.0)
    right = room.gutter or 14.0
    title = sheet.lines(picture.y_label, room.width - 8) * LINE_HEIGHT + 10
    names = 0.0 if room.gutter else _ROW * sum(sheet.lines(line.name, room.width - 52) for line in picture.lines) + 8
    below = 26.0 + LINE_HEIGHT * sheet.lines(picture.x_label, room.width - 8)
    numbers = _ROW * (len(rows) + 1) + 12 if rows else 0.0
    return Frame(
        width=room.width - left - right,
        height=room.plot_height,
        x=span(picture),
        y=y,
        left=left,
        right=right,
        top=title + names + (_MARK_SPACE if picture.marks else 4.0),
        bottom=below + numbers,
    )


def _grid(canvas: Canvas, picture: Picture, y_ticks: Sequence[float], unit: str, x_ticks: Sequence[tuple[float, Phrase]]) -> None:
    frame = canvas.frame
    canvas.rules([(frame.x[0], y, frame.x[1], y) for y in y_ticks[1:]], GRID)
    canvas.rules([(frame.x[0], 0, frame.x[1], 0)], SOFT)
    canvas.rules([(x, 0, x, frame.at_y(frame.height + 5)) for x, _ in x_ticks], SOFT)
    for y in y_ticks:
        canvas.text(frame.at_x(-8), y, short(y, unit), align="right", colour=SOFT, small=True)
    for x, label in x_ticks:
        canvas.text(x, frame.at_y(frame.height + 16), label, align="center", colour=SOFT, small=True)
    whole = frame.left + frame.width + frame.right - 8
    canvas.text(frame.at_x(-frame.left), frame.at_y(-frame.top + 8), picture.y_label, colour=INK, room=whole)
    canvas.text(frame.at_x(-frame.left), frame.at_y(frame.height + 36), picture.x_label, colour=SOFT, small=True, room=whole)


def _marks(canvas: Canvas, picture: Picture) -> None:
    """Dotted rules with a number on top; numbers that would touch share one place."""
    frame = canvas.frame
    inside = [(n, mark.x) for n, mark in enumerate(picture.marks, 1) if frame.x[0] <= mark.x <= frame.x[1]]
    canvas.rules([(x, 0, x, frame.at_y(-2)) for _, x in inside], SOFT, dash=(1, 3))
    for x, label in numbered(inside, px=frame.width / (frame.x[1] - frame.x[0])):
        canvas.text(x, frame.at_y(-9), say(label), align="center", colour=SOFT, small=True)


def numbered(marks: Sequence[tuple[int, float]], *, px: float) -> list[tuple[float, str]]:
    """Where the numbers of marks stand, so that none touches another.

    Args:
        marks: number and place of each.
        px: pixels a unit of place.
    """
    groups = [([x], str(n)) for n, x in sorted(marks, key=lambda mark: mark[1])]

    def apart(left: tuple[list[float], str], right: tuple[list[float], str]) -> bool:
        between = (fmean(right[0]) - fmean(left[0])) * px
        return between >= (len(left[1]) + len(right[1])) / 2 * CHARACTER + 5

    at = 1
    while at < len(groups):
        if apart(groups[at - 1], groups[at]):
            at += 1
            continue
        (xs, label), (more, other) = groups[at - 1], groups.pop(at)
        groups[at - 1] = ([*xs, *more], f"{label}, {other}")
        at = max(1, at - 1)
    return [(fmean(xs), label) for xs, label in groups]


def _names(canvas: Canvas, picture: Picture, room: Room) -> None:
    frame, sheet, lines = canvas.frame, canvas.sheet, picture.lines
    if room.gutter:
        width = room.gutter - 16
        heights = [sheet.lines(line.name, width) * LINE_HEIGHT for line in lines]
        wanted = [frame.px_y(line.points[-1].value) if line.points else frame.height for line in lines]
        for index, (line, middle) in enumerate(zip(lines, _apart(wanted, heights, frame.height), strict=True)):
            y = frame.at_y(middle - heights[index] / 2 + LINE_HEIGHT / 2)
            canvas.text(frame.at_x(frame.width + 12), y, line.name, colour=stroke(index).colour, room=width)
        return
    y = -frame.top + sheet.lines(picture.y_label, room.width - 8) * LINE_HEIGHT + 14
    for index, line in enumerate(lines):
        canvas.sample(14 - frame.left + 2, y, stroke(index))
        canvas.text(frame.at_x(36 - frame.left), frame.at_y(y), line.name, colour=stroke(index).colour, room=room.width - 52)
        y += _ROW * sheet.lines(line.name, room.width - 52)


def _apart(wanted: Sequence[float], heights: Sequence[float], floor: float) -> list[float]:
    """Middles as near to the wanted ones as keeps labels from covering each other, none below the floor."""
    order = sorted(range(len(wanted)), key=lambda n: wanted[n])
    middles = list(wanted)
    for above, below in pairwise(order):
        middles[below] = max(middles[below], middles[above] + (heights[above] + heights[below]) / 2 + 2)
    limit = floor + 6
    for n in reversed(order):
        middles[n] = min(middles[n], limit - heights[n] / 2 + LINE_HEIGHT / 2)
        limit = middles[n] - heights[n] / 2 - 2 - LINE_HEIGHT / 2
    return middles


def _at_risk(canvas: Canvas, picture: Picture, ticks: Sequence[float]) -> None:
    frame, rows = canvas.frame, _numbered_lines(picture)
    title = say("out of how many, at that point") if picture.is_date else say("still observed at that point")
    y = frame.height + frame.bottom - _ROW * (1 + len(rows))
    canvas.text(frame.at_x(-frame.left), frame.at_y(y), title, colour=SOFT, small=True)
    for index, line in rows:
        y += _ROW
        if index is not None:
            canvas.sample(14 - frame.left + 2, y, stroke(index))
        for x in ticks:
            held = [p.at_risk for p in line.points if p.x <= x and p.at_risk is not None]
            if held:
                canvas.text(x, frame.at_y(y), say("{value:count}", value=held[-1]), align="center", small=True)


def _numbered_lines(picture: Picture) -> list[tuple[int | None, Line]]:
    """Lines that have numbers to show below the axis, with their place; one row without a place where all have the same."""
    rows = [(n, line) for n, line in enumerate(picture.lines) if any(point.at_risk is not None for point in line.points)]
    if len({tuple((p.x, p.at_risk) for p in line.points) for _, line in rows}) == 1:
        return [(None if len(rows) > 1 else rows[0][0], rows[0][1])]
    return [*rows]
