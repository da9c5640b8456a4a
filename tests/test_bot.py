"""The bot: what Slack or Mattermost did not send is refused, only one's own messages are kept, links and taps come alone."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from urllib.parse import unquote, urlencode, urlsplit

import pytest
from slack_sdk import WebClient
from starlette.testclient import TestClient

from groundswell.bot import views
from groundswell.bot.server import bot_server
from groundswell.bot.slack import SHORTCUT, Place, send_pulse, send_taps, slack_app
from groundswell.languages.load import codes
from groundswell.selfreport import chat, practice
from groundswell.selfreport.asking import ask_of, read_claim
from groundswell.selfreport.base import open_book, writing
from groundswell.selfreport.chat import CHAT_LINKS, code_for
from groundswell.selfreport.entry import ENTRIES
from groundswell.selfreport.settings import Settings
from pulse_people import SECRET, hire, rows
from slack_standin import SIGNING, TOKEN, Slack, signed, wrong_blocks, wrong_view

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ORIGIN = "https://groundswell.lanterne.example"
MATTERMOST = "an invented command token"


@pytest.fixture
def slack():
    standin = Slack()
    yield standin
    standin.close()


@pytest.fixture
def place(tmp_path):
    settings = Settings(folder=tmp_path, database=f"sqlite:///{tmp_path / 'book'}", origin=ORIGIN, secret=SECRET)
    made = Place(open_book(settings.database), settings, lambda: NOW)
    yield made
    made.book.dispose()


@pytest.fixture
def door(place, slack):
    """The bot's server, with the stand-in behind it."""
    client = WebClient(token=TOKEN, base_url=slack.url)
    app = slack_app(place, client=client, signing_secret=SIGNING)
    return TestClient(bot_server(place, slack=app, mattermost_token=MATTERMOST))


def slash(text="", user="U1", **more):
    told = {"command": "/tried", "team_id": "T1", "user_id": user, "text": text, "trigger_id": "1.2.3", "channel_id": "C1"}
    return urlencode({**told, **more})


def post(door, body, **more):
    return door.post("/slack/events", content=body, headers={**signed(body), **more})


def interaction(**told):
    return urlencode({"payload": json.dumps({"team": {"id": "T1"}, "user": {"id": "U1"}, "trigger_id": "1.2.3", **told})})


def linked(place, user="U1"):
    """Somebody who typed their code in Slack."""
    (who,) = hire(place.book, ["Support"])
    with writing(place.book) as connection:
        assert chat.link(connection, f"slack:T1:{user}", code_for(SECRET, who, now=NOW), secret=SECRET, now=NOW)
    return who


@pytest.mark.parametrize(
    "headers",
    [
        {"x-slack-signature": "v0=" + "0" * 64},
        {"x-slack-signature": ""},
        signed(slash(), secret="another secret"),  # noqa: S106 - an invented one
        signed(slash(), at=time.time() - 600),
        signed(slash("another text")),
    ],
)
def test_what_slack_did_not_sign_is_refused(door, slack, headers):
    """A request without Slack's signature, with another's, an old one or one of another body is refused, and does nothing."""
    assert post(door, slash(), **headers).status_code == 401
    assert slack.calls == []


def test_tried_opens_the_form(door, slack, place):
    """`/tried` opens the half-minute form, with what was typed behind it as the job, in the language Slack is read in."""
    linked(place)
    assert post(door, slash("copying tickets")).status_code == 200
    slack.locale = "fr-FR"
    assert post(door, slash()).status_code == 200
    first, second = (told["view"] for method, told in slack.calls if method == "views.open")
    assert first["blocks"][0]["element"]["initial_value"] == "copying tickets"
    assert first["title"]["text"] != second["title"]["text"]
    assert second["private_metadata"] == "fr"


def test_whoever_is_not_linked_is_told_how(door, slack, place):
    """Somebody unknown gets one sentence with the address of the one step, and no form."""
    assert post(door, slash()).status_code == 200
    (view,) = (told["view"] for method, told in slack.calls if method == "views.open")
    assert f"{ORIGIN}/chat" in view["blocks"][0]["text"]["text"]
    assert len(view["blocks"]) == 1


def test_a_code_links_once_signed_in(door, place):
    """The code from one's own page links this chat account to it; a forged, foreign or old code links nothing."""
    one, other = hire(place.book, ["Support", "Sales"])
    good = code_for(SECRET, one, now=NOW)
    for code in (
        "",
        "rubbish",
        good.replace(one, other),
        code_for(SECRET, one, now=NOW - timedelta(hours=1)),
        code_for(b"x", one, now=NOW),
    ):
        post(door, slash(f"link {code}"))
        assert rows(place.book, CHAT_LINKS) == []
    post(door, slash(f"link {good}"))
    assert rows(place.book, CHAT_LINKS) == [{"place": "slack:T1:U1", "account": one}]


