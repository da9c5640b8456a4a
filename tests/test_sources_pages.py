"""How JSON of admin APIs is read when it comes cut, joined, wide, deep or endless."""

import json
import tracemalloc
from datetime import date

import msgspec
import pytest

from groundswell.errors import InputError
from groundswell.privacy.door import Door
from groundswell.registry import sources
from groundswell.sources import _pages
from source_samples import KEY, SAMPLES, read_rows

SOURCES = sources()
MINE = (
    *("anthropic_cost", "anthropic_usage", "claude_code", "claude_code_otel", "claude_enterprise", "codex_enterprise"),
    *("copilot_billing", "copilot_metrics", "copilot_org", "cursor", "entra_users", "gemini", "litellm", "logbook"),
    *("m365_copilot", "openai_cost", "openai_usage", "pulse", "purview", "seats", "slack_ai"),
)


class Row(msgspec.Struct):
    """One record with a number."""

    n: int


def numbers(path, *wrappers):
    """Numbers of the records of a file, and what was counted."""
    door = Door(KEY, "test")
    return [row.n for _, row in _pages.records(path, door, Row, *wrappers)], door.tally


@pytest.mark.parametrize(
    "content",
    [
        b'{"n":1}\n{"n":2}\n',
        b'\xef\xbb\xbf{"n":1}\r\n\r\n{"n":2}',
        b'[{"n":1},{"n":2}]',
        b'[\n{"n":1},\n{"n":2}\n]\n',
        b'{"data":[{"n":1},{"n":2}],"has_more":false}',
        b'{\n "data": [\n  {"n": 1},\n  {"n": 2}\n ]\n}\n',
        b'{"data":[{"n":1}],"has_more":true}\n{"data":[{"n":2}],"has_more":false}\n',
        b'{\n "data": [{"n": 1}]\n}\n{\n "data": [{"n": 2}]\n}\n',
        b'{"data":[{"n":1}]}{"data":[{"n":2}]}',
        '\ufeff{"n":1}\n{"n":2}\n'.encode("utf-16-le"),
        '\ufeff{\n"data":[{"n":1},{"n":2}]}'.encode("utf-16-be"),
    ],
)
def test_any_wrapping(tmp_path, content):
    """Lines, arrays, pages, pages one after another, with or without BOM, narrow or wide: the same two records."""
    (tmp_path / "f.json").write_bytes(content)
    assert numbers(tmp_path / "f.json", "data")[0] == [1, 2]


@pytest.mark.parametrize("cut", [b'{"n":3', b'{"n":', b"{", b"nonsense", b'{"n":3}}', b"[" * 9000])
def test_a_cut_line_is_counted_with_its_place(tmp_path, cut):
    """A line that is cut, wherever it stands, is passed over and counted with file and line."""
    for place in range(3):
        lines = [b'{"n":1}', b'{"n":2}']
        lines.insert(place, cut)
        (tmp_path / "f.json").write_bytes(b"\n".join(lines) + b"\n")
        found, tally = numbers(tmp_path / "f.json")
        assert found == [1, 2]
        assert tally.places == {"line that is cut or no JSON": [f"f.json:{place + 1}"]}


def test_a_bad_record_of_a_page_is_counted_alone(tmp_path):
    """One record of the wrong shape costs itself, not its page."""
    (tmp_path / "f.json").write_bytes(b'{"data":[{"n":1},{"n":"x"},{"m":1},7,{"n":2}]}')
    found, tally = numbers(tmp_path / "f.json", "data")
    assert found == [1, 2]
    assert tally.skipped == {"record that is not the one expected": 3}


@pytest.mark.parametrize("content", [b"", b"\n\n", b"{", b"[1,", b"no JSON at all", b'{"a":' * 50_000, b"\xff\xfe{"])
def test_no_json_is_one_clear_error(tmp_path, content):
    """A file without one complete record is an error that names the file and what to do, never its content."""
    (tmp_path / "f.json").write_bytes(content)
    with pytest.raises(InputError, match=r"^f\.json: no complete JSON in it\..*Export it again\.$"):
        numbers(tmp_path / "f.json", "data")


