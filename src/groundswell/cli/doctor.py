"""`groundswell doctor PATH...`: what is here, what is missing, what can and cannot be said, and why."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional

import typer

from groundswell.cli.places import check_writable, key_file, write
from groundswell.cli.progress import bar
from groundswell.cli.report import Lang, spoken

if TYPE_CHECKING:
    from groundswell.runs.page import Reading

LEAST_PEOPLE = 10
"""A smaller number of people is not told, not even to the operator (M11)."""


def doctor(
    paths: Annotated[
        list[Path] | None, typer.Argument(help="Exports, repositories, or folders of them.", show_default=False)
    ] = None,
    sources: Annotated[bool, typer.Option("--sources", help="List every source: what it shows and can never show.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print as JSON.")] = False,
    html: Annotated[Optional[Path], typer.Option("--html", help="Write it as a page of its own.", metavar="FILE")] = None,  # noqa: UP045
    lang: Lang = None,
    key: Annotated[Optional[Path], typer.Option(help="File of the pseudonym key; made on first use.")] = None,  # noqa: UP045
    workers: Annotated[int, typer.Option(min=1, help="Processes that read.")] = 2,
) -> None:
    """Say what was recognised, which period and how many people it covers, what is missing, and what can be answered."""
    if sources or not paths:
        _show_sources(as_json)
        return
    if html is not None:
        check_writable(html)
    from groundswell.privacy.keyring import open_key
    from groundswell.runs.page import make_page
    from groundswell.runs.scratch import scratch
    from groundswell.store.tables import Store

    with scratch() as place, bar("Examining") as progress:
        reading = make_page(paths, Store(place / "store"), key=open_key(key or key_file()), workers=workers, progress=progress)
    if html is not None:
        from groundswell.report.render import render_coverage

        write(html, render_coverage(reading.page, **spoken(reading.page, lang)))
        typer.echo(str(html))
    elif as_json:
        typer.echo(json.dumps(_as_dict(reading), indent=2, ensure_ascii=False))
    else:
        _show(reading)


def _as_dict(reading: "Reading") -> dict[str, Any]:
    from groundswell.report.words import words

    say = words("en").say
    return {
        "sources": [
            {
                "source": c.name,
                "family": c.family,
                "first_day": c.first and c.first.isoformat(),
                "last_day": c.last and c.last.isoformat(),
                "people": c.people if c.people >= LEAST_PEOPLE else None,
                "records": c.records,
                "skipped": dict(c.skipped),
                "refused": dict(c.refused),
                "gaps": [[a.isoformat(), b.isoformat()] for a, b in c.gaps],
            }
            for c in reading.page.coverage
        ],
        "not_read": [str(error) for _, error in reading.failed],
        "unrecognised": [str(p) for p in reading.found.unrecognised],
        "questions": [
            {
                "question": say(q.question),
                "can": q.can,
                "why": say(q.why),
                "unlock": say(q.unlock) if q.unlock else None,
            }
            for q in reading.page.questions
        ],
    }


def _show(reading: "Reading") -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    told = _as_dict(reading)
    table = Table("Source", "From", "To", "People", "Records", "Skipped", "Refused", title="What is here", title_justify="left")
    for c in told["sources"]:
        people = str(c["people"]) if c["people"] is not None else f"fewer than {LEAST_PEOPLE}"
        counts = [_reasons(c[k]) for k in ("skipped", "refused")]
        table.add_row(c["source"], c["first_day"] or "-", c["last_day"] or "-", people, f"{c['records']:,}", *counts)
    console.print(table)
    for c in told["sources"]:
        for first, last in c["gaps"]:
            console.print(f"Silent: {c['source']} from {first} to {last}.", markup=False)
    for line in told["not_read"]:
        console.print(f"Not read: {line}", markup=False)
    if told["unrecognised"]:
        console.print(f"Not recognised: {len(told['unrecognised'])} files, such as {told['unrecognised'][0]}", markup=False)
    for can, title in ((True, "What can be answered"), (False, "What cannot, and what would unlock it")):
        console.print(f"\n[bold]{title}[/bold]")
        for q in told["questions"]:
            if q["can"] == can:
                rest = "" if can else f"\n    because {q['why']}" + (f"; add {q['unlock']}" if q["unlock"] else "")
                console.print(f"  {q['question']}{rest}", markup=False, soft_wrap=True)


def _reasons(counts: dict[str, int]) -> str:
    return "\n".join(f"{n:,} {reason}" for reason, n in counts.items()) or "-"


def _show_sources(as_json: bool) -> None:
    from groundswell import registry

    found = registry.sources().values()
    if as_json:
        rows = [
            {"source": s.name, "title": s.title, "family": s.family, "shows": s.shows, "never": s.never, "traps": s.traps}
            for s in found
        ]
        typer.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for s in found:
        typer.echo(f"{s.name}: {s.title}\n  shows: {'; '.join(s.shows)}\n  never: {'; '.join(s.never)}")
