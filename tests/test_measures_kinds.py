"""Where it lasts (M7): kinds steadied by each other, small ones put together, intervals that cover."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from groundswell.measures import kinds
from groundswell.measures._beta_binomial import shrink
from groundswell.model.measure import Counts, Exit, Verdict
from groundswell.model.reading import Job
from groundswell.privacy.release import release


def finding(sizes, shares, teams=6, people=40):
    """What the measure says of kinds with these many practices, a share of which is in use at 90 days."""
    jobs = list(sizes)
    rows = [(j, 0, 91, 0, round(sizes[j] * shares[j])) for j in jobs] + [
        (j, 0, 40, 1, sizes[j] - round(sizes[j] * shares[j])) for j in jobs
    ]
    rows = [r for r in rows if r[4]]
    total = sum(sizes.values())
    columns = ("job", "entry_days", "exit_days", "ended", "practices")
    counts = Counts(
        measure="kinds",
        exit=Exit.PRACTICES,
        tables={
            "sizes": pa.table(
                {"job": jobs, "practices": [sizes[j] for j in jobs], "teams": [teams] * len(jobs), "people": [people] * len(jobs)}
            ),
            "lives": pa.table({n: [r[i] for r in rows] for i, n in enumerate(columns)}),
            "read": pa.table({"practices": [total], "from_messages": [0], "audited": [0]}),
            "span": pa.table({"practices": [total]}),
        },
        people=200,
        units=total,
        least_units=40,
        start=date(2025, 1, 6),
        end=date(2026, 1, 6),
    )  # fmt: skip
    return kinds.estimate(release(counts))


def test_every_job_has_a_name_on_the_page():
    """Each job of the codebook, and the rest, has words."""
    assert all(kinds.kind_of(job.value if job is not Job.UNKNOWN else "other").text for job in Job)


def test_small_kinds_go_to_the_rest_and_rows_are_sorted_by_name():
    """A kind with four practices is not shown on its own, and no order by value is ever made."""
    found = finding(
        {"writing": 60, "coding": 60, "legal": 4, "unknown": 30}, {"writing": 0.2, "coding": 0.8, "legal": 0.5, "unknown": 0.5}
    )
    assert [r.group for r in found.results] == ["coding", "writing", "other"]


def test_difference_between_kinds_is_said_either_way_in_the_same_words():
    """Two kinds far apart are named in alphabetical order whichever lasts longer."""
    one = finding({"coding": 80, "writing": 80}, {"coding": 0.9, "writing": 0.2}).sentence
    other = finding({"coding": 80, "writing": 80}, {"coding": 0.2, "writing": 0.9}).sentence
    assert one.text == other.text
    assert one.values["one"].text == other.values["one"].text == "coding"


def test_kinds_together_say_that_no_difference_shows():
    """Kinds that last alike are said to, with the gap that would have shown; more practices would show a smaller one."""
    few, many = (finding({"coding": n, "writing": n}, {"coding": 0.5, "writing": 0.55}).sentence for n in (40, 400))
    assert "no difference shows" in few.text
    assert 0.05 < many.values["gap"] < few.values["gap"] < 0.7


def test_too_few_teams_or_people_or_kinds_is_withheld():
    """Kinds of two teams or nine people are not shown, and one kind alone is no comparison."""
    sizes, shares = {"coding": 80, "writing": 80}, {"coding": 0.5, "writing": 0.5}
    for wrong in ({"teams": 2}, {"people": 9}):
        assert {r.verdict for r in finding(sizes, shares, **wrong).results} == {Verdict.WITHHELD}
    assert finding({"coding": 80}, {"coding": 0.5}).results[0].verdict is Verdict.WITHHELD


def test_posterior_equals_brute_force_integration():
    """For two groups, posterior means equal those of a fine grid over mean and concentration, within .01."""
    from scipy.special import betaln

    hits, trials = np.array([2.0, 30.0]), np.array([5.0, 40.0])
    mean = (np.arange(300) + 0.5) / 300
    kappa = np.exp(np.linspace(0, np.log(200), 300))
    a, b = mean[:, None] * kappa, (1 - mean)[:, None] * kappa
    weight = np.exp(sum(betaln(a + y, b + n - y) - betaln(a, b) for y, n in zip(hits, trials, strict=True)))
    expected = [(weight * (a + y) / (a + b + n)).sum() / weight.sum() for y, n in zip(hits, trials, strict=True)]
    assert np.allclose([g.value for g in shrink(hits, trials).groups], expected, atol=0.01)


@pytest.mark.validity
@pytest.mark.parametrize("concentration", [8.0, 60.0])
def test_intervals_cover_and_shrinking_helps(concentration):
    """Eight kinds of 3 to 40 practices: coverage at least .92 (.89 at 40 replications), error below the raw shares'."""
    rng = np.random.default_rng(21)
    covered, ours, raw = [], [], []
    for _ in range(40):
        trials = rng.integers(3, 41, 8).astype(float)
        truth = rng.beta(0.5 * concentration, 0.5 * concentration, 8)
        hits = rng.binomial(trials.astype(int), truth).astype(float)
        found = shrink(hits, trials).groups
        covered += [g.low <= t <= g.high for g, t in zip(found, truth, strict=True)]
        ours += [(g.value - t) ** 2 for g, t in zip(found, truth, strict=True)]
        raw += list((hits / trials - truth) ** 2)
    assert np.mean(covered) >= 0.89
    assert np.mean(ours) < np.mean(raw)
