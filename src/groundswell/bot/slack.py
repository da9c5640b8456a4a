"""Slack: `/tried`, one's own message kept, one tap a quarter, and a link to the pulse; whoever is not linked is told how."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from groundswell.bot import views
from groundswell.languages.load import codes
from groundswell.model.phrase import Phrase, say
from groundswell.selfreport import chat, logbook, mail, practice
from groundswell.selfreport.accounts import Member
from groundswell.selfreport.base import reading, writing
from groundswell.selfreport.declined import Declined
from groundswell.selfreport.settings import Settings

if TYPE_CHECKING:
    from slack_bolt import Ack, App
    from slack_sdk import WebClient

KIND = "slack"
SHORTCUT = "tried_message"
"""Callback of the message shortcut, as the app's manifest names it."""

NOT_LINKED = say("Groundswell does not know you here yet. Open {origin}/chat and follow the one step there.")
LINKED = say("Linked. /tried opens the form.")
NO_CODE = say("This code links nothing any more. Take a new one.")
TOLD = say("Told. You can change it at {link}.")
CODE = say("Told, without your name. This code changes or erases it, and is shown once: {code}")
ONLY_OWN = say("Only a message of your own can be kept.")
KEPT = say("Kept, for you alone. Finish it, or show it to others, at {link}.")
THANKS = say("Thank you. Nobody sees who tapped what.")


@dataclass(frozen=True)
class Place:
    """What the bot works on.

    Attributes:
        book: the open book.
        settings: of the server.
        clock: gives the moment, UTC.
    """

    book: Engine
    settings: Settings
    clock: Callable[[], datetime]

    def member(self, workspace: str, user: str) -> Member | None:
        """Whoever a Slack account is linked to."""
        with reading(self.book) as connection:
            return chat.member_at(connection, chat.place_of(KIND, workspace, user))


def slack_app(place: Place, *, client: "WebClient", signing_secret: str) -> "App":
    """The Bolt app; Bolt itself refuses what Slack did not sign, or signed more than five minutes ago.

    Args:
        place: what it works on.
        client: of Slack's Web API, with the bot's token.
        signing_secret: shared with Slack; not needed for socket mode, where there is nothing to sign.
    """
    from slack_bolt import App

    app = App(
        client=client,
        signing_secret=signing_secret or None,
        request_verification_enabled=bool(signing_secret),
        token_verification_enabled=False,
        process_before_response=True,
    )

    @app.command("/tried")
    def tried(ack: "Ack", command: dict[str, Any], client: "WebClient") -> None:
        ack()
        _command(place, client, command)

    @app.view(views.CALLBACK)
    def submitted(ack: "Ack", body: dict[str, Any], view: dict[str, Any]) -> None:
        ack(**_submitted(place, body, view))

    @app.shortcut(SHORTCUT)
    def kept(ack: "Ack", shortcut: dict[str, Any], client: "WebClient") -> None:
        ack()
        _kept(place, client, shortcut)

    @app.action(f"{views.STILL}_yes")
    @app.action(f"{views.STILL}_no")
    def tapped(ack: "Ack", body: dict[str, Any], client: "WebClient") -> None:
        ack()
        _tapped(place, client, body)

    return app


def send_pulse(place: Place, client: "WebClient") -> int:
    """Send today's links to whoever is linked here; a message carries a line and the link, and never a question.

    Returns:
        How many were sent.
    """
    with reading(place.book) as connection:
        where = {account: at for at, account in chat.places(connection, KIND)}
        today = place.clock().date()
        due = list(mail.turns(connection, secret=place.settings.secret, origin=place.settings.origin, today=today))
    found = [(where[turn.account].rpartition(":")[2], turn.link) for turn in due if turn.account in where]
    for user, link in found:
        text = f"{views.said(_language(client, user), mail.SUBJECT)}\n{link}"
        client.chat_postMessage(channel=user, text=text, unfurl_links=False, unfurl_media=False)
    return len(found)


