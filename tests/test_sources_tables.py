"""What every table and line reader holds: encodings, delimiters, spellings, days, bounded lines."""

import io
import tracemalloc
from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundswell.errors import InputError
from groundswell.privacy.door import Door
from groundswell.sources._csv import need_table, open_table
from groundswell.sources._days import day, day_in_name, day_micros, epoch_micros, from_micros, instant, month_first, to_micros
from groundswell.sources._lines import bounded, json_document, json_lines
from source_samples import KEY

COLUMNS = {"who": ("EMPLOYEE_EMAIL",), "unit": ("Department", "Équipe"), "none": ("Absent",)}


class Line(msgspec.Struct):
    """A line of these tests."""

    a: int


@pytest.fixture
def door():
    """A door under the test key."""
    return Door(KEY, "test")


@pytest.mark.parametrize("encoding", ["utf8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("header", ["EMPLOYEE_EMAIL", "Employee e-mail", "employeeEmail", " Employee Email "])
def test_a_table_is_read_however_it_was_saved(tmp_path, door, encoding, delimiter, header):
    """Encoding, delimiter, and the header's case, spaces and signs make no difference to what is read."""
    text = f'Équipe{delimiter}{header}\r\nÉté{delimiter}a@x.example\r\n\r\n"a{delimiter}b"{delimiter}b@x.example\r\n'
    path = tmp_path / "t.csv"
    path.write_bytes(text.encode(encoding))
    rows = [row for _, row in open_table(path).rows(door, COLUMNS)]
    assert rows == [
        {"who": "a@x.example", "unit": "Été", "none": ""},
        {"who": "b@x.example", "unit": f"a{delimiter}b", "none": ""},
    ]


def test_bad_rows_are_counted_with_their_line(tmp_path, door):
    """A short row, a long row, a quote never closed and a line without end are passed over, counted and placed."""
    path = tmp_path / "t.csv"
    path.write_text("Department,EMPLOYEE_EMAIL\na,1@x\nb\nc,2@x,extra\nd,3@x,,\n" + "e" * 3_000_000 + ',4@x\nf,5@x\n"g,6@x\n')
    assert [row["unit"] for _, row in open_table(path).rows(door, COLUMNS)] == ["a", "d", "f"]
    assert door.tally.places["row with more or fewer cells than the header"][:2] == ["t.csv:3", "t.csv:4"]
    assert door.tally.skipped["line too long to be a row"] == 1


def test_a_missing_column_is_named_and_no_cell_is_told(tmp_path):
    """The error names the column to add; what the first line holds, which may be somebody's row, stays in the file."""
    path = tmp_path / "t.csv"
    path.write_text("Ada Imagined,ada@invented.example\nBo Imagined,bo@invented.example\n")
    with pytest.raises(InputError, match="no column EMPLOYEE_EMAIL") as raised:
        need_table(path, COLUMNS, "who")
    assert "Ada" not in str(raised.value)


@given(st.binary(max_size=400))
def test_any_bytes_are_a_table_or_none(tmp_path_factory, content):
    """Whatever the bytes, opening and reading a table raises nothing."""
    path = tmp_path_factory.mktemp("t") / "t.csv"
    path.write_bytes(content)
    table = open_table(path)
    if table:
        list(table.rows(Door(KEY, "test"), COLUMNS))


class Endless(io.RawIOBase):
    """Ten gigabytes of one line, then a short one."""

    def __init__(self, size):
        self.left = size

    def readable(self):
        return True

    def readinto(self, buffer):
        size = min(len(buffer), self.left)
        buffer[:size] = b"x" * size
        self.left -= size
        if not self.left and size:
            buffer[size - 1 : size] = b"\n"
        return size


def test_a_line_without_end_costs_no_memory():
    """A line far past the limit is passed over in pieces; the memory used is a few times the limit."""
    stream = io.BufferedReader(Endless(300 << 20), 1 << 16)
    tracemalloc.start()
    found = list(bounded(stream.readline, 1 << 20))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [(1, None)]
    assert peak < 8 << 20


@given(st.lists(st.text("ab\u00e9", max_size=12)), st.integers(3, 8))
def test_bounded_lines_are_the_lines(lines, limit):
    """Every line that fits comes out as it is, every other one as None, each under its own number."""
    text = "".join(f"{line}\n" for line in lines)
    found = list(bounded(io.StringIO(text, newline="\n").readline, limit))
    assert [n for n, _ in found] == list(range(1, len(lines) + 1))
    assert [line for _, line in found] == [f"{line}\n" if len(line) < limit else None for line in lines]


def test_a_line_cut_in_half_is_counted(tmp_path, door):
    """Of JSON lines the whole ones are read; a cut, deep or wrong one is counted with its number."""
    path = tmp_path / "t.ndjson"
    path.write_bytes(b'\xef\xbb\xbf{"a": 1}\n\n{"a": "x"}\n' + b'{"a":' * 50_000 + b'\n{"a": 2}\n{"a": \xff}\n{"a": 3')
    assert [(n, line.a) for n, line in json_lines(path, door, Line)] == [(1, 1), (5, 2)]
    assert door.tally.places["line that is not the record expected"] == [f"t.ndjson:{n}" for n in (3, 4, 6, 7)]


def test_a_broken_document_is_one_sentence(tmp_path):
    """A document that is cut, deep, not UTF-8 or too large is one clear error that quotes nothing of it."""
    path = tmp_path / "t.json"
    for content in (b'{"a": 1', b"[" * 50_000, b'{"a": "\xff"}', b'{"b": "Ada Imagined"}', b'{"a": "Ada Imagined"}'):
        path.write_bytes(content)
        with pytest.raises(InputError, match="not the JSON expected") as raised:
            json_document(path, Line)
        assert "Ada" not in str(raised.value)
    with pytest.raises(InputError, match="more than 0 MB"):
        json_document(path, Line, limit=3)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-03-01", date(2026, 3, 1)),
        ("2026-03-01T23:59:00Z", date(2026, 3, 1)),
        ("2026/3/1 10:00", date(2026, 3, 1)),
        ("20260301", date(2026, 3, 1)),
        ("01.03.2026", date(2026, 3, 1)),
        ("01/03/2026", date(2026, 3, 1)),
        ("30000-01-01", None),
        ("1910-01-01", None),
        ("2026-02-30", None),
        ("soon", None),
        ("", None),
        ("0001-01-01", None),
    ],
)
def test_days(written, meant):
    """A day is read as exports write it; what is none, or outside living memory, is None."""
    assert day(written) == meant


