"""Picks the drawer of a picture's shape and gives back a drawing that any language can fill."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groundswell.model.measure import Picture, Shape
from groundswell.report.amounts import unit_of
from groundswell.report.charts import bars, intervals, levels, survival, weeks
from groundswell.report.charts.canvas import Canvas, coloured
from groundswell.report.charts.house import WIDE, Room
from groundswell.report.charts.sheet import Sheet
from groundswell.report.words import Words

if TYPE_CHECKING:
    from altair import LayerChart

_DRAWERS: Mapping[Shape, Callable[..., Canvas]] = {
    Shape.SURVIVAL: survival.draw,
    Shape.WEEKS: weeks.draw,
    Shape.LEVELS: levels.draw,
    Shape.BARS: bars.draw,
}


@dataclass(frozen=True)
class Drawing:
    """A picture drawn once, words still to be filled in.

    Attributes:
        svg: static SVG with marker colours and text markers.
        sheet: its words.
    """

    svg: str
    sheet: Sheet

    def fill(self, words: Words, colours: Mapping[str, str] | None = None) -> str:
        """The SVG in one language, in the page's colours, or in given ones (role -> colour)."""
        return coloured(self.sheet.fill(self.svg, words), dict(colours) if colours else None)


def draw(
    picture: Picture, languages: Sequence[Words], room: Room, *, top: float | None = None, bottom: float | None = None
) -> Drawing:
    """Draw one picture.

    Args:
        picture: what to draw.
        languages: every language it may be filled in.
        room: how much room there is.
        top: highest value to show, so that two companies share a scale; by default the picture's own.
        bottom: lowest value, likewise.
    """
    canvas = chart(picture, languages, room, top=top, bottom=bottom)
    return Drawing(canvas.svg(), canvas.sheet)


def chart(
    picture: Picture, languages: Sequence[Words], room: Room, *, top: float | None = None, bottom: float | None = None
) -> Canvas:
    """The same before it becomes SVG; `Canvas.chart()` is the Altair chart."""
    sheet = Sheet(languages)
    unit = unit_of(picture)
    top = top or highest(picture)
    if picture.shape is Shape.INTERVALS:
        return intervals.draw(picture, sheet, room, unit=unit, top=top, bottom=lowest(picture) if bottom is None else bottom)
    return _DRAWERS[picture.shape](picture, sheet, room, unit=unit, top=top)


def altair_chart(picture: Picture, *, lang: str = "en", room: Room = WIDE) -> "LayerChart":
    """A picture as an Altair chart, in one language and in light colours, for a notebook."""
    spoken = Words(lang)
    made: LayerChart = chart(picture, (spoken,), room).chart(spoken)
    return made


def highest(picture: Picture) -> float:
    """Highest value or upper end of a band in a picture; 1 for an empty one."""
    values = [point.high if point.high is not None else point.value for line in picture.lines for point in line.points]
    return max(values, default=0.0) or 1.0


def lowest(picture: Picture) -> float:
    """Lowest value or lower end of a band in a picture, at most 0: every axis of amounts begins at nothing."""
    return min([0.0, *(p.low if p.low is not None else p.value for line in picture.lines for p in line.points)])


__all__ = ["Drawing", "altair_chart", "chart", "draw", "highest", "lowest"]
