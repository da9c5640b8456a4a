"""Turns walked commits into rows: who was there, which marks they left, with whom, and which practice files changed."""

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from groundswell.model.reading import Act, ActRow, Job, Modality
from groundswell.model.source import Batch, DoorLike
from groundswell.model.trace import ActorKind, ArtefactEvent, ArtefactTrace, TieKind, TieTrace, Trace
from groundswell.sources._git_files import touches
from groundswell.sources._git_lives import Change, Event, Lives
from groundswell.sources._git_marks import COAUTHOR, NOTHING, READER, Found, Mark, Marks, merged
from groundswell.sources._git_people import NOBODY, People, Who
from groundswell.sources._git_walk import Record, work_of
from groundswell.sources._rows import columns

BATCH_ROWS = 5_000
"""Rows a batch."""

DAY = 86_400
EPOCH = date(1970, 1, 1)
FIRST_SECOND = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp())
"""Git is younger, but imports from older systems carry true dates since about then; earlier ones are broken clocks."""
OID = re.compile(rb"[0-9a-f]{40}(?:[0-9a-f]{24})?")
"""A commit's id, by SHA-1 or SHA-256; in a damaged record anything may stand in its place, a name too, and be told as a place."""
LONGEST_TIME = 18
"""Digits: a longer one is no time, and far longer ones Python refuses to read."""
CLOCK_AHEAD = 2 * DAY
"""A clock may be this far ahead; a later commit is from a broken one."""

USES, DONE, CODING, REVIEWING = Act.USES.value, Modality.DONE.value, Job.CODING.value, Job.REVIEW.value

FIRST_PRACTICE = int(datetime(2021, 6, 1, tzinfo=UTC).timestamp())
"""The first coding assistant was shown in June 2021: a file born earlier has its name by chance."""

NO_WORDS = (False, False, False, False, False, False, False, 0, "")
"""What the words of an announcement would carry, from `reason` to `drop`: a mark carries none of it."""

REVIEW = "review suggestion"
AGENT_AUTHOR = "agent author"
NAME = "author name"
BRANCH = "agent branch"


