"""What share of the people of a company do the sources behind a measure show?"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from groundswell import registry
from groundswell.model.measure import EngineLike, Finding
from groundswell.model.trace import Family
from groundswell.privacy.release import LEAST_PEOPLE

WINDOW_DAYS = 91
"""People and traces of the last 13 weeks are set beside each other: whoever left before is in neither."""

STEPS = (0.9, 0.75, 0.5, 0.25, 0.1)
"""A share seen is told as "at least" one of these: an exact one, made again without one person, would tell of that person."""

SHOWING = (Family.CHAT, Family.CODE, Family.USAGE, Family.SEATS)
"""Families whose traces bear a person; answers to the pulse bear none, and an org chart is what the others are held against."""


@dataclass(frozen=True)
class Seen:
    """People of the org chart by which families of sources show them.

    Attributes:
        people: how many the org chart holds; 0 without one.
        by: the families that show them -> how many people.
    """

    people: int
    by: Mapping[frozenset[Family], int]

    def share(self, families: Iterable[Family]) -> float | None:
        """Share that any of these families shows, at least, as one of STEPS or 0; of all families if none of them shows anybody.

        None where there is no org chart of at least LEAST_PEOPLE people.
        """
        if self.people < LEAST_PEOPLE:
            return None
        wanted = set(families) & set(SHOWING) or set(SHOWING)
        seen = sum(n for shown, n in self.by.items() if shown & wanted)
        return next((step for step in STEPS if seen >= step * self.people), 0.0)


def seen_by(engine: EngineLike) -> Seen:
    """Count the people of the org chart by the families of sources that show them, in the last 13 weeks.

    Args:
        engine: a company opened by `runs.company`.
    """
    if not engine.has("members") or not engine.has("period"):
        return Seen(0, {})
    rows = engine.run(_sql()).to_pylist()
    by: dict[frozenset[Family], int] = {}
    for row in rows:
        shown = frozenset(f for f in SHOWING if row[f.value])
        by[shown] = by.get(shown, 0) + row["people"]
    return Seen(sum(by.values()), by)


def covered(finding: Finding, share: float | None) -> Finding:
    """The finding, its results with the share of people its sources show, where they do not carry one of their own."""
    return replace(finding, results=tuple(r if r.coverage is not None else replace(r, coverage=share) for r in finding.results))


def _sql() -> str:
    sources = registry.sources().values()
    flags = {f: ", ".join(f"'{s.name}'" for s in sources if s.family is f) or "''" for f in SHOWING}
    columns = ", ".join(f"max(case when s.source in ({names}) then 1 else 0 end) as {f.value}" for f, names in flags.items())
    named = ", ".join(f.value for f in SHOWING)
    return f"""
with last as (select end_day, day_after(end_day, -{WINDOW_DAYS}) as before_day from period), chart as (
    select distinct m.person from members m cross join last l where m.from_day <= l.end_day and m.to_day > l.before_day
), shown as (
    select distinct t.source, t.person from traces t cross join last l where t.day > l.before_day and t.person > 0
    union select distinct u.source, u.person from usage_days u cross join last l where u.day > l.before_day and u.person > 0
    union select distinct h.source, h.person from seats h cross join last l where h.day > l.before_day and h.person > 0
), flagged as (
    select c.person, {columns} from chart c left join shown s on s.person = c.person group by c.person
)
select {named}, count(*) as people from flagged group by {named} order by {named}"""  # noqa: S608 - own names only
