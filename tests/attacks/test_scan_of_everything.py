"""The whole path on an invented company, failures provoked on the way; then every byte it left is searched for its people.

Searched for: every full name, surname, address, login and user name of the company, and every run of six words of every message
and commit (shorter messages name nobody). A search sees what is planted: see the last tests.
"""

import json
import os
import re
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import zipfile
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import groundswell
from groundswell.simulation.exports import company as exports
from groundswell.simulation.names import christen
from groundswell.simulation.policy import Policy
from groundswell.simulation.world import simulate
from source_samples import SAMPLES

ORDINARY = {"Giả Định"}
"""Names in samples that are ordinary words too, in Vietnamese "assumption": names only as they are written."""

PACKAGE = Path(groundswell.__file__).parent.parent
"""What is run: the tree that is tested, not one that happens to be installed."""

WORDS = 6
"""Words in a row that no page writes by chance and a quotation always holds."""

WORD = re.compile(r"[^\W_]+")

CRASH = """
import sys
from groundswell.cli import main
from groundswell.reading import reader
from groundswell.runs import ingest
ingest.POOL_BYTES = 1 << 40  # a worker process would not have the broken reader
def annotate(self, messages):
    text = max(messages.columns["text"], key=len)
    HOW
reader.Reader.annotate = annotate
WEAKENED
main.run()
"""
"""A command in which the reader breaks, with the text and a name in its message."""

RAISES = 'raise ValueError(f"cannot read {text!r} of {sys.argv[-1]}")'
IN_A_THREAD = """import threading
    def fail():
        raise ValueError(text)
    one = threading.Thread(target=fail)
    one.start()
    one.join()
    class Late:
        def __del__(self):
            raise ValueError(text)
    Late()
    return []"""
ABORTS = "import os; os.abort()"
SEGFAULTS = "import ctypes; ctypes.string_at(0)"

IN_WORKERS = """
import sys
if "multiprocessing" in " ".join(sys.orig_argv):
    from groundswell.reading import reader
    def annotate(self, messages):
        text = max(messages.columns["text"], key=len)
        raise ValueError(f"cannot read {text!r}")
    reader.Reader.annotate = annotate
"""
"""A reader that breaks in the worker processes alone."""

MANY_WORKERS = """
from groundswell.cli import main
from groundswell.runs import ingest
ingest.POOL_BYTES = 0
main.run()
"""
"""A command that reads in a pool of processes, however little there is to read."""


def shingles(text):
    """Every run of six words."""
    words = [w.lower() for w in WORD.findall(text)]
    return {tuple(words[n : n + WORDS]) for n in range(len(words) - WORDS + 1)}


class Search:
    """What is searched for."""

    def __init__(self, names, texts):
        self.names = sorted({n for n in names if len(n) > 4})
        self.texts = set().union(*map(shingles, texts))

    def in_text(self, text):
        """Names and quotations in a text."""
        low = text.lower()
        # A single word may be an ordinary one too ("Outside"): it is a name only as it is written.
        names = [n for n in self.names if (n in text if n.isalpha() or n in ORDINARY else n.lower() in low)]
        return names + [" ".join(s) for s in shingles(text) & self.texts]

    def in_bytes(self, raw):
        """The same in any bytes, as either encoding a name could stand in."""
        return self.in_text(raw.decode("utf8", "replace")) or self.in_text(raw.decode("utf-16-le", "replace"))

    def in_files(self, *folders, apart=()):
        """File -> what was found, below folders; tables are searched as bytes and as rows, archives member by member."""
        found = {}
        for path in (p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file()):
            if any(path.is_relative_to(a) for a in apart):
                continue
            hits = self.in_bytes(path.read_bytes()) + self.in_text(path.name)
            if path.suffix == ".parquet":
                hits += self.in_text(str(pq.read_metadata(path).metadata or ""))
                hits += self.in_text(
                    json.dumps(pq.read_table(path, partitioning=None).to_pylist(), default=str, ensure_ascii=False)
                )
            elif zipfile.is_zipfile(path):
                with zipfile.ZipFile(path) as archive:
                    hits += [hit for n in archive.namelist() for hit in self.in_bytes(archive.read(n))]
            if hits:
                found[str(path)] = hits[:5]
        return found


def everybody(world):
    """Every way the people of a simulated company are written."""
    people = christen(world.company, world.chance)
    return [word for p in people for word in (p.name, p.last, p.email, p.login, p.username)]


def everything_said(folder):
    """Every text in the exports: chat, list, commits."""
    texts = []
    for archive in folder.glob("*.zip"):
        with zipfile.ZipFile(archive) as held:
            for name in held.namelist():
                raw = held.read(name).decode("utf8", "replace")
                texts += re.findall(r'"(?:text|message)":\s*"((?:[^"\\]|\\.)*)"', raw)
    for repository in folder.glob("*.git"):
        log = subprocess.run(
            ["git", "-C", repository, "log", "--all", "--format=%B%x00"], capture_output=True, text=True, check=True
        )
        texts += log.stdout.split("\0")
    return texts


