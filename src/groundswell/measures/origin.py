"""How did practices start: did someone try, or was someone told to?"""

from typing import Any

import numpy as np

from groundswell.measures._floors import Quantity
from groundswell.measures._practice_counts import LEAST_PRACTICES, LIVED, READ, caution, counts, span_of, two_figures
from groundswell.measures._rates import clustered_share
from groundswell.measures._survival_curves import Whole
from groundswell.model.measure import (
    Counts,
    EngineLike,
    Exit,
    Finding,
    Line,
    Measure,
    Picture,
    Point,
    ReleaseLike,
    Result,
    Shape,
    Verdict,
)
from groundswell.model.phrase import Phrase, say
from groundswell.model.trace import Family
from groundswell.practices.origin import CHAT_START, LOOK_BACK

Words = np.ndarray[Any, np.dtype[np.object_]]

LARGEST_UNSURE = 0.4
"""More than this share unknown or fragile, and no origin is published (M2)."""

SHOWN = ("grassroots", "interleaved", "mandated", "no_mandate_seen", "provisioned")
"""Origins with a share of their own, by name; the unknown are not an origin."""

HEARD = ("grassroots", "interleaved", "mandated")
"""Origins that only somebody who hears the leaders can tell."""

LEAST_TEAMS = 5
"""Fewest teams a share over practices may rest on."""

_KNOWABLE = f"""{LIVED}, start as ({CHAT_START}), knowable as (
    select l.* from lived l cross join start s where s.first_day is null or l.born_on >= day_after(s.first_day, {LOOK_BACK})
)"""  # noqa: S608 - own numbers only
"""Practices born when the chat had been read for 90 days. Of earlier ones a demand may be known, its absence never: to count
those alone that are known would make demands look commoner than they were."""

_ORIGINS = f"""with {_KNOWABLE}
select team, origin, fragile, count(*) as practices
from knowable group by team, origin, fragile
order by team, origin, fragile"""  # noqa: S608 - own words only

_REUSED = f"""with {_KNOWABLE}
select o.origin, count(p.practice) as practices,
       cast(coalesce(sum(case when p.second_after_days <= 90 then 1 else 0 end), 0) as bigint) as reused
from (select 'grassroots' as origin union all select 'interleaved' union all select 'mandated'
      union all select 'no_mandate_seen' union all select 'provisioned' union all select 'unknown') o
left join knowable p on p.origin = o.origin
group by o.origin order by o.origin"""  # noqa: S608 - own words only

_SQL = {"origins": _ORIGINS, "reused": _REUSED, "read": READ, "span": span_of("knowable", _KNOWABLE)}


def count(engine: EngineLike) -> Counts:
    """Count practices by team, origin and whether the origin hangs on the look-back.

    Args:
        engine: needs `practices`, `practice_people`, `acts`, `labels`.

    Returns:
        `origins` (team, origin, fragile, practices; teams are strata, never shown), `reused` (six rows whatever the company:
        practices, and those a second person used within 90 days), `read` and `span`. Units are practices born once the chat had
        been read for 90 days.
    """
    return counts("origin", engine, _SQL, units="practices")


def estimate(release: ReleaseLike) -> Finding:
    """Say what share of practices began in each way, judged only by what was dated before the first use.

    Args:
        release: tables of `count`; a refused one gives withheld results.
    """
    stop = _withheld(release)
    if stop is not None:
        return Finding(
            measure=release.measure,
            sentence=say("How practices started cannot be told: {why}.", why=stop[0]),
            results=tuple(_quantity(release, origin, release.units).withheld(*stop) for origin in SHOWN),
            known=_known(),
        )
    origin, team = _cases(release)
    doubt = caution(len(origin), release.tables["read"].to_pylist()[0])
    results = tuple(_share(release, origin, team, name, doubt) for name in SHOWN if name != "no_mandate_seen" or name in origin)
    return Finding(
        measure=release.measure,
        sentence=_sentence(results, release),
        results=results,
        pictures=(_picture(results),),
        known=_known(),
    )


def _withheld(release: ReleaseLike) -> tuple[Phrase, Phrase] | None:
    if release.refused is not None:
        return release.refused, release.unlock or say("more exports, or a longer time")
    rows = release.tables["origins"].to_pylist()
    total = sum(r["practices"] for r in rows)
    unsure = sum(r["practices"] for r in rows if r["origin"] == "unknown" or r["fragile"])
    blind = sum(r["practices"] for r in rows if r["origin"] == "no_mandate_seen")
    known = total - sum(r["practices"] for r in rows if r["origin"] == "unknown")
    heard = sum(r["practices"] for r in rows if r["origin"] in HEARD)
    # Seats are seen without any chat; but that nobody asked first is not, so they say nothing of a start by themselves.
    if blind and (not heard or blind > LARGEST_UNSURE * total):
        return (
            say("these sources do not show what leaders asked for"),
            say("a chat export with the channels leaders write in, and an org chart"),
        )
    if unsure > LARGEST_UNSURE * total:
        return (
            say("for {share:percent} of the practices it is unknown, or hangs on how far one looks back", share=unsure / total),
            say("exports that reach back three months before the first practices, with the channels leaders write in"),
        )
    if known < LEAST_PRACTICES:
        return (
            say("it is known for {n:count} practice | it is known for {n:count} practices", n=known),
            say("{least:count} practices whose start is in the traces", least=LEAST_PRACTICES),
        )
    if len({r["team"] for r in rows if r["origin"] != "unknown"}) < LEAST_TEAMS:
        return say("they come from fewer than {least:count} teams", least=LEAST_TEAMS), say("practices of more teams")
    return None


