"""Licences from a release with noise: their holders by the best that is known of any of their seats."""

from collections.abc import Mapping

import numpy as np

from groundswell.measures._floors import Quantity
from groundswell.measures._licences import ASSUMPTIONS, SHARE
from groundswell.measures._noised import MOST_NOISE, not_with_noise, people_of, too_much_noise
from groundswell.measures._rates import EDGE, Interval, normal_quantile
from groundswell.model.measure import Finding, ReleaseLike, Result
from groundswell.model.phrase import Phrase, say

HOLDERS = say("Share of people with a seat who used one in the 28 days before the snapshot")


def finding(release: ReleaseLike) -> Finding:
    """What can be said of the holders of seats: people, not seats, so that each counts once."""
    share = _share(release, people_of(release))
    cost = _quantity(release, "idle_cost", say("Price of idle seats a month, {currency}", currency=""), "currency")
    return Finding(
        measure="seats",
        sentence=_sentence(share),
        results=(share, cost.withheld(*not_with_noise())),
        known=say(
            "We count people with a seat, each once, by the best that is known of any of theirs, and add noise so that nobody "
            "can be worked out. The vendor's own console counts seats."
        ),
    )


def _share(release: ReleaseLike, people: Mapping[str, int]) -> Result:
    """Bounds from no unmeasured holder using a seat to all of them, widened by the noise; no chance, since all are counted."""
    quantity = _quantity(release, "active_share", HOLDERS, "share")
    active, new, possible = (float(people[k]) for k in ("active", "new", "possible"))
    base = release.people - new
    noise = normal_quantile(0.95) * release.sigma * np.sqrt(2.0) / max(base, 1.0)
    if noise > MOST_NOISE * np.sqrt(2.0):
        return quantity.withheld(*too_much_noise())
    measured = max(base - max(possible, 0.0), 1.0)
    if measured < 0.5 * base:
        return quantity.withheld(say("the use of these seats is not measured"), say("telemetry, or a usage log of the tool"))
    value, low, high = (float(np.clip(x, 0.0, 1.0)) for x in (active / measured, active / base, (active + possible) / base))
    if not EDGE <= value <= 1 - EDGE:
        return quantity.withheld(
            say("it is too near nobody or everybody to be told beside the noise"), say("a share between a tenth and nine tenths")
        )
    return quantity.value(Interval(value, max(0.0, min(low, value) - noise), min(1.0, max(high, value) + noise)))


def _sentence(share: Result) -> Phrase:
    if share.estimate is None:
        return say("Which licences are used cannot be said: {reason}.", reason=share.reason or SHARE)
    return say(
        "Of {n:count} people with a seat, about {share:percent} used one in the last 28 days (between {low:percent} and"
        " {high:percent}, unmeasured seats and protective noise allowed for).",
        n=share.n_people,
        share=share.estimate,
        low=share.low or 0.0,
        high=share.high or 0.0,
    )


def _quantity(release: ReleaseLike, key: str, label: Phrase, unit: str) -> Quantity:
    return Quantity(
        measure="seats", key=key, label=label, unit=unit, start=release.start, end=release.end, n_people=release.people,
        n_units=release.people, assumptions=ASSUMPTIONS,
    )  # fmt: skip
