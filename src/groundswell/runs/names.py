"""What a company calls itself, its own tools and its products: a small file beside its exports."""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from groundswell.errors import InputError
from groundswell.languages.load import codes

FILE = "company.toml"
MARKS = "marks.toml"
"""The company's own marks in git, beside its exports: written by `groundswell marks --confirm`, readable and editable by hand."""


@dataclass(frozen=True)
class Names:
    """What a company calls things.

    Attributes:
        company: its own title, for the page; may be "".
        tools: its own tools; they count as tools.
        products: its own products; talk about them is not talk about how one works.
        simulated: True if the simulator invented it.
        language: the language its page is in; "" for the reader's own.
        marks: where its own marks.toml lies; "" if it has none.
    """

    company: str = ""
    tools: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    simulated: bool = False
    language: str = ""
    marks: str = ""


def read_names(paths: Iterable[Path]) -> Names:
    """Read company.toml from the first given folder that holds one, and find marks.toml likewise; both may be missing.

    Raises:
        InputError: the file is not TOML, or a value is not of its kind.
    """
    paths = list(paths)
    named, marked = (_first(paths, name) for name in (FILE, MARKS))
    names = _parse(named) if named else Names()
    return replace(names, marks=str(marked.resolve())) if marked else names


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
        language=raw.get("language", ""),
    )
    if names.language not in ("", *codes()):
        raise InputError(str(file), "no such language", expected=f"language = one of {', '.join(codes())}")
    listed = (names.company, *names.tools, *names.products)
    if not all(isinstance(word, str) for word in listed) or not isinstance(names.simulated, bool):
        raise InputError(str(file), "a value is not of its kind", expected=expected)
    return names
