"""Tells the day of a list that carries none in its rows."""

import hashlib
from datetime import date
from pathlib import Path

from groundswell.errors import InputError
from groundswell.model.source import Export
from groundswell.sources._days import day_in_name


def named_day(path: Path) -> date | None:
    """Day written in a file's name, such as seats-2026-03-01.csv; None if there is none."""
    return day_in_name(path.stem)


def need_day(path: Path) -> date:
    """Day written in a file's name.

    Raises:
        InputError: the name holds none; a file's own date changes when it is copied, so it is not used.
    """
    found = named_day(path)
    if found is None:
        raise InputError(
            path.name,
            "nothing in it says on which day it was taken",
            expected="a day in the file's name, as in export-2026-03-01.csv",
            remedy="Rename the file so that its name carries the day of the export",
        )
    return found


def fingerprint(export: Export) -> str:
    """Name and content of a list: the same list taken again on another day has other rows, since its name carries the day."""
    with export.path.open("rb") as stream:
        return f"{export.path.name}:{hashlib.file_digest(stream, 'sha256').hexdigest()}"
