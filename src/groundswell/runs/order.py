"""The order in which a programme reaches groups: drawn by lot and entered in the record before it starts (M13)."""

import json
import secrets
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from groundswell.errors import InputError
from groundswell.measures._phases import LEAST_GROUPS
from groundswell.privacy import record

if TYPE_CHECKING:
    import pyarrow as pa
    from sqlalchemy import Engine

    from groundswell.runs.folder import Folder

ORDER = "order"
"""Kind of the record's entries that hold a drawn order."""

PLACE = "groundswell draw"


def draw(folder: "Folder", units: Sequence[str], starts: Sequence[date], *, now: datetime) -> dict[str, date]:
    """Draw which unit begins when, and enter it before anybody can begin.

    Units are shuffled by the machine's own randomness and dealt out over the starts, as evenly as their number allows.

    Args:
        folder: of the company.
        units: as the org chart writes them, each once; at least 8, for fewer could not give a clear result.
        starts: two or more different days after today; a programme that never reaches some units is given a last start far away.
        now: the moment, UTC.

    Returns:
        Unit -> its first day, by name of the unit.

    Raises:
        InputError: too few units or starts, a unit the chart does not know, a day that is past, or an order was drawn that is
            still running: drawing until one pleases is no lot.
    """
    _check(folder, units, starts, now.date())
    mixed = list(units)
    secrets.SystemRandom().shuffle(mixed)
    days = sorted(starts)
    order = {unit: days[n % len(days)] for n, unit in enumerate(mixed)}
    facts: dict[str, record.Fact] = {
        "order": json.dumps({u: d.isoformat() for u, d in sorted(order.items())}, ensure_ascii=False)
    }
    record.append(folder.record_file, ORDER, facts, now=now)
    return dict(sorted(order.items()))


def draw_joined(
    folder: "Folder", book: "Engine", units: Sequence[str], starts: Sequence[date], *, now: datetime
) -> dict[str, date]:
    """Draw among the units that take part by the server's book, and those named; each reads its day there.

    Args:
        folder: of the company.
        book: of its server.
        units: others, as for `draw`; a unit of both is drawn once.
        starts: as for `draw`.
        now: the moment, UTC.

    Raises:
        InputError: as for `draw`.
    """
    from groundswell.selfreport import joining
    from groundswell.selfreport.base import reading, writing

    with reading(book) as connection:
        waiting = joining.waiting(connection)
    order = draw(folder, [*units, *(unit for unit in waiting if unit not in units)], starts, now=now)
    with writing(book) as connection:
        joining.tell(connection, order)
    return order


def drawn(file: Path) -> "pa.Table | None":
    """The last order drawn, as the table `phases` of M13 wants it; None if none ever was.

    Args:
        file: the record.

    Returns:
        unit, start_day, drawn_on.

    Raises:
        PrivacyError: the record was changed by another hand.
    """
    import pyarrow as pa

    entries = [e for e in record.verify(file) if e.kind == ORDER]
    if not entries:
        return None
    order = json.loads(str(entries[-1].facts["order"]))
    made = date.fromisoformat(entries[-1].at[:10])
    schema = pa.schema([("unit", pa.string()), ("start_day", pa.date32()), ("drawn_on", pa.date32())])
    starts = [date.fromisoformat(day) for day in order.values()]
    return pa.table({"unit": list(order), "start_day": starts, "drawn_on": [made] * len(order)}, schema=schema)


def _check(folder: "Folder", units: Sequence[str], starts: Sequence[date], today: date) -> None:
    if len(set(units)) != len(units) or len(units) < LEAST_GROUPS:
        raise InputError(PLACE, f"{len(set(units))} different units are named", expected=f"at least {LEAST_GROUPS}, each once")
    if len(set(starts)) < 2 or min(starts) <= today:
        raise InputError(PLACE, "these starts cannot be compared", expected="two or more different days, all after today")
    known = _units(folder)
    strangers = sorted(set(units) - known)
    if strangers:
        raise InputError(PLACE, f"the org chart has no unit {strangers[0]}", expected="units as the org chart writes them")
    before = drawn(folder.record_file)
    if before is not None and max(before["start_day"].to_pylist()) > today:
        raise InputError(PLACE, "an order was drawn that is still running", remedy="Wait until its last unit has begun")


def _units(folder: "Folder") -> set[str]:
    import pyarrow.parquet as pq

    files = folder.store().files("positions")
    return {str(unit) for file in files for unit in pq.read_table(file, columns=["unit"])["unit"].unique().to_pylist()}
