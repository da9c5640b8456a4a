"""Follows practice files through moves, copies and links, so that only real deaths count as deaths."""

import re
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from groundswell.model.trace import ArtefactEvent
from groundswell.sources._git_files import Piece, Touch, piece

T = TypeVar("T")

MOVE_SECONDS = 14 * 86_400
"""A file that goes and one of its name that comes within two weeks are one file moved in two commits, or a revert."""


WORDS = re.compile(r"[^a-z]+")
LONG_WORD = 5
"""Letters: shorter words (add, test, docs) say too little to tie two names together."""

CANDIDATES = 50
"""Equally named files compared by path at most: beyond, a hostile commit would cost quadratic time."""


@dataclass(frozen=True, slots=True)
class Change:
    """A commit of the default branch that touches practice files.

    Attributes:
        oid: its id.
        work: what it is remembered by, the same before and after its history was written anew (`_git_walk.work_of`).
        second: author time.
        actor, kind: whom it is credited to.
        mainline: whether it lies on the first-parent line; what is not reaches the line only by a merge.
        merge: whether it has several parents.
        cut: whether history is cut here, so that every file looks new.
        touches: practice files it changes against its first parent.
    """

    oid: str
    work: str
    second: int
    actor: int
    kind: str
    mainline: bool
    merge: bool
    cut: bool
    touches: list[Touch]


@dataclass(slots=True, eq=False)
class Unit:
    """A practice file or skill folder through its moves."""

    born_in: str
    born_at: str
    second: int
    path: str
    piece: Piece
    first: bytes
    same: "Unit | None" = None

    def root(self) -> "Unit":
        """The unit it turned out to be a moved copy of, or itself."""
        unit = self
        while unit.same is not None:
            unit = unit.same
        return unit

    def joins(self) -> int:
        """How often it turned out to be a moved copy of another; it only grows as history does."""
        return 0 if self.same is None else 1 + self.same.joins()


@dataclass(slots=True, eq=False)
class Event:
    """Something that happened to a unit; `void` if it turned out not to have."""

    unit: Unit
    by: Change
    what: ArtefactEvent
    piece: Piece
    void: bool = False


class Gone(NamedTuple):
    """A unit whose file is no longer where it was."""

    unit: Unit
    touch: Touch
    second: int
    event: Event | None = None


class Come(NamedTuple):
    """A practice file where there was none."""

    touch: Touch
    piece: Piece


@dataclass
class Lives:
    """State of all practice files of one branch, fed oldest commit first."""

    events: list[Event] = field(default_factory=list)
    alive: dict[str, Unit] = field(default_factory=dict)
    _folders: dict[str, Unit] = field(default_factory=dict)
    _offline: dict[str, list[Change]] = field(default_factory=dict)
    _gone: deque[Gone] = field(default_factory=deque)
    _born: deque[Event] = field(default_factory=deque)

    def feed(self, change: Change) -> None:
        """Take the next commit.

        Life follows the first-parent line, where every commit is compared with the one before: a merge shows what it brought.
        Who did it is looked up among the commits of the merged line that touched the same file.
        """
        if change.mainline:
            self._step(change)
        elif not change.merge:
            for touch in change.touches:
                self._offline.setdefault(touch.path, []).append(change)

    def _step(self, change: Change) -> None:
        gone, come, changed, inside = self._sort(change)
        done: set[tuple[Unit, str]] = set()
        for old, new in pairs(gone, come):
            self._leave(old.unit)
            self._settle(old.unit, new)
            self._offline.pop(old.touch.path, None)
            self._note(old.unit, change, new.touch.path, ArtefactEvent.MOVED, done)
        for new in come:
            self._arrive(change, new, done)
        for old in gone:
            self._depart(change, old, done)
        for unit, path in changed:
            self._note(unit, change, path, ArtefactEvent.EDITED, done)
        for path in inside:
            holder = self._holder(path)
            if holder is not None:
                self._note(holder, change, path, ArtefactEvent.EDITED, done)

    def _sort(self, change: Change) -> tuple[list[Gone], list[Come], list[tuple[Unit, str]], list[str]]:
        gone, come, changed, inside = [], [], [], []
        for touch in change.touches:
            unit = self.alive.get(touch.path)
            what = piece(touch.path)
            if what is None:
                inside.append(touch.path)
            elif unit is None:
                if touch.status != "D" and not touch.link:
                    come.append(Come(touch, what))
            elif touch.status == "D" or touch.link:
                gone.append(Gone(unit, touch, change.second))
            else:
                changed.append((unit, touch.path))
        return gone, come, changed, inside

    def _arrive(self, change: Change, new: Come, done: set[tuple[Unit, str]]) -> None:
        """A file is new: it is back after a short absence, or it is born."""
        back = next((old for old in reversed(self._gone) if self._returns(old, new, change.second)), None)
        if back is not None:
            if back.event is not None:
                back.event.void = True
            self._gone.remove(back)
            self._settle(back.unit, new)
            moved = back.touch.path != new.touch.path
            what = ArtefactEvent.MOVED if moved else ArtefactEvent.EDITED
            self._note(back.unit, change, new.touch.path, what, done)
            return
        path = new.touch.path
        by = self._doers(change, path, keep=True)[0]
        unit = Unit(by.work, path, change.second, path, new.piece, new.touch.new)
        self._settle(unit, new)
        birth = None if change.cut else self._note(unit, change, path, ArtefactEvent.CREATED, done)
        if birth is not None:
            self._born.append(birth)
        while self._born and abs(change.second - self._born[0].unit.second) > MOVE_SECONDS:
            self._born.popleft()

    def _depart(self, change: Change, old: Gone, done: set[tuple[Unit, str]]) -> None:
        """A file is gone: it lives on behind a link or in a copy made shortly before, or it died."""
        self._leave(old.unit)
        path = old.touch.path
        if old.touch.link:
            self._note(old.unit, change, path, ArtefactEvent.MOVED, done)
            return
        copy = next((born for born in self._born if self._copied(old, born.unit, change.second)), None)
        if copy is not None:
            copy.unit.same = old.unit
            copy.what = ArtefactEvent.MOVED
            self._born.remove(copy)
            self._doers(change, path)
            return
        event = self._note(old.unit, change, path, ArtefactEvent.DELETED, done)
        self._gone.append(Gone(old.unit, old.touch, change.second, event))
        while abs(change.second - self._gone[0].second) > MOVE_SECONDS:
            self._gone.popleft()

    def _returns(self, old: Gone, new: Come, second: int) -> bool:
        if abs(second - old.second) > MOVE_SECONDS:
            return False
        same_name = bool(new.piece.stem) and new.piece.stem == old.unit.piece.stem
        return old.touch.path == new.touch.path or old.touch.old == new.touch.new or same_name

    def _copied(self, old: Gone, born: Unit, second: int) -> bool:
        if born is old.unit or self.alive.get(born.path) is not born or abs(second - born.second) > MOVE_SECONDS:
            return False
        if born.root() is old.unit.root() or born.second < old.unit.second:
            return False
        same_name = bool(born.piece.stem) and born.piece.stem == old.unit.piece.stem
        return same_name or born.first == old.touch.old

    def _leave(self, unit: Unit) -> None:
        if self.alive.get(unit.path) is unit:
            del self.alive[unit.path]
        if unit.piece.folder and self._folders.get(unit.piece.folder) is unit:
            del self._folders[unit.piece.folder]

    def _settle(self, unit: Unit, new: Come) -> None:
        unit.path, unit.piece = new.touch.path, new.piece
        self.alive[unit.path] = unit
        if new.piece.folder:
            self._folders[new.piece.folder] = unit

    def _holder(self, path: str) -> Unit | None:
        """The skill whose folder a file lies in."""
        while path:
            path = path.rpartition("/")[0]
            if path in self._folders:
                return self._folders[path]
        return None

    def _doers(self, change: Change, path: str, *, keep: bool = False) -> list[Change]:
        if not change.merge:
            return [change]
        known = self._offline.get(path) if keep else self._offline.pop(path, None)
        return known or [change]

    def _note(self, unit: Unit, change: Change, path: str, what: ArtefactEvent, done: set[tuple[Unit, str]]) -> Event | None:
        """Record an event for everyone who did it; in a merged line one of them made the turn, the others edited."""
        doers = self._doers(change, path)
        turn = 0 if what is ArtefactEvent.CREATED else len(doers) - 1
        told = None
        for number, by in enumerate(doers):
            if (unit, by.oid) in done:
                continue
            done.add((unit, by.oid))
            event = Event(unit, by, what if number == turn else ArtefactEvent.EDITED, unit.piece)
            self.events.append(event)
            told = event if number == turn else told
        return told


