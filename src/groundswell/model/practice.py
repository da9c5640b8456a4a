"""Practices: a tool used for a job in a unit, how it began and how long it lived."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Origin(StrEnum):
    """How a practice started, as known at its birth (docs: M2)."""

    GRASSROOTS = "grassroots"
    MANDATED = "mandated"
    PROVISIONED = "provisioned"
    INTERLEAVED = "interleaved"
    NO_MANDATE_SEEN = "no_mandate_seen"
    UNKNOWN = "unknown"


class Fate(StrEnum):
    """How a spell ended; `alive` is right-censored."""

    ALIVE = "alive"
    ABANDONED = "abandoned"
    REPLACED = "replaced"
    ABSORBED = "absorbed"


class Carrier(StrEnum):
    """What carries the practice in the traces."""

    FILE = "file"
    ACTS = "acts"


@dataclass(frozen=True, slots=True)
class Practice:
    """One practice and its only spell of life, in days.

    Attributes:
        practice: dense number of the practice, from 1.
        carrier: a Carrier.
        tool, job, unit: its identity; unit is the org chart's unit, else the hash of the place as text.
        team: dense number of the unit, for strata; from 1.
        source: source of its first trace.
        born_on: day of first concrete use.
        entry_days: days from birth until the practice was observable (delayed entry), >= 0.
        exit_days: days from birth to its end or to the end of observation, >= entry_days.
        fate: a Fate; ALIVE is right-censored at exit_days.
        origin: an Origin at the default look-back.
        fragile: true if the modal origin changes over the look-backs tried.
        traces: how many person-weeks of traces carry it.
        people: how many different people.
        corroborated: two source families agree, or >= 2 people in >= 3 distinct weeks (R11).
        second_after_days: days from birth to the first trace by a second person; None if never.
    """

    practice: int
    carrier: str
    tool: str
    job: str
    unit: str
    team: int
    source: str
    born_on: date
    entry_days: int
    exit_days: int
    fate: str
    origin: str
    fragile: bool
    traces: int
    people: int
    corroborated: bool
    second_after_days: int | None
