"""Do chat, usage logs and the pulse still agree on where AI is used, or is one of them being steered (R10)?"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from groundswell.measures._agreement import Ranked, change
from groundswell.measures._coverage import COVERAGE, why_not_comparable
from groundswell.measures._floors import Quantity
from groundswell.measures._practice_counts import two_figures
from groundswell.measures._rates import LEAST_PEOPLE, Interval
from groundswell.measures._uses import ACTIVE, LAST_WEEK, USES
from groundswell.measures._weeks import monday_of, sunday_of
from groundswell.model.measure import Counts, EngineLike, Exit, Finding, Measure, ReleaseLike, Result, Verdict
from groundswell.model.phrase import Phrase, say

FALL = 0.3
"""A fall of the rank correlation by more than this is an alarm, if its interval excludes no change (R10)."""

BEFORE, AFTER = (3, 2), (1, 0)
"""Blocks of 13 weeks, counted back from the last whole week: half a year against the half year before it."""

LEAST_GROUPS = 10
"""Groups seen by both sources in each block; four blocks of them are the 40 units a result without noise rests on (M11)."""

SURE = 0.5
"""A message counts as a use from this score of the reader on."""

PAIRS: Mapping[str, tuple[str, str]] = {
    "chat_logs": ("chat", "logs"),
    "chat_pulse": ("chat", "pulse"),
    "logs_pulse": ("logs", "pulse"),
}

BOTH: Mapping[str, Phrase] = {
    "chat_logs": say("what is said in chat and what usage logs show"),
    "chat_pulse": say("what is said in chat and what the pulse tells"),
    "logs_pulse": say("what usage logs show and what the pulse tells"),
}

LABELS: Mapping[str, Phrase] = {
    "chat_logs": say("Change in the rank correlation of chat and usage logs over groups"),
    "chat_pulse": say("Change in the rank correlation of chat and the pulse over groups"),
    "logs_pulse": say("Change in the rank correlation of usage logs and the pulse over groups"),
}

_HOMES = f"""active as ({ACTIVE}),
uses as ({USES}),
last_week as ({LAST_WEEK}),
blocks as (
    select b.back, day_after(date '1970-01-05', cast(7 * (l.week - 13 * b.back) + 6 as integer)) as end_day
    from last_week l cross join (select 0 as back union all select 1 union all select 2 union all select 3) b
),
present as (
    select distinct cast(floor((l.week - a.week) / 13) as integer) as back, a.person
    from active a cross join last_week l where a.week <= l.week and a.week > l.week - 52
),
homes as (
    select p.back, p.person, max(m.team) as team, max(m.unit) as unit
    from present p join blocks b on b.back = p.back
    join members m on m.person = p.person and b.end_day between m.from_day and m.to_day
    group by p.back, p.person
)"""  # noqa: S608 - own words only

_CELLS = f"""with {_HOMES},
shown as (
    select distinct cast(floor((l.week - u.week) / 13) as integer) as back, u.person,
           case when u.family = 'usage' then 'logs' else 'chat' end as source
    from uses u cross join last_week l
    where u.week <= l.week and u.week > l.week - 52
      and (u.family = 'usage' or (u.family = 'chat' and u.score >= {SURE}))
),
traced as (
    select h.back, h.team, s.source, count(*) as people, sum(case when x.person is null then 0 else 1 end) as users
    from homes h cross join (select 'chat' as source union all select 'logs' as source) s
    left join shown x on x.person = h.person and x.back = h.back and x.source = s.source
    group by h.back, h.team, s.source
),
named as (select distinct team, unit from homes where unit <> ''),
told as (
    select cast(floor((l.week - week_of(a.day)) / 13) as integer) as back, n.team, 'pulse' as source, count(*) as people,
           sum(case when a.used then 1 else 0 end) as users
    from pulse_answers a cross join last_week l join named n on n.unit = a.stratum
    where week_of(a.day) <= l.week and week_of(a.day) > l.week - 52
    group by cast(floor((l.week - week_of(a.day)) / 13) as integer), n.team
)
select back, team, source, cast(people as bigint) as people, cast(users as bigint) as users
from (select back, team, source, people, users from traced union all select back, team, source, people, users from told) every
where people >= {LEAST_PEOPLE}
order by back, team, source"""  # noqa: S608 - own words only
"""Groups of at least 10 people by quarter and source; a group is where a person stood on the last day of the block."""

_SPAN = f"""with {_HOMES}
select count(distinct h.person) as people, min(l.week) as last_week from last_week l left join homes h on 1 = 1"""  # noqa: S608 - own words only

_SQL = {"cells": _CELLS, "span": _SPAN, "coverage": COVERAGE}


def count(engine: EngineLike) -> Counts:
    """Count people and users by group, block of 13 weeks and source.

    Args:
        engine: needs `members`, `traces`, and two of chat acts, `usage_days`, `pulse_answers`.

    Returns:
        `cells` (back, team, source, people, users), groups under 10 people left out; `coverage` (R5); `span`. Units are groups
        in a block that at least two sources see.
    """
    tables = {name: engine.run(sql) for name, sql in _SQL.items()}
    span = tables["span"].to_pylist()[0]
    last = span["last_week"] or 0
    seen: dict[tuple[int, int], int] = {}
    for row in tables["cells"].to_pylist():
        seen[row["back"], row["team"]] = seen.get((row["back"], row["team"]), 0) + 1
    return Counts(
        measure="agreement",
        exit=Exit.PRACTICES,
        tables=tables,
        people=span["people"],
        units=sum(sources > 1 for sources in seen.values()),
        start=monday_of(last - 51),
        end=sunday_of(last),
    )


def estimate(release: ReleaseLike) -> Finding:
    """Say whether two sources agree less on the order of groups than half a year before.

    Args:
        release: tables of `count`; a refused one gives withheld results.

    Returns:
        One result a pair of sources: the change in their rank correlation, with its interval. An alarm is a fall by more than
        0.3 whose interval excludes no change; the sentence is then the alarm.
    """
    results = tuple(_result(release, pair) for pair in PAIRS)
    return Finding(
        measure="agreement",
        sentence=_sentence(results),
        results=results,
        known=say(
            "Groups are ranked anew in every quarter, so that use which grows everywhere is no alarm. Which of two sources is "
            "steered cannot be told from this, nor by whom; no group is named."
        ),
    )


def steered(finding: Finding) -> tuple[str, ...]:
    """Pairs of sources for which a finding of this measure is an alarm; none for a finding of another."""
    if finding.measure != "agreement":
        return ()
    return tuple(pair for pair in PAIRS for r in finding.results if r.key == f"{pair}_change" and _alarms(r))


def _alarms(result: Result) -> bool:
    return result.verdict is Verdict.PUBLISHED and (result.estimate or 0.0) < -FALL and (result.high or 0.0) < 0.0


def _result(release: ReleaseLike, pair: str) -> Result:
    quantity = Quantity(
        measure="agreement", key=f"{pair}_change", label=LABELS[pair], unit="number", start=release.start, end=release.end,
        n_people=release.people, n_units=release.units, assumptions=MEASURE.assumptions, neutral=0.0,
    )  # fmt: skip
    if release.refused is not None:
        return quantity.withheld(release.refused, release.unlock or _longer())
    why = why_not_comparable(release.tables["coverage"], *_windows(release))
    if why is not None:
        return quantity.withheld(why, say("exports that reach as far in both half years"))
    shares = _shares(release, *PAIRS[pair])
    if shares is None:
        return quantity.withheld(
            say("fewer than {least:count} groups are seen by both sources in each of four quarters", least=LEAST_GROUPS),
            _longer(),
        )
    found = _change(*shares)
    if found is None:
        return quantity.withheld(say("one of the two sources tells no two groups apart"), _longer())
    return quantity.value(two_figures(found))


def _longer() -> Phrase:
    return say("a year of chat, usage logs or pulses, and an org chart with at least {least:count} groups", least=LEAST_GROUPS)


def _windows(release: ReleaseLike) -> tuple[tuple[int, int], tuple[int, int]]:
    last = release.tables["span"].to_pylist()[0]["last_week"] or 0
    return (last - 51, last - 26), (last - 25, last)


def _shares(release: ReleaseLike, *sources: str) -> list[Ranked] | None:
    """Shares by each of two sources, blocks oldest first x groups that both see in every block; None with too few groups."""
    rows: list[dict[str, Any]] = release.tables["cells"].to_pylist()
    held = {(r["source"], r["back"], r["team"]): r["users"] / r["people"] for r in rows}
    blocks = (*BEFORE, *AFTER)
    groups = [t for t in sorted({r["team"] for r in rows}) if all((s, b, t) in held for s in sources for b in blocks)]
    if len(groups) < LEAST_GROUPS:
        return None
    return [np.array([[held[s, b, t] for t in groups] for b in blocks], dtype=float) for s in sources]


def _change(one: Ranked, other: Ranked) -> Interval | None:
    half = len(BEFORE)
    return change((one[:half], other[:half]), (one[half:], other[half:]))


def _sentence(results: tuple[Result, ...]) -> Phrase:
    told = [(pair, r) for pair, r in zip(PAIRS, results, strict=True) if r.estimate is not None]
    for pair, r in told:
        if _alarms(r):
            return say(
                "This measure is being steered: {both} agree less on where AI is used than half a year before. Their rank "
                "correlation over groups fell by {fall:number}.",
                both=BOTH[pair],
                fall=-(r.estimate or 0.0),
            )
    if not told:
        why = results[0].reason or say("nothing was let out")
        return say("Whether the sources agree on where AI is used as they did cannot be told: {why}.", why=why)
    pair, widest = min(told, key=lambda one: one[1].low or 0.0)
    if (widest.low or 0.0) < -FALL:
        return say(
            "No alarm, but steering cannot be ruled out: how far {both} agree on where AI is used may have fallen by more than "
            "{fall:number}.",
            both=BOTH[pair],
            fall=FALL,
        )
    return say("No sign of steering: {both} agree on where AI is used much as they did half a year before.", both=BOTH[pair])


MEASURE = Measure(
    name="agreement",
    code="R10",
    title=say("Whether the sources still agree"),
    question=say("Do chat, usage logs and the pulse still agree on where AI is used, or is one of them being steered?"),
    estimand=say(
        "The change, from one half year to the next, in the rank correlation of two sources' shares of users over groups."
    ),
    unit="groups in a quarter",
    exit=Exit.PRACTICES,
    needs=("members", "traces", "acts", "usage_days", "pulse_answers"),
    sql=_SQL,
    assumptions=(
        say("What a source misses, it misses alike in every group; what moves it in one group alone looks like steering."),
        say("Groups are independent of each other; their quarters need not be."),
    ),
    references=("Spearman 1904", "Taylor 1987, Biometrics 43:409", "Efron & Stein 1981"),
    order=105,
    count=count,
    estimate=estimate,
    known_limits=(
        say("Steering that lifts every group alike leaves their order as it was, and is not seen."),
        say(
            "With 10 groups an invented order in one source is seen in a third to two thirds of cases; with 25, in four of five."
        ),
    ),
)
