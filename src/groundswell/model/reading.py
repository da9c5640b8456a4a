"""Readings: what a message or a mark does about AI practice, in the closed codebook of the design."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Act(StrEnum):
    """What somebody does by leaving this trace."""

    USES = "uses"
    TRIES = "tries"
    SHARES = "shares"
    TAKES_UP = "takes_up"
    LEARNS = "learns"
    DROPS = "drops"
    DEMANDS = "demands"
    PRESSED = "pressed"
    ANNOUNCES = "announces"
    RESTRICTS = "restricts"
    NUDGES = "nudges"


class Coarse(StrEnum):
    """The coarse classes that are published until an audit shows a finer one is read well enough."""

    DONE = "done"
    LEARNED = "learned"
    DROPPED = "dropped"
    SAID = "said"
    LIMIT = "limit"
    NONE = "none"


COARSE: dict[Act, Coarse] = {
    Act.USES: Coarse.DONE,
    Act.TRIES: Coarse.DONE,
    Act.SHARES: Coarse.DONE,
    Act.TAKES_UP: Coarse.DONE,
    Act.LEARNS: Coarse.LEARNED,
    Act.DROPS: Coarse.DROPPED,
    Act.DEMANDS: Coarse.SAID,
    Act.PRESSED: Coarse.SAID,
    Act.ANNOUNCES: Coarse.SAID,
    Act.RESTRICTS: Coarse.LIMIT,
    Act.NUDGES: Coarse.NONE,
}


class Modality(StrEnum):
    """How the act is put; only `done` counts as done."""

    DONE = "done"
    INTENDED = "intended"
    NEGATED = "negated"
    ASKED = "asked"
    REPORTED = "reported"


class DropKind(StrEnum):
    """Why somebody stopped; only `abandoned` is abandonment."""

    ABANDONED = "abandoned"
    SWITCHED = "switched"
    PAUSED = "paused"
    JOB_ENDED = "job_ended"
    REVERTED = "reverted"


class Job(StrEnum):
    """Kinds of work a tool is used for."""

    SUPPORT = "support"
    DEBUGGING = "debugging"
    CODING = "coding"
    REVIEW = "review"
    TESTING = "testing"
    DOCUMENTATION = "documentation"
    AUTOMATION = "automation"
    ANALYSIS = "analysis"
    FORECASTING = "forecasting"
    REVOPS = "revops"
    MARKETING = "marketing"
    WRITING = "writing"
    TRANSLATION = "translation"
    MEETINGS = "meetings"
    RESEARCH = "research"
    RECRUITING = "recruiting"
    CLOSING = "closing"
    LEGAL = "legal"
    DESIGN = "design"
    OPERATIONS = "operations"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act read in one trace.

    Attributes:
        id, version: identity of the trace; one trace may do several acts.
        ts: when.
        actor, actor_kind: who did it (for an agent's commit, the person who asked for it, if known).
        act: an Act.
        modality: a Modality.
        tool: canonical tool name; "" when none is named, "any" for "AI" in general.
        job: a Job.
        place, thread: hashes of where it stands; 0 outside a thread.
        readers: how many people read there, if known.
        whom: the person it takes up from, or answers; 0 if none.
        channel: how the trace shows it: "message", or a mark such as "co-author trailer".
        reason, deadline, obligation, sanction, limit, example, permission: what the words of an announcement, demand or
            restriction carry. Never a feeling.
        reasons: bit set of reason propositions carried (see reading), for what is left of the why; 0 if none.
        drop: a DropKind for `drops`, else "".
        score: the reader's probability, 1.0 for a rule on a mark.
        reader: name and version of what read it, for instance "linear-1" or "git-marks-1".
        source: name of the source.
    """

    id: int
    version: int
    ts: datetime
    actor: int
    actor_kind: str
    act: str
    modality: str
    tool: str
    job: str
    place: int
    thread: int
    readers: int | None
    whom: int
    channel: str
    reason: bool
    deadline: bool
    obligation: bool
    sanction: bool
    limit: bool
    example: bool
    permission: bool
    reasons: int
    drop: str
    score: float
    reader: str
    source: str


@dataclass(frozen=True, slots=True)
class Label:
    """What a person who audited the reader said of one sampled message; its text is not kept.

    Attributes:
        id, version: identity of the message.
        probability: the chance this message had of being drawn, in (0, 1].
        stratum: score band, source and unit it was drawn from.
        coder: 1 for the first labeller, 2 for the repeat.
        act: the act they saw, or "none"; one row an act.
        predicted: coarse class the reader gave.
        score: the reader's probability of that class.
        reader: name and version of the reader.
    """

    id: int
    version: int
    probability: float
    stratum: str
    coder: int
    act: str
    predicted: str
    score: float
    reader: str
