"""Where the time goes from a zip to a page, stage by stage, each beside its floor and beside what a user would otherwise pick.

Usage: python bench/pipeline.py [people, default 500] [weeks, default 13]     a simulated company's chat of that size
       python bench/pipeline.py zip PATH                                      a Slack export that is there already

One process, CPU seconds, floor and stage in turn in every round; the best of ROUNDS. A stage's floor is the least any program
could do there: inflate and decode to nothing; write the columns it was given; read the same files; scan the same columns.
"""

import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

ROUNDS = 2
KEY = b"k" * 32


def say(line: str) -> None:
    """Print at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def simulated(target: Path, people: int, weeks: int) -> Path:
    """Write a simulated company's Slack export."""
    from groundswell.simulation.conversation import Conversation
    from groundswell.simulation.exports.slack import SlackWriter
    from groundswell.simulation.policy import Policy
    from groundswell.simulation.world import simulate

    conversation = Conversation(simulate(people=people, weeks=weeks, policy=Policy.CURIOUS, seed=1))
    writer = SlackWriter(conversation, target)
    for day, posts in conversation.days():
        writer.day(day, posts)
    writer.close()
    return target


class Clock:
    """CPU seconds of work, best of the rounds, by name."""

    def __init__(self) -> None:
        self.best: dict[str, float] = {}

    def time(self, name: str, work: Callable[[], Any]) -> Any:
        """Run some work and remember its CPU seconds if they are the least yet."""
        begin = time.process_time()
        result = work()
        spent = time.process_time() - begin
        self.best[name] = min(self.best.get(name, spent), spent)
        return result

    def line(self, stage: str, floor: str, peer: str = "", unit: str = "", count: int = 0) -> None:
        """Say what a stage costs, as a multiple of its floor and as a share of the peer's cost."""
        ours = self.best[stage]
        beside = f"  {self.best[peer] / ours:5.1f} times less than {peer}" if peer else ""
        rate = f"  {count / ours:>11,.0f} {unit} a CPU s" if count else ""
        say(
            f"{stage:22} {ours:7.2f} CPU s  {ours / self.best[floor]:6.2f} times {floor} ({self.best[floor]:.2f} s){rate}{beside}"
        )


class Bench:
    """The path of one zip, a stage at a time; every stage starts from what the one before it left."""

    def __init__(self, path: Path, folder: Path) -> None:
        from groundswell.sources import slack
        from groundswell.sources._zip import need_archive

        found = slack.recognise(path)
        if found is None:
            raise SystemExit("not a Slack export")
        self.export, self.folder = found, folder
        self.archive = need_archive(path)
        self.days = [name for name, member in self.archive.members.items() if member and "/" in name]
        self.bytes = sum(member.size for name in self.days if (member := self.archive.members[name]))
        self.rounds = 0

    def inflate(self) -> int:
        """Floor: inflate and check."""
        with self.archive.reading() as reader:
            return sum(len(reader.read(name)) for name in self.days)

    def decode(self) -> int:
        """Floor: inflate, and decode into nothing."""
        skim = msgspec.json.Decoder(list[msgspec.defstruct("Skim", [])])
        with self.archive.reading() as reader:
            return sum(len(skim.decode(reader.read(name))) for name in self.days)

    def peer(self) -> int:
        """What one would write first: zipfile and json, into dictionaries and nothing more."""
        import json

        with zipfile.ZipFile(self.export.path) as whole:
            return sum(len(json.loads(whole.read(name))) for name in self.days)

    def batches(self) -> list[Any]:
        """Stage: rows in columns."""
        from groundswell.privacy.door import Door
        from groundswell.sources import slack

        return list(slack.read(self.export, Door(KEY, "slack")))

    def acts(self, batches: list[Any]) -> list[Any]:
        """Stage: the reader takes the text away and leaves acts."""
        from groundswell.model.trace import Message
        from groundswell.reading.reader import Reader
        from groundswell.runs.ingest import widened

        reader = Reader()
        return [reader.annotate(b) if b.row is Message else b for b in widened(batches)]

    def draft(self, batches: list[Any]) -> tuple[Any, Any]:
        """Stage: rows become files that are not yet part of a store."""
        from groundswell.store.tables import Store

        self.rounds += 1
        store = Store(self.folder / f"store-{self.rounds}")
        return store, store.draft(batches)

    def settle(self, store: Any, pieces: Any) -> None:
        """Stage: one row an id."""
        from groundswell.store.manifest import Intake

        store.commit(pieces, Intake("x", "slack"))
        store.settle()


