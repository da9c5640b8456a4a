"""Writes each picture of a page as a file of its own, for slides and documents."""

import re
from collections.abc import Iterator
from html import escape
from pathlib import Path

from groundswell.errors import OutputError
from groundswell.model.measure import Picture
from groundswell.model.phrase import say
from groundswell.report import ledger
from groundswell.report.charts.axes import day_of
from groundswell.report.charts.draw import Drawing, draw
from groundswell.report.charts.house import FONT, LIGHT, LINE_HEIGHT, WIDE
from groundswell.report.page import Page
from groundswell.report.words import Words

_SIZE = re.compile(r'width="([\d.]+)" height="([\d.]+)"')
_UNSAFE = re.compile(r"[^a-z0-9_-]+")
_MARGIN = 16
# Pixels of a PNG per unit of the drawing: sharp in print at the width of an A4 column.
_SCALE = 3


def figures(page: Page, folder: Path, *, lang: str = "en") -> tuple[Path, ...]:
    """Write every picture as SVG and PNG, with its title and its marks inside, in light colours.

    Args:
        page: whose pictures.
        folder: made if it does not exist; files are named by the picture's key.
        lang: language of the words.

    Returns:
        The files written, SVG and PNG of each picture in the order of the findings.

    Raises:
        OutputError: the folder cannot be written to.
    """
    import vl_convert

    words = Words(lang)
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for picture in _pictures(page):
            svg = framed(draw(picture, (words,), WIDE), picture, words)
            path = folder / f"{_UNSAFE.sub('-', picture.key.lower())}.svg"
            path.write_text(svg, encoding="utf-8")
            path.with_suffix(".png").write_bytes(vl_convert.svg_to_png(svg, scale=_SCALE))
            written += [path, path.with_suffix(".png")]
    except OSError as error:
        raise OutputError(str(folder), "figures cannot be written there", remedy="choose another folder") from error
    return tuple(written)


def framed(drawing: Drawing, picture: Picture, words: Words) -> str:
    """A drawing that stands alone: title above, numbered marks below, its own background and fonts, alternative text inside."""
    inner = drawing.fill(words, LIGHT)
    size = _SIZE.search(inner)
    width, height = (float(size[1]), float(size[2])) if size else (float(WIDE.width), 400.0)
    below = height + 40 + _MARGIN
    notes = [_mark(n, picture, words) for n in range(len(picture.marks))]
    full = f"{width + 2 * _MARGIN:g}", f"{below + _MARGIN + LINE_HEIGHT * len(notes):g}"
    title, alt = escape(words.say(picture.title)), escape(words.say(picture.alt))
    return "".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{full[0]}" height="{full[1]}" viewBox="0 0 {full[0]} {full[1]}" ',
            f'role="img" aria-label="{alt}" font-family="{escape(FONT)}">',
            f'<rect width="100%" height="100%" fill="{LIGHT["paper"]}"/>',
            _text(_MARGIN + 18, title, 'font-size="16" font-weight="600"', "ink"),
            f'<g transform="translate({_MARGIN},{_MARGIN + 32})">{inner}</g>',
            *(_text(below + LINE_HEIGHT * (n + 0.8), note, 'font-size="12"', "soft") for n, note in enumerate(notes)),
            "</svg>",
        )
    )


def _text(y: float, escaped: str, style: str, role: str) -> str:
    return f'<text x="{_MARGIN}" y="{y:g}" {style} fill="{LIGHT[role]}">{escaped}</text>'


def _mark(n: int, picture: Picture, words: Words) -> str:
    mark = picture.marks[n]
    label = say("{day:date}: {label}", day=day_of(mark.x), label=mark.label) if picture.is_date else mark.label
    return escape(f"{n + 1}. {words.say(label)}", quote=False)


def _pictures(page: Page) -> Iterator[Picture]:
    for finding in page.findings:
        yield from finding.pictures
    if spent := ledger.picture(page):
        yield spent
