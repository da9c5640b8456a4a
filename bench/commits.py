"""A company's history of commits on one machine, from repository to page: killed once, resumed, read again after a day more.

Usage: python bench/commits.py [thousands of commits, default 20] [folder to work in]

The repository is invented: five years of work by one person for each 400 commits, one in thirty with a mark of an AI tool in its
trailers. Reading and counting are the commands a user runs. The floor is `git log` of the same commits to nowhere.
"""

import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from _commands import groundswell, line, say, size

DAYS = 5 * 365
BEGIN = 1_600_000_000
FOLDERS, FILES = 200, 50
MARKS = (
    b"Co-authored-by: Copilot <175728472+Copilot@users.noreply.github.com>",
    b"Co-Authored-By: Claude <noreply@anthropic.com>",
    b"Generated-by: aider",
)


def stream(first: int, last: int, a_day: int, *, people: int, onto: bytes) -> Iterator[bytes]:
    """Commits of some days, as `git fast-import` takes them."""
    chance = random.Random(first)  # noqa: S311 - invents work, keeps no secret
    for number in range(first * a_day, last * a_day):
        second = BEGIN + number * 86_400 // a_day
        who = chance.randrange(people)
        mark = b"\n" + MARKS[chance.randrange(len(MARKS))] + b"\n" if chance.random() < 1 / 30 else b""
        text = b"Mend the %dth of many things\n%s" % (number, mark)
        person = b"Person %d <p%d@invented.example> %d +0000" % (who, who, second)
        yield b"commit refs/heads/main\nauthor %s\ncommitter %s\ndata %d\n%s" % (person, person, len(text), text)
        if onto:
            yield b"from %s\n" % onto
            onto = b""
        content = b"%d\n" % number
        path = b"part%d/file%d.py" % (chance.randrange(FOLDERS), chance.randrange(FILES))
        yield b"M 100644 inline %s\ndata %d\n%s\n" % (path, len(content), content)


def write(repository: Path, first: int, last: int, a_day: int, *, people: int, onto: bytes = b"") -> None:
    """Add days of commits to a repository."""
    words = ["git", "--git-dir", str(repository), "fast-import", "--quiet"]
    with subprocess.Popen(words, stdin=subprocess.PIPE) as run:
        assert run.stdin is not None  # noqa: S101 - asked for above
        for piece in stream(first, last, a_day, people=people, onto=onto):
            run.stdin.write(piece)
        run.stdin.close()
        if run.wait():
            raise SystemExit("git fast-import failed")


def floor(repository: Path) -> float:
    """CPU seconds of `git log` to nowhere."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(os.devnull, "wb") as nowhere:
        subprocess.run(["git", "--git-dir", str(repository), "log", "--all"], stdout=nowhere, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def run(thousands: float, place: Path) -> None:
    """All of it."""
    repository = place / "exports" / "work.git"
    repository.parent.mkdir()
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(repository)], check=True)
    a_day = max(2, round(1_000 * thousands / DAYS))
    people = max(20, a_day * DAYS // 400)
    write(repository, 0, DAYS - 1, a_day, people=people)
    least = floor(repository)
    say(f"{a_day * (DAYS - 1):,} commits of {people:,} people, {size(repository, '*.pack'):,.0f} MB; git log {least:.1f} CPU s")
    groundswell(place, "init", "--no-ask", "company")
    line("read, killed on the way", groundswell(place, "read", "company", "exports", kill_at=2))
    told = groundswell(place, "read", "company", "exports")
    line("read, resumed to the end", told, f"{told[1] / least:.1f} times git log")
    say(f"store {size(place / 'company', '*.parquet'):,.0f} MB")
    line("read again, nothing new", groundswell(place, "read", "company", "exports"))
    write(repository, DAYS - 1, DAYS, a_day, people=people, onto=b"refs/heads/main^0")
    told_day = groundswell(place, "read", "company", "exports")
    line("read after one more day", told_day, f"1/{told[1] / told_day[1]:.0f} of the resumed reading")
    line("measure: count, estimate, page", groundswell(place, "measure", "company", "-o", "page.html"))


def main(words: list[str]) -> None:
    """Work in a folder that is removed afterwards."""
    place = Path(tempfile.mkdtemp(prefix="commits-", dir=words[1] if len(words) > 1 else None))
    try:
        run(float(words[0]) if words else 20.0, place)
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
