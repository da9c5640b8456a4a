"""The first page: room to tell, what waits for one tap, what one may take, what was told lately."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from groundswell.report.names import tool_name
from groundswell.selfreport import grants, logbook, practice
from groundswell.selfreport.base import reading
from groundswell.web.identity import SignedIn
from groundswell.web.kinds import JOBS, OUTCOMES
from groundswell.web.pages.charter import in_words
from groundswell.web.security import Book, Now
from groundswell.web.show import render

ROUTER = APIRouter()
LATELY = 6
"""Entries on the first page."""


@ROUTER.get("/", response_class=HTMLResponse)
def start(request: Request, who: SignedIn, book: Book, now: Now) -> HTMLResponse:
    """The first page."""
    with reading(book) as connection:
        return render(
            request,
            "start",
            entries=logbook.find(connection, who, most=LATELY),
            asked=practice.to_ask(connection, who, now=now),
            granted=grants.granted_to(connection, who)[:LATELY],
            in_words=in_words,
            jobs=JOBS,
            outcomes=OUTCOMES,
            tool_name=tool_name,
        )
