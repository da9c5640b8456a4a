"""Answers to the quarterly pulse: no name, no address, only the answers and a large stratum."""

import csv
from pathlib import Path
from typing import TYPE_CHECKING

from groundswell.simulation.catalogue import JOBS
from groundswell.simulation.pulse import HOW
from groundswell.simulation.truth import dates, tool_names

if TYPE_CHECKING:
    from groundswell.simulation.world import World

HEADER = ("Day", "Tool", "Job", "Used", "How", "Expected", "Kept", "Second", "Stratum")

_SECOND = ("no", "yes", "")  # by 0, 1, and -1 for whoever is asked about one day


def write(world: "World", path: Path) -> None:
    """Write one line an answer: a tool used on the day, or "any, no"; shuffled within a quarter, so order tells nothing."""
    rows = world.pulse
    names = (*(d.name.lower() for d in world.company.departments), "")
    columns = (dates(world, rows["day"]), tool_names(rows["tool"]), rows["job"], rows["used"], rows["how"], rows["expected"],
               rows["second"], rows["department"])  # fmt: skip
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADER)
        for day, tool, job, used, how, expected, second, department in zip(*(c.tolist() for c in columns), strict=True):
            said = ("yes", HOW[how]) if used else ("no", "")
            kept = "yes" if used else ""
            writer.writerow((day, tool, JOBS[job], *said, "yes" if expected else "no", kept, _SECOND[second], names[department]))
