"""What one person's own traces say they did with AI, for their own page and nobody else's."""

from dataclasses import dataclass
from datetime import date, datetime

from groundswell.model.reading import Act, Modality
from groundswell.privacy import record
from groundswell.privacy.keyring import Keys
from groundswell.runs.folder import Folder
from groundswell.runs.subject import Handles, pseudonyms_of, rows_of, stores_of

DOINGS = frozenset({Act.USES, Act.TRIES, Act.SHARES, Act.TAKES_UP, Act.LEARNS, Act.DROPS})


@dataclass(frozen=True, slots=True)
class OwnDoing:
    """One thing somebody did, as a trace of theirs shows it.

    Attributes:
        day: when.
        act: an Act.
        tool, job: with what, for what.
    """

    day: date
    act: str
    tool: str
    job: str


def own_doings(folder: Folder, handles: Handles, *, keys: Keys, now: datetime) -> list[OwnDoing]:
    """What the store holds of one person's own doing, the latest first; that somebody looked is entered first, not who.

    Args:
        folder: the company's.
        handles: of one person, whom a provider of identities vouches for.
        keys: of the company.
        now: the moment, UTC.

    Raises:
        InputError, PrivacyError: as for `mine`.
    """
    stores = list(stores_of(folder, keys))
    record.append(folder.record_file, "mine", {"what": "shown"}, now=now)
    found = [
        OwnDoing(row["ts"].date(), row["act"], row["tool"], row["job"])
        for store, key in stores
        for row in rows_of(store, "acts", pseudonyms_of(store, key, handles))
        if row["act"] in DOINGS and row["modality"] == Modality.DONE
    ]
    return sorted(found, key=lambda doing: (doing.day, doing.act, doing.tool, doing.job), reverse=True)
