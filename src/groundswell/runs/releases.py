"""Keeps each page a company measured, in every language, so that everybody sees the same one and those before it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from groundswell import drafts
from groundswell.errors import OutputError
from groundswell.languages.load import codes
from groundswell.report.page import Page
from groundswell.runs.folder import Folder

ROOM = "pages"
"""Folder inside the company's that holds them."""

TRIAL = "trial"
"""The one page that is no release: the latest is kept, and no earlier one."""

_NAME = re.compile(r"(?P<which>\d{4}-Q[1-4]|trial)-(?P<day>\d{4}-\d\d-\d\d)")


@dataclass(frozen=True)
class Kept:
    """A page that was kept.

    Attributes:
        which: quarter it is of, such as "2026-Q1", or "trial".
        day: when it was made.
        folder: where it lies, one file a language.
    """

    which: str
    day: date
    folder: Path

    @property
    def trial(self) -> bool:
        """Whether it is no release and not for circulation."""
        return self.which == TRIAL

    def file(self, lang: str) -> Path:
        """The page in a language, or in English if it was not kept in this one."""
        wanted = self.folder / f"{lang}.html"
        return wanted if lang in codes() and wanted.is_file() else self.folder / "en.html"


def keep(folder: Folder, page: Page, *, now: datetime, render: Callable[[Page, str], str]) -> Kept:
    """Keep a page in every language; a trial takes the place of the trial before it.

    Args:
        folder: the company's.
        page: what was measured.
        now: the moment, UTC.
        render: draws a page in a language.

    Raises:
        OutputError: it cannot be written.
    """
    which = TRIAL if page.trial else f"{page.end.year}-Q{(page.end.month + 2) // 3}"
    place = folder.path / ROOM / f"{which}-{now.astimezone(UTC).date().isoformat()}"
    before = [old for old in kept(folder) if old.which == which]
    try:
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        place.mkdir(exist_ok=True, mode=0o700)
        for lang in codes():
            drafts.replace(place / f"{lang}.html", render(page, lang), mode=drafts.PUBLIC)
        for old in before:
            if old.folder != place:
                _remove(old.folder)
    except OSError as error:
        raise OutputError(
            str(place), f"it cannot be written ({error.strerror})", remedy="Make room, then measure again"
        ) from error
    return Kept(which, now.date(), place)


def kept(folder: Folder) -> list[Kept]:
    """Every page that is kept, the latest first, a trial before all."""
    room = folder.path / ROOM
    found = [
        Kept(name["which"], date.fromisoformat(name["day"]), place)
        for place in (room.iterdir() if room.is_dir() else ())
        if (name := _NAME.fullmatch(place.name)) and (place / "en.html").is_file()
    ]
    return sorted(found, key=lambda page: (page.which, page.day), reverse=True)


def _remove(place: Path) -> None:
    for file in place.iterdir():
        file.unlink()
    place.rmdir()
