"""What the loop over weeks of a simulated company knows at any moment, and what it writes down."""

from dataclasses import dataclass

import numpy as np

from groundswell.simulation.catalogue import CODE_JOBS, JOB, JOBS, TOOLS
from groundswell.simulation.chance import Bools, Chance, Crowd, Floats, Ints
from groundswell.simulation.exposure import LONG_AGO, Exposure, K, Stamps
from groundswell.simulation.ledger import Ledger
from groundswell.simulation.network import Network
from groundswell.simulation.people import NEVER, Company
from groundswell.simulation.policy import Dials
from groundswell.simulation.programme import Schedule

CAUSES: tuple[str, ...] = ("own", "informal", "formal", "demanded", "announced", "programme", "replaced", "team")
ORIGINS: tuple[str, ...] = ("grassroots", "mandated", "provisioned", "interleaved")
FATES: tuple[str, ...] = ("alive", "abandoned", "replaced", "absorbed")
LOOK_BACK = 90  # days before a birth in which a demand makes it mandated (M2)
WORKDAYS = 5
J = len(JOBS)


@dataclass(frozen=True, kw_only=True)
class Course:
    """What happened, as columns of integers; days count from the world's first day, -1 stands for nobody or nothing.

    Attributes:
        uses: person, tool, job, unit, practice, start, end (NEVER if still on), cause, whom, performed, pushed, silent, sure,
            keeper, informal (days since exposure, -1 if none), formal.
        practices: unit, job, tool, born, end, fate, origin, founder, performed, generic, entry (first day it can leave a trace).
        shares: use, day, community (-1: own team).
        announcements: day, unit, by_unit, author, tool, job, demand, planted, withdrawn.
        draws: how many draws the loop made, the bound of its work.
        steps: weeks stepped; in each, every working day of everybody is decided.
    """

    uses: dict[str, Ints]
    practices: dict[str, Ints]
    shares: dict[str, Ints]
    announcements: dict[str, Ints]
    draws: int
    steps: int


@dataclass(frozen=True)
class Births:
    """Uses that may begin this week: arrays of one length.

    Attributes:
        day, who, tool, job: when, who, with what and for what.
        cause: number in CAUSES.
        whom: whom they follow; -1 for nobody or for whoever gave the example.
        sure: of an announcement that is taken up.
    """

    day: Ints
    who: Ints
    tool: Ints
    job: Ints
    cause: Ints
    whom: Ints
    sure: bool = False

    def columns(self) -> tuple[Ints, ...]:
        """All but `sure`, in order."""
        return self.day, self.who, self.tool, self.job, self.cause, self.whom


class Dated:
    """The last two days on which something was so, by unit and thing, so that a day can ask what it could know."""

    def __init__(self, units: int, things: int) -> None:
        self.now: Stamps = np.full(units * things, LONG_AGO, dtype=np.int32)
        self.before: Stamps = np.full(units * things, LONG_AGO, dtype=np.int32)
        self._never = True

    def set(self, at: Ints, day: int) -> None:
        """It is so on this day; days come in order."""
        self._never = False
        self.before[at] = self.now[at]
        self.now[at] = day

    def within(self, at: Ints, day: Ints) -> Bools:
        """Whether it was so in the 90 days before each day."""
        if self._never:
            return np.zeros(len(at), dtype=np.bool_)
        now = self.now[at]
        recent: Bools = day - np.where(now < day, now, self.before[at]) <= LOOK_BACK
        return recent


