"""How each practice started, as far as could be known at its birth: an as-of join that never looks past it."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from groundswell.model.measure import EngineLike
from groundswell.model.practice import Origin
from groundswell.practices.evidence import Ints, LinkEngine, ints

if TYPE_CHECKING:
    import pyarrow as pa

LOOK_BACK = 90
"""Days before a birth in which a demand, a seat or a training may have caused it (measures.md, defaults)."""

LOOK_BACKS = (30, 60, 90, 180)
"""Look-backs tried; an origin that most of them do not share with the default is fragile."""

NEVER = 100_000
"""Days back of an event that did not happen."""

BROAD_READERS = 20
"""Without an org chart, a place this many people read, in which something was announced, counts as a leadership channel."""

LEVELS = 8
"""Levels of reporting line followed upwards; a circle in a chart ends there."""


def _lines() -> str:
    """Everybody above a person, and when, unrolled level by level: no engine needs recursion."""
    parts = ["l1 as (select person, manager_person as above, from_day, to_day from members where manager_person > 0)"]
    parts += [
        f"l{k} as (select l.person, m.above, greatest(l.from_day, m.from_day) as from_day, least(l.to_day, m.to_day) as to_day "  # noqa: S608
        f"from l{k - 1} l join l1 m on m.person = l.above and m.from_day <= l.to_day and l.from_day <= m.to_day "
        "where m.above <> l.person)"
        for k in range(2, LEVELS + 1)
    ]
    every = " union ".join(f"select person, above, from_day, to_day from l{k}" for k in range(1, LEVELS + 1))  # noqa: S608
    return f"with {', '.join(parts)} {every}"


LINES = _lines()
"""Counted once and registered as `lines`: named twice in a text it was unrolled anew for each level and name, and took 147 of the
150 seconds in which 10,000 people's practices were linked."""

_NEAR = f"""d.ts < b.born_ts and days_between(day_of(d.ts), b.born_on) <= {max(LOOK_BACKS)}
      and (d.generic = 1 or (d.tool = b.tool and d.tool not in ('', 'any')) or (d.job = b.job and d.job <> 'unknown'))"""
"""Before the birth, not too long before, and about its tool, its job, or AI in general."""

_HEARD = "select b.practice, 1 - d.generic as named, days_between(day_of(d.ts), b.born_on) as days from births b"

DEMANDED = f"""
with demand as (
    select person as by_person, ts, tool, job, place, coalesce(readers, 0) as readers,
           case when act = 'pressed' then 1 else 0 end as told,
           case when tool in ('', 'any') and job = 'unknown' then 1 else 0 end as generic
    from acts
    where actor_kind = 'person' and person > 0 and modality in ('done', 'intended')
      and (act in ('demands', 'pressed') or (act = 'announces' and obligation))
), births as (
    select practice, person, unit, born_ts, day_of(born_ts) as born_on, place as birth_place, tool, job from practice_births
), reads as (
    select person, place, min(day) as first_day from traces where person > 0 and place <> 0 group by person, place
), writes as (
    select m.unit, r.place, min(r.first_day) as first_day
    from reads r join members m on m.person = r.person and r.first_day between m.from_day and m.to_day
    where m.unit <> '' group by m.unit, r.place
), under as (
    select above, count(distinct person) as people from lines group by above
), broad as (
    select d.* from demand d cross join (select count(distinct person) as people from members) z
    where d.told = 0 and z.people > 0 and 2 * d.readers >= z.people
), heard as (
    {_HEARD} join demand d on d.by_person = b.person
    where d.told = 1 and {_NEAR}
    union all
    {_HEARD} join demand d on d.place = b.birth_place
    where d.told = 0 and d.place <> 0 and d.by_person <> b.person and {_NEAR}
    union all
    {_HEARD} join reads r on r.person = b.person and r.first_day < b.born_on
    join demand d on d.place = r.place
    where d.told = 0 and d.by_person <> b.person and {_NEAR}
    union all
    {_HEARD} cross join broad d
    where d.by_person <> b.person and {_NEAR}
    union all
    {_HEARD} join lines l on l.person = b.person
    join demand d on d.by_person = l.above and day_of(d.ts) between l.from_day and l.to_day
    join under u on u.above = l.above
    left join writes w on w.unit = b.unit and w.place = d.place and w.first_day < b.born_on
    where d.told = 0 and d.by_person <> b.person and {_NEAR}
      and (d.place = 0 or d.readers = 0 or 2 * d.readers >= u.people or w.unit is not null)
)
select practice, min(case when named = 1 then days else {NEVER} end) as named_days,
       min(case when named = 0 then days else {NEVER} end) as generic_days
from heard group by practice order by practice
"""  # noqa: S608 - own words only
"""Each way a demand reaches a first user is a join of its own: births and demands are paired by who heard them, and only then by
what they are about; the other way round, 20,000 people are tens of millions of pairs."""

PROVIDED = f"""
with given as (
    select b.practice, days_between(g.day, day_of(b.born_ts)) as days
    from practice_births b join programmes g
      on (g.tool = '' or g.tool = b.tool) and (g.unit = '' or g.unit = b.unit) and (g.place = 0 or g.place = b.place)
    where g.kind in ('seats', 'training', 'vendor') and cast(g.day as timestamp) < b.born_ts
    union all
    select b.practice, days_between(s.assigned_on, day_of(b.born_ts)) as days
    from practice_births b join seats s on s.person = b.person and s.tool = b.tool
    where s.assigned_on is not null and s.assigned_on <= day_of(b.born_ts)
)
select practice, min(days) as days from given where days <= {max(LOOK_BACKS)} group by practice order by practice
"""  # noqa: S608 - own numbers only

