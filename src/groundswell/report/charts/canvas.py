"""Turns marks in data units into one Vega-Lite chart, and the chart into a small static SVG."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from groundswell.model.phrase import Phrase
from groundswell.report.charts.house import INK, LIGHT, PAPER, SMALL_SIZE, TEXT_SIZE, VARIABLES, Stroke
from groundswell.report.charts.sheet import Sheet
from groundswell.report.words import Words

Row = dict[str, Any]
_DROPPED = re.compile(
    r' (?:role|class|pointer-events|font-family|version|xmlns:xlink|aria-[a-z]+|stroke-miterlimit|opacity="1"'
    r'|font-weight="normal")(?:="[^"]*")?'
)
_HIDDEN = re.compile(r'<(?:path|rect)[^>]*(?:display="none"|class="background")[^>]*/>')
_LONG = re.compile(r"-?\d+\.\d{2,}")
_EMPTY = re.compile(r"<g>\s*</g>|<g/>")
_ZERO = re.compile(r' transform="translate\(0,0\)"')


@dataclass(frozen=True, kw_only=True)
class Frame:
    """The plotting area in px, the data window it shows, and the margins around it."""

    width: float
    height: float
    x: tuple[float, float]
    y: tuple[float, float]
    left: float
    right: float
    top: float
    bottom: float

    def at_x(self, px: float) -> float:
        """Data value that stands px right of the plot's left edge."""
        return self.x[0] + px / self.width * (self.x[1] - self.x[0])

    def at_y(self, px: float) -> float:
        """Data value that stands px below the plot's top edge."""
        return self.y[1] - px / self.height * (self.y[1] - self.y[0])

    def px_y(self, value: float) -> float:
        """Distance in px from the plot's top edge."""
        return (self.y[1] - value) / (self.y[1] - self.y[0]) * self.height


