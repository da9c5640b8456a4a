"""Which traces carry a practice: concrete use in messages, marks and usage logs, one row a person, week and place."""

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from groundswell.model.measure import EngineLike

if TYPE_CHECKING:
    import pyarrow as pa

Ints = npt.NDArray[np.int64]

MESSAGE = "message"
"""Channel of acts read in words; every other channel is a mark a tool leaves by itself."""

LOG = "log"
"""Channel of a vendor's usage log."""

FAMILY_CHAT, FAMILY_CODE, FAMILY_USAGE = 1, 2, 4
"""Bits of the families of sources that agree on a use (R11)."""

DONE = "'uses', 'tries', 'shares', 'takes_up'"
"""Acts whose coarse class is done: only they, and only when done, are concrete use."""

USES = """
with seen as (
    select tool, job, person, ts, place, source, channel,
           case when channel = 'message' and place <> 0 then 1 else 0 end as visible
    from acts
    where person > 0 and actor_kind = 'person' and modality = 'done' and act in ({done})
      and channel <> 'review suggestion' and tool <> '' and (tool <> 'any' or job <> 'unknown')
      and ts < cast(day_after(date '{end}', 1) as timestamp)
    union all
    select tool, 'unknown' as job, person, cast(day as timestamp) as ts, 0 as place, source, 'log' as channel, 0 as visible
    from usage_days
    where person > 0 and actor_kind = 'person' and active and tool <> '' and day <= date '{end}'
)
select s.tool, s.job, coalesce(nullif(m.unit, ''), cast(s.place as string)) as unit, s.person, week_of(s.ts) as week,
       s.place, s.source, s.channel, min(s.ts) as first_ts, max(s.ts) as last_ts, max(s.visible) as visible
from seen s left join members m on m.person = s.person and day_of(s.ts) between m.from_day and m.to_day
group by s.tool, s.job, coalesce(nullif(m.unit, ''), cast(s.place as string)), s.person, week_of(s.ts), s.place, s.source,
         s.channel
"""

DROPS = """
select a.tool, a.job, coalesce(nullif(m.unit, ''), cast(a.place as string)) as unit, a.person, a.drop, a.ts
from acts a left join members m on m.person = a.person and day_of(a.ts) between m.from_day and m.to_day
where a.person > 0 and a.actor_kind = 'person' and a.modality = 'done' and a.act = 'drops'
  and a.drop in ('abandoned', 'switched', 'job_ended') and a.tool <> ''
  and a.ts < cast(day_after(date '{end}', 1) as timestamp)
order by a.ts, a.tool, a.job, a.drop, a.person
"""


class LinkEngine(EngineLike, Protocol):
    """An engine that also takes derived tables."""

    def register(self, name: str, table: "pa.Table") -> None:
        """Make a derived table known under a name."""


@dataclass(frozen=True, slots=True)
class Coded:
    """A column of words as numbers.

    Attributes:
        words: sorted, each once.
        codes: one number a row, an index into `words`.
    """

    words: list[str]
    codes: Ints


@dataclass(frozen=True, slots=True)
class Uses:
    """Concrete use, one row a (practice, person, week, place, source, channel), sorted by practice and first instant.

    Attributes:
        practice: index of the practice, from 0; practices are numbered by birth, then tool, job and unit.
        person, week, place: as on the engine.
        first_us, last_us: first and last instant of the row, microseconds since 1970.
        visible: whether somebody else could read it.
        source, channel: coded.
        tools, jobs, units: of every practice.
    """

    practice: Ints
    person: Ints
    week: Ints
    place: Ints
    first_us: Ints
    last_us: Ints
    visible: npt.NDArray[np.bool_]
    source: Coded
    channel: Coded
    tools: list[str]
    jobs: list[str]
    units: list[str]

    @property
    def practices(self) -> int:
        """How many practices there are."""
        return len(self.tools)


def uses(engine: EngineLike, end: date) -> Uses:
    """Read concrete use up to the end of a day and number the practices it carries.

    Args:
        engine: needs `acts`, `usage_days`, `members`.
        end: last day used.
    """
    rows = engine.run(USES.format(done=DONE, end=end.isoformat()))
    tool, job, unit = coded(rows["tool"]), coded(rows["job"]), coded(rows["unit"])
    identity = (tool.codes * max(len(job.words), 1) + job.codes) * max(len(unit.words), 1) + unit.codes
    first_us = ints(rows["first_ts"])
    known, practice = np.unique(identity, return_inverse=True)
    born = np.full(len(known), np.iinfo(np.int64).max)
    np.minimum.at(born, practice, first_us)
    rank = np.empty(len(known), dtype=np.int64)
    by_birth = np.lexsort((known, born))  # `known` is ordered by tool, job, unit, as their words are sorted
    rank[by_birth] = np.arange(len(known))
    practice = rank[practice]
    columns = {name: ints(rows[name]) for name in ("person", "week", "place", "last_ts", "visible")}
    source, channel = coded(rows["source"]), coded(rows["channel"])
    order = np.lexsort((channel.codes, source.codes, columns["place"], columns["person"], first_us, practice))
    ids = known[by_birth]
    return Uses(
        practice=practice[order],
        person=columns["person"][order],
        week=columns["week"][order],
        place=columns["place"][order],
        first_us=first_us[order],
        last_us=columns["last_ts"][order],
        visible=columns["visible"][order].astype(bool),
        source=Coded(source.words, source.codes[order]),
        channel=Coded(channel.words, channel.codes[order]),
        tools=[tool.words[i] for i in ids // max(len(unit.words), 1) // max(len(job.words), 1)],
        jobs=[job.words[i] for i in ids // max(len(unit.words), 1) % max(len(job.words), 1)],
        units=[unit.words[i] for i in ids % max(len(unit.words), 1)],
    )


def coded(column: "pa.ChunkedArray") -> Coded:
    """Words of a column, sorted, and its rows as numbers; no row may be null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    found = column.combine_chunks().dictionary_encode()
    if isinstance(found, pa.ChunkedArray):  # zero chunks stay chunked in some versions of Arrow
        found = found.combine_chunks() if found.num_chunks else pa.array([], pa.string()).dictionary_encode()
    words = found.dictionary.to_pylist()
    rank = np.empty(len(words), dtype=np.int64)
    order = sorted(range(len(words)), key=words.__getitem__)
    rank[order] = np.arange(len(words))
    codes = pc.cast(found.indices, pa.int64()).to_numpy(zero_copy_only=False)
    return Coded([words[i] for i in order], rank[codes])


def ints(column: "pa.ChunkedArray") -> Ints:
    """A column of numbers, days or instants as 64-bit integers: days since 1970, microseconds since 1970."""
    import pyarrow as pa

    kind = column.type
    if pa.types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us")).cast(pa.int64())
    elif pa.types.is_date32(kind):
        column = column.cast(pa.int32()).cast(pa.int64())
    else:
        column = column.cast(pa.int64())
    found: Ints = column.to_numpy().astype(np.int64, copy=False)
    return found
