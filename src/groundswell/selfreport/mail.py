"""The pulse by mail: a line and a link, in plain text, with nothing that tells whether it was opened."""

import smtplib
import ssl
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from email.utils import make_msgid
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from groundswell.errors import InputError, OutputError
from groundswell.languages import load as languages
from groundswell.model.phrase import Phrase, say
from groundswell.privacy.book import quarter_of
from groundswell.selfreport import pulse
from groundswell.selfreport.accounts import ACCOUNTS, Member
from groundswell.selfreport.asking import Ask, ask_of, claim_of, turn_on
from groundswell.selfreport.base import METADATA, reading, upsert, writing
from groundswell.selfreport.settings import one

SUBJECT = say("Five seconds: what did you use yesterday?")
BODY = say("Once a quarter, on a day drawn at random, everyone is asked one question. Answer it, or leave it:")
CLOSING = say(
    "The link opens for a few days. Nobody can know what you answered; the page says how, and what cannot be prevented."
)

SECONDS = 30
"""How long the mail server may take for one step."""

SENT = sa.Table("pulse_sent", METADATA, sa.Column("day", sa.Date, primary_key=True))
"""Days on which the links went out, so that nobody gets one twice; no person is in it."""


@dataclass(frozen=True, kw_only=True)
class Relay:
    """A mail server.

    Attributes:
        host, port: where it is.
        sender: address the letters come from.
        login, password: what it wants to know; "" for nothing.
        safety: "starttls", "tls", or "none" for one on this machine.
    """

    host: str
    port: int
    sender: str
    login: str = ""
    password: str = field(default="", repr=False)
    safety: str = "starttls"


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody whose turn it is.

    Attributes:
        account: whose.
        address: "" if none is known; they may be reached by chat.
        link: what they are sent, by mail or by chat.
    """

    account: str
    address: str
    link: str


def relay_from(environment: Mapping[str, str]) -> Relay:
    """The mail server as GROUNDSWELL_SMTP_... variables name it.

    Raises:
        InputError: one is missing, or would send words in the open.
    """
    host, sender = one(environment, "SMTP_HOST"), one(environment, "SMTP_SENDER")
    if not host or "@" not in sender:
        raise InputError(
            "GROUNDSWELL_SMTP_HOST", "no mail server is set", expected="GROUNDSWELL_SMTP_HOST and GROUNDSWELL_SMTP_SENDER"
        )
    safety, port = one(environment, "SMTP_SAFETY") or "starttls", one(environment, "SMTP_PORT")
    if safety not in {"starttls", "tls", "none"} or (port and not port.isdecimal()):
        raise InputError("GROUNDSWELL_SMTP_SAFETY", "unknown", expected="starttls, tls or none, and a number as SMTP_PORT")
    if safety == "none" and host not in {"127.0.0.1", "::1", "localhost"}:
        raise InputError("GROUNDSWELL_SMTP_SAFETY", "links would go through the network in the open", expected="starttls or tls")
    default = {"starttls": 587, "tls": 465, "none": 25}[safety]
    login, password = one(environment, "SMTP_LOGIN"), one(environment, "SMTP_PASSWORD")
    return Relay(host=host, port=int(port or default), sender=sender, login=login, password=password, safety=safety)


def turns(connection: Connection, *, secret: bytes, origin: str, today: date) -> Iterator[Turn]:
    """Everybody whose turn it is today, in the order of random numbers.

    What leads to an answer's right stands after the #: a browser keeps that to itself, and no log of a server ever has it.
    """
    rows = connection.execute(sa.select(ACCOUNTS.c.id, ACCOUNTS.c.address, ACCOUNTS.c.unit, ACCOUNTS.c.leads)).all()
    for row in rows:
        ask = ask_of(secret, row.id, quarter_of(today))
        if ask.on == today:
            link = _link(connection, row.id, row.unit, row.leads, ask, secret=secret, origin=origin)
            yield Turn(row.id, row.address or "", link)


def link_of(connection: Connection, who: Member, *, secret: bytes, origin: str, today: date) -> str:
    """The link of one person whose turn is open; "" on other days."""
    ask = turn_on(secret, who.account, today)
    return _link(connection, who.account, who.unit, who.leads, ask, secret=secret, origin=origin) if ask else ""


def letter(turn: Turn, *, sender: str, langs: Iterable[str] = ("en",)) -> EmailMessage:
    """The letter of one person: a question and a link, once, in each language given.

    Args:
        turn: whose.
        sender: address it comes from.
        langs: codes of the languages people here read.
    """
    codes = tuple(langs)
    message = EmailMessage()
    message["Subject"] = " / ".join(_said(SUBJECT, code) for code in codes)
    message["From"], message["To"] = sender, turn.address
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
    message["Auto-Submitted"] = "auto-generated"
    before = "\n".join(_said(BODY, code) for code in codes)
    after = "\n".join(_said(CLOSING, code) for code in codes)
    message.set_content(f"{before}\n\n{turn.link}\n\n{after}\n")
    return message


def send_turns(book: Engine, relay: Relay, *, secret: bytes, origin: str, today: date, langs: Iterable[str] = ("en",)) -> int:
    """Send today's links; how many there were. A day's links go out once, even if this is called again.

    Args:
        book: the open book.
        relay: the mail server.
        secret: of the server.
        origin: where people reach it.
        today: UTC.
        langs: codes of the languages of the letters.

    Raises:
        OutputError: the mail server takes no letters; none of this day counts as sent.
    """
    with reading(book) as connection:
        if connection.execute(sa.select(SENT).where(SENT.c.day == today)).first():
            return 0
        due = [turn for turn in turns(connection, secret=secret, origin=origin, today=today) if turn.address]
    written = tuple(langs)
    deliver(relay, (letter(turn, sender=relay.sender, langs=written) for turn in due))
    with writing(book) as connection:
        connection.execute(upsert(connection, SENT).values(day=today).on_conflict_do_nothing())
    return len(due)


def deliver(relay: Relay, letters: Iterable[EmailMessage]) -> None:
    """Hand letters to the mail server; an address it does not take is passed over, since nobody else may learn of it.

    Raises:
        OutputError: it cannot be reached, or refuses the sender.
    """
    try:
        with _session(relay) as server:
            for message in letters:
                try:
                    server.send_message(message)
                except smtplib.SMTPRecipientsRefused:
                    continue
    except (OSError, smtplib.SMTPException) as error:
        # Its own words may quote an address.
        raise OutputError(f"{relay.host}:{relay.port}", "the mail server takes no letters", remedy="See its settings") from error


def _link(connection: Connection, account: str, unit: str, leads: bool, ask: Ask, *, secret: bytes, origin: str) -> str:
    stratum, level = pulse.group_of(connection, unit, leads)
    more = quote(f"~{stratum}~{level}", safe="~")
    return f"{origin}/pulse#{claim_of(secret, account, ask)}{more}"


def _session(relay: Relay) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if relay.safety == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(relay.host, relay.port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(relay.host, relay.port, timeout=SECONDS)
    if relay.safety == "starttls":
        server.starttls(context=context)
    if relay.login:
        server.login(relay.login, relay.password)
    return server


def _said(phrase: Phrase, code: str) -> str:
    return languages.load(code).phrases.get(phrase.text, phrase.text)
