"""The door through which somebody's own words leave because they said so: with others', some days later, or not at all."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

BATCH = 5
"""So many wait before any goes, unless its author says that theirs may go alone (measures.md, M9)."""

MOST_DAYS = 14
"""Longest delay; each has its own, drawn at random, so that nobody can tell from a day who was told when."""


@dataclass(frozen=True, slots=True)
class Held:
    """Something its author may still take back.

    Attributes:
        number: random.
        alone: whether its author waived the company of others.
        batch: which it goes with; "" while it waits.
        size: how many go with it, itself included, those that went already among them; 0 while it waits.
        on: the day it goes; None while it waits.
    """

    number: str
    alone: bool
    batch: str = ""
    size: int = 0
    on: date | None = None


def plan(held: Sequence[Held], today: date, *, below: Callable[[int], int] = secrets.randbelow) -> list[Held]:
    """Give a day to whatever may go: those that may go alone, and the others as soon as BATCH of them wait.

    Args:
        held: everything that waits or has a day.
        today: UTC.
        below: draws a whole number below the one given.

    Returns:
        What got a day now; the others are as they were.
    """
    waiting = [one for one in held if one.on is None]
    alone = [one for one in waiting if one.alone]
    together = [one for one in waiting if not one.alone]
    groups = [[one] for one in alone] + ([together] if len(together) >= BATCH else [])
    return [
        replace(one, batch=group[0].number, size=len(group), on=today + timedelta(days=below(MOST_DAYS + 1)))
        for group in groups
        for one in group
    ]


def left_after(held: Sequence[Held], gone: Held) -> list[Held]:
    """What changes for the others when one of them is taken back: fewer than BATCH together wait again, without a day.

    Args:
        held: everything else that waits or has a day.
        gone: what was taken back before it went.
    """
    fellows = [replace(one, size=one.size - 1) for one in held if gone.batch and one.batch == gone.batch]
    if fellows and fellows[0].size < BATCH:
        return [replace(one, batch="", size=0, on=None) for one in fellows]
    return fellows
