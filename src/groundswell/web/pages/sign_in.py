"""Signing in with address and password, signing out, and joining by a one-time link."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from groundswell.model.phrase import Phrase, say
from groundswell.privacy import record
from groundswell.selfreport import accounts, sessions
from groundswell.selfreport.accounts import LONGEST_PASSWORD
from groundswell.selfreport.base import reading, writing
from groundswell.web.identity import forget, inside, known_member, remember
from groundswell.web.refusals import ONWARD, Refused
from groundswell.web.security import Book, Config, Now, allowed, limit, session_cookie
from groundswell.web.show import render

DOOR = "open"
ROUTER = APIRouter()
TRIES = limit("sign-in", most=100, seconds=600)
"""From one address of the network; a whole office may share one."""

TRIES_A_LINK = 8
"""Forms sent with one joining link: enough for mistakes, too few to find out who has an account."""

Address = Annotated[str, Form(min_length=3, max_length=200, pattern=r"^[^\s@]+@[^\s@]+$")]
Password = Annotated[str, Form(min_length=1, max_length=LONGEST_PASSWORD)]
Secret = Annotated[str, Path(min_length=20, max_length=100, pattern=r"^[A-Za-z0-9_-]+$")]
GONE = say("This link was used already, or is older than {days:days}. Ask for another.", days=accounts.WELCOME_DAYS)


@ROUTER.get("/sign-in", response_class=HTMLResponse, responses=ONWARD)
def sign_in_page(request: Request, settings: Config, onward: Annotated[str, Query(max_length=2000)] = "/") -> Response:
    """The form to sign in."""
    if known_member(request):
        return RedirectResponse(inside(onward), 303)
    return render(request, "sign_in", onward=inside(onward), provider=settings.oidc is not None)


@ROUTER.post("/sign-in", response_class=HTMLResponse, responses=ONWARD, dependencies=[TRIES])
def sign_in(
    request: Request,
    book: Book,
    now: Now,
    settings: Config,
    address: Address,
    password: Password,
    onward: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Sign in with address and password."""
    _local(settings)
    if not allowed(request, "password", accounts.folded(address), most=10, seconds=900):
        raise Refused(429, say("Too many tries for this address. Wait a quarter of an hour."))
    with reading(book) as connection:
        account = accounts.with_password(connection, address, password)
    if account is None:
        wrong = say("Address and password do not belong together.")
        return render(request, "sign_in", status=403, onward=inside(onward), provider=False, wrong=wrong)
    return _come_in(request, book, now, account, inside(onward))


@ROUTER.post("/sign-out", response_class=RedirectResponse, status_code=303)
def sign_out(request: Request, book: Book, settings: Config) -> Response:
    """Sign out here."""
    secret = request.cookies.get(session_cookie(settings), "")
    with writing(book) as connection:
        sessions.end(connection, secret)
    response = RedirectResponse("/sign-in", 303)
    forget(request, response)
    return response


@ROUTER.get("/join/{secret}", response_class=HTMLResponse)
def join_page(request: Request, book: Book, now: Now, settings: Config, secret: Secret) -> Response:
    """The form of whoever opens a joining link."""
    _local(settings)
    with reading(book) as connection:
        given = accounts.opened(connection, secret, now=now)
    if given is None:
        raise Refused(404, GONE)
    return render(request, "join", secret=secret, given=given)


@ROUTER.post("/join/{secret}", response_class=HTMLResponse, dependencies=[TRIES])
def join(
    request: Request,
    book: Book,
    now: Now,
    settings: Config,
    secret: Secret,
    address: Address,
    name: Annotated[str, Form(min_length=1, max_length=80)],
    password: Password,
) -> Response:
    """Make the account, and show its recovery code once."""
    _local(settings)
    with reading(book) as connection:
        given = accounts.opened(connection, secret, now=now)
    if given is None:
        raise Refused(404, GONE)
    if not allowed(request, "join", secret, most=TRIES_A_LINK, seconds=accounts.WELCOME_DAYS * 86_400):
        raise Refused(429, GONE)
    weak = accounts.weakness(password, address=address, name=name)
    if weak:
        return _again(request, secret, given, weak, address, name)
    with writing(book) as connection:
        made = accounts.join(connection, secret, address=address, name=name, password=password, now=now)
    if made is None:
        taken = say("This address cannot be used here. Take another one of yours.")
        return _again(request, secret, given, taken, address, name)
    if given.role is accounts.Role.STEWARD:
        record.append(settings.record, "steward joined", {}, now=now)
    return _with_code(request, book, now, *made)


@ROUTER.get("/recover", response_class=HTMLResponse)
def recover_page(request: Request, settings: Config) -> Response:
    """The form for a new password."""
    _local(settings)
    return render(request, "recover")


@ROUTER.post("/recover", response_class=HTMLResponse, dependencies=[TRIES])
def recover(
    request: Request,
    book: Book,
    now: Now,
    settings: Config,
    address: Address,
    code: Annotated[str, Form(min_length=1, max_length=100)],
    password: Password,
) -> Response:
    """Set a new password by the recovery code; every other session ends."""
    _local(settings)
    if not allowed(request, "recover", accounts.folded(address), most=10, seconds=900):
        raise Refused(429, say("Too many tries for this address. Wait a quarter of an hour."))
    weak = accounts.weakness(password, address=address, name="")
    if weak:
        return render(request, "recover", status=422, wrong=weak)
    with writing(book) as connection:
        made = accounts.with_recovery(connection, address, code, password)
        if made:
            sessions.end_all(connection, made[0])
    if made is None:
        return render(request, "recover", status=403, wrong=say("Address and code do not belong together."))
    return _with_code(request, book, now, *made)


def _again(request: Request, secret: str, given: accounts.Welcome, wrong: Phrase, address: str, name: str) -> Response:
    return render(request, "join", status=422, secret=secret, given=given, wrong=wrong, address=address, name=name)


def _with_code(request: Request, book: Book, now: Now, account: str, recovery: str) -> Response:
    """The page that shows the recovery code once, already signed in."""
    with writing(book) as connection:
        secret = sessions.begin(connection, account, now=now)
    response = render(request, "recovery_code", recovery=recovery)
    remember(request, response, secret)
    return response


def _come_in(request: Request, book: Book, now: Now, account: str, onward: str) -> Response:
    with writing(book) as connection:
        secret = sessions.begin(connection, account, now=now)
    response = RedirectResponse(onward, 303)
    remember(request, response, secret)
    return response


def _local(settings: Config) -> None:
    """With a provider of identities there are no local accounts: one way in, which the company can close.

    Raises:
        Refused: 404.
    """
    if settings.oidc is not None:
        raise Refused(404, say("Here one signs in with the company's own account."))
