"""One person's own public words, counted for them alone, by whoever holds the key and cannot open what they make."""

from collections import Counter
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from groundswell.errors import InputError
from groundswell.model.reading import COARSE, Act, Coarse, Modality
from groundswell.privacy import record
from groundswell.privacy.book import quarter_of
from groundswell.privacy.keyring import Keys
from groundswell.privacy.mirror import Mirror, Own, reflect, seal
from groundswell.runs.folder import Folder
from groundswell.runs.subject import Handles, pseudonyms_of, rows_of, stores_of

if TYPE_CHECKING:
    from groundswell.store.tables import Store

QUARTERS = 4
"""This quarter and the three before it."""

LEAST_GOLD, LEAST_POSITIVE = 100, 20
"""Labels an audit must hold, and of one class, before its doubt is carried into the counts (measures.md, M0)."""

OPENED = "mirror opened"
"""Kind of the record's entry: that a mirror was made, and nothing of whose."""

READ_AS: dict[str, Coarse] = {
    "prototypes": Coarse.DONE,
    "lessons": Coarse.LEARNED,
    "help": Coarse.DONE,
    "demands": Coarse.SAID,
    "reasons": Coarse.SAID,
    "deadlines": Coarse.SAID,
    "sanctions": Coarse.SAID,
}
"""Item -> the class whose audit tells how often it is read right; questions have none."""

SAID = frozenset({Act.DEMANDS, Act.ANNOUNCES, Act.RESTRICTS})


def mirror_of(folder: Folder, handles: Handles, *, keys: Keys, now: datetime) -> Mirror:
    """Count one person's own public acts, this quarter and the three before; their rows and nobody else's are read.

    That a mirror was opened is entered in the record first, and nothing more.

    Args:
        folder: the company's.
        handles: of one person, who was recognised: signed in under this address, or known to whoever holds the key.
        keys: of the company; without them nobody's rows can be told from another's.
        now: the moment, UTC.

    Raises:
        InputError: no usable handle, or handles of two people.
        PrivacyError: the keys are not those of the folder.
    """
    if not handles.normal():
        raise InputError("mirror", "no usable handle is given", expected="--email, --login or --native of one person")
    stores = list(stores_of(folder, keys))
    record.append(folder.record_file, OPENED, {}, now=now)
    messages: Counter[str] = Counter()
    acts: list[dict[str, Any]] = []
    right: Counter[tuple[Coarse, bool]] = Counter()
    for store, key in stores:
        mine = pseudonyms_of(store, key, handles)
        messages.update(quarter_of(day) for day in _days(store, mine))
        acts += _acts(store, mine)
        right.update(_audited(store))
    own = [_own(q, messages[q], [a for a in acts if quarter_of(a["ts"].date()) == q]) for q in _quarters(now.date())]
    return reflect(own, right=_known(right), seed=int(now.timestamp()))


def sealed_mirror(folder: Folder, handles: Handles, *, to: str, keys: Keys, now: datetime) -> str:
    """The mirror of one person, sealed to the key they gave: whoever makes it cannot open it.

    Raises:
        InputError, PrivacyError: as for `mirror_of`, or `to` is no key.
    """
    return seal(mirror_of(folder, handles, keys=keys, now=now), to)


def items_of(act: dict[str, Any]) -> set[str]:
    """What of a mirror one act is; an act may be several things, as a demand with a deadline is."""
    kind, way = act["act"], act["modality"]
    if way == Modality.ASKED:
        return {"questions"}
    found = set()
    if way == Modality.DONE:
        helped = kind == Act.NUDGES or (kind in {Act.SHARES, Act.USES} and act["whom"] != 0)
        found |= {"help"} if helped else {"prototypes"} if kind in {Act.TRIES, Act.SHARES} else set()
        found |= {"lessons"} if kind in {Act.LEARNS, Act.DROPS} else set()
    if kind in SAID and way in {Modality.DONE, Modality.INTENDED}:
        found |= {"demands"} if kind == Act.DEMANDS else set()
        found |= {
            item for item, flag in (("reasons", "reason"), ("deadlines", "deadline"), ("sanctions", "sanction")) if act[flag]
        }
    return found


def _own(quarter: str, messages: int, acts: list[dict[str, Any]]) -> Own:
    counts: Counter[str] = Counter()
    for item in {(act["id"], item) for act in acts for item in items_of(act)}:  # a message counts once for each thing it does
        counts[item[1]] += 1
    return Own(quarter, messages, len({act["id"] for act in acts}), counts)


def _quarters(today: date) -> list[str]:
    """The last QUARTERS quarters, oldest first."""
    found: list[str] = []
    day = today.replace(day=1)
    while len(found) < QUARTERS:
        found.append(quarter_of(day))
        month = day.month - 3
        day = day.replace(year=day.year - (month < 1), month=(month - 1) % 12 + 1)
    return found[::-1]


def _days(store: "Store", mine: set[int]) -> list[date]:
    """Days of the person's own messages, one a message."""
    return [row["day"] for row in rows_of(store, "traces", mine) if row["source"] != "logbook"]


def _acts(store: "Store", mine: set[int]) -> list[dict[str, Any]]:
    return [row for row in rows_of(store, "acts", mine) if row["channel"] == "message"]


def _audited(store: "Store") -> Counter[tuple[Coarse, bool]]:
    """How often a class was read where an audit looked, and found it there or not."""
    import pyarrow.parquet as pq

    seen: dict[tuple[int, str], bool] = {}
    for file in store.files("labels"):
        for row in pq.read_table(file, partitioning=None).to_pylist():
            if row["coder"] == 1 and row["predicted"] != Coarse.NONE:
                key = (row["id"], row["predicted"])
                same = row["act"] != "none" and COARSE[Act(row["act"])] == row["predicted"]
                seen[key] = seen.get(key, False) or same
    return Counter((Coarse(predicted), right) for (_, predicted), right in seen.items())


def _known(right: Counter[tuple[Coarse, bool]]) -> dict[str, tuple[int, int]]:
    if right.total() < LEAST_GOLD:
        return {}
    found = {item: (right[c, True], right[c, True] + right[c, False]) for item, c in READ_AS.items()}
    return {item: pair for item, pair in found.items() if pair[0] >= LEAST_POSITIVE}
