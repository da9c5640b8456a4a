"""What every source promises, held for each one that is found, present and future.

A new source needs an invented sample (see source_samples.py). Write its golden reading with
`pytest tests/contracts/test_sources.py --update-golden`, then read the difference before committing it.
"""

import dataclasses
import io
import json
import random
import zipfile
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from groundswell.errors import GroundswellError
from groundswell.model.trace import ActorKind, Family, Message, TieTrace
from groundswell.privacy.door import Door
from groundswell.registry import sources
from groundswell.store.schema import TABLES, to_arrow
from source_samples import KEY, as_json, folder_of, forbidden_words, place_sample, read_all, rows_of

SOURCES = sources()
MOST_ROWS = 65_536
"""Rows a batch: at some hundred bytes each, what a few processes can hold at once."""
MUTATIONS = 40
MUTATIONS_OF_A_BUILT_SAMPLE = 6
"""A sample that a script builds (git) costs a process to read."""
EARLIEST, LATEST = date(1970, 1, 1), date(2100, 1, 1)

every_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    """Source name -> path of a copy of its sample."""
    root = tmp_path_factory.mktemp("samples")
    return {name: place_sample(name, root / name) for name in SOURCES if folder_of(name).is_dir()}


@pytest.fixture
def export(source, samples):
    """The source's own sample, recognised."""
    assert source.name in samples, f"no sample in {folder_of(source.name)}"
    found = source.recognise(samples[source.name])
    assert found is not None, "the source does not recognise its own sample"
    return found


@every_source
def test_declares_itself(source):
    """A source says what it reads, what it can show, what it can never show and what misleads in it."""
    assert source.family in Family
    assert source.title.strip()
    for told in (source.fields, source.shows, source.never, source.traps):
        assert told
        assert all(isinstance(line, str) and line.strip() for line in told)


@every_source
def test_recognises_its_own_sample_and_no_other(source, samples):
    """Of all samples a source takes its own alone, so that a folder of anything is read once."""
    taken = {name for name, path in samples.items() if source.recognise(path) is not None}
    assert taken == {source.name}


@every_source
def test_names_itself_and_the_path(source, export, samples):
    """An export says which source recognised it, and where."""
    assert (export.source, export.path) == (source.name, samples[source.name])


@every_source
def test_same_ids_twice(source, export):
    """The same export read twice gives the same rows in the same order, and the same counts."""
    first, again = (read_all(source, export) for _ in range(2))
    assert [(b.row, dict(b.columns)) for b in first[0]] == [(b.row, dict(b.columns)) for b in again[0]]
    assert first[1] == again[1]


@every_source
def test_another_key_gives_other_ids(source, export):
    """Every id and pseudonym hangs on the key: nobody without it can link a row to a message or a person."""
    hashed = []
    for key in (KEY, bytes(32)):
        rows = [row for batch in source.read(export, Door(key, source.name)) for row in rows_of(batch)]
        hashed.append({row[name] for row in rows for name in ("id", "actor", "whom", "place", "thread") if row.get(name)})
    assert hashed[0]
    assert not hashed[0] & hashed[1]


@every_source
def test_columns_are_whole(source, export):
    """Every batch holds every column of its row class, of one length and of the type its table stores."""
    batches, _ = read_all(source, export)
    assert batches
    for batch in batches:
        assert set(batch.columns) == {item.name for item in dataclasses.fields(batch.row)}
        assert len({len(column) for column in batch.columns.values()}) == 1
        assert 0 < len(batch) <= MOST_ROWS
        if batch.row is not Message:
            assert batch.row in TABLES.values()
            assert to_arrow(batch).num_rows == len(batch)


@every_source
def test_rows_make_sense(source, export):
    """Ids are 63-bit, times aware UTC within living memory, kinds from the closed list, a tie has two ends."""
    for batch in read_all(source, export)[0]:
        for row in rows_of(batch):
            check_row(source, batch.row, row)


