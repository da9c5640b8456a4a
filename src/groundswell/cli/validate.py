"""`groundswell validate`: plant truths in simulated companies, recover them, print the validity report."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from groundswell.cli.progress import bar

if TYPE_CHECKING:
    from groundswell.runs.validate import Row, Validity


def validate(
    fast: Annotated[bool, typer.Option("--fast", help="Fewer worlds: under three minutes on two cores.")] = False,
    replications: Annotated[Optional[int], typer.Option(min=1, help="At most so many companies a trial.")] = None,  # noqa: UP045
    only: Annotated[Optional[list[str]], typer.Option(help="Name of a trial; may be given again.")] = None,  # noqa: UP045
    workers: Annotated[int, typer.Option(min=1, help="Processes.")] = 2,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Folder that receives validity.md, validity-page.html and validity.json."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    list_: Annotated[bool, typer.Option("--list", help="List the trials and their seeds, and end.")] = False,
) -> None:
    """Plant truths in simulated companies, recover them, and say what came out; exit code 1 if a promise is broken."""
    from groundswell.runs import validate as runs

    if list_:
        for t in runs.trials().values():
            typer.echo(f"{t.name}: {t.planted} (from seed {t.seed}; {t.fast} worlds fast, {t.full} in full)")
        return
    unknown = [name for name in only or () if name not in runs.trials()]
    if unknown:
        raise typer.BadParameter(f"{', '.join(unknown)}: no such trial; --list names them all", param_hint="--only")
    with bar("Planting and recovering") as progress:
        report = runs.validate(fast=fast, replications=replications, only=only or (), workers=workers, progress=progress)
    if out is not None:
        _write(report, out)
    if as_json:
        from groundswell.runs._validity_page import as_dict

        typer.echo(json.dumps(as_dict(report), indent=2, ensure_ascii=False))
    else:
        _show(report)
    if report.broken:
        raise typer.Exit(1)


def _write(report: "Validity", out: Path) -> None:
    from groundswell.errors import OutputError
    from groundswell.runs import _validity_page as page

    texts = {
        "validity.md": page.markdown(report),
        "validity-page.html": page.html(report),
        "validity.json": json.dumps(page.as_dict(report), indent=2, ensure_ascii=False) + "\n",
    }
    try:
        out.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (out / name).write_text(text, encoding="utf8")
    except OSError as error:
        raise OutputError(str(out), "the report cannot be written", remedy="Choose a folder you may write to") from error


def _show(report: "Validity") -> None:
    from rich.console import Console
    from rich.table import Table

    from groundswell.runs import _validity_page as page
    from groundswell.runs._validity_draws import Status

    console = Console()
    console.print(page.READ_ME.replace("*", ""), markup=False, soft_wrap=False)
    for name in dict.fromkeys(r.trial.name for r in report.rows):
        rows = [r for r in report.rows if r.trial.name == name]
        title = f"{name}: {rows[0].trial.planted} ({rows[0].worlds} worlds)"
        table = Table("Asked", "Came out", "Promised", title=title, title_justify="left", title_style="bold", show_lines=True)
        for row in rows:
            asked, *_, promises = page.cells(row)
            style = "bold red" if row.status is Status.BROKEN else None
            table.add_row(asked, page.came_out(row), promises.replace("; ", "\n"), style=style)
        console.print(table)
    for line in page.summary(report):
        console.print(line, markup=False, soft_wrap=True)
    console.print(f"Seeds: {', '.join(f'{r.trial.name} {r.trial.seed}' for r in _first(report))}.", markup=False)


def _first(report: "Validity") -> "list[Row]":
    seen: dict[str, Row] = {}
    for row in report.rows:
        seen.setdefault(row.trial.name, row)
    return list(seen.values())
