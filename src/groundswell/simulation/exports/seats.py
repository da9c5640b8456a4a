"""A plain list of paid seats, as a purchasing department keeps it: every tool without a vendor's own list."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundswell.simulation.catalogue import TOOL, TOOLS
from groundswell.simulation.names import Persona
from groundswell.simulation.traces import snapshot_days
from groundswell.simulation.truth import dates

if TYPE_CHECKING:
    from groundswell.simulation.world import World

HEADER = ("SNAPSHOT", "EMAIL", "TOOL", "ASSIGNED_ON", "LAST_ACTIVE_ON", "MONTHLY_PRICE", "CURRENCY")


def write(world: "World", personas: Sequence[Persona], path: Path) -> None:
    """Write all snapshots but of Copilot's seats; last activity is empty where nobody measures it."""
    held, log = world.seats, world.log
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADER)
        for day in snapshot_days(world):
            last = np.full((len(personas), len(TOOLS)), -1, dtype=np.int64)
            seen = (log["active"] == 1) & (log["day"] <= day)
            last[log["person"][seen], log["tool"][seen]] = log["day"][seen]
            mine = (held["since"] <= day) & (held["until"] > day) & (held["tool"] != TOOL["copilot"])
            snapshot = dates(world, np.array([day]))[0]
            person, tool = held["person"][mine], held["tool"][mine]
            columns = (person, tool, dates(world, held["since"][mine]), dates(world, last[person, tool]))
            for who, what, since, active in zip(*(c.tolist() for c in columns), strict=True):
                writer.writerow((snapshot, personas[who].email, TOOLS[what].name, since, active or "", TOOLS[what].price, "EUR"))
