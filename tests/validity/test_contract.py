"""Every number of every planted company keeps the contract: what it carries, and what is said where it is withheld."""

import pytest

from groundswell import registry
from groundswell.privacy.hold import hold
from groundswell.privacy.protection import DEFAULT
from groundswell.runs._planted_companies import QUIET, Company
from groundswell.runs._worlds import answers, opened
from groundswell.runs.contract import broken
from groundswell.runs.seen import covered, seen_by
from groundswell.simulation.policy import Dials, Policy

COMPANIES = {
    "nothing differs": Company(people=500, dials=QUIET),
    "a year of nothing but curiosity": Company(people=200, weeks=65, policy=Policy.NONE, dials=Dials(team_size=10, starts=0.1)),
    "no chat": Company(people=300, dials=Dials(missing=frozenset({"chat"}))),
    "no logs": Company(people=300, dials=Dials(missing=frozenset({"usage"}))),
    "few people": Company(people=40, weeks=60),
    "talk with a peak": Company(people=600, dials=Dials(hype_week=24, hype_height=8.0, hype_width=2.0, leader_talk_rate=0.15)),
}


@pytest.mark.validity
@pytest.mark.parametrize("name", COMPANIES)
def test_every_number_of_a_planted_company_keeps_the_contract(name):
    """Of every measure there is, whatever is planted and whatever source is missing."""
    measures = registry.measures()
    with opened(COMPANIES[name].live(seed=5), labels=300) as engine:
        seen = seen_by(engine)
        found = answers(engine, measures)
    for key, finding in found.items():
        held = covered(hold(finding, way=measures[key].exit, protection=DEFAULT), seen.share(measures[key].seen_in))
        assert broken(held, has_chart=seen.people >= 10) == (), key
