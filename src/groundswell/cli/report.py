"""`groundswell report PATH...`: one page from whatever lies at the paths."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional, TypedDict

import typer

from groundswell.cli.places import check_writable, key_file, write
from groundswell.cli.progress import bar
from groundswell.languages.load import codes

if TYPE_CHECKING:
    from groundswell.report.page import Page


def language(code: str) -> str:
    """A language there is a file for."""
    if code not in codes():
        raise typer.BadParameter(f"{code!r} is not one of {', '.join(codes())}.")
    return code


Lang = Annotated[
    Optional[str],  # noqa: UP045 - typer reads it
    typer.Option(
        parser=language,
        metavar="|".join(codes()),
        show_default=False,
        help="Language of the page. Without it the one company.toml names, else all of them, opening in the browser's.",
    ),
]


class Format(StrEnum):
    """Forms a page can take."""

    HTML = "html"
    MD = "md"
    JSON = "json"
    PDF = "pdf"


class Spoken(TypedDict):
    """Languages of a page: the one it opens in, the others in the same file, and whether the browser chooses."""

    lang: str
    also: tuple[str, ...]
    auto: bool


def report(
    paths: Annotated[list[Path], typer.Argument(help="Exports, repositories, or folders of them.", show_default=False)],
    output: Annotated[Optional[Path], typer.Option("--output", "-o", help="Where the page goes. [default: report.html]")] = None,  # noqa: UP045 - typer reads it
    lang: Lang = None,
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

        draw(reading.page, figures, lang=one_of(reading.page, lang))
    typer.echo(str(output))


def in_form(page: "Page", form: Format, lang: str | None) -> str | bytes:
    """The page as the content of a file; only HTML can hold several languages, the others fall back to English."""
    from groundswell.report.forms import to_json, to_markdown
    from groundswell.report.paper import to_pdf
    from groundswell.report.render import render

    match form:
        case Format.HTML:
            return render(page, **spoken(page, lang))
        case Format.PDF:
            return to_pdf(render(page, lang=one_of(page, lang)))
        case Format.MD:
            return to_markdown(page, lang=one_of(page, lang))
        case Format.JSON:
            return to_json(page)


def one_of(page: "Page", lang: str | None) -> str:
    """The one language asked for: by the flag, else by company.toml, else English."""
    return lang or page.language or codes()[0]


def spoken(page: "Page", lang: str | None) -> "Spoken":
    """The languages of an HTML page, as `report.render` takes them: the one asked for, else all, the browser's first."""
    if lang or page.language:
        return {"lang": one_of(page, lang), "also": (), "auto": False}
    first, *others = codes()
    return {"lang": first, "also": tuple(others), "auto": True}
