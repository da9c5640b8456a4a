"""What a company calls itself, its own tools and its products, and which reader it chose: a small file beside its exports."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from groundswell.errors import InputError
from groundswell.reading.choose import Choice, Kind

FILE = "company.toml"
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
    """

    company: str = ""
    tools: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    simulated: bool = False
    reader: Choice = field(default_factory=Choice)


def read_names(paths: Iterable[Path]) -> Names:
    """Read company.toml from the first given folder that holds one; a company without one has no names of its own.

    Raises:
        InputError: the file is not TOML, or a value is not of its kind.
    """
    paths = list(paths)
    for path in paths:
        file = path / FILE if path.is_dir() else path.with_name(FILE)
        if file.is_file():
            return _parse(file)
    found = [local_model(path) for path in paths if path.is_dir()]
    return Names(reader=Choice(local=next(filter(None, found), "")))


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
    )
    listed = (names.company, *names.tools, *names.products)
    if not all(isinstance(word, str) for word in listed) or not isinstance(names.simulated, bool):
        raise InputError(str(file), "a value is not of its kind", expected=expected)
    return names


def _reader(file: Path, raw: dict[str, Any]) -> Choice:
    """The reader of company.toml: `reader = "llm"`, with url and model under [llm].

    The newest model retrained on the company's own labels, local-reader-*.npz beside the file, is used if there is one.
    """
    expected = f"reader = one of {', '.join(Kind)}, and for llm a table [llm] with url, model, elsewhere (true or false), cache"
    kind, table = raw.get("reader", str(Kind.LINEAR)), raw.get("llm", {})
    if kind not in set(Kind) or not isinstance(table, dict) or not set(table) <= {"url", "model", "cache", "elsewhere"}:
        raise InputError(str(file), "no such reader", expected=expected)
    url, model, cache, elsewhere = (table.get(n, d) for n, d in (("url", ""), ("model", ""), ("cache", ""), ("elsewhere", False)))
    of_their_kind = all(isinstance(word, str) for word in (url, model, cache)) and isinstance(elsewhere, bool)
    if not of_their_kind or (kind == Kind.LLM and not (url and model)):
        raise InputError(str(file), "the reader llm is not told where its model is", expected=expected)
    kept = str(file.parent / cache) if cache else ""
    return Choice(kind=kind, url=url, model=model, elsewhere=elsewhere, cache=kept, local=local_model(file.parent))


def local_model(folder: Path) -> str:
    """File of the model retrained on a company's own labels, the last one written; "" if there is none."""
    found = sorted(folder.glob(f"{LOCAL}-*.npz"), key=lambda path: (path.stat().st_mtime_ns, path.name))
    return str(found[-1]) if found else ""
