"""What a trial is: something planted, asked of many worlds, and what was promised about the answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from groundswell.runs._validity_draws import Draw, Promise


class Path(StrEnum):
    """How much of the product a trial runs through."""

    LAW = "estimator"
    COMPANY = "company"
    EXPORTS = "exports"


@dataclass(frozen=True, kw_only=True)
class Question:
    """One quantity asked of every world of a trial.

    Attributes:
        name: "measure.key", unique in its trial.
        code: the measure's number in the specification.
        words: what the quantity is.
        unit: "share", "days", "ratio".
        expected: the direction planted: +1, -1, or 0 where there is nothing to find.
        pooled: the truth of the law is meant, not of each world: the worlds' mean truth stands for it.
        decides: whether a reader is told a direction, so that power or false alarms mean something.
        promises: what must hold.
    """

    name: str
    code: str
    words: str
    unit: str
    expected: int = 0
    pooled: bool = False
    decides: bool = True
    promises: tuple[Promise, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A kind of world and what is asked of it.

    Attributes:
        name: snake case, unique.
        path: how much of the product it runs through.
        planted: what was planted, in plain words.
        seed: of its first world; the following worlds take the following numbers.
        fast, full: how many worlds in the fast set and in the full run.
        questions: what is asked.
        run: seed -> the draws of each question, by name; pure.
    """

    name: str
    path: Path
    planted: str
    seed: int
    fast: int
    full: int
    questions: tuple[Question, ...]
    run: Callable[[int], Mapping[str, Sequence[Draw]]]
