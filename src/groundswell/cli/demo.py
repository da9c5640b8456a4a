"""`groundswell demo`: two invented companies, read and reported, so that a newcomer sees what is told apart."""

import sys
import webbrowser
from pathlib import Path
from typing import Annotated

import typer

from groundswell.cli.places import check_writable, key_file, write
from groundswell.cli.progress import bar
from groundswell.cli.report import Lang, spoken


def demo(
    folder: Annotated[Path, typer.Argument(help="Receives the exports, the truth behind them, and the page.")] = Path("demo"),
    lang: Lang = None,
    seed: Annotated[int, typer.Option(help="Seed of the two companies.")] = 7,
    browse: Annotated[bool, typer.Option("--open/--no-open", help="Open the page in the browser.")] = True,
) -> None:
    """Simulate a company where talk outruns use and one with a quiet groundswell, and report both on one page."""
    folder.mkdir(parents=True, exist_ok=True)
    page = folder / "report.html"
    check_writable(page)
    from groundswell.privacy.keyring import open_key
    from groundswell.report.render import render_pair
    from groundswell.runs import demo as story

    with bar("Demonstration") as progress:
        pages = story.demo(folder, key=open_key(key_file()), seed=seed, progress=progress)
    write(page, render_pair(pages, **spoken(pages[0], lang)))
    typer.echo(str(page))
    if browse and sys.stdout.isatty():
        webbrowser.open(page.resolve().as_uri())
