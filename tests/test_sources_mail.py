"""How a mailbox falls into mails, and what is read of a mail's headers."""

import io
import random
from datetime import UTC
from email.utils import parsedate_to_datetime

import pytest

from groundswell.privacy.door import Door
from groundswell.sources import _mail, _mailbox
from source_samples import KEY


def mails_line_by_line(content):
    """(headers, body) of each mail, one line after the other: slow, and plain to see."""
    found, parts, inside, empty = [], ([], []), 0, True
    for line in [*io.BytesIO(content).readlines(), None]:
        if line is None or (empty and _mailbox.FROM_LINE.match(line[:300])):
            if b"".join(parts[0]).strip():
                found.append((b"".join(parts[0]).rstrip() + b"\n", b"".join(parts[1])))
            parts, inside, empty = ([], []), 0, False
            continue
        empty = not line.strip()
        if empty and not inside:
            inside = 1
        else:
            parts[inside].append(line[1:] if inside and line.startswith(b">From ") else line)
    return found


@pytest.mark.parametrize("piece", [1, 7, 401, 900, 1 << 20])
def test_a_mailbox_is_cut_the_same_however_it_comes(monkeypatch, piece):
    """Forty mailboxes, in pieces of any size: searched as a whole they fall into the mails that each line for itself tells."""
    monkeypatch.setattr(_mailbox, "PIECE", piece)
    begins = b"From a@x Mon Mar  2 10:00:00 2026\n"
    lines = [begins, b"\n", b"\r\n", b"A: b\n", b"From here on\n", b">From x\n", b"text\n", b" \n", b"x" * 500 + b"\n", b"t"]
    for seed in range(40):
        chance = random.Random(seed)
        content = begins + b"".join(chance.choices(lines, k=chance.randrange(1, 60)))
        door = Door(KEY, "mbox")
        assert list(_mailbox.mails("a", io.BytesIO(content).read, door)) == mails_line_by_line(content), seed


@pytest.mark.parametrize(
    "written",
    [
        "Mon, 2 Mar 2026 10:00:00 +0100",
        "2 Mar 2026 10:00:00 -0530 (a zone)",
        "Mon, 2 Mar 2026 23:59:59 +1400",
        "Mon, 30 Feb 2026 10:00:00 +0000",
        "Mon, 2 Foo 2026 10:00:00 +0000",
        "Mon, 2 Mar 2026 24:00:00 +0000",
        "Mon, 2 Mar 2026 10:00:60 +0000",
        "Mon, 2 Mar 30000 10:00:00 +0000",
        "Mon, 2 Mar 2026 10:00 GMT",
        "Mon Mar  2 10:00:00 2026",
        "some day",
    ],
)
def test_dates_of_mails_mean_what_the_library_says(written):
    """The short way for the usual spelling gives what the standard library gives, and what it refuses is none."""
    try:
        moment = parsedate_to_datetime(written)
        meant = (moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment).timestamp() * 1e6
    except (ValueError, TypeError):
        meant = None
    assert _mail._micros(written) == meant
