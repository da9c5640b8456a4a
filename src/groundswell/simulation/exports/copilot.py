"""GitHub Copilot files: the users-1-day report as NDJSON, and the seats of each snapshot as JSON."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from groundswell.simulation.catalogue import TOOL
from groundswell.simulation.names import Persona
from groundswell.simulation.traces import snapshot_days
from groundswell.simulation.truth import dates

if TYPE_CHECKING:
    from groundswell.simulation.world import World

_ORGANISATION = 4711
_FIRST_USER = 800_000


def write(world: "World", personas: Sequence[Persona], folder: Path) -> None:
    """Write copilot_users_1_day.ndjson and copilot_seats_<date>.json for each snapshot."""
    _write_users(world, personas, folder / "copilot_users_1_day.ndjson")
    for day in snapshot_days(world):
        date = dates(world, np.array([day]))[0]
        held = _seats(world, personas, day)
        if not held["seats"]:  # nothing bought yet
            continue
        content = json.dumps(held, indent=1) + "\n"
        (folder / f"copilot_seats_{date}.json").write_text(content, encoding="utf-8")


def _write_users(world: "World", personas: Sequence[Persona], path: Path) -> None:
    log = world.log
    mine = log["tool"] == TOOL["copilot"]
    day = dates(world, log["day"][mine]).tolist()
    with path.open("w", encoding="utf-8") as out:
        for when, person, count in zip(day, log["person"][mine].tolist(), log["interactions"][mine].tolist(), strict=True):
            out.write(json.dumps(_user(when.isoformat(), person, personas[person].login, count)) + "\n")


def _user(day: str, person: int, login: str, count: int) -> dict[str, Any]:
    """One row; nothing but a review that came by itself when the count is 0."""
    return {
        "user_id": _FIRST_USER + person,
        "user_login": login,
        "day": day,
        "organization_id": _ORGANISATION,
        "enterprise_id": 12,
        "user_initiated_interaction_count": count,
        "code_generation_activity_count": 2 * count,
        "code_acceptance_activity_count": count // 2,
        "loc_suggested_to_add_sum": 9 * count,
        "loc_suggested_to_delete_sum": 0,
        "loc_added_sum": 5 * count,
        "loc_deleted_sum": count,
        "used_chat": count > 0,
        "used_agent": count > 5,
        "used_cli": False,
        "used_copilot_coding_agent": False,
        "used_copilot_code_review_active": count > 7,
        "used_copilot_code_review_passive": count == 0,
        "totals_by_ide": [{"ide": "vscode", "user_initiated_interaction_count": count}] if count else [],
        "totals_by_feature": [{"feature": "chat_panel", "user_initiated_interaction_count": count}] if count else [],
    }


def _seats(world: "World", personas: Sequence[Persona], day: int) -> dict[str, Any]:
    held, log = world.seats, world.log
    mine = np.flatnonzero((held["tool"] == TOOL["copilot"]) & (held["since"] <= day) & (held["until"] > day))
    last = np.full(len(world.company), -1, dtype=np.int64)
    seen = (log["tool"] == TOOL["copilot"]) & (log["active"] == 1) & (log["day"] <= day) & (log["day"] > day - 90)
    last[log["person"][seen]] = log["day"][seen]
    snapshot = dates(world, np.array([day]))[0]
    seats = []
    for seat in mine.tolist():
        person = int(held["person"][seat])
        since = dates(world, held["since"][seat : seat + 1])[0]
        active = dates(world, last[person : person + 1])[0] if last[person] >= 0 else None
        seats.append(
            {
                "created_at": f"{since}T09:00:00Z",
                "updated_at": f"{snapshot}T04:00:00Z",
                "pending_cancellation_date": None,
                "last_activity_at": None if active is None else f"{active}T15:30:00Z",
                "last_activity_editor": None if active is None else "vscode/1.96.2/copilot/1.250",
                "plan_type": "business",
                "assignee": {"login": personas[person].login, "id": _FIRST_USER + person, "type": "User"},
                "assigning_team": None,
            }
        )
    return {"total_seats": len(seats), "seats": seats}
