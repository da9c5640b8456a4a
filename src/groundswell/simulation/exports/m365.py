"""Microsoft 365 Copilot usage reports, one CSV a snapshot, licensed users only."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundswell.simulation.catalogue import TOOL
from groundswell.simulation.names import Persona
from groundswell.simulation.traces import snapshot_days
from groundswell.simulation.truth import dates

if TYPE_CHECKING:
    from groundswell.simulation.world import World

_APPS = ("Microsoft Teams Copilot", "Word Copilot", "Excel Copilot", "PowerPoint Copilot", "Outlook Copilot", "OneNote Copilot",
         "Loop Copilot", "Copilot Chat")  # fmt: skip
HEADER = ("Report Refresh Date", "Report Period", "User Principal Name", "Display Name", "Last Activity Date",
          *(f"{app} Last Activity Date" for app in _APPS))  # fmt: skip
_PERIOD = 90  # days


def write(world: "World", personas: Sequence[Persona], folder: Path) -> None:
    """Write m365_copilot_<date>.csv for each snapshot; an empty date is no activity in the period."""
    held, log = world.seats, world.log
    tool = TOOL["m365_copilot"]
    for day in snapshot_days(world):
        mine = held["person"][(held["tool"] == tool) & (held["since"] <= day) & (held["until"] > day)]
        last = np.full(len(personas), -1, dtype=np.int64)
        seen = (log["tool"] == tool) & (log["active"] == 1) & (log["day"] <= day) & (log["day"] > day - _PERIOD)
        last[log["person"][seen]] = log["day"][seen]
        refreshed = dates(world, np.array([day]))[0]
        if not len(mine):
            continue
        with (folder / f"m365_copilot_{refreshed}.csv").open("w", newline="", encoding="utf-8-sig") as out:
            writer = csv.writer(out, lineterminator="\r\n")
            writer.writerow(HEADER)
            for person, active in zip(mine.tolist(), dates(world, last[mine]).tolist(), strict=True):
                apps = ["" if active is None or (person + n) % 3 else active for n in range(len(_APPS))]
                name = personas[person]
                writer.writerow((refreshed, f"D{_PERIOD}", name.email, name.name, active or "", *apps))
