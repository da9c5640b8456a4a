"""Batches of invented messages for the tests of the reading room."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from groundswell.model.source import Batch
from groundswell.model.trace import Message


def messages(texts: Sequence[str], **columns: Sequence[Any]) -> Batch:
    """One message a text, by a person, outside any thread unless columns say otherwise."""
    count = len(texts)
    start = datetime(2026, 3, 2, 9, tzinfo=UTC)
    filled: dict[str, Sequence[Any]] = {
        "id": list(range(1, count + 1)),
        "version": [0] * count,
        "ts": [start + timedelta(minutes=index) for index in range(count)],
        "actor": [7] * count,
        "actor_kind": ["person"] * count,
        "place": [11] * count,
        "readers": [None] * count,
        "thread": [0] * count,
        "opens": [False] * count,
        "reply_to": [0] * count,
        "mentions": [[] for _ in range(count)],
        "text": list(texts),
        "source": ["slack"] * count,
    }
    return Batch(Message, {**filled, **columns})


def part(batch: Batch, start: int, stop: int) -> Batch:
    """Some messages of a batch, in order."""
    return Batch(batch.row, {name: values[start:stop] for name, values in batch.columns.items()})