def pairs(gone: list[Gone], come: list[Come]) -> Iterator[tuple[Gone, Come]]:
    """Pair what went with what came in one commit, surest evidence first, and take the pairs out of both lists.

    The same content; the same name; for generic names the same file name, then the same folder (CLAUDE.md becomes AGENTS.md);
    last, where there is exactly one of each: the same folder and form (a skill given another name), or a long word in common
    (the agent "changelog-writer" becomes the skill "changelog-writing").
    """
    steps: tuple[tuple[Callable[[Piece, str, bytes], Iterable[Hashable]], bool], ...] = (
        (lambda what, path, oid: [oid], False),
        (lambda what, path, oid: [what.stem] if what.stem else [], False),
        (lambda what, path, oid: [] if what.stem else [path.rpartition("/")[2]], False),
        (lambda what, path, oid: [] if what.stem else [path.rpartition("/")[0]], False),
        (lambda what, path, oid: [(what.form, (what.folder or path).rpartition("/")[0])] if what.stem else [], True),
        (lambda what, path, oid: {word for word in WORDS.split(what.stem) if len(word) >= LONG_WORD}, True),
    )
    for keys, only in steps:
        if not gone or not come:
            return
        left = _by((keys(o.unit.piece, o.touch.path, o.touch.old), o) for o in gone)
        right = _by((keys(n.piece, n.touch.path, n.touch.new), n) for n in come)
        for key in [key for key in left if key in right]:
            olds, news = ([x for x in left[key] if x in gone], [x for x in right[key] if x in come])
            if only and (len(olds), len(news)) != (1, 1):
                continue
            for old, new in _nearest(olds, news):
                gone.remove(old)
                come.remove(new)
                yield old, new


def _nearest(olds: list[Gone], news: list[Come]) -> Iterator[tuple[Gone, Come]]:
    """Pair each old file with the new one of the same form and the most similar path."""
    for old in olds:
        if not news:
            return

        def nearness(new: Come, old: Gone = old) -> tuple[bool, int]:
            return new.piece.form == old.unit.piece.form, _shared(old.touch.path, new.touch.path)

        new = max(news[:CANDIDATES], key=nearness)
        news.remove(new)
        yield old, new


def _by(items: Iterable[tuple[Iterable[Hashable], T]]) -> dict[Hashable, list[T]]:
    found: dict[Hashable, list[T]] = {}
    for keys, item in items:
        for key in keys:
            found.setdefault(key, []).append(item)
    return found


def _shared(one: str, other: str) -> int:
    """How many last parts of two paths are the same."""
    count = 0
    for a, b in zip(reversed(one.split("/")), reversed(other.split("/")), strict=False):
        if a != b:
            break
        count += 1
    return count
