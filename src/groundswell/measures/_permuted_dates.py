"""Do adoptions follow an example more than their dates alone give: dates exchanged within team and tool (M4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.measures._rates import Floats, normal_quantile

PERMUTATIONS = 999
"""Permutations (measures.md, defaults)."""


@dataclass(frozen=True)
class Excess:
    """Exposed adoptions beyond what exchanged dates give.

    Attributes:
        exposed: adoptions that followed an example.
        excess: exposed minus its mean over exchanged dates.
        spread: standard deviation over exchanged dates.
        p: share of exchanges with at least as many exposed, (1 + as many) / (1 + exchanges).
        adoptions: how many could be exchanged: those in a stratum of two or more.
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


def exchange(rows: Mapping[str, Sequence[Any]], kind: str, *, seed: int) -> Excess:
    """Compare exposed adoptions with those under dates exchanged within strata.

    What contacts of other teams did is held fixed; that keeps the test valid, and makes it cautious where two adopters are each
    other's contacts, since only one of them can have followed.

    Args:
        rows: columns kind, stratum, adoption, on_date, exposed; a full square of adoptions and dates a stratum.
        kind: which exposure.
        seed: of the exchanges.

    Source: date shuffling of Anagnostopoulos, Kumar & Mahdian 2008, here within team.
    """
    picked = np.array(rows["kind"], dtype=object) == kind
    stratum = np.array(rows["stratum"], dtype=np.int64)[picked]
    exposed = np.array(rows["exposed"], dtype=float)[picked]
    adoption = np.array(rows["adoption"], dtype=np.int64)[picked]
    date = np.array(rows["on_date"], dtype=np.int64)[picked]
    order = np.lexsort((date, adoption, stratum))
    stratum, exposed = stratum[order], exposed[order]
    starts = np.flatnonzero(np.r_[True, np.diff(stratum) != 0]) if len(stratum) else np.array([], dtype=np.int64)
    cells = np.diff(np.r_[starts, len(stratum)])
    size = np.round(np.sqrt(cells)).astype(np.int64)
    keep = size > 1
    starts, size = starts[keep], size[keep]
    code = np.repeat(np.arange(len(size)), size)
    nth = np.arange(len(code)) - np.repeat(np.cumsum(size) - size, size)
    base = starts[code] + nth * size[code] if len(code) else code
    if not len(code):
        return Excess(0, 0.0, 0.0, 1.0, 0)
    seen = float(exposed[base + nth].sum())
    totals = _shuffled_totals(exposed, base, code, nth, seed)
    p = (1 + int((totals >= seen - 1e-9).sum())) / (1 + PERMUTATIONS)
    return Excess(int(seen), seen - float(totals.mean()), float(totals.std(ddof=1)), p, len(code))


def _shuffled_totals(exposed: Floats, base: Any, code: Any, nth: Any, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    totals = np.empty(PERMUTATIONS)
    block = max(1, 2_000_000 // len(code))
    for start in range(0, PERMUTATIONS, block):
        rounds = min(block, PERMUTATIONS - start)
        # Sorting random keys inside each stratum exchanges the dates of all strata at once.
        mixed = nth[np.argsort(rng.random((rounds, len(code))) + code, axis=1)]
        totals[start : start + rounds] = exposed[base + mixed].sum(axis=1)
    return totals
