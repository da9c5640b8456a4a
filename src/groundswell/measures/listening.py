"""Of what people shared, how much got no reaction from outside their team?"""

from datetime import date

from groundswell.measures._floors import Quantity
from groundswell.measures._practice_counts import two_figures
from groundswell.measures._rates import Interval, wilson
from groundswell.model.measure import Counts, EngineLike, Exit, Finding, Measure, ReleaseLike
from groundswell.model.phrase import Phrase, say
from groundswell.model.trace import Family

LEAST_SHARES = 30
"""Fewest shared practices the listening gap may rest on (M9)."""

REACTION_DAYS = 30
"""Days within which a reaction counts (M9)."""

_BASE = f"""bounds as (
    select day_after(end_day, -364) as open_day, day_after(end_day, -{REACTION_DAYS}) as close_day from period
), told as (
    select a.id, a.person, a.tool, a.job, a.place, m.team, min(day_of(a.ts)) as day
    from acts a join members m on m.person = a.person and day_of(a.ts) between m.from_day and m.to_day
    where a.act = 'shares' and a.modality = 'done' and a.actor_kind = 'person' and a.person > 0 and a.place <> 0
      and a.channel = 'message'
    group by a.id, a.person, a.tool, a.job, a.place, m.team
), shares as (
    select t.team, t.tool, t.job, min(t.day) as day from told t cross join bounds b
    where t.day >= b.open_day and t.day <= b.close_day group by t.team, t.tool, t.job
), by_whom as (
    select distinct s.team, s.tool, s.job, s.day, t.person, t.id, t.place
    from shares s join told t on t.team = s.team and t.tool = s.tool and t.job = s.job and t.day = s.day
), turned as (
    select t.person as who, t.whom_person as whom, t.day, x.place, cast(0 as bigint) as about, '' as tool, '' as job
    from ties t join (select distinct id, place from traces) x on x.id = t.id
    where t.person > 0 and t.whom_person > 0 and t.kind = 'reply'
    union all
    select t.person as who, t.whom_person as whom, t.day, cast(0 as bigint) as place, t.id as about, '' as tool, '' as job
    from ties t where t.person > 0 and t.whom_person > 0 and t.kind = 'reaction'
    union all
    select a.person as who, a.whom_person as whom, day_of(a.ts) as day, cast(0 as bigint) as place, cast(0 as bigint) as about,
           a.tool, a.job
    from acts a where a.act = 'takes_up' and a.modality = 'done' and a.person > 0 and a.whom_person > 0
), answered as (
    select w.team, w.tool, w.job, max(case when h.team <> w.team then 1 else 0 end) as outside, max(1) as anybody
    from by_whom w join turned r on r.whom = w.person and r.who <> w.person
      and r.day >= w.day and days_between(w.day, r.day) <= {REACTION_DAYS}
      and (r.place = w.place or r.about = w.id
           or (r.tool = w.tool and (r.job = w.job or r.job = 'unknown' or w.job = 'unknown')))
    join members h on h.person = r.who and r.day between h.from_day and h.to_day
    group by w.team, w.tool, w.job
)"""  # noqa: S608 - own numbers only
"""What is a reaction to a share: a sign on that very message; a use of that tool for that work which names who shared it; a
reply to that person in the place where it was shared. A reply bears no thread in the store, so one to something else they wrote
there counts too, and the gap is if anything told too small."""

_GAP = f"""with {_BASE}
select count(*) as shares, cast(coalesce(sum(case when a.outside = 1 then 0 else 1 end), 0) as bigint) as unanswered,
       cast(coalesce(sum(case when a.anybody = 1 then 0 else 1 end), 0) as bigint) as silent, count(distinct s.team) as teams,
       coalesce(min(s.day), date '1970-01-01') as start_day, coalesce(max(s.day), date '1970-01-01') as end_day,
       (select count(distinct person) from by_whom) as people
from shares s left join answered a on a.team = s.team and a.tool = s.tool and a.job = s.job"""  # noqa: S608 - own text only
"""Practices by the team that first shared them in a public channel in the last year, and whether anybody of another team reacted
to it, by a reply there, a sign on the message or by taking it up, within 30 days. What was shared less than 30 days ago is left
out."""

