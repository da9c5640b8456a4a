"""Which reader a company has chosen: the linear one unless its file says otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from groundswell.reading.opinion import Opinion
    from groundswell.reading.reader import Reader


class Kind(StrEnum):
    """The readers there are; none is better until an audit of it says so."""

    LINEAR = "linear"
    ENCODER = "encoder"
    ENCODER_IF_INSTALLED = "encoder-if-installed"
    LLM = "llm"


@dataclass(frozen=True, slots=True)
class Choice:
    """A reader and what it needs.

    Attributes:
        kind: a Kind.
        url, model: endpoint and model of the reader `llm`.
        elsewhere: true if the company allows an endpoint that is not this machine's.
        cache: folder for the answers of `llm`; "" keeps them for one run.
        local: file of a model retrained on the company's own labels; "" for the package's.
    """

    kind: str = Kind.LINEAR
    url: str = ""
    model: str = ""
    elsewhere: bool = False
    cache: str = ""
    local: str = ""


def reader(choice: Choice, *, own_tools: Sequence[str] = (), own_products: Sequence[str] = ()) -> "Reader":
    """Make the reader of a company.

    Raises:
        GroundswellError: it needs what is not here.
        PluginError: the local model was trained with other cues.
    """
    from groundswell.reading import linear
    from groundswell.reading.reader import Reader

    weights, name = None, ""
    if choice.local:
        weights, name = linear.read(Path(choice.local)), Path(choice.local).stem
    return Reader(own_tools=own_tools, own_products=own_products, model=weights, name=name, second=_second(choice))


def _second(choice: Choice) -> "Opinion | None":
    from groundswell.reading import encoder, llm

    kind = Kind(choice.kind)
    if kind is Kind.LLM:
        cache = Path(choice.cache) if choice.cache else None
        return llm.LanguageModel(llm.Settings(choice.url, choice.model, elsewhere=choice.elsewhere, cache=cache))
    if kind is Kind.ENCODER or (kind is Kind.ENCODER_IF_INSTALLED and encoder.installed()):
        return encoder.Encoder()
    return None
