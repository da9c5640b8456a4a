"""How the reader's model is made: `python -m groundswell.reading.train` rebuilds it from the exemplars, byte for byte."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from groundswell.model.reading import COARSE, Coarse, Modality
from groundswell.reading import calibrate, exemplar, features, linear, units
from groundswell.reading.exemplar import Exemplar

SEED = 20261124
STRENGTH = 2.0  # inverse of the ridge penalty of an act's word weights; 2 to 8 hardly differ
CLASS_STRENGTH = 4.0  # the same for the classes, which are fitted together
RULE_WEIGHT = 0.4  # how much of a word's freedom a cue has


def train(
    samples: Sequence[Exemplar],
    *,
    seed: int,
    weights: Sequence[float] | None = None,
    own_tools: Sequence[str] = (),
    own_products: Sequence[str] = (),
) -> linear.Weights:
    """Train one logistic model a head.

    Args:
        samples: what to learn from.
        seed: of the solver and of the folds of calibration.
        weights: importance of each sample; None is 1 for all.
        own_tools: names of a company's own tools, beside those of the exemplars.
        own_products: names of what it sells or builds, likewise.
    """
    cut, rules = prepare(samples, own_tools=own_tools, own_products=own_products)
    matrix = design(cut, rules)
    importance = np.ones(len(samples)) if weights is None else np.asarray(weights, dtype=float)
    importance = importance[cut.message]
    acts = _act_labels(samples)[cut.message]
    heads = [_fit(matrix, acts[:, head], importance, seed) for head in range(acts.shape[1])]
    ways = np.array([linear.MODALITIES.index(sample.modality) for sample in samples])[cut.message]
    spoken = acts.any(axis=1)
    heads += [_fit(matrix[spoken], ways[spoken] == way, importance[spoken], seed) for way in range(len(linear.MODALITIES))]
    classes = np.array([linear.CLASSES.index(main_class(sample)) for sample in samples])[cut.message]
    joint, joint_bias = fit_classes(matrix, classes, importance, seed)
    coefficients = np.column_stack([*(head[0] for head in heads), joint])
    bias = np.array([*(head[1] for head in heads), *joint_bias], dtype=np.float32)
    slope, intercept = calibrate.platt(matrix, acts, cut.message, fit=_fit, seed=seed)
    last = calibrate.practice(matrix, classes, cut.message, fit=fit_classes, seed=seed)
    slope, intercept = np.append(slope, last[0]), np.append(intercept, last[1])
    return linear.Weights(
        words=coefficients[: features.BUCKETS].astype(np.float32),
        rules=(coefficients[features.BUCKETS :] * RULE_WEIGHT).astype(np.float32),
        bias=bias,
        slope=slope.astype(np.float32),
        intercept=intercept.astype(np.float32),
        rule_names=features.rule_names(),
    )


def main_class(sample: Exemplar) -> Coarse:
    """The one coarse class a sample counts as: learning or dropping says more than the use it rests on; none if not done."""
    if sample.modality is not Modality.DONE:
        return Coarse.NONE
    done = {COARSE[act] for act in sample.acts}
    return next(
        (one for one in (Coarse.DROPPED, Coarse.LEARNED, Coarse.SAID, Coarse.LIMIT, Coarse.DONE) if one in done), Coarse.NONE
    )


def prepare(
    samples: Sequence[Exemplar], *, own_tools: Sequence[str] = (), own_products: Sequence[str] = ()
) -> tuple[units.Units, NDArray[np.float32]]:
    """One unit a sample and its rule features: a label belongs to the whole message, so its sentences are not told apart here.

    Reading sentence by sentence with what was learned from whole messages did best on the half of the development messages that
    may be tuned on (act or none: area under the curve .80, against .76 when sentences inherit their message's label).
    """
    texts = pa.array([sample.text for sample in samples], pa.string())
    tools, products = (*exemplar.OWN_TOOLS, *own_tools), (*exemplar.OWN_PRODUCTS, *own_products)
    cut = units.joined(units.cut(texts, own_tools=tools, own_products=products))
    return cut, features.rules(cut)


def design(cut: units.Units, rules: NDArray[np.float32]) -> Any:
    """The sparse matrix of hashed features beside the rule features, one row a unit."""
    from scipy import sparse

    rows, columns, values = [], [], []
    for index, sentence in enumerate(cut.focus):
        keys = features.terms(sentence)
        for key in keys:
            buckets, parts = features.term(key)
            rows.append(np.full(len(buckets), index))
            columns.append(buckets)
            values.append(parts / np.sqrt(len(keys)))
    shape = (len(cut), features.BUCKETS)
    hashed = sparse.coo_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=shape)
    return sparse.hstack([hashed.tocsr(), sparse.csr_matrix(rules * RULE_WEIGHT)], format="csr")


def _act_labels(samples: Sequence[Exemplar]) -> NDArray[np.bool_]:
    return np.array([[act in sample.acts for act in linear.ACTS] for sample in samples], dtype=bool)


def _fit(matrix: Any, labels: NDArray[np.bool_], importance: NDArray[np.float64], seed: int) -> tuple[NDArray[np.float64], float]:
    from sklearn.linear_model import LogisticRegression

    if labels.all() or not labels.any():
        return np.zeros(matrix.shape[1]), 8.0 if labels.any() else -8.0
    model = LogisticRegression(C=STRENGTH, solver="liblinear", dual=True, tol=1e-4, random_state=seed, max_iter=2000)
    model.fit(matrix, labels, sample_weight=importance)
    return model.coef_[0], float(model.intercept_[0])


def fit_classes(
    matrix: Any, classes: NDArray[np.int64], importance: NDArray[np.float64], seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """One softmax over all classes: coefficients, one column a class, and biases; a class never seen is never claimed."""
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=CLASS_STRENGTH, random_state=seed, max_iter=200, tol=1e-3).fit(
        matrix, classes, sample_weight=importance
    )
    coefficients, bias = np.zeros((matrix.shape[1], len(linear.CLASSES))), np.full(len(linear.CLASSES), -30.0)
    if len(model.classes_) == 2:  # the library keeps one column for two classes
        coefficients[:, model.classes_] = np.vstack([-model.coef_[0], model.coef_[0]]).T / 2
        bias[model.classes_] = np.array([-model.intercept_[0], model.intercept_[0]]) / 2
    else:
        coefficients[:, model.classes_] = model.coef_.T
        bias[model.classes_] = model.intercept_
    return coefficients, bias


def main() -> None:
    """Rebuild the artefact beside this file."""
    linear.write(Path(__file__).with_name(linear.ARTEFACT), train(exemplar.load(), seed=SEED))


if __name__ == "__main__":
    main()
