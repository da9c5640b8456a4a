"""What an outsider can find out from the record alone: that it was not changed, and that it keeps its own rules."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from groundswell.errors import InputError, PrivacyError
from groundswell.privacy import noise, record
from groundswell.privacy.book import FIXED, KEPT
from groundswell.privacy.ledger import DELTA, EPSILON, RELEASED
from groundswell.privacy.record import Entry

RECORD = "record.jsonl"
"""What the record of a company folder is called."""

SHORTEST_HASH = 16
"""Fewer characters of a hash could stand in the record by chance, or by trying."""

CLOCK = timedelta(hours=25)
"""How far a clock may be put back before it is told: time zones, and a clock that was corrected."""


@dataclass(frozen=True)
class Verified:
    """What the record says.

    Attributes:
        entries: how many.
        last: hash of the last one; 64 zeros for an empty record.
        kinds: kind of entry -> how many.
        spent: year -> epsilon spent.
        known: number of the entry whose hash was kept elsewhere; None if none was given.
    """

    entries: int
    last: str
    kinds: dict[str, int]
    spent: dict[int, float]
    known: int | None = None


def verify(place: Path, *, kept: str = "") -> Verified:
    """Check a record: its chain, its rules, and that it still holds an entry whose hash was kept elsewhere.

    Args:
        place: a record, or a company folder with one; nothing else of the folder is looked at, and nothing is written.
        kept: hash of an entry as it was printed before, or its first characters.

    Raises:
        InputError: there is no record, or `kept` is no hash.
        PrivacyError: the record was changed, breaks a rule of its own, or no longer holds the kept hash.
    """
    path = place / RECORD if place.is_dir() else place
    if not path.is_file():
        raise InputError(str(place), "there is no record here", expected=f"{RECORD}, or a company folder that holds it")
    wanted = kept.strip().lower()
    if wanted and not re.fullmatch(rf"[0-9a-f]{{{SHORTEST_HASH},64}}", wanted):
        raise InputError("--kept", "this is no hash", expected=f"at least {SHORTEST_HASH} of its characters, 0 to 9 and a to f")
    entries = record.verify(path)
    for rule in RULES:
        for n, problem in rule(entries):
            raise PrivacyError(f"{path}:{n}", problem, remedy="Ask whoever keeps it how that came about")
    return Verified(
        len(entries),
        entries[-1].hash if entries else record.GENESIS,
        dict(sorted(Counter(e.kind for e in entries).items())),
        {year: noise.epsilon(rho, delta=DELTA) for year, rho in _rho(entries).items() if rho},
        _found(path, entries, wanted) if wanted else None,
    )


def _found(path: Path, entries: Sequence[Entry], wanted: str) -> int:
    for entry in entries:
        if entry.hash.startswith(wanted):
            return entry.n
    raise PrivacyError(
        str(path),
        "no entry has the hash that was kept",
        expected="a record that goes on from it",
        remedy="Entries were taken off its end or all of it was written anew: compare it with an older copy",
    )


Broken = Iterator[tuple[int, str]]
"""Number of an entry, and what is wrong there."""


def _once_a_quarter(entries: Sequence[Entry]) -> Broken:
    seen = set()
    for entry in entries:
        if entry.kind == KEPT:
            asked = (entry.facts.get("what"), entry.facts.get("quarter"))
            if asked in seen:
                yield entry.n, "a measure was let out twice for one quarter"
            seen.add(asked)


def _noise_was_paid(entries: Sequence[Entry]) -> Broken:
    paid: Counter[str] = Counter()
    for entry in entries:
        if entry.kind == RELEASED and float(entry.facts.get("rho", 0)) > 0:
            paid[str(entry.facts.get("what"))] += 1
        if entry.kind == KEPT and entry.facts.get("how") == "noise":
            what = f"{entry.facts.get('what')} {entry.facts.get('quarter')}"
            paid[what] -= 1
            if paid[what] < 0:
                yield entry.n, "a noised release was not paid for"


def _within_the_budget(entries: Sequence[Entry]) -> Broken:
    spent: dict[int, float] = defaultdict(float)
    for entry in entries:
        if entry.kind == RELEASED:
            spent[_year(entry)] += float(entry.facts.get("rho", 0))
            if noise.epsilon(spent[_year(entry)], delta=DELTA) > EPSILON + 1e-6:
                yield entry.n, f"more than the year's privacy budget of {EPSILON:g} was spent"


def _fixed_before_read(entries: Sequence[Entry]) -> Broken:
    kinds = [entry.kind for entry in entries]
    for before, after, problem in (
        (FIXED, "read", "traces were read before the definitions were entered"),
        ("charter", KEPT, "something was let out before a charter was entered"),
    ):
        if after in kinds and before not in kinds[: kinds.index(after)]:
            yield kinds.index(after) + 1, problem


def _time_runs_on(entries: Sequence[Entry]) -> Broken:
    for before, after in pairwise(entries):
        if datetime.fromisoformat(after.at) < datetime.fromisoformat(before.at) - CLOCK:
            yield after.n, "the clock was put back before this entry"


RULES: tuple[Callable[[Sequence[Entry]], Broken], ...] = (
    _time_runs_on,
    _fixed_before_read,
    _once_a_quarter,
    _noise_was_paid,
    _within_the_budget,
)
"""What a record keeps besides its chain; the program never writes one that does not."""


def _rho(entries: Sequence[Entry]) -> dict[int, float]:
    spent: dict[int, float] = defaultdict(float)
    for entry in entries:
        if entry.kind == RELEASED:
            spent[_year(entry)] += float(entry.facts.get("rho", 0))
    return dict(spent)


def _year(entry: Entry) -> int:
    return datetime.fromisoformat(entry.at).year
