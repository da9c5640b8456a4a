"""How a reader's errors widen what is said of staying power: practices that rest on messages alone may be none (M0)."""

from collections.abc import Sequence

import numpy as np

from groundswell.measures._impute import DRAWS, candidates, chance_draws, rubin
from groundswell.measures._labels import Gold, gold_of, why_withheld
from groundswell.measures._rates import Floats, Interval, normal_quantile, student_quantile
from groundswell.measures._survival_curves import Lives, Whole, cumulative_incidence, kaplan_meier, restricted_mean
from groundswell.model.measure import ReleaseLike

SEED = 20250109
"""Of the draws."""

MOST_READS = 5
"""Messages from which on a practice is real whatever one reading in two is."""

READS = f"""case when c.source is not null and p.carrier = 'acts' and not p.corroborated
            then least(p.traces, {MOST_READS}) else 0 end"""
"""Messages a practice rests on where nothing corroborates it (R11), at most MOST_READS; 0 where a mark, a log or others do."""

FROM_MESSAGES = "left join (select distinct source from acts where channel = 'message') c on c.source = p.source"
"""Beside `practices p`: which sources are read by a reader."""

JUDGED = """with {lived}, audited as (
    select id, min(probability) as probability,
           max(case when act in ('uses', 'tries', 'shares', 'takes_up') then 1 else 0 end) as is_use
    from labels where coder = 1 and predicted = 'done' group by id
), told as (
    select distinct a.id, a.tool, a.job, coalesce(nullif(m.unit, ''), cast(a.place as string)) as unit
    from acts a left join members m on m.person = a.person and day_of(a.ts) between m.from_day and m.to_day
    where a.channel = 'message' and a.act in ('uses', 'tries', 'shares', 'takes_up') and a.modality = 'done'
      and a.actor_kind = 'person' and a.person > 0
)
select u.is_use, u.probability, case when p.exit_days > {longest} or p.fate = 'alive' then 0 else 1 end as ended,
       least(p.entry_days, {longest}) as entry_days, least(p.exit_days, {longest} + 1) as exit_days, count(*) as messages
from audited u join told t on t.id = u.id
join lived p on p.unit = t.unit and p.tool = t.tool and p.job = t.job
where p.entry_days < p.exit_days and p.entry_days < {longest}
group by u.is_use, u.probability, case when p.exit_days > {longest} or p.fate = 'alive' then 0 else 1 end,
         least(p.entry_days, {longest}), least(p.exit_days, {longest} + 1)
order by is_use, probability, ended, entry_days, exit_days"""
"""Audited messages that the reader took for use, by whether they are, and the life of the practice they were counted to."""

LEAST_JUDGED = 30
"""Audited messages with a practice from which a practice's own life has a part in how likely it is to be real."""

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


def kept(release: ReleaseLike, lives: Lives, reads: Whole) -> list[Mask]:
    """Which practices are real, in each of DRAWS completed data sets; one, with all of them, where the reader has no part in it.

    A practice is real if one of the readings it rests on is right; how often one is comes from the audit, its uncertainty from
    Jeffreys' prior on as many messages as the weighted ones are worth. Without an audit nothing is known of the reader, and the
    results are only indicative anyhow.

    Args:
        release: with the tables `gold` and `judged`.
        lives: of the practices.
        reads: messages each practice rests on alone; 0 for those that something else shows.

    Source: Rubin 1987, chapter 3, for the combination; White & Royston 2009 for what a survival analysis must put into the
    chance: whether the practice ended, and its cumulative hazard. Left out, practices read in error would keep their short lives.
    """
    everything = [np.ones(len(reads), dtype=np.bool_)]
    if not (reads > 0).any() or "gold" not in release.tables:
        return everything
    gold = gold_of(release.tables["gold"], "done")
    if why_withheld(gold) is not None or not gold.claimed.any():
        return everything
    chance = np.random.default_rng(SEED)
    real = 1 - (1 - _right(release, gold, lives, chance)) ** np.maximum(reads, 1)[None, :]
    drawn = chance.random(real.shape) < np.where(reads[None, :] > 0, real, 1.0)
    return list(drawn)


def alive(lives: Lives, masks: Sequence[Mask], day: int) -> Interval:
    """Share alive after a day, over completed data sets, on the log-minus-log scale."""
    whole = kaplan_meier(lives).interval(day)
    if len(masks) < 2:
        return whole
    curves = [kaplan_meier(lives.where(mask)) for mask in masks]
    values = np.array([c.at(day) for c in curves])
    places = [int(np.searchsorted(c.times, day, side="right")) for c in curves]
    spreads = np.array([float(c.greenwood[k - 1]) if k else 0.0 for c, k in zip(curves, places, strict=True)])
    return _log_log(values, spreads * values**2, whole)