def check_row(source, kind, row):
    """What holds for any row of any source, of a good export or a broken one."""
    assert 0 < row["id"] < 2**63
    assert 0 <= row["version"] < 2**63
    for name, value in row.items():
        if isinstance(value, datetime):
            assert value.tzinfo is not None
            assert value.utcoffset() == timedelta(0)
            assert EARLIEST <= value.astimezone(UTC).date() < LATEST
        elif isinstance(value, date):
            assert EARLIEST <= value < LATEST
        elif name in {"actor", "whom", "place", "thread", "manager", "reply_to", "artefact"}:
            assert 0 <= value < 2**63
    assert "source" not in row or row["source"] == source.name
    assert row.get("actor_kind", "person") in set(ActorKind)
    if kind is TieTrace:
        assert row["actor"] != row["whom"]
        assert row["actor"]
        assert row["whom"]


@every_source
def test_every_row_is_counted(source, export):
    """What the door was told was kept is what came out."""
    batches, tally = read_all(source, export)
    came = Counter()
    for batch in batches:
        came[batch.row.__name__] += len(batch)
    assert tally.kept == came


@every_source
def test_a_message_is_a_trace_too(source, export):
    """Every message has a trace of the same id, day and author: shares are taken against messages of any topic."""
    found = {}
    for batch in read_all(source, export)[0]:
        for row in rows_of(batch):
            day = row["ts"].date() if "ts" in row else row.get("day")
            found.setdefault(batch.row.__name__, set()).add((row["id"], row["version"], day, row.get("actor"), row.get("place")))
    assert found.get("Message", set()) <= found.get("Trace", set())


