"""Sources: what an export looks like, what it can show, what it can never show, and how it becomes rows."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from groundswell.model.trace import ActorKind, Family


@dataclass(frozen=True)
class Batch:
    """Rows of one class as columns; the unit that memory is bounded by.

    Attributes:
        row: the row class, such as Trace.
        columns: field name -> values, all of the same length, every field of the class present.
    """

    row: type
    columns: Mapping[str, Sequence[Any]]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))


@dataclass(frozen=True)
class Export:
    """One thing to read, found at a path.

    Attributes:
        source: name of the source that recognised it.
        path: file or folder.
        parts: members that can be read on their own, in parallel; empty when it is one piece.
    """

    source: str
    path: Path
    parts: tuple[str, ...] = ()


class DoorLike(Protocol):
    """The entry gate a source must pass every person, identifier and refusal through (see privacy.door)."""

    def person(self, *, email: str = "", name: str = "", login: str = "", native: str = "") -> int:
        """Pseudonym of whoever bears these handles; 0 if none is given. Records that the handles are one person."""

    def hashed(self, *parts: str | int) -> int:
        """Keyed 63-bit hash of an identifier: a message, a place, a thread, a file."""

    def kind(self, *, email: str = "", name: str = "", login: str = "") -> ActorKind:
        """Person, bot or agent, by rules that are data."""

    def skip(self, reason: str, *, where: str = "", n: int = 1) -> None:
        """Count a bad record that was passed over; `where` is file and line or member, never content."""

    def refuse(self, reason: str, *, n: int = 1) -> None:
        """Count something not read by principle, such as a direct message."""

    def keep(self, row: str, n: int = 1) -> None:
        """Count records read."""


@dataclass(frozen=True, kw_only=True)
class Source:
    """A kind of export, in one file.

    Attributes:
        name: file name, snake case.
        title: what people call it.
        family: which family of evidence.
        fields: fields it reads.
        shows: what it can show.
        never: what it can never show.
        traps: what misleads in it.
        recognise: path -> Export if this path, by its content, is one; None otherwise. Must be cheap and never raise on rubbish.
        read: export, door -> batches. A bad record is skipped and counted; a bad file raises InputError.
        fingerprint: export -> a text that changes whenever its content does; None where the bytes of its files serve.
    """

    name: str
    title: str
    family: Family
    fields: tuple[str, ...]
    shows: tuple[str, ...]
    never: tuple[str, ...]
    traps: tuple[str, ...]
    recognise: Callable[[Path], Export | None]
    read: Callable[[Export, DoorLike], Iterator[Batch]]
    fingerprint: Callable[[Export], str] | None = None
