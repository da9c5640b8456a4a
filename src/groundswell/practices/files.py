"""How long each shared file that carries a practice lived: from its creation until it is deleted; a move is not an end."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from groundswell.model.measure import EngineLike

if TYPE_CHECKING:
    import pyarrow as pa

SUCCESSOR_DAYS = 14
"""A file of the same form made in the same repository within two weeks of a deletion has taken its place."""

FILES = """
with own as (
    select * from artefacts where ts < cast(day_after(date '{end}', 1) as timestamp)
), ends as (
    select place, max(day) as end_day from (
        select place, day from traces where day <= date '{end}'
        union all select place, day_of(ts) as day from own
    ) e group by place
), lives as (
    select artefact, min(place) as place, min(form) as form, min(tool) as tool, min(source) as source,
           min(ts) as first_ts, max(ts) as last_ts,
           min(case when event = 'created' then ts end) as created_ts,
           max(case when event = 'deleted' then ts end) as deleted_ts,
           max(case when event <> 'deleted' then ts end) as kept_ts,
           count(distinct case when person > 0 and actor_kind = 'person' then person end) as people,
           count(distinct case when person > 0 and actor_kind = 'person'
                               then cast(person as bigint) * 100000 + week_of(ts) end) as traces,
           count(distinct case when person > 0 and actor_kind = 'person' then week_of(ts) end) as weeks
    from own group by artefact
), seconds as (
    select o.artefact, min(o.ts) as second_ts
    from own o join (
        select artefact, person, row_number() over (partition by artefact order by ts nulls last, person nulls last) as nth
        from own where person > 0 and actor_kind = 'person'
    ) f on f.artefact = o.artefact and f.nth = 1
    where o.person > 0 and o.actor_kind = 'person' and o.person <> f.person
    group by o.artefact
), makers as (
    select o.artefact, min(o.person) as person
    from own o join lives l on l.artefact = o.artefact and o.ts = l.first_ts
    where o.person > 0 and o.actor_kind = 'person' group by o.artefact
), heirs as (
    select gone.artefact,
           max(case when made.form = gone.form then 1 else 0 end) as same_form,
           max(case when made.form <> gone.form and made.created_ts = gone.deleted_ts then 1 else 0 end) as other_form
    from lives gone join lives made on made.place = gone.place and made.artefact <> gone.artefact
    where gone.deleted_ts is not null and made.created_ts is not null
      and days_between(gone.deleted_ts, made.created_ts) between -{near} and {near}
      and (made.deleted_ts is null or made.deleted_ts > gone.deleted_ts)
    group by gone.artefact
)
select l.artefact, l.place, l.tool, l.source, l.first_ts, l.people, l.traces, l.weeks,
       case when l.created_ts is not null and l.created_ts = l.first_ts then 1 else 0 end as known_birth,
       case when l.deleted_ts is not null and (l.kept_ts is null or l.deleted_ts > l.kept_ts) then 1 else 0 end as ended,
       days_between(l.first_ts, coalesce(l.deleted_ts, l.last_ts)) as deleted_days,
       days_between(l.first_ts, e.end_day) as watched_days,
       days_between(l.first_ts, s.second_ts) as second_days,
       coalesce(h.same_form, 0) as same_form, coalesce(h.other_form, 0) as other_form,
       coalesce(k.person, 0) as maker, coalesce(nullif(m.unit, ''), cast(l.place as string)) as unit
from lives l
join ends e on e.place = l.place
left join seconds s on s.artefact = l.artefact
left join heirs h on h.artefact = l.artefact
left join makers k on k.artefact = l.artefact
left join members m on m.person = k.person and day_of(l.first_ts) between m.from_day and m.to_day
where l.people > 0
order by l.first_ts, l.tool, l.artefact
"""

FILE_PEOPLE = """
select artefact, person, week_of(ts) as week, min(day_of(ts)) as day, min(place) as place
from artefacts
where person > 0 and actor_kind = 'person' and ts < cast(day_after(date '{end}', 1) as timestamp)
group by artefact, person, week_of(ts)
order by artefact, person, week
"""


@dataclass(frozen=True, slots=True)
class FileLives:
    """Shared files, one row each, in order of birth, and their person-weeks.

    Attributes:
        rows: columns of FILES. `deleted_days` counts only where `ended` is 1. `watched_days` runs to the end of that
            repository's observation. `known_birth` is 0 where the first thing seen is not the creation.
        people: columns of FILE_PEOPLE.
    """

    rows: "pa.Table"
    people: "pa.Table"


def files(engine: EngineLike, end: date) -> FileLives:
    """Read the life of every shared file that a person has touched, up to the end of a day.

    A file ends when it is deleted and does not come back. It counts as replaced if a file of the same form was made in the
    same repository within SUCCESSOR_DAYS, as absorbed if the same commit made a file of another form, else as abandoned.
    Silence is no end: a file is in force until it is removed.

    Args:
        engine: needs `artefacts`, `traces`, `members`.
        end: last day used.
    """
    return FileLives(
        rows=engine.run(FILES.format(end=end.isoformat(), near=SUCCESSOR_DAYS)),
        people=engine.run(FILE_PEOPLE.format(end=end.isoformat())),
    )