class Rows:
    """Collects rows of one repository and hands them out in batches."""

    def __init__(self, door: DoorLike, marks: Marks, people: People, place: int, now: datetime) -> None:
        self._door = door
        self._marks = marks
        self._people = people
        self._place = place
        self._latest = int(now.timestamp()) + CLOCK_AHEAD
        self._days: dict[int, date] = {}
        self._piles: dict[type, list[tuple[Any, ...]]] = {Trace: [], ActRow: [], TieTrace: [], ArtefactTrace: []}
        self._waiting: dict[bytes, list[tuple[int, int, list[Mark]]]] = {}
        self._changes: list[Change] = []
        self._line = b""
        self._cuts: frozenset[bytes] = frozenset()
        self._tips: dict[bytes, list[Mark]] = {}
        self._noted: dict[bytes, list[Mark]] = {}

    def noted(self, notes: dict[bytes, list[Mark]]) -> None:
        """Expect commits whose note of agents names tools; call it before any commit is taken."""
        self._noted = dict(notes)

    def follow(self, head: str, cuts: frozenset[bytes]) -> None:
        """Expect the default branch, whose first-parent line starts at `head` and ends, if cut, at `cuts`."""
        self._line, self._cuts = head.encode("ascii"), cuts

    def expect(self, branches: dict[bytes, list[str]]) -> None:
        """Expect commits outside the default branch, of which some are the tips of named branches."""
        named = {
            oid: [Mark(BRANCH, tool) for name in names if (tool := self._marks.branch(name))] for oid, names in branches.items()
        }
        self._line, self._tips = b"", {oid: marks for oid, marks in named.items() if marks}

    def take(self, records: Iterable[Record]) -> None:
        """Read commits, children before parents."""
        traces, tips, noted, waiting = self._piles[Trace], self._tips, self._noted, self._waiting
        search, who, hashed, days = self._marks.needles.search, self._people.who, self._door.hashed, self._days
        for record in records:
            if len(record) < 9 or not OID.fullmatch(record[0]):
                self._door.skip("unreadable commit")
                continue
            oid, parents, at, name, email, _, _, message, files = record
            second = int(at) if at.isdigit() and len(at) <= LONGEST_TIME else -1
            author = who(name, email)
            merge = b" " in parents
            if FIRST_SECOND <= second <= self._latest:
                number = second // DAY
                day = days.get(number) or days.setdefault(number, EPOCH + timedelta(number))
                key = hashed("git", work_of(record))
                traces.append((key, 0, day, author.actor, author.label, self._place, "git"))
                flagged = search(message.lower()) is not None
                if flagged or author.tool or merge or oid in waiting or oid in tips or oid in noted:
                    self._read(record, key, second, author, self._marks.find(message) if flagged else NOTHING)
            else:
                self._door.skip("impossible date", where=oid[:12].decode("ascii", "replace"))
            if self._line:
                self._file(record, second, author, merge, files)

    def _read(self, record: Record, key: int, second: int, author: Who, found: Found) -> None:
        """Read the marks of one commit that has, or may have, some."""
        oid, parents, message = record[0], record[1], record[7]
        named = [(channel, self._people.credited(name, email)) for channel, name, email in found.contacts]
        credited = [who for channel, who in named if channel == COAUTHOR]
        own = {Mark(REVIEW if who.review else channel, who.tool): None for channel, who in named if who.kind is ActorKind.AGENT}
        own.update(dict.fromkeys(found.marks))
        if b" " in parents:
            own, theirs = self._merge(message, own)
            if theirs:
                self._waiting.setdefault(parents.split(b" ")[1], []).append((key, second, list(theirs)))
        if author.tool:
            agent = author.kind is ActorKind.AGENT
            own[Mark(REVIEW if author.review else AGENT_AUTHOR if agent else NAME, author.tool)] = None
        own.update(dict.fromkeys((*self._tips.get(oid, ()), *self._noted.pop(oid, ()))))
        person = self._requester(record, author, credited)
        self._credit(key, second, person, author, own)
        for other, then, marks in self._waiting.pop(oid, ()):
            self._credit(other, then, person, author, marks)
        if author.kind is ActorKind.PERSON and author.actor and credited:
            self._ties(key, second, author, credited)

    def _merge(self, message: bytes, own: dict[Mark, None]) -> tuple[dict[Mark, None], dict[Mark, None]]:
        """Split the marks of a merge between who merged and whose branch it was."""
        line = merged(message)
        mine, theirs = ({}, own) if line.theirs else (own, {})
        taken, into = self._marks.branch(line.taken), self._marks.branch(line.into)
        if taken:
            theirs = {**theirs, Mark(BRANCH, taken): None}
        if into:
            mine = {**mine, Mark(BRANCH, into): None}
        return mine, theirs

    def _requester(self, record: Record, author: Who, credited: list[Who]) -> Who:
        """The person a commit is credited to: its author; for an agent's, the human co-author, else the committer."""
        if author.kind is ActorKind.PERSON:
            return author
        if author.kind is ActorKind.BOT:
            return NOBODY
        committer = self._people.who(record[5], record[6])
        return next((c for c in (*credited, committer) if c.kind is ActorKind.PERSON and c.actor), NOBODY)

    def _credit(self, key: int, second: int, person: Who, author: Who, marks: Iterable[Mark]) -> None:
        marks = list(marks)
        if not marks:
            return
        if not person.actor:
            self._door.skip("unattributable agent commit" if author.kind is ActorKind.AGENT else "mark in a bot's commit")
            return
        then = datetime.fromtimestamp(second, UTC)
        for channel, tool in marks:
            what = (USES, DONE, tool, REVIEWING if channel == REVIEW else CODING)
            where = (self._place, 0, None, 0, channel)
            self._piles[ActRow].append((key, 0, then, person.actor, "person", *what, *where, *NO_WORDS, 1.0, READER, "git"))

    def _ties(self, key: int, second: int, author: Who, credited: list[Who]) -> None:
        others = {c.actor for c in credited if c.kind is ActorKind.PERSON} - {0, author.actor}
        day = EPOCH + timedelta(second // DAY)
        for whom in sorted(others):
            self._piles[TieTrace].append((key, 0, day, author.actor, whom, TieKind.COAUTHOR.value, "git"))

    def _file(self, record: Record, second: int, author: Who, merge: bool, files: bytes) -> None:
        """Remember which practice files a commit of the default branch changes."""
        oid = record[0]
        mainline = oid == self._line
        if mainline:
            self._line = record[1].partition(b" ")[0] or b"-"
        found = touches(files) if files and (mainline or not merge) else []
        if not found:
            return
        if not FIRST_SECOND <= second <= self._latest:
            second = self._changes[-1].second if self._changes else self._latest - CLOCK_AHEAD
        person = self._requester(record, author, self._coauthors(record, author))
        by = person if person.actor else author
        cut = oid in self._cuts
        self._changes.append(
            Change(oid.decode("ascii"), work_of(record), second, by.actor, by.label, mainline, merge, cut, found)
        )

    def _coauthors(self, record: Record, author: Who) -> list[Who]:
        if author.kind is not ActorKind.AGENT:
            return []
        contacts = self._marks.find(record[7]).contacts
        return [self._people.credited(name, email) for channel, name, email in contacts if channel == COAUTHOR]

    def close(self) -> None:
        """Follow the practice files through all commits remembered, oldest first; call it once both walks are done."""
        left = sum(len(marks) for waiting in self._waiting.values() for _, _, marks in waiting)
        if left:
            self._door.skip("mark of a merged branch whose author is not in this clone", n=left)
        if self._noted:
            self._door.skip("note of a commit that is not in this history", n=len(self._noted))
        lives = Lives()
        while self._changes:
            lives.feed(self._changes.pop())
        pile = self._piles[ArtefactTrace]
        for event in lives.events:
            if event.unit.root().second >= FIRST_PRACTICE:
                pile.append(self._event(event))

    def _event(self, event: Event) -> tuple[Any, ...]:
        """An event as an ArtefactTrace, which replaces what a reading of a shorter history told of the same commit and file.

        A death that proved none stays as a move by nobody; a birth that proved a move, and what followed it, joins the file it
        came from. The id is that of the file as it was born, and later knowledge has the greater version.
        """
        unit, by = event.unit, event.by
        root, joins = unit.root(), unit.joins()
        actor, kind, what = (0, "person", ArtefactEvent.MOVED) if event.void else (by.actor, by.kind, event.what)
        key = self._door.hashed("git", by.work, unit.born_in, unit.born_at)
        artefact = self._door.hashed("git", "artefact", root.born_in, root.born_at)
        then = datetime.fromtimestamp(by.second, UTC)
        piece = event.piece
        return (
            key, joins + event.void, then, actor, kind, self._place, artefact, piece.form, piece.tool, what.value, "git",
        )  # fmt: skip

    def full(self, least: int = BATCH_ROWS) -> Iterator[Batch]:
        """Hand out batches of rows that are ready; `least=1` hands out all."""
        for row, pile in self._piles.items():
            while len(pile) >= least:
                ready = pile[:BATCH_ROWS]
                del pile[:BATCH_ROWS]
                self._door.keep(row.__name__, len(ready))
                yield columns(row, ready)
