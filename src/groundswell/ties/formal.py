"""Who stood in which unit and under whom on any day, from dated snapshots of the org chart."""

from typing import TYPE_CHECKING

from groundswell.model.measure import EngineLike

if TYPE_CHECKING:
    import pyarrow as pa

LONG_AGO = "date '1970-01-01'"
"""Start of a membership the first snapshot already shows: the earliest thing known is taken to have held before."""

FAR_AHEAD = "date '2199-12-31'"
"""End of a membership the last snapshot still shows."""

MEMBERS = f"""
with charts as (
    select source, day, lead(day) over (partition by source order by day nulls last) as next_day,
           lag(day) over (partition by source order by day nulls last) as last_day
    from (select distinct source, day from positions) s
), placed as (
    select p.person, p.unit, p.manager_person, p.day, c.next_day, c.last_day, p.joined_on, p.left_on,
           row_number() over (partition by p.person, p.day order by p.source nulls last, p.unit nulls last,
                                                                          p.manager_person nulls last) as nth
    from positions p join charts c on c.source = p.source and c.day = p.day
    where p.person > 0
), dated as (
    select person, unit, manager_person,
           case when last_day is null then case when joined_on is null then {LONG_AGO} else joined_on end
                when joined_on > last_day then joined_on
                else day end as from_day,
           least(case when next_day is null then {FAR_AHEAD} else day_after(next_day, -1) end,
                 case when left_on is null then {FAR_AHEAD} else left_on end) as to_day
    from placed where nth = 1
), parted as (
    select person, unit, manager_person, from_day, to_day,
           lead(from_day) over (partition by person order by from_day nulls last, unit nulls last, manager_person nulls last)
               as next_from
    from dated where from_day <= to_day
), kept as (
    select person, unit, manager_person, from_day,
           case when next_from is null or next_from > to_day then to_day else day_after(next_from, -1) end as to_day
    from parted
)
select person, unit, cast(dense_rank() over (order by unit nulls last) as integer) as team, from_day, to_day,
       case when manager_person = person then 0 else manager_person end as manager_person
from kept where from_day <= to_day
order by person, from_day, to_day, unit, manager_person
"""  # noqa: S608 - own constants only


def members(engine: EngineLike) -> "pa.Table":
    """Who belonged to which unit from when to when.

    A snapshot holds until the next one of the same chart; a person missing from the next one left the day before it.
    The first snapshot is taken to have held before it, back to the day a person joined where that is known.

    Args:
        engine: needs `positions`.

    Returns:
        person (>= 1), unit (as the chart writes it), team (dense number of the unit, from 1), from_day and to_day (both days
        included; a person's stretches never overlap), manager_person (0 at the top or unknown). Empty without an org chart.
    """
    return engine.run(MEMBERS)
