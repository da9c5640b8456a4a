"""On an ordinary working day, how many people use AI for work, with which tool, and how they came to it?"""

from groundswell.measures import _pulse as parts
from groundswell.measures._uses import ACTIVE
from groundswell.measures._weeks import monday_of
from groundswell.model.measure import Counts, EngineLike, Exit, Finding, Measure, ReleaseLike
from groundswell.model.phrase import say
from groundswell.model.trace import Family

_ASKED = """asked as (
    select p.* from pulse_answers p
    cross join (select max(day) as day from pulse_answers) l
    where p.day > day_after(l.day, -91)
),
logged as (
    select day, person, min(tool) as tool from usage_days
    where active and actor_kind = 'person' and person > 0 group by day, person
),
tools as (select distinct tool from logged)"""

_ANSWERS = f"""with {_ASKED}
select a.stratum, case when not a.used then '' when t.tool is not null then a.tool else 'other' end as logged_tool,
       case when a.used then a.tool else '' end as tool, a.used, count(*) as answers, sum(a.weight) as weight,
       sum(a.weight * a.weight) as weight_2
from asked a left join tools t on t.tool = a.tool
group by a.stratum, case when not a.used then '' when t.tool is not null then a.tool else 'other' end,
         case when a.used then a.tool else '' end, a.used
order by a.stratum, logged_tool, tool"""  # noqa: S608 - own words only

_HOW = f"""with {_ASKED}
select how, count(*) as answers, sum(weight) as weight from asked where used and how <> '' group by how order by how"""  # noqa: S608 - own words only

_EXPECTED = f"""with {_ASKED}
select expected as said, count(*) as answers, sum(weight) as weight from asked where expected is not null
group by expected order by said"""  # noqa: S608 - own words only

_HEADS = """
select m.unit as stratum, count(distinct m.person) as people from members m
cross join (select max(day) as day from pulse_answers) l
where m.from_day <= l.day and m.to_day > day_after(l.day, -91)
group by m.unit order by m.unit"""

_LOGS = f"""with {_ASKED}
select g.tool, count(*) as person_days, count(distinct g.day) as days
from logged g join (select distinct day from asked) d on d.day = g.day
group by g.tool order by g.tool"""  # noqa: S608 - own words only

_SPAN = f"""with active as ({ACTIVE}),
{_ASKED}
select (select count(*) from asked) as answers, (select min(day) from asked) as start_day,
       (select max(day) from asked) as end_day, (select count(distinct day) from asked) as days,
       (select count(distinct a.person) from active a cross join (select max(week_of(day)) as week from asked) w
        where a.week <= w.week and a.week > w.week - 13) as active_people"""  # noqa: S608 - own words only

_SQL = {"answers": _ANSWERS, "how": _HOW, "expected": _EXPECTED, "heads": _HEADS, "logs": _LOGS, "span": _SPAN}


def count(engine: EngineLike) -> Counts:
    """Count the answers of the last 13 weeks, the people who could have answered, and what the logs say of the same days.

    Returns:
        `answers` by stratum and tool (logged_tool is "other" where no log knows it, "" where nothing was used), `how`,
        `expected`, `heads` (people by unit of the org chart), `logs` (people-days a tool, a person-day with several tools
        counted at one), `span`.
        A person is asked once a quarter, so that one answer stands in one row of each table.
    """
    tables = {name: engine.run(sql) for name, sql in _SQL.items()}
    span = tables["span"].to_pylist()[0]
    fallback = monday_of(0)
    return Counts(
        measure="pulse",
        exit=Exit.PEOPLE,
        tables=tables,
        people=span["answers"],
        units=span["answers"],
        # An answer stands in one row of answers, of how and of expected; a person besides in their unit, the logs and the span.
        moves=5 + len(tables["logs"]),
        start=span["start_day"] or fallback,
        end=span["end_day"] or fallback,
    )


def estimate(release: ReleaseLike) -> Finding:
    """Say the share of person-workdays with AI, weighted to the org chart and to the logs, or its bounds.

    Args:
        release: tables of `count`; a refused release gives a withheld result.

    Returns:
        Shares of person-workdays. Below 60 % of answers the interval is that of assuming nothing of the others, and the
        result indicative; below 30 % it is withheld.
    """
    return parts.finding(release)


MEASURE = Measure(
    name="pulse",
    code="M8",
    title=say("What people use on an ordinary day"),
    question=say("On an ordinary working day, how many people use AI for work, and how did they come to it?"),
    estimand=say("The share of person-workdays with AI used for work, overall and for each tool."),
    unit="person-workdays",
    exit=Exit.PEOPLE,
    needs=("pulse_answers",),
    sql=_SQL,
    assumptions=parts.ASSUMPTIONS,
    references=("Deville & Särndal 1992", "Deming & Stephan 1940", "Manski 2003", "Warner 1965", "Höglinger & Jann 2018"),
    order=81,
    count=count,
    estimate=estimate,
    known_limits=(
        say("One day a person gives the share of days, not how many use AI daily."),
        say("Each answer is about one day and one tool; a day with two tools counts at the one that was named."),
    ),
    seen_in=(Family.SELFREPORT,),
    unseen=(
        say("nobody was asked"),
        say("answers to the pulse"),
    ),
)
