"""The book grows and shrinks by revisions, keeps what is erased erased, and tells nothing in its errors."""

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from groundswell.errors import InputError, StoreError
from groundswell.selfreport import logbook
from groundswell.selfreport.accounts import Member, Role
from groundswell.selfreport.base import all_tables, migrate, open_book, reading, writing


def test_revisions_make_the_tables_the_code_speaks_of(tmp_path):
    """After every revision the database has exactly the tables, columns, keys and indexes of METADATA."""
    engine = open_book(f"sqlite:///{tmp_path / 'book'}")
    with reading(engine) as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), all_tables()) == []


def test_every_revision_can_be_undone(tmp_path):
    """Going down to nothing leaves no table but Alembic's own, and going up again makes them all."""
    engine = open_book(f"sqlite:///{tmp_path / 'book'}")
    with writing(engine) as connection:
        migrate(connection, "base")
    assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version"}
    with writing(engine) as connection:
        migrate(connection)
    assert set(all_tables().tables) <= set(sa.inspect(engine).get_table_names())


def test_a_filled_book_keeps_all_through_a_revision(tmp_path):
    """What was told before entries had pen names stands after the upgrade, with what hangs on it, and down again."""
    engine = open_book(f"sqlite:///{tmp_path / 'book'}")
    held = ("entries", "attachments", "uses")
    told = (
        "insert into accounts (id, name, unit, role, leads, since) values ('a', 'Ada', '', 'member', 0, '2026-01-05')",
        "insert into entries (id, account, visible, unit, job, tool, tool_key, title, tried, happened, outcome, drop_kind,"
        " learned, link, found_by, day) values"
        " ('e', 'a', 'everyone', '', 'coding', 'X', 'x', 'T', '*t*', '', 'open', '', '', '', 't', '2026-01-05')",
        "insert into attachments (id, entry, name, content) values ('f', 'e', 'n.txt', 'words')",
        "insert into uses (entry, account, since, asked, still) values ('e', 'a', '2026-01-05', '2026-Q1', 1)",
    )
    with writing(engine) as connection:
        migrate(connection, "0004")
        for statement in told:
            connection.exec_driver_sql(statement)
    for revision in ("head", "0004", "head"):
        with writing(engine) as connection:
            migrate(connection, revision)
        with reading(engine) as connection:
            rows = [connection.execute(sa.select(sa.func.count()).select_from(sa.table(t))).scalar() for t in held]
        assert rows == [1, 1, 1], revision
    with reading(engine) as connection:
        seen = logbook.one(connection, "e", Member("a", "Ada", "", Role.MEMBER, leads=False))
    assert seen is not None
    assert (seen.gist, seen.shown.tried) == ("t", "<p><em>t</em></p>\n")


def test_a_second_worker_does_not_upgrade(tmp_path):
    """A worker that only opens the book says that its tables are of another version, and leaves them as they are."""
    with pytest.raises(StoreError, match="another version"):
        open_book(f"sqlite:///{tmp_path / 'book'}", upgrade=False)
    open_book(f"sqlite:///{tmp_path / 'book'}").dispose()
    open_book(f"sqlite:///{tmp_path / 'book'}", upgrade=False).dispose()


def test_the_file_is_its_owners_alone(tmp_path):
    """Nobody else on the machine may read the book."""
    open_book(f"sqlite:///{tmp_path / 'serve' / 'book'}").dispose()
    assert (tmp_path / "serve" / "book").stat().st_mode & 0o077 == 0
    assert (tmp_path / "serve").stat().st_mode & 0o077 == 0


def test_an_error_quotes_no_password():
    """An address that cannot be reached is named without its secret."""
    with pytest.raises(StoreError) as told:
        open_book("postgresql://ada:opensesame@127.0.0.1:1/none")
    assert "opensesame" not in str(told.value)


@pytest.mark.parametrize("url", ["", "no address", "mysql://localhost/x"])
def test_another_address_is_refused(url):
    """What is neither SQLite nor PostgreSQL is refused in one sentence."""
    with pytest.raises(InputError, match="database"):
        open_book(url)


def test_an_error_quotes_no_value(tmp_path):
    """A statement that fails does not say what it would have written."""
    engine = open_book(f"sqlite:///{tmp_path / 'book'}")
    with pytest.raises(sa.exc.IntegrityError) as told, writing(engine) as connection:
        connection.execute(sa.text("insert into sessions (key, account, until) values (:k, :a, 1)"), {"k": "k", "a": "a heron"})
    assert "heron" not in str(told.value)


def test_erased_is_erased(tmp_path):
    """What was deleted stands nowhere in the files any more, once the log is folded in."""
    engine = open_book(f"sqlite:///{tmp_path / 'book'}")
    with writing(engine) as connection:
        connection.execute(sa.text("insert into pending (key, content, until) values ('k', 'a heron by the weir', 1)"))
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    assert any(b"heron by the weir" in path.read_bytes() for path in tmp_path.iterdir())
    with writing(engine) as connection:
        connection.execute(sa.text("delete from pending"))
    with engine.connect() as connection:
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    assert not any(b"heron by the weir" in path.read_bytes() for path in tmp_path.iterdir())
