"""Pictures: what is drawn, how labels keep apart, and that nothing is fetched."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import report_samples as samples
from groundswell.model.measure import Line, Picture, Point, Shape
from groundswell.model.phrase import say
from groundswell.report.charts import axes, house, lines
from groundswell.report.charts.draw import chart, draw
from groundswell.report.words import Words

PICTURES = [picture for finding in samples.full().findings for picture in finding.pictures]
EN = Words("en")
LANGUAGES = (EN, Words("fr"), Words("vi"))


def test_every_shape_has_a_sample() -> None:
    """The samples cover every shape, so that the tests below cover every drawer."""
    assert {picture.shape for picture in PICTURES} == set(Shape)


@pytest.mark.parametrize("room", [house.WIDE, house.HALF, house.NARROW], ids=["wide", "half", "narrow"])
@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.key)
def test_drawings_are_small_well_formed_and_filled(picture: Picture, room: house.Room) -> None:
    """A drawing is well-formed SVG of its declared width, with no marker left, under 20 kB, in the page's variables."""
    drawing = draw(picture, LANGUAGES, room)
    for words in LANGUAGES:
        svg = drawing.fill(words)
        root = ET.fromstring(svg)  # noqa: S314  # drawn here
        assert float(root.attrib["width"]) == pytest.approx(room.width, abs=1)
        assert len(svg.encode()) < 20_000
        assert "~" not in svg
        assert "#a100" not in svg
        assert "var(--" in svg
        for line in picture.lines:
            assert words.say(line.name).split()[-1] in "".join(root.itertext())


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.key)
def test_specification_is_valid_vega_lite(picture: Picture) -> None:
    """Each specification holds against Altair's schema, so that a notebook can show the same chart."""
    from altair import LayerChart

    assert isinstance(chart(picture, (EN,), house.WIDE).chart(EN), LayerChart)


@pytest.mark.parametrize(
    "picture", [p for p in PICTURES if len(p.lines) > 1 and p.shape in (Shape.SURVIVAL, Shape.WEEKS)], ids=lambda p: p.key
)
def test_lines_differ_without_colour(picture: Picture) -> None:
    """Lines of one picture differ in dash and in marker, so that colour never carries anything alone."""
    strokes = [house.stroke(n) for n in range(len(picture.lines))]
    assert len({stroke.dash for stroke in strokes}) == len({stroke.marker for stroke in strokes}) == len(strokes)
    svg = draw(picture, (EN,), house.WIDE).fill(EN)
    assert all(f'stroke-dasharray="{",".join(map(str, stroke.dash))}"' in svg for stroke in strokes if stroke.dash)


def test_nothing_is_fetched() -> None:
    """A specification that names a host draws nothing from it: the drawing fails instead."""
    canvas = chart(PICTURES[0], (EN,), house.WIDE)
    spec = canvas.spec()
    spec["layer"][0]["data"] = {"url": "https://example.org/x.json"}
    canvas.spec = lambda: spec  # type: ignore[method-assign]
    with pytest.raises(ValueError, match=r"(?i)url"):
        canvas.svg()


def test_intervals_are_sorted_by_name_never_by_value() -> None:
    """Whatever the order and the values, rows stand in the order of their names."""
    names = ["writing", "Éditions", "debugging", "closing the month"]
    rows = tuple(
        Line(name=say("{unit}", unit=name), points=(Point(x=0, value=v, low=v, high=v),))
        for name, v in zip(names, (0.9, 0.1, 0.8, 0.2), strict=True)
    )
    picture = replace(next(p for p in PICTURES if p.shape is Shape.INTERVALS), lines=rows)
    svg = draw(picture, (EN,), house.WIDE).fill(EN)
    assert sorted(names, key=svg.index) == ["closing the month", "debugging", "Éditions", "writing"]


def test_survival_keeps_its_scale_from_zero_to_one() -> None:
    """A curve of what is alive is drawn on the whole scale, even where all of it would fit a smaller one."""
    flat = Line(name=say("flat"), points=(Point(x=0, value=0.6, at_risk=50), Point(x=180, value=0.55, at_risk=40)))
    picture = replace(next(p for p in PICTURES if p.key == "alive_by_origin"), lines=(flat,))
    assert chart(picture, (EN,), house.WIDE).frame.y == (0.0, 1.0)


@pytest.mark.parametrize("shape", list(Shape))
def test_empty_pictures_are_drawn(shape: Shape) -> None:
    """A picture without lines, or with a line without points, is drawn empty rather than failing."""
    base = PICTURES[0]
    for rows in ((), (Line(name=say("nothing yet"), points=()),)):
        assert draw(replace(base, shape=shape, lines=rows), (EN,), house.WIDE).fill(EN).startswith("<svg")


@given(st.lists(st.floats(0, 250), min_size=1, max_size=5), st.integers(1, 2))
def test_names_beside_lines_never_cover_each_other(wanted: list[float], rows: int) -> None:
    """However near lines end, their names keep apart by their own height."""
    heights = [rows * house.LINE_HEIGHT] * len(wanted)
    middles = sorted(lines._apart(wanted, heights, 250))
    assert all(below - above >= rows * house.LINE_HEIGHT - 1e-6 for above, below in pairwise(middles))


def test_names_with_room_stay_beside_their_line() -> None:
    """A name moves only as far as another pushes it."""
    assert lines._apart([230, 10, 120], [16, 16, 16], 250) == [230, 10, 120]
    assert lines._apart([100, 101], [16, 16], 250) == [100, 118]


@given(st.floats(0, 1e6), st.floats(1e-3, 1e6), st.integers(3, 8))
def test_ticks_cover_the_window_with_round_steps(low: float, width: float, most: int) -> None:
    """Ticks enclose the window, rise evenly, and are few."""
    ticks = axes.nice(low, low + width, most)
    assert ticks[0] <= low + width * 1e-6
    assert ticks[-1] >= (low + width) * (1 - 1e-9)
    assert 2 <= len(ticks) <= most + 2


@given(st.floats(1, 4000), st.integers(3, 8))
def test_day_ticks_start_at_zero(last: float, most: int) -> None:
    """Ticks on days start at zero and never pass the last day."""
    ticks = axes.days(last, most)
    assert ticks[0] == 0
    assert ticks[-1] <= last
    assert len(ticks) <= most


@given(st.integers(10_000, 25_000), st.integers(20, 4_000), st.integers(3, 6))
def test_month_ticks_are_first_days_inside(first: int, span: int, most: int) -> None:
    """Ticks on dates are first days of months inside the window, never too many."""
    ticks = axes.months(first, first + span, most)
    assert all(day.day == 1 and first <= x <= first + span for x, day in ticks)
    assert len(ticks) <= most


def test_close_marks_share_a_number_place() -> None:
    """Marks too near each other to be numbered apart are numbered together."""
    picture = next(p for p in PICTURES if p.marks)
    svg = draw(picture, (EN,), house.NARROW).fill(EN)
    assert re.search(r">1, 2</text>", svg)
    assert re.search(r">3</text>", svg)


@given(st.lists(st.floats(0, 500), min_size=1, max_size=14), st.floats(0.2, 2))
def test_numbers_of_marks_never_touch(places: list[float], px: float) -> None:
    """However many marks fall together, each keeps its number and no two numbers touch."""
    found = lines.numbered(list(enumerate(places, 1)), px=px)
    assert sorted(int(n) for _, label in found for n in label.split(", ")) == list(range(1, len(places) + 1))
    for (x, label), (after, other) in pairwise(found):
        assert (after - x) * px >= (len(label) + len(other)) / 2 * house.CHARACTER
