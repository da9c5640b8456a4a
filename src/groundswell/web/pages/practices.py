"""Practices: what is told of one tool for one kind of work, "I use this too", and whether it is still alive."""

from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Path, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from groundswell.model.phrase import say
from groundswell.model.reading import Job
from groundswell.report.names import tool_name
from groundswell.selfreport import attachments, logbook, practice
from groundswell.selfreport.base import reading, writing
from groundswell.web.identity import SignedIn, inside
from groundswell.web.kinds import JOBS, OUTCOMES
from groundswell.web.refusals import Number
from groundswell.web.security import Book, Now, pace
from groundswell.web.show import Nav, render

ROUTER = APIRouter()
NAV = Nav(20, "/practices", say("Practices"))
TAP = pace("tap", most=120, seconds=600)


@ROUTER.get("/practices", response_class=HTMLResponse)
def all_of_them(request: Request, who: SignedIn, book: Book) -> HTMLResponse:
    """Every practice one may see, by kind of work and name."""
    with reading(book) as connection:
        found = practice.practices(connection, who)
    return render(request, "practices", found=found, jobs=JOBS, tool_name=tool_name)


@ROUTER.get("/practices/{job}/{tool}", response_class=HTMLResponse)
def one(
    request: Request, who: SignedIn, book: Book, now: Now, job: Job, tool: Annotated[str, Path(min_length=1, max_length=60)]
) -> HTMLResponse:
    """A practice: its variants, what was learned, whether it is still alive."""
    with reading(book) as connection:
        found = practice.practice(connection, who, job=job, tool_key=tool, now=now)
    if found is None:
        raise HTTPException(404)
    return render(request, "practice", found=found, jobs=JOBS, outcomes=OUTCOMES, tool_name=tool_name)


@ROUTER.post("/logbook/{number}/use", response_class=RedirectResponse, status_code=303, dependencies=[TAP])
def use(who: SignedIn, book: Book, now: Now, number: Number, using: Annotated[bool, Form()] = True) -> Response:
    """Say that one uses this too, or take it back."""
    with writing(book) as connection:
        try:
            if using:
                practice.use(connection, number, who, now=now)
            else:
                practice.stop_using(connection, number, who)
        except LookupError as error:
            raise HTTPException(404) from error
    return RedirectResponse(f"/logbook/{number}", 303)


@ROUTER.post("/logbook/{number}/still", response_class=RedirectResponse, status_code=303, dependencies=[TAP])
def still(
    who: SignedIn,
    book: Book,
    now: Now,
    number: Number,
    still: Annotated[bool, Form()],
    onward: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """One tap: whether one still uses it."""
    with writing(book) as connection:
        try:
            practice.answer(connection, number, who, still=still, now=now)
        except LookupError as error:
            raise HTTPException(404) from error
    return RedirectResponse(inside(onward), 303)


@ROUTER.get("/logbook/{number}/attachment/{attachment}", response_class=PlainTextResponse)
def download(who: SignedIn, book: Book, number: Number, attachment: Number) -> Response:
    """An attachment as a text to keep; the browser is told to show and run nothing of it."""
    with reading(book) as connection:
        seen = logbook.one(connection, number, who) is not None
        found = next((a for a in attachments.of_entry(connection, number) if seen and a.id == attachment), None)
    if found is None:
        raise HTTPException(404)
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in found.name)
    headers = {
        "content-disposition": f'attachment; filename="{plain}"',
        "content-security-policy": "default-src 'none'; sandbox",
    }
    return PlainTextResponse(found.content, headers=headers)


@ROUTER.post(
    "/logbook/{number}/attachment/{attachment}/remove", response_class=RedirectResponse, status_code=303, dependencies=[TAP]
)
def remove(
    who: SignedIn, book: Book, number: Number, attachment: Number, code: Annotated[str, Form(max_length=100)] = ""
) -> Response:
    """Take an attachment of an entry of one's own away."""
    with writing(book) as connection:
        if not logbook.may_change(connection, number, who, code=code):
            raise HTTPException(404)
        attachments.detach(connection, number, attachment)
    return RedirectResponse(f"/logbook/{number}", 303)
