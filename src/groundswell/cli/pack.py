"""`groundswell pack`: what a works council should have in hand, made from the folder's real state."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Optional

import typer

from groundswell.cli.folder import Company
from groundswell.cli.places import check_writable, write


class PackLanguage(StrEnum):
    """Languages the pack is written in."""

    EN = "en"
    FR = "fr"
    VI = "vi"


def pack(
    company: Company,
    output: Annotated[Optional[Path], typer.Option("--output", "-o", help="Folder it goes to. [default: .]")] = None,  # noqa: UP045 - typer reads it
    lang: Annotated[Optional[PackLanguage], typer.Option(help="One language only.")] = None,  # noqa: UP045
) -> None:
    """Write the works-council pack, as HTML and Markdown, in English, French and Vietnamese."""
    place = output or Path()
    from groundswell.runs.folder import Folder
    from groundswell.runs.pack import LANGUAGES
    from groundswell.runs.pack import pack as story

    for code in (str(lang),) if lang else LANGUAGES:
        made = story(Folder(company), now=datetime.now(UTC), lang=code)
        for suffix, text in (("html", made.html), ("md", made.markdown)):
            file = place / f"pack-{code}.{suffix}"
            check_writable(file)
            write(file, text)
            typer.echo(str(file))
