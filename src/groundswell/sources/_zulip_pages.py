"""Reads the pages a public Zulip archive is shown as: one folder a stream, one HTML file a topic, one heading a message."""

import html
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path

from groundswell.model.source import DoorLike
from groundswell.sources._days import seconds_micros
from groundswell.sources._lines import head
from groundswell.sources._zip import MemberError, Reader

FOLDER = re.compile(r"(?:^|/)(\d+)-[^/]*/topic/([^/]+)\.html$")
STREAM = re.compile(r"^\d+-")
LOOKED_AT = 5
"""Folders that are opened to recognise an archive."""

STARTS = re.compile(r'<a name="(\d{1,18})"></a>\s*<h4>')
"""Where a message begins, with its number."""

HEADING = re.compile(r"^(?:<a [^<>]*>(?:<img [^<>]*>)?</a>)?\s*([^<>]{0,300}?)\s*<a [^<>]*>\(([^()<>]{1,60})\)</a>:</h4>")
"""The rest of a heading: a link with a picture, the author's name, and the time in a link of its own."""

FOOT = re.compile(r"<hr>\s*<p>Last updated: [^<>]*</p>\s*</html>\s*\Z")
WRITTEN = "%b %d %Y at %H:%M"
"""How the archive's tool writes a time: English months, to the minute; a zone's name may follow."""


def recognise_pages(path: Path) -> bool:
    """Whether a folder holds such pages, below a folder `stream` or by itself.

    Raises:
        OSError: a folder cannot be listed.
    """
    inside = path / "stream" if (path / "stream").is_dir() else path
    for folder in islice((f for f in inside.iterdir() if STREAM.match(f.name) and f.is_dir()), LOOKED_AT):
        page = next(folder.glob("topic/*.html"), None)
        if page is not None and b"Zulip Chat Archive</title>" in head(page, 4_096):
            return True
    return False


def posts_of(reader: Reader, name: str, where: str, door: DoorLike) -> Iterator[tuple[int, str, float | None, str]]:
    """Yield (number, author's name, seconds since 1970, body) of the messages of a page; what has no heading is counted."""
    try:
        page = reader.read(name).decode("utf8", "replace")
    except MemberError as error:
        door.skip("topic that is damaged", where=f"{where}: {error}")
        return
    starts = list(STARTS.finditer(page))
    if not starts:
        door.skip("topic that is damaged", where=f"{where}: no message")
    for number, start in enumerate(starts):
        end = starts[number + 1].start() if number + 1 < len(starts) else len(page)
        rest = page[start.end() : end]
        heading = HEADING.match(rest)
        if heading is None:
            door.skip("message of an unexpected shape", where=f"{where}#{number + 1}")
            continue
        yield int(start[1]), html.unescape(heading[1]), _seconds(heading[2]), FOOT.sub("", rest[heading.end() :])


def _seconds(written: str) -> float | None:
    """Seconds of a written time, whose zone is not told and is taken as UTC; None if it is none."""
    words = " ".join(written.split()[:5])
    try:
        seconds = (datetime.strptime(words, WRITTEN) - datetime(1970, 1, 1)).total_seconds()
    except ValueError:
        return None
    return seconds if seconds_micros(seconds) else None
