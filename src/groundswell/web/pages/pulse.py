"""The pulse: five seconds, once a quarter. The page works without script too, and says what is promised then and what is not."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from groundswell.model.phrase import say
from groundswell.privacy.book import quarter_of
from groundswell.runs.names import read_names
from groundswell.runs.why import LONGEST
from groundswell.selfreport import pulse
from groundswell.selfreport.answers import BATCH, LEAST_IN_STRATUM
from groundswell.selfreport.asking import claim_of, turn_on
from groundswell.selfreport.base import reading, writing
from groundswell.selfreport.pulse import Refusal
from groundswell.web.identity import known_member, signed_in
from groundswell.web.pages.pulse_tokens import WHY, Said, answer_of, key_of
from groundswell.web.pulse_choices import HOW, JOBS, tools_of
from groundswell.web.refusals import Refused
from groundswell.web.security import Book, Config, Now
from groundswell.web.show import Nav, render

DOOR = "open"
ROUTER = APIRouter()
NAV = Nav(50, "/pulse", say("The pulse"))


@ROUTER.get("/pulse", response_class=HTMLResponse)
def page(request: Request, book: Book, settings: Config, now: Now) -> HTMLResponse:
    """The question; whoever comes by a link is known by nothing but the right in it, which the server is not told."""
    who, day = known_member(request), now.date()
    ask = turn_on(settings.secret, who.account, day) if who else None
    claim, stratum, level, used = "", "", "", False
    quarter = ask.quarter if ask else quarter_of(day)
    fingerprint = key_of(book, settings, quarter).fingerprint
    if who and ask:
        with reading(book) as connection:
            claim = claim_of(settings.secret, who.account, ask)
            stratum, level = pulse.group_of(connection, who.unit, who.leads)
            used = pulse.used(connection, claim, secret=settings.secret)
    return render(
        request,
        "pulse",
        ask=ask,
        claim=claim,
        stratum=stratum,
        level=level,
        used=used,
        quarter=quarter,
        fingerprint=fingerprint,
        tools=tools_of(read_names([settings.folder]).tools),
        jobs=JOBS,
        how=HOW,
        batch=BATCH,
        least=LEAST_IN_STRATUM,
        longest=LONGEST,
    )


@ROUTER.post("/pulse/plain", response_class=HTMLResponse)
def plain(
    request: Request,
    book: Book,
    settings: Config,
    now: Now,
    used: Annotated[str, Form(pattern="^(yes|no|off)$")],
    tool: Annotated[str, Form(max_length=80)] = "",
    job: Annotated[str, Form(max_length=80)] = "",
    how: Annotated[str, Form(max_length=80)] = "",
    kept: Annotated[str, Form(max_length=8)] = "",
    expected: Annotated[str, Form(max_length=8)] = "",
    from_team: Annotated[str, Form(alias="from", max_length=8)] = "",
    why: Annotated[str, Form(max_length=LONGEST)] = "",
) -> HTMLResponse:
    """Take an answer from a browser without script, whose giver is signed in."""
    who = signed_in(request)
    ask = turn_on(settings.secret, who.account, now.date())
    if ask is None:
        raise Refused(*WHY[Refusal.CLOSED])
    with reading(book) as connection:
        stratum, level = pulse.group_of(connection, who.unit, who.leads)
    said = Said(
        used=used == "yes",
        tool=tool,
        job=job,
        how=how,
        kept=_yes(kept),
        expected=_yes(expected),
        stratum=stratum if from_team else "",
        level=level,
        why=why,
    )
    told = None if used == "off" else answer_of(said)
    claim, tools = claim_of(settings.secret, who.account, ask), tools_of(read_names([settings.folder]).tools)
    with writing(book) as connection:
        refusal = pulse.spend_openly(connection, claim, told, secret=settings.secret, tools=tools, today=now.date())
    if refusal is not None:
        raise Refused(*WHY[refusal])
    return render(request, "pulse_done")


def _yes(word: str) -> bool | None:
    return {"yes": True, "no": False}.get(word)
