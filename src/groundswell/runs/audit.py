"""The audit: a small random sample of messages is labelled by a person, so that counts become unbiased."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from groundswell import registry
from groundswell.errors import NothingToReadError
from groundswell.model.reading import Act, Coarse, Label, Modality
from groundswell.model.source import Batch, Export
from groundswell.model.trace import ActorKind, Family, Message
from groundswell.privacy import record
from groundswell.privacy.door import Door
from groundswell.privacy.optout import OptOut
from groundswell.reading import choose
from groundswell.reading.audit import Candidate, Draw, draw, repeats
from groundswell.reading.masked import masked
from groundswell.reading.reader import Reader
from groundswell.runs.ingest import widened
from groundswell.runs.names import LOCAL, Names
from groundswell.store.manifest import Intake
from groundswell.store.tables import Store

SOURCE = "audit"
"""What the store calls the source of labels."""

NOTHING = "none"
"""The label of a message that does no act."""

AUDIT = "audit"
"""Kind of the record's entries that say that texts were opened, how many and for what; never which."""

LEAST_TO_LEARN = 30
"""Fewest labelled messages a reader is retrained on; below it a handful of chance words would weigh too much."""

REPEATED = 0.2
"""Share of the sample that a second person labels too (M0)."""


@dataclass(frozen=True)
class Item:
    """A drawn message, to be shown to a labeller and then forgotten.

    Attributes:
        draw: its identity and the chance it had.
        text: its words, without mentions, addresses, numbers and links; held in memory only.
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
    exports: Iterable[Export],
    *,
    key: bytes,
    names: Names | None = None,
    n: int,
    seed: int,
    opt_out: OptOut | None = None,
    units: Mapping[int, str] | None = None,
) -> list[Item]:
    """Read chat exports again and draw messages to label, each with a known chance.

    Args:
        exports: what was read; exports without messages are passed over.
        key: of the pseudonyms, the one they were read under.
        names: the company's own tools and products.
        n: how many to draw.
        seed: of the draw.
        opt_out: whose messages are shown to nobody.
        units: actor -> unit (`company.units_of`), so that every unit is seen; None does not tell them apart.

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
                    found.update(_candidates(door.admit(batch), reader, units or {}))
    if not found:
        raise NothingToReadError("audit", "no message speaks of AI", remedy="Read a chat export first")
    drawn = draw([candidate for candidate, *_ in found.values()], n=n, seed=seed)
    return [Item(d, *found[d.candidate.id][1:], reader.version) for d in drawn]


def opened(path: Path, messages: int, *, coder: int, now: datetime) -> None:
    """Enter, before the first is shown, that somebody is about to read so many messages: so nobody reads any unentered.

    Args:
        path: the record.
        messages: how many may be shown; whoever stops early read fewer.
        coder: 1 for the first labeller, 2 for the repeat.
        now: the moment, UTC.

    Raises:
        PrivacyError: the record was changed by another hand; nothing may be shown.
    """
    record.append(path, AUDIT, {"what": "shown", "messages": messages, "coder": coder}, now=now)


def learned(path: Path, messages: int, *, now: datetime) -> None:
    """Enter that a reader learned from the texts of so many labelled messages."""
    record.append(path, AUDIT, {"what": "learned", "messages": messages}, now=now)


def retrain(store: Store, items: Sequence[Item], folder: Path, *, names: Names | None = None) -> tuple[Path | None, int] | None:
    """Train the reader again on the exemplars and on what the first labeller saw in these messages, and keep it in the folder.

    A folder in which messages were read stays with the reader that read them (`readers.settled`); a new one that holds the file
    is read by it. The file holds hashed words of labelled messages, weighed: it is the company's, like the exports.

    Args:
        store: holds the labels.
        items: a sample, with its texts in memory.
        folder: the company's.
        names: the company's own tools and products.

    Returns:
        The file and how many messages it learned from; None if fewer than LEAST_TO_LEARN of them are labelled. No file where
        the labels did not help on messages left out in turn: the reader stays as it is.
    """
    from groundswell.reading import linear
    from groundswell.reading.audit import gain
    from groundswell.reading.audit import retrain as learn

    told, texts = names or Names(), {item.draw.candidate.id: item.text for item in items}
    labels = [label for label in labels_of(store) if label.coder == 1 and label.id in texts]
    known = {label.id for label in labels}
    if len(known) < LEAST_TO_LEARN:
        return None
    better, _ = gain(labels, texts, own_tools=told.tools, own_products=told.products)
    if not better > 0:
        return None, len(known)
    digest = hashlib.sha256(repr(sorted((label.id, label.act) for label in labels)).encode()).hexdigest()
    path = folder / f"{LOCAL}-{digest[:8]}.npz"
    linear.write(path, learn(labels, texts, own_tools=told.tools, own_products=told.products))
    path.chmod(0o600)
    return path, len(known)


def labels_of(store: Store) -> list[Label]:
    """Every label of a store."""
    import pyarrow.parquet as pq

    rows = [row for file in store.files("labels") for row in pq.read_table(file).to_pylist()]
    return [Label(**{name: row[name] for name in Label.__dataclass_fields__}) for row in rows]


def _candidates(
    batch: Batch, reader: Reader, units: Mapping[int, str]
) -> Iterator[tuple[int, tuple[Candidate, str, int, datetime]]]:
    """Messages of persons that passed the filter, or stand in a thread that spoke of AI."""
    rows, said = reader.both(batch)
    columns = batch.columns
    orders = {
        (id_, version)
        for id_, version, act, way in zip(*(rows.columns[name] for name in ("id", "version", "act", "modality")), strict=True)
        if act == Act.DEMANDS and way in (Modality.DONE, Modality.INTENDED)
    }
    for i, way in enumerate(said.way):
        if way and columns["actor_kind"][i] == ActorKind.PERSON:
            one = Candidate(
                id=columns["id"][i],
                version=columns["version"][i],
                source=columns["source"][i],
                unit=units.get(columns["actor"][i], ""),
                predicted=Coarse(said.coarse[i]),
                score=float(said.score[i]),
                passed=way != "near",
                order=(columns["id"][i], columns["version"][i]) in orders,
            )
            yield one.id, (one, masked(columns["text"][i]), columns["place"][i], columns["ts"][i])


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
