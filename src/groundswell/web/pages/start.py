"""The first page: what there is room for here, and what waits for an answer."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from groundswell.web.identity import SignedIn
from groundswell.web.show import render

ROUTER = APIRouter()


@ROUTER.get("/", response_class=HTMLResponse)
def start(request: Request, who: SignedIn) -> HTMLResponse:
    """The first page."""
    return render(request, "start")
