"""What a works council should have in hand, made from the folder's real state: read, refused, held, released, and by whom."""

import html
import re
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

from groundswell import registry
from groundswell.model.phrase import say
from groundswell.privacy import record
from groundswell.privacy.book import KEPT
from groundswell.privacy.charter import QUESTIONS, Charter, read_charter
from groundswell.privacy.ledger import RELEASED, Ledger
from groundswell.privacy.protection import read_protection
from groundswell.report.words import words
from groundswell.runs import definitions, retention
from groundswell.runs.audit import AUDIT
from groundswell.runs.folder import EPOCH, Folder
from groundswell.runs.ingest import tallies
from groundswell.runs.mine import Wish
from groundswell.runs.names import read_names
from groundswell.store.schema import TABLES
from groundswell.store.tables import Store

LANGUAGES = ("en", "fr", "vi")
"""Languages the pack is written in."""

BUILT_IN = "groundswell"
"""Package whose plug-ins are known; any other is listed by name."""

_MARKS = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>#|"})
_BOLD = re.compile(r"\*\*(.+?)\*\*")
_CODE = re.compile(r"`(.+?)`")
_ESCAPED = re.compile(r"\\([\\`*_\[\]<>#|])")


@dataclass(frozen=True)
class Pack:
    """The pack in one language.

    Attributes:
        markdown: as people paste it.
        html: one page that asks no host.
    """

    markdown: str
    html: str


def pack(folder: Folder, *, now: datetime, lang: str = "en") -> Pack:
    """Write the pack of a company folder.

    Args:
        folder: made by `init`.
        now: the moment, UTC.
        lang: one of LANGUAGES.

    Raises:
        InputError: the folder is none.
        PrivacyError: its record was changed by another hand, or its charter lowers a protection.
    """
    from jinja2 import Environment, StrictUndefined

    folder.check()
    told = _state(folder, now, lang)
    template = files(__package__).joinpath("packs", f"{lang}.md").read_text("utf8")
    # Markdown, not HTML: values are escaped for it below, and once more for HTML by to_html.
    shown = Environment(trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined, autoescape=False)  # noqa: S701
    text = re.sub(r"\n{3,}", "\n\n", shown.from_string(template).render(told)).strip() + "\n"
    return Pack(text, to_html(text, lang=lang))


def _state(folder: Folder, now: datetime, lang: str) -> dict[str, Any]:
    entries = record.verify(folder.record_file)
    charter = read_charter(folder.charter_file) or Charter()
    protection = read_protection(folder.charter_file)
    wishes = Counter(str(e.facts["what"]) for e in entries if e.kind == "mine")
    return {
        "organisation": _safe(charter.organisation) or "…",
        "today": now.date().isoformat(),
        "entries": len(entries),
        "last_hash": entries[-1].hash if entries else record.GENESIS,
        "missing": " ".join(words(lang).say(QUESTIONS[name]) for name in charter.missing()),
        "charters": ", ".join(e.at[:10] for e in entries if e.kind == "charter"),
        "fixed": _fixed(entries, lang),
        "kept_since": retention.since(entries) or "",
        "charter": {name: _safe(str(value)) for name, value in vars(charter).items()},
        "noised_from": f"{protection.noised_from:g}",
        "least_people": f"{protection.least_people:g}",
        "sigma": f"{protection.sigma_organisation:g}",
        "limit": f"{protection.epsilon:g}",
        "spent": f"{Ledger(folder.record_file, now.year).spent():.2f}",
        "year": now.year,
        "epochs": [{"key": e.facts["key"], "since": e.facts["since"]} for e in entries if e.kind == EPOCH],
        "mine": {"shown": wishes[Wish.SEE], "erased": wishes[Wish.ERASE], "out": wishes[Wish.OPT_OUT]},
        "audits": _audits(entries),
        "own_words": _own_words(folder),
        "plugins": _plug_ins(),
        "releases": [_release(e) for e in entries if e.kind in (RELEASED, KEPT)],
        **_held(folder, lang),
    }


def _own_words(folder: Folder) -> str:
    """The company's own tools and products: words that messages are searched for, so people may see which."""
    names = read_names([folder.path])
    return ", ".join(_safe(word) for word in sorted({*names.tools, *names.products})) or "–"


def _audits(entries: list[record.Entry]) -> dict[str, int]:
    """How often, and how many messages at most, somebody read in an audit."""
    shown = [int(e.facts["messages"]) for e in entries if e.kind == AUDIT and e.facts["what"] == "shown"]
    return {"times": len(shown), "messages": sum(shown)}


