"""Purview audit of Copilot: who prompted on which day, from rows without content; no prompt is read."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family
from groundswell.sources._csv import Columns, need_table, open_table
from groundswell.sources._ledger import UsageLog, handles, kind_of
from groundswell.sources._pages import has_keys, json_head, records, utc_day
from groundswell.sources._rows import batches
from groundswell.sources._tools import tool_name

TOOL = "m365_copilot"
OPERATIONS = {"copilotinteraction": TOOL, "connectedaiappinteraction": "", "aiappinteraction": ""}
"""Operation -> tool; "" where the application of the record tells."""

COLUMNS: Columns = {"data": ("AuditData", "Audit Data"), "operation": ("Operation", "Operations")}


class _Message(msgspec.Struct):
    prompt: bool | None = msgspec.field(default=None, name="isPrompt")


class _Copilot(msgspec.Struct):
    messages: list[_Message] | None = msgspec.field(default=None, name="Messages")


class _App(msgspec.Struct):
    title: str | None = msgspec.field(default=None, name="DisplayName")
    number: str | None = msgspec.field(default=None, name="AppId")


class _Audit(msgspec.Struct, rename="pascal"):
    creation_time: str
    user_id: str | None = None
    id: str | None = None
    app_identity: _App | str | None = None
    copilot_event_data: _Copilot | None = None


class _User(msgspec.Struct):
    id: str | None = None


class _Set(msgspec.Struct):
    user: _User | None = None


class _Interaction(msgspec.Struct):
    """One line of the interaction export; its body is not a field here, so it is never decoded."""

    created: str = msgspec.field(name="createdDateTime")
    kind: str = msgspec.field(name="interactionType")
    id: str | None = None
    author: _Set | None = msgspec.field(default=None, name="from")


def recognise(path: Path) -> Export | None:
    """A table with a column of audit data about Copilot, or the interaction export as JSON."""
    start = json_head(path)
    if start:
        return Export("purview", path) if has_keys(start, "interactionType", "appClass", "createdDateTime") else None
    table = open_table(path)
    return Export("purview", path) if table and table.has(COLUMNS, "data", "operation") else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Prompts by person and day; a record given twice counts once."""
    log, seen = UsageLog(door, "purview", totals=True), set[int]()
    if json_head(export.path):
        _interactions(export.path, log, seen, door)
    else:
        _audit(export.path, log, seen, door)
    yield from batches(log.rows(), door)


def _audit(path: Path, log: UsageLog, seen: set[int], door: DoorLike) -> None:
    table = need_table(path, COLUMNS, "data", "operation")
    decode = msgspec.json.Decoder(_Audit, strict=False).decode
    for number, row in table.rows(door, COLUMNS):
        where = f"{path.name}:{number}"
        tool = OPERATIONS.get(row["operation"].casefold())
        if tool is None:
            door.skip("operation that is no interaction with AI", where=where)
            continue
        try:
            record = decode(row["data"])
        except (msgspec.MsgspecError, UnicodeError, RecursionError):
            door.skip("audit data that is no complete JSON", where=where)
            continue
        day = utc_day(record.creation_time)
        if day is None:
            door.skip("no usable date", where=where)
        elif not _again(record.id, seen, door, where):
            _add(log, day, tool or tool_name(_title(record.app_identity)), record.user_id or "", _prompts(record), where, door)


def _interactions(path: Path, log: UsageLog, seen: set[int], door: DoorLike) -> None:
    for where, line in records(path, door, _Interaction, "value"):
        door.refuse("text of a prompt or an answer")
        day = utc_day(line.created)
        if day is None or line.kind != "userPrompt":
            door.skip("no usable date" if day is None else "answer of the application", where=where)
            continue
        user = line.author.user.id if line.author and line.author.user else None
        if not _again(line.id, seen, door, where):
            log.add(day, TOOL, door.person(native=f"entra:{user}") if user else 0, ActorKind.PERSON, 1, where=where)


def _add(log: UsageLog, day: date, tool: str, user: str, prompts: int, where: str, door: DoorLike) -> None:
    known = handles(user) if user else {}
    log.add(day, tool, door.person(**known) if user else 0, kind_of(door, **known), prompts, where=where)


def _prompts(record: _Audit) -> int:
    messages = record.copilot_event_data.messages if record.copilot_event_data else None
    # A record without its messages still is one interaction; with them, only prompts are the person's.
    return 1 if not messages else sum(1 for message in messages if message.prompt is not False)


def _again(record: str | None, seen: set[int], door: DoorLike, where: str) -> bool:
    if not record:
        return False
    number = door.hashed("purview", record)
    if number in seen:
        door.skip("record given twice", where=where)
        return True
    seen.add(number)
    return False


def _title(app: _App | str | None) -> str:
    return app if isinstance(app, str) else (app.title or app.number or "") if app else ""


SOURCE = Source(
    name="purview",
    title="Purview audit of Copilot",
    family=Family.USAGE,
    fields=(
        "Operation",
        "AuditData.CreationTime",
        "AuditData.UserId",
        "AuditData.CopilotEventData.Messages.isPrompt",
        "AuditData.AppIdentity",
    ),
    shows=("who prompted which AI application on which day, licensed or not",),
    never=(
        "what was asked or answered: the audit holds no content, and the interaction export's body is refused",
        "anything before auditing was switched on: there is no backfill",
        "records older than the audit keeps, 180 days by default",
    ),
    traps=(
        "a search returns 50,000 rows at most: a day cut in two counts with its larger half",
        "the same record may be given twice",
        "a record holds the prompt and the answer: only prompts are counted",
        "one question in an application can leave several records",
    ),
    recognise=recognise,
    read=read,
)
