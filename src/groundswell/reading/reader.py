"""From a message to the acts it does: the text goes in, columns without text come out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from groundswell.model.reading import Coarse
from groundswell.model.source import Batch
from groundswell.model.trace import ActorKind, Message
from groundswell.reading import cues, features, linear, opinion, rows, units
from groundswell.reading import filter as first_filter
from groundswell.reading.linear import ACTS, CLASSES, MODALITIES

ANY_ACT = 0.5  # a message tells of practice from here on, of the calibrated probability
_NONE = CLASSES.index(Coarse.NONE)
_DEBUG_GROUPS = ("act", "modality", "frame", "substance")


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the reader says of each message of a batch, in its order; what the audit samples by.

    Attributes:
        coarse: a Coarse class, `none` where nothing is read.
        score: calibrated probability of that class; of no act for `none`; 1 where a message was not read.
        any_act: calibrated probability that the message tells of any practice (said, done, learned, dropped); 0 where it was
            not read. A limit alone is a rule, not a practice.
        way: "words" if it passed the filter itself, "thread" if by its thread, "near" if it did not pass in a thread
            that spoke of AI, "" otherwise.
    """

    coarse: list[str]
    score: NDArray[np.float64]
    any_act: NDArray[np.float64]
    way: list[str]


@dataclass(frozen=True, slots=True)
class _Pass:
    """One pass over a batch.

    Attributes:
        units, read: sentences of the messages that were read, and their probabilities.
        message: index in the batch of each message that was read.
        starts, lengths: its units.
        any_act: calibrated probability that it tells of any practice.
        winner: index in CLASSES of what it does.
        score: calibrated probability of the winner.
        way: how each message of the batch passed.
    """

    units: units.Units
    read: linear.Probabilities
    message: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    any_act: NDArray[np.float64]
    winner: NDArray[np.int64]
    score: NDArray[np.float64]
    way: list[str]


