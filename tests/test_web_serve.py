"""Serving, keeping and bringing back: one command each, for this machine alone until the charter is complete."""

import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from groundswell.cli import _workers
from groundswell.cli import serve as command
from groundswell.errors import GroundswellError, InputError, OutputError, PrivacyError, StoreError
from groundswell.privacy.charter import QUESTIONS
from groundswell.selfreport.backup import backup, restore
from groundswell.selfreport.base import open_book, reading
from web_company import company


def charter(folder: Path, *, complete: bool) -> Path:
    """A company folder with its charter."""
    folder.mkdir(exist_ok=True)
    lines = [f'{name} = "{"told" if complete else ""}"' for name in QUESTIONS]
    (folder / "charter.toml").write_text("\n".join(lines))
    return folder


@pytest.fixture
def told(tmp_path):
    """A company in whose logbook something is told, by name and without."""
    served = company(tmp_path / "company")
    ada, bela = served.joined("Ada Lindqvist", leads=True), served.joined("Béla")
    fields = {"tool": "Claude", "outcome": "kept", "visible": "everyone"}
    first = ada.post("/logbook", title="A first job", **fields).headers["location"].rpartition("/")[2]
    for n in range(12):
        bela.post("/logbook", title=f"A change {n}", parent=first, **fields)
    bela.post("/logbook", title="A quiet job", **{**fields, "visible": "nameless"})
    ada.post("/charter/grants", kind="hours", amount="2", per="week")
    return served, ada


@pytest.mark.parametrize("options", [{"host": "0.0.0.0"}, {"origin": "https://groundswell.company.example"}])  # noqa: S104
def test_nobody_else_is_served_without_a_complete_charter(tmp_path, options):
    """An address others can reach is refused, by host and by origin, until every question is answered; this machine's is not."""
    asked = {"host": "127.0.0.1", "origin": "", **options}
    with pytest.raises(PrivacyError, match="charter is not complete"):
        command._check(charter(tmp_path / "a", complete=False), **asked)
    command._check(charter(tmp_path / "b", complete=True), **asked)
    command._check(tmp_path / "a", host="127.0.0.1", origin="http://127.0.0.1:8700")


@pytest.mark.parametrize(
    "origin", ["http://127.0.0.1.elsewhere.example", "http://localhost.example:80", "http://127.0.0.1@elsewhere.example"]
)
def test_an_address_that_only_looks_like_this_machine_is_refused(tmp_path, origin):
    """An origin is this machine's by its whole name, not by how it begins."""
    with pytest.raises(PrivacyError):
        command._check(charter(tmp_path / "a", complete=False), "127.0.0.1", origin)


def test_what_is_missing_is_said_in_one_sentence(monkeypatch, tmp_path):
    """Without the extra, or outside a company folder, one sentence says what to do."""
    with pytest.raises(InputError, match="groundswell init"):
        command._check(tmp_path, "127.0.0.1", "")
    monkeypatch.setattr(command, "NEEDS", ("no_such_module",))
    with pytest.raises(GroundswellError, match=re.escape("pip install 'groundswell[serve]'")):
        command.needed()


def test_a_backup_brings_everything_back(told, tmp_path):
    """What was told, granted and agreed is there again after restoring into an empty book, and people sign in as before."""
    served, ada = told
    rows = backup(served.book, tmp_path / "kept.sqlite3")
    other = company(tmp_path / "other")
    assert restore(tmp_path / "kept.sqlite3", other.book) == rows > 15
    again = other.browser()
    page = again.get("/sign-in")
    came = again.post("/sign-in", page=page, address=ada.address, password="the heron waits by the weir")  # noqa: S106
    assert came.status_code == 303
    for path in ("/logbook", "/charter", "/practices/unknown/claude"):
        mask = [re.sub(r'value="[0-9a-f]{64}"', "", b.get(path).text) for b in (ada, again)]
        assert mask[0] == mask[1], path


def test_a_backup_tells_neither_order_nor_presence(told, tmp_path):
    """Rows lie in the order of their random numbers, and no session, try or half sign-in is in the file."""
    served, _ = told
    backup(served.book, tmp_path / "kept.sqlite3")
    with sqlite3.connect(tmp_path / "kept.sqlite3") as raw:
        for table in ("sessions", "tries", "pending"):
            assert raw.execute(f"select count(*) from {table}").fetchone() == (0,)  # noqa: S608
        ids = [row[0] for row in raw.execute("select id, title from entries not indexed")]
    raw.close()
    assert ids == sorted(ids)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["company", "kept.sqlite3"]
    assert (tmp_path / "kept.sqlite3").stat().st_mode & 0o077 == 0