def _held(folder: Folder, lang: str) -> dict[str, Any]:
    """Sources and tables over every epoch."""
    import pyarrow.parquet as pq

    known = registry.sources()
    sources: dict[str, dict[str, Any]] = {}
    rows: Counter[str] = Counter()
    for tag in folder.epochs():
        store = Store(folder.store_folder / tag)
        for name, tally in sorted(tallies(store).items()):
            one = sources.setdefault(name, {"title": known[name].title if name in known else name, "counts": Counter()})
            one["counts"].update({"kept": tally.kept.total(), "skipped": tally.skipped.total(), "refused": tally.refused.total()})
            one.setdefault("why", Counter()).update(tally.refused)
        for table in TABLES:
            rows[table] += sum(pq.read_metadata(file).num_rows for file in store.files(table))
    return {
        "sources": [
            {"title": _said(s["title"], lang), **{k: s["counts"][k] for k in ("kept", "skipped", "refused")},
             "reasons": [(_said(reason, lang), n) for reason, n in sorted(s["why"].items())]}
            for _, s in sorted(sources.items())
        ],
        "tables": [(table.replace("_", " "), n) for table, n in rows.items() if n],
    }  # fmt: skip


def _fixed(entries: list[record.Entry], lang: str) -> list[str]:
    """When what is counted was fixed, and every later change."""
    told = definitions.fixed(entries)
    lines = definitions.lines(told, registry.measures()) if told else ()
    return [_safe(words(lang).say(line)) for line in lines]


def _said(text: str, lang: str) -> str:
    """A title or a reason in a language, where it is translated."""
    return _safe(words(lang).say(say("{answer}", answer=say(text))))


def _release(entry: record.Entry) -> dict[str, Any]:
    facts = entry.facts
    named = " ".join(str(facts[k]) for k in ("what", "quarter") if k in facts)
    return {
        "at": entry.at,
        "what": _safe(named),
        "how": _safe(str(facts.get("how", "noise" if facts.get("rho") else "page"))),
        "sigma": facts.get("sigma", "–"),
        "rho": f"{float(facts['rho']):.5f}" if facts.get("rho") else "0",
    }


def _plug_ins() -> str:
    from importlib.metadata import entry_points

    found = {
        point.dist.name
        for room in registry.ROOMS
        for point in entry_points(group=f"groundswell.{room}")
        if point.dist is not None and point.dist.name != BUILT_IN
    }
    return _safe(", ".join(sorted(found))) or "–"


def _safe(text: str) -> str:
    """A value as one line of Markdown, with no mark of its own."""
    return " ".join(text.split()).translate(_MARKS)


def to_html(markdown: str, *, lang: str) -> str:
    """The pack's own Markdown as one page: headings, paragraphs, lists and tables; asks no host."""
    blocks = [_block(block.splitlines()) for block in markdown.strip().split("\n\n") if block.strip()]
    title = html.escape(_ESCAPED.sub(r"\1", markdown.splitlines()[0].removeprefix("# ")))
    return (
        f'<!doctype html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>\n{_STYLE}</style>\n"
        f"</head>\n<body>\n<main>\n{chr(10).join(blocks)}\n</main>\n</body>\n</html>\n"
    )


_STYLE = """body{font:1rem/1.5 system-ui,sans-serif;margin:0;color:#1b1b1b;background:#fff}
main{max-width:46rem;margin:0 auto;padding:1.5rem}
table{border-collapse:collapse;width:100%}
th,td{border:1px solid #767676;padding:.3rem .5rem;text-align:left;vertical-align:top}
code{overflow-wrap:anywhere}
"""


def _block(lines: list[str]) -> str:
    if lines[0].startswith("#"):
        level = len(lines[0]) - len(lines[0].lstrip("#"))
        heading = f"<h{level}>{_inline(lines[0].lstrip('# '))}</h{level}>"
        return heading if len(lines) == 1 else f"{heading}\n{_block(lines[1:])}"
    if all(line.startswith("- ") for line in lines):
        return "<ul>\n" + "\n".join(f"<li>{_inline(line[2:])}</li>" for line in lines) + "\n</ul>"
    if all(line.startswith("|") for line in lines):
        head, _, *body = ([_inline(c.strip()) for c in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines)
        rows = "\n".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in body)
        names = "".join(f'<th scope="col">{c}</th>' for c in head)
        return f"<table>\n<thead><tr>{names}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    return f"<p>{_inline(' '.join(lines))}</p>"


def _inline(text: str) -> str:
    text = _CODE.sub(r"<code>\1</code>", _BOLD.sub(r"<strong>\1</strong>", html.escape(text, quote=False)))
    return _ESCAPED.sub(r"\1", text.replace("\\&lt;", "&lt;").replace("\\&gt;", "&gt;"))
