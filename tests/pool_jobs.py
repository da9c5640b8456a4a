"""What the processes of test_runs_pool.py do; they import this file, so it imports little."""

import os
import signal
import sys
import time
from pathlib import Path

from groundswell.errors import OutputError


def die_once(task):
    """A task whose process the system ends the first time it is tried."""
    number, folder = task
    mark = Path(folder, f"{number}-tried")
    if number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number**2


def die_always(task):
    """Two tasks whose process always dies; others count how often they ran."""
    number, folder = task
    if number in (0, 4):
        os.kill(os.getpid(), signal.SIGKILL)
    with Path(folder, str(number)).open("a") as ran:
        ran.write("x")
    return number**2


def refuse(task):
    """A task that ends in an error one may act on."""
    raise OutputError("place", "full", expected="room", remedy="Make room")


def sleep(task):
    """A task that tells its process and takes long."""
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    time.sleep(60)
