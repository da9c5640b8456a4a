"""`groundswell collect`: what people told the server goes into the company's store, as one more source."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from groundswell.cli.places import key_file
from groundswell.cli.progress import bar
from groundswell.cli.serve import needed, opened


def collect(
    company: Annotated[Path, typer.Argument(help="The company's folder.", show_default=False)],
    key: Annotated[Optional[Path], typer.Option(help="File of the pseudonym key.")] = None,  # noqa: UP045 - typer reads it
) -> None:
    """Read the logbook, and the pulse of every quarter that is over, into the store; nothing is counted twice."""
    needed()
    from groundswell.privacy.keyring import open_keys
    from groundswell.runs.collect import collect as story
    from groundswell.runs.folder import Folder
    from groundswell.selfreport.settings import from_environment

    folder, now = Folder(company), datetime.now(UTC)
    folder.check()
    settings = from_environment({**os.environ, "GROUNDSWELL_COMPANY": str(company)})
    keys = open_keys(key or key_file(), store=company, now=now)
    with bar("Collecting") as progress:
        found = story(folder, opened(settings.database), secret=settings.secret, keys=keys, now=now, progress=progress)
    typer.echo(f"logbook: {found.entries:,} rows")
    if found.withdrawn:
        typer.echo(f"erased since, and out of the store now: {found.withdrawn:,} rows")
    for quarter, answers in found.quarters.items():
        typer.echo(f"pulse of {quarter}: {answers:,} answers" if answers else f"pulse of {quarter}: too few answers to give out")
    for quarter in found.running:
        typer.echo(f"pulse of {quarter}: stays in the book until no link of it opens any more")
