"""The logbook: find what others tried, and tell what one tried oneself, in half a minute."""

from functools import cache
from typing import Annotated, Any

from fastapi import APIRouter, File, Form, HTTPException, Query, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, StringConstraints
from sqlalchemy import Connection

from groundswell.languages.load import tools
from groundswell.model.phrase import say
from groundswell.model.reading import DropKind, Job
from groundswell.report.names import tool_name
from groundswell.selfreport import attachments, invitation, logbook, practice
from groundswell.selfreport.accounts import Member
from groundswell.selfreport.base import fold_in, reading, writing
from groundswell.selfreport.declined import Declined
from groundswell.selfreport.entry import LONGEST, Outcome, Told, Visible
from groundswell.web.identity import SignedIn
from groundswell.web.kinds import DROPS, JOBS, OUTCOMES, VISIBLE
from groundswell.web.refusals import ONWARD, Number
from groundswell.web.security import Book, Now, pace
from groundswell.web.show import Nav, render

ROUTER = APIRouter()
NAV = Nav(10, "/logbook", say("Logbook"))
PACE = pace("tell", most=60, seconds=600)
Text = StringConstraints(strip_whitespace=False, max_length=8_000)


class EntryForm(BaseModel):
    """The half-minute form."""

    title: Annotated[str, StringConstraints(max_length=LONGEST["title"])] = ""
    tool: Annotated[str, StringConstraints(max_length=LONGEST["tool"])] = ""
    outcome: Outcome = Outcome.OPEN
    visible: Visible = Visible.ME
    job: Job = Job.UNKNOWN
    tried: Annotated[str, Text] = ""
    happened: Annotated[str, Text] = ""
    learned: Annotated[str, Text] = ""
    drop: DropKind = DropKind.ABANDONED
    link: Annotated[str, StringConstraints(max_length=LONGEST["link"])] = ""
    parent: Annotated[str, StringConstraints(max_length=40)] = ""
    code: Annotated[str, StringConstraints(max_length=100)] = ""
    csrf: Annotated[str, StringConstraints(max_length=100)] = ""

    def told(self) -> Told:
        """What it says."""
        return Told(**self.model_dump(exclude={"code", "csrf"}))


