"""How fast chats and repositories become rows, beside the loaders a user would otherwise pick: slack-export-viewer and Perceval.

Usage: python bench/peers.py [PYTHON of an environment that has the peers] [a git repository]

The peers are installed apart, since they pin old libraries: an environment made from requirements/bench.in. Without one, or
without a repository, the bench says what it could not compare. Every figure is CPU seconds of a process of its own with its
children, the best of ROUNDS, ours and the peer's in turn, after the cost of starting and importing is taken off.
"""

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import slack as invented

ROUNDS = 2
LEAST = 0.05
"""CPU seconds below which the cost of starting hides what is measured."""
MEGABYTES = 200
MAILS = 50_000

START_PEER = {
    "slack": "import slackviewer.reader",
    "mbox": "import perceval.backends.core.mbox",
    "git": "import perceval.backends.core.git",
}
PEER = {
    "slack": """
import sys
from slackviewer.reader import Reader

class Config:
    archive, hide_channels = sys.argv[1], []

    def __getattr__(self, name):
        return None

print(sum(len(found) for found in Reader(Config()).compile_channels().values()), file=sys.stderr)
""",
    "mbox": """
import sys
from perceval.backends.core.mbox import MBox
print(sum(1 for _ in MBox("x", sys.argv[1]).fetch()), file=sys.stderr)
""",
    "git": """
import sys, tempfile
from perceval.backends.core.git import Git
with tempfile.TemporaryDirectory() as copy:
    print(sum(1 for _ in Git(sys.argv[1], copy + "/copy").fetch()), file=sys.stderr)
""",
}
START_OURS = "import numpy; from groundswell import registry; registry.sources(); from groundswell.privacy.door import Door"
OURS = """
import sys
from pathlib import Path
from groundswell import registry
from groundswell.privacy.door import Door
source = registry.sources()[sys.argv[2]]
rows = {}
for batch in source.read(source.recognise(Path(sys.argv[1])), Door(b"k" * 32, source.name)):
    rows[batch.row.__name__] = rows.get(batch.row.__name__, 0) + len(batch)
print(rows.get("Trace"), file=sys.stderr)
"""


def say(text: str) -> None:
    """Print at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def cpu(python: str, code: str, *words: str) -> tuple[float, str]:
    """CPU seconds of a Python that runs some code, and the last thing it says."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    env = {**os.environ, "TMPDIR": tempfile.gettempdir()}
    done = subprocess.run(
        [python, "-c", code, *words], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return spent, (done.stderr.strip().splitlines() or [""])[-1]


def mails(target: Path) -> Path:
    """A mailing list's archive, invented."""
    with target.open("w", encoding="utf8") as out:
        for n in range(MAILS):
            answer = f"In-Reply-To: <{n - 1}@invented.example>\n" if n % 3 else ""
            out.write(
                f"From p{n % 90}@invented.example Mon Mar  2 10:00:00 2026\n"
                f"From: Person {n % 90} Nobody <p{n % 90}@invented.example>\n"
                f"To: list@invented.example\nList-Id: <list.invented.example>\n"
                f"Subject: topic {n // 3}\nMessage-ID: <{n}@invented.example>\n{answer}"
                f"Date: Mon, 2 Mar 2026 {n // 3600 % 24:02d}:{n // 60 % 60:02d}:{n % 60:02d} +0000\n\n"
                + "The build fails again on main, and I tried a new tool for it.\n" * 12
                + "> quoted\n\n"
            )
    return target


def compare(name: str, path: Path, peer: str) -> None:
    """Say how many times faster one source is than its peer."""
    best: dict[str, float] = {}
    told: dict[str, str] = {}
    runs = {
        "our start": (sys.executable, START_OURS),
        "ours": (sys.executable, OURS, str(path), name),
        "their start": (peer, START_PEER[name]),
        "theirs": (peer, PEER[name], str(path)),
    }
    for _ in range(ROUNDS):
        for title, words in runs.items():
            spent, told[title] = cpu(*words)
            best[title] = min(best.get(title, spent), spent)
    ours, theirs = best["ours"] - best["our start"], best["theirs"] - best["their start"]
    ratio = f"{theirs / ours:.1f} times faster" if ours > LEAST else f"more than {theirs / LEAST:.0f} times faster"
    say(f"{name}: ours {ours:.2f} CPU s ({told['ours']}), theirs {theirs:.2f} CPU s ({told['theirs']}): {ratio}")


def main(words: list[str]) -> None:
    """Compare what can be."""
    peer = words[0] if words else os.environ.get("GROUNDSWELL_BENCH_PEERS", "")
    if not peer:
        say("no peers: name the Python of an environment made from requirements/bench.in")
        return
    with tempfile.TemporaryDirectory() as folder:
        compare("slack", invented.invented(Path(folder, "export.zip"), MEGABYTES), peer)
        compare("mbox", mails(Path(folder, "list.mbox")), peer)
        if len(words) > 1:
            compare("git", Path(words[1]), peer)
        else:
            say("git: no repository was named")


if __name__ == "__main__":
    main(sys.argv[1:])
