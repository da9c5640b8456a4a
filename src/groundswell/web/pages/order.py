"""A drawn order (measures.md, M13): a team takes part if who leads it says so, and all of it read the day the lot gave it."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from groundswell.measures._phases import LEAST_GROUPS
from groundswell.selfreport import joining
from groundswell.selfreport.base import reading, writing
from groundswell.selfreport.declined import Declined
from groundswell.web.identity import Leader, SignedIn
from groundswell.web.refusals import Refused
from groundswell.web.security import Book, Now, limit
from groundswell.web.show import render

ROUTER = APIRouter()
PACE = limit("order", most=20, seconds=600)


@ROUTER.get("/order", response_class=HTMLResponse)
def page(request: Request, who: SignedIn, book: Book) -> HTMLResponse:
    """Whether one's own team takes part, and from when the programme reaches it."""
    with reading(book) as connection:
        stand = joining.standing(connection, who.unit)
    return render(request, "order", stand=stand, unit=who.unit, least=LEAST_GROUPS)


@ROUTER.post("/order/join", response_class=RedirectResponse, status_code=303, dependencies=[PACE])
def join(who: Leader, book: Book, now: Now) -> Response:
    """Let one's own team take part."""
    try:
        with writing(book) as connection:
            joining.join(connection, who, now=now)
    except Declined as error:
        raise Refused(409, error.why) from error
    return RedirectResponse("/order", 303)


@ROUTER.post("/order/leave", response_class=RedirectResponse, status_code=303, dependencies=[PACE])
def leave(who: Leader, book: Book) -> Response:
    """Take one's own team out, as long as nothing is drawn."""
    try:
        with writing(book) as connection:
            joining.leave(connection, who)
    except Declined as error:
        raise Refused(409, error.why) from error
    return RedirectResponse("/order", 303)
