"""The planted truth of a world as tables, with the same nouns as the model."""

from collections.abc import Mapping
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import numpy.typing as npt

from groundswell.simulation.acts import ACTS, DROPS, MODALITIES
from groundswell.simulation.catalogue import JOBS, SITES, TOOLS, WORK
from groundswell.simulation.chance import Bools, Ints
from groundswell.simulation.people import NEVER
from groundswell.simulation.programme import KINDS
from groundswell.simulation.pulse import QUARTER_WEEKS, day_share
from groundswell.simulation.state import CAUSES, FATES, LOOK_BACK, ORIGINS
from groundswell.simulation.usage import FORM_EVENTS, FORMS

if TYPE_CHECKING:
    from groundswell.simulation.world import World

Table: TypeAlias = Mapping[str, npt.NDArray[np.generic]]
TOOL_NAMES = (*(tool.name for tool in TOOLS), "any", "")  # -2 is any, -1 none
_CORROBORATED_WEEKS = 3
_CORROBORATED_PEOPLE = 2


def tables(world: "World") -> dict[str, Table]:
    """Everything that was planted, decoded: words instead of numbers, datetime64[D] instead of days, NaT where never.

    Keys: people, ties, tools, programmes, seats, practices, uses, adoptions, announcements, acts, statements, artefacts, work,
    quarters, dials.
    Persons, units, practices and uses keep their dense numbers from 0, -1 for none.
    """
    made = {
        "people": _people(world),
        "ties": _ties(world),
        "tools": _tools(world),
        "programmes": _programmes(world),
        "seats": _seats(world),
        "practices": _practices(world),
        "uses": _uses(world),
        "adoptions": _adoptions(world),
        "announcements": _announcements(world),
        "acts": _acts(world),
        "artefacts": _artefacts(world),
        "work": _work(world),
        "quarters": _quarters(world),
        "dials": _dials(world),
    }
    acts = made["acts"]
    passed = world.acts["cascade"] >= 0
    made["statements"] = {name: acts[name][passed] for name in ("cascade", "level", "date", "person", "reasons", "deadline")}
    return made


def dates(world: "World", day: Ints) -> npt.NDArray[np.datetime64]:
    """Days of a world as dates; NaT for -1 and for what lies beyond any world."""
    first = np.datetime64(world.dials.start, "D")
    known = (day >= 0) & (day < NEVER)
    moved = first + np.where(known, day, 0).astype("timedelta64[D]")
    return np.where(known, moved, np.datetime64("NaT", "D"))


def words(names: tuple[str, ...], code: Ints) -> npt.NDArray[np.str_]:
    """The name of each code; negative codes count from the end."""
    return np.array(names)[code]


def tool_names(code: Ints) -> npt.NDArray[np.str_]:
    """The canonical name of each tool: "any" for AI in general, "" for none."""
    return np.array(TOOL_NAMES)[code]


def _people(world: "World") -> Table:
    company = world.company
    role = np.array([company.departments[d].role for d in company.department])
    return {
        "person": np.arange(len(company)),
        "unit": words(company.units, company.unit_first),
        "unit_then": words(company.units, company.unit_then),
        "moves_on": dates(world, company.moves_on),
        "joined_on": dates(world, np.where(company.joined_on == 0, -1, company.joined_on)),
        "left_on": dates(world, np.where(company.left_on < 7 * world.weeks, company.left_on, NEVER)),
        "level": company.level,
        "role": role[company.unit_first],
        "site": words(tuple(name for name, _, _ in SITES), company.site),
        "trait": world.network.trait,
        "hit": world.plan.hit,
    }


def _ties(world: "World") -> Table:
    network = world.network
    one = np.repeat(np.arange(len(world.company)), np.diff(network.edges))
    keep = one < network.contacts
    return {"one": one[keep], "other": network.contacts[keep], "community": network.tied_in[keep]}


def _tools(world: "World") -> Table:
    return {
        "tool": np.array([tool.name for tool in TOOLS]),
        "label": np.array([tool.label for tool in TOOLS]),
        "appears": dates(world, np.array([tool.week * 7 for tool in TOOLS])),
        "renamed": dates(world, np.array([-1 if tool.renamed is None else tool.renamed * 7 for tool in TOOLS])),
        "later": np.array([tool.later for tool in TOOLS]),
        "logged": np.array([tool.logged for tool in TOOLS]),
    }


