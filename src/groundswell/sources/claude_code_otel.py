"""Claude Code telemetry: sessions and keyboard time a person and a day, from OpenTelemetry metrics kept as JSON lines."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family
from groundswell.sources._ledger import UsageLog, kind_of
from groundswell.sources._pages import has_keys, json_head, records, utc_day
from groundswell.sources._rows import batches

TOOL = "claude"
SESSIONS = "claude_code.session.count"
ACTIVE = "claude_code.active_time.total"
READ = frozenset({SESSIONS, ACTIVE})
CUMULATIVE = 2
"""OpenTelemetry's number for a counter that only grows; 1 is a counter that starts again with each export."""
MAX_SERIES = 1_000_000
"""Growing counters followed at once; more is no company's telemetry."""


class _Value(msgspec.Struct):
    text: str | None = msgspec.field(default=None, name="stringValue")


class _Attribute(msgspec.Struct):
    key: str
    value: _Value | None = None


class _Point(msgspec.Struct):
    time: str | float = msgspec.field(name="timeUnixNano")
    start: str | float | None = msgspec.field(default=None, name="startTimeUnixNano")
    attributes: list[_Attribute] = []
    whole: str | float | None = msgspec.field(default=None, name="asInt")
    number: float | None = msgspec.field(default=None, name="asDouble")


class _Sum(msgspec.Struct):
    points: list[_Point] = msgspec.field(default_factory=list, name="dataPoints")
    temporality: int | str = msgspec.field(default=1, name="aggregationTemporality")


class _Metric(msgspec.Struct):
    name: str
    sum: _Sum | None = None


class _Scope(msgspec.Struct):
    metrics: list[_Metric] = []


class _Resource(msgspec.Struct):
    attributes: list[_Attribute] = []


class _ResourceMetrics(msgspec.Struct):
    scopes: list[_Scope] = msgspec.field(default_factory=list, name="scopeMetrics")
    resource: _Resource | None = None


class _Line(msgspec.Struct):
    metrics: list[_ResourceMetrics] | None = msgspec.field(default=None, name="resourceMetrics")
    logs: list[msgspec.Raw] | None = msgspec.field(default=None, name="resourceLogs")


@dataclass
class _PersonDay:
    sessions: float = 0
    user_seconds: float = 0
    other_seconds: float = 0
    timed: bool = False


@dataclass
class _Sums:
    days: dict[tuple[date, int, ActorKind], _PersonDay] = field(default_factory=dict)
    last: dict[int, float] = field(default_factory=dict)
    """Growing counter, by hash of what tells it apart -> its last value."""


def recognise(path: Path) -> Export | None:
    """Lines of OpenTelemetry metrics with at least one of this tool's."""
    start = json_head(path)
    return Export("claude_code_otel", path) if has_keys(start, "resourceMetrics") and b'"claude_code.' in start else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Sessions by person and day; a day on which only the agent worked is not active."""
    sums = _Sums()
    for where, line in records(export.path, door, _Line):
        if line.logs is not None:
            door.refuse("events, which may hold prompts")
        for resource in line.metrics or ():
            shared = resource.resource.attributes if resource.resource else []
            for metric in (metric for scope in resource.scopes for metric in scope.metrics if metric.name in READ and metric.sum):
                for point in metric.sum.points if metric.sum else ():
                    _add(metric, point, shared, sums, where, door)
    log = UsageLog(door, "claude_code_otel")
    for (day, actor, kind), told in sums.days.items():
        active = told.user_seconds > 0 if told.timed else told.sessions > 0
        log.add(day, TOOL, actor, kind, round(told.sessions), active=active)
    yield from batches(log.rows(), door)


def _add(metric: _Metric, point: _Point, shared: list[_Attribute], sums: _Sums, where: str, door: DoorLike) -> None:
    told = {a.key: a.value.text or "" for a in (*shared, *point.attributes) if a.value}
    day = utc_day(point.time, per_second=1_000_000_000)
    grown = _grown(metric, point, told, sums, door)
    if day is None or grown is None:
        door.skip("no usable date" if day is None else "impossible count", where=where)
        return
    actor, kind = _who(told, door)
    person_day = sums.days.setdefault((day, actor, kind), _PersonDay())
    if metric.name == SESSIONS:
        person_day.sessions += grown
        return
    person_day.timed = True
    if told.get("type") == "user":
        person_day.user_seconds += grown
    else:
        person_day.other_seconds += grown


def _grown(metric: _Metric, point: _Point, told: dict[str, str], sums: _Sums, door: DoorLike) -> float | None:
    """What a counter grew by since its last point; None if that is no count."""
    value = point.number if point.number is not None else float(point.whole or 0)
    if not 0 <= value < MAX_SERIES**2:
        return None
    if not metric.sum or metric.sum.temporality not in (CUMULATIVE, "AGGREGATION_TEMPORALITY_CUMULATIVE"):
        return value
    series = door.hashed("series", metric.name, str(point.start), *(f"{key}={told[key]}" for key in sorted(told)))
    before = sums.last.get(series, 0.0)
    if series in sums.last or len(sums.last) < MAX_SERIES:
        sums.last[series] = max(value, before)
    return max(0.0, value - before)


def _who(told: dict[str, str], door: DoorLike) -> tuple[int, ActorKind]:
    email, account, install = told.get("user.email", ""), told.get("user.account_uuid", ""), told.get("user.id", "")
    native = f"claude-account:{account}" if account else f"claude-install:{install}" if install and not email else ""
    return door.person(email=email, native=native), kind_of(door, email=email)


SOURCE = Source(
    name="claude_code_otel",
    title="Claude Code telemetry",
    family=Family.USAGE,
    fields=(SESSIONS, ACTIVE + "{type}", "user.email", "user.account_uuid", "user.id"),
    shows=("who had sessions on which day", "whether a person sat at the keyboard, or only the agent worked"),
    never=(
        "anything of a person whose telemetry is off, which is the default",
        "what was asked: events, which may hold prompts, are refused",
        "what was billed: the cost metric is an estimate",
        "days before telemetry was switched on: there is no backfill",
    ),
    traps=(
        "an agent can run for hours alone: only keyboard time makes a day active, where it is measured",
        "counters either start again with each export or only grow: both are read",
        "without a signed-in account a person is one installation; two machines are then two people",
        "a day cut in two by the rotation of files counts with its larger half",
    ),
    recognise=recognise,
    read=read,
)
