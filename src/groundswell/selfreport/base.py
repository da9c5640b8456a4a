"""The book: one database for all that people tell on purpose, SQLite in one file or PostgreSQL by its address."""

import importlib
import pkgutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, Table, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, OperationalError

from groundswell.errors import InputError, StoreError

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of the book; each subject of this room defines its own. Constraints are named, so that a revision can undo them."""

BUSY_SECONDS = 10
"""How long a writer waits for another; SQLite has one writer at a time, and each of ours takes milliseconds."""

THREADS = 8
"""Threads that ask at once in one worker, each with a connection that is kept: opening one costs more than most questions."""

_ONE_UPGRADE = 7_301_962
"""Number of PostgreSQL's advisory lock around an upgrade; any number nobody else uses."""

_PRAGMAS = (
    "pragma journal_mode = wal",  # readers do not wait for the writer
    "pragma synchronous = normal",  # safe when the process is killed; a power cut may lose the last moments, never the file
    "pragma foreign_keys = on",
    "pragma secure_delete = on",  # what is erased is overwritten, not only forgotten
    f"pragma busy_timeout = {BUSY_SECONDS * 1000}",
)


def open_book(url: str, *, upgrade: bool = True) -> Engine:
    """Open the book, making it on first use and bringing it to this version's tables.

    Args:
        url: "sqlite:////folder/book.sqlite3" or "postgresql://user:secret@host/name".
        upgrade: False only asks whether the tables are this version's, as a second worker does.

    Raises:
        InputError: the address is none.
        StoreError: the database cannot be reached, or has another version's tables.
    """
    engine = _engine(url)
    try:
        if upgrade:
            _upgrade(engine)
        elif _revision(engine) != _head():
            raise StoreError(
                _shown(engine),
                "its tables are of another version",
                remedy="Start groundswell serve once, it brings them up to date",
            )
    except OperationalError as error:
        engine.dispose()
        raise StoreError(
            _shown(engine), "the database cannot be opened", remedy="See that it runs and that the address is right"
        ) from error
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the book throughout."""
    with engine.begin() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that writes whole or not at all; on SQLite it takes the writer's place at once, so never gives up."""
    with engine.connect().execution_options(groundswell_writes=True) as connection, connection.begin():
        yield connection


def fold_in(engine: Engine) -> None:
    """After something was erased: let SQLite's log, which still holds it, be overwritten now instead of by and by.

    PostgreSQL does it by its own vacuum.
    """
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            connection.exec_driver_sql("pragma wal_checkpoint(truncate)")


def upsert(connection: Connection, table: Table) -> Any:
    """An insert that may say what to do on a conflict, in the words of this database."""
    from sqlalchemy.dialects import postgresql, sqlite

    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def all_tables() -> MetaData:
    """METADATA with the tables of every subject of this room, found by scanning."""
    room = importlib.import_module("groundswell.selfreport")
    for module in pkgutil.iter_modules(room.__path__):
        if not module.ispkg:
            importlib.import_module(f"groundswell.selfreport.{module.name}")
    return METADATA


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the tables up, or down, to a revision; "base" takes all of them away."""
    from alembic import command

    config = _config()
    config.attributes["connection"] = connection
    down = revision == "base" or (revision != "head" and revision < (_revision_on(connection) or ""))
    (command.downgrade if down else command.upgrade)(config, revision)


def _engine(url: str) -> Engine:
    try:
        address = make_url(url)
    except ArgumentError as error:
        raise InputError("database", "its address cannot be read", expected="sqlite:///FILE or postgresql://...") from error
    if address.drivername in {"postgresql", "postgres"}:
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() not in {"sqlite", "postgresql"}:
        raise InputError("database", "no database of a kind this version knows", expected="sqlite:///FILE or postgresql://...")
    sqlite = address.get_backend_name() == "sqlite"
    # hide_parameters: an error must not quote what somebody wrote.
    more: dict[str, Any] = {"connect_args": {"timeout": BUSY_SECONDS}} if sqlite else {"pool_pre_ping": True}
    try:
        engine = create_engine(address, hide_parameters=True, pool_size=THREADS, **more)
    except ModuleNotFoundError as error:
        raise InputError(
            "database", "PostgreSQL needs its driver", remedy="Run pip install 'groundswell[serve,postgres]'"
        ) from error
    if sqlite:
        _owner_only(address.database)
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", _begin)
    return engine


def _owner_only(file: str | None) -> None:
    """Make the file with owner-only rights before SQLite makes it with everybody's."""
    if file and file != ":memory:":
        try:
            Path(file).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            Path(file).touch(mode=0o600, exist_ok=True)
        except OSError as error:
            raise StoreError(file, f"it cannot be written ({error.strerror})", remedy="Choose another place") from error


def _prepare(connection: sqlite3.Connection, _: object) -> None:
    connection.isolation_level = None  # transactions begin where SQLAlchemy says, not where the driver guesses
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    """Begin on the driver's own connection: SQLAlchemy's way there costs more than the statement."""
    writes = connection.get_execution_options().get("groundswell_writes")
    driver: Any = connection.connection.dbapi_connection
    driver.execute("begin immediate" if writes else "begin")


def _upgrade(engine: Engine) -> None:
    if _revision(engine) == _head():
        return
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("select pg_advisory_xact_lock(:n)"), {"n": _ONE_UPGRADE})
        migrate(connection)


def _config() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "groundswell.selfreport:migrations")
    config.set_main_option("path_separator", "os")
    return config


def _head() -> str:
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _revision(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return _revision_on(connection)


def _revision_on(connection: Connection) -> str | None:
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision()


def _shown(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
