"""Signing in with the company's own account, by OpenID Connect with PKCE."""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Engine

from groundswell.model.phrase import say
from groundswell.selfreport import accounts, sessions
from groundswell.selfreport.accounts import Role, new_secret
from groundswell.selfreport.base import writing
from groundswell.selfreport.settings import Oidc, Settings
from groundswell.web.identity import inside, remember
from groundswell.web.refusals import Refused
from groundswell.web.security import Book, Config, Now, limit, visit_cookie

if TYPE_CHECKING:
    from authlib.integrations.starlette_client import StarletteOAuth2App

DOOR = "open"
ROUTER = APIRouter()
TRIES = limit("provider", most=300, seconds=600)
MINUTES = 10
"""How long the provider's own page may take."""
BACK = "/sign-in/provider/back"
LONGEST_NAME = 80
FAILED = say("The sign-in did not come to its end. Begin again.")


@ROUTER.get("/sign-in/provider", response_class=RedirectResponse, status_code=303, dependencies=[TRIES])
async def go(
    request: Request, book: Book, now: Now, settings: Config, onward: Annotated[str, Query(max_length=2000)] = "/"
) -> Response:
    """Go to the provider, with a state, a nonce and a challenge of this browser's alone."""
    provider = _provider(request, settings)
    visit = request.cookies.get(visit_cookie(settings)) or new_secret()
    request.scope["session"] = {}
    try:
        response = await provider.authorize_redirect(request, settings.origin + BACK)
    except _failures() as error:
        raise Refused(400, say("The company's sign-in cannot be reached. Try again later.")) from error
    kept = json.dumps({"session": request.scope["session"], "onward": inside(onward)})
    with writing(book) as connection:
        sessions.keep(connection, f"provider {visit}", kept, minutes=MINUTES, now=now)
    response.set_cookie(visit_cookie(settings), visit, path="/", secure=settings.secure, httponly=True, samesite="lax")
    response.status_code = 303
    return response  # type: ignore[no-any-return]


@ROUTER.get(BACK, response_class=RedirectResponse, status_code=303, dependencies=[TRIES])
async def back(
    request: Request,
    book: Book,
    now: Now,
    settings: Config,
    state: Annotated[str, Query(max_length=500)] = "",
    code: Annotated[str, Query(max_length=4000)] = "",
) -> Response:
    """Come back from the provider; what does not belong to a sign-in this browser began is refused."""
    provider = _provider(request, settings)
    with writing(book) as connection:
        kept = sessions.take(connection, f"provider {request.cookies.get(visit_cookie(settings), '')}", now=now)
    begun: dict[str, Any] = json.loads(kept) if kept else {"session": {}, "onward": "/"}
    if not state or not code or not any(key.endswith(f"_{state}") for key in begun["session"]):
        raise Refused(400, FAILED)
    request.scope["session"] = begun["session"]
    issuer = _oidc(settings).issuer
    try:
        token = await provider.authorize_access_token(
            request, claims_options={"iss": {"essential": True, "values": [issuer, f"{issuer}/"]}}
        )
    except _failures() as error:
        raise Refused(400, FAILED) from error
    claims = token.get("userinfo")
    if not claims or not claims.get("sub"):
        raise Refused(400, FAILED)
    secret = _come_in(book, dict(claims), settings, now)
    response = RedirectResponse(begun["onward"], 303)
    remember(request, response, secret)
    return response


def _come_in(book: Engine, claims: dict[str, Any], settings: Settings, now: datetime) -> str:
    """Begin a session for whoever the provider vouches for."""
    oidc = _oidc(settings)
    address = str(claims.get("email") or "")
    verified = claims.get("email_verified") is True
    # An address nobody verified could be anybody's: it makes no steward, and joins no traces.
    named = {str(claims["sub"]).casefold(), *([accounts.folded(address)] if verified else [])}
    name = str(claims.get("name") or claims.get("preferred_username") or address or claims["sub"])
    with writing(book) as connection:
        account = accounts.from_provider(
            connection,
            issuer=oidc.issuer,
            subject=str(claims["sub"]),
            name=name[:LONGEST_NAME],
            address=address if claims.get("email_verified") is not False else "",
            unit=str(claims.get(oidc.unit_claim) or "")[:LONGEST_NAME] if oidc.unit_claim else "",
            role=Role.STEWARD if named & settings.stewards else Role.MEMBER,
            leads=bool(oidc.leads_claim) and claims.get(oidc.leads_claim) in (True, "true", 1),
            now=now,
        )
        return sessions.begin(connection, account, now=now)


def _provider(request: Request, settings: Settings) -> "StarletteOAuth2App":
    """The provider, made once a worker.

    Raises:
        HTTPException: 404 if there is none.
    """
    oidc = settings.oidc
    if oidc is None:
        raise HTTPException(404)
    if not hasattr(request.app.state, "provider"):
        from authlib.integrations.starlette_client import OAuth

        request.app.state.provider = OAuth().register(
            "provider",
            server_metadata_url=f"{oidc.issuer}/.well-known/openid-configuration",
            client_id=oidc.client,
            client_secret=oidc.secret or None,
            client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
        )
    return request.app.state.provider


def _oidc(settings: Settings) -> Oidc:
    if settings.oidc is None:
        raise HTTPException(404)
    return settings.oidc


def _failures() -> tuple[type[Exception], ...]:
    """What can go wrong between us and the provider: none of it is a failure of ours."""
    from authlib.common.errors import AuthlibBaseError
    from httpx2 import HTTPError
    from joserfc.errors import JoseError

    return (AuthlibBaseError, JoseError, HTTPError, ValueError, KeyError, RuntimeError)
