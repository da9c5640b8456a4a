"""Who saw an example of which tool, and when: the memory through which tools travel in a simulated company."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from groundswell.simulation.catalogue import TOOLS
from groundswell.simulation.chance import Bools, Ints

MEMORY = 42  # days an example is remembered (M4: exposure window of 6 weeks)
LONG_AGO = -100_000
K = len(TOOLS)
Stamps: TypeAlias = npt.NDArray[np.int32]  # the day something was last so
Marks: TypeAlias = npt.NDArray[np.int32 | np.int64]


class Exposure:
    """Two marks a person and tool: the last example before this week, and the first one of this week.

    A week is decided at once, but nobody may act on what they see only later in it: a day asks for examples of earlier days. A
    mark is a day and who gave the example, in one integer as short as it can be, so that later is larger.

    Args:
        people: how many.
        days: of the world.
    """

    def __init__(self, people: int, days: int) -> None:
        self._bits = people.bit_length()
        self._kind: type[np.int32 | np.int64] = np.int32 if (days + 1) << self._bits < 1 << 31 else np.int64
        never = np.iinfo(self._kind).min
        self._last = np.full((people, K), never, dtype=self._kind)
        self._first = np.full((people, K), never, dtype=self._kind)
        self._last_at, self._first_at = self._last.reshape(-1), self._first.reshape(-1)
        self._week: list[tuple[Ints, Marks]] = []
        self._none = True

    def mark(self, day: Ints, whom: Ints | int = 0) -> Marks:
        """An example given by `whom` on a day; the least of that day if nobody is named."""
        return ((day << self._bits) + whom).astype(self._kind)

    def see(self, at: Ints, mark: Marks) -> None:
        """Examples of this week, by day: who saw what, as person x K + tool, and their marks."""
        if len(at):
            self._none = False
            self._week.append((at, mark))
            self._first_at[at[::-1]] = mark[::-1]  # written last, and so kept, is the earliest

    def settle(self) -> None:
        """The week is over: its last examples are what is remembered."""
        for at, mark in self._week:
            self._last_at[at] = mark
        self._week.clear()

    def seen(self, who: Ints, day: Ints) -> Bools:
        """Person and tool -> whether they remember an example on their day."""
        if self._none:
            return np.zeros((len(who), K), dtype=np.bool_)
        low, high = self.mark(np.maximum(day - MEMORY, 0))[:, None], self.mark(day)[:, None]
        last, first = self._last.take(who, axis=0), self._first.take(who, axis=0)
        known: Bools = last >= low
        known |= (first >= low) & (first < high)
        return known

    def told(self, at: Ints, day: Ints) -> tuple[Ints, Ints]:
        """(days since the example, -1 beyond memory; who gave it) for each person x K + tool on its day."""
        if self._none:
            nobody = np.full(len(at), -1)
            return nobody, nobody
        last, first = self._last_at[at], self._first_at[at]
        mark = np.where((first < self.mark(day)) & (first > last), first, last).astype(np.int64)
        ago = day - (mark >> self._bits)
        return np.where(ago <= MEMORY, ago, -1), mark & ((1 << self._bits) - 1)
