"""Slack messages as columns: each step is done for a day's messages at once, which is three times as fast as one by one."""

from collections.abc import Iterator
from datetime import date, timedelta
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from groundswell.model.source import Batch, DoorLike
from groundswell.model.trace import Message, TieTrace, Trace
from groundswell.sources import _words
from groundswell.sources._chat import BATCH_CHARACTERS, DAY_US, MENTION, NO_TIME, REACTION, REPLY, Who
from groundswell.sources._days import EPOCH, MAX_US, MIN_US
from groundswell.sources._instants import Instants
from groundswell.sources._keyed import keyed
from groundswell.sources._rows import names_of
from groundswell.sources._slack_layout import Channel
from groundswell.sources._slack_people import People
from groundswell.sources._slack_posts import ODD, Post, words_of

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Numbers = NDArray[np.int64]

SPOKEN = frozenset({"", "file_share", "thread_broadcast", "me_message", "bot_message", "slackbot_response"})
"""Subtypes in which somebody says something; every other one is the software's own notice."""
NOTICE = "notice of the software, such as somebody joining"
FOREIGN = "message of another company, through a shared channel"
MIN_S, MAX_S = MIN_US / 1e6, MAX_US / 1e6
MAX_TEXT = _words.MAX_TEXT
BATCH_MESSAGES = 16_384
"""Enough that a step over columns costs its messages and no more."""
AT_ONCE = 64
"""Messages taken at once: few enough to stay in the processor's cache; their longest texts are a third of a batch's worth."""
BATCH_TIES = 4 * BATCH_MESSAGES - 1
"""A message may gather many reactions; ties wait no longer than this, and leave in batches of it."""
MOST_SIGNS = 999
"""Reactions that count towards a message's version: under a millisecond, so that they outrun no change that has a time."""
NONE: list[int] = []
"""Nobody addressed: one list for all such messages, which nobody writes to."""


ACTOR, KIND, PERSON_OF = attrgetter("actor"), attrgetter("kind"), attrgetter("person")


class _Days(dict[int, date]):
    """Day since 1970 -> the date."""

    def __missing__(self, number: int) -> date:
        self[number] = day = (EPOCH + timedelta(days=number)).date()
        return day


class Room:
    """A channel while it is read: its hash, the keys of its ids, and who opened its threads."""

    def __init__(self, channel: Channel, door: DoorLike) -> None:
        native = channel.id or channel.name or ""
        self.place = door.hashed("slack", "channel", native)
        self.readers = len(channel.members) if channel.members else None
        # 126 bits each for messages and threads, which nobody without the epoch's key can derive.
        self.keys = tuple(door.hashed("slack", native, "key", part) for part in range(4))
        self.openers: dict[float, str] = {}


