"""How often a kind of act really occurs, given that the reader errs: the audit, and when it may be built on (M0)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from groundswell.measures._rates import Floats
from groundswell.model.phrase import Phrase, say

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_GOLD = 100
"""Fewest audited messages any reader-derived number may rest on."""

LEAST_POSITIVE = 20
"""Fewest audited messages that do show the act."""

LEAST_ALPHA = 0.67
"""Krippendorff's alpha below which two people do not agree on what they see."""

DRIFT_ERRORS = 2.24
"""Standard errors by which the reader's hits or false alarms must have changed to be called another reader's."""

GOLD = """
select dense_rank() over (order by l.id) as item, l.coder, min(l.probability) as probability, max(l.predicted) as predicted,
       max(l.score) as score, max(case when t.source is null then '' else t.source end) as source, max(t.week) as week,
       max(case when l.act in ('uses', 'tries', 'shares', 'takes_up') then 1 else 0 end) as done,
       max(case when l.act in ('announces', 'demands') then 1 else 0 end) as said,
       max(case when l.act = 'learns' then 1 else 0 end) as learned,
       max(case when l.act = 'drops' then 1 else 0 end) as dropped
from labels l
left join (select id, max(source) as source, max(week_of(day)) as week from traces group by id) t on t.id = l.id
group by l.id, l.coder
order by item, l.coder"""
"""One row an audited message and labeller: what the reader gave, what the person saw, and the chance it was drawn."""


@dataclass(frozen=True)
class Gold:
    """Audited messages, for one kind of act.

    Attributes:
        truth: whether the first labeller saw the act, 0 or 1.
        claimed: whether the reader gave it that coarse class.
        score: the reader's probability, in [0, 1].
        weight: 1 / chance of being drawn, >= 1.
        source: name of the source; "" if unknown.
        week: week of the message; nan if unknown.
        again: what the second labeller saw; nan where nobody repeated it.
    """

    truth: Floats
    claimed: "np.ndarray[Any, np.dtype[np.bool_]]"
    score: Floats
    weight: Floats
    source: "np.ndarray[Any, Any]"
    week: Floats
    again: Floats


def gold_of(table: "pa.Table", target: str) -> Gold:
    """Audited messages for one kind of act.

    Args:
        table: rows of `GOLD`.
        target: its column: done, said, learned or dropped; also the coarse class of the reader.
    """
    rows = table.to_pylist()
    first = [r for r in rows if r["coder"] == 1]
    second = {r["item"]: float(r[target]) for r in rows if r["coder"] == 2}
    return Gold(
        truth=np.array([float(r[target]) for r in first]),
        claimed=np.array([r["predicted"] == target for r in first], dtype=bool),
        score=np.array([float(r["score"]) for r in first]),
        weight=np.array([1.0 / r["probability"] for r in first]),
        source=np.array([r["source"] for r in first], dtype=object),
        week=np.array([np.nan if r["week"] is None else float(r["week"]) for r in first]),
        again=np.array([second.get(r["item"], np.nan) for r in first]),
    )


def why_withheld(gold: Gold) -> tuple[Phrase, Phrase] | None:
    """Say why nothing the reader gave may be published yet, and what would unlock it; None if it may."""
    audit = say("Run `groundswell audit`.")
    if len(gold.truth) == 0:
        return say("messages were read by a program, and nobody has audited it here"), audit
    if len(gold.truth) < LEAST_GOLD:
        reason = say(
            "{n:count} message was audited, and {least:count} are needed"
            " | {n:count} messages were audited, and {least:count} are needed",
            n=len(gold.truth),
            least=LEAST_GOLD,
        )
        return reason, audit
    if gold.truth.sum() < LEAST_POSITIVE:
        reason = say(
            "only {n:count} audited message shows such an act, and {least:count} are needed"
            " | only {n:count} audited messages show such an act, and {least:count} are needed",
            n=int(gold.truth.sum()),
            least=LEAST_POSITIVE,
        )
        return reason, audit
    agreement = alpha_of(gold)
    if agreement is not None and agreement < LEAST_ALPHA:
        reason = say("two people who read the same messages agree too little (alpha {alpha:ratio})", alpha=agreement)
        return reason, say("Agree on what counts, then label the messages again.")
    if drifted(gold):
        return say("the reader errs differently on recent messages than on older ones"), say(
            "Audit recent messages with `groundswell audit`."
        )
    return None


