"""What every measure about practices counts alike: the window, the people, how much of it was read in messages."""

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from groundswell.measures._rates import Interval
from groundswell.model.measure import Counts, EngineLike, Exit
from groundswell.model.phrase import Phrase, say

if TYPE_CHECKING:
    import pyarrow as pa

LEAST_PRACTICES = 40
"""Fewest practices a result about practices may rest on (M3, M11)."""

FIRM_PRACTICES = 120
"""From this many on a result is published; below it is indicative (M3)."""

LEAST_AUDITED = 100
"""Audited messages from which what a reader found counts as audited (M0)."""

LIVED = f"""kinds_of as (
    select p.*, case when p.carrier = 'file' then 'file' when p.job = 'unknown' then 'tool' else 'work' end as basis
    from practices p
), sizes_of as (
    select basis, sum(case when entry_days < exit_days then 1 else 0 end) as watched from kinds_of group by basis
), chosen as (
    select basis from (
        select basis, row_number() over (order by
            case when watched < {LEAST_PRACTICES} then 3 when basis = 'work' then 0 when basis = 'tool' then 1 else 2 end
            nulls last,
            watched desc nulls last, basis desc nulls last) as nth
        from sizes_of
    ) ranked where nth = 1
), lived as (
    select k.* from kinds_of k join chosen c on c.basis = k.basis
)"""  # noqa: S608 - own numbers only
"""Practices of one kind, never of several at once: a tool for a job ('work'); where too few traces name the job, a tool in use
in a unit ('tool'), which holds several such practices and so outlives them; where there is neither, shared files ('file'),
which end by being deleted and not by silence, and so outlive what is done with them. Pooled, the same use would count twice or
three times, by three different ends: on simulated companies the share alive after 180 days came out .09 too high."""

BASIS = f"""with {LIVED}
select basis from chosen"""  # noqa: S608 - own words only
"""Which kind was chosen; no row without practices."""


def span_of(table: str, before: str = LIVED) -> str:
    """How many practices, watched ones and people stand behind a table of practices, and from when to when.

    Args:
        table: a name that `before` defines.
        before: the text after `with`.
    """
    return f"""with {before}
select count(distinct p.practice) as practices,
       count(distinct case when p.entry_days < p.exit_days then p.practice end) as watched,
       count(distinct w.person) as people, min(p.born_on) as start_day, max(w.day) as end_day
from {table} p left join practice_people w on w.practice = p.practice"""  # noqa: S608 - own words only


SPAN = span_of("lived")

READ = f"""with {LIVED}
select count(*) as practices, cast(coalesce(sum(case when c.source is null then 0 else 1 end), 0) as bigint) as from_messages,
       max(a.audited) as audited
from lived p
left join (select distinct source from acts where channel = 'message') c on c.source = p.source and p.carrier = 'acts'
cross join (select count(distinct id) as audited from labels) a"""  # noqa: S608 - own words only


def counts(
    name: str, engine: EngineLike, sql: Mapping[str, str], *, least: int = LEAST_PRACTICES, units: str = "watched"
) -> Counts:
    """Run a measure's texts and say what they rest on; without practices nothing is counted.

    Args:
        name: of the measure.
        engine: needs `practices` and `practice_people`.
        sql: table -> text; must hold `span`.
        least: fewest units the measure may rest on.
        units: which column of SPAN counts its units: "watched" or "practices".
    """
    if not engine.has("practices"):
        nothing = date(1970, 1, 1)
        return Counts(
            measure=name, exit=Exit.PRACTICES, tables={}, people=0, units=0, least_units=least, start=nothing, end=nothing
        )
    tables: dict[str, pa.Table] = {key: engine.run(text) for key, text in sql.items()}
    span = tables["span"].to_pylist()[0]
    return Counts(
        measure=name,
        exit=Exit.PRACTICES,
        tables=tables,
        people=span["people"],
        units=span[units],
        least_units=least,
        start=span["start_day"] or date(1970, 1, 1),
        end=span["end_day"] or span["start_day"] or date(1970, 1, 1),
    )


def caution(practices: int, read: Mapping[str, int]) -> tuple[Phrase, Phrase] | None:
    """Why a result about this many practices is only indicative, and what would lift that; None if nothing stands against it."""
    if practices < FIRM_PRACTICES:
        return (
            say("it rests on {n:count} practice | it rests on {n:count} practices", n=practices),
            say("{least:count} practices or more", least=FIRM_PRACTICES),
        )
    if 2 * read["from_messages"] > read["practices"] and read["audited"] < LEAST_AUDITED:
        return (
            say("most of these practices were read in messages, and nobody has checked the reader here"),
            say("an audit of {least:count} messages", least=LEAST_AUDITED),
        )
    return None


def two_figures(interval: Interval) -> Interval:
    """The interval with two significant figures, as M11 asks of results that carry no noise."""
    return Interval(*(_two(v) for v in (interval.value, interval.low, interval.high)))


def _two(value: float) -> float:
    return float(f"{value:.2g}") if np.isfinite(value) else value
