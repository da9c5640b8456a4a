"""Collects the messages of a chat as rows: the message for the reader, its trace, and whom it turned to."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from hashlib import blake2b
from typing import Any

from groundswell.model.source import Batch, DoorLike
from groundswell.model.trace import ActorKind, Message, TieKind, TieTrace, Trace
from groundswell.sources._days import EPOCH, MAX_US, MIN_US
from groundswell.sources._rows import columns, names_of

BATCH_MESSAGES = 4_096
BATCH_CHARACTERS = 4_000_000
"""What the texts of a batch may weigh: with 4 bytes a character, 16 MB."""
DAY_US = 86_400_000_000
PERSON = ActorKind.PERSON.value
BOT = ActorKind.BOT.value
REPLY, MENTION, REACTION = TieKind.REPLY.value, TieKind.MENTION.value, TieKind.REACTION.value
NO_TIME = "message without a usable time"


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody a message names.

    Attributes:
        actor: pseudonym; 0 if unknown.
        kind: an ActorKind.
        shown: what stands in a text in place of a mention: "@", or the tool's own name for a bot or an agent.
        outside: true for a member of another company, who agreed to nothing here.
        person: the pseudonym if this is a person of the company, else 0: nobody is tied to a bot or to a stranger.
    """

    actor: int
    kind: str = PERSON
    shown: str = "@"
    outside: bool = False

    person: int = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "person", self.actor if self.kind == PERSON and not self.outside else 0)


NOBODY = Who(0)


def hasher(door: DoorLike, *container: str | int) -> Callable[[str], int]:
    """Make ids inside one container, three times faster than the door does: the door's key makes the container's key.

    Args:
        door: asked for a 252-bit key that nobody without the epoch's key can derive.
        container: source and native id of a channel or list.

    Returns:
        native id -> 63-bit keyed BLAKE2b, never 0.
    """
    key = b"".join(door.hashed(*container, "key", part).to_bytes(8, "big") for part in range(4))
    start = blake2b(digest_size=8, key=key)
    number = int.from_bytes

    def hashed(native: str) -> int:
        digest = start.copy()
        digest.update(native.encode())
        return number(digest.digest(), "big") >> 1 or 1

    return hashed


class Conversation:
    """Gathers rows as columns until a batch is full."""

    def __init__(self, door: DoorLike, source: str) -> None:
        self._door = door
        self._source = source
        self._days: dict[int, date] = {}
        self._rows: list[tuple[Any, ...]] = []
        self._ties: list[tuple[int, int, date, int, int, str, str]] = []
        self._characters = 0

    @property
    def full(self) -> bool:
        """True once a batch's worth waits."""
        return len(self._rows) >= BATCH_MESSAGES or self._characters >= BATCH_CHARACTERS

    def add(
        self,
        key: int,
        version: int,
        micros: int,
        who: Who,
        place: int,
        text: str,
        readers: int | None = None,
        thread: int = 0,
        opens: bool = False,
        reply_to: int = 0,
        mentions: Iterable[Who] = (),
        reactors: Iterable[Who] = (),
    ) -> bool:
        """Take one message; False, and nothing is kept, if its time lies outside [1980, 2100).

        Args:
            key: its id.
            version: microseconds of its last change; the newest copy wins.
            micros: when it was sent.
            who: its author.
            place: hash of the channel.
            text: own words.
            readers: members of the place, if known.
            thread: hash of the thread; 0 outside one.
            opens: it is the first of its thread.
            reply_to: author of what it replies to; 0 unless a person.
            mentions: whom it addresses.
            reactors: who reacted to it; they turned to its author, on its day, since no chat keeps when.
        """
        if not MIN_US <= micros < MAX_US:
            return False
        addressed = [m.person for m in mentions if m.person] if mentions else []
        # In the order of Message's own fields; the instant is made when the batch is.
        self._rows.append((key, version, micros, who.actor, who.kind, place, readers, thread, opens, reply_to, addressed, text))
        self._characters += len(text)
        if reply_to or addressed or reactors:
            self._tie(key, version, self._day(micros), who.person, reply_to, addressed, reactors)
        return True

    def _day(self, micros: int) -> date:
        number = micros // DAY_US
        day = self._days.get(number)
        if day is None:
            day = self._days[number] = (EPOCH + timedelta(days=number)).date()
        return day

    def _tie(
        self, key: int, version: int, day: date, actor: int, reply_to: int, addressed: list[int], reactors: Iterable[Who]
    ) -> None:
        """One tie of each kind and pair, however many signs they left."""
        if not actor:
            return
        if reply_to and reply_to != actor:
            self._ties.append((key, version, day, actor, reply_to, REPLY, self._source))
        for other in dict.fromkeys(addressed) if addressed else ():
            if other != actor:
                self._ties.append((key, version, day, actor, other, MENTION, self._source))
        for other in {r.person: r for r in reactors} if reactors else ():
            if other and other != actor:
                self._ties.append((key, version, day, other, actor, REACTION, self._source))

    def flush(self) -> Iterator[Batch]:
        """Hand out what waits, the messages first; message and trace share the columns that are the same."""
        if self._rows:
            shared = dict(zip(names_of(Message), map(list, zip(*self._rows, strict=True)), strict=False))
            shared["source"] = [self._source] * len(self._rows)
            micros: list[int] = shared["ts"]
            shared["ts"] = [EPOCH + timedelta(0, 0, moment) for moment in micros]
            shared["day"] = list(map(self._day, micros))
            yield self._batch(Message, shared)
            yield self._batch(Trace, shared)
        if self._ties:
            yield self._batch(TieTrace, columns(TieTrace, self._ties).columns)
        self._rows, self._ties, self._characters = [], [], 0

    def _batch(self, row: type, found: Mapping[str, Sequence[Any]]) -> Batch:
        batch = Batch(row, {name: found[name] for name in names_of(row)})
        self._door.keep(row.__name__, len(batch))
        return batch
