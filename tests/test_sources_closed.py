"""Files that are known and never read: each is said by its name, with what to export in its place, and stops nothing else."""

import io
import json
import zipfile

import pytest

from groundswell.errors import InputError, NothingToReadError
from groundswell.registry import sources
from groundswell.runs.find import find
from groundswell.sources._closed import closed
from source_samples import folder_of, place_sample

EVENT = {
    "event_id": "e1",
    "type": "CONVERSATION",
    "timestamp": "2026-03-02T09:00:00Z",
    "actor": {"user_id": "u1", "user_email": "ada@plainly.example"},
    "message": {"content": "a prompt of a person"},
}
TEAM = {"user_id": 71, "user_login": "ada-imagined", "day": "2026-03-02", "organization_id": "1", "team_id": 5, "slug": "kettle"}


def zipped(name):
    """A zip with one file."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as out:
        out.writestr(name, b"!BDN")
    return whole.getvalue()


FILES = {
    "mail.pst": (b"!BDN" + bytes(600), "PST", "mbox"),
    "log.jsonl": ((json.dumps(EVENT) + "\n").encode() * 3, "compliance log of ChatGPT", "analytics"),
    "mail.zip": (zipped("ada/Mail-1.pst"), "PST", "mbox"),
    "teams.ndjson": ((json.dumps(TEAM) + "\n").encode() * 3, "users and their teams", "org chart"),
}


@pytest.mark.parametrize("name", FILES)
def test_a_closed_file_is_told_with_what_to_export(name, tmp_path):
    """Each kind is recognised by its content under any name and says what to give instead; none of its words passes."""
    content, what, instead = FILES[name]
    path = tmp_path / "anything.bin"
    path.write_bytes(content)
    assert not [s.name for s in sources().values() if s.recognise(path) is not None]
    told = str(closed(path))
    assert what in told
    assert instead in told
    assert not [word for word in ("ada", "kettle", "a prompt") if word in told.casefold()]


def test_a_folder_is_read_beside_closed_files(tmp_path):
    """What can be read is found; closed files are told apart from those nobody knows; alone, one is the answer."""
    for name, (content, *_) in FILES.items():
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match="ChatGPT"):
        find([tmp_path])
    (tmp_path / "notes.txt").write_text("nothing of ours")
    place_sample("copilot_users", tmp_path / "usage")
    found = find([tmp_path])
    assert [export.source for export in found.exports] == ["copilot_users"]
    assert [path.name for path, _ in found.closed] == sorted(FILES)
    assert [path.name for path in found.unrecognised] == ["notes.txt"]


def test_rubbish_and_samples_are_not_closed(tmp_path):
    """No file of any source's sample, and nothing unknown, is called closed."""
    for name in sources():
        if folder_of(name).is_dir():
            place = place_sample(name, tmp_path / name)
            assert not [f for f in ([place] if place.is_file() else place.rglob("*")) if closed(f) is not None], name
    (tmp_path / "start").write_bytes(b"!BD")
    assert [closed(tmp_path / odd) for odd in ("start", "not there", ".")] == [None, None, None]
    (tmp_path / "alone").mkdir()
    (tmp_path / "alone" / "prose.txt").write_text("event_id type actor timestamp user_email")
    with pytest.raises(NothingToReadError):
        find([tmp_path / "alone"])
