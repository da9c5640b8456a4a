"""Reading pages of the server at a steady pace: how long each takes, and what it costs the processor.

Usage: python bench/web.py [REQUESTS A SECOND] [SECONDS]

Requests leave at their time whether or not the last was answered, so that a slow answer delays no later one and hides nothing.
The aim is 200 a second with 95 of 100 answered within 50 ms, on two cores. What else runs on the machine counts against it, so
the cost of a page in processor time and the pace it allows are told beside it.
"""

import asyncio
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

from groundswell.privacy.charter import Charter
from groundswell.runs.folder import Folder, init
from groundswell.selfreport import accounts, logbook, sessions
from groundswell.selfreport.accounts import Member, Role
from groundswell.selfreport.base import open_book, writing
from groundswell.selfreport.entry import Outcome, Told, Visible
from groundswell.selfreport.settings import default_database

AIM_RATE, AIM_MS, WORKERS, PORT = 200, 50, 2, 8741
PEOPLE, ENTRIES, CONNECTIONS = 40, 1_000, 32
TICK = os.sysconf("SC_CLK_TCK")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def filled(company: Path) -> tuple[list[str], list[str]]:
    """A company that has told a thousand things; sessions of its people, and addresses to read."""
    book, now = open_book(default_database(company)), datetime.now(UTC)
    jobs = ["support", "coding", "writing", "meetings", "analysis"]
    numbers, secrets = [], []
    with writing(book) as connection:
        people = []
        for n in range(PEOPLE):
            values = {"name": f"Person {n}", "address": f"p{n}@lanterne.example", "unit": f"Team {n % 5}", "leads": n % 8 == 0}
            account = accounts.from_provider(connection, issuer="bench", subject=str(n), role=Role.MEMBER, now=now, **values)
            people.append(Member(account, str(values["name"]), str(values["unit"]), Role.MEMBER, bool(values["leads"])))
            secrets.append(sessions.begin(connection, account, now=now))
        for n in range(ENTRIES):
            told = Told(
                title=f"A dull job, the {n}th of many",
                tool=("Claude", "ChatGPT", "Harbour")[n % 3],
                outcome=list(Outcome)[n % 3],
                visible=(Visible.EVERYONE, Visible.EVERYONE, Visible.TEAM, Visible.NAMELESS)[n % 4],
                job=jobs[n % 5],
                tried="I pasted **forty** of them:\n\n- one\n- two\n\nand asked for *piles*. " * 4,
                learned="It mixes refunds up with returns.",
            )
            numbers.append(logbook.tell(connection, told, people[n % PEOPLE], now=now)[0])
    book.dispose()
    pages = ["/", "/logbook", "/logbook?q=dull+job&job=support", "/charter", "/practices", "/page", "/me", "/logbook/new"]
    return secrets, pages + [f"/logbook/{number}" for number in numbers if number][: len(pages)]


async def one(queue: "asyncio.Queue[tuple[float, str, str]]", waits: list[float], wrong: list[str]) -> None:
    """Answer for one connection kept open: ask for what the queue says, note how long after its time it was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", PORT)
    while True:
        due, path, secret = await queue.get()
        if not path:
            break
        head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nAccept: text/html\r\nCookie: session={secret}\r\n\r\n"
        writer.write(head.encode())
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        await reader.readexactly(length)
        waits.append(time.perf_counter() - due)
        status = answer[9:12].decode()
        if status != "200" and not (status == "404" and path.startswith("/logbook/")):  # another team's entry
            wrong.append(f"{status} {path}")
    writer.close()


async def paced(rate: int, seconds: int, secrets: list[str], paths: list[str]) -> tuple[list[float], list[str], int]:
    """Let requests leave at their time; waits in seconds, wrong answers, and how many were not answered in the end."""
    queue: asyncio.Queue[tuple[float, str, str]] = asyncio.Queue()
    waits: list[float] = []
    wrong: list[str] = []
    readers = [asyncio.create_task(one(queue, waits, wrong)) for _ in range(CONNECTIONS)]
    begun, n = time.perf_counter(), rate * seconds
    for k in range(n):
        due = begun + k / rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        queue.put_nowait((due, paths[k % len(paths)], secrets[k % len(secrets)]))
    for _ in readers:
        queue.put_nowait((0.0, "", ""))
    await asyncio.wait(readers, timeout=30)
    return waits, wrong, n - len(waits)


def spent(pid: int) -> float:
    """Processor seconds of a process and its children so far."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK + sum(spent(int(child)) for child in children)


def ready(run: "subprocess.Popen[bytes]") -> None:
    """Wait until the server answers."""
    for _ in range(240):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/sign-in", timeout=5).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
        if run.poll() is not None:
            break
    raise SystemExit("the server did not start")


def main() -> int:
    """Measure; 1 if an answer was wrong or missing."""
    rate = int(sys.argv[1]) if len(sys.argv) > 1 else AIM_RATE
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    with tempfile.TemporaryDirectory() as place:
        company = Path(place) / "company"
        init(Folder(company), Charter(), now=datetime.now(UTC))
        secrets, paths = filled(company)
        words = [
            sys.executable,
            "-m",
            "groundswell.cli.main",
            "serve",
            str(company),
            "--port",
            str(PORT),
            "--workers",
            str(WORKERS),
        ]
        environment = {**os.environ, "GROUNDSWELL_READS_A_MINUTE": "1000000"}
        with subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL) as run:
            try:
                ready(run)
                asyncio.run(paced(50, 3, secrets, paths))  # both workers have every template ready
                before, load = spent(run.pid), os.getloadavg()[0]
                waits, wrong, missing = asyncio.run(paced(rate, seconds, secrets, paths))
                cost = (spent(run.pid) - before) / max(1, len(waits))
            finally:
                run.terminate()
    waits.sort()
    middle, late = (1e3 * waits[int(share * len(waits))] for share in (0.5, 0.95))
    say(f"{rate} a second for {seconds} s, {WORKERS} workers, load of the machine before: {load:.1f}")
    say(f"a page: median {middle:.0f} ms, p95 {late:.0f} ms ({late / AIM_MS:.2f} of the aim)")
    say(f"processor: {1e3 * cost:.1f} ms a page, so {WORKERS / cost:,.0f} a second on {WORKERS} cores to themselves")
    if wrong or missing:
        say(f"{len(wrong)} wrong answers ({', '.join(sorted(set(wrong))[:3])}), {missing} missing")
    return int(bool(wrong or missing))


if __name__ == "__main__":
    sys.exit(main())
