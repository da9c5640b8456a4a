"""Adoption from a release with noise: few questions, each of the cohort of one quarter."""

from dataclasses import replace

from groundswell.measures._adoption import ASSUMPTIONS, HEADLINE
from groundswell.measures._floors import Quantity
from groundswell.measures._noised import not_with_noise, people_of, quarter_of, told_share
from groundswell.model.measure import Finding, ReleaseLike, Result
from groundswell.model.phrase import Phrase, say

COHORT = say("Share of the people present in at least 8 weeks of the quarter who left a mark of AI use in it")

LEFT_OUT = {
    "person_weeks_last_quarter": say("Share of active person-weeks with a mark of AI use, in the last 13 weeks"),
    "change_last_quarter": say("Change of that share against the 13 weeks before"),
    "chat_last_quarter": say(
        "Share of the people active whose messages tell of AI use, last 13 weeks, corrected for errors of reading"
    ),
}
"""Quantities a release with noise does not hold: their counts would cost many times what the others do."""


def finding(release: ReleaseLike) -> Finding:
    """What can be said of a quarter's cohort, noise and chance both in every interval."""
    people, n = people_of(release), release.people
    base = _quantity(release, "people_last_quarter", COHORT)
    headline = told_share(base, people["any"], n, sigma=release.sigma)
    results = [headline]
    if "code" in people:
        label = say("Share of the people active in code who left a mark of AI use in it, last 13 weeks")
        coders = replace(_quantity(release, "code_last_quarter", label), n_people=max(people["coders"], 0))
        results.append(told_share(coders, people["code"], people["coders"], sigma=release.sigma, exact=False))
        label = say("Share of the people active who appear in a tool's usage log, last 13 weeks")
        results.append(told_share(_quantity(release, "usage_last_quarter", label), people["usage"], n, sigma=release.sigma))
    results += [_quantity(release, key, label).withheld(*not_with_noise()) for key, label in LEFT_OUT.items()]
    return Finding(
        measure="adoption",
        sentence=_sentence(headline, n),
        results=tuple(results),
        known=say(
            "We count people, each once, present in at least 8 weeks of the quarter, and add noise so that nobody can be worked "
            "out; the intervals hold the noise. Earlier quarters stand on their own pages: telling them again would cost again."
        ),
    )


def _sentence(headline: Result, n: int) -> Phrase:
    if headline.estimate is not None:
        return say(
            "About {share:percent} of the {n:count} people present through the quarter left a mark of AI use"
            " (between {low:percent} and {high:percent}, chance and protective noise allowed for).",
            share=headline.estimate,
            n=n,
            low=headline.low or 0.0,
            high=headline.high or 0.0,
        )
    return say("How many people use AI cannot be said: {reason}.", reason=headline.reason or HEADLINE)


def _quantity(release: ReleaseLike, key: str, label: Phrase) -> Quantity:
    start, end = quarter_of(release.end)
    return Quantity(
        measure="adoption", key=key, label=label, unit="share", start=start, end=end, n_people=release.people,
        n_units=release.people, assumptions=ASSUMPTIONS, at_least=True,
    )  # fmt: skip
