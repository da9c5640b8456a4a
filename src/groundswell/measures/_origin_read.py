"""How far a reader's errors may move the share of an origin: bounds from the audit, and from what nothing corroborates (M2)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from groundswell.measures._rates import LEVEL, Floats, Interval, normal_quantile
from groundswell.model.phrase import Phrase, say

if TYPE_CHECKING:
    import pyarrow as pa

WIDEST = 0.6
"""An interval of a share wider than this says too little to be printed."""

DRAWS, SEED = 4000, 20
"""Draws of what is not known of the reader, and their seed."""

DEMANDS = """
with audited as (
    select id, min(probability) as probability, max(case when act in ('demands', 'pressed') then 1 else 0 end) as is_demand
    from labels where coder = 1 group by id
), claimed as (
    select id, max(case when tool in ('', 'any') and job = 'unknown' then 0 else 1 end) as names_it
    from acts
    where channel = 'message' and actor_kind = 'person' and modality in ('done', 'intended')
      and (act in ('demands', 'pressed') or (act = 'announces' and obligation))
    group by id
)
select a.is_demand, coalesce(c.names_it, -1) as claimed, count(*) as messages, sum(1 / a.probability) as weight,
       sum(1 / (a.probability * a.probability)) as squares
from audited a left join claimed c on c.id = a.id
group by a.is_demand, coalesce(c.names_it, -1)
order by a.is_demand, claimed"""
"""Audited messages by whether they are a demand and what the reader claims: -1 none, 0 of AI in general, 1 of a tool or job."""

PROVIDED_SEEN = """
select case when count(*) > 0 then 1 else 0 end as seen from programmes where kind in ('seats', 'training', 'vendor')"""
"""Whether any source tells of trainings, rollouts and vendors' events. A seat list alone does not: it knows who holds a seat, and
most starts that are provisioned follow a training, or are of somebody of the unit who holds none."""


@dataclass(frozen=True)
class Errors:
    """How the reader errs on demands: draws of what the audit leaves open, all in (0, 1].

    Attributes:
        found: how often a demand is read as one.
        named: how often what is read as a demand of a tool or job is a demand.
        general: the same of what is read as a demand of AI in general.
    """

    found: Floats
    named: Floats
    general: Floats


def errors(table: "pa.Table", *, seed: int = SEED, draws: int = DRAWS) -> Errors:
    """Draws of the reader's rates, given one audit.

    Args:
        table: rows of `DEMANDS`.
        seed: of the draws.
        draws: how many.

    Returns:
        Posterior draws under Jeffreys' prior, for as many equally likely messages as the weighted ones are worth (Kish 1965,
        8.2). A kind of message that was not audited has the prior alone, which says nearly nothing.
    """
    chance, rows = np.random.default_rng([seed, 0]), table.to_pylist()
    demands = [r for r in rows if r["is_demand"]]
    kinds = (
        [(r["claimed"] >= 0, r) for r in demands],
        *([(r["is_demand"] > 0, r) for r in rows if r["claimed"] == k] for k in (1, 0)),
    )
    return Errors(*(_rate(kind, chance, draws) for kind in kinds))


def held(
    practices: Mapping[str, tuple[int, int]], sampled: Mapping[str, Interval], reader: Errors, *, seed: int = SEED
) -> dict[str, Interval]:
    """Share of every origin allowing for what the reader may have got wrong.

    Each draw takes the reader's rates from the audit; how many of the doubtful practices are any, from none to all; how many
    demands stand behind a practice that was born of one, from a single message, whose error is the practice's, to so many that
    an error of one changes nothing; whether a general call was missed, which moves any part of what looks like grassroots; and
    the luck of these teams. What was nowhere audited is drawn evenly over all it can be.

    Args:
        practices: origin -> practices that more than one person and week or two families of sources carry (R11), and doubtful
            ones: their tool or work was named in too few messages to be no slip of the reader.
        sampled: origin -> share as read, with its interval over teams.
        reader: its errors.
        seed: of the draws.

    Returns:
        Median and the middle 95 of 100 draws.

    Source: Rogan & Gladen 1978 in each draw; Lash, Fox & Fink 2009, chapter 8, for the draws.
    """
    chance, n = np.random.default_rng([seed, 1]), len(reader.found)
    sure, doubtful = (sum(p[k] for p in practices.values()) for k in (0, 1))
    real, missing, made_up = chance.random((3, n))
    share = {o: (own + real * doubt) / np.maximum(sure + real * doubtful, 1) for o, (own, doubt) in practices.items()}
    found = 1 - missing * (1 - reader.found)
    right = {"mandated": 1 - made_up * (1 - reader.named), "interleaved": 1 - made_up * (1 - reader.general)}
    asked = {o: share[o] * right[o] / found for o in right if o in share}
    scale = np.minimum(1.0, 1 / np.maximum(sum(asked.values()), 1e-9))
    asked = {o: value * scale for o, value in asked.items()}
    others = np.maximum(sum(s for o, s in share.items() if o not in asked), 1e-9)
    left = 1 - sum(asked.values())
    # A call to everybody is one message: a reader that misses it misses it for all who heard it at once.
    missed = (chance.random(n) < 1 - found) * chance.random(n)
    own = missed * left * share.get("grassroots", np.zeros(n)) / others
    moved = {"grassroots": -own, "interleaved": own} if {"grassroots", "interleaved"} <= set(share) else {}
    result = {}
    for origin, seen in share.items():
        value = asked.get(origin, left * seen / others) + moved.get(origin, 0.0)
        luck, at = chance.standard_normal(n), sampled[origin]
        error = np.where(luck < 0, at.value - at.low, at.high - at.value) / normal_quantile(LEVEL)
        drawn = np.clip(value + luck * error, 0.0, 1.0)
        low, middle, high = np.quantile(drawn, [(1 - LEVEL) / 2, 0.5, (1 + LEVEL) / 2])
        result[origin] = Interval(float(middle), float(low), float(high))
    return result


def too_wide(interval: Interval) -> tuple[Phrase, Phrase] | None:
    """Why an interval this wide is not printed, and what would help; None if it says something."""
    if interval.high - interval.low <= WIDEST:
        return None
    return (
        say(
            "the reader's errors could move the share anywhere between {low:percent} and {high:percent}",
            low=interval.low,
            high=interval.high,
        ),
        say("a larger audit, or practices that more people leave traces of in more weeks"),
    )


def unseen_provision() -> tuple[Phrase, Phrase]:
    """Why a start cannot be told from one after a seat or a training, and what would help."""
    return (
        say("no list of trainings and rollouts was given, so that trying it is not told from being given it"),
        say("a list of trainings, rollouts and vendors' events, with their dates"),
    )


def _rate(kind: "list[tuple[bool, Mapping[str, float]]]", chance: np.random.Generator, draws: int) -> Floats:
    weight, squares = sum(r["weight"] for _, r in kind), sum(r["squares"] for _, r in kind)
    n = weight**2 / squares if kind else 0.0
    k = n * sum(r["weight"] for hit, r in kind if hit) / weight if kind else 0.0
    return np.clip(chance.beta(k + 0.5, n - k + 0.5, draws), 0.01, 1.0)
