"""Files that are known and yet not read, each with why and what to export in its place."""

from pathlib import Path

from groundswell.errors import InputError
from groundswell.sources._lines import head
from groundswell.sources._pages import has_keys, json_head
from groundswell.sources._zip import open_archive

OUTLOOK = b"!BDN"
"""First bytes of an Outlook data file (PST, OST). Source: [MS-PST] 2.2.2.6, dwMagic."""


def closed(path: Path) -> InputError | None:
    """Why a file that no source takes is not read, and what to export instead; None for a file nobody knows.

    Never raises: a folder, a missing file and rubbish are files nobody knows.
    """
    if head(path, len(OUTLOOK)) == OUTLOOK or _packed(path):
        return InputError(
            path.name,
            "an Outlook data file (PST), in which Vault, and eDiscovery for Teams, export private talk as well",
            expected="mail of open lists as mbox, Teams channel messages as Graph's JSON, or Chat from Vault as mbox",
            remedy="Export again in that form; private mail and chats are never read",
        )
    start = json_head(path)
    if has_keys(start, "event_id", "type", "actor", "timestamp", "user_email"):
        return InputError(
            path.name,
            "a compliance log of ChatGPT: it holds what people wrote, and is kept for investigations, not for counting use",
            expected="the workspace's usage analytics, by member and day",
            remedy="Export Codex Enterprise analytics, or a list of seats, and leave the log where it is",
        )
    if has_keys(start, "user_id", "day", "team_id", "slug") and not has_keys(start, "user_initiated_interaction_count"):
        return InputError(
            path.name,
            "the Copilot report of users and their teams: a person in two teams counts twice, and teams under five are absent",
            expected="an org chart with dated snapshots, which says once where a person stands",
            remedy="Nothing is lost for questions about the whole organisation",
        )
    return None


def _packed(path: Path) -> bool:
    """A zip of Outlook's files, as Vault hands out mail."""
    if head(path, 2) != b"PK":
        return False
    archive = open_archive(path)
    return archive is not None and any(name.casefold().endswith(".pst") for name in archive.members)
