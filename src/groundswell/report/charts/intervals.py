"""One interval a name, sorted by name: an estimate and how far it may be off; or one a company, in the order given."""

from collections.abc import Sequence

from groundswell.model.measure import Line, Picture
from groundswell.model.phrase import say
from groundswell.report.amounts import short
from groundswell.report.charts import axes
from groundswell.report.charts.canvas import Canvas, Frame
from groundswell.report.charts.house import GRID, INK, LINE_HEIGHT, SERIES, SOFT, Room, stroke
from groundswell.report.charts.sheet import Sheet

_ROW = 30.0
# Distance between the intervals of one row, px.
_SECOND = 11.0


def draw(picture: Picture, sheet: Sheet, room: Room, *, unit: str, top: float, bottom: float) -> Canvas:
    """Draw the intervals; names stand left of them, or above them where room is narrow.

    A picture with marks compares: each row holds a point a mark, side by side, and the marks' labels are the key.
    """
    first = sheet.languages[0]
    rows = picture.lines if picture.marks else sorted(picture.lines, key=lambda line: first.collated(first.say(line.name)))
    ticks = axes.nice(bottom, 1.0 if unit == "share" and bottom >= 0 else top, 6 if room.width > 500 else 5)
    frame, heights = _frame(picture, sheet, room, rows, (ticks[0], ticks[-1]))
    canvas = Canvas(frame, sheet)
    _grid(canvas, picture, ticks, unit)
    _key(canvas, picture, room)
    y = 0.0
    for line, height in zip(rows, heights, strict=True):
        y += height
        _row(canvas, line, y, height, room, picture)
    return canvas


def reference(unit: str) -> float | None:
    """The value that means no difference, if the unit has one."""
    return {"ratio": 1.0, "days": 0.0, "share": 0.0}.get(unit)


def _beside(room: Room, picture: Picture) -> float:
    return (330.0 if picture.marks else 190.0) if room.gutter else 0.0


def _key_height(picture: Picture, room: Room) -> float:
    return (LINE_HEIGHT + 6.0) * (1 if room.gutter else len(picture.marks)) if picture.marks else 0.0


def _frame(picture: Picture, sheet: Sheet, room: Room, rows: Sequence[Line], x: tuple[float, float]) -> tuple[Frame, list[float]]:
    names, more = _beside(room, picture), max(0, len(picture.marks) - 1) * _SECOND
    taken = [sheet.lines(line.name, names - 14 if names else room.width - 20) for line in rows]
    heights = [max(_ROW + more, n * LINE_HEIGHT + 8) if names else n * LINE_HEIGHT + 26 + more for n in taken]
    return (
        Frame(
            width=room.width - (names or 8) - 24,
            height=sum(heights) + 10,
            x=x,
            y=(0.0, sum(heights) + 10),
            left=names or 8.0,
            right=24.0,
            top=8.0 + LINE_HEIGHT * sheet.lines(picture.x_label, room.width - 8) + 8 + _key_height(picture, room),
            bottom=26.0,
        ),
        heights,
    )


def _grid(canvas: Canvas, picture: Picture, ticks: tuple[float, ...], unit: str) -> None:
    frame = canvas.frame
    canvas.rules([(x, 0, x, frame.y[1]) for x in ticks], GRID)
    mark = reference(unit)
    if mark is not None and frame.x[0] <= mark <= frame.x[1]:
        canvas.rules([(mark, 0, mark, frame.y[1])], SOFT)
    for x in ticks:
        canvas.text(x, frame.at_y(frame.height + 14), short(x, unit), align="center", colour=SOFT, small=True)
    whole = frame.left + frame.width + frame.right - 8
    canvas.text(frame.at_x(-frame.left), frame.at_y(-frame.top + 8), picture.x_label, colour=INK, room=whole)


def _key(canvas: Canvas, picture: Picture, room: Room) -> None:
    """Names of the companies beside a piece of their stroke."""
    frame = canvas.frame
    x, y = 14.0, -_key_height(picture, room) - 2 + LINE_HEIGHT / 2
    for n, mark in enumerate(picture.marks):
        canvas.sample(x - frame.left + 2, y, stroke(n))
        canvas.text(frame.at_x(x + 22 - frame.left), frame.at_y(y), mark.label, colour=stroke(n).colour)
        if room.gutter:
            x += canvas.sheet.reach(mark.label) + 60
        else:
            y += LINE_HEIGHT + 6


def _row(canvas: Canvas, line: Line, bottom: float, height: float, room: Room, picture: Picture) -> None:
    """One name with its intervals; `bottom` in px from the top."""
    frame, names = canvas.frame, _beside(room, picture)
    middle = bottom - height / 2 + 5 if names else bottom - 10 - (len(picture.marks) - 1) * _SECOND / 2 * bool(picture.marks)
    if names:
        taken = canvas.sheet.lines(line.name, names - 14)
        y = frame.at_y(bottom - height / 2 + 5 - (taken - 1) * LINE_HEIGHT / 2)
        canvas.text(frame.at_x(-14), y, line.name, align="right", room=names - 14)
    else:
        canvas.text(frame.x[0], frame.at_y(bottom - height + 12), line.name, room=room.width - 20)
    for n, point in enumerate(line.points):
        look = int(point.x) if picture.marks else 0
        y = frame.at_y(middle + ((n - (len(line.points) - 1) / 2) * _SECOND if picture.marks else 0))
        if point.low is not None and point.high is not None:
            canvas.rules([(point.low, y, point.high, y)], SERIES[look], width=3)
        canvas.markers([(point.value, y)], stroke(look), area=80)
    if not line.points:
        canvas.text(frame.x[0], frame.at_y(middle), say("withheld"), colour=SOFT, small=True)
