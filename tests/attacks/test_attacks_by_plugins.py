"""Attacks by a plug-in that wants to carry a person out: refused by the gate, and let through by a gate that was weakened."""

import re
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import pyarrow as pa
import pytest

from groundswell.errors import PrivacyError
from groundswell.model.measure import Counts, Exit
from groundswell.model.reading import ActRow
from groundswell.model.source import Batch
from groundswell.model.trace import Position
from groundswell.privacy import lists, smuggle
from groundswell.privacy import release as releases
from groundswell.privacy.door import Door
from groundswell.privacy.release import release
from groundswell.store.schema import schema_of

PSEUDONYM = 0x5A17_0000_1234_5678
WORDS = frozenset({"claude", "Support", "Operations", "grassroots"})


def counts(table, name="grid", **other):
    """Counts of a measure that may be a smuggler."""
    plain = {"people": 100, "units": 100, "start": date(2026, 1, 1), "end": date(2026, 3, 31)}
    return Counts(measure="sample", exit=Exit.PRACTICES, tables={name: table}, **{**plain, **other})


def act_row():
    """A stored row as it is."""
    schema = schema_of(ActRow)
    plain = {pa.int64(): PSEUDONYM, pa.string(): "claude", pa.bool_(): True, pa.float64(): 0.5}
    return pa.table({f.name: pa.array([plain.get(f.type, datetime(2026, 3, 1))], f.type) for f in schema}, schema=schema)


NAME = "Ada Quill"
SMUGGLED = {
    "a name as a word": pa.table({"tool": [NAME]}),
    "a name among units": pa.table({"unit": ["Support", NAME]}),
    "an address": pa.table({"tool": ["ada@example.test"]}),
    "a pseudonym as digits": pa.table({"tool": [str(PSEUDONYM)]}),
    "a pseudonym as a number": pa.table({"n": [PSEUDONYM]}),
    "a pseudonym below zero": pa.table({"n": [-PSEUDONYM]}),
    "a pseudonym as a fraction": pa.table({"n": [float(PSEUDONYM)]}),
    "an unsigned pseudonym": pa.table({"n": pa.array([2**63 + 5], pa.uint64())}),
    "a person's number": pa.table({"person": [3], "weeks": [4]}),
    "a whole row": act_row(),
    "a Python object as bytes": pa.table({"n": [b"\x80\x04ada"]}),
    "a list in a cell": pa.table({"n": [[1, 2]]}),
    "a structure in a cell": pa.table({"n": [{"who": 1}]}),
    "a map in a cell": pa.table({"n": pa.array([[("who", 1)]], pa.map_(pa.string(), pa.int64()))}),
    "words hidden in a dictionary": pa.table({"n": pa.array(["claude", NAME]).dictionary_encode().slice(0, 1)}),
    "long strings": pa.table({"n": pa.array([NAME], pa.large_string())}),
    "views of strings": pa.table({"n": pa.array([NAME], pa.string_view())}),
    "an instant to the microsecond": pa.table({"n": pa.array([datetime(2026, 3, 1, 9, 31, 7)], pa.timestamp("us"))}),
    "a long decimal": pa.table({"n": pa.array([PSEUDONYM], pa.decimal128(38, 0))}),
    "a name as a column": pa.table({NAME: [1]}),
    "a note on a column": pa.table({"n": [1]}, schema=pa.schema([pa.field("n", pa.int64(), metadata={"who": NAME})])),
    "a sentence": pa.table({"tool": ["I tried it on the invoices\nand it failed"]}),
}


@pytest.mark.parametrize("what", SMUGGLED)
def test_what_could_carry_a_person_is_refused(what):
    """Each way of putting a person into a table is refused, and the error quotes no value."""
    with pytest.raises(PrivacyError) as raised:
        release(counts(SMUGGLED[what]), words=WORDS)
    assert NAME not in str(raised.value)
    assert str(PSEUDONYM) not in str(raised.value)


