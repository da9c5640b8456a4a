"""`groundswell init | read | measure | verify`: the same as report, step by step, in a folder that grows with each export."""

import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Optional

import typer

from groundswell.cli.places import check_writable, key_file, write
from groundswell.cli.progress import bar
from groundswell.cli.report import Format, Lang, in_form

EngineAt = Annotated[
    str, typer.Option("--engine", help="duckdb, on this machine, or a Spark cluster: spark://host:port, yarn, sc://host:port.")
]
Company = Annotated[Path, typer.Argument(help="The company's folder.", show_default=False)]


def init(
    company: Company,
    ask: Annotated[bool, typer.Option("--ask/--no-ask", help="Ask the questions now, or leave the answers empty.")] = True,
    answer: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Option(help="An answer beforehand, such as purpose='...'; as often as you like.", metavar="FIELD=TEXT"),
    ] = None,
    lang: Lang = None,
) -> None:
    """Ask a dozen plain questions and write the charter, without which every page is a trial."""
    from groundswell.privacy.charter import Charter
    from groundswell.runs.folder import Folder, may_begin
    from groundswell.runs.folder import init as make

    may_begin(Folder(company))  # before the questions, not after them
    answers = dict(_given(text) for text in answer or ())
    stopped = ask and not _asked(answers, lang or "en")
    charter = Charter(**answers)
    make(Folder(company), charter, now=datetime.now(UTC))
    typer.echo(str(Folder(company).charter_file))
    if stopped:
        typer.echo("Stopped; what was answered is kept there. Open it to answer the rest.")
    if charter.missing():
        typer.echo(f"Not answered yet: {', '.join(charter.missing())}. Until then every page is a trial.")


def _given(text: str) -> tuple[str, str]:
    """FIELD=TEXT of the command line."""
    from groundswell.privacy.charter import QUESTIONS, problem

    name, equals, value = (part.strip() for part in text.partition("="))
    if not equals or name not in QUESTIONS:
        raise typer.BadParameter(
            f"{name!r}: no such field. Expected one of {', '.join(QUESTIONS)}, then =", param_hint="--answer"
        )
    if why := problem(value):
        raise typer.BadParameter(f"{name}: {why}", param_hint="--answer")
    return name, value


def _asked(answers: dict[str, str], lang: str) -> bool:
    """Ask what is not answered yet, one question at a time; False if somebody stopped in between."""
    from groundswell.privacy.charter import QUESTIONS, is_answer, problem
    from groundswell.report.words import words

    open_ones = [name for name in QUESTIONS if name not in answers]
    typer.echo("One sentence each. Enter leaves a question open: you can answer it later, in charter.toml.")
    for n, name in enumerate(open_ones, 1):
        question = f"{n}/{len(open_ones)} {words(lang).say(QUESTIONS[name])}"
        try:
            value = typer.prompt(question, default="", show_default=False, prompt_suffix=" ").strip()
            while value and (
                why := problem(value) or ("" if is_answer(value) else "it says nothing a colleague could hold you to")
            ):
                typer.echo(f"Please say it again, or press Enter to leave it open: {why}.")
                value = typer.prompt(question, default="", show_default=False, prompt_suffix=" ").strip()
        except typer.Abort:
            typer.echo("")
            if not answers:
                raise
            return False
        answers[name] = value
    return True


def read(
    company: Company,
    paths: Annotated[list[Path], typer.Argument(help="Exports, repositories, or folders of them.", show_default=False)],
    key: Annotated[Optional[Path], typer.Option(help="File of the pseudonym key; made on first use.")] = None,  # noqa: UP045 - typer reads it
    workers: Annotated[int, typer.Option(min=1, help="Processes that read.")] = 2,
    engine: EngineAt = "duckdb",
) -> None:
    """Add what is new; what was read before is not read again, and what vendors delete later is kept."""
    from groundswell.privacy.keyring import open_keys
    from groundswell.runs import folder as story
    from groundswell.runs.cluster import cluster
    from groundswell.runs.heavy_spark import on_spark

    place, now = story.Folder(company), datetime.now(UTC)
    keys = open_keys(key or key_file(), store=company, now=now)
    with cluster(engine) as there, bar("Reading") as progress:
        run = on_spark(there.session) if there else None
        report = story.read(
            place, paths, key=keys.key, opt_out_key=keys.opt_out, now=now, workers=workers, progress=progress, run=run
        )
    for source, tally in sorted(report.tallies.items()):
        typer.echo(f"{source}: {tally.kept.total():,} records read")
        for verb, counts in (("skipped", tally.skipped), ("refused", tally.refused)):
            for reason, n in sorted(counts.items()):
                where = f" (first at {tally.places[reason][0]})" if tally.places.get(reason) else ""
                typer.echo(f"  {n:,} {verb}: {reason}{where}")
    if report.known:
        typer.echo(f"{report.known:,} read before and not read again")
    for _, error in report.failed:
        typer.echo(f"Not read: {error}", err=True)


