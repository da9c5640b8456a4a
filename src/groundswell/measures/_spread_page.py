"""What a reader is told about spread: sentence, numbers and picture (M4)."""

from collections.abc import Mapping

import numpy as np

from groundswell.measures._floors import Quantity
from groundswell.measures._practice_counts import two_figures
from groundswell.measures._rates import Interval
from groundswell.measures._spread_tests import Found, naive_ratio, ratio_of, ratios
from groundswell.model.measure import Finding, Line, Picture, Point, ReleaseLike, Result, Shape
from groundswell.model.phrase import Phrase, say

LEAST_FOR_DOSE = 150
"""Adoptions from which two contacts are set against one (M4)."""

KINDS = ("informal", "formal")

_ALONE = say("dates alone show it, but people compared in the same week do not: a shared cause looks the same")


def finding(release: ReleaseLike, found: Mapping[str, Found], *, naive: Mapping[str, int]) -> Finding:
    """Everything that is said once both tests were made.

    Args:
        release: what was let out.
        found: both tests, by kind of tie.
        naive: counts of the comparison that is not made.
    """
    results = [r for kind in KINDS for r in _results(release, kind, found[kind])]
    results.append(_dose(release, found["informal"]))
    return Finding(
        measure=release.measure,
        sentence=_sentence(found, release),
        results=tuple(results),
        pictures=_picture(found),
        known=_known(naive_ratio(naive)),
    )


def nothing(release: ReleaseLike, reason: Phrase, unlock: Phrase) -> Finding:
    """Everything withheld."""
    return Finding(
        measure=release.measure,
        sentence=say("Whether tools travel from colleague to colleague cannot be told: {why}.", why=reason),
        results=tuple(quantity.withheld(reason, unlock) for kind in KINDS for quantity in _quantities(release, kind)),
    )


def _known(naive: float | None) -> Phrase:
    if naive is None:
        return say(
            "Dates are exchanged within team and tool, and people of one team are compared in the same week; only where both "
            "tests agree is anything said to spread. What a whole group was told at once looks like spread unless that project "
            "or event is in the list."
        )
    return say(
        "Simply setting weeks after a colleague's example beside all others gives a ratio of {naive:ratio}; most of such a ratio "
        "is calendar time and likeness. So dates are exchanged within team and tool, and people of one team are compared in the "
        "same week; only where both tests agree is anything said to spread.",
        naive=_two(naive),
    )


def _results(release: ReleaseLike, kind: str, found: Found) -> list[Result]:
    share, ratio = _quantities(release, kind)
    n = max(found.excess.adoptions, 1)
    low, high = found.excess.interval
    results = [
        share.withheld(_ALONE, say("a list of joint projects, trainings and events, with their dates"))
        if _dates_alone(found)
        else share.value(two_figures(Interval(found.excess.excess / n, low / n, high / n)))
    ]
    if found.ratio is None:
        unlock = say("more adoptions after an example of this kind")
        return [*results, ratio.withheld(say("too few had, or had not, seen an example of this kind"), unlock)]
    if not found.spreads:
        return [*results, ratio.withheld(_unagreed(found), say("more adoptions after an example of this kind"))]
    return [*results, ratio.value(two_figures(found.ratio))]


def _unagreed(found: Found) -> Phrase:
    least = found.least_ratio
    if least is None or not np.isfinite(least):
        return say("exchanged dates and people compared in the same week do not both show it, so no ratio is told")
    return say(
        "exchanged dates and people compared in the same week do not both show it, so no ratio is told; one of {least:ratio} or "
        "more would be seen four times in five",
        least=_two(least),
    )


def _dose(release: ReleaseLike, informal: Found) -> Result:
    quantity = _ratio(release, "second_contact", say("taking it up after two colleagues showed it, against one"))
    more = say("{least:count} adoptions or more, some after two examples", least=LEAST_FOR_DOSE)
    if release.units < LEAST_FOR_DOSE:
        return quantity.withheld(say("it rests on {n:count} adoption | it rests on {n:count} adoptions", n=release.units), more)
    fitted = ratios(release.tables["risk"].to_pydict(), doses=True)
    log_ratio, error = float(fitted.beta[1]), float(fitted.error[1])
    if not np.isfinite(error):
        return quantity.withheld(say("too few saw two colleagues show it"), more)
    if not informal.spreads:
        return quantity.withheld(say("adoptions are not told to follow one example, so a second is not set against it"), more)
    return quantity.value(two_figures(ratio_of(log_ratio, error)))


