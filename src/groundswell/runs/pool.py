"""Runs tasks on processes of this machine, and goes on when the system ends one of them."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import get_context, parent_process
from threading import Thread
from typing import TypeVar

from groundswell.privacy.quiet import hush

Job = TypeVar("Job")
Answer = TypeVar("Answer")

LIVES = 2
"""Times a task that was alone in its process may see it ended; then it is given up, and the others go on. And times a pool may
break before half as many processes are tried."""


def pooled(
    work: Callable[[Job], Answer], tasks: list[Job], workers: int, given_up: Callable[[Job], Answer]
) -> Iterator[tuple[Job, Answer]]:
    """Yield each task with its answer as it ends, in any order.

    When a process is ended from outside, most often for want of memory, what it and its neighbours had in hand runs again in one
    process, where it shows which task it dies of; the rest then goes on as before.

    Args:
        work: what to do with a task; a function of a module, since another process looks it up.
        tasks: what to do.
        workers: processes to begin with.
        given_up: the answer for a task whose process was ended `LIVES` times while it was the only one.
    """
    waiting = dict(enumerate(tasks))
    deaths: Counter[int] = Counter()
    breaks, alone = 0, False
    while waiting:
        # A pool holds one task a worker, and has handed one more to each and one beyond.
        batch = dict(islice(waiting.items(), 2 * workers + 1)) if alone else dict(waiting)
        for number, answer in _round(work, batch, 1 if alone else workers):
            del batch[number]
            yield waiting.pop(number), answer
        if batch and (alone or workers == 1):
            first = next(iter(batch))
            deaths[first] += 1
            if deaths[first] >= LIVES:
                task = waiting.pop(first)
                yield task, given_up(task)
        elif batch:
            breaks += 1
            workers = max(1, workers // 2) if breaks % LIVES == 0 else workers
        alone = bool(batch)


def _round(work: Callable[[Job], Answer], waiting: dict[int, Job], workers: int) -> Iterator[tuple[int, Answer]]:
    """One pool, from its start until all is answered or a process is ended."""
    # A forked child of a process with threads may hang; a spawned one starts clean.
    pool = ProcessPoolExecutor(min(workers, len(waiting)), mp_context=get_context("spawn"), initializer=_end_with_parent)
    try:
        running: dict[Future[Answer], int] = {}
        for number, task in waiting.items():
            running[pool.submit(work, task)] = number
        for future in as_completed(running):
            try:
                answer = future.result()
            except BrokenProcessPool:
                continue
            yield running[future], answer
    except BrokenProcessPool:  # ended before all were handed out
        return
    finally:
        pool.shutdown(cancel_futures=True)  # after an interruption nothing more is begun


def _end_with_parent() -> None:
    """A process whose parent was killed would wait for tasks for ever, and hold its memory; and it must crash as quietly."""
    hush()

    def watch() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=watch, daemon=True).start()
