"""One's own page: what one's own traces say, perhaps an invitation, and a way to tell without being found out."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from groundswell.model.phrase import Phrase, say
from groundswell.model.reading import Act
from groundswell.privacy.consent import BATCH, MOST_DAYS
from groundswell.report.names import tool_name
from groundswell.runs.folder import Folder
from groundswell.runs.own import OwnDoing, own_doings
from groundswell.runs.subject import Handles
from groundswell.selfreport import invitation, logbook
from groundswell.selfreport.accounts import Member
from groundswell.selfreport.base import reading, writing
from groundswell.selfreport.declined import Declined
from groundswell.selfreport.entry import LONGEST
from groundswell.selfreport.invitation import LONGEST_PEN, OwnAct, Story
from groundswell.web.identity import SignedIn
from groundswell.web.kinds import JOBS
from groundswell.web.own_keys import keys_of, vouched_address
from groundswell.web.refusals import Refused
from groundswell.web.security import Book, Config, Now, limit
from groundswell.web.show import Nav, render

ROUTER = APIRouter()
NAV = Nav(60, "/own", say("For me"))
PACE = limit("own", most=20, seconds=600)

MOST_SHOWN = 40
"""Own doings of exports shown at once."""

ACTS: dict[str, Phrase] = {
    Act.USES: say("used it"),
    Act.TRIES: say("tried it"),
    Act.SHARES: say("shared something"),
    Act.TAKES_UP: say("took up what somebody gave"),
    Act.LEARNS: say("learned something"),
    Act.DROPS: say("gave it up"),
}


@ROUTER.get("/own", response_class=HTMLResponse)
def page(request: Request, who: SignedIn, book: Book, settings: Config, now: Now) -> HTMLResponse:
    """What one's own traces say; the same address and the same form for everybody, invited or not."""
    return _shown(request, who, book, settings, now)


@ROUTER.post("/own/tell", response_class=HTMLResponse, dependencies=[PACE])
def tell(
    request: Request,
    who: SignedIn,
    book: Book,
    settings: Config,
    now: Now,
    title: Annotated[str, Form(min_length=1, max_length=LONGEST["title"])],
    tool: Annotated[str, Form(min_length=1, max_length=LONGEST["tool"])],
    text: Annotated[str, Form(min_length=1, max_length=LONGEST["tried"])],
    name: Annotated[str, Form(pattern="^(pen|own)$")],
    job: Annotated[str, Form(max_length=40)] = "",
    pen: Annotated[str, Form(max_length=LONGEST_PEN)] = "",
    alone: Annotated[str, Form(max_length=8)] = "",
) -> HTMLResponse:
    """Let a story wait until it may go; its code is told once."""
    if name == "pen" and not pen.strip():
        raise Refused(422, say("A pen name is missing."))
    story = Story(title, tool, job, text, pen=pen.strip() if name == "pen" else "", alone=alone == "yes")
    try:
        with writing(book) as connection:
            code = invitation.offer(connection, story, who, now=now)
    except Declined as error:
        raise Refused(422, error.why) from error
    return _shown(request, who, book, settings, now, code=code)


@ROUTER.post("/own/take-back", response_class=HTMLResponse, dependencies=[PACE])
def take_back(
    request: Request,
    who: SignedIn,
    book: Book,
    settings: Config,
    now: Now,
    code: Annotated[str, Form(min_length=10, max_length=100)],
) -> HTMLResponse:
    """Take a story back that has not gone yet."""
    with writing(book) as connection:
        gone = invitation.withdraw(connection, code)
    if not gone:
        raise Refused(
            404, say("Nothing waits under this code. What has gone already is an entry of the logbook, and its code erases it.")
        )
    return _shown(request, who, book, settings, now, taken=True)


def _shown(
    request: Request, who: Member, book: Book, settings: Config, now: Now, *, code: str = "", taken: bool = False
) -> HTMLResponse:
    invitation.let_due_go(book, now=now)
    with reading(book) as connection:
        told = logbook.find(connection, who, own=True)
        acts = invitation.own_acts(connection, who.account)
        address = vouched_address(connection, who.account)
    keys = keys_of(settings, now) if address else None
    doings: list[OwnDoing] = []
    if keys is not None:
        doings = own_doings(Folder(settings.folder), Handles(email=address), keys=keys, now=now)
    acts += [OwnAct(doing.day, doing.act == Act.SHARES) for doing in doings]
    match = invitation.matches(acts, now.year)
    return render(
        request,
        "own",
        told=told,
        doings=[
            (ACTS[d.act], tool_name(d.tool) if d.tool not in ("", "any") else "", JOBS.get(d.job), d.day)
            for d in doings[:MOST_SHOWN]
        ],
        able=keys is not None,
        invited=invitation.invited(settings.secret, who.account, now.year, match=match),
        jobs=JOBS,
        code=code,
        taken=taken,
        batch=BATCH,
        days=MOST_DAYS,
        pen=LONGEST_PEN,
    )