def state(**said):
    chosen = {"job": "support", "outcome": "kept", "visible": "everyone", **said}
    picked = {"job", "outcome", "visible"}
    return {
        name: {name: {"selected_option": {"value": value}} if name in picked else {"value": value}}
        for name, value in chosen.items()
    }


def submitted(**said):
    view = {"type": "modal", "callback_id": views.CALLBACK, "private_metadata": "en", "state": {"values": state(**said)}}
    return interaction(type="view_submission", view=view)


def test_a_filled_in_form_is_an_entry(door, place):
    """What the form says stands in the logbook under its author's account, and the answer leads there."""
    who = linked(place)
    answer = post(door, submitted(title="Copying tickets", tool="Claude", tried="A prompt", learned=None)).json()
    (entry,) = rows(place.book, ENTRIES)
    assert (entry["account"], entry["title"], entry["tool_key"], entry["outcome"]) == (who, "Copying tickets", "claude", "kept")
    assert entry["learned"] == ""
    assert f"{ORIGIN}/logbook/{entry['id']}" in json.dumps(answer)
    assert wrong_view(answer["view"]) == ""


def test_an_entry_without_a_name_gives_its_code_once(door, place):
    """Without a name the entry has no account, and the answer, to its author alone, carries the code that changes it."""
    who = linked(place)
    answer = post(door, submitted(title="Copying tickets", tool="Claude", visible="nameless")).json()
    (entry,) = rows(place.book, ENTRIES)
    assert entry["account"] is None
    assert who not in repr(entry)
    assert "code changes or erases it" in json.dumps(answer)


def test_what_cannot_be_told_is_said_beside_the_field(door, place):
    """A form without a tool comes back with a sentence, and nothing is kept; so does one from somebody unknown."""
    linked(place)
    answer = post(door, submitted(title="Copying tickets", tool=" ")).json()
    assert answer["response_action"] == "errors"
    with writing(place.book) as connection:
        chat.unlink(connection, "slack:T1:U1")
    assert post(door, submitted(title="Copying tickets", tool="Claude")).json()["response_action"] == "update"
    assert rows(place.book, ENTRIES) == []


@pytest.mark.parametrize(("author", "kept"), [("U1", 1), ("U2", 0)])
def test_only_ones_own_message_is_kept(door, slack, place, author, kept):
    """The shortcut keeps a message as a draft only its author sees, with a link to it; another's message is never kept."""
    linked(place)
    message = {"type": "message", "user": author, "ts": "1772442000.000100", "text": "I let Claude fill the form."}
    body = interaction(type="message_action", callback_id=SHORTCUT, channel={"id": "C1"}, message=message)
    assert post(door, body).status_code == 200
    found = rows(place.book, ENTRIES)
    assert len(found) == kept
    for entry in found:
        assert (entry["visible"], entry["tried"]) == ("me", message["text"])
        assert entry["link"].startswith("https://lanterne.slack.com/archives/C1/")
    (view,) = (told["view"] for method, told in slack.calls if method == "views.open")
    assert ("of your own" in view["blocks"][0]["text"]["text"]) == (not kept)


def test_the_pulse_comes_as_a_link_alone(slack, place):
    """On their day a linked person gets one message: a line, and their link, whose right stands after the #."""
    who = linked(place)
    ask = ask_of(SECRET, who, "2026-Q1")
    on_the_day = Place(place.book, place.settings, lambda: datetime.combine(ask.on, clock_time(9), UTC))
    client = WebClient(token=TOKEN, base_url=slack.url)
    assert send_pulse(on_the_day, client) == 1
    ((_, told),) = [call for call in slack.calls if call[0] == "chat.postMessage"]
    assert told["channel"] == "U1"
    assert "blocks" not in told
    line, link = told["text"].splitlines()
    assert "://" not in line
    parts = urlsplit(link)
    assert (parts.path, parts.query) == ("/pulse", "")
    assert read_claim(SECRET, unquote(parts.fragment).split("~")[0])[0] == ask
    day_before = Place(place.book, place.settings, lambda: datetime.combine(ask.on - timedelta(days=1), clock_time(9), UTC))
    assert send_pulse(day_before, client) == 0


