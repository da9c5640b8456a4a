"""How likely is each act, and each way of putting it, in a sentence: a linear model over hashed words and cues."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.errors import PluginError
from groundswell.model.reading import Act, Coarse, Modality
from groundswell.reading import features
from groundswell.reading.units import Units

ARTEFACT = "model-2.npz"
NAME = "linear-3"
ACTS = tuple(Act)
MODALITIES = tuple(Modality)
CLASSES = (Coarse.SAID, Coarse.DONE, Coarse.LEARNED, Coarse.DROPPED, Coarse.LIMIT, Coarse.NONE)
CLASS_HEADS = slice(len(ACTS) + len(MODALITIES), None)
PRACTICES = CLASSES.index(Coarse.LIMIT)  # the classes before this one tell of practice; a limit tells of a rule
SENTENCES_WEIGH = 0.7  # of the answer for a whole message; the rest is the message read on end
STRONGEST_WEIGHS = 0.7  # of what its sentences say; the rest is their mean
_REMEMBERED = 200_000  # distinct words and pairs whose weights are kept; 20 MB


@dataclass(frozen=True, slots=True)
class Weights:
    """A trained model.

    Attributes:
        words: features.BUCKETS rows, one column a head: ACTS, then MODALITIES, then CLASSES.
        rules: one row a rule feature, same columns.
        bias: one value a head.
        slope, intercept: Platt scaling of each act, then of "any practice", from messages held out in training.
        rule_names: the rule features it was trained on, in order.
    """

    words: NDArray[np.float32]
    rules: NDArray[np.float32]
    bias: NDArray[np.float32]
    slope: NDArray[np.float32]
    intercept: NDArray[np.float32]
    rule_names: tuple[str, ...]


@cache
def default() -> Weights:
    """The model that comes with the package."""
    return read(Path(str(resources.files("groundswell.reading").joinpath(ARTEFACT))))


def read(path: Path) -> Weights:
    """Read an artefact.

    Raises:
        PluginError: its rule features are not those of the language files.
    """
    with np.load(path, allow_pickle=False) as stored:
        names = tuple(str(stored["rule_names"]).split("\n"))
        if names != features.rule_names():
            raise PluginError(
                path.name,
                "it was trained with other cues than the language files have",
                remedy="Run python -m groundswell.reading.train",
            )
        scale = stored["scale"].astype(np.float32)
        words = np.zeros((features.BUCKETS, len(scale)), dtype=np.float32)
        words[stored["rows"]] = stored["words"].astype(np.float32) * scale
        return Weights(words, stored["rules"], stored["bias"], stored["slope"], stored["intercept"], names)


def write(path: Path, weights: Weights) -> None:
    """Write an artefact: word weights in 16 bits, only the buckets in use; the same weights give the same bytes."""
    rows = np.flatnonzero(np.abs(weights.words).max(axis=1) > 0)
    scale = np.maximum(np.abs(weights.words).max(axis=0), 1e-9) / 32767
    np.savez_compressed(
        path,
        rows=rows.astype(np.int32),
        words=np.rint(weights.words[rows] / scale).astype(np.int16),
        scale=scale.astype(np.float64),
        rules=weights.rules,
        bias=weights.bias,
        slope=weights.slope,
        intercept=weights.intercept,
        rule_names=np.array("\n".join(weights.rule_names)),
    )


class Linear:
    """The model with a memory of the words it has weighed; holds words while it lives, writes none."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._forget()

    def logits(self, units: Units, rules: NDArray[np.float32], heads: slice = slice(None)) -> NDArray[np.float32]:
        """Log-odds of each head for each unit: one row a unit, columns ACTS, MODALITIES, CLASSES, or those of `heads`."""
        weights = self._weights
        ids: list[int] = []
        lengths = np.zeros(len(units), dtype=np.int64)
        if len(self._ids) > _REMEMBERED:
            self._forget()
        for index, sentence in enumerate(units.focus):
            keys = features.terms(sentence)
            lengths[index] = len(keys)
            ids.extend(map(self._id, keys))
        table = np.vstack(self._vectors) if len(self._vectors) > 1 else self._vectors[0][None, :]
        sums = _sums(table[:, heads], np.array(ids, dtype=np.int64), lengths)
        scaled = sums / np.sqrt(np.maximum(lengths, 1))[:, None]
        return np.asarray(scaled + rules @ weights.rules[:, heads] + weights.bias[heads], dtype=np.float32)

    def _id(self, key: str) -> int:
        known = self._ids.get(key)
        if known is None:
            buckets, parts = features.term(key)
            known = self._ids[key] = len(self._vectors)
            self._vectors.append(parts @ self._weights.words[buckets])
        return known

    def _forget(self) -> None:
        self._ids: dict[str, int] = {}
        self._vectors: list[Any] = [np.zeros(self._weights.words.shape[1], dtype=np.float32)]


