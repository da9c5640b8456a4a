"""`groundswell keys split | join | destroy`: the pseudonym key in three hands, back in one, or gone."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from groundswell.cli.places import key_file

app = typer.Typer(help="The pseudonym key: split it two of three, join it, destroy it.", no_args_is_help=True)

Key = Annotated[Optional[Path], typer.Option(help="File of the pseudonym key.")]  # noqa: UP045 - typer reads it


@app.command()
def split(
    out: Annotated[Path, typer.Argument(help="Folder that receives the three parts, to print and hand out.")],
    remove: Annotated[bool, typer.Option("--remove", help="Remove the key file: from then on two parts are needed.")] = False,
    key: Key = None,
) -> None:
    """Write three parts of the present key, any two of which restore it."""
    from groundswell.errors import InputError, OutputError
    from groundswell.privacy.keyring import open_keys, write_part
    from groundswell.privacy.keyring import remove as forget
    from groundswell.privacy.keyring import split as cut

    place = key or key_file()
    if not place.exists():
        raise InputError(str(place), "there is no key here to split", remedy="It is made by the first groundswell read")
    parts = cut(open_keys(place))
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = [out / f"part-{n}.txt" for n in range(1, len(parts) + 1)]
    taken = [name for name in names if name.exists()]
    if taken:
        raise OutputError(str(taken[0]), "there is a part already", remedy="Choose an empty folder")
    for name, part in zip(names, parts, strict=True):
        write_part(name, part)
        typer.echo(str(name))
    if remove:
        forget(place)
        typer.echo(f"{place} is removed. Print the parts, hand them out, and delete these files.")


@app.command()
def join(
    parts: Annotated[list[Path], typer.Argument(help="Two of the parts.", exists=True, dir_okay=False)],
    key: Key = None,
) -> None:
    """Restore the key file from two parts, or put an earlier key back into it."""
    from groundswell.privacy.keyring import join as restore

    place = key or key_file()
    keys = restore([part.read_text("utf8") for part in parts], place)
    began = ", ".join(str(epoch.since) for epoch in keys.epochs if epoch.key is not None)
    typer.echo(f"{place}: the key that began on {began}")


@app.command()
def destroy(
    since: Annotated[datetime, typer.Argument(help="First day of the epoch whose key goes.", formats=["%Y-%m-%d"])],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    key: Key = None,
) -> None:
    """Destroy one epoch's key: its tables stay, and no name can be looked up in them any more."""
    from groundswell.privacy.keyring import destroy as forget

    day: date = since.date()
    if not yes:
        typer.confirm(f"Destroy the key that began on {day}? Nobody can undo this", abort=True)
    forget(key or key_file(), day)
    typer.echo("Destroyed here. Destroy two of the three printed parts and the backups of this file too.")
