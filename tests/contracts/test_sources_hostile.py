"""What somebody hostile may hand to any source: values of the wrong kind in the right place, and lines without end."""

import csv
import io
import json
import random
import resource
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_sources import check_row

from groundswell.errors import GroundswellError
from groundswell.privacy.door import Door
from groundswell.registry import sources
from source_samples import KEY, folder_of, forbidden_words, place_sample, rows_of

SOURCES = {name: source for name, source in sources().items() if not (folder_of(name) / "make.py").exists()}
"""Samples that a script builds (git) cost a process each; git's own tests put hostile bytes into repositories."""
VALUES = [
    None, True, -1, 0, 10**30, 1e300, float("nan"), "", "\0", "\ud800", "30000-01-01", "30000-01-01T00:00:00Z", "0000-00-00",
    253_402_300_800_000, "-5", "1e999", "=cmd()", "a" * 100_000, [], {}, [[[[[[]]]]]], {"a": {"b": {}}}, "\u202e", "01/02/03",
    "2026-03-02T10:00:00+99:99", [None, 1, "x"], "9" * 400,
]  # fmt: skip
"""What stands where a date, a number, a name or a list was."""

every_source = pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)


def spoilt(raw, chance):
    """Content of a file with one or a few values replaced, taken away, doubled or moved, in its own syntax."""
    text = raw.decode("utf8", "replace")
    try:
        return _written(_spoilt_tree(json.loads(text), chance))
    except (ValueError, RecursionError):
        pass
    lines = text.splitlines()
    at = chance.randrange(len(lines)) if lines else 0
    try:
        lines[at] = _written(_spoilt_tree(json.loads(lines[at]), chance)).decode("utf8", "surrogatepass")
        return "\n".join(lines).encode("utf8", "surrogatepass")
    except (ValueError, IndexError, RecursionError):
        return _spoilt_table(text, chance)


def _spoilt_tree(tree, chance):
    """One place of a JSON value changed."""
    places = []

    def walk(node):
        for key in node if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    if not isinstance(tree, dict | list):
        raise ValueError("no structure")
    walk(tree)
    if not places:
        return chance.choice(VALUES)
    node, key = chance.choice(places)
    how = chance.randrange(4)
    if how == 0:
        del node[key]
    elif how == 1 and isinstance(node, list):
        node.append(node[key])
    elif how == 2:
        other, there = chance.choice(places)
        if not isinstance(other[there], dict | list):
            node[key] = other[there]
    else:
        node[key] = chance.choice(VALUES)
    return tree


def _written(tree):
    return json.dumps(tree, ensure_ascii=False).encode("utf8", "surrogatepass")


def _spoilt_table(text, chance):
    """One cell of a table changed; of what is no table, one line."""
    rows = list(csv.reader(io.StringIO(text.replace("\0", ""))))
    row = chance.choice([r for r in rows if r] or [[""]])
    row[chance.randrange(len(row))] = str(chance.choice(VALUES))
    out = io.StringIO()
    csv.writer(out).writerows([*rows, row] if chance.random() < 0.2 else rows)
    return out.getvalue().encode("utf8", "surrogatepass")


def hold(source, path):
    """Read what may be broken: an error one can act on, or rows that make sense; no name in what is said."""
    found = source.recognise(path)
    if found is None:
        return
    door, told = Door(KEY, source.name), ""
    try:
        for batch in source.read(found, door):
            for row in rows_of(door.admit(batch)):
                check_row(source, batch.row, row)
    except GroundswellError as error:
        told = str(error)
    places = [place for found_at in door.tally.places.values() for place in found_at]
    said = "\n".join([told, *door.tally.skipped, *door.tally.refused, *places]).casefold()
    assert not [word for word in forbidden_words(source.name) if word.casefold() in said]


def attack(source, seed):
    """Spoil one file of a sample and read it."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = place_sample(source.name, Path(folder) / "sample")
        files = [path] if path.is_file() else [p for p in sorted(path.rglob("*")) if p.is_file()]
        target = chance.choice(files)
        target.chmod(0o644)
        content = target.read_bytes()
        for _ in range(chance.choice((1, 1, 4))):
            content = spoilt(content, chance)
        target.write_bytes(content)
        hold(source, path)


@every_source
def test_a_wrong_value_in_the_right_place_is_an_error_or_a_count(source):
    """Twelve spoilt samples: each is named trouble or counted, and no name or odd row comes through."""
    for seed in range(12):
        attack(source, seed)


@pytest.mark.slow
@every_source
@settings(max_examples=300, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_three_hundred_wrong_values(source, seed):
    """The same with three hundred."""
    attack(source, seed)


@pytest.mark.slow
@every_source
def test_a_line_without_end_is_bounded(source, tmp_path):
    """A file of the sample with half a gigabyte of zeros behind it costs less than a gigabyte, and ends."""
    path = place_sample(source.name, tmp_path / "sample")
    for target in [path] if path.is_file() else [p for p in sorted(path.rglob("*")) if p.is_file()][:3]:
        target.chmod(0o644)
        with target.open("r+b") as out:
            out.truncate(out.seek(0, 2) + (512 << 20))  # sparse: nothing is written to the disk
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        hold(source, path)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1 << 20  # in kilobytes
        with target.open("r+b") as out:
            out.truncate(out.seek(0, 2) - (512 << 20))
