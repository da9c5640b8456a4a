"""How long the command line takes to answer, beside Python itself and beside merely importing what every command needs.

Usage: python bench/startup.py

CPU milliseconds, the best of ROUNDS, each candidate in turn in every round, with compiled modules kept in a folder of the bench's
own, as an installed package has them. Then what a page costs to render, in each language, from the measures' own findings.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 5
CODE = "import sys; sys.argv = {argv}; from groundswell.cli.main import run; run()"
CANDIDATES = {
    "python -c pass": "pass",
    "import typer": "import typer",
    "groundswell --version": CODE.format(argv=["groundswell", "--version"]),
    "groundswell --help": CODE.format(argv=["groundswell", "--help"]),
    "groundswell report --help": CODE.format(argv=["groundswell", "report", "--help"]),
}
AIM = 0.3
"""Seconds within which --help must answer."""


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def cpu(code: str, env: dict[str, str]) -> float:
    """CPU seconds of a Python that runs some code."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], env=env, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def rendering() -> None:
    """What the page of the smallest simulated company costs to render, after the libraries are loaded, and with them."""
    from groundswell.report.render import render
    from groundswell.runs.company import open_company
    from groundswell.runs.measure import measure
    from groundswell.runs.names import Names
    from groundswell.runs.page import _page
    from groundswell.simulation.policy import Policy
    from groundswell.simulation.traces import event_batches
    from groundswell.simulation.world import simulate
    from groundswell.store.manifest import Intake
    from groundswell.store.tables import Store

    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder))
        with store.writing():
            world = simulate(people=300, weeks=60, policy=Policy.BOTH, seed=1)
            store.commit(store.draft(event_batches(world, labels=200)), Intake("world", "simulation"))
            store.settle()
        engine = open_company(store)
        page = _page(store, engine, measure(engine), Names())
        engine.close()
    for lang in ("en", "fr", "vi", "en"):
        begin = time.process_time()
        size = len(render(page, lang=lang))
        say(f"render {lang}: {time.process_time() - begin:.2f} CPU s, {size / 1e6:.2f} MB")


def main() -> None:
    """Measure, print."""
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "PYTHONPYCACHEPREFIX": folder}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        best = {name: cpu(code, env) for name, code in CANDIDATES.items()}  # the first round only fills the folder
        for _ in range(ROUNDS):
            best = {name: min(best[name], cpu(code, env)) for name, code in CANDIDATES.items()}
    floor = best["python -c pass"]
    for name, seconds in best.items():
        say(f"{name:28} {1000 * seconds:6.0f} ms  {seconds / floor:6.1f} times python")
    say(f"aim {1000 * AIM:.0f} ms: {'reached' if best['groundswell --help'] < AIM else 'missed'}")
    rendering()


if __name__ == "__main__":
    main()
