"""A Mattermost bulk export: one JSON object a line, replies nested in their root, no post ids, times in milliseconds."""

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from groundswell.simulation.conversation import Conversation, Post
from groundswell.simulation.speech.wording import OPEN, SHUT

TEAM = "company"
_EPOCH = (1980, 1, 1, 0, 0, 0)


class MattermostWriter:
    """Writes one conversation as it comes; a root is written with its whole thread.

    Args:
        conversation: whose messages.
        path: of the zip, which holds import.jsonl.
    """

    def __init__(self, conversation: Conversation, path: Path) -> None:
        self.conversation = conversation
        world = conversation.world
        self.names = [persona.username for persona in conversation.personas]
        self.places = world.places.names
        start = world.dials.start
        self.epoch = int(datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp()) * 1000
        self.zip = zipfile.ZipFile(path, "w")
        member = zipfile.ZipInfo("import.jsonl", _EPOCH)
        member.compress_type = zipfile.ZIP_DEFLATED
        self.out: io.BufferedIOBase = self.zip.open(member, "w", force_zip64=True)  # type: ignore[assignment]
        self.encode = msgspec.json.Encoder().encode
        self._line({"type": "version", "version": 1})
        self._line({"type": "team", "team": {"name": TEAM, "display_name": "Company", "type": "I"}})
        for place in range(len(conversation.readers)):
            channel = {"team": TEAM, "name": self.places[place], "display_name": self.places[place], "type": "O"}
            self._line({"type": "channel", "channel": channel})
        open_to: list[list[str]] = [[] for _ in conversation.personas]
        for place, readers in enumerate(conversation.readers):
            for person in readers:
                open_to[person].append(self.places[place])
        for persona, channels in zip(conversation.personas, open_to, strict=True):
            user = {"username": persona.username, "email": persona.email, "first_name": persona.first, "last_name": persona.last}
            belongs: dict[str, Any] = {"name": TEAM, "roles": "team_user", "channels": [{"name": name} for name in channels]}
            self._line({"type": "user", "user": {**user, "teams": [belongs]}})

    def day(self, day: int, posts: list[Post]) -> None:
        """Write the roots of one day with their threads; replies of later days are known already."""
        del day
        for post in posts:
            if post.root is None:
                self._line({"type": "post", "post": {"team": TEAM, "channel": self.places[post.place], **self._post(post)}})

    def close(self) -> None:
        """Finish the zip."""
        self.out.close()
        self.zip.close()

    def _line(self, content: dict[str, Any]) -> None:
        self.out.write(self.encode(content) + b"\n")

    def _post(self, post: Post) -> dict[str, Any]:
        """A root or a reply; what a server says of itself, such as a join, bears a type of its own."""
        line: dict[str, Any] = {
            "user": self.names[post.person] if post.kind != "bot" else self.names[0],
            "message": self._text(post.text),
            "create_at": self.time(post),
        }
        if post.kind == "join":
            line |= {"type": "system_join_channel", "message": f"{self.names[post.person]} joined the channel."}
        if post.kind == "bot":
            line["props"] = {"from_webhook": "true", "override_username": "build"}
        if post.edited:
            line["edit_at"] = line["create_at"] + 1000 * post.edited
        if post.reactions:
            line["reactions"] = [
                {"user": self.names[person], "emoji_name": name, "create_at": line["create_at"] + 60_000}
                for name, people in post.reactions
                for person in people
            ]
        if post.replies:
            line["replies"] = [self._post(reply) for reply in post.replies]
        return line

    def time(self, post: Post) -> int:
        """Milliseconds since 1970; the last three digits tell posts of one second apart."""
        return self.epoch + (post.day * 86_400 + post.second) * 1000 + post.serial % 1000

    def _text(self, text: str) -> str:
        if OPEN not in text:
            return text
        head, *rest = text.split(OPEN)
        for part in rest:
            number, tail = part.split(SHUT, 1)
            head += f"@{self.names[int(number)]}{tail}"
        return head
