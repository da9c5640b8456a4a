"""A page as the browser gets it: a template in the reader's language, with what every page needs."""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from groundswell.languages.load import codes, load
from groundswell.model.phrase import Phrase
from groundswell.report.charts.house import DARK, LIGHT
from groundswell.report.words import words
from groundswell.selfreport.accounts import new_secret
from groundswell.selfreport.markdown import html as html_of
from groundswell.web.identity import known_member
from groundswell.web.security import csrf_token, session_cookie, visit_cookie

if TYPE_CHECKING:
    from jinja2 import Environment

_SENTENCE = re.compile(r"""\bt\(("[^"\n]*"|'[^'\n]*')\)""")
"""A sentence without values in a template."""

LANGUAGE = "lang"
"""Name of the cookie that keeps the chosen language."""


@dataclass(frozen=True)
class Nav:
    """A page's place in the navigation.

    Attributes:
        order: smaller stands further left.
        path: where it leads.
        title: what it is called.
        leaders: whether only those who lead people see it.
        stewards: whether only stewards see it.
    """

    order: int
    path: str
    title: Phrase
    leaders: bool = False
    stewards: bool = False


def render(request: Request, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """One page.

    Args:
        request: what was asked.
        template: name of a file in templates/, without ".html.j2".
        status: of the answer.
        context: what the template needs besides. Every template has `t` (a translated sentence, by its English text), `p` (a
            Phrase in words), `date`, `month` and `words` (numbers), `member`, `path`, `asset` (address of a static file) and
            `token()` (the hidden field every form that posts must carry).
    """
    lang = language_of(request)
    settings, fresh = request.app.state.settings, ""
    cookie = request.cookies.get(session_cookie(settings)) if known_member(request) else None
    if cookie is None:
        cookie = request.cookies.get(visit_cookie(settings))
        if cookie is None:
            cookie = fresh = new_secret()
    made = environment(lang).get_template(f"{template}.html.j2")
    html = made.render(
        path=request.scope["path"],
        member=known_member(request),
        token=_field(csrf_token(settings, cookie)),
        nav=_nav(request),
        company=request.app.state.company,
        **context,
    )
    response = HTMLResponse(html, status_code=status, headers={"content-language": lang})
    if fresh:
        response.set_cookie(visit_cookie(settings), fresh, path="/", secure=settings.secure, httponly=True, samesite="lax")
    return response


def language_of(request: Request) -> str:
    """The reader's language: the one chosen here, else the first of the browser's that there is, else English."""
    chosen = request.cookies.get(LANGUAGE, "")
    if chosen in codes():
        return chosen
    for part in request.headers.get("accept-language", "").split(","):
        code = part.split(";")[0].strip()[:2].lower()
        if code in codes():
            return code
    return "en"


@cache
def asset(name: str) -> str:
    """Address of a file in static/, which changes with its content so that it may be kept for good."""
    return f"/static/{name}?v={hashlib.sha256(static(name)).hexdigest()[:12]}"


@cache
def static(name: str) -> bytes:
    """Content of a file in static/; the style sheet with the colours of the house style filled in.

    Raises:
        FileNotFoundError: there is none of this name.
    """
    folder = resources.files("groundswell.web").joinpath("static")
    if name not in {entry.name for entry in folder.iterdir()}:
        raise FileNotFoundError(name)
    raw = folder.joinpath(name).read_bytes()
    if name.endswith(".css"):
        raw = raw.replace(b"/*light*/", _variables(LIGHT)).replace(b"/*dark*/", _variables(DARK))
    return raw


@cache
def environment(lang: str) -> "Environment":
    """The templates in a language; what is put into one is escaped.

    A sentence without values is put into words when its template is compiled, not each time a page is made.
    """
    from jinja2 import Environment, FunctionLoader, StrictUndefined
    from markupsafe import Markup

    said = words(lang)
    plain = cache(lambda text: said.say(Phrase(text)))

    def t(text: str, **values: Any) -> str:
        return said.say(Phrase(text, values)) if values else plain(text)

    def p(phrase: Phrase) -> str:
        return said.say(phrase) if phrase.values else plain(phrase.text)

    def source(name: str) -> str:
        return _SENTENCE.sub(r"(\1|said)", resources.files("groundswell.web").joinpath("templates", name).read_text("utf8"))

    made = Environment(
        loader=FunctionLoader(source),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    dates, months = lru_cache(maxsize=1_000)(said.date), lru_cache(maxsize=200)(said.month)
    made.globals.update(t=t, p=p, words=said, lang=lang, date=dates, month=months, asset=asset, languages=_languages())
    made.filters["said"] = plain
    made.filters["html"] = html_of
    made.filters["made"] = Markup  # only for what `selfreport.markdown` has cleaned
    made.filters["capital"] = lambda text: text[:1].upper() + text[1:]
    return made


def _field(token: str) -> Callable[[], str]:
    from markupsafe import Markup

    return lambda: Markup('<input type="hidden" name="csrf" value="{}">').format(token)


def _nav(request: Request) -> list[Nav]:
    who = known_member(request)
    if who is None:
        return []
    return [n for n in request.app.state.nav if (who.leads or not n.leaders) and (who.role == "steward" or not n.stewards)]


@cache
def _languages() -> tuple[tuple[str, str], ...]:
    return tuple((code, load(code).name) for code in codes())


def _variables(colours: Mapping[str, str]) -> bytes:
    return " ".join(f"--{role}: {value};" for role, value in colours.items()).encode()