class Canvas:
    """Layers of one picture, in data units of its frame."""

    def __init__(self, frame: Frame, sheet: Sheet) -> None:
        self.frame = frame
        self.sheet = sheet
        self._layers: list[Any] = []
        self._texts: dict[tuple[str, str], list[Row]] = {}

    def rules(self, rules: Iterable[Sequence[float]], colour: str, *, width: float = 1, dash: Sequence[int] = ()) -> None:
        """Straight lines, each (x, y, x2, y2)."""
        rows = [{"x": x, "y": y, "x2": x2, "y2": y2} for x, y, x2, y2 in rules]
        if rows:
            self._add(rows, "rule", second=True, stroke=colour, strokeWidth=width, **_dashed(dash))

    def path(self, points: Iterable[tuple[float, float]], stroke: Stroke, *, step: bool) -> None:
        """One line through points, in order of x; a step holds its value until the next point."""
        rows = [{"x": x, "y": y} for x, y in points]
        self._add(
            rows,
            "line",
            stroke=stroke.colour,
            strokeWidth=2,
            interpolate="step-after" if step else "linear",
            **_dashed(stroke.dash),
        )

    def band(self, points: Iterable[tuple[float, float, float]], colour: str, *, step: bool) -> None:
        """The band between low and high of (x, low, high)."""
        rows = [{"x": x, "y": low, "y2": high} for x, low, high in points]
        if rows:
            self._add(rows, "area", fill=colour, fillOpacity=0.13, interpolate="step-after" if step else "linear", y2=True)

    def boxes(self, boxes: Iterable[Sequence[float]], colour: str, *, opacity: float = 1) -> None:
        """Filled rectangles, each (x, y, x2, y2)."""
        rows = [{"x": x, "y": y, "x2": x2, "y2": y2} for x, y, x2, y2 in boxes]
        if rows:
            self._add(rows, "rect", second=True, fill=colour, fillOpacity=opacity)

    def markers(self, points: Iterable[tuple[float, float]], stroke: Stroke, *, area: float = 55) -> None:
        """Markers of a line's own shape, edged with paper so that they stand out from what they lie on."""
        rows = [{"x": x, "y": y} for x, y in points]
        self._add(rows, "point", shape=stroke.marker, fill=stroke.colour, stroke=PAPER, strokeWidth=1, size=area, opacity=1)

    def text(
        self,
        x: float,
        y: float,
        phrase: Phrase,
        *,
        align: str = "left",
        baseline: str = "middle",
        colour: str = INK,
        small: bool = False,
        room: float = 0,
    ) -> None:
        """A phrase at a place; with room > 0 (px) broken into lines, the first at `y`."""
        row = {"x": x, "y": y, "t": self.sheet.put(phrase, room), "c": colour, "s": SMALL_SIZE if small else TEXT_SIZE}
        self._texts.setdefault((align, baseline), []).append(row)

    def sample(self, px: float, py: float, stroke: Stroke) -> None:
        """A short piece of a line with its marker, centred px, py from the plot's top left: what its name is shown beside."""
        frame = self.frame
        y = frame.at_y(py)
        self.rules([(frame.at_x(px - 13), y, frame.at_x(px + 13), y)], stroke.colour, width=2, dash=stroke.dash)
        self.markers([(frame.at_x(px), y)], stroke)

    def spec(self) -> Row:
        """The Vega-Lite specification, with marker colours and text markers still in it.

        Written as plain data: building the same through Altair's classes takes three times as long as drawing it. `chart` gives
        Altair's object, and a test holds every shape against Altair's schema.
        """
        frame = self.frame
        return {
            "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
            "background": "transparent",
            "width": frame.width,
            "height": frame.height,
            "padding": {"left": frame.left, "right": frame.right, "top": frame.top, "bottom": frame.bottom},
            "autosize": {"type": "none"},
            "config": {"view": {"stroke": None}, "mark": {"aria": False}},
            "layer": [*self._layers, *(self._text_layer(*key, rows) for key, rows in self._texts.items())],
        }

    def chart(self, words: Words) -> Any:
        """The Altair chart of the same specification, in one language and in light colours, for a notebook."""
        import json

        import altair as alt

        spec = self.spec() | {"background": LIGHT["paper"]}
        for layer in spec["layer"]:
            for row in layer["data"]["values"]:
                if "t" in row:
                    row |= {"t": self.sheet.text(row["t"], words)}
        return alt.LayerChart.from_dict(json.loads(coloured(json.dumps(spec), LIGHT)))

    def svg(self) -> str:
        """The drawing, words still to be filled in; draws without any access to the network."""
        import vl_convert

        return _slim(vl_convert.vegalite_to_svg(self.spec(), vl_version="6.1", allowed_base_urls=[]))

    def _add(self, rows: list[Row], kind: str, *, second: bool = False, y2: bool = False, **style: Any) -> None:
        encoding = self._position()
        if second:
            encoding |= {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
        if y2:
            encoding |= {"y2": {"field": "y2"}}
        self._layers.append({"data": {"values": rows}, "mark": {"type": kind, "clip": False, **style}, "encoding": encoding})

    def _text_layer(self, align: str, baseline: str, rows: list[Row]) -> Row:
        words = {
            "text": {"field": "t", "type": "nominal"},
            "fill": {"field": "c", "type": "nominal", "scale": None},
            "size": {"field": "s", "type": "quantitative", "scale": None},
        }
        mark = {"type": "text", "align": align, "baseline": baseline, "lineBreak": "\n"}
        return {"data": {"values": [dict(row) for row in rows]}, "mark": mark, "encoding": self._position() | words}

    def _position(self) -> Row:
        def axis(field: str, window: tuple[float, float]) -> Row:
            scale = {"domain": list(window), "nice": False, "zero": False}
            return {"field": field, "type": "quantitative", "axis": None, "scale": scale}

        return {"x": axis("x", self.frame.x), "y": axis("y", self.frame.y)}


def _dashed(dash: Sequence[int]) -> dict[str, Any]:
    return {"strokeDash": list(dash)} if dash else {}


def _slim(svg: str) -> str:
    """The same drawing without what a static, labelled picture does not need."""
    svg = _HIDDEN.sub("", svg)
    svg = _DROPPED.sub("", svg)
    svg = _LONG.sub(lambda found: f"{float(found[0]):.1f}".removesuffix(".0"), svg)
    svg = _ZERO.sub("", svg)
    svg = svg.replace('px"', '"')
    while (shorter := _EMPTY.sub("", svg)) != svg:
        svg = shorter
    return svg


def coloured(svg: str, colours: dict[str, str] | None = None) -> str:
    """Marker colours turned into CSS variables of the page, or into given values (role -> colour)."""
    for marker, role in VARIABLES.items():
        svg = svg.replace(marker, colours[role] if colours else f"var(--{role})")
    return svg
