"""The charter: what was promised to everyone, what leaders grant, and whether it was used, in aggregate."""

from functools import lru_cache
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from groundswell.model.phrase import Phrase, say
from groundswell.privacy import record
from groundswell.privacy.charter import FILE, QUESTIONS, Charter, read_charter
from groundswell.privacy.protection import read_protection
from groundswell.report.names import tool_name
from groundswell.report.words import Words
from groundswell.selfreport import grants, leading
from groundswell.selfreport.base import reading, writing
from groundswell.selfreport.declined import Declined
from groundswell.selfreport.grants import Grant, Kind, Per
from groundswell.web.identity import Leader, SignedIn
from groundswell.web.kinds import JOBS, OUTCOMES
from groundswell.web.refusals import ONWARD, Number
from groundswell.web.security import Book, Config, Now, pace
from groundswell.web.show import Nav, render

ROUTER = APIRouter()
NAV = Nav(40, "/charter", say("Charter"))
PACE = pace("charter", most=60, seconds=600)
CURRENCIES = ("EUR", "USD", "GBP", "CHF", "VND", "JPY", "CAD", "SEK", "NOK", "DKK", "PLN", "CZK", "INR", "CNY", "BRL", "AUD")

HOURS = {
    Per.WEEK: say("{n:count} hour a week to try things | {n:count} hours a week to try things"),
    Per.MONTH: say("{n:count} hour a month to try things | {n:count} hours a month to try things"),
    Per.YEAR: say("{n:count} hour a year to try things | {n:count} hours a year to try things"),
}
BUDGET = {Per.WEEK: say("{amount} a week"), Per.MONTH: say("{amount} a month"), Per.YEAR: say("{amount} a year")}
KINDS = {Kind.HOURS: say("hours"), Kind.BUDGET: say("a budget"), Kind.TOOLS: say("tools"), Kind.AMNESTY: say("an amnesty note")}
PERS = {Per.WEEK: say("a week"), Per.MONTH: say("a month"), Per.YEAR: say("a year")}


@ROUTER.get("/charter", response_class=HTMLResponse)
def charter(request: Request, who: SignedIn, book: Book, now: Now, settings: Config) -> HTMLResponse:
    """The charter, and what is granted."""
    return _page(request, who, book, now, settings)


@ROUTER.post("/charter/grants", response_class=HTMLResponse, responses=ONWARD, dependencies=[PACE])
def grant(
    request: Request,
    who: Leader,
    book: Book,
    now: Now,
    settings: Config,
    kind: Annotated[Kind, Form()],
    amount: Annotated[int, Form(ge=0, le=10_000_000)] = 0,
    per: Annotated[Per, Form()] = Per.MONTH,
    currency: Annotated[str, Form(max_length=3)] = "EUR",
    note: Annotated[str, Form(max_length=2 * grants.LONGEST_NOTE)] = "",
    everyone: Annotated[bool, Form()] = False,
) -> Response:
    """Grant room; it has no deadline."""
    currency = currency if currency in CURRENCIES else "EUR"
    given = Grant(kind=kind, amount=amount, per=per, currency=currency, note=note, everyone=everyone)
    try:
        with writing(book) as connection:
            grants.grant(connection, given, who, now=now)
    except Declined as error:
        return _page(request, who, book, now, settings, status=422, wrong=error.why)
    record.append(settings.record, "granted", {"kind": str(kind)}, now=now)
    return RedirectResponse("/charter", 303)


@ROUTER.post("/charter/grants/{number}/take-back", response_class=RedirectResponse, status_code=303, dependencies=[PACE])
def take_back(who: Leader, book: Book, now: Now, settings: Config, number: Number) -> Response:
    """Take back what one granted oneself."""
    with writing(book) as connection:
        try:
            grants.take_back(connection, number, who)
        except LookupError as error:
            raise HTTPException(404) from error
    record.append(settings.record, "grant taken back", {}, now=now)
    return RedirectResponse("/charter", 303)


@ROUTER.post("/charter/used", response_class=RedirectResponse, status_code=303, dependencies=[PACE])
def used(who: SignedIn, book: Book, now: Now, used: Annotated[bool, Form()] = True) -> Response:
    """Say, or take back, that one used some of what is granted this quarter."""
    with writing(book) as connection:
        grants.say_used(connection, who, used=used, now=now)
    return RedirectResponse("/charter", 303)


def in_words(given: Grant, said: Words) -> Phrase:
    """A grant in one line."""
    if given.kind is Kind.HOURS:
        return Phrase(HOURS[given.per].text, {"n": given.amount})
    if given.kind is Kind.BUDGET:
        return Phrase(BUDGET[given.per].text, {"amount": f"{said.count(given.amount)}\u00a0{given.currency}"})
    return say("tools to try") if given.kind is Kind.TOOLS else say("mistakes made in trying are held against nobody")


@lru_cache(maxsize=4)
def _written(file: Path, changed: int) -> Charter:
    """The charter as it stands in its file, read again when that changes."""
    return read_charter(file) or Charter()


def _page(
    request: Request, who: SignedIn, book: Book, now: Now, settings: Config, *, status: int = 200, wrong: Phrase | None = None
) -> HTMLResponse:
    file = settings.folder / FILE
    written = _written(file, file.stat().st_mtime_ns if file.exists() else 0)
    with reading(book) as connection:
        unsettled = grants.unsettled(connection, now=now)
    if unsettled:
        with writing(book) as connection:
            grants.settle(connection, now=now, least=read_protection(file).least_people)
    with reading(book) as connection:
        granted = grants.granted_to(connection, who)
        has_used = grants.has_used(connection, who, now=now)
        quarters = grants.quarters(connection)
        led = leading.told_by_leaders(connection, who)
    return render(
        request,
        "charter",
        status=status,
        wrong=wrong,
        answers=[(question, str(getattr(written, name)).strip()) for name, question in QUESTIONS.items()],
        complete=not written.missing(),
        granted=granted,
        has_used=has_used,
        quarters=quarters,
        led=led,
        jobs=JOBS,
        outcomes=OUTCOMES,
        tool_name=tool_name,
        in_words=in_words,
        kinds=KINDS,
        pers=PERS,
        currencies=CURRENCIES,
    )
