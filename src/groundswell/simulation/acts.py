"""What people do about AI in traces that others can see: from uses, shares, announcements and talk to dated acts."""

from dataclasses import dataclass

import numpy as np

from groundswell.model.reading import Act, DropKind, Modality
from groundswell.simulation.catalogue import CODE_JOBS, JOB, JOBS, TOOLS
from groundswell.simulation.chance import Bools, Chance, Floats, Ints, expand
from groundswell.simulation.network import Network
from groundswell.simulation.people import Company
from groundswell.simulation.places import ANNOUNCEMENTS, GENERAL, Places
from groundswell.simulation.policy import Dials, given
from groundswell.simulation.programme import Schedule
from groundswell.simulation.state import Course, fashion

ACTS: tuple[str, ...] = tuple(act.value for act in Act)
ACT: dict[str, int] = {name: code for code, name in enumerate(ACTS)}
MODALITIES: tuple[str, ...] = tuple(modality.value for modality in Modality)
MODALITY: dict[str, int] = {name: code for code, name in enumerate(MODALITIES)}
DROPS: tuple[str, ...] = ("", *(kind.value for kind in DropKind))
DROP: dict[str, int] = {name: code for code, name in enumerate(DROPS)}
ANY = -2  # AI in general
NO_TOOL = -1
UNKNOWN_JOB = len(JOBS) - 1
# Bits of `words`: what the wording of an announcement, demand or restriction carries.
REASON, DEADLINE, OBLIGATION, SANCTION, LIMIT, EXAMPLE, PERMISSION = (1 << n for n in range(7))
COLUMNS = (
    "day", "person", "act", "modality", "tool", "job", "practice", "use", "place", "whom", "words", "reasons", "drop", "cascade",
    "level", "announcement",
)  # fmt: skip
_NAMED_CODE_TOOLS = np.array([tool.code or tool.name == "claude" for tool in TOOLS])
_CODE_JOBS = np.array([job in CODE_JOBS for job in JOBS])
_IN_GIT = 0.6  # share of coding traces that are commits
_PAUSE = (21, 56)  # days
_MOST = 60  # a multiple of how many jobs any department has

Rows = dict[str, Ints]


def rows(size: int, **columns: Ints | int) -> Rows:
    """A block of acts; what is not given is -1 ("none"), or 0 for words, reasons, drop and modality."""
    zero = {"words", "reasons", "drop", "modality"}
    block = {name: np.full(size, 0 if name in zero else -1, dtype=np.int64) for name in COLUMNS}
    for name, column in columns.items():
        block[name][:] = column
    return block


@dataclass(frozen=True)
class Scene:
    """All that acts are made from."""

    company: Company
    network: Network
    plan: Schedule
    places: Places
    course: Course
    weeks: int
    dials: Dials
    chance: Chance


def acts(scene: Scene) -> Rows:
    """Every act that leaves a trace in chat or code, by day; `use` and `practice` are -1 for talk without use.

    Missing sources and late onsets are taken out here: what nobody could have recorded is no trace.
    """
    blocks = [_use(scene), _shares(scene), _drops(scene), _announcements(scene), _statements(scene), _talk(scene)]
    every = {name: np.concatenate([block[name] for block in blocks]) for name in COLUMNS}
    there = (every["day"] >= 0) & (every["day"] < 7 * scene.weeks) & _kept(scene, every)
    there &= scene.company.there(every["person"], every["day"])
    order = np.lexsort((every["person"], every["day"]))
    order = order[there[order]]
    return {name: column[order] for name, column in every.items()}


def _kept(scene: Scene, every: Rows) -> Bools:
    code = scene.places.is_repository(every["place"])
    keep: Bools = np.ones(len(code), dtype=np.bool_)
    onset = dict(scene.dials.onsets)
    for source, mine in (("chat", ~code), ("code", code)):
        if source in scene.dials.missing:
            keep &= ~mine
        keep &= ~(mine & (every["day"] < 7 * onset.get(source, 0)))
    return keep


def awake(scene: Scene, use: Ints, day: Ints) -> Bools:
    """Whether a use is not in its pause on a day; each use pauses at most once and returns."""
    pauses, first, length = _pause(scene, use)
    on: Bools = ~(pauses & (day >= first) & (day < first + length))
    return on


