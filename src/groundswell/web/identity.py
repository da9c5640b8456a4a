"""Who asks: the member behind a request, or nobody yet."""

from typing import Annotated
from urllib.parse import quote, urlsplit

from fastapi import Depends, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool

from groundswell.selfreport import sessions
from groundswell.selfreport.accounts import Member, Role
from groundswell.selfreport.base import reading
from groundswell.web.security import session_cookie, visit_cookie

SIGN_IN = "/sign-in"


class SignInNeededError(Exception):
    """Whoever asks has not signed in; the answer leads there and back."""


def known_member(request: Request) -> Member | None:
    """The member behind a request; None if nobody is signed in. Looked up once a request."""
    if not hasattr(request.state, "member"):
        secret = request.cookies.get(session_cookie(request.app.state.settings), "")
        request.state.member = None
        if secret:
            with reading(request.app.state.book) as connection:
                request.state.member = sessions.member(connection, secret, now=request.app.state.clock())
    found: Member | None = request.state.member
    return found


def signed_in(request: Request) -> Member:
    """The member behind a request.

    Raises:
        SignInNeededError: nobody is signed in.
    """
    found = known_member(request)
    if found is None:
        raise SignInNeededError
    return found


async def member(request: Request) -> Member:
    """The member behind a request, as a page asks for them.

    A file answers by its key sooner than a thread is found to ask it, and makes no reader wait; another machine may not.

    Raises:
        SignInNeededError: nobody is signed in.
    """
    in_file = request.app.state.book.dialect.name == "sqlite"
    return signed_in(request) if in_file else await run_in_threadpool(signed_in, request)


async def steward(request: Request) -> Member:
    """A member who looks after the server, which shows them nothing more about anybody.

    Raises:
        SignInNeededError: nobody is signed in.
        HTTPException: 403 for any other member.
    """
    found = await member(request)
    if found.role is not Role.STEWARD:
        raise HTTPException(403)
    return found


async def leader(request: Request) -> Member:
    """A member who leads people.

    Raises:
        SignInNeededError: nobody is signed in.
        HTTPException: 403 for any other member.
    """
    found = await member(request)
    if not found.leads:
        raise HTTPException(403)
    return found


SignedIn = Annotated[Member, Depends(member)]
Steward = Annotated[Member, Depends(steward)]
Leader = Annotated[Member, Depends(leader)]


def remember(request: Request, response: Response, secret: str) -> None:
    """Give the browser a new session, in place of whatever it had: a secret planted beforehand is worth nothing."""
    settings = request.app.state.settings
    response.delete_cookie(visit_cookie(settings), path="/", secure=settings.secure, httponly=True, samesite="lax")
    response.set_cookie(
        session_cookie(settings),
        secret,
        max_age=sessions.SESSION_DAYS * 86_400,
        path="/",
        secure=settings.secure,
        httponly=True,
        samesite="lax",
    )


def forget(request: Request, response: Response) -> None:
    """Take the session's cookie away."""
    settings = request.app.state.settings
    response.delete_cookie(session_cookie(settings), path="/", secure=settings.secure, httponly=True, samesite="lax")


def sign_in_address(request: Request) -> str:
    """Where to sign in, and come back to what was asked for."""
    asked = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return SIGN_IN if asked == "/" or request.method != "GET" else f"{SIGN_IN}?onward={quote(asked, safe='')}"


def inside(address: str) -> str:
    """An address to go on to, if it lies on this server; else the first page. Nobody is sent elsewhere by a link to us."""
    plain = address.strip()
    parts = urlsplit(plain)
    safe = plain.startswith("/") and not plain.startswith(("//", "/\\")) and not parts.scheme and not parts.netloc
    return plain if safe and "\\" not in plain and plain.isprintable() else "/"
