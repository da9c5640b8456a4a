"""Plants truths in simulated companies, recovers them, and says what came out: the validity report."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, replace
from functools import cache
from multiprocessing import get_context

from groundswell import __version__
from groundswell.runs._validity_draws import Draw, Figure, Judged, Status, figures, judge
from groundswell.runs._validity_trials import Path, Question, Trial

Progress = Callable[[int, int, str], None]

BLOCK = 25
"""Worlds of an estimator trial that one task draws: they take milliseconds each."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """What came out for one quantity of one kind of world.

    Attributes:
        trial, question: what was planted and asked.
        worlds: how many were drawn.
        figures: what came out.
        promises: what became of each promise.
    """

    trial: Trial
    question: Question
    worlds: int
    figures: tuple[Figure, ...]
    promises: tuple[Judged, ...]

    @property
    def status(self) -> Status:
        """The worst of its promises; UNTRIED if it has none, or none could be tried."""
        order = (Status.BROKEN, Status.OPEN, Status.KEPT)
        return next((s for s in order if any(p.status is s for p in self.promises)), Status.UNTRIED)


@dataclass(frozen=True, kw_only=True)
class Validity:
    """The validity report.

    Attributes:
        rows: in the order of the trials.
        fast: whether the fast set was run.
        replications: at most so many companies a trial; None for as many as the trial asks for.
        version: of Groundswell.
    """

    rows: tuple[Row, ...]
    fast: bool
    replications: int | None
    version: str

    @property
    def broken(self) -> tuple[Row, ...]:
        """Rows with a broken promise."""
        return tuple(r for r in self.rows if r.status is Status.BROKEN)


@cache
def trials() -> Mapping[str, Trial]:
    """Every trial by name, in the order of the report."""
    from groundswell.runs import _planted_exports, _planted_held, _planted_laws, _planted_reader, _planted_worlds

    laws = (*_planted_laws.TRIALS, *_planted_held.TRIALS, *_planted_reader.TRIALS)
    every = (*laws, *_planted_worlds.TRIALS, *_planted_exports.TRIALS)
    return {t.name: t for t in every}


def validate(
    *,
    fast: bool = False,
    replications: int | None = None,
    only: Sequence[str] = (),
    workers: int = 2,
    progress: Progress | None = None,
) -> Validity:
    """Run the trials.

    Args:
        fast: the fast set: fewer worlds, the same bounds judged with the same false alarm, so that less can be told apart.
        replications: at most so many companies a trial, and ten times as many worlds of a trial of an estimator.
        only: names of trials; all if empty.
        workers: processes; 1 runs in this one.
        progress: called with worlds done, worlds in all, and the trial.

    Returns:
        One row a question. The same arguments give the same figures.

    Raises:
        KeyError: a name in `only` is no trial.
    """
    chosen = [trials()[name] for name in only] if only else list(trials().values())
    counts = {t.name: _worlds(t, fast, replications) for t in chosen}
    tasks = [(t.name, seed, n) for t in chosen for seed, n in _blocks(t, counts[t.name])]
    found: dict[tuple[str, int], Mapping[str, Sequence[Draw]]] = {}
    done = 0
    for (name, seed, n), draws in _run(tasks, workers):
        found[name, seed] = draws
        done += n
        if progress is not None:
            progress(done, sum(counts.values()), name)
    rows = tuple(
        _row(t, q, counts[t.name], [d for _, s, _ in (x for x in tasks if x[0] == t.name) for d in found[t.name, s][q.name]])
        for t in chosen
        for q in t.questions
    )
    return Validity(rows=rows, fast=fast, replications=replications, version=__version__)


def _worlds(trial: Trial, fast: bool, replications: int | None) -> int:
    most = trial.fast if fast else trial.full
    times = 10 if trial.path is Path.LAW else 1
    return most if replications is None else min(most, times * replications)


def try_out(trial: Trial, worlds: int) -> tuple[Row, ...]:
    """Run one trial in this process, whatever its name: one row a question."""
    found = _drawn(trial, trial.seed, worlds)
    return tuple(_row(trial, q, worlds, found[q.name]) for q in trial.questions)


def _row(trial: Trial, question: Question, worlds: int, draws: Sequence[Draw]) -> Row:
    found = figures(draws, expected=question.expected, pooled=question.pooled, decides=question.decides)
    judged = tuple(judge(p, found) for p in question.promises)
    return Row(trial=trial, question=question, worlds=worlds, figures=found, promises=judged)


def _blocks(trial: Trial, worlds: int) -> Iterator[tuple[int, int]]:
    size = BLOCK if trial.path is Path.LAW else 1
    for first in range(0, worlds, size):
        yield trial.seed + first, min(size, worlds - first)


Task = tuple[str, int, int]


def _run(tasks: Sequence[Task], workers: int) -> Iterator[tuple[Task, Mapping[str, Sequence[Draw]]]]:
    if workers < 2 or len(tasks) < 2:
        for task in tasks:
            yield task, draw(*task)
        return
    # Each process computes in one thread: the worlds are the parallel part.
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(name, "1")
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        # The longest tasks, whole companies, begin first.
        running = {pool.submit(draw, *task): task for task in sorted(tasks, key=lambda x: x[2])}
        for future in as_completed(running):
            yield running[future], future.result()


def draw(name: str, seed: int, worlds: int) -> dict[str, list[Draw]]:
    """The draws of some consecutive worlds of a trial, by question."""
    return _drawn(trials()[name], seed, worlds)


def _drawn(trial: Trial, seed: int, worlds: int) -> dict[str, list[Draw]]:
    found: dict[str, list[Draw]] = {q.name: [] for q in trial.questions}
    for n in range(worlds):
        for question, draws in trial.run(seed + n).items():
            if question in found:
                found[question] += [replace(d, world=seed + n) for d in draws]
    return found
