"""The house style: colours by role, strokes and markers that tell lines apart without colour, sizes."""

from dataclasses import dataclass

# Roles of colour. A chart is drawn once with these marker colours, which the page turns into CSS variables, so that one drawing
# serves light, dark and print; a figure on its own gets the light values.
INK, SOFT, GRID, PAPER = "#a10001", "#a10002", "#a10003", "#a10004"
SERIES = ("#a10011", "#a10012", "#a10013", "#a10014", "#a10015")
VARIABLES = {INK: "ink", SOFT: "soft", GRID: "grid", PAPER: "paper", **{code: f"s{n}" for n, code in enumerate(SERIES, 1)}}

# Contrast with the paper is at least 4.5 for text roles and 3 for series, in both sets; the series stay apart for readers who
# confuse red and green, and each has its own stroke and marker besides.
LIGHT = {
    "ink": "#22211d",
    "soft": "#5e5b52",
    "grid": "#dedace",
    "paper": "#fdfcf8",
    "s1": "#0b5a68",
    "s2": "#b04a10",
    "s3": "#5b4b93",
    "s4": "#6a6a1c",
    "s5": "#5e5b52",
}
DARK = {
    "ink": "#ebe7dc",
    "soft": "#aaa598",
    "grid": "#393832",
    "paper": "#181815",
    "s1": "#6cc5d1",
    "s2": "#f2a06b",
    "s3": "#b9abee",
    "s4": "#c9c96a",
    "s5": "#aaa598",
}

FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Liberation Sans', sans-serif"
TEXT_SIZE = 13
SMALL_SIZE = 12
LINE_HEIGHT = 16
# Mean width of a character at TEXT_SIZE in common system fonts, px; on the generous side so that text never runs out of its room.
CHARACTER = 6.7


@dataclass(frozen=True)
class Stroke:
    """How one line of a picture looks.

    Attributes:
        colour: marker colour of its role.
        dash: dash pattern in px; empty for solid.
        marker: Vega symbol.
    """

    colour: str
    dash: tuple[int, ...]
    marker: str


STROKES = (
    Stroke(SERIES[0], (), "circle"),
    Stroke(SERIES[1], (7, 3), "square"),
    Stroke(SERIES[2], (2, 3), "triangle-up"),
    Stroke(SERIES[3], (10, 3, 2, 3), "diamond"),
    Stroke(SERIES[4], (1, 5), "cross"),
)


def stroke(index: int) -> Stroke:
    """Stroke of the n-th line of a picture, from 0; a sixth line looks like the first again and is told by its label."""
    return STROKES[index % len(STROKES)]


@dataclass(frozen=True)
class Room:
    """How much room a picture has, px.

    Attributes:
        width: total width.
        plot_height: height of the plotting area of line pictures.
        gutter: room at the right for names beside lines; 0 puts the names above.
    """

    width: int
    plot_height: int
    gutter: int


WIDE = Room(640, 250, 158)
NARROW = Room(340, 210, 0)
# A picture of two companies takes the whole page.
WIDEST = Room(900, 250, 158)
# Two companies side by side share the page's width.
HALF = Room(500, 230, 0)