@pytest.mark.parametrize("what", SMUGGLED)
def test_weakened_without_the_check_each_gets_out(what, monkeypatch):
    """Against a gate that checks nothing each of them is released."""
    monkeypatch.setattr(releases, "copied", lambda where, tables, words: dict(tables))
    assert release(counts(SMUGGLED[what]), words=WORDS).refused is None


def test_a_note_on_a_table_does_not_leave():
    """Metadata of a table, where libraries keep notes, is not copied."""
    noted = pa.table({"n": [1]}).replace_schema_metadata({"who": NAME})
    assert release(counts(noted), words=WORDS).tables["grid"].schema.metadata is None


def test_an_honest_table_leaves():
    """Numbers, dates, truth values and words of closed lists pass, nulls and empty words included."""
    table = pa.table({"unit": ["Support", None, ""], "n": [3, None, 2**39], "share": [0.5, float("nan"), None],
                      "day": [date(2026, 3, 1)] * 3, "ended": [True, False, None]})  # fmt: skip
    out = release(counts(table), words=WORDS).tables["grid"]
    assert repr(out.to_pylist()) == repr(table.to_pylist())


@pytest.mark.parametrize("thing", [{"who": NAME}, [NAME], NAME, object()])
def test_only_tables_leave(thing):
    """A Python object in place of a table is refused."""
    with pytest.raises(PrivacyError, match="only Arrow tables"):
        release(counts(thing))


def test_a_table_of_another_class_is_refused():
    """A record batch, or anything that only behaves like a table, is refused: its methods are not ours."""

    @dataclass
    class Lookalike:
        schema: object
        column_names: tuple = ()

    for thing in (Lookalike(pa.schema([])), pa.record_batch({"n": [1]})):
        with pytest.raises(PrivacyError, match="only Arrow tables"):
            release(counts(thing))


def test_what_is_changed_after_the_release_does_not_leave():
    """A measure that keeps the memory of a table, or its mapping, and writes to it later changes nothing that was released."""
    memory = np.array([1, 2, 3], dtype=np.int64)
    kept = pa.Array.from_buffers(pa.int64(), 3, [None, pa.py_buffer(memory)])
    tables = {"grid": pa.table({"n": kept})}
    out = release(replace(counts(tables["grid"]), tables=tables))
    memory[:] = PSEUDONYM
    tables["more"] = pa.table({"n": [PSEUDONYM]})
    assert out.tables["grid"]["n"].to_pylist() == [1, 2, 3]
    assert set(out.tables) == {"grid"}


def test_weakened_without_a_copy_the_change_leaves(monkeypatch):
    """Against a gate that hands the same memory on, what is written afterwards is released."""
    monkeypatch.setattr(releases, "copied", lambda where, tables, words: dict(tables))
    memory = np.array([1, 2, 3], dtype=np.int64)
    kept = pa.Array.from_buffers(pa.int64(), 3, [None, pa.py_buffer(memory)])
    out = release(counts(pa.table({"n": kept})))
    memory[:] = PSEUDONYM
    assert out.tables["grid"]["n"].to_pylist() == [PSEUDONYM] * 3


class Shifting(dict):
    """Tables that are other tables each time they are asked for."""

    asked = 0

    def __iter__(self):
        return iter(("grid",))

    def keys(self):
        return ["grid"]

    def __len__(self):
        return 1

    def __getitem__(self, name):
        Shifting.asked += 1
        return pa.table({"n": [1]}) if Shifting.asked == 1 else pa.table({"n": [PSEUDONYM]})

    def items(self):
        return [("grid", self["grid"])]


def test_tables_that_change_when_asked_twice_are_asked_once():
    """What was checked is what leaves: a mapping that answers otherwise the second time does not get through."""
    Shifting.asked = 0
    try:
        out = release(replace(counts(pa.table({"n": [1]})), tables=Shifting()))
    except PrivacyError:
        return
    assert all(table["n"].to_pylist() == [1] for table in out.tables.values())


