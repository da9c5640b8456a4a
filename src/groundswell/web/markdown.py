"""Markdown as people write it, turned into HTML that can show and do nothing else."""

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markupsafe import Markup

TAGS = {"p", "br", "em", "strong", "code", "pre", "ul", "ol", "li", "blockquote", "a", "hr"}
"""What may come of it: no picture, which would tell its host who reads; no heading, which would rival those of the page."""

SCHEMES = {"http", "https", "mailto"}


def markdown(text: str) -> "Markup":
    """Safe HTML of a text; cleaned once more after it was made, so that one mistake is not enough."""
    import nh3
    from markupsafe import Markup

    html = nh3.clean(
        _parser().render(text),
        tags=TAGS,
        attributes={"a": {"href"}},
        url_schemes=SCHEMES,
        link_rel="nofollow noopener noreferrer",
    )
    return Markup(html)  # noqa: S704 - cleaned just before


@cache
def _parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False, "linkify": False}).disable(
        ["heading", "lheading", "image", "html_block", "html_inline", "reference"]
    )
