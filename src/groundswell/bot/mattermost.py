"""Mattermost: one slash command as a plain webhook, answered to its sender alone."""

import hmac
from collections.abc import Mapping

from groundswell.bot.slack import LINKED, NO_CODE, NOT_LINKED, Place, with_values
from groundswell.model.phrase import Phrase, say
from groundswell.report.words import words
from groundswell.selfreport import chat, logbook, mail
from groundswell.selfreport.base import reading, writing

KIND = "mattermost"

FORM = say("Tell it in half a minute: {link}")
KEPT = say("Kept, for you alone. Finish it, or show it to others, at {link}.")
NO_TURN = say("It is not your turn today. Everyone is asked once a quarter, on a day drawn at random.")


def allowed(told: Mapping[str, str], *, token: str, header: str = "") -> bool:
    """Whether Mattermost sent this: it proves itself by the token it was given for this command, in a header or in the form.

    Args:
        told: the form.
        token: of the command; "" answers nobody.
        header: of the request's Authorization.
    """
    given = header.removeprefix("Token ").strip() or told.get("token", "")
    return bool(token) and hmac.compare_digest(given.encode(), token.encode())


def answer(place: Place, told: Mapping[str, str], *, lang: str = "en") -> dict[str, str]:
    """What to answer a slash command: nothing, a story, "link CODE" or "pulse".

    Args:
        place: what it works on.
        told: the form: team_id, user_id, text.
        lang: of the answer; Mattermost does not say in which language somebody reads it.
    """
    where = chat.place_of(KIND, told.get("team_domain", ""), told.get("user_id", ""))
    text = told.get("text", "").strip()
    word, _, rest = text.partition(" ")
    if word == "link":
        with writing(place.book) as connection:
            linked = chat.link(connection, where, rest, secret=place.settings.secret, now=place.clock())
        return _only_you(lang, LINKED if linked else NO_CODE)
    with reading(place.book) as connection:
        who = chat.member_at(connection, where)
    if who is None:
        return _only_you(lang, with_values(NOT_LINKED, origin=place.settings.origin))
    if text == "pulse":
        today, settings = place.clock().date(), place.settings
        with reading(place.book) as connection:
            link = mail.link_of(connection, who, secret=settings.secret, origin=settings.origin, today=today)
        return {"response_type": "ephemeral", "text": link} if link else _only_you(lang, NO_TURN)
    if not text:
        return _only_you(lang, with_values(FORM, link=f"{place.settings.origin}/logbook/new"))
    with writing(place.book) as connection:
        number = logbook.draft(connection, who, text=text, link="", now=place.clock())
    return _only_you(lang, with_values(KEPT, link=f"{place.settings.origin}/logbook/{number}/edit"))


def _only_you(lang: str, phrase: Phrase) -> dict[str, str]:
    return {"response_type": "ephemeral", "text": words(lang).say(phrase)}
