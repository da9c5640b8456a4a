"""The audit: a small random sample of messages is labelled by a person, so that counts become unbiased."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from groundswell import registry
from groundswell.errors import NothingToReadError
from groundswell.model.reading import Act, Coarse, Label
from groundswell.model.source import Batch, Export
from groundswell.model.trace import ActorKind, Family, Message
from groundswell.privacy.door import Door
from groundswell.privacy.optout import OptOut
from groundswell.reading import choose
from groundswell.reading.audit import Candidate, Draw, draw, repeats
from groundswell.reading.reader import Reader
from groundswell.runs.ingest import widened
from groundswell.runs.names import Names
from groundswell.store.manifest import Intake
from groundswell.store.tables import Store

SOURCE = "audit"
"""What the store calls the source of labels."""

NOTHING = "none"
"""The label of a message that does no act."""

REPEATED = 0.2
"""Share of the sample that a second person labels too (M0)."""


@dataclass(frozen=True)
class Item:
    """A drawn message, to be shown to a labeller and then forgotten.

    Attributes:
        draw: its identity and the chance it had.
        text: its words, held in memory only.
        place: hash of the channel.
        ts: when it was sent; not shown, since the labeller is blind to the date.
        reader: name and version of the reader that predicted it.
    """

    draw: Draw
    text: str
    place: int
    ts: datetime
    reader: str


def sample(
    exports: Iterable[Export], *, key: bytes, names: Names | None = None, n: int, seed: int, opt_out: OptOut | None = None
) -> list[Item]:
    """Read chat exports again and draw messages to label, each with a known chance.

    Args:
        exports: what was read; exports without messages are passed over.
        key: of the pseudonyms, the one they were read under.
        names: the company's own tools and products.
        n: how many to draw.
        seed: of the draw.
        opt_out: whose messages are shown to nobody.

    Returns:
        Drawn messages in the order they are to be shown.

    Raises:
        NothingToReadError: no message speaks of AI.
    """
    told = names or Names()
    reader = choose.reader(told.reader, own_tools=told.tools, own_products=told.products)
    found: dict[int, tuple[Candidate, str, int, datetime]] = {}
    for export in exports:
        source = registry.sources()[export.source]
        if source.family is Family.CHAT:
            door = Door(key, source.name, opt_out)
            for batch in widened(source.read(export, door)):
                if batch.row is Message:
                    found.update(_candidates(door.admit(batch), reader))
    if not found:
        raise NothingToReadError("audit", "no message speaks of AI", remedy="Read a chat export first")
    drawn = draw([candidate for candidate, *_ in found.values()], n=n, seed=seed)
    return [Item(d, *found[d.candidate.id][1:], reader.version) for d in drawn]


def _candidates(batch: Batch, reader: Reader) -> Iterator[tuple[int, tuple[Candidate, str, int, datetime]]]:
    """Messages of persons that passed the filter, or stand in a thread that spoke of AI."""
    said = reader.predict(batch)
    columns = batch.columns
    for i, way in enumerate(said.way):
        if way and columns["actor_kind"][i] == ActorKind.PERSON:
            one = Candidate(
                id=columns["id"][i],
                version=columns["version"][i],
                source=columns["source"][i],
                unit="",
                predicted=Coarse(said.coarse[i]),
                score=float(said.score[i]),
                passed=way != "near",
            )
            yield one.id, (one, columns["text"][i], columns["place"][i], columns["ts"][i])


def repeated(items: Sequence[Item], *, seed: int) -> list[Item]:
    """The part of a sample that a second person labels too; the same seed gives the same part."""
    again = {d.candidate.id for d in repeats([i.draw for i in items], share=REPEATED, seed=seed)}
    return [item for item in items if item.draw.candidate.id in again]


def unlabelled(store: Store, items: Sequence[Item], *, coder: int) -> list[Item]:
    """Those this labeller has not yet labelled, in their order."""
    import pyarrow.parquet as pq

    done: set[int] = set()
    for file in store.files("labels"):
        table = pq.read_table(file, columns=["id", "coder"])
        done.update(i for i, c in zip(table["id"].to_pylist(), table["coder"].to_pylist(), strict=True) if c == coder)
    return [item for item in items if item.draw.candidate.id not in done]


def rows(labelled: Iterable[tuple[Item, Collection[Act]]], *, coder: int) -> Batch:
    """What one labeller saw, as rows; no text.

    Args:
        labelled: messages with the acts seen in each; none for a message that does nothing.
        coder: 1 for the first labeller, 2 for the repeat.
    """
    found = [row for item, acts in labelled for row in _rows(item, coder, acts)]
    return Batch(Label, {name: [getattr(row, name) for row in found] for name in Label.__dataclass_fields__})


def keep(store: Store, labels: Batch) -> None:
    """Store labels beside what was read.

    Raises:
        StoreError: another run is writing.
    """
    digest = hashlib.sha256(repr([labels.columns[c] for c in sorted(labels.columns)]).encode()).hexdigest()
    with store.writing():
        store.commit(store.draft([labels]), Intake(digest, SOURCE, kept={"labels": len(labels)}))
        store.settle()


def _rows(item: Item, coder: int, acts: Collection[Act]) -> Iterator[Label]:
    one = item.draw.candidate
    for act in [str(a) for a in sorted(acts)] or [NOTHING]:
        yield Label(
            id=one.id,
            version=one.version,
            probability=item.draw.probability,
            stratum=one.stratum,
            coder=coder,
            act=act,
            predicted=str(one.predicted),
            score=one.score,
            reader=item.reader,
        )
