"""How long each practice of acts lived, whether it has ended, and what became of it."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from groundswell.model.measure import EngineLike
from groundswell.model.practice import Fate
from groundswell.practices.evidence import DROPS, Ints, Uses, coded, ints
from groundswell.practices.observation import Seen
from groundswell.practices.rhythm import Floats, fit, longest_silence

DAY_US = 86_400_000_000
"""Microseconds of a day."""

BUILT_IN_BEFORE_DAYS = 28
"""A shared file made at most four weeks before the last trace may be what the practice was built into."""

Bools = npt.NDArray[np.bool_]

CREATED = """
select person, tool, day_of(ts) as day from artefacts
where event = 'created' and person > 0 and actor_kind = 'person' and form in ('skill', 'command', 'agent')
  and ts < cast(day_after(date '{end}', 1) as timestamp)
order by person, tool, day
"""


@dataclass(frozen=True, slots=True)
class Lives:
    """One life a practice, in days.

    Attributes:
        entry, exit: days from birth; at risk of a seen end after `entry` and up to `exit`; never at risk if they are equal.
        fate: a Fate a practice.
    """

    entry: Ints
    exit: Ints
    fate: list[Fate]


@dataclass(frozen=True, slots=True)
class _Weeks:
    """Practice-weeks with a trace, sorted by practice and week.

    Attributes:
        practice, week: which; each pair once.
        first, last: first and last day of traces in it, since 1970.
        again: weeks with a trace after the practice's first, so far.
        span: weeks since its first.
        silence: weeks of silence after it that would mean an end.
    """

    practice: Ints
    week: Ints
    last: Ints
    again: Ints
    span: Ints
    silence: Floats


def live(engine: EngineLike, found: Uses, seen: Seen, end: date) -> Lives:
    """Give every practice its only spell of life.

    A practice ends on the day after its last trace if its silence since then is longer than its own rhythm allows
    (`rhythm.longest_silence`) and was watched for that long. Otherwise it is censored, not at the end of observation but where
    its silence began to be too short to tell: counting it as alive up to the end would hide every end of the last weeks, most
    of all those of practices that leave few traces. For the same reason it is at risk only from its first trace after which an
    end could be told within the observation (delayed entry). Both depend only on the history up to that trace.

    Args:
        engine: needs `acts`, `artefacts`, `members`.
        found: concrete use.
        seen: what could be observed.
        end: last day used.
    """
    weeks = _weeks(found, seen)
    last_row = np.searchsorted(weeks.practice, np.arange(found.practices), side="right") - 1
    first_row = np.searchsorted(weeks.practice, np.arange(found.practices))
    born = found.first_us[np.searchsorted(found.practice, np.arange(found.practices))] // DAY_US
    entry, exit_day, ended = _watched(weeks, first_row, last_row, born, seen)
    fate = [Fate.ALIVE] * found.practices
    exits = np.maximum(exit_day - born, 0)
    if ended.any():
        kinds, moved = _fates(engine, found, weeks, last_row, ended, end)
        for i in np.flatnonzero(ended):
            fate[i] = kinds[i]
        horizon = seen.end - np.ceil(7 * weeks.silence[last_row]).astype(np.int64)
        exits = np.where(ended, np.maximum(np.minimum(moved, horizon) - born + 1, exits), exits)
    entry = np.maximum(entry - born, np.maximum(seen.start - born, 0))
    entry = np.where(seen.alive_at_start, exits, np.minimum(entry, exits))
    return Lives(entry=entry, exit=exits, fate=fate)


def _weeks(found: Uses, seen: Seen) -> _Weeks:
    """Fold rows to practice-weeks and lay beside each how long a silence after it may last."""
    key = found.practice * 100_000 + found.week
    keys, where = np.unique(key, return_inverse=True)
    last = np.full(len(keys), -1, dtype=np.int64)
    np.maximum.at(last, where, found.last_us // DAY_US)
    practice, week = keys // 100_000, keys % 100_000
    first = np.searchsorted(practice, np.arange(found.practices))
    again = np.arange(len(keys)) - first[practice]
    span = week - week[first][practice] if len(keys) else week
    source = found.source.codes[np.searchsorted(found.practice, np.arange(found.practices))]
    shape, b0 = _rhythms(source, practice, again, span, week[first] if len(keys) else week, seen)
    silence = longest_silence(again.astype(float), span.astype(float), shape[practice], b0[practice])
    return _Weeks(practice, week, last, again, span, silence)


def _rhythms(source: Ints, practice: Ints, again: Ints, span: Ints, born_week: Ints, seen: Seen) -> tuple[Floats, Floats]:
    """Rhythm of each practice's source: a0 and b0, one value a practice."""
    n = len(source)
    last = np.searchsorted(practice, np.arange(n), side="right") - 1
    more, alive = again[last].astype(float), span[last].astype(float)
    watched = np.maximum((seen.end - 4) // 7 - born_week, alive).astype(float)
    shape, weeks = np.empty(n), np.empty(n)
    whole = fit(more, alive, watched)
    for code in np.unique(source):
        own = source == code
        rhythm = fit(more[own], alive[own], watched[own]) if own.sum() >= 20 else whole
        shape[own], weeks[own] = rhythm.shape, rhythm.weeks
    return shape, weeks


def _watched(weeks: _Weeks, first_row: Ints, last_row: Ints, born: Ints, seen: Seen) -> tuple[Ints, Ints, Bools]:
    """First day at risk, last day at risk, and whether that is an end; days since 1970."""
    n = len(first_row)
    silent_days = np.ceil(7 * weeks.silence).astype(np.int64)
    tellable = weeks.last + silent_days < seen.end[weeks.practice]
    rows = np.arange(len(weeks.practice))
    never = len(rows)
    first_on = np.full(n, never, dtype=np.int64)
    np.minimum.at(first_on, weeks.practice[tellable], rows[tellable])
    last_on = np.full(n, -1, dtype=np.int64)
    np.maximum.at(last_on, weeks.practice[tellable], rows[tellable])
    any_on = last_on >= 0
    ended = any_on & (last_on == last_row)
    on, off = np.where(any_on, first_on, 0), np.where(any_on, last_on, 0)
    entry = np.where(any_on & (on > first_row), weeks.last[on] if never else born, born)
    after = np.minimum(off + 1, max(never - 1, 0))
    told_to = seen.end - silent_days[off] - 1 if never else born
    censored = np.clip(told_to, weeks.last[off] if never else born, weeks.last[after] if never else born)
    exit_day = np.where(ended, weeks.last[last_row] + 1 if never else born, np.where(any_on, censored, born))
    return np.where(any_on, entry, exit_day), exit_day, ended


def _fates(engine: EngineLike, found: Uses, weeks: _Weeks, last_row: Ints, ended: Bools, end: date) -> tuple[list[Fate], Ints]:
    """What became of each practice that ended, and its last day: that of its last trace, or of the word that it was given up."""
    gap_weeks = np.ceil(weeks.silence[last_row]).astype(np.int64)
    last_day, last_week = weeks.last[last_row], weeks.week[last_row]
    replaced = _goes_on(found, last_week, gap_weeks)
    absorbed = _built_in(engine, found, last_day, gap_weeks, end)
    kinds = np.where(absorbed, "absorbed", np.where(replaced, "replaced", "abandoned"))
    told, day = _told(engine, found, last_day, end)
    kinds = np.where(told != "", told, kinds)
    fates = {"abandoned": Fate.ABANDONED, "replaced": Fate.REPLACED, "absorbed": Fate.ABSORBED, "job_ended": Fate.ALIVE}
    return [fates[k] if e else Fate.ALIVE for k, e in zip(kinds.tolist(), ended, strict=True)], np.maximum(day, last_day)


def _goes_on(found: Uses, last_week: Ints, gap_weeks: Ints) -> Bools:
    """Whether the same job goes on in the same unit with another tool within the silence.

    Where the job is unknown, the same person must go on: otherwise any other tool of the unit would do.
    """
    units = {word: i for i, word in enumerate(sorted(set(found.units)))}
    unit = np.array([units[u] for u in found.units], dtype=np.int64)
    jobs = {word: i for i, word in enumerate(sorted(set(found.jobs)))}
    job = np.array([jobs[j] for j in found.jobs], dtype=np.int64)
    unknown = job == jobs.get("unknown", -1)
    by_job = (unit * max(len(jobs), 1) + job)[found.practice]
    known_row = ~unknown[found.practice]
    on: Bools = (
        _weeks_within(by_job[known_row], found.week[known_row], unit * max(len(jobs), 1) + job, last_week, gap_weeks) & ~unknown
    )
    # The unknown job: the unit's people one by one.
    rows = np.flatnonzero(~known_row)
    if len(rows):
        people, person = np.unique(found.person[rows], return_inverse=True)
        key = unit[found.practice[rows]] * len(people) + person
        of = found.practice[rows]
        again = _weeks_within(key, found.week[rows], key, last_week[of], gap_weeks[of])
        np.logical_or.at(on, of[again], True)
    return on


def _weeks_within(key: Ints, week: Ints, of: Ints, last_week: Ints, gap_weeks: Ints) -> Bools:
    """For each (of, last_week, gap): is there a row of that key in a later week, at most the gap later?

    A practice has no trace of its own after its last, so such a row is another practice's.
    """
    placed = np.unique(key * 100_000 + week)
    low = np.searchsorted(placed, of * 100_000 + last_week, side="right")
    high = np.searchsorted(placed, of * 100_000 + last_week + np.minimum(gap_weeks, 5_000), side="right")
    within: Bools = high > low
    return within


def _built_in(engine: EngineLike, found: Uses, last_day: Ints, gap_weeks: Ints, end: date) -> Bools:
    """Whether one of a practice's people made a skill, command or agent for the same tool around its last trace."""
    rows = engine.run(CREATED.format(end=end.isoformat()))
    built = np.zeros(found.practices, dtype=bool)
    if not len(rows):
        return built
    tool = coded(rows["tool"])
    person, day = ints(rows["person"]), ints(rows["day"])
    codes = {word: i for i, word in enumerate(sorted({*tool.words, *found.tools, "any"}))}
    made_for = np.array([codes[w] for w in tool.words])[tool.codes]
    size = len(codes) + 1
    made = np.unique((person * size + made_for) * 100_000 + day)
    own_tool = np.array([codes[t] for t in found.tools], dtype=np.int64)[found.practice]
    low_day, high_day = last_day - BUILT_IN_BEFORE_DAYS, last_day + 7 * np.minimum(gap_weeks, 5_000)
    for wanted in (own_tool, np.full_like(own_tool, codes["any"])):
        key = (found.person * size + wanted) * 100_000
        low = np.searchsorted(made, key + np.maximum(low_day, 0)[found.practice])
        high = np.searchsorted(made, key + np.minimum(high_day, 99_999)[found.practice], side="right")
        np.logical_or.at(built, found.practice[high > low], True)
    return built


def _told(engine: EngineLike, found: Uses, last_day: Ints, end: date) -> "tuple[npt.NDArray[np.str_], Ints]":
    """What was said to have become of each practice after its last trace, and when; "" where nobody said.

    A word about a tool whose job is not named concerns the practices of that tool in that unit the speaker took part in.
    """
    kinds = np.full(found.practices, "", dtype="<U12")
    day = last_day.copy()
    index = {one: i for i, one in enumerate(zip(found.tools, found.jobs, found.units, strict=True))}
    took_part: dict[tuple[str, str, int], set[int]] = {}
    rows = engine.run(DROPS.format(end=end.isoformat())).to_pylist()
    if any(r["job"] == "unknown" for r in rows):
        for practice, person in {*zip(found.practice.tolist(), found.person.tolist(), strict=True)}:
            took_part.setdefault((found.tools[practice], found.units[practice], person), set()).add(practice)
    words = {"abandoned": "abandoned", "switched": "replaced", "job_ended": "job_ended"}
    for row in rows:
        told_on = (row["ts"].date() - date(1970, 1, 1)).days
        about = {index.get((row["tool"], row["job"], row["unit"]), -1)}
        if row["job"] == "unknown":
            about |= took_part.get((row["tool"], row["unit"], row["person"]), set())
        for i in about - {-1}:
            if told_on >= last_day[i] and not kinds[i]:
                kinds[i], day[i] = words[row["drop"]], told_on
    return kinds, day
