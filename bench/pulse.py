"""Ten thousand answers to the pulse at a real server, killed in the middle: how many a minute, how long each, how many lost.

Usage: python bench/pulse.py [ANSWERS]

Tokens are made ready first, outside the measured time. The aim is 10,000 a minute with none lost; what was taken before the kill
must be in the book after it, and what was not can be sent again, once.
"""

import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

from groundswell.privacy.charter import Charter
from groundswell.runs.folder import Folder, init
from pulse_rush import Server, held, rush, tokens

AIM = 10_000
"""Answers a minute."""
WORKERS = 2


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    """Measure; 1 if an answer was lost or taken twice."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else AIM
    with tempfile.TemporaryDirectory() as place:
        company = Path(place) / "company"
        init(Folder(company), Charter(), now=datetime.now(UTC))
        bodies = tokens(company, n)
        server = Server(company, workers=WORKERS)
        begun = time.monotonic()
        status, seconds = rush(server.port, bodies, after=lambda taken: server.kill() if taken == n // 2 else None)
        spent, taken = time.monotonic() - begun, status.count(200)
        server = Server(company, workers=WORKERS)
        kept = held(company)
        again = time.monotonic()
        rest = [body for body, code in zip(bodies, status, strict=True) if code != 200]
        second, more = rush(server.port, rest)
        spent += time.monotonic() - again
        whole = held(company)
        server.kill()
    seconds = sorted([*seconds, *more])
    rate = 60 * n / spent
    say(f"{n:,} answers, {WORKERS} workers: {rate:,.0f} a minute ({rate / AIM:.2f} of the aim)")
    say(f"one answer: median {1e3 * seconds[len(seconds) // 2]:.0f} ms, p95 {1e3 * seconds[int(0.95 * len(seconds))]:.0f} ms")
    say(f"killed after {taken:,}: {kept:,} in the book; in the end {whole:,} of {n:,}, {second.count(409):,} given before")
    return int(kept < taken or whole != n)


if __name__ == "__main__":
    sys.exit(main())
