"""When a programme reached groups in a drawn order, did those already in do more than those not yet in?"""

from groundswell.measures import _announced as announced
from groundswell.measures import _phases as parts
from groundswell.measures._labels import GOLD
from groundswell.measures._weeks import monday_of, sunday_of
from groundswell.model.measure import Counts, EngineLike, Exit, Finding, Measure, ReleaseLike
from groundswell.model.phrase import say

PHASES = "phases"
"""Table of the drawn order, registered by a run: unit (as the org chart writes it), start_day, drawn_on (day the order was
drawn and logged)."""

_GROUPS = """
select row_number() over (order by unit) as in_group, days_between(date '1970-01-01', start_day) as start_day,
       days_between(date '1970-01-01', drawn_on) as drawn_day
from phases order by in_group"""

_OWNERS = f"""with {announced.CASES},
grouped as (select unit, row_number() over (order by unit) as in_group from phases)
select c.case_no, g.in_group from cases c join grouped g on g.unit = c.unit order by c.case_no"""  # noqa: S608 - own words only

_LIVES = """
with grouped as (select unit, row_number() over (order by unit) as in_group from phases)
select g.in_group, days_between(date '1970-01-01', p.born_on) as born_day, p.exit_days as days,
       case when p.fate in ('abandoned', 'replaced') then 1 else 0 end as ended
from practices p join grouped g on g.unit = p.unit
where p.entry_days = 0 and p.exit_days > 0
order by g.in_group, born_day, days, ended"""

_SQL = {
    "groups": _GROUPS,
    "owners": _OWNERS,
    "lives": _LIVES,
    "cases": announced.CASES_SQL,
    "evidence": announced.EVIDENCE_SQL,
    "withdrawn": announced.WITHDRAWN_SQL,
    "lived": announced.LIVED_SQL,
    "links": announced.LINKS_SQL,
    "gold": GOLD,
    "span": announced.SPAN_SQL,
}


def count(engine: EngineLike) -> Counts:
    """Count announcements and practices of each drawn group, with the day its turn came.

    Returns:
        `groups` (numbered, with start and drawing day), `owners` (group of each announcement), `lives` (practices watched
        from birth: group, day of birth, days, ended), and the tables of follow-through. Without a drawn order all are
        empty and nobody stands behind them.
    """
    drawn = engine.has(PHASES)
    tables = {name: engine.run(sql) for name, sql in _SQL.items()} if drawn else {}
    span = tables["span"].to_pylist()[0] if drawn else {"people": 0, "first_week": 0, "top_week": 0}
    units = len(tables["owners"]) + len(tables["lives"]) if drawn else 0
    return Counts(
        measure="phase_in",
        exit=Exit.PRACTICES,
        tables=tables,
        people=span["people"],
        units=units,
        least_units=parts.LEAST_CASES,
        start=monday_of(span["first_week"] or 0),
        end=sunday_of(span["top_week"] or 0),
    )


def estimate(release: ReleaseLike) -> Finding:
    """Say whether groups in the programme followed through, and kept practices, more than groups not yet in, same weeks.

    Args:
        release: tables of `count`; a refused release withholds everything.

    Returns:
        Two differences, in shares and in days, tested by permuting the drawn order; the interval inverts that test.
        Withheld where even the clearest result could not reach p = .05.
    """
    return parts.finding(release)


MEASURE = Measure(
    name="phase_in",
    code="M13",
    title=say("A programme in a drawn order"),
    question=say("Because of the programme, did groups follow through more, or keep practices longer?"),
    estimand=say(
        "Among announcements and practices of the same weeks, the difference between groups the programme had reached and groups "
        "it had not, in the share taken up within 90 days and in restricted mean life to 180 days."
    ),
    unit="groups",
    exit=Exit.PRACTICES,
    needs=("phases", "acts", "traces"),
    sql=_SQL,
    assumptions=parts.ASSUMPTIONS,
    references=("Hussey & Hughes 2007", "Fisher 1935", "Rosenbaum 2002"),
    order=100,
    count=count,
    estimate=estimate,
    known_limits=(say("A drawn order is the only ground on which this page says because of."),),
)