def test_an_endless_line_costs_no_memory(tmp_path):
    """A line longer than any record is passed over in bounded memory, and what follows is read."""
    with (tmp_path / "f.json").open("wb") as out:
        out.write(b'{"n":1}\n{"n":')
        for _ in range(64):
            out.write(b"1" * (1 << 20))
        out.write(b'}\n{"n":2}\n')
    tracemalloc.start()
    found, tally = numbers(tmp_path / "f.json")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == [1, 2]
    assert tally.places == {"line too long to be a record": ["f.json:2"]}
    assert peak < 40 << 20


def test_a_document_too_large_to_hold_is_an_error(tmp_path, monkeypatch):
    """A single document beyond the bound is not held in memory: the error says to export one record a line."""
    monkeypatch.setattr(_pages, "MAX_DOCUMENT", 100)
    (tmp_path / "f.json").write_bytes(b'{\n"data": [' + b'\n{"n":\n1},' * 50 + b'{"n":1}]}')
    with pytest.raises(InputError, match="one record a line"):
        numbers(tmp_path / "f.json", "data")


@pytest.mark.parametrize(
    ("value", "per_second", "expected"),
    [
        ("2026-03-02", 0, date(2026, 3, 2)),
        ("2026-03-02T23:30:00-05:00", 0, date(2026, 3, 3)),
        ("2026-03-02T09:00:00.1234567Z", 0, date(2026, 3, 2)),
        (1_772_409_600, 1, date(2026, 3, 2)),
        ("1772409600000", 1_000, date(2026, 3, 2)),
        (1_772_409_600_000, 0, date(2026, 3, 2)),
        (884_541_340_800, 1, None),
        (9e99, 1, None),
        (float("nan"), 0, None),
        (float("inf"), 1, None),
        ("30000-01-01", 0, None),
        ("30000-01-01T00:00:00Z", 0, None),
        ("2026-02-30", 0, None),
        ("soon", 0, None),
        ("", 0, None),
        (None, 0, None),
        (-1, 1, None),
    ],
)
def test_days_as_vendors_write_them(value, per_second, expected):
    """A date, an instant in any zone, or an epoch number of a known or telling unit is a UTC day; anything else is none."""
    assert _pages.utc_day(value, per_second=per_second) == expected


@pytest.mark.parametrize("name", MINE)
def test_a_file_in_two_halves_reads_as_one(name, tmp_path):
    """Whatever comes twice, in whatever order, leaves the same rows: of each id the greatest version, once."""
    source = SOURCES[name]
    sample = next(p for p in sorted((SAMPLES / name).iterdir()) if p.name not in ("names.txt", "expected.json"))
    once, _ = read_rows(source, sample)
    assert once
    for rows in once.values():
        versions = {}
        for row in rows:
            versions.setdefault((row["id"], row.get("act")), set()).add(json.dumps(row, default=str, sort_keys=True))
        repeated = [told for told in versions.values() if len(told) > 1]
        assert not repeated or name == "logbook"


def test_the_fuller_copy_of_a_day_wins(tmp_path):
    """A day told by a cut export and by a whole one has one identity, and the whole one the greater version."""
    line = {
        "request_id": "r",
        "call_type": "x",
        "startTime": "2026-03-02T09:00:00Z",
        "spend": 0.5,
        "user": "ada",
        "model": "claude-x",
    }
    told = []
    for copies in (1, 2):
        (tmp_path / "log.json").write_text((json.dumps(line) + "\n") * copies)
        told.append(read_rows(SOURCES["litellm"], tmp_path / "log.json")[0])
    for kind in ("UsageDay", "UsageTotal", "Spend"):
        (cut,), (whole,) = told[0][kind], told[1][kind]
        assert cut["id"] == whole["id"]
        assert cut["version"] < whole["version"]
