"""Claude Enterprise analytics: what each member did by day in chat, code, office and cowork, and what it cost."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family
from groundswell.sources._ledger import SpendLog, UsageLog, kind_of, money, whole
from groundswell.sources._pages import has_keys, json_head, records, utc_day
from groundswell.sources._rows import batches
from groundswell.sources._snapshot import fingerprint, named_day

TOOL = "claude"
CENTS = Decimal(100)
PASSIVE = frozenset({"monitoring", "proactive", "scheduled"})
"""Categories in which the tool acts in a chat without being addressed."""


class _Counts(msgspec.Struct):
    messages: float | None = msgspec.field(default=None, name="message_count")


class _CodeCore(msgspec.Struct):
    sessions: float | None = msgspec.field(default=None, name="distinct_session_count")


class _Code(msgspec.Struct):
    core: _CodeCore | None = msgspec.field(default=None, name="core_metrics")


class _Member(msgspec.Struct):
    email_address: str | None = None
    email: str | None = None
    id: str | None = None
    user_id: str | None = None


class _Row(msgspec.Struct):
    user: _Member | None = None
    actor: _Member | None = None
    date: str | None = None
    activity_date: str | None = None
    starting_at: str | None = None
    ending_at: str | None = None
    chat: _Counts | None = msgspec.field(default=None, name="chat_metrics")
    code: _Code | None = msgspec.field(default=None, name="claude_code_metrics")
    office: dict[str, _Counts] | None = msgspec.field(default=None, name="office_metrics")
    cowork: _Counts | None = msgspec.field(default=None, name="cowork_metrics")
    design: _Counts | None = msgspec.field(default=None, name="design_metrics")
    requests: float | None = None
    amount: str | None = None
    currency: str | None = None
    category: str | None = msgspec.field(default=None, name="claude_tag_category")
    group: str | None = msgspec.field(default=None, name="rbac_group_id")


def recognise(path: Path) -> Export | None:
    """Members with their metrics of a day, or usage and cost by member."""
    start = json_head(path)
    members = has_keys(start, "chat_metrics", "distinct_conversation_count")
    reports = has_keys(start, "actor", "user_id", "requests") and (
        has_keys(start, "list_amount") or has_keys(start, "uncached_input_tokens")
    )
    return Export("claude_enterprise", path) if members or (reports and not has_keys(start, "results")) else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """What was done by person and day, and money by day."""
    usage, spend = UsageLog(door, "claude_enterprise"), SpendLog(door, "claude_enterprise")
    for where, row in records(export.path, door, _Row, "data"):
        day = _one_day(row) or (named_day(export.path) if row.actor is None else None)
        if day is None:
            door.skip("row of more than a day, or without one", where=where)
            continue
        if row.amount is not None and row.group is None:
            amount = money(row.amount)
            if amount is not None:
                spend.add(day, TOOL, amount / CENTS, row.currency or "USD")
        actor, kind = _who(row.actor or row.user, door)
        done = _done(row) if row.actor is None else None if row.group else whole(row.requests)
        active = bool(done) if row.actor is None else row.category not in PASSIVE and done != 0
        usage.add(day, TOOL, actor, kind, done, active=active, where=where)
    yield from batches(usage.rows(), door)
    yield from batches(spend.rows(), door)


def _one_day(row: _Row) -> date | None:
    start, end = utc_day(row.starting_at), utc_day(row.ending_at)
    if start and end and (end - start).days > 1:
        return None
    return utc_day(row.date) or utc_day(row.activity_date) or (start if end else None)


def _done(row: _Row) -> int | None:
    sessions = row.code.core.sessions if row.code and row.code.core else None
    messages = [part.messages for part in (row.chat, row.cowork, row.design, *(row.office or {}).values()) if part]
    counted = [count for n in (*messages, sessions) if (count := whole(n)) is not None]
    return sum(counted) if counted else None


def _who(member: _Member | None, door: DoorLike) -> tuple[int, ActorKind]:
    if member is None:
        return 0, ActorKind.PERSON
    email, native = member.email_address or member.email or "", member.user_id or member.id or ""
    actor = door.person(email=email, native=f"claude-user:{native}" if native else "")
    # The vendor gives its own services a name but no address; a deleted member has neither.
    return actor, kind_of(door, email=email) if email else ActorKind.BOT


SOURCE = Source(
    name="claude_enterprise",
    title="Claude Enterprise analytics",
    family=Family.USAGE,
    fields=("user", "chat_metrics", "claude_code_metrics", "office_metrics", "cowork_metrics", "actor", "requests", "amount"),
    shows=("who wrote to Claude, or had a session with it, on which day", "what usage beyond the seats cost by day"),
    never=("what was asked", "use under a private account", "anything before 2026, or more than a year back"),
    traps=(
        "members carry no date in the vendor's answer: the day is then read from the file's name",
        "a report over a range without a bucket width is no person-day and is passed over",
        "amounts are decimal texts in cents",
        "a member of two groups stands in both groups' rows: counts of grouped rows are not added",
        "messages and sessions are added up: the number says how much, not how often of what",
        "figures can be revised until a week after the month ends: keep the later export",
    ),
    recognise=recognise,
    read=read,
    fingerprint=fingerprint,
)
