"""The bot's own doors: Slack's events and Mattermost's command, each refused unless it proves where it comes from."""

import asyncio
from typing import TYPE_CHECKING

from groundswell.bot import mattermost
from groundswell.bot.slack import Place

if TYPE_CHECKING:
    from slack_bolt import App
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

LARGEST = 256 * 1024
"""Bytes of a request; Slack's largest is a filled-in form."""


def bot_server(place: Place, *, slack: "App | None" = None, mattermost_token: str = "") -> "Starlette":
    """The two doors; one whose secret is not set is not there.

    Args:
        place: what the bot works on.
        slack: the Bolt app, for HTTP; None in socket mode, or without Slack.
        mattermost_token: of the slash command.
    """
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, PlainTextResponse
    from starlette.routing import Route

    async def events(request: "Request") -> "Response":
        from slack_bolt.adapter.starlette import SlackRequestHandler

        if slack is None or int(request.headers.get("content-length", "0") or 0) > LARGEST:
            return PlainTextResponse("", 404 if slack is None else 413)
        return await SlackRequestHandler(slack).handle(request)

    async def command(request: "Request") -> "Response":
        if int(request.headers.get("content-length", "0") or 0) > LARGEST:
            return PlainTextResponse("", 413)
        told = {name: str(value) for name, value in (await request.form()).items()}
        if not mattermost.allowed(told, token=mattermost_token, header=request.headers.get("authorization", "")):
            return PlainTextResponse("", 401)
        return JSONResponse(await asyncio.to_thread(mattermost.answer, place, told))

    return Starlette(routes=[Route("/slack/events", events, methods=["POST"]), Route("/mattermost", command, methods=["POST"])])
