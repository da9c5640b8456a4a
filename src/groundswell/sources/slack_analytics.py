"""On which days people posted in Slack channels at all, from the member analytics, where messages themselves are gone."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family, Trace
from groundswell.sources._days import day, day_micros
from groundswell.sources._gzip import MAGIC
from groundswell.sources._lines import head, json_lines
from groundswell.sources._rows import batches


class Line(msgspec.Struct, gc=False):
    """One member on one day; searches, calls and devices are skipped undecoded."""

    date: str | None = ""
    team_id: str | None = ""
    enterprise_id: str | None = ""
    user_id: str | None = ""
    email_address: str | None = ""
    is_guest: bool | None = False
    channel_messages_posted_count: int | None = None


def recognise(path: Path) -> Export | None:
    """Take JSON lines with a member, a day and counts of channel messages."""
    start = head(path, 65_536)
    if start.startswith(MAGIC) or not start.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{"):
        return None
    wanted = (b'"user_id"', b'"date"', b'"channel_messages_posted_count"', b'"messages_posted_count"')
    return Export("slack_analytics", path) if all(name in start for name in wanted) else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Read every member-day with a message in a channel.

    Raises:
        InputError: the file cannot be opened.
    """
    yield from batches(_traces(export.path, door), door)


def _traces(path: Path, door: DoorLike) -> Iterator[Trace]:
    for number, line in json_lines(path, door, Line):
        when = day(line.date or "")
        if when is None or not line.user_id:
            door.skip("line without a day or a member", where=f"{path.name}:{number}")
            continue
        if line.is_guest:
            door.refuse("guest, who may belong to another company")
            continue
        space = line.enterprise_id or line.team_id or "slack"
        actor = door.person(email=line.email_address or "", native=f"{space}:{line.user_id}")
        posted = line.channel_messages_posted_count
        if posted is None:
            door.skip("line that does not say how many messages", where=f"{path.name}:{number}")
        elif posted > 0:
            yield Trace(
                id=door.hashed("slack_analytics", space, line.user_id, when.isoformat()),
                version=day_micros(when) + min(posted, 1_000_000),
                day=when,
                actor=actor,
                actor_kind=door.kind(email=line.email_address or "").value,
                place=0,
                source="slack_analytics",
            )


SOURCE = Source(
    name="slack_analytics",
    title="Slack member analytics",
    family=Family.CHAT,
    fields=("date", "user_id", "email_address", "team_id", "enterprise_id", "is_guest", "channel_messages_posted_count"),
    shows=(
        "on which days each member posted in channels, of any topic: whom shares are taken against",
        "which address and which Slack id are one person, where an export leaves addresses out",
    ),
    never=("what was said, where, or to whom", "use of AI of any kind"),
    traps=(
        "direct messages are in the total count; only channel messages are read",
        "the total of a day counts private channels too",
        "guests are listed beside employees; they are refused, since they may belong to another company",
        "the same days may also be in an export of messages: sources are counted apart",
    ),
    recognise=recognise,
    read=read,
)
