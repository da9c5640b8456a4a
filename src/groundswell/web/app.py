"""Puts the pages together: every file of pages/ is found by scanning, and is for members unless it says otherwise."""

import importlib
import pkgutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from enum import StrEnum
from types import ModuleType
from typing import Any

from anyio.to_thread import current_default_thread_limiter
from fastapi import APIRouter, Depends, FastAPI
from sqlalchemy import Engine

from groundswell import __version__
from groundswell.errors import PluginError
from groundswell.privacy.charter import FILE, Charter, read_charter
from groundswell.selfreport.base import THREADS, open_book
from groundswell.selfreport.settings import Settings, from_environment
from groundswell.web import refusals
from groundswell.web.identity import member
from groundswell.web.security import Guard, own_form
from groundswell.web.show import Nav

Clock = Callable[[], datetime]


class Door(StrEnum):
    """Who may come to a page's routes; a page says it as DOOR, or is for members."""

    MEMBERS = "members"
    OPEN = "open"  # anybody; what changes something still needs a form of ours
    SIGNED = "signed"  # another program that proves each request by a signature the page checks itself


def create_app(settings: Settings, *, clock: Clock | None = None, book: Engine | None = None) -> FastAPI:
    """The whole server.

    Args:
        settings: what it is started with.
        clock: gives the moment, UTC; tests set it.
        book: the open book; opened as the settings say if not given.
    """
    app = FastAPI(
        lifespan=_few_threads,
        title="Groundswell",
        version=__version__,
        docs_url=None,  # its page would load scripts from another host
        redoc_url=None,
        responses=refusals.DESCRIBED,
    )
    app.state.settings = settings
    app.state.clock = clock or (lambda: datetime.now(UTC))
    app.state.book = book or open_book(settings.database, upgrade=False)
    app.state.company = (read_charter(settings.folder / FILE) or Charter()).organisation
    app.state.nav = []
    for page in _pages():
        app.include_router(_router(page), dependencies=_around(page))
        if nav := getattr(page, "NAV", None):
            app.state.nav.append(nav)
    app.state.nav.sort(key=lambda nav: nav.order)
    refusals.install(app)
    app.add_middleware(Guard, settings=settings, failed=lambda request: refusals.answer(request, 500))
    return app


def from_settings() -> FastAPI:
    """The server a worker runs, as the environment says."""
    return create_app(from_environment())


@asynccontextmanager
async def _few_threads(_: FastAPI) -> AsyncIterator[None]:
    """Answer a few requests at once and let the others wait: more threads than that only take turns at one interpreter."""
    current_default_thread_limiter().total_tokens = THREADS
    yield


def _pages() -> list[ModuleType]:
    room = importlib.import_module("groundswell.web.pages")
    names = [m.name for m in pkgutil.iter_modules(room.__path__) if not m.name.startswith("_")]
    return [importlib.import_module(f"groundswell.web.pages.{name}") for name in sorted(names)]


def _router(page: ModuleType) -> APIRouter:
    router = getattr(page, "ROUTER", None)
    if not isinstance(router, APIRouter) or not isinstance(getattr(page, "NAV", None), Nav | None):
        raise PluginError(page.__name__, "no page", expected="a ROUTER, and a NAV if it stands in the navigation")
    return router


def _around(page: ModuleType) -> list[Any]:
    door = Door(getattr(page, "DOOR", Door.MEMBERS))
    doors = {Door.MEMBERS: [Depends(member), Depends(own_form)], Door.OPEN: [Depends(own_form)], Door.SIGNED: []}
    return doors[door]
