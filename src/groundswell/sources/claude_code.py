"""Claude Code analytics: sessions a person and a day, as the vendor's admin API answers."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family
from groundswell.sources._ledger import UsageLog, kind_of, whole
from groundswell.sources._pages import has_keys, json_head, records, utc_day
from groundswell.sources._rows import batches

TOOL = "claude"
"""Same name as in trailers of commits, so that the two families can agree about one tool."""


class _Actor(msgspec.Struct):
    type: str = ""
    email_address: str | None = None
    api_key_name: str | None = None


class _Core(msgspec.Struct):
    num_sessions: float | None = None
    commits_by_claude_code: float | None = None
    pull_requests_by_claude_code: float | None = None


class _Decisions(msgspec.Struct):
    accepted: float = 0
    rejected: float = 0


class _Day(msgspec.Struct):
    date: str
    actor: _Actor
    core_metrics: _Core
    tool_actions: dict[str, _Decisions] | None = None


def recognise(path: Path) -> Export | None:
    """An answer of the analytics endpoint, by the keys only it has."""
    return Export("claude_code", path) if has_keys(json_head(path), "core_metrics", "num_sessions", "actor") else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Sessions by person and day; terminals of one person are added up, API keys are agents."""
    log = UsageLog(door, "claude_code")
    for where, row in records(export.path, door, _Day, "data"):
        day = utc_day(row.date)
        if day is None:
            door.skip("no usable date", where=where)
            continue
        actor, kind = _who(row.actor, door)
        core = row.core_metrics
        did = any((core.num_sessions, core.commits_by_claude_code, core.pull_requests_by_claude_code))
        did = did or any(tool.accepted + tool.rejected for tool in (row.tool_actions or {}).values())
        log.add(day, TOOL, actor, kind, whole(core.num_sessions), active=did, where=where)
    yield from batches(log.rows(), door)


def _who(actor: _Actor, door: DoorLike) -> tuple[int, ActorKind]:
    if actor.email_address:
        return door.person(email=actor.email_address), kind_of(door, email=actor.email_address)
    # An API key may bear a person's name; it still is a program that calls.
    return door.person(native=f"claude-key:{actor.api_key_name}") if actor.api_key_name else 0, ActorKind.AGENT


SOURCE = Source(
    name="claude_code",
    title="Claude Code analytics",
    family=Family.USAGE,
    fields=("date", "actor.type", "actor.email_address", "actor.api_key_name", "core_metrics", "tool_actions"),
    shows=("who used Claude Code on which day, and in how many sessions",),
    never=(
        "what it was used for",
        "use through another cloud's model service, which the vendor does not count here",
        "use of Claude in the browser or the desktop application",
        "what was billed: the cost in it is an estimate in cents at list price",
    ),
    traps=(
        "an API key may run a robot: it is an agent, never a person",
        "a session left open over midnight belongs to the day it began",
        "the last hours before the export are still incomplete",
        "lines and commits count what the tool wrote, not what was kept",
    ),
    recognise=recognise,
    read=read,
)
