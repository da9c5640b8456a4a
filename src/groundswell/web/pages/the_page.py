"""The page: the same for everyone, always the latest release, with those before it."""

import base64
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, HTTPException, Request
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse, Response
from markupsafe import escape

from groundswell.model.phrase import say
from groundswell.report.words import words
from groundswell.runs.folder import Folder
from groundswell.runs.releases import Kept, kept
from groundswell.web.identity import SignedIn
from groundswell.web.security import Config
from groundswell.web.show import Nav, language_of, render

ROUTER = APIRouter()
NAV = Nav(30, "/page", say("The page"))
Which = Annotated[str, InPath(pattern=r"^(\d{4}-Q[1-4]|trial)$")]

_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_BODY = re.compile(r"<body[^>]*>")


@ROUTER.get("/page", response_class=HTMLResponse)
def latest(request: Request, who: SignedIn, settings: Config) -> Response:
    """The latest release, and the list of those before it."""
    pages = _pages(settings)
    return render(request, "the_page", pages=pages, latest=pages[0] if pages else None)


@ROUTER.get("/page/{which}", response_class=HTMLResponse)
def one(request: Request, who: SignedIn, settings: Config, which: Which) -> Response:
    """A release as it was made, with a way back."""
    found = next((page for page in _pages(settings) if page.which == which), None)
    if found is None:
        raise HTTPException(404)
    lang = language_of(request)
    file = found.file(lang)
    html, policy = _shown(file, file.stat().st_mtime_ns, lang)
    return HTMLResponse(html, headers={"content-security-policy": policy, "content-language": file.stem})


def _pages(settings: Config) -> list[Kept]:
    """What may be shown: a trial is not for circulation, so it is shown on this machine alone."""
    here = settings.host in {"127.0.0.1", "localhost", "::1"}
    return [page for page in kept(Folder(settings.folder)) if here or not page.trial]


@lru_cache(maxsize=16)
def _shown(file: Path, changed: int, lang: str) -> tuple[bytes, str]:
    """The page with a way back in it, and what it may load: nothing but its own style, known by its hash."""
    html = file.read_text("utf8")
    hashes = " ".join(f"'sha256-{_hash(style)}'" for style in _STYLE.findall(html))
    back = f'<p class="languages"><a href="/page">{escape(words(lang).say(say("Back to Groundswell")))}</a></p>'
    html = _BODY.sub(lambda body: body[0] + back, html, count=1)
    style = f"style-src {hashes}" if hashes else "style-src 'none'"
    policy = f"default-src 'none'; {style}; img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'"
    return html.encode(), policy


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
