"""What was announced, to whom, and what followed: the SQL of announcements and of the use that came after them (M1)."""

from groundswell.measures._line import BELOW
from groundswell.measures._uses import ACTIVE, LAST_WEEK, SAID_ACTS, USES

HORIZON_DAYS = 90
"""How long an announcement is given to be taken up (docs: measures, section 4)."""

CASES = f"""uses as ({USES}),
{BELOW},
placed as (
    select s.id, s.source, s.person, day_of(s.ts) as day, week_of(s.ts) as week, s.tool, s.job, s.score,
           case when s.act = 'demands' then 1 else 0 end as demanded,
           case when s.channel = 'message' then 1 else 0 end as was_read,
           case when m.unit is null or m.unit = '' then cast(s.place as string) else m.unit end as unit,
           case when b.boss is not null then 'line' when m.unit is null or m.unit = '' then 'all' else 'unit' end as reach
    from acts s
    left join members m on m.person = s.person and m.from_day <= day_of(s.ts) and m.to_day >= day_of(s.ts)
    left join (select distinct boss from lines) b on b.boss = s.person
    where s.act in {SAID_ACTS} and s.modality in ('done', 'intended') and s.actor_kind = 'person' and s.person > 0
      and (s.tool not in ('', 'any') or s.job <> 'unknown')
),
overheard as (
    select distinct p.id, p.tool, p.job, p.day, b.boss from placed p join below b on b.person = p.person
),
repeated as (
    select distinct p.id, p.tool, p.job
    from overheard p
    join placed q on q.person = p.boss
    where q.day <= p.day and q.day >= day_after(p.day, -{HORIZON_DAYS})
      and (q.tool = p.tool or q.tool in ('', 'any') or p.tool in ('', 'any'))
      and (q.job = p.job or q.job = 'unknown' or p.job = 'unknown')
      and ((q.tool = p.tool and p.tool not in ('', 'any')) or (q.job = p.job and p.job <> 'unknown'))
),
firsts as (
    select p.*, row_number() over (
               partition by p.unit, p.tool, p.job, p.week order by p.day, p.id, p.score desc, p.demanded
           ) as nth
    from placed p
    left join repeated r on r.id = p.id and r.tool = p.tool and r.job = p.job
    where r.id is null
),
cases as (
    select f.*, row_number() over (order by day, unit, tool, job) as case_no,
           dense_rank() over (order by unit, tool, job) as what, dense_rank() over (order by unit) as who
    from firsts f where nth = 1
),
reached as (
    select c.case_no, b.person from cases c join below b on b.boss = c.person where c.reach = 'line'
    union
    select c.case_no, c.person from cases c where c.reach = 'line'
    union
    select c.case_no, m.person from cases c join members m on m.unit = c.unit where c.reach = 'unit'
),
named as (
    select c.case_no, t.tool from cases c join (select distinct tool from uses) t on t.tool = c.tool or c.tool in ('', 'any')
)"""  # noqa: S608 - own words only
"""Announcements of a named tool or job, one an announcing unit, thing and week, and whom each concerns: the announcer's
reporting line (eight levels), else their unit, else everybody. What somebody above said of the same thing within the horizon is
passed on, not announced again: it counts once, where it came from. `overheard` is made whole first, as its `distinct` sees to:
joined in one go, an engine may pair all announcements by their days, which grows with the square of their number."""

_MATCH = "(job = about_job or about_job = 'unknown' or (job = 'unknown' and about not in ('', 'any')))"
"""A use is of what was announced: the same kind of work, or one of the two does not name it."""

_EARLIER = f"""
arrivals as (
    select tool, job, person, day, score, was_read from (
        select tool, job, person, day, score, case when family = 'chat' then 1 else 0 end as was_read,
               row_number() over (
                   partition by tool, job, person, case when family = 'chat' then 1 else 0 end order by day, score desc
               ) as nth
        from uses
    ) first_uses where nth = 1
),
before as (
    select c.case_no, c.tool as about, c.job as about_job, u.job, u.person, u.was_read, u.score
    from cases c
    join reached r on r.case_no = c.case_no
    join named n on n.case_no = c.case_no
    join arrivals u on u.person = r.person and u.tool = n.tool
    where c.reach <> 'all' and u.day < c.day
    union all
    select c.case_no, c.tool as about, c.job as about_job, u.job, u.person, u.was_read, u.score
    from cases c
    join named n on n.case_no = c.case_no
    join arrivals u on u.tool = n.tool
    where c.reach = 'all' and u.day < c.day
),
earlier as (
    select case_no, max(1 - was_read) as lived, count(distinct case when was_read = 1 then person end) as lived_reads,
           avg(case when was_read = 1 then score end) as lived_score
    from before
    where {_MATCH}
    group by case_no
)"""  # noqa: S608 - own words only

