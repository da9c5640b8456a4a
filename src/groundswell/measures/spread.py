"""Do people take a tool up after a colleague showed it, more often than dates alone would give?"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from groundswell.measures._cell_cox import fit
from groundswell.measures._floors import Quantity
from groundswell.measures._permuted_dates import Excess, exchange
from groundswell.measures._practice_counts import two_figures
from groundswell.measures._rates import Interval, normal_quantile
from groundswell.measures._spread_counts import DATES, RISK, SPAN
from groundswell.model.measure import Counts, EngineLike, Exit, Finding, Line, Measure, Picture, Point, ReleaseLike, Result, Shape
from groundswell.model.phrase import Phrase, say
from groundswell.model.trace import Family

SEED = 20250107
"""Of the exchanges: fixed, so that the same release always gives the same page."""

LEAST_ADOPTIONS, LEAST_TEAMS, LEAST_TIED = 80, 5, 0.3
"""Below these nothing is said (M4)."""

LEAST_FOR_DOSE = 150
"""Adoptions from which two contacts are set against one (M4)."""

ALPHA = 0.05
"""The hazard ratio's two-sided p must be at most this, and the exchanges' one-sided p at most half of it."""

_SQL = {"dates": DATES, "risk": RISK, "span": SPAN}


@dataclass(frozen=True)
class Found:
    """Both tests of one kind of tie.

    Attributes:
        excess: exchanged dates.
        ratio: hazard ratio with its interval; None where the data say nothing.
        p: of the hazard ratio, two-sided.
    """

    excess: Excess
    ratio: Interval | None
    p: float

    @property
    def spreads(self) -> bool:
        """Whether both tests agree that adoptions follow examples."""
        return self.excess.p <= ALPHA / 2 and self.p <= ALPHA and self.ratio is not None and self.ratio.value > 1


def count(engine: EngineLike) -> Counts:
    """Count exposed adoptions on the dates of their team, and risk sets by what had been seen.

    Args:
        engine: needs `practices`, `practice_people`, `members`, `ties`, `traces`, `programmes`.

    Returns:
        `dates` (kind, stratum, adoption, on_date, exposed: numbers within a stratum, no person), `risk` (stratum, week, informal,
        formal, activity, at_risk, adopted), `span`. Units are adoptions.
    """
    nothing = date(1970, 1, 1)
    if not engine.has("practices") or not engine.has("traces"):
        return Counts(
            measure="spread",
            exit=Exit.PRACTICES,
            tables={},
            people=0,
            units=0,
            least_units=LEAST_ADOPTIONS,
            start=nothing,
            end=nothing,
        )
    tables = {name: engine.run(sql) for name, sql in _SQL.items()}
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

    Args:
        release: tables of `count`; a refused one gives withheld results.
    """
    stop = _withheld(release)
    if stop is None:
        dates = release.tables["dates"].to_pydict()
        control = exchange(dates, "control", seed=SEED)
        if control.p <= ALPHA / 2:
            stop = (
                say("adoptions also seem to follow examples of other tools, so something shared moves both"),
                say("a list of joint projects, trainings and events, with their dates"),
            )
    if stop is not None:
        return _nothing(release, *stop)
    found = {kind: _both(release, dates, kind) for kind in ("informal", "formal")}
    results = [r for kind, one in found.items() for r in _results(release, kind, one)]
    results += _dose(release)
    return Finding(
        measure=release.measure,
        sentence=_sentence(found, release),
        results=tuple(results),
        pictures=(_picture(found),),
        known=say(
            "Dates are exchanged within teams, and people of one team are compared in the same week. What a whole group was told "
            "at once looks like spread unless that project or event is in the list."
        ),
    )


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
    return None


def _both(release: ReleaseLike, dates: dict[str, list[Any]], kind: str) -> Found:
    names = ("informal", "formal")
    log_ratio, error = _cox(release, doses=False)[names.index(kind)]
    excess = exchange(dates, kind, seed=SEED)
    if not np.isfinite(error):
        return Found(excess, None, 1.0)
    return Found(excess, _ratio(log_ratio, error), _two_sided(log_ratio / error))


def _cox(release: ReleaseLike, *, doses: bool) -> list[tuple[float, float]]:
    """Log hazard ratio and error of informal (any, or one then two and more), formal and activity."""
    rows = {k: np.array(v) for k, v in release.tables["risk"].to_pydict().items()}
    informal = [rows["informal"] >= 1, rows["informal"] >= 2] if doses else [rows["informal"] >= 1]
    columns = [*informal, rows["formal"] == 1, rows["activity"] == 1, rows["activity"] == 2]
    found = fit(
        rows["stratum"].astype(np.int64) * 10_000 + rows["week"].astype(np.int64),
        np.stack([c.astype(float) for c in columns], axis=1),
        rows["at_risk"].astype(float),
        rows["adopted"].astype(float),
    )
    return list(zip(found.beta.tolist(), found.error.tolist(), strict=True))


def _results(release: ReleaseLike, kind: str, found: Found) -> list[Result]:
    share, ratio = _quantities(release, kind)
    n = max(found.excess.adoptions, 1)
    low, high = found.excess.interval
    results = [share.value(two_figures(Interval(found.excess.excess / n, low / n, high / n)))]
    if found.ratio is None:
        unlock = say("more adoptions after an example of this kind")
        return [*results, ratio.withheld(say("too few had, or had not, seen an example of this kind"), unlock)]
    return [*results, ratio.value(two_figures(found.ratio))]


