"""`groundswell pulse`: send today's links by mail; run it each working morning."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from groundswell.cli.report import Language
from groundswell.cli.serve import needed, opened


def pulse(
    company: Annotated[Path, typer.Argument(help="The company's folder.", show_default=False)],
    lang: Annotated[list[Language], typer.Option(help="A language of the letters; may be given more than once.")] = [  # noqa: B006 - typer reads it
        Language.EN
    ],
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
        langs=[str(code) for code in lang],
    )
    typer.echo(f"{sent:,} links sent" if sent else "Nobody is asked today, or today's links were sent before")
