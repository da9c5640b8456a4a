"""The same definitions on one machine and on a cluster: a real one, on loopback, whose workers die."""

import json
import math
import os
import subprocess
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

pytest.importorskip("pyspark", reason="the extra [spark] is not installed")

from cluster import cluster as started

from groundswell import registry
from groundswell.simulation.exports.company import write
from groundswell.simulation.policy import Dials, Policy
from groundswell.simulation.traces import event_batches
from groundswell.simulation.world import simulate
from groundswell.store.manifest import Intake, load
from groundswell.store.tables import Store

pytestmark = pytest.mark.spark

HERE = Path(__file__).parent
RELATIVE = 1e-9
"""How far floats may lie apart: sums are taken in another order."""

ENV = {**os.environ, "PYSPARK_PYTHON": sys.executable}
"""The driver names the Python of the workers: one that has this package."""

LOCK = 1_800
"""Seconds after which a run on the cluster is given up."""


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """A master and two workers."""
    with started(tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A small company that announces, demands, tries and stops, with every table filled that a simulated company fills."""
    dials = Dials(starts=0.05, announcements=6.0, demand_share=0.5)
    world = simulate(people=150, weeks=56, policy=Policy.BOTH, seed=11, dials=dials)
    made = Store(tmp_path_factory.mktemp("company [of 150]") / "store")  # a folder's name with a sign Spark reads as a pattern
    with made.writing():
        made.commit(made.draft(event_batches(world, labels=160)), Intake("world", "simulation"))
        made.settle()
    return made


@pytest.fixture(scope="module")
def here(store, tmp_path_factory):
    """Every table there is, counted by the embedded engine."""
    return counted(store, tmp_path_factory.mktemp("here"))


def run(script, *words):
    """Run one of the scripts beside this file."""
    done = subprocess.run(
        [sys.executable, str(HERE / script), *map(str, words)],
        capture_output=True,
        text=True,
        timeout=LOCK,
        check=False,
        env=ENV,
    )
    assert done.returncode == 0, done.stderr[-4_000:]


def counted(store, folder, address=""):
    """Name -> table, as one engine counts."""
    run("counted.py", store.folder, folder, *([address] if address else []))
    sys.stdout.write(f"{address or 'here'}: {json.loads((folder / 'seconds.json').read_text())}\n")
    return {path.stem: pq.read_table(path) for path in sorted(folder.glob("*.parquet"))}


def differences(one, other):
    """Names of the tables that are not the same, in columns, types, order of rows, or a value."""
    return [name for name in sorted({*one, *other}) if name not in one or name not in other or not same(one[name], other[name])]


def same(one, other):
    """Whether two tables are the same; floats to RELATIVE."""
    if one.schema.remove_metadata() != other.schema.remove_metadata() or len(one) != len(other):
        return False
    for name in one.column_names:
        for left, right in zip(one[name].to_pylist(), other[name].to_pylist(), strict=True):
            if left != right and not (isinstance(left, float) and math.isclose(left, right, rel_tol=RELATIVE)):
                return False
    return True


def test_parity_sees_a_difference(here):
    """One value changed in one row of one table, or a row moved, and the comparison names the table."""
    assert differences(here, here) == []
    for name, table in here.items():
        if len(table) > 1 and table.slice(0, 1).to_pylist() != table.slice(1, 1).to_pylist():
            assert differences(here, {**here, name: table.slice(1)}) == [name]
            turned = table.take([1, 0, *range(2, len(table))])
            assert differences(here, {**here, name: turned}) == [name]


def test_the_company_leaves_no_text_without_rows(here):
    """The parity says something: nearly every text gives rows on this company, and every measure counts something."""
    texts = [name for name in here if name.startswith("text-")]
    assert sum(len(here[name]) > 0 for name in texts) > 0.8 * len(texts)
    for name in registry.measures():
        assert any(len(here[n]) for n in here if n.startswith((f"count-{name}-", f"text-{name}-"))), name


def test_every_count_is_the_same_over_connect(store, here, cluster, tmp_path):
    """Every text and count of every measure, every practice, tie and membership: the same tables through Spark Connect."""
    address = cluster.connect()
    try:
        assert differences(here, counted(store, tmp_path, address)) == []
    finally:
        cluster.kill("connect")


def test_every_count_is_the_same_though_a_worker_dies(store, here, cluster, tmp_path):
    """On a classic master, with a worker and its executor killed in the middle, still the same tables."""
    command = [sys.executable, str(HERE / "counted.py"), str(store.folder), str(tmp_path), cluster.address]
    with (tmp_path / "log").open("wb") as log:
        counting = subprocess.Popen(command, stdout=log, stderr=log, env=ENV)
    wait_for(lambda: "Registered executor" in cluster.log("master") or working(cluster, "worker-2"), counting)
    time.sleep(20)
    assert counting.poll() is None, (tmp_path / "log").read_text()[-4_000:]
    cluster.kill("worker-2")
    assert counting.wait(LOCK) == 0, (tmp_path / "log").read_text()[-4_000:]
    cluster.add_worker("worker-2")
    assert differences(here, {path.stem: pq.read_table(path) for path in tmp_path.glob("*.parquet")}) == []


def working(cluster, name):
    """Whether a worker has started an executor that still runs."""
    return "Asked to launch executor" in cluster.log(name)


def wait_for(condition, process):
    """Wait until something holds, while a process runs."""
    until = time.monotonic() + LOCK
    while not condition():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.1)


def test_the_heavy_pass_leaves_the_same_files_though_a_worker_dies(cluster, tmp_path):
    """Exports read by Spark's workers, one of them killed in the middle, end as the very same files as those read here."""
    exports, local, spread = tmp_path / "exports", tmp_path / "here", tmp_path / "there"
    world = simulate(people=120, weeks=60, policy=Policy.BOTH, seed=5)
    write(world, exports, sources=("slack", "org_chart", "copilot", "claude_code", "litellm", "seats"))
    run("taken_in.py", exports, local)
    with (tmp_path / "log").open("wb") as log:
        reading = subprocess.Popen(
            [sys.executable, str(HERE / "taken_in.py"), str(exports), str(spread), cluster.address],
            stdout=log,
            stderr=log,
            env=ENV,
        )
    wait_for(lambda: any(spread.glob("traces/*/*.parquet")), reading)
    cluster.kill("worker-1")
    drafted = len(list(spread.glob("traces/*/*.parquet")))
    assert reading.wait(LOCK) == 0, (tmp_path / "log").read_text()[-4_000:]
    cluster.add_worker("worker-1")
    one, other = load(local), load(spread)
    assert drafted < len(one.tables["traces"])  # it died before the work was done
    assert one.tables == other.tables  # files are named by their content
    assert one.intakes == other.intakes


def groundswell(folder, *words):
    """Run the command as a user would; what it wrote to the terminal."""
    command = [sys.executable, "-m", "groundswell.cli.main", *map(str, words)]
    env = {**ENV, "XDG_STATE_HOME": str(folder / "state")}
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=LOCK, check=False)
    assert done.returncode == 0, done.stderr[-4_000:]
    return done.stdout


