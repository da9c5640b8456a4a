"""How many of the people at work leave a mark of using AI, since when, and with which tools?"""

from typing import TYPE_CHECKING

from groundswell.measures import _adoption as parts
from groundswell.measures import _adoption_noised as noised
from groundswell.measures._coverage import COVERAGE
from groundswell.measures._labels import GOLD
from groundswell.measures._noised import LARGE, NOISED_FROM, QUARTER
from groundswell.measures._uses import ACTIVE, LAST_WEEK, USES
from groundswell.measures._weeks import monday_of, sunday_of
from groundswell.model.measure import Counts, EngineLike, Exit, Finding, Measure, ReleaseLike, Result, Verdict
from groundswell.model.phrase import Phrase, say

if TYPE_CHECKING:
    import pyarrow as pa

_PAIRS = """
pairs as (
    select a.week, a.person, 'all' as family, case when exists_use.person is null then 0 else 1 end as marked
    from active a
    left join (select distinct week, person from uses where family <> 'chat') exists_use
        on exists_use.week = a.week and exists_use.person = a.person
    union all
    select c.week, c.person, 'code' as family, case when m.person is null then 0 else 1 end as marked
    from (
        select distinct week_of(day) as week, person from traces
        where actor_kind = 'person' and person > 0
          and (source = 'git' or source in (select source from acts where channel <> 'message'))
        union
        select distinct week, person from uses where family = 'code'
    ) c
    left join (select distinct week, person from uses where family = 'code') m on m.week = c.week and m.person = c.person
    union all
    select a.week, a.person, 'usage' as family, case when m.person is null then 0 else 1 end as marked
    from active a
    left join (select distinct week, person from uses where family = 'usage') m on m.week = a.week and m.person = a.person
    where (select count(*) from usage_days) > 0
)"""

_WITH = f"with active as ({ACTIVE}),\nuses as ({USES}),\nlast_week as ({LAST_WEEK}),{_PAIRS}"

_BINS = f"""{_WITH},
people as (
    select floor(p.week / 4) as bin, p.family, p.person, max(p.marked) as marked, sum(p.marked) as marked_weeks, count(*) as weeks
    from pairs p cross join last_week l
    where p.week <= l.week
    group by floor(p.week / 4), p.family, p.person
)
select cast(bin as integer) as bin, family, count(*) as active, cast(sum(marked) as bigint) as marked,
       cast(sum(weeks) as bigint) as active_weeks, cast(sum(marked_weeks) as bigint) as marked_weeks
from people group by bin, family order by bin, family"""  # noqa: S608 - own words only

_QUARTERS = f"""{_WITH},
people as (
    select floor((l.week - p.week) / 13) as back, p.family, p.person, max(p.marked) as marked,
           sum(p.marked) as marked_weeks, count(*) as weeks
    from pairs p cross join last_week l
    where p.week <= l.week
    group by floor((l.week - p.week) / 13), p.family, p.person
)
select cast(back as integer) as back, family, count(*) as active, cast(sum(marked) as bigint) as marked,
       cast(sum(weeks) as bigint) as active_weeks, cast(sum(marked_weeks) as bigint) as marked_weeks
from people where back < 5 group by back, family order by back, family"""  # noqa: S608 - own words only

_CHANNELS = f"""with uses as ({USES}),
weekly as (
    select tool, channel, family, week, count(distinct person) as people from uses
    where family <> 'chat' group by tool, channel, family, week
),
whole as (select tool, channel, count(distinct person) as people from uses where family <> 'chat' group by tool, channel)
select w.tool, w.channel, w.family, max(p.people) as people, cast(sum(w.people) as bigint) as person_weeks,
       min(w.week) as first_week, max(w.week) as last_week,
       coalesce(min(case when w.people >= 3 then w.week end), min(w.week)) as onset,
       coalesce(max(case when w.people >= 3 then w.week end), max(w.week)) as last_three
from weekly w join whole p on p.tool = w.tool and p.channel = w.channel
group by w.tool, w.channel, w.family order by w.tool, w.channel"""  # noqa: S608 - own words only