class Reader:
    """Reads messages into acts. Keeps what threads were about, in bounded memory, from one batch to the next; keeps no text.

    Args:
        own_tools: names of AI tools the company built or renamed.
        own_products: names of what the company sells or builds: talk about them is not talk about how people work.
        model: weights trained elsewhere, for instance on local labels; None for those of the package.
        name: name and version of that model; empty for the package's.
        second: another reader, asked where this one hesitates.
    """

    def __init__(
        self,
        *,
        own_tools: Sequence[str] = (),
        own_products: Sequence[str] = (),
        model: linear.Weights | None = None,
        name: str = "",
        second: opinion.Opinion | None = None,
    ) -> None:
        self._own_tools = tuple(own_tools)
        self._own_products = tuple(own_products)
        self._weights = model or linear.default()
        self._linear = linear.Linear(self._weights)
        self._threads = first_filter.Threads()
        self._second = second
        self.version = (name or linear.NAME) + (f"+{second.name}" if second else "")

    def annotate(self, messages: Batch) -> Batch:
        """Read a batch of Message; messages of a thread must come in their order, in one batch or over several.

        Returns:
            A batch of ActRow: at most one row a message and act, no text in any column.
        """
        return self._rows(messages, self._pass(messages))

    def predict(self, messages: Batch) -> Prediction:
        """The coarse class of each message and its probability, for the audit's sample; counts only acts that are done."""
        return self._prediction(len(messages), self._pass(messages))

    def both(self, messages: Batch) -> tuple[Batch, Prediction]:
        """`annotate` and `predict` in one pass."""
        read = self._pass(messages)
        return self._rows(messages, read), self._prediction(len(messages), read)

    def explain(self, text: str) -> list[dict[str, Any]]:
        """For debugging inside a run, never to be stored: probabilities, and where each cue stands, sentence by sentence."""
        cut, read = self._score(pa.array([text], pa.string()))
        return [
            {
                "language": cut.code[index],
                "tool": cut.tool[index],
                "acts": _named(ACTS, read.acts[index]),
                "modality": _named(MODALITIES, read.ways[index]),
                "classes": _named(CLASSES, read.classes[index]),
                "cues": cues.positions(cut.focus[index], cut.code[index], _DEBUG_GROUPS),
            }
            for index in range(len(cut))
        ]

    def _pass(self, messages: Batch) -> _Pass:
        if messages.row is not Message:
            raise TypeError(f"a reader takes batches of Message, not of {messages.row.__name__}")
        columns = messages.columns
        texts = pa.array(columns["text"], pa.string())
        own = first_filter.matches(texts, self._own_tools)
        lent, near = self._threads.lend(columns["thread"], columns["opens"], own)
        person = np.array([kind == ActorKind.PERSON for kind in columns["actor_kind"]], dtype=bool)
        chosen = np.flatnonzero((own | lent) & person)
        read_texts = texts.take(pa.array(chosen))
        cut, read = self._score(read_texts)
        starts = np.flatnonzero(np.diff(cut.message, prepend=-1))
        lengths = np.diff(starts, append=len(cut))
        classes = linear.over_messages(read.classes, starts, lengths, self._whole(cut))
        if self._second is not None and len(classes):
            classes, read = self._heard(classes, read, cut, read_texts.take(pa.array(cut.message[starts])), self._second)
        any_act, winner, score = _decide(classes, self._weights)
        way = np.select([own, lent, near], ["words", "thread", "near"], "").tolist()
        return _Pass(cut, read, chosen[cut.message[starts]], starts, lengths, any_act, winner, score, way)

    def _score(self, texts: Any) -> tuple[units.Units, linear.Probabilities]:
        cut = units.cut(texts, own_tools=self._own_tools, own_products=self._own_products)
        return cut, linear.probabilities(self._linear.logits(cut, features.rules(cut)), self._weights)

    def _whole(self, cut: units.Units) -> NDArray[np.float64]:
        """Probabilities of CLASSES of each message read on end."""
        on_end = units.joined(cut)
        return linear.softmax(self._linear.logits(on_end, features.rules(on_end), linear.CLASS_HEADS))

    @staticmethod
    def _heard(
        classes: NDArray[np.float64], read: linear.Probabilities, cut: units.Units, texts: Any, second: opinion.Opinion
    ) -> tuple[NDArray[np.float64], linear.Probabilities]:
        """Ask the second reader where the first hesitates, and weigh the two; `texts` are those of the messages, in order."""
        unsure = np.flatnonzero(opinion.close(classes, second.margin))
        if not len(unsure):
            return classes, read
        said = second.ask(texts.take(pa.array(unsure)).to_pylist())
        classes = classes.copy()
        classes[unsure] = opinion.weighed(classes[unsure], said.classes, second.weight)
        if said.acts is None:
            return classes, read
        order = np.cumsum(np.diff(cut.message, prepend=-1) > 0) - 1  # which message of the read ones each unit belongs to
        told = np.full((len(classes), len(ACTS)), np.nan)
        told[unsure] = said.acts
        acts = opinion.weighed(read.acts, told[order], second.weight)
        return classes, linear.Probabilities(acts, read.ways, read.classes)

    def _rows(self, messages: Batch, read: _Pass) -> Batch:
        found: list[rows.Found] = []
        each = zip(read.message.tolist(), read.starts.tolist(), read.lengths.tolist(), read.winner.tolist(), strict=True)
        for message, start, count, winner in each:
            found += rows.acts_of(message=message, start=start, count=count, read=read.read, winner=winner)
        return rows.table(found, messages.columns, read.units, self.version)

    def _prediction(self, count: int, read: _Pass) -> Prediction:
        coarse = [Coarse.NONE.value] * count
        score, chance = np.ones(count), np.zeros(count)
        chance[read.message] = read.any_act
        score[read.message] = read.score
        for message, winner in zip(read.message.tolist(), read.winner.tolist(), strict=True):
            coarse[message] = CLASSES[winner].value
        return Prediction(coarse, score, chance, read.way)


def _decide(
    classes: NDArray[np.float64], weights: linear.Weights
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """First whether a message tells of any practice, then which; without one it may still set a limit, or do nothing.

    Returns:
        Calibrated probability of any practice, winning class and its probability, one a message.
    """
    practices = classes[:, : linear.PRACTICES]
    own = practices.sum(axis=1)
    any_act = linear.calibrated(own, weights)
    rest = classes[:, linear.PRACTICES :]
    best, other = practices.argmax(axis=1), linear.PRACTICES + rest.argmax(axis=1)
    winner = np.where(any_act >= ANY_ACT, best, other)
    within = np.where(
        any_act >= ANY_ACT, practices.max(axis=1) / np.maximum(own, 1e-9), rest.max(axis=1) / np.maximum(1 - own, 1e-9)
    )
    return any_act, winner, np.clip(np.where(any_act >= ANY_ACT, any_act, 1 - any_act) * within, 0.0, 1.0)


def _named(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float]:
    return {str(name): round(float(value), 3) for name, value in zip(names, values, strict=True) if value > 0.05}
