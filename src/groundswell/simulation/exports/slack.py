"""A Slack standard export zip: channels.json, users.json, integration_logs.json and a file a channel and day.

Messages are as heavy as real ones, some 1.4 kB: the text stands in them again as blocks, the author's profile goes with each, and
all of it is indented by four.
"""

from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from groundswell.simulation.conversation import Conversation, Post
from groundswell.simulation.exports.zipping import ZipWriter
from groundswell.simulation.people import NEVER
from groundswell.simulation.speech.wording import OPEN, SHUT

TEAM = "T0GROUND1"
BOT = "B0MACHINE"
BOT_USER = "U0MACHINE"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_NO_MAIL = 0.03  # share of users whose address the workspace hides


class SlackWriter:
    """Writes the days of one conversation as they come; holds one day.

    Args:
        conversation: whose messages.
        path: of the zip.
    """

    def __init__(self, conversation: Conversation, path: Path) -> None:
        self.conversation = conversation
        self.world = conversation.world
        self.zip = ZipWriter(path)
        start = self.world.dials.start
        self.epoch = int(datetime(start.year, start.month, start.day, tzinfo=UTC).timestamp())
        self.users = [user_id(i) for i in range(len(conversation.personas))]
        self.encode = msgspec.json.Encoder().encode
        self.profiles = [self._profile(i) for i in range(len(conversation.personas))]
        self._member("channels.json", self._channels())
        self._member("users.json", self._users())
        self._member("integration_logs.json", self._integrations())

    def day(self, day: int, posts: list[Post]) -> None:
        """Write the files of one day."""
        by_place: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for post in posts:
            by_place[post.place].append(self._message(post))
        date = np.datetime64(self.world.dials.start) + np.timedelta64(day, "D")
        for place in sorted(by_place):
            self._member(f"{self.world.places.names[place]}/{date}.json", by_place[place])

    def close(self) -> None:
        """Finish the zip."""
        self.zip.close()

    def key(self, post: Post) -> str:
        """The message's `ts`, unique in its channel, its only native id."""
        return f"{self.epoch + post.day * 86_400 + post.second}.{post.serial % 1_000_000:06d}"

    def _member(self, name: str, content: Any) -> None:
        self.zip.write(name, msgspec.json.format(self.encode(content), indent=4))

    def _message(self, post: Post) -> dict[str, Any]:
        ts = self.key(post)
        if post.kind == "bot":
            return {"type": "message", "subtype": "bot_message", "bot_id": BOT, "username": "build", "text": post.text, "ts": ts}
        user = self.users[post.person]
        if post.kind == "join":
            return {
                "type": "message",
                "subtype": "channel_join",
                "user": user,
                "text": f"<@{user}> has joined the channel",
                "ts": ts,
            }
        message: dict[str, Any] = {
            "user": user,
            "type": "message",
            "ts": ts,
            "client_msg_id": f"{post.serial:08x}-0000-4000-8000-{post.person:012x}",
            "text": self._text(post.text),
            "team": TEAM,
            "user_team": TEAM,
            "source_team": TEAM,
            "user_profile": self.profiles[post.person],
            "blocks": [{"type": "rich_text", "block_id": _base36(post.serial * 7919, 5), "elements": self._elements(post.text)}],
        }
        return message | self._around(post, ts)

    def _around(self, post: Post, ts: str) -> dict[str, Any]:
        """What others did to a message, and its author later: thread, edit, reactions."""
        message: dict[str, Any] = {}
        if post.root is not None:
            message |= {"thread_ts": self.key(post.root), "parent_user_id": self.users[post.root.person]}
        elif post.replies:
            keys = [(self.users[reply.person], self.key(reply)) for reply in post.replies]
            message |= {
                "thread_ts": ts,
                "reply_count": len(keys),
                "reply_users": sorted({who for who, _ in keys}),
                "reply_users_count": len({who for who, _ in keys}),
                "latest_reply": max(key for _, key in keys),
                "replies": [{"user": who, "ts": key} for who, key in keys],
            }
        if post.edited:
            message["edited"] = {"user": self.users[post.person], "ts": f"{float(ts) + post.edited:.0f}.000000"}
        if post.reactions:
            message["reactions"] = [
                {"name": name, "users": [self.users[p] for p in people], "count": len(people)} for name, people in post.reactions
            ]
        return message

    def _text(self, text: str) -> str:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        if OPEN not in text:
            return text
        head, *rest = text.split(OPEN)
        for part in rest:
            number, tail = part.split(SHUT, 1)
            head += f"<@{self.users[int(number)]}>{tail}"
        return head

    def _elements(self, text: str) -> list[dict[str, Any]]:
        """The same words as blocks say them: quoted lines apart, mentions by the user's id."""
        made: list[dict[str, Any]] = []
        for line in text.split("\n"):
            kind = "rich_text_quote" if line.startswith("> ") else "rich_text_section"
            parts = self._inline(line.removeprefix("> "))
            if made and made[-1]["type"] == kind:
                made[-1]["elements"] += [{"type": "text", "text": "\n"}, *parts]
            else:
                made.append({"type": kind, "elements": parts})
        return made

    def _inline(self, line: str) -> list[dict[str, Any]]:
        head, *rest = line.split(OPEN)
        parts: list[dict[str, Any]] = [{"type": "text", "text": head}] if head else []
        for part in rest:
            number, tail = part.split(SHUT, 1)
            parts.append({"type": "user", "user_id": self.users[int(number)]})
            if tail:
                parts.append({"type": "text", "text": tail})
        return parts

    def _profile(self, person: int) -> msgspec.Raw:
        """What stands of the author in every message of theirs, encoded once."""
        persona, mark = self.conversation.personas[person], f"{person:012x}"
        return msgspec.Raw(
            self.encode(
                {
                    "avatar_hash": mark,
                    "image_72": f"https://avatars.example/{mark}_72.png",
                    "first_name": persona.first,
                    "real_name": persona.name,
                    "display_name": persona.first,
                    "team": TEAM,
                    "name": persona.username,
                    "is_restricted": False,
                    "is_ultra_restricted": False,
                }
            )
        )

    def _channels(self) -> list[dict[str, Any]]:
        names, readers = self.world.places.names, self.conversation.readers
        return [
            {
                "id": channel_id(place),
                "name": names[place],
                "created": self.epoch - 40_000_000 + place,
                "creator": self.users[0],
                "is_archived": False,
                "is_general": place == 0,
                "members": [self.users[i] for i in readers[place]],
                "topic": {"value": "", "creator": "", "last_set": 0},
                "purpose": {"value": "", "creator": "", "last_set": 0},
            }
            for place in range(len(readers))
        ]

    def _users(self) -> list[dict[str, Any]]:
        left = self.world.company.left_on
        last = 7 * self.world.weeks
        hidden = self.world.chance.stream("no mail").uniform(np.arange(len(left))) < _NO_MAIL
        users = [
            {
                "id": self.users[i],
                "team_id": TEAM,
                "name": persona.username,
                "deleted": bool(left[i] < min(last, NEVER)),
                "real_name": persona.name,
                "tz": {"en": "Europe/London", "fr": "Europe/Paris", "vi": "Asia/Ho_Chi_Minh"}[persona.language],
                "is_bot": False,
                "is_restricted": False,
                "is_ultra_restricted": False,
                "profile": {
                    "real_name": persona.name,
                    "display_name": persona.first,
                    "first_name": persona.first,
                    "last_name": persona.last,
                    **({} if hidden[i] else {"email": persona.email}),
                    "team": TEAM,
                },
            }
            for i, persona in enumerate(self.conversation.personas)
        ]
        machine = {"id": BOT_USER, "team_id": TEAM, "name": "build", "deleted": False, "real_name": "build", "is_bot": True,
                   "profile": {"real_name": "build", "bot_id": BOT, "team": TEAM}}  # fmt: skip
        return [*users, machine]

    def _integrations(self) -> list[dict[str, Any]]:
        return [
            {
                "service_id": "1",
                "service_type": "build",
                "user_id": self.users[0],
                "user_name": self.conversation.personas[0].username,
                "channel": channel_id(0),
                "date": str(self.epoch - 9_000_000),
                "change_type": "added",
            }
        ]


def user_id(person: int) -> str:
    """A Slack user id of nine signs."""
    return "U0" + _base36(person + 1, 7)


def channel_id(place: int) -> str:
    """A Slack channel id of nine signs."""
    return "C0" + _base36(place + 1, 7)


def _base36(number: int, width: int) -> str:
    digits = ""
    for _ in range(width):
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits
