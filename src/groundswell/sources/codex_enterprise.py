"""Codex Enterprise analytics: turns by member and day of a ChatGPT workspace."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family, UsageDay, UsageTotal
from groundswell.sources._ledger import UsageLog, kind_of, total, whole
from groundswell.sources._pages import has_keys, json_head, records, utc_day
from groundswell.sources._rows import batches

TOOL = "codex"


class _Totals(msgspec.Struct):
    turns: float | None = None
    threads: float | None = None
    users: float | None = None


class _Actor(msgspec.Struct):
    email: str | None = None


class _Client(msgspec.Struct):
    client_id: str | None = None


class _Row(msgspec.Struct):
    start_time: str | float
    totals: _Totals
    end_time: str | float | None = None
    user_id: str | None = None
    actor: _Actor | None = None
    clients: list[_Client] | None = None


def recognise(path: Path) -> Export | None:
    """Workspace usage, by the counters only this service has."""
    return (
        Export("codex_enterprise", path)
        if has_keys(json_head(path), "start_time", "totals", "threads", "turns", "credits")
        else None
    )


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Turns by person and day; a row without a member is the workspace's total."""
    yield from batches(_rows(export.path, door), door)


def _rows(path: Path, door: DoorLike) -> Iterator[UsageDay | UsageTotal]:
    log = UsageLog(door, "codex_enterprise")
    for where, row in records(path, door, _Row, "data"):
        day, end = utc_day(row.start_time, per_second=1), utc_day(row.end_time, per_second=1)
        if day is None or (end is not None and (end - day).days > 1):
            door.skip("no usable date" if day is None else "row longer than a day", where=where)
            continue
        turns = whole(row.totals.turns if row.totals.turns is not None else row.totals.threads)
        email = (row.actor.email if row.actor else None) or ""
        if not email and not row.user_id:
            yield total(door, "codex_enterprise", day, TOOL, people=whole(row.totals.users), interactions=turns)
            continue
        actor = door.person(email=email, native=f"chatgpt-user:{row.user_id}" if row.user_id else "")
        active = turns != 0 and not _only_review(row)
        log.add(day, TOOL, actor, kind_of(door, email=email), turns, active=active, where=where)
    yield from log.rows()


def _only_review(row: _Row) -> bool:
    """True where every client was the automatic review of pull requests."""
    names = [(client.client_id or "").casefold() for client in row.clients or ()]
    return bool(names) and all("review" in name for name in names)


SOURCE = Source(
    name="codex_enterprise",
    title="Codex Enterprise analytics",
    family=Family.USAGE,
    fields=("start_time", "end_time", "user_id", "actor.email", "totals.turns", "totals.threads", "clients.client_id"),
    shows=("who worked with Codex on which day, and in how many turns",),
    never=("what was asked", "ChatGPT outside Codex", "use under a private key or account"),
    traps=(
        "only about one branch in twenty-five made with Codex carries a mark in git: the two will not agree in number",
        "a day on which only the automatic review ran is not active",
        "rows of a week or a month are passed over: export by day",
        "a workspace total counts people once, and cannot be added over days",
    ),
    recognise=recognise,
    read=read,
)
