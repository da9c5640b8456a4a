"""Processes that answer: each has a door of its own, and one that cannot start ends the whole with a sentence."""

import socket
import sys
from typing import Any

from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess
from uvicorn.supervisors.multiprocess import Process

from groundswell.errors import GroundswellError, InputError

BACKLOG = 2048
"""Connections that wait at a door while its worker is busy."""


def run(host: str, port: int, workers: int, **more: Any) -> None:
    """Answer until told to end.

    Args:
        host: address to listen on.
        port: of that address.
        workers: processes that answer.
        more: as uvicorn takes it.

    Raises:
        InputError: something else listens there.
        GroundswellError: what answers could not start.
    """
    config = Config(host=host, port=port, workers=workers, backlog=BACKLOG, **more)
    doors = [_door(host, port, shared=workers > 1) for _ in range(workers if _EACH_ITS_OWN else 1)]
    if workers == 1:
        server = Server(config)
        server.run(sockets=doors)
        failed = not server.started
    else:
        keeper = Keeper(config, doors)
        keeper.run()
        failed = keeper.failed
    if failed:
        raise GroundswellError("serve", "it could not start", remedy="What stopped it stands above")


class Keeper(Multiprocess):
    """Starts the workers and replaces one that died.

    With one door for all, whichever worker wakes first takes every connection that waits, and a proxy that keeps them open leaves
    it with all the work while the others sleep. With a door for each, the kernel deals them out.

    A worker that ends before it ever answered would end so again: then all end.
    """

    failed = False

    def init_processes(self) -> None:
        """Start one worker a door."""
        self._answered: set[int | None] = set()
        for n in range(self.processes_num):
            self.processes.append(self._started(n))

    def keep_subprocess_alive(self) -> None:
        """See that every worker is well."""
        for n, process in enumerate(self.processes):
            if self.should_exit.is_set():
                return
            if process.is_alive(timeout=self.config.timeout_worker_healthcheck):
                if process.pid not in self._answered and process.is_ready(timeout=1):
                    self._answered.add(process.pid)
                continue
            process.kill()
            process.join()
            if process.pid not in self._answered:
                self.failed = True
                self.should_exit.set()
                return
            self.processes[n] = self._started(n)

    def _started(self, n: int) -> Process:
        process = Process(self.config, [self.sockets[n % len(self.sockets)]])
        process.start()
        return process


_EACH_ITS_OWN = sys.platform == "linux"
"""Elsewhere a shared port is not dealt out: the last to listen has it all, or it cannot be had."""


def _door(host: str, port: int, *, shared: bool) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared and _EACH_ITS_OWN:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        door.bind((host, port))
    except OSError as error:
        door.close()
        why = f"it cannot be listened on ({error.strerror})"
        raise InputError(f"{host}:{port}", why, remedy="Choose another with --port, or end what listens there") from error
    door.set_inheritable(True)
    return door
