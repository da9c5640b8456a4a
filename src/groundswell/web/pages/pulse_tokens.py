"""The doors of the pulse that know nobody: a key for all, a signature for a right, an answer for a token. No cookie is read."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from sqlalchemy import Engine

from groundswell.errors import PrivacyError
from groundswell.model.phrase import Phrase, say
from groundswell.privacy.blind import PublicKey
from groundswell.runs.names import read_names
from groundswell.runs.why import LONGEST, reasons_of
from groundswell.selfreport import pulse
from groundswell.selfreport.answers import Answer
from groundswell.selfreport.asking import LINK_DAYS, first_day
from groundswell.selfreport.base import reading, writing
from groundswell.selfreport.pulse import Refusal, Token
from groundswell.selfreport.settings import Settings
from groundswell.web.pulse_choices import tools_of
from groundswell.web.refusals import Refused
from groundswell.web.security import Book, Config, Now

DOOR = "signed"
ROUTER = APIRouter()

WHY: dict[Refusal, tuple[int, Phrase]] = {
    Refusal.UNKNOWN: (404, say("This is not one of our links. Open it again from the message it came in.")),
    Refusal.CLOSED: (409, say("This link opens for {days:count} days after the day it asks about.", days=LINK_DAYS)),
    Refusal.USED: (409, say("This link was used already, perhaps in another browser. Each person answers once a quarter.")),
    Refusal.FORGED: (403, say("This answer does not carry a token of ours.")),
    Refusal.SPENT: (409, say("This answer has been given already.")),
}

Hex = Annotated[str, Field(max_length=2048, pattern=r"^([0-9a-f]{2})+$")]
Quarter = Annotated[str, Field(pattern=r"^20[0-9]{2}-Q[1-4]$")]
Word = Annotated[str, Field(max_length=80)]


class Key(BaseModel):
    """A quarter's key: the same for everybody."""

    key: Hex
    n: str
    e: int
    fingerprint: str


class Right(BaseModel):
    """A right and the hidden token it is to be used for."""

    claim: Annotated[str, Field(max_length=120)]
    hidden: Hex


class Signed(BaseModel):
    """The hidden token, signed."""

    signed: Hex


class Said(BaseModel):
    """What an answer says; nothing in it says whose it is."""

    used: bool = False
    tool: Word = ""
    job: Word = ""
    how: Word = ""
    kept: bool | None = None
    expected: bool | None = None
    second: bool | None = None
    stratum: Word = ""
    level: Word = ""
    why: Annotated[str, Field(max_length=LONGEST)] = ""


class Told(Said):
    """An answer and the token it comes with."""

    quarter: Quarter
    about: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    token: Hex
    signature: Hex
    worked: bool = True


class Taken(BaseModel):
    """That an answer was taken."""

    taken: bool


@ROUTER.get("/pulse/key/{quarter}")
def key(book: Book, settings: Config, now: Now, quarter: Annotated[str, Path(pattern=r"^20[0-9]{2}-Q[1-4]$")]) -> Key:
    """The key of a quarter that has begun and is not over."""
    if pulse.over(quarter, now.date()) or now.date() < first_day(quarter):
        raise Refused(*WHY[Refusal.CLOSED])
    public = key_of(book, settings, quarter)
    return Key(key=public.to_der().hex(), n=f"{public.n:x}", e=public.e, fingerprint=public.fingerprint)


def key_of(book: Engine, settings: Settings, quarter: str) -> PublicKey:
    """A quarter's key; made, and only then written, by whoever asks first."""
    with reading(book) as connection:
        made = pulse.made_key(connection, quarter)
    if made is not None:
        return made
    with writing(book) as connection:
        return pulse.public_key(connection, quarter, secret=settings.secret)


@ROUTER.post("/pulse/sign")
def sign(book: Book, settings: Config, now: Now, right: Right) -> Signed:
    """Sign a hidden token for a right; what is asked for a second time with the same token is answered again."""
    try:
        with writing(book) as connection:
            hidden = bytes.fromhex(right.hidden)
            signed = pulse.sign(connection, right.claim, hidden, secret=settings.secret, today=now.date())
    except PrivacyError as error:
        raise Refused(422, say("The hidden token has another form than it needs.")) from error
    if isinstance(signed, Refusal):
        raise Refused(*WHY[signed])
    return Signed(signed=signed.hex())


@ROUTER.post("/pulse/answer")
def answer(request: Request, book: Book, settings: Config, now: Now, told: Told) -> Taken:
    """Take an answer for a token; once this is said, the answer outlives the process."""
    token = Token(told.quarter, told.about, bytes.fromhex(told.token), bytes.fromhex(told.signature))
    said = answer_of(told) if told.worked else None
    tools = tools_of(read_names([settings.folder]).tools)
    with writing(book) as connection:
        refusal = pulse.spend(connection, token, said, secret=settings.secret, tools=tools, today=now.date())
    if refusal is not None:
        raise Refused(*WHY[refusal])
    return Taken(taken=True)


def answer_of(said: Said) -> Answer:
    """What is kept of what was said: the words of the why are coded here and go no further."""
    words = said.model_dump(include=set(Answer.__struct_fields__))
    return Answer(**words, reasons=reasons_of(said.why))