def _cases(
    release: ReleaseLike,
) -> "tuple[np.ndarray[tuple[int], np.dtype[np.object_]], np.ndarray[tuple[int], np.dtype[np.int64]]]":
    rows = [r for r in release.tables["origins"].to_pylist() if r["origin"] != "unknown"]
    times = [r["practices"] for r in rows]
    origin = np.repeat(np.array([r["origin"] for r in rows], dtype=object), times)
    return origin, np.repeat(np.array([r["team"] for r in rows], dtype=np.int64), times)


def _share(
    release: ReleaseLike,
    origin: Words,
    team: Whole,
    name: str,
    doubt: tuple[Phrase, Phrase] | None,
) -> Result:
    found, _, _ = clustered_share((origin == name).astype(float), team)
    reason, unlock = doubt or (None, None)
    return _quantity(release, name, len(origin)).value(two_figures(found), reason=reason, unlock=unlock)


def _sentence(results: tuple[Result, ...], release: ReleaseLike) -> Phrase:
    share = {r.key: r.estimate or 0.0 for r in results if r.verdict is not Verdict.WITHHELD}
    reused = {r["origin"]: r for r in release.tables["reused"].to_pylist()}
    told = say(
        "{own:percent} of practices began with someone trying it, {told:percent} after a demand that named the tool or the job, "
        "{given:percent} after a seat or a training, {generic:percent} after a general call to use AI.",
        own=share.get("grassroots", 0.0),
        told=share.get("mandated", 0.0),
        given=share.get("provisioned", 0.0),
        generic=share.get("interleaved", 0.0),
    )
    own, asked = reused["grassroots"], reused["mandated"]
    if min(own["practices"], asked["practices"]) < LEAST_PRACTICES:
        return told
    return say(
        "{told} A second person joined within {days:days} in {own:percent} of the first and {asked:percent} of the second.",
        told=told,
        days=90,
        own=round(own["reused"] / own["practices"], 2),
        asked=round(asked["reused"] / asked["practices"], 2),
    )


def _picture(results: tuple[Result, ...]) -> Picture:
    return Picture(
        key="origin",
        shape=Shape.INTERVALS,
        title=say("How practices started"),
        x_label=say("share of practices"),
        y_label=say("how it started"),
        lines=tuple(
            Line(name=r.label, points=(Point(x=0, value=r.estimate or 0.0, low=r.low, high=r.high, at_risk=r.n_units),))
            for r in results
        ),
        alt=say("One interval for each way of starting: the share of practices that began so."),
        y_unit="share",
    )


def _quantity(release: ReleaseLike, origin: str, units: int) -> Quantity:
    labels = {
        "grassroots": say("began with someone trying it"),
        "interleaved": say("began after a general call to use AI"),
        "mandated": say("began with a demand"),
        "no_mandate_seen": say("began where no leader could be heard"),
        "provisioned": say("began with a seat or a training"),
    }
    return Quantity(
        measure=release.measure, key=origin, label=labels[origin], unit="share", start=release.start, end=release.end,
        n_people=release.people, n_units=units,
        assumptions=(say("what was asked in meetings or in private leaves no trace here"),),
    )  # fmt: skip


def _known() -> Phrase:
    return say(
        "Only what was dated before the first use counts, in the reporting line or the channels of the first users, up to 90 "
        "days back; 30, 60 and 180 days were tried too. What was asked face to face is not seen."
    )


MEASURE = Measure(
    name="origin",
    code="M2",
    title=say("How it started"),
    question=say("How did practices start: did someone try, or was someone told to?"),
    estimand=say("Share of practices by origin at birth: grassroots, mandated, provisioned, interleaved."),
    unit="practices",
    exit=Exit.PRACTICES,
    needs=("practices", "practice_people"),
    sql=_SQL,
    assumptions=(
        say("A demand counts if it names the tool or the job and was written where it could reach the first users."),
        say("What was asked in meetings or in private leaves no trace and counts as not asked."),
        say("A practice seen in the first six weeks of its source may be older: its start is unknown."),
    ),
    references=("Suissa 2008, American Journal of Epidemiology 167:492",),
    order=40,
    count=count,
    estimate=estimate,
    seen_in=(Family.CHAT,),
    unseen=(
        say("git and usage logs show when something began, not whether somebody had asked for it"),
        say("an export of public channels in which leaders write, and an org chart"),
    ),
)
