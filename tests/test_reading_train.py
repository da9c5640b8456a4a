"""That the model in the package is the one its sentences give."""

from pathlib import Path

import numpy as np
import pytest

from groundswell.errors import PluginError
from groundswell.reading import calibrate, exemplar, features, linear, train, units

ARTEFACT = Path(linear.__file__).with_name(linear.ARTEFACT)


def _few() -> list[exemplar.Exemplar]:
    return exemplar.load()[::8]


@pytest.mark.slow
def test_training_is_reproducible_to_the_byte(tmp_path: Path) -> None:
    """Training twice from the same sentences and seed writes the same bytes."""
    written = []
    for name in ("one.npz", "other.npz"):
        linear.write(tmp_path / name, train.train(_few(), seed=3))
        written.append((tmp_path / name).read_bytes())
    assert written[0] == written[1]


@pytest.mark.slow
def test_the_artefact_is_what_the_exemplars_give(tmp_path: Path) -> None:
    """Rebuilding the packaged model gives its bytes: nobody changed a sentence, a cue or a weight alone."""
    linear.write(tmp_path / "again.npz", train.train(exemplar.load(), seed=train.SEED))
    assert (tmp_path / "again.npz").read_bytes() == ARTEFACT.read_bytes()


def test_the_artefact_is_small_and_of_these_cues() -> None:
    """The packaged model is under 2 MB and was trained with the cues the language files have now."""
    assert ARTEFACT.stat().st_size < 2_000_000
    assert linear.default().rule_names == features.rule_names()


def test_a_model_of_other_cues_is_refused(tmp_path: Path) -> None:
    """A model trained with other cues is refused with the command that rebuilds it."""
    weights = linear.default()
    other = linear.Weights(weights.words, weights.rules, weights.bias, weights.slope, weights.intercept, ("act:other",))
    linear.write(tmp_path / "old.npz", other)
    with pytest.raises(PluginError, match=r"groundswell\.reading\.train"):
        linear.read(tmp_path / "old.npz")


def test_inference_is_the_trained_model() -> None:
    """The numpy reader gives the log-odds the design matrix gives, to rounding."""
    samples = _few()
    cut, rules = train.prepare(samples)
    weights = linear.default()
    ours = linear.Linear(weights).logits(cut, rules)
    matrix = train.design(cut, rules)
    theirs = matrix @ np.vstack([weights.words, weights.rules / train.RULE_WEIGHT]) + weights.bias
    assert np.abs(ours - theirs).max() < 1e-3


def test_forgetting_words_changes_nothing() -> None:
    """A model that has weighed many words gives a sentence what a fresh one gives it."""
    import pyarrow as pa

    cut = units.cut(pa.array(["I used ChatGPT for the tickets"]))
    rules = features.rules(cut)
    used = linear.Linear(linear.default())
    used.logits(*train.prepare(_few()))
    assert np.array_equal(used.logits(cut, rules), linear.Linear(linear.default()).logits(cut, rules))


def test_exemplars_are_many_and_balanced() -> None:
    """Each language has its several hundred sentences, each act in each, and every way of not having done it."""
    samples = exemplar.load()
    for code, least in (("en", 500), ("fr", 200), ("vi", 200)):
        own = [sample for sample in samples if sample.code == code]
        assert len(own) >= least
        assert {act for sample in own for act in sample.acts} == set(linear.ACTS)
        assert {sample.modality for sample in own} == set(linear.MODALITIES)
        assert len({sample.text for sample in own}) == len(own)


def test_scaling_finds_the_curve_that_made_the_labels() -> None:
    """Platt scaling recovers slope and intercept within sampling error, and 20000 draws leave little."""
    rng = np.random.default_rng(4)
    logits = rng.normal(0, 2, 20_000)
    labels = rng.random(20_000) < 1 / (1 + np.exp(-(0.6 * logits - 1)))
    slope, intercept = calibrate.scale(logits, labels)
    assert abs(slope - 0.6) < 0.05
    assert abs(intercept + 1) < 0.08


def test_scaling_survives_one_sided_labels() -> None:
    """Labels of one kind leave scores as they are; separable ones stay finite."""
    assert calibrate.scale(np.array([1.0, 2.0]), np.array([True, True])) == (1.0, 0.0)
    slope, intercept = calibrate.scale(np.array([-2.0, -1.0, 1.0, 2.0]), np.array([False, False, True, True]))
    assert np.isfinite([slope, intercept]).all()


def test_scaling_of_overconfident_scores_stays_finite() -> None:
    """Scores ten times too sure are scaled down to what they know; a bare Newton step runs away from these."""
    rng = np.random.default_rng(6)
    true = rng.normal(0, 0.4, 3000)
    labels = rng.random(3000) < 1 / (1 + np.exp(-true - 0.3))
    slope, intercept = calibrate.scale(12 * true, labels)
    assert abs(slope - 1 / 12) < 0.03
    assert abs(intercept - 0.3) < 0.12
