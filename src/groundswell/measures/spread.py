"""Do people take a tool up after a colleague showed it, more often than dates alone would give?"""

from datetime import date
from typing import Any

from groundswell.measures import _spread_page as page
from groundswell.measures._permuted_dates import excess_of, exchange
from groundswell.measures._spread_counts import ADOPTIONS, EXPOSED_DAYS, LOOKS, NAIVE, RISK, SPAN
from groundswell.measures._spread_tests import ALPHA, ratios, set_beside
from groundswell.model.measure import Counts, EngineLike, Exit, Finding, Measure, ReleaseLike
from groundswell.model.phrase import Phrase, say
from groundswell.model.trace import Family

LEAST_ADOPTIONS, LEAST_TEAMS, LEAST_TIED = 80, 5, 0.3
"""Below these nothing is said (M4)."""

_SQL = {"adoptions": ADOPTIONS, "looks": LOOKS, "risk": RISK, "naive": NAIVE, "span": SPAN}


def count(engine: EngineLike) -> Counts:
    """Count exposed adoptions on their own and on exchanged dates, and risk sets by what had been seen.

    Which adoption could follow which never leaves this function: the exchanges are made here and only their totals go on.

    Args:
        engine: needs `practices`, `practice_people`, `members`, `ties`, `traces`, `programmes`, `period`.

    Returns:
        `exchanged` (kind, round, exposed; round 0 is as it was), `risk` (stratum, week, informal, formal, activity, at_risk,
        adopted), `naive` and `span`, one row each. Units are adoptions.
    """
    import pyarrow as pa

    tables: dict[str, pa.Table] = {}
    span: dict[str, Any] = {"people": 0, "adoptions": 0, "start_day": date(1970, 1, 1), "end_day": date(1970, 1, 1)}
    if engine.has("practices") and engine.has("traces"):
        adoptions, looks = engine.run(ADOPTIONS).to_pydict(), engine.run(LOOKS).to_pydict()
        exchanged = exchange(adoptions, looks, days=EXPOSED_DAYS)
        types = pa.schema([("kind", pa.string()), ("round", pa.int64()), ("exposed", pa.int64())])
        tables = {
            "exchanged": pa.table(exchanged, schema=types),
            **{name: engine.run(_SQL[name]) for name in ("risk", "naive", "span")},
        }
        span = tables["span"].to_pylist()[0]
    return Counts(
        measure="spread",
        exit=Exit.PRACTICES,
        tables=tables,
        people=span["people"],
        units=span["adoptions"],
        least_units=LEAST_ADOPTIONS,
        start=span["start_day"],
        end=span["end_day"],
    )


def estimate(release: ReleaseLike) -> Finding:
    """Say whether adoptions follow an example along informal ties, along the reporting line, or neither.

    A ratio is told only where the exchanged dates and the risk sets agree: alone, the first takes a common cause, the second
    people who are alike, for spread.

    Args:
        release: tables of `count`; a refused one gives withheld results.
    """
    stop = _withheld(release)
    if stop is not None:
        return page.nothing(release, *stop)
    rows = release.tables["exchanged"].to_pydict()
    fitted = ratios(release.tables["risk"].to_pydict(), doses=False)
    found = {kind: set_beside(excess_of(rows, kind, release.units), fitted, n) for n, kind in enumerate(("informal", "formal"))}
    return page.finding(release, found, naive=release.tables["naive"].to_pylist()[0])


def _withheld(release: ReleaseLike) -> tuple[Phrase, Phrase] | None:
    if release.refused is not None:
        return release.refused, release.unlock or say("more exports, or a longer time")
    span = release.tables["span"].to_pylist()[0]
    if span["teams"] < LEAST_TEAMS:
        return say("adoptions come from fewer than {least:count} teams", least=LEAST_TEAMS), say("an org chart with more teams")
    if span["tied"] < LEAST_TIED * span["people"]:
        return (
            say("fewer than {least:percent} of those who took a tool up have a tie to another team", least=LEAST_TIED),
            say("exports that show who answers whom: chat threads, reviews"),
        )
    if span["events"]:
        return say("an event reached the whole organisation within the window"), say("a year without such an event")
    control = excess_of(release.tables["exchanged"].to_pydict(), "control", release.units)
    if control.p <= ALPHA / 2:
        return (
            say("adoptions also seem to follow examples of other tools, so something shared moves both"),
            say("a list of joint projects, trainings and events, with their dates"),
        )
    return None


MEASURE = Measure(
    name="spread",
    code="M4",
    title=say("How it travelled"),
    question=say("Do people take a tool up after a colleague showed it, more often than dates alone would give?"),
    estimand=say(
        "Adoptions with at least one colleague's visible example in the six weeks before, minus their number if dates were "
        "exchanged within team and tool; along informal ties between teams, and along the reporting line."
    ),
    unit="adoptions",
    exit=Exit.PRACTICES,
    needs=("practices", "practice_people", "members", "ties", "traces"),
    sql=_SQL,
    assumptions=(
        say("Ties are of the 13 weeks before the window: replies, mentions, reviews, work signed together."),
        say("Along the reporting line, an example may be one's leader's or a report's."),
        say("Within a team and a tool, the dates on which people took it up could have been exchanged."),
        say("Joint projects that are not in the list look like spread."),
    ),
    references=(
        "Manski 1993, Review of Economic Studies 60:531",
        "Anagnostopoulos, Kumar & Mahdian 2008, KDD",
        "Aral, Muchnik & Sundararajan 2009, PNAS 106:21544",
        "Shalizi & Thomas 2011, Sociological Methods & Research 40:211",
        "Centola & Macy 2007, American Journal of Sociology 113:702",
        "Centola 2010, Science 329:1194",
    ),
    order=50,
    count=count,
    estimate=estimate,
    seen_in=(Family.CHAT,),
    unseen=(
        say("git and usage logs show who did something, not whose example they had seen"),
        say("an export of public channels, and an org chart"),
    ),
)
