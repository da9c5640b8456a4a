"""That the audit's sample is a probability sample, and agreement is Krippendorff's."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundswell.model.reading import Coarse, Label
from groundswell.reading import audit, exemplar
from groundswell.reading.agreement import krippendorff
from groundswell.reading.audit import Candidate
from groundswell.reading.reader import Reader
from reading_messages import messages


def _candidate(
    id_: int, predicted: Coarse = Coarse.NONE, *, score: float = 0.9, unit: str = "", passed: bool = True
) -> Candidate:
    return Candidate(id_, 0, "slack", unit, predicted, score, passed)


def _population() -> list[Candidate]:
    out = [_candidate(i, Coarse.NONE, unit="ab"[i % 2]) for i in range(300)]
    out += [_candidate(i, Coarse.DONE, score=0.3 + (i % 7) / 10) for i in range(300, 360)]
    out += [_candidate(i, Coarse.DROPPED) for i in range(360, 363)]
    return out + [_candidate(i, passed=False) for i in range(400, 500)]


def test_draws_as_many_as_asked_with_known_chances() -> None:
    """A draw of n has n different messages, each with a chance in (0, 1], rare classes more likely than common ones."""
    drawn = audit.draw(_population(), n=90, seed=1)
    assert len({one.candidate.id for one in drawn}) == len(drawn) == 90
    assert all(0 < one.probability <= 1 for one in drawn)
    by_class = {one.candidate.predicted: one.probability for one in drawn if one.candidate.passed}
    assert by_class[Coarse.DROPPED] > by_class[Coarse.NONE]
    assert sum(not one.candidate.passed for one in drawn) == 30


def test_orders_are_looked_for() -> None:
    """Ten messages read as orders among sixty announcements and 930 others are drawn several times as often as by class alone."""
    plain = [_candidate(i, Coarse.SAID if i < 70 else Coarse.NONE) for i in range(1000)]
    apart = [Candidate(i, 0, "slack", "", one.predicted, 0.9, order=i < 10) for i, one in enumerate(plain)]
    seen = []
    for population in (plain, apart):
        chances = {one.candidate.id: one.probability for seed in range(40) for one in audit.draw(population, n=60, seed=seed)}
        seen.append(sum(chances.get(i, 0) for i in range(10)))
    assert seen[0] < 2.2
    assert seen[1] > 2 * seen[0]


def test_chances_are_the_chances() -> None:
    """Over 2000 seeds each message is drawn as often as its recorded chance says (5 standard errors, false alarm < 1e-3)."""
    population = _population()[::5]
    counts: Counter[int] = Counter()
    chance: dict[int, float] = {}
    for seed in range(2000):
        for one in audit.draw(population, n=20, seed=seed):
            counts[one.candidate.id] += 1
            chance[one.candidate.id] = one.probability
    assert set(chance) == {one.id for one in population}
    assert abs(sum(chance.values()) - 20) < 1e-6
    for id_, p in chance.items():
        assert abs(counts[id_] / 2000 - p) <= 5 * math.sqrt(p * (1 - p) / 2000) + 1e-9


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(list(Coarse)), st.floats(0, 1), st.booleans()), max_size=30),
    st.integers(0, 40),
    st.integers(0, 9),
)
def test_any_population_can_be_drawn_from(rows: list[tuple[Coarse, float, bool]], n: int, seed: int) -> None:
    """Exactly min(n, all) messages come, whatever the strata, and the same ones for the same seed in any order of candidates."""
    population = [_candidate(i, c, score=s, passed=p) for i, (c, s, p) in enumerate(rows)]
    drawn = audit.draw(population, n=n, seed=seed)
    assert len(drawn) == min(n, len(population))
    assert {one.candidate.id for one in drawn} == {one.candidate.id for one in audit.draw(population[::-1], n=n, seed=seed)}


def _label(one: audit.Draw, act: str) -> Label:
    return Label(one.candidate.id, 0, one.probability, one.candidate.stratum, 1, act, str(one.candidate.predicted), 0.5, "x")


def test_weighted_prevalence_is_unbiased_and_covers() -> None:
    """Over 300 audits of 90, prevalence is right on average and its 95 % interval covers nearly as often (floor .90)."""
    population = _population()
    truth = {one.id: one.id % 9 == 0 or one.predicted is Coarse.DONE for one in population}
    share = np.mean(list(truth.values()))
    shares, hits = [], 0
    for seed in range(300):
        labels = [_label(one, "uses" if truth[one.candidate.id] else "none") for one in audit.draw(population, n=90, seed=seed)]
        value, error = audit.prevalence(labels, "uses")
        shares.append(value)
        hits += abs(value - share) <= 1.96 * error
    assert abs(np.mean(shares) - share) < 0.01
    assert hits / 300 >= 0.90


def test_prevalence_without_labels_is_unknown() -> None:
    """No labels give no number."""
    assert all(math.isnan(value) for value in audit.prevalence([], "uses"))


def test_a_fifth_is_repeated() -> None:
    """A second person gets a random fifth, at least one message, none of an empty sample."""
    drawn = audit.draw(_population(), n=60, seed=2)
    again = audit.repeats(drawn, seed=3)
    assert len(again) == 12
    assert {one.candidate.id for one in again} <= {one.candidate.id for one in drawn}
    assert audit.repeats([], seed=3) == []
    assert len(audit.repeats(drawn[:2], seed=3)) == 1


@pytest.mark.slow
def test_local_labels_teach() -> None:
    """What people label here changes what the reader says here: a local turn of phrase unknown before becomes an act."""
    texts = {
        i: f"zibbed the {what} through the AI"
        for i, what in enumerate(["rota", "plans", "forms", "slides", "notes", "orders"] * 4)
    }
    labels = [Label(i, 0, 0.5, "s", 1, "drops", "none", 0.5, "linear-1") for i in texts]
    labels.append(Label(99, 0, 0.5, "s", 1, "uses", "none", 0.5, "linear-1"))  # its text is gone: passed over
    question = messages(["zibbed the letters through the AI"])
    assert Reader().predict(question).coarse != ["dropped"]
    assert Reader(model=audit.retrain(labels, texts), name="local-1").predict(question).coarse == ["dropped"]


@pytest.mark.slow
def test_only_labels_that_help_are_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """A local turn of phrase, always of one act, helps on messages left out; words it reads rightly already gain little."""
    few = exemplar.load()[::10]
    monkeypatch.setattr(exemplar, "load", lambda: few)
    things = ["rota", "plans", "forms", "slides", "notes", "orders"] * 5
    texts = {i: f"zibbed the {what} through the AI" for i, what in enumerate(things)}
    standing = [Label(i, 0, 0.5, "s", 1, "drops", "none", 0.5, "x") for i in texts]
    helped, _ = audit.gain(standing, texts)
    assert helped > 0.1
    wrong = {i: f"I used Claude to draft the note for ticket {i}" for i in range(30)}
    mislaid = [Label(i, 0, 0.5, "s", 1, ("uses", "drops")[i >= 27], "none", 0.5, "x") for i in wrong]
    assert audit.gain(mislaid, wrong)[0] < helped / 2
    assert math.isnan(audit.gain(standing[:2], texts)[0])


def test_agreement_of_the_published_examples() -> None:
    """Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), examples A to C: .095 (binary), .692, .743 (with gaps)."""
    meg, owen = "0100000010", "1110010000"
    ben, gerry = "aabbdcccedda", "babbbccceddd"
    assert krippendorff(zip(meg, owen, strict=True)) == pytest.approx(0.095, abs=5e-4)
    assert krippendorff(zip(ben, gerry, strict=True)) == pytest.approx(0.692, abs=5e-4)
    four = ["123321412---", "1233224125-3", "-3332342251-", "12332441251-"]
    coders = [[None if value == "-" else value for value in row] for row in four]
    assert krippendorff(zip(*coders, strict=True)) == pytest.approx(0.743, abs=5e-4)


def test_agreement_that_cannot_be_told() -> None:
    """One value only, or nothing paired, is no agreement figure; full agreement on two values is 1, full disagreement below 0."""
    assert krippendorff([("a", "a"), ("a", "a")]) is None
    assert krippendorff([("a", None), (None, "b")]) is None
    assert krippendorff([]) is None
    assert krippendorff([("a", "a"), ("b", "b")]) == 1
    worst = krippendorff([("a", "b"), ("b", "a")])
    assert worst is not None
    assert worst < 0
