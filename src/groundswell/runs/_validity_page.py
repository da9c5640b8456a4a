"""The validity report as a table, as Markdown and as one HTML page: what was planted, what came out, in plain words."""

from collections.abc import Iterator
from html import escape

from groundswell.runs._validity_draws import Figure, Kind, Status
from groundswell.runs._validity_trials import Path
from groundswell.runs.validate import Row, Validity

WORDS: dict[Status, str] = {
    Status.KEPT: "kept",
    Status.OPEN: "short of it, within chance",
    Status.BROKEN: "BROKEN",
    Status.UNTRIED: "not tried",
}
"""Status -> what a reader is told; failing ones stand out as the others do not."""

PATHS: dict[Path, str] = {
    Path.LAW: "Estimators alone, on cases drawn from a plain law",
    Path.COMPANY: "Whole simulated companies, from acts to the page's numbers",
    Path.EXPORTS: "From export files to the page",
}

READ_ME = (
    "Each row plants a truth, lets Groundswell look, and holds what it says against what was planted. "
    "*Bias* is the mean error; *coverage* how often a 95 % interval holds the truth; *false alarms* how often one is told of "
    "a difference where none was planted; *power* how often a planted one is told; *wrong sign* how often the opposite is told; "
    "*withheld* how often no number is given. Brackets hold the 95 % interval of the figure itself. "
    "A promise is called broken only if chance alone would break it less than one time in a thousand; with few worlds that "
    "leaves much untold, and *short of it, within chance* says so. A promise marked *ours* stands in no specification."
)


def figure_text(figure: Figure, unit: str = "share") -> str:
    """Such as ".96 [.93, .98]"; ranges that a single draw cannot give are left out."""
    spec = ".3g" if figure.hits is None and unit != "share" else ".2f" if figure.hits is not None else ".3f"
    value = f"{figure.value:{spec}}"
    wide = figure.high - figure.low
    return value if wide == float("inf") else f"{value} [{figure.low:{spec}}, {figure.high:{spec}}]"


def cells(row: Row) -> tuple[str, ...]:
    """One line of the table: asked, worlds, bias, coverage, alarms or power, wrong sign, withheld, promises."""
    found = {f.kind: f for f in row.figures}

    def show(kind: Kind) -> str:
        return figure_text(found[kind], row.question.unit) if kind in found else "–"

    told = show(Kind.ALARMS) if Kind.ALARMS in found else show(Kind.POWER)
    name = " (false alarms)" if Kind.ALARMS in found else " (power)" if Kind.POWER in found else ""
    if any(p.promise.kind is Kind.MEAN for p in row.promises):
        told, name = show(Kind.MEAN), " (mean)"
    return (
        f"{row.question.code}: {row.question.words}",
        str(row.worlds),
        show(Kind.BIAS),
        show(Kind.COVERAGE),
        told + name,
        show(Kind.WRONG),
        show(Kind.WITHHELD),
        "; ".join(f"{p.promise.words()}: {WORDS[p.status]}" for p in row.promises) or "no promise",
    )


def came_out(row: Row) -> str:
    """Every figure of a row, one a line, for a narrow terminal."""
    return "\n".join(f"{f.kind.value} {figure_text(f, row.question.unit)}" for f in row.figures) or "nothing"


HEADINGS = ("Asked", "Worlds", "Bias", "Coverage", "Told", "Wrong sign", "Withheld", "Promises")


def summary(report: Validity) -> tuple[str, ...]:
    """Plain sentences: how many promises were kept, and each broken one with its figure."""
    judged = [(row, p) for row in report.rows for p in row.promises]
    count = {status: sum(p.status is status for _, p in judged) for status in Status}
    lines = [
        f"Of {len(judged)} promises, {count[Status.KEPT]} were kept, {count[Status.OPEN]} fell short within what chance does, "
        f"{count[Status.BROKEN]} were broken and {count[Status.UNTRIED]} could not be tried because nothing was let out."
    ]
    for row, p in judged:
        if p.status is Status.BROKEN and p.figure is not None:
            shown = figure_text(p.figure, row.question.unit)
            lines.append(
                f"Broken: where {row.trial.planted}, “{row.question.words}” was promised {p.promise.words()} and gave {shown}."
            )
    return tuple(lines)