@every_source
def test_golden_reading(source, export, update_golden):
    """The sample reads exactly as it did when somebody last looked at the golden file."""
    read = as_json(*read_all(source, export))
    golden = folder_of(source.name) / "expected.json"
    if update_golden:
        golden.write_text(json.dumps(read, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf8")
    assert golden.exists(), "write it with --update-golden, then read it"
    assert read == json.loads(golden.read_text("utf8"))


@every_source
def test_no_name_passes(source, export):
    """No name, address, login or text of names.txt stands in any column that could be stored, nor in any count or place."""
    batches, tally = read_all(source, export)
    held = [
        value
        for batch in batches
        for name, column in batch.columns.items()
        if not (batch.row is Message and name == "text")
        for value in column
        if isinstance(value, str)
    ]
    held += [*tally.skipped, *tally.refused, *(place for places in tally.places.values() for place in places)]
    passed = {word for word in forbidden_words(source.name) for value in held if word.casefold() in value.casefold()}
    assert not passed


@every_source
def test_the_forbidden_words_are_in_the_sample(source, samples):
    """The check above means something: each word it looks for does stand in the sample."""
    haystack = content_of(samples[source.name]) + content_of(folder_of(source.name) / "make.py")
    assert forbidden_words(source.name)
    assert not [word for word in forbidden_words(source.name) if word.casefold() not in haystack]


def content_of(path):
    """All names and text below a path, in whatever encoding reads, in one case."""
    text = []
    for file in sorted(path.rglob("*")) if path.is_dir() else [path] if path.exists() else []:
        text.append(file.name)
        if file.is_file():
            raw = file.read_bytes()
            text.extend(raw.decode(encoding, "ignore") for encoding in ("utf8", "utf-16", "cp1252"))
            text.append(raw.decode("unicode_escape", "ignore") if raw.isascii() else "")
    return "\n".join(text).casefold()


@every_source
def test_parts_make_the_whole(source, export):
    """Reading an export part by part gives the rows and counts of reading it at once, so parts can be shared out."""
    whole, tally = read_all(source, export)
    if not export.parts:
        return
    assert len(set(export.parts)) == len(export.parts)
    pieces, told = [], type(tally)()
    for part in export.parts:
        batches, counts = read_all(source, dataclasses.replace(export, parts=(part,)))
        pieces += batches
        told.add(counts)
    assert as_json(pieces, told)["rows"] == as_json(whole, tally)["rows"]
    assert (told.skipped, told.refused, told.kept) == (tally.skipped, tally.refused, tally.kept)


def rubbish(folder):
    """Paths no source may take, each hostile in its own way."""
    chance = random.Random(7)
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as out:
        out.writestr("../../etc/passwd", "root")
    files = {
        "empty": b"",
        "noise": chance.randbytes(5_000),
        "noise.zip": b"PK\x03\x04" + chance.randbytes(500),
        "noise.gz": b"\x1f\x8b" + chance.randbytes(500),
        "outside.zip": inside.getvalue(),
        "prose.txt": b"A note, with commas, and; semicolons.\nAnother line, of nothing.\n",
        "deep.json": b"[" * 100_000,
        "deep-object.json": b'{"a":' * 100_000,
        "null.json": b"null",
        "numbers.json": b"[1, 2, 3]",
        "long-line.csv": b"a," * 400_000,
        "half-utf16.csv": "\ufeffEMPLOYEE".encode("utf-16")[:-1],
        "zeros": bytes(10_000),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    (folder / "empty folder").mkdir()
    (folder / "folder of rubbish").mkdir()
    (folder / "folder of rubbish" / "users.json").write_bytes(b"{")
    (folder / "folder of rubbish" / "channels.json").mkdir()
    return [*(folder / name for name in files), folder / "empty folder", folder / "folder of rubbish", folder / "not there"]


@every_source
def test_rubbish_is_not_taken(source, tmp_path):
    """Noise, emptiness, prose, depth and a path that is not there are recognised by nobody, and raise nothing."""
    taken = [path.name for path in rubbish(tmp_path) if source.recognise(path) is not None]
    assert not taken


@every_source
def test_a_link_to_nowhere_is_not_taken(source, tmp_path):
    """A dangling link and a link to itself raise nothing."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "gone").symlink_to(tmp_path / "nothing")
    assert [source.recognise(tmp_path / name) for name in ("loop", "gone")] == [None, None]


@every_source
def test_a_broken_sample_is_an_error_or_a_count(source, tmp_path):
    """Bytes flipped, cut, doubled or put in: the reader names the trouble or counts it, and lets no name or odd row through."""
    built = (folder_of(source.name) / "make.py").exists()
    for seed in range(MUTATIONS_OF_A_BUILT_SAMPLE if built else MUTATIONS):
        path = place_sample(source.name, tmp_path / str(seed))
        break_something(path, random.Random(seed))
        found = source.recognise(path)
        if found is None:
            continue
        door = Door(KEY, source.name)
        told = ""
        try:
            for batch in source.read(found, door):
                for row in rows_of(batch):
                    check_row(source, batch.row, row)
        except GroundswellError as error:
            told = str(error)
        places = [place for found_at in door.tally.places.values() for place in found_at]
        said = "\n".join([told, *door.tally.skipped, *door.tally.refused, *places]).casefold()
        assert not [word for word in forbidden_words(source.name) if word.casefold() in said], f"seed {seed}"


def break_something(path, chance):
    """Damage one file of a sample."""
    files = [path] if path.is_file() else [p for p in sorted(path.rglob("*")) if p.is_file() and p.stat().st_size]
    target = chance.choice(files)
    target.chmod(0o644)
    raw = bytearray(target.read_bytes())
    for _ in range(chance.choice((1, 1, 3))):
        how = chance.randrange(5)
        at = chance.randrange(len(raw) + 1)
        if how == 0:
            raw = raw[:at]
        elif how == 1:
            raw[at : at + 4] = chance.randbytes(4)
        elif how == 2:
            raw[at:at] = raw[at : at + 50]
        elif how == 3:
            raw[at:at] = chance.choice((b'"', b"\xff\xfe", b"\0", b"[[[[", b"null", b"1e999", b"30000-01-01", b"\n", b","))
        else:
            del raw[at : at + chance.randrange(1, 30)]
    target.write_bytes(bytes(raw))
