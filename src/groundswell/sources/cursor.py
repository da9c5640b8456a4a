"""Cursor: requests a person and a day from the team's daily usage, and single requests with their charge."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family
from groundswell.sources._ledger import SpendLog, UsageLog, kind_of, money, whole
from groundswell.sources._pages import has_keys, json_head, records, utc_day
from groundswell.sources._rows import batches

TOOL = "cursor"
CENTS = Decimal(100)


class _Row(msgspec.Struct):
    # a day of a person
    email: str | None = None
    user_id: str | float | None = msgspec.field(default=None, name="userId")
    day: str | None = None
    date: str | float | None = None
    is_active: bool | None = msgspec.field(default=None, name="isActive")
    composer: float | None = msgspec.field(default=None, name="composerRequests")
    chat: float | None = msgspec.field(default=None, name="chatRequests")
    agent: float | None = msgspec.field(default=None, name="agentRequests")
    inline: float | None = msgspec.field(default=None, name="cmdkUsages")
    applies: float | None = msgspec.field(default=None, name="totalApplies")
    accepts: float | None = msgspec.field(default=None, name="totalAccepts")
    rejects: float | None = msgspec.field(default=None, name="totalRejects")
    tabs: float | None = msgspec.field(default=None, name="totalTabsAccepted")
    # a single request
    timestamp: str | float | None = None
    user_email: str | None = msgspec.field(default=None, name="userEmail")
    charged: str | float | None = msgspec.field(default=None, name="chargedCents")
    headless: bool | None = msgspec.field(default=None, name="isHeadless")
    service: str | None = msgspec.field(default=None, name="serviceAccountId")


def recognise(path: Path) -> Export | None:
    """Daily usage of a team, or its single requests, by keys only this vendor writes."""
    start = json_head(path)
    daily = has_keys(start, "composerRequests", "totalApplies")
    events = has_keys(start, "userEmail", "chargedCents") or has_keys(start, "userEmail", "kindLabel", "maxMode")
    return Export("cursor", path) if daily or events else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Requests by person and day; what was merely shown, and the automatic review, is not use."""
    usage, spend = UsageLog(door, "cursor"), SpendLog(door, "cursor")
    for where, row in records(export.path, door, _Row, "data", "usageEvents", "usageEventsDisplay"):
        if row.timestamp is None:
            _add_day(row, where, usage, door)
        else:
            _add_event(row, where, usage, spend, door)
    yield from batches(usage.rows(), door)
    yield from batches(spend.rows(), door)


def _add_day(row: _Row, where: str, usage: UsageLog, door: DoorLike) -> None:
    day = utc_day(row.day) or utc_day(row.date, per_second=1_000)
    if day is None:
        door.skip("no usable date", where=where)
        return
    asked = [whole(n) for n in (row.composer, row.chat, row.agent, row.inline)]
    requests = sum(n for n in asked if n is not None) if any(n is not None for n in asked) else None
    handled = [n for n in (row.applies, row.accepts, row.rejects, row.tabs) if n is not None]
    counted = requests is not None or bool(handled)
    active = bool(requests or any(handled)) if counted else bool(row.is_active)
    actor, kind = _who(row, row.email or "", door)
    usage.add(day, TOOL, actor, kind, requests, active=active, where=where)


def _add_event(row: _Row, where: str, usage: UsageLog, spend: SpendLog, door: DoorLike) -> None:
    day = utc_day(row.timestamp, per_second=1_000)
    if day is None:
        door.skip("no usable date", where=where)
        return
    charged = money(row.charged)
    if charged:
        spend.add(day, TOOL, charged / CENTS, "USD")
    actor, kind = _who(row, row.user_email or "", door)
    usage.add(day, TOOL, actor, kind, 1, active=not row.headless, where=where)


def _who(row: _Row, email: str, door: DoorLike) -> tuple[int, ActorKind]:
    if row.service:
        return door.person(native=f"cursor-service:{row.service}"), ActorKind.BOT
    native = f"cursor:{row.user_id:.0f}" if isinstance(row.user_id, float) else f"cursor:{row.user_id}" if row.user_id else ""
    return door.person(email=email, native=native), kind_of(door, email=email)


SOURCE = Source(
    name="cursor",
    title="Cursor usage",
    family=Family.USAGE,
    fields=("day or date", "email", "userId", "requests of each kind", "applies, accepts, rejects", "timestamp", "chargedCents"),
    shows=("who asked Cursor for something on which day, and how often", "what single requests were charged"),
    never=(
        "what was asked",
        "use under a private account",
        "what the plan itself costs: only requests charged beyond or within it",
    ),
    traps=(
        "a call answers for 30 days at most: keep each export",
        "a completion shown and not taken is no use; the automatic review of pull requests is not the author's use",
        "the charge is in cents; the monthly spend includes the plan, so the excess is spend minus what is included",
        "a person who only used the application's editor may be marked active",
        "daily rows and single requests tell the same use; where both are given the fuller one counts",
    ),
    recognise=recognise,
    read=read,
)
