"""The door through which a team sees its own counts, because it voted for it: all of the team at once, and nobody above it."""

from collections.abc import Mapping
from dataclasses import dataclass

from groundswell.privacy.protection import DEFAULT, Protection

FEW = 3
"""Fewer people than this on one side of a share are not told apart from none: in a team everybody knows everybody."""

STEP = 10
"""Shares are told in tenths: a finer one would follow single people."""

BALLOT_DAYS = 14
"""A ballot is open for so many days; nothing of it is told before."""

LASTS_DAYS = 365
"""What a team decided holds for a year, then it may decide anew (M11: a yearly ballot)."""


@dataclass(frozen=True, slots=True)
class Told:
    """A share of a team as it may be told to the team.

    Attributes:
        share: in tenths; None where it is not told apart from none or from all.
        side: "" where it is told, else "few" or "nearly all".
    """

    share: float | None
    side: str = ""


def decided(*, members: int, yes: int, protection: Protection = DEFAULT) -> bool:
    """Whether a team wants its own view: more than half of all its members said yes, and they are enough.

    Whoever stays silent counts as a no, so that nobody is asked why they did not vote.
    """
    return members >= protection.least_own_view and 2 * yes > members


def told(people: int, hits: Mapping[str, int], protection: Protection = DEFAULT) -> dict[str, Told] | None:
    """Shares of a team under the floors of its own view; it carries no noise.

    Args:
        people: active members of the team.
        hits: question -> how many of them; 0 <= hits <= people.
        protection: of the company, which may ask for more.

    Returns:
        question -> share; None where too few members are active.
    """
    if people < protection.least_own_view:
        return None
    return {question: _share(n, people) for question, n in hits.items()}


def _share(hits: int, people: int) -> Told:
    if hits < FEW or hits * STEP < people:
        return Told(None, "few")
    if people - hits < FEW or (people - hits) * STEP < people:
        return Told(None, "nearly all")
    return Told(round(STEP * hits / people) / STEP)