class Rows:
    """Gathers messages of any channels as columns until a batch is full; hashes are then made for all of them at once."""

    def __init__(self, people: People, door: DoorLike) -> None:
        self._people = people
        self._door = door
        self._days = _Days()
        self._room: Room | None = None
        self._waiting: list[Post] = []
        self._files: list[tuple[int, int, str]] = []  # index of its first message that waits, that message's own, and its name
        self._clear()

    def _clear(self) -> None:
        self._seconds: list[float] = []
        self._threads: list[float] = []
        self._whos: list[Who] = []
        self._texts: list[str] = []
        self._reply_to: list[int] = []
        self._mentions: list[list[int]] = []
        self._rooms: list[tuple[Room, int]] = []
        self._places: list[int] = []
        self._readers: list[int | None] = []
        self._edited: list[float] = []
        self._answered: list[float] = []
        self._called: tuple[list[int], list[int]] = [], []  # rows, and whom each addresses
        self._signed: tuple[list[int], list[str]] = [], []  # rows, and who reacted to each
        self._characters = 0

    def take(self, posts: list[Post], room: Room, name: str) -> Iterator[Batch]:
        """Add the messages of a day file; yields batches that have become full.

        Args:
            posts: in the file's order.
            room: the channel they stand in.
            name: of the file, to say where a bad record stands.
        """
        if room is not self._room:
            self._add()
            self._room = room
        for start in range(0, len(posts), AT_ONCE):
            some = posts[start : start + AT_ONCE] if len(posts) > AT_ONCE else posts
            self._files.append((len(self._waiting), start, name))
            self._waiting += some
            if len(self._waiting) >= AT_ONCE:
                self._add()
            if len(self._seconds) >= BATCH_MESSAGES or self._characters >= BATCH_CHARACTERS or len(self._signed[0]) >= BATCH_TIES:
                yield from self.flush()

    def _add(self) -> None:
        """Take the channel's messages that wait."""
        room = self._room
        if not self._waiting or room is None:
            return
        posts, authors = self._admitted(self._waiting)
        self._waiting, self._files = [], []
        base, count = len(self._seconds), len(posts)
        threads = [post.thread_ts or 0.0 for post in posts]
        seconds = [post.ts or 0.0 for post in posts]
        openers = room.openers
        for post, root, sent in zip(posts, threads, seconds, strict=True):
            if root == sent:
                openers[root] = post.user or ""
        people = self._people
        self._reply_to += [
            people[opener].person if root and root != sent and (opener := post.parent_user_id or openers.get(root)) else 0
            for post, root, sent in zip(posts, threads, seconds, strict=True)
        ]
        self._seconds += seconds
        self._threads += threads
        self._whos += authors
        self._places += [room.place] * count
        self._readers += [room.readers] * count
        self._rooms.append((room, count))
        self._say(posts, base)
        self._react(posts, base)

    def _admitted(self, posts: list[Post]) -> tuple[list[Post], list[Who]]:
        """Messages somebody of the company or its software wrote, at a time that can be, with their authors."""
        spoken = [post for post in posts if not post.subtype or post.subtype in SPOKEN]
        if len(spoken) < len(posts):
            self._door.skip(NOTICE, n=len(posts) - len(spoken) - sum(post.subtype == ODD for post in posts))
        people = self._people
        authors = [
            people[post.user]
            if post.user and post.user_team == post.team and not post.bot_id and not post.subtype
            else people.author(post)
            for post in spoken
        ]
        if any([who.outside for who in authors]):  # noqa: C419 - a list is faster here
            self._door.refuse(FOREIGN, n=sum(who.outside for who in authors))
            spoken = [post for post, who in zip(spoken, authors, strict=True) if not who.outside]
            authors = [who for who in authors if not who.outside]
        timed = [MIN_S <= (post.ts or 0.0) < MAX_S for post in spoken]
        if False in timed:
            at = {id(post): number for number, post in enumerate(posts)}
            for post, good in zip(spoken, timed, strict=True):
                if not good:
                    self._door.skip(NO_TIME, where=self._where(at[id(post)]))
            authors = [who for who, good in zip(authors, timed, strict=True) if good]
            spoken = [post for post, good in zip(spoken, timed, strict=True) if good]
        return spoken, authors

    def _where(self, number: int) -> str:
        """File and number of a message that waits."""
        first, start, name = next(file for file in reversed(self._files) if file[0] <= number)
        return f"{name}#{start + number - first + 1}"

    def _say(self, posts: list[Post], base: int) -> None:
        """Own words of each message, and whom it addresses."""
        texts = [post.text if post.text and post.subtype != "file_share" else words_of(post) for post in posts]
        mentions = [NONE] * len(texts)
        people = self._people
        rows, persons = self._called

        def mentioned(row: int, native: str) -> str:
            who = people[native]
            if who.person:
                mentions[row] = [*mentions[row], who.person]
                rows.append(base + row)
                persons.append(who.person)
            return who.shown

        texts = _words.slack_all(texts, mentioned)
        self._texts += texts
        self._mentions += mentions
        self._characters += sum(map(len, texts))

    def _react(self, posts: list[Post], base: int) -> None:
        """Who reacted to each message, and when it was last edited or answered."""
        self._edited += [post.edited.ts or 0.0 if post.edited else 0.0 for post in posts]
        self._answered += [post.latest_reply or 0.0 for post in posts]
        rows, users = self._signed
        for row, post in enumerate(posts, base):
            if post.reactions:
                for sign in post.reactions:
                    if sign.users:
                        users += sign.users
                        rows += [row] * len(sign.users)

    def flush(self) -> Iterator[Batch]:
        """Hand out what waits, the messages first; message and trace share the columns that are the same."""
        self._add()
        if not self._seconds:
            return
        import numpy as np

        micros = _micros(self._seconds)
        ids, threads, opens = self._hashed(micros)
        versions = self._versions(micros)
        days = list(map(self._days.__getitem__, (micros // DAY_US).tolist()))
        shared = {
            "id": ids,
            "version": versions.tolist(),
            "ts": Instants(micros),
            "day": days,
            "actor": list(map(ACTOR, self._whos)),
            "actor_kind": list(map(KIND, self._whos)),
            "place": self._places,
            "readers": self._readers,
            "thread": threads,
            "opens": opens,
            "reply_to": self._reply_to,
            "mentions": self._mentions,
            "text": self._texts,
            "source": ["slack"] * len(ids),
        }
        ties = list(self._tied(np.array(ids), versions, days))
        self._clear()
        yield self._batch(Message, shared)
        yield self._batch(Trace, shared)
        for found in ties:
            yield self._batch(TieTrace, found)

    def _tied(self, ids: "Numbers", versions: "Numbers", days: list[date]) -> Iterator[dict[str, Any]]:
        """Columns of ties, one of each kind and pair a message, however many signs they left; nobody is tied to themselves."""
        import numpy as np

        own = np.array(list(map(PERSON_OF, self._whos)), np.int64)
        reply_to = np.array(self._reply_to, np.int64)
        answered = np.flatnonzero(reply_to)
        called, whom = _distinct(self._called)
        signed, by = _distinct((self._signed[0], list(map(PERSON_OF, map(self._people.__getitem__, self._signed[1])))))
        for kind, rows, actor, to in (
            (REPLY, answered, own[answered], reply_to[answered]),
            (MENTION, called, own[called], whom),
            (REACTION, signed, by, own[signed]),
        ):
            kept = np.flatnonzero((actor != 0) & (to != 0) & (actor != to))
            for start in range(0, len(kept), BATCH_TIES):
                some = kept[start : start + BATCH_TIES]
                at = rows[some]
                yield {
                    "id": ids[at].tolist(),
                    "version": versions[at].tolist(),
                    "day": [days[row] for row in at.tolist()],
                    "actor": actor[some].tolist(),
                    "whom": to[some].tolist(),
                    "kind": [kind] * len(at),
                    "source": ["slack"] * len(at),
                }

    def _hashed(self, micros: "Numbers") -> tuple[list[int], list[int], list[bool]]:
        """(id, hash of the thread or 0, whether it opens it) of each message."""
        import numpy as np

        counts = [count for _, count in self._rooms]
        keys = [
            np.repeat(np.array(part, np.uint64), counts) for part in zip(*(room.keys for room, _ in self._rooms), strict=True)
        ]
        ids = keyed(micros, keys[0], keys[1])
        roots = _micros(self._threads)
        threads = np.zeros_like(ids)
        inside = np.flatnonzero(roots)
        threads[inside] = keyed(roots[inside], keys[2][inside], keys[3][inside])
        return ids.tolist(), threads.tolist(), (roots == micros).tolist()

    def _versions(self, micros: "Numbers") -> "Numbers":
        """Last change: edit, newest reply, else the message; reactions carry no time, so more of them count as a little later."""
        import numpy as np

        newest = np.maximum(micros, np.maximum(_micros(self._edited), _micros(self._answered)))
        return newest + np.minimum(np.bincount(np.array(self._signed[0], np.int64), minlength=len(micros)), MOST_SIGNS)

    def _batch(self, row: type, found: dict[str, Any]) -> Batch:
        batch = Batch(row, {name: found[name] for name in names_of(row)})
        self._door.keep(row.__name__, len(batch))
        return batch


def _distinct(pairs: tuple[list[int], list[int]]) -> "tuple[Numbers, Numbers]":
    """Rows and persons, each pair once."""
    import numpy as np

    rows, persons = zip(*dict.fromkeys(zip(*pairs, strict=True)), strict=True) if pairs[0] else ((), ())
    return np.array(rows, np.int64), np.array(persons, np.int64)


def _micros(seconds: list[float]) -> "Numbers":
    """Microseconds of many times; 0 for what is no time of this product's centuries."""
    import numpy as np

    found = np.array(seconds, np.float64)
    found[~((found >= 0) & (found < MAX_S))] = 0
    return np.rint(found * 1e6).astype(np.int64)
