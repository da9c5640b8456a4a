"""Words on a page: an English sentence with typed placeholders, translated and formatted only when it is drawn."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True)
class Phrase:
    """An English text that languages/*.toml may translate, and the values that fill it.

    A placeholder is `{name}` or `{name:spec}`, with spec one of
    `count` (1,234), `number` (2 significant figures), `percent` (0.25 -> 25 %), `days` (12 days), `date`, `ratio` (1.8),
    `signed` (+12).
    A text with two forms, `"{n:count} person | {n:count} people"`, is chosen by the value called `n`.

    Attributes:
        text: the English text; also the key of its translations.
        values: what fills the placeholders; a Phrase is translated first.
    """

    text: str
    values: Mapping[str, "int | float | str | date | Phrase"] = field(default_factory=dict)


def say(text: str, **values: "int | float | str | date | Phrase") -> Phrase:
    """Make a Phrase; `say("{n:count} person | {n:count} people", n=3)`."""
    return Phrase(text, values)
