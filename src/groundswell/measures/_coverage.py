"""Whether what the sources see stayed the same between two windows, so that a change may be read as one (R5)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from groundswell.model.phrase import Phrase, say

if TYPE_CHECKING:
    import pyarrow as pa

LIMIT = 0.20
"""How far the control series or a source's share may move before a change is withheld."""

LEAST_CHANCE = 0.001
"""Chance of a silence at the edge of a window below which a source is taken to begin or end inside it."""

EDGE_WEEKS = 2
"""Weeks at the edge of a window that a source may lack: two of 26 move a share by less than LIMIT."""

COVERAGE = """
with other as (
    select t.source, week_of(t.day) as week, t.person
    from traces t
    left join (select distinct id, source from acts) a on a.id = t.id and a.source = t.source
    where t.actor_kind = 'person' and t.person > 0 and a.id is null
),
every as (
    select source, week_of(day) as week, 1 as control, person from traces where actor_kind = 'person' and person > 0
    union all
    select source, week_of(day) as week, 0 as control, person from usage_days where actor_kind = 'person' and person > 0
)
select every.source, every.week, count(*) as traces, count(distinct every.person) as people,
       coalesce(max(plain.traces), 0) as plain_traces, max(every.control) as control
from every
left join (select source, week, count(*) as traces from other group by source, week) plain
    on plain.source = every.source and plain.week = every.week
group by every.source, every.week
order by every.source, every.week"""
"""Per source and week: traces, people, and traces that are no act of the codebook (the control series)."""


def why_not_comparable(coverage: "pa.Table", before: Sequence[int], after: Sequence[int]) -> Phrase | None:
    """Say why a change between two windows may not be read, if so.

    Args:
        coverage: rows of `COVERAGE`.
        before: first and last week of the earlier window, both included.
        after: first and last week of the later window.

    Returns:
        None if the control series and every source's share of traces moved by at most 20 %.
        A window without any trace is not comparable. Sources are judged from a tenth of the traces on: below
        that, chance alone moves them.
    """
    rows = coverage.to_pydict()
    week = np.array(rows["week"], dtype=int)
    source = np.array(rows["source"], dtype=object)
    picked = [(week >= w[0]) & (week <= w[1]) for w in (before, after)]
    traces, plain, people = (np.array(rows[c], dtype=float) for c in ("traces", "plain_traces", "people"))
    totals = [float(traces[p].sum()) for p in picked]
    if min(totals) == 0:
        return say("one of the two windows has no traces")
    control = np.array(rows["control"], dtype=bool)
    rates = [float(plain[p & control].sum()) / max(float(people[p & control].sum()), 1.0) for p in picked]
    if _moved(*rates):
        return say("traces about other things, for each person and week, moved by more than {limit:percent}", limit=LIMIT)
    for name in sorted(set(source)):
        shares = [float(traces[p & (source == name)].sum()) / total for p, total in zip(picked, totals, strict=True)]
        if max(shares) >= 0.10 and _moved(*shares):
            return say(
                "the share of all traces that come from {source} moved by more than {limit:percent}", source=name, limit=LIMIT
            )
    return None


def why_begun(coverage: "pa.Table", first: int, last: int) -> Phrase | None:
    """Say which source begins, or ends, inside a window, however small it is: what it alone sees then looks new, or gone.

    Args:
        coverage: rows of `COVERAGE`.
        first: first week of the window.
        last: its last week, included.

    Returns:
        None if every source that left a trace in the window was there from its start to its end, as far as its own pace tells:
        one of few traces may be silent at either edge by chance, and is doubted only where that chance is below LEAST_CHANCE.
        Exports are not all made on one day: EDGE_WEEKS at either end are no doubt.
    """
    rows = coverage.to_pydict()
    week, traces = np.array(rows["week"], dtype=int), np.array(rows["traces"], dtype=float)
    source = np.array(rows["source"], dtype=object)
    inside = (week >= first) & (week <= last)
    for name in sorted(set(source[inside])):
        own = inside & (source == name)
        seen = week[own]
        pace = float(traces[own].sum()) / float(seen.max() - seen.min() + 1)
        for silent, begins in ((int(seen.min()) - first, True), (last - int(seen.max()), False)):
            if np.exp(-pace * max(silent - EDGE_WEEKS, 0)) < LEAST_CHANCE:
                return (
                    say("what comes from {source} begins within the window", source=name)
                    if begins
                    else say("what comes from {source} ends within the window", source=name)
                )
    return None


def _moved(before: float, after: float) -> bool:
    if before == 0:
        return after > 0
    return abs(after / before - 1) > LIMIT
