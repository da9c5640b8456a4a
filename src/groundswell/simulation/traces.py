"""From a simulated world straight to the rows a store holds, without any text: what validity tests run on."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from groundswell.model.reading import ActRow
from groundswell.model.source import Batch
from groundswell.model.trace import (
    ActorKind,
    ArtefactTrace,
    Position,
    Programme,
    PulseAnswer,
    Seat,
    TieKind,
    TieTrace,
    Trace,
    UsageDay,
)
from groundswell.simulation import misreading
from groundswell.simulation.acts import ACT, ACTS, DROPS, MODALITIES, NO_TOOL, UNKNOWN_JOB, Rows
from groundswell.simulation.catalogue import JOBS, SITES, TOOLS
from groundswell.simulation.chance import Chance, Ints, expand
from groundswell.simulation.people import NEVER
from groundswell.simulation.places import GENERAL
from groundswell.simulation.programme import KINDS
from groundswell.simulation.pulse import HOW
from groundswell.simulation.truth import dates, tool_names, words
from groundswell.simulation.usage import FORM_EVENTS, FORMS

if TYPE_CHECKING:
    from groundswell.simulation.world import World

Array = npt.NDArray[Any]
SOURCE_OF_LOG: Mapping[str, str] = {"copilot": "copilot_users", "claude": "claude_code", "m365_copilot": "m365_copilot"}
SOURCE_OF_SEATS: Mapping[str, str] = {"copilot": "copilot_seats", "m365_copilot": "m365_copilot"}
SNAPSHOT_WEEKS = 13  # how often the org chart and the licences are exported
_ROWS = 1 << 16  # a batch
_POSTING_DAYS = 2.5  # days a week on which a person writes anything at all
_CONTACT = 0.25  # contacts a week across one informal tie
_LINE = 0.30  # contacts a week between a lead and a member
_SECOND = 1_000_000  # microseconds


def event_batches(
    world: "World", *, confusion: misreading.Confusion | None = None, labels: int = 0, seed: int | None = None
) -> Iterator[Batch]:
    """Yield every stored row a perfect chain of sources, or a reader that errs, would leave of this world.

    Rows: Position, Seat, Programme, UsageDay, Trace, TieTrace, ArtefactTrace, PulseAnswer, ActRow,
    Label. Columns are NumPy arrays:
    int64 hashes below 2**63, datetime64[us] instants and datetime64[D] days in UTC (NaT for None), fixed-width strings.

    Args:
        world: what happened.
        confusion: true act or "none" -> read act or "none" -> probability; what is missing from a row is read as it is. None: no
            error, and no message without an act passes for one. Marks in commits are read without error.
        labels: how many messages an audit labels (0: no audit), a fifth of them twice.
        seed: of the reader's errors and the audit; the world's own if None.
    """
    chance = Chance(world.seed if seed is None else seed)
    ids = Ids(world.seed)
    yield from _batches(Position, positions(world, ids))
    yield from _batches(Seat, _seats(world, ids))
    yield from _batches(Programme, _programmes(world, ids))
    yield from _batches(UsageDay, _usage(world, ids))
    yield from _batches(Trace, _any_topic(world, ids))
    yield from _batches(TieTrace, _ties(world, ids))
    yield from _batches(ArtefactTrace, _artefacts(world, ids))
    yield from _batches(PulseAnswer, _pulse(world, ids))
    read = misreading.read(world.acts, world.places.is_repository(world.acts["place"]), confusion, chance)
    yield from _batches(Trace, _seen(world, ids, read))
    yield from _batches(ActRow, _acts(world, ids, read))
    if labels:
        yield from misreading.audit(read, _identity(ids, read), labels, chance)


class Ids:
    """Hashes below 2**63 of people, places and rows of one world, never 0 but for -1, which is nobody and nowhere."""

    def __init__(self, seed: int) -> None:
        self._chance = Chance(seed)

    def of(self, kind: str, number: Array) -> Ints:
        """The hash of each dense number of one kind."""
        numbers = np.asarray(number, dtype=np.int64)
        hashed = (self._chance.stream("id", kind).bits(np.maximum(numbers, 0)) >> np.uint64(1)).astype(np.int64)
        return np.where(numbers < 0, 0, np.maximum(hashed, 1))


def _batches(row: type, columns: Mapping[str, Array]) -> Iterator[Batch]:
    wanted = [field.name for field in fields(row)]
    size = len(columns["id"])
    for first in range(0, size, _ROWS):
        yield Batch(row, {name: cast(Sequence[Any], columns[name][first : first + _ROWS]) for name in wanted})


def _text(size: int, word: str) -> Array:
    return np.full(size, word)


def instants(world: "World", day: Ints, key: Ints) -> npt.NDArray[np.datetime64]:
    """A moment of each working day, between 8 and 18 hours UTC, fixed by `key`."""
    second = 8 * 3600 + world.chance.stream("moment").below(10 * 3600, key)
    moment: npt.NDArray[np.datetime64] = dates(world, day).astype("datetime64[us]") + (second * _SECOND).astype("timedelta64[us]")
    return moment


def positions(world: "World", ids: Ids) -> dict[str, Array]:
    """Org-chart snapshots: the first day, every quarter, and the last day."""
    company = world.company
    who = np.arange(len(company), dtype=np.int64)
    blocks = []
    for number, day in enumerate(snapshot_days(world)):
        some = who[(company.joined_on <= day) & (company.left_on > day - 7 * SNAPSHOT_WEEKS)]
        manager = company.managers_on(day)[some]
        blocks.append((np.full(len(some), number), np.full(len(some), day), some, company.unit_on(some, day), manager))
    snapshot, day_, person, unit, manager = (np.concatenate(column) for column in zip(*blocks, strict=True))
    joined = dates(world, company.joined_on[person])
    before = company.joined_on[person] == 0
    joined[before] -= (30 + world.chance.stream("years here").below(2500, person[before])).astype("timedelta64[D]")
    role = np.array([company.departments[d].role for d in company.department])
    left = np.where(company.left_on[person] <= day_, company.left_on[person], NEVER)
    return {
        "id": ids.of("position", snapshot * len(company) + person),
        "version": day_,
        "day": dates(world, day_),
        "actor": ids.of("person", person),
        "unit": words(company.units, unit),
        "manager": ids.of("person", manager),
        "role": role[unit],
        "site": words(tuple(name for name, _, _ in SITES), company.site[person]),
        "joined_on": joined,
        "left_on": dates(world, left),
        "source": _text(len(person), "org_chart"),
    }


def snapshot_days(world: "World") -> list[int]:
    """Days on which the org chart and the licences are exported."""
    last = 7 * world.weeks - 3
    return sorted({*range(0, last, 7 * SNAPSHOT_WEEKS), last})


def _seats(world: "World", ids: Ids) -> dict[str, Array]:
    held, log = world.seats, world.log
    price = np.array([tool.price for tool in TOOLS])
    name = np.array([SOURCE_OF_SEATS.get(tool.name, "seats") for tool in TOOLS])
    blocks = []
    for number, day in enumerate(snapshot_days(world)):
        some = np.flatnonzero((held["since"] <= day) & (held["until"] > day))
        blocks.append((np.full(len(some), number), np.full(len(some), day), some))
    snapshot, day_, seat = (np.concatenate(column) for column in zip(*blocks, strict=True))
    person, tool = held["person"][seat], held["tool"][seat]
    last = np.full(len(seat), -1, dtype=np.int64)
    width = len(TOOLS)
    active = log["active"] == 1
    for number, day in enumerate(snapshot_days(world)):  # a handful of snapshots
        latest = np.full(len(world.company) * width, -1, dtype=np.int64)
        some = active & (log["day"] <= day) & (log["day"] > day - 90)  # the vendor clears it after 90 days
        latest[log["person"][some] * width + log["tool"][some]] = log["day"][some]  # by day, so the last one stays
        mine = snapshot == number
        last[mine] = latest[person[mine] * width + tool[mine]]
    covered = world.chance.stream("covered").uniform(person) < world.dials.usage_coverage
    measured = np.array([tool.logged for tool in TOOLS])[tool] & covered & ("usage" not in world.dials.missing)
    return {
        "id": ids.of("seat", snapshot * (1 << 40) + person * width + tool),
        "version": day_,
        "day": dates(world, day_),
        "actor": ids.of("person", person),
        "tool": tool_names(tool),
        "assigned_on": dates(world, held["since"][seat]),
        "last_active_on": dates(world, last),
        "measured": measured,
        "monthly_price": price[tool],
        "currency": _text(len(seat), "EUR"),
        "source": name[tool],
    }


def _programmes(world: "World", ids: Ids) -> dict[str, Array]:
    """A row for each unit of a department concerned; one row for what concerns all."""
    events, company = world.plan.events, world.company
    department = np.append(company.department, -1)  # the last stands for all units
    row, unit = np.nonzero(events.department[:, None] == department[None, :])
    units = (*company.units, "")
    place = np.where(events.community[row] < 0, -1, world.places.communities + events.community[row])
    return {
        "id": ids.of("programme", row * (1 << 32) + unit),
        "version": np.zeros(len(row), dtype=np.int64),
        "day": dates(world, events.day[row]),
        "kind": words(KINDS, events.kind[row]),
        "tool": np.where(events.kind[row] == KINDS.index("project"), "", tool_names(events.tool[row])),
        "unit": words(units, unit.astype(np.int64)),
        "place": ids.of("place", place),
        "source": _text(len(row), "programmes"),
    }


def _usage(world: "World", ids: Ids) -> dict[str, Array]:
    log = world.log
    name = np.array([SOURCE_OF_LOG.get(tool.name, "") for tool in TOOLS])
    key = (log["day"] * len(world.company) + log["person"]) * len(TOOLS) + log["tool"]
    return {
        "id": ids.of("usage", key),
        "version": np.zeros(len(key), dtype=np.int64),
        "day": dates(world, log["day"]),
        "actor": ids.of("person", log["person"]),
        "actor_kind": _text(len(key), ActorKind.PERSON.value),
        "tool": tool_names(log["tool"]),
        "interactions": log["interactions"],
        "active": log["active"] == 1,
        "source": name[log["tool"]],
    }


def _any_topic(world: "World", ids: Ids) -> dict[str, Array]:
    """The control series: that somebody wrote something, of any topic, on a day, where people ordinarily write."""
    company = world.company
    who = np.tile(np.arange(len(company), dtype=np.int64), world.weeks)
    week = np.repeat(np.arange(world.weeks, dtype=np.int64), len(company))
    at, nth = expand(world.chance.stream("posting").poisson(_POSTING_DAYS, who * 1024 + week, most=5))
    person = who[at]
    day = 7 * week[at] + (world.chance.stream("posting day").below(5, who[at] * 1024 + week[at]) + nth) % 5
    keep = company.there(person, day)
    onset = 7 * dict(world.dials.onsets).get("chat", 0)
    keep &= (day >= onset) & ("chat" not in world.dials.missing)
    person, day = person[keep], day[keep]
    place = _ordinary_place(world, person, day)
    return {
        "id": ids.of("any", person * 8192 + day),
        "version": np.zeros(len(day), dtype=np.int64),
        "day": dates(world, day),
        "actor": ids.of("person", person),
        "actor_kind": _text(len(day), ActorKind.PERSON.value),
        "place": ids.of("place", place),
        "source": _text(len(day), "slack"),
    }


def _ordinary_place(world: "World", person: Array, day: Array) -> Array:
    """The channel of the team, of the department, of an informal community, or of all, as often as in the exports."""
    places, company, key = world.places, world.company, person * 8192 + day
    lot, pick = (world.chance.stream(name).uniform(key) for name in ("posting where", "posting to"))
    unit = company.unit_on(person, day)
    own = places.communities + world.network.row_of(person, pick)
    where = [places.units + unit, 2 + company.department[unit], own]
    return np.select([lot < 0.60, lot < 0.75, lot < 0.92], where, GENERAL)


def _ties(world: "World", ids: Ids) -> dict[str, Array]:
    """Replies and mentions across informal ties, and between leads and members."""
    network, company, chance = world.network, world.company, world.chance
    one = np.repeat(np.arange(len(company), dtype=np.int64), np.diff(network.edges))
    other, rate = network.contacts, np.full(len(one), _CONTACT / 2)  # each tie stands twice
    managers = company.managers_on(0)
    below = np.flatnonzero(managers >= 0)
    one, other = np.concatenate([one, below]), np.concatenate([other, managers[below]])
    rate = np.concatenate([rate, np.full(len(below), _LINE)])
    at, nth = expand(chance.stream("contacts").poisson(rate * world.weeks, np.arange(len(one)), most=120))
    key = at * 128 + nth
    week = chance.stream("contact week").below(world.weeks, key)
    day = 7 * week + chance.stream("contact day").below(5, key)
    flip = chance.stream("flip").uniform(key) < 0.5
    actor, whom = np.where(flip, one[at], other[at]), np.where(flip, other[at], one[at])
    keep = company.there(actor, day) & company.there(whom, day) & ("chat" not in world.dials.missing)
    kind = np.where(chance.stream("contact kind").uniform(key) < 0.7, TieKind.REPLY.value, TieKind.MENTION.value)
    return {
        "id": ids.of("tie", key[keep]),
        "version": np.zeros(int(keep.sum()), dtype=np.int64),
        "day": dates(world, day[keep]),
        "actor": ids.of("person", actor[keep]),
        "whom": ids.of("person", whom[keep]),
        "kind": kind[keep],
        "source": _text(int(keep.sum()), "slack"),
    }


def _artefacts(world: "World", ids: Ids) -> dict[str, Array]:
    files, books = world.artefacts, world.course.practices
    key = np.arange(len(files["day"]), dtype=np.int64)
    return {
        "id": ids.of("artefact row", key),
        "version": np.zeros(len(key), dtype=np.int64),
        "ts": instants(world, files["day"], key),
        "actor": ids.of("person", files["person"]),
        "actor_kind": _text(len(key), ActorKind.PERSON.value),
        "place": ids.of("place", files["place"]),
        "artefact": ids.of("artefact", files["practice"]),
        "form": words(FORMS, files["form"]),
        "tool": tool_names(books["tool"][files["practice"]]),
        "event": words(FORM_EVENTS, files["event"]),
        "source": _text(len(key), "git"),
    }


def _pulse(world: "World", ids: Ids) -> dict[str, Array]:
    rows = world.pulse
    key = np.arange(len(rows["day"]), dtype=np.int64)
    return {
        "id": ids.of("answer", key),
        "version": np.zeros(len(key), dtype=np.int64),
        "day": dates(world, rows["day"]),
        "tool": tool_names(rows["tool"]),
        "job": words(JOBS, rows["job"]),
        "used": rows["used"] == 1,
        "how": words(HOW, rows["how"]),
        "expected": rows["expected"] == 1,
        "kept": rows["used"] == 1,
        "level": _text(len(key), ""),
        "reasons": np.full(len(key), None),  # nobody is asked why here
        "second": np.where(rows["second"] < 0, None, rows["second"] == 1),
        "stratum": words((*(d.name.lower() for d in world.company.departments), ""), rows["department"]),
        "weight": np.ones(len(key)),
        "source": _text(len(key), "pulse"),
    }


def _identity(ids: Ids, read: Rows) -> Ints:
    return ids.of("message", read["message"])


def _seen(world: "World", ids: Ids, read: Rows) -> dict[str, Array]:
    """Every message or commit of an act, and every hard negative, is a trace of some topic."""
    code = world.places.is_repository(read["place"])
    return {
        "id": _identity(ids, read),
        "version": np.zeros(len(code), dtype=np.int64),
        "day": dates(world, read["day"]),
        "actor": ids.of("person", read["person"]),
        "actor_kind": _text(len(code), ActorKind.PERSON.value),
        "place": ids.of("place", read["place"]),
        "source": np.where(code, "git", "slack"),
    }


def _acts(world: "World", ids: Ids, read: Rows) -> dict[str, Array]:
    claimed = read["read"] >= 0
    some = {name: column[claimed] for name, column in read.items()}
    code = world.places.is_repository(some["place"])
    names = (*(tool.name for tool in TOOLS), "any", "")
    drop = np.where(some["read"] == ACT["drops"], np.where(some["drop"] > 0, some["drop"], 1), 0)
    bits = {
        name: (some["words"] & (1 << n)) > 0
        for n, name in enumerate(("reason", "deadline", "obligation", "sanction", "limit", "example", "permission"))
    }
    return {
        "id": _identity(ids, some),
        "version": np.zeros(len(code), dtype=np.int64),
        "ts": instants(world, some["day"], some["message"]),
        "actor": ids.of("person", some["person"]),
        "actor_kind": _text(len(code), ActorKind.PERSON.value),
        "act": words(ACTS, some["read"]),
        "modality": words(MODALITIES, some["modality"]),
        "tool": np.array(names)[np.where(some["tool"] == NO_TOOL, -1, some["tool"])],
        "job": words(JOBS, np.where(some["job"] < 0, UNKNOWN_JOB, some["job"])),
        "place": ids.of("place", some["place"]),
        "thread": np.zeros(len(code), dtype=np.int64),
        "readers": world.places.readers[some["place"]],
        "whom": ids.of("person", some["whom"]),
        "channel": np.where(code, "co-author trailer", "message"),
        **bits,
        "reasons": some["reasons"],
        "drop": words(DROPS, drop),
        "score": some["score"] / misreading.FULL,
        "reader": np.where(code, "git-marks-1", misreading.NAME),
        "source": np.where(code, "git", "slack"),
    }
