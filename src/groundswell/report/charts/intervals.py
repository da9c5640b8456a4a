"""One interval a name, sorted by name: an estimate and how far it may be off."""

from groundswell.model.measure import Line, Picture
from groundswell.model.phrase import say
from groundswell.report.amounts import short
from groundswell.report.charts import axes
from groundswell.report.charts.canvas import Canvas, Frame
from groundswell.report.charts.house import GRID, INK, LINE_HEIGHT, SERIES, SOFT, Room, stroke
from groundswell.report.charts.sheet import Sheet

_ROW = 30.0


def draw(picture: Picture, sheet: Sheet, room: Room, *, unit: str, top: float) -> Canvas:
    """Draw the intervals; names stand left of them, or above them where room is narrow."""
    first = sheet.languages[0]
    rows = sorted(picture.lines, key=lambda line: first.collated(first.say(line.name)))
    low = min((p.low if p.low is not None else p.value for line in rows for p in line.points), default=0.0)
    ticks = axes.nice(min(0.0, low), 1.0 if unit == "share" else top, 6 if room.width > 500 else 5)
    frame, heights = _frame(picture, sheet, room, rows, (ticks[0], ticks[-1]))
    canvas = Canvas(frame, sheet)
    _grid(canvas, picture, ticks, unit)
    y = 0.0
    for line, height in zip(rows, heights, strict=True):
        y += height
        _row(canvas, line, y, height, unit, room)
    return canvas


def reference(unit: str) -> float | None:
    """The value that means no difference, if the unit has one."""
    return {"ratio": 1.0, "days": 0.0}.get(unit)


def _beside(room: Room) -> float:
    return 190.0 if room.gutter else 0.0


def _frame(picture: Picture, sheet: Sheet, room: Room, rows: list[Line], x: tuple[float, float]) -> tuple[Frame, list[float]]:
    names = _beside(room)
    taken = [sheet.lines(line.name, names - 14 if names else room.width - 20) for line in rows]
    heights = [max(_ROW, n * LINE_HEIGHT + 8) if names else n * LINE_HEIGHT + 26 for n in taken]
    return (
        Frame(
            width=room.width - (names or 8) - 24,
            height=sum(heights) + 10,
            x=x,
            y=(0.0, sum(heights) + 10),
            left=names or 8.0,
            right=24.0,
            top=8.0 + LINE_HEIGHT * sheet.lines(picture.x_label, room.width - 8) + 8,
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


def _row(canvas: Canvas, line: Line, bottom: float, height: float, unit: str, room: Room) -> None:
    """One name with its intervals; `bottom` in px from the top."""
    frame, names = canvas.frame, _beside(room)
    middle = frame.at_y(bottom - height / 2 + 5) if names else frame.at_y(bottom - 10)
    if names:
        taken = canvas.sheet.lines(line.name, names - 14)
        y = frame.at_y(bottom - height / 2 + 5 - (taken - 1) * LINE_HEIGHT / 2)
        canvas.text(frame.at_x(-14), y, line.name, align="right", room=names - 14)
    else:
        canvas.text(frame.x[0], frame.at_y(bottom - height + 12), line.name, room=room.width - 20)
    for point in line.points:
        if point.low is not None and point.high is not None:
            canvas.rules([(point.low, middle, point.high, middle)], SERIES[0], width=3)
        canvas.markers([(point.value, middle)], stroke(0), area=80)
    if not line.points:
        canvas.text(frame.x[0], middle, say("withheld"), colour=SOFT, small=True)
