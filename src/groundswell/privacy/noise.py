"""Gaussian noise on counts, and what it costs: OpenDP's, never our own."""

from collections.abc import Sequence
from functools import cache
from math import sqrt
from typing import Any

SENSITIVITY = 1.0
"""Each person adds 0 or 1 to one cell of a noised count: the L2 distance between the answers with and without them."""


def add(counts: Sequence[int], *, sigma: float) -> list[int]:
    """Add discrete Gaussian noise to counts of people.

    Args:
        counts: exact counts, each in 0 .. 2**31 - 1.
        sigma: standard deviation of the noise, in people.

    Returns:
        Noised counts; negative values are kept, because clipping them would bias every sum.

    Source: discrete Gaussian mechanism, Canonne, Kamath & Steinke 2020, as OpenDP implements it.
    """
    return [int(n) for n in _gaussian(sigma)(list(counts))]


def rho(*, sigma: float, moves: int = 1) -> float:
    """What one noised release costs, in zero-concentrated differential privacy (Bun & Steinke 2016).

    Args:
        sigma: standard deviation of the noise, in people.
        moves: how many cells one person can move, by 1 each; the L2 sensitivity is its square root.
    """
    cost: float = _gaussian(sigma).map(SENSITIVITY * sqrt(moves))
    return cost


@cache
def epsilon(total_rho: float, *, delta: float) -> float:
    """The epsilon of approximate differential privacy that a total of rho amounts to, by OpenDP's own conversion.

    Args:
        total_rho: sum of the costs of all releases; 0 costs nothing.
        delta: probability with which the bound may fail.
    """
    if total_rho <= 0:
        return 0.0
    import opendp.prelude as dp

    _enable()
    # One release of this scale costs total_rho exactly; zCDP costs add up, so it stands for all of them together.
    whole: Any = dp.m.make_gaussian(*_space(), scale=sqrt(1 / (2 * total_rho)))
    profile: Any = dp.c.make_zCDP_to_approxDP(whole)
    return float(profile.map(SENSITIVITY).epsilon(delta))


@cache
def _gaussian(sigma: float) -> Any:
    import opendp.prelude as dp

    _enable()
    return dp.m.make_gaussian(*_space(), scale=float(sigma))


def _space() -> tuple[Any, Any]:
    import opendp.prelude as dp

    return dp.vector_domain(dp.atom_domain(T="i32")), dp.l2_distance(T="f64")


@cache
def _enable() -> None:
    """OpenDP asks to be told that mechanisms without a published proof are accepted; the Gaussian is one of them."""
    import opendp.prelude as dp

    dp.enable_features("contrib")
