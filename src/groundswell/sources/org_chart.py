"""Where people stood in the organisation, one dated snapshot after another."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from groundswell.errors import InputError
from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family, Position
from groundswell.sources._csv import Table, need_table, open_table
from groundswell.sources._days import day, day_in_name, day_micros, month_first
from groundswell.sources._rows import batches

COLUMNS = {
    "id": ("EMPLOYEE_ID", "Employee number", "Employee no", "Worker ID", "Person ID", "Personnel number", "Staff ID", "Matricule",
           "ID employé", "Mã nhân viên", "User ID", "userPrincipalName", "ID"),
    "email": ("EMPLOYEE_EMAIL", "Email", "E-mail", "Email address", "Work email", "Primary work email", "Mail", "Adresse e-mail",
              "Courriel", "userPrincipalName", "User principal name"),
    "name": ("NAME", "Employee name", "Full name", "Display name", "Worker", "Nom complet", "Họ tên"),
    "unit": ("DEPARTMENT", "Unit", "Team", "Org unit", "Organisation unit", "Organization", "Organisation", "Business unit",
             "Cost centre name", "Cost center name", "Service", "Département", "Équipe", "Phòng ban"),
    "snapshot": ("SNAPSHOT", "Snapshot date", "As of", "As of date", "Effective date", "Report date", "Extract date", "Date",
                 "Date d'extraction", "Ngày"),
    "manager": ("MANAGER_ID", "Manager employee ID", "Manager number", "Supervisor ID", "Reports to", "Line manager ID",
                "Manager worker ID", "Manager", "Responsable", "ID responsable", "Quản lý"),
    "manager_email": ("MANAGER_EMAIL", "Manager e-mail", "Supervisor email", "Line manager email", "Manager work email",
                      "Courriel du responsable"),
    "joined": ("JOIN_DATE", "Hire date", "Start date", "Date of joining", "Date d'entrée", "Date d'embauche", "Ngày vào"),
    "left": ("LEAVE_DATE", "Termination date", "End date", "Date of leaving", "Last day", "Date de sortie", "Ngày nghỉ"),
    "role": ("ROLE", "Job title", "Job family", "Title", "Position", "Job profile", "Poste", "Fonction", "Chức danh"),
    "site": ("SITE", "Location", "Office", "Work location", "Office location", "City", "Lieu", "Địa điểm"),
}  # fmt: skip
"""Spellings met in HR systems' exports, best first; none of them names the tool."""
MAX_PEOPLE = 5_000_000
"""Rows of one file: more than any employer has in a decade of monthly snapshots of 40,000 people."""


