"""GitHub Copilot metrics as they were until 2026: engaged people, chats and acceptances of the organisation by day."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family, UsageTotal
from groundswell.sources._ledger import total, whole
from groundswell.sources._pages import has_keys, json_head, records, utc_day
from groundswell.sources._rows import batches

TOOL = "copilot"


class _Language(msgspec.Struct):
    accepted: float | None = msgspec.field(default=None, name="total_code_acceptances")


class _Model(msgspec.Struct):
    languages: list[_Language] | None = None
    chats: float | None = msgspec.field(default=None, name="total_chats")
    summaries: float | None = msgspec.field(default=None, name="total_pr_summaries_created")


class _Editor(msgspec.Struct):
    models: list[_Model] | None = None


class _Part(msgspec.Struct):
    editors: list[_Editor] | None = None
    models: list[_Model] | None = None
    repositories: list[_Editor] | None = None


class _Day(msgspec.Struct):
    date: str
    engaged: float | None = msgspec.field(default=None, name="total_engaged_users")
    completions: _Part | None = msgspec.field(default=None, name="copilot_ide_code_completions")
    ide_chat: _Part | None = msgspec.field(default=None, name="copilot_ide_chat")
    web_chat: _Part | None = msgspec.field(default=None, name="copilot_dotcom_chat")
    pulls: _Part | None = msgspec.field(default=None, name="copilot_dotcom_pull_requests")


def recognise(path: Path) -> Export | None:
    """Days with engaged users and the old names of the products."""
    start = json_head(path)
    products = any(has_keys(start, key) for key in ("copilot_ide_code_completions", "copilot_ide_chat", "copilot_dotcom_chat"))
    return Export("copilot_metrics", path) if products and has_keys(start, "total_engaged_users", "date") else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """One total a day; people are the engaged ones, since a suggestion merely shown makes nobody a user."""
    yield from batches(_totals(export.path, door), door)


def _totals(path: Path, door: DoorLike) -> Iterator[UsageTotal]:
    for where, row in records(path, door, _Day):
        day = utc_day(row.date)
        if day is None:
            door.skip("no usable date", where=where)
            continue
        yield total(door, "copilot_metrics", day, TOOL, people=whole(row.engaged), interactions=_interactions(row))


def _interactions(row: _Day) -> int | None:
    counts: list[float] = []
    for part in (row.completions, row.ide_chat, row.web_chat, row.pulls):
        groups = (*(part.editors or ()), *(part.repositories or ())) if part else ()
        models = [*(part.models or ()), *(model for group in groups for model in group.models or ())] if part else []
        for model in models:
            counts.extend(n for n in (model.chats, model.summaries) if n is not None)
            counts.extend(language.accepted for language in model.languages or () if language.accepted is not None)
    return whole(sum(counts)) if counts else None


SOURCE = Source(
    name="copilot_metrics",
    title="GitHub Copilot metrics (until 2026)",
    family=Family.USAGE,
    fields=("date", "total_engaged_users", "total_code_acceptances", "total_chats", "total_pr_summaries_created"),
    shows=("how many people engaged with Copilot on which day, and how often, in the organisation as a whole",),
    never=("who they are", "agents and the command line, which this report never counted", "days after it closed in April 2026"),
    traps=(
        "active users include people to whom a suggestion was merely shown: engaged users are read instead",
        "people cannot be added over days, editors or languages",
        "a day with fewer than five licensed members of a team is absent, not zero",
        "a file of one team looks like a file of the organisation: the larger count of a day stands",
    ),
    recognise=recognise,
    read=read,
)
