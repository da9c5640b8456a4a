"""Commands of a user, run and watched: wall and CPU seconds with those of their processes, and the most memory held at once."""

import os
import resource
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

COMMAND = (sys.executable, "-c", "from groundswell.cli.main import run; run()")


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


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
    """Run a command in a folder that has a company in "company"; (wall, CPU, MB).

    With `kill_at`, it and its processes are killed once so many files are drafted.
    """
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


def line(title: str, told: tuple[float, float, float], beside: str = "") -> None:
    """Say what a command cost."""
    wall, spent, held = told
    say(f"{title:34} {wall:7.1f} s wall {spent:7.1f} CPU s {held:7,.0f} MB  {beside}")
