"""A whole simulated company in a folder: what it would export, and the truth beside it."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from groundswell.errors import OutputError
from groundswell.simulation.conversation import LEAST_WEEKLY, Conversation, Post
from groundswell.simulation.exports import claude_code, copilot, git, litellm, m365, org_chart, programmes, pulse, seats, truth
from groundswell.simulation.exports.mattermost import MattermostWriter
from groundswell.simulation.exports.slack import SlackWriter
from groundswell.simulation.names import Persona, christen

if TYPE_CHECKING:
    from groundswell.simulation.world import World

ALL: tuple[str, ...] = (
    "slack", "org_chart", "git", "copilot", "claude_code", "m365", "litellm", "mattermost", "seats", "programmes", "pulse",
    "truth",
)  # fmt: skip


Progress = Callable[[int, int, str], None]
"""Called with steps done, steps in all, and what was just done."""


def write(
    world: "World",
    folder: Path,
    *,
    sources: Sequence[str] = ALL,
    weekly: float = LEAST_WEEKLY,
    progress: Progress | None = None,
) -> None:
    """Write the exports of one company.

    Args:
        world: what happened.
        folder: made if missing; files of the same names are replaced, repositories must not exist yet.
        sources: some of ALL. Dials such as `missing` take out what a source shows, not the file.
        weekly: messages a person and week, at least.
        progress: called once the files are written, and after every week of messages.

    Raises:
        ValueError: a source that is not one of ALL.
        OutputError: the folder cannot be written.
    """
    unknown = sorted(set(sources) - set(ALL))
    if unknown:
        raise ValueError(f"no export called {', '.join(unknown)}; one of {', '.join(ALL)}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        told = progress or _silent
        told(0, world.weeks, "files")
        _write_files(world, folder, set(sources))
        _write_chat(world, folder, set(sources), weekly, told)
    except OSError as e:
        raise OutputError(
            folder.name, "the simulated company cannot be written", remedy="Choose a folder you may write to"
        ) from e


def _write_files(world: "World", folder: Path, sources: set[str]) -> None:
    personas = christen(world.company, world.chance)
    told = folder / "truth"
    if "truth" in sources:
        truth.write_tables(world, told)
    if "org_chart" in sources:
        org_chart.write(world, personas, folder / "org_chart.csv")
    if "git" in sources:
        made = list(git.write(world, personas, folder))
        if "truth" in sources:
            truth.write_commits(made, told / "commits.jsonl")
    for name, writer in (("copilot", copilot.write), ("claude_code", claude_code.write), ("m365", m365.write)):
        if name in sources:
            writer(world, personas, folder)
    _write_lists(world, personas, folder, sources)


def _write_lists(world: "World", personas: Sequence[Persona], folder: Path, sources: set[str]) -> None:
    """Files that are one plain table each."""
    if "litellm" in sources:
        litellm.write(world, personas, folder / "litellm_daily_user_spend.csv")
    if "seats" in sources:
        seats.write(world, personas, folder / "seats.csv")
    if "programmes" in sources:
        programmes.write(world, folder / "programmes.csv")
    if "pulse" in sources:
        pulse.write(world, folder / "pulse.csv")


def _silent(done: int, total: int, what: str) -> None:
    """Nobody listens."""


def _write_chat(world: "World", folder: Path, sources: set[str], weekly: float, progress: Progress) -> None:
    """One pass over the conversation for every file that holds messages."""
    if not sources & {"slack", "mattermost"} or "chat" in world.dials.missing:
        return
    conversation = Conversation(world, weekly=weekly)
    writers: list[SlackWriter | MattermostWriter | truth.MessageTruth] = []
    if "slack" in sources:
        slack = SlackWriter(conversation, folder / "slack_export.zip")
        writers.append(slack)
        if "truth" in sources:
            writers.append(truth.MessageTruth(slack, folder / "truth" / "messages.jsonl"))
    if "mattermost" in sources:
        writers.append(MattermostWriter(conversation, folder / "mattermost_export.zip"))
    for day, posts in conversation.days():
        _hand_out(writers, day, posts)
        if day % 7 == 4:
            progress(day // 7 + 1, world.weeks, "messages")
    for writer in writers:
        writer.close()


def _hand_out(writers: "list[SlackWriter | MattermostWriter | truth.MessageTruth]", day: int, posts: list[Post]) -> None:
    for writer in writers:
        writer.day(day, posts)
