"""Many processes at once, some of which the system ends."""

import copy
import multiprocessing
import subprocess
import sys
import time
from pathlib import Path

import pytest

from groundswell.errors import GroundswellError, InputError, OutputError, StoreError
from groundswell.runs.pool import pooled
from pool_jobs import die_always, die_once, refuse


def answers(work, tasks, workers=2):
    """Number -> answer; None for what was given up."""
    found = [(task[0], answer) for task, answer in pooled(work, tasks, workers, lambda task: None)]
    assert len(found) == len({number for number, _ in found}), "a task was answered twice"
    return dict(found)


def test_a_process_ended_once_costs_nothing(tmp_path):
    """What a killed process had in hand runs again, and every task is answered once."""
    assert answers(die_once, [(n, str(tmp_path)) for n in range(8)]) == {n: n**2 for n in range(8)}


def test_a_task_that_always_kills_is_given_up_alone(tmp_path):
    """Tasks that end their process every time are named; every other one is answered, and runs a bounded number of times."""
    assert answers(die_always, [(n, str(tmp_path)) for n in range(7)]) == {n: None if n in (0, 4) else n**2 for n in range(7)}
    assert max(len(Path(tmp_path, str(n)).read_text()) for n in (1, 2, 3, 5, 6)) <= 4


def test_an_error_comes_through_as_itself():
    """An error raised by another process arrives with its words, where one that cannot be unpickled broke the pool."""
    with pytest.raises(OutputError, match=r"place: full. Expected room. Make room."):
        answers(refuse, [(n,) for n in range(3)])


@pytest.mark.parametrize("kind", [GroundswellError, InputError, StoreError])
def test_every_error_survives_the_way(kind):
    """Kind and words are the same after being taken apart and made again."""
    error = copy.copy(kind("a", "b", expected="c", remedy="d"))  # by the same door as pickling
    assert (type(error), str(error), error.remedy) == (kind, "a: b. Expected c. d.", "d")


ORPHANS = """
import sys, time
sys.path.insert(0, {tests!r})
from groundswell.runs.pool import pooled
from pool_jobs import sleep
if __name__ == "__main__":
    list(pooled(sleep, [(n,) for n in range(2)], 2, str))
"""


def test_workers_end_with_their_parent(tmp_path):
    """A parent that is killed leaves no process behind that waits for ever."""
    script = tmp_path / "parent.py"
    script.write_text(ORPHANS.format(tests=str(Path(__file__).parent)))
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as parent:
        workers = [int(parent.stdout.readline()) for _ in range(2)]
        parent.kill()
        until = time.monotonic() + 20
        while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < until:
            time.sleep(0.05)
        assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]


def test_what_is_stopped_begins_nothing_more(tmp_path):
    """Whoever stops asking gets the processes back at once, with most tasks never begun."""
    found = pooled(die_always, [(n, str(tmp_path)) for n in [1] * 2_000], 2, lambda task: None)
    next(found)
    found.close()
    assert len(Path(tmp_path, "1").read_text()) < 1_000
    assert not multiprocessing.active_children()
