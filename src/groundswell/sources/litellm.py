"""LiteLLM gateway: requests and money by user and day, from its log of requests or its daily table; prompts stay unread."""

import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family
from groundswell.sources._csv import Columns, Table, need_table, open_table
from groundswell.sources._ledger import SpendLog, UsageLog, handles, kind_of, money, whole
from groundswell.sources._pages import has_keys, json_head, records, utc_day
from groundswell.sources._rows import batches
from groundswell.sources._tools import tool_of_model

CURRENCY = "USD"
"""The gateway reckons in dollars whatever the provider bills in."""

SHELLS = (
    (re.compile(r"claude-(cli|code)", re.I), "claude"),
    (re.compile(r"\bcodex", re.I), "codex"),
    (re.compile(r"\bcursor", re.I), "cursor"),
    (re.compile(r"gemini-cli", re.I), "gemini"),
    (re.compile(r"copilot", re.I), "copilot"),
    (re.compile(r"opencode", re.I), "opencode"),
)
"""What the calling program says of itself tells the tool better than the model behind it."""

LOG: Columns = {
    "request": ("request_id",),
    "call": ("call_type",),
    "start": ("startTime", "start_time"),
    "spend": ("spend",),
    "model": ("model",),
    "group": ("model_group",),
    "user": ("user",),
    "metadata": ("metadata",),
    "api_key": ("api_key",),
    "tags": ("request_tags",),
    "status": ("status",),
    "agent": ("agent_id",),
}
"""Columns of a table of requests; messages, response, proxy_server_request and requester_ip_address are dropped unread."""
DAILY: Columns = {
    "date": ("date",),
    "user": ("user_id",),
    "team": ("team_id",),
    "api_key": ("api_key",),
    "model": ("model",),
    "group": ("model_group",),
    "spend": ("spend",),
    "requests": ("api_requests",),
    "served": ("successful_requests",),
}


class _Meta(msgspec.Struct):
    user_api_key_user_email: str | None = None


class _Request(
    msgspec.Struct, rename={"start": "startTime", "call": "call_type", "request": "request_id", "tags": "request_tags"}
):
    request: str
    call: str
    start: str | float
    spend: str | float | None = None
    model: str | None = None
    model_group: str | None = None
    user: str | None = None
    metadata: _Meta | str | None = None
    api_key: str | None = None
    tags: list[str] | str | None = None
    status: str | None = None
    agent_id: str | None = None


class _Daily(msgspec.Struct):
    date: str
    api_requests: str | float
    successful_requests: str | float | None = None
    spend: str | float | None = None
    user_id: str | None = None
    api_key: str | None = None
    model: str | None = None
    model_group: str | None = None