LEADERS = f"""
with chat as (
    select distinct source from acts where channel = 'message'
), speaks as (
    select distinct t.person, t.day from traces t join chat c on c.source = t.source
    where t.person in (select manager_person from members where manager_person > 0)
), broad as (
    select min(day_of(ts)) as first_day from acts
    where channel = 'message' and act in ('demands', 'announces') and readers >= {BROAD_READERS}
), chart as (select count(*) as rows_in from members)
select b.practice
from practice_births b
join lines l on l.person = b.person and day_of(b.born_ts) between l.from_day and l.to_day
join speaks s on s.person = l.above and s.day < day_of(b.born_ts) and days_between(s.day, day_of(b.born_ts)) <= {LOOK_BACK}
group by b.practice
union
select b.practice from practice_births b cross join broad d cross join chart c
where c.rows_in = 0 and d.first_day < day_of(b.born_ts)
"""  # noqa: S608 - own words only

CHAT_START = """
select min(first_day) as first_day from (
    select week_of(t.day) as week, min(t.day) as first_day, count(distinct t.person) as people
    from traces t join (select distinct source from acts where channel = 'message') c on c.source = t.source
    where t.person > 0 group by week_of(t.day)
) weeks where people >= 3
"""


@dataclass(frozen=True, slots=True)
class Origins:
    """How each practice started.

    Attributes:
        origin: at the default look-back; it never changes after birth.
        fragile: fewer than three of the four look-backs agree with it.
    """

    origin: list[Origin]
    fragile: npt.NDArray[np.bool_]


def originate(engine: LinkEngine, births: "pa.Table", known_birth: npt.NDArray[np.bool_]) -> Origins:
    """Join each birth with what its first users had been asked and given before it.

    Mandated: somebody in their reporting line, or in a channel they read, demanded the tool or the job. What a leader writes
    where fewer than half of those under them read, and where nobody of the first users' unit ever wrote, was said to others: a
    chief's order to one department is none to the next. Provisioned: no such demand, but seats, training or a vendor's event.
    Interleaved: only a demand of AI in general. Grassroots: none of these, although a leader of theirs could be heard in chat
    all the while; if none could, no mandate was seen. Alive when the data start: unknown. Only events strictly before the first
    use count (measures.md, M2; the immortal time of Suissa 2008 is what looking later would bring in).

    Args:
        engine: needs `acts`, `programmes`, `seats`, `traces`, `members`, and `births` registered as `practice_births`; `lines`
            is registered here.
        births: practice (from 1, dense), person, born_ts, tool, job, unit, place; one row a first user.
        known_birth: False where a practice may be older than its source, one value a practice.
    """
    n = len(known_birth)
    engine.register("lines", engine.run(LINES))
    demanded = engine.run(DEMANDED)
    provided = engine.run(PROVIDED)
    named = _days(n, demanded, "named_days")
    generic = _days(n, demanded, "generic_days")
    given = _days(n, provided, "days")
    heard = np.zeros(n, dtype=bool)
    heard[ints(engine.run(LEADERS)["practice"]) - 1] = True
    watched = _watched_days(engine, births, n)
    by_look_back = [_classes(days, named, given, generic, heard, watched) for days in LOOK_BACKS]
    default = by_look_back[LOOK_BACKS.index(LOOK_BACK)]
    default[~known_birth] = _UNKNOWN
    agree = np.sum([(other == default) | (other == _UNKNOWN) for other in by_look_back], axis=0)
    return Origins([_ORDER[c] for c in default.tolist()], (agree < 3) & known_birth)


_ORDER = (Origin.MANDATED, Origin.PROVISIONED, Origin.INTERLEAVED, Origin.GRASSROOTS, Origin.NO_MANDATE_SEEN, Origin.UNKNOWN)
_UNKNOWN = _ORDER.index(Origin.UNKNOWN)


def _classes(look_back: int, named: Ints, given: Ints, generic: Ints, heard: npt.NDArray[np.bool_], watched: Ints) -> Ints:
    """Origin of each practice at one look-back, as a place in _ORDER; unknown where the chat does not reach back so far."""
    found: Ints = np.select(
        [named <= look_back, given <= look_back, generic <= look_back, ~heard, watched < look_back],
        [0, 1, 2, 4, 5],
        default=3,
    ).astype(np.int64)
    return found


def _days(n: int, rows: "pa.Table", column: str) -> Ints:
    days = np.full(n, NEVER, dtype=np.int64)
    days[ints(rows["practice"]) - 1] = ints(rows[column])
    return days


def _watched_days(engine: EngineLike, births: "pa.Table", n: int) -> Ints:
    """Days before each birth for which some chat was connected; 0 if none was."""
    start = engine.run(CHAT_START)["first_day"][0].as_py()
    born = np.zeros(n, dtype=np.int64)
    born[ints(births["practice"]) - 1] = ints(births["born_ts"]) // 86_400_000_000
    return np.maximum(born - (start - date(1970, 1, 1)).days, 0) if start is not None else np.zeros(n, dtype=np.int64)