def images_wanted():
    """Let the system write a memory image of whatever crashes, as a machine of a developer does."""
    hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))


class Machine:
    """A home of its own in which commands run, every place they may write to under one folder."""

    def __init__(self, home):
        self.home = home
        self.said = []
        for name in ("work", "tmp", "cache", "state"):
            (home / name).mkdir(parents=True)
        self.env = {
            **{k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "VIRTUAL_ENV")},
            "HOME": str(home), "TMPDIR": str(home / "tmp"), "XDG_CACHE_HOME": str(home / "cache"), "PYTHONDONTWRITEBYTECODE": "1",
            "XDG_STATE_HOME": str(home / "state"), "PYTHONFAULTHANDLER": "1", "PYTHONPATH": str(PACKAGE),
        }  # fmt: skip

    def run(self, *args, code=None, kill_after=None, by=signal.SIGKILL, everywhere=""):
        """Run a command, or a script in its place; keep all it says.

        Args:
            code: runs in place of the command.
            kill_after: seconds until the signal `by` is sent.
            everywhere: code that every process runs first, worker processes too.
        """
        head = ["-c", code] if code else ["-m", "groundswell.cli.main"]
        (self.home / "site").mkdir(exist_ok=True)
        (self.home / "site" / "sitecustomize.py").write_text(everywhere)
        run = subprocess.Popen(
            [sys.executable, *head, *map(str, args)],
            cwd=self.home / "work",
            env={**self.env, "PYTHONPATH": os.pathsep.join((self.env["PYTHONPATH"], str(self.home / "site")))},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=images_wanted,
        )
        if kill_after is not None:
            time.sleep(kill_after)
            run.send_signal(by)
        out, err = run.communicate(timeout=300)
        self.said += [out, err]
        (self.home / f"said-{len(self.said)}").write_bytes(out + err)
        return run.returncode


def damaged(folder, into):
    """A copy of the exports in which each is broken in the middle, with names and texts around the break."""
    into.mkdir()
    for path in (p for p in folder.iterdir() if p.is_file()):
        raw = path.read_bytes()
        half = len(raw) // 2
        (into / path.name).write_bytes(raw[:half] + b'\x00"}{[\xff\xfe' + raw[half + 40 : half + 4000])
    return into


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """(search, exports) of a simulated company of 40 people with 20 weeks of chat, code, logs and seats."""
    folder = tmp_path_factory.mktemp("scan") / "exports"
    world = simulate(people=40, weeks=20, policy=Policy.BOTH, seed=3)
    exports.write(world, folder)
    shutil.rmtree(folder / "truth", ignore_errors=True)
    search = Search(everybody(world), everything_said(folder))
    assert len(search.names) > 150
    assert len(search.texts) > 1_000
    assert search.in_files(folder), "the exports do hold names"
    return search, folder


@pytest.fixture(scope="module")
def machine(company, tmp_path_factory):
    """A machine on which everything was run, well and badly."""
    _, folder = company
    made = Machine(tmp_path_factory.mktemp("machine"))
    broken = damaged(folder, made.home.parent / f"{made.home.name}-broken")
    assert made.run("init", "firm", "--no-ask") == 0
    made.run("read", "firm", folder, kill_after=4)
    assert made.run("read", "firm", folder) == 0
    for form in ("html", "json", "md"):
        assert made.run("measure", "firm", "--format", form) == 0
    for args in (("doctor", folder, "--json"), ("verify", "firm"), ("pack", "firm"), ("mine", "firm", "--login", "nobody")):
        assert made.run(*args) == 0
    made.run("mine", "firm", "--email", christen_one(company), "--opt-out")
    made.run("read", "firm", broken)
    made.run("report", broken)
    made.run("report", folder, kill_after=5)
    assert made.run("report", folder, code=crash(RAISES)) == 1
    assert made.run("report", folder, code=crash(IN_A_THREAD)) == 1
    for how, by in ((ABORTS, signal.SIGABRT), (SEGFAULTS, signal.SIGSEGV)):
        assert made.run("report", folder, code=crash(how)) == -by
    assert made.run("report", folder, code=MANY_WORKERS, everywhere=IN_WORKERS) == 1
    made.run("report", folder, kill_after=4, by=signal.SIGABRT)
    return made


def crash(how, weakened=""):
    """A command in which the reader breaks in one way."""
    return CRASH.replace("HOW", how).replace("WEAKENED", weakened)


def christen_one(company):
    """An address of the company."""
    return next(n for n in company[0].names if "@" in n)


