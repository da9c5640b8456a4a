"""Entra users with their licences: who holds a Copilot licence on the day of the list, and where they stand."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family, Position, Seat
from groundswell.sources._csv import Columns, Table, need_table, open_table
from groundswell.sources._ledger import handles, kind_of
from groundswell.sources._licences import LICENCES, has_licences
from groundswell.sources._rows import batches
from groundswell.sources._snapshot import fingerprint, need_day

TOOL = "m365_copilot"
SKU = "639dec6b-bb19-468b-871c-c5c441c4b0cb"
"""Number of the Microsoft 365 Copilot licence, where the list gives licences by number."""
YES = frozenset({"true", "yes", "y", "1", "x", "assigned", "licensed", "oui", "vrai"})
NO = frozenset({"false", "no", "n", "0", "", "unassigned", "unlicensed", "non", "faux", "none"})

COLUMNS: Columns = {
    **LICENCES,
    "mail": ("mail", "email"),
    "name": ("displayName", "Display Name"),
    "unit": ("department",),
    "role": ("jobTitle", "Job title"),
    "site": ("officeLocation", "Office location", "Office"),
    "manager": ("manager", "managerUserPrincipalName", "Manager UPN"),
    "enabled": ("accountEnabled", "Account enabled"),
}


def recognise(path: Path) -> Export | None:
    """A table of users by principal name that says who is licensed, and nothing about activity."""
    table = open_table(path)
    return Export("entra_users", path) if table and has_licences(table) else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """One seat a licensed person, and one position a person with a department.

    Raises:
        InputError: no table of users, or nothing that says on which day it was taken.
    """
    table = need_table(export.path, COLUMNS, "user")
    yield from batches(_rows(table, need_day(export.path), door), door)


def _rows(table: Table, taken: date, door: DoorLike) -> Iterator[Seat | Position]:
    for number, row in table.rows(door, COLUMNS):
        where = f"{table.path.name}:{number}"
        if not row["user"] or row["enabled"].casefold() in ("false", "no", "0"):
            door.skip("account that is switched off" if row["user"] else "unattributed", where=where)
            continue
        if kind_of(door, **handles(row["user"])) is not ActorKind.PERSON:
            door.skip("account that is no person", where=where)
            continue
        actor = _who(row, door)
        if row["unit"]:
            yield _position(row, actor, taken, door)
        holds = _holds(row["flag"], row["licences"])
        if holds is None:
            door.skip("licence flag that is neither yes nor no", where=where)
        if holds:
            identity = door.hashed("entra_users", "seat", actor, TOOL, taken.isoformat())
            yield Seat(identity, 0, taken, actor, TOOL, None, None, False, None, "", "entra_users")


def _position(row: dict[str, str], actor: int, taken: date, door: DoorLike) -> Position:
    above = row["manager"]
    # Entra writes a manager as an address or as a display name, depending on who made the list.
    manager = (door.person(email=above) if "@" in above else door.person(name=above)) if above else 0
    identity = door.hashed("entra_users", "position", actor, taken.isoformat())
    return Position(identity, 0, taken, actor, row["unit"], manager, row["role"], row["site"], None, None, "entra_users")


def _who(row: dict[str, str], door: DoorLike) -> int:
    user, mail = row["user"], row["mail"]
    if "@" in mail and mail.casefold() != user.casefold():
        return door.person(email=mail, login=user, name=row["name"])
    return door.person(name=row["name"], **handles(user))


def _holds(flag: str, licences: str) -> bool | None:
    plain = flag.casefold()
    if plain.startswith("no "):
        return False
    if plain in YES or "copilot" in plain or SKU in licences.casefold() or "copilot" in licences.casefold():
        return True
    return False if plain in NO else None


SOURCE = Source(
    name="entra_users",
    title="Entra users and licences",
    family=Family.SEATS,
    fields=("userPrincipalName", "mail", "displayName", "licence flag", "assigned licences", "department", "manager", "jobTitle"),
    shows=("who holds a Copilot licence on the day of the list", "in which department they are, and to whom they report"),
    never=("whether the licence is used", "what it costs", "since when it is held"),
    traps=(
        'the flag is spelt in more than ten ways; a bare "has license" is taken as the Copilot licence',
        "the list carries no date: its file name must",
        "shared mailboxes and service accounts hold licences too: they are no persons",
        "a manager written as a name is known only where that name is unambiguous",
    ),
    recognise=recognise,
    read=read,
    fingerprint=fingerprint,
)
