"""Of the reasons given at the top for using AI, how many are still there in what is said further down, and how much pressure?"""

from groundswell.measures import _cascades as parts
from groundswell.measures._announced import CASES, SPAN_SQL
from groundswell.measures._labels import GOLD
from groundswell.measures._uses import SAID_ACTS
from groundswell.measures._weeks import monday_of, sunday_of
from groundswell.model.measure import Counts, EngineLike, Exit, Finding, Measure, ReleaseLike
from groundswell.model.phrase import say
from groundswell.model.trace import Family

REPEAT_DAYS, FOLLOWED_DAYS = 7, 91
"""A statement at most a week after the last one repeats it; a source is followed for 13 weeks, or until the next one."""

_CASCADES = f"""{CASES},
heads as (select distinct boss from lines),
statements as (
    select a.person, day_of(a.ts) as day, a.tool, a.job, a.reasons, a.score,
           case when a.channel = 'message' then 1 else 0 end as was_read,
           case when a.deadline or a.obligation or a.sanction then 1 else 0 end as pressing
    from acts a join heads h on h.boss = a.person
    where a.act in {SAID_ACTS} and a.modality in ('done', 'intended') and a.actor_kind = 'person'
      and (a.readers is null or a.readers >= 20) and (a.tool <> '' or a.job <> 'unknown')
),
relays as (
    select h.boss as person, case when v.person is null then 0 else 1 end as speaks
    from heads h left join (select distinct person from statements) v on v.person = h.boss
),
depths as (
    select person, boss, 1 as depth from lines
    union all
    select a.person, b.boss, 1 + x.speaks from lines a join lines b on b.person = a.boss join relays x on x.person = a.boss
    union all
    select a.person, c.boss, 1 + x.speaks + y.speaks
    from lines a join lines b on b.person = a.boss join lines c on c.person = b.boss
    join relays x on x.person = a.boss join relays y on y.person = b.boss
    union all
    select a.person, d.boss, 1 + x.speaks + y.speaks + z.speaks
    from lines a join lines b on b.person = a.boss join lines c on c.person = b.boss join lines d on d.person = c.boss
    join relays x on x.person = a.boss join relays y on y.person = b.boss join relays z on z.person = c.boss
),
down as (select person, boss, min(depth) as depth from depths where person <> boss group by person, boss having min(depth) <= 3),
relayed as (
    select distinct s.person, s.tool, s.job, s.day
    from statements s
    join down u on u.person = s.person
    join statements t on t.person = u.boss and t.tool = s.tool and t.job = s.job
        and t.day <= s.day and t.day > day_after(s.day, -{FOLLOWED_DAYS})
),
spoken as (
    select s.*, row_number() over (partition by s.person, s.tool, s.job, s.day order by s.reasons desc, s.pressing) as nth
    from statements s
    join (select distinct d.boss from down d join heads h on h.boss = d.person) two_down on two_down.boss = s.person
    left join relayed r on r.person = s.person and r.tool = s.tool and r.job = s.job and r.day = s.day
    where s.reasons > 0 and r.person is null
),
paced as (
    select person, tool, job, day, reasons, score, was_read, pressing,
           lag(day) over (partition by person, tool, job order by day nulls last) as before_day
    from spoken where nth = 1
),
opened as (
    select p.*, lead(day) over (partition by person, tool, job order by day nulls last) as next_day
    from paced p where before_day is null or days_between(before_day, day) > {REPEAT_DAYS}
),
sources as (
    select o.*, case when o.next_day is null or o.next_day > day_after(o.day, {FOLLOWED_DAYS})
                     then day_after(o.day, {FOLLOWED_DAYS}) else day_after(o.next_day, -1) end as until_day,
           row_number() over (order by day, person, tool, job) as cascade
    from opened o
)"""  # noqa: S608 - own words only
"""Levels are counted over leaders who speak: one who never does passes nothing on in writing, and is no step of what is seen.
A leader's statements on one tool and job with at most a week between them are one source and its repetitions; the next one
opens another cascade, and what is said further down belongs to the latest source above it, for at most 13 weeks."""

_SOURCES = f"""with {_CASCADES}
select cascade, reasons, was_read, score, pressing from sources order by cascade"""  # noqa: S608 - own words only

_STATEMENTS = f"""with {_CASCADES},
later as (
    select c.cascade, d.depth as level, s.person, s.reasons, s.pressing, s.was_read, s.score
    from sources c
    join down d on d.boss = c.person
    join statements s on s.person = d.person and s.tool = c.tool and s.job = c.job
        and s.day >= c.day and s.day <= c.until_day
    union all
    select c.cascade, 0 as level, s.person, s.reasons, s.pressing, s.was_read, s.score
    from sources c
    join statements s on s.person = c.person and s.tool = c.tool and s.job = c.job
        and s.day > c.day and s.day <= c.until_day and s.reasons > 0
)
select cascade, level, dense_rank() over (partition by level order by person) as author, reasons, pressing, was_read, score
from later order by cascade, level, author, reasons, pressing"""  # noqa: S608 - own words only

_PULSE = """
select level, reasons, count(*) as answers
from pulse_answers where reasons is not null and level in ('leads', 'works')
group by level, reasons order by level, reasons"""

_SQL = {"sources": _SOURCES, "statements": _STATEMENTS, "pulse": _PULSE, "gold": GOLD, "span": SPAN_SQL}


def count(engine: EngineLike) -> Counts:
    """Count the cascades: a statement with reasons by somebody two levels of people report to, and what was said below it.

    Returns:
        `sources` (one row a cascade: its reasons as a bit set), `statements` (of the next 13 weeks, or until the next source, on
        the same tool and job, by people with reports, at places of 20 readers or more: level 1 to 3 below, 0 the source's own
        repetitions; the authors of a level are numbered), `gold`, `span`. Units are cascades.
    """
    tables = {name: engine.run(sql) for name, sql in _SQL.items()}
    span = tables["span"].to_pylist()[0]
    told = sum(tables["pulse"]["answers"].to_pylist())
    below = {r["cascade"] for r in tables["statements"].to_pylist() if r["level"] > 0}
    return Counts(
        measure="reasons",
        exit=Exit.PRACTICES,
        tables=tables,
        people=span["people"],
        # Cascades and answers each have a floor of their own further on.
        units=max(len(below), told // parts.ANSWERS_A_CASCADE),
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
        "the reporting line by the average leader who speaks there, as one factor a level; and the share of statements with a "
        "deadline, an obligation or a sanction."
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