def position(**changed):
    """A row of an org chart, as a source would hand it in."""
    door = Door(bytes(32), "org_chart")
    plain = {"manager": 0, "role": "", "site": "", "joined_on": None, "left_on": None, "source": "org_chart"}
    row = {
        "id": 1,
        "version": 0,
        "day": date(2026, 3, 1),
        "actor": door.person(email="ada@example.test"),
        "unit": "Support",
        **plain,
    }
    columns = {name: [value] for name, value in row.items()}
    return door, Batch(Position, {**columns, **changed})


IN_WORDS = {
    "actor": int.from_bytes(b"AdaQuill", "big") >> 1,
    "manager": 42,
    "unit": "ada@example.test",
    "role": "Please look at what I wrote\nabout the invoices",
    "site": "0044 20 79460958123",
    "source": "Ada Quill",
}


@pytest.mark.parametrize("column", IN_WORDS)
def test_a_source_cannot_store_a_name(column):
    """A source that writes a name, an address, a number of its own or a text where a word or a pseudonym belongs is stopped at
    the door, before anything is stored."""
    door, batch = position(**{column: [IN_WORDS[column]]})
    with pytest.raises(PrivacyError, match=f"org_chart.Position.{column}"):
        door.admit(batch)


@pytest.mark.parametrize("column", IN_WORDS)
def test_weakened_a_door_that_looks_at_nothing_stores_it(column, monkeypatch):
    """Against a door without the check the same row passes."""
    monkeypatch.setattr(lists, "check", lambda batch, source, issued: None)
    door, batch = position(**{column: [IN_WORDS[column]]})
    assert door.admit(batch).columns[column] == [IN_WORDS[column]]


NAMED = ["Ada Quill", "Team Ada Quill", "Engineering (QUILL, Ada)", "Quill Ada – Paris", "Équipe Ada Quill / IT"]


@pytest.mark.parametrize("unit", NAMED)
@pytest.mark.parametrize("column", ["unit", "site", "role"])
def test_a_unit_called_by_its_leader_is_stored_without_the_name(unit, column):
    """Personnel systems call a unit by who leads it: where it bears the full name of somebody this export names, in any order and
    case, a keyed label is stored in its place, the same in every row and every run, and the tally says so."""
    stored = set()
    for _ in range(2):
        door, batch = position(**{column: [unit]})
        door.person(email="ada@example.test", name="Ada Quill")
        stored.update(door.admit(batch).columns[column])
        assert door.tally.refused.total() == 1
    assert len(stored) == 1
    assert not re.search("ada|quill", stored.pop(), re.IGNORECASE)


def test_units_called_by_what_they_do_keep_their_names():
    """A first name alone, or words of a unit that nobody bears as a name, are left as they are."""
    for unit in ("Support", "Ada", "Customer Care", "Quill Products"):
        door, batch = position(unit=[unit])
        door.person(email="ada@example.test", name="Ada Quill")
        assert door.admit(batch).columns["unit"] == [unit]


def test_weakened_a_door_that_compares_no_names_stores_it(monkeypatch):
    """Against a door that looks at the form of a word alone, as ours once did, the name of the leader is stored."""
    monkeypatch.setattr(Door, "_unnamed", lambda self, batch: batch)
    door, batch = position(unit=["Team Ada Quill"])
    door.person(email="ada@example.test", name="Ada Quill")
    assert door.admit(batch).columns["unit"] == ["Team Ada Quill"]


def test_what_the_door_cannot_see_is_known():
    """A unit named after a person whom no row of the same export names passes: the names of units are the company's own. This is
    a limit, said in the threat model and pinned here so that it is not forgotten."""
    door, batch = position(unit=["Ada Quill"])
    assert door.admit(batch).columns["unit"] == ["Ada Quill"]
    assert smuggle.LARGEST_NUMBER == 2**40
