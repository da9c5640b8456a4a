"""The reliability table: how often the program was right, where people checked."""

import pytest

from groundswell.measures.reliability import MEASURE
from groundswell.model.measure import Verdict
from groundswell.privacy.release import release
from measure_rows import day, engine


def labels(*groups):
    """Rows of labels from (how many, predicted, act seen, probability, stratum)."""
    out, n = [], 0
    for many, predicted, act, probability, stratum in groups:
        for _ in range(many):
            n += 1
            out.append(
                {"id": n, "act": act, "predicted": predicted, "probability": probability, "stratum": stratum, "score": 0.9}
            )
    return out


def finding(rows):
    traces = [{"person": n, "day": day(n)} for n in range(1, 30)]
    return MEASURE.estimate(release(MEASURE.count(engine(labels=rows, traces=traces))))


GROUPS = (
    (40, "done", "uses", 0.5, "done / high / slack / "),
    (10, "done", "none", 0.5, "done / high / slack / "),
    (20, "said", "announces", 0.25, "said / high / slack / "),
    (20, "none", "uses", 0.1, "none / low / slack / "),
    (20, "none", "none", 0.1, "none / low / slack / "),
    (10, "none", "uses", 0.1, "missed / slack / "),
)


def test_shares_are_weighted_by_the_chance_of_being_drawn():
    """Worked by hand: of 50 claimed `done` 40 are so; of 80 + 200 + 100 messages that are `done`, 80 were found; of these and
    80 announcements, 100 had not passed the filter."""
    found = {result.key: result for result in finding(labels(*GROUPS)).results}
    assert found["right_done"].estimate == pytest.approx(0.8)
    assert found["found_done"].estimate == pytest.approx(round(80 / 380, 2))
    assert found["right_said"].estimate == pytest.approx(1.0)
    assert found["filter"].estimate == pytest.approx(round(100 / 460, 2))
    assert all(r.low <= r.estimate <= r.high for r in found.values() if r.estimate is not None)


def test_a_class_that_was_hardly_audited_is_withheld():
    """Fewer than ten audited messages of a class say nothing about it, and the others stand."""
    found = {result.key: result for result in finding(labels(*GROUPS)).results}
    assert found["right_dropped"].verdict is Verdict.WITHHELD
    assert found["right_done"].verdict is Verdict.PUBLISHED


def test_without_an_audit_it_says_so():
    """No labels, or 99 of them: every share is withheld with the reason and what would unlock it."""
    for rows in ([], labels((99, "done", "uses", 0.5, "done / high / slack / "))):
        assert all(result.verdict is Verdict.WITHHELD and result.reason for result in finding(rows).results)


def test_agreement_of_two_people_stands_beside_it():
    """With a fifth labelled twice the finding names Krippendorff's alpha."""
    rows = labels(*GROUPS)
    again = [{**row, "coder": 2} for row in rows[::5]]
    assert finding([*rows, *again]).known.values["alpha"] == pytest.approx(1.0)
