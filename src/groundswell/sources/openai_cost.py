"""OpenAI platform costs: what the vendor bills a day, in dollars."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family
from groundswell.sources._ledger import SpendLog, money
from groundswell.sources._pages import json_head, records, utc_day
from groundswell.sources._rows import batches
from groundswell.sources._tools import tool_of_model

TOOL = "chatgpt"
MARK = b'"organization.costs.'


class _Amount(msgspec.Struct):
    value: str | float
    currency: str = "usd"


class _Result(msgspec.Struct):
    amount: _Amount
    line_item: str | None = None


class _Bucket(msgspec.Struct):
    start_time: float
    results: list[_Result]


def recognise(path: Path) -> Export | None:
    """Cost buckets, by the name the vendor gives each result."""
    return Export("openai_cost", path) if MARK in json_head(path) else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Money by day; an amount is a number or a text, in whole dollars either way."""
    log = SpendLog(door, "openai_cost")
    for where, bucket in records(export.path, door, _Bucket, "data"):
        day = utc_day(bucket.start_time, per_second=1)
        if day is None:
            door.skip("no usable date", where=where)
            continue
        for result in bucket.results:
            amount = money(result.amount.value)
            if amount is None:
                door.skip("amount that is no number", where=where)
                continue
            tool = "codex" if tool_of_model(result.line_item or "") == "codex" else TOOL
            log.add(day, tool, amount, result.amount.currency)
    yield from batches(log.rows(), door)


SOURCE = Source(
    name="openai_cost",
    title="OpenAI platform costs",
    family=Family.USAGE,
    fields=("start_time", "results.amount.value", "results.amount.currency", "results.line_item"),
    shows=("what the platform cost on which day",),
    never=("who caused the cost", "what seats of ChatGPT cost: they are on another bill"),
    traps=(
        "the amount is in dollars, not cents, and may be written as a text",
        "a gateway reports the same money again: never add the two",
        "two exports grouped differently tell the same day: the larger sum stands",
    ),
    recognise=recognise,
    read=read,
)