def recognise(path: Path) -> Export | None:
    """The gateway's log of requests, or its daily spend by user or team, as JSON or as a table."""
    start = json_head(path)
    if start:
        log = has_keys(start, "request_id", "call_type", "startTime", "spend")
        daily = has_keys(start, "api_requests", "successful_requests", "spend", "date") and _has_owner(start)
        return Export("litellm", path) if log or daily else None
    table = open_table(path)
    if table is None:
        return None
    daily = table.has(DAILY, "date", "requests", "served", "spend") and (table.has(DAILY, "user") or table.has(DAILY, "team"))
    return Export("litellm", path) if daily or table.has(LOG, "request", "call", "start", "spend") else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Requests by person and day, totals by day, and money by day; failed requests cost but are no use."""
    usage, spend = UsageLog(door, "litellm", totals=True), SpendLog(door, "litellm")
    start = json_head(export.path)
    if start and has_keys(start, "api_requests"):
        for where, daily in records(export.path, door, _Daily, "data", "results"):
            _add_daily(daily, where, usage, spend, door)
    elif start:
        for where, request in records(export.path, door, _Request, "data", "results"):
            _add_request(request, where, usage, spend, door)
    else:
        _read_table(need_table(export.path, {"spend": ("spend",)}, "spend"), usage, spend, door)
    yield from batches(usage.rows(), door)
    yield from batches(spend.rows(), door)


def _read_table(table: Table, usage: UsageLog, spend: SpendLog, door: DoorLike) -> None:
    name = table.path.name
    if table.has(DAILY, "requests"):
        for number, row in table.rows(door, DAILY):
            daily = _Daily(
                row["date"], row["requests"], row["served"], row["spend"], row["user"], row["api_key"], row["model"], row["group"]
            )
            _add_daily(daily, f"{name}:{number}", usage, spend, door)
        return
    for number, row in table.rows(door, LOG):
        request = _Request(
            request=row["request"],
            call=row["call"],
            start=row["start"],
            spend=row["spend"],
            model=row["model"],
            model_group=row["group"],
            user=row["user"],
            metadata=row["metadata"],
            api_key=row["api_key"],
            tags=row["tags"],
            status=row["status"],
            agent_id=row["agent"],
        )
        _add_request(request, f"{name}:{number}", usage, spend, door)


def _add_request(request: _Request, where: str, usage: UsageLog, spend: SpendLog, door: DoorLike) -> None:
    day = utc_day(request.start)
    if day is None:
        door.skip("no usable date", where=where)
        return
    tool = _tool(request)
    cost = money(request.spend)
    if cost:
        spend.add(day, tool, cost, CURRENCY)
    if (request.status or "success").casefold() in ("failure", "error", "failed"):
        return
    actor, kind = _who(_email(request.metadata) or request.user or "", request.api_key or "", door)
    usage.add(day, tool, actor, ActorKind.AGENT if request.agent_id else kind, 1, where=where)


def _add_daily(daily: _Daily, where: str, usage: UsageLog, spend: SpendLog, door: DoorLike) -> None:
    day = utc_day(daily.date)
    requests = whole(daily.successful_requests)
    requests = whole(daily.api_requests) if requests is None else requests
    if day is None or requests is None:
        door.skip("no usable date" if day is None else "no usable count", where=where)
        return
    tool = tool_of_model(daily.model or daily.model_group or "")
    cost = money(daily.spend)
    if cost:
        spend.add(day, tool, cost, CURRENCY)
    actor, kind = _who(daily.user_id or "", daily.api_key or "", door)
    usage.add(day, tool, actor, kind, requests, where=where)


def _who(user: str, api_key: str, door: DoorLike) -> tuple[int, ActorKind]:
    if user:
        return door.person(**handles(user)), kind_of(door, **handles(user))
    # A key without a user is a program's: it is counted, never as a person.
    return door.person(native=f"litellm-key:{api_key}") if api_key else 0, ActorKind.AGENT


def _tool(request: _Request) -> str:
    tags = request.tags if isinstance(request.tags, str) else " ".join(request.tags or ())
    shell = next((tool for pattern, tool in SHELLS if pattern.search(tags)), "")
    return shell or tool_of_model(request.model or request.model_group or "")


def _email(metadata: _Meta | str | None) -> str:
    if isinstance(metadata, str):
        try:
            metadata = msgspec.json.decode(metadata, type=_Meta) if metadata.startswith("{") else None
        except (msgspec.MsgspecError, RecursionError):
            return ""
    return (metadata.user_api_key_user_email or "") if metadata else ""


def _has_owner(start: bytes) -> bool:
    return has_keys(start, "user_id") or has_keys(start, "team_id")


SOURCE = Source(
    name="litellm",
    title="LiteLLM gateway",
    family=Family.USAGE,
    fields=(
        "startTime or date",
        "user",
        "metadata.user_api_key_user_email",
        "api_key",
        "model",
        "request_tags",
        "spend",
        "status",
    ),
    shows=("who sent requests through the gateway on which day", "what the requests cost by day and model family"),
    never=(
        "what was asked or answered: messages, response, the raw request and the caller's address are not read",
        "use that does not pass through the gateway",
        "requests older than the log keeps, where it is pruned",
    ),
    traps=(
        "a user is often a service account: such accounts, and keys without a user, are never persons",
        "the same money stands on the provider's own bill: never add the two",
        "the log and the daily table tell the same requests; where both are given the fuller one counts",
        "spend by tag is not read: a request with two tags stands in it twice",
        "an end user is a customer's, not a colleague",
    ),
    recognise=recognise,
    read=read,
)
