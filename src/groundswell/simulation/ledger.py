"""Columns that grow: where the course of a world is written down as it happens."""

from typing import Any

import numpy as np

from groundswell.simulation.chance import Ints


class Ledger:
    """Rows of named integer columns, appended in blocks; a column is read with `book["name"]`, a view of the rows so far.

    Args:
        room: rows expected; more are taken in, at the cost of a copy. Room that is not used is not memory.
        names: of the columns.
    """

    def __init__(self, room: int, *names: str) -> None:
        self._room = max(room, 1024)
        self._columns = {name: np.zeros(self._room, dtype=np.int64) for name in names}
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    def __getitem__(self, name: str) -> Ints:
        return self._columns[name][: self._rows]

    def spare(self, name: str) -> Ints:
        """A column with the room behind it, so that row 0 can be read before there is one."""
        return self._columns[name]

    def append(self, size: int, **columns: Any) -> Ints:
        """Add one block of `size` rows, every column given, scalars broadcast; returns the numbers of its rows."""
        if columns.keys() != self._columns.keys():
            raise ValueError(f"columns {sorted(columns)} given, {sorted(self._columns)} expected")
        first, last = self._rows, self._rows + size
        if last > self._room:
            self._grow(last)
        self._rows = last
        for name, column in columns.items():
            self._columns[name][first:last] = column
        return np.arange(first, last, dtype=np.int64)

    def _grow(self, rows: int) -> None:
        more = max(rows, self._room)
        self._room += more
        for name, column in self._columns.items():
            self._columns[name] = np.concatenate([column, np.zeros(more, dtype=np.int64)])

    def done(self, *without: str) -> dict[str, Ints]:
        """The finished columns but those that only the making needed."""
        return {name: column[: self._rows] for name, column in self._columns.items() if name not in without}