_TOOLS = f"""with uses as ({USES}),
weekly as (select tool, week, count(distinct person) as people from uses where family <> 'chat' group by tool, week),
whole as (select tool, count(distinct person) as people from uses where family <> 'chat' group by tool)
select w.tool, max(p.people) as people, cast(sum(w.people) as bigint) as person_weeks, min(w.week) as first_week,
       coalesce(min(case when w.people >= 3 then w.week end), min(w.week)) as onset
from weekly w join whole p on p.tool = w.tool
where w.tool not in ('', 'any') group by w.tool order by w.tool"""  # noqa: S608 - own words only

_CHAT = f"""with uses as ({USES}),
last_week as ({LAST_WEEK}),
best as (
    select u.person, max(u.score) as score
    from uses u cross join last_week l
    where u.family = 'chat' and u.week <= l.week and u.week > l.week - 13
    group by u.person
)
select least(cast(floor(score * 10) as integer), 9) as band, avg(score) as score, count(*) as people
from best group by least(cast(floor(score * 10) as integer), 9) order by band"""  # noqa: S608 - own words only

_SPAN = f"""with active as ({ACTIVE}),
last_week as ({LAST_WEEK})
select count(distinct a.person) as people, min(a.week) as first_week, max(a.week) as top_week, max(l.week) as last_week
from active a cross join last_week l"""  # noqa: S608 - own words only

_FEW = f"""with {QUARTER}, uses as ({USES}), inside as (
    select distinct u.person, u.family from uses u join present p on p.person = u.person cross join quarter q
    where u.day between q.start_day and q.end_day
)
select 'any' as what, count(distinct person) as people from inside where family <> 'chat' order by what"""  # noqa: S608 - own words only

_NOISED = f"""with {QUARTER}, uses as ({USES}), inside as (
    select distinct u.person, u.family from uses u join present p on p.person = u.person cross join quarter q
    where u.day between q.start_day and q.end_day
), coders as (
    select t.person from traces t join present p on p.person = t.person cross join quarter q
    where t.source = 'git' and t.actor_kind = 'person' and t.day between q.start_day and q.end_day
    union
    select person from inside where family = 'code'
)
select 'any' as what, count(distinct person) as people from inside where family <> 'chat'
union all select 'code' as what, count(distinct person) as people from inside where family = 'code'
union all select 'coders' as what, count(*) as people from coders
union all select 'usage' as what, count(distinct person) as people from inside where family = 'usage'
order by what"""  # noqa: S608 - own words only
"""One row a question, whatever the traces hold; a person adds at most one to each."""

_COHORT = f"""with {QUARTER}
select count(*) as people from present"""  # noqa: S608 - own words only

_SQL = {
    "bins": _BINS,
    "quarters": _QUARTERS,
    "channels": _CHANNELS,
    "tools": _TOOLS,
    "chat": _CHAT,
    "coverage": COVERAGE,
    "gold": GOLD,
    "span": _SPAN,
    "cohort": _COHORT,
    "few": _FEW,
    "noised": _NOISED,
}

_EXACT = ("bins", "quarters", "channels", "tools", "chat", "coverage", "gold", "span")
"""What leaves under floors alone, where no noise is due."""


