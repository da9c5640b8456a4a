"""What a simulated company writes in its channels, day by day: acts, the threads around them, and all the ordinary talk."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from groundswell.simulation.acts import ACT, ACTS, ANY, DROPS, MODALITIES
from groundswell.simulation.catalogue import TOOLS
from groundswell.simulation.chance import expand
from groundswell.simulation.names import Persona, christen
from groundswell.simulation.places import GENERAL
from groundswell.simulation.speech.frames import Dice, grammar
from groundswell.simulation.speech.wording import OPEN, SHUT, Said, compose, fill, pick

if TYPE_CHECKING:
    from groundswell.simulation.world import World

LEAST_WEEKLY = 8.0  # messages a person and week, all topics
_ORDINARY = 22.0  # ordinary messages for each with an act, so that acts stay below 5 %
_REPLIES = 0.45  # replies an ordinary message draws, on average
_NEGATIVES = 0.02  # share of ordinary messages that look as if they were about AI at work
_EXCHANGES = 0.15  # share of said uses that are an answer in a thread
_EDITED, _REACTED, _MENTIONED = 0.04, 0.15, 0.4
_TOGETHER = 0.8  # share of what one person does on one day in one channel that is told in one message
_DOINGS = frozenset(ACT[name] for name in ("uses", "tries", "shares", "learns", "drops"))
EMOJI = ("+1", "eyes", "tada", "heart", "joy", "white_check_mark", "pray")
_OPENS, _CLOSES = 7 * 3600, 19 * 3600  # the working day in seconds UTC, over the sites


@dataclass(slots=True)
class Post:
    """One message.

    Attributes:
        serial: number in order of making; unique.
        day, second: when, from the world's first day.
        place: number of the channel.
        person: author; -1 for a bot.
        text: with mentions as marks around a person's number (see wording).
        act, modality, tool, job: what it does; act is "none" for ordinary talk.
        kind: "post", "join" or "bot".
        root: the first message of its thread, if it is a reply.
        replies: what follows in its thread, if it opens one.
        edited: seconds until it was edited; 0 if never.
        reactions: (emoji, persons).
        row: number of the act, -1 for none.
        more: numbers of further acts of the same message.
    """

    serial: int
    day: int
    second: int
    place: int
    person: int
    text: str = ""
    act: str = "none"
    modality: str = "done"
    tool: int = -1
    job: int = -1
    kind: str = "post"
    root: "Post | None" = None
    replies: "list[Post]" = field(default_factory=list)
    edited: int = 0
    reactions: list[tuple[str, list[int]]] = field(default_factory=list)
    row: int = -1
    more: list[int] = field(default_factory=list)


class Conversation:
    """The messages of one world; `days` streams them, holding the open threads only.

    Args:
        world: what happened.
        weekly: messages a person and week to write at least; the share of messages with an act stays below 5 % anyway.
    """

    def __init__(self, world: "World", *, weekly: float = LEAST_WEEKLY) -> None:
        self.world = world
        self.personas: tuple[Persona, ...] = christen(world.company, world.chance)
        spoken = ~world.places.is_repository(world.acts["place"])
        self.rows = np.flatnonzero(spoken)
        person_weeks = max(world.people * (world.weeks - dict(world.dials.onsets).get("chat", 0)), 1)
        self.weekly = max(weekly, _ORDINARY * len(self.rows) / person_weeks) / (1 + _REPLIES)
        self.serial = 0
        self.later: dict[int, list[Post]] = defaultdict(list)
        self.told_in: dict[int, str] = {}  # the last act's language
        self.answers = self._answers()
        self.language = [persona.language for persona in self.personas]
        self.bits = world.chance.stream("wording")

    def days(self) -> Iterator[tuple[int, list[Post]]]:
        """(day, its messages by time) for every day with messages; threads may go on after the world's last day and are cut."""
        acts = self.world.acts
        start = np.searchsorted(acts["day"][self.rows], np.arange(7 * self.world.weeks + 1))
        for week in range(dict(self.world.dials.onsets).get("chat", 0), self.world.weeks):
            ordinary = self._ordinary(week)
            for day in range(7 * week, 7 * week + 7):
                before: tuple[int, Post] | None = None
                for row in self.rows[start[day] : start[day + 1]].tolist():
                    if row in self.answering or (before and self._together(*before, row)):
                        continue
                    before = row, self._act(row, day)
                for who, second, place, lot in ordinary.get(day, ()):
                    self._root(who, day, second, place, Dice(lot))
                self._machines(day)
                posts = self.later.pop(day, [])
                posts.sort(key=lambda post: (post.second, post.serial))
                if posts:
                    yield day, posts

    @cached_property
    def readers(self) -> list[list[int]]:
        """Place -> people who read there."""
        company, network, places = self.world.company, self.world.network, self.world.places
        everybody = list(range(len(company)))
        out: list[list[int]] = [everybody, everybody]
        department = company.department[company.unit_first]
        out += [np.flatnonzero(department == d).tolist() for d in range(len(company.departments))]
        order = np.argsort(company.unit_first, kind="stable")
        edges = np.searchsorted(company.unit_first[order], np.arange(len(company.units) + 1))
        out += [order[edges[u] : edges[u + 1]].tolist() for u in range(len(company.units))]
        order = np.argsort(network.community, kind="stable")
        edges = np.searchsorted(network.community[order], np.arange(network.communities + 1))
        out += [network.member[order[edges[c] : edges[c + 1]]].tolist() for c in range(network.communities)]
        return out[: places.repositories]

    def _answers(self) -> dict[int, list[int]]:
        """Share -> take-ups that answer it in its thread: the last share of the tool by whom they name, before them."""
        acts = self.world.acts
        key = (acts["person"] * len(TOOLS) + np.maximum(acts["tool"], 0)) * 8192 + acts["day"]
        shares = self.rows[acts["act"][self.rows] == ACT["shares"]]
        shares = shares[np.argsort(key[shares], kind="stable")]
        taken = self.rows[(acts["act"][self.rows] == ACT["takes_up"]) & (acts["whom"][self.rows] >= 0)]
        wanted = (acts["whom"][taken] * len(TOOLS) + acts["tool"][taken]) * 8192 + acts["day"][taken]
        at = np.searchsorted(key[shares], wanted, side="right") - 1
        found = (at >= 0) & (len(shares) > 0)
        at = np.maximum(at, 0)
        if len(shares):
            found &= key[shares[at]] // 8192 == wanted // 8192
        out: dict[int, list[int]] = defaultdict(list)
        self.answering: set[int] = set()
        for row, share in zip(taken[found].tolist(), shares[at[found]].tolist() if len(shares) else [], strict=True):
            out[share].append(row)
            self.answering.add(row)
        return out

    def _ordinary(self, week: int) -> dict[int, list[tuple[int, int, int, int]]]:
        """Roots of ordinary threads of one week: day -> (person, second, place, bits)."""
        world = self.world
        chance, company, places = world.chance, world.company, world.places
        who = np.arange(len(company), dtype=np.int64)
        at, nth = expand(chance.stream("writes").poisson(self.weekly, who, week, most=60))
        key = at * 64 + nth
        day = 7 * week + chance.stream("writes on").below(5, key, week)
        lot = chance.stream("writes where").uniform(key, week)
        unit = company.unit_on(at, day)
        own = places.communities + world.network.row_of(at, chance.stream("writes to").uniform(key, week))
        place = np.select([lot < 0.60, lot < 0.75, lot < 0.92], [places.units + unit, 2 + company.department[unit], own], GENERAL)
        second = _OPENS + chance.stream("writes at").below(_CLOSES - _OPENS, key, week)
        bits = chance.stream("writes what").bits(key, week)
        keep = company.there(at, day)
        out: dict[int, list[tuple[int, int, int, int]]] = defaultdict(list)
        columns = (day[keep].tolist(), at[keep].tolist(), second[keep].tolist(), place[keep].tolist(), bits[keep].tolist())
        for when, person, moment, where, seed in zip(*columns, strict=True):
            out[when].append((person, moment, where, seed))
        return out

    def _new(self, day: int, second: int, place: int, person: int, **given: object) -> Post:
        self.serial += 1
        post = Post(self.serial, day, min(second, 86_399), place, person, **given)  # type: ignore[arg-type]
        if day < 7 * self.world.weeks:
            self.later[day].append(post)
        return post

    def _names(self, place: int, person: int, dice: Dice) -> "_Colleagues":
        return _Colleagues(self, self.readers[place], person, dice)

    def name(self, other: int, dice: Dice) -> str:
        """How a text names somebody."""
        return f"{OPEN}{other}{SHUT}" if dice.chance(_MENTIONED) else self.personas[other].first

    def _tongue(self, person: int, place: int, dice: Dice) -> str:
        """People write their site's language among themselves, and English to the whole company, with exceptions both ways."""
        own = self.language[person]
        wide = place < self.world.places.units
        return own if own == "en" or dice.chance(0.25 if wide else 0.75) else "en"

    def _root(self, person: int, day: int, second: int, place: int, dice: Dice) -> None:
        """An ordinary message and the replies it draws, some of them on later days."""
        language = self._tongue(person, place, dice)
        week, g = day // 7, grammar(language)
        names = self._names(place, person, dice)
        if dice.chance(_NEGATIVES):
            said, frame = Said("none", tool=dice.below(5)), pick(g.negatives, dice)
            text = compose(said, language=language, week=week, names=names, dice=dice, frame=frame)
            post = self._new(day, second, place, person, text=text)
        elif dice.chance(0.03):
            branch = g.exchanges["none"][0]
            frame = branch.roots[dice.below(len(branch.roots))]
            text = fill(frame, Said("none"), g, language=language, week=week, names=names, dice=dice)
            post = self._new(day, second, place, person, text=text)
            self._reply(post, pick((branch,), dice), language, dice)
        else:
            post = self._new(
                day, second, place, person, text=compose(Said("none"), language=language, week=week, names=names, dice=dice)
            )
        self._trim(post, dice)
        if dice.chance(_REPLIES / 2):
            for _ in range(1 + dice.below(3)):
                self._reply(post, None, language, dice)

    def _reply(self, root: Post, frame: str | None, language: str, dice: Dice) -> None:
        readers = self.readers[root.place]
        person = readers[dice.below(len(readers))]
        day = root.day + (0 if dice.chance(0.8) else 1 + dice.below(3))
        if person == root.person or day % 7 > 4 or not self._there(person, day):
            return
        g = grammar(language)
        frame = frame or pick(tuple(b for b in g.ordinary if b.name == "ordinary.reply"), dice)
        names = self._names(root.place, person, dice)
        text = fill(frame, Said("none"), g, language=language, week=day // 7, names=names, dice=dice)
        second = root.second + 60 + dice.below(7200) if day == root.day else _OPENS + dice.below(_CLOSES - _OPENS)
        reply = self._new(day, second, root.place, person, text=text, root=root)
        self._trim(reply, dice)
        self._answer(root, reply)

    def _answer(self, root: Post, reply: Post) -> None:
        if reply.day < 7 * self.world.weeks:
            root.replies.append(reply)

    def _there(self, person: int, day: int) -> bool:
        company = self.world.company
        return bool(company.joined_on[person] <= day < company.left_on[person])

    def _trim(self, post: Post, dice: Dice) -> None:
        """Edits and reactions."""
        if dice.chance(_EDITED):
            post.edited = 20 + dice.below(900)
        if dice.chance(_REACTED):
            readers = self.readers[post.place]
            people = sorted({readers[dice.below(len(readers))] for _ in range(1 + dice.below(3))})
            post.reactions.append(
                (EMOJI[dice.below(len(EMOJI))], [p for p in people if self._there(p, post.day)] or [post.person])
            )

    def _act(self, row: int, day: int) -> Post:
        """A message that does something; some uses are told in answer to a question, take-ups under what they take up."""
        acts = self.world.acts
        dice = Dice(int(self.bits.bits([row])[0]))
        person, place = int(acts["person"][row]), int(acts["place"][row])
        language = self._tongue(person, place, dice)
        self.told_in = {row: language}
        second = _OPENS + dice.below(_CLOSES - _OPENS)
        said = self._said(row)
        if said.act == "uses" and said.modality == "done" and dice.chance(_EXCHANGES):
            return self._exchange(row, day, said, language, dice)
        names = self._names(place, person, dice)
        text = compose(said, language=language, week=day // 7, names=names, dice=dice)
        post = self._new(day, second, place, person, text=text, row=row, **self._does(row))
        self._trim(post, dice)
        for answer in self.answers.get(row, ()):
            self._take_up(post, answer, dice)
        if dice.chance(0.35):
            self._reply(post, None, language, dice)
        return post

    def _together(self, row: int, post: Post, further: int) -> bool:
        """Whether a further act is told in the message of the one before: same person, day and channel."""
        acts = self.world.acts
        alike = all(acts[name][row] == acts[name][further] for name in ("person", "place"))
        doing = all(int(acts["act"][n]) in _DOINGS and not acts["modality"][n] for n in (row, further))
        dice = Dice(int(self.bits.bits([further], 2)[0]))
        if not (alike and doing) or further in self.answers or not dice.chance(_TOGETHER):
            return False
        language = self.told_in[row]
        names = self._names(post.place, post.person, dice)
        said = compose(self._said(further), language=language, week=post.day // 7, names=names, dice=dice)
        post.text += (". ", "\n", " - ")[dice.below(3)] + said
        post.more.append(further)
        return True

    def _take_up(self, root: Post, row: int, dice: Dice) -> None:
        acts = self.world.acts
        day, person = int(acts["day"][row]), int(acts["person"][row])
        language = self._tongue(person, root.place, dice)
        branches = grammar(language).acts[("takes_up", "done")]
        terse = dice.chance(0.5)
        frames = tuple(b for b in branches if b.name.endswith(".reply") == terse)
        names = (self.name(root.person, dice),)
        text = compose(self._said(row), language=language, week=day // 7, names=names, dice=dice, frame=pick(frames, dice))
        second = root.second + 300 + dice.below(7200) if day == root.day else _OPENS + dice.below(_CLOSES - _OPENS)
        self._answer(root, self._new(day, second, root.place, person, text=text, root=root, row=row, **self._does(row)))

    def _exchange(self, row: int, day: int, said: Said, language: str, dice: Dice) -> Post:
        acts = self.world.acts
        person, place = int(acts["person"][row]), int(acts["place"][row])
        branches = grammar(language).exchanges["uses"]
        branch = branches[dice.below(len(branches))]
        readers = [p for p in self.readers[place] if p != person and self._there(p, day)] or [person]
        asker = readers[dice.below(len(readers))]
        second = _OPENS + dice.below(_CLOSES - _OPENS)
        names = (self.name(person, dice),)
        g, week = grammar(language), day // 7
        frame = branch.roots[dice.below(len(branch.roots))]
        question = fill(frame, said, g, language=language, week=week, names=names, dice=dice)
        root = self._new(day, second, place, asker, text=question)
        if "{t}" in frame:
            root.act, root.modality, root.tool, root.job = "uses", "asked", said.tool, said.job
        text = fill(branch.texts[dice.below(len(branch.texts))], said, g, language=language, week=week, names=names, dice=dice)
        reply = self._new(day, second + 60 + dice.below(3600), place, person, text=text, root=root, row=row, **self._does(row))
        self._answer(root, reply)
        return reply

    def _does(self, row: int) -> dict[str, str | int]:
        acts = self.world.acts
        return {
            "act": ACTS[acts["act"][row]],
            "modality": MODALITIES[acts["modality"][row]],
            "tool": int(acts["tool"][row]),
            "job": int(acts["job"][row]),
        }

    def _said(self, row: int) -> Said:
        acts = self.world.acts
        act, tool = ACTS[acts["act"][row]], int(acts["tool"][row])
        if act == "drops":
            act = f"drops_{DROPS[acts['drop'][row]]}"
        elif int(acts["cascade"][row]) >= 0:
            act = "relays" if acts["level"][row] else "topic"
        elif tool == ANY and act in ("demands", "announces", "restricts"):
            act = f"{act}_any"
        return Said(
            act,
            MODALITIES[acts["modality"][row]],
            tool,
            int(acts["job"][row]),
            int(acts["words"][row]),
            int(acts["reasons"][row]),
        )

    def _machines(self, day: int) -> None:
        """Joins, and what bots post in the channels of those who commit."""
        company, places = self.world.company, self.world.places
        for person in np.flatnonzero(company.joined_on == day).tolist() if day else ():
            for place in (GENERAL, places.units + int(company.unit_first[person])):
                self._new(day, _OPENS + person % 3600, place, person, kind="join")
        if day % 7 > 4:
            return
        dice = Dice(int(self.bits.bits([day], 1)[0]))
        for unit in np.flatnonzero(places.repository >= 0).tolist():
            if dice.chance(0.4):
                text = _BOT_TEXTS[dice.below(len(_BOT_TEXTS))].replace("{n}", str(1 + dice.below(6)))
                self._new(day, _OPENS + dice.below(_CLOSES - _OPENS), places.units + unit, -1, text=text, kind="bot")


class _Colleagues(Sequence[str]):
    """Whoever a text speaks of, named when it does: most texts speak of nobody."""

    def __init__(self, conversation: Conversation, readers: list[int], person: int, dice: Dice) -> None:
        self.conversation, self.readers, self.person, self.dice = conversation, readers, person, dice

    def __len__(self) -> int:
        return 2

    def __getitem__(self, at: Any) -> Any:
        """A reader of the place other than who speaks, by first name or as a mention."""
        other = self.readers[self.dice.below(len(self.readers))]
        return self.conversation.name(other, self.dice) if other != self.person else "Sam"


_BOT_TEXTS = (
    "{n} new commits pushed to main",
    "Build #{n}41 passed",
    "Build #{n}17 failed: 2 tests",
    "Pull request #{n}08 opened: tidy the form",
    "Pull request #{n}22 reviewed by Copilot",
    "Deployment {n}.4 finished",
    "Reminder: stand-up in {n} minutes",
    # What machines say of machines: an agent that posts for somebody is no person who uses it.
    "Copilot usage report: {n} people active this week",
    "Claude: I drafted an answer to ticket 4{n}02, please review before sending",
    "Cursor agent finished: {n} files changed, tests pass",
    "AI summary of the stand-up: {n} points, no decisions",
)
