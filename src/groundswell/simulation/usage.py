"""What vendors' logs, licence lists and shared files show of a simulated company."""

import numpy as np

from groundswell.model.trace import ArtefactEvent, ArtefactForm
from groundswell.simulation.acts import Rows, Scene, awake
from groundswell.simulation.catalogue import CODE_JOBS, JOBS, TOOLS
from groundswell.simulation.chance import Bools, Ints, expand
from groundswell.simulation.people import NEVER
from groundswell.simulation.state import fashion

FORMS: tuple[str, ...] = tuple(form.value for form in ArtefactForm)
FORM_EVENTS: tuple[str, ...] = tuple(event.value for event in ArtefactEvent)
_LOGGED = np.array([tool.logged for tool in TOOLS])
_FILED = np.array([tool.code or tool.name == "claude" for tool in TOOLS])  # tools that read files in a repository
_CODE_JOBS = np.array([job in CODE_JOBS for job in JOBS])
_PASSIVE = 0.25  # of a user's activity is what a performer's seat shows by itself
_KEPT = 0.4  # share of coding practices that are kept in a shared file
_EDITED = 0.10  # edits of the file a use and week
_MOVED = 0.2
_DELETED = 0.5  # of the files whose practice ended


def seats(scene: Scene) -> Rows:
    """Licences: columns person, tool, since (day assigned), until (day they leave)."""
    events, company = scene.plan.events, scene.company
    who = np.arange(len(company), dtype=np.int64)
    person, tool, since = [], [], []
    for row in np.flatnonzero(events.kind == 0):
        k, department = int(events.tool[row]), int(events.department[row])
        mine = company.department[company.unit_on(who, int(events.day[row]))] == department
        mine &= scene.chance.stream("seat", k).uniform(who) < scene.dials.seat_share
        mine &= company.left_on > events.day[row]
        person.append(who[mine])
        tool.append(np.full(int(mine.sum()), k))
        since.append(np.maximum(company.joined_on[mine], events.day[row]))
    if not person or "seats" in scene.dials.missing:
        return {name: np.zeros(0, dtype=np.int64) for name in ("person", "tool", "since", "until")}
    every = np.concatenate(person)
    return {"person": every, "tool": np.concatenate(tool), "since": np.concatenate(since), "until": company.left_on[every]}


