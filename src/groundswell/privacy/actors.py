"""Tells people from bots and from agents that work for a person, by rules kept as data in actors.toml."""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from groundswell.model.trace import ActorKind


@dataclass(frozen=True, slots=True)
class Actor:
    """What a set of handles belongs to.

    Attributes:
        kind: person, bot or agent.
        tool: canonical tool of an agent or review bot; "" otherwise.
        review: True for a tool that only suggests in review: accepting it is not the author's own practice.
    """

    kind: ActorKind
    tool: str = ""
    review: bool = False


PERSON = Actor(ActorKind.PERSON)
BOT = Actor(ActorKind.BOT)


@lru_cache(maxsize=100_000)
def classify(email: str = "", name: str = "", login: str = "") -> Actor:
    """Say who bears these handles; an unknown one is a person.

    Args:
        email: address, any case; may be empty.
        name: display name; only decides for whole words such as "bot", never by a first name.
        login: account name; may be empty.
    """
    handles = {"email": email.strip().lower(), "name": name.strip().lower(), "login": login.strip().lower()}
    for family in ("review", "agent", "bot"):
        for rule in _rules()[family]:
            if any(_matches(rule.get(field, ()), value) for field, value in handles.items()):
                return _actor(family, rule, handles["name"])
    return PERSON


def _actor(family: str, rule: dict[str, Any], name: str) -> Actor:
    if family == "bot":
        return BOT
    tool = next((r["tool"] for r in _rules()["name_tool"] if _matches(r["name"], name)), rule["tool"])
    return Actor(ActorKind.AGENT, tool, review=family == "review")


def _matches(patterns: list[re.Pattern[str]], value: str) -> bool:
    return bool(value) and any(pattern.search(value) for pattern in patterns)


@cache
def _rules() -> dict[str, list[dict[str, Any]]]:
    raw = tomllib.loads(files(__package__).joinpath("actors.toml").read_text("utf8"))
    return {
        family: [{k: v if k == "tool" else [re.compile(p) for p in v] for k, v in rule.items()} for rule in rules]
        for family, rules in raw.items()
    }
