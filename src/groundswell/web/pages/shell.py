"""What every page leans on: style sheet and script, and the choice of a language."""

from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from sqlalchemy import text

from groundswell.languages.load import codes
from groundswell.selfreport.base import reading
from groundswell.web.identity import inside
from groundswell.web.security import HEALTH, Book
from groundswell.web.show import LANGUAGE, static

DOOR = "open"
ROUTER = APIRouter()
KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
YEAR = 365 * 86_400


@ROUTER.get("/static/{name}", response_class=Response)
def file(name: Annotated[str, Path(max_length=60)]) -> Response:
    """A style sheet, script or picture of ours."""
    try:
        content = static(name)
    except FileNotFoundError as error:
        raise HTTPException(404) from error
    kind = KINDS[name.rpartition(".")[2]]
    return Response(content, media_type=kind, headers={"cache-control": f"public, max-age={YEAR}, immutable"})


@ROUTER.get(HEALTH, response_class=PlainTextResponse)
def health(book: Book) -> str:
    """Whether the server and its book answer, for a proxy that asks."""
    with reading(book) as connection:
        connection.execute(text("select 1"))
    return "well"


@ROUTER.get("/language/{code}", response_class=RedirectResponse, status_code=303)
def language(
    request: Request, code: Annotated[str, Path(max_length=8)], onward: Annotated[str, Query(max_length=2000)] = "/"
) -> RedirectResponse:
    """Choose a language, and go back to where one was."""
    if code not in codes():
        raise HTTPException(404)
    response = RedirectResponse(inside(onward), 303)
    secure = request.app.state.settings.secure
    response.set_cookie(LANGUAGE, code, max_age=YEAR, path="/", secure=secure, httponly=True, samesite="lax")
    return response
