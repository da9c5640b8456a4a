"""Week by week: how much, with bands, and dated things to know when looking."""

from groundswell.model.measure import Picture
from groundswell.report.charts import lines
from groundswell.report.charts.canvas import Canvas
from groundswell.report.charts.house import Room
from groundswell.report.charts.sheet import Sheet


def draw(picture: Picture, sheet: Sheet, room: Room, *, unit: str, top: float) -> Canvas:
    """Draw the lines from zero up."""
    return lines.draw(picture, sheet, room, unit=unit, top=top, step=False)
