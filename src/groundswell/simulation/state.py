"""What the day loop of a simulated company knows at any moment, and what it writes down."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from groundswell.simulation.catalogue import CODE_JOBS, JOB, JOBS, TOOLS
from groundswell.simulation.chance import Chance, Floats, Ints
from groundswell.simulation.ledger import Ledger
from groundswell.simulation.network import Network
from groundswell.simulation.people import NEVER, Company
from groundswell.simulation.policy import Dials
from groundswell.simulation.programme import Schedule

CAUSES: tuple[str, ...] = ("own", "informal", "formal", "demanded", "announced", "programme", "replaced", "team")
ORIGINS: tuple[str, ...] = ("grassroots", "mandated", "provisioned", "interleaved")
FATES: tuple[str, ...] = ("alive", "abandoned", "replaced", "absorbed")
MEMORY = 42  # days an example is remembered (M4: exposure window of 6 weeks)
LOOK_BACK = 90  # days before a birth in which a demand makes it mandated (M2)
LONG_AGO = -100_000
WORKDAYS = 5
K, J = len(TOOLS), len(JOBS)
Stamps: TypeAlias = npt.NDArray[np.int32]  # the day something was last so, by person or unit and tool


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
        steps: working days stepped.
    """

    uses: dict[str, Ints]
    practices: dict[str, Ints]
    shares: dict[str, Ints]
    announcements: dict[str, Ints]
    draws: int
    steps: int


class State:
    """The state of the day loop; people, units, tools and jobs by dense number."""

    def __init__(self, company: Company, network: Network, plan: Schedule, weeks: int, dials: Dials, chance: Chance) -> None:
        self.company, self.network, self.plan = company, network, plan
        self.weeks, self.dials, self.chance = weeks, dials, chance
        people, units = len(company), len(company.units)
        self.who = np.arange(people, dtype=np.int64)
        self.unit = company.unit_first.copy()
        self.leads = company.lead_first.copy()
        self.using = np.zeros((people, K), dtype=np.uint8)
        self.informal: Stamps = np.full((people, K), LONG_AGO, dtype=np.int32)
        self.informal_from: Stamps = np.full((people, K), -1, dtype=np.int32)
        self.formal: Stamps = np.full((people, K), LONG_AGO, dtype=np.int32)
        self.formal_from: Stamps = np.full((people, K), -1, dtype=np.int32)
        self.practice: Stamps = np.full(units * J * K, -1, dtype=np.int32)
        self.blocked: Stamps = np.full(units * J * K, LONG_AGO, dtype=np.int32)
        self.demanded_tool: Stamps = np.full((units, K), LONG_AGO, dtype=np.int32)
        self.demanded_job: Stamps = np.full((units, J), LONG_AGO, dtype=np.int32)
        self.demanded_until: Stamps = np.full((units, K), LONG_AGO, dtype=np.int32)
        self.demand_work: Stamps = np.full((units, K), -1, dtype=np.int32)
        self.provisioned: Stamps = np.full((units, K), LONG_AGO, dtype=np.int32)
        self.generic = LONG_AGO
        self.uses = Ledger(
            "person", "tool", "job", "unit", "practice", "start", "end", "cause", "whom", "performed", "pushed", "silent",
            "sure", "keeper", "informal", "formal",
        )  # fmt: skip
        self.practices = Ledger(
            "unit", "job", "tool", "born", "end", "fate", "origin", "founder", "performed", "generic", "entry", "users"
        )
        self.shares = Ledger("use", "day", "community")
        self.announcements = Ledger("day", "unit", "by_unit", "author", "tool", "job", "demand", "planted", "withdrawn")
        self.active = np.zeros(0, dtype=np.int64)
        self.pushes: dict[int, list[tuple[Ints, Ints, float]]] = {}
        self.planned: dict[int, list[tuple[Ints, Ints, Ints, Ints]]] = {}
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
        self.suits = np.array([[not tool.code or c for tool in TOOLS] for c in code])
        self.base = np.where(self.suits, np.log(weight / weight.sum()), -np.inf)
        self.base += (dials.leader_start_log * self.plan.tells)[:, None]
        self.opened = np.zeros(K, dtype=np.bool_)
        self.push = np.zeros_like(self.base)
        self.frailty = dials.team_frailty_sd * self.chance.stream("frailty").normal(np.arange(len(company.units)))
        self.job_end = np.zeros(J)
        for job, log in dials.job_end_log:
            self.job_end[JOB[job]] = log
        weights = np.zeros((len(company.departments), K, J))
        for d, department in enumerate(company.departments):
            for job, share in department.jobs:
                able = [not tool.code or job in CODE_JOBS for tool in TOOLS]
                weights[d, :, JOB[job]] = share * np.array(able)
        total = weights.sum(axis=2, keepdims=True)
        self.works = np.cumsum(weights, axis=2) / np.where(total > 0, total, 1.0)
        self.silent = self.chance.stream("silent").uniform(self.who) < dials.silent_share
        self.streams = {name: self.chance.stream(name) for name in _STREAMS}
        moving = np.flatnonzero(company.moves_on < NEVER)
        self.moving = moving[np.argsort(company.moves_on[moving], kind="stable")]
        self.stale = True
        self.members = np.argsort(self.unit, kind="stable")
        self.edges = np.searchsorted(self.unit[self.members], np.arange(len(company.units) + 1))
        self.stale = True
        self.shocked = 0.0
        self.log = self.base
        self.threshold = np.zeros(len(company), dtype=np.uint64)

    def team(self, unit: int) -> Ints:
        """Everybody whose unit it is now, those who have not joined yet or have left included."""
        return self.members[self.edges[unit] : self.edges[unit + 1]]

    def regroup(self) -> None:
        """After somebody moved."""
        self.members = np.argsort(self.unit, kind="stable")
        self.edges = np.searchsorted(self.unit[self.members], np.arange(len(self.edges)))


_STREAMS = (
    "start", "tool", "job", "obey", "cause", "perform", "hidden", "life", "fate", "drop", "instead", "share", "outside",
    "community", "mate", "joins", "about", "follow", "withdraw", "topic tool", "topic job", "volunteer", "volunteer day",
)  # fmt: skip


def fashion(dials: Dials, week: Ints) -> Floats:
    """Talk in a week over talk otherwise: 1 away from the fashion, `hype_height` at its peak, a bell in between."""
    if dials.hype_week is None:
        return np.ones(len(week))
    far = (week - dials.hype_week) / dials.hype_width
    bell: Floats = 1.0 + (dials.hype_height - 1.0) * np.exp(-0.5 * far * far)
    return bell
