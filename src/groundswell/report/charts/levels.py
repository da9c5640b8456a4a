"""Down the levels: what is left at each, from the source at the top."""

from itertools import pairwise

from groundswell.model.measure import Picture
from groundswell.model.phrase import say
from groundswell.report.amounts import short
from groundswell.report.charts import axes
from groundswell.report.charts.canvas import Canvas, Frame
from groundswell.report.charts.house import GRID, INK, LINE_HEIGHT, SOFT, Room, stroke
from groundswell.report.charts.sheet import Sheet

_ROW = 52.0


def draw(picture: Picture, sheet: Sheet, room: Room, *, unit: str, top: float) -> Canvas:
    """Draw levels from top to bottom; lines of one level stand a little apart so that their intervals can be told."""
    depths = sorted({point.x for line in picture.lines for point in line.points}) or [0.0]
    ticks = axes.nice(0.0, 1.0 if unit == "share" else top, 6 if room.width > 500 else 5)
    names = sum(sheet.lines(line.name, room.width - 60) for line in picture.lines) * (LINE_HEIGHT + 2) + 10
    title = LINE_HEIGHT * sheet.lines(picture.x_label, room.width - 8) + 8
    height = _ROW * len(depths)
    frame = Frame(
        width=room.width - 66,
        height=height,
        x=(ticks[0], ticks[-1]),
        y=(0.0, height),
        left=46,
        right=20,
        top=8 + title + names,
        bottom=26.0 + LINE_HEIGHT * sheet.lines(picture.y_label, room.width - 8),
    )
    canvas = Canvas(frame, sheet)
    _grid(canvas, picture, ticks, unit, depths)
    _lines(canvas, picture, depths)
    y = -frame.top + title + 8
    for index, line in enumerate(picture.lines):
        canvas.sample(16 - frame.left, y, stroke(index))
        canvas.text(frame.at_x(38 - frame.left), frame.at_y(y), line.name, colour=stroke(index).colour, room=room.width - 60)
        y += (LINE_HEIGHT + 2) * sheet.lines(line.name, room.width - 60)
    return canvas


def _lines(canvas: Canvas, picture: Picture, depths: list[float]) -> None:
    frame, many = canvas.frame, len(picture.lines)
    for index, line in enumerate(picture.lines):
        apart = (index - (many - 1) / 2) * min(9.0, 30 / max(1, many))
        places = [(p, frame.at_y(_ROW * (depths.index(p.x) + 0.5) + apart)) for p in line.points]
        look = stroke(index)
        # Vega joins points in order of x; a line that runs down the page is drawn as separate rules.
        pairs = pairwise(places)
        canvas.rules([(a.value, ya, b.value, yb) for (a, ya), (b, yb) in pairs], look.colour, width=1.5, dash=look.dash)
        canvas.rules([(p.low, y, p.high, y) for p, y in places if p.low is not None and p.high is not None], look.colour, width=3)
        canvas.markers([(p.value, y) for p, y in places], look, area=70)


def _grid(canvas: Canvas, picture: Picture, ticks: tuple[float, ...], unit: str, depths: list[float]) -> None:
    frame = canvas.frame
    canvas.rules([(x, 0, x, frame.y[1]) for x in ticks], GRID)
    for x in ticks:
        canvas.text(x, frame.at_y(frame.height + 14), short(x, unit), align="center", colour=SOFT, small=True)
    for n, depth in enumerate(depths):
        label = say("{value:count}", value=depth)
        canvas.text(frame.at_x(-14), frame.at_y(_ROW * (n + 0.5)), label, align="right", colour=INK)
    whole = frame.left + frame.width + frame.right - 8
    canvas.text(frame.at_x(-frame.left), frame.at_y(-frame.top + 8), picture.x_label, colour=INK, room=whole)
    canvas.text(frame.at_x(-frame.left), frame.at_y(frame.height + 36), picture.y_label, colour=SOFT, small=True, room=whole)
