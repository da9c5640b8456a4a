"""From when to when a practice could be seen: where its sources begin and stop, vendors change their marks, people leave."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from groundswell.model.measure import EngineLike
from groundswell.practices.evidence import LOG, MESSAGE, Ints, Uses, coded, ints
from groundswell.practices.rhythm import DEFAULT, longest_silence

LEAST_WEEKLY = 3
"""People in a week from which a chat or a log counts as connected: a stray early row does not make a coverage."""

ALIVE_AT_START_DAYS = 42
"""A practice first seen within six weeks of the start of its source may be older than the source (M2: unknown)."""

SWITCH_PEOPLE = 3
"""People whose marks must stop, or begin, at once before a channel is taken to have been switched by its vendor."""

SWITCH_ONSET_PEOPLE = 5
"""People in the first two weeks of a mark from which its onset is the vendor's doing."""

BEFORE_STOP_WEEKS, AT_ONCE_WEEKS, ONSET_WEEKS = 8, 3, 2
"""Who used a channel in the 8 weeks before its last mark; how close together they stop, or begin."""

STREAMS = """
with every as (
    select source, place, day, person from traces where day <= date '{end}' and actor_kind = 'person' and person > 0
    union all
    select source, 0 as place, day, person from usage_days where day <= date '{end}' and actor_kind = 'person' and person > 0
    union all
    select source, place, day_of(ts) as day, person from acts
    where ts < cast(day_after(date '{end}', 1) as timestamp) and actor_kind = 'person' and person > 0
)
select source, place, week_of(day) as week, min(day) as first_day, max(day) as last_day, count(distinct person) as people
from every group by source, place, week_of(day) order by source, place, week
"""

WHOLE_SOURCES = """
with every as (
    select source, day, person from traces where day <= date '{end}' and actor_kind = 'person' and person > 0
    union all
    select source, day, person from usage_days where day <= date '{end}' and actor_kind = 'person' and person > 0
    union all
    select source, day_of(ts) as day, person from acts
    where ts < cast(day_after(date '{end}', 1) as timestamp) and actor_kind = 'person' and person > 0
)
select source, week_of(day) as week, min(day) as first_day, max(day) as last_day, count(distinct person) as people
from every group by source, week_of(day) order by source, week
"""

LAST_SEEN = """
with chart as (select person, max(to_day) as to_day from members group by person),
     own as (select person, max(day) as last_day from traces where person > 0 and day <= date '{end}' group by person)
select coalesce(c.person, o.person) as person,
       coalesce(c.to_day, o.last_day) as last_day
from chart c full join own o on o.person = c.person
"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What each practice's observation allows, in days since 1970.

    Attributes:
        start: first day its birth's source was really connected.
        alive_at_start: first seen so soon after that start, or after a vendor switched its mark on, that it may be older.
        known_birth: False where only the source's start makes the birth doubtful (used for the origin; see `alive_at_start`).
        end: last day on which its next trace would have been seen: the last of its sources, channels and people.
    """

    start: Ints
    alive_at_start: npt.NDArray[np.bool_]
    known_birth: npt.NDArray[np.bool_]
    end: Ints


