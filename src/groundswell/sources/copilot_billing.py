"""GitHub Copilot billing: requests a person and a day that were metered, and what they cost, as the usage report lists them."""

import math
from collections.abc import Iterator
from pathlib import Path

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family
from groundswell.sources._csv import Columns, need_table, open_table
from groundswell.sources._days import day
from groundswell.sources._ledger import SpendLog, UsageLog, kind_of, money
from groundswell.sources._rows import batches

TOOL = "copilot"
COLUMNS: Columns = {
    "date": ("date",),
    "user": ("username", "user"),
    "product": ("product",),
    "sku": ("sku",),
    "quantity": ("quantity",),
    "unit": ("unit_type",),
    "net": ("net_amount",),
    "quota": ("total_monthly_quota",),
}


def recognise(path: Path) -> Export | None:
    """The usage report of the billing page, by its columns."""
    table = open_table(path)
    known = table and table.has(COLUMNS, "date", "user", "quantity") and table.has(COLUMNS, "sku")
    return (
        Export("copilot_billing", path)
        if table and known and (table.has(COLUMNS, "net") or table.has(COLUMNS, "quota"))
        else None
    )


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Metered requests by person and day, and money by day."""
    table = need_table(export.path, COLUMNS, "date", "user", "quantity", "sku")
    usage, spend = UsageLog(door, "copilot_billing", totals=True), SpendLog(door, "copilot_billing")
    for number, row in table.rows(door, COLUMNS):
        where = f"{export.path.name}:{number}"
        on, quantity, sku = day(row["date"]), money(row["quantity"]), f"{row['product']} {row['sku']}".casefold()
        if "copilot" not in sku:
            door.skip("product that is no AI tool", where=where)
            continue
        if on is None or quantity is None or quantity < 0:
            door.skip("no usable date" if on is None else "no usable count", where=where)
            continue
        net = money(row["net"])
        if net:
            spend.add(on, TOOL, net, "USD")
        unit = row["unit"].casefold()
        if "month" in unit or "seat" in unit:
            continue  # a seat is paid for whether it is used or not
        # Part of a request is a request: a cheap model counts as a third of one on the bill.
        asked = math.ceil(quantity) if "request" in unit or not unit else None
        login = row["user"]
        passive = "review" in sku or quantity == 0
        actor = door.person(login=login) if login else 0
        usage.add(on, TOOL, actor, kind_of(door, login=login), asked, active=not passive, where=where)
    yield from batches(usage.rows(), door)
    yield from batches(spend.rows(), door)


SOURCE = Source(
    name="copilot_billing",
    title="GitHub Copilot billing",
    family=Family.USAGE,
    fields=("date", "username", "product", "sku", "quantity", "unit_type", "net_amount"),
    shows=("who made metered requests on which day", "what was owed for them"),
    never=(
        "requests to models that are included and not metered",
        "completions while typing",
        "what seats cost in a month without them on the bill",
    ),
    traps=(
        "gross amounts contain the free quota: the net amount is what is owed",
        "credits are no requests: where the report counts credits, how often is not measured",
        "the automatic review of pull requests is billed to their author, who need not have done anything",
        "a row without a user is the organisation's",
    ),
    recognise=recognise,
    read=read,
)