def send_taps(place: Place, client: "WebClient") -> int:
    """Ask whoever is linked here, once a quarter, about what they said they use; how many messages there were."""
    sent = 0
    with reading(place.book) as connection:
        for at, _ in chat.places(connection, KIND):
            who, user = chat.member_at(connection, at), at.rpartition(":")[2]
            entries = practice.to_ask(connection, who, now=place.clock()) if who else []
            for entry in entries:
                lang = _language(client, user)
                client.chat_postMessage(channel=user, text="Groundswell", blocks=views.still(lang, entry))
                sent += 1
    return sent


def _command(place: Place, client: "WebClient", command: dict[str, Any]) -> None:
    workspace, user, text = command["team_id"], command["user_id"], command.get("text", "").strip()
    lang = _language(client, user)
    word, _, code = text.partition(" ")
    if word == "link":
        with writing(place.book) as connection:
            where = chat.place_of(KIND, workspace, user)
            linked = chat.link(connection, where, code, secret=place.settings.secret, now=place.clock())
        _open(client, command, views.note(lang, LINKED if linked else NO_CODE))
    elif place.member(workspace, user) is None:
        _open(client, command, views.note(lang, with_values(NOT_LINKED, origin=place.settings.origin)))
    else:
        _open(client, command, views.form(lang, title=text))


def _submitted(place: Place, body: dict[str, Any], view: dict[str, Any]) -> dict[str, Any]:
    """What to answer a filled-in form: its errors beside the fields, or where the entry is."""
    lang = view.get("private_metadata") or "en"
    who = place.member(body["team"]["id"], body["user"]["id"])
    if who is None:
        note = views.note(lang, with_values(NOT_LINKED, origin=place.settings.origin))
        return {"response_action": "update", "view": note}
    told = views.told(view["state"]["values"])
    try:
        with writing(place.book) as connection:
            number, code = logbook.tell(connection, told, who, now=place.clock())
            if not code:
                practice.keep_asking(connection, number, told.outcome, who, now=place.clock())
    except Declined as error:
        return {"response_action": "errors", "errors": {"title": views.said(lang, error.why)}}
    link = f"{place.settings.origin}/logbook/{number}"
    return {
        "response_action": "update",
        "view": views.note(lang, with_values(CODE, code=code) if code else with_values(TOLD, link=link)),
    }


def _kept(place: Place, client: "WebClient", shortcut: dict[str, Any]) -> None:
    workspace, user, message = shortcut["team"]["id"], shortcut["user"]["id"], shortcut["message"]
    lang, who = _language(client, user), place.member(workspace, user)
    if who is None:
        text = with_values(NOT_LINKED, origin=place.settings.origin)
    elif message.get("user") != user:
        text = ONLY_OWN
    else:
        channel, ts = shortcut["channel"]["id"], message["ts"]
        link = str(client.chat_getPermalink(channel=channel, message_ts=ts).get("permalink", ""))
        with writing(place.book) as connection:
            number = logbook.draft(connection, who, text=message.get("text", ""), link=link, now=place.clock())
        text = with_values(KEPT, link=f"{place.settings.origin}/logbook/{number}/edit")
    _open(client, shortcut, views.note(lang, text))


def _tapped(place: Place, client: "WebClient", body: dict[str, Any]) -> None:
    user, (action,) = body["user"]["id"], body["actions"]
    lang, who = _language(client, user), place.member(body["team"]["id"], user)
    if who is None:
        return
    try:
        with writing(place.book) as connection:
            practice.answer(connection, action["value"], who, still=action["action_id"].endswith("_yes"), now=place.clock())
    except LookupError:
        return
    where = body["container"]
    blocks = [views.section(lang, THANKS)]
    client.chat_update(channel=where["channel_id"], ts=where["message_ts"], text=views.said(lang, THANKS), blocks=blocks)


def _open(client: "WebClient", asked: dict[str, Any], view: views.Block) -> None:
    client.views_open(trigger_id=asked["trigger_id"], view=view)


def _language(client: "WebClient", user: str) -> str:
    """The language somebody reads Slack in, if there is one here; else English."""
    told = client.users_info(user=user, include_locale=True)
    code = str((told.get("user") or {}).get("locale", ""))[:2].lower()
    return code if code in codes() else "en"


def with_values(phrase: Phrase, **values: str) -> Phrase:
    """A sentence whose places are filled."""
    return Phrase(phrase.text, values)
