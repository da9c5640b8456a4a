"""`groundswell mine`: what is held about one person; erase it, or leave them out for good."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from groundswell.cli.folder import Company
from groundswell.cli.places import key_file

if TYPE_CHECKING:
    from groundswell.runs.mine import Held


def mine(
    company: Company,
    email: Annotated[str, typer.Option(help="The person's address.")] = "",
    login: Annotated[str, typer.Option(help="The person's account name.")] = "",
    native: Annotated[str, typer.Option(help="The person's id in a workspace, such as T1:U123.")] = "",
    erase: Annotated[bool, typer.Option("--erase", help="Take out all that is held; a later export may bring it back.")] = False,
    opt_out: Annotated[
        bool, typer.Option("--opt-out", help="Take it out, and leave the person out of every later reading.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
    key: Annotated[Optional[Path], typer.Option(help="File of the pseudonym key.")] = None,  # noqa: UP045 - typer reads it
) -> None:
    """Show what is held about one person, whom you recognised before; that somebody looked is recorded, not who it was about."""
    from groundswell.privacy.keyring import open_keys
    from groundswell.runs.folder import Folder
    from groundswell.runs.mine import Wish
    from groundswell.runs.mine import mine as story
    from groundswell.runs.subject import Handles

    place = key or key_file()
    if not place.exists():
        raise typer.BadParameter(f"{place}: there is no key here; restore it with groundswell keys join", param_hint="--key")
    wish = Wish.OPT_OUT if opt_out else Wish.ERASE if erase else Wish.SEE
    held = story(
        Folder(company),
        Handles(email=email, login=login, native=native),
        wish,
        keys=open_keys(place, store=company),
        now=datetime.now(UTC),
    )
    if as_json:
        told = {
            "rows": held.rows,
            "named_by_others": held.named,
            "files_rewritten": held.files,
            "wish": str(wish),
            "not_searched": held.unsearched,
        }
        typer.echo(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        _show(held)
        for since in held.unsearched:
            typer.echo(f"Not looked for in the tables of the key that began on {since}, which is not here.")
            typer.echo("If it was split, join its parts and ask again; if it was destroyed, nobody can be found there any more.")
        if wish is not Wish.SEE:
            typer.echo(f"Taken out; {held.files} files were rewritten. Backups and raw exports are not reached by this.")
        if wish is Wish.OPT_OUT:
            typer.echo("Left out of every later reading.")


def _show(held: "Held") -> None:
    if not held.anything:
        typer.echo("Nothing is held under these handles.")
    for table, rows in held.rows.items():
        if rows:
            typer.echo(f"{table}: {len(rows):,} rows")
        for row in rows:
            typer.echo("  " + ", ".join(f"{name} {value}" for name, value in row.items() if value not in ("", None, False)))
    for table, n in held.named.items():
        if n:
            typer.echo(f"{table}: {n:,} rows of other people name you; they are not shown")
