"""A company's whole chat on one machine, from zip to page: killed once, resumed, and read again after one more day of export.

Usage: python bench/laptop.py [millions of messages, default 0.2] [folder to work in]
       python bench/laptop.py of EXPORTS [folder to work in]     a folder of exports that is there, a Slack zip among them

The export is invented and repeats itself: 10,000 people and 250 channels for each million messages of thirteen weeks, in Slack's
form, some 1.4 kB a message as a lean real one has. Reading and counting are the commands a user runs, with two processes. Printed
for each: wall and CPU seconds with those of its processes, the most memory all of them held at once (each shared page counted
once), and the floor.
"""

import json
import random
import shutil
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import slack as invented
from _commands import groundswell, line, say, size
from isal import isal_zlib

WEEKS = 13
DAYS = 7 * WEEKS
PER_DAY = 44
"""Messages of a channel on a day."""
SELDOM = 22
"""One message in so many may speak of AI: the others are passed over by the reader's first look, as most of a company's are."""


class Company:
    """An invented export, written day by day in bounded memory."""

    def __init__(self, millions: float) -> None:
        self.people = max(50, int(10_000 * millions))
        self.channels = max(2, round(millions * 1e6 / (DAYS * PER_DAY)))
        chance = random.Random(1)  # noqa: S311 - invents text, keeps no secret
        users = [f"U{n:08d}" for n in range(400)]
        self.days = [self._template(invented._day(chance, users, 0)) for _ in range(50)]

    def _template(self, posts: list[dict[str, object]]) -> list[tuple[int, bytes]]:
        """Messages of a day, each with its seconds after midnight and its text with places for day and person."""
        found = []
        for number, post in enumerate((posts * (1 + PER_DAY // len(posts)))[:PER_DAY]):
            post = {k: v for k, v in post.items() if k not in ("thread_ts", "parent_user_id", "replies", "latest_reply")}
            post |= {"ts": "@TS@", "user": "@USER@"}
            if number % 5 in (3, 4):
                post |= {"thread_ts": "@ROOT@", "parent_user_id": "@OTHER@"}
            text = json.dumps(post, indent=4).encode()
            found.append((number * 400 + 17, text if number % SELDOM == 0 else text.replace(b"Copilot", b"compiler")))
        return found

    def write(self, out: zipfile.ZipFile, first: int, last: int) -> int:
        """Add days to a zip; the bytes of JSON."""
        written = 0
        for day in range(first, last):
            start = 1_760_054_400 + day * 86_400
            name = time.strftime("%Y-%m-%d", time.gmtime(start))
            for channel in range(self.channels):
                text = self._file(start, day, channel)
                out.writestr(f"room-{channel}/{name}.json", text)
                written += len(text)
        return written

    def _file(self, start: int, day: int, channel: int) -> bytes:
        posts = []
        root, opener = b"", b""
        # A channel has some forty regulars, so that people meet again.
        regulars = [b"U%08d" % ((channel * 40 + n * 7919 * (n % 3)) % self.people) for n in range(40)]
        for number, (second, text) in enumerate(self.days[(day * 31 + channel) % len(self.days)]):
            ts = b"%d.%06d" % (start + second, channel % 1_000_000)
            user = regulars[(number * 7 + day) % 40]
            if number % 5 == 0:
                root, opener = ts, user
            posts.append(text.replace(b"@TS@", ts).replace(b"@USER@", user).replace(b"@ROOT@", root).replace(b"@OTHER@", opener))
        return b"[\n" + b",\n".join(posts) + b"\n]"

    def lists(self, out: zipfile.ZipFile) -> None:
        """Add the lists of channels and users."""
        out.writestr("channels.json", json.dumps([{"id": f"C{n:08d}", "name": f"room-{n}"} for n in range(self.channels)]))
        users = [{"id": f"U{n:08d}", "team_id": "T1", "profile": {"email": f"p{n}@invented.example"}} for n in range(self.people)]
        out.writestr("users.json", json.dumps(users))


def floors(path: Path) -> tuple[float, float]:
    """CPU seconds of inflating the day files to nothing, and of decoding them to nothing as well."""
    import msgspec

    from groundswell.sources._zip import need_archive

    archive = need_archive(path)
    skim = msgspec.json.Decoder(list[msgspec.defstruct("Skim", [])])
    days = [name for name in archive.members if "/" in name]
    begin = time.process_time()
    with archive.reading() as reader:
        for name in days:
            reader.read(name)
        middle = time.process_time()
        for name in days:
            skim.decode(reader.read(name))
    return middle - begin, time.process_time() - middle


def scanned(store: Path) -> float:
    """CPU seconds of decoding every column of every table to nothing."""
    import pyarrow.parquet as pq

    begin = time.process_time()
    for file in sorted(store.rglob("*.parquet")):
        for _ in pq.ParquetFile(file).iter_batches(200_000):
            pass
    return time.process_time() - begin


def invent(millions: float, path: Path) -> Callable[[], None]:
    """Write an invented export but for its last day; what adds the day."""
    zipfile.zlib = isal_zlib  # type: ignore[attr-defined] # packs ten times faster; what is measured is reading
    company = Company(millions)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        company.lists(out)
        written = company.write(out, 0, DAYS - 1)
    messages = (DAYS - 1) * PER_DAY * company.channels
    packed = path.stat().st_size / 1e6
    say(f"{messages:,} messages, {company.people:,} people, {written / 1e9:.2f} GB of JSON in {packed:,.0f} MB")

    def one_more_day() -> None:
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            company.write(out, DAYS - 1, DAYS)

    return one_more_day


def found(folder: Path, path: Path) -> Callable[[], None]:
    """Copy a Slack export but for its last day, and link the files beside it; what adds the day."""
    from groundswell.sources import slack

    zipfile.zlib = isal_zlib  # type: ignore[attr-defined]
    whole = next(zipped for zipped in sorted(folder.glob("*.zip")) if slack.recognise(zipped))
    for other in folder.iterdir():
        if other.is_file() and other != whole:
            (path.parent / other.name).symlink_to(other.resolve())
    with zipfile.ZipFile(whole) as old:
        last = max(member.filename.rpartition("/")[2] for member in old.infolist() if "/" in member.filename)
        later = [member for member in old.infolist() if member.filename.endswith("/" + last)]
        kept = [member for member in old.infolist() if not member.filename.endswith("/" + last)]
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            for member in kept:
                out.writestr(member.filename, old.read(member))
    days = len({member.filename.rpartition("/")[2] for member in kept if "/" in member.filename})
    written = sum(member.file_size for member in kept)
    say(f"{len(kept):,} files of {days} days, {written / 1e9:.2f} GB of JSON in {path.stat().st_size / 1e6:,.0f} MB")

    def one_more_day() -> None:
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
            for member in later:
                out.writestr(member.filename, old.read(member))

    return one_more_day


def run(path: Path, one_more_day: Callable[[], None]) -> None:
    """Read, killed and resumed; read again, twice; measure."""
    place = path.parent
    inflate, decode = floors(path)
    say(f"floor: inflate to nothing {inflate:.1f} CPU s, inflate and decode to nothing {decode:.1f} CPU s")
    groundswell(place.parent, "init", "--no-ask", "company")
    read = ("read", "company", place.name)
    parts = max(2, path.stat().st_size // 150_000_000)
    line("read, killed on the way", groundswell(place.parent, *read, kill_at=parts))
    told = groundswell(place.parent, *read)
    line("read, resumed to the end", told, f"{told[1] / decode:.1f} times decoding")
    say(f"store {size(place.parent / 'company', '*.parquet'):,.0f} MB")
    line("read again, nothing new", groundswell(place.parent, *read))
    one_more_day()
    told_day = groundswell(place.parent, *read)
    line("read after one more day", told_day, f"1/{told[1] / told_day[1]:.0f} of the resumed reading")
    scan = scanned(place.parent / "company" / "store")
    say(f"floor: every column of the store, decoded to nothing {scan:.1f} CPU s")
    measured = groundswell(place.parent, "measure", "company", "-o", "page.html")
    line("measure: count, estimate, page", measured, f"{measured[1] / scan:.1f} times scanning")


def main(words: list[str]) -> None:
    """Work in a folder that is removed afterwards."""
    exports = Path(words.pop(1)) if words[:1] == ["of"] else None
    home = Path(words[1]) if len(words) > 1 else None
    place = Path(tempfile.mkdtemp(prefix="laptop-", dir=home))
    path = place / "exports" / "export.zip"
    path.parent.mkdir()
    try:
        run(path, found(exports, path) if exports else invent(float(words[0]) if words else 0.2, path))
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv[1:])
