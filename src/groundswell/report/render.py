"""Renders pages as one HTML file that asks no host for anything."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from groundswell.languages.load import load
from groundswell.model.phrase import Phrase, say
from groundswell.report import certainty, coverage, view
from groundswell.report.charts.axes import day_of
from groundswell.report.charts.house import DARK, LIGHT
from groundswell.report.hypotheses import DECIDED_BY
from groundswell.report.page import Page, Says
from groundswell.report.words import Words

if TYPE_CHECKING:
    from jinja2 import Environment

# A command between backquotes, as phrases name them.
_CODE = re.compile("`([^`<>]+)`")
_SAYS = {
    Says.SUPPORTS: say("supports"),
    Says.REFUTES: say("refutes"),
    Says.CANNOT_TELL: say("cannot tell"),
}


def render(page: Page, *, lang: str = "en", also: Sequence[str] = (), auto: bool = False) -> str:
    """One company's page.

    Args:
        page: what to show.
        lang: language it opens in.
        also: further languages in the same file, between which the reader switches without a script.
        auto: open in the browser's language where it is among these; the only thing the page's script does.

    Raises:
        PluginError: there is no such language.
    """
    return render_pages((page,), lang=lang, also=also, auto=auto)


def render_pair(pages: tuple[Page, Page], *, lang: str = "en", also: Sequence[str] = (), auto: bool = False) -> str:
    """Two companies side by side, with common scales, read in the same way."""
    return render_pages(pages, lang=lang, also=also, auto=auto)


def render_coverage(page: Page, *, lang: str = "en", also: Sequence[str] = (), auto: bool = False) -> str:
    """A page of its own on what was read: since when, what it can answer, what it cannot, and what each source can never show."""
    return render_pages((page,), lang=lang, also=also, auto=auto, whole=False)


def render_pages(pages: Sequence[Page], *, lang: str, also: Sequence[str] = (), auto: bool = False, whole: bool = True) -> str:
    """One or more companies in one file; `whole` False leaves only what was read and what it can answer."""
    languages = [Words(code) for code in dict.fromkeys((lang, *also))]
    shown = view.view(pages, languages, drawn=whole)
    template = _environment().get_template("page.html.j2")
    return template.render(
        view=shown,
        whole=whole,
        languages=[_language(words) for words in languages],
        style=style(),
        auto=auto and len(languages) > 1,
        coverage=coverage,
        asked=view.asked,
        company=view.company,
        published=view.published,
        protection=view.protection,
        assumed=view.assumed,
        seen=view.seen,
        says=_SAYS,
        decided_by=DECIDED_BY,
        because=certainty.because,
        said=lambda result: certainty.statement(result, ""),
        day_of=day_of,
    )


@cache
def style() -> str:
    """The style sheet with the colours of the house style filled in."""
    text = _text("page.css")
    return text.replace("/*light*/", _variables(LIGHT)).replace("/*dark*/", _variables(DARK))


def _language(words: Words) -> dict[str, Any]:
    from markupsafe import Markup, escape

    def translate(text: str, **values: Any) -> str:
        return words.say(Phrase(text, values))

    def rich(phrase: Phrase) -> str:
        return Markup(_CODE.sub(r"<code>\1</code>", str(escape(words.say(phrase)))))  # noqa: S704  # escaped just before

    before = "\u202f" if words.lang == "fr" else ""
    marks = {"semi": f"{before}; ", "colon": "\u00a0: " if before else ": "}
    return {"code": words.lang, **marks, "name": load(words.lang).name, "words": words, "t": translate, "rich": rich}


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_text), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["capital"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["said"] = lambda phrases, say: ", ".join(say(phrase) for phrase in phrases)
    return environment


def _text(name: str) -> str:
    return resources.files("groundswell.report").joinpath("templates", name).read_text(encoding="utf-8")


def _variables(colours: Mapping[str, str]) -> str:
    return " ".join(f"--{role}: {value};" for role, value in colours.items())
