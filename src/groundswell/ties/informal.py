"""Who turned to whom in the weeks before a window, from replies, mentions, reviews and work signed together."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

from groundswell.model.measure import EngineLike

if TYPE_CHECKING:
    import pyarrow as pa

WEEKS = 13
"""Weeks before a window in which a tie must have shown (measures.md, defaults): later ties may be made by the adoption itself."""

TIES = """
select one as person, other as whom_person, cast(sum(days) as integer) as days
from (
    select person as one, whom_person as other, count(distinct day) as days
    from ties
    where person > 0 and whom_person > 0 and person <> whom_person
      and kind in ('reply', 'mention', 'review', 'coauthor')
      and day >= date '{start}' and day < date '{before}'
    group by person, whom_person
    union all
    select whom_person as one, person as other, count(distinct day) as days
    from ties
    where person > 0 and whom_person > 0 and person <> whom_person
      and kind in ('reply', 'mention', 'review', 'coauthor')
      and day >= date '{start}' and day < date '{before}'
    group by person, whom_person
) both_ways
group by one, other
order by one, other
"""


def ties(engine: EngineLike, before: date, weeks: int = WEEKS) -> "pa.Table":
    """Ties that showed in the weeks before a day; a reaction alone is no tie.

    Args:
        engine: needs `ties`.
        before: first day of the window the ties are for; nothing of that day or later is used.
        weeks: how many weeks before it, >= 1.

    Returns:
        person, whom_person (>= 1, never equal; every tie stands in both directions), days (on how many days one turned to the
        other, >= 1). Stays on the engine: no tie is ever an output.
    """
    return engine.run(ties_sql(before, weeks))


def ties_sql(before: date, weeks: int = WEEKS) -> str:
    """The SQL text of `ties`, to be shown or nested."""
    return TIES.format(start=(before - timedelta(weeks=weeks)).isoformat(), before=before.isoformat())
