"""Writes the pages of the documentation that say what the code says: measures, sources, commands, published results, claims."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import typer

from groundswell import registry
from groundswell.cli.main import app
from groundswell.model.measure import Exit, Measure
from groundswell.model.source import Source
from groundswell.report.hypotheses import CLAIMS
from groundswell.report.words import words
from groundswell.runs.published import STUDIES

VALIDITY = Path(__file__).parent / "validity.json"
"""What `make validity` writes; the pages of the measures take their figures from it where it is there."""

FAMILIES = {
    "chat": "Chat and mail",
    "code": "Code",
    "usage": "Usage logs",
    "seats": "Seats and bills",
    "people": "People and teams",
    "selfreport": "Told on purpose",
}

say = words("en").say


def pages() -> dict[str, str]:
    """Path below `reference/` -> Markdown of every generated page."""
    made = {f"measures/{name}.md": measure_page(one) for name, one in registry.measures().items()}
    made["measures/index.md"] = measures_index()
    made["sources.md"] = sources_page()
    made["commands.md"] = commands_page()
    made["published.md"] = published_page()
    made["hypotheses.md"] = hypotheses_page()
    return made


def write(folder: Path) -> None:
    """Write every page; those of plug-ins that are gone go too."""
    made = pages()
    for old in folder.rglob("*.md"):
        if str(old.relative_to(folder)) not in made:
            old.unlink()
    for name, text in made.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf8")


def measures_index() -> str:
    """The list of measures, in the order of the page."""
    rows = [f"| [{say(m.title)}](measures/{m.name}.md) | {m.code} | {say(m.question)} |" for m in registry.measures().values()]
    names = "\n".join(registry.measures())
    table = "\n".join(rows).replace("(measures/", "(")
    return (
        "# Measures\n\nEach measure asks one question. It counts on a fixed grid, with the query that the page shows; privacy "
        "lets the counts out or refuses; statistics see only what was let out.\n\n"
        f"| Measure | Number | Question |\n| --- | --- | --- |\n{table}\n\n```{{toctree}}\n:hidden:\n\n{names}\n```\n"
    )


def measure_page(measure: Measure) -> str:
    """One measure: its question, estimand, assumptions, limits, references, validity and SQL."""
    return "\n".join(_measure(measure)) + "\n"


def _measure(measure: Measure) -> Iterator[str]:
    yield f"# {say(measure.title)}\n\n*{measure.code}* · `{measure.name}`\n\n**{say(measure.question)}**\n"
    yield f"## What is estimated\n\n{say(measure.estimand)}\n\nCounted in: {measure.unit}. Needs: {_code(measure.needs)}.\n"
    yield f"## How people are protected\n\n{_PROTECTION[measure.exit]} ([threat model](../../threat_model.md)).\n"
    if measure.assumptions:
        yield "## What it assumes\n\n" + _list(say(a) for a in measure.assumptions)
    if measure.known_limits:
        yield "## Known limits\n\n" + _list(say(limit) for limit in measure.known_limits)
    if measure.unseen:
        yield f"## Where it cannot be told\n\nIf {say(measure.unseen[0])}. To know: {say(measure.unseen[1])}.\n"
    yield "## Validity\n\n" + _validity(measure)
    if measure.references:
        yield "## References\n\n" + _list(measure.references)
    for name, sql in measure.sql.items():
        yield f"## Counted by `{name}`\n\n```sql\n{sql.strip()}\n```\n"


_PROTECTION = {
    Exit.PEOPLE: "Counts of people: floors, and from 100 people on noise and a yearly ledger",
    Exit.PRACTICES: "Results about practices: protected by aggregation, not by differential privacy",
}


def _validity(measure: Measure) -> str:
    if not VALIDITY.is_file():
        return "No figures yet: `make validity` plants truths in invented companies and says what came out.\n"
    rows = [r for r in json.loads(VALIDITY.read_text("utf8"))["rows"] if r["question"].partition(".")[0] == measure.name]
    if not rows:
        return "No trial asks this measure.\n"
    head = "| Planted | Asked | Worlds | What came out | Promise |\n| --- | --- | --- | --- | --- |\n"
    return (
        head
        + "\n".join(f"| {r['planted']} | {r['asked']} | {r['worlds']} | {_figures(r['figures'])} | {r['status']} |" for r in rows)
        + "\n"
    )


def _figures(figures: Mapping[str, Mapping[str, Any]]) -> str:
    return "; ".join(f"{kind} {f['value']:.2g}" for kind, f in figures.items() if f["value"] is not None)


def sources_page() -> str:
    """Every source: what it shows, what it can never show, what misleads in it."""
    found = registry.sources().values()
    text = ["# Sources\n\nA folder is recognised by the content of its files, never by their names.\n"]
    for family, title in FAMILIES.items():
        text.append(f"## {title}\n")
        text += [_source(source) for source in found if source.family == family]
    return "\n".join(text)


def sources_table() -> str:
    """Every source by its title, a row a family, as the README shows it."""
    found = registry.sources().values()
    rows = ((title, "; ".join(sorted(s.title for s in found if s.family == family))) for family, title in FAMILIES.items())
    return "| Traces | It reads |\n| --- | --- |\n" + "".join(f"| {title} | {titles} |\n" for title, titles in rows)


def _source(source: Source) -> str:
    return (
        f"### {source.title}\n\n`{source.name}`. Reads: {', '.join(source.fields)}.\n\n**Shows**\n\n{_list(source.shows)}\n"
        f"**Can never show**\n\n{_list(source.never)}\n**Traps**\n\n{_list(source.traps)}\n"
    )


def commands_page() -> str:
    """Every command with its arguments and options."""
    text = ["# Commands\n\nExit codes: " + _exit_codes() + "\n"]
    text += [_command(name, command) for name, command in commands().items()]
    return "\n".join(text)


def commands() -> dict[str, Any]:
    """Every command, subcommands included, by what a user types."""
    group = typer.main.get_command(app)
    found: dict[str, Any] = {}
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found |= {f"{name} {sub}": one for sub, one in inner.items()} if inner else {name: command}
    return found


def _command(name: str, command: Any) -> str:
    rows = [f"| `{' / '.join(_spelled(p))}` | {_plain(p.help)} | {_default(p)} |" for p in command.params]
    head = "| Argument or option | What it does | Default |\n| --- | --- | --- |\n"
    return f"## groundswell {name}\n\n{_plain(command.help)}\n\n{head}" + "\n".join(rows) + "\n"


def _spelled(parameter: Any) -> list[str]:
    if parameter.param_type_name == "argument":
        return [parameter.name.upper()]
    return [*parameter.opts, *parameter.secondary_opts]


def _default(parameter: Any) -> str:
    value = parameter.default
    return "" if value is None or callable(value) or value in (False, (), "") else f"`{getattr(value, 'value', value)}`"


def _exit_codes() -> str:
    help_text = _plain(typer.main.get_command(app).help)
    return help_text.partition("Exit codes: ")[2]


def published_page() -> str:
    """The published results the page sets a company's own beside."""
    ours = {s.source: ", ".join(f"`{measure}.{key}`" for measure, key in s.ours) or "–" for s in STUDIES}
    rows = [f"| {s.source} | {say(s.figure)} | {ours[s.source]} | {say(s.differs)} |" for s in STUDIES]
    return (
        "# Beside published results\n\nDefinitions differ, so these stand beside each other; they are not a race.\n\n"
        "| Published | Their figure | Ours | How they differ |\n| --- | --- | --- | --- |\n" + "\n".join(rows) + "\n"
    )


def hypotheses_page() -> str:
    """The eleven claims."""
    rows = [f"| {code} | {say(claim)} |" for code, claim in CLAIMS.items()]
    return (
        "# What we believe\n\nGroundswell began with an essay. Its claims are hypotheses, fixed before any trace is read; a page "
        "prints whichever the traces show.\n\n| | The claim |\n| --- | --- |\n" + "\n".join(rows) + "\n"
    )


def _list(lines: Any) -> str:
    return "".join(f"- {line}\n" for line in lines)


def _code(names: Any) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _plain(text: str | None) -> str:
    return " ".join((text or "").split()).replace("|", "\\|")
