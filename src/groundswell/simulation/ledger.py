"""Columns that grow: where the course of a world is written down as it happens."""

from typing import Any

import numpy as np

from groundswell.simulation.chance import Ints


class Ledger:
    """Rows of named integer columns, appended in blocks; a column is read with `book["name"]`, a view of the rows so far."""

    def __init__(self, *names: str) -> None:
        self._columns = {name: np.zeros(1024, dtype=np.int64) for name in names}
        self._rows = 0

    def __len__(self) -> int:
        return self._rows

    def __getitem__(self, name: str) -> Ints:
        return self._columns[name][: self._rows]

    def append(self, **columns: Any) -> Ints:
        """Add one block, every column given, scalars broadcast; returns the numbers of its rows."""
        size = max(np.size(column) for column in columns.values())
        if set(columns) != set(self._columns):
            raise ValueError(f"columns {sorted(columns)} given, {sorted(self._columns)} expected")
        self._grow(self._rows + size)
        rows = np.arange(self._rows, self._rows + size, dtype=np.int64)
        self._rows += size
        for name, column in columns.items():
            self._columns[name][rows] = column
        return rows

    def _grow(self, rows: int) -> None:
        for name, column in self._columns.items():
            if rows > len(column):
                self._columns[name] = np.concatenate([column, np.zeros(max(rows, len(column)), dtype=np.int64)])

    def done(self) -> dict[str, Ints]:
        """The finished columns, copied to their size."""
        return {name: column[: self._rows].copy() for name, column in self._columns.items()}
