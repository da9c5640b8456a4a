"""Going back (M3): a lasting fall is found, a rise as well, and weeks that merely hang together raise no alarm."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from groundswell.measures import going_back
from groundswell.measures._change_point import change
from groundswell.model.measure import Counts, Exit, Verdict
from groundswell.privacy.release import release


def weekly(rng, shares, trials=60, rho=0.0, spread=0.0):
    """Hits and trials of weeks whose log odds wander as an autoregression around the given shares."""
    noise = np.zeros(len(shares))
    for i in range(1, len(shares)):
        noise[i] = rho * noise[i - 1] + rng.normal(0, spread)
    odds = np.log(np.asarray(shares) / (1 - np.asarray(shares))) + noise
    n = np.full(len(shares), float(trials))
    return rng.binomial(trials, 1 / (1 + np.exp(-odds))).astype(float), n


def finding(hits, trials, units=200, people=80):
    """What the measure says of a weekly series."""
    counts = Counts(
        measure="going_back",
        exit=Exit.PRACTICES,
        tables={
            "weeks": pa.table(
                {"week": list(range(2870, 2870 + len(hits))), "active": trials.astype(int), "used": hits.astype(int)}
            ),
            "read": pa.table({"practices": [units], "from_messages": [0], "audited": [0]}),
        },
        people=people,
        units=units,
        start=date(2025, 1, 6),
        end=date(2026, 1, 6),
    )
    return going_back.estimate(release(counts))


@pytest.mark.parametrize(("before", "after", "word"), [(0.5, 0.2, "lower"), (0.2, 0.5, "higher")])
def test_lasting_change_is_dated_and_named_in_either_direction(before, after, word):
    """A step after week 30 is found within two weeks, with its sign, in the same sentence."""
    hits, trials = weekly(np.random.default_rng(1), [before] * 30 + [after] * 22)
    found = change(hits, trials, seed=1)
    assert abs(found.week - 30) <= 2
    assert found.p <= 0.01
    said = finding(hits, trials)
    assert said.sentence.values["way"].text == word
    assert np.sign(said.results[0].estimate) == np.sign(after - before)
    assert said.results[0].verdict is Verdict.PUBLISHED


def test_flat_series_says_that_no_change_shows():
    """Where nothing changes the sentence says so and the result is no more than indicative."""
    said = finding(*weekly(np.random.default_rng(2), [0.4] * 52))
    assert "No lasting change" in said.sentence.text
    assert said.results[0].verdict is Verdict.INDICATIVE


def test_short_or_thin_series_is_withheld():
    """Less than 26 weeks, or less than two instances a week, say nothing."""
    hits, trials = weekly(np.random.default_rng(3), [0.4] * 25)
    assert finding(hits, trials).results[0].verdict is Verdict.WITHHELD
    hits, trials = weekly(np.random.default_rng(3), [0.4] * 40, trials=1)
    assert finding(hits, trials).results[0].verdict is Verdict.WITHHELD


def test_likelihood_ratio_is_that_of_a_two_by_two_table():
    """At the cut, twice the log-likelihood ratio is the G statistic scipy gives for before and after."""
    from scipy.stats import chi2_contingency

    from groundswell.measures import _change_point as cp

    hits, trials = weekly(np.random.default_rng(4), [0.5] * 15 + [0.3] * 15)
    cut = change(hits, trials, seed=1, permutations=9).week
    table = [[hits[:cut].sum(), (trials - hits)[:cut].sum()], [hits[cut:].sum(), (trials - hits)[cut:].sum()]]
    g = chi2_contingency(table, correction=False, lambda_="log-likelihood").statistic
    assert np.isclose(2 * cp._ratios(hits[None, :], trials[None, :]).max(), g)


@pytest.mark.validity
def test_weeks_that_hang_together_raise_few_alarms():
    """(vi) Under an autoregression of .5 at most .08 false alarms; .14 allowed at 150 replications."""
    rng = np.random.default_rng(5)
    alarms = []
    for _ in range(150):
        hits, trials = weekly(rng, [0.4] * 78, rho=0.5, spread=0.25)
        alarms.append(change(hits, trials, seed=int(rng.integers(1e9)), permutations=199).p <= 0.05)
    assert np.mean(alarms) <= 0.14


def told(rng, quill, finch, people=30, weeks=60):
    """Whether a change is told, withheld or not seen where two tools' marks follow such shares, wandering from week to week."""
    used = []
    for share in (quill, finch):
        noise = np.zeros(weeks)
        for i in range(1, weeks):
            noise[i] = 0.3 * noise[i - 1] + rng.normal(0, 0.15)
        odds = np.log(np.asarray(share) / (1 - np.asarray(share))) + noise
        used.append(rng.random((people, weeks)) < 1 / (1 + np.exp(-odds)))
    one, other = used
    hits, trials = (one | other).sum(axis=0).astype(float), np.full(weeks, float(people))
    if (found := change(hits, trials, seed=int(rng.integers(1e9)), permutations=199)).p > 0.05:
        return "none"
    first = 2870
    alone = [(tool, first + w, int(n)) for tool, held in (("quill", one & ~other), ("finch", other & ~one)) for w, n in
             enumerate(held.sum(axis=0))]  # fmt: skip
    tables = {"alone": pa.table(dict(zip(("tool", "week", "alone"), zip(*alone, strict=True), strict=True)))}
    held = SimpleNamespace(tables=tables)
    return "withheld" if going_back._hangs_on_one(held, going_back.Series(first, trials, hits), found) else "told"


@pytest.mark.validity
@pytest.mark.parametrize(
    ("quill", "finch", "answer", "least"),
    [
        ([0.2] * 60, [0.1] * 30 + [0.5] * 30, "withheld", 0.85),
        ([0.2] * 60, [0.5] * 30 + [0.1] * 30, "withheld", 0.85),
        ([0.2] * 30 + [0.4] * 30, [0.2] * 30 + [0.4] * 30, "told", 0.9),
        ([0.3] * 30 + [0.15] * 30, [0.3] * 30 + [0.15] * 30, "told", 0.9),
    ],
)
def test_a_vendors_step_is_withheld_and_the_peoples_is_told(quill, finch, answer, least):
    """One tool's marks that step are the trail's at least 19 times in 20, .85 allowed at 30 worlds; people's steps are told."""
    rng = np.random.default_rng(11)
    assert np.mean([told(rng, quill, finch) == answer for _ in range(30)]) >= least
