"""Anthropic platform usage: on which days which keys called a model; tokens are read only to tell that something was done."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family
from groundswell.sources._ledger import UsageLog
from groundswell.sources._pages import has_keys, json_head, records, utc_day
from groundswell.sources._rows import batches

TOOL = "claude"


class _Result(msgspec.Struct):
    uncached: float | None = msgspec.field(default=None, name="uncached_input_tokens")
    cached: float | None = msgspec.field(default=None, name="cache_read_input_tokens")
    output: float | None = msgspec.field(default=None, name="output_tokens")
    api_key_id: str | None = None


class _Bucket(msgspec.Struct):
    starting_at: str
    ending_at: str
    results: list[_Result]


def recognise(path: Path) -> Export | None:
    """Usage buckets, by their keys; the reports of single users have no list of results."""
    start = json_head(path)
    return Export("anthropic_usage", path) if has_keys(start, "starting_at", "results", "uncached_input_tokens") else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Active days by key, and a total a day without a count: the vendor counts tokens here, not requests."""
    log = UsageLog(door, "anthropic_usage", totals=True)
    for where, bucket in records(export.path, door, _Bucket, "data"):
        day, end = utc_day(bucket.starting_at), utc_day(bucket.ending_at)
        if day is None or end is None or (end - day).days > 1:
            door.skip("no usable date" if day is None or end is None else "bucket longer than a day", where=where)
            continue
        for result in bucket.results:
            actor = door.person(native=f"claude-key:{result.api_key_id}") if result.api_key_id else 0
            did = any((result.uncached, result.cached, result.output))
            log.add(day, TOOL, actor, ActorKind.AGENT, None, active=did, where=where)
    yield from batches(log.rows(), door)


SOURCE = Source(
    name="anthropic_usage",
    title="Anthropic platform usage",
    family=Family.USAGE,
    fields=("starting_at", "ending_at", "results.api_key_id", "results.output_tokens", "results.uncached_input_tokens"),
    shows=("on which days programs called a model, by key",),
    never=(
        "who sat before the program",
        "how many requests were made: only tokens are counted",
        "what people do in the Claude application",
    ),
    traps=(
        "a key is a program's: it never counts as a person",
        "without grouping by key nothing is attributed; use from the vendor's own console has no key either",
        "many tokens are no sign of much use: one agent left alone can spend a million",
    ),
    recognise=recognise,
    read=read,
)
