"""Signing in with a passkey."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Request, Response
from fastapi.responses import JSONResponse

from groundswell.selfreport import sessions
from groundswell.selfreport.base import writing
from groundswell.web import passkeys
from groundswell.web.identity import remember
from groundswell.web.security import Book, Config, Now, limit, visit_cookie

DOOR = "open"
ROUTER = APIRouter()
TRIES = limit("passkey", most=200, seconds=600)


@ROUTER.post("/sign-in/passkey/options", dependencies=[TRIES])
def options(request: Request, book: Book, now: Now, settings: Config) -> dict[str, Any]:
    """What the device is asked."""
    return passkeys.asked_to_sign(book, _visit(request, settings), settings=settings, now=now)


@ROUTER.post("/sign-in/passkey", dependencies=[TRIES])
def sign_in(request: Request, book: Book, now: Now, settings: Config, answer: Annotated[dict[str, Any], Body()]) -> Response:
    """Sign in with what the device answered."""
    account = passkeys.signed(book, _visit(request, settings), answer, settings=settings, now=now)
    if account is None:
        raise HTTPException(403)
    with writing(book) as connection:
        secret = sessions.begin(connection, account, now=now)
    response = JSONResponse({"signed_in": True})
    remember(request, response, secret)
    return response


def _visit(request: Request, settings: Config) -> str:
    """The cookie that ties both halves to one browser, set by the page that asks.

    Raises:
        HTTPException: 404 with a provider of identities; 403 without the cookie.
    """
    if settings.oidc is not None:
        raise HTTPException(404)
    visit = request.cookies.get(visit_cookie(settings))
    if not visit:
        raise HTTPException(403)
    return visit
