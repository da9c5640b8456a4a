"""Says who stands behind the names in a commit, and whom an agent's commit is credited to."""

import re
from dataclasses import dataclass

from groundswell.model.source import DoorLike
from groundswell.model.trace import ActorKind
from groundswell.privacy.actors import classify
from groundswell.sources._git_marks import Marks

MAILMAP = re.compile(r"^\s*([^<>#]*?)\s*<([^<>]*)>(?:\s*([^<>]*?)\s*<([^<>]*)>)?")


@dataclass(frozen=True, slots=True)
class Who:
    """Whoever bears a name and an address.

    Attributes:
        actor: pseudonym; 0 for nobody.
        kind: person, bot or agent.
        label: the kind as text, looked up once: an enumeration's value costs more than the rest of a row.
        tool: the agent's tool, or the one a person's own name tells ("... (aider)"); "" otherwise.
        review: True for a tool that only suggests in review.
    """

    actor: int
    kind: ActorKind
    label: str
    tool: str = ""
    review: bool = False


NOBODY = Who(0, ActorKind.BOT, ActorKind.BOT.value)


class People:
    """Everyone met in one repository, looked up once each."""

    def __init__(self, door: DoorLike, marks: Marks, mailmap: bytes) -> None:
        self._door = door
        self._marks = marks
        self._mailmap = _read_mailmap(mailmap)
        self._met: dict[tuple[bytes, bytes], Who] = {}

    def who(self, name: bytes, email: bytes) -> Who:
        """Look up an author or committer as git wrote it."""
        known = self._met.get((name, email))
        if known is None:
            known = self._met[name, email] = self._meet(name.decode("utf8", "replace"), email.decode("utf8", "replace"))
        return known

    def credited(self, name: str, email: str) -> Who:
        """Look up somebody credited in a message."""
        return self.who(name.encode("utf8"), email.encode("utf8"))

    def _meet(self, name: str, email: str) -> Who:
        own = self._marks.agent(name, email)
        hint = self._marks.author(name, email)
        name, email = self._proper(name, email)
        actor = classify(email, name)
        kind = ActorKind.AGENT if own else actor.kind
        if kind is ActorKind.PERSON:
            number = self._door.person(email=email, name=name.partition("(")[0] if hint else name)
            return Who(number, kind, kind.value, hint)
        # No name for bots and agents: aliases by name would make one being of every bot called "GitHub Actions".
        number = self._door.person(email=email or name)
        return Who(number, kind, kind.value, own or actor.tool, actor.review and not own)

    def _proper(self, name: str, email: str) -> tuple[str, str]:
        found = self._mailmap.get((email.lower(), name.lower())) or self._mailmap.get((email.lower(), ""))
        return (found[0] or name, found[1] or email) if found else (name, email)


def _read_mailmap(text: bytes) -> dict[tuple[str, str], tuple[str, str]]:
    """Read lines `Proper <proper> Commit <commit>` in git's four forms; later lines win, as in git."""
    known: dict[tuple[str, str], tuple[str, str]] = {}
    for line in text.decode("utf8", "replace").splitlines():
        found = MAILMAP.match(line)
        if not found or line.lstrip().startswith("#"):
            continue
        name, email, other_name, other_email = found.groups()
        if other_email is None:
            before = known.get((email.lower(), ""), ("", ""))
            known[email.lower(), ""] = (name or before[0], before[1])
        else:
            key = (other_email.lower(), (other_name or "").lower())
            before = known.get(key, ("", ""))
            known[key] = (name or before[0], email)
    return known
