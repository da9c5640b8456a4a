"""On an ordinary working day, how many people use AI for work, with which tool, and how they came to it?"""

from groundswell.measures import _pulse as parts
from groundswell.measures import _pulse_noised as noised
from groundswell.measures._noised import LARGE, NOISED_FROM, QUARTER, WORKDAYS
from groundswell.measures._pulse_noised import PLACES, TOOLS
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
    select distinct day, person from usage_days where active and actor_kind = 'person' and person > 0
),
tools as (select distinct tool from usage_days where active and actor_kind = 'person' and person > 0)"""

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

_SECOND = f"""with {_ASKED}
select case when used and second then 'both' when used or second then 'one' else 'none' end as said, count(*) as answers
from asked where second is not null
group by case when used and second then 'both' when used or second then 'one' else 'none' end order by said"""  # noqa: S608 - own words only

_LOGS = f"""with {_ASKED}
select count(*) as person_days, count(distinct g.day) as days
from logged g join (select distinct day from asked) d on d.day = g.day"""  # noqa: S608 - own words only

_QUARTERLY = f"""with {QUARTER}, asked as (
    select p.* from pulse_answers p cross join quarter q where p.day between q.start_day and q.end_day
)"""  # noqa: S608 - own words only

_FEW = f"""{_QUARTERLY}, places as (select 'used' as what union all select 'none')
select p.what, count(a.id) as people from places p left join asked a on case when a.used then 'used' else 'none' end = p.what
group by p.what order by p.what"""  # noqa: S608 - own words only
"""Every answer stands in one row, and the rows are always these."""

_LISTED = "(" + ", ".join(f"'{tool}'" for tool in TOOLS) + ")"

_PLACES = " union all ".join(f"select '{what}' as what" for what in PLACES)

_NOISED = f"""{_QUARTERLY}, facts as (
    select case when not used then 'none' when tool in {_LISTED} then 'used ' || tool else 'used another' end as what from asked
    union all select 'how ' || how from asked where used and how <> ''
    union all select case when expected then 'expected yes' else 'expected no' end from asked where expected is not null
    union all select case when used and second then 'days both' when used or second then 'days one' else 'days none' end
              from asked where second is not null
    union all select 'present' from present
), worked as (
    select u.person, u.day, u.tool from usage_days u cross join quarter q
    where u.active and u.actor_kind = 'person' and u.person > 0 and u.day between q.start_day and q.end_day
      and days_between(date '1970-01-05', u.day) - 7 * week_of(u.day) < 5
), mains as (
    select person, tool, row_number() over (partition by person order by count(distinct day) desc, tool) as nth
    from worked group by person, tool
), days as (
    select person, count(distinct day) as days from worked group by person
), logs as (
    select case when m.tool in {_LISTED} then 'log ' || m.tool else 'log another' end as what,
           floor(sum(d.days) / {WORKDAYS}.0) as people
    from mains m join days d on d.person = m.person where m.nth = 1
    group by case when m.tool in {_LISTED} then 'log ' || m.tool else 'log another' end
)
select p.what, cast(count(f.what) + coalesce(max(l.people), 0) as bigint) as people
from ({_PLACES}) p left join facts f on f.what = p.what left join logs l on l.what = p.what
group by p.what order by p.what"""  # noqa: S608 - own words only
"""Six questions: what was used, how it came, whether expected, two days, presence, and logged days, in wholes of a quarter, at
the tool a person used most. A person stands in one row of each question, and the rows are always these."""

_CHART = f"""with {QUARTER}
select count(distinct m.person) as people from members m cross join quarter q
where day_after(q.start_day, 45) between m.from_day and m.to_day"""  # noqa: S608 - own words only
"""People in the org chart in the middle of the quarter: a head count, known to whoever employs them; 0 without a chart."""

_SPAN = f"""with active as ({ACTIVE}),
{_ASKED}
select (select count(*) from asked) as answers, (select min(day) from asked) as start_day,
       (select max(day) from asked) as end_day, (select count(distinct day) from asked) as days,
       (select count(distinct a.person) from active a cross join (select max(week_of(day)) as week from asked) w
        where a.week <= w.week and a.week > w.week - 13) as active_people"""  # noqa: S608 - own words only

_EXACT = ("answers", "how", "expected", "second", "heads", "logs", "span")
"""What leaves under floors alone, where no noise is due."""

_SQL = {
    "answers": _ANSWERS,
    "how": _HOW,
    "expected": _EXPECTED,
    "second": _SECOND,
    "heads": _HEADS,
    "logs": _LOGS,
    "span": _SPAN,
    "few": _FEW,
    "noised": _NOISED,
    "chart": _CHART,
}

QUESTIONS = 6
"""How many rows of the noised counts one person can stand in."""


def count(engine: EngineLike) -> Counts:
    """Count the answers of the last 13 weeks, the people who could have answered, and what the logs say of the same days.

    Returns:
        `answers` by stratum and tool (logged_tool is "other" where no log knows it, "" where nothing was used), `how`,
        `expected`, `second` (answers about two working days in a row), `heads` (people by unit of the org chart), `logs`
        (person-days with a logged tool on the days asked about), `span`: for a release under floors alone. `noised` (what,
        people) is all that leaves where noise is due.
        A person is asked once a quarter, so that one answer stands in one row of each table.
    """
    tables = {name: engine.run(_SQL[name]) for name in _EXACT}
    span = tables["span"].to_pylist()[0]
    fallback = monday_of(0)
    use = engine.run(_FEW) if engine.has("period") else None
    answers = sum(use["people"].to_pylist()) if use is not None else 0
    if use is not None and answers >= NOISED_FROM:
        tables["noised"] = engine.run(_NOISED) if answers >= LARGE else use
        tables["chart"] = engine.run(_CHART)
    many = "noised" in tables
    return Counts(
        measure="pulse",
        exit=Exit.PEOPLE,
        tables=tables,
        people=answers if many else span["answers"],
        units=answers if many else span["answers"],
        # With noise one row a question. Under floors one of answers, how, expected and second; besides unit, logs and span.
        moves=(QUESTIONS if answers >= LARGE else 1) if many else 7,
        noised={"noised": ("people",)} if many else {},
        plain=("chart",) if many else (),
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
    return noised.finding(release) if release.sigma > 0 and release.refused is None else parts.finding(release)


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
        say("One day a person gives the share of days, not how many use AI daily; pairs of days bound that from above."),
        say("Each answer is about one day and one tool; a day with two tools counts at the one that was named."),
    ),
    seen_in=(Family.SELFREPORT,),
    unseen=(
        say("nobody was asked"),
        say("answers to the pulse"),
    ),
)
