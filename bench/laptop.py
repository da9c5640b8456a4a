"""A company's whole chat on one machine, from zip to page: killed once, resumed, and read again after one more day of export.

Usage: python bench/laptop.py [millions of messages, default 0.2] [folder to work in]

The export is invented and repeats itself: 10,000 people and 250 channels for each million messages of thirteen weeks, in Slack's
form, some 1.4 kB a message as a lean real one has. Reading and counting are the commands a user runs, with two processes. Printed
for each: wall and CPU seconds with those of its processes, the most memory all of them held at once (each shared page counted
once), and the floor.
"""

import json
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import slack as invented
from isal import isal_zlib

WEEKS = 13
DAYS = 7 * WEEKS
PER_DAY = 44
"""Messages of a channel on a day."""
SELDOM = 22
"""One message in so many may speak of AI: the others are passed over by the reader's first look, as most of a company's are."""
COMMAND = (sys.executable, "-c", "from groundswell.cli.main import run; run()")


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Company:
    """An invented export, written day by day in bounded memory."""

    def __init__(self, millions: float) -> None:
        self.people = max(50, int(10_000 * millions))
        self.channels = max(2, round(millions * 1e6 / (DAYS * PER_DAY)))
        chance = random.Random(1)  # noqa: S311 - invents text, keeps no secret
        users = [f"U{n:08d}" for n in range(400)]
        self.days = [self._template(invented._day(chance, users, 0)) for _ in range(50)]

    def _template(self, posts: list[dict[str, object]]) -> list[tuple[int, bytes]]:
        """Messages of a day, each with its seconds after midnight and its text with places for day and person."""
        found = []
        for number, post in enumerate((posts * (1 + PER_DAY // len(posts)))[:PER_DAY]):
            post = {k: v for k, v in post.items() if k not in ("thread_ts", "parent_user_id", "replies", "latest_reply")}
            post |= {"ts": "@TS@", "user": "@USER@"}
            if number % 5 in (3, 4):
                post |= {"thread_ts": "@ROOT@", "parent_user_id": "@OTHER@"}
            text = json.dumps(post, indent=4).encode()
            found.append((number * 400 + 17, text if number % SELDOM == 0 else text.replace(b"Copilot", b"compiler")))
        return found

    def write(self, out: zipfile.ZipFile, first: int, last: int) -> int:
        """Add days to a zip; the bytes of JSON."""
        written = 0
        for day in range(first, last):
            start = 1_760_054_400 + day * 86_400
            name = time.strftime("%Y-%m-%d", time.gmtime(start))
            for channel in range(self.channels):
                text = self._file(start, day, channel)
                out.writestr(f"room-{channel}/{name}.json", text)
                written += len(text)
        return written

    def _file(self, start: int, day: int, channel: int) -> bytes:
        posts = []
        root, opener = b"", b""
        # A channel has some forty regulars, so that people meet again.
        regulars = [b"U%08d" % ((channel * 40 + n * 7919 * (n % 3)) % self.people) for n in range(40)]
        for number, (second, text) in enumerate(self.days[(day * 31 + channel) % len(self.days)]):
            ts = b"%d.%06d" % (start + second, channel % 1_000_000)
            user = regulars[(number * 7 + day) % 40]
            if number % 5 == 0:
                root, opener = ts, user
            posts.append(text.replace(b"@TS@", ts).replace(b"@USER@", user).replace(b"@ROOT@", root).replace(b"@OTHER@", opener))
        return b"[\n" + b",\n".join(posts) + b"\n]"

    def lists(self, out: zipfile.ZipFile) -> None:
        """Add the lists of channels and users."""
        out.writestr("channels.json", json.dumps([{"id": f"C{n:08d}", "name": f"room-{n}"} for n in range(self.channels)]))
        users = [{"id": f"U{n:08d}", "team_id": "T1", "profile": {"email": f"p{n}@invented.example"}} for n in range(self.people)]
        out.writestr("users.json", json.dumps(users))


class Memory(threading.Thread):
    """Watches what a process and all below it hold, by proportional set size."""

    def __init__(self, process: int) -> None:
        super().__init__(daemon=True)
        self._process, self.most, self._on = process, 0, True

    def run(self) -> None:
        """Look twice a second."""
        while self._on:
            self.most = max(self.most, sum(_held(pid) for pid in _family(self._process)))
            time.sleep(0.5)

    def stop(self) -> float:
        """The most it saw, in MB."""
        self._on = False
        return self.most / 1024


def _family(process: int) -> list[int]:
    try:
        below = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return []
    return [process, *(pid for child in below for pid in _family(int(child)))]


def _held(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)


def groundswell(place: Path, *words: str, kill_at: int = 0) -> tuple[float, float, float]:
    """Run a command; (wall, CPU, MB). With `kill_at`, it and its processes are killed once so many files are drafted."""
    env = {**os.environ, "XDG_STATE_HOME": str(place / "state")}
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    with subprocess.Popen([*COMMAND, *words], cwd=place, env=env, stdout=subprocess.DEVNULL, start_new_session=True) as run:
        memory = Memory(run.pid)
        memory.start()
        while kill_at and run.poll() is None:
            if len(list(place.glob("company/store/*/traces/*/*.parquet"))) >= kill_at:
                os.killpg(run.pid, signal.SIGKILL)
                break
            time.sleep(0.1)
        if run.wait() and not kill_at:
            raise SystemExit(f"{words[0]} ended with {run.returncode}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return time.perf_counter() - began, spent, memory.stop()


def size(folder: Path, pattern: str) -> float:
    """MB of the files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob(pattern)) / 1e6


def floors(path: Path) -> tuple[float, float]:
    """CPU seconds of inflating the day files to nothing, and of decoding them to nothing as well."""
    import msgspec

    from groundswell.sources._zip import need_archive

    archive = need_archive(path)
    skim = msgspec.json.Decoder(list[msgspec.defstruct("Skim", [])])
    days = [name for name in archive.members if "/" in name]
    begin = time.process_time()
    with archive.reading() as reader:
        for name in days:
            reader.read(name)
        middle = time.process_time()
        for name in days:
            skim.decode(reader.read(name))
    return middle - begin, time.process_time() - middle


def line(title: str, told: tuple[float, float, float], beside: str = "") -> None:
    """Say what a command cost."""
    wall, spent, held = told
    say(f"{title:34} {wall:7.1f} s wall {spent:7.1f} CPU s {held:7,.0f} MB  {beside}")


def run(millions: float, place: Path) -> None:
    """All of it."""
    zipfile.zlib = isal_zlib  # type: ignore[attr-defined] # packs ten times faster; what is measured is reading
    company, path = Company(millions), place / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        company.lists(out)
        written = company.write(out, 0, DAYS - 1)
    messages = (DAYS - 1) * PER_DAY * company.channels
    say(
        f"{messages:,} messages, {company.people:,} people, {written / 1e9:.2f} GB of JSON in {path.stat().st_size / 1e6:,.0f} MB"
    )
    inflate, decode = floors(path)
    say(f"floor: inflate to nothing {inflate:.1f} CPU s, inflate and decode to nothing {decode:.1f} CPU s")
    groundswell(place, "init", "--no-ask", "company")
    parts = max(2, messages // 1_000_000)
    line("read, killed on the way", groundswell(place, "read", "company", "export.zip", kill_at=parts))
    line(
        "read, resumed to the end",
        told := groundswell(place, "read", "company", "export.zip"),
        f"{told[1] / decode:.1f} times decoding",
    )
    say(f"store {size(place / 'company', '*.parquet'):,.0f} MB")
    line("read again, nothing new", groundswell(place, "read", "company", "export.zip"))
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        company.write(out, DAYS - 1, DAYS)
    line(
        "read after one more day",
        told_day := groundswell(place, "read", "company", "export.zip"),
        f"a day is 1/{DAYS} of the whole",
    )
    say(f"one more day cost 1/{told[1] / told_day[1]:.0f} of the resumed reading")
    line("measure: count, estimate, page", groundswell(place, "measure", "company", "-o", "page.html"))


def main(words: list[str]) -> None:
    """Work in a folder that is removed afterwards."""
    home = Path(words[1]) if len(words) > 1 else None
    place = Path(tempfile.mkdtemp(prefix="laptop-", dir=home))
    try:
        run(float(words[0]) if words else 0.2, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
