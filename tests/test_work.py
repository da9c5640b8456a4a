"""Work that is counted, not timed: as the input grows by ten, each stage does ten times as much and no more."""

import json
import math
import os
import random
import subprocess
import sys
import zipfile
from collections import Counter

import pyarrow as pa
import pytest

from groundswell import registry
from groundswell.practices import link
from groundswell.runs import ingest as heavy
from groundswell.runs.company import open_company
from groundswell.runs.find import find
from groundswell.simulation.policy import Policy
from groundswell.simulation.traces import event_batches
from groundswell.simulation.world import simulate
from groundswell.sources import _zip, slack
from groundswell.store.engine import DuckDB
from groundswell.store.manifest import Intake
from groundswell.store.tables import Store

TIMES = 10
SLOPE = 1.1
"""Most that log(work) may grow with log(input): linear, with room for what a small input pays once."""

JOIN_SLOPE = 1.5
"""The same for rows handed on inside the engine: a join of a person's contacts grows a little faster than the company."""

PEOPLE = 20
WORDS = ("the build fails again", "I tried Copilot for this ticket", "and it wrote the tests", "thanks", "deploy", "review")


def export(path, channels, months=("2025-01", "2025-02", "2025-03"), days=5, seed=1):
    """A Slack export of so many channels, twelve messages a day in each."""
    chance = random.Random(seed)
    users = [{"id": f"U{n:04d}", "team_id": "T1", "profile": {"email": f"p{n}@invented.example"}} for n in range(PEOPLE)]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("users.json", json.dumps(users))
        out.writestr("channels.json", json.dumps([{"id": f"C{n:04d}", "name": f"room-{n}"} for n in range(channels)]))
        for month in months:
            for day in range(1, days + 1):
                for room in range(channels):
                    posts = [_post(chance, users, int(month[-2:]), day, n) for n in range(12)]
                    out.writestr(f"room-{room}/{month}-{day:02d}.json", json.dumps(posts))
    return path


def _post(chance, users, month, day, number):
    text = " ".join(chance.choices(WORDS, k=5))
    ts = 1_735_689_600 + ((month - 1) * 31 + day) * 86_400 + number * 60
    return {"type": "message", "user": chance.choice(users)["id"], "text": text, "ts": f"{ts}.{chance.randrange(10**6):06d}"}


@pytest.fixture
def work(monkeypatch):
    """What is done from here on, by kind."""
    done = Counter()

    def counted(kind, amount, real):
        def call(*words, **named):
            result = real(*words, **named)
            done[kind] += amount(result)
            return result

        return call

    monkeypatch.setattr(_zip.os, "pread", counted("bytes read", len, os.pread))
    monkeypatch.setattr(slack, "posts_of", counted("messages decoded", len, slack.posts_of))
    monkeypatch.setattr(_zip.Reader, "read", counted("files inflated", lambda _: 1, _zip.Reader.read))
    monkeypatch.setattr(heavy, "_joined", counted("calls of the reader", lambda _: 1, heavy._joined))
    monkeypatch.setattr(Store, "_save", counted("files drafted", lambda _: 1, Store._save))
    monkeypatch.setattr(Store, "_merge", counted("partitions merged", lambda _: 1, Store._merge))
    return done


def take_in(path, store, work):
    """Read an export into a store in this process; the work it took."""
    work.clear()
    _zip._zip.cache_clear()
    heavy.ingest(Store(store), find([path]).exports, key=bytes(range(32)), workers=1)
    return dict(work)


def slope(one, other):
    """log(work) over log(input)."""
    return math.log(other / one) / math.log(TIMES)


def test_ten_times_the_messages_is_ten_times_the_reading(tmp_path, work):
    """Bytes read, files inflated and messages decoded grow in proportion; calls, drafts and merges hang on months alone."""
    small = take_in(export(tmp_path / "small.zip", 4), tmp_path / "one", work)
    large = take_in(export(tmp_path / "large.zip", 4 * TIMES), tmp_path / "ten", work)
    for kind in ("bytes read", "files inflated", "messages decoded"):
        assert 0.8 < slope(small[kind], large[kind]) < SLOPE, kind
    for kind in ("calls of the reader", "files drafted", "partitions merged"):
        assert large[kind] == small[kind], kind


def test_every_day_file_is_inflated_and_decoded_once(tmp_path, work):
    """One pass: each day file once, each list at most twice (to recognise, to read); bytes those of the zip and a margin."""
    path = export(tmp_path / "export.zip", 20)
    done = take_in(path, tmp_path / "store", work)
    assert done["messages decoded"] == 20 * 15 * 12
    assert 20 * 15 + 2 <= done["files inflated"] <= 20 * 15 + 4
    margin = (20 * 15 + 4) * (_zip.LOCAL_BYTES + 512) + 2 * 65_557  # a guess at each header, and the directory
    assert done["bytes read"] <= path.stat().st_size + margin