def _pause(scene: Scene, use: Ints) -> tuple[Bools, Ints, Ints]:
    """Whether each use pauses, its first day of silence, and for how many days."""
    pauses: Bools = scene.chance.stream("pauses").uniform(use) < scene.dials.pause_share
    first: Ints = scene.course.uses["start"][use] + 21 + scene.chance.stream("pause").below(120, use)
    return pauses, first, _PAUSE[0] + scene.chance.stream("pause days").below(_PAUSE[1] - _PAUSE[0], use)


def _use(scene: Scene) -> Rows:
    """Uses as they show week by week: at most three traces a week, on working days, from the day they can be seen."""
    uses, dials, chance = scene.course.uses, scene.dials, scene.chance
    seen = np.maximum(uses["start"], scene.course.practices["entry"][uses["practice"]])
    last = np.minimum(uses["end"], 7 * scene.weeks)
    first_week = seen // 7
    count = np.where((uses["silent"] == 0) & (last > seen), -(-last // 7) - first_week, 0)
    use, nth = expand(np.maximum(count, 0))
    week = first_week[use] + nth
    key = use * 1024 + week
    demanded = scene.course.practices["origin"][uses["practice"][use]] == 1
    rate = np.where(demanded, given(dials.trace_rate_mandated), dials.trace_rate)
    rate = rate * (1.0 + dials.hype_use * (fashion(dials, week) - 1.0))
    traces = chance.stream("traces").poisson(rate, key, most=3)
    sure = (uses["sure"][use] == 1) & (week < uses["start"][use] // 7 + dials.sure_weeks)
    traces = np.maximum(traces, sure)
    at, turn = expand(traces)
    use, week, nth = use[at], week[at], nth[at]
    day = 7 * week + chance.stream("trace day").below(5, key[at] * 4 + turn)
    day = np.where(nth == 0, np.maximum(day, seen[use]), day)
    keep = (day < last[use]) & awake(scene, use, day) & (day % 7 < 5)
    use, day = use[keep], day[keep]
    order = np.lexsort((day, use))
    use, day = use[order], day[order]
    return _spoken(scene, use, day)


def _spoken(scene: Scene, use: Ints, day: Ints) -> Rows:
    """Which act each trace of a use is: the first a trial or a take-up, later use in passing or a lesson."""
    uses, chance = scene.course.uses, scene.chance
    first = np.ones(len(use), dtype=np.bool_)
    first[1:] = use[1:] != use[:-1]
    key = use * 4096 + day
    unit = uses["unit"][use]
    from_other = uses["whom"][use] >= 0
    lesson = scene.dials.learn_share * (0.5 + scene.plan.tells[unit])
    lot = chance.stream("lesson").uniform(key)
    back = lot > 1 - scene.dials.reverted_share  # what was made is taken out again; the use goes on
    later = np.select([lot < lesson, back], [ACT["learns"], ACT["drops"]], ACT["uses"])
    act = np.where(first, np.where(from_other, ACT["takes_up"], ACT["tries"]), later)
    tool, job = uses["tool"][use], uses["job"][use]
    able = (scene.places.repository[unit] >= 0) & _NAMED_CODE_TOOLS[tool] & _CODE_JOBS[job]
    code = able & (chance.stream("in git").uniform(key) < _IN_GIT) & ~(first & from_other)
    code |= able & ("chat" in scene.dials.missing)
    act = np.where(code, ACT["uses"], act)
    place = np.where(code, scene.places.repository[unit], scene.places.units + unit)
    return rows(
        len(use), day=day, person=uses["person"][use], act=act, tool=tool, job=job, practice=uses["practice"][use], use=use,
        place=place, whom=np.where(act == ACT["takes_up"], uses["whom"][use], -1),
        drop=np.where(act == ACT["drops"], DROP["reverted"], 0),
    )  # fmt: skip


def _shares(scene: Scene) -> Rows:
    shares, uses, places = scene.course.shares, scene.course.uses, scene.places
    use = shares["use"]
    outside = shares["community"] >= 0
    place = np.where(outside, places.communities + shares["community"], places.units + uses["unit"][use])
    return rows(
        len(use), day=shares["day"], person=uses["person"][use], act=ACT["shares"], tool=uses["tool"][use], job=uses["job"][use],
        practice=uses["practice"][use], use=use, place=place,
    )  # fmt: skip


def _drops(scene: Scene) -> Rows:
    """Some ends and some pauses of uses are told; who leaves, moves or only performed says nothing."""
    dials = scene.dials
    uses, books = scene.course.uses, scene.course.practices
    open_ = np.flatnonzero((uses["silent"] == 0) & (uses["performed"] == 0))
    use = open_[uses["end"][open_] < 7 * scene.weeks]
    use = use[scene.chance.stream("told").uniform(use) < dials.drop_told]
    company, person, day = scene.company, uses["person"][use], uses["end"][use]
    stays = (company.left_on[person] > day) & (company.moves_on[person] != day) & (books["entry"][uses["practice"][use]] < day)
    use, person, day = use[stays], person[stays], day[stays]
    practice = uses["practice"][use]
    closed = books["end"][practice] == day
    kind = np.select(
        [closed & (books["fate"][practice] == 2), closed & (books["fate"][practice] == 3)],
        [DROP["switched"], DROP["job_ended"]],
        DROP["abandoned"],
    )
    pauses, first, _ = _pause(scene, open_)
    first = _workday(first)
    seen = np.maximum(uses["start"], books["entry"][uses["practice"]])[open_]
    pauses &= (first > seen) & (first < uses["end"][open_]) & (scene.chance.stream("pause told").uniform(open_) < dials.drop_told)
    use, day = np.concatenate([use, open_[pauses]]), np.concatenate([day, first[pauses]])
    return rows(
        len(use), day=day, person=uses["person"][use], act=ACT["drops"], tool=uses["tool"][use], job=uses["job"][use],
        practice=uses["practice"][use], use=use, place=scene.places.units + uses["unit"][use],
        drop=np.concatenate([kind, np.full(int(pauses.sum()), DROP["paused"])]),
    )  # fmt: skip


def _announcements(scene: Scene) -> Rows:
    """What leaders announce or demand of a named tool and job, members who say they were asked, and what is withdrawn."""
    a, chance, places = scene.course.announcements, scene.chance, scene.places
    number = np.arange(len(a["day"]), dtype=np.int64)
    demand = a["demand"] == 1
    tells = scene.plan.tells[a["by_unit"]]

    def lot(name: str) -> Floats:
        return chance.stream(name).uniform(number)

    words = (
        REASON * (lot("reason") < 0.3 + 0.5 * tells) + EXAMPLE * (lot("example") < tells) + PERMISSION * (lot("may fail") < tells)
    )
    words = words * ~demand + demand * (
        OBLIGATION + DEADLINE * (lot("deadline") < 0.8 - 0.5 * tells) + SANCTION * (lot("sanction") < 0.25 * (1 - tells))
        + REASON * (lot("reason") < 0.15 + 0.5 * tells)
    )  # fmt: skip
    same = a["by_unit"] == a["unit"]
    department = 2 + scene.company.department[a["unit"]]
    said = rows(
        len(number), day=a["day"], person=a["author"], act=np.where(demand, ACT["demands"], ACT["announces"]), tool=a["tool"],
        job=a["job"], place=np.where(same, places.units + a["unit"], department), words=words, announcement=number,
    )  # fmt: skip
    member = chance.stream("who was asked").below(len(scene.company), number)
    # Somebody of the unit concerned; drawn among all and kept when they are of that unit would lose most, so by rank in the unit.
    order = np.argsort(scene.company.unit_first, kind="stable")
    edges = np.searchsorted(scene.company.unit_first[order], np.arange(len(scene.company.units) + 1))
    size = edges[a["unit"] + 1] - edges[a["unit"]]
    member = order[edges[a["unit"]] + member % size]
    asked = demand & (lot("asked") < 0.4) & (member != a["author"])
    pressed = rows(
        int(asked.sum()), day=_workday(a["day"][asked] + 1 + number[asked] % 9), person=member[asked], act=ACT["pressed"],
        tool=a["tool"][asked], job=a["job"][asked], place=places.units + a["unit"][asked], announcement=number[asked],
    )  # fmt: skip
    back = a["withdrawn"] >= 0
    withdrawn = rows(
        int(back.sum()), day=_workday(a["withdrawn"][back]), person=a["author"][back], act=ACT["drops"], tool=a["tool"][back],
        job=a["job"][back], place=said["place"][back], drop=DROP["abandoned"], announcement=number[back],
    )  # fmt: skip
    return _joined(said, pressed, withdrawn)


def _statements(scene: Scene) -> Rows:
    """Statements of the top and what each level passes on, reason by reason; and demands that name nothing."""
    company, dials, chance = scene.company, scene.dials, scene.chance
    blocks = []
    for cascade, day in enumerate(scene.plan.cascades.tolist()):
        leads, managers = company.leads_on(day), company.managers_on(day)
        top = int(leads[0])
        heads = np.unique(managers[leads[1:]])
        heads = heads[(heads >= 0) & (heads != top)]
        lower = np.setdiff1d(leads[1:], heads)
        source = int(chance.stream("source").bits([cascade])[0]) & 31 | 0b101  # a goal and for whom, at least
        person = np.concatenate([[top], heads, lower])
        level = np.concatenate([[0], np.ones(len(heads), dtype=np.int64), np.full(len(lower), 2)])
        above = np.searchsorted(heads, managers[lower])
        passed = _passed(chance, cascade, len(heads), dials.reason_survival)
        kept = source & passed
        again = _passed(chance, cascade + 4096, len(lower), dials.reason_survival)
        known = np.append(kept, source)[np.where(np.isin(managers[lower], heads), above, len(heads))]
        reasons = np.concatenate([[source], kept, known & again])
        speaks = (level == 0) | (chance.stream("speaks", cascade).uniform(person) < 0.6)
        deadline = chance.stream("by when", cascade).uniform(person) < dials.deadline_top + dials.deadline_step * level
        words = REASON * (reasons > 0) + DEADLINE * deadline  # a date makes no demand; those are the dial's own
        tool, job = _theme(scene, cascade, day)
        when = _workday(day + level * 4 + chance.stream("when", cascade).below(6, person) * (level > 0))
        # A head speaks to those below, whose department it is; a head's own unit may be the leadership.
        order = np.argsort(managers[leads[1:]], kind="stable")
        led = leads[1:][order][np.searchsorted(managers[leads[1:]][order], heads)]
        home = company.unit_on(np.concatenate([[top], led, lower]), day)
        place = np.where(level == 0, ANNOUNCEMENTS, 2 + company.department[home])
        blocks.append(
            rows(
                int(speaks.sum()), day=when[speaks], person=person[speaks], act=ACT["announces"], tool=tool, job=job,
                place=place[speaks], words=words[speaks], reasons=reasons[speaks], cascade=cascade, level=level[speaks],
            )
        )  # fmt: skip
    days = scene.plan.generic
    tops = np.array([int(company.leads_on(day)[0]) for day in days.tolist()], dtype=np.int64)
    blocks.append(
        rows(len(days), day=days, person=tops, act=ACT["demands"], tool=ANY, job=UNKNOWN_JOB, place=ANNOUNCEMENTS,
             words=OBLIGATION | DEADLINE)
    )  # fmt: skip
    return _joined(*blocks)


def _theme(scene: Scene, cascade: int, day: int) -> tuple[int, int]:
    """What the top speaks about: one tool after the other, whatever the work, then AI in one kind of work after the other."""
    if cascade < len(TOOLS) and 7 * TOOLS[cascade].week <= day:
        return cascade, UNKNOWN_JOB
    jobs = sorted({JOB[name] for department in scene.company.departments for name, _ in department.jobs})
    return ANY, jobs[cascade % len(jobs)]


def _passed(chance: Chance, tick: int, people: int, survival: float) -> Ints:
    """For each person a set of bits, each standing with probability `survival`."""
    who = np.arange(people, dtype=np.int64)
    kept = [(chance.stream("passed", bit).uniform(who, tick) < survival).astype(np.int64) << bit for bit in range(5)]
    return np.sum(kept, axis=0, dtype=np.int64) if people else np.zeros(0, dtype=np.int64)


def _talk(scene: Scene) -> Rows:
    """Talk without use: intentions, questions, denials, hearsay, encouragement, limits, and leaders' general announcements."""
    company, dials, chance = scene.company, scene.dials, scene.chance
    week = np.arange(scene.weeks, dtype=np.int64)
    hype = np.repeat(fashion(dials, week), len(company))
    who, when = np.tile(np.arange(len(company), dtype=np.int64), scene.weeks), np.repeat(week, len(company))
    leads = np.zeros(len(company), dtype=np.bool_)
    leads[company.lead_first] = True
    leads[[person for _, _, person in company.successions]] = True
    key = who * 1024 + when
    lot = chance.stream("talk").uniform(key)
    peers = lot < dials.talk_rate * hype
    tops = (lot >= 0.5) & (lot < 0.5 + dials.leader_talk_rate * hype) & leads[who]
    works = np.array([[JOB[d.jobs[n % len(d.jobs)][0]] for n in range(_MOST)] for d in company.departments])
    blocks = []
    for some, kinds in ((peers, _PEER_TALK), (tops, _LEADER_TALK)):
        key_, who_, day = key[some], who[some], 7 * when[some] + chance.stream("talk day").below(5, key[some])
        kind = np.searchsorted(np.cumsum([share for share, _, _ in kinds]), chance.stream("kind").uniform(key_), side="right")
        kind = np.minimum(kind, len(kinds) - 1)
        act = np.array([ACT[name] for _, name, _ in kinds])[kind]
        modality = np.array([MODALITY[name] for _, _, name in kinds])[kind]
        tool = chance.stream("talk tool").below(len(TOOLS), key_)
        tool = np.where(np.array([t.week for t in TOOLS])[tool] * 7 <= day, tool, 1)  # nobody talks of what is not there yet
        tool = np.where((act == ACT["restricts"]) | (act >= ACT["demands"]) & (modality <= MODALITY["intended"]), ANY, tool)
        unit = company.unit_on(who_, day)
        place = np.where(kinds is _PEER_TALK, scene.places.units + unit, 2 + company.department[unit])
        place = np.where(chance.stream("aloud").uniform(key_) < 0.2, GENERAL, place)
        words = np.where(act == ACT["restricts"], LIMIT, 0)
        job = np.where(tool == ANY, UNKNOWN_JOB, works[company.department[unit], chance.stream("talk job").below(_MOST, key_)])
        drop = np.where(act == ACT["drops"], DROP["abandoned"], 0)
        blocks.append(rows(len(who_), day=day, person=who_, act=act, modality=modality, tool=tool, job=job, place=place,
                           words=words, drop=drop))  # fmt: skip
    return _joined(*blocks)


_PEER_TALK = (
    (0.20, "tries", "intended"), (0.04, "shares", "intended"), (0.04, "takes_up", "intended"), (0.02, "drops", "intended"),
    (0.06, "uses", "asked"), (0.03, "tries", "asked"), (0.02, "shares", "asked"), (0.02, "announces", "asked"),
    (0.01, "demands", "asked"), (0.01, "restricts", "asked"),
    (0.05, "uses", "negated"), (0.02, "tries", "negated"), (0.02, "drops", "negated"), (0.01, "announces", "negated"),
    (0.01, "demands", "negated"), (0.01, "pressed", "negated"),
    (0.06, "uses", "reported"), (0.02, "drops", "reported"), (0.02, "learns", "reported"), (0.02, "announces", "reported"),
    (0.01, "demands", "reported"),
    (0.22, "nudges", "done"), (0.08, "restricts", "done"),
)  # fmt: skip
_LEADER_TALK = ((0.75, "announces", "done"), (0.15, "announces", "intended"), (0.10, "restricts", "done"))


def _workday(day: Ints) -> Ints:
    return day + np.where(day % 7 > 4, 7 - day % 7, 0)


def _joined(*blocks: Rows) -> Rows:
    return {name: np.concatenate([block[name] for block in blocks]) for name in COLUMNS}
