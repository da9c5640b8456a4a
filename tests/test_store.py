"""Tables behind a manifest."""

from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundswell.errors import PluginError, PrivacyError, StoreError
from groundswell.model.source import Batch
from groundswell.model.trace import Message, Trace
from groundswell.store import manifest
from groundswell.store.engine import DuckDB
from groundswell.store.manifest import Intake
from groundswell.store.schema import TABLES, schema_of, to_arrow
from groundswell.store.tables import MOST_FILES, Store

DAYS = [date(2026, 1, 30), date(2026, 1, 31), date(2026, 2, 1), date(2026, 2, 2)]


def traces(rows):
    """Batch of (id, version, day number, actor)."""
    return Batch(
        Trace,
        {
            "id": [r[0] for r in rows],
            "version": [r[1] for r in rows],
            "day": [DAYS[r[0] % 4] for r in rows],
            "actor": [r[2] for r in rows],
            "actor_kind": ["person"] * len(rows),
            "place": [1] * len(rows),
            "source": ["slack"] * len(rows),
        },
    )


def read(store):
    """All traces of a store as sorted tuples."""
    files = store.files("traces")
    if not files:
        return []
    table = pa.concat_tables([pa.parquet.read_table(f) for f in files])
    return sorted(zip(*(table[c].to_pylist() for c in ("id", "version", "day", "actor")), strict=True))


def take_in(store, *exports):
    """Commit and settle several exports."""
    with store.writing():
        for n, rows in enumerate(exports):
            store.commit(store.draft([traces(rows)]), Intake(f"export {n}", "slack"))
        store.settle()


# Versions decide the actor, as one message has one author in each of its versions.
rows = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 3)).map(lambda r: (*r, r[0] * 10 + r[1])), max_size=15)


@settings(max_examples=12, deadline=None)  # each example fills and settles three stores
@given(first=rows, second=rows)
def test_overlapping_exports_in_any_order_give_the_same_tables(tmp_path_factory, first, second):
    """Every id ends once, in its last version, whatever overlaps and whatever came first or twice."""
    one, other, twice = (Store(tmp_path_factory.mktemp("s") / "store") for _ in range(3))
    take_in(one, first, second)
    take_in(other, second, first)
    take_in(twice, first, second, first, first + second)
    last = {}
    for row in first + second:
        last[row[0]] = max(last.get(row[0], (0, -1, 0)), row)
    expected = sorted((i, v, DAYS[i % 4], a) for i, v, a in last.values())
    assert read(one) == read(other) == read(twice) == expected


def test_settling_again_changes_no_byte(tmp_path):
    """The same rows give the same files, so that a backup or a reader sees no change where there is none."""
    store = Store(tmp_path)
    take_in(store, [(1, 0, 5), (2, 0, 6)])
    before = sorted(store.files("traces"))
    take_in(store, [(2, 0, 6)], [(1, 0, 5)])
    assert sorted(store.files("traces")) == before


def test_a_day_more_leaves_what_was_settled(tmp_path):
    """Rows with new ids get a file of their own; an id that comes again rewrites the file that holds it, and no other."""
    store = Store(tmp_path)
    take_in(store, [(4, 0, 5), (8, 0, 6)])
    take_in(store, [(12, 0, 7)])
    first, second = (set(store.files("traces")), read(store))
    assert len(first) == 2
    take_in(store, [(12, 1, 9), (16, 0, 8)])
    again = set(store.files("traces"))
    assert len(again) == 2
    assert len(again & first) == 1
    assert read(store) == [*second[:2], (12, 1, DAYS[0], 9), (16, 0, DAYS[0], 8)]


def test_files_side_by_side_are_merged_in_the_end(tmp_path):
    """However many days are added one by one, a month stays a handful of files, and loses no row."""
    store = Store(tmp_path)
    for day in range(1, 2 * MOST_FILES):
        take_in(store, [(4 * day, 0, day)])
        assert len(store.files("traces")) <= MOST_FILES
    assert [row[0] for row in read(store)] == [4 * day for day in range(1, 2 * MOST_FILES)]


def test_a_failed_export_leaves_nothing(tmp_path):
    """When rows fail half way, the store is as it was, and what was drafted is swept at the next settling."""
    store = Store(tmp_path)
    take_in(store, [(1, 0, 5)])
    bad = Batch(Trace, {**traces([(2, 0, 6)]).columns, "day": ["yesterday"]})
    with store.writing(), pytest.raises(PluginError):
        store.draft([traces([(3, 0, 7)]), bad])
    take_in(store)
    assert [r[0] for r in read(store)] == [1]
    assert len(list(tmp_path.glob("traces/*/*"))) == 1


