"""Says what each source gave: its period, how many people, what was skipped and refused, where it is silent."""

from datetime import date, timedelta

from groundswell import registry
from groundswell.model.measure import EngineLike
from groundswell.privacy.release import LEAST_PEOPLE
from groundswell.report.page import SourceCoverage
from groundswell.runs.ingest import tallies
from groundswell.store.tables import Store

GAP_DAYS = 28
"""A source silent for longer is said to have a gap: twice the longest usual holiday closure."""

DAYS_SEEN = """
select source, day, person from (
    select source, day, person from traces
    union all select source, day, person from usage_days
    union all select source, day, person from seats
    union all select source, day, person from positions
    union all select source, day_of(ts) as day, person from acts
    union all select source, day, 0 as person from programmes
    union all select source, day, 0 as person from usage_totals
    union all select source, day, 0 as person from spend
    union all select source, day, 0 as person from pulse_answers
) as seen
"""

PERIODS = f"""
select source, min(day) as first_day, max(day) as last_day, count(distinct case when person > 0 then person end) as people
from ({DAYS_SEEN}) as days group by source order by source
"""  # noqa: S608 - own text only

ACTIVITY = """
select source, day from traces union all select source, day from usage_days union all select source, day_of(ts) as day from acts
"""
"""Sources that speak whenever something happens; a seat list or an org chart is silent between two snapshots by its nature."""

SILENCES = f"""
select source, day, next_day from (
    select source, day, lead(day) over (partition by source order by day) as next_day
    from (select distinct source, day from ({ACTIVITY}) as days) as distinct_days
) as steps
where days_between(day, next_day) > {GAP_DAYS} order by source, day
"""  # noqa: S608 - own text only


STEPS = (1, 2, 5)
"""A released page tells people of a source in these steps of every power of ten, as "at least": an exact number, made again
without one person, would tell of that person. So few steps leave two numbers in every power of ten at which it still would."""


def coverage(store: Store, engine: EngineLike, *, released: bool = False) -> tuple[SourceCoverage, ...]:
    """One row a source that was taken in, in order of name.

    Args:
        store: what was taken in.
        engine: a company opened by `runs.company`.
        released: whether the page counts as released; then people are told as at least 10, 20, 50, 100 and so on.
    """
    periods = {row["source"]: row for row in engine.run(PERIODS).to_pylist()}
    gaps: dict[str, list[tuple[date, date]]] = {}
    for row in engine.run(SILENCES).to_pylist():
        day = timedelta(days=1)
        gaps.setdefault(row["source"], []).append((row["day"] + day, row["next_day"] - day))
    found = []
    sources = registry.sources()
    for name, tally in sorted(tallies(store).items()):
        period = periods.get(name, {"first_day": None, "last_day": None, "people": 0})
        source = sources.get(name)
        found.append(
            SourceCoverage(
                name=name,
                title=source.title if source else name,
                family=str(source.family) if source else "",
                first=period["first_day"],
                last=period["last_day"],
                people=_told(period["people"], released=released),
                at_least=released,
                records=sum(tally.kept.values()),
                skipped=dict(sorted(tally.skipped.items())),
                refused=dict(sorted(tally.refused.items())),
                never=source.never if source else (),
                gaps=tuple(gaps.get(name, ())),
            )
        )
    return tuple(found)


def _told(people: int, *, released: bool) -> int:
    if people < LEAST_PEOPLE:
        return 0  # the JSON form would tell it apart
    if not released:
        return people
    power: int = 10 ** (len(str(people)) - 1)
    return max(step for step in STEPS if step * power <= people) * power
