"""What a score is worth: scaling of log-odds into probabilities, fitted on sentences the model did not see."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

FOLDS = 5
FitClasses = Callable[[Any, NDArray[np.int64], NDArray[np.float64], int], tuple[NDArray[np.float64], NDArray[np.float64]]]
Fit = Callable[[Any, NDArray[np.bool_], NDArray[np.float64], int], tuple[NDArray[np.float64], float]]


def platt(
    matrix: Any, labels: NDArray[np.bool_], groups: NDArray[np.int64], *, fit: Fit, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Slope and intercept of each head, from log-odds out of fold.

    Args:
        matrix: features, one row a unit.
        labels: one column a head.
        groups: message of each unit; a message is never split over folds.
        fit: (matrix, labels, importance, seed) -> coefficients, bias.
        seed: of the folds.

    Source: Platt 1999, with its smoothed targets.
    """
    fold = np.random.default_rng(seed).integers(0, FOLDS, groups.max() + 1)[groups]
    held = np.zeros(labels.shape)
    for one in range(FOLDS):
        inside, outside = np.flatnonzero(fold != one), np.flatnonzero(fold == one)
        for head in range(labels.shape[1]):
            coefficients, bias = fit(matrix[inside], labels[inside, head], np.ones(len(inside)), seed)
            held[outside, head] = matrix[outside] @ coefficients + bias
    pairs = [scale(held[:, head], labels[:, head]) for head in range(labels.shape[1])]
    return np.array([pair[0] for pair in pairs]), np.array([pair[1] for pair in pairs])


def practice(
    matrix: Any, classes: NDArray[np.int64], groups: NDArray[np.int64], *, fit: FitClasses, seed: int
) -> tuple[float, float]:
    """Slope and intercept of "tells of any practice", from probabilities out of fold, at even odds.

    Two thirds of the exemplars do something, which no place does; the intercept is moved so that half would. Where an audit
    exists it replaces this guess (M0).

    Args:
        matrix: features, one row a message.
        classes: index of each one's class; the last two, limit and none, are no practice.
        groups: message of each row.
        fit: (matrix, classes, importance, seed) -> coefficients, biases.
        seed: of the folds.
    """
    from groundswell.reading import linear

    fold = np.random.default_rng(seed).integers(0, FOLDS, groups.max() + 1)[groups]
    chance = np.zeros(len(classes))
    for one in range(FOLDS):
        inside, outside = np.flatnonzero(fold != one), np.flatnonzero(fold == one)
        coefficients, bias = fit(matrix[inside], classes[inside], np.ones(len(inside)), seed)
        chance[outside] = linear.softmax(matrix[outside] @ coefficients + bias)[:, : linear.PRACTICES].sum(axis=1)
    truth = classes < linear.PRACTICES
    chance = np.clip(chance, 1e-6, 1 - 1e-6)
    slope, intercept = scale(np.log(chance / (1 - chance)), truth)
    share = float(np.clip(truth.mean(), 0.01, 0.99))
    return slope, intercept - float(np.log(share / (1 - share)))


def scale(logits: NDArray[np.float64], labels: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope (> 0) and intercept that make 1 / (1 + exp(-(slope * logit + intercept))) a probability; (1, 0) without both kinds.

    Newton's method, steps halved until they help, on the log-likelihood with Platt's smoothed targets and a weak ridge that keeps
    separable labels finite.
    """
    positives = int(labels.sum())
    negatives = len(labels) - positives
    if not positives or not negatives:
        return 1.0, 0.0
    target = np.where(labels, (positives + 1) / (positives + 2), 1 / (negatives + 2))
    design = np.column_stack([logits, np.ones(len(logits))])
    beta, prior = np.array([1.0, 0.0]), np.diag([0.1, 0.01])
    start = beta.copy()

    def loss(at: NDArray[np.float64]) -> float:
        odds, off = design @ at, at - start
        return float(np.logaddexp(0, odds).sum() - target @ odds + off @ prior @ off / 2)

    for _ in range(50):
        p = _sigmoid(design @ beta)
        gradient = design.T @ (p - target) + prior @ (beta - start)
        hessian = design.T @ (design * (p * (1 - p))[:, None]) + prior
        step = np.linalg.solve(hessian, gradient)
        before = loss(beta)
        for _ in range(40):  # a full step overshoots where scores say much more than they know
            if loss(beta - step) <= before + 1e-9 * abs(before):
                break
            step = step / 2
        beta = beta - step
        if np.abs(step).max() < 1e-10:
            break
    return max(float(beta[0]), 0.05), float(beta[1])


def _sigmoid(x: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1 + np.tanh(x / 2)))  # never overflows
