"""Whether what the sources see stayed the same between two windows, so that a change may be read as one (R5)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from groundswell.model.phrase import Phrase, say

if TYPE_CHECKING:
    import pyarrow as pa

LIMIT = 0.20
"""How far the control series or a source's share may move before a change is withheld."""

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


def _moved(before: float, after: float) -> bool:
    if before == 0:
        return after > 0
    return abs(after / before - 1) > LIMIT
