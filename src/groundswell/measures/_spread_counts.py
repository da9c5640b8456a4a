"""Who took a tool up after seeing a colleague use it: the SQL of adoptions, of what was seen before, and of risk sets (M4)."""

EXPOSED_DAYS = 42
"""A colleague's act counts for six weeks (measures.md, defaults). Adoptions whose own first six weeks are not seen whole are left
out, so that every life that is exchanged is seen for as long wherever it is put."""

TIE_DAYS = 91
"""Ties, and the places a person reads, are of the 13 weeks before the window (measures.md, defaults)."""

WINDOW_DAYS = 364
"""The window is the last year, or all but the first 13 weeks of a shorter time."""

BASE = f"""bounds as (
    select greatest(day_after(start_day, {TIE_DAYS}), day_after(end_day, -{WINDOW_DAYS})) as open_day,
           day_after(end_day, -{EXPOSED_DAYS}) as close_day, end_day as last_day
    from period
), home as (
    select m.person, min(m.team) as team, min(m.unit) as unit, min(m.manager_person) as boss
    from members m cross join bounds b where b.open_day between m.from_day and m.to_day group by m.person
), firsts as (
    select w.person, p.tool, min(w.day) as day
    from practice_people w join practices p on p.practice = w.practice where p.tool <> 'any' group by w.person, p.tool
), wrote as (
    select person, place, min(day) as day from traces where person > 0 and place <> 0 group by person, place
), reads as (
    select w.person, w.place from wrote w cross join bounds b where w.day < b.open_day
), turned as (
    select t.person as one, t.whom_person as other from ties t cross join bounds b
    where t.kind in ('reply', 'mention', 'review', 'coauthor') and t.person > 0 and t.whom_person > 0
      and t.day >= day_after(b.open_day, -{TIE_DAYS}) and t.day < b.open_day
), tied as (
    select one as person, other as contact from turned union select other as person, one as contact from turned
), contacts as (
    select t.person, t.contact, 'informal' as kind
    from tied t join home h on h.person = t.person join home c on c.person = t.contact where c.team <> h.team
    union
    select person, boss as contact, 'formal' as kind from home where boss > 0
    union
    select boss as person, person as contact, 'formal' as kind from home where boss > 0
), shown as (
    select distinct w.person, p.tool, w.day, w.place
    from practice_people w join practices p on p.practice = w.practice cross join bounds b
    where w.visible and p.tool <> 'any' and w.day >= day_after(b.open_day, -{EXPOSED_DAYS})
), seen as (
    select distinct c.kind, c.person, c.contact, s.tool, s.day
    from contacts c join shown s on s.person = c.contact join reads r on r.person = c.person and r.place = s.place
), joint as (
    select w.person, min(g.id) as project
    from wrote w join programmes g on g.place = w.place and g.place <> 0 and g.kind = 'project' group by w.person
), causes as (
    select f.person, f.tool, max(days_between(date '1970-01-05', g.day)) as period
    from firsts f join home h on h.person = f.person
    join programmes g on g.day <= f.day and days_between(g.day, f.day) <= {EXPOSED_DAYS} and (g.tool = '' or g.tool = f.tool)
    left join wrote w on w.person = f.person and w.place = g.place and g.place <> 0
    where w.person is not null or (g.place = 0 and (g.unit = '' or g.unit = h.unit))
    group by f.person, f.tool
), adopters as (
    select f.person, f.tool, f.day, h.team, coalesce(j.project, 0) as project,
           dense_rank() over (order by h.team, f.tool, coalesce(j.project, 0), coalesce(c.period, 0)) as stratum,
           row_number() over (order by h.team, f.tool, coalesce(j.project, 0), coalesce(c.period, 0), f.day, f.person) as adoption
    from firsts f join home h on h.person = f.person cross join bounds b
    left join joint j on j.person = f.person
    left join causes c on c.person = f.person and c.tool = f.tool
    where f.day >= b.open_day and f.day <= b.close_day
)"""  # noqa: S608 - own numbers only
"""Ties along the reporting line go both ways, as informal ones do. Downwards alone they would say nothing: everybody in a team
has the same leader, so that hardly any risk set held people with and without the leader's example (0 of 285 on a simulated
company). One adoption is a person's first use of a tool within the window. Dates are exchanged within team, tool and known joint
project, and after a known training, purchase, launch or event only with others of the same six weeks."""

ADOPTIONS = f"""with {BASE}
select adoption, stratum, days_between(date '1970-01-05', day) as day from adopters order by adoption"""  # noqa: S608 - own text only
"""Every adoption with its stratum, by number. Stays within the count: only totals leave it."""

