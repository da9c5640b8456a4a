"""Which messages should a person label, with what chance each was drawn, and what the reader learns from the labels."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.model.reading import Act, Coarse, Label, Modality
from groundswell.reading import exemplar, features, linear, train

BANDS = (0.5, 0.75)  # edges of low, middle and high scores
MISSED_SHARE = 1 / 3  # of the sample, from messages that did not pass the filter in threads about AI (reading.md: 30 beside 60)
LOCAL_WEIGHT = (
    3.0  # a label from the place itself counts as so many invented sentences (reading.md: they matter more than the model)
)
FOLDS = 3  # of the check whether local labels help
NONE = "none"

LEAST_MESSAGES = 20
"""Labelled messages a word must stand in before its weight is learned from them: a word of one message would tell whoever has the
model that it was among those labelled. Words of five still told members from others with an area under the curve of .79 where a
hundred such words are learned from eighty messages; words of twenty do not beyond chance (`tests/attacks`)."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that may be drawn; no text.

    Attributes:
        id, version: identity of the message.
        source: name of its source.
        unit: its author's team, "" if unknown.
        predicted: coarse class the reader gave.
        score: the reader's probability of that class, in [0, 1].
        passed: false for a message that did not pass the first filter, in a thread that spoke of AI.
        order: true if the reader finds somebody asking or ordering others to use AI in it: few do, and much hangs on them.
    """

    id: int
    version: int
    source: str
    unit: str
    predicted: Coarse
    score: float
    passed: bool = True
    order: bool = False

    @property
    def stratum(self) -> str:
        """Predicted class (orders apart), score band, source and unit; "missed", source and unit where it did not pass."""
        if not self.passed:
            return f"missed / {self.source} / {self.unit}"
        band = ("low", "middle", "high")[int(np.searchsorted(BANDS, self.score, side="right"))]
        return f"{Act.DEMANDS if self.order else self.predicted} / {band} / {self.source} / {self.unit}"


@dataclass(frozen=True, slots=True)
class Draw:
    """A drawn message and the chance it had.

    Attributes:
        candidate: the message.
        probability: in (0, 1]; the inverse is how many messages it stands for.
    """

    candidate: Candidate
    probability: float


def draw(candidates: Sequence[Candidate], *, n: int, seed: int) -> list[Draw]:
    """Draw messages to label, every one of them with a known chance above zero.

    Each stratum gets a share of n by the square root of its size, so that rare classes are seen and the common ones still weigh.
    Shares are fractions; a systematic walk through the strata, shuffled inside, draws each message with exactly its share's
    chance, so the inverse of the chance is an unbiased weight also for strata smaller than one draw (Madow 1949).

    With 60 labels the error (root mean square) in the share of messages that do anything is 5.9 points like this, 5.5 by equal
    chances or by chances that grow with the reader's doubt; for a class of one in thirty 1.1 against 1.4 (1,000 draws from
    populations made of development messages). No design comes near 2 points for what half of the messages do: that takes about
    500 labels. Of all messages written, where one in twenty passes the filter, 6 points are 0.3.

    Args:
        candidates: all messages that may be drawn.
        n: how many to draw; all are drawn if there are no more.
        seed: of the shuffle, the start of the walk and the order shown.

    Returns:
        The drawn messages in random order, blind to stratum; exactly min(n, number of candidates) of them.
    """
    rng = np.random.default_rng(seed)
    strata: dict[str, list[Candidate]] = defaultdict(list)
    for one in sorted(candidates, key=lambda candidate: (candidate.stratum, candidate.id)):
        strata[one.stratum].append(one)
    names = sorted(strata)
    sizes = np.array([len(strata[name]) for name in names], dtype=float)
    missed = np.array([not strata[name][0].passed for name in names], dtype=bool)
    takes = _takes(sizes, missed, n)
    walk: list[Candidate] = []
    chances: list[float] = []
    for name, size, take in zip(names, sizes, takes, strict=True):
        walk += [strata[name][index] for index in rng.permutation(int(size))]
        chances += [take / size] * int(size)
    edges = np.cumsum(chances) if chances else np.zeros(0)
    start = rng.random()
    picked = np.flatnonzero(np.floor(np.round(edges - start, 9)) > np.floor(np.round(edges - np.array(chances) - start, 9)))
    drawn = [Draw(walk[index], float(chances[index])) for index in picked]
    return [drawn[index] for index in rng.permutation(len(drawn))]


def repeats(drawn: Sequence[Draw], *, share: float = 0.2, seed: int) -> list[Draw]:
    """The part of a sample a second person labels too, at random; at least one, at most all."""
    if not drawn:
        return []
    count = min(len(drawn), max(1, round(share * len(drawn))))
    return [drawn[index] for index in sorted(np.random.default_rng(seed).choice(len(drawn), count, replace=False))]


def prevalence(labels: Sequence[Label], act: str) -> tuple[float, float]:
    """Share of the audited population that does an act, with its standard error, from the first coder's weighted labels.

    Args:
        labels: one row a message and act seen, with "none" for messages without one.
        act: an Act, or "none".

    Returns:
        Hajek's ratio estimate and its linearised standard error (with replacement, so a little wide); (nan, nan) without labels.
    """
    seen: dict[tuple[int, int], tuple[float, bool]] = {}
    for label in labels:
        if label.coder == 1:
            key = (label.id, label.version)
            seen[key] = (1 / label.probability, seen.get(key, (0.0, False))[1] or label.act == act)
    if not seen:
        return float("nan"), float("nan")
    weight = np.array([one[0] for one in seen.values()])
    hit = np.array([one[1] for one in seen.values()], dtype=float)
    share = float((weight * hit).sum() / weight.sum())
    count = len(seen)
    scale = count / max(count - 1, 1)
    error = float(np.sqrt(scale * ((weight * (hit - share)) ** 2).sum()) / weight.sum())
    return share, error


def retrain(
    labels: Sequence[Label],
    texts: Mapping[int, str],
    *,
    own_tools: Sequence[str] = (),
    own_products: Sequence[str] = (),
    seed: int = train.SEED,
) -> linear.Weights:
    """Train the model again on the exemplars and on what people labelled here.

    Args:
        labels: first- and second-coder labels; the first coder's count.
        texts: message id -> text, read again from the exports for this run and not kept; labels without one are passed over.
        own_tools: names of the company's own tools.
        own_products: names of what it sells or builds.
        seed: of the training.

    Returns:
        Weights for `Reader(model=...)`. They hold hashed words that at least LEAST_MESSAGES of these messages share: keep them in
        the company folder all the same.
    """
    local = _local(labels, texts)
    invented = exemplar.load()
    weights = [1.0] * len(invented) + [LOCAL_WEIGHT] * len(local)
    learned = train.train([*invented, *local], seed=seed, weights=weights, own_tools=own_tools, own_products=own_products)
    cut, rules = train.prepare(local, own_tools=own_tools, own_products=own_products)
    shared = _messages_with(train.design(cut, rules)) >= LEAST_MESSAGES
    return replace(learned, words=np.where(shared[:, None], learned.words, linear.default().words))


def gain(
    labels: Sequence[Label],
    texts: Mapping[int, str],
    *,
    own_tools: Sequence[str] = (),
    own_products: Sequence[str] = (),
    seed: int = train.SEED,
) -> tuple[float, float]:
    """How much better labels from here would let the reader tell classes here, on labelled messages left out in turn.

    Args:
        labels: first- and second-coder labels; the first coder's count.
        texts: message id -> text; labels without one are passed over.
        own_tools: names of the company's own tools.
        own_products: names of what it sells or builds.
        seed: of the folds and the solver.

    Returns:
        Mean gain in log-likelihood a message (nats, above 0 is better) over three folds, and its standard error; (nan, nan)
        with fewer than `FOLDS` messages of known text. Only the classes are fitted, which is what the reader decides by.
    """
    local, invented = _local(labels, texts), exemplar.load()
    cut, rules = train.prepare([*invented, *local], own_tools=own_tools, own_products=own_products)
    ours = cut.message >= len(invented)
    if ours.sum() < FOLDS:
        return float("nan"), float("nan")
    everyone = [*invented, *local]
    classes = np.array([linear.CLASSES.index(train.main_class(everyone[at])) for at in cut.message])
    matrix = train.design(cut, rules)
    fold = np.where(ours, np.random.default_rng(seed).permutation(len(cut)) % FOLDS, -1)
    weight = np.where(ours, LOCAL_WEIGHT, 1.0)

    def right(inside: NDArray[np.bool_], asked: NDArray[np.bool_]) -> NDArray[np.float64]:
        at = np.flatnonzero(inside)
        coefficients, bias = train.fit_classes(matrix[at], classes[at], weight[at], seed)
        chance = linear.softmax(matrix[np.flatnonzero(asked)] @ coefficients + bias)
        return np.asarray(np.log(np.maximum(chance[np.arange(len(chance)), classes[asked]], 1e-6)))

    better = np.zeros(len(cut))
    better[ours] = -right(~ours, ours)
    for one in range(FOLDS):
        better[fold == one] += right(fold != one, fold == one)
    found = better[ours]
    return float(found.mean()), float(found.std(ddof=1) / np.sqrt(len(found)))


def _local(labels: Sequence[Label], texts: Mapping[int, str]) -> list[exemplar.Exemplar]:
    """What the first coder saw, as exemplars."""
    acts: dict[int, set[Act]] = defaultdict(set)
    for label in labels:
        if label.coder == 1 and label.id in texts:
            acts[label.id] |= set() if label.act == NONE else {Act(label.act)}
    return [exemplar.Exemplar(texts[id_], frozenset(done), Modality.DONE, "") for id_, done in acts.items()]


def _messages_with(matrix: Any) -> NDArray[np.int64]:
    """In how many messages, one row each, every bucket of words stands."""
    return np.asarray((matrix[:, : features.BUCKETS] != 0).sum(axis=0), dtype=np.int64).ravel()


def _takes(sizes: NDArray[np.float64], missed: NDArray[np.bool_], n: int) -> NDArray[np.float64]:
    """How many to draw from each stratum, fractions allowed, none above its size; they sum to min(n, all)."""
    if not len(sizes):
        return sizes
    goal = min(float(n), float(sizes.sum()))
    reserved = min(goal * MISSED_SHARE, float(sizes[missed].sum())) if missed.any() else 0.0
    reserved = max(reserved, goal - float(sizes[~missed].sum()))
    takes = np.zeros(len(sizes))
    for group, total in ((missed, reserved), (~missed, goal - reserved)):
        takes[group] = _spread(sizes[group], total)
    return takes


def _spread(sizes: NDArray[np.float64], total: float) -> NDArray[np.float64]:
    """Share a total over strata by the square root of their size, moving on what exceeds a stratum."""
    takes = np.zeros(len(sizes))
    open_ = np.ones(len(sizes), dtype=bool)
    while open_.any() and total - takes.sum() > 1e-9:
        left = total - takes[~open_].sum()
        root = np.sqrt(sizes[open_])
        takes[open_] = left * root / root.sum()
        full = open_ & (takes >= sizes)
        if not full.any():
            break
        takes[full] = sizes[full]
        open_ &= ~full
    return takes
