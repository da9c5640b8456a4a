"""The sentences the reader learns from: invented, labelled, one file a language."""

import tomllib
from dataclasses import dataclass
from importlib import resources

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
    for code in languages.codes():
        name = f"exemplars/{code}.toml"
        content = tomllib.loads(resources.files("groundswell.reading").joinpath(name).read_text(encoding="utf-8"))
        for group in content["group"]:
            try:
                acts = frozenset(Act(act) for act in group["acts"])
                modality = Modality(group.get("modality", Modality.DONE))
            except ValueError as error:
                raise PluginError(f"reading/{name}", "a group is labelled outside the codebook") from error
            out += [Exemplar(text, acts, modality, code) for text in group["texts"]]
    return out