def observe(engine: EngineLike, found: Uses, end: date) -> Seen:
    """Work out from when to when each practice could be seen.

    A practice's end of observation is the latest of those of its channels; a channel whose users all stop at once has been
    switched off by its vendor, and ends there (git.md, 3.5). It is then no later than the last day any of its people was at
    work: after that, silence says nothing. People are at work until the org chart or, without one, their last trace says so.

    Args:
        engine: needs `traces`, `usage_days`, `acts`, `members`.
        found: concrete use.
        end: last day used.
    """
    starts, ends = _streams(engine, found, end)
    stops, onsets = _switches(found, ends)
    row_end = np.minimum(ends, stops)
    n = found.practices
    seen_to = np.full(n, -1, dtype=np.int64)
    np.maximum.at(seen_to, found.practice, row_end)
    staff_to = np.full(n, -1, dtype=np.int64)
    np.maximum.at(staff_to, found.practice, _staff(engine, found.person, end))
    last = np.full(n, -1, dtype=np.int64)
    np.maximum.at(last, found.practice, found.last_us // 86_400_000_000)
    birth = _first_rows(found)
    born = found.first_us[birth] // 86_400_000_000
    known = born >= starts[birth] + ALIVE_AT_START_DAYS
    return Seen(
        start=starts[birth],
        alive_at_start=(~known & (born >= starts[birth])) | (born < onsets[birth] + ALIVE_AT_START_DAYS),
        known_birth=known,
        end=np.maximum(np.minimum(seen_to, staff_to), last),
    )


def _first_rows(found: Uses) -> Ints:
    """Index of the first row of every practice; rows are sorted by practice and first instant."""
    return np.searchsorted(found.practice, np.arange(found.practices)).astype(np.int64)


def _streams(engine: EngineLike, found: Uses, end: date) -> tuple[Ints, Ints]:
    """First and last day of the stream each row came by: a whole chat or log, or one repository."""
    rows = engine.run(WHOLE_SOURCES.format(end=end.isoformat()))
    source = coded(rows["source"])
    week_first, week_last, people = ints(rows["first_day"]), ints(rows["last_day"]), ints(rows["people"])
    far = np.iinfo(np.int64).max // 4
    whole_start = np.full(len(source.words), far, dtype=np.int64)
    whole_end = np.full(len(source.words), -1, dtype=np.int64)
    connected = people >= LEAST_WEEKLY
    np.minimum.at(whole_start, source.codes[connected], week_first[connected])
    np.maximum.at(whole_end, source.codes, week_last)
    index = {word: i for i, word in enumerate(source.words)}
    of = np.array([index[word] for word in found.source.words] or [0])[found.source.codes]
    starts, ends = whole_start[of], whole_end[of]
    mark = _is_mark(found)
    if mark.any():
        places = engine.run(STREAMS.format(end=end.isoformat()))
        place_of = ints(places["place"])
        known, inverse = np.unique(place_of, return_inverse=True)
        first = np.full(len(known), far, dtype=np.int64)
        last = np.full(len(known), -1, dtype=np.int64)
        np.minimum.at(first, inverse, ints(places["first_day"]))
        np.maximum.at(last, inverse, ints(places["last_day"]))
        at = np.searchsorted(known, found.place[mark])
        starts[mark], ends[mark] = first[at], last[at]
    return starts, ends


def _is_mark(found: Uses) -> npt.NDArray[np.bool_]:
    worded = np.array([word in (MESSAGE, LOG) for word in found.channel.words] or [False])
    marks: npt.NDArray[np.bool_] = ~worded[found.channel.codes]
    return marks


def _switches(found: Uses, ends: Ints) -> tuple[Ints, Ints]:
    """Day each row's channel was switched off (far ahead if never), and the day its vendor switched it on (long ago if not)."""
    far = np.iinfo(np.int64).max // 4
    stops, onsets = np.full(len(found.practice), far), np.full(len(found.practice), -far)
    marks = _is_mark(found)
    for code in np.unique(found.channel.codes[marks]):
        rows = np.flatnonzero((found.channel.codes == code) & marks)
        week, person = found.week[rows], found.person[rows]
        if _stopped_at_once(week, person, int(ends[rows].max()) // 7):
            stops[rows] = int(found.last_us[rows].max()) // 86_400_000_000
        if len(np.unique(person[week < week.min() + ONSET_WEEKS])) >= SWITCH_ONSET_PEOPLE:
            onsets[rows] = int(found.first_us[rows].min()) // 86_400_000_000
    return stops, onsets


def _stopped_at_once(week: Ints, person: Ints, end_week: int) -> bool:
    """Whether nobody leaves this mark any more, and most of those who lately did stopped within three weeks of each other."""
    last = int(week.max())
    used = np.unique(week)
    silence = float(
        longest_silence(np.array([len(used) - 1.0]), np.array([float(last - used[0])]), DEFAULT.shape, DEFAULT.weeks)[0]
    )
    # Week 0 begins on 5 January 1970, day 4.
    if end_week - (last * 7 + 4) // 7 <= silence:
        return False
    lately = np.unique(person[week > last - BEFORE_STOP_WEEKS])
    at_once = np.unique(person[week > last - AT_ONCE_WEEKS])
    return len(lately) >= SWITCH_PEOPLE and len(at_once) >= SWITCH_PEOPLE and 3 * len(at_once) >= 2 * len(lately)


def _staff(engine: EngineLike, person: Ints, end: date) -> Ints:
    """Last day each row's person is known to be at work, at most `end`; `end` for people nothing else is known of."""
    rows = engine.run(LAST_SEEN.format(end=end.isoformat()))
    horizon = (end - date(1970, 1, 1)).days
    known, last = ints(rows["person"]), np.minimum(ints(rows["last_day"]), horizon)
    order = np.argsort(known)
    known, last = known[order], last[order]
    if not len(known):
        return np.full(len(person), horizon, dtype=np.int64)
    at = np.minimum(np.searchsorted(known, person), len(known) - 1)
    return np.where(known[at] == person, last[at], horizon)
