"""Anthropic platform costs: what the vendor bills a day; written as a decimal text in cents."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family
from groundswell.sources._ledger import SpendLog, money
from groundswell.sources._pages import has_keys, json_head, records, utc_day
from groundswell.sources._rows import batches

TOOL = "claude"
CENTS = Decimal(100)


class _Result(msgspec.Struct):
    amount: str | float
    currency: str = "USD"


class _Bucket(msgspec.Struct):
    starting_at: str
    results: list[_Result]


def recognise(path: Path) -> Export | None:
    """Cost buckets: amounts in a list of results, and no tokens counted beside them."""
    start = json_head(path)
    mine = has_keys(start, "starting_at", "results", "amount", "currency") and not has_keys(start, "uncached_input_tokens")
    return Export("anthropic_cost", path) if mine else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Money by day, in dollars: the vendor writes cents."""
    log = SpendLog(door, "anthropic_cost")
    for where, bucket in records(export.path, door, _Bucket, "data"):
        day = utc_day(bucket.starting_at)
        if day is None:
            door.skip("no usable date", where=where)
            continue
        for result in bucket.results:
            amount = money(result.amount)
            if amount is None:
                door.skip("amount that is no number", where=where)
                continue
            log.add(day, TOOL, amount / CENTS, result.currency)
    yield from batches(log.rows(), door)


SOURCE = Source(
    name="anthropic_cost",
    title="Anthropic platform costs",
    family=Family.USAGE,
    fields=("starting_at", "results.amount", "results.currency"),
    shows=("what the platform, or the Enterprise plan's usage, cost on which day",),
    never=("who caused the cost", "what seats cost", "traffic under a priority agreement, which is billed apart"),
    traps=(
        "the amount is a decimal text in cents",
        "a gateway reports the same money again: never add the two",
        "two exports grouped differently tell the same day: the larger sum stands",
    ),
    recognise=recognise,
    read=read,
)
