"""The list of what was done on a date, as whoever runs trainings and rollouts keeps it."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundswell.simulation.programme import KINDS
from groundswell.simulation.truth import dates, tool_names

if TYPE_CHECKING:
    from groundswell.simulation.world import World

HEADER = ("DATE", "KIND", "TOOL", "UNIT")


def write(world: "World", path: Path) -> None:
    """Write a row a unit of the departments concerned, or one where everybody is; joint projects are in nobody's list."""
    events, company = world.plan.events, world.company
    day, tool = dates(world, events.day), tool_names(events.tool)
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADER)
        for at in np.flatnonzero(events.kind != KINDS.index("project")).tolist():
            department = int(events.department[at])
            units = (
                ("",)
                if department < 0
                else (u for u, d in zip(company.units, company.department, strict=True) if d == department)
            )
            for unit in units:
                writer.writerow((day[at], KINDS[int(events.kind[at])], tool[at], unit))
