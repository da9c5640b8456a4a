"""Loads the builder of invented repositories that the git sample is made with, for tests that tell other stories."""

import importlib.util
from datetime import UTC, datetime

from groundswell.privacy.door import Door
from groundswell.sources.git import SOURCE, read
from source_samples import KEY, folder_of, rows_of

_spec = importlib.util.spec_from_file_location("git_make", folder_of("git") / "make.py")
make = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make)

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def read_story(story, folder, **options):
    """(row class name -> rows, tally) of a story written as a repository into a folder."""
    return read_repository(story.write(folder / "repository"), **options)


def read_repository(path, **options):
    """(row class name -> rows, tally) of a repository."""
    door = Door(KEY, "git")
    found = {"Trace": [], "ActRow": [], "TieTrace": [], "ArtefactTrace": []}
    for batch in read(SOURCE.recognise(path), door, now=NOW, **options):
        found[batch.row.__name__].extend(rows_of(batch))
    return found, door.tally


def handle(contact):
    """Pseudonym of "Name <address>" under the test key."""
    name, _, email = contact.rstrip(">").partition(" <")
    return Door(KEY, "git").person(email=email, name=name)


def marks_of(rows):
    """Set of (channel, tool) of acts."""
    return {(row["channel"], row["tool"]) for row in rows["ActRow"]}