def _sentence(found: Mapping[str, Found], release: ReleaseLike) -> Phrase:
    informal, formal = found["informal"].spreads, found["formal"].spreads
    if informal and formal:
        return say(
            "Taking up a tool is consistent with spread along informal ties between teams ({a:number} of {n:count} adoptions "
            "more than their dates alone give) and along the reporting line ({b:number} more).",
            a=_two(found["informal"].excess.excess), b=_two(found["formal"].excess.excess), n=release.units,
        )  # fmt: skip
    if not informal and not formal:
        return _cannot_tell(found, release)
    way, other = KINDS if informal else KINDS[::-1]
    return say(
        "Taking up a tool is consistent with spread along {way}: {a:number} of {n:count} adoptions more than their dates alone "
        "give. Along {other} it is not distinguishable from a shared cause.",
        way=_way(way),
        other=_way(other),
        a=_two(found[way].excess.excess),
        n=release.units,
    )


def _cannot_tell(found: Mapping[str, Found], release: ReleaseLike) -> Phrase:
    """That neither way is told apart from a shared cause, and what either would have had to be, to be told four times in five."""
    informal, line = found["informal"], found["formal"]
    ratio = [one.least_ratio for one in (informal, line) if one.least_ratio is not None and np.isfinite(one.least_ratio)]
    least, along = _two(informal.least_adoptions), _two(line.least_adoptions)
    if len(ratio) < len(KINDS):
        return say(
            "Whether tools travel from colleague to colleague is not distinguishable from a shared cause. Of {n:count} adoptions,"
            " fewer than {least:number} that followed an example along informal ties, or {line:number} along the reporting line,"
            " would not be seen.",
            least=least, line=along, n=release.units,
        )  # fmt: skip
    return say(
        "Whether tools travel from colleague to colleague is not distinguishable from a shared cause. Of {n:count} adoptions,"
        " fewer than {least:number} that followed an example along informal ties, or {line:number} along the reporting line,"
        " would go unseen, and so would an example that makes taking a tool up less than {ratio:ratio} times as likely.",
        least=least, line=along, ratio=_two(max(ratio)), n=release.units,
    )  # fmt: skip


def _dates_alone(found: Found) -> bool:
    """Whether exchanging dates shows an excess that the other test does not: such a number is no finding."""
    return found.excess.interval[0] > 0 and not found.spreads


def _way(kind: str) -> Phrase:
    return say("informal ties between teams") if kind == "informal" else say("the reporting line")


def _picture(found: Mapping[str, Found]) -> tuple[Picture, ...]:
    lines = []
    for kind, one in sorted(found.items()):
        n = max(one.excess.adoptions, 1)
        low, high = one.excess.interval
        if _dates_alone(one):
            continue
        lines.append(
            Line(name=_way(kind), points=(Point(x=0, value=one.excess.excess / n, low=low / n, high=high / n, at_risk=n),))
        )
    if not lines:
        return ()
    one_picture = Picture(
        key="spread",
        shape=Shape.INTERVALS,
        title=say("Adoptions that followed an example, beyond what their dates alone give"),
        x_label=say("share of adoptions"),
        y_label=say("kind of tie"),
        lines=tuple(lines),
        alt=say("Two intervals: excess adoptions after an example along informal ties and along the reporting line."),
        y_unit="share",
    )
    return (one_picture,)


def _quantities(release: ReleaseLike, kind: str) -> tuple[Quantity, Quantity]:
    labels = {
        "informal": (
            say("adoptions after an example from another team, beyond what dates give"),
            say("taking it up after an example from another team, against without"),
        ),
        "formal": (
            say("adoptions after an example along the reporting line, beyond what dates give"),
            say("taking it up after an example along the reporting line, against without"),
        ),
    }
    share = Quantity(
        measure=release.measure, key=f"excess_{kind}", label=labels[kind][0], unit="share", start=release.start, end=release.end,
        n_people=release.people, n_units=release.units, assumptions=_assumptions(), neutral=0.0,
    )  # fmt: skip
    return share, _ratio(release, f"ratio_{kind}", labels[kind][1])


def _ratio(release: ReleaseLike, key: str, label: Phrase) -> Quantity:
    return Quantity(
        measure=release.measure, key=key, label=label, unit="ratio", start=release.start, end=release.end,
        n_people=release.people, n_units=release.units, assumptions=_assumptions(), neutral=1.0,
    )  # fmt: skip


def _assumptions() -> tuple[Phrase, ...]:
    return (
        say("within a team and a tool, dates could have been exchanged"),
        say("a colleague's act was seen if it stood in a place the person writes in"),
    )


def _two(value: float) -> float:
    return float(f"{value:.2g}")
