"""What people say when the pulse asks why their team is asked to use AI, held against the reasons given at the top (M5)."""

from typing import Any

import numpy as np

from groundswell.measures._floors import Quantity
from groundswell.measures._practice_counts import LEAST_PRACTICES
from groundswell.measures._rates import Floats, Interval, normal_quantile
from groundswell.model.measure import ReleaseLike, Result
from groundswell.model.phrase import Phrase, say

BITS = 5
"""Kinds of reason."""

LEAST_ANSWERS, LEAST_A_LEVEL = LEAST_PRACTICES, 10
"""Answers in all, and from a level, below which nothing is said (M11)."""

LEADS, WORKS, LOST = (
    say("Share of the reasons given at the top that people who lead others name"),
    say("Share of the reasons given at the top that people who lead nobody name"),
    say("Reasons named by people who lead others, minus by people who lead nobody"),
)

ASSUMPTIONS = (
    say("The reasons given at the top are those its own statements carry; each counts as often as it was given."),
    say("Those who answer know as much of the why as those who do not."),
    say("Answers are coded where they are given; their words are kept nowhere."),
)


def named(release: ReleaseLike) -> tuple[Result, ...]:
    """Share of the top's reasons named in the pulse, by level, and the difference; nothing where no pulse asked why.

    Args:
        release: tables `pulse` (level, reasons, answers) and `sources` (reasons of each statement of the top).

    Returns:
        One result a level and their difference. One person is asked once a quarter, so answers are taken for independent; the
        interval is that of a mean of shares, its quantile normal. At most indicative: who does not answer is not known.
    """
    rows = release.tables["pulse"].to_pylist() if "pulse" in release.tables else []
    if not rows:
        return ()
    keys = (("named_leads", LEADS), ("named_works", WORKS), ("named_lost", LOST))
    total = sum(r["answers"] for r in rows)
    given = weights(np.array([r["reasons"] for r in release.tables["sources"].to_pylist()], dtype=np.int64))
    stop = _why_not(total, given)
    shares = {level: _shares(rows, level, given) for level in ("leads", "works")} if stop is None else {}
    found = []
    for key, label in keys:
        levels = ("leads", "works") if key == "named_lost" else (key.removeprefix("named_"),)
        n = sum(len(shares.get(level, ())) for level in levels)
        quantity = Quantity(
            measure=release.measure, key=key, label=label, unit="share", start=release.start, end=release.end,
            n_people=release.people, n_units=n, assumptions=ASSUMPTIONS, figures=2,
            neutral=0.0 if key == "named_lost" else None,
        )  # fmt: skip
        why = stop or _few([len(shares[level]) for level in levels])
        if why is not None:
            found.append(quantity.withheld(*why))
            continue
        interval = mean_of(shares["leads"], shares["works"]) if key == "named_lost" else mean_of(shares[levels[0]])
        reason, unlock = say("how many of those asked answered is not known here"), say("a pulse that counts whom it asked")
        found.append(quantity.value(interval, reason=reason, unlock=unlock))
    return tuple(found)


def weights(sources: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> Floats:
    """How often each of the five reasons was given at the top, as shares that sum to 1; zeros if none was."""
    held = np.array([(sources >> bit & 1).sum() for bit in range(BITS)], dtype=float)
    total = float(held.sum())
    return held / total if total else held


def mean_of(one: Floats, other: Floats | None = None) -> Interval:
    """Mean of the values, or of one group minus another's, with a normal interval from their own spread; two values or more."""
    groups = [one] if other is None else [one, other]
    value = float(groups[0].mean()) - (float(groups[1].mean()) if other is not None else 0.0)
    # Half an answer of either kind is added to the spread, so that a level that names nothing is not called sure.
    error = sum((float(g.var(ddof=1)) + 0.25 / len(g)) / len(g) for g in groups) ** 0.5
    reach = normal_quantile(0.95) * float(error)
    low, high = (-1.0, 1.0) if other is not None else (0.0, 1.0)
    return Interval(value, max(value - reach, low), min(value + reach, high))


def _shares(rows: list[dict[str, Any]], level: str, given: Floats) -> Floats:
    """Share of the given reasons that each answer of a level names."""
    own = [r for r in rows if r["level"] == level]
    share = [float(sum(given[bit] for bit in range(BITS) if r["reasons"] >> bit & 1)) for r in own]
    return np.repeat(np.array(share, dtype=float), [r["answers"] for r in own])


def _why_not(total: int, given: Floats) -> tuple[Phrase, Phrase] | None:
    if total < LEAST_ANSWERS:
        return (
            say("{n:count} answer says why | {n:count} answers say why", n=total),
            say("{least:count} answers to the question why", least=LEAST_ANSWERS),
        )
    if not given.sum():
        return (
            say("which reasons were given at the top is not in the traces"),
            say("an export of the channels in which the top gives its reasons, and an org chart"),
        )
    return None


def _few(sizes: list[int]) -> tuple[Phrase, Phrase] | None:
    if min(sizes) >= LEAST_A_LEVEL:
        return None
    return (
        say("fewer than {least:count} people of a level said why", least=LEAST_A_LEVEL),
        say("more answers to the question why"),
    )