@dataclass(frozen=True, slots=True)
class Probabilities:
    """What the model thinks of each unit.

    Attributes:
        acts: calibrated probability of each act, however it is put.
        ways: probability of each modality given that there is an act; rows sum to 1.
        classes: probability of each of CLASSES, counting only what is done; rows sum to 1 (a softmax over one set of heads).
    """

    acts: NDArray[np.float64]
    ways: NDArray[np.float64]
    classes: NDArray[np.float64]


def probabilities(logits: NDArray[np.float32], weights: Weights) -> Probabilities:
    """Turn log-odds of the heads into probabilities."""
    first, second = len(ACTS), len(ACTS) + len(MODALITIES)
    acts = _sigmoid(logits[:, :first] * weights.slope[:first] + weights.intercept[:first])
    ways = np.exp(logits[:, first:second].astype(np.float64))
    return Probabilities(acts, ways / ways.sum(axis=1, keepdims=True), softmax(logits[:, second:]))


def softmax(logits: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities of exclusive classes, one row a message."""
    odds = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True, initial=-1e9))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def over_messages(
    classes: NDArray[np.float64], starts: NDArray[np.int64], lengths: NDArray[np.int64], whole: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Probabilities of CLASSES of whole messages: mostly by their strongest sentences, partly by their mean and read on end.

    Whether a message does anything, and which of the classes, are combined apart, so that classes claimed by different sentences
    share one probability. Form and weights were chosen on exemplars of families of files left out of training, as they are
    and set among up to six invented texts that do nothing: macro-F1 .675 and .475, against .677 and .442 by equal parts.

    Args:
        classes: probabilities of each unit.
        starts: the first unit of each message.
        lengths: how many units it has.
        whole: probabilities of each message read on end.
    """
    if not len(starts):
        return np.zeros((0, classes.shape[1]))

    def mixed(of: NDArray[np.float64], on_end: NDArray[np.float64]) -> NDArray[np.float64]:
        strongest, mean = np.maximum.reduceat(of, starts), np.add.reduceat(of, starts) / lengths[:, None]
        said = STRONGEST_WEIGHS * strongest + (1 - STRONGEST_WEIGHS) * mean
        return np.asarray(SENTENCES_WEIGH * said + (1 - SENTENCES_WEIGH) * on_end)

    which, any_of_them = mixed(classes[:, :-1], whole[:, :-1]), mixed(1 - classes[:, -1:], 1 - whole[:, -1:])
    which = which / np.maximum(which.sum(axis=1, keepdims=True), 1e-12)
    return np.column_stack([which * any_of_them, 1 - any_of_them])


def calibrated(odds: NDArray[np.float64], weights: Weights) -> NDArray[np.float64]:
    """Probability that a message tells of any practice, from the model's own."""
    clipped = np.clip(odds, 1e-6, 1 - 1e-6)
    return _sigmoid(np.log(clipped / (1 - clipped)) * weights.slope[-1] + weights.intercept[-1])


def _sigmoid(x: NDArray[Any]) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-x.astype(np.float64))))


def _sums(table: NDArray[np.float32], ids: NDArray[np.int64], lengths: NDArray[np.int64]) -> NDArray[np.float64]:
    out = np.zeros((len(lengths), table.shape[1]), dtype=np.float64)
    filled = np.flatnonzero(lengths)
    if len(filled):
        starts = np.concatenate([[0], np.cumsum(lengths)[:-1]])[filled]
        for head in range(table.shape[1]):  # a column at a time keeps the gathered copy small
            out[filled, head] = np.add.reduceat(table[ids, head].astype(np.float64), starts)
    return out
