"""`groundswell bot`: the face in the company's chat."""

import importlib
import os
from pathlib import Path
from typing import Annotated

import typer

from groundswell.cli.serve import LOGS, needed


def bot(
    company: Annotated[Path, typer.Argument(help="The company's folder.", show_default=False)],
    host: Annotated[str, typer.Option(help="Address it listens on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port it listens on.")] = 8701,
    send: Annotated[str, typer.Option(help='Send what is due and end: "pulse" or "taps".')] = "",
) -> None:
    """Answer Slack and Mattermost, or send today's links of the pulse, or the one tap of the quarter."""
    needed()
    from groundswell.runs.folder import Folder

    if send not in {"", "pulse", "taps"}:
        raise typer.BadParameter('it is "pulse" or "taps"', param_hint="--send")
    Folder(company).check()
    room = importlib.import_module("groundswell.bot.run")  # faces are strangers to each other
    environment = {**os.environ, "GROUNDSWELL_COMPANY": str(company)}
    if send:
        typer.echo(f"{room.send(environment, send):,} messages sent")
    else:
        room.serve(environment, host=host, port=port, log_config=LOGS)
