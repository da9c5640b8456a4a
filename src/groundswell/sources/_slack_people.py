"""Who wrote a Slack message, and who is named in it."""

import re

from groundswell.model.source import DoorLike
from groundswell.model.trace import ActorKind
from groundswell.sources._chat import BOT, NOBODY, PERSON, Who
from groundswell.sources._slack_layout import Layout, User
from groundswell.sources._slack_posts import Post

USERNAME = re.compile(r"^<@([UW]\w+)")
STRANGER = Who(0, outside=True)


class People(dict[str, Who]):
    """Slack id -> who that is, asked of the door once."""

    def __init__(self, found: Layout, door: DoorLike) -> None:
        super().__init__()
        self._found = found
        self._door = door
        self._space = found.space or "slack"

    def __missing__(self, native: str) -> Who:
        user = self._found.users.get(native)
        profile = user.profile if user else None
        email = (profile.email if profile else "") or ""
        name = (profile.real_name if profile else "") or (user.real_name if user else "") or ""
        kind = self._door.kind(email=email, name=name, login=native.lower())
        if kind == PERSON and (native.startswith("B") or (user and user.is_bot)):
            kind = ActorKind.BOT
        if kind != PERSON:
            who = Who(self._door.person(native=f"{self._space}:{native}"), kind.value, f"@{name}" if name else "@bot")
        else:
            outside = bool(user and self._away(user))
            actor = 0 if outside else self._door.person(email=email, name=name, native=f"{self._space}:{native}")
            who = Who(actor, kind.value, "@", outside)
        self[native] = who
        return who

    def _away(self, user: User) -> bool:
        home = self._found.home
        grid = user.enterprise_user.enterprise_id if user.enterprise_user else ""
        return bool(user.is_stranger or (user.team_id and home and user.team_id not in home and grid not in home))

    def author(self, post: Post) -> Who:
        """Who wrote a message: told by the message itself, since user lists forget people and bots."""
        if post.user:
            who = self[post.user]
            if post.user_team != post.team and self._guest(post):
                return STRANGER
            if who.kind == PERSON and (post.bot_id or post.subtype == "bot_message"):
                return Who(who.actor, BOT, outside=who.outside)
            return who
        name = post.username or ""
        if told := USERNAME.match(name):
            return self[told[1]]
        if post.bot_id or name:
            kind = self._door.kind(name=name)
            native = f"{self._space}:{post.bot_id or f'bot {name}'}"
            return Who(self._door.person(native=native), BOT if kind == PERSON else kind.value)
        return NOBODY

    def _guest(self, post: Post) -> bool:
        """A member of another company whom the user list does not name."""
        known = not post.user_team or not post.team or post.user in self._found.users
        return not known and bool(self._found.home) and post.user_team not in self._found.home
