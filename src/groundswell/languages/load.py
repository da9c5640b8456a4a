"""What a language file says: words that carry acts, translations of the page, examples that must be read right."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from groundswell.errors import PluginError

_CODE = re.compile(r"[a-z]{2,3}")
_SECTIONS = {"name", "cues", "phrases", "examples"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """One invented message and what must be read in it.

    Attributes:
        text: the message.
        acts: acts of the codebook, empty for none.
        modality: a modality of the codebook; "done" unless the file says otherwise.
        tool: canonical tool, "" where the example does not say.
        job: kind of work, "" where the example does not say.
        carries: substance that must be found, such as "deadline".
    """

    text: str
    acts: tuple[str, ...]
    modality: str = "done"
    tool: str = ""
    job: str = ""
    carries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Language:
    """One language, as its file has it.

    Attributes:
        code: ISO 639 code, the file's name.
        name: what its speakers call it.
        cues: group -> cue -> RE2 fragments, matched between letter boundaries in lower-cased NFC text.
        phrases: English text of a page -> its translation; a missing one falls back to English.
        examples: messages it must read.
    """

    code: str
    name: str
    cues: Mapping[str, Mapping[str, tuple[str, ...]]]
    phrases: Mapping[str, str]
    examples: tuple[Example, ...]


@cache
def codes() -> tuple[str, ...]:
    """Codes of all languages there are, English first, then by code."""
    names = (file.name.removesuffix(".toml") for file in _folder().iterdir() if file.name.endswith(".toml"))
    return tuple(sorted((name for name in names if _CODE.fullmatch(name)), key=lambda code: (code != "en", code)))


@cache
def load(code: str) -> Language:
    """Read a language.

    Raises:
        PluginError: there is no such language, or its file has another shape.
    """
    if code not in codes():
        raise PluginError(f"language {code}", "there is no such language", expected=" or ".join(codes()))
    content = _read(f"{code}.toml")
    if set(content) != _SECTIONS:
        raise PluginError(
            f"languages/{code}.toml", f"its sections are {', '.join(content)}", expected=", ".join(sorted(_SECTIONS))
        )
    cues = {
        group: MappingProxyType({cue: tuple(forms) for cue, forms in entries.items()})
        for group, entries in content["cues"].items()
    }
    return Language(
        code=code,
        name=content["name"],
        cues=MappingProxyType(cues),
        phrases=MappingProxyType(content["phrases"]),
        examples=tuple(_example(entry) for entry in content["examples"]),
    )


@cache
def tools() -> Mapping[str, Mapping[str, Any]]:
    """Canonical tool -> its `name`, its unmistakable `forms` and its `homonyms`, read only next to other words (tools.toml)."""
    return MappingProxyType({tool: MappingProxyType(entry) for tool, entry in _read("tools.toml").items()})


def _example(entry: Mapping[str, Any]) -> Example:
    return Example(**{**entry, "acts": tuple(entry["acts"]), "carries": tuple(entry.get("carries", ()))})


def _folder() -> Any:
    return resources.files("groundswell.languages")


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(_folder().joinpath(name).read_text(encoding="utf-8"))
