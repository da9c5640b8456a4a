"""Finds out what a Slack export holds: which folders are public channels, who its users are, and which company is at home."""

import hashlib
import re
import zlib
from array import array
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from typing import TypeVar

import msgspec

from groundswell.errors import InputError
from groundswell.model.source import Export
from groundswell.sources._zip import Archive, MemberError, Reader, open_archive

REFUSED_PART = ":refused"
"""The part that stands for all refused folders: their names must not travel, not even in a list of what was read."""
LISTS = {"groups.json": "private channel", "dms.json": "direct message", "mpims.json": "group message"}
PART_BYTES = 64 << 20
"""Inflated bytes of one part: a second of reading. A month that holds more is read day by day, such a day by shares of it."""
UNLISTED = "conversation the channel list does not name"
PREFIX = re.compile(r"^((?:[^/]+/){0,2}?(?:teams/[^/]+/)?)(channels|groups|dms|mpims)\.json$")
DAY_FILE = re.compile(r"^(.*?)([^/]+)/(\d{4}-\d{2}-\d{2})\.json$")
DAY_NAME = -len("/2026-01-31.json")
USER_LISTS = ("users.json", "org_users.json")

Item = TypeVar("Item")


class Channel(msgspec.Struct, gc=False):
    """What a channel list says of a channel."""

    id: str = ""
    name: str | None = ""
    members: list[str] | None = None
    is_private: bool | None = False
    is_im: bool | None = False
    is_mpim: bool | None = False


class Profile(msgspec.Struct, gc=False):
    """The part of a user's profile that tells who they are."""

    email: str | None = ""
    real_name: str | None = ""


class EnterpriseUser(msgspec.Struct, gc=False):
    """The Grid organisation a user belongs to."""

    enterprise_id: str | None = ""


class User(msgspec.Struct, gc=False):
    """What the user list says of a user."""

    id: str = ""
    team_id: str | None = ""
    name: str | None = ""
    real_name: str | None = ""
    is_bot: bool | None = False
    is_stranger: bool | None = False
    profile: Profile | None = None
    enterprise_user: EnterpriseUser | None = None


@dataclass(frozen=True, eq=False)
class Layout:
    """What is where in an export.

    Attributes:
        channels: folder of a public channel -> what the list says of it.
        private: numbers of the day files that are not read, in order of their names.
        refused: reason -> day files not read by principle.
        users: user id -> what the list says.
        space: the company's own id, before every user id.
        home: workspaces and Grid organisations that are the company's own.
        damaged: lists that could not be read.
        months: part -> numbers of its public day files, channel by channel, each in the order of its days. A month is a part,
            or a day where there is much: an export taken a day later differs in its last part alone.
    """

    channels: dict[str, Channel]
    private: "array[int]"
    refused: Counter[str]
    users: dict[str, User] = field(repr=False)
    space: str
    home: frozenset[str]
    damaged: tuple[str, ...]
    months: dict[str, "array[int]"]

    @property
    def parts(self) -> tuple[str, ...]:
        """Months, or shares of one, that can be read on their own, and one part for all that is refused."""
        return (*self.months, REFUSED_PART) if self.refused or not self.months else tuple(self.months)


@lru_cache(maxsize=2)
def layout(archive: Archive) -> Layout:
    """Work out the layout of an export.

    Raises:
        InputError: a channel list is unreadable, so that public and private cannot be told apart.
    """
    prefixes = sorted({found[1] for name in archive.members if (found := PREFIX.match(name))})
    named = {number: name for number in archive.members.numbers() if DAY_FILE.match(name := archive.members.name(number))}
    channels: dict[str, Channel] = {}
    reasons: dict[str, str] = {}
    damaged: list[str] = []
    with archive.reading() as reader:
        for prefix in prefixes:
            listed, others = _conversations(archive, reader, prefix)
            channels.update(listed)
            reasons.update(others)
        users = _users(archive, reader, prefixes, damaged)
    for folder in reasons:
        channels.pop(folder, None)  # a name that is both is not public
    public, private = array("i"), array("i")
    refused: Counter[str] = Counter()
    for day in sorted(named, key=named.__getitem__):
        folder = named[day][:DAY_NAME]
        if folder in channels:
            public.append(day)
        else:
            private.append(day)
            refused[f"day file of a {reasons.get(folder, UNLISTED)}"] += 1
    del named  # a large export has a million names
    space, home = _home(users.values())
    months = _months(archive, public)
    return Layout(channels, private, refused, users, space, home, tuple(damaged), months)


def folder_of(archive: Archive, number: int) -> str:
    """The folder of a day file: its channel's."""
    return archive.members.name(number)[:DAY_NAME]


def _months(archive: Archive, days: "array[int]") -> dict[str, "array[int]"]:
    """Part -> day files. Which share of a large day a channel falls into hangs on its name alone."""
    parts: dict[str, array[int]] = {}
    for month, numbers in _by(slice(-15, -8), archive, days).items():
        if _bytes(archive, numbers) <= PART_BYTES:
            parts[month] = numbers
            continue
        for day, whole in _by(slice(-15, -5), archive, numbers).items():
            shares = 1 + _bytes(archive, whole) // PART_BYTES
            for number in whole:
                share = zlib.crc32(folder_of(archive, number).encode("utf8", "surrogatepass")) % shares
                parts.setdefault(day if shares == 1 else f"{day} {share + 1}/{shares}", array("i")).append(number)
    return dict(sorted(parts.items()))