def test_a_column_settles_its_own_order():
    """03/04 is read month first only if another cell of the column leaves no choice and none contradicts it."""
    assert month_first(["03/04/2026", "03/25/2026"]) is True
    assert month_first(["03/04/2026", "25/03/2026"]) is False
    assert month_first(["03/25/2026", "25/03/2026"]) is None
    assert month_first(["03/04/2026"]) is None
    assert day("03/04/2026", month_first=True) == date(2026, 3, 4)
    assert day("03/04/2026") == date(2026, 4, 3)


def test_instants_are_utc_and_bounded():
    """Instants come out in UTC; one without a zone is taken as UTC; impossible ones are None."""
    assert instant("2026-03-01T01:00:00+02:00") == datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert instant("2026-03-01T01:00:00") == datetime(2026, 3, 1, 1, tzinfo=UTC)
    assert [instant(text) for text in ("", "x", "9999-12-31T23:59:59-23:00", "0001-01-01T00:00:00+23:00", "2200-01-01")] == [
        None
    ] * 5


@given(st.datetimes(datetime(1980, 1, 2), datetime(2099, 12, 30)))
def test_epoch_units_are_told_by_size(moment):
    """Seconds, milli-, micro- and nanoseconds of one moment give one moment."""
    micros = to_micros(moment.replace(tzinfo=UTC))
    assert from_micros(micros) == moment.replace(tzinfo=UTC)
    whole = micros // 1_000_000 * 1_000_000
    assert {epoch_micros(whole // 1_000_000), epoch_micros(whole // 1_000), epoch_micros(whole), epoch_micros(whole * 1_000)} == {
        whole
    }
    assert epoch_micros(884_541_600_000_000_000_000) is None


def test_a_day_is_found_in_a_name():
    """The last whole day of a file's name dates it."""
    assert day_in_name("export-20250101-people_2026.03.31") == date(2026, 3, 31)
    assert day_in_name("people-2026") is None
    assert day_micros(date(1970, 1, 2)) == 86_400_000_000
