"""Traces: what work left behind, one frozen row class a stored table, the actor already a pseudonym.

Ids are 63-bit keyed hashes of (source, container, native id), so that reading an export twice gives the same rows.
Pseudonyms (`actor`, `whom`) are 63-bit keyed hashes of one handle of a person; `Alias` rows say which handles are one person.
Days are UTC dates; instants are UTC datetimes. 0 stands for "nobody" or "nowhere" in a hash column.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class ActorKind(StrEnum):
    """Who left the trace; only persons adopt."""

    PERSON = "person"
    BOT = "bot"
    AGENT = "agent"


class Family(StrEnum):
    """Families of sources; use is corroborated when two of them agree."""

    CHAT = "chat"
    CODE = "code"
    USAGE = "usage"
    SEATS = "seats"
    PEOPLE = "people"
    SELFREPORT = "selfreport"


class TieKind(StrEnum):
    """How one person turned to another."""

    REPLY = "reply"
    MENTION = "mention"
    REACTION = "reaction"
    REVIEW = "review"
    COAUTHOR = "coauthor"


class ArtefactForm(StrEnum):
    """What kind of shared file carries a practice in a repository."""

    SKILL = "skill"
    COMMAND = "command"
    RULE = "rule"
    INSTRUCTIONS = "instructions"
    AGENT = "agent"


class ArtefactEvent(StrEnum):
    """What happened to a shared file; a move is not a death."""

    CREATED = "created"
    EDITED = "edited"
    MOVED = "moved"
    DELETED = "deleted"


class ProgrammeKind(StrEnum):
    """What the organisation, or a vendor, did on a date."""

    SEATS = "seats"
    TRAINING = "training"
    EVENT = "event"
    PROJECT = "project"
    VENDOR = "vendor"


@dataclass(frozen=True, slots=True)
class Message:
    """A chat message on its way to the reader: the only row that carries text, never stored.

    Attributes:
        id: identity of the message.
        version: microseconds of the last edit, else of the message; the last copy wins.
        ts: when it was sent.
        actor: its author; 0 when unknown.
        actor_kind: person, bot or agent.
        place: hash of the channel or list.
        readers: how many people read there, if known.
        thread: hash of the thread; 0 outside a thread.
        opens: true for the first message of its thread.
        reply_to: author of the message replied to; 0 if none.
        mentions: people addressed by name.
        text: the author's own words, quotes and code split off.
        source: name of the source.
    """

    id: int
    version: int
    ts: datetime
    actor: int
    actor_kind: str
    place: int
    readers: int | None
    thread: int
    opens: bool
    reply_to: int
    mentions: list[int]
    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Trace:
    """That somebody left a trace of any topic somewhere on a day: the control series behind every share.

    Attributes:
        id, version: identity, and which copy wins.
        day: UTC day; the hour is not kept.
        actor, actor_kind: who.
        place: hash of the channel or repository.
        source: name of the source.
    """

    id: int
    version: int
    day: date
    actor: int
    actor_kind: str
    place: int
    source: str


@dataclass(frozen=True, slots=True)
class TieTrace:
    """That one person turned to another on a day.

    Attributes:
        id, version: identity of the trace it was seen in.
        day: UTC day.
        actor, whom: from whom, to whom; never equal, never 0.
        kind: a TieKind.
        source: name of the source.
    """

    id: int
    version: int
    day: date
    actor: int
    whom: int
    kind: str
    source: str


@dataclass(frozen=True, slots=True)
class ArtefactTrace:
    """Something that happened to a file that carries a practice.

    Attributes:
        id, version: identity of (commit, artefact).
        ts: author time of the commit.
        actor, actor_kind: who.
        place: hash of the repository.
        artefact: hash of the artefact's identity, kept through moves.
        form: an ArtefactForm.
        tool: the tool it is written for; "any" for AGENTS.md and the like.
        event: an ArtefactEvent.
        source: name of the source.
    """

    id: int
    version: int
    ts: datetime
    actor: int
    actor_kind: str
    place: int
    artefact: int
    form: str
    tool: str
    event: str
    source: str


@dataclass(frozen=True, slots=True)
class UsageDay:
    """What a vendor's log says one person did with one tool on one day.

    Attributes:
        id, version: identity of (log, person, tool, day).
        day: UTC day.
        actor, actor_kind: who; agents and service accounts are not persons.
        tool: which tool.
        interactions: how often; None where the vendor did not measure it, which is not 0.
        active: true if the person did something; False for passive rows such as an automatic review.
        source: name of the source.
    """

    id: int
    version: int
    day: date
    actor: int
    actor_kind: str
    tool: str
    interactions: int | None
    active: bool
    source: str


@dataclass(frozen=True, slots=True)
class UsageTotal:
    """What a vendor's log says the whole organisation did with one tool on one day; no person is in it.

    Attributes:
        id, version: identity of (log, tool, day, slice of the organisation the log is about).
        day: UTC day.
        tool: which tool.
        people: distinct people active that day; never additive over days, tools or slices; None where not measured.
        interactions: how often, people and machines and the unattributed together; None where not measured, which is not 0.
        source: name of the source.
    """

    id: int
    version: int
    day: date
    tool: str
    people: int | None
    interactions: int | None
    source: str


@dataclass(frozen=True, slots=True)
class Spend:
    """What one tool cost the organisation on one day; no person is in it.

    Attributes:
        id, version: identity of (log, tool, day, line of the bill).
        day: UTC day the cost fell on; the first day of the period where the vendor bills a period.
        tool: which tool.
        amount: money, in whole units of the currency (dollars, never cents); negative for a refund.
        currency: ISO 4217 code; empty if unknown.
        source: name of the source.
    """

    id: int
    version: int
    day: date
    tool: str
    amount: float
    currency: str
    source: str


@dataclass(frozen=True, slots=True)
class PulseAnswer:
    """One person's answer to the pulse about one day and the tool used on it; it bears no actor, so that nobody can trace it.

    Attributes:
        id, version: identity of (sheet of answers, item); never made from a person.
        day: the working day the question was about.
        tool: which tool; "any" for AI in general.
        job: a Job; "unknown" if not said.
        used: whether it was used for work on that day.
        how: how they came to use it: "own", "colleague", "asked", "programme", "other", or "" if not said.
        expected: whether it was used mainly because it was expected; None if not asked or not answered.
        kept: whether it is still in use; None if not asked or not answered.
        level: "leads" if a why was told by somebody who leads people, "works" if by somebody who does not; "" if none was told.
        reasons: bit set of the reasons named when asked why (see `ActRow`); None if not asked or not answered.
        second: whether AI was used on the working day before, too; None for the four in five who are asked about one day.
        stratum: group for weighting, only where it is large enough; "" otherwise.
        weight: design weight, > 0; 1 where nothing is known.
        source: name of the source.
    """

    id: int
    version: int
    day: date
    tool: str
    job: str
    used: bool
    how: str
    expected: bool | None
    kept: bool | None
    level: str
    reasons: int | None
    second: bool | None
    stratum: str
    weight: float
    source: str


@dataclass(frozen=True, slots=True)
class Seat:
    """A licence assigned to a person, as one snapshot shows it.

    Attributes:
        id, version: identity of (snapshot, person, tool).
        day: day of the snapshot.
        actor: who holds it.
        tool: which tool.
        assigned_on: since when; None if unknown.
        last_active_on: last activity the vendor reports; None if never, cleared, or not measured.
        measured: False where telemetry is off or the vendor does not say: an idle seat is then only possible.
        monthly_price: price of a seat a month; None if unknown.
        currency: ISO 4217 code; empty if unknown.
        source: name of the source.
    """

    id: int
    version: int
    day: date
    actor: int
    tool: str
    assigned_on: date | None
    last_active_on: date | None
    measured: bool
    monthly_price: float | None
    currency: str
    source: str


@dataclass(frozen=True, slots=True)
class Position:
    """Where a person stands in one dated snapshot of the org chart.

    Attributes:
        id, version: identity of (snapshot, person).
        day: day of the snapshot.
        actor: who.
        unit: the unit's own name, as the chart writes it; a team, never a person.
        manager: whom they report to; 0 at the top or unknown.
        role: job family as the chart writes it; empty if unknown.
        site: where; empty if unknown.
        joined_on, left_on: dates of employment; None if unknown or still there.
        source: name of the source.
    """

    id: int
    version: int
    day: date
    actor: int
    unit: str
    manager: int
    role: str
    site: str
    joined_on: date | None
    left_on: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Programme:
    """A dated event of the organisation or of a vendor that may start things by itself.

    Attributes:
        id, version: identity.
        day: when.
        kind: a ProgrammeKind.
        tool: which tool; empty for all.
        unit: unit concerned, as the org chart writes it; empty for all.
        place: repository or channel concerned; 0 for all.
        source: name of the source.
    """

    id: int
    version: int
    day: date
    kind: str
    tool: str
    unit: str
    place: int
    source: str


@dataclass(frozen=True, slots=True)
class Alias:
    """Two handles of the same person.

    Attributes:
        id: identity of the pair.
        version: always 0; an alias does not change.
        one, other: pseudonyms of two handles, one < other.
        strength: "strong" (an address, a login, a native id) or "name" (a full name only: used where it is unambiguous).
        source: name of the source.
    """

    id: int
    version: int
    one: int
    other: int
    strength: str
    source: str
