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
from groundswell.reading import cues, features, linear, rows, units
from groundswell.reading import filter as first_filter
from groundswell.reading.linear import ACTS, CLASSES, MODALITIES

ANY_ACT = 0.6  # a message does something from here on; chosen on the half of the development messages that may be tuned on
# The exemplars hold three sentences of use for one of learning; people write less unevenly. Chosen on the same half.
_CLASS_WEIGHTS = np.array([1.6 if one is Coarse.LEARNED else 1.0 for one in CLASSES[:-1]])
_NONE = CLASSES.index(Coarse.NONE)
_DEBUG_GROUPS = ("act", "modality", "frame", "substance")


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the reader says of each message of a batch, in its order; what the audit samples by.

    Attributes:
        coarse: a Coarse class, `none` where nothing is read.
        score: calibrated probability of that class; of no act for `none`; 1 where a message was not read.
        any_act: calibrated probability that the message does any act, as done; 0 where it was not read.
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
        any_act: how likely it does anything, before calibration.
        winner: index in CLASSES of what it does.
        share: the winner's part of any_act.
        way: how each message of the batch passed.
    """

    units: units.Units
    read: linear.Probabilities
    message: NDArray[np.int64]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    any_act: NDArray[np.float64]
    winner: NDArray[np.int64]
    share: NDArray[np.float64]
    way: list[str]


class Reader:
    """Reads messages into acts. Keeps what threads were about, in bounded memory, from one batch to the next; keeps no text.

    Args:
        own_tools: names of AI tools the company built or renamed.
        own_products: names of what the company sells or builds: talk about them is not talk about how people work.
        model: weights trained elsewhere, for instance on local labels; None for those of the package.
        name: name and version of that model; empty for the package's.
    """

    def __init__(
        self,
        *,
        own_tools: Sequence[str] = (),
        own_products: Sequence[str] = (),
        model: linear.Weights | None = None,
        name: str = "",
    ) -> None:
        self._own_tools = tuple(own_tools)
        self._own_products = tuple(own_products)
        self._weights = model or linear.default()
        self._linear = linear.Linear(self._weights)
        self._threads = first_filter.Threads()
        self.version = name or linear.NAME

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
        cut, read = self._score(texts.take(pa.array(chosen)))
        starts = np.flatnonzero(np.diff(cut.message, prepend=-1))
        lengths = np.diff(starts, append=len(cut))
        claimed = linear.over_messages(read.classes, starts, lengths)[:, :-1]
        any_act = claimed.sum(axis=1)
        weighted = claimed * _CLASS_WEIGHTS
        share = weighted.max(axis=1, initial=0) / np.maximum(weighted.sum(axis=1), 1e-9)
        winner = np.where(any_act >= ANY_ACT, weighted.argmax(axis=1), _NONE)
        way = np.select([own, lent, near], ["words", "thread", "near"], "").tolist()
        return _Pass(cut, read, chosen[cut.message[starts]], starts, lengths, any_act, winner, share, way)

    def _score(self, texts: Any) -> tuple[units.Units, linear.Probabilities]:
        cut = units.cut(texts, own_tools=self._own_tools, own_products=self._own_products)
        return cut, linear.probabilities(self._linear.logits(cut, features.rules(cut)), self._weights)

    def _rows(self, messages: Batch, read: _Pass) -> Batch:
        found: list[rows.Found] = []
        each = zip(read.message.tolist(), read.starts.tolist(), read.lengths.tolist(), read.winner.tolist(), strict=True)
        for message, start, count, winner in each:
            found += rows.acts_of(message=message, start=start, count=count, read=read.read, winner=winner)
        return rows.table(found, messages.columns, read.units, self.version)

    def _prediction(self, count: int, read: _Pass) -> Prediction:
        coarse = [Coarse.NONE.value] * count
        score, chance = np.ones(count), np.zeros(count)
        any_act = linear.calibrated(read.any_act, self._weights)
        chance[read.message] = any_act
        score[read.message] = np.where(read.winner == _NONE, 1 - any_act, any_act * read.share)
        for message, winner in zip(read.message.tolist(), read.winner.tolist(), strict=True):
            coarse[message] = CLASSES[winner].value
        return Prediction(coarse, score, chance, read.way)


def _named(names: Sequence[str], values: NDArray[np.float64]) -> dict[str, float]:
    return {str(name): round(float(value), 3) for name, value in zip(names, values, strict=True) if value > 0.05}
