"""What every export of Google Chat needs: which spaces are open to all, and when a date written in prose was."""

import re
import unicodedata
from datetime import UTC, datetime

import msgspec

from groundswell.model.source import DoorLike
from groundswell.sources._days import instant
from groundswell.sources._zip import Archive, MemberError, Reader

SPACE_LIST = re.compile(r"(?:^|/)spaces[^/]*\.json$")
OPEN = "DISCOVERABLE"
MONTHS = {
    "january": 1, "february": 2, "march": 3, "april": 4, "may": 5, "june": 6, "july": 7, "august": 8, "september": 9,
    "october": 10, "november": 11, "december": 12, "janvier": 1, "fevrier": 2, "mars": 3, "avril": 4, "mai": 5, "juin": 6,
    "juillet": 7, "aout": 8, "septembre": 9, "octobre": 10, "novembre": 11, "decembre": 12,
}  # fmt: skip
"""Months as Google writes them in English and French, accents off; Vietnamese writes "tháng 3"."""
CLOCK = re.compile(r"(\d{1,2}):(\d{2}):(\d{2})\s*(am|pm|sa|ch)?")
BROKEN = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)


CLOSED = "file of a space not known to be open to all: put the list of spaces (spaces.json) beside it"


class Access(msgspec.Struct, gc=False, rename="camel"):
    """Whether a space can be found by everybody."""

    access_state: str | None = ""


class Space(msgspec.Struct, gc=False, rename="camel"):
    """A space as the Chat interface lists it."""

    name: str | None = ""
    access_settings: Access | None = None


class SpaceList(msgspec.Struct, gc=False):
    """The list of spaces an administrator can get."""

    spaces: list[Space] = []


def open_spaces(archive: Archive, reader: Reader, door: DoorLike) -> set[str]:
    """Ids of spaces everybody can find; a list that is broken opens none."""
    public: set[str] = set()
    for name in archive.members:
        if SPACE_LIST.search(name):
            try:
                listed = msgspec.json.decode(reader.read(name), type=SpaceList, strict=False).spaces
            except (*BROKEN, MemberError):
                door.skip("list of spaces that is damaged", where=name.rsplit("/", 1)[-1])
                continue
            public |= {
                s.name.rpartition("/")[2]
                for s in listed
                if s.name and s.access_settings and s.access_settings.access_state == OPEN
            }
    return public


def written_date(text: str) -> datetime | None:
    """Instant of a date as Google writes it, such as "Friday, March 1, 2024 at 10:12:33 AM UTC"; always in UTC.

    English, French and Vietnamese are read; None for any other language.
    """
    text = text[:200]
    if exact := instant(text):
        return exact
    plain = unicodedata.normalize("NFKD", text).casefold().replace("\u0111", "d")
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    clock = CLOCK.search(plain)
    if not clock:
        return None
    rest = plain[: clock.start()] + " " + plain[clock.end() :]
    year = re.search(r"(?<!\d)((?:19|20)\d{2})(?!\d)", rest)
    numbered = re.search(r"thang (\d{1,2})", rest)
    month = int(numbered[1]) if numbered else next((MONTHS[w] for w in re.findall(r"[a-z]+", rest) if w in MONTHS), 0)
    rest = rest.replace(numbered[0], " ") if numbered else rest
    of_month = re.search(r"(?<!\d)(\d{1,2})(?!\d)", rest)
    if not (year and month and of_month):
        return None
    hour = int(clock[1]) % 12 + 12 * (clock[4] in ("pm", "ch")) if clock[4] else int(clock[1])
    try:
        found = datetime(int(year[1]), month, int(of_month[1]), hour, int(clock[2]), int(clock[3]), tzinfo=UTC)
    except ValueError:
        return None
    return instant(found.isoformat())