_SQL = {"gap": _GAP}

LABEL = say("Shared practices without a reaction from outside the team within 30 days")
SILENT = say("Shared practices without a reaction from anybody within 30 days")


def count(engine: EngineLike) -> Counts:
    """Count practices that were shared, and those that nobody outside the team, or nobody at all, turned to within 30 days.

    Args:
        engine: needs `acts`, `ties`, `traces`, `members`, `period`.

    Returns:
        `gap`, one row: shares, unanswered, silent, teams. Units are shared practices; nobody who shared is in it.
    """
    nothing = date(1970, 1, 1)
    if not engine.has("acts") or not engine.has("period"):
        return Counts(
            measure="listening", exit=Exit.PRACTICES, tables={}, people=0, units=0, least_units=LEAST_SHARES, start=nothing,
            end=nothing,
        )  # fmt: skip
    tables = {"gap": engine.run(_GAP)}
    row = tables["gap"].to_pylist()[0]
    return Counts(
        measure="listening",
        exit=Exit.PRACTICES,
        tables=tables,
        people=row["people"],
        units=row["shares"],
        least_units=LEAST_SHARES,
        start=row["start_day"],
        end=row["end_day"],
    )


def estimate(release: ReleaseLike) -> Finding:
    """Say what share of shared practices nobody outside the team answered, organisation only.

    Args:
        release: table of `count`; a refused one gives withheld results.
    """
    asked = {key: _quantity(release, key, label) for key, label in (("gap", LABEL), ("silent", SILENT))}
    if release.refused is not None:
        reason, unlock = release.refused, release.unlock or say("more exports, or a longer time")
        return Finding(
            measure="listening",
            sentence=say("Whether what is shared is heard outside the team cannot be told: {why}.", why=reason),
            results=tuple(quantity.withheld(reason, unlock) for quantity in asked.values()),
        )
    row = release.tables["gap"].to_pylist()[0]
    gap, silent = (_share(row[hits], row["shares"]) for hits in ("unanswered", "silent"))
    return Finding(
        measure="listening",
        sentence=say(
            "Of {n:count} practices shared in public channels, {share:percent} had no reaction from outside the team within 30 "
            "days (between {low:percent} and {high:percent}).",
            n=release.units,
            share=gap.value,
            low=gap.low,
            high=gap.high,
        ),
        results=(asked["gap"].value(gap), asked["silent"].value(silent)),
        known=say(
            "A reaction is a reply where it was shared, an emoji on the message, or a use that names who shared it; a reader who "
            "says nothing is not seen. No list of what went unheard, or of who shared it, is made for anybody."
        ),
    )


def _share(hits: int, n: int) -> Interval:
    return two_figures(wilson(hits, n))


def _quantity(release: ReleaseLike, key: str, label: Phrase) -> Quantity:
    return Quantity(
        measure="listening", key=key, label=label, unit="share", start=release.start, end=release.end, n_people=release.people,
        n_units=release.units, assumptions=MEASURE.assumptions,
    )  # fmt: skip


MEASURE = Measure(
    name="listening",
    code="M9",
    title=say("Whether what is shared is heard"),
    question=say("Of what people shared, how much got no reaction from outside their team?"),
    estimand=say("The share of practices shared in a public channel to which nobody of another team turned within 30 days."),
    unit="shared practices",
    exit=Exit.PRACTICES,
    needs=("acts", "ties", "traces", "members"),
    sql=_SQL,
    assumptions=(
        say("A reply to who shared it, in the same channel in the 30 days after, is taken as a reaction to what was shared."),
        say("Shares are read with the errors of the reader; only those in public channels are seen."),
    ),
    references=("Wilson 1927", "Ayres & Unkovic 2012"),
    order=55,
    count=count,
    estimate=estimate,
    seen_in=(Family.CHAT,),
    unseen=(
        say("git and usage logs do not show who answers whom"),
        say("an export of public channels, and an org chart"),
    ),
)
