"""The sentences the reader learns from: invented, labelled, one or more files a language."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from groundswell.errors import PluginError
from groundswell.languages import load as languages
from groundswell.model.reading import Act, Modality

# Names that exemplars give to a product and to a tool of an invented company.
OWN_PRODUCTS = ("Quillbox", "Marlin Assist")
OWN_TOOLS = ("Plumebot", "AskNora")


@dataclass(frozen=True, slots=True)
class Exemplar:
    """One invented message.

    Attributes:
        text: the message.
        acts: what it does, empty for nothing.
        modality: how it is put.
        code: its language.
    """

    text: str
    acts: frozenset[Act]
    modality: Modality
    code: str


def load() -> list[Exemplar]:
    """All exemplars, in the order of the files.

    Raises:
        PluginError: a file names an act or a modality outside the codebook.
    """
    out = []
    folder = resources.files("groundswell.reading").joinpath("exemplars")
    for code in languages.codes():
        for name in sorted(file.name for file in folder.iterdir() if re.fullmatch(rf"{code}(-[a-z]+)?\.toml", file.name)):
            for group in tomllib.loads(folder.joinpath(name).read_text(encoding="utf-8"))["group"]:
                out += _exemplars(group, name, code)
    return out


def _exemplars(group: Mapping[str, Any], name: str, code: str) -> list[Exemplar]:
    try:
        acts = frozenset(Act(act) for act in group["acts"])
        modality = Modality(group.get("modality", Modality.DONE))
    except ValueError as error:
        raise PluginError(f"reading/exemplars/{name}", "a group is labelled outside the codebook") from error
    return [Exemplar(text, acts, modality, code) for text in group["texts"]]
