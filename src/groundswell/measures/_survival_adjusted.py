"""Whether origins still differ once team, tool, kind of work, time of start and later demands are held equal (M3)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.measures import _survival_quantities as quantities
from groundswell.measures._cell_cox import fit
from groundswell.measures._line import BELOW
from groundswell.measures._practice_counts import LIVED, two_figures
from groundswell.measures._rates import Floats, Interval, normal_quantile, student_quantile
from groundswell.measures._survival_compare import FEW_CLUSTERS
from groundswell.measures._survival_curves import Whole
from groundswell.model.measure import ReleaseLike, Result
from groundswell.model.phrase import Phrase, say

LEAST_LEVEL = 10
"""Practices of a tool, a kind of work or a quarter from which it has a term of its own; the rest go together."""

ENDS_A_TERM = 10
"""Ends for every term of the model: with fewer, terms take chance for effect (Peduzzi et al. 1995)."""

LEAST_ENDS = 20
"""Ends at which practices of both origins were at risk in one team, below which no ratio is told."""

SEEN_WITH = 2.8
"""Standard errors a difference must have to be told with probability .8."""

HELD = """with {lived}, {below}, heads as (
    select distinct m.unit, b.boss as person from members m join below b on b.person = m.person where m.unit <> ''
), orders as (
    select person, tool, job, day_of(ts) as day from acts
    where act = 'demands' and modality in ('done', 'intended') and actor_kind = 'person' and person > 0
      and (tool not in ('', 'any') or job <> 'unknown')
), asked as (
    select p.practice, min(days_between(p.born_on, o.day)) as days
    from lived p join heads h on h.unit = p.unit join orders o on o.person = h.person
    where o.day >= p.born_on and ((o.tool = p.tool and o.tool <> 'any') or (o.job = p.job and o.job <> 'unknown'))
    group by p.practice
), named as (
    select p.practice, dense_rank() over (order by p.tool) as tool, dense_rank() over (order by p.job) as job,
           cast(floor(week_of(p.born_on) / 13) as integer) as quarter
    from lived p
)
select l.team, l.origin, n.tool, n.job, n.quarter, coalesce(a.days, -1) as asked_days,
       case when l.exit_days > {longest} or l.fate = 'alive' then 0 else 1 end as ended,
       least(l.entry_days, {longest}) as entry_days, least(l.exit_days, {longest} + 1) as exit_days, count(*) as practices
from lived l join named n on n.practice = l.practice left join asked a on a.practice = l.practice
where l.entry_days < l.exit_days and l.entry_days < {longest}
group by l.team, l.origin, n.tool, n.job, n.quarter, coalesce(a.days, -1),
         case when l.exit_days > {longest} or l.fate = 'alive' then 0 else 1 end, least(l.entry_days, {longest}),
         least(l.exit_days, {longest} + 1)
