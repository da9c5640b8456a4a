"""A LiteLLM gateway's daily spend by user: what the company's own agent costs, by day."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from groundswell.simulation.catalogue import TOOL
from groundswell.simulation.names import Persona
from groundswell.simulation.truth import dates
from groundswell.simulation.usage import days_used

if TYPE_CHECKING:
    from groundswell.simulation.world import World

HEADER = ("user_id", "date", "api_key", "model", "model_group", "prompt_tokens", "completion_tokens", "spend", "api_requests",
          "successful_requests", "failed_requests")  # fmt: skip


def write(world: "World", personas: Sequence[Persona], path: Path) -> None:
    """Write LiteLLM_DailyUserSpend rows of everybody who uses the in-house agent, and a service account's."""
    uses = world.course.uses
    use, day = days_used(world.scene)
    mine = uses["tool"][use] == TOOL["harbour"]
    if "usage" in world.dials.missing:
        mine &= False
    use, day = use[mine], day[mine]
    order = np.lexsort((use, day))
    count = 1 + world.chance.stream("requests").poisson(5.0, use * 4096 + day, most=30)
    with path.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(HEADER)
        rows = zip(uses["person"][use[order]].tolist(), dates(world, day[order]).tolist(), count[order].tolist(), strict=True)
        for n, (person, when, requests) in enumerate(rows):
            user = "svc-nightly" if n % 40 == 39 else personas[person].email
            tokens = (1200 * requests, 300 * requests)
            writer.writerow((user, when, f"hash{person:06d}", "harbour-large", "harbour", *tokens, round(0.004 * requests, 4),
                             requests, requests, 0))  # fmt: skip
