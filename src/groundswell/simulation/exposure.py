"""Who saw an example of which tool, and when: the memory through which tools travel in a simulated company."""

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from groundswell.simulation.catalogue import TOOLS
from groundswell.simulation.chance import Ints

MEMORY = 42  # days an example is remembered (M4: exposure window of 6 weeks)
LONG_AGO = -100_000
K = len(TOOLS)
Stamps: TypeAlias = npt.NDArray[np.int32]  # the day something was last so


class Exposure:
    """Two days a person and tool: the last example before this week, and the first one of this week.

    A week is decided at once, but nobody may act on what they see only later in it: a day asks for examples of earlier days.
    """

    def __init__(self, people: int) -> None:
        self.last: Stamps = np.full(people * K, LONG_AGO, dtype=np.int32)
        self.last_from: Stamps = np.full(people * K, -1, dtype=np.int32)
        self.first: Stamps = np.full(people * K, LONG_AGO, dtype=np.int32)
        self.first_from: Stamps = np.full(people * K, -1, dtype=np.int32)
        self._week: list[tuple[Ints, Ints, Ints]] = []

    def see(self, who: Ints, tool: Ints, day: Ints, whom: Ints) -> None:
        """Examples of this week, by day: `who` saw `whom` use the tool."""
        at = who * K
        at += tool
        self._week.append((at, day, whom))
        back = at[::-1]  # written last, and so kept, is the earliest
        self.first[back] = day[::-1]
        self.first_from[back] = whom[::-1]

    def settle(self) -> None:
        """The week is over: its last examples are what is remembered."""
        for at, day, whom in self._week:
            self.last[at] = day
            self.last_from[at] = whom
        self._week.clear()

    def since(self, at: Ints, day: Ints) -> Stamps:
        """The last known example before each day; `at` is person x K + tool, `day` broadcasts."""
        first, last = self.first.take(at), self.last.take(at)
        np.maximum(last, first, out=last, where=first < day)
        return last

    def told(self, at: Ints, day: Ints) -> tuple[Ints, Ints]:
        """(days since the example, -1 beyond memory; who gave it, -1 for nobody)."""
        first, last = self.first[at], self.last[at]
        now = (first < day) & (first > last)
        ago = day - np.where(now, first, last)
        whom = np.where(now, self.first_from[at], self.last_from[at])
        return np.where(ago <= MEMORY, ago, -1), whom.astype(np.int64)