def caveat(gold: Gold) -> Phrase | None:
    """What makes reader-derived numbers only indicative: nobody repeated the labels."""
    if alpha_of(gold) is None:
        return say("nobody repeated a part of the audit, so that agreement is unknown")
    return None


def alpha_of(gold: Gold) -> float | None:
    """Krippendorff's alpha of the two labellers; None if fewer than 10 messages were labelled twice."""
    twice = ~np.isnan(gold.again)
    return None if twice.sum() < 10 else nominal_alpha(gold.truth[twice], gold.again[twice])


def nominal_alpha(one: Floats, other: Floats) -> float:
    """Krippendorff's alpha of two coders without gaps, nominal scale.

    Returns:
        1 - observed / expected disagreement; 1 if both always say the same one thing.

    Source: Krippendorff 2011, Computing Krippendorff's Alpha-Reliability, section A.
    """
    pooled = np.concatenate([one, other])
    n = len(pooled)
    _, counts = np.unique(pooled, return_counts=True)
    expected = 1 - float(np.sum(counts * (counts - 1))) / (n * (n - 1))
    return 1.0 if expected == 0 else 1 - float(np.mean(one != other)) / expected


def drifted(gold: Gold, *, recent_weeks: int = 13, least: int = 30, least_kind: int = 10) -> bool:
    """Whether the reader errs differently on recent messages than on older ones, however often the act occurs in either.

    The mean error moves when the act becomes rarer or more common although the reader is as good as before. So the shares that
    do not depend on how common it is are compared, one by one: how much of what is so it claims, and how much of what is not.
    With two comparisons the threshold is 2.24 standard errors; together they are as often wrong when nothing changed as one
    comparison at 2 (Bonferroni 1936).

    Args:
        gold: audited messages of one kind of act.
        recent_weeks: how many weeks before the last audited one count as recent.
        least: fewest messages of known week in each part; below it False, since nothing says so.
        least_kind: fewest messages that are so (or are not) in each part for that share to be compared.
    """
    known = ~np.isnan(gold.week)
    if known.sum() < 2 * least:
        return False
    fresh = known & (gold.week > np.nanmax(gold.week) - recent_weeks)
    old = known & ~fresh
    if min(fresh.sum(), old.sum()) < least:
        return False
    for kind in (gold.truth > 0, gold.truth == 0):
        now, before = fresh & kind, old & kind
        if min(now.sum(), before.sum()) < least_kind:
            continue
        (new_mean, new_se), (old_mean, old_se) = (_claimed_share(gold, part) for part in (now, before))
        if abs(new_mean - old_mean) > DRIFT_ERRORS * float(np.hypot(new_se, old_se)):
            return True
    return False


def _claimed_share(gold: Gold, part: "np.ndarray[Any, np.dtype[np.bool_]]") -> tuple[float, float]:
    """Weighted share the reader claims of some messages, with its standard error; a success and a failure are added.

    Without them a share of 0 or 1 would have no error at all, and a single further message would look like a change
    (Agresti & Caffo 2000). Messages are drawn by what is claimed, so that weights differ between claimed and not: the larger of
    the binomial error at the effective number and the linearised one is taken.
    """
    weight, claimed = gold.weight[part], gold.claimed[part].astype(float)
    n, effective = len(weight), float(weight.sum() ** 2 / (weight**2).sum())
    plain = float(np.average(claimed, weights=weight))
    share = (plain * effective + 1) / (effective + 2)
    linearised = float(np.sqrt(n / max(n - 1, 1) * np.sum((weight * (claimed - plain)) ** 2)) / weight.sum())
    return share, max(float(np.sqrt(share * (1 - share) / (effective + 2))), linearised)
