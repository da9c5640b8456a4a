"""`groundswell serve | backup | restore`: the place where people tell, and one file to keep it."""

import importlib.util
import ipaddress
import logging
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import urlsplit

import typer

from groundswell.errors import GroundswellError, InputError, PrivacyError
from groundswell.privacy.quiet import told

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from groundswell.selfreport.settings import Settings

Company = Annotated[Path, typer.Argument(help="The company's folder.", show_default=False)]
NEEDS = (
    "fastapi",
    "uvicorn",
    "sqlalchemy",
    "alembic",
    "argon2",
    "authlib",
    "nh3",
    "markdown_it",
    "webauthn",
    "nacl",
    "multipart",
)
"""Modules of the extra [serve]."""


def serve(
    company: Company,
    host: Annotated[
        str, typer.Option(help="Address it listens on; others than this machine's need a complete charter.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port it listens on.")] = 8700,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Processes that answer.")] = 1,
    origin: Annotated[
        str, typer.Option(help="Where people reach it, such as groundswell.company.example; TLS is the proxy's.")
    ] = "",
    proxy: Annotated[str, typer.Option(help="Addresses of the reverse proxy whose word on who asks is believed.")] = "127.0.0.1",
) -> None:
    """Serve the logbook, the pulse, the charter and the page, to this machine alone until the charter is complete."""
    needed()
    if origin and "://" not in origin:
        origin = f"https://{origin}"
    _check(company, host, origin)
    if not origin:
        origin = os.environ.get("GROUNDSWELL_ORIGIN", "") or f"http://{host}:{port}"
    os.environ.update(GROUNDSWELL_COMPANY=str(company.resolve()), GROUNDSWELL_ORIGIN=origin)
    from groundswell.cli import _workers
    from groundswell.privacy import record
    from groundswell.selfreport.settings import from_environment

    settings = from_environment()
    book = opened(settings.database)
    _first_steward(book, settings)
    book.dispose()
    record.append(settings.record, "served", {"loopback": _loopback(host), "workers": workers}, now=datetime.now(UTC))
    typer.echo(f"Serving at {origin}  (Ctrl-C ends it)")
    _workers.run(
        host,
        port,
        workers,
        app="groundswell.web.app:from_settings",
        factory=True,
        access_log=False,  # who asked for what is nobody's to keep
        proxy_headers=True,
        forwarded_allow_ips=proxy,
        server_header=False,
        log_config=LOGS,
        timeout_graceful_shutdown=10,
    )


def backup(company: Company, file: Annotated[Path, typer.Argument(help="The new file.", show_default=False)]) -> None:
    """Write the whole book into one file, while it is served; keep it as carefully as the book itself."""
    book = book_of(company)
    from groundswell.selfreport.backup import backup as write

    rows = write(book, file)
    _note(company, "backup", rows)
    typer.echo(f"{file}: {rows:,} rows")


def restore(
    file: Annotated[Path, typer.Argument(help="A file made by groundswell backup.", show_default=False)], company: Company
) -> None:
    """Fill an empty book from a backup."""
    book = book_of(company)
    from groundswell.selfreport.backup import restore as fill

    rows = fill(file, book)
    _note(company, "restored", rows)
    typer.echo(f"{rows:,} rows restored. Everybody signs in anew.")


def needed() -> None:
    """See that what serving needs is installed.

    Raises:
        GroundswellError: it is not.
    """
    missing = [name for name in NEEDS if importlib.util.find_spec(name) is None]
    if missing:
        raise GroundswellError("serve", "what it needs is not installed", remedy="Run pip install 'groundswell[serve]'")


def opened(database: str) -> "Engine":
    """The book, brought up to this version's tables."""
    from groundswell.selfreport.base import open_book

    return open_book(database)


def book_of(company: Path) -> "Engine":
    """The book of a company's server, wherever the environment says it is.

    Raises:
        GroundswellError: what serving needs is not installed.
    """
    needed()
    return opened(_database(company))


def _note(company: Path, kind: str, rows: int) -> None:
    """Enter in the server's record that the book was copied."""
    from groundswell.privacy import record
    from groundswell.selfreport.settings import record_of

    record_of(company).parent.mkdir(exist_ok=True, mode=0o700)
    record.append(record_of(company), kind, {"rows": rows}, now=datetime.now(UTC))


def _database(company: Path) -> str:
    _company(company)
    from groundswell.selfreport.settings import database_of

    return database_of(company, os.environ)


def _company(company: Path) -> None:
    from groundswell.privacy.charter import FILE

    if not (company / FILE).is_file():
        raise InputError(str(company), "this is no company folder", expected=FILE, remedy="Make one with groundswell init")


def _check(company: Path, host: str, origin: str) -> None:
    """Nobody but this machine is served without a complete charter.

    Raises:
        InputError: it is no company folder.
        PrivacyError: the charter is not complete.
    """
    _company(company)
    from groundswell.privacy.charter import FILE, Charter, read_charter

    missing = (read_charter(company / FILE) or Charter()).missing()
    elsewhere = not _loopback(host) or bool(origin and not _loopback(urlsplit(origin).hostname or ""))
    if missing and elsewhere:
        raise PrivacyError(
            str(company / FILE),
            f"the charter is not complete ({', '.join(missing)})",
            expected="every question answered before anybody else is served",
            remedy="Answer them, or leave --host and --origin out",
        )


def _loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _first_steward(book: "Engine", settings: "Settings") -> None:
    """Where nobody has joined yet, tell the operator the link by which the first steward does."""
    from groundswell.selfreport.accounts import Role, is_empty, welcome
    from groundswell.selfreport.base import writing

    if settings.oidc is not None:
        return
    with writing(book) as connection:
        if not is_empty(connection):
            return
        secret = welcome(connection, unit="", role=Role.STEWARD, leads=False, now=datetime.now(UTC))
    typer.echo(f"Nobody has joined yet. The first steward joins, once and within a week, at\n{settings.origin}/join/{secret}")


class Quiet(logging.Filter):
    """Leaves of a failure its kind and place: its own words may quote a name or what somebody wrote."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite a failure; every line passes."""
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.msg, record.args = f"A failure of ours: {told(error)}", ()
        record.exc_info = record.exc_text = None
        return True


LOGS: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"quiet": {"()": "groundswell.cli.serve.Quiet"}},
    "formatters": {"plain": {"format": "%(levelname)s: %(message)s"}},
    "handlers": {
        "err": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr", "formatter": "plain", "filters": ["quiet"]}
    },
    "root": {"handlers": ["err"], "level": "WARNING"},
    "loggers": {"uvicorn": {"level": "WARNING"}},
}
"""What a worker writes: warnings and failures, without their words."""
