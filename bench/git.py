"""How fast the git source reads, against `git log` of the same commits to nowhere.

Usage: python bench/git.py [REPOSITORY...]; this one if none is named. Prints one line a repository: commits, commits per CPU
second (git and Python together) of the floor and of ours, their ratio (aim: at least 0.25), wall seconds, peak memory of Python.
Every figure is the best of ROUNDS, floor and ours in turn, so that a busy machine slows both alike.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from groundswell.privacy.door import Door
from groundswell.sources._git_open import command, opened
from groundswell.sources.git import SOURCE

ROUNDS = 3


def cpu(work: Callable[[], None]) -> tuple[float, float, float]:
    """CPU seconds with git's, wall seconds, and Python's own peak resident megabytes, of some work in a process of its own."""
    began = time.perf_counter()
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        work()
        os.write(into, str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss).encode("ascii"))
        os._exit(0)
    memory = int(os.read(out, 32))
    _, status, used = os.wait4(child, 0)
    os.close(out)
    os.close(into)
    if status:
        raise SystemExit(f"a round ended with status {status}")
    return used.ru_utime + used.ru_stime, time.perf_counter() - began, memory / 1024


def read(path: Path) -> None:
    """Read a repository to nowhere."""
    for _ in SOURCE.read(SOURCE.recognise(path), Door(b"k" * 32, "git")):  # type: ignore[arg-type]
        pass


def measure(path: Path) -> str:
    """Measure one repository and say it in one line."""
    with opened(path) as repository, tempfile.NamedTemporaryFile() as starts:
        starts.write(f"{repository.head}\n".encode("ascii") + repository.tips.read_bytes())
        starts.flush()

        def git(*words: str) -> bytes:
            with open(starts.name, "rb") as start:
                return subprocess.run(command(words), env=repository.env, stdin=start, capture_output=True, check=True).stdout

        def floor() -> None:
            with open(starts.name, "rb") as start, open(os.devnull, "wb") as nowhere:
                subprocess.run(command(("log", "--stdin")), env=repository.env, stdin=start, stdout=nowhere, check=True)

        commits = int(git("rev-list", "--count", "--stdin"))
        rounds = [(cpu(floor), cpu(lambda: read(path))) for _ in range(ROUNDS)]
    least = min(under[0] for under, _ in rounds)
    ours = min(over[0] for _, over in rounds)
    wall = min(over[1] for _, over in rounds)
    memory = max(over[2] for _, over in rounds)
    return (
        f"{path}: {commits:,} commits; git log {commits / least:,.0f} a CPU second, ours {commits / ours:,.0f}, "
        f"ratio {least / ours:.2f}; {wall:.1f} s wall; {memory:.0f} MB"
    )


if __name__ == "__main__":
    for name in sys.argv[1:] or [str(Path(__file__).parents[1])]:
        print(measure(Path(name)))  # noqa: T201 - a bench prints
