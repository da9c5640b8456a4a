"""Who took a tool up after seeing a colleague use it: the SQL of adoptions, of what was seen before, and of risk sets (M4)."""

EXPOSED_DAYS = 42
"""A colleague's act counts for six weeks (measures.md, defaults)."""

TIE_DAYS = 91
"""Ties are of the 13 weeks before the window (measures.md, defaults)."""

WINDOW_DAYS = 364
"""The window is the last year, or all but the first 13 weeks of a shorter time."""

BASE = f"""bounds as (
    select greatest(day_after(min(day), {TIE_DAYS}), day_after(max(day), -{WINDOW_DAYS})) as open_day, max(day) as last_day
    from traces
), home as (
    select m.person, min(m.team) as team, min(m.manager_person) as boss
    from members m cross join bounds b where b.open_day between m.from_day and m.to_day group by m.person
), firsts as (
    select w.person, p.tool, min(w.day) as day
    from practice_people w join practices p on p.practice = w.practice where p.tool <> 'any' group by w.person, p.tool
), reads as (
    select person, place, min(day) as day from traces where person > 0 and place <> 0 group by person, place
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
), shown as (
    select distinct w.person, p.tool, w.day, w.place
    from practice_people w join practices p on p.practice = w.practice cross join bounds b
    where w.visible and p.tool <> 'any' and w.day >= day_after(b.open_day, -{EXPOSED_DAYS})
), seen as (
    select distinct c.kind, c.person, c.contact, s.tool, s.day
    from contacts c join shown s on s.person = c.contact
    join reads r on r.person = c.person and r.place = s.place and r.day <= s.day
), joint as (
    select r.person, min(g.id) as project
    from reads r join programmes g on g.place = r.place and g.place <> 0 and g.kind = 'project' group by r.person
), leads as (
    select distinct boss as person from home where boss > 0
), adopters as (
    select f.person, f.tool, f.day, h.team, coalesce(j.project, 0) as project,
           case when l.person is null then 0 else 1 end as leads,
           dense_rank() over (order by h.team, coalesce(j.project, 0)) as stratum,
           dense_rank() over (order by h.team, f.tool, coalesce(j.project, 0)) as risk_stratum,
           row_number() over (partition by h.team, coalesce(j.project, 0) order by f.day, f.tool, f.person) as nth
    from firsts f join home h on h.person = f.person cross join bounds b
    left join joint j on j.person = f.person left join leads l on l.person = f.person
    where f.day >= b.open_day
)"""  # noqa: S608 - own numbers only
"""One adoption is a person's first use of a tool within the window. Dates are exchanged within team and known joint project; risk
sets are of team, tool and joint project."""

DATES = f"""with {BASE}, kinds as (
    select 'informal' as kind union all select 'formal' union all select 'control'
), wanted as (
    select 'formal' as kind, person, contact, tool, day from seen where kind = 'formal'
    union all
    select 'informal' as kind, person, contact, tool, day from seen where kind = 'informal'
)
select k.kind, a.stratum, a.nth as adoption, d.nth as on_date,
       max(case when w.day is null then 0 else 1 end) as exposed
from kinds k cross join adopters a join adopters d on d.stratum = a.stratum and (k.kind <> 'formal' or d.leads = 0)
left join wanted w
  on w.person = a.person and w.day < d.day and days_between(w.day, d.day) <= {EXPOSED_DAYS}
 and ((k.kind = w.kind and w.tool = a.tool) or (k.kind = 'control' and w.kind = 'informal' and w.tool <> a.tool))
where k.kind <> 'formal' or a.leads = 0
group by k.kind, a.stratum, a.nth, d.nth
order by k.kind, a.stratum, adoption, on_date"""  # noqa: S608 - own numbers only
"""Whether each adopter would have been exposed on each date of their stratum. A leader's own adoption is fixed, not exchanged,
where the example is the leader's. Control: a colleague showed another tool."""

RISK = f"""with {BASE}, activity as (
    select t.person, count(distinct t.day) as days from traces t cross join bounds b
    where t.day >= day_after(b.open_day, -{TIE_DAYS}) and t.day < b.open_day group by t.person
), weeks as (
    select distinct risk_stratum as stratum, team, tool, project, week_of(day) as week,
           day_after(date '1970-01-05', 7 * week_of(day)) as monday
    from adopters
), exposed as (
    select w.stratum, w.week, s.person,
           count(distinct case when s.kind = 'informal' then s.contact end) as informal,
           max(case when s.kind = 'formal' then 1 else 0 end) as formal
    from weeks w join seen s on s.tool = w.tool and s.day < w.monday and days_between(s.day, w.monday) <= {EXPOSED_DAYS}
    group by w.stratum, w.week, s.person
), people as (
    select w.stratum, w.week, h.person, least(coalesce(e.informal, 0), 2) as informal, coalesce(e.formal, 0) as formal,
           case when coalesce(a.days, 0) < 13 then 0 when a.days < 40 then 1 else 2 end as activity,
           case when f.day is not null and week_of(f.day) = w.week then 1 else 0 end as adopted
    from weeks w join home h on h.team = w.team
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
"""Risk sets at each week with an adoption, by number of informal contacts seen, the leader's example, and days at work before."""

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
