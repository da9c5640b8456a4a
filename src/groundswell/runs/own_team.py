"""What a team's own traces say of its last quarter, for all of the team and nobody above; made once, if the team voted for it."""

from datetime import date, datetime, timedelta

import msgspec

from groundswell.measures._uses import ACTIVE, USES
from groundswell.privacy import record
from groundswell.privacy.book import quarter_of
from groundswell.privacy.protection import read_protection
from groundswell.privacy.team import Told, told
from groundswell.runs.company import open_members
from groundswell.runs.folder import Folder
from groundswell.selfreport.ballot import Mandate

SHOWN = "team view"
"""Kind of the record's entries: that a team's view was made, and nothing of which."""

QUESTIONS = ("use", "gift", "lesson")
"""What is told of a team: who left a mark of use, who gave others something to reuse, who told a lesson."""

SURE = 0.5
"""A message counts from this score of the reader on, here and for lessons and gifts."""

ACTIVE_WEEKS = 8
"""Whoever was active in so many weeks of the quarter is counted (M11)."""

_COUNTS = f"""with active as ({ACTIVE}), uses as ({USES}),
here as (
    select distinct m.person from members m join asked q on q.unit = m.unit
    where q.end_day between m.from_day and m.to_day
),
present as (
    select a.person from active a join here h on h.person = a.person cross join asked q
    where a.week >= week_of(day_after(q.start_day, 6)) and a.week <= week_of(day_after(q.end_day, -6))
    group by a.person having count(distinct a.week) >= {ACTIVE_WEEKS}
),
marks as (
    select distinct u.person, 'use' as what from uses u cross join asked q
    where u.day between q.start_day and q.end_day and (u.family <> 'chat' or u.score >= {SURE})
    union
    select distinct a.person, case when a.act = 'shares' then 'gift' else 'lesson' end as what from acts a cross join asked q
    where day_of(a.ts) between q.start_day and q.end_day and a.act in ('shares', 'learns') and a.modality = 'done'
      and a.score >= {SURE} and a.actor_kind = 'person'
)
select 'present' as what, count(*) as people from present
union all
select k.what, count(p.person) as people from marks k join present p on p.person = k.person group by k.what
order by what"""  # noqa: S608 - own words only


class TeamView(msgspec.Struct, frozen=True, kw_only=True):
    """What a team is shown.

    Attributes:
        quarter: the last one that is over, such as "2026-Q1".
        people: active members; 0 where they are too few, which is all that is told then.
        shares: question -> (share in tenths or None, "few" or "nearly all" where it is not told apart from none or all).
    """

    quarter: str
    people: int
    shares: dict[str, tuple[float | None, str]]


def last_quarter(now: datetime) -> str:
    """The last calendar quarter that is over."""
    return quarter_of(_end(now))


def team_view(folder: Folder, mandate: Mandate, *, now: datetime) -> TeamView:
    """Count one team's last quarter under the floors of its own view; that one was made is entered first, not which.

    Args:
        folder: the company's.
        mandate: of the team of whoever asks, which only the ballot gives.
        now: the moment, UTC.

    Raises:
        InputError: the folder is none.
        PrivacyError: the record was changed by another hand, or the charter lowers a protection.
    """
    import pyarrow as pa

    store, end = folder.store(), _end(now)
    protection = read_protection(folder.charter_file)
    record.append(folder.record_file, SHOWN, {"quarter": quarter_of(end)}, now=now)
    engine = open_members(store)
    try:
        start = date(end.year, end.month - 2, 1)
        engine.register("asked", pa.table({"unit": [mandate.unit], "start_day": [start], "end_day": [end]}))
        found = {row["what"]: row["people"] for row in engine.run(_COUNTS).to_pylist()}
    finally:
        engine.close()
    shares = told(found["present"], {question: found.get(question, 0) for question in QUESTIONS}, protection)
    people = 0 if shares is None else found["present"]
    return TeamView(quarter=quarter_of(end), people=people, shares={k: _plain(v) for k, v in (shares or {}).items()})


def _plain(one: Told) -> tuple[float | None, str]:
    return one.share, one.side


def _end(now: datetime) -> date:
    day = now.date()
    return date(day.year, 3 * ((day.month - 1) // 3) + 1, 1) - timedelta(days=1)