def recognise(path: Path) -> Export | None:
    """Take a table with a person, a unit, and either who they report to or since when they are there."""
    table = open_table(path)
    if table is None or table.find(COLUMNS["unit"]) is None or not (table.has(COLUMNS, "id") or table.has(COLUMNS, "email")):
        return None
    line = any(table.has(COLUMNS, name) for name in ("manager", "manager_email"))
    dated = table.has(COLUMNS, "joined") and (table.has(COLUMNS, "snapshot") or table.has(COLUMNS, "left"))
    return Export("org_chart", path) if line or dated else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Read every snapshot of the file.

    A file without a SNAPSHOT column is one snapshot, dated by the day in its name (`people-2026-03-31.csv`).

    Raises:
        InputError: no table of people, or no day can be known.
    """
    table = need_table(export.path, COLUMNS, "unit")
    dated = table.has(COLUMNS, "snapshot")
    named = day_in_name(export.path.stem)
    if not dated and named is None:
        raise InputError(
            export.path.name,
            "no day says when this org chart was true",
            expected="a SNAPSHOT column, or the day in the file's name, such as people-2026-03-31.csv",
            remedy="Add one of them: teams move, and an undated chart would put people where they were not yet",
        )
    rows = []
    for number, row in table.rows(door, COLUMNS):
        rows.append((number, row))
        if len(rows) > MAX_PEOPLE:
            raise InputError(export.path.name, f"more than {MAX_PEOPLE:,} rows", remedy="Split the file by snapshot")
    yield from batches(_positions(rows, table, named, door), door)


def _positions(rows: list[tuple[int, dict[str, str]]], table: Table, named: date | None, door: DoorLike) -> Iterator[Position]:
    """Rows of every snapshot; ids are looked up within their own snapshot first, since systems reuse them."""
    american = {name: bool(month_first(row[name] for _, row in rows)) for name in ("snapshot", "joined", "left")}
    who: dict[tuple[str, str], int] = {}
    for _, row in rows:
        if row["id"] or row["email"]:
            actor = door.person(email=row["email"], name=row["name"], native=_native(row))
            for snapshot in (row["snapshot"], ""):
                for handle in (row["id"], row["email"].lower()):
                    who.setdefault((snapshot, handle), actor)
    for number, row in rows:
        where = f"{table.path.name}:{number}"
        when = day(row["snapshot"], month_first=american["snapshot"]) if row["snapshot"] else named
        actor = who.get((row["snapshot"], row["id"] or row["email"].lower()), 0)
        if when is None:
            door.skip("row whose snapshot is no date", where=where)
        elif not actor:
            door.skip("row without a person", where=where)
        elif door.kind(email=row["email"], name=row["name"]) != ActorKind.PERSON:
            door.skip("row of a bot or a service account", where=where)
        else:
            yield _position(row, when, actor, _manager(row, who, actor, door), american, door)


def _native(row: dict[str, str]) -> str:
    """Id of the HR system; an address used as id is already the address."""
    return f"hr:{row['id']}" if row["id"] and "@" not in row["id"] else ""


def _manager(row: dict[str, str], who: dict[tuple[str, str], int], actor: int, door: DoorLike) -> int:
    """Pseudonym of the manager, the same as on the manager's own row; 0 at the top, where people often report to themselves."""
    for handle in (row["manager"], row["manager_email"].lower(), row["manager"].lower()):
        for snapshot in (row["snapshot"], ""):
            if handle and (found := who.get((snapshot, handle))):
                return 0 if found == actor else found
    if row["manager_email"] or "@" in row["manager"]:
        return door.person(email=row["manager_email"] or row["manager"])
    if row["manager"] and any(c.isdigit() for c in row["manager"]):
        return door.person(native=f"hr:{row['manager']}")
    return 0


def _position(row: dict[str, str], when: date, actor: int, manager: int, american: dict[str, bool], door: DoorLike) -> Position:
    return Position(
        id=door.hashed("org_chart", when.isoformat(), actor),
        version=day_micros(when),
        day=when,
        actor=actor,
        unit=row["unit"],
        manager=manager,
        role=row["role"],
        site=row["site"],
        joined_on=day(row["joined"], month_first=american["joined"]),
        left_on=day(row["left"], month_first=american["left"]),
        source="org_chart",
    )


SOURCE = Source(
    name="org_chart",
    title="Org chart (dated snapshots from the HR system)",
    family=Family.PEOPLE,
    fields=(
        "EMPLOYEE_ID",
        "EMPLOYEE_EMAIL",
        "NAME",
        "DEPARTMENT",
        "SNAPSHOT",
        "MANAGER_ID",
        "JOIN_DATE",
        "LEAVE_DATE",
        "ROLE",
        "SITE",
    ),
    shows=(
        "who belonged to which unit, role and site on the day of each snapshot",
        "the reporting line along which a demand may travel",
        "how many people there are, against whom shares are taken",
    ),
    never=(
        "who works with whom in fact: that is in the traces of work",
        "what changed between two snapshots and back",
    ),
    traps=(
        "teams move: one snapshot laid over two years puts people where they were not",
        "03/04/2026 is read month first only where another cell of the column leaves no choice",
        "people at the top often report to themselves; that is read as nobody",
        "an employee number is used again after somebody left; it is looked up within its own snapshot first",
        "contractors and shared mailboxes are often missing or listed as people",
    ),
    recognise=recognise,
    read=read,
)
