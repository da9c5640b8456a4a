"""Starts the bot as the environment says: Slack by socket or by HTTP, Mattermost by HTTP; or sends what is due and ends."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from groundswell.bot.slack import Place, send_pulse, send_taps, slack_app
from groundswell.errors import InputError
from groundswell.selfreport.base import open_book
from groundswell.selfreport.settings import from_environment, one

if TYPE_CHECKING:
    from slack_sdk import WebClient


def place_from(environment: Mapping[str, str]) -> Place:
    """What the bot works on: the book the server works on."""
    settings = from_environment(environment)
    return Place(open_book(settings.database, upgrade=False), settings, lambda: datetime.now(UTC))


def send(environment: Mapping[str, str], what: str) -> int:
    """Send what is due to whoever is linked in Slack; how many messages there were.

    Args:
        environment: variables.
        what: "pulse" or "taps".

    Raises:
        InputError: no token is set.
    """
    place, client = place_from(environment), _client(environment)
    return send_pulse(place, client) if what == "pulse" else send_taps(place, client)


def serve(environment: Mapping[str, str], *, host: str, port: int, log_config: Mapping[str, Any]) -> None:
    """Serve until it is ended.

    Raises:
        InputError: nothing is set that could be served.
    """
    place = place_from(environment)
    signing, app_token = one(environment, "SLACK_SIGNING_SECRET"), one(environment, "SLACK_APP_TOKEN")
    mattermost = one(environment, "MATTERMOST_TOKEN")
    if not (signing or app_token or mattermost):
        raise InputError(
            "GROUNDSWELL_SLACK_SIGNING_SECRET",
            "no chat is set",
            expected="it, or GROUNDSWELL_SLACK_APP_TOKEN, or GROUNDSWELL_MATTERMOST_TOKEN",
        )
    slack = slack_app(place, client=_client(environment), signing_secret=signing) if signing or app_token else None
    if slack is not None and app_token:
        from slack_bolt.adapter.socket_mode import SocketModeHandler

        SocketModeHandler(slack, app_token).connect()  # type: ignore[no-untyped-call]  # the library types it not
    import uvicorn

    from groundswell.bot.server import bot_server

    served = bot_server(place, slack=slack if signing else None, mattermost_token=mattermost)
    uvicorn.run(served, host=host, port=port, access_log=False, server_header=False, log_config=dict(log_config))


def _client(environment: Mapping[str, str]) -> "WebClient":
    from slack_sdk import WebClient

    token = one(environment, "SLACK_TOKEN")
    if not token:
        raise InputError("GROUNDSWELL_SLACK_TOKEN", "it is not set", expected="the bot's token, beginning with xoxb-")
    return WebClient(token=token)
