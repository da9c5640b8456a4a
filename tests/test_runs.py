"""From a folder of exports to stored rows and a page."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from groundswell.errors import InputError, NothingToReadError
from groundswell.runs import scratch as scratches
from groundswell.runs.find import find
from groundswell.runs.ingest import ingest, tallies
from groundswell.runs.names import Names, read_names
from groundswell.store.schema import TABLES, schema_of
from groundswell.store.tables import Store

KEY = bytes(range(32))
SAMPLES = Path(__file__).parent / "data" / "sources"


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A folder with a few invented exports, one of them in a folder of its own."""
    folder = tmp_path_factory.mktemp("company")
    shutil.copytree(SAMPLES / "slack" / "export", folder / "chat" / "export")
    for sample in ("org_chart/people.csv", "copilot_seats/seats-2026-03-31.json", "claude_code/claude-code.json"):
        shutil.copy(SAMPLES / sample, folder)
    (folder / "notes.txt").write_text("nothing to read here")
    (folder / ".hidden").write_text("{}")
    return folder


def rows(store):
    """Every stored row, by table, without regard to files."""
    found = {}
    for table in TABLES:
        pieces = [pq.read_table(f) for f in store.files(table)]
        whole = pa.concat_tables(pieces) if pieces else schema_of(TABLES[table]).empty_table()
        found[table] = sorted(map(repr, whole.to_pylist()))
    return found


def test_exports_are_found_by_content_wherever_they_lie(company):
    """Each export below a folder is recognised once; other files are listed as unrecognised, hidden ones are not looked at."""
    found = find([company])
    assert sorted(e.source for e in found.exports) == ["claude_code", "copilot_seats", "org_chart", "slack"]
    assert [p.name for p in found.unrecognised] == ["notes.txt"]
    assert find([company, company / "people.csv"]).exports == found.exports


def test_a_folder_called_teams_is_no_workspace_of_a_grid(tmp_path):
    """Beside other exports, a Teams export in a folder of its name is read as what it is, and nothing else is lost for it."""
    shutil.copytree(SAMPLES / "teams" / "export", tmp_path / "exports" / "teams" / "export")
    shutil.copytree(SAMPLES / "slack", tmp_path / "exports" / "slack")
    assert {e.source for e in find([tmp_path / "exports"]).exports} >= {"teams", "slack"}


def test_what_tools_lay_beside_an_export_is_not_looked_at(company, tmp_path):
    """Pictures of people and the rubbish of another system's zip would hide the one file that is really not recognised."""
    shutil.copytree(company, tmp_path / "c")
    for name in ("__avatars/U1/face.png", "__MACOSX/._users.json", "chat/__uploads/F1/plan.pdf"):
        (tmp_path / "c" / name).parent.mkdir(parents=True)
        (tmp_path / "c" / name).write_bytes(b"x")
    assert [path.name for path in find([tmp_path / "c"]).unrecognised] == ["notes.txt"]


def test_names_of_files_say_nothing(company, tmp_path):
    """An export renamed is recognised all the same."""
    shutil.copy(company / "people.csv", tmp_path / "x.dat")
    assert find([tmp_path]).exports[0].source == "org_chart"


@pytest.mark.parametrize(("make", "error", "says"), [
    (lambda p: p / "missing", InputError, "no such file or folder"),
    (lambda p: p, NothingToReadError, "nothing here is recognised"),
])  # fmt: skip
def test_a_path_with_nothing_says_so(tmp_path, make, error, says):
    """A missing path and an empty folder are each one sentence with the path in it."""
    with pytest.raises(error, match=says) as raised:
        find([make(tmp_path)])
    assert str(tmp_path) in str(raised.value)


def test_reading_twice_or_in_another_order_gives_the_same_rows(company, tmp_path):
    """Order and repetition of exports leave no trace in the tables, and what was taken in is not read again."""
    exports = list(find([company]).exports)
    one, other = Store(tmp_path / "one"), Store(tmp_path / "other")
    ingest(one, exports, key=KEY)
    random.Random(3).shuffle(exports)
    for export in exports:
        ingest(other, [export], key=KEY)
    assert rows(one) == rows(other)
    assert any(rows(one)["traces"])
    again = ingest(one, exports, key=KEY)
    assert again.known == len(exports)
    assert not again.tallies
    assert rows(one) == rows(other)