def test_one_tap_a_quarter(door, slack, place):
    """A quarter later a user is asked with two buttons; the tap is written down as theirs, the message becomes a thank-you."""
    who = linked(place)
    post(door, submitted(title="Copying tickets", tool="Claude"))
    (entry,) = rows(place.book, ENTRIES)
    client = WebClient(token=TOKEN, base_url=slack.url)
    later = Place(place.book, place.settings, lambda: NOW + timedelta(days=92))
    assert send_taps(place, client) == 0
    assert send_taps(later, client) == 1
    ((_, told),) = [call for call in slack.calls if call[0] == "chat.postMessage"]
    buttons = told["blocks"][1]["elements"]
    assert {b["action_id"] for b in buttons} == {"still_yes", "still_no"}
    tap = {
        "type": "block_actions",
        "actions": [{"type": "button", "action_id": "still_no", "block_id": "b", "value": entry["id"]}],
    }
    container = {"type": "message", "channel_id": "D1", "message_ts": "1.2"}
    assert post(door, interaction(**tap, container=container)).status_code == 200
    assert [m for m, _ in slack.calls][-1] == "chat.update"
    ((account, still),) = [(row["account"], row["still"]) for row in rows(place.book, practice.USES)]
    assert (account, still) == (who, False)
    other = interaction(**tap, container=container).replace("U1", "U9")
    assert post(door, other).status_code == 200


@pytest.mark.parametrize("lang", codes())
def test_what_is_shown_is_within_slacks_limits(lang):
    """In every language the form and its notes keep to the lengths and kinds Slack takes."""
    assert wrong_view(views.form(lang, title="x" * 500)) == ""
    assert wrong_view(views.note(lang, views.say("Close"))) == ""
    told = views.told(state(title="t", tool="x", visible="rubbish", outcome="rubbish", job="rubbish"))
    assert (told.visible, told.outcome, told.job) == ("me", "open", "unknown")
    assert wrong_blocks([]) == "blocks"


def test_socket_mode(slack, place):
    """Over a socket, where there is nothing to sign, a command is acknowledged and opens the form all the same."""
    from slack_bolt.adapter.socket_mode import SocketModeHandler

    linked(place)
    client = WebClient(token=TOKEN, base_url=slack.url)
    app = slack_app(place, client=client, signing_secret="")
    handler = SocketModeHandler(app, "xapp-invented", web_client=WebClient(base_url=slack.url), trace_enabled=False)
    payload = dict(pair.split("=") for pair in slash().split("&"))
    speaking = threading.Thread(
        target=slack.speak, args=({"type": "slash_commands", "envelope_id": "e1", "payload": {**payload, "command": "/tried"}},)
    )
    speaking.start()
    handler.connect()
    speaking.join(timeout=30)
    handler.close()
    assert [ack["envelope_id"] for ack in slack.acks] == ["e1"]
    until = time.monotonic() + 10
    while not any(method == "views.open" for method, _ in slack.calls) and time.monotonic() < until:
        time.sleep(0.05)
    assert any(method == "views.open" for method, _ in slack.calls)


def hook(door, text="", token=MATTERMOST, header="", user="u1"):
    told = {"token": token, "team_domain": "lanterne", "user_id": user, "user_name": "ada", "command": "/tried", "text": text}
    return door.post("/mattermost", data=told, headers={"authorization": header} if header else {})


@pytest.mark.parametrize(("token", "header"), [("", ""), ("another", ""), (MATTERMOST, "Token another"), ("é", "")])
def test_what_mattermost_did_not_send_is_refused(door, place, token, header):
    """Without the command's token, or with another's, nothing is answered and nothing done."""
    assert hook(door, "a story", token=token, header=header).status_code == 401
    assert rows(place.book, ENTRIES) == []


def test_mattermost_keeps_and_links(door, place):
    """Linked by a code, a typed story is kept for its author alone; without words the form's address is the answer."""
    (who,) = hire(place.book, ["Support"])
    assert f"{ORIGIN}/chat" in hook(door, "a story").json()["text"]
    hook(door, f"link {code_for(SECRET, who, now=NOW)}")
    answers = [
        hook(door, "I let Claude fill the form.", token="", header=f"Token {MATTERMOST}").json(),
        hook(door).json(),
        hook(door, "pulse").json(),
    ]
    assert {answer["response_type"] for answer in answers} == {"ephemeral"}
    (entry,) = rows(place.book, ENTRIES)
    assert (entry["account"], entry["visible"]) == (who, "me")
    assert entry["id"] in answers[0]["text"]
    assert f"{ORIGIN}/logbook/new" in answers[1]["text"]
    ask = ask_of(SECRET, who, "2026-Q1")
    assert ("/pulse#" in answers[2]["text"]) == ask.open_on(NOW.date())


def test_a_door_without_its_secret_is_not_there(place):
    """A server without tokens answers nobody: an empty token is no proof."""
    shut = TestClient(bot_server(place))
    assert shut.post("/slack/events", content="x").status_code == 404
    assert shut.post("/mattermost", data={"token": ""}).status_code == 401
