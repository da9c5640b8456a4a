"""What a server is started with: from the environment, secrets from it or from files."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from groundswell import drafts
from groundswell.errors import InputError

ROOM = "serve"
"""Folder inside the company's that holds the book, the server's secret and its record."""

SHORTEST_SECRET = 32
"""Characters of a secret given from outside."""


@dataclass(frozen=True, kw_only=True)
class Oidc:
    """A provider of identities.

    Attributes:
        issuer: its address, as it calls itself.
        client: number it gave this server.
        secret: what it gave with it; "" for a public client, which PKCE alone protects.
        unit_claim: claim that names the team; "" if none does.
        leads_claim: claim that is true for whoever leads people; "" if none does.
    """

    issuer: str
    client: str
    secret: str = field(default="", repr=False)
    unit_claim: str = ""
    leads_claim: str = ""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One server.

    Attributes:
        folder: the company's folder.
        database: address of the book.
        origin: where people reach it, such as "https://groundswell.company.example".
        secret: key of what the server signs; never in the book.
        oidc: a provider of identities; None for local accounts.
        stewards: addresses of those of the provider's people who are stewards.
        reads_a_minute: pages one visitor may ask a worker for in a minute.
    """

    folder: Path
    database: str = field(repr=False)
    origin: str
    secret: bytes = field(repr=False)
    oidc: Oidc | None = None
    stewards: frozenset[str] = frozenset()
    reads_a_minute: int = 600

    @property
    def secure(self) -> bool:
        """Whether people reach it encrypted, so that cookies go nowhere else."""
        return self.origin.startswith("https://")

    @property
    def host(self) -> str:
        """Its name without port: what passkeys belong to."""
        return urlsplit(self.origin).hostname or ""

    @property
    def record(self) -> Path:
        """The server's own hash-chained record."""
        return record_of(self.folder)


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings as GROUNDSWELL_... variables say; each NAME may instead be NAME_FILE, the path of a file that holds it.

    Raises:
        InputError: one is missing, or has another form.
    """
    folder = Path(one(environment, "COMPANY") or _missing("COMPANY", "the company's folder"))
    origin = one(environment, "ORIGIN").rstrip("/") or "http://127.0.0.1:8700"
    parts = urlsplit(origin)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query or parts.username:
        raise InputError("GROUNDSWELL_ORIGIN", "no address of a server", expected="https://groundswell.company.example")
    return Settings(
        folder=folder,
        database=database_of(folder, environment),
        origin=origin,
        secret=_secret(environment, folder),
        oidc=_oidc(environment),
        stewards=_list(environment, "STEWARDS"),
        reads_a_minute=_number(environment, "READS_A_MINUTE", 600),
    )


def database_of(folder: Path, environment: Mapping[str, str]) -> str:
    """Address of a company's book: the one the environment gives, else a file in its folder."""
    return one(environment, "DATABASE") or default_database(folder)


def record_of(folder: Path) -> Path:
    """The server's own record in a company's folder."""
    return folder / ROOM / "record.jsonl"


def default_database(folder: Path) -> str:
    """The book as one SQLite file in the company's folder."""
    return f"sqlite:///{folder.resolve() / ROOM / 'book.sqlite3'}"


def _oidc(environment: Mapping[str, str]) -> Oidc | None:
    issuer = one(environment, "OIDC_ISSUER").rstrip("/")
    if not issuer:
        return None
    return Oidc(
        issuer=issuer,
        client=one(environment, "OIDC_CLIENT") or _missing("OIDC_CLIENT", "the number the provider gave this server"),
        secret=one(environment, "OIDC_SECRET"),
        unit_claim=one(environment, "OIDC_UNIT_CLAIM"),
        leads_claim=one(environment, "OIDC_LEADS_CLAIM"),
    )


def _secret(environment: Mapping[str, str], folder: Path) -> bytes:
    """The given secret, or one made at the first start and kept beside the book, readable by its owner alone."""
    given = one(environment, "SECRET")
    if given:
        if len(given) < SHORTEST_SECRET:
            raise InputError("GROUNDSWELL_SECRET", "too short", expected=f"at least {SHORTEST_SECRET} characters, made at random")
        return given.encode()
    file = folder / ROOM / "secret"
    try:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            drafts.create(file, secrets.token_urlsafe(48))  # of several workers that start at once, one's stays
        return file.read_bytes()
    except OSError as error:
        raise InputError(str(file), f"it cannot be written ({error.strerror})", remedy="Give GROUNDSWELL_SECRET") from error


def one(environment: Mapping[str, str], name: str) -> str:
    """GROUNDSWELL_NAME, or what stands in the file GROUNDSWELL_NAME_FILE names; "" where neither is set.

    Raises:
        InputError: the file cannot be read.
    """
    file = environment.get(f"GROUNDSWELL_{name}_FILE", "")
    if not file:
        return environment.get(f"GROUNDSWELL_{name}", "").strip()
    try:
        return Path(file).read_text("utf8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(file, "it cannot be read", expected=f"the file GROUNDSWELL_{name}_FILE names") from error


def _list(environment: Mapping[str, str], name: str) -> frozenset[str]:
    return frozenset(part.strip().casefold() for part in one(environment, name).split(",") if part.strip())


def _number(environment: Mapping[str, str], name: str, default: int) -> int:
    given = one(environment, name)
    if given and not given.isdecimal():
        raise InputError(f"GROUNDSWELL_{name}", f"{given!r} is no number", expected=f"a number such as {default}")
    return int(given or default)


def _missing(name: str, what: str) -> str:
    raise InputError(f"GROUNDSWELL_{name}", "it is not set", expected=what)