def _programmes(world: "World") -> Table:
    events = world.plan.events
    departments = (*(d.name for d in world.company.departments), "")
    place = np.where(events.community < 0, -1, world.places.communities + events.community)
    return {
        "date": dates(world, events.day),
        "kind": words(KINDS, events.kind),
        "tool": tool_names(events.tool),
        "department": words(departments, events.department),
        "place": words((*world.places.names, ""), place),
    }


def _seats(world: "World") -> Table:
    held = world.seats
    price = np.array([tool.price for tool in TOOLS])
    return {
        "holder": held["person"],  # not "person": a list of seats with persons would be read as an export
        "tool": tool_names(held["tool"]),
        "since": dates(world, held["since"]),
        "until": dates(world, held["until"]),
        "monthly_price": price[held["tool"]],
    }


def _practices(world: "World") -> Table:
    books, uses = world.course.practices, world.course.uses
    horizon = 7 * world.weeks
    over = books["end"] < horizon
    real = uses["performed"] == 0
    return {
        "practice": np.arange(len(books["born"])),
        "unit": words(world.company.units, books["unit"]),
        "job": words(JOBS, books["job"]),
        "tool": tool_names(books["tool"]),
        "origin": words(ORIGINS, books["origin"]),
        "born_on": dates(world, books["born"]),
        "visible_on": dates(world, books["entry"]),
        "ended_on": dates(world, np.where(over, books["end"], NEVER)),
        "life_days": np.minimum(books["end"], horizon) - books["born"],
        "fate": words(FATES, np.where(over, books["fate"], 0)),
        "founder": books["founder"],
        "people": np.bincount(uses["practice"], minlength=len(books["born"])),
        "real_people": np.bincount(uses["practice"], weights=real, minlength=len(books["born"])).astype(np.int64),
        "performed": books["performed"] == 1,
        "generic_before": books["generic"] == 1,
    }


def _uses(world: "World") -> Table:
    uses = world.course.uses
    return {
        "use": np.arange(len(uses["start"])),
        "person": uses["person"],
        "practice": uses["practice"],
        "tool": tool_names(uses["tool"]),
        "job": words(JOBS, uses["job"]),
        "unit": words(world.company.units, uses["unit"]),
        "start": dates(world, uses["start"]),
        "end": dates(world, np.where(uses["end"] < 7 * world.weeks, uses["end"], NEVER)),
        "cause": words(CAUSES, uses["cause"]),
        "whom": uses["whom"],
        "performed": uses["performed"] == 1,
        "pushed": uses["pushed"] == 1,
        "silent": uses["silent"] == 1,
    }


def _adoptions(world: "World") -> Table:
    """First start of each person with each tool, and whether they had seen an example in the six weeks before."""
    uses = world.course.uses
    first = np.unique(uses["person"] * len(TOOLS) + uses["tool"], return_index=True)[1]
    return {
        "person": uses["person"][first],
        "tool": tool_names(uses["tool"][first]),
        "practice": uses["practice"][first],
        "date": dates(world, uses["start"][first]),
        "informal_days": uses["informal"][first],
        "formal_days": uses["formal"][first],
        "cause": words(CAUSES, uses["cause"][first]),
        "whom": uses["whom"][first],
    }


def _announcements(world: "World") -> Table:
    told = world.course.announcements
    taken_on = taken_up(world)
    return {
        "announcement": np.arange(len(told["day"])),
        "date": dates(world, told["day"]),
        "unit": words(world.company.units, told["unit"]),
        "by_unit": words(world.company.units, told["by_unit"]),
        "author": told["author"],
        "tool": tool_names(told["tool"]),
        "job": words(JOBS, told["job"]),
        "act": np.where(told["demand"] == 1, "demands", "announces"),
        "planted": told["planted"] == 1,
        "withdrawn_on": dates(world, told["withdrawn"]),
        "taken_up": taken_on >= 0,
        "taken_up_on": dates(world, taken_on),
        "followed": told["day"] + LOOK_BACK < 7 * world.weeks,
    }