def test_text_cannot_be_stored(tmp_path):
    """A message batch is refused by the store itself, before any byte of it is written."""
    assert Message not in TABLES.values()
    with pytest.raises(PrivacyError, match="never stored"):
        Store(tmp_path).draft([Batch(Message, {"id": [1]})])


def test_two_runs_do_not_write_at_once(tmp_path):
    """A second writer is told to wait, and breaks nothing."""
    store = Store(tmp_path)
    with store.writing(), pytest.raises(StoreError, match="another run"), Store(tmp_path).writing():
        pass


def test_what_is_not_settled_is_not_read(tmp_path):
    """Between a commit and the settling, as after a kill, reading is refused rather than double-counted."""
    store = Store(tmp_path)
    with store.writing():
        store.commit(store.draft([traces([(1, 0, 5)])]), Intake("d", "slack"))
    with pytest.raises(StoreError, match="not settled"):
        store.files("traces")


@pytest.mark.parametrize("content", ["", "[]", '{"format": 99}', '{"format": 1}'])
def test_a_manifest_that_is_none_is_named(tmp_path, content):
    """A broken or later manifest is an error with its file, never an empty store."""
    (tmp_path / manifest.NAME).write_text(content)
    with pytest.raises(StoreError, match=manifest.NAME):
        manifest.load(tmp_path)


@pytest.mark.parametrize("row", TABLES.values(), ids=lambda r: r.__name__)
def test_every_row_class_has_a_table_with_id_and_version(row):
    """Every stored row can be merged: it has an id and a version that may not be missing."""
    schema = schema_of(row)
    assert not schema.field("id").nullable
    assert not schema.field("version").nullable


def test_a_missing_column_is_named():
    """A batch without a column of its row class is refused with the column's name."""
    columns = dict(traces([(1, 0, 5)]).columns)
    del columns["place"]
    with pytest.raises(PluginError, match="place"):
        to_arrow(Batch(Trace, columns))


def test_the_engine_puts_persons_beside_pseudonyms(tmp_path):
    """A view shows the person's number beside the pseudonym, 0 for a handle nobody bears, and empty tables are there."""
    store = Store(tmp_path)
    take_in(store, [(1, 0, 5), (2, 0, 6)])
    engine = DuckDB()
    engine.load(
        {"traces": store.files("traces")}, pa.table({"actor": pa.array([5], pa.int64()), "person": pa.array([1], pa.int32())})
    )
    assert engine.run("select id, person from traces order by id").to_pylist() == [{"id": 1, "person": 1}, {"id": 2, "person": 0}]
    assert engine.has("traces")
    assert not engine.has("acts")
    assert not engine.has("no_such_table")


def test_weeks_begin_on_monday(tmp_path):
    """week_of changes from Sunday to Monday, and days_between counts days."""
    engine = DuckDB()
    row = engine.run(
        "select week_of(date '2026-02-01') as sunday, week_of(date '2026-02-02') as monday, "
        "days_between(date '2026-01-30', date '2026-02-02') as days, day_after(date '2026-01-30', 3) as later"
    ).to_pylist()[0]
    assert row["monday"] == row["sunday"] + 1
    assert (row["days"], row["later"]) == (3, date(2026, 2, 2))


def test_sums_of_integers_stay_integers():
    """A sum of 64-bit integers comes back as a 64-bit integer, as it does from every other engine."""
    table = DuckDB().run("select sum(x) as total from (select cast(1 as bigint) as x union all select 2) as rows")
    assert table.schema.field("total").type == pa.int64()
    assert table["total"].to_pylist() == [3]


def test_what_does_not_fit_in_memory_is_never_written_beside_the_user_s_work(tmp_path, monkeypatch):
    """Without a place to spill to, a count that outgrows its memory fails; with one it writes there, and cleans up."""
    monkeypatch.chdir(tmp_path)
    large = "select max(x) as x from (select range as x, hash(range) as h from range(6000000) order by h) as rows"
    with pytest.raises(StoreError):
        DuckDB(memory="24MB").run(large)
    assert not list(tmp_path.iterdir())
    engine = DuckDB(memory="40MB", spill=tmp_path / "spill")
    engine.run(large)
    engine.close()
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]
