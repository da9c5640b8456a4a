"""A second reader that is asked where the linear one hesitates: what it must give, and how the two are weighed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from groundswell.reading.linear import ACTS, CLASSES


@dataclass(frozen=True, slots=True)
class Heard:
    """What a second reader says of some messages.

    Attributes:
        classes: probabilities of CLASSES, one row a message; a row of nan where it has nothing to say.
        acts: probabilities of ACTS as done, likewise; None if it only tells classes.
    """

    classes: NDArray[np.float64]
    acts: NDArray[np.float64] | None = None


class Opinion(Protocol):
    """A second reader."""

    @property
    def name(self) -> str:
        """Its name and version; joins the linear reader's in every row read with it."""
        ...

    @property
    def margin(self) -> float:
        """It is asked where the two likeliest classes lie closer than this; 1 is always."""
        ...

    @property
    def weight(self) -> float:
        """How much of the answer is its own, in [0, 1]."""
        ...

    def ask(self, texts: Sequence[str]) -> Heard:
        """Read some texts; keeps none of them."""
        ...


def close(classes: NDArray[np.float64], margin: float) -> NDArray[np.bool_]:
    """Which messages leave the two likeliest classes closer than a margin."""
    if not len(classes):
        return np.zeros(0, dtype=bool)
    best = np.sort(classes, axis=1)
    return np.asarray(best[:, -1] - best[:, -2] <= margin)


def weighed(own: NDArray[np.float64], heard: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """Own probabilities mixed with what was heard; own ones where nothing was."""
    silent = np.isnan(heard).any(axis=1, keepdims=True)
    return np.where(silent, own, (1 - weight) * own + weight * np.nan_to_num(heard))


def nothing(count: int) -> Heard:
    """The answer of a reader that has nothing to say."""
    return Heard(np.full((count, len(CLASSES)), np.nan), np.full((count, len(ACTS)), np.nan))
