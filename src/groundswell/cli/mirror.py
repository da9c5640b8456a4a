"""`groundswell mirror`: make one person's mirror, sealed so that only they can open it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from groundswell.cli.places import key_file


def mirror(
    company: Annotated[Path, typer.Argument(help="The company's folder.", show_default=False)],
    to: Annotated[str, typer.Option(help="The key the person made on the mirror's page.", show_default=False)],
    email: Annotated[str, typer.Option(help="The person's address.")] = "",
    login: Annotated[str, typer.Option(help="The person's account name.")] = "",
    native: Annotated[str, typer.Option(help="The person's id in a workspace, such as T1:U123.")] = "",
    key: Annotated[Optional[Path], typer.Option(help="File of the pseudonym key.")] = None,  # noqa: UP045 - typer reads it
) -> None:
    """Count the own public words of one person, whom you recognised before; you cannot open what this prints."""
    from groundswell.privacy.keyring import open_keys
    from groundswell.runs.folder import Folder
    from groundswell.runs.mirror import sealed_mirror
    from groundswell.runs.subject import Handles

    place = key or key_file()
    if not place.exists():
        raise typer.BadParameter(f"{place}: there is no key here; restore it with groundswell keys join", param_hint="--key")
    who = Handles(email=email, login=login, native=native)
    keys = open_keys(place, store=company)
    typer.echo(sealed_mirror(Folder(company), who, to=to, keys=keys, now=datetime.now(UTC)))
