"""Whether talk outgrew use between two halves of the window, with every person's weeks taken as one cluster (M1)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.measures._impute import DRAWS, candidates, chance_draws, rubin
from groundswell.measures._labels import Gold, gold_of
from groundswell.measures._rates import LEVEL, Floats, Interval, normal_quantile, student_quantile
from groundswell.model.measure import ReleaseLike

TARGETS = {"said": "said", "corroborated": "done", "used": "done", "shared": "done", "learned": "learned"}
"""Kind of person-week -> the label it is audited as."""

BANDS = 5
"""Bands of the reader's score in `_announced.WEEKS_SQL`; band -1 rests on a mark or a log."""

LEAST = 10.0
"""Fewest corrected person-weeks in each cell of a ratio; below that its logarithm means little."""


@dataclass(frozen=True)
class Moments:
    """Totals and products over people of their person-weeks by (kind, band, late).

    Attributes:
        cells: the cells, in order.
        totals: person-weeks of each.
        products: sum over people of the product of two cells.
        people: people with any person-week of each.
    """

    cells: list[tuple[str, int, int]]
    totals: Floats
    products: Floats
    people: Floats


def moments(release: ReleaseLike) -> Moments:
    """Read the released sums and products."""
    rows = release.tables["gram"].to_pylist()
    own = [r for r in rows if (r["kind"], r["band"], r["late"]) == (r["kind_2"], r["band_2"], r["late_2"])]
    cells = [(r["kind"], r["band"], r["late"]) for r in own]
    place = {cell: n for n, cell in enumerate(cells)}
    products = np.zeros((len(cells), len(cells)))
    for r in rows:
        products[place[(r["kind"], r["band"], r["late"])], place[(r["kind_2"], r["band_2"], r["late_2"])]] = r["product"]
    return Moments(cells, np.array([float(r["total"]) for r in own]), products, np.array([float(r["people"]) for r in own]))


def chances(release: ReleaseLike, kind: str, *, seed: int) -> Floats:
    """Draws of the probability that a person-week of this kind is real, by band: (draws, 6), band -1 first and always 1."""
    gold = gold_of(release.tables["gold"], TARGETS[kind])
    if not gold.claimed.any():
        return np.ones((DRAWS, BANDS + 1))
    pooled = Gold(gold.truth, gold.claimed, gold.score, gold.weight, np.full(len(gold.truth), ""), gold.week, gold.again)
    centres = (np.arange(BANDS) + 0.5) / BANDS
    drawn = chance_draws(pooled, candidates(centres, np.full(BANDS, "")), seed=seed)
    return np.column_stack([np.ones(DRAWS), drawn])


def contrast(release: ReleaseLike, powers: Mapping[str, float], *, seed: int) -> Interval | None:
    """Exp of a log-contrast of the change of several kinds of person-weeks, late window against early.

    Args:
        release: with tables `gram` and `gold`.
        powers: kind -> weight; weights sum to 0, so that the number of active person-weeks cancels.
        seed: of the draws of the labels.

    Returns:
        Ratio and interval; None if a cell holds fewer than 10 corrected person-weeks.

    Source: linearisation over people; isometric log-ratios after Egozcue et al. 2003; Rubin's rules over the draws.
    """
    if abs(sum(powers.values())) > 1e-9:
        raise ValueError("the weights of a contrast sum to 0")
    held = moments(release)
    real = {kind: chances(release, kind, seed=seed + n) for n, kind in enumerate(sorted(powers))}
    values, variances = [], []
    for m in range(DRAWS):
        one = _one(held, powers, {kind: p[m] for kind, p in real.items()})
        if one is None:
            return None
        values.append(one[0])
        variances.append(one[1])
    value, variance, freedom = rubin(np.array(values), np.array(variances))
    quantile = student_quantile(LEVEL, freedom) if np.isfinite(freedom) else normal_quantile(LEVEL)
    half = quantile * np.sqrt(variance)
    return Interval(*(float(np.exp(x)) for x in (value, value - half, value + half)))


def _one(held: Moments, powers: Mapping[str, float], real: Mapping[str, Floats]) -> tuple[float, float] | None:
    slope, value, labels = np.zeros(len(held.cells)), 0.0, 0.0
    for kind, power in powers.items():
        for late in (0, 1):
            picked = [n for n, c in enumerate(held.cells) if c[0] == kind and c[2] == late]
            real_here = np.array([real[kind][held.cells[n][1] + 1] for n in picked])
            total = float(np.sum(held.totals[picked] * real_here)) if picked else 0.0
            if total < LEAST:
                return None
            # Half a person-week is added, as the specification has it for the four-part picture.
            sign = power if late else -power
            value += sign * float(np.log(total + 0.5))
            slope[picked] += sign * real_here / (total + 0.5)
            labels += power**2 * float(np.sum(held.totals[picked] * real_here * (1 - real_here))) / total**2
    return value, float(slope @ held.products @ slope) + labels


def relative(weeks: list[dict[str, Any]], kind: str, real: Floats, first: int, last: int) -> list[tuple[int, float, float]]:
    """Corrected share of active person-weeks with an act of a kind, four weeks at a time, against its own average.

    Args:
        weeks: rows of `WEEKS_SQL`.
        kind: which kind.
        real: mean probability by band, band -1 first.
        first: first week drawn.
        last: last week drawn; bins that are not whole inside are left out.

    Returns:
        (first week of the bin, ratio to the average, person-weeks behind it); empty if there are none.
    """
    hits: dict[int, float] = {}
    active: dict[int, dict[int, int]] = {}
    for row in weeks:
        slot = row["week"] // 4
        if 4 * slot >= first and 4 * slot + 3 <= last:
            active.setdefault(slot, {})[row["week"]] = row["active"]
            if row["kind"] == kind:
                hits[slot] = hits.get(slot, 0.0) + row["person_weeks"] * float(real[row["band"] + 1])
    shares = {slot: hits.get(slot, 0.0) / max(sum(by_week.values()), 1) for slot, by_week in active.items()}
    mean = float(np.mean(list(shares.values()))) if shares else 0.0
    if mean == 0:
        return []
    return [(4 * slot, shares[slot] / mean, hits.get(slot, 0.0)) for slot in sorted(shares)]
