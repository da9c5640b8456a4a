"""After the talk peaked, did use go on, did practices live on, and did people go on changing them?"""

from groundswell.measures import _announced as announced
from groundswell.measures import _persistence as parts
from groundswell.measures._coverage import COVERAGE
from groundswell.measures._labels import GOLD
from groundswell.measures._uses import ACTIVE, LAST_WEEK
from groundswell.measures._weeks import monday_of, sunday_of
from groundswell.model.measure import Counts, EngineLike, Exit, Finding, Measure, ReleaseLike
from groundswell.model.phrase import say
from groundswell.model.trace import Family

_PEAK = f"""active as ({ACTIVE}),
{announced.BANDED},
by_week as (select week, count(*) as people from active group by week),
talk as (
    select week, count(*) as people from person_weeks where kind = 'said' and (band = -1 or band >= 2) group by week
),
bins as (
    select floor(b.week / 4) as bin, sum(coalesce(t.people, 0)) * 1.0 / sum(b.people) as share
    from by_week b left join talk t on t.week = b.week cross join last_week l
    where b.week <= l.week
    group by floor(b.week / 4)
    having count(*) = 4
),
peak as (select cast(bin as integer) as bin, share from bins order by share desc, bin limit 1)"""  # noqa: S608 - own words only

_PEAK_SQL = f"""with {_PEAK}
select p.bin, 4 * p.bin as first_week, l.week as last_week from peak p cross join last_week l"""  # noqa: S608 - own words only

_GRAM = f"""with {_PEAK},
sums as (
    select w.person, w.kind, w.band, case when w.week > 4 * p.bin + 3 then 1 else 0 end as late, count(*) as n
    from person_weeks w cross join peak p
    where w.kind in ('said', 'corroborated')
      and ((w.week >= 4 * p.bin and w.week <= 4 * p.bin + 3) or (w.week >= 4 * p.bin + 16 and w.week <= 4 * p.bin + 29))
    group by w.person, w.kind, w.band, case when w.week > 4 * p.bin + 3 then 1 else 0 end
)
select x.kind as kind, x.band as band, x.late as late, y.kind as kind_2, y.band as band_2, y.late as late_2,
       sum(x.n * y.n) as product, sum(x.n) as total, count(*) as people
from sums x join sums y on y.person = x.person
group by x.kind, x.band, x.late, y.kind, y.band, y.late
order by kind, band, late, kind_2, band_2, late_2"""  # noqa: S608 - own words only

_ALIVE = f"""with {_PEAK},
start as (select day_after(date '1970-01-05', 7 * (4 * bin + 8)) as day from peak)
select days_between(s.day, day_after(p.born_on, p.exit_days)) as days,
       case when p.fate in ('abandoned', 'replaced') then 1 when p.fate = 'absorbed' then 2 else 0 end as ended
from practices p cross join start s
where p.entry_days < p.exit_days and day_after(p.born_on, p.entry_days) <= s.day and day_after(p.born_on, p.exit_days) > s.day
order by days, ended"""  # noqa: S608 - own words only

_CHANGES = f"""with active as ({ACTIVE}),
last_week as ({LAST_WEEK}),
lives as (
    select a.artefact, min(case when a.event = 'created' then week_of(a.ts) end) as born,
           max(case when a.event = 'deleted' then week_of(a.ts) end) as gone
    from artefacts a group by a.artefact
),
watched as (
    select row_number() over (order by v.artefact) as file, v.artefact,
           case when v.gone is not null and v.gone <= l.week then v.gone - (l.week - 26) else 26 end as weeks
    from lives v cross join last_week l
    where v.born <= l.week - 26 and (v.gone is null or v.gone > l.week - 26)
),
edits as (
    select distinct a.artefact, week_of(a.ts) - (l.week - 26) as week from artefacts a cross join last_week l
    where a.event = 'edited' and a.actor_kind = 'person' and week_of(a.ts) > l.week - 26 and week_of(a.ts) <= l.week
)
select w.file, w.weeks, e.week from watched w left join edits e on e.artefact = w.artefact and e.week <= w.weeks
order by w.file, e.week"""  # noqa: S608 - own words only

_PRACTICES = "select count(*) as practices from practices"

_SQL = {
    "peak": _PEAK_SQL,
    "weeks": announced.WEEKS_SQL,
    "gram": _GRAM,
    "alive": _ALIVE,
    "changes": _CHANGES,
    "coverage": COVERAGE,
    "gold": GOLD,
    "practices": _PRACTICES,
    "span": announced.SPAN_SQL,
}


def count(engine: EngineLike) -> Counts:
    """Count talk and use at the peak of talk and 13 to 26 weeks after it, practices alive then, and changes since.

    Returns:
        `peak` (the four weeks with the largest share of people who announce; at most one row), `gram` (sums and products
        over people of person-weeks, late = after), `alive` (days from four weeks after the peak to the end of each
        practice alive then; ended 1 given up, 2 built in, 0 cut short), `changes` (each shared file alive 26 weeks before
        the end, how many weeks it was watched, and weeks with an edit), `weeks`, `coverage`, `gold`, `span`.
    """
    tables = {name: engine.run(sql) for name, sql in _SQL.items()}
    span = tables["span"].to_pylist()[0]
    files = len(set(tables["changes"]["file"].to_pylist()))
    said = sum(r["person_weeks"] for r in tables["weeks"].to_pylist() if r["kind"] == "said")
    return Counts(
        measure="after_fashion",
        exit=Exit.PRACTICES,
        tables=tables,
        people=span["people"],
        units=max(tables["practices"].to_pylist()[0]["practices"], files, said),
        least_units=parts.LEAST_PRACTICES,
        start=monday_of(span["first_week"] or 0),
        end=sunday_of(span["top_week"] or 0),
    )


def estimate(release: ReleaseLike) -> Finding:
    """Say whether use kept more of its peak than talk did, whether practices lived on, and how often they were changed.

    Args:
        release: tables of `count`; a refused release withholds everything.

    Returns:
        A ratio (1 = use and talk alike), a share alive 26 weeks later, and changes a practice and month.
    """
    return parts.finding(release)


MEASURE = Measure(
    name="after_fashion",
    code="M10",
    title=say("After the talk peaked"),
    question=say("After the talk peaked, did use go on?"),
    estimand=say(
        "Use 13 to 26 weeks after the peak of talk, as a share of use at the peak, divided by the same share for talk; "
        "practices alive four weeks after the peak that are alive 26 weeks later; changes a practice and month."
    ),
    unit="person-weeks",
    exit=Exit.PRACTICES,
    needs=("acts", "traces", "practices"),
    sql=_SQL,
    assumptions=parts.ASSUMPTIONS,
    references=("Nelson 2003", "Abrahamson & Fairchild 1999", "Lawless & Nadeau 1995"),
    order=90,
    count=count,
    estimate=estimate,
    known_limits=(say("One peak is one observation: this describes these people and weeks, and names no cause."),),
    seen_in=(Family.CHAT,),
    unseen=(
        say("talk stands in messages, and none was read"),
        say("an export of public channels"),
    ),
)
