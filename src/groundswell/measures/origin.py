"""How did practices start: did someone try, or was someone told to?"""

from typing import Any

import numpy as np

from groundswell.measures import _origin_read as reading
from groundswell.measures._floors import Quantity
from groundswell.measures._labels import GOLD, gold_of, why_withheld
from groundswell.measures._practice_counts import LEAST_PRACTICES, LIVED, READ, caution, counts, span_of, two_figures
from groundswell.measures._rates import Interval, clustered_share
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
)
from groundswell.model.phrase import Phrase, say
from groundswell.model.trace import Family
from groundswell.practices.origin import CHAT_START, LOOK_BACK

ASSUMED = (
    say("what was asked in meetings or in private leaves no trace here"),
    say("a demand that was read names what the reader found in it; demands that are none reach as many practices as others"),
)

Words = np.ndarray[Any, np.dtype[np.object_]]

LARGEST_UNSURE = 0.4
"""More than this share unknown or fragile, and no origin is published (M2)."""

SHOWN = ("grassroots", "interleaved", "mandated", "no_mandate_seen", "provisioned")
"""Origins with a share of their own, by name; the unknown are not an origin."""

UNPROVIDED = ("grassroots", "interleaved", "provisioned")
"""Origins that nobody can tell apart where no source says who was given a seat or a training."""

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
select team, origin, fragile, doubtful, count(*) as practices
from (
    select k.team, k.origin, k.fragile,
           case when c.source is not null and k.carrier = 'acts' and not k.corroborated then 1 else 0 end as doubtful
    from knowable k left join (select distinct source from acts where channel = 'message') c on c.source = k.source
) told group by team, origin, fragile, doubtful
order by team, origin, fragile, doubtful"""  # noqa: S608 - own words only

_REUSED = f"""with {_KNOWABLE}
select o.origin, count(p.practice) as practices,
       cast(coalesce(sum(case when p.second_after_days <= 90 then 1 else 0 end), 0) as bigint) as reused
from (select 'grassroots' as origin union all select 'interleaved' union all select 'mandated'
      union all select 'no_mandate_seen' union all select 'provisioned' union all select 'unknown') o
left join knowable p on p.origin = o.origin
group by o.origin order by o.origin"""  # noqa: S608 - own words only

_SQL = {
    "origins": _ORIGINS,
    "reused": _REUSED,
    "read": READ,
    "gold": GOLD,
    "demands": reading.DEMANDS,
    "given": reading.PROVIDED_SEEN,
    "span": span_of("knowable", _KNOWABLE),
}


def count(engine: EngineLike) -> Counts:
    """Count practices by team, origin and whether the origin hangs on the look-back.

    Args:
        engine: needs `practices`, `practice_people`, `acts`, `labels`, `programmes`.

    Returns:
        `origins` (team, origin, fragile, doubtful, practices; teams are strata, never shown; doubtful ones were read in messages
        and nothing corroborates them), `reused` (six rows whatever the company: practices, and those a second person used
        within 90 days), `read`, `gold` and `demands` (the audit), `given` (whether seats or trainings are in any source) and
        `span`. Units are practices born once the chat had
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
    results = _shares(release)
    return Finding(
        measure=release.measure,
        sentence=_sentence(results, release),
        results=results,
        pictures=_picture([r for r in results if r.estimate is not None]),
        known=_known(),
    )


def _withheld(release: ReleaseLike) -> tuple[Phrase, Phrase] | None:
    if release.refused is not None:
        return release.refused, release.unlock or say("more exports, or a longer time")
    if release.tables["read"].to_pylist()[0]["from_messages"]:
        unread = why_withheld(gold_of(release.tables["gold"], "done"))
        if unread is not None:
            return unread
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


