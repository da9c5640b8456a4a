"""The rows that leave the reader: one a message and act, columns without text."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundswell.model.reading import COARSE, Act, ActRow, Modality
from groundswell.model.source import Batch
from groundswell.reading import jobs, linear, substance
from groundswell.reading.linear import ACTS, CLASSES, MODALITIES
from groundswell.reading.units import Units

CHANNEL = "message"
THRESHOLD = 0.5  # of an act's calibrated probability, where it counts as done
UNDONE_THRESHOLD = 0.35
"""Where it is asked, intended, denied or reported: the lowest (in steps of .05) from which half of such acts are right, act and
modality, on exemplars of a family of files left out of training; .15 gave the best F1 there, but two of three were wrong, and an
intended order or plan counts (M2)."""

_STATEMENTS = (Act.DEMANDS, Act.ANNOUNCES, Act.RESTRICTS)
_DONE = MODALITIES.index(Modality.DONE)
_USE_OR_TRIAL = (ACTS.index(Act.USES), ACTS.index(Act.TRIES))
_CLASS_OF = np.array([CLASSES.index(COARSE[act]) for act in ACTS])
_KEPT = ("id", "version", "ts", "actor", "actor_kind", "place", "thread", "readers", "source")


@dataclass(frozen=True, slots=True)
class Found:
    """One act read in one message.

    Attributes:
        message: index in the batch.
        unit: index of the sentence that carries it.
        act, way: indices in ACTS and MODALITIES.
        score: calibrated probability of the act in that modality.
    """

    message: int
    unit: int
    act: int
    way: int
    score: float


def acts_of(*, message: int, start: int, count: int, read: linear.Probabilities, winner: int) -> list[Found]:
    """Acts of one message, each from the sentence that says it best.

    Args:
        message: index in the batch.
        start: its first unit.
        count: how many units it has.
        read: probabilities of all units.
        winner: index in CLASSES of what the message does; of none if it does nothing, and then nothing counts as done.
    """
    acts, ways = read.acts[start : start + count], read.ways[start : start + count]
    best = acts.argmax(axis=0)
    found = []
    does = CLASSES[winner] is not CLASSES[-1]
    lesser = _lesser(acts, best)
    for act in np.flatnonzero(acts[best, range(len(ACTS))] >= UNDONE_THRESHOLD).tolist():
        if act == lesser:
            continue
        unit = int(best[act])
        way = int(ways[unit].argmax())
        if way != _DONE or (does and acts[unit, act] >= THRESHOLD):
            found.append(Found(message, start + unit, act, way, _score(acts[unit, act], ways[unit, way])))
    if does and not any(one.way == _DONE for one in found):
        found.append(_likeliest(message, start, acts, ways, winner))
    return found


def table(found: Sequence[Found], messages: Mapping[str, Sequence[Any]], units: Units, reader: str) -> Batch:
    """Rows of what was found, in the order given; texts stay behind."""
    focus, near, codes = ([part[one.unit] for one in found] for part in (units.focus, units.near, units.code))
    acts = [ACTS[one.act] for one in found]
    columns: dict[str, Sequence[Any]] = {name: [messages[name][one.message] for one in found] for name in _KEPT}
    columns |= {
        "act": [act.value for act in acts],
        "modality": [MODALITIES[one.way].value for one in found],
        "tool": [units.tool[one.unit] for one in found],
        "job": [job.value for job in jobs.of(focus, near, codes)],
        "whom": [_whom(act, messages, one.message) for act, one in zip(acts, found, strict=True)],
        "channel": [CHANNEL] * len(found),
        "drop": _drops(acts, focus, codes),
        "score": [one.score for one in found],
        "reader": [reader] * len(found),
        **_carried(acts, focus, near, codes),
    }
    return Batch(ActRow, {field.name: columns[field.name] for field in fields(ActRow)})


def _lesser(acts: NDArray[np.float64], best: NDArray[np.int64]) -> int:
    """Of ordinary use and a trial the less likely, if one sentence is the best of both; else -1.

    The codebook tells them apart by whether the result is open; none of 3,296 exemplars of either is labelled both.
    """
    uses, tries = _USE_OR_TRIAL
    if best[uses] != best[tries]:
        return -1
    return tries if acts[best[uses], uses] >= acts[best[tries], tries] else uses


def _likeliest(message: int, start: int, acts: NDArray[np.float64], ways: NDArray[np.float64], winner: int) -> Found:
    """The likeliest act of the message's class, as done: a message that does something does one thing at least."""
    done = np.where(winner == _CLASS_OF, acts * ways[:, [_DONE]], -1)
    unit, act = (int(place) for place in np.unravel_index(int(done.argmax()), done.shape))
    return Found(message, start + unit, act, _DONE, _score(acts[unit, act], ways[unit, _DONE]))


def _score(act: float, way: float) -> float:
    return round(float(act * way), 4)


def _whom(act: Act, messages: Mapping[str, Sequence[Any]], index: int) -> int:
    mentions: Sequence[int] = messages["mentions"][index]
    if act is Act.TAKES_UP and len(mentions):
        return int(mentions[0])
    return int(messages["reply_to"][index])


def _carried(acts: Sequence[Act], focus: Sequence[str], near: Sequence[str], codes: Sequence[str]) -> dict[str, list[Any]]:
    """Substance columns: read for statements, empty for the rest."""
    at = [index for index, act in enumerate(acts) if act in _STATEMENTS]
    read = substance.of([focus[index] + near[index] for index in at], [codes[index] for index in at])
    columns: dict[str, list[Any]] = {field: [False] * len(acts) for field in substance.FIELDS}
    columns["reasons"] = [0] * len(acts)
    for row, index in enumerate(at):
        for place, field in enumerate(substance.FIELDS):
            columns[field][index] = bool(read.flags[row, place])
        columns["reasons"][index] = int(read.reasons[row])
    return columns


def _drops(acts: Sequence[Act], focus: Sequence[str], codes: Sequence[str]) -> list[str]:
    at = [index for index, act in enumerate(acts) if act is Act.DROPS]
    kinds = substance.drop_kinds([focus[index] for index in at], [codes[index] for index in at])
    out = [""] * len(acts)
    for index, kind in zip(at, kinds, strict=True):
        out[index] = kind.value
    return out
