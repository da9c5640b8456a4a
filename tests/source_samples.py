"""Finds each source's invented sample and reads it through a real door under the fixed test key.

A sample folder `tests/data/sources/<name>/` holds names.txt, expected.json, and either one entry more (the export, a file or a
folder) or a `make.py` with `build(folder: Path) -> Path` that writes the export into an empty folder and returns its path.
"""

import importlib.util
import shutil
from datetime import date, datetime
from pathlib import Path

from groundswell.privacy.door import Door

SAMPLES = Path(__file__).parent / "data" / "sources"
KEY = bytes(range(32))
"""The fixed test key: pseudonyms in golden files are made under it."""
NOT_THE_EXPORT = {"names.txt", "expected.json", "make.py", "__pycache__"}


def folder_of(name):
    """Sample folder of a source."""
    return SAMPLES / name


def place_sample(name, into):
    """Copy or build a source's sample into an empty folder; its path, with the name it has in the repository."""
    folder = folder_of(name)
    into.mkdir(parents=True, exist_ok=True)
    if (folder / "make.py").exists():
        spec = importlib.util.spec_from_file_location(f"make_{name}", folder / "make.py")
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module.build(into)
    entries = [p for p in sorted(folder.iterdir()) if p.name not in NOT_THE_EXPORT]
    assert len(entries) == 1, f"{folder} holds {len(entries)} exports beside names.txt and expected.json; one is expected"
    target = into / entries[0].name
    if entries[0].is_dir():
        shutil.copytree(entries[0], target)
    else:
        shutil.copy(entries[0], target)
    return target


def forbidden_words(name):
    """What must not pass: the lines of names.txt."""
    lines = (folder_of(name) / "names.txt").read_text("utf8").splitlines()
    return [line.strip() for line in lines if line.strip()]


def rows_of(batch):
    """Rows of a batch as dictionaries."""
    names = list(batch.columns)
    return [dict(zip(names, values, strict=True)) for values in zip(*batch.columns.values(), strict=True)]


def read_all(source, export):
    """(batches, tally) of a whole export, through a door of its own."""
    door = Door(KEY, source.name)
    batches = list(source.read(export, door))
    return batches, door.tally


def read_rows(source, path):
    """(row class name -> rows, tally) of what a source reads at a path."""
    batches, tally = read_all(source, source.recognise(path))
    found = {}
    for batch in batches:
        found.setdefault(batch.row.__name__, []).extend(rows_of(batch))
    return found, tally


def as_json(batches, tally):
    """Golden form of a reading: rows in order of their values, so that the order of batches is free."""
    rows = {}
    for batch in batches:
        rows.setdefault(batch.row.__name__, []).extend(
            {name: _plain(value) for name, value in row.items()} for row in rows_of(batch)
        )
    for found in rows.values():
        found.sort(key=lambda row: [str(value) for value in row.values()])
    return {
        "rows": dict(sorted(rows.items())),
        "skipped": dict(tally.skipped),
        "refused": dict(tally.refused),
        "places": tally.places,
    }


def _plain(value):
    return value.isoformat() if isinstance(value, date | datetime) else value