CASES_SQL = f"""with {CASES},{_EARLIER},
items as (select id, dense_rank() over (order by id) as item from (select distinct id from labels) audited)
select c.case_no, c.what, c.who, c.demanded, days_between(date '1970-01-01', c.day) as day, c.was_read, c.score, c.source,
       coalesce(e.lived, 0) as lived, coalesce(e.lived_reads, 0) as lived_reads,
       coalesce(e.lived_score, 0.0) as lived_score, i.item
from cases c
left join earlier e on e.case_no = c.case_no
left join items i on i.id = c.id
order by c.case_no"""  # noqa: S608 - own words only
"""One row an announcement; `item` is its number among the audited messages, if it was one."""

_WEEKS_AFTER = " union all ".join(f"select {k} as weeks" for k in range(HORIZON_DAYS // 7 + 2))
"""Weeks an announcement is followed in; joining on them keeps the engine from comparing every use with every case."""

EVIDENCE_SQL = f"""with {CASES},
soon as ({_WEEKS_AFTER}),
asked as (
    select distinct c.case_no, c.person as announcer, c.day as since, c.week, c.tool as about, c.job as about_job,
           r.person, n.tool
    from cases c join reached r on r.case_no = c.case_no join named n on n.case_no = c.case_no
    where c.reach <> 'all'
),
hits as (
    select c.case_no, c.announcer, c.since, c.about, c.about_job, u.*
    from asked c join uses u on u.person = c.person and u.tool = c.tool
    where u.week >= c.week and u.week <= c.week + {HORIZON_DAYS // 7 + 1}
    union all
    select c.case_no, c.person as announcer, c.day as since, c.tool as about, c.job as about_job, u.*
    from cases c
    join named n on n.case_no = c.case_no
    cross join soon k
    join uses u on u.tool = n.tool and u.week = c.week + k.weeks
    where c.reach = 'all'
),
near as (
    select case_no, person, week, case when family = 'chat' then 1 else 0 end as was_read,
           min(days_between(since, day)) as after_days, max(score) as score, max(source) as source
    from hits
    where person <> announcer and day >= since and day <= day_after(since, {HORIZON_DAYS})
      and {_MATCH}
    group by case_no, person, week, case when family = 'chat' then 1 else 0 end
),
numbered as (
    select n.*, dense_rank() over (partition by case_no order by person) as someone,
           row_number() over (partition by case_no, week, was_read order by after_days, person) as nth
    from near n
)
select case_no, someone, week, was_read, after_days, score, source from numbered where nth <= 12
order by case_no, after_days, someone, week, was_read"""  # noqa: S608 - own words only
"""Person-weeks of use after each announcement by others whom it concerns; at most 12 a week, which decides no rule."""

WITHDRAWN_SQL = f"""with {CASES},
may_withdraw as (
    select case_no, person from cases
    union
    select c.case_no, b.boss as person from cases c join below b on b.person = c.person
)
select c.case_no, days_between(c.day, day_of(d.ts)) as after_days, case when d.channel = 'message' then 1 else 0 end as was_read,
       d.score, d.source
from cases c
join may_withdraw w on w.case_no = c.case_no
join acts d on d.person = w.person and d.tool = c.tool
where d.act = 'drops' and d.drop in ('abandoned', 'switched', 'job_ended') and d.modality = 'done' and d.actor_kind = 'person'
  and c.tool not in ('', 'any') and day_of(d.ts) >= c.day and day_of(d.ts) <= day_after(c.day, {HORIZON_DAYS})
order by c.case_no, after_days"""  # noqa: S608 - own words only
"""Withdrawals: the announcer, or someone above, says the thing was given up."""

LIVED_SQL = f"""with {CASES},
owned as (
    select u.*, coalesce(m.unit, '') as unit from uses u
    left join members m on m.person = u.person and m.from_day <= u.day and m.to_day >= u.day
    where u.tool not in ('', 'any')
),
weekly as (
    select unit, tool, job, person, week, case when family = 'chat' then 1 else 0 end as was_read, min(day) as day,
           max(score) as score, max(source) as source
    from owned group by unit, tool, job, person, week, case when family = 'chat' then 1 else 0 end
),
ranked as (
    select w.*, dense_rank() over (order by unit, tool, job) as practice, dense_rank() over (order by unit) as who,
           dense_rank() over (partition by unit, tool, job order by week) as nth_week,
           row_number() over (partition by unit, tool, job, week, was_read order by day, person) as nth
    from weekly w
)
select practice, who, dense_rank() over (partition by practice order by person) as someone, week, was_read,
       days_between(date '1970-01-01', day) as day, score, source
from ranked where nth_week <= 12 and nth <= 12
order by practice, day, someone, week, was_read"""  # noqa: S608 - own words only
"""Person-weeks of the first twelve weeks of every practice (tool x job x unit), announced or not."""

LINKS_SQL = f"""with {CASES},
practices_seen as (
    select coalesce(m.unit, '') as unit, u.tool, u.job,
           dense_rank() over (order by coalesce(m.unit, ''), u.tool, u.job) as practice
    from (select distinct person, tool, job, day from uses where tool not in ('', 'any')) u
    left join members m on m.person = u.person and m.from_day <= u.day and m.to_day >= u.day
),
distinct_practices as (select distinct unit, tool, job, practice from practices_seen),
units_reached as (
    select distinct r.case_no, m.unit from reached r join members m on m.person = r.person
),
links as (
    select p.practice, p.tool, p.job, c.case_no, c.tool as about, c.job as about_job
    from cases c join units_reached u on u.case_no = c.case_no join distinct_practices p on p.unit = u.unit
    where c.reach <> 'all'
    union all
    select p.practice, p.tool, p.job, c.case_no, c.tool as about, c.job as about_job
    from cases c join distinct_practices p on p.tool = c.tool or c.tool in ('', 'any')
    where c.reach = 'all'
)
select distinct practice, case_no from links
where (about = tool or about in ('', 'any')) and {_MATCH}
order by practice, case_no"""  # noqa: S608 - own words only
"""Which announcement names which practice, in a unit it concerns."""

SPAN_SQL = f"""with active as ({ACTIVE}),
last_week as ({LAST_WEEK})
select count(distinct a.person) as people, min(a.week) as first_week, max(a.week) as top_week, max(l.week) as last_week
from active a cross join last_week l"""  # noqa: S608 - own words only
"""How many people, from which week to which."""

_KINDS = f"""
    select person, week_of(ts) as week, 'said' as kind, case when channel = 'message' then score end as score
    from acts where act in {SAID_ACTS} and modality in ('done', 'intended') and actor_kind = 'person' and person > 0
    union all
    select person, week_of(ts), 'learned', case when channel = 'message' then score end
    from acts where act = 'learns' and modality = 'done' and actor_kind = 'person' and person > 0
    union all
    select person, week_of(ts), 'shared', case when channel = 'message' then score end
    from acts where act = 'shares' and modality = 'done' and actor_kind = 'person' and person > 0
    union all
    select person, week, 'used', case when family = 'chat' then score end from uses
    union all
    select u.person, u.week, 'corroborated', case when u.family = 'chat' then u.score end
    from uses u
    left join members m on m.person = u.person and m.from_day <= u.day and m.to_day >= u.day
    join (
        select coalesce(m.unit, '') as unit, u.tool
        from uses u
        left join members m on m.person = u.person and m.from_day <= u.day and m.to_day >= u.day
        group by coalesce(m.unit, ''), u.tool
        having (count(distinct u.person) >= 2 and count(distinct u.week) >= 3) or count(distinct u.family) >= 2
    ) solid on solid.unit = coalesce(m.unit, '') and solid.tool = u.tool"""  # noqa: S608 - own words only

BANDED = f"""uses as ({USES}),
last_week as ({LAST_WEEK}),
kinds as ({_KINDS}),
person_weeks as (select person, week, kind, case when max(case when score is null then 1 else 0 end) = 1 then -1
        else least(cast(floor(max(score) * 5) as integer), 4) end as band
    from kinds group by person, week, kind)"""  # noqa: S608 - own words only
"""Person-weeks by kind of act, with the band of the reader's best score; band -1 rests on a mark or a log."""

WEEKS_SQL = f"""with active as ({ACTIVE}),
{BANDED}
select w.week, w.kind, w.band, count(*) as person_weeks, max(a.active) as active
from person_weeks w
join (select week, count(*) as active from active group by week) a on a.week = w.week
cross join last_week l
where w.week <= l.week
group by w.week, w.kind, w.band order by w.week, w.kind, w.band"""  # noqa: S608 - own words only
"""Person-weeks by kind of act; band -1 rests on a mark or a log, 0 to 4 on the reader's best score in fifths."""

GRAM_SQL = f"""with active as ({ACTIVE}),
{BANDED},
spans as (
    select max(l.week) as last_week, least(26, cast(floor((max(l.week) - min(a.week) + 1) / 2) as integer)) as span
    from active a cross join last_week l
),
sums as (
    select w.person, w.kind, w.band, case when w.week > s.last_week - s.span then 1 else 0 end as late, count(*) as n
    from person_weeks w cross join spans s
    where w.week <= s.last_week and w.week > s.last_week - 2 * s.span
    group by w.person, w.kind, w.band, case when w.week > s.last_week - s.span then 1 else 0 end
)
select x.kind as kind, x.band as band, x.late as late, y.kind as kind_2, y.band as band_2, y.late as late_2,
       cast(sum(x.n * y.n) as bigint) as product, cast(sum(x.n) as bigint) as total, count(*) as people
from sums x join sums y on y.person = x.person
group by x.kind, x.band, x.late, y.kind, y.band, y.late
order by kind, band, late, kind_2, band_2, late_2"""  # noqa: S608 - own words only
"""Sums and products over people of their person-weeks in two windows of equal length, so that a change has a variance."""
