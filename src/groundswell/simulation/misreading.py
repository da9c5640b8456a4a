"""A reader that errs as it is told to: true acts through a confusion matrix, and the audit a trusted person makes of it."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np

from groundswell.model.reading import COARSE, Act, Label
from groundswell.model.source import Batch
from groundswell.simulation.acts import ACT, ACTS, MODALITY, Rows
from groundswell.simulation.chance import Bools, Chance, Floats, Ints

Confusion: TypeAlias = Mapping[str, Mapping[str, float]]
NAME = "planted-1"
NONE = -1
DONE = MODALITY["done"]
FULL = 1_000_000  # scores are kept as millionths, so that all columns are integers
_NEGATIVES = 1.0  # messages about AI without any act, for each message with one
_TWICE = 0.2  # share of the audit that is labelled twice
_SLIP = 0.08  # how often the second labeller sees another act (agreement .92, as measured)
_RIGHT, _WRONG, _SPREAD = 0.80, 0.62, 0.12  # the reader's probability when right and when wrong


def read(acts: Rows, marks: Bools, confusion: Confusion | None, chance: Chance) -> Rows:
    """The acts as read: `acts` with columns `message`, `read` (act or -1), `score` (millionths), `actual` (act or -1).

    With a confusion matrix, messages without an act are added, one for each message with one, by the same people and days.
    """
    size = len(acts["day"])
    number = np.arange(size, dtype=np.int64)
    out = {name: column.copy() for name, column in acts.items()}
    if confusion is None:
        return out | {"message": number, "read": out["act"], "actual": out["act"], "score": np.full(size, FULL)}
    chat = np.flatnonzero(~marks)
    twin = chat[chance.stream("twin").uniform(chat) < _NEGATIVES]
    out = {name: np.concatenate([column, column[twin]]) for name, column in out.items()}
    message = np.concatenate([number, size + twin])
    actual = np.concatenate([acts["act"], np.full(len(twin), NONE)])
    for name in ("use", "practice", "whom", "cascade", "level", "announcement"):
        out[name][size:] = -1
    for name in ("words", "reasons", "drop", "modality"):
        out[name][size:] = 0
    mark = np.concatenate([marks, np.zeros(len(twin), dtype=np.bool_)])
    table = _table(confusion)
    lot = chance.stream("misread").uniform(message)
    claimed = np.minimum((np.cumsum(table, axis=1)[actual] <= lot[:, None]).sum(axis=1), len(ACTS)) - 1
    claimed = np.where(mark, actual, claimed)
    mean = np.where(claimed == actual, _RIGHT, _WRONG)
    score = np.clip(mean + _SPREAD * chance.stream("score").normal(message), 0.05, 0.99)
    score = np.where(mark, 1.0, score)
    return out | {"message": message, "read": claimed, "actual": actual, "score": np.round(score * FULL).astype(np.int64)}


def _table(confusion: Confusion) -> Floats:
    """Rows: true act, the last "none" (index -1); columns: read as none, then each act; every row sums to 1."""
    place = {"none": 0, **{name: code + 1 for name, code in ACT.items()}}
    table = np.zeros((len(ACTS) + 1, len(ACTS) + 1))
    for actual, at in (*ACT.items(), ("none", len(ACTS))):
        row = confusion.get(actual, {})
        if sum(row.values()) > 1 + 1e-9 or min(row.values(), default=0.0) < 0:
            raise ValueError(f"confusion of {actual!r}: probabilities must be >= 0 and sum to at most 1")
        for name, share in row.items():
            table[at, place[name]] += share
        table[at, place[actual]] += 1 - table[at].sum()
    return table


def confused(*, sensitivity: float, specificity: float) -> dict[str, dict[str, float]]:
    """A plain confusion: each act is missed with 1 - sensitivity, and as `none` read as one of the acts with 1 - specificity."""
    spread = (1 - specificity) / 4
    table: dict[str, dict[str, float]] = {act: {"none": 1 - sensitivity} for act in ACTS}
    table["none"] = dict.fromkeys(("uses", "tries", "shares", "announces"), spread)
    return table


def audit(read_acts: Rows, ids: Ints, labels: int, chance: Chance) -> Iterator[Batch]:
    """Label a random sample of messages, as many from each stratum (coarse class and score band) as from the others.

    As in a real audit, an act that was asked for, denied or intended is none: neither the reader's class nor the label counts it.
    """
    marked = read_acts["score"] == FULL
    some = np.flatnonzero(~marked) if not marked.all() else np.arange(len(marked))
    if not len(some):
        return
    coarse = np.array([*(COARSE[Act(act)].value for act in ACTS), "none"])
    done = read_acts["modality"][some] == DONE
    predicted = np.where(done, coarse[read_acts["read"][some]], "none")
    high = (read_acts["score"][some] >= FULL * 7 // 10).astype(np.int64)
    strata, stratum = np.unique(np.char.add(predicted, np.where(high == 1, ".high", ".low")), return_inverse=True)
    order = np.lexsort((chance.stream("audit").bits(some), stratum))
    first = np.searchsorted(stratum[order], np.arange(len(strata)))
    rank = np.arange(len(order)) - first[stratum[order]]
    size = np.bincount(stratum, minlength=len(strata))
    quota = _quotas(size, labels)
    drawn = order[rank < quota[stratum[order]]]
    again = drawn[chance.stream("twice").uniform(some[drawn]) < _TWICE]
    rows = np.concatenate([drawn, again])
    coder = np.repeat(np.array([1, 2]), [len(drawn), len(again)])
    actual = np.where(done[rows], read_acts["actual"][some[rows]], NONE)
    slip = (coder == 2) & (chance.stream("slip").uniform(some[rows]) < _SLIP)
    act = np.array([*ACTS, "none"])[np.where(slip, chance.stream("slipped").below(len(ACTS), some[rows]), actual)]
    columns: dict[str, Any] = {
        "id": ids[some[rows]],
        "version": np.zeros(len(rows), dtype=np.int64),
        "probability": quota[stratum[rows]] / size[stratum[rows]],
        "stratum": np.char.add(strata[stratum[rows]], ".slack"),
        "coder": coder,
        "act": act,
        "predicted": predicted[rows],
        "score": read_acts["score"][some[rows]] / FULL,
        "reader": np.full(len(rows), NAME),
    }
    yield Batch(Label, columns)


def _quotas(size: Ints, labels: int) -> Ints:
    """An equal share for each stratum, what small strata cannot fill going to the others."""
    quota = np.zeros(len(size), dtype=np.int64)
    left = min(labels, int(size.sum()))
    while left > 0:
        open_ = np.flatnonzero(quota < size)
        each = max(left // len(open_), 1)
        for at in open_:
            more = min(each, int(size[at] - quota[at]), left)
            quota[at] += more
            left -= more
    return quota
