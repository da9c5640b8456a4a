"""The heavy pass: exports go in, rows come out, and the text ends here."""

import gc
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from groundswell import registry
from groundswell.errors import InputError
from groundswell.model.source import Batch, Export
from groundswell.model.trace import Message
from groundswell.privacy.door import Door, Tally
from groundswell.privacy.optout import OptOut
from groundswell.runs.names import Names
from groundswell.runs.pool import pooled
from groundswell.store.manifest import Intake
from groundswell.store.tables import Piece, Store

if TYPE_CHECKING:
    from groundswell.reading.reader import Reader

WORKERS = 2
"""Processes of the heavy pass unless asked otherwise: what a laptop spares."""

POOL_BYTES = 8_000_000
"""Below this much input a second process costs more to start than it saves."""

READ_MESSAGES, READ_CHARACTERS = 65_536, 16_000_000
"""Messages, and characters of their text, the reader is given at once. Every call compiles its patterns again, which costs what
reading some 50,000 messages does; so small batches are gathered first. Held: about 60 MB."""

PARTS_A_TASK = 12
"""Most parts of an export one task reads: enough to outweigh its start, few enough to share the work and to resume."""

TASKS_A_WORKER = 4
"""Least tasks a worker gets while there are parts enough, so that none waits long for the last one."""

MARKS_SETTING = "GROUNDSWELL_MARKS"
"""Names the file of a company's own marks, for the git source."""

Outcome = tuple["Task", "Done | InputError"]
Runner = Callable[[list["Task"]], Iterator[Outcome]]
"""Runs tasks somewhere and yields each as it ends, in any order: a pool of processes here, or a cluster (`runs.heavy_spark`)."""


@dataclass(frozen=True)
class Task:
    """One export, or some parts of it, for one process.

    Attributes:
        export: what to read.
        digests: one a part, or one for the whole: what the store remembers it by.
        folder: of the store.
    """

    export: Export
    digests: tuple[str, ...]
    folder: Path
    key: bytes
    names: Names
    opt_out: OptOut | None = None


@dataclass
class Done:
    """What a task leaves: files not yet part of the store, and its tally."""

    task: Task
    pieces: list[Piece]
    tally: Tally


@dataclass
class Report:
    """What a run of the heavy pass did.

    Attributes:
        tallies: source -> counts of this run; exports already taken in are not read again and not counted here.
        known: exports of which the store already had every part.
        failed: exports that could not be read, with the error; the others are taken in all the same.
    """

    tallies: dict[str, Tally] = field(default_factory=dict)
    known: int = 0
    failed: list[tuple[Path, InputError]] = field(default_factory=list)


def ingest(
    store: Store,
    exports: Iterable[Export],
    *,
    key: bytes,
    names: Names | None = None,
    workers: int = WORKERS,
    progress: Callable[[int, int, str], None] | None = None,
    opt_out: OptOut | None = None,
    run: Runner | None = None,
) -> Report:
    """Read exports into the store; what it already has is not read again, a killed run is taken up where it stopped.

    Args:
        store: where rows go.
        exports: what to read.
        key: of the pseudonyms.
        names: the company's own tools and products.
        workers: processes.
        progress: called with tasks done, from 0, tasks in all, and the name of the source just read.
        opt_out: who opted out; their rows are not stored, their messages not read.
        run: where the tasks run; a pool of `workers` processes of this machine if not given.

    Raises:
        StoreError: another run is writing.
        InputError: not one export could be read.
    """
    report = Report()
    with store.writing(), own_marks(names or Names()):
        tasks: list[Task] = []
        for export in exports:
            fresh = _tasks(store, export, Task(export, (), store.folder, key, names or Names(), opt_out), workers)
            report.known += not fresh
            tasks += fresh
        if progress is not None and tasks:
            progress(0, len(tasks), tasks[0].export.source)  # so that how much there is shows before the first part is done
        for n, (task, done) in enumerate((run or _pool(workers))(tasks), 1):
            source = task.export.source
            if isinstance(done, InputError):
                report.failed.append((task.export.path, done))
            else:
                store.commit(done.pieces, *_intakes(done))
                report.tallies.setdefault(source, Tally()).add(done.tally)
            if progress is not None:
                progress(n, len(tasks), source)
        store.settle()
    if report.failed and not report.tallies and not report.known:
        raise report.failed[0][1]
    return report


