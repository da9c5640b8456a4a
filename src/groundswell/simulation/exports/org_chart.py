"""HR snapshots of the org chart as one CSV."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundswell.simulation.names import Persona
from groundswell.simulation.traces import Ids, positions

if TYPE_CHECKING:
    from groundswell.simulation.world import World

HEADER = (
    "EMPLOYEE_ID", "EMPLOYEE_EMAIL", "NAME", "DEPARTMENT", "ROLE", "SITE", "SNAPSHOT", "MANAGER_ID", "JOIN_DATE", "LEAVE_DATE",
)  # fmt: skip


def employee_id(person: int) -> str:
    """The number HR gives a person."""
    return f"E{person + 1:06d}"


def write(world: "World", personas: Sequence[Persona], path: Path) -> None:
    """Write every snapshot: DEPARTMENT is the unit's own name; an empty date is "still here"."""
    ids = Ids(world.seed)
    number = {int(h): i for i, h in enumerate(ids.of("person", np.arange(len(personas))))}
    rows = positions(world, ids)
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADER)
        names = ("actor", "manager", "unit", "role", "site", "day", "joined_on", "left_on")
        for actor, manager, unit, role, site, day, joined, left in zip(*(rows[name].tolist() for name in names), strict=True):
            person = number[actor]
            writer.writerow(
                (
                    employee_id(person),
                    personas[person].email,
                    personas[person].name,
                    unit,
                    role,
                    site,
                    day,
                    employee_id(number[manager]) if manager else "",
                    joined,
                    left or "",
                )
            )
