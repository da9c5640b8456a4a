"""What stewards do: let people in, and close the account of somebody who has left. They are shown no list of people."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from groundswell.model.phrase import say
from groundswell.privacy import record
from groundswell.selfreport import accounts, logbook
from groundswell.selfreport.accounts import Role
from groundswell.selfreport.base import fold_in, writing
from groundswell.web.identity import Steward
from groundswell.web.refusals import Number, Refused
from groundswell.web.security import Book, Config, Now, pace
from groundswell.web.show import Nav, render

ROUTER = APIRouter()
NAV = Nav(90, "/welcome", say("Let people in"), stewards=True)
PACE = pace("welcome", most=60, seconds=600)


@ROUTER.get("/welcome", response_class=HTMLResponse)
def page(request: Request, who: Steward, settings: Config) -> HTMLResponse:
    """The two forms."""
    return render(request, "welcome", local=settings.oidc is None, links=(), closed=False)


@ROUTER.post("/welcome", response_class=HTMLResponse, dependencies=[PACE])
def invite(
    request: Request,
    who: Steward,
    book: Book,
    now: Now,
    settings: Config,
    unit: Annotated[str, Form(max_length=80)] = "",
    people: Annotated[int, Form(ge=1, le=50)] = 1,
    leads: Annotated[bool, Form()] = False,
    role: Annotated[Role, Form()] = Role.MEMBER,
) -> Response:
    """Make joining links, shown once; each lets one person in."""
    if settings.oidc is not None:
        raise Refused(404, say("Here one signs in with the company's own account."))
    with writing(book) as connection:
        unit = unit.strip()
        secrets = [accounts.welcome(connection, unit=unit, role=role, leads=leads, now=now) for _ in range(people)]
    record.append(settings.record, "joining links made", {"n": people, "role": str(role)}, now=now)
    return render(request, "welcome", local=True, links=[f"{settings.origin}/join/{s}" for s in secrets], closed=False)


@ROUTER.post("/logbook/{number}/take-down", response_class=RedirectResponse, status_code=303, dependencies=[PACE])
def take_down(who: Steward, book: Book, now: Now, settings: Config, number: Number) -> Response:
    """Take an entry out that harms somebody: one this steward sees as any member does, and nobody learns more by it."""
    with writing(book) as connection:
        if logbook.one(connection, number, who) is None:
            raise HTTPException(404)
        logbook.take_down(connection, number)
    fold_in(book)
    record.append(settings.record, "entry taken down", {}, now=now)
    return RedirectResponse("/logbook", 303)


@ROUTER.post("/welcome/close", response_class=HTMLResponse, dependencies=[PACE])
def close(
    request: Request,
    who: Steward,
    book: Book,
    now: Now,
    settings: Config,
    address: Annotated[str, Form(min_length=3, max_length=200)],
) -> Response:
    """Erase the account of somebody who has left; the answer is the same if there was none."""
    with writing(book) as connection:
        accounts.erase_at(connection, address)
    fold_in(book)
    record.append(settings.record, "account erased", {"by": "a steward"}, now=now)
    return render(request, "welcome", local=settings.oidc is None, links=(), closed=True)
