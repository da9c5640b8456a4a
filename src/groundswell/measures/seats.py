"""Which licences are used, which are idle for certain, which may be, and what do idle ones cost?"""

from groundswell.measures import _licences as parts
from groundswell.measures import _licences_noised as noised
from groundswell.measures._noised import NOISED_FROM, QUARTER
from groundswell.measures._uses import ACTIVE, USES
from groundswell.measures._weeks import monday_of
from groundswell.model.measure import Counts, EngineLike, Exit, Finding, Measure, ReleaseLike
from groundswell.model.phrase import say
from groundswell.model.trace import Family

_LATEST = """latest as (select source, tool, 0 as person, max(day) as day from seats group by source, tool)"""

_OWN_LATEST = """latest as (
    select s.source, s.tool, s.person, max(s.day) as day from seats s cross join quarter q
    where s.day between q.start_day and q.end_day group by s.source, s.tool, s.person
)"""
"""Each holder's own last row in the quarter: which snapshot is the last of all may hang on one person."""

_HELD = f"""uses as ({USES}),
held as (
    select s.tool, s.person, max(s.day) as day, min(s.assigned_on) as assigned_on, max(s.last_active_on) as last_active_on,
           max(case when s.measured then 1 else 0 end) as measured, max(s.monthly_price) as price, max(s.currency) as currency
    from seats s join latest l on l.source = s.source and l.tool = s.tool and l.day = s.day and l.person in (0, s.person)
    where s.person > 0
    group by s.tool, s.person
),
logged as (
    select h.tool, h.person, max(case when u.day > day_after(h.day, -28) then 1 else 0 end) as recent,
           count(distinct case when u.day > day_after(h.day, -28) then floor(days_between(u.day, h.day) / 7) end) as weeks
    from held h join usage_days u on u.person = h.person and u.tool = h.tool and u.active and u.day <= h.day
    group by h.tool, h.person
),
elsewhere as (
    select h.tool, h.person, max(1) as other
    from held h join uses u on u.person = h.person
    where u.tool <> h.tool and u.tool not in ('', 'any') and u.family <> 'chat'
      and u.day <= h.day and u.day > day_after(h.day, -28)
    group by h.tool, h.person
),
states as (
    select h.tool, h.person, h.currency, h.price,
           case when coalesce(g.recent, 0) = 1 or coalesce(h.last_active_on > day_after(h.day, -28), false) then 'active'
                when coalesce(h.assigned_on > day_after(h.day, -28), false) then 'new'
                when h.measured = 1 or g.person is not null then 'idle'
                else 'possible' end as state,
           case when g.person is not null or h.last_active_on is not null then 1 else 0 end as ever,
           case when coalesce(g.weeks, 0) >= 3 then 1 else 0 end as habitual,
           coalesce(e.other, 0) as other
    from held h
    left join logged g on g.tool = h.tool and g.person = h.person
    left join elsewhere e on e.tool = h.tool and e.person = h.person
)"""  # noqa: S608 - own words only

_STATES = f"""with {_LATEST},
{_HELD}
select tool, currency, state, count(*) as seats, sum(ever) as ever, sum(habitual) as habitual, sum(other) as other,
       count(price) as priced, coalesce(sum(price), 0.0) as price
from states group by tool, currency, state order by tool, currency, state"""  # noqa: S608 - own words only

_SPAN = f"""with active as ({ACTIVE})
select (select count(distinct person) from seats where person > 0) as people,
       (select max(day) from seats) as end_day, (select min(day) from seats) as start_day,
       (select count(distinct person) from active) as active_people,
       (select count(distinct tool) from usage_days where tool in (select tool from seats)) as logged_tools"""  # noqa: S608 - own words only

_NOISED = f"""with {QUARTER},
{_OWN_LATEST},
{_HELD},
best as (
    select s.person, min(case s.state when 'active' then 1 when 'new' then 2 when 'possible' then 3 else 4 end) as best
    from states s group by s.person
), places as (
    select 1 as best, 'active' as what union all select 2, 'new' union all select 3, 'possible' union all select 4, 'idle'
)
select p.what, count(b.person) as people from places p left join best b on b.best = p.best group by p.what order by p.what"""  # noqa: S608 - own words only
"""Holders of seats by the best that is known of any of theirs: each stands in one row, and the rows are always these."""

_SQL = {"states": _STATES, "span": _SPAN, "noised": _NOISED}


def count(engine: EngineLike) -> Counts:
    """Count the seats of the last snapshot of each tool by what is known of their use in the 28 days before it.

    Returns:
        `states`: per tool, currency and state, how many seats, ever used, habitual (active in at least 3 of the last 4
        weeks of a log), with marks of another tool, priced, and their monthly price. States: active, new (assigned within
        28 days and not yet active), idle (telemetry on, no activity), possible (telemetry off or unknown).
        One person stands in one row a tool. `noised`: holders by the best that is known of any of theirs, one row a person.
    """
    tables = {name: engine.run(_SQL[name]) for name in ("states", "span")}
    span = tables["span"].to_pylist()[0]
    fallback = monday_of(0)
    best = engine.run(_NOISED) if engine.has("period") else None
    holders = sum(best["people"].to_pylist()) if best is not None else 0
    if best is not None and holders >= NOISED_FROM:
        tables["noised"] = best
    many = "noised" in tables
    return Counts(
        measure="seats",
        exit=Exit.PEOPLE,
        tables=tables,
        people=holders if many else span["people"],
        units=holders if many else span["people"],
        # Under floors one seat a tool, and the span; with noise one row.
        moves=1 if many else len(set(tables["states"]["tool"].to_pylist())) + 1,
        noised={"noised": ("people",)} if many else {},
        start=span["start_day"] or fallback,
        end=span["end_day"] or fallback,
    )


def estimate(release: ReleaseLike) -> Finding:
    """Say what share of seats is in use, how many are idle for certain and perhaps, and what that costs a month.

    Args:
        release: tables of `count`; a refused release gives withheld results.

    Returns:
        Seats are counted whole, so intervals hold what is not measured, not chance: from no unmeasured seat in use to all.
    """
    return noised.finding(release) if release.sigma > 0 and release.refused is None else parts.finding(release)


MEASURE = Measure(
    name="seats",
    code="M8",
    title=say("Licences, used and idle"),
    question=say("Which licences are used, which are idle, and what do idle ones cost?"),
    estimand=say(
        "The share of assigned seats with any activity in the 28 days before the last snapshot, and the price of the others."
    ),
    unit="seats",
    exit=Exit.PEOPLE,
    needs=("seats",),
    sql=_SQL,
    assumptions=parts.ASSUMPTIONS,
    references=("Manski 2003",),
    order=80,
    count=count,
    estimate=estimate,
    known_limits=(
        say(
            "GitHub's last activity needs telemetry, counts merely receiving a suggestion as activity, and is cleared after"
            " 90 days: a seat without it has not been used for 90 days, or never, or is not measured."
        ),
        say("How many seats were bought beyond those assigned is not in a seat list."),
    ),
    seen_in=(Family.SEATS,),
    unseen=(
        say("no seat list was read"),
        say("a list of seats with their last activity, and their price"),
    ),
)
