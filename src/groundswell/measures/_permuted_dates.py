"""Do adoptions follow an example more than their dates alone give: dates exchanged within team and tool (M4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.measures._rates import Floats, normal_quantile

PERMUTATIONS = 999
"""Permutations (measures.md, defaults)."""

SEED = 20250107
"""Of the exchanges: fixed, so that the same company always gives the same totals."""

KINDS = ("control", "formal", "informal")
"""What an adoption may have followed: a contact's other tool, an example along the line, that of a contact in another team."""

Ints = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Excess:
    """Exposed adoptions beyond what exchanged dates give.

    Attributes:
        exposed: adoptions that followed an example.
        excess: exposed minus its mean over exchanged dates.
        spread: standard deviation over exchanged dates.
        p: share of exchanges with at least as many exposed, (1 + as many) / (1 + exchanges).
        adoptions: how many were looked at.
    """

    exposed: int
    excess: float
    spread: float
    p: float
    adoptions: int

    @property
    def interval(self) -> tuple[float, float]:
        """Excess and its normal interval, in adoptions."""
        reach = normal_quantile(0.95) * self.spread
        return self.excess - reach, self.excess + reach


def exchange(
    adoptions: Mapping[str, Sequence[int]], looks: Mapping[str, Sequence[Any]], *, days: int, seed: int = SEED
) -> dict[str, list[Any]]:
    """Count exposed adoptions on their own dates and on dates exchanged within strata.

    All dates are exchanged at once, and what an adopter shows afterwards moves with the adoption: of two people who are each
    other's contacts, then, only one follows the other under any exchange, as in fact.

    Args:
        adoptions: columns adoption (1 .. n in order), stratum, day.
        looks: columns kind, adoption, example (the contact's adoption, or 0 if it is not exchanged), day (days after that
            adoption; the day itself for example 0).
        days: for how many days an example counts; one seen on the very day does not.
        seed: of the exchanges.

    Returns:
        Columns kind, round (0 for the own dates, then 1 .. PERMUTATIONS) and exposed: totals alone, no adoption.

    Source: date shuffling of Anagnostopoulos, Kumar & Mahdian 2008, here within team and tool.
    """
    stratum, day = (np.array(adoptions[c], dtype=np.int64) for c in ("stratum", "day"))
    code = np.unique(stratum, return_inverse=True)[1].astype(np.float64)
    order = np.argsort(code, kind="stable")
    names = np.array(looks["kind"], dtype=object)
    some = {kind: _spans(looks, names == kind, days) for kind in KINDS}
    totals: dict[str, list[int]] = {kind: [_exposed(span, day[None, :])[0]] if len(day) else [0] for kind, span in some.items()}
    rng = np.random.default_rng(seed)
    block = max(1, 4_000_000 // max(1, len(day) + sum(len(s[0]) for s in some.values())))
    for start in range(0, PERMUTATIONS, block):
        rounds = min(block, PERMUTATIONS - start)
        dates = np.empty((rounds, len(day)), dtype=np.int64)
        # Sorting random keys inside each stratum exchanges the dates of all strata at once.
        dates[:, order] = day[np.argsort(rng.random((rounds, len(day))) + code, axis=1)]
        for kind, span in some.items():
            totals[kind] += _exposed(span, dates)
    return {
        "kind": [kind for kind in KINDS for _ in totals[kind]],
        "round": [n for kind in KINDS for n in range(len(totals[kind]))],
        "exposed": [n for kind in KINDS for n in totals[kind]],
    }


def excess_of(rows: Mapping[str, Sequence[Any]], kind: str, adoptions: int) -> Excess:
    """Set the exposed adoptions of one kind of tie beside those of exchanged dates.

    Args:
        rows: columns of `exchange`.
        kind: which exposure.
        adoptions: how many were looked at.
    """
    rounds = {n: x for k, n, x in zip(rows["kind"], rows["round"], rows["exposed"], strict=True) if k == kind}
    seen = rounds.pop(0)
    totals: Floats = np.array([rounds[n] for n in sorted(rounds)], dtype=float)
    p = (1 + int((totals >= seen).sum())) / (1 + len(totals))
    return Excess(int(seen), seen - float(totals.mean()), float(totals.std(ddof=1)), p, adoptions)


Spans = tuple[Ints, Ints, Ints, Ints]
"""Adoption (from 0), example (from 0; -1 if not exchanged), first and last day on which the adopter would be exposed."""


def _spans(looks: Mapping[str, Sequence[Any]], picked: Any, days: int) -> Spans:
    """Acts of one contact less than `days` apart expose without a gap: one span instead of many days, sorted by adoption."""
    who, example, day = (np.array(looks[c], dtype=np.int64)[picked] for c in ("adoption", "example", "day"))
    order = np.lexsort((day, example, who))
    who, example, day = who[order], example[order], day[order]
    new = np.ones(len(day), dtype=bool)
    new[1:] = (who[1:] != who[:-1]) | (example[1:] != example[:-1]) | (day[1:] - day[:-1] > days)
    first = np.flatnonzero(new)
    last = np.r_[first[1:], len(day)] - 1 if len(first) else first
    return who[first] - 1, example[first] - 1, day[first] + 1, day[last] + days


def _exposed(span: Spans, dates: Ints) -> list[int]:
    """How many adoptions fall on a day of exposure; one number a round."""
    who, example, first, last = span
    if not len(who):
        return [0] * len(dates)
    base = np.where(example >= 0, dates[:, np.maximum(example, 0)], 0)
    own = dates[:, who] - base
    hit = (own >= first) & (own <= last)
    starts = np.flatnonzero(np.r_[True, who[1:] != who[:-1]])
    return [int(n) for n in np.logical_or.reduceat(hit, starts, axis=1).sum(axis=1)]