def ended(lives: Lives, masks: Sequence[Mask], fate: int, day: int, whole: Interval) -> Interval:
    """Share ended in one way by a day, over completed data sets; `whole` is that of all practices."""
    if len(masks) < 2:
        return whole
    found = [cumulative_incidence(lives.where(mask), fate, np.array([float(day)])) for mask in masks]
    values, variances = (np.array([float(one[k][0]) for one in found]) for k in (0, 1))
    turned = Interval(1 - whole.value, 1 - whole.high, 1 - whole.low)
    back = _log_log(1 - values, variances, turned)
    return Interval(1 - back.value, 1 - back.high, 1 - back.low)


def mean(lives: Lives, masks: Sequence[Mask], horizon: float) -> Interval:
    """Restricted mean life, over completed data sets."""
    found = [restricted_mean(kaplan_meier(lives.where(mask)), horizon) for mask in masks]
    value, half = pooled(np.array([v for v, _ in found]), np.array([v for _, v in found]))
    return Interval(value, max(value - half, 0.0), min(value + half, horizon))


def pooled(
    values: "np.ndarray[tuple[int], np.dtype[np.float64]]", variances: "np.ndarray[tuple[int], np.dtype[np.float64]]"
) -> tuple[float, float]:
    """Mean over completed data sets and the half width of its interval."""
    value, variance, freedom = rubin(values, variances)
    quantile = student_quantile(0.95, freedom) if np.isfinite(freedom) else normal_quantile(0.95)
    return value, quantile * float(np.sqrt(variance))


def _right(release: ReleaseLike, gold: Gold, lives: Lives, chance: np.random.Generator) -> Floats:
    """Draws of how often a reading of use that counts to a practice of such a life is right, (DRAWS, practices)."""
    rows = release.tables["judged"].to_pydict() if "judged" in release.tables else {"messages": []}
    times = np.array(rows["messages"], dtype=int)
    if times.sum() >= LEAST_JUDGED:
        judged = {name: np.repeat(np.array(column, dtype=float), times) for name, column in rows.items() if name != "messages"}
        n = len(judged["is_use"])
        nothing = np.full(n, np.nan)
        audited = Gold(judged["is_use"], np.ones(n, dtype=bool), np.full(n, 0.5), 1 / judged["probability"],
                       np.full(n, "", dtype=object), nothing, nothing)  # fmt: skip
        theirs = _outcome(lives, judged["entry_days"], judged["exit_days"], judged["ended"])
        ours = _outcome(lives, lives.entry, lives.exit, (lives.fate > 0).astype(float))
        claimed = candidates(np.full(len(lives), 0.5), np.full(len(lives), ""), ours)
        return chance_draws(audited, claimed, seed=SEED, gold_covariates=theirs)
    return np.repeat(_rate(gold, chance)[:, None], len(lives), axis=1)


def _outcome(every: Lives, entry: Floats, leave: Floats, ended: Floats) -> Floats:
    """Whether it ended, and the cumulative hazard it lived through, by Nelson and Aalen over all practices."""
    curve = kaplan_meier(every)
    hazard = np.concatenate([[0.0], np.cumsum(curve.ends / np.maximum(curve.at_risk, 1.0))])
    spent = hazard[np.searchsorted(curve.times, leave, side="right")] - hazard[np.searchsorted(curve.times, entry, side="right")]
    return np.column_stack([ended, spent])


def _rate(gold: Gold, chance: np.random.Generator) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    """Draws of how often any reading of use is right."""
    weight, truth = gold.weight[gold.claimed], gold.truth[gold.claimed]
    worth = float(weight.sum() ** 2 / (weight**2).sum())
    share = float(np.average(truth, weights=weight))
    drawn: np.ndarray[tuple[int], np.dtype[np.float64]] = chance.beta(worth * share + 0.5, worth * (1 - share) + 0.5, DRAWS)
    return drawn


def _log_log(
    values: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    variances: "np.ndarray[tuple[int], np.dtype[np.float64]]",
    whole: Interval,
) -> Interval:
    """Combine survival shares on the log-minus-log scale; where one is 0 or 1, that of all practices."""
    if not ((values > 0) & (values < 1)).all() or not np.isfinite(variances).all():
        return whole
    scaled = np.log(-np.log(values))
    centre, half = pooled(scaled, variances / (values * np.log(values)) ** 2)
    low, value, high = (float(np.exp(-np.exp(centre + k * half))) for k in (1, 0, -1))
    return Interval(value, low, high)
