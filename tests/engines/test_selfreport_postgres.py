"""The same book in PostgreSQL: revisions, the logbook, grants, backup and a crowd of workers, against a real server."""

import re
import threading

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from groundswell.selfreport.backup import backup, restore
from groundswell.selfreport.base import all_tables, migrate, open_book, reading, writing
from postgres_server import BINARIES, postgres
from web_company import PASSWORD, company

pytestmark = pytest.mark.postgres
FIELDS = {"tool": "Claude", "outcome": "kept", "visible": "everyone", "job": "support"}


@pytest.fixture(scope="module")
def server():
    """The server, for this module."""
    if not BINARIES:
        pytest.fail("no PostgreSQL is installed: apt-get install postgresql")
    with postgres() as address:
        yield address


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request, server, tmp_path):
    """An empty database of either kind: whatever holds on one must hold on the other."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'book'}"
    return fresh(server)


def fresh(server):
    """An empty database on the server."""
    name = f"book_{fresh.n}"
    fresh.n += 1
    engine = sa.create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"create database {name}")
    engine.dispose()
    return server.rpartition("/")[0] + f"/{name}"


fresh.n = 0


def test_revisions_make_and_unmake_the_tables(address):
    """Up gives exactly METADATA, down leaves nothing, up again gives all of it."""
    engine = open_book(address)
    with reading(engine) as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), all_tables()) == []
    with writing(engine) as connection:
        migrate(connection, "base")
    assert set(sa.inspect(engine).get_table_names()) <= {"alembic_version"}
    with writing(engine) as connection:
        migrate(connection)
    assert set(all_tables().tables) <= set(sa.inspect(engine).get_table_names())
    engine.dispose()


def test_workers_that_start_at_once_upgrade_once(address):
    """Of several that open an empty book together, one makes the tables and none fails."""
    failed = []

    def start():
        try:
            open_book(address).dispose()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=start) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=60)
    assert failed == []
    open_book(address, upgrade=False).dispose()


def test_the_logbook_end_to_end(address, tmp_path):
    """Joining, telling, finding, reusing, changing, granting, asking anew and erasing work alike."""
    served = company(tmp_path / "company", database=address)
    ada, bela = served.joined("Ada", leads=True), served.joined("Béla", unit="Sales")
    where = ada.post("/logbook", title="Prévision des commandes", **FIELDS).headers["location"]
    number = where.rpartition("/")[2]
    hidden = ada.post("/logbook", title="A team's job", **{**FIELDS, "visible": "team"}).headers["location"]
    assert bela.get(hidden).status_code == 404
    assert "Prévision" in bela.get("/logbook?q=PREVISION&tool=claude&job=support").text
    assert bela.post(f"{where}/use").status_code == bela.post(f"{where}/use").status_code == 303
    bela.post("/logbook", title="Another way", parent=number, **FIELDS)
    assert "Another way" in ada.get(where).text
    quiet = bela.post("/logbook", title="A quiet job", **{**FIELDS, "visible": "nameless"}).text
    code, nameless = re.search(r"<pre[^>]*>([\w-]+)</pre>", quiet)[1], re.search(r'href="/logbook/([\w-]+)"', quiet)[1]
    assert bela.post(f"/logbook/{nameless}/erase", code=code).status_code == 303
    ada.post("/charter/grants", kind="budget", amount="1250", currency="EUR", per="month", everyone="true")
    assert "1,250" in bela.get("/charter").text
    bela.post("/charter/used")
    served.later(days=40)
    bela.post("/sign-in", page=bela.get("/sign-in"), address=bela.address, password=PASSWORD)
    assert "Do you still use this" in bela.get("/").text
    assert bela.post(f"{where}/still", still="true").status_code == 303
    assert "too few people to say" in bela.get("/charter").text
    assert bela.post("/me/erase").status_code == 303
    with reading(served.book) as connection:
        assert connection.execute(sa.text("select count(*) from entries")).scalar() == 2
    served.book.dispose()


@pytest.mark.parametrize("way", ["sqlite to postgresql", "postgresql to sqlite"])
def test_a_backup_moves_a_company_between_databases(server, tmp_path, way):
    """A backup taken of one kind fills the other: nothing told is lost, and people sign in as before."""
    kinds = {"sqlite": f"sqlite:///{tmp_path / 'one' / 'book'}", "postgresql": fresh(server)}
    first, second = way.split(" to ")
    served = company(tmp_path / "a", database=kinds[first])
    ada = served.joined("Ada", leads=True)
    for n in range(30):
        ada.post("/logbook", title=f"Job {n}", **FIELDS)
    ada.post("/charter/grants", kind="hours", amount="2", per="week")
    rows = backup(served.book, tmp_path / "kept")
    other = company(tmp_path / "b", database=kinds[second])
    assert restore(tmp_path / "kept", other.book) == rows
    again = other.browser()
    assert again.post("/sign-in", page=again.get("/sign-in"), address=ada.address, password=PASSWORD).status_code == 303
    pages = [re.sub(r'value="[0-9a-f]{64}"', "", b.get("/charter").text) for b in (ada, again)]
    assert pages[0] == pages[1]
    for made in (served, other):
        made.book.dispose()


def test_many_at_once_lose_nothing(address, tmp_path):
    """Eight people telling and tapping at the same time, ten times each, leave every entry and every use, once."""
    served = company(tmp_path / "company", database=address)
    first = served.joined().post("/logbook", title="The first", **FIELDS).headers["location"]
    people = [served.joined() for _ in range(8)]
    wrong = []

    def work(browser):
        page = browser.get("/")
        for n in range(10):
            told = browser.post("/logbook", page=page, title=f"Job {n}", **FIELDS)
            used = browser.post(f"{first}/use", page=page)
            wrong.extend(a.status_code for a in (told, used) if a.status_code != 303)

    threads = [threading.Thread(target=work, args=(p,)) for p in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join(timeout=120)
    assert wrong == []
    with reading(served.book) as connection:
        assert connection.execute(sa.text("select count(*) from entries")).scalar() == 81
        assert (
            connection.execute(sa.text("select count(*) from uses where entry = :e"), {"e": first.rpartition("/")[2]}).scalar()
            == 9
        )
    served.book.dispose()