@pytest.mark.slow
def test_nothing_that_was_left_names_anybody(company, machine):
    """After reading, measuring, packing, erasing, breaking and being killed, no table, page, record, key, temporary file,
    cache, output or error holds a name, an address, a login or a sentence of anybody."""
    search, _ = company
    written = [p for p in machine.home.rglob("*") if p.is_file()]
    assert len(written) > 30
    assert search.in_files(machine.home) == {}
    assert not [p for p in machine.home.rglob("*") if p.name.startswith("core")]


@pytest.mark.slow
def test_a_crash_says_kind_and_place_alone(machine):
    """Unforeseen failures, in the command, in a thread, while an object is taken down and in a worker process, were told as one
    line each without the text or the name in their message; crashes of the interpreter left a list of places and no image."""
    said = b"\n".join(machine.said).decode()
    lines = [line for line in said.splitlines() if "A failure of ours" in line]
    assert len(lines) >= 4
    assert all(
        re.fullmatch(r"A failure of ours: (\w+ at [\w<>:. ]+(; after )?)+\. Nothing more is printed.*", line) for line in lines
    )
    assert sum("ValueError at" in line for line in lines) >= 4
    assert "cannot read" not in said
    assert said.count("Fatal Python error") >= 2, "the interpreter's own crash report was asked for, and holds places alone"


WEAKENED = {
    "message": crash(RAISES, "main.told = lambda error: repr(error)"),
    "thread": crash(IN_A_THREAD, "main.hush = lambda: None"),
    "image": crash(ABORTS, "main.hush = lambda: None"),
}
"""A build that prints the message of a failure, one that leaves threads to the interpreter, one that leaves images to the
system."""


@pytest.mark.slow
@pytest.mark.parametrize("how", WEAKENED)
def test_weakened_a_crash_that_tells_is_seen(how, company, tmp_path):
    """Against each weakened build the search finds the sentence, in what was said or in the memory image."""
    if how == "image" and not images_are_written():
        pytest.skip("this system writes no memory image into the working folder")
    search, folder = company
    machine = Machine(tmp_path / "weak")
    machine.run("report", folder, code=WEAKENED[how])
    found = search.in_files(machine.home)
    assert found
    assert how != "image" or any("core" in name for name in found)


def images_are_written():
    """Whether this system writes memory images where a process stands, and lets us ask for them."""
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    return pattern == "core" and resource.getrlimit(resource.RLIMIT_CORE)[1] != 0


@pytest.fixture(scope="module")
def sample_search():
    """What is searched for in the samples of all sources: their own lists of names and of what is never stored."""
    lines = [line.strip() for file in SAMPLES.glob("*/names.txt") for line in file.read_text("utf8").splitlines()]
    return Search([line for line in lines if line and not line.startswith("#")], [line for line in lines if len(line) > 40])


def test_nothing_of_the_samples_is_left(sample_search, tmp_path):
    """The quick form of the search, over a folder with samples of chat, mail, people, usage and seats: nothing is left."""
    folder = tmp_path / "exports"
    for name in ("slack", "mattermost", "mbox", "org_chart", "litellm", "copilot_seats", "pulse"):
        shutil.copytree(SAMPLES / name, folder / name, ignore=shutil.ignore_patterns("names.txt", "expected.json"))
    machine = Machine(tmp_path / "machine")
    assert machine.run("init", "firm", "--no-ask") == 0
    assert machine.run("read", "firm", folder) == 0
    assert machine.run("measure", "firm", "--format", "json") == 0
    assert machine.run("pack", "firm") == 0
    assert sample_search.in_files(machine.home) == {}


PLANTED = ("text", "utf16", "table", "note of a table", "archive", "database", "name of a file")


@pytest.mark.parametrize("how", PLANTED)
def test_planted_the_search_sees_it(how, tmp_path):
    """A name planted in a log, in another encoding, in a column of a compressed table, in an archive or in the name of a file is
    found, and so is a sentence."""
    search = Search(["Ada Quill"], ["I tried it on the new invoices and it failed twice"])
    for told in ("by Ada Quill, at 9", "he wrote: tried it on the new invoices and ran"):
        place = tmp_path / str(len(told))
        place.mkdir()
        if how == "text":
            (place / "log").write_text(told)
        elif how == "utf16":
            (place / "log").write_text(told, "utf-16-le")
        elif how == "table":
            pq.write_table(pa.table({"tool": [told] * 3}), place / "x.parquet", compression="zstd")
        elif how == "note of a table":
            table = pa.table({"tool": ["claude"]}).replace_schema_metadata({"read by": told})
            pq.write_table(table, place / "x.parquet", compression="zstd")
        elif how == "database":
            with closing(sqlite3.connect(place / "x.db")) as db:
                db.execute("create table held (told text)")
                db.execute("insert into held values (?)", [told])
                db.commit()
        elif how == "archive":
            with zipfile.ZipFile(place / "x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("a", told)
        else:
            (place / told).touch()
        assert search.in_files(place)