def _shares(release: ReleaseLike) -> tuple[Result, ...]:
    """One result an origin: where messages were read, between what the reader's errors and lone traces could make of it."""
    rows = [r for r in release.tables["origins"].to_pylist() if r["origin"] != "unknown"]
    times = [r["practices"] for r in rows]
    origin: Words = np.repeat(np.array([r["origin"] for r in rows], dtype=object), times)
    team = np.repeat(np.array([r["team"] for r in rows], dtype=np.int64), times)
    read = release.tables["read"].to_pylist()[0]
    shares = {name: clustered_share((origin == name).astype(float), team)[0] for name in SHOWN}
    if read["from_messages"]:
        practices = {name: (_many(rows, name, 0), _many(rows, name, 1)) for name in SHOWN}
        shares = reading.held(practices, shares, reading.errors(release.tables["demands"]))
    given = release.tables["given"].to_pylist()[0]["seen"]
    doubt = caution(len(origin), read)
    found = []
    for name in SHOWN:
        quantity = _quantity(release, name, len(origin))
        if not given and name in UNPROVIDED:
            found.append(quantity.withheld(*reading.unseen_provision()))
        elif name != "no_mandate_seen" or name in origin:
            found.append(_share(quantity, shares[name], doubt))
    return tuple(found)


def _many(rows: list[dict[str, Any]], origin: str, doubtful: int) -> int:
    return sum(r["practices"] for r in rows if r["origin"] == origin and r["doubtful"] == doubtful)


def _share(quantity: Quantity, interval: Interval, doubt: tuple[Phrase, Phrase] | None) -> Result:
    wide = reading.too_wide(interval)
    if wide is not None:
        return quantity.withheld(*wide)
    reason, unlock = doubt or (None, None)
    return quantity.value(two_figures(interval), reason=reason, unlock=unlock)


def _sentence(results: tuple[Result, ...], release: ReleaseLike) -> Phrase:
    found = {r.key: r for r in results}
    share = {key: r.estimate for key, r in found.items() if r.estimate is not None}
    if not share:
        return say("How practices started cannot be told: {why}.", why=found["mandated"].reason or say("nothing was released"))
    if not {"grassroots", "interleaved", "mandated", "provisioned"} <= set(share):
        return _some(found)
    reused = {r["origin"]: r for r in release.tables["reused"].to_pylist()}
    told = say(
        "{own:percent} of practices began with someone trying it, {told:percent} after a demand that named the tool or the job, "
        "{given:percent} after a seat or a training, {generic:percent} after a general call to use AI.",
        own=share["grassroots"],
        told=share["mandated"],
        given=share["provisioned"],
        generic=share["interleaved"],
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


def _some(found: dict[str, Result]) -> Phrase:
    """The sentence where some origins are withheld and others are not."""
    asked, own = found["mandated"], found["grassroots"]
    why = next((r.reason for r in (own, *found.values()) if r.estimate is None and r.reason), say("nothing was released"))
    if asked.estimate is not None:
        return say(
            "{told:percent} of practices began after a demand that named the tool or the job (between {low:percent} and"
            " {high:percent}). How the others began cannot all be told: {why}.",
            told=asked.estimate, low=asked.low or 0.0, high=asked.high or 0.0, why=why,
        )  # fmt: skip
    if own.estimate is not None:
        return say(
            "{own:percent} of practices began with someone trying it (between {low:percent} and {high:percent}). How the others"
            " began cannot all be told: {why}.",
            own=own.estimate, low=own.low or 0.0, high=own.high or 0.0, why=why,
        )  # fmt: skip
    return say("How practices started cannot be told: {why}.", why=why)


def _picture(results: list[Result]) -> tuple[Picture, ...]:
    if not results:
        return ()
    one = Picture(
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
    return (one,)


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
        assumptions=ASSUMED,
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
    needs=("practices", "practice_people", "acts", "labels", "programmes"),
    sql=_SQL,
    assumptions=(
        say("A demand counts if it names the tool or the job and was written where it could reach the first users."),
        say("What was asked in meetings or in private leaves no trace and counts as not asked."),
        say("A practice seen in the first six weeks of its source may be older: its start is unknown."),
        say(
            "Where messages were read, an interval allows for the errors on demands that the audit found or leaves open, and for"
            " practices that nothing corroborates."
        ),
    ),
    references=(
        "Suissa 2008, American Journal of Epidemiology 167:492",
        "Rogan & Gladen 1978, American Journal of Epidemiology 107:71",
        "Lash, Fox & Fink 2009, Applying Quantitative Bias Analysis to Epidemiologic Data, chapter 8",
        "Kish 1965, Survey Sampling, 8.2",
    ),
    order=40,
    count=count,
    estimate=estimate,
    seen_in=(Family.CHAT,),
    unseen=(
        say("git and usage logs show when something began, not whether somebody had asked for it"),
        say("an export of public channels in which leaders write, and an org chart"),
    ),
)
