"""`groundswell report PATH...`: one page from whatever lies at the paths."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from groundswell.cli.places import check_writable, key_file, write
from groundswell.cli.progress import bar

if TYPE_CHECKING:
    from groundswell.report.page import Page


class Language(StrEnum):
    """Languages a page can be in."""

    EN = "en"
    FR = "fr"
    VI = "vi"


class Format(StrEnum):
    """Forms a page can take."""

    HTML = "html"
    MD = "md"
    JSON = "json"
    PDF = "pdf"


def report(
    paths: Annotated[list[Path], typer.Argument(help="Exports, repositories, or folders of them.", show_default=False)],
    output: Annotated[Optional[Path], typer.Option("--output", "-o", help="Where the page goes. [default: report.html]")] = None,  # noqa: UP045 - typer reads it
    lang: Annotated[Language, typer.Option(help="Language of the page.")] = Language.EN,
    form: Annotated[Format, typer.Option("--format", help="Form of the page.")] = Format.HTML,
    figures: Annotated[Optional[Path], typer.Option(help="Also write every picture into this folder, as SVG and PNG.")] = None,  # noqa: UP045
    key: Annotated[Optional[Path], typer.Option(help="File of the pseudonym key; made on first use.")] = None,  # noqa: UP045
    workers: Annotated[int, typer.Option(min=1, help="Processes that read.")] = 2,
) -> None:
    """Recognise, read, and report in one page. Nothing read is kept: the page is all that remains."""
    output = output or Path(f"report.{form}")
    check_writable(output)
    from groundswell.privacy.keyring import open_key
    from groundswell.runs.page import make_page
    from groundswell.runs.scratch import scratch
    from groundswell.store.tables import Store

    with scratch() as place, bar("Reading") as progress:
        reading = make_page(paths, Store(place / "store"), key=open_key(key or key_file()), workers=workers, progress=progress)
    for _, error in reading.failed:
        typer.echo(f"Not read: {error}", err=True)
    write(output, in_form(reading.page, form, lang))
    if figures is not None:
        from groundswell.report.figures import figures as draw

        draw(reading.page, figures, lang=lang)
    typer.echo(str(output))


def in_form(page: "Page", form: Format, lang: str) -> str | bytes:
    """The page as the content of a file."""
    if form in (Format.HTML, Format.PDF):
        from groundswell.report.paper import to_pdf
        from groundswell.report.render import render

        html = render(page, lang=lang)
        return to_pdf(html) if form is Format.PDF else html
    from groundswell.report.forms import to_json, to_markdown

    return to_json(page) if form is Format.JSON else to_markdown(page, lang=lang)
