"""A team's own view: voted for in secret, made once a quarter, shown to all of the team alike and to nobody above it."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import Engine

from groundswell.model.phrase import Phrase, say
from groundswell.privacy import record
from groundswell.privacy.protection import Protection, read_protection
from groundswell.runs.folder import Folder
from groundswell.runs.own_team import QUESTIONS, TeamView, last_quarter, team_view
from groundswell.selfreport import ballot
from groundswell.selfreport.accounts import Member
from groundswell.selfreport.base import fold_in, reading, writing
from groundswell.selfreport.declined import Declined
from groundswell.web.identity import SignedIn
from groundswell.web.refusals import Refused
from groundswell.web.security import Book, Config, Now, limit
from groundswell.web.show import Nav, render

ROUTER = APIRouter()
NAV = Nav(65, "/team", say("Our team"))
PACE = limit("team", most=20, seconds=600)

ASKED: dict[str, Phrase] = dict(
    zip(
        QUESTIONS,
        (say("left a mark of using AI"), say("gave others something to reuse"), say("told a lesson or a limit")),
        strict=True,
    )
)


@ROUTER.get("/team", response_class=HTMLResponse)
def page(request: Request, who: SignedIn, book: Book, settings: Config, now: Now) -> HTMLResponse:
    """Where the ballot stands, and what the team voted to see: the same for all of it."""
    protection = read_protection(Folder(settings.folder).charter_file)
    _settle(book, settings, now, protection)
    with reading(book) as connection:
        stand = ballot.stand(connection, who, secret=settings.secret, now=now)
    return render(
        request, "team", stand=stand, view=_view(who, book, settings, now, protection), asked=ASKED, unit=who.unit,
        least=int(protection.least_own_view),
    )  # fmt: skip


@ROUTER.post("/team/ballot", response_class=RedirectResponse, status_code=303, dependencies=[PACE])
def open_it(who: SignedIn, book: Book, settings: Config, now: Now) -> Response:
    """Open the ballot of one's own team."""
    protection = read_protection(Folder(settings.folder).charter_file)
    _settle(book, settings, now, protection)
    try:
        with writing(book) as connection:
            ballot.open_ballot(connection, who, now=now, protection=protection)
    except Declined as error:
        raise Refused(409, error.why) from error
    record.append(settings.record, "ballot", {"what": "opened"}, now=now)
    return RedirectResponse("/team", 303)


@ROUTER.post("/team/vote", response_class=RedirectResponse, status_code=303, dependencies=[PACE])
def vote(who: SignedIn, book: Book, settings: Config, now: Now, wanted: Annotated[str, Form(pattern="^(yes|no)$")]) -> Response:
    """Give one's vote; it is not noted who gave which."""
    _settle(book, settings, now, read_protection(Folder(settings.folder).charter_file))
    try:
        with writing(book) as connection:
            ballot.vote(connection, who, yes=wanted == "yes", secret=settings.secret, now=now)
    except Declined as error:
        raise Refused(409, error.why) from error
    return RedirectResponse("/team", 303)


def _settle(book: Engine, settings: Config, now: Now, protection: Protection) -> None:
    with reading(book) as connection:
        due = ballot.due(connection, now=now)
    if not due:
        return
    with writing(book) as connection:
        found = ballot.settle(connection, now=now, protection=protection)
    fold_in(book)
    for wanted in found:
        record.append(settings.record, "ballot", {"what": "yes" if wanted else "no"}, now=now)


def _view(who: Member, book: Engine, settings: Config, now: Now, protection: Protection) -> TeamView | None:
    """What the team sees: made by the first who comes after a quarter is over, kept, and given to all as it is."""
    folder, quarter = Folder(settings.folder), last_quarter(now)
    with reading(book) as connection:
        mandate = ballot.mandate_of(connection, who, now=now, protection=protection)
        kept = mandate and ballot.kept_view(connection, mandate, quarter, secret=settings.secret)
    if mandate is None or not folder.charter_file.is_file():
        return None
    if kept is None:
        made = msgspec.json.encode(team_view(folder, mandate, now=now))
        with writing(book) as connection:
            ballot.keep_view(connection, mandate, quarter, made, secret=settings.secret)
            kept = ballot.kept_view(connection, mandate, quarter, secret=settings.secret)
    return msgspec.json.decode(kept or b"", type=TeamView)