class State:
    """The state of the loop; people, units, tools and jobs by dense number; `monday` is the first day of the week decided."""

    def __init__(self, company: Company, network: Network, plan: Schedule, weeks: int, dials: Dials, chance: Chance) -> None:
        self.company, self.network, self.plan = company, network, plan
        self.weeks, self.dials, self.chance = weeks, dials, chance
        people, units = len(company), len(company.units)
        self.week = self.monday = 0
        self.who = np.arange(people, dtype=np.int64)
        self.crowd = Crowd(people)
        self.unit = company.unit_first.copy()
        self.leads = company.lead_first.copy()
        self.using = np.zeros(people * K, dtype=np.uint8)
        self.scratch = np.zeros(people * K, dtype=np.int32)
        self.informal, self.formal = (Exposure(people, 7 * weeks) for _ in range(2))
        self.practice: Stamps = np.full(units * J * K, -1, dtype=np.int32)
        self.blocked: Stamps = np.full(units * J * K, LONG_AGO, dtype=np.int32)
        self.demanded_tool, self.demanded_job = Dated(units, K), Dated(units, J)
        self.provisioned = Dated(units, K)
        self.pushed_until: Stamps = np.full(units * K, LONG_AGO, dtype=np.int32)
        self.provided_until: Stamps = np.full(units * K, LONG_AGO, dtype=np.int32)
        self.pushed_work: Stamps = np.full(units * K, -1, dtype=np.int32)
        self.uses = Ledger(
            2 * people, "person", "tool", "job", "unit", "practice", "start", "end", "cause", "whom", "performed", "pushed",
            "silent", "sure", "keeper", "informal", "formal", "closing", "showing",
        )  # fmt: skip
        self.practices = Ledger(
            2 * people, "unit", "job", "tool", "born", "end", "fate", "origin", "founder", "performed", "generic", "entry",
            "users",
        )  # fmt: skip
        self.shares = Ledger(8 * people, "use", "day", "community")
        self.announcements = Ledger(
            4 * units, "day", "unit", "by_unit", "author", "tool", "job", "demand", "planted", "withdrawn"
        )
        # What a leader or a programme began this week and is followed up from the next Monday on: units, tools, jobs.
        self.demands: list[tuple[Ints, Ints, Ints]] = []
        self.programmes: list[tuple[Ints, Ints]] = []
        self.turns: set[int] = {0}  # weeks in which a hazard changes for everybody
        self.planned: dict[int, list[Births]] = {}
        self.draws = self.steps = 0
        self._prepare()

    def _prepare(self) -> None:
        """Propensities, the units' hazards of each tool, and which job a tool is tried on where."""
        dials, company = self.dials, self.company
        sd = dials.propensity_sd
        z = self.chance.stream("propensity").normal(self.who)
        self.propensity = dials.starts / WORKDAYS * np.exp(sd * z - sd * sd / 2 + dials.homophily_log * self.network.trait)
        weight = np.array([tool.weight for tool in TOOLS])
        code = company.code_units()
        self.suits = code[:, None] | ~np.array([tool.code for tool in TOOLS])
        self.base = np.where(self.suits, np.log(weight / weight.sum()), -np.inf)
        self.base += (dials.leader_start_log * self.plan.tells)[:, None]
        self.opened = np.zeros(K, dtype=np.bool_)
        self.turns |= {tool.week for tool in TOOLS}
        self.frailty = dials.team_frailty_sd * self.chance.stream("frailty").normal(np.arange(len(company.units)))
        self.job_end = np.zeros(J)
        for job, log in dials.job_end_log:
            self.job_end[JOB[job]] = log
        self._prepare_work()
        self._prepare_shares()
        self.regroup()

    def _prepare_work(self) -> None:
        """Which job each tool is tried on, who is silent, and who moves or takes over in which week."""
        dials, company = self.dials, self.company
        weights = np.zeros((len(company.departments), K, J))
        for d, department in enumerate(company.departments):
            for job, share in department.jobs:
                able = [not tool.code or job in CODE_JOBS for tool in TOOLS]
                weights[d, :, JOB[job]] = share * np.array(able)
        total = weights.sum(axis=2, keepdims=True)
        # Each row of department and tool is a cumulative share; one row after the other they are one ascending line.
        self.works = np.cumsum(weights, axis=2) / np.where(total > 0, total, 1.0)
        self.line = (self.works.reshape(-1, J) + np.arange(len(weights) * K)[:, None]).reshape(-1)
        self.silent = self.chance.stream("silent").uniform(self.who) < dials.silent_share
        self.streams = {name: self.chance.stream(name) for name in _STREAMS}
        moving = np.flatnonzero(company.moves_on < NEVER)
        self.moves = _by_week(moving, company.moves_on[moving] // 7)
        heirs = np.array(company.successions, dtype=np.int64).reshape(-1, 3)
        self.heirs = _by_week(heirs, (heirs[:, 0] + 6) // 7)  # from the Monday on or after the day

    def _prepare_shares(self) -> None:
        """Rates and waiting times of sharing, and buffers of one number a person."""
        dials, company = self.dials, self.company
        self.slot_author = company.lead_of(self.plan.slot_unit, self.plan.slot_day)
        self.rate = np.zeros_like(self.base)
        self.shocked = 0.0
        self.bound = np.zeros(len(company))
        self.threshold = np.zeros(len(company), dtype=np.uint64)
        # Mean working days between shares: of each unit's lead, and of everybody.
        wait = -1 / np.log1p(-min(max(dials.share_rate / WORKDAYS, 1e-9), 0.999))
        self.lead_wait = wait / (0.3 + 1.4 * self.plan.tells)
        self.wait = np.full(len(company), wait)
        self.wait[self.leads] = self.lead_wait
        self.contacts_at = self.network.contacts * K
        self.generic = np.concatenate(
            [np.array([LONG_AGO]), self.plan.generic]
        )  # before each demand that names nothing, the last

    def team(self, unit: int) -> Ints:
        """Everybody whose unit it is now, those who have not joined yet or have left included."""
        return self.members[self.edges[unit] : self.edges[unit + 1]]

    def work(self, department: Ints, tool: Ints, pick: Floats) -> Ints:
        """Which job a tool is tried on in a department; `pick` in [0, 1)."""
        row = department * K + tool
        return np.minimum(np.searchsorted(self.line, row + pick, side="right") - row * J, J - 1)

    def regroup(self) -> None:
        """After somebody moved."""
        self.members = np.argsort(self.unit, kind="stable")
        self.edges = np.searchsorted(self.unit[self.members], np.arange(len(self.company.units) + 1))


def _by_week(rows: Ints, week: Ints) -> dict[int, Ints]:
    """The rows of each week, in order."""
    return {int(w): rows[week == w] for w in np.unique(week)}


_STREAMS = (
    "start", "point", "work", "perform", "life", "use", "instead", "share", "heir", "mate", "about",
    "follow", "withdraw", "topic tool", "topic job", "volunteer", "volunteer day",
)  # fmt: skip


def fashion(dials: Dials, week: Ints) -> Floats:
    """Talk in a week over talk otherwise: 1 away from the fashion, `hype_height` at its peak, a bell in between."""
    if dials.hype_week is None:
        return np.ones(len(week))
    far = (week - dials.hype_week) / dials.hype_width
    bell: Floats = 1.0 + (dials.hype_height - 1.0) * np.exp(-0.5 * far * far)
    return bell
