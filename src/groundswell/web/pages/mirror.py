"""The mirror: somebody who leads sees their own public words counted, and nobody else can."""

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse

from groundswell.errors import InputError, PrivacyError
from groundswell.model.phrase import Phrase, say
from groundswell.privacy.mirror import LEAST_STATEMENTS, SHORTEST_PHRASE, Mirror, key_for, unseal
from groundswell.runs.folder import Folder
from groundswell.runs.mirror import sealed_mirror
from groundswell.runs.subject import Handles
from groundswell.selfreport.base import reading
from groundswell.web.identity import Leader
from groundswell.web.own_keys import keys_of, vouched_address
from groundswell.web.refusals import Refused
from groundswell.web.security import Book, Config, Now, limit
from groundswell.web.show import Nav, render

ROUTER = APIRouter()
NAV = Nav(70, "/mirror", say("Mirror"), leaders=True)
SLOWLY = limit("mirror", most=12, seconds=600)
"""Making and opening a mirror takes memory by design; and nobody shall try sentences out."""

LONGEST = 16_384
"""Characters of a sealed mirror: some kilobytes."""

ITEMS: dict[str, Phrase] = {
    "prototypes": say("own trials shown"),
    "lessons": say("errors and lessons shared"),
    "questions": say("questions asked"),
    "help": say("help and encouragement"),
    "reasons": say("reasons given"),
    "demands": say("demands"),
    "deadlines": say("deadlines"),
    "sanctions": say("sanctions"),
}

Sentence = Annotated[str, Form(min_length=SHORTEST_PHRASE, max_length=200)]


@ROUTER.get("/mirror", response_class=HTMLResponse)
def page(request: Request, who: Leader, book: Book, settings: Config, now: Now) -> HTMLResponse:
    """What a mirror is, and how to get one's own."""
    return _shown(request, who.account, book, settings, now)


@ROUTER.post("/mirror/look", response_class=HTMLResponse, dependencies=[SLOWLY])
def look(request: Request, who: Leader, book: Book, settings: Config, now: Now, sentence: Sentence) -> HTMLResponse:
    """Make the mirror of whoever asks, sealed to their sentence; it is opened for this answer and not kept."""
    with reading(book) as connection:
        address = vouched_address(connection, who.account)
    keys = keys_of(settings, now)
    if not address or keys is None:
        raise Refused(409, say("This server cannot make a mirror: ask whoever holds the key."))
    sealed = sealed_mirror(Folder(settings.folder), Handles(email=address), to=key_for(sentence), keys=keys, now=now)
    return _shown(request, who.account, book, settings, now, mirror=unseal(sealed, sentence), sealed=sealed)


@ROUTER.post("/mirror/key", response_class=HTMLResponse, dependencies=[SLOWLY])
def key(request: Request, who: Leader, book: Book, settings: Config, now: Now, sentence: Sentence) -> HTMLResponse:
    """Show the half of one's key that whoever holds the company's key may have; it is not kept."""
    return _shown(request, who.account, book, settings, now, key=key_for(sentence))


@ROUTER.post("/mirror/open", response_class=HTMLResponse, dependencies=[SLOWLY])
def open_it(
    request: Request,
    who: Leader,
    book: Book,
    settings: Config,
    now: Now,
    sentence: Sentence,
    sealed: Annotated[str, Form(min_length=1, max_length=LONGEST)],
) -> HTMLResponse:
    """Open a mirror that was sealed to one's own sentence, for this answer alone."""
    try:
        mirror = unseal(sealed, sentence)
    except (PrivacyError, InputError) as error:
        raise Refused(403, say("This sentence does not open it.")) from error
    return _shown(request, who.account, book, settings, now, mirror=mirror)


def _shown(
    request: Request,
    account: str,
    book: Book,
    settings: Config,
    now: Now,
    *,
    mirror: Mirror | None = None,
    key: str = "",
    sealed: str = "",
) -> HTMLResponse:
    with reading(book) as connection:
        able = bool(vouched_address(connection, account)) and keys_of(settings, now) is not None
    return render(
        request,
        "mirror",
        mirror=mirror,
        key=key,
        sealed=sealed,
        able=able,
        items=ITEMS,
        least=LEAST_STATEMENTS,
        shortest=SHORTEST_PHRASE,
    )
