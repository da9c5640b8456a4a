"""What does a demand, an announcement or a limit carry: a reason, a date, an obligation, a sanction, leave to fail."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntFlag

import numpy as np
from numpy.typing import NDArray

from groundswell.model.reading import DropKind
from groundswell.reading import cues

FIELDS = ("reason", "deadline", "obligation", "sanction", "limit", "example", "permission")


class Reasons(IntFlag):
    """Reason propositions a statement may carry: what of the why it hands on."""

    GOAL = 1
    PROBLEM = 2
    WHOM = 4
    LIMITS = 8
    PERMISSION = 16


@dataclass(frozen=True, slots=True)
class Substance:
    """What statements carry, one row a statement.

    Attributes:
        flags: one column a field of FIELDS.
        reasons: bit sets of Reasons.
    """

    flags: NDArray[np.bool_]
    reasons: NDArray[np.int64]


def of(statements: Sequence[str], codes: Sequence[str]) -> Substance:
    """Read the substance of statements.

    Args:
        statements: spaced tokens of a statement and its neighbours.
        codes: their languages.
    """
    named = cues.names("substance")
    flags = cues.found(statements, codes, "substance")[:, [named.index(field) for field in FIELDS]]
    why = cues.found(statements, codes, "reasons")
    bits = {"goal": Reasons.GOAL, "problem": Reasons.PROBLEM, "whom": Reasons.WHOM}
    reasons = np.zeros(len(flags), dtype=np.int64)
    for place, name in enumerate(cues.names("reasons")):
        reasons = reasons + why[:, place] * int(bits[name])
    reasons = reasons + flags[:, FIELDS.index("limit")] * int(Reasons.LIMITS)
    reasons = reasons + flags[:, FIELDS.index("permission")] * int(Reasons.PERMISSION)
    flags[:, 0] |= why.any(axis=1)
    return Substance(flags, reasons.astype(np.int64))


def drop_kinds(statements: Sequence[str], codes: Sequence[str]) -> list[DropKind]:
    """Why each of some drops happened; abandoned unless the words say otherwise."""
    order = (DropKind.REVERTED, DropKind.SWITCHED, DropKind.JOB_ENDED, DropKind.PAUSED)
    named = cues.names("drop")
    table = cues.found(statements, codes, "drop")[:, [named.index(kind) for kind in order]]
    first = table.argmax(axis=1).tolist()
    said = np.atleast_1d(table.any(axis=1)).tolist()
    return [order[place] if any_ else DropKind.ABANDONED for place, any_ in zip(first, said, strict=True)]