def count(engine: EngineLike) -> Counts:
    """Count people active and people with a mark of use, in fixed four-week bins and in 13-week blocks back from the end.

    Returns:
        `bins` (bin, family, active, marked, active_weeks, marked_weeks), `quarters` (the same by `back`, 0 the last 13
        whole weeks), `channels` and `tools` with their first weeks, `chat` (people by band of their best-read act in the
        last 13 weeks), `coverage` (R5), `gold` (the audit): for a release under floors alone. `noised` (what, people: of the
        cohort of the last calendar quarter, on rows that never hang on the traces) is all that leaves where noise is due.
    """
    tables: dict[str, pa.Table] = {name: engine.run(_SQL[name]) for name in _EXACT}
    span = tables["span"].to_pylist()[0]
    first, last = (span["first_week"] or 0), (span["top_week"] or 0)
    cohort = engine.run(_COHORT).to_pylist()[0] if engine.has("period") else {"people": 0}
    if cohort["people"] >= NOISED_FROM:
        tables["noised"] = engine.run(_NOISED if cohort["people"] >= LARGE else _FEW)
    return Counts(
        measure="adoption",
        exit=Exit.PEOPLE,
        tables=tables,
        # Where noise is due, shares are of the cohort: its size is a head count, known to whoever employs these people.
        people=cohort["people"] if "noised" in tables else span["people"],
        units=cohort["people"] if "noised" in tables else span["people"],
        moves=len(tables["noised"]) if "noised" in tables else sum(len(table) for table in tables.values()),
        noised={"noised": ("people",)} if "noised" in tables else {},
        start=monday_of(first),
        end=sunday_of(last),
    )


def estimate(release: ReleaseLike) -> Finding:
    """Say what share of the people active left a mark of use, how that changed, and what the trail alone explains.

    Args:
        release: tables of `count`; a refused release gives one withheld result.

    Returns:
        Shares are of people, lower bounds, with Wilson intervals; below a tenth they are withheld as "below", with the
        upper end of the largest share that reads the same. Never raises on an empty window.
    """
    if release.refused is not None:
        return _refused(release)
    if release.sigma > 0:
        return noised.finding(release)
    look = parts.look(release)
    headline = parts.headline(release, look)
    results = (
        headline,
        parts.person_weeks(release, look),
        parts.change(release, look),
        *parts.by_family(release, look),
        parts.chat(release, look),
        *parts.tools(release),
    )
    return Finding(
        measure="adoption",
        sentence=parts.sentence(release, look, headline),
        results=results,
        pictures=parts.pictures(release, look),
        known=say(
            "We count people, each once, not messages or commits; a tool that leaves no mark, such as completion "
            "while typing, is not seen, so every share is a lower bound."
        ),
    )


def _refused(release: ReleaseLike) -> Finding:
    reason = release.refused or say("nothing was let out")
    result = Result(
        measure="adoption",
        key="people_last_quarter",
        label=parts.HEADLINE,
        start=release.start,
        end=release.end,
        estimate=None,
        low=None,
        high=None,
        unit="share",
        n_people=release.people,
        n_units=release.units,
        assumptions=parts.ASSUMPTIONS,
        verdict=Verdict.WITHHELD,
        reason=reason,
        unlock=release.unlock,
    )
    sentence: Phrase = say("How many people use AI cannot be said: {reason}.", reason=reason)
    return Finding(measure="adoption", sentence=sentence, results=(result,))


MEASURE = Measure(
    name="adoption",
    code="adoption",
    title=say("Who uses AI, and since when"),
    question=say("How many of the people at work leave a mark of using AI, since when, and with which tools?"),
    estimand=say("The share of people active in a window who left at least one mark of use in it: a lower bound of use."),
    unit="people",
    exit=Exit.PEOPLE,
    needs=("traces",),
    sql=_SQL,
    assumptions=parts.ASSUMPTIONS,
    references=("Wilson 1927", "Newcombe 1998, Statistics in Medicine 17:857"),
    order=20,
    count=count,
    estimate=estimate,
    known_limits=(
        say("A suggestion that an AI reviewer made and somebody accepted is not counted as that person's use."),
        say("Codex leaves a mark on about 4 in 100 of its branches, completion while typing on none."),
        say("A vendor who adds or drops a trailer makes the curve step without any person changing."),
        say("Levels are not compared between teams: policy, merge style and tools differ."),
    ),
)
