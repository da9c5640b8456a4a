"""Who holds a GitHub Copilot seat, since when, and when they were last seen using it."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from groundswell.errors import InputError
from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family, Seat
from groundswell.sources._days import day, day_in_name, day_micros, instant, to_micros
from groundswell.sources._lines import head, json_document
from groundswell.sources._rows import batches


class Assignee(msgspec.Struct, gc=False):
    """Who holds the seat."""

    login: str | None = ""
    id: int | str | None = None


class SeatLine(msgspec.Struct, gc=False):
    """One seat."""

    assignee: Assignee | None = None
    created_at: str | None = ""
    updated_at: str | None = ""
    last_activity_at: str | None = ""


class PageOrSeat(SeatLine, gc=False):
    """One item of a list: a page of the answer, or a seat itself."""

    seats: list[SeatLine] = []
    total_seats: int | None = None


class Page(msgspec.Struct, gc=False):
    """One page of the answer; several saved pages make a list of them."""

    seats: list[SeatLine] = []
    total_seats: int | None = None


def recognise(path: Path) -> Export | None:
    """Take JSON with seats that have an assignee."""
    start = head(path, 16_384)
    if not start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"{", b"[")):
        return None
    seats = b'"seats"' in start and (b'"total_seats"' in start or b'"assignee"' in start)
    bare = b'"assignee"' in start and b'"last_activity_at"' in start
    return Export("copilot_seats", path) if seats or bare else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Read one snapshot of seats, dated by the day in the file's name, else by the latest instant the file itself holds.

    Raises:
        InputError: no complete JSON, or no day can be known.
    """
    pages = _pages(export.path)
    seats = [seat for page in pages for seat in page.seats]
    when = day_in_name(export.path.stem) or _latest(seats)
    if when is None and seats:
        raise InputError(
            export.path.name,
            "no day says when this list of seats was true",
            expected="a day in the file's name, such as seats-2026-03-31.json",
            remedy="Put the day it was downloaded in the file's name",
        )
    told = next((page.total_seats for page in pages if page.total_seats is not None), None)
    if told is not None and told > len(seats):
        door.skip("seat on a page that was not saved", where=export.path.name, n=told - len(seats))
    if when is not None:
        yield from batches(_rows(seats, when, export.path.name, door), door)


def _rows(seats: list[SeatLine], when: date, name: str, door: DoorLike) -> Iterator[Seat]:
    for number, seat in enumerate(seats, 1):
        holder = seat.assignee or Assignee()
        native = "" if holder.id is None else f"github:{holder.id}"
        actor = door.person(login=holder.login or "", native=native)
        if not actor:
            door.skip("seat without a holder", where=f"{name}#{number}")
            continue
        used = instant(seat.last_activity_at or "")
        changed = [moment for moment in (instant(seat.updated_at or ""), used) if moment]
        yield Seat(
            id=door.hashed("copilot_seats", when.isoformat(), native or (holder.login or "").lower()),
            version=to_micros(max(changed)) if changed else day_micros(when),
            day=when,
            actor=actor,
            tool="copilot",
            assigned_on=day(seat.created_at or ""),
            last_active_on=used.date() if used else None,
            measured=used is not None,
            monthly_price=None,
            currency="",
            source="copilot_seats",
        )


def _pages(path: Path) -> list[Page]:
    """Pages of the answer: one, several saved as a list or as lines, or a bare list of seats."""
    start = head(path, 4_096).lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start.startswith(b"["):
        return [json_document(path, Page)]
    items = json_document(path, list[PageOrSeat])
    bare: list[SeatLine] = [item for item in items if item.assignee is not None]
    return [Page([seat for item in items for seat in item.seats] + bare, next((i.total_seats for i in items), None))]


def _latest(seats: list[SeatLine]) -> date | None:
    """Latest day the list itself tells: it was true on that day or a little after."""
    told = (day(text or "") for seat in seats for text in (seat.updated_at, seat.last_activity_at, seat.created_at))
    return max((found for found in told if found), default=None)


SOURCE = Source(
    name="copilot_seats",
    title="GitHub Copilot, list of seats",
    family=Family.SEATS,
    fields=("assignee.login", "assignee.id", "created_at", "updated_at", "last_activity_at", "total_seats"),
    shows=("who holds a seat, since when", "on which day each holder was last seen, where telemetry is on"),
    never=(
        "how often or for what a seat is used",
        "use in an editor that sends no telemetry",
        "what a seat costs: that is in the invoice",
    ),
    traps=(
        "last activity includes merely receiving a suggestion",
        "last activity needs telemetry, and is cleared after 90 days: an empty one is not proof of an idle seat",
        "the list carries no date of its own; without a day in the file's name its latest instant stands for it",
        "the answer comes in pages of 50; a first page alone looks like a small company",
        "a person may be listed once for each organisation of an enterprise; the newest line counts",
    ),
    recognise=recognise,
    read=read,
)