order by l.team, l.origin, n.tool, n.job, n.quarter, asked_days, ended, entry_days, exit_days"""
"""Lives with what may differ between origins; tools and kinds of work are numbered, `quarter` is 13 weeks of the calendar, and
`asked_days` is when somebody above first demanded the tool or the kind of work after the birth (-1: never)."""


def held_sql(longest: int) -> str:
    """The text, for lives followed up to so many days."""
    return HELD.format(lived=LIVED, below=BELOW, longest=longest)


@dataclass(frozen=True)
class Rows:
    """Start-stop rows, one or two a practice.

    Attributes:
        entry, exit: days; at risk after entry and up to exit.
        ended: whether the row ends with the practice's end.
        stratum: team.
        x: covariates; the first is 1 for the first origin and 0 for the other.
    """

    entry: Floats
    exit: Floats
    ended: "np.ndarray[Any, np.dtype[np.bool_]]"
    stratum: Whole
    x: Floats


@dataclass(frozen=True)
class Adjusted:
    """How fast practices of one origin end, against another's, all else held equal.

    Attributes:
        ratio: hazard ratio with its interval, below 1 where those of the first origin last longer; None where too few ends
            happened while both were at risk in one team.
        least: smallest ratio above 1 that would have been told four times in five; None likewise.
        ends: ends that happened while both were at risk in one team.
        terms: how many other terms the model holds.
    """

    ratio: Interval | None
    least: float | None
    ends: int
    terms: int

    @property
    def shown(self) -> int:
        """1 if practices of the first origin last longer, -1 if shorter, 0 if no difference shows."""
        if self.ratio is None or self.ratio.low <= 1 <= self.ratio.high:
            return 0
        return 1 if self.ratio.value < 1 else -1


def adjusted(held: dict[str, list[Any]], first: str, other: str) -> Adjusted:
    """Stratified Cox model of two origins with delayed entry, and with later demands as a covariate that changes in time.

    Teams are strata, so that whatever a team's practices share (its size, its trade, its leader) is held equal without a model,
    and clusters: origins may differ in one way in one team and in another in the next, which the likelihood alone takes for
    certainty (in planted companies it then told of a difference one time in five where there was none on average).

    Args:
        held: columns of HELD.
        first: an origin, whose practices are set against
        other: those of another.

    Source: Cox 1972; start-stop rows after Andersen & Gill 1982; ties after Efron 1977.
    """
    rows = start_stop(held, first, other)
    sets, x, at_risk, events, team = risk_sets(rows)
    both, both_ends = _both(sets, x, at_risk, events)
    teams = len(np.unique(rows.stratum[np.isin(rows.stratum, both)]))
    terms = x.shape[1] - 1
    if both_ends < LEAST_ENDS or teams < 2:
        return Adjusted(None, None, both_ends, terms)
    found = fit(sets, x, at_risk, events, team)
    log_ratio, error = float(found.beta[0]), float(found.clustered[0])
    if not np.isfinite(error):
        return Adjusted(None, None, both_ends, terms)
    reach = (student_quantile(0.95, teams - 1) if teams < FEW_CLUSTERS else normal_quantile(0.95)) * error
    ratio = Interval(*(float(np.exp(log_ratio + k * reach)) for k in (0, -1, 1)))
    return Adjusted(ratio, float(np.exp(SEEN_WITH * error)), both_ends, terms)


def told(release: ReleaseLike, found: Adjusted, origin: str, units: int, stop: tuple[Phrase, Phrase] | None) -> Result:
    """The ratio of grassroots against another origin as a result, or why it is withheld.

    Args:
        release: what was let out.
        found: of those two.
        origin: the other.
        units: practices of both.
        stop: why the two may not be compared at all.
    """
    quantity = quantities.held_equal(release, origin, units)
    if stop is not None:
        return quantity.withheld(*stop)
    if found.ratio is None:
        return quantity.withheld(
            say(
                "only {n:count} practice ended while some of the other kind lived in its team | only {n:count} practices ended "
                "while some of the other kind lived in their team",
                n=found.ends,
            ),
            say("practices of both kinds in the same teams, or a longer time"),
        )
    return quantity.value(two_figures(found.ratio))


def start_stop(held: dict[str, list[Any]], first: str, other: str) -> Rows:
    """One row a practice of either origin; two where somebody above demanded it while it lived."""
    times = np.array(held["practices"], dtype=int)
    column = {k: np.repeat(np.array(v), times) for k, v in held.items() if k != "practices"}
    keep = np.isin(column["origin"], (first, other))
    column = {k: v[keep] for k, v in column.items()}
    entry, leave = column["entry_days"].astype(float), column["exit_days"].astype(float)
    ended = column["ended"].astype(bool)
    # A practice that began with a demand is under one from its birth: there is no later one to tell from it.
    asked = np.where((column["asked_days"] >= 0) & (column["origin"] != "mandated"), column["asked_days"], np.inf)
    arm = (column["origin"] == first).astype(float)
    room = int(ended.sum()) // ENDS_A_TERM - 2
    plain = np.column_stack([arm, *_levels([column[k] for k in ("tool", "job", "quarter")], room)])
    early, late = np.minimum(leave, np.maximum(asked, entry)), np.maximum(entry, asked)
    before, after = entry < early, late < leave
    return Rows(
        np.concatenate([entry[before], late[after]]),
        np.concatenate([early[before], leave[after]]),
        np.concatenate([(ended & (early == leave))[before], ended[after]]),
        np.concatenate([column["team"][before], column["team"][after]]).astype(np.int64),
        np.column_stack(
            [
                np.concatenate([plain[before], plain[after]]),
                np.concatenate([np.zeros(int(before.sum())), np.ones(int(after.sum()))]),
            ]
        ),
    )


def risk_sets(rows: Rows) -> tuple[Whole, Floats, Floats, Floats, Whole]:
    """Everybody at risk at each end within a team, alike ones together: risk set, covariates, at risk, ends, team."""
    kinds, kind = np.unique(np.column_stack([rows.stratum, rows.x]), axis=0, return_inverse=True)
    kind = kind.reshape(-1)
    team = kinds[:, 0]
    order = np.argsort(kind, kind="stable")
    of_kind = np.split(order, np.flatnonzero(np.diff(kind[order])) + 1)
    sets, x, at_risk, events, owner = [], [], [], [], []
    first_set = 0
    for stratum in np.unique(team):
        own = np.flatnonzero(team == stratum)
        mine = np.concatenate([of_kind[k] for k in own])
        days = np.unique(rows.exit[mine][rows.ended[mine]])
        for k in own:
            one = of_kind[k]
            entered = np.searchsorted(np.sort(rows.entry[one]), days, side="left")
            gone = np.searchsorted(np.sort(rows.exit[one]), days, side="left")
            ends = np.bincount(np.searchsorted(days, rows.exit[one][rows.ended[one]]), minlength=len(days))[: len(days)]
            here = entered > gone
            sets.append(first_set + np.flatnonzero(here))
            x.append(np.repeat(kinds[k : k + 1, 1:], int(here.sum()), axis=0))
            at_risk.append((entered - gone)[here].astype(float))
            events.append(ends[here].astype(float))
            owner.append(np.full(int(here.sum()), int(stratum), dtype=np.int64))
        first_set += len(days)
    if not sets:
        nobody = np.zeros(0, np.int64)
        return nobody, np.zeros((0, rows.x.shape[1])), np.zeros(0), np.zeros(0), nobody
    return tuple(np.concatenate(parts) for parts in (sets, x, at_risk, events, owner))  # type: ignore[return-value]  # five of them


def _levels(columns: list["np.ndarray[Any, Any]"], room: int) -> list[Floats]:
    """A term for each level but the commonest of each column, the largest first, as many as there is room for."""
    found: list[tuple[int, Floats]] = []
    for column in columns:
        levels, sizes = np.unique(column, return_counts=True)
        large = [n for n in np.argsort(-sizes, kind="stable")[1:] if sizes[n] >= LEAST_LEVEL]
        found += [(int(sizes[n]), (column == levels[n]).astype(float)) for n in large]
    found.sort(key=lambda one: -one[0])
    return [term for _, term in found[: max(room, 0)]]


def _both(sets: Whole, x: Floats, at_risk: Floats, events: Floats) -> tuple[Whole, int]:
    """Risk sets that hold both origins, and the ends in them."""
    if not len(sets):
        return sets, 0
    ones = np.bincount(sets, at_risk * x[:, 0])
    every = np.bincount(sets, at_risk)
    both = np.flatnonzero((ones > 0) & (ones < every))
    return both, int(np.bincount(sets, events)[both].sum())