@ROUTER.get("/logbook", response_class=HTMLResponse)
def look(
    request: Request,
    who: SignedIn,
    book: Book,
    now: Now,
    job: Annotated[str, Query(max_length=20)] = "",
    tool: Annotated[str, Query(max_length=60)] = "",
    q: Annotated[str, Query(max_length=200)] = "",
    own: bool = False,
    after: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """Entries one may see, found by job, tool and words; stories that waited for today are among them."""
    invitation.let_due_go(book, now=now)
    with reading(book) as connection:
        last = logbook.one(connection, after, who) if after else None
        entries = logbook.find(connection, who, job=job, tool=tool, words=q, own=own, after=last)
    search = {"job": job, "tool": tool, "q": q, "own": own}
    return render(
        request,
        "logbook",
        entries=entries,
        search=search,
        tools_here=_known_tools(),
        more=len(entries) == logbook.A_PAGE,
        **_words(),
    )


@ROUTER.get("/logbook/new", response_class=HTMLResponse)
def new(
    request: Request,
    who: SignedIn,
    book: Book,
    parent: Annotated[str, Query(max_length=40)] = "",
) -> HTMLResponse:
    """The half-minute form; with `parent`, for what one changed of another's."""
    told = Told(title="", tool="", outcome=Outcome.OPEN, visible=Visible.EVERYONE)
    with reading(book) as connection:
        of = logbook.one(connection, parent, who) if parent else None
    if parent and of is None:
        raise HTTPException(404)
    if of is not None:
        told = Told(
            title=of.told.title, tool=of.told.tool, job=of.told.job, outcome=Outcome.KEPT, visible=Visible.EVERYONE, parent=of.id
        )
    return _form(request, told, of=of)


@ROUTER.post("/logbook", response_class=HTMLResponse, responses=ONWARD, dependencies=[PACE])
def tell(
    request: Request,
    who: SignedIn,
    book: Book,
    now: Now,
    form: Annotated[EntryForm, Form()],
    attachment: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Tell something; one without a name is answered with its code, shown once."""
    told = form.told()
    try:
        _link_allowed(told.link, "")
        attached = _attached(attachment)
        with writing(book) as connection:
            number, code = logbook.tell(connection, told, who, now=now)
            _beside(connection, number, attached)
            if not code:
                practice.keep_asking(connection, number, told.outcome, who, now=now)
    except Declined as error:
        return _form(request, told, status=422, wrong=error.why)
    if code:
        return render(request, "entry_code", number=number, code=code)
    return RedirectResponse(f"/logbook/{number}", 303)


@ROUTER.get("/logbook/{number}", response_class=HTMLResponse)
def entry(request: Request, who: SignedIn, book: Book, number: Number) -> HTMLResponse:
    """One entry, with what others made of it."""
    with reading(book) as connection:
        found = logbook.one(connection, number, who)
        if found is None:
            raise HTTPException(404)
        parent = logbook.one(connection, found.told.parent, who) if found.told.parent else None
        using, reused = practice.standing(connection, number, who)
        return render(
            request,
            "entry",
            entry=found,
            shown=found.shown,
            parent=parent,
            variants=logbook.variants(connection, number, who),
            attachments=attachments.of_entry(connection, number),
            reused=reused,
            using=using,
            **_words(),
        )


@ROUTER.get("/logbook/{number}/edit", response_class=HTMLResponse)
def edit(request: Request, who: SignedIn, book: Book, number: Number) -> HTMLResponse:
    """The form of an entry of one's own."""
    return _edit(request, book, who, number, "")


@ROUTER.post("/logbook/{number}/open", response_class=HTMLResponse, dependencies=[pace("code", most=20, seconds=900)])
def open_nameless(
    request: Request, who: SignedIn, book: Book, number: Number, code: Annotated[str, Form(max_length=100)]
) -> HTMLResponse:
    """The form of an entry without a name, for whoever holds its code."""
    return _edit(request, book, who, number, code)


@ROUTER.post("/logbook/{number}", response_class=HTMLResponse, responses=ONWARD, dependencies=[PACE])
def change(
    request: Request,
    who: SignedIn,
    book: Book,
    now: Now,
    number: Number,
    form: Annotated[EntryForm, Form()],
    attachment: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """Write an entry of one's own anew."""
    told = form.told()
    try:
        attached = _attached(attachment)
        with writing(book) as connection:
            before = logbook.one(connection, number, who)
            _link_allowed(told.link, before.told.link if before else "")
            logbook.change(connection, number, told, who, code=form.code)
            _beside(connection, number, attached)
            if told.visible is not Visible.NAMELESS:
                practice.keep_asking(connection, number, told.outcome, who, now=now)
    except Declined as error:
        return _form(request, told, status=422, wrong=error.why, number=number, code=form.code)
    except LookupError as error:
        raise HTTPException(404) from error
    return RedirectResponse(f"/logbook/{number}", 303)


@ROUTER.post("/logbook/{number}/erase", response_class=RedirectResponse, status_code=303, dependencies=[PACE])
def erase(who: SignedIn, book: Book, number: Number, code: Annotated[str, Form(max_length=100)] = "") -> Response:
    """Erase an entry of one's own."""
    with writing(book) as connection:
        try:
            logbook.erase(connection, number, who, code=code)
        except LookupError as error:
            raise HTTPException(404) from error
    fold_in(book)
    return RedirectResponse("/logbook", 303)


def _edit(request: Request, book: Book, who: Member, number: str, code: str) -> HTMLResponse:
    with reading(book) as connection:
        found = logbook.one(connection, number, who)
        if found is None or not logbook.may_change(connection, number, who, code=code):
            raise HTTPException(404)
        held = attachments.of_entry(connection, number)
    return _form(request, found.told, number=number, code=code, held=held)


def _form(request: Request, told: Told, *, status: int = 200, **more: Any) -> HTMLResponse:
    blank: dict[str, Any] = {"number": "", "code": "", "wrong": None, "of": None, "held": []}
    return render(
        request, "tell", status=status, told=told, longest=LONGEST, tools_known=_known_tools(), **{**blank, **more}, **_words()
    )


def _attached(upload: UploadFile | None) -> tuple[str, str] | None:
    """The checked name and text of what was attached; None for nothing."""
    if upload is None or not upload.filename:
        return None
    return attachments.check(upload.filename, upload.file.read(attachments.MOST_BYTES + 1))


def _beside(connection: Connection, number: str, attached: tuple[str, str] | None) -> None:
    if attached:
        attachments.attach(connection, number, *attached)


def _link_allowed(link: str, held: str) -> None:
    """Only the one the entry came with: here nobody can see who wrote a message; in the chat, its shortcut can.

    Raises:
        Declined: it is another.
    """
    if link.strip() not in ("", held):
        raise Declined(
            say("Only the chat knows who wrote a message: begin the entry there, in the menu of your message, and it is linked.")
        )


@cache
def _known_tools() -> tuple[str, ...]:
    """Tools to choose from, by name."""
    return tuple(sorted((entry["name"] for key, entry in tools().items() if key != "any"), key=str.casefold))


def _words() -> dict[str, Any]:
    return {"jobs": JOBS, "who_sees": VISIBLE, "outcomes": OUTCOMES, "drops": DROPS, "tool_name": tool_name}
