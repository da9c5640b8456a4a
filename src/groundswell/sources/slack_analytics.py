"""On which days people posted in Slack channels, from member and channel analytics, where messages themselves are gone."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import msgspec

from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import ActorKind, Family, Trace
from groundswell.sources._days import day, day_micros
from groundswell.sources._gzip import MAGIC
from groundswell.sources._lines import head, json_lines
from groundswell.sources._rows import batches

PUBLIC = "public"
"""What the file of channels calls one that is open; older files say nothing and list no other."""


class Line(msgspec.Struct, gc=False):
    """One member, or one channel, on one day; searches, calls, views and names are skipped undecoded."""

    date: str | None = ""
    team_id: str | None = ""
    enterprise_id: str | None = ""
    user_id: str | None = ""
    email_address: str | None = ""
    is_guest: bool | None = False
    channel_messages_posted_count: int | None = None
    channel_id: str | None = ""
    channel_type: str | None = ""
    messages_posted_by_members_count: int | None = None


def recognise(path: Path) -> Export | None:
    """Take JSON lines with a member or a channel, a day and counts of its messages."""
    start = head(path, 65_536)
    if start.startswith(MAGIC) or not start.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"{"):
        return None
    members = (b'"user_id"', b'"date"', b'"channel_messages_posted_count"', b'"messages_posted_count"')
    channels = (b'"channel_id"', b'"date"', b'"messages_posted_by_members_count"', b'"members_who_posted_count"')
    found = any(all(name in start for name in wanted) for wanted in (members, channels))
    return Export("slack_analytics", path) if found else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Read every member-day and every channel-day with a message in a channel.

    Raises:
        InputError: the file cannot be opened.
    """
    yield from batches(_traces(export.path, door), door)


def _traces(path: Path, door: DoorLike) -> Iterator[Trace]:
    for number, line in json_lines(path, door, Line):
        when = day(line.date or "")
        if line.channel_id and when is not None:
            yield from _channel(line, when, f"{path.name}:{number}", door)
            continue
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


def _channel(line: Line, when: date, where: str, door: DoorLike) -> Iterator[Trace]:
    """A channel in which members wrote that day: a trace of nobody, at the place an export of messages would name."""
    posted = line.messages_posted_by_members_count
    if (line.channel_type or PUBLIC) != PUBLIC:
        door.refuse("message of a private channel", n=max(1, posted or 0))
    elif posted is None:
        door.skip("line that does not say how many messages", where=where)
    elif posted > 0:
        yield Trace(
            id=door.hashed("slack_analytics", "channel", line.channel_id or "", when.isoformat()),
            version=day_micros(when) + min(posted, 1_000_000),
            day=when,
            actor=0,
            actor_kind=ActorKind.PERSON.value,
            place=door.hashed("slack", "channel", line.channel_id or ""),
            source="slack_analytics",
        )


SOURCE = Source(
    name="slack_analytics",
    title="Slack analytics",
    family=Family.CHAT,
    fields=(
        "members: date, user_id, email_address, team_id, enterprise_id, is_guest, channel_messages_posted_count",
        "channels: date, channel_id, channel_type, messages_posted_by_members_count",
    ),
    shows=(
        "on which days each member posted in channels, of any topic: whom shares are taken against",
        "which address and which Slack id are one person, where an export leaves addresses out",
        "on which days members wrote in each public channel, without who or what",
    ),
    never=("what was said, where, or to whom", "use of AI of any kind"),
    traps=(
        "direct messages are in the total count; only channel messages are read",
        "the total of a day counts private channels too",
        "a channel is a name of somebody's making: only its id is read",
        "guests are listed beside employees; they are refused, since they may belong to another company",
        "the same days may also be in an export of messages: sources are counted apart",
    ),
    recognise=recognise,
    read=read,
)
