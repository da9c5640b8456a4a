"""OpenAI platform usage: requests by key, user and day; API traffic is a program's, never counted as a person's."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family
from groundswell.sources._ledger import UsageLog, whole
from groundswell.sources._pages import json_head, records, utc_day
from groundswell.sources._rows import batches
from groundswell.sources._tools import tool_of_model

TOOL = "chatgpt"
"""Where a request names no model; named models decide themselves."""
MARK = b'"organization.usage.'
DAY_SECONDS = 86_400


class _Result(msgspec.Struct):
    requests: float | None = msgspec.field(default=None, name="num_model_requests")
    tokens: float | None = msgspec.field(default=None, name="output_tokens")
    user_id: str | None = None
    api_key_id: str | None = None
    project_id: str | None = None
    model: str | None = None


class _Bucket(msgspec.Struct):
    start_time: float
    end_time: float
    results: list[_Result]


def recognise(path: Path) -> Export | None:
    """Usage buckets, by the name the vendor gives each result."""
    return Export("openai_usage", path) if MARK in json_head(path) else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Requests by program and day, and totals by day."""
    log = UsageLog(door, "openai_usage", totals=True)
    for where, bucket in records(export.path, door, _Bucket, "data"):
        day = utc_day(bucket.start_time, per_second=1)
        if day is None or bucket.end_time - bucket.start_time > DAY_SECONDS:
            door.skip("no usable date" if day is None else "bucket longer than a day", where=where)
            continue
        for result in bucket.results:
            tool = tool_of_model(result.model) if result.model else TOOL
            requests = whole(result.requests)
            actor = _program(result, door)
            log.add(day, tool, actor, ActorKind.AGENT, requests, active=bool(requests or result.tokens), where=where)
    yield from batches(log.rows(), door)


def _program(result: _Result, door: DoorLike) -> int:
    for kind, value in (("key", result.api_key_id), ("user", result.user_id)):
        if value:
            return door.person(native=f"openai-{kind}:{value}")
    return 0


SOURCE = Source(
    name="openai_usage",
    title="OpenAI platform usage",
    family=Family.USAGE,
    fields=("start_time", "end_time", "results.num_model_requests", "results.api_key_id", "results.user_id", "results.model"),
    shows=("how many requests programs made on which day, and to which family of models",),
    never=("what people do in ChatGPT: that is another service", "what was asked", "who sat before the program"),
    traps=(
        "fields are empty unless the export was grouped by them: what names nobody counts in the total only",
        "a user here is the owner of a key: traffic is a program's and adopts nothing",
        "counts of a bucket still open grow: keep the later export",
    ),
    recognise=recognise,
    read=read,
)
