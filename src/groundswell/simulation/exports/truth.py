"""The truth beside the traces: tables as CSV, and what each simulated message and commit does as JSON lines."""

import csv
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundswell.simulation.acts import ACT, ACTS, EXAMPLE, MODALITIES
from groundswell.simulation.catalogue import JOBS
from groundswell.simulation.conversation import Post
from groundswell.simulation.exports.slack import SlackWriter, channel_id
from groundswell.simulation.truth import TOOL_NAMES

if TYPE_CHECKING:
    from groundswell.simulation.world import World

CHUNK = 65_536
"""Rows written at once."""


def write_tables(world: "World", folder: Path) -> None:
    """Write every table of `World.truth` as CSV, and world.json with the arguments; an empty cell is a missing value."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in world.truth.items():
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(table)
            rows = len(next(iter(table.values())))
            for first in range(0, rows, CHUNK):  # as Python's own values a large company's work would take gigabytes
                some = (column[first : first + CHUNK].tolist() for column in table.values())
                writer.writerows(zip(*some, strict=True))
    told = {"people": world.people, "weeks": world.weeks, "policy": world.policy.value, "seed": world.seed}
    (folder / "world.json").write_text(json.dumps(told) + "\n", encoding="utf-8")


class MessageTruth:
    """One line for each message that does something; a message not listed does nothing.

    Keys: container (Slack channel id), channel (name), key (Slack ts), person, acts [{act, modality, tool, job}], row (in
    acts.csv, null for a question that was added for its answer), more (rows of what else the same message does).
    """

    def __init__(self, slack: SlackWriter, path: Path) -> None:
        self.slack = slack
        self.out = path.open("w", encoding="utf-8")

    def day(self, day: int, posts: list[Post]) -> None:
        """Write the messages of one day."""
        del day
        for post in posts:
            if post.act != "none":
                self.out.write(json.dumps(self._line(post)) + "\n")

    def close(self) -> None:
        """Finish the file."""
        self.out.close()

    def _line(self, post: Post) -> Mapping[str, Any]:
        act = {"act": post.act, "modality": post.modality, "tool": TOOL_NAMES[post.tool], "job": JOBS[post.job]}
        acts = self.slack.world.acts
        further = [{"act": ACTS[acts["act"][n]], "modality": MODALITIES[acts["modality"][n]], "tool": TOOL_NAMES[acts["tool"][n]],
                    "job": JOBS[acts["job"][n]]} for n in post.more]  # fmt: skip
        # An announcement that tells of one's own attempt does two acts.
        told = post.row >= 0 and int(acts["words"][post.row]) & EXAMPLE > 0 and int(acts["act"][post.row]) == ACT["announces"]
        return {
            "container": channel_id(post.place),
            "channel": self.slack.world.places.names[post.place],
            "key": self.slack.key(post),
            "person": post.person,
            "acts": [act, {**act, "act": "tries", "modality": "done"}] if told else [act, *further],
            "row": post.row if post.row >= 0 else None,
            "more": post.more,
        }


def write_commits(made: Iterable[tuple[str, str, int]], path: Path) -> None:
    """Write which commit carries which row of acts.csv."""
    with path.open("w", encoding="utf-8") as out:
        for repository, commit, row in made:
            out.write(json.dumps({"repository": repository, "commit": commit, "row": row}) + "\n")
