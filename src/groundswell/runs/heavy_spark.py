"""The heavy pass on a cluster: the same tasks as on one machine, handed out by Spark."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from groundswell.errors import InputError
from groundswell.privacy.door import Tally
from groundswell.runs.ingest import Done, Outcome, Runner, Task, attempt

if TYPE_CHECKING:
    import pyarrow as pa

WAVE = 256
"""Tasks handed out at a time: what has ended is taken into the store after each wave, so that a lost driver costs one wave."""


def on_spark(session: Any) -> Runner:
    """Run tasks on the workers of a Spark session, classic or Connect.

    Every worker needs this package in the Python it runs, and must see exports and store at the paths the driver sees them at, as
    the same user. The pseudonym key travels to the workers inside the task, so the cluster's own traffic must be encrypted.

    Args:
        session: of `store.spark.Spark`.
    """
    return lambda tasks: _waves(session, tasks)


def _waves(session: Any, tasks: list[Task]) -> Iterator[Outcome]:
    for start in range(0, len(tasks), WAVE):
        wave = tasks[start : start + WAVE]
        there = [replace(t, folder=t.folder.resolve(), export=replace(t.export, path=t.export.path.resolve())) for t in wave]
        numbers = session.range(0, len(wave), 1, numPartitions=len(wave))
        answers = numbers.mapInArrow(_working(there), "number bigint, answer string").toArrow().to_pylist()
        for answer in answers:
            task = wave[answer["number"]]
            yield task, _told(task, json.loads(answer["answer"]))


def _working(tasks: list[Task]) -> Any:
    """What a worker does with the numbers of its tasks."""

    def work(batches: "Iterator[pa.RecordBatch]") -> "Iterator[pa.RecordBatch]":
        import pyarrow as pa

        for batch in batches:
            for number in batch.column(0).to_pylist():
                yield pa.RecordBatch.from_pydict({"number": [number], "answer": [json.dumps(_tell(attempt(tasks[number])))]})

    return work


def _tell(done: Done | InputError) -> dict[str, Any]:
    """An answer as plain words, so that nothing a worker sends is ever executed here."""
    if isinstance(done, InputError):
        return {"error": [done.where, done.problem, done.expected, done.remedy]}
    tally = done.tally
    return {
        "pieces": done.pieces,
        "kept": tally.kept,
        "skipped": tally.skipped,
        "refused": tally.refused,
        "places": tally.places,
    }


def _told(task: Task, answer: Mapping[str, Any]) -> Done | InputError:
    if "error" in answer:
        where, problem, expected, remedy = answer["error"]
        return InputError(where, problem, expected=expected, remedy=remedy)
    tally = Tally(Counter(answer["kept"]), Counter(answer["skipped"]), Counter(answer["refused"]), dict(answer["places"]))
    return Done(task, [(table, month, name) for table, month, name in answer["pieces"]], tally)
