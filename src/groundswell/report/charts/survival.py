"""Shares over time since a start: what is still alive, or what has come about, with bands and numbers still observed."""

from groundswell.model.measure import Picture
from groundswell.report.charts import lines
from groundswell.report.charts.canvas import Canvas
from groundswell.report.charts.house import Room
from groundswell.report.charts.sheet import Sheet


def draw(picture: Picture, sheet: Sheet, room: Room, *, unit: str, top: float) -> Canvas:
    """Draw the curves; one that starts near 1 keeps the whole scale, so that a fall is not made to look larger."""
    starts = [line.points[0].value for line in picture.lines if line.points]
    return lines.draw(picture, sheet, room, unit=unit, top=1.0 if max(starts, default=1.0) > 0.5 else top, step=True)
