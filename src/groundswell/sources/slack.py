"""What people wrote in the public channels of a Slack workspace or an Enterprise Grid."""

from collections.abc import Iterator
from functools import partial
from itertools import chain, groupby
from pathlib import Path

from groundswell.errors import InputError
from groundswell.model.source import Batch, DoorLike, Export, Source
from groundswell.model.trace import Family
from groundswell.sources._slack_layout import REFUSED_PART, Layout, fingerprint, folder_of, layout
from groundswell.sources._slack_people import People
from groundswell.sources._slack_posts import posts_of
from groundswell.sources._slack_rows import Room, Rows
from groundswell.sources._zip import Archive, first_names, need_archive, open_archive


def recognise(path: Path) -> Export | None:
    """Take a zip or folder that has a channel list beside users or day files, at its top or in Grid workspaces."""
    try:
        if path.is_dir():
            # A folder of exports may hold one called "teams": a workspace of a Grid has its users beside its channels.
            grid = any(file.with_name("users.json").is_file() for file in path.glob("teams/*/channels.json"))
            if not (path / "channels.json").is_file() and not grid:
                return None
        elif not path.is_file():
            return None
    except (OSError, ValueError):
        return None
    archive = open_archive(path)
    if archive is None:
        names = first_names(path)
        cut = any(n.endswith(("channels.json", "users.json")) for n in names) and any("/2" in n for n in names)
        return Export("slack", path) if cut else None
    try:
        found = layout(archive)
    except InputError:
        return Export("slack", path) if any(n.endswith("users.json") for n in archive.members) else None
    return Export("slack", path, found.parts) if found.channels and (found.users or found.months or found.private) else None


def read(export: Export, door: DoorLike) -> Iterator[Batch]:
    """Read the months named in `export.parts`, or all.

    The directory and the user list are read once for a zip and kept, so give one process many parts at a time.

    Yields:
        Message, Trace and TieTrace batches; within a part, a channel's days are read in order.

    Raises:
        InputError: no complete zip, or its channel list is unreadable.
    """
    archive = need_archive(export.path)
    found = layout(archive)
    parts = export.parts or found.parts
    if not parts or REFUSED_PART in parts:
        _account(archive, found, door)
    rows = Rows(People(found, door), door)
    with archive.reading() as reader:
        days = chain.from_iterable(found.months.get(part, ()) for part in parts)
        for folder, numbers in groupby(days, partial(folder_of, archive)):
            room = Room(found.channels[folder], door)
            for name in map(archive.members.name, numbers):
                yield from rows.take(posts_of(reader, name, door), room, name)
    yield from rows.flush()


def _account(archive: Archive, found: Layout, door: DoorLike) -> None:
    for reason, files in found.refused.items():
        door.refuse(reason, n=files)
    for name in found.damaged:
        door.skip("user list that is damaged", where=f"{archive.path.name}: {name}")
    if archive.unsafe:
        door.skip("file whose name leads outside the export", n=archive.unsafe)


SOURCE = Source(
    name="slack",
    title="Slack export",
    family=Family.CHAT,
    fields=(
        "channels.json: id, name, members",
        "users.json: id, team_id, profile.email, profile.real_name, is_bot, is_stranger",
        "ts, thread_ts, parent_user_id, user, bot_id, subtype, text, edited.ts, latest_reply, reactions.users",
        "blocks and attachments where text is missing",
    ),
    shows=(
        "what people said about AI in public channels, and in threads how others took it up",
        "who answered, addressed or reacted to whom",
        "messages of any topic, against which shares are taken",
    ),
    never=(
        "direct messages, group messages and private channels: refused even where the export holds them",
        "who read a message and said nothing",
        "what a message said before it was edited, or that it was deleted",
        "when a reaction was given",
    ),
    traps=(
        "snapshots overlap: one real archive holds each message 6.8 times; the newest copy counts once",
        "the day in a file's name is not the UTC day of its messages in one record of six; time comes from ts",
        "user lists name people who never wrote and forget people who did; authors come from messages",
        "the words of a message may stand only in its blocks or attachments",
        "messages through shared channels may come from another company, which agreed to nothing; they are refused",
        "reactions are dated by the message they stand under",
        "old exports write a sentence of the software before the words beside an uploaded file",
    ),
    recognise=recognise,
    read=read,
    fingerprint=fingerprint,
)