def test_one_more_day_costs_its_month(tmp_path, work):
    """An export taken a day later is read from its last month on; merged is that month; the same export again costs nothing."""
    months = [f"2024-{n:02d}" for n in range(1, 13)]
    first = take_in(export(tmp_path / "first.zip", 6, months), tmp_path / "store", work)
    with (
        zipfile.ZipFile(tmp_path / "first.zip") as old,
        zipfile.ZipFile(tmp_path / "later.zip", "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            new.writestr(member, old.read(member))
        users, chance = [{"id": "U0001"}], random.Random(2)
        new.writestr("room-0/2024-12-06.json", json.dumps([_post(chance, users, 12, 6, n) for n in range(12)]))
    later = take_in(tmp_path / "later.zip", tmp_path / "store", work)
    assert later["messages decoded"] <= first["messages decoded"] / 12 + 12
    assert later["files inflated"] <= first["files inflated"] / 12 + 5
    assert later["partitions merged"] <= first["partitions merged"] / 12 + 2  # aliases have no month
    again = take_in(tmp_path / "later.zip", tmp_path / "store", work)
    assert not again.get("messages decoded")
    assert not again.get("partitions merged")


class Profiled:
    """An engine that adds up the rows its operators hand on; pairs a join looks at and dismisses itself are not among them."""

    def __init__(self, engine):
        self._engine = engine
        engine._db.execute("pragma enable_profiling = 'no_output'")
        self.rows = 0

    def run(self, sql):
        answer = self._engine.run(sql)
        self.rows += sum(_rows(json.loads(self._engine._db.get_profiling_information(format="json")).get("operator", [])))
        return answer

    def has(self, table):
        return self._engine.has(table)

    def register(self, name, table):
        self._engine.register(name, table)


def _rows(operators):
    for operator in operators:
        yield operator["intermediate_rows"]
        yield from _rows(operator.get("children", []))


@pytest.fixture(scope="module")
def companies(tmp_path_factory):
    """(rows stored, engine) of a company and of one ten times its size."""
    found = []
    for people in (40, 40 * TIMES):
        store = Store(tmp_path_factory.mktemp("company") / "store")
        with store.writing():
            world = simulate(people=people, weeks=30, policy=Policy.BOTH, seed=3)
            store.commit(store.draft(event_batches(world, labels=100)), Intake("world", "simulation"))
            store.settle()
        engine = open_company(store)
        traces = engine.run("select count(*) as n from traces")["n"][0].as_py()
        found.append((traces, engine))
    return found


@pytest.mark.parametrize("measure", registry.measures().values(), ids=registry.measures())
def test_ten_times_the_people_is_ten_times_the_counting(measure, companies):
    """Rows handed on inside the engine grow with the rows stored: no measure compares everybody with everybody."""
    (small, one), (large, ten) = companies
    work = []
    for engine in (one, ten):
        spy = Profiled(engine)
        measure.count(spy)
        work.append(spy.rows)
    if work[0] < 1_000:
        return  # nothing to count in the small company
    assert math.log(work[1] / work[0]) / math.log(large / small) < JOIN_SLOPE


def test_ten_times_the_people_is_ten_times_the_linking(companies):
    """Making practices out of acts, with their births, lives and origins, hands on rows in proportion too."""
    work = []
    for _, engine in companies:
        spy = Profiled(engine)
        link.link(spy, end=engine.run("select end_day from period")["end_day"][0].as_py())
        work.append(spy.rows)
    (small, _), (large, _) = companies
    assert math.log(work[1] / work[0]) / math.log(large / small) < JOIN_SLOPE


def test_counting_work_is_seen():
    """A text that compares every row with every row handles the square of its rows, and the count of work says so."""
    work = []
    for size in (100, 1_000):
        engine = DuckDB()
        engine.register("things", pa.table({"n": pa.array(range(size), pa.int64())}))
        spy = Profiled(engine)
        spy.run("select count(*) as n from things a join things b on a.n < b.n")
        work.append(spy.rows)
    assert slope(*work) > 1.8


START = """
import sys
sys.argv = ["groundswell", sys.argv[1]]
from groundswell.cli.main import app
try:
    app()
except SystemExit:
    inside = [m.split(".") for m in sys.modules if m.startswith("groundswell.")]
    print(len(sys.modules), *{m[1] for m in inside if len(m) > 2})  # a room's own sentence does no work; its files do
"""


@pytest.mark.parametrize("command", ["--help", "--version"])
def test_start_up_opens_few_files(command):
    """The command line imports fewer than 500 modules before it knows what to do, and no room that works."""
    told = subprocess.run([sys.executable, "-c", START, command], capture_output=True, text=True, check=True).stdout
    modules, *rooms = told.splitlines()[-1].split()
    assert int(modules) < 500
    assert "cli" in rooms
    assert not {"runs", "report", "measures", "simulation", "practices", "ties", "reading", "sources", "store"} & set(rooms)