def test_a_backup_writes_over_nothing(told, tmp_path):
    """An existing file, a book that is in use and a file that is no backup are each refused in one sentence."""
    served, _ = told
    backup(served.book, tmp_path / "kept.sqlite3")
    with pytest.raises(OutputError, match="there is a file"):
        backup(served.book, tmp_path / "kept.sqlite3")
    with pytest.raises(StoreError, match="joined it already"):
        restore(tmp_path / "kept.sqlite3", served.book)
    (tmp_path / "no").write_bytes(b"SQLite format 3\0" + b"\1" * 5000)
    with pytest.raises(InputError, match="backup"):
        restore(tmp_path / "no", open_book(f"sqlite:///{tmp_path / 'new' / 'book'}"))
    with reading(served.book) as connection:
        assert connection.exec_driver_sql("select count(*) from entries").scalar() == 14


@pytest.mark.slow
def test_serve_answers_and_ends(tmp_path):
    """The command starts two workers on a folder, tells the first steward's link, answers, logs no visit, and ends."""
    folder = charter(tmp_path / "company", complete=False)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    words = [sys.executable, "-m", "groundswell.cli.main", "serve", str(folder), "--port", str(port), "--workers", "2"]
    with (tmp_path / "out").open("wb") as out, subprocess.Popen(words, stdout=out, stderr=subprocess.STDOUT) as run:
        try:
            body = _answer(f"http://127.0.0.1:{port}/sign-in", run)
            link = re.search(r"http\S+/join/\S+", (tmp_path / "out").read_text())
            assert link
            assert "Join" in _answer(link[0], run)
        finally:
            run.send_signal(signal.SIGINT)
            run.wait(timeout=30)
    assert "Sign in" in body
    assert "GET" not in (tmp_path / "out").read_text()
    assert (folder / "serve" / "secret").stat().st_mode & 0o077 == 0


class _Ended:
    """A worker that is over; `answered` says whether it had begun to answer."""

    def __init__(self, pid, *, answered):
        self.pid, self.alive, self.answered = pid, answered, answered

    def is_alive(self, timeout):
        return self.alive

    def is_ready(self, timeout):
        return self.answered

    def kill(self):
        """It is over already."""

    join = terminate = kill


def test_a_worker_that_cannot_start_ends_the_server(monkeypatch):
    """One that never answered is not started again for ever; one that answered and died is replaced, at its own door."""
    begun = []
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    monkeypatch.setattr(_workers.Keeper, "_started", lambda self, n: begun.append(n) or _Ended(len(begun), answered=n == 1))
    keeper = _workers.Keeper(_workers.Config("nothing", workers=2), [object(), object()])
    keeper.init_processes()
    keeper.processes[0] = _Ended(9, answered=True)
    keeper.keep_subprocess_alive()
    assert not keeper.failed
    keeper.processes[1].alive = False
    keeper.keep_subprocess_alive()
    assert (begun, keeper.failed) == ([0, 1, 1], False)
    keeper.processes[0] = _Ended(10, answered=False)
    keeper.keep_subprocess_alive()
    assert (begun, keeper.failed, keeper.should_exit.is_set()) == ([0, 1, 1], True, True)


def test_a_port_in_use_is_said_in_one_sentence():
    """What listens elsewhere is not joined: the address is named, with what to do."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(InputError, match="--port"):
            _workers.run("127.0.0.1", taken.getsockname()[1], 2, app="nothing")


def _answer(url: str, run: "subprocess.Popen[bytes]") -> str:
    """The page at an address, once there is one; within a minute."""
    for _ in range(120):
        assert run.poll() is None
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - this machine's
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.5)
    raise AssertionError(url)


def test_every_setting_is_documented():
    """Each variable the server reads stands in the documentation, and none stands there that it does not read."""
    root = Path(__file__).parent.parent
    code = (root / "src" / "groundswell" / "selfreport" / "settings.py").read_text("utf8")
    read = set(re.findall(r'(?:_?one|_list|_number)\(environment, "(\w+)"', code))
    told = set(re.findall(r"^\| (`GROUNDSWELL_.*?) \|", (root / "docs" / "serve.md").read_text("utf8"), re.MULTILINE))
    assert len(read) > 8
    assert {name for line in told for name in re.findall(r"GROUNDSWELL_(\w+)", line)} == read
