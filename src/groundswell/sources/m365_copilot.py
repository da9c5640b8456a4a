"""Microsoft 365 Copilot usage by user: who holds a licence and on which days each application was last used with it."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family, Seat, UsageDay
from groundswell.sources._csv import Columns, need_table, open_table, spelling
from groundswell.sources._days import day
from groundswell.sources._ledger import UsageLog, kind_of
from groundswell.sources._pages import has_keys, json_head, records
from groundswell.sources._rows import batches

TOOL = "m365_copilot"
CONCEALED_LENGTH = 32
"""Hexadecimal digits: the portal writes these for a name unless somebody switched concealment off."""

COLUMNS: Columns = {
    "refreshed": ("Report Refresh Date", "reportRefreshDate"),
    "user": ("User Principal Name", "userPrincipalName", "Username", "User"),
    "name": ("Display Name", "displayName"),
    "last": ("Last Activity Date", "Last Activity Date (UTC)", "lastActivityDate"),
}
APPS = (
    "Microsoft Teams Copilot",
    "Teams Copilot",
    "Word Copilot",
    "Excel Copilot",
    "PowerPoint Copilot",
    "Outlook Copilot",
    "OneNote Copilot",
    "Loop Copilot",
    "Copilot Chat",
    "Copilot Chat (work)",
    "Copilot Chat (web)",
    "Microsoft 365 Copilot",
    "Microsoft 365 Copilot (app)",
    "Edge",
    "Copilot Agent",
)


def recognise(path: Path) -> Export | None:
    """A table of users with the date of last activity in at least one application's Copilot, or the same as JSON."""
    if start := json_head(path):
        return (
            Export("m365_copilot", path) if has_keys(start, "userPrincipalName", "copilotActivityUserDetailsByPeriod") else None
        )
    table = open_table(path)
    known = table and table.has(COLUMNS, "refreshed", "user") and _app_columns(table.header)
    return Export("m365_copilot", path) if known else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """A seat a user, and one active day for each different date of last activity."""
    log = UsageLog(door, "m365_copilot")
    rows = _json_rows(export.path, door) if json_head(export.path) else _table_rows(export.path, door)
    yield from batches(_seats(rows, log, door), door)
    yield from batches(log.rows(), door)


def _table_rows(path: Path, door: DoorLike) -> Iterator[tuple[str, dict[str, str]]]:
    """Place and known cells of each row of the table."""
    table = need_table(path, COLUMNS, "refreshed", "user")
    for number, row in table.rows(door, {**COLUMNS, **_app_columns(table.header)}):
        yield f"{table.path.name}:{number}", row


def _json_rows(path: Path, door: DoorLike) -> Iterator[tuple[str, dict[str, str]]]:
    """Place and known cells of each record of the interface's own answer, whose names are those of the table in camel case."""
    for where, record in records(path, door, dict[str, Any], "value"):
        known = {**COLUMNS, **_app_columns(list(record))}
        cells = {spelling(name): value for name, value in record.items() if isinstance(value, str)}
        yield where, {key: next((c for n in names if (c := cells.get(spelling(n)))), "") for key, names in known.items()}


def _seats(rows: Iterator[tuple[str, dict[str, str]]], log: UsageLog, door: DoorLike) -> Iterator[Seat | UsageDay]:
    for where, row in rows:
        taken = day(row["refreshed"])
        if taken is None:
            door.skip("no usable report date", where=where)
            continue
        actor, kind = _who(row["user"], row["name"], door)
        if not actor or kind is not ActorKind.PERSON:
            door.skip("unattributed" if not actor else "licence of an account that is no person", where=where)
            continue
        written = [cell for key, cell in row.items() if key == "last" or key.startswith("app ")]
        days = {found for cell in written if (found := day(cell)) and found <= taken}
        wrong = sum(1 for cell in written if cell and (found := day(cell)) not in days and (found is None or found > taken))
        if wrong:
            door.skip("date of activity that is none, or after the report", where=where, n=wrong)
        for active in days:
            log.add(active, TOOL, actor, kind, None, active=True, where=where)
        yield _seat(taken, actor, max(days, default=None), door)


def _seat(taken: date, actor: int, last: date | None, door: DoorLike) -> Seat:
    number = door.hashed("m365_copilot", "seat", actor, TOOL, taken.isoformat())
    version = last.toordinal() if last else 0
    return Seat(number, version, taken, actor, TOOL, None, last, True, None, "", "m365_copilot")


def _who(user: str, name: str, door: DoorLike) -> tuple[int, ActorKind]:
    if concealed(user):
        # A concealed name stays concealed: it is a handle of its own, and the concealed display name is no name.
        return door.person(native=f"m365-concealed:{user.lower()}"), ActorKind.PERSON
    handle = {"email": user} if "@" in user else {"login": user}
    return (door.person(name="" if concealed(name) else name, **handle) if user else 0), kind_of(door, **handle)


def concealed(handle: str) -> bool:
    """True for the 32 hexadecimal digits the portal writes instead of a name."""
    return len(handle) == CONCEALED_LENGTH and all(c in "0123456789abcdefABCDEF" for c in handle)


def _app_columns(header: Sequence[str]) -> dict[str, tuple[str, ...]]:
    wanted: dict[str, str] = {}
    for zone in ("", " (UTC)"):
        wanted |= {spelling(f"Last activity date of {app}{zone}"): app for app in APPS}
        wanted |= {spelling(f"{app} Last Activity Date{zone}"): app for app in APPS}
    return {f"app {wanted[spelling(name)]}": (name,) for name in header if spelling(name) in wanted}


SOURCE = Source(
    name="m365_copilot",
    title="Microsoft 365 Copilot usage by user",
    family=Family.USAGE,
    fields=("report refresh date", "user principal name", "display name", "last activity date of each application"),
    shows=("who holds a licence on the day of the report", "the last day each application's Copilot was used by them"),
    never=(
        "what was asked, or how often on a given day: prompts are counted over a period only",
        "Copilot Chat of people without a licence",
        "an earlier day of use, once a later one has replaced it: keep each export",
        "anything beyond 180 days back",
    ),
    traps=(
        "names are concealed by default, and stay so: a concealed user cannot be joined to another source",
        "columns differ between the two versions of the report, in order and in spelling",
        "an empty date is no activity, not a missing measurement",
        "a day is known only where it was the last one in some application, so regular use is undercounted",
        "the report lags by up to 72 hours",
    ),
    recognise=recognise,
    read=read,
)
