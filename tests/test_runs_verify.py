"""What an outsider finds out from the record alone."""

import json
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from typer.testing import CliRunner

from groundswell.cli.main import app
from groundswell.errors import InputError, PrivacyError
from groundswell.privacy import record
from groundswell.privacy.ledger import Ledger
from groundswell.runs.verify import verify

NOW = datetime(2026, 4, 2, 9, tzinfo=UTC)
KEPT = {"quarter": "2026-Q1", "question": "q", "digest": "d"}


def written(path, *entries):
    """A record with these entries: (kind, facts) or (kind, facts, moment)."""
    for kind, facts, *moment in entries:
        record.append(path, kind, facts, now=moment[0] if moment else NOW)
    return path


GOOD = [
    ("charter", {"digest": "c"}),
    ("fixed", {"whole": "w"}),
    ("read", {"source": "git"}),
    ("released", {"what": "adoption 2026-Q1", "rho": 0.1, "sigma": 12, "moves": 2}),
    ("kept", {"what": "adoption", "how": "noise", **KEPT}),
    ("kept", {"what": "survival", "how": "aggregation", **KEPT}),
]


def test_a_record_that_keeps_its_rules_is_told(tmp_path):
    """Its length, last hash, kinds and spending, from the file alone, wherever it was copied to."""
    path = written(tmp_path / "anywhere.jsonl", *GOOD)
    found = verify(path)
    assert (found.entries, found.kinds["kept"]) == (6, 2)
    assert found.last == record.verify(path)[-1].hash
    assert found.spent == {2026: pytest.approx(Ledger(path, 2026).spent())}


@pytest.mark.parametrize("length", [64, 16])
def test_a_kept_hash_is_found_again(tmp_path, length):
    """A hash printed earlier, whole or its beginning, names its entry, and the record may have gone on since."""
    path = written(tmp_path / "record", *GOOD)
    assert verify(path, kept=record.verify(path)[2].hash[:length]).known == 3


def test_entries_taken_off_the_end_are_seen_by_a_kept_hash(tmp_path):
    """A shortened record holds together, so that only the hash kept elsewhere shows it: then it is refused."""
    path = written(tmp_path / "record", *GOOD)
    last = record.verify(path)[-1].hash
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    assert verify(path).entries == 5
    with pytest.raises(PrivacyError, match="taken off its end"):
        verify(path, kept=last)


@pytest.mark.parametrize("kept", ["abc", "g" * 64, "0" * 65])
def test_what_is_no_hash_is_refused(tmp_path, kept):
    """A word too short to prove anything, or with other signs, is refused with what was expected."""
    with pytest.raises(InputError, match="no hash"):
        verify(written(tmp_path / "record", *GOOD), kept=kept)


BROKEN = {
    "let out twice": [*GOOD, ("kept", {"what": "survival", "how": "aggregation", **KEPT})],
    "not paid for": [*GOOD[:3], GOOD[4]],
    "budget of 3.5 was spent": [*GOOD, ("released", {"what": "x", "rho": 0.5, "sigma": 1, "moves": 1})],
    "before the definitions": [GOOD[0], GOOD[2]],
    "before a charter": [GOOD[1], GOOD[5]],
    "clock was put back": [*GOOD, ("read", {"source": "git"}, NOW - timedelta(days=30))],
}


@pytest.mark.parametrize("problem", BROKEN)
def test_a_record_that_breaks_a_rule_is_seen(tmp_path, problem):
    """A record whose chain holds but that tells of a second release, an unpaid one, an overspent year, definitions entered late,
    a release without a charter or a clock put back is refused with the line: whoever wrote it had another program."""
    with pytest.raises(PrivacyError, match=problem) as raised:
        verify(written(tmp_path / "record", *BROKEN[problem]))
    assert "record:" in str(raised.value)


def test_a_record_of_other_kinds_is_read(tmp_path):
    """Entries of a kind or with facts this version does not know, as another one may write, are counted and break nothing."""
    path = written(tmp_path / "record", *GOOD[:2], ("granted", {}), ("released", {"what": "x"}), ("kept", {"n": 1}))
    assert verify(path).kinds["granted"] == 1


def test_nothing_is_no_record(tmp_path):
    """A path that is not there, and a folder without a record, are errors, not an empty record."""
    for place in (tmp_path / "nothing", tmp_path):
        with pytest.raises(InputError, match="no record here"):
            verify(place)


def test_the_command_takes_the_record_alone(tmp_path):
    """`groundswell verify` on a copy of the file, away from its folder, prints what the library says, also as JSON."""
    path = written(tmp_path / "folder", *GOOD)
    copy = shutil.copy(path, tmp_path / "copy.jsonl")
    path.unlink()
    out = CliRunner().invoke(app, ["verify", str(copy), "--kept", record.verify(tmp_path / "copy.jsonl")[0].hash])
    assert out.exit_code == 0
    assert "6 entries" in out.stdout
    assert "that of entry 1" in out.stdout
    told = json.loads(CliRunner().invoke(app, ["verify", str(copy), "--json"]).stdout)
    assert (told["entries"], told["known"]) == (6, None)


def test_the_check_in_the_documentation_agrees(tmp_path):
    """The ten lines of Python in the threat model, which know nothing of Groundswell, find the same last hash, and a change."""
    import re
    import subprocess
    import sys
    from pathlib import Path

    page = (Path(__file__).parent.parent / "docs" / "threat_model.md").read_text("utf8")
    script = tmp_path / "check.py"
    script.write_text(re.search(r"`check.py`:\n\n```python\n(.*?)```", page, re.DOTALL)[1], "utf8")
    path = written(tmp_path / "record", *GOOD, ("read", {"source": "slack", "note": "été"}))

    def check():
        return subprocess.run([sys.executable, script, path], capture_output=True, text=True, timeout=60)

    assert check().stdout == f"7 entries, last hash {record.verify(path)[-1].hash}\n"
    path.write_text(path.read_text("utf8").replace("slack", "teams"), "utf8")
    assert check().returncode == 1


def test_the_threat_model_names_tests_that_are_there():
    """Every attack the threat model points to exists, and every file of attacks is named in it."""
    import re
    from pathlib import Path

    root = Path(__file__).parent.parent
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", (root / "docs" / "threat_model.md").read_text("utf8")))
    assert not [name for name in named if not (root / name).is_file()]
    assert {f"tests/attacks/{p.name}" for p in (root / "tests" / "attacks").glob("test_*.py")} <= named
