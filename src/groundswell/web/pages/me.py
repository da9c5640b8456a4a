"""One's own account: how one signs in, and how one leaves without a trace."""

from typing import Annotated, Any

from fastapi import APIRouter, Body, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from groundswell.privacy import record
from groundswell.selfreport import accounts, passkeys, sessions
from groundswell.selfreport.base import fold_in, reading, writing
from groundswell.web import passkeys as halves
from groundswell.web.identity import SignedIn, forget
from groundswell.web.security import Book, Config, Now, pace, session_cookie
from groundswell.web.show import render

ROUTER = APIRouter()
PACE = pace("account", most=30, seconds=600)


@ROUTER.get("/me", response_class=HTMLResponse)
def me(request: Request, who: SignedIn, book: Book, settings: Config) -> HTMLResponse:
    """One's own account."""
    with reading(book) as connection:
        keys = passkeys.of_account(connection, who.account)
    return render(request, "me", keys=keys, local=settings.oidc is None)


@ROUTER.post("/me/sign-out-everywhere", response_class=RedirectResponse, status_code=303, dependencies=[PACE])
def everywhere(request: Request, who: SignedIn, book: Book) -> Response:
    """End every session of one's own."""
    with writing(book) as connection:
        sessions.end_all(connection, who.account)
    response = RedirectResponse("/sign-in", 303)
    forget(request, response)
    return response


@ROUTER.post("/me/erase", response_class=RedirectResponse, status_code=303, dependencies=[PACE])
def erase(request: Request, who: SignedIn, book: Book, now: Now, settings: Config) -> Response:
    """Erase one's account and all that hangs on it, at once."""
    with writing(book) as connection:
        accounts.erase(connection, who.account)
    fold_in(book)
    record.append(settings.record, "account erased", {"by": "its owner"}, now=now)
    response = RedirectResponse("/sign-in", 303)
    forget(request, response)
    return response


@ROUTER.post("/me/passkeys/options", dependencies=[PACE])
def passkey_options(request: Request, who: SignedIn, book: Book, now: Now, settings: Config) -> dict[str, Any]:
    """What a device is asked in order to make a passkey."""
    _local(settings)
    return halves.asked_to_add(book, who, request.cookies[session_cookie(settings)], settings=settings, now=now)


@ROUTER.post("/me/passkeys", dependencies=[PACE])
def add_passkey(
    request: Request, who: SignedIn, book: Book, now: Now, settings: Config, answer: Annotated[dict[str, Any], Body()]
) -> dict[str, bool]:
    """Keep the passkey a device made."""
    _local(settings)
    if not halves.add(book, who, request.cookies[session_cookie(settings)], answer, settings=settings, now=now):
        raise HTTPException(422)
    return {"kept": True}


@ROUTER.post("/me/passkeys/{key}/remove", response_class=RedirectResponse, status_code=303, dependencies=[PACE])
def remove_passkey(who: SignedIn, book: Book, key: Annotated[str, Path(max_length=1500)]) -> Response:
    """Take a passkey of one's own away."""
    with writing(book) as connection:
        passkeys.remove(connection, key, who.account)
    return RedirectResponse("/me", 303)


def _local(settings: Config) -> None:
    """With a provider of identities there are no keys of ours.

    Raises:
        HTTPException: 404.
    """
    if settings.oidc is not None:
        raise HTTPException(404)