def measure(
    company: Company,
    output: Annotated[Optional[Path], typer.Option("--output", "-o", help="Where the page goes. [default: report.html]")] = None,  # noqa: UP045 - typer reads it
    lang: Lang = None,
    form: Annotated[Format, typer.Option("--format", help="Form of the page.")] = Format.HTML,
    engine: EngineAt = "duckdb",
) -> None:
    """Answer every question of what the folder holds, in one page; it is kept in the folder too, in every language."""
    output = output or Path(f"report.{form}")
    check_writable(output)
    from groundswell.report.render import render
    from groundswell.runs import folder as story
    from groundswell.runs.cluster import cluster
    from groundswell.runs.releases import keep

    place, now = story.Folder(company), datetime.now(UTC)
    with cluster(engine) as there, bar("Measuring") as progress:
        page = story.measure(place, now=now, progress=progress, engine=there)
    write(output, in_form(page, form, lang))
    keep(place, page, now=now, render=lambda page, lang: render(page, lang=lang))
    typer.echo(str(output))


def draw(
    company: Company,
    start: Annotated[list[datetime], typer.Option(formats=["%Y-%m-%d"], help="A first day; give two or more.")],
    units: Annotated[
        Optional[list[str]],  # noqa: UP045 - typer reads it
        typer.Argument(help="Units a programme will reach, as the org chart writes them.", show_default=False),
    ] = None,
    joined: Annotated[bool, typer.Option("--joined", help="The units that said on the server that they take part.")] = False,
) -> None:
    """Draw by lot which unit a programme reaches when, and enter it before it starts: then the page may say "because of"."""
    from groundswell.runs import order as lot
    from groundswell.runs.folder import Folder

    names, days, now = list(units or ()), [day.date() for day in start], datetime.now(UTC)
    if joined:
        from groundswell.cli.serve import book_of

        order = lot.draw_joined(Folder(company), book_of(company), names, days, now=now)
    else:
        order = lot.draw(Folder(company), names, days, now=now)
    for unit, day in order.items():
        typer.echo(f"{day}  {unit}")
    typer.echo(
        "Entered in the record. Tell every unit its day now." if not joined else "Entered in the record; the server tells it."
    )


def verify(
    place: Annotated[Path, typer.Argument(help="A record, or the company's folder that holds it.", show_default=False)],
    kept: Annotated[str, typer.Option(help="A hash that you kept, from a page or a pack: is it still there?")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Check, from the record alone, that it was not changed and keeps its rules; print its last hash, to be kept elsewhere."""
    from groundswell.runs.verify import verify as check

    found = check(place, kept=kept)
    if as_json:
        typer.echo(json.dumps(asdict(found), indent=1))
        return
    typer.echo(f"{found.entries} entries, last hash {found.last}")
    if found.known is not None:
        typer.echo(f"The hash you kept is that of entry {found.known}: up to there nothing was changed or taken away.")
    for kind, n in found.kinds.items():
        typer.echo(f"  {n:,} {kind}")
    for year, epsilon in found.spent.items():
        typer.echo(f"  spent in {year}: epsilon {epsilon:.2f}")
    if not kept:
        typer.echo("Entries taken off its end cannot be seen: compare with --kept and a hash from an earlier page or pack.")


def forget(
    company: Company,
    before: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="First day whose rows are kept.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take out every row of before a day, as the charter says of retention; later readings leave them out too."""
    from groundswell.runs import retention
    from groundswell.runs.folder import Folder
    from groundswell.store.tables import Store

    place, day = Folder(company), before.date()
    place.check()
    if not yes:
        typer.confirm(f"Take out every row of before {day}? Nobody can undo this", abort=True)
    stores = [Store(place.store_folder / tag) for tag in place.epochs()]
    files = retention.forget(stores, place.record_file, day, now=datetime.now(UTC))
    typer.echo(f"Rows are kept since {day}; {files} files were rewritten. Backups and raw exports are not reached by this.")
