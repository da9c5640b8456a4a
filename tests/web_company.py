"""A served company for tests: a fresh book, a clock that stands still, and browsers of people who have joined."""

import re
import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from fastapi.testclient import TestClient
from sqlalchemy import Engine

from groundswell.selfreport import accounts
from groundswell.selfreport.accounts import Member, Role
from groundswell.selfreport.base import open_book, reading, writing
from groundswell.selfreport.settings import Settings, default_database
from groundswell.web.app import create_app

ORIGIN = "http://127.0.0.1:8700"
MONDAY = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
PASSWORD = "the heron waits by the weir"  # noqa: S105 - an invented one
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""Of tests alone: the real one takes a tenth of a second by design."""


@dataclass
class Company:
    """A server in this process.

    Attributes:
        folder: the company's folder.
        now: what its clock says; tests move it.
    """

    folder: Path
    book: Engine
    settings: Settings
    now: datetime = MONDAY
    app: Any = None
    _names: int = field(default=0)

    def later(self, **span: float) -> None:
        """Let time pass: `later(days=3)`."""
        self.now += timedelta(**span)

    def browser(self) -> "Browser":
        """A browser nobody has signed in with."""
        return Browser(self)

    def joined(self, name: str = "", *, unit: str = "Support", role: Role = Role.MEMBER, leads: bool = False) -> "Browser":
        """The browser of somebody who just joined."""
        self._names += 1
        name = name or f"Person {self._names}"
        address = f"{name.casefold().replace(' ', '.')}@lanterne.example"
        with writing(self.book) as connection:
            secret = accounts.welcome(connection, unit=unit, role=role, leads=leads, now=self.now)
        browser = Browser(self)
        page = browser.get(f"/join/{secret}")
        answer = browser.post(f"/join/{secret}", page=page, name=name, address=address, password=PASSWORD)
        assert answer.status_code == 200, answer.text
        browser.address = address
        with reading(self.book) as connection:
            account = accounts.with_password(connection, address, PASSWORD)
            assert account
            browser.member = accounts.member_of(connection, account)
        return browser


class Browser(TestClient):
    """A client that keeps cookies, reads pages and fills in forms as a person's browser does."""

    member: Member | None = None
    address: str = ""

    def __init__(self, company: Company) -> None:
        super().__init__(company.app, base_url=company.settings.origin, follow_redirects=False, headers={"accept": "text/html"})

    def token(self, page: Any = None) -> str:
        """The hidden field of a page's forms; of the first page if none is given."""
        found = re.search(r'name="csrf" value="(\w+)"', (page or self.get("/", follow_redirects=True)).text)
        assert found
        return found[1]

    def post(self, url: str, *, page: Any = None, files: Any = None, plain: bool = False, **fields: Any) -> Any:
        """Send a form, with the token of a page unless `plain`."""
        body = dict(fields) if plain else {"csrf": self.token(page), **fields}
        return super().post(url, data=body, files=files)


def company(folder: Path, **settings: Any) -> Company:
    """A company with an empty book."""
    accounts._hasher = lambda: CHEAP  # type: ignore[assignment]
    (folder / "serve").mkdir(parents=True, exist_ok=True)
    if "database" not in settings:
        shutil.copy(_empty_book(), folder / "serve" / "book.sqlite3")
    settings = {
        "database": default_database(folder),
        "origin": ORIGIN,
        "secret": b"0" * 48,
        "reads_a_minute": 100_000,
        **settings,
    }
    made = Settings(folder=folder, **settings)
    served = Company(folder, open_book(made.database), made)
    served.app = create_app(made, clock=lambda: served.now, book=served.book)
    return served


@cache
def _empty_book() -> Path:
    """A book with this version's tables, made once a run: migrating takes a tenth of a second."""
    folder = Path(tempfile.mkdtemp())
    engine = open_book(f"sqlite:///{folder / 'book.sqlite3'}")
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    engine.dispose()
    return folder / "book.sqlite3"