def _by(place: slice, archive: Archive, days: "array[int]") -> dict[str, "array[int]"]:
    """What stands at a place of a name -> the files, in their order."""
    found: dict[str, array[int]] = {}
    for number in days:
        found.setdefault(archive.members.name(number)[place], array("i")).append(number)
    return found


def _bytes(archive: Archive, numbers: "array[int]") -> int:
    """Inflated bytes of some day files, as the zip's directory tells them; 0 for an unpacked export."""
    return sum(map(archive.members.size, numbers))


def fingerprint(export: Export) -> str:
    """Names and check sums of the day files of the export's parts, as the zip's own directory tells them: nothing is inflated.

    The lists of channels and users are left out: they change every day somebody joins, and old months would then be read again
    for nothing. What counts is which folders are public, and that shows in the files.
    """
    archive = open_archive(export.path)
    if archive is None:
        with export.path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    try:
        found = layout(archive)
    except InputError:  # reading will say so; here it is enough to know it again
        numbers: Iterable[int] = sorted(archive.members.numbers(), key=archive.members.name)
    else:
        numbers = chain.from_iterable(_files(found, part) for part in export.parts or found.parts)
    whole = hashlib.sha256()
    for number in numbers:
        name = archive.members.name(number)
        whole.update(f"{name}\0{_sum(archive, number)}\0".encode("utf8", "surrogatepass"))
    return whole.hexdigest()


def _files(found: Layout, part: str) -> "array[int]":
    return found.private if part == REFUSED_PART else found.months.get(part, array("i"))


def _sum(archive: Archive, number: int) -> str:
    member = archive.members.member(number)
    if member is not None:
        return f"{member.crc} {member.size}"
    # A folder has no sums; time and size serve, and what is read twice changes no row.
    facts = (archive.path / archive.members.name(number)).stat()
    return f"{facts.st_mtime_ns} {facts.st_size}"


def _conversations(archive: Archive, reader: Reader, prefix: str) -> tuple[dict[str, Channel], dict[str, str]]:
    """(public folder -> channel, other folder -> why it is not public) of one workspace."""
    public: dict[str, Channel] = {}
    private: dict[str, str] = {}
    for listed in ("channels.json", *LISTS):
        if prefix + listed not in archive.members:
            continue
        try:
            found = msgspec.json.decode(reader.read(prefix + listed), type=list[Channel], strict=False)
        except (MemberError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise InputError(
                f"{archive.path.name}: {prefix}{listed}",
                "the list of conversations cannot be read, so public and private cannot be told apart",
                remedy="Export or unpack it again",
            ) from error
        for channel in found:
            folders = {prefix + folder for folder in (channel.name, channel.id) if folder}
            reason = LISTS.get(listed) or _flagged(channel)
            for folder in folders:
                if reason:
                    private[folder] = reason
                else:
                    public[folder] = channel
    return public, private


def _flagged(channel: Channel) -> str:
    if channel.is_im:
        return LISTS["dms.json"]
    if channel.is_mpim:
        return LISTS["mpims.json"]
    return LISTS["groups.json"] if channel.is_private else ""


def _users(archive: Archive, reader: Reader, prefixes: list[str], damaged: list[str]) -> dict[str, User]:
    """Every user any list names; the first list wins, and a broken one costs only what it knew."""
    users: dict[str, User] = {}
    roots = dict.fromkeys([*prefixes, *(p.partition("teams/")[0] for p in prefixes)])
    for name in (root + listed for root in roots for listed in USER_LISTS):
        if name in archive.members:
            try:
                for user in msgspec.json.decode(reader.read(name), type=list[User], strict=False):
                    users.setdefault(user.id, user)
            except (MemberError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                damaged.append(name)
    return users


def _home(users: Iterable[User]) -> tuple[str, frozenset[str]]:
    """(id before every user id, ids that are the company's own).

    A standard export lists strangers of shared channels beside its own people, and a Grid's people carry the workspace they
    were first added to; so home is the commonest organisation, with all its workspaces, else the commonest workspace.
    """
    known = [user for user in users if not user.is_stranger]
    grids = Counter(_grid(u) for u in known if _grid(u))
    teams = Counter(u.team_id or "" for u in known if u.team_id)
    grid = _commonest(grids)
    if grid and 2 * grids[grid] >= len(known) - sum(bool(u.is_bot) for u in known):
        own = {u.team_id for u in known if u.team_id and _grid(u) == grid}
        return grid, frozenset({grid, *own})
    team = _commonest(teams)
    return (team, frozenset({team})) if team else ("", frozenset())


def _grid(user: User) -> str:
    return (user.enterprise_user.enterprise_id if user.enterprise_user else "") or ""


def _commonest(counts: Counter[str]) -> str:
    """The commonest; of equals the first by name, so that reading twice gives the same ids."""
    return min(counts, key=lambda name: (-counts[name], name), default="")
