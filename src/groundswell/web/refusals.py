"""What is said when a request is refused: one shape, as a page for people and as JSON for programs."""

from typing import Annotated, Any

from fastapi import FastAPI, Path, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException

from groundswell.model.phrase import Phrase, say
from groundswell.report.words import words
from groundswell.web.identity import SignInNeededError, sign_in_address
from groundswell.web.show import language_of, render

SAID: dict[int, Phrase] = {
    400: say("This request cannot be understood."),
    401: say("Sign in first."),
    403: say("This is not yours to do, or the page was too old: go back, load it again and try once more."),
    404: say("There is nothing here, or nothing you may see."),
    405: say("This cannot be done here."),
    409: say("This was done already, or something else came before it."),
    413: say("That is more than this server takes at once."),
    415: say("Only text can be attached."),
    422: say("Something in the form is missing or has another form than it needs."),
    429: say("That was too often. Wait a little, then try again."),
    500: say("Something failed on our side. What failed is noted without anything you wrote."),
}
"""Status -> the sentence."""

Number = Annotated[str, Path(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9_-]+$")]
"""A row's number in an address."""

_SHAPE = {
    "type": "object",
    "properties": {"status": {"type": "integer"}, "error": {"type": "string"}},
    "required": ["status", "error"],
    "additionalProperties": False,
}

DESCRIBED: dict[int | str, dict[str, Any]] = {
    status: {"description": phrase.text, "content": {"application/json": {"schema": _SHAPE}, "text/html": {}}}
    for status, phrase in SAID.items()
    if status != 500
}
"""The refusals as the OpenAPI description has them."""


ONWARD: dict[int | str, dict[str, Any]] = {303: {"description": "Done; the answer leads on."}}
"""Beside a page, what a door may answer that leads on when all is well."""


class Refused(HTTPException):
    """A refusal with a sentence of its own."""

    def __init__(self, status: int, why: Phrase) -> None:
        super().__init__(status)
        self.why = why


def install(app: FastAPI) -> None:
    """Answer every refusal and failure in the one shape."""

    @app.exception_handler(HTTPException)
    def refused(request: Request, error: HTTPException) -> Response:
        return answer(request, error.status_code, getattr(error, "why", None), dict(error.headers or {}))

    @app.exception_handler(RequestValidationError)
    def misshapen(request: Request, error: RequestValidationError) -> Response:
        return answer(request, 422)

    @app.exception_handler(SignInNeededError)
    def stranger(request: Request, error: SignInNeededError) -> Response:
        if wants_page(request):
            return RedirectResponse(sign_in_address(request), 303)
        return answer(request, 401)


def answer(request: Request, status: int, why: Phrase | None = None, headers: dict[str, str] | None = None) -> Response:
    """A refusal: a page for a browser, `{"status", "error"}` for a program."""
    why = why or SAID.get(status, SAID[400])
    if wants_page(request):
        response: Response = render(request, "refused", status=status, why=why)
    else:
        response = JSONResponse({"status": status, "error": words(language_of(request)).say(why)}, status)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def wants_page(request: Request) -> bool:
    """Whether a browser asks."""
    return "text/html" in request.headers.get("accept", "")
