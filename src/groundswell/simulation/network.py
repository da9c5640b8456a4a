"""Who knows whom across teams: informal communities and the ties inside them."""

from dataclasses import dataclass

import numpy as np

from groundswell.simulation.chance import Chance, Floats, Ints, expand
from groundswell.simulation.people import Company
from groundswell.simulation.policy import Dials

_SIZE = 24  # people whose first community it is
_SECOND = 0.25  # share of people who belong to a second one


@dataclass(frozen=True, kw_only=True)
class Network:
    """Informal ties, between people of different teams only.

    Attributes:
        trait: person -> a latent trait, standard normal.
        member, community: rows of membership, sorted by person; everybody has one or two.
        first: person -> first of their rows of membership; one longer than the people.
        communities: how many.
        contacts, tied_in, edges: compressed rows: the contacts of person i are contacts[edges[i]:edges[i + 1]], tied in
            community tied_in[...]; every tie stands in both directions. A person's contacts are in order of community.
        reach: row of membership r -> the ties inside that community are contacts[reach[r, 0]:reach[r, 1]].
    """

    trait: Floats
    member: Ints
    community: Ints
    first: Ints
    communities: int
    contacts: Ints
    tied_in: Ints
    edges: Ints
    reach: Ints

    def membership(self, who: Ints, pick: Floats) -> Ints:
        """One row of membership of each person; `pick` in [0, 1) chooses when there are two."""
        first = self.first[who]
        return first + (pick * (self.first[who + 1] - first)).astype(np.int64)

    def row_of(self, who: Ints, pick: Floats) -> Ints:
        """One community of each person; `pick` in [0, 1) chooses when there are two."""
        return self.community[self.membership(who, pick)]


def acquaint(company: Company, dials: Dials, chance: Chance) -> Network:
    """Draw communities that cross teams, more alike in trait the higher `assortment`, and ties inside them."""
    people = len(company)
    who = np.arange(people, dtype=np.int64)
    trait = chance.stream("trait").normal(who)
    communities = max(3, people // _SIZE)
    first = _blocks(trait, communities, dials.assortment, chance, "community")
    second = _blocks(trait, communities, dials.assortment, chance, "second")
    both = (chance.stream("two").uniform(who) < _SECOND) & (first != second)
    member = np.concatenate([who, who[both]])
    community = np.concatenate([first, second[both]])
    order = np.lexsort((community, member))
    member, community = member[order], community[order]
    one, other, where = _ties(member, community, communities, company.unit_first, dials.informal_degree, chance)
    edges = np.searchsorted(one, np.arange(people + 1))
    inside, mine = one * communities + where, member * communities + community
    reach = np.stack([np.searchsorted(inside, mine), np.searchsorted(inside, mine, side="right")], axis=1)
    return Network(
        trait=trait,
        member=member,
        community=community,
        first=np.searchsorted(member, np.arange(people + 1)),
        communities=communities,
        contacts=other,
        tied_in=where,
        edges=edges,
        reach=reach,
    )


def _blocks(trait: Floats, communities: int, assortment: float, chance: Chance, name: str) -> Ints:
    """Rank people by trait and noise, and cut the ranking into communities of one size."""
    noise = chance.stream(name).normal(np.arange(len(trait)))
    rank = np.argsort(np.argsort(np.sqrt(assortment) * trait + np.sqrt(1 - assortment) * noise, kind="stable"), kind="stable")
    blocks: Ints = rank * communities // len(trait)
    return blocks


def _ties(member: Ints, community: Ints, communities: int, unit: Ints, degree: float, chance: Chance) -> tuple[Ints, Ints, Ints]:
    """Every member picks contacts in each community; a pick makes a tie both ways, ties within a team are dropped."""
    order = np.argsort(community, kind="stable")
    edges = np.searchsorted(community[order], np.arange(communities + 1))
    picks = chance.stream("picks").poisson(degree / 2 / (1 + _SECOND), np.arange(len(member)))
    row, nth = expand(picks)
    size = edges[community[row] + 1] - edges[community[row]]
    at = edges[community[row]] + chance.stream("pick").below(size, row * 16 + nth)
    one, other, where = member[row], member[order[at]], community[row]
    keep = unit[one] != unit[other]
    one, other, where = one[keep], other[keep], where[keep]
    one, other, where = np.concatenate([one, other]), np.concatenate([other, one]), np.concatenate([where, where])
    order = np.lexsort((where, other, one))
    one, other, where = one[order], other[order], where[order]
    fresh = np.ones(len(one), dtype=np.bool_)
    fresh[1:] = (one[1:] != one[:-1]) | (other[1:] != other[:-1])
    one, other, where = one[fresh], other[fresh], where[fresh]
    order = np.lexsort((other, where, one))
    return one[order], other[order], where[order]
