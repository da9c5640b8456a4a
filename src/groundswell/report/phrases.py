"""Which English texts can a page show, and which of them has a language not translated?"""

import ast
from collections.abc import Iterator
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

from groundswell.languages.load import load

# Fields of declarations whose plain strings a page shows.
_SHOWN_FIELDS = {"Source": frozenset({"title", "never"})}
# Calls whose first argument becomes a page's text, or a reason on it: Phrase, say, and the door's skip and refuse.
_SAYING = frozenset({"say", "Phrase", "skip", "refuse"})


def missing_phrases(lang: str) -> tuple[str, ...]:
    """English texts of the package without a translation, sorted; none for English. A release must have none."""
    if lang == "en":
        return ()
    translated = load(lang).phrases
    return tuple(sorted(text for text in all_phrases() if text not in translated))


def left_over_phrases(lang: str) -> tuple[str, ...]:
    """Translations whose English text no page shows any more, sorted."""
    return tuple(sorted(set(load(lang).phrases) - all_phrases()))


@cache
def all_phrases() -> frozenset[str]:
    """Every English text with a letter that the package's sources and templates hold as a literal."""
    found: set[str] = set()
    for file in _files(resources.files("groundswell")):
        text = file.read_text(encoding="utf-8")
        found.update(_in_python(text) if file.name.endswith(".py") else _in_template(text))
    return frozenset(text for text in found if has_words(text))


def has_words(text: str) -> bool:
    """Whether a text holds letters outside its placeholders, so that there is something to translate."""
    from groundswell.report.words import PLACEHOLDER

    return any(char.isalpha() for char in PLACEHOLDER.sub("", text))


def _files(folder: Traversable) -> Iterator[Traversable]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _files(entry)
        elif entry.name.endswith((".py", ".j2")):
            yield entry


def _in_python(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in _SAYING and node.args:
                yield from _strings(node.args[0])
            for keyword in node.keywords:
                if keyword.arg in _SHOWN_FIELDS.get(name, ()):
                    yield from (text.rstrip(".") for text in _strings(keyword.value))


def _strings(node: ast.expr) -> Iterator[str]:
    """Literal texts an expression may become: itself, either side of a choice, members of a tuple."""
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from _strings(body)
            yield from _strings(orelse)
        case ast.Tuple(elts=members) | ast.List(elts=members):
            for member in members:
                yield from _strings(member)


def _in_template(source: str) -> Iterator[str]:
    from jinja2 import Environment, nodes

    tree = Environment(autoescape=True).parse(source)
    for call in tree.find_all(nodes.Call):
        function = call.node
        name = getattr(function, "name", "") or getattr(function, "attr", "")
        if name == "t" and call.args and isinstance(call.args[0], nodes.Const):
            yield str(call.args[0].value)
