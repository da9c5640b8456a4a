"""What files the store consists of: one small JSON file, swapped by rename, so that no reader sees half a write."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from groundswell import drafts
from groundswell.errors import StoreError

NAME = "_manifest.json"
FORMAT = 1


@dataclass
class Partition:
    """The files of one table and month.

    Attributes:
        files: paths below the store's folder.
        settled: True if every id stands there once, in its last version.
        fresh: those of the files that were added since it was settled.
    """

    files: list[str] = field(default_factory=list)
    settled: bool = False
    fresh: list[str] = field(default_factory=list)


@dataclass
class Intake:
    """One export, or one part of it, that the store has taken in.

    Attributes:
        digest: of the export's bytes and the part's name; taken in once.
        source: name of the source that read it.
        kept, skipped, refused: row class or reason -> records.
    """

    digest: str
    source: str
    kept: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)


@dataclass
class Manifest:
    """Everything that is in the store.

    Attributes:
        tables: table -> month ("2026-03", or "all" for tables without a date) -> its partition.
        intakes: digest -> what was taken in.
    """

    tables: dict[str, dict[str, Partition]] = field(default_factory=dict)
    intakes: dict[str, Intake] = field(default_factory=dict)

    def live(self) -> set[str]:
        """Every file that belongs to the store."""
        return {f for months in self.tables.values() for part in months.values() for f in part.files}


def load(folder: Path) -> Manifest:
    """Read the manifest of a store; a folder without one is an empty store.

    Raises:
        StoreError: it is not a manifest, or of a later format.
    """
    path = folder / NAME
    if not path.exists():
        return Manifest()
    try:
        raw = json.loads(path.read_text("utf8"))
        if raw["format"] != FORMAT:
            raise StoreError(
                str(path), f"the store has format {raw['format']}", expected=f"format {FORMAT}", remedy="Upgrade groundswell"
            )
        tables = {t: {m: Partition(**p) for m, p in months.items()} for t, months in raw["tables"].items()}
        return Manifest(tables, {d: Intake(**i) for d, i in raw["intakes"].items()})
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise StoreError(str(path), "not a manifest", remedy="Restore it from a backup, or read the exports again") from error


def save(folder: Path, manifest: Manifest) -> None:
    """Swap the manifest: after a crash either the old one is there or the new one."""
    drafts.replace(folder / NAME, json.dumps({"format": FORMAT, **asdict(manifest)}, indent=1, sort_keys=True))