def _dose(release: ReleaseLike) -> list[Result]:
    quantity = Quantity(
        measure=release.measure, key="second_contact", label=say("taking it up after two colleagues showed it, against one"),
        unit="ratio", start=release.start, end=release.end, n_people=release.people, n_units=release.units,
    )  # fmt: skip
    more = say("{least:count} adoptions or more, some after two examples", least=LEAST_FOR_DOSE)
    if release.units < LEAST_FOR_DOSE:
        return [quantity.withheld(say("it rests on {n:count} adoption | it rests on {n:count} adoptions", n=release.units), more)]
    log_ratio, error = _cox(release, doses=True)[1]
    if not np.isfinite(error):
        return [quantity.withheld(say("too few saw two colleagues show it"), more)]
    return [quantity.value(two_figures(_ratio(log_ratio, error)))]


def _sentence(found: dict[str, Found], release: ReleaseLike) -> Phrase:
    informal, formal = found["informal"].spreads, found["formal"].spreads
    if informal and formal:
        return say(
            "Taking up a tool is consistent with spread along informal ties between teams ({a:number} of {n:count} adoptions "
            "more than their dates alone give) and along the reporting line ({b:number} more).",
            a=_two(found["informal"].excess.excess), b=_two(found["formal"].excess.excess), n=release.units,
        )  # fmt: skip
    if not informal and not formal:
        least = 2.8 * max(found["informal"].excess.spread, 1.0)
        return say(
            "Whether tools travel from colleague to colleague is not distinguishable from a shared cause, along informal ties or "
            "the reporting line: fewer than {least:number} of {n:count} adoptions would not be seen.",
            least=_two(least),
            n=release.units,
        )
    way, other = ("informal", "formal") if informal else ("formal", "informal")
    return say(
        "Taking up a tool is consistent with spread along {way}: {a:number} of {n:count} adoptions more than their dates alone "
        "give. Along {other} it is not distinguishable from a shared cause.",
        way=_way(way),
        other=_way(other),
        a=_two(found[way].excess.excess),
        n=release.units,
    )


def _way(kind: str) -> Phrase:
    return say("informal ties between teams") if kind == "informal" else say("the reporting line")


def _picture(found: dict[str, Found]) -> Picture:
    lines = []
    for kind, one in sorted(found.items()):
        n = max(one.excess.adoptions, 1)
        low, high = one.excess.interval
        lines.append(
            Line(name=_way(kind), points=(Point(x=0, value=one.excess.excess / n, low=low / n, high=high / n, at_risk=n),))
        )
    return Picture(
        key="spread",
        shape=Shape.INTERVALS,
        title=say("Adoptions that followed an example, beyond what their dates alone give"),
        x_label=say("share of adoptions"),
        y_label=say("kind of tie"),
        lines=tuple(lines),
        alt=say("Two intervals: excess adoptions after an example along informal ties and along the reporting line."),
        y_unit="share",
    )


def _quantities(release: ReleaseLike, kind: str) -> tuple[Quantity, Quantity]:
    labels = {
        "informal": (
            say("adoptions after an example from another team, beyond what dates give"),
            say("taking it up after an example from another team, against without"),
        ),
        "formal": (
            say("adoptions after the leader's example, beyond what dates give"),
            say("taking it up after the leader's example, against without"),
        ),
    }
    assumptions = (
        say("within a team and a tool, dates could have been exchanged"),
        say("a colleague's act was seen if it stood in a place the person writes in"),
    )
    share = Quantity(
        measure=release.measure, key=f"excess_{kind}", label=labels[kind][0], unit="share", start=release.start, end=release.end,
        n_people=release.people, n_units=release.units, assumptions=assumptions,
    )  # fmt: skip
    ratio = Quantity(
        measure=release.measure, key=f"ratio_{kind}", label=labels[kind][1], unit="ratio", start=release.start, end=release.end,
        n_people=release.people, n_units=release.units, assumptions=assumptions,
    )  # fmt: skip
    return share, ratio


def _nothing(release: ReleaseLike, reason: Phrase, unlock: Phrase) -> Finding:
    return Finding(
        measure=release.measure,
        sentence=say("Whether tools travel from colleague to colleague cannot be told: {why}.", why=reason),
        results=tuple(_quantities(release, kind)[0].withheld(reason, unlock) for kind in ("informal", "formal")),
    )


def _ratio(log_ratio: float, error: float) -> Interval:
    reach = normal_quantile(0.95) * error
    return Interval(float(np.exp(log_ratio)), float(np.exp(log_ratio - reach)), float(np.exp(log_ratio + reach)))


def _two_sided(z: float) -> float:
    from statistics import NormalDist

    return 2 * NormalDist().cdf(-abs(z))


def _two(value: float) -> float:
    return float(f"{value:.2g}")


MEASURE = Measure(
    name="spread",
    code="M4",
    title=say("How it travelled"),
    question=say("Do people take a tool up after a colleague showed it, more often than dates alone would give?"),
    estimand=say(
        "Adoptions with at least one colleague's visible example in the six weeks before, minus their number if dates were "
        "exchanged within team; along informal ties between teams, and along the reporting line."
    ),
    unit="adoptions",
    exit=Exit.PRACTICES,
    needs=("practices", "practice_people", "members", "ties", "traces"),
    sql=_SQL,
    assumptions=(
        say("Ties are of the 13 weeks before the window: replies, mentions, reviews, work signed together."),
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
