"""A company whose truth is known: people, ties, tools and what they did, from one seed."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from groundswell.simulation import pulse, truth, usage, work
from groundswell.simulation.acts import Rows, Scene, acts
from groundswell.simulation.chance import Chance
from groundswell.simulation.diffusion import run
from groundswell.simulation.network import Network, acquaint
from groundswell.simulation.people import Company, hire
from groundswell.simulation.places import Places, lay_out
from groundswell.simulation.policy import Dials, Policy, settled
from groundswell.simulation.programme import Schedule, schedule
from groundswell.simulation.state import Course

Table: TypeAlias = Mapping[str, npt.NDArray[np.generic]]


@dataclass(frozen=True)
class World:
    """A simulated company over some weeks; everything below follows from its arguments, byte for byte.

    Attributes:
        people: how many were there on the first day; more join later.
        weeks: how long.
        policy, dials, seed: as given, with every dial settled.
        company, network, plan, places: who works there, who knows whom, what is dated in advance, where they speak.
        course: what happened, as integers.
    """

    people: int
    weeks: int
    policy: Policy
    dials: Dials
    seed: int
    company: Company
    network: Network
    plan: Schedule
    places: Places
    course: Course

    @cached_property
    def chance(self) -> Chance:
        """The source of every further draw."""
        return Chance(self.seed)

    @cached_property
    def scene(self) -> Scene:
        """What acts are made from."""
        return Scene(self.company, self.network, self.plan, self.places, self.course, self.weeks, self.dials, self.chance)

    @cached_property
    def acts(self) -> Rows:
        """Every act that left a trace in chat or code, as integers, by day."""
        return acts(self.scene)

    @cached_property
    def seats(self) -> Rows:
        """Licences, as integers."""
        return usage.seats(self.scene)

    @cached_property
    def log(self) -> Rows:
        """Vendors' logs, as integers, by day."""
        return usage.log(self.scene, self.seats)

    @cached_property
    def artefacts(self) -> Rows:
        """Shared files, as integers, by day."""
        return usage.artefacts(self.scene, self.acts)

    @cached_property
    def work(self) -> Rows:
        """Every piece of work that was done, with AI or without, as integers, by day."""
        return work.done(self.scene)

    @cached_property
    def pulse(self) -> Rows:
        """Answers to the pulse, as integers; `person` is for tests only."""
        return pulse.answers(self.scene)

    @cached_property
    def truth(self) -> Mapping[str, Table]:
        """The planted truth: tables with the nouns of the model, decoded; see `truth.tables`."""
        return truth.tables(self)


def simulate(*, people: int, weeks: int, policy: Policy, seed: int, dials: Dials | None = None) -> World:
    """Let a company of `people` (>= 24) live for `weeks` (>= 1) under a policy.

    Args:
        people: employed on the first day.
        weeks: from `dials.start` on; 52 are a year.
        policy: sets the dials that are left None.
        seed: the only source of chance.
        dials: planted truths; defaults otherwise.

    Returns:
        The world; acts, logs and truth are made on first use.

    Raises:
        ValueError: a company or a period too small to be one.
    """
    if weeks < 1:
        raise ValueError(f"{weeks} weeks; a world lasts at least one")
    set_dials = settled(policy, dials or Dials())
    chance = Chance(seed)
    company = hire(people=people, weeks=weeks, dials=set_dials, chance=chance)
    network = acquaint(company, set_dials, chance)
    plan = schedule(company, network, weeks, set_dials, chance)
    course = run(company, network, plan, weeks, set_dials, chance)
    return World(people, weeks, policy, set_dials, seed, company, network, plan, lay_out(company, network), course)