def test_the_commands_take_an_engine(cluster, tmp_path):
    """`read --engine spark://` and `measure --engine sc://` leave the same store and the same page as without."""
    exports = tmp_path / "exports"
    write(simulate(people=40, weeks=30, policy=Policy.BOTH, seed=5), exports, sources=("slack", "org_chart", "claude_code"))
    pages, stores = [], []
    for company in ("here", "there"):
        groundswell(tmp_path, "init", "--no-ask", company)
        groundswell(tmp_path, "read", company, exports, *(["--engine", cluster.address] if company == "there" else []))
        at = ["--engine", cluster.connect()] if company == "there" else []
        groundswell(tmp_path, "measure", company, "--format", "json", "-o", f"{company}.json", *at)
        pages.append((tmp_path / f"{company}.json").read_text("utf8"))
        stores.append(load(next((tmp_path / company / "store").iterdir())).tables)
    cluster.kill("connect")
    assert stores[0] == stores[1]
    assert pages[0] == pages[1]


@pytest.mark.parametrize("way", ["classic", "connect"])
def test_a_failure_on_the_cluster_quotes_no_value(cluster, tmp_path, way):
    """Texts that fail on somebody's name: Spark's own message quotes it, ours names the kind of failure and nothing else."""
    run("quoting.py", cluster.address if way == "classic" else cluster.connect(), tmp_path / "said.json")
    if way == "connect":
        cluster.kill("connect")
    said = json.loads((tmp_path / "said.json").read_text())
    assert len(said) >= 3
    assert any("Ada Quill" in theirs for _, theirs in said)
    assert all("a count failed" in ours for ours, _ in said)
    assert not [ours for ours, _ in said if "Quill" in ours]
