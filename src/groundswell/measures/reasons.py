"""Of the reasons given at the top for using AI, how many are still there in what is said further down, and how much pressure?"""

from groundswell.measures import _cascades as parts
from groundswell.measures._announced import CASES, SPAN_SQL
from groundswell.measures._labels import GOLD
from groundswell.measures._uses import SAID_ACTS
from groundswell.measures._weeks import monday_of, sunday_of
from groundswell.model.measure import Counts, EngineLike, Exit, Finding, Measure, ReleaseLike
from groundswell.model.phrase import say
from groundswell.model.trace import Family

_CASCADES = f"""{CASES},
depths as (
    select person, boss, 1 as depth from lines
    union all
    select a.person, b.boss, 2 from lines a join lines b on b.person = a.boss
    union all
    select a.person, c.boss, 3 from lines a join lines b on b.person = a.boss join lines c on c.person = b.boss
),
down as (select person, boss, min(depth) as depth from depths where person <> boss group by person, boss),
heads as (select distinct boss from lines),
statements as (
    select a.person, day_of(a.ts) as day, a.tool, a.job, a.reasons, a.score,
           case when a.channel = 'message' then 1 else 0 end as was_read,
           case when a.deadline or a.obligation or a.sanction then 1 else 0 end as pressing
    from acts a join heads h on h.boss = a.person
    where a.act in {SAID_ACTS} and a.modality in ('done', 'intended') and a.actor_kind = 'person'
      and (a.readers is null or a.readers >= 20) and (a.tool <> '' or a.job <> 'unknown')
),
relayed as (
    select distinct s.person, s.tool, s.job, s.day
    from statements s
    join down u on u.person = s.person
    join statements t on t.person = u.boss and t.tool = s.tool and t.job = s.job
        and t.day <= s.day and t.day > day_after(s.day, -91)
),
opened as (
    select s.*, row_number() over (partition by s.person, s.tool, s.job order by s.day, s.reasons desc, s.pressing) as nth
    from statements s
    join (select distinct d.boss from down d join heads h on h.boss = d.person) two_down on two_down.boss = s.person
    left join relayed r on r.person = s.person and r.tool = s.tool and r.job = s.job and r.day = s.day
    where s.reasons > 0 and r.person is null
),
sources as (
    select o.*, row_number() over (order by day, person, tool, job) as cascade from opened o where o.nth = 1
)"""  # noqa: S608 - own words only

_SOURCES = f"""with {_CASCADES}
select cascade, reasons, was_read, score, pressing from sources order by cascade"""  # noqa: S608 - own words only

_STATEMENTS = f"""with {_CASCADES},
later as (
    select c.cascade, d.depth as level, s.person, s.reasons, s.pressing, s.was_read, s.score
    from sources c
    join down d on d.boss = c.person
    join statements s on s.person = d.person and s.tool = c.tool and s.job = c.job
        and s.day >= c.day and s.day <= day_after(c.day, 91)
    union all
    select c.cascade, 0 as level, s.person, s.reasons, s.pressing, s.was_read, s.score
    from sources c
    join statements s on s.person = c.person and s.tool = c.tool and s.job = c.job
        and s.day > c.day and s.day <= day_after(c.day, 91)
)
select cascade, level, dense_rank() over (partition by level order by person) as author, reasons, pressing, was_read, score
from later order by cascade, level, author, reasons, pressing"""  # noqa: S608 - own words only

_SQL = {"sources": _SOURCES, "statements": _STATEMENTS, "gold": GOLD, "span": SPAN_SQL}


def count(engine: EngineLike) -> Counts:
    """Count the cascades: a statement with reasons by somebody two levels of people report to, and what was said below it.

    Returns:
        `sources` (one row a cascade: its reasons as a bit set), `statements` (of the next 13 weeks on the same tool and job,
        by people with reports, at places of 20 readers or more: level 1 to 3 below, 0 the source's own later ones; the
        authors of a level are numbered), `gold`, `span`. Units are cascades.
    """
    tables = {name: engine.run(sql) for name, sql in _SQL.items()}
    span = tables["span"].to_pylist()[0]
    below = {r["cascade"] for r in tables["statements"].to_pylist() if r["level"] > 0}
    return Counts(
        measure="reasons",
        exit=Exit.PRACTICES,
        tables=tables,
        people=span["people"],
        units=len(below),
        least_units=parts.LEAST_CASCADES,
        start=monday_of(span["first_week"] or 0),
        end=sunday_of(span["top_week"] or 0),
    )


def estimate(release: ReleaseLike) -> Finding:
    """Say what share of the reasons survives each level down, between its floor and its ceiling, and how pressure changes.

    Args:
        release: tables of `count`; a refused release withholds everything.

    Returns:
        The share kept a level (rho), its floor and ceiling, and the change of pressing statements a level. At most
        indicative: an audit labels acts, not single reasons.
    """
    return parts.finding(release)


MEASURE = Measure(
    name="reasons",
    code="M5",
    title=say("What was left of the why"),
    question=say("Of the reasons given at the top, how many are still there further down, and does pressure grow?"),
    estimand=say(
        "The share of a source statement's reasons (goal, problem, for whom, limits, permission to fail) kept at each level of "
        "the reporting line, as one factor a level; and the share of statements with a deadline, an obligation or a sanction."
    ),
    unit="cascades",
    exit=Exit.PRACTICES,
    needs=("acts", "members"),
    sql=_SQL,
    assumptions=parts.ASSUMPTIONS,
    references=("Williamson 1967", "Moussaïd, Brighton & Gaissmaier 2015", "Nenkova & Passonneau 2004", "Rogan & Gladen 1978"),
    order=60,
    count=count,
    estimate=estimate,
    known_limits=(
        say("Only what is written where 20 people read is seen; a reason told in a meeting looks lost."),
        say("The wording is read for acts alone, never for feelings."),
    ),
    seen_in=(Family.CHAT,),
    unseen=(
        say("reasons stand in messages, and none was read"),
        say("an export of public channels in which leaders write, and an org chart"),
    ),
)
