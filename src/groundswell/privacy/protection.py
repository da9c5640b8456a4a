"""The floors and the budget that protect people: a company may raise them in its charter, never lower them."""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from types import MappingProxyType

from groundswell.errors import InputError, PrivacyError

SECTION = "protection"
"""Table of charter.toml that may raise a protection."""


@dataclass(frozen=True, kw_only=True)
class Protection:
    """What every release is held to (docs: measures M11 and section 4).

    Attributes:
        least_people: fewest people a released count, or a cell of a table, may rest on.
        least_units: fewest practices, announcements or cascades a result may rest on; measures ask for more, never for less.
        least_own_view: fewest active members of a team that sees its own counts, if it voted for it.
        noised_from: people from which counts of people carry noise; below, floors alone protect.
        sigma_group: standard deviation of the noise in counts of a group, in people.
        sigma_organisation: the same for the whole organisation.
        epsilon: privacy budget of a calendar year; the only one that is raised by making it smaller.
        interval_width: how wide the interval of a suppressed cell must stay for whoever knows the margins, in people.
    """

    least_people: float = 10
    least_units: float = 8
    least_own_view: float = 8
    noised_from: float = 100
    sigma_group: float = 5
    sigma_organisation: float = 12
    epsilon: float = 3.5
    interval_width: float = 10

    def __post_init__(self) -> None:
        for name, least in _DEFAULTS.items():
            value = getattr(self, name)
            if not _at_least_as_safe(name, value, least):
                bound = "at most" if name in SMALLER_IS_SAFER else "at least"
                raise PrivacyError(
                    f"protection.{name}", f"{value} would protect less", expected=f"{bound} {least:g}", remedy="Leave it out"
                )


SMALLER_IS_SAFER = frozenset({"epsilon", "noised_from"})
"""Protections that are raised by making them smaller."""

_DEFAULTS = MappingProxyType({f.name: float(f.default) for f in fields(Protection) if isinstance(f.default, int | float)})


def _at_least_as_safe(name: str, value: float, least: float) -> bool:
    """False for anything that is no number too: a word or a NaN protects nobody."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return 0 < value <= least if name in SMALLER_IS_SAFER else least <= value < float("inf")


DEFAULT = Protection()


def read_protection(charter: Path) -> Protection:
    """The protections of a company: the defaults, raised by `[protection]` in its charter.

    Args:
        charter: the charter file; one that is missing, or has no such table, raises nothing.

    Raises:
        InputError: the file is not TOML, or names a protection there is not.
        PrivacyError: a value protects less than the default.
    """
    if not charter.is_file():
        return DEFAULT
    try:
        raised = tomllib.loads(charter.read_text("utf8")).get(SECTION, {})
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(str(charter), "not TOML", expected="[protection] with lines such as least_people = 15") from error
    unknown = sorted(set(raised) - set(_DEFAULTS)) if isinstance(raised, dict) else [SECTION]
    if unknown:
        raise InputError(str(charter), f"{', '.join(unknown)}: no such protection", expected=", ".join(sorted(_DEFAULTS)))
    return Protection(**raised)
