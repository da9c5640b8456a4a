"""Measures: a question, how it is counted, what was released, and what can be said with what certainty."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from groundswell.model.phrase import Phrase
from groundswell.model.trace import Family

if TYPE_CHECKING:
    import pyarrow as pa


class Verdict(StrEnum):
    """How a result may be read (R1)."""

    PUBLISHED = "published"
    INDICATIVE = "indicative"
    WITHHELD = "withheld"


class Exit(StrEnum):
    """Which kind of exit a measure leaves by (design: two kinds of exit)."""

    PEOPLE = "people"
    PRACTICES = "practices"


class Shape(StrEnum):
    """What a picture looks like; the report has one drawer for each."""

    SURVIVAL = "survival"
    WEEKS = "weeks"
    INTERVALS = "intervals"
    LEVELS = "levels"
    BARS = "bars"


@dataclass(frozen=True, kw_only=True)
class Result:
    """One number with how sure it is, or the reason it is withheld; a bare number never leaves a measure.

    Attributes:
        measure: name of the measure.
        key: which of its quantities, stable across versions, snake case.
        label: what the quantity is, in plain words.
        group: "organisation", or the name of a group of the one fixed hierarchy, or of a kind of work.
        start, end: the window, both days included.
        estimate, low, high: value and interval; None when withheld.
        level: probability of the interval.
        unit: "share", "days", "ratio", "people", "practices", "person-weeks", "currency".
        n_people, n_units: how many people, and units such as practices or announcements, it rests on; no units where people are
            the units.
        coverage: share of the population the sources see, at least; None if how many people there are is not known.
        assumptions: what must hold for the interval to mean what it says.
        verdict: published, indicative or withheld.
        reason: why it is withheld or only indicative; None when published.
        unlock: what would lift that; None when published.
        at_least: whether what is meant is at least this, since some of it leaves no trace.
        least: smallest difference (or ratio, above 1) that would have been told four times in five, where the
            interval holds "no difference"; None where it does not, and for what is no comparison.
    """

    measure: str
    key: str
    label: Phrase
    group: str = "organisation"
    start: date
    end: date
    estimate: float | None
    low: float | None
    high: float | None
    level: float = 0.95
    unit: str
    n_people: int
    n_units: int
    coverage: float | None = None
    assumptions: tuple[Phrase, ...] = ()
    verdict: Verdict
    reason: Phrase | None = None
    unlock: Phrase | None = None
    least: float | None = None
    at_least: bool = False

    def __post_init__(self) -> None:
        bare = self.estimate is not None and (self.low is None or self.high is None)
        if bare or (self.verdict is Verdict.WITHHELD) != (self.estimate is None):
            raise ValueError(f"{self.measure}.{self.key}: a value needs its interval, and a withheld result has no value")
        if self.verdict is not Verdict.PUBLISHED and self.reason is None:
            raise ValueError(f"{self.measure}.{self.key}: {self.verdict} needs a reason")


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point of a picture.

    Attributes:
        x: a day count, an ordinal, or days since 1970-01-01 for a date axis.
        value, low, high: what is drawn; the band is optional.
        at_risk: how many units it rests on, if that varies.
    """

    x: float
    value: float
    low: float | None = None
    high: float | None = None
    at_risk: int | None = None


