"""What a company calls itself, its own tools and its products, and which reader it chose: a small file beside its exports."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from groundswell.errors import InputError
from groundswell.languages.load import codes
from groundswell.reading.choose import Choice, Kind

FILE = "company.toml"
MARKS = "marks.toml"
"""The company's own marks in git, beside its exports: written by `groundswell marks --confirm`, readable and editable by hand."""
LOCAL = "local-reader"
"""Files of models retrained on a company's own labels begin so."""


@dataclass(frozen=True)
class Names:
    """What a company calls things.

    Attributes:
        company: its own title, for the page; may be "".
        tools: its own tools; they count as tools.
        products: its own products; talk about them is not talk about how one works.
        simulated: True if the simulator invented it.
        reader: which reader reads its messages.
        language: the language its page is in; "" for the reader's own.
        marks: where its own marks.toml lies; "" if it has none.
    """

    company: str = ""
    tools: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    simulated: bool = False
    reader: Choice = field(default_factory=Choice)
    language: str = ""
    marks: str = ""


def read_names(paths: Iterable[Path]) -> Names:
    """Read company.toml from the first given folder that holds one, and find marks.toml likewise; both may be missing.

    Raises:
        InputError: the file is not TOML, or a value is not of its kind.
    """
    paths = list(paths)
    local = next(filter(None, (local_model(path) for path in paths if path.is_dir())), "")
    named, marked = (_first(paths, name) for name in (FILE, MARKS))
    names = _parse(named) if named else Names()
    return replace(names, reader=replace(names.reader, local=local), marks=str(marked.resolve()) if marked else "")


def _first(paths: list[Path], name: str) -> Path | None:
    places = (path / name if path.is_dir() else path.with_name(name) for path in paths)
    return next((file for file in places if file.is_file()), None)


def _parse(file: Path) -> Names:
    expected = 'TOML such as: company = "Name", tools = ["Own Tool"], products = ["Own Product"]'
    try:
        raw = tomllib.loads(file.read_text("utf8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(str(file), "not TOML", expected=expected) from error
    names = Names(
        company=raw.get("company", ""),
        tools=tuple(raw.get("tools", ())),
        products=tuple(raw.get("products", ())),
        simulated=raw.get("simulated", False),
        reader=_reader(file, raw),
        language=raw.get("language", ""),
    )
    if names.language not in ("", *codes()):
        raise InputError(str(file), "no such language", expected=f"language = one of {', '.join(codes())}")
    listed = (names.company, *names.tools, *names.products)
    if not all(isinstance(word, str) for word in listed) or not isinstance(names.simulated, bool):
        raise InputError(str(file), "a value is not of its kind", expected=expected)
    return names


def _reader(file: Path, raw: dict[str, Any]) -> Choice:
    """The reader of company.toml: `reader = "llm"`, with url and model under [llm]."""
    expected = f"reader = one of {', '.join(Kind)}, and for llm a table [llm] with url, model, elsewhere (true or false), cache"
    kind, table = raw.get("reader", str(Kind.LINEAR)), raw.get("llm", {})
    if kind not in set(Kind) or not isinstance(table, dict) or not set(table) <= {"url", "model", "cache", "elsewhere"}:
        raise InputError(str(file), "no such reader", expected=expected)
    url, model, cache, elsewhere = (table.get(n, d) for n, d in (("url", ""), ("model", ""), ("cache", ""), ("elsewhere", False)))
    of_their_kind = all(isinstance(word, str) for word in (url, model, cache)) and isinstance(elsewhere, bool)
    if not of_their_kind or (kind == Kind.LLM and not (url and model)):
        raise InputError(str(file), "the reader llm is not told where its model is", expected=expected)
    kept = str(file.parent / cache) if cache else ""
    return Choice(kind=kind, url=url, model=model, elsewhere=elsewhere, cache=kept)


def local_model(folder: Path) -> str:
    """File of the model retrained on a company's own labels in its folder, the last one written; "" if there is none."""
    found = sorted(folder.glob(f"{LOCAL}-*.npz"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    return str(found[-1]) if found else ""
