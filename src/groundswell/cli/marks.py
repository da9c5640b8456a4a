"""`groundswell marks PATH...`: frequent marks in git that no rule knows, confirmed as a tool's in one step."""

import json as codec
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Optional

import typer


def marks(
    paths: Annotated[list[Path], typer.Argument(help="Repositories, or folders of them.", show_default=False)],
    confirm: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option("--confirm", metavar="MARK=TOOL", help="This mark is left by this tool; may be given more than once."),
    ] = None,
    into: Annotated[
        Path, typer.Option(help="The folder of exports, or the company's folder: its marks.toml is read with them.")
    ] = Path(),
    json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False,
) -> None:
    """List frequent trailers and bots of git that no rule knows; a company's own AI tools are often among them."""
    from groundswell.runs import marks as story

    if confirm:
        for mark in story.confirm(paths, confirm, into):
            typer.echo(f"{mark}: confirmed")
        return
    found = story.unknown_marks(paths)
    if json:
        typer.echo(codec.dumps([asdict(one) for one in found], default=str))
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title="Frequent marks that no rule knows")
    for title in ("Mark", "Kind", "Commits", "From", "To"):
        table.add_column(title, justify="right" if title == "Commits" else "left", overflow="fold")
    for one in found:
        table.add_row(Text(one.key), one.kind, f"{one.commits:,}", str(one.first), str(one.last))
    Console().print(table)
    typer.echo("If one is an AI tool's, say so once: groundswell marks PATH... --confirm 'MARK=TOOL' --into FOLDER")
