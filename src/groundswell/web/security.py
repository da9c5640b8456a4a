"""What stands around every door: who may post, how often, how much, and what a browser may do with an answer."""

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, HTTPException, Request, Response
from sqlalchemy import Engine

from groundswell.selfreport import sessions
from groundswell.selfreport.base import writing
from groundswell.selfreport.settings import Settings

BODY_BYTES = 256 * 1024
"""Longest body of a request: a form with one attachment."""

FIELD = "csrf"
"""Name of the hidden field every form carries."""

HEALTH = "/health"
"""Where a proxy asks whether we are well, under whatever name."""

HEADER = "x-csrf-token"
"""Name of the header a script sends instead."""

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
"""What a page of ours may load and do: nothing from elsewhere, nothing written inside the page."""

HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",  # not no-referrer, under which browsers hide the origin of a form that we check
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), publickey-credentials-get=(self)",
    "cache-control": "no-store",
    "x-frame-options": "DENY",
}

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class Guard:
    """The outermost layer: checks the host, the length of a body and the pace, and puts the security headers on every answer."""

    def __init__(self, app: App, *, settings: Settings, failed: Callable[[Request], Response]) -> None:
        self._app = app
        self._failed = failed
        self._settings = settings
        self._pace = Pace(settings.reads_a_minute)
        more = {"strict-transport-security": "max-age=63072000; includeSubDomains"} if settings.secure else {}
        self._headers = [(k.encode(), v.encode()) for k, v in {**HEADERS, **more}.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        wrong = self._refusal(scope)
        if wrong:
            await _short(self._dressed(send), *wrong)
            return
        taken = 0

        async def limited() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > BODY_BYTES:
                raise HTTPException(413)
            return message

        await self._answered(scope, limited, self._dressed(send))

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on; a failure becomes a page that says nothing of it, and goes on to the server's log of kinds and places."""
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception:
            if not started:
                await self._failed(Request(scope))(scope, receive, send)
            raise

    def _refusal(self, scope: Scope) -> tuple[int, str] | None:
        headers = dict(scope["headers"])
        asked = headers.get(b"host", b"").decode("latin1").rpartition("@")[2]
        if asked not in self._hosts(scope) and scope["path"] != HEALTH:  # a proxy that looks after us asks by our number
            return 400, "This server does not go by that name."
        length = headers.get(b"content-length", b"0")
        if not length.isdigit() or int(length) > BODY_BYTES:
            return 413, "That is more than this server takes at once."
        if not self._pace.allows((scope.get("client") or ("",))[0], headers.get(b"cookie", b"")):
            return 429, "Too many requests. Wait a minute."
        return None

    def _hosts(self, scope: Scope) -> set[str]:
        """Names it answers to: its own, and the loopback ones where it is asked from the machine itself."""
        port = (scope.get("server") or ("", 0))[1]
        own = self._settings.origin.partition("://")[2]
        return {own} if self._settings.secure else {own, f"127.0.0.1:{port}", f"localhost:{port}"}

    def _dressed(self, send: Send) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = list(message.get("headers", []))
                there = {name.lower() for name, _ in given}
                message["headers"] = given + [pair for pair in self._headers if pair[0] not in there]
            await send(message)

        return dressed


class Pace:
    """Counts the requests of each visitor in this minute, in memory and for this worker alone; forgets them after it.

    A visitor is a cookie, and an address of the network has room for an office full of them.
    """

    AN_OFFICE = 50
    """Visitors behind one address."""

    MOST_VISITORS = 20_000
    """Beyond so many at once the earliest are forgotten: memory stays bounded under attack."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = -1
        self._seen: OrderedDict[bytes, int] = OrderedDict()

    def allows(self, address: str, cookie: bytes) -> bool:
        """Count one request; False if it is one too many."""
        from time import monotonic

        minute = int(monotonic() // 60)
        if minute != self._minute:
            self._minute = minute
            self._seen.clear()
        office = self._count(b"a" + address.encode()) <= self._most * self.AN_OFFICE
        # Without a cookie the address is all there is to go by; with one that was made up, the office's limit still holds.
        own = self._count(b"c" + hashlib.sha256(cookie or address.encode()).digest()) <= self._most
        return office and own

    def _count(self, key: bytes) -> int:
        n = self._seen.get(key, 0) + 1
        self._seen[key] = n
        if len(self._seen) > self.MOST_VISITORS:
            self._seen.popitem(last=False)
        return n


def csrf_token(settings: Settings, cookie: str) -> str:
    """The token that belongs to a cookie: whoever cannot read the cookie cannot make it."""
    return signed(settings, "csrf", cookie)


def signed(settings: Settings, *parts: str) -> str:
    """A keyed hash of some words with this server's secret, as text."""
    return hmac.new(settings.secret, "\0".join(parts).encode(), hashlib.sha256).hexdigest()


async def own_form(request: Request) -> None:
    """Refuse whatever changes something and was not sent from a page of ours: an other origin, or a missing or foreign token.

    Raises:
        HTTPException: 403.
    """
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    settings: Settings = request.app.state.settings
    origin = request.headers.get("origin")
    if origin is not None and origin != settings.origin and origin.partition("://")[2] != request.headers.get("host"):
        raise HTTPException(403)
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise HTTPException(403)
    cookies = [request.cookies.get(name) for name in (session_cookie(settings), visit_cookie(settings))]
    given = request.headers.get(HEADER) or str((await request.form()).get(FIELD, ""))
    known = [csrf_token(settings, cookie) for cookie in cookies if cookie]
    if not any(hmac.compare_digest(given.encode(), token.encode()) for token in known):
        raise HTTPException(403)


def session_cookie(settings: Settings) -> str:
    """Name of the session's cookie; the prefix binds it to this host and to encryption."""
    return "__Host-session" if settings.secure else "session"


def visit_cookie(settings: Settings) -> str:
    """Name of the cookie of somebody who has not signed in yet."""
    return "__Host-visit" if settings.secure else "visit"


def limit(door: str, *, most: int, seconds: int) -> Any:
    """A dependency that lets one address of the network try a door only so often, over all workers; HTTPException 429 beyond.

    Args:
        door: its name.
        most: tries in a window.
        seconds: length of a window.
    """

    def limited(request: Request) -> None:
        who = request.client.host if request.client else ""
        if not allowed(request, door, who, most=most, seconds=seconds):
            raise HTTPException(429, headers={"retry-after": str(seconds)})

    return Depends(limited)


def pace(door: str, *, most: int, seconds: int) -> Any:
    """The same for a door that only members come to: each session by itself, since a whole company may share one address.

    Args:
        door: its name.
        most: tries in a window.
        seconds: length of a window.
    """

    def paced(request: Request) -> None:
        who = request.cookies.get(session_cookie(request.app.state.settings), "")
        if not allowed(request, door, who, most=most, seconds=seconds):
            raise HTTPException(429, headers={"retry-after": str(seconds)})

    return Depends(paced)


def allowed(request: Request, door: str, who: str, *, most: int, seconds: int) -> bool:
    """Count one try of somebody at a door, over all workers; False if it is one too many.

    What is kept is a keyed hash for one window: not who it was.
    """
    settings: Settings = request.app.state.settings
    now: datetime = request.app.state.clock()
    with writing(request.app.state.book) as connection:
        return sessions.tried(connection, signed(settings, "try", door, who)[:32], most=most, seconds=seconds, now=now)


async def _short(send: Send, status: int, words: str) -> None:
    body = words.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def book_of(request: Request) -> Engine:
    """The book; a coroutine only so that no thread is needed to look it up."""
    engine: Engine = request.app.state.book
    return engine


async def now_of(request: Request) -> datetime:
    """The moment, UTC; tests set the clock."""
    now: datetime = request.app.state.clock()
    return now


async def settings_of(request: Request) -> Settings:
    """What this server was started with."""
    settings: Settings = request.app.state.settings
    return settings


Book = Annotated[Engine, Depends(book_of)]
Now = Annotated[datetime, Depends(now_of)]
Config = Annotated[Settings, Depends(settings_of)]