def test_one_unreadable_export_does_not_cost_the_others(company, tmp_path):
    """An export that breaks after it was recognised is named; the rest is taken in."""
    folder = tmp_path / "company"
    shutil.copytree(company, folder)
    exports = find([folder]).exports
    (folder / "people.csv").write_bytes(b"\x00" * 300)
    report = ingest(Store(tmp_path / "store"), exports, key=KEY)
    assert [path.name for path, _ in report.failed] == ["people.csv"]
    assert "people.csv" in str(report.failed[0][1])
    assert {"slack", "claude_code"} <= set(report.tallies)


def test_no_text_and_no_name_reaches_the_store(company, tmp_path):
    """No byte sequence of any name, address or word the samples list stands in any file the run wrote."""
    store = Store(tmp_path / "store")
    ingest(store, find([company]).exports, key=KEY)
    wrote = b""
    for path in sorted((tmp_path / "store").rglob("*")):
        wrote += path.read_bytes() if path.is_file() else b""
    for table in TABLES:
        wrote += "\n".join(rows(store)[table]).encode()
    for source in ("slack", "org_chart", "copilot_seats", "claude_code"):
        names = [
            n for n in (SAMPLES / source / "names.txt").read_text("utf8").splitlines() if n.strip() and not n.startswith("#")
        ]
        assert names
        assert not [n for n in names if n.encode() in wrote]


def test_what_was_skipped_and_refused_is_kept_with_the_rows(company, tmp_path):
    """The store remembers, by source and reason, what was not read: direct messages and private channels above all."""
    store = Store(tmp_path / "store")
    ingest(store, find([company]).exports, key=KEY)
    assert sum(tallies(store)["slack"].refused.values()) > 0


INGEST = """
import sys
from pathlib import Path
from groundswell.runs.find import find
from groundswell.runs.ingest import ingest
from groundswell.store.tables import Store
if __name__ == "__main__":
    ingest(Store(Path(sys.argv[2])), find([Path(sys.argv[1])]).exports, key=bytes(range(32)), workers=1)
"""


@pytest.mark.slow
def test_a_killed_run_started_again_ends_the_same(company, tmp_path):
    """Killed at twelve moments spread over the whole run, then run to its end, the store holds the same rows."""
    script = tmp_path / "run.py"
    script.write_text(INGEST)
    calm, tormented = tmp_path / "calm", tmp_path / "tormented"
    command = [sys.executable, str(script), str(company)]
    began = time.monotonic()
    subprocess.run([*command, str(calm)], check=True)
    whole = time.monotonic() - began
    killed = 0
    for n in range(12):
        run = subprocess.Popen([*command, str(tormented)])
        time.sleep(whole * (n + 1) / 13)
        run.send_signal(signal.SIGKILL)
        killed += run.wait() == -signal.SIGKILL
    subprocess.run([*command, str(tormented)], check=True)
    assert killed > 0
    assert rows(Store(tormented)) == rows(Store(calm))


def test_a_scratch_store_leaves_nothing_behind(monkeypatch, tmp_path):
    """A scratch folder is its owner's alone, is gone after the run, and one left by a killed run is swept by the next."""
    monkeypatch.setattr(scratches.tempfile, "gettempdir", lambda: str(tmp_path))
    with scratches.scratch() as place:
        (place / "store").mkdir()
        assert place.stat().st_mode & 0o077 == 0
        left = place.parent / "run-killed"
        left.mkdir()
        (left / "alive").touch()
        with scratches.scratch() as second:
            assert place.exists()
            assert second.exists()
            assert not left.exists()
    assert not list((tmp_path / f"groundswell-{os.getuid()}").iterdir())


def test_a_company_s_own_names_are_read_from_beside_its_exports(tmp_path):
    """company.toml names the company, its tools and its products; without one there are none."""
    assert read_names([tmp_path]) == Names()
    (tmp_path / "company.toml").write_text('company = "Lanterne"\ntools = ["Harbour"]\nproducts = ["Beacon"]\n')
    assert read_names([tmp_path]) == Names("Lanterne", ("Harbour",), ("Beacon",))


@pytest.mark.parametrize("content", ["company = ", "company = 3", "tools = [1]", 'simulated = "yes"'])
def test_a_broken_company_file_is_named(tmp_path, content):
    """A company.toml that is none is one sentence with its place and what was expected."""
    (tmp_path / "company.toml").write_text(content)
    with pytest.raises(InputError, match=r"company\.toml.*Expected"):
        read_names([tmp_path])