def days_used(scene: Scene) -> tuple[Ints, Ints]:
    """(use, working day) of every day a real use is exercised, pauses left out; the truth behind the pulse and the logs."""
    uses, dials = scene.course.uses, scene.dials
    last = np.minimum(uses["end"], 7 * scene.weeks)
    use, nth = expand(np.maximum(last - uses["start"], 0) * (uses["performed"] == 0))
    day = uses["start"][use] + nth
    rate = dials.day_use * (1.0 + dials.hype_use * (fashion(dials, day // 7) - 1.0))
    on = (day % 7 < 5) & (scene.chance.stream("day use").uniform(use * 4096 + day) < rate)
    use, day = use[on], day[on]
    on = awake(scene, use, day)
    return use[on], day[on]


def log(scene: Scene, held: Rows) -> Rows:
    """Vendors' logs of people with a seat: columns day, person, tool, interactions, active (0: passive rows only)."""
    uses, chance = scene.course.uses, scene.chance
    use, day = days_used(scene)
    idle = np.flatnonzero(uses["performed"] == 1)
    owner, nth = expand(np.minimum(uses["end"][idle], 7 * scene.weeks) - uses["start"][idle])
    passive, when = idle[owner], uses["start"][idle[owner]] + nth
    shown = (when % 7 < 5) & (chance.stream("passive").uniform(passive * 4096 + when) < _PASSIVE * scene.dials.day_use)
    use, day = np.concatenate([use, passive[shown]]), np.concatenate([day, when[shown]])
    person, tool = uses["person"][use], uses["tool"][use]
    keep = _LOGGED[tool] & _seated(scene, held, person, tool, day) & (day >= 7 * dict(scene.dials.onsets).get("usage", 0))
    keep &= (chance.stream("covered").uniform(person) < scene.dials.usage_coverage) & ("usage" not in scene.dials.missing)
    use, day, person, tool = use[keep], day[keep], person[keep], tool[keep]
    active = 1 - uses["performed"][use]
    order = np.lexsort((active, tool, person, day))[::-1]  # the active row of a day first
    key = (day * len(scene.company) + person) * len(TOOLS) + tool
    first = np.ones(len(order), dtype=np.bool_)
    first[1:] = key[order][1:] != key[order][:-1]
    order = order[first][::-1]
    many = 1 + chance.stream("interactions").poisson(6.0, use * 4096 + day, most=40)
    table = {"day": day, "person": person, "tool": tool, "interactions": many * active, "active": active}
    return {name: column[order] for name, column in table.items()}


def _seated(scene: Scene, held: Rows, person: Ints, tool: Ints, day: Ints) -> Bools:
    since = np.full((len(scene.company), len(TOOLS)), NEVER, dtype=np.int64)
    since[held["person"], held["tool"]] = held["since"]
    seated: Bools = since[person, tool] <= day
    return seated


def artefacts(scene: Scene, every: Rows) -> Rows:
    """Shared files in repositories: columns day, person, place, practice, form, event; created, edited, moved, deleted.

    A file is created at the first trace of a coding practice by its founder, edited by whoever uses it, seldom moved, and deleted
    with half of the practices that end. `every` are the acts: only what was visible can carry a file.
    """
    uses, books, chance = scene.course.uses, scene.course.practices, scene.chance
    number = np.arange(len(books["born"]), dtype=np.int64)
    repository = scene.places.repository[books["unit"]]
    able = (
        (repository >= 0) & _CODE_JOBS[books["job"]] & (books["performed"] == 0) & (chance.stream("kept").uniform(number) < _KEPT)
    )
    able &= (books["end"] > books["entry"] + 2) & (books["entry"] < 7 * scene.weeks)
    if "code" in scene.dials.missing or not able.any():
        return {name: np.zeros(0, dtype=np.int64) for name in ("day", "person", "place", "practice", "form", "event")}
    form = np.searchsorted(np.cumsum([0.30, 0.15, 0.20, 0.25, 0.10]), chance.stream("form").uniform(number), side="right")
    form = np.minimum(form, len(FORMS) - 1)
    mine = np.flatnonzero((every["use"] >= 0) & able[np.maximum(every["practice"], 0)] & (uses["performed"][every["use"]] == 0))
    edited = mine[chance.stream("edited").uniform(mine) < _EDITED]
    kept = number[able]
    moved = kept[(chance.stream("moved").uniform(kept) < _MOVED) & (books["end"][kept] > books["entry"][kept] + 40)]
    gone = kept[(books["end"][kept] < 7 * scene.weeks) & (chance.stream("deleted").uniform(kept) < _DELETED)]
    day = [books["entry"][kept], every["day"][edited], books["entry"][moved] + 30, books["end"][gone]]
    practice = [kept, every["practice"][edited], moved, gone]
    person = [books["founder"][kept], every["person"][edited], books["founder"][moved], books["founder"][gone]]
    event = np.repeat(np.array([0, 1, 2, 3]), [len(block) for block in day])
    table = {"day": np.concatenate(day), "person": np.concatenate(person), "practice": np.concatenate(practice), "event": event}
    table |= {"place": repository[table["practice"]], "form": form[table["practice"]]}
    born, event = books["entry"][table["practice"]], table["event"]
    # A file made before the code can be seen is not there to be moved or edited.
    inside = (born >= 7 * dict(scene.dials.onsets).get("code", 0)) & (table["day"] < 7 * scene.weeks)
    inside &= (event != 1) | ((table["day"] > born) & (table["day"] < books["end"][table["practice"]]))
    order = np.lexsort((table["practice"], event, table["day"]))
    order = order[inside[order]]
    return {name: column[order] for name, column in table.items()}