def taken_up(world: "World") -> Ints:
    """For each announcement the day it counts as taken up, -1 if not within 90 days (M1).

    Taken up: at least two people other than its author really use the tool for the job in the unit, in at least three different
    weeks, as far as their traces in chat or code go.
    """
    told, uses, acts = world.course.announcements, world.course.uses, world.acts
    books = world.course.practices
    width = len(TOOLS) * len(JOBS)
    code = (books["unit"] * width) + books["job"] * len(TOOLS) + books["tool"]
    mine = np.flatnonzero((acts["use"] >= 0) & (acts["act"] < ACTS.index("shares")) | (acts["act"] == ACTS.index("takes_up")))
    mine = mine[(acts["use"][mine] >= 0) & (uses["performed"][acts["use"][mine]] == 0)]
    where = code[acts["practice"][mine]]
    order = np.argsort(where, kind="stable")  # acts are by day already
    where, mine = where[order], mine[order]
    wanted = told["unit"] * width + told["job"] * len(TOOLS) + told["tool"]
    low, high = np.searchsorted(where, wanted), np.searchsorted(where, wanted, side="right")
    taken = np.full(len(wanted), -1, dtype=np.int64)
    for a in np.flatnonzero(high > low):  # announcements with any trace of their practice
        rows = mine[low[a] : high[a]]
        day, who = acts["day"][rows], acts["person"][rows]
        inside = (day > told["day"][a]) & (day <= told["day"][a] + LOOK_BACK) & (who != told["author"][a])
        taken[a] = _agreed(day[inside], who[inside])
    return taken


def _agreed(day: Ints, who: Ints) -> int:
    """First day with two people and three weeks; -1 if it never comes."""
    first_of_week = np.sort(np.unique(day // 7, return_index=True)[1])
    first_of_person = np.sort(np.unique(who, return_index=True)[1])
    if len(first_of_week) < _CORROBORATED_WEEKS or len(first_of_person) < _CORROBORATED_PEOPLE:
        return -1
    return int(day[max(first_of_week[_CORROBORATED_WEEKS - 1], first_of_person[_CORROBORATED_PEOPLE - 1])])


def _acts(world: "World") -> Table:
    acts = world.acts
    return {
        "date": dates(world, acts["day"]),
        "person": acts["person"],
        "act": words(ACTS, acts["act"]),
        "modality": words(MODALITIES, acts["modality"]),
        "tool": tool_names(acts["tool"]),
        "job": words(JOBS, acts["job"]),
        "practice": acts["practice"],
        "use": acts["use"],
        "place": words(world.places.names, acts["place"]),
        "whom": acts["whom"],
        "drop": words(DROPS, acts["drop"]),
        "reasons": acts["reasons"],
        "deadline": (acts["words"] & 2) > 0,
        "cascade": acts["cascade"],
        "level": acts["level"],
        "announcement": acts["announcement"],
        "real": _real(world, acts["use"]),
    }


def _real(world: "World", use: Ints) -> Bools:
    """Whether a trace of use stands for use; False for talk too."""
    performed = world.course.uses["performed"]
    if not len(performed):
        return np.zeros(len(use), dtype=np.bool_)
    real: Bools = (use >= 0) & (performed[use] == 0)
    return real


def _artefacts(world: "World") -> Table:
    files = world.artefacts
    return {
        "date": dates(world, files["day"]),
        "person": files["person"],
        "practice": files["practice"],
        "place": words(world.places.names, files["place"]),
        "form": words(FORMS, files["form"]),
        "event": words(FORM_EVENTS, files["event"]),
    }


def _work(world: "World") -> Table:
    """Tickets, releases, closings, forecasts and reports, each with who did it, when, with which tool, and how it went."""
    done = world.work
    return {
        "date": dates(world, done["day"]),
        "person": done["person"],
        "unit": words(world.company.units, done["unit"]),
        "kind": words(tuple(one.kind for one in WORK), done["kind"]),
        "job": words(JOBS, done["job"]),
        "tool": tool_names(done["tool"]),
        "use": done["use"],
        "succeeded": done["succeeded"] == 1,
        "minutes": done["minutes"],
    }


def _quarters(world: "World") -> Table:
    """Of each whole quarter, person-workdays and those with AI really used, whatever left a trace."""
    used, days = day_share(world.scene)
    first = np.arange(len(days), dtype=np.int64) * 7 * QUARTER_WEEKS
    return {"quarter": np.arange(len(days)), "start": dates(world, first), "used_days": used, "days": days}


def _dials(world: "World") -> Table:
    names = [f.name for f in fields(world.dials)]
    values: list[Any] = [getattr(world.dials, name) for name in names]
    return {"dial": np.array(names), "value": np.array([_plain(value) for value in values])}


def _plain(value: Any) -> str:
    return ",".join(sorted(value)) if isinstance(value, frozenset) else str(value)