def copied(batches: list[Any], folder: Path) -> None:
    """Floor of drafting: the same columns through Arrow into one file a table."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from groundswell.store.schema import to_arrow

    tables: dict[str, list[Any]] = {}
    for batch in batches:
        tables.setdefault(batch.row.__name__, []).append(to_arrow(batch))
    for name, parts in tables.items():
        pq.write_table(pa.concat_tables(parts), folder / f"{name}.parquet", compression="zstd")


def rewritten(store: Any, pieces: Any, folder: Path) -> None:
    """Floor of settling: read what was drafted and write it."""
    import pyarrow.parquet as pq

    for table, month, name in pieces:
        pq.write_table(pq.read_table(store.folder / name), folder / f"{table}-{month}.parquet", compression="zstd")


def by_pandas(store: Any, pieces: Any, folder: Path) -> None:
    """What a user would otherwise pick for settling."""
    import pandas as pd

    for table, month in sorted({(t, m) for t, m, _ in pieces}):
        rows = pd.concat(pd.read_parquet(store.folder / n) for t, m, n in pieces if (t, m) == (table, month))
        rows = rows[rows["version"] == rows.groupby("id")["version"].transform("max")].drop_duplicates()
        rows.sort_values(list(rows.columns)).to_parquet(folder / f"{table}-{month}.parquet", compression="zstd")


def scanned(store: Any) -> int:
    """Floor of counting: every column of every table, once."""
    import pyarrow.parquet as pq

    from groundswell.store.schema import TABLES

    return sum(len(pq.read_table(f)) for table in TABLES for f in store.files(table))


def page(store: Any, clock: Clock) -> None:
    """Stages: open, count and estimate, render."""
    from groundswell.report.render import render
    from groundswell.runs.company import open_company
    from groundswell.runs.measure import measure
    from groundswell.runs.names import Names
    from groundswell.runs.page import _page

    engine = clock.time("open and link", lambda: open_company(store))
    answers = clock.time("count and estimate", lambda: measure(engine))
    made = _page(store, engine, answers, Names())
    engine.close()
    clock.time("render", lambda: render(made, lang="en"))


def run(path: Path, folder: Path) -> None:
    """Every stage, ROUNDS times, then the table."""
    bench, clock = Bench(path, folder), Clock()
    messages = 0
    for _ in range(ROUNDS):
        clock.time("inflate", bench.inflate)
        messages = clock.time("decode to nothing", bench.decode)
        clock.time("zipfile and json", bench.peer)
        batches = clock.time("zip to batches", bench.batches)
        read = clock.time("read acts", lambda batches=batches: bench.acts(batches))
        clock.time("write once", lambda read=read: copied(read, folder))
        store, pieces = clock.time("draft files", lambda read=read: bench.draft(read))
        del batches, read
        clock.time("read and write", lambda store=store, pieces=pieces: rewritten(store, pieces, folder))
        clock.time("pandas", lambda store=store, pieces=pieces: by_pandas(store, pieces, folder))
        clock.time("settle", lambda store=store, pieces=pieces: bench.settle(store, pieces))
        clock.time("scan all columns", lambda store=store: scanned(store))
        page(store, clock)
    say(f"{messages:,} messages, {len(bench.days):,} day files, {bench.bytes / 1e6:,.0f} MB of JSON, best of {ROUNDS}")
    whole = ("zip to batches", "read acts", "draft files")
    clock.best["zip to events"] = sum(clock.best[stage] for stage in whole)
    clock.line("decode to nothing", "inflate", unit="messages", count=messages)
    clock.line("zip to batches", "decode to nothing", "zipfile and json", "messages", messages)
    clock.line("read acts", "decode to nothing", unit="messages", count=messages)
    clock.line("draft files", "write once")
    clock.line("zip to events", "decode to nothing", unit="messages", count=messages)
    clock.line("settle", "read and write", "pandas")
    clock.line("open and link", "scan all columns")
    clock.line("count and estimate", "scan all columns")
    say(f"{'render':22} {clock.best['render']:7.2f} CPU s")


def main(words: list[str]) -> None:
    """Make or take a zip, and measure."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        if words[:1] == ["zip"]:
            run(Path(words[1]), folder)
            return
        people, weeks = (int(word) for word in [*words, *("500", "13")[len(words) :]])
        run(simulated(folder / "slack_export.zip", people, weeks), folder)


if __name__ == "__main__":
    main(sys.argv[1:])