def markdown(report: Validity) -> str:
    """The report for the documentation."""
    parts = ["# Is it right? The validity report", "", READ_ME, "", _made(report), "", "## In short", ""]
    parts += [f"- {line}" for line in summary(report)]
    for path, heading in PATHS.items():
        rows = [r for r in report.rows if r.trial.path is path]
        if not rows:
            continue
        parts += ["", f"## {heading}"]
        for name, some in _by_trial(rows):
            parts += ["", f"### {name.replace('_', ' ').capitalize()}", "", f"Planted: {some[0].trial.planted}.", ""]
            parts += ["| " + " | ".join(HEADINGS) + " |", "|" + " --- |" * len(HEADINGS)]
            parts += ["| " + " | ".join(c.replace("|", "/") for c in cells(row)) + " |" for row in some]
    return "\n".join(parts) + "\n"


def html(report: Validity) -> str:
    """The same as one file without anything from elsewhere."""
    parts = [_HEAD, f"<h1>Is it right? The validity report</h1><p>{_inline(READ_ME)}</p><p>{escape(_made(report))}</p>"]
    parts.append("<h2>In short</h2><ul>" + "".join(f"<li>{escape(line)}</li>" for line in summary(report)) + "</ul>")
    for path, heading in PATHS.items():
        rows = [r for r in report.rows if r.trial.path is path]
        if rows:
            parts.append(f"<h2>{heading}</h2>")
        for name, some in _by_trial(rows):
            parts.append(
                f"<h3>{escape(name.replace('_', ' ').capitalize())}</h3><p>Planted: {escape(some[0].trial.planted)}.</p>"
            )
            parts.append('<div class="wide" tabindex="0"><table><thead><tr>')
            parts += [f'<th scope="col">{h}</th>' for h in HEADINGS]
            parts.append("</tr></thead><tbody>")
            for row in some:
                first, *rest = cells(row)
                mark = ' class="broken"' if row.status is Status.BROKEN else ""
                parts.append(f'<tr{mark}><th scope="row">{escape(first)}</th>' + "".join(f"<td>{escape(c)}</td>" for c in rest))
                parts.append("</tr>")
            parts.append("</tbody></table></div>")
    return "".join([*parts, "</main></body></html>\n"])


def as_dict(report: Validity) -> dict[str, object]:
    """Everything, for JSON."""
    return {
        "version": report.version,
        "fast": report.fast,
        "replications": report.replications,
        "false_alarm_of_a_promise": 0.001,
        "summary": list(summary(report)),
        "rows": [
            {
                "trial": r.trial.name,
                "path": r.trial.path.value,
                "planted": r.trial.planted,
                "first_seed": r.trial.seed,
                "worlds": r.worlds,
                "question": r.question.name,
                "code": r.question.code,
                "asked": r.question.words,
                "unit": r.question.unit,
                "expected": r.question.expected,
                "status": r.status.value,
                "figures": {f.kind.value: _figure(f) for f in r.figures},
                "promises": [{"promise": p.promise.words(), "status": p.status.value, "chance": p.chance} for p in r.promises],
            }
            for r in report.rows
        ],
    }


def _figure(figure: Figure) -> dict[str, float | int | None]:
    finite = {k: v if abs(v) != float("inf") else None for k, v in (("low", figure.low), ("high", figure.high))}
    return {"value": figure.value, **finite, "n": figure.n, "hits": figure.hits}


def _made(report: Validity) -> str:
    seeds = "Seeds are fixed: the first world of a trial has the trial's seed, the next ones the following numbers."
    kind = "the fast set" if report.fast else "the full run"
    if report.replications is not None:
        kind += f", at most {report.replications} companies a trial"
    return f"Made by `groundswell validate`, version {report.version}, {kind}. {seeds}"


def _by_trial(rows: list[Row]) -> Iterator[tuple[str, list[Row]]]:
    for name in dict.fromkeys(r.trial.name for r in rows):
        yield name, [r for r in rows if r.trial.name == name]


def _inline(text: str) -> str:
    halves = escape(text).split("*")
    return "".join(f"<em>{part}</em>" if n % 2 else part for n, part in enumerate(halves))


_HEAD = (
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<title>Is it right? The validity report</title><style>"
    "body{font:16px/1.5 system-ui,sans-serif;margin:0;color:#1d2025;background:#fff}"
    "main{max-width:72rem;margin:auto;padding:1rem}"
    ".wide{overflow-x:auto}table{border-collapse:collapse;font-size:.85rem}th,td{text-align:left;vertical-align:top;"
    "padding:.35rem .6rem;border-bottom:1px solid #c9ced6}tbody th{font-weight:500;max-width:22rem}"
    ".broken th,.broken td{background:#fbe9e4}.broken th::before{content:'Broken. ';font-weight:700}"
    "@media (prefers-color-scheme:dark){body{color:#e6e8ec;background:#16181c}th,td{border-color:#3b4048}"
    ".broken th,.broken td{background:#4a231b}}</style></head><body><main>"
)
