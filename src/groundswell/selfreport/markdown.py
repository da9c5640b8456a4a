"""Markdown as people write it, turned into HTML that can show and do nothing else."""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from nh3 import Cleaner

TAGS = {"p", "br", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "a", "hr"}
"""What may come of it: no picture, which would tell its host who reads; no heading, which would rival those of the page."""

SCHEMES = {"http", "https", "mailto"}

A_GIST = 280
"""Characters of the gist of a text."""

_MARKS = re.compile(r"\[([^\]]*)\]\([^)]*\)|[*_`#>]+")


def html(text: str) -> str:
    """HTML of a text; cleaned once more after it was made, so that one mistake is not enough."""
    return cleaned(_parser().render(text)) if text else ""


def cleaned(made: str) -> str:
    """HTML with nothing in it but what may come of a text."""
    return _cleaner().clean(made)


def gist(text: str) -> str:
    """The beginning of a text without the marks of Markdown; plain, not escaped."""
    plain = " ".join(_MARKS.sub(r"\1", text).split())
    return plain if len(plain) <= A_GIST else plain[: A_GIST - 1].rpartition(" ")[0] + "…"


@cache
def _cleaner() -> "Cleaner":
    from nh3 import Cleaner

    return Cleaner(tags=TAGS, attributes={"a": {"href"}}, url_schemes=SCHEMES, link_rel="nofollow noopener noreferrer")


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(
        ["heading", "lheading", "image", "html_block", "html_inline", "reference"]
    )