def _tasks(store: Store, export: Export, like: Task, workers: int) -> list[Task]:
    """What of an export the store does not have, shared out: parts that stand side by side go together."""
    taken = store.taken()
    digests = {part: _digest(export, part) for part in export.parts or ("",)}
    fresh = [part for part in digests if digests[part] not in taken]
    size = max(1, min(PARTS_A_TASK, len(fresh) // (workers * TASKS_A_WORKER)))
    groups = [fresh[i : i + size] for i in range(0, len(fresh), size)]
    return [
        replace(like, export=replace(export, parts=tuple(filter(None, group))), digests=tuple(digests[p] for p in group))
        for group in groups
    ]


def _digest(export: Export, part: str) -> str:
    """What one part, or the whole for "", is remembered by: it changes whenever the content does."""
    words = (export.source, _fingerprint(replace(export, parts=(part,) if part else ())), part)
    return hashlib.sha256("\0".join(words).encode("utf8", "surrogatepass")).hexdigest()


def _pool(workers: int) -> Runner:
    """Run tasks on processes of this machine, or in this one when a pool would not pay."""

    def run(tasks: list[Task]) -> Iterator[Outcome]:
        if workers < 2 or len(tasks) < 2 or sum(_size(t.export.path) for t in tasks) < POOL_BYTES:
            return ((task, attempt(task)) for task in tasks)
        return pooled(attempt, tasks, workers, _killed)

    return run


def _killed(task: Task) -> InputError:
    parts = f" ({task.export.parts[0]} and {len(task.export.parts) - 1} more)" if len(task.export.parts) > 1 else ""
    return InputError(
        f"{task.export.path.name}{parts}",
        "the system ended the process that read it, twice; for want of memory, most often",
        remedy="Free some memory and run the command again: what was read is kept",
    )


def attempt(task: Task) -> "Done | InputError":
    """`heavy_pass`, an unreadable export being an answer like any other."""
    try:
        return heavy_pass(task)
    except InputError as error:
        return error


def heavy_pass(task: Task) -> Done:
    """Read one task's records, let the reader see their text, and write what remains.

    Raises:
        InputError: the export as a whole cannot be read.
    """
    from groundswell.reading import choose

    source = registry.sources()[task.export.source]
    door = Door(task.key, source.name, task.opt_out)
    reader = choose.reader(task.names.reader, own_tools=task.names.tools, own_products=task.names.products)
    store = Store(task.folder)
    with seldom_collected(), own_marks(task.names):
        pieces = store.draft(_rows(source.read(task.export, door), reader, door))
    return Done(task, pieces, door.tally)


@contextmanager
def own_marks(names: Names) -> Iterator[None]:
    """Let the git source see the company's own marks, by the setting that names them; what the operator has set stands."""
    if not names.marks or os.environ.get(MARKS_SETTING):
        yield
        return
    os.environ[MARKS_SETTING] = names.marks
    try:
        yield
    finally:
        del os.environ[MARKS_SETTING]


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Look for cycles a hundred times less often: rows hold none, and looking took a tenth of the time of reading them."""
    often = gc.get_threshold()
    gc.set_threshold(100 * often[0], *often[1:])
    try:
        yield
    finally:
        gc.set_threshold(*often)


def _rows(batches: Iterable[Batch], reader: "Reader", door: Door) -> Iterator[Batch]:
    """Replace messages by the acts read in them; this is the only place that holds text, some batches at a time."""
    for read in widened(batches):
        batch = door.admit(read)
        if batch.row is Message:
            door.keep("messages", len(read))  # all of them: the difference would tell how much who opted out has written
            yield door.admit(reader.annotate(batch))
        else:
            yield batch
    yield door.aliases()


def widened(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Lay batches of messages together, in their order, until they are worth a call of the reader; pass the others on."""
    held: list[Batch] = []
    messages = characters = 0
    for batch in batches:
        if batch.row is not Message:
            yield batch
            continue
        held.append(batch)
        messages += len(batch)
        characters += sum(map(len, batch.columns["text"]))
        if messages >= READ_MESSAGES or characters >= READ_CHARACTERS:
            yield _joined(held)
            held, messages, characters = [], 0, 0
    if held:
        yield _joined(held)


def _joined(batches: list[Batch]) -> Batch:
    if len(batches) == 1:
        return batches[0]
    return Batch(Message, {name: _one_column([b.columns[name] for b in batches]) for name in batches[0].columns})


def _one_column(parts: list[Sequence[Any]]) -> Sequence[Any]:
    """Columns end to end; a column of numbers that knows how to is joined as numbers."""
    kinds = {type(part) for part in parts}
    join = getattr(parts[0], "joined", None) if len(kinds) == 1 else None
    return join(parts) if join else list(chain.from_iterable(parts))


def _intakes(done: Done) -> list[Intake]:
    """One a part; the counts of a task stand with its first."""
    tally, source = done.tally, done.task.export.source
    first, *others = done.task.digests
    return [
        Intake(first, source, dict(tally.kept), dict(tally.skipped), dict(tally.refused)),
        *(Intake(digest, source) for digest in others),
    ]


def _fingerprint(export: Export) -> str:
    source = registry.sources()[export.source]
    if source.fingerprint is not None:
        return source.fingerprint(export)
    # The name counts, since some exports are dated by it alone; what is read twice changes no row.
    whole = hashlib.sha256(export.path.name.encode("utf8", "surrogatepass"))
    for path in _files(export.path):
        with path.open("rb") as handle:
            whole.update(hashlib.file_digest(handle, "sha256").digest())
        whole.update(str(path.relative_to(export.path)).encode("utf8", "surrogatepass"))
    return whole.hexdigest()


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return sorted(Path(top) / name for top, _, names in os.walk(path) for name in names)


def _size(path: Path) -> int:
    return sum(f.stat().st_size for f in _files(path) if f.exists())


def tallies(store: Store) -> dict[str, Tally]:
    """Source -> what happened to its records, over everything the store has taken in."""
    found: dict[str, Tally] = {}
    for intake in store.taken().values():
        one = Tally(Counter(intake.kept), Counter(intake.skipped), Counter(intake.refused))
        found.setdefault(intake.source, Tally()).add(one)
    return found
