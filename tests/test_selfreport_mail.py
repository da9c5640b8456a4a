"""The pulse by mail: a link in plain text, once, to whoever is asked today, and to nobody's knowledge but theirs."""

import socket
from datetime import timedelta
from email import message_from_bytes
from urllib.parse import unquote, urlsplit

import pytest
from aiosmtpd.controller import Controller

from groundswell.errors import InputError, OutputError
from groundswell.selfreport import mail
from groundswell.selfreport.asking import read_claim, workdays
from groundswell.selfreport.base import all_tables, open_book
from groundswell.selfreport.mail import Relay
from pulse_people import QUARTER, SECRET, hire, rows, turn

ORIGIN = "https://groundswell.lanterne.example"


class Letters:
    """A mail server that keeps what it gets, and knows no address with a 7."""

    def __init__(self):
        self.got = []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - the library's name
        if "7" in address:
            return "550 nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - the library's name
        self.got.append((envelope.rcpt_tos, message_from_bytes(envelope.content)))
        return "250 OK"


@pytest.fixture
def post():
    """A mail server on loopback."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    letters = Letters()
    running = Controller(letters, hostname="127.0.0.1", port=port)
    running.start()
    letters.relay = Relay(host="127.0.0.1", port=port, sender="pulse@lanterne.example", safety="none")
    yield letters
    running.stop()


@pytest.fixture
def book(tmp_path):
    engine = open_book(f"sqlite:///{tmp_path / 'book'}")
    yield engine
    engine.dispose()


def send(book, post, day, **more):
    return mail.send_turns(book, post.relay, secret=SECRET, origin=ORIGIN, today=day, **more)


def test_everybody_gets_one_link_a_quarter(book, post):
    """Over a quarter each person gets one letter, on the day of their turn; one refused address keeps nobody else's back."""
    people = hire(book, ["Sales"] * 12)
    asked = {turn(who)[0].on for who in people}
    for day in sorted({*asked, *workdays(QUARTER)[::9]}):
        assert (send(book, post, day) > 0) == (day in asked)
        assert send(book, post, day) == 0
    to = [recipients for recipients, _ in post.got]
    assert sorted(to) == sorted([f"person{n}@lanterne.example"] for n in range(12) if n != 7)
    for recipients, message in post.got:
        who = people[int(recipients[0].removeprefix("person").partition("@")[0])]
        link = next(line for line in message.get_payload(decode=True).decode().splitlines() if line.startswith(ORIGIN))
        claim, stratum, level = unquote(urlsplit(link).fragment).split("~")
        assert read_claim(SECRET, claim)[0] == turn(who)[0]
        assert (stratum, level) == ("Sales", "")


def test_a_letter_is_a_line_and_a_link(book, post):
    """Plain text, one link whose secret stands after the #, no picture, no code that tells whether it was opened."""
    (who,) = hire(book, ["Board"])
    ask, claim = turn(who)
    assert send(book, post, ask.on, langs=("en", "fr", "vi")) == 1
    (_, message) = post.got[0]
    assert message.get_content_type() == "text/plain"
    text = message.get_payload(decode=True).decode()
    assert text.count("://") == 1
    address = urlsplit(next(line for line in text.splitlines() if "://" in line))
    assert (address.path, address.query) == ("/pulse", "")
    assert unquote(address.fragment) == f"{claim}~~"
    assert who not in message.as_string()
    assert {"Return-Receipt-To", "Disposition-Notification-To", "List-Unsubscribe"}.isdisjoint(message.keys())


def test_that_a_link_was_sent_is_kept_of_no_person(book, post):
    """The book keeps that a day's links went out, and to whom nowhere."""
    (who,) = hire(book, ["Board"])
    ask, _ = turn(who)
    before = {t.name: rows(book, t) for t in all_tables().tables.values()}
    send(book, post, ask.on)
    after = {t.name: rows(book, t) for t in all_tables().tables.values()}
    assert after.pop("pulse_sent") == [{"day": ask.on}]
    before.pop("pulse_sent")
    assert after == before


def test_a_mail_server_that_is_away_is_named(book, post):
    """If no letter can be handed over the failure names the server and no address, and the day does not count as sent."""
    (who,) = hire(book, ["Board"])
    ask, _ = turn(who)
    away = Relay(host="127.0.0.1", port=9, sender="pulse@lanterne.example", safety="none")
    with pytest.raises(OutputError, match="takes no letters") as failed:
        mail.send_turns(book, away, secret=SECRET, origin=ORIGIN, today=ask.on)
    assert "person0" not in str(failed.value)
    assert send(book, post, ask.on) == 1
    assert send(book, post, ask.on + timedelta(days=1)) == 0


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"SMTP_HOST": "mail.lanterne.example"},
        {"SMTP_HOST": "mail.lanterne.example", "SMTP_SENDER": "nobody"},
        {"SMTP_HOST": "mail.lanterne.example", "SMTP_SENDER": "a@b", "SMTP_SAFETY": "none"},
        {"SMTP_HOST": "127.0.0.1", "SMTP_SENDER": "a@b", "SMTP_SAFETY": "perhaps"},
        {"SMTP_HOST": "127.0.0.1", "SMTP_SENDER": "a@b", "SMTP_PORT": "mail"},
    ],
)
def test_links_never_travel_in_the_open(given):
    """Without a mail server, or with one that would send the links through the network unencrypted, nothing is sent."""
    with pytest.raises(InputError, match="GROUNDSWELL_SMTP"):
        mail.relay_from({f"GROUNDSWELL_{name}": value for name, value in given.items()})


def test_the_relay_comes_from_the_environment(tmp_path):
    """Host, sender and safety are variables; a password may stand in a file, and is never shown."""
    (tmp_path / "password").write_text("an invented one\n")
    relay = mail.relay_from(
        {
            "GROUNDSWELL_SMTP_HOST": "mail.lanterne.example",
            "GROUNDSWELL_SMTP_SENDER": "pulse@lanterne.example",
            "GROUNDSWELL_SMTP_LOGIN": "pulse",
            "GROUNDSWELL_SMTP_PASSWORD_FILE": str(tmp_path / "password"),
        }
    )
    assert (relay.port, relay.safety, relay.password) == (587, "starttls", "an invented one")
    assert "invented" not in repr(relay)
