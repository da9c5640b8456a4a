"""`groundswell keys split | join | destroy`: the pseudonym key in three hands, back in one, or gone."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from groundswell.cli.places import key_file, write

app = typer.Typer(help="The pseudonym key: split it two of three, join it, destroy it.", no_args_is_help=True)

Key = Annotated[Optional[Path], typer.Option(help="File of the pseudonym key.")]  # noqa: UP045 - typer reads it


@app.command()
def split(
    out: Annotated[Path, typer.Argument(help="Folder that receives the three parts, to print and hand out.")],
    remove: Annotated[bool, typer.Option("--remove", help="Remove the key file: from then on two parts are needed.")] = False,
    key: Key = None,
) -> None:
    """Write three parts of the present key, any two of which restore it."""
    from groundswell.errors import OutputError
    from groundswell.privacy.keyring import open_keys
    from groundswell.privacy.keyring import split as cut

    place = key or key_file()
    parts = cut(open_keys(place, now=datetime.now(UTC)))
    out.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = [out / f"part-{n}.txt" for n in range(1, len(parts) + 1)]
    taken = [name for name in names if name.exists()]
    if taken:
        raise OutputError(str(taken[0]), "there is a part already", remedy="Choose an empty folder")
    for name, part in zip(names, parts, strict=True):
        name.touch(mode=0o600)
        write(name, part)
        name.chmod(0o600)
        typer.echo(str(name))
    if remove:
        place.unlink()
        typer.echo(f"{place} is removed. Print the parts, hand them out, and delete these files.")


@app.command()
def join(
    parts: Annotated[list[Path], typer.Argument(help="Two of the parts.", exists=True, dir_okay=False)],
    key: Key = None,
) -> None:
    """Restore the key file from two parts."""
    from groundswell.privacy.keyring import join as restore

    place = key or key_file()
    keys = restore([part.read_text("utf8") for part in parts], place)
    typer.echo(f"{place}: the key that began on {keys.epochs[-1].since}")


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
