"""When something is announced, does it happen, what lives that nobody announced, and does talk outgrow use?"""

from groundswell.measures import _announced as sql
from groundswell.measures import _said_done as parts
from groundswell.measures._coverage import COVERAGE
from groundswell.measures._labels import GOLD
from groundswell.measures._weeks import monday_of, sunday_of
from groundswell.model.measure import Counts, EngineLike, Exit, Finding, Measure, ReleaseLike
from groundswell.model.phrase import say
from groundswell.model.trace import Family

LEAST_ANNOUNCEMENTS = 15
"""Fewest announcements any follow-through may rest on."""

_SQL = {
    "cases": sql.CASES_SQL,
    "evidence": sql.EVIDENCE_SQL,
    "withdrawn": sql.WITHDRAWN_SQL,
    "lived": sql.LIVED_SQL,
    "links": sql.LINKS_SQL,
    "weeks": sql.WEEKS_SQL,
    "gram": sql.GRAM_SQL,
    "coverage": COVERAGE,
    "gold": GOLD,
    "span": sql.SPAN_SQL,
}


def count(engine: EngineLike) -> Counts:
    """Count announcements, the use that followed them, and person-weeks of talk and use.

    Returns:
        `cases` one row an announcement, numbered; `evidence` person-weeks after it, the people numbered anew for each;
        `withdrawn`; `lived` and `links` for practices nobody announced; `weeks` and `gram` for talk against use;
        `coverage` (R5); `gold` (the audit). No row bears a pseudonym or a unit's name. Units are the things announced.
    """
    tables = {name: engine.run(text) for name, text in _SQL.items()}
    span = tables["span"].to_pylist()[0]
    things = set(tables["cases"]["what"].to_pylist())
    return Counts(
        measure="follow_through",
        exit=Exit.PRACTICES,
        tables=tables,
        people=span["people"],
        units=len(things),
        least_units=LEAST_ANNOUNCEMENTS,
        start=monday_of(span["first_week"] or 0),
        end=sunday_of(span["top_week"] or 0),
    )


def estimate(release: ReleaseLike) -> Finding:
    """Say how often what is announced is taken up within 90 days, beside how much lives unannounced, and the drift.

    Args:
        release: tables of `count`; a refused release withholds everything with its reason.

    Returns:
        Follow-through first, then the quiet share, the drift, and the balance of talk against use, sharing and learning.
    """
    return parts.finding(release)


MEASURE = Measure(
    name="follow_through",
    code="M1",
    title=say("What became of what was announced"),
    question=say("When we announce something, does it happen, and is talk outgrowing use?"),
    estimand=say(
        "The share of announcements of something not yet in use that is taken up within 90 days: used by at least two people "
        "other than the announcer, in at least three different weeks."
    ),
    unit="announcements",
    exit=Exit.PRACTICES,
    needs=("acts", "traces"),
    sql=_SQL,
    assumptions=parts.ASSUMPTIONS,
    references=("Meyer & Rowan 1977", "Bromley & Powell 2012", "Kuran 1995", "Egozcue et al. 2003", "Aalen & Johansen 1978"),
    order=10,
    count=count,
    estimate=estimate,
    known_limits=(
        say("Something announced by voice alone is not seen."),
        say("Something announced and used where no trace is left looks as if nothing followed."),
    ),
    seen_in=(Family.CHAT,),
    unseen=(
        say("git and usage logs show what was done, not what was announced or asked for"),
        say("an export of public channels in which plans are announced"),
    ),
)
