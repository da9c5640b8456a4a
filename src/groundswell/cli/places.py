"""Where commands keep and write things, and what they do when they may not."""

import os
from pathlib import Path

from groundswell import drafts
from groundswell.errors import OutputError


def key_file() -> Path:
    """The pseudonym key of this user, unless --key names another: beside no data, in the user's own state folder."""
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "groundswell" / "key"


def check_writable(output: Path) -> None:
    """Find out before the work, not after it, that a result could not be written.

    Raises:
        OutputError: the folder is missing or may not be written to, or the output is a folder.
    """
    if output.is_dir():
        raise OutputError(str(output), "this is a folder", expected="the name of a file", remedy=f"Try {output / 'report.html'}")
    folder = output.parent
    if not folder.is_dir():
        raise OutputError(str(folder), "there is no such folder", remedy="Make it, or choose another with --output")
    if not os.access(output if output.exists() else folder, os.W_OK):
        raise OutputError(str(output), "it may not be written", remedy="Choose another place with --output")


def write(output: Path, content: str | bytes) -> None:
    """Write a result whole or not at all; text as UTF-8.

    Raises:
        OutputError: it cannot be written.
    """
    try:
        drafts.replace(output, content, mode=drafts.PUBLIC)
    except OSError as error:
        raise OutputError(
            str(output), f"it cannot be written ({error.strerror})", remedy="Choose another place with --output"
        ) from error
