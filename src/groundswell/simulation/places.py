"""Where people speak and commit in a simulated company."""

from dataclasses import dataclass

import numpy as np

from groundswell.simulation.chance import Bools, Ints
from groundswell.simulation.network import Network
from groundswell.simulation.people import Company

GENERAL, ANNOUNCEMENTS = 0, 1
_UNITS_A_REPOSITORY = 6


@dataclass(frozen=True, kw_only=True)
class Places:
    """Channels and repositories by dense number: general, announcements, departments, units, communities, repositories.

    Attributes:
        names: place -> name, as an export writes it.
        readers: place -> people who read there on day 0; everybody for the first two.
        units, communities, repositories: number of the first place of each kind.
        repository: unit -> the repository its people commit to; -1 without one.
    """

    names: tuple[str, ...]
    readers: Ints
    units: int
    communities: int
    repositories: int
    repository: Ints

    def is_repository(self, place: Ints) -> Bools:
        """Whether a place holds commits rather than messages."""
        code: Bools = place >= self.repositories
        return code


def lay_out(company: Company, network: Network) -> Places:
    """The channels and repositories of a company."""
    departments = [d.name.lower() for d in company.departments]
    units = [f"team-{name.lower().replace(' ', '-')}" for name in company.units]
    communities = [f"circle-{_WORDS[c % len(_WORDS)]}{c // len(_WORDS) or ''}" for c in range(network.communities)]
    code = np.flatnonzero(company.code_units())
    repository = np.full(len(units), -1, dtype=np.int64)
    first = 2 + len(departments) + len(units) + len(communities)
    repository[code] = first + np.arange(len(code)) // _UNITS_A_REPOSITORY
    count = -(-len(code) // _UNITS_A_REPOSITORY)
    repositories = ["product" if n == 0 else f"service-{n}" for n in range(count)]
    here = company.joined_on == 0
    in_unit = np.bincount(company.unit_first[here], minlength=len(units))
    in_department = np.bincount(company.department, weights=in_unit, minlength=len(departments)).astype(np.int64)
    in_community = np.bincount(network.community[here[network.member]], minlength=network.communities)
    in_repository = np.bincount(
        np.maximum(repository - first, 0), weights=np.where(repository >= 0, in_unit, 0), minlength=count
    ).astype(np.int64)[:count]
    everybody = np.full(2, int(here.sum()), dtype=np.int64)
    return Places(
        names=("general", "announcements", *departments, *units, *communities, *repositories),
        readers=np.concatenate([everybody, in_department, in_unit, in_community, in_repository]),
        units=2 + len(departments),
        communities=2 + len(departments) + len(units),
        repositories=first,
        repository=repository,
    )


_WORDS = (
    "tides", "lanterns", "gardens", "maps", "kites", "harbours", "orchards", "bridges", "clocks", "rivers", "looms", "beacons",
    "quarries", "meadows", "ferries", "compasses", "anvils", "archives", "canals", "terraces",
)  # fmt: skip
