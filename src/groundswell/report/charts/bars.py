"""Amounts side by side, from zero, in the order the measure gives them."""

from groundswell.model.measure import Line, Picture, Point
from groundswell.report.amounts import short
from groundswell.report.charts import axes
from groundswell.report.charts.canvas import Canvas, Frame
from groundswell.report.charts.house import INK, LINE_HEIGHT, SERIES, SOFT, Room
from groundswell.report.charts.sheet import Sheet

_ROW = 32.0
_BAR = 16.0


def draw(picture: Picture, sheet: Sheet, room: Room, *, unit: str, top: float) -> Canvas:
    """Draw one bar a line, its value written at its end, its interval as a thin rule."""
    names = 190.0 if room.gutter else 0.0
    taken = [sheet.lines(line.name, names - 14 if names else room.width - 20) for line in picture.lines]
    heights = [max(_ROW, n * LINE_HEIGHT + 8) if names else n * LINE_HEIGHT + 34 for n in taken]
    end = axes.nice(0.0, top, 6)[-1]
    values = max((sheet.reach(short(p.value, unit)) for line in picture.lines for p in line.points), default=20.0)
    left = names or 8.0
    frame = Frame(
        width=room.width - left - values - 22,
        height=sum(heights) + 4,
        x=(0.0, end),
        y=(0.0, sum(heights) + 4),
        left=left,
        right=values + 22,
        top=8.0 + LINE_HEIGHT * sheet.lines(picture.x_label, room.width - 8) + 8,
        bottom=8.0,
    )
    canvas = Canvas(frame, sheet)
    canvas.text(frame.at_x(-left), frame.at_y(-frame.top + 8), picture.x_label, colour=INK, room=room.width - 8)
    y = 0.0
    for line, height in zip(picture.lines, heights, strict=True):
        y += height
        _row(canvas, line, y, height, unit, room)
    if room.gutter:
        canvas.rules([(0, 0, 0, frame.y[1])], SOFT)
    return canvas


def _row(canvas: Canvas, line: Line, bottom: float, height: float, unit: str, room: Room) -> None:
    frame = canvas.frame
    middle = bottom - height / 2 + 2 if room.gutter else bottom - 12
    if room.gutter:
        taken = canvas.sheet.lines(line.name, 176)
        y = frame.at_y(middle - (taken - 1) * LINE_HEIGHT / 2)
        canvas.text(frame.at_x(-14), y, line.name, align="right", room=176)
    else:
        canvas.text(frame.at_x(1), frame.at_y(bottom - height + 12), line.name, room=room.width - 20)
    for point in line.points:
        _bar(canvas, point, middle, unit)


def _bar(canvas: Canvas, point: Point, middle: float, unit: str) -> None:
    frame = canvas.frame
    canvas.boxes([(0, frame.at_y(middle - _BAR / 2), point.value, frame.at_y(middle + _BAR / 2))], SERIES[0], opacity=0.85)
    end = point.value
    if point.low is not None and point.high is not None:
        canvas.rules([(point.low, frame.at_y(middle), point.high, frame.at_y(middle))], INK, width=1.5)
        end = max(end, point.high)
    past = 8 / frame.width * frame.x[1]
    canvas.text(end + past, frame.at_y(middle), short(point.value, unit))