LOOKS = f"""with {BASE}, strata as (
    select stratum, days_between(max(day), max(last_day)) as watched from adopters cross join bounds group by stratum
), lived as (
    select a.person, a.tool, a.day, a.adoption, s.watched from adopters a join strata s on s.stratum = a.stratum
), wanted as (
    select a.adoption, s.kind, s.contact, s.tool, s.day
    from adopters a join seen s on s.person = a.person and s.tool = a.tool
    union all
    select a.adoption, 'control' as kind, s.contact, s.tool, s.day
    from adopters a join seen s on s.person = a.person and s.tool <> a.tool and s.kind = 'informal'
    left join firsts f on f.person = s.contact and f.tool = a.tool
    where f.person is null
)
select distinct w.kind, w.adoption, coalesce(l.adoption, 0) as example,
       days_between(coalesce(l.day, date '1970-01-05'), w.day) as day
from wanted w cross join bounds b
left join lived l on l.person = w.contact and l.tool = w.tool
left join firsts f on f.person = w.contact and f.tool = w.tool
where (l.adoption is not null and days_between(l.day, w.day) <= l.watched) or (l.adoption is null and f.day < b.open_day)
order by kind, w.adoption, example, day"""  # noqa: S608 - own numbers only
"""What each adopter could see a contact show: days after the contact's own adoption, with which they are exchanged; for contacts
from before the window (example 0) the day itself. A life is used no longer than all of its stratum were watched. Control: another
tool, shown by a contact who never took this one up. Stays within the count: only totals leave it."""

RISK = f"""with {BASE}, activity as (
    select t.person, count(distinct t.day) as days from traces t cross join bounds b
    where t.day >= day_after(b.open_day, -{TIE_DAYS}) and t.day < b.open_day group by t.person
), gone as (
    select person, max(to_day) as to_day from members group by person
), weeks as (
    select team, tool, project, week_of(day) as week, dense_rank() over (order by team, tool, project) as stratum,
           day_after(date '1970-01-05', 7 * week_of(day)) as monday
    from adopters group by team, tool, project, week_of(day)
), exposed as (
    select w.stratum, w.week, s.person,
           count(distinct case when s.kind = 'informal' then s.contact end) as informal,
           max(case when s.kind = 'formal' then 1 else 0 end) as formal
    from weeks w join seen s on s.tool = w.tool and s.day < w.monday and days_between(s.day, w.monday) <= {EXPOSED_DAYS}
    join home h on h.person = s.person and h.team = w.team
    group by w.stratum, w.week, s.person
), people as (
    select w.stratum, w.week, h.person, least(coalesce(e.informal, 0), 2) as informal, coalesce(e.formal, 0) as formal,
           case when coalesce(a.days, 0) < 13 then 0 when a.days < 40 then 1 else 2 end as activity,
           case when f.day is not null and week_of(f.day) = w.week then 1 else 0 end as adopted
    from weeks w join home h on h.team = w.team join gone g on g.person = h.person and g.to_day >= w.monday
    left join joint j on j.person = h.person
    left join firsts f on f.person = h.person and f.tool = w.tool
    left join exposed e on e.stratum = w.stratum and e.week = w.week and e.person = h.person
    left join activity a on a.person = h.person
    where coalesce(j.project, 0) = w.project and (f.day is null or f.day >= w.monday)
)
select stratum, week, cast(informal as integer) as informal, formal, activity, count(*) as at_risk,
       cast(sum(adopted) as bigint) as adopted
from people group by stratum, week, informal, formal, activity
order by stratum, week, informal, formal, activity"""  # noqa: S608 - own numbers only
"""Risk sets of team, tool and joint project at each week with an adoption, by number of informal contacts seen, an
example along the reporting line, and days at work before."""

NAIVE = f"""with {BASE}, tools as (
    select tool, min(day) as day from firsts group by tool
), spans as (
    select h.person, t.tool, greatest(week_of(b.open_day), week_of(t.day)) as first_week,
           least(week_of(b.close_day), coalesce(week_of(f.day), week_of(b.close_day))) as last_week,
           case when f.day between b.open_day and b.close_day then 1 else 0 end as adopted
    from home h cross join tools t cross join bounds b left join firsts f on f.person = h.person and f.tool = t.tool
), after as (
    select 1 as weeks union all select 2 union all select 3 union all select 4 union all select 5 union all select 6
), exposed as (
    select distinct s.person, s.tool, week_of(s.day) + a.weeks as week from seen s cross join after a where s.kind = 'informal'
), inside as (
    select count(*) as weeks, sum(case when e.week = p.last_week then p.adopted else 0 end) as adopted
    from exposed e join spans p on p.person = e.person and p.tool = e.tool and e.week between p.first_week and p.last_week
)
select cast(max(i.weeks) as bigint) as exposed_weeks, cast(coalesce(max(i.adopted), 0) as bigint) as exposed_adopted,
       cast(sum(greatest(p.last_week - p.first_week + 1, 0)) as bigint) as all_weeks,
       cast(sum(case when p.last_week >= p.first_week then p.adopted else 0 end) as bigint) as all_adopted
from spans p cross join inside i"""  # noqa: S608 - own numbers only
"""The comparison that is not made here: weeks after a colleague's example with all others, calendar and likeness left in."""

SPAN = f"""with {BASE}
select count(*) as adoptions, count(distinct a.person) as people, count(distinct a.team) as teams,
       count(distinct case when c.person is not null then a.person end) as tied,
       coalesce(min(a.day), date '1970-01-01') as start_day, coalesce(max(a.day), date '1970-01-01') as end_day,
       (select count(*)
        from programmes g cross join bounds b
        where g.kind in ('event', 'training') and g.unit = '' and g.place = 0
          and g.day between b.open_day and b.last_day) as events
from adopters a left join (select distinct person from contacts where kind = 'informal') c on c.person = a.person"""  # noqa: S608
"""Adoptions, people, teams, people with a tie to another team, and events that reached the whole organisation."""