@dataclass(frozen=True, kw_only=True)
class Line:
    """One named line, interval or bar of a picture; lines are sorted by name, never by value."""

    name: Phrase
    points: tuple[Point, ...]


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A dated thing to know when looking at a picture, such as the week a trailer first appears."""

    x: float
    label: Phrase


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What to draw, without how.

    Attributes:
        key: stable name, also the file name of the figure.
        shape: which drawer.
        title: the one idea.
        x_label, y_label: the horizontal and the vertical axis, with units; intervals, bars and levels run along x.
        lines: what is drawn.
        marks: vertical marks.
        is_date: True if x counts days since 1970-01-01.
        alt: what a person who cannot see it should be told.
        y_unit: how values are written: "share", "count", "days", "ratio", "currency"; "" lets the drawer guess.
    """

    key: str
    shape: Shape
    title: Phrase
    x_label: Phrase
    y_label: Phrase
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...] = ()
    is_date: bool = False
    alt: Phrase
    y_unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Everything one measure says: its sentences, its results, its pictures.

    Attributes:
        measure: name of the measure.
        sentence: what a reader will see first; says the opposite as readily, and "cannot tell" as such.
        results: the numbers, withheld ones included.
        pictures: zero or more.
        known: one line "how we know and what we cannot tell".
    """

    measure: str
    sentence: Phrase
    results: tuple[Result, ...]
    pictures: tuple[Picture, ...] = ()
    known: Phrase | None = None


@dataclass(frozen=True, kw_only=True)
class Counts:
    """Exact counts on a fixed grid, before release; lives only between `count` and `privacy`.

    Attributes:
        measure: name of the measure.
        exit: which kind of exit.
        tables: named tables of counts; only numbers, booleans, dates and words of closed lists, no pseudonym.
        people: people behind the counts.
        units: practices, announcements... behind the counts.
        least_units: fewest units the specification lets out for this measure; privacy refuses a lower floor than its own.
        moves: how many cells one person can change at most, for exit PEOPLE; of the noised columns, where there are any.
        noised: table -> its columns that count people, each cell moved by one person by at most 1. They get noise where noise
            is due; every other column of such a table must be part of the name of a row, and rows must not hang on the data.
        plain: tables that hold nothing of any person, such as definitions or coverage: all that may leave beside noised ones.
        suppressed: table -> its column of people, for a table whose margins are published: small cells become null, and
            enough others that no hidden one can be worked out; every other column is a dimension, or becomes null with it.
        groups: True if the noised cells are groups of the one hierarchy below the organisation.
        start, end: window counted.
    """

    measure: str
    exit: Exit
    tables: Mapping[str, "pa.Table"]
    people: int
    units: int
    least_units: int = 40
    moves: int = 1
    noised: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    plain: tuple[str, ...] = ()
    suppressed: Mapping[str, str] = field(default_factory=dict)
    groups: bool = False
    start: date
    end: date


class ReleaseLike(Protocol):
    """What an estimator may see: counts that `privacy` let out."""

    @property
    def measure(self) -> str:
        """Name of the measure."""
        ...

    @property
    def tables(self) -> Mapping[str, "pa.Table"]:
        """What was let out; empty if refused."""
        ...

    @property
    def people(self) -> int:
        """People behind the counts."""
        ...

    @property
    def units(self) -> int:
        """Units behind the counts."""
        ...

    @property
    def start(self) -> date:
        """First day of the window."""
        ...

    @property
    def end(self) -> date:
        """Last day of the window."""
        ...

    @property
    def sigma(self) -> float:
        """Standard deviation of the noise in every count."""
        ...

    @property
    def refused(self) -> Phrase | None:
        """Why nothing was let out."""
        ...

    @property
    def unlock(self) -> Phrase | None:
        """What would lift that."""
        ...

    @property
    def note(self) -> Phrase:
        """How it is protected, in words for the page."""
        ...


class EngineLike(Protocol):
    """Where counting runs."""

    def run(self, sql: str) -> "pa.Table":
        """Run one SQL text of the portable subset and return its rows."""

    def has(self, table: str) -> bool:
        """Whether the table exists and has rows."""


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A question, written by hand in one file.

    Attributes:
        name: file name, snake case.
        code: its number in the specification, such as "M3".
        question: in plain words.
        estimand: what number answers it.
        unit: what is counted.
        exit: which kind of exit.
        needs: tables it needs; without them it is withheld with the reason.
        sql: name -> text, shown on the page beside the number.
        assumptions: what must hold.
        references: works it rests on.
        order: where it stands on the page, by the question it answers.
        count: engine -> Counts.
        estimate: release -> Finding; a pure function.
        known_limits: what it cannot see even where it answers.
        seen_in: families of sources that can show it; empty if any can.
        unseen: why it cannot be told where none of these was read, and what to add in order to know.
    """

    name: str
    code: str
    title: Phrase
    question: Phrase
    estimand: Phrase
    unit: str
    exit: Exit
    needs: tuple[str, ...]
    sql: Mapping[str, str]
    assumptions: tuple[Phrase, ...]
    references: tuple[str, ...]
    order: int
    count: Callable[[EngineLike], Counts]
    estimate: Callable[[ReleaseLike], Finding]
    known_limits: tuple[Phrase, ...] = field(default=())
    seen_in: tuple[Family, ...] = ()
    unseen: tuple[Phrase, Phrase] | None = None
