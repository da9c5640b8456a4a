"""The pulse from a release with noise: post-stratified to what the logs hold, in closed form."""

from collections.abc import Mapping
from datetime import timedelta

import numpy as np

from groundswell.measures._floors import Quantity
from groundswell.measures._noised import MOST_NOISE, WORKDAYS, people_of, quarter_of, told_share, too_much_noise
from groundswell.measures._pulse import (
    ASSUMPTIONS,
    BOTH,
    ENOUGH_RESPONSE,
    EXPECTED,
    HOW,
    LEAST_RESPONSE,
    LEAST_SEEN,
    SHARE,
    sentence,
)
from groundswell.measures._raking import bounds
from groundswell.measures._rates import EDGE, Interval, normal_quantile
from groundswell.model.measure import Finding, ReleaseLike, Result
from groundswell.model.phrase import Phrase, say

TOOLS = ("chatgpt", "claude", "codex", "copilot", "cursor", "gemini", "m365_copilot")
"""Tools that have a row of their own, whether anybody used them or not; every other one is "another"."""

PLACES = (
    "none", "present", "expected yes", "expected no", "days both", "days one", "days none", *(f"how {how}" for how in HOW),
    *(f"{kind} {tool}" for kind in ("used", "log") for tool in (*TOOLS, "another")),
)  # fmt: skip
"""Every row of the noised counts."""

SURE = 2.0
"""Standard deviations of noise above which a tool counts as logged: the others stand with what no log knows, on both sides."""


def finding(release: ReleaseLike) -> Finding:
    """What can be said of the last calendar quarter's answers, noise and chance both in every interval."""
    people = {**people_of(release), "chart": release.tables["chart"].to_pylist()[0]["people"]}
    share = day_share(release, people)
    results = [share]
    if "present" in people:
        pairs = sum(people[f"days {k}"] for k in ("both", "one", "none"))
        results.append(_of(release, "both_days", BOTH, people["days both"], pairs))
        came = sum(people[f"how {how}"] for how in HOW)
        results += [_of(release, f"how_{how}", label, people[f"how {how}"], came) for how, label in HOW.items()]
        asked = people["expected yes"] + people["expected no"]
        results.append(_of(release, "expected", EXPECTED, people["expected yes"], asked))
    return Finding(
        measure="pulse",
        sentence=sentence(share),
        results=tuple(results),
        known=say("Answers bear no name, and their counts carry noise so that nobody can be worked out; the intervals hold it."),
    )


def day_share(release: ReleaseLike, people: Mapping[str, int]) -> Result:
    """Share of person-workdays with AI: answers weighted so that logged use has the share the logs give it, where they do.

    With L the logs' share of person-days and q the share of other use among answers that name no logged tool, L + (1 - L) q;
    the noise of each count enters to first order. Below 60 % of answers bounds replace the interval, below 30 % all is withheld.

    Source: post-stratification, Holt & Smith 1979; bounds, Manski 2003.
    """
    n, sigma = release.people, release.sigma
    quantity = _quantity(release, "day_share", SHARE, n)
    could = _could(people)
    response = min(1.0, n / could) if could else None
    if response is not None and response < LEAST_RESPONSE:
        few = say("fewer than {least:percent} answered", least=LEAST_RESPONSE)
        return quantity.withheld(few, say("answers of at least {least:percent} of the people", least=LEAST_RESPONSE))
    plain = float(np.clip(people["used"] / n if "used" in people else 1 - people["none"] / n, 0.0, 1.0))
    value, noise, chance = _post_stratified(release, people) or (plain, sigma / n, float(np.sqrt(plain * (1 - plain) / n)))
    if normal_quantile(0.95) * noise > MOST_NOISE:
        return quantity.withheld(*too_much_noise())
    value = float(np.clip(value, 0.0, 1.0))
    if not EDGE <= value <= 1 - EDGE:
        return quantity.withheld(
            say("it is too near nobody or everybody to be told beside the noise"), say("a share between a tenth and nine tenths")
        )
    half = normal_quantile(0.95) * float(np.hypot(noise, chance))
    low, high = max(0.0, value - half), min(1.0, value + half)
    reason: Phrase | None = say("how many people could have answered is not told beside the noise")
    if response is not None:
        reason = None
        if response < ENOUGH_RESPONSE:
            least, most = bounds(plain, response)
            low, high = max(0.0, min(low, least - half)), min(1.0, max(high, most + half))
            reason = say("{share:percent} answered; the interval assumes nothing of the others", share=response)
    return quantity.value(
        Interval(value, low, high), reason=reason, unlock=None if reason is None else say("answers of more people")
    )


def _could(people: Mapping[str, int]) -> int | None:
    """How many could have answered: the chart's head count, else the noised number of people at work; None without either."""
    return people["chart"] or (people["present"] if people.get("present", 0) > 0 else None)


def _post_stratified(release: ReleaseLike, people: Mapping[str, int]) -> tuple[float, float, float] | None:
    """Value, noise and chance; None where no log, or too little beside it, is counted."""
    n, sigma = release.people, release.sigma
    logged_tools = [tool for tool in (*TOOLS, "another") if people.get(f"log {tool}", 0) > SURE * sigma]
    if not logged_tools:
        return None
    start, end = quarter_of(release.end)
    workdays = int(np.busday_count(start, end + timedelta(days=1)))
    present, cells = max(float(_could(people) or 0), 1.0), float(np.sqrt(len(logged_tools)))
    logged = sum(people[f"log {tool}"] for tool in logged_tools) * WORKDAYS / (workdays * present)
    rest = n - float(sum(people[f"used {tool}"] for tool in logged_tools))
    if not LEAST_SEEN * (1 - rest / n) <= logged < 1 or rest < 0.1 * n:
        return None
    # Everybody who named no logged tool either used nothing or something else: the count without noise in n loses a cell.
    other = float(np.clip(1 - people["none"] / rest, 0.0, 1.0))
    noise_logged = sigma / present * float(np.hypot(cells * WORKDAYS / workdays, logged))
    noise_other = sigma / rest * float(np.hypot(1.0, cells * (1 - other)))
    noise = float(np.hypot((1 - other) * noise_logged, (1 - logged) * noise_other))
    chance = (1 - logged) * float(np.sqrt(other * (1 - other) / rest))
    return logged + (1 - logged) * other, noise, chance


def _of(release: ReleaseLike, key: str, label: Phrase, hits: float, total: float) -> Result:
    return told_share(_quantity(release, key, label, max(int(total), 0)), hits, total, sigma=release.sigma, exact=False)


def _quantity(release: ReleaseLike, key: str, label: Phrase, n: int) -> Quantity:
    start, end = quarter_of(release.end)
    return Quantity(
        measure="pulse", key=key, label=label, unit="share", start=start, end=end, n_people=n, n_units=n, assumptions=ASSUMPTIONS
    )
