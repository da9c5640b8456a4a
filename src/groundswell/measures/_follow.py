"""From announcements and the use after them to follow-through: completed data sets, one for each draw of the true labels (M1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from groundswell.measures._announced import HORIZON_DAYS
from groundswell.measures._impute import DRAWS, calibrate, candidates, chance_draws
from groundswell.measures._labels import Gold, gold_of, why_withheld
from groundswell.measures._rates import Floats
from groundswell.measures._weeks import EPOCH
from groundswell.model.measure import ReleaseLike
from groundswell.model.phrase import Phrase

if TYPE_CHECKING:
    import pyarrow as pa

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]
Columns = Mapping[str, "np.ndarray[Any, Any]"]

PEOPLE, WEEKS = 2, 3
"""Taken up: use by at least this many others, in at least this many distinct weeks (R11)."""

GRACE_DAYS = 30
"""A practice counts as announced if it was so before its take-up plus this."""


@dataclass(frozen=True)
class Cohort:
    """Announcements of practices not yet born, on one completed data set.

    Attributes:
        rows: their positions among the cases.
        days: days to take-up, withdrawal, or the end of follow-up; at most the horizon counts.
        kinds: 1 taken up, 2 withdrawn, 0 cut short.
        units: announcing unit of each.
        demanded: whether it was asked or ordered, rather than announced.
    """

    rows: Ints
    days: Floats
    kinds: Ints
    units: Ints
    demanded: Bools


@dataclass(frozen=True)
class Lived:
    """Practices that were taken up, on one completed data set.

    Attributes:
        quiet: 1 if nobody announced it before its take-up plus 30 days, else 0.
        units: its unit.
    """

    quiet: Floats
    units: Ints


def columns(table: "pa.Table") -> Columns:
    """Columns of a table as arrays; a missing number becomes nan."""
    found = {}
    for name in table.schema.names:
        values = table[name].to_numpy(zero_copy_only=False)
        found[name] = values if values.dtype != np.dtype("float32") else values.astype(float)
    return found


def why_unread(release: ReleaseLike) -> tuple[Phrase, Phrase] | None:
    """Why announcements may not be counted: some were read by a reader that nobody audited well enough."""
    if not columns(release.tables["cases"])["was_read"].any():
        return None
    return why_withheld(gold_of(release.tables["gold"], "said"))


def data_sets(release: ReleaseLike, *, seed: int, draws: int = DRAWS) -> Iterator[tuple[Cohort, Lived]]:
    """Complete the labels of announcements, uses and withdrawals, and follow each announcement for 90 days.

    Args:
        release: tables `cases`, `evidence`, `withdrawn`, `lived`, `links`, `gold`.
        seed: of the draws.
        draws: how many; one is enough, and given, when nothing was read by a reader.
    """
    cases, evidence, withdrawn, lived, links = (
        columns(release.tables[name]) for name in ("cases", "evidence", "withdrawn", "lived", "links")
    )
    gold = {target: gold_of(release.tables["gold"], target) for target in ("said", "done", "dropped")}
    read = any(part["was_read"].any() for part in (cases, evidence, lived, withdrawn))
    total = draws if read else 1
    announced = _announced(cases, evidence, gold["said"], total, seed)
    born = _born(cases, gold["done"], total, seed + 1)
    used, gone, seen = (
        _drawn(part, gold[target], total, seed + k)
        for k, (part, target) in enumerate(((evidence, "done"), (withdrawn, "dropped"), (lived, "done")), start=2)
    )
    last_day = (release.end - EPOCH).days
    for m in range(total):
        took = _taken_up(evidence, used[m], len(cases["case_no"]))
        quit_ = _withdrawn(withdrawn, gone[m], len(cases["case_no"]))
        cohort = _cohort(cases, announced[m] & ~born[m], announced[m], took, quit_, last_day)
        yield cohort, _quiet(lived, seen[m], links, cases, announced[m], (release.start - EPOCH).days)


def first_met(owner: Ints, someone: Ints, week: Ints, day: Ints, owners: int) -> Floats:
    """Day on which the rule of take-up is first met for each owner; infinite where it never is.

    The later of: the second person's first day, the third distinct week's first day.
    """
    return np.maximum(_nth_new(owner, someone, day, owners, PEOPLE), _nth_new(owner, week, day, owners, WEEKS))


def _nth_new(owner: Ints, label: Ints, day: Ints, owners: int, nth: int) -> Floats:
    """Day on which the nth different label of each owner first appears."""
    found = np.full(owners, np.inf)
    if len(owner) == 0:
        return found
    order = np.lexsort((day, label, owner))
    o, v, d = owner[order], label[order], day[order]
    new = np.r_[True, (o[1:] != o[:-1]) | (v[1:] != v[:-1])]
    o, d = o[new], d[new]
    order = np.lexsort((d, o))
    o, d = o[order], d[order]
    starts = np.flatnonzero(np.r_[True, o[1:] != o[:-1]])
    counts = np.diff(np.r_[starts, len(o)])
    enough = counts >= nth
    found[o[starts[enough]]] = d[starts[enough] + nth - 1]
    return found


def _drawn(part: Columns, gold: Gold, draws: int, seed: int) -> Bools:
    """True labels of rows of one kind; what rests on a mark or a log is true in every draw."""
    read = np.asarray(part["was_read"], dtype=bool)
    labels = np.ones((draws, len(read)), dtype=bool)
    if read.any():
        claimed = candidates(np.asarray(part["score"], dtype=float)[read], part["source"][read])
        labels[:, read] = calibrate(gold, claimed, seed=seed, draws=draws)
    return labels


def _born(cases: Columns, gold: Gold, draws: int, seed: int) -> Bools:
    """Whether the thing was in use before it was announced: by one mark or log, or by two people whose messages tell of it.

    One message alone does not do: among messages on things not yet in use nearly every claim of use is a misreading.
    """
    reads = np.asarray(cases["lived_reads"], dtype=np.int64)
    if not reads.any():
        return np.tile(np.asarray(cases["lived"] > 0, dtype=bool), (draws, 1))
    claimed = candidates(np.asarray(cases["lived_score"], dtype=float), cases["source"])
    chances = chance_draws(gold, claimed, seed=seed, draws=draws)
    true = np.random.default_rng([seed, 3]).binomial(reads, chances)
    return np.asarray((true >= PEOPLE) | (cases["lived"] > 0), dtype=bool)


def _announced(cases: Columns, evidence: Columns, gold: Gold, draws: int, seed: int) -> Bools:
    """True labels of announcements, given score, source and whether take-up was seen (a variable of the analysis)."""
    read = np.asarray(cases["was_read"], dtype=bool)
    labels = np.ones((draws, len(read)), dtype=bool)
    if not read.any():
        return labels
    plain = (evidence["was_read"] == 0) | (evidence["score"] >= 0.5)
    taken = np.isfinite(_taken_up(evidence, plain, len(read))).astype(float)
    item = np.asarray(cases["item"], dtype=float)
    audited = ~np.isnan(item)
    outcome, known = np.zeros((len(gold.truth), 1)), np.full(len(read), np.nan)
    place = item[audited].astype(int) - 1
    outcome[place, 0] = taken[audited]
    known[audited] = gold.truth[place]
    claimed = candidates(cases["score"][read], cases["source"][read], taken[read, None], known[read])
    labels[:, read] = calibrate(gold, claimed, seed=seed, gold_covariates=outcome, draws=draws)
    return labels


def _taken_up(evidence: Columns, kept: Bools, cases: int) -> Floats:
    picked = [np.asarray(evidence[c], dtype=np.int64)[kept] for c in ("case_no", "someone", "week", "after_days")]
    return first_met(picked[0] - 1, picked[1], picked[2], picked[3], cases)


def _withdrawn(withdrawn: Columns, kept: Bools, cases: int) -> Floats:
    found = np.full(cases, np.inf)
    np.minimum.at(
        found, np.asarray(withdrawn["case_no"], dtype=np.int64)[kept] - 1, np.asarray(withdrawn["after_days"], float)[kept]
    )
    return found


def _cohort(cases: Columns, eligible: Bools, announced: Bools, taken: Floats, gone: Floats, last_day: int) -> Cohort:
    what = np.asarray(cases["what"], dtype=np.int64)
    true = np.flatnonzero(announced)
    # Cases stand in order of day, so the first true one of each thing opens its cohort; later ones only repeat it.
    _, first = np.unique(what[true], return_index=True)
    opening = np.zeros(len(what), dtype=bool)
    opening[true[first]] = True
    rows = np.flatnonzero(opening & eligible)
    follow = np.minimum(last_day - np.asarray(cases["day"], dtype=float)[rows], HORIZON_DAYS)
    took, quit_ = taken[rows], gone[rows]
    days = np.minimum(np.minimum(took, quit_), follow)
    kinds = np.where((took <= follow) & (took <= quit_), 1, np.where(quit_ <= follow, 2, 0))
    units = np.asarray(cases["who"], dtype=np.int64)[rows]
    return Cohort(rows, days, kinds.astype(np.int64), units, np.asarray(cases["demanded"], dtype=bool)[rows])


def _quiet(lived: Columns, kept: Bools, links: Columns, cases: Columns, announced: Bools, first_day: int) -> Lived:
    practice = np.asarray(lived["practice"], dtype=np.int64)
    count = int(practice.max()) if len(practice) else 0
    picked = [np.asarray(lived[c], dtype=np.int64)[kept] for c in ("someone", "week", "day")]
    taken = first_met(practice[kept] - 1, picked[0], picked[1], picked[2], count)
    told = np.full(count, np.inf)
    case = np.asarray(links["case_no"], dtype=np.int64) - 1
    use = announced[case]
    linked = np.asarray(links["practice"], dtype=np.int64)[use] - 1
    np.minimum.at(told, linked, np.asarray(cases["day"], dtype=float)[case[use]])
    unit = np.zeros(count, dtype=np.int64)
    unit[practice - 1] = np.asarray(lived["who"], dtype=np.int64)
    # What lived in the first weeks of the traces may have been announced before them.
    known = np.isfinite(taken) & (taken >= first_day + HORIZON_DAYS)
    return Lived((told >= taken + GRACE_DAYS)[known].astype(float), unit[known])
