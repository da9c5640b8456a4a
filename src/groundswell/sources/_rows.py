"""Turns row instances into batches of columns of bounded size."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from groundswell.model.source import Batch, DoorLike

BATCH_ROWS = 8_192
"""Rows a batch: large enough that the cost per batch vanishes, small enough that ten sources fit in memory."""


def names_of(row: type) -> tuple[str, ...]:
    """Fields of a row class, in order."""
    return tuple(item.name for item in fields(row))


def columns(row: type, rows: Sequence[tuple[Any, ...]]) -> Batch:
    """Batch of tuples that hold the fields of `row` in its own order."""
    names = names_of(row)
    return Batch(row, dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)) if rows else {n: [] for n in names})


def batches(rows: Iterable[Any], door: DoorLike, size: int = BATCH_ROWS) -> Iterator[Batch]:
    """Batch row instances of any mix of classes, in order within a class, and count them as kept.

    Args:
        rows: instances of row classes such as UsageDay and Seat.
        door: told how many of each were kept.
        size: most rows a batch.
    """
    waiting: dict[type, list[tuple[Any, ...]]] = {}
    names: dict[type, tuple[str, ...]] = {}
    for item in rows:
        kind = type(item)
        if kind not in names:
            names[kind] = names_of(kind)
        pile = waiting.setdefault(kind, [])
        pile.append(tuple([getattr(item, name) for name in names[kind]]))
        if len(pile) >= size:
            yield _flushed(kind, waiting.pop(kind), door)
    for kind, pile in waiting.items():
        yield _flushed(kind, pile, door)


def _flushed(kind: type, pile: list[tuple[Any, ...]], door: DoorLike) -> Batch:
    door.keep(kind.__name__, len(pile))
    return columns(kind, pile)
