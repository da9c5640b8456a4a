"""Claude Code analytics, one page of the vendor's report a month."""

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundswell.simulation.catalogue import TOOL
from groundswell.simulation.names import Persona
from groundswell.simulation.truth import dates

if TYPE_CHECKING:
    from groundswell.simulation.world import World


def write(world: "World", personas: Sequence[Persona], folder: Path) -> None:
    """Write claude_code_<year>-<month>.json; a day on which nobody was active has no rows."""
    log = world.log
    mine = (log["tool"] == TOOL["claude"]) & (log["active"] == 1)
    days = dates(world, log["day"][mine]).tolist()
    months: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for day, person, count in zip(days, log["person"][mine].tolist(), log["interactions"][mine].tolist(), strict=True):
        months[f"{day:%Y-%m}"].append(_row(day.isoformat(), personas[person].email, count))
    for month, rows in months.items():
        page = {"data": rows, "has_more": False, "next_page": None}
        (folder / f"claude_code_{month}.json").write_text(json.dumps(page) + "\n", encoding="utf-8")


def _row(day: str, email: str, count: int) -> dict[str, Any]:
    return {
        "date": f"{day}T00:00:00Z",
        "actor": {"type": "user_actor", "email_address": email},
        "organization_id": "00000000-0000-4000-8000-000000000001",
        "customer_type": "subscription",
        "subscription_type": "enterprise",
        "terminal_type": "vscode",
        "core_metrics": {
            "num_sessions": max(1, count // 3),
            "lines_of_code": {"added": 14 * count, "removed": 3 * count},
            "commits_by_claude_code": count // 4,
            "pull_requests_by_claude_code": count // 8,
        },
        "tool_actions": {
            "edit_tool": {"accepted": count, "rejected": count // 5},
            "multi_edit_tool": {"accepted": 0, "rejected": 0},
            "write_tool": {"accepted": count // 2, "rejected": 0},
            "notebook_edit_tool": {"accepted": 0, "rejected": 0},
        },
        "model_breakdown": [
            {
                "model": "claude-sonnet-4-5",
                "tokens": {
                    "input": 900 * count,
                    "output": 150 * count,
                    "cache_read": 4000 * count,
                    "cache_creation": 300 * count,
                },
                "estimated_cost": {"currency": "USD", "amount": 7 * count},
            }
        ],
    }
