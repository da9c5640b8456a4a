"""Ten thousand people answer at once: tokens made ready, sent by many threads at a real server, killed in the middle."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from queue import Empty, SimpleQueue

from groundswell.privacy.book import quarter_of
from groundswell.selfreport import pulse
from groundswell.selfreport.asking import Ask, turn_about, workday_before
from groundswell.selfreport.base import open_book, reading, writing
from groundswell.selfreport.settings import Settings, from_environment
from pulse_people import ready_token

THREADS = 16


def settings_of(company: Path) -> Settings:
    """What the server is started with."""
    return from_environment({"GROUNDSWELL_COMPANY": str(company)})


def open_ask() -> Ask:
    """A turn that is open today."""
    day = workday_before(workday_before(datetime.now(UTC).date()))
    while (ask := turn_about(quarter_of(day), day.isoformat())) is None:
        day = workday_before(day)
    return ask


def tokens(company: Path, n: int) -> list[bytes]:
    """Bodies of n answers, each with a token of its own."""
    settings, ask = settings_of(company), open_ask()
    book = open_book(settings.database)
    with writing(book) as connection:
        key = pulse._key(connection, ask.quarter, settings.secret)
    book.dispose()
    bodies = []
    for number in range(n):
        token = ready_token(key, ask)
        told = {"quarter": token.quarter, "about": token.about, "token": token.prepared.hex(), "signature": token.signature.hex()}
        bodies.append(json.dumps({**told, "used": number % 3 > 0, "tool": "claude", "job": "coding", "how": "own"}).encode())
    return bodies


class Server:
    """`groundswell serve` in processes of its own."""

    def __init__(self, company: Path, *, workers: int = 1) -> None:
        with socket.socket() as found:
            found.bind(("127.0.0.1", 0))
            self.port = found.getsockname()[1]
        words = [sys.executable, "-m", "groundswell.cli.main", "serve", str(company), "--port", str(self.port)]
        self._running = subprocess.Popen(
            [*words, "--workers", str(workers)],
            env={**os.environ, "GROUNDSWELL_READS_A_MINUTE": "10000000"},
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 180  # a busy machine takes its time
        while not self._answers():
            assert time.monotonic() < until, "the server did not start"
            time.sleep(0.1)

    def kill(self) -> None:
        """SIGKILL to every process of it: no chance to put anything in order."""
        os.killpg(self._running.pid, signal.SIGKILL)
        self._running.wait()

    def _answers(self) -> bool:
        try:
            with closing(HTTPConnection("127.0.0.1", self.port, timeout=2)) as connection:
                connection.request("GET", "/sign-in")
                return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False


def rush(port: int, bodies: list[bytes], *, after: Callable[[int], None] = lambda _: None) -> tuple[list[int], list[float]]:
    """Send every body once over THREADS connections.

    Args:
        port: of the server.
        bodies: what is sent.
        after: called with the number of answers taken so far, after each.

    Returns:
        Status of each body, 0 where no answer came; and the seconds of each answer that came.
    """
    waiting: SimpleQueue[int] = SimpleQueue()
    for number in range(len(bodies)):
        waiting.put(number)
    status, seconds, taken, lock = [0] * len(bodies), [], [0], threading.Lock()

    def work() -> None:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        while True:
            try:
                number = waiting.get_nowait()
            except Empty:
                connection.close()
                return
            start = time.monotonic()
            try:
                connection.request("POST", "/pulse/answer", bodies[number], {"content-type": "application/json"})
                answer = connection.getresponse()
                answer.read()
            except (OSError, HTTPException):
                connection.close()
                continue
            with lock:
                status[number] = answer.status
                seconds.append(time.monotonic() - start)
                taken[0] += answer.status == 200
                after(taken[0])

    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return status, seconds


def held(company: Path) -> int:
    """Answers in the book, those that wait among them."""
    book = open_book(settings_of(company).database)
    with reading(book) as connection:
        return sum(pulse._held(connection, table, open_ask().quarter) for table in (pulse.ANSWERS, pulse.WAITING))
