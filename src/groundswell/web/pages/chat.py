"""Linking one's chat account: one code to type there, good for half an hour."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from groundswell.selfreport.chat import CODE_MINUTES, code_for
from groundswell.web.identity import SignedIn
from groundswell.web.security import Config, Now
from groundswell.web.show import render

ROUTER = APIRouter()


@ROUTER.get("/chat", response_class=HTMLResponse)
def page(request: Request, who: SignedIn, settings: Config, now: Now) -> HTMLResponse:
    """The code of whoever asks."""
    return render(request, "chat", code=code_for(settings.secret, who.account, now=now), minutes=CODE_MINUTES)
