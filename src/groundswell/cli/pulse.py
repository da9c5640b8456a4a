"""`groundswell pulse`: send today's links by mail; run it each working morning."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from groundswell.cli.report import language
from groundswell.cli.serve import needed, opened
from groundswell.languages.load import codes


def pulse(
    company: Annotated[Path, typer.Argument(help="The company's folder.", show_default=False)],
    lang: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option(parser=language, metavar="|".join(codes()), help="A language of the letters; may be given more than once."),
    ] = None,
) -> None:
    """Mail today's links of the pulse: each person once a quarter, and a day's links once however often this is run."""
    needed()
    from groundswell.runs.folder import Folder
    from groundswell.selfreport.mail import relay_from, send_turns
    from groundswell.selfreport.settings import from_environment

    Folder(company).check()
    relay = relay_from(os.environ)
    settings = from_environment({**os.environ, "GROUNDSWELL_COMPANY": str(company)})
    today = datetime.now(UTC).date()
    sent = send_turns(
        opened(settings.database),
        relay,
        secret=settings.secret,
        origin=settings.origin,
        today=today,
        langs=lang or [codes()[0]],
    )
    typer.echo(f"{sent:,} links sent" if sent else "Nobody is asked today, or today's links were sent before")
