"""Slack exports: layouts, what is refused, which copy wins, whose words are read."""

import json
import shutil
import zipfile
from dataclasses import replace

import pytest

from groundswell.errors import InputError
from groundswell.privacy.door import Door
from groundswell.registry import sources
from groundswell.sources import _slack_layout
from groundswell.sources._zip import Reader
from source_samples import KEY, as_json, place_sample, read_all, read_rows

SLACK = sources()["slack"]
HOME = "T0HOME"


def write(root, files):
    """An unpacked export of these files."""
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content if isinstance(content, str) else json.dumps(content), "utf8")
    return root


def zipped(folder, path, inside=""):
    """The same export as a zip, its files under a folder of the zip if asked."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                out.write(file, f"{inside}{file.relative_to(folder)}")
    return path


def post(user, ts, text, **more):
    """A message as Slack writes it."""
    return {"type": "message", "user": user, "ts": ts, "text": text, "team": HOME, "user_team": HOME, **more}


def small(**more):
    """The least export: one public channel, two users."""
    users = [{"id": u, "team_id": HOME, "profile": {"real_name": f"{u} Nobody"}} for u in ("UA", "UB")]
    return {"channels.json": [{"id": "C1", "name": "room"}], "users.json": users, **more}


def messages(path):
    """Messages read at a path."""
    return read_rows(SLACK, path)[0].get("Message", [])


@pytest.mark.parametrize("inside", ["", "My export/"])
def test_a_zip_reads_like_its_folder(tmp_path, inside):
    """A zip, also one whose files lie in a folder of it, gives the rows and counts of the unpacked export."""
    folder = place_sample("slack", tmp_path / "sample")
    rows, tally = read_rows(SLACK, folder)
    again, told = read_rows(SLACK, zipped(folder, tmp_path / "export.zip", inside))
    assert again == rows
    assert (told.skipped, told.refused) == (tally.skipped, tally.refused)


def test_ids_hang_on_channel_and_time_alone(tmp_path):
    """A renamed channel, another workspace's name and other day files give the same ids: snapshots overlap."""
    one = write(tmp_path / "one", small(**{"room/2026-03-02.json": [post("UA", "1772445600.000100", "a")]}))
    other = small(**{"renamed/2026-03-01.json": [post("UA", "1772445600.000100", "a")]})
    other["channels.json"] = [{"id": "C1", "name": "renamed"}]
    assert [m["id"] for m in messages(one)] == [m["id"] for m in messages(write(tmp_path / "two", other))]


@pytest.mark.parametrize(
    "change",
    [
        {"edited": {"user": "UA", "ts": "1772449200.000000"}},
        {"latest_reply": "1772449200.000100"},
        {"reactions": [{"users": ["UB"]}]},
    ],
    ids=["edit", "reply", "reaction"],
)
def test_the_newer_copy_has_the_greater_version(tmp_path, change):
    """An edit, a later reply or one more reaction makes a copy the one that wins, whichever is read first."""
    versions = []
    for name, more in (("old", {}), ("new", change)):
        day = {"room/2026-03-02.json": [post("UA", "1772445600.000100", "a", **more)]}
        versions.append(messages(write(tmp_path / name, small(**day)))[0]["version"])
    assert versions[0] < versions[1]


def test_time_comes_from_the_record(tmp_path):
    """The day in a file's name, which is not the UTC day of one record in six, is not looked at."""
    folder = write(tmp_path / "e", small(**{"room/1999-12-31.json": [post("UA", "1772445600.000100", "a")]}))
    assert messages(folder)[0]["ts"].isoformat() == "2026-03-02T10:00:00.000100+00:00"


def test_what_is_not_public_is_never_opened(tmp_path, monkeypatch):
    """Private channels, direct and group messages and folders no list names are counted by their files' names alone."""
    folder = place_sample("slack", tmp_path / "sample")
    opened = []
    real = Reader.read
    monkeypatch.setattr(Reader, "read", lambda self, name, *a: opened.append(name) or real(self, name, *a))
    rows, tally = read_rows(SLACK, folder)
    assert sum(tally.refused.values()) == 6
    days = {name.split("/")[0] for name in opened if "/" in name}
    assert days == {"general", "build"}
    assert not any("nobody may read" in m["text"] for m in rows["Message"])


def test_a_name_that_is_public_and_private_is_private(tmp_path):
    """Where two lists claim one folder, it is refused."""
    files = small(
        **{"room/2026-03-02.json": [post("UA", "1772445600.000100", "a")], "groups.json": [{"id": "G1", "name": "room"}]}
    )
    assert messages(write(tmp_path / "e", files)) == []


def test_without_a_readable_channel_list_nothing_is_read(tmp_path):
    """If public and private cannot be told apart, the whole export is refused with a remedy."""
    folder = write(
        tmp_path / "e", small(**{"channels.json": '[{"id": "C1", "na', "room/2026-03-02.json": [post("UA", "1", "a")]})
    )
    with pytest.raises(InputError, match=r"public and private cannot be told apart.*Export or unpack"):
        list(SLACK.read(SLACK.recognise(folder), Door(KEY, "slack")))


def test_grid_workspaces_are_read_as_one_company(tmp_path):
    """Nested workspaces and shared channels are read; one person has one pseudonym in all; their private lists hold."""
    users = [
        {"id": "W1", "team_id": "T1", "enterprise_user": {"enterprise_id": "E1"}, "profile": {"real_name": "Ada Nobody"}},
        {"id": "W2", "team_id": "T2", "enterprise_user": {"enterprise_id": "E1"}, "profile": {"real_name": "Bo Nobody"}},
    ]
    folder = write(
        tmp_path / "grid",
        {
            "channels.json": [{"id": "C9", "name": "all"}],
            "users.json": users,
            "all/2026-03-02.json": [post("W1", "1772445600.000100", "shared", team="E1", user_team="T1")],
            "teams/north/channels.json": [{"id": "C1", "name": "room"}],
            "teams/north/users.json": users,
            "teams/north/room/2026-03-02.json": [post("W1", "1772445600.000200", "north", team="T1", user_team="T1")],
            "teams/south/channels.json": [{"id": "C2", "name": "room"}],
            "teams/south/groups.json": [{"id": "G2", "name": "closed"}],
            "teams/south/users.json": users,
            "teams/south/room/2026-03-02.json": [post("W1", "1772445600.000300", "south", team="T2", user_team="T1")],
            "teams/south/closed/2026-03-02.json": [post("W1", "1772445600.000400", "closed", team="T2")],
        },
    )
    for path in (folder, zipped(folder, tmp_path / "grid.zip")):
        rows, tally = read_rows(SLACK, path)
        assert sorted(m["text"] for m in rows["Message"]) == ["north", "shared", "south"]
        assert len({m["actor"] for m in rows["Message"]}) == 1
        assert len({m["place"] for m in rows["Message"]}) == 3
        assert tally.refused == {"day file of a private channel": 1}


def test_another_company_is_refused(tmp_path):
    """Members of another company are not read, not tied to, and counted, whether a list or the message tells them."""
    files = small(
        **{
            "room/2026-03-02.json": [
                post("UA", "1772445600.000100", "home", thread_ts="1772445600.000100", reactions=[{"users": ["UX"]}]),
                post("UX", "1772445600.000200", "listed stranger", thread_ts="1772445600.000100", parent_user_id="UA"),
                post("UY", "1772445600.000300", "unlisted stranger", user_team="T0ELSE"),
                post("UA", "1772445600.000400", "<@UX> thanks"),
            ]
        }
    )
    files["users.json"].append({"id": "UX", "team_id": "T0ELSE", "profile": {"email": "x@elsewhere.example"}})
    rows, tally = read_rows(SLACK, write(tmp_path / "e", files))
    assert [m["text"] for m in rows["Message"]] == ["home", "@ thanks"]
    assert tally.refused == {"message of another company, through a shared channel": 2}
    assert "TieTrace" not in rows


def test_a_bot_is_told_by_the_message(tmp_path):
    """A bot id, the subtype, the user list or a bare name make a bot; a person's own name on an upload does not."""
    day = [
        {"type": "message", "subtype": "bot_message", "bot_id": "B1", "ts": "1772445600.000100", "text": "1"},
        {"type": "message", "username": "herald", "ts": "1772445600.000200", "text": "2"},
        post("UR", "1772445600.000300", "3"),
        post("UA", "1772445600.000400", "4", bot_id="B2"),
        post("UA", "1772445600.000500", "5", bot_id=None, username="<@UA|ua>", subtype="file_share"),
        {"type": "message", "ts": "1772445600.000600", "text": "6"},
    ]
    files = small(**{"room/2026-03-02.json": day})
    files["users.json"].append({"id": "UR", "team_id": HOME, "is_bot": True})
    found = {m["text"]: m for m in messages(write(tmp_path / "e", files))}
    assert {text: m["actor_kind"] for text, m in found.items()} == dict(zip("123456", ["bot"] * 4 + ["person"] * 2, strict=True))
    assert found["6"]["actor"] == 0


def test_a_broken_day_costs_only_itself(tmp_path):
    """One damaged member of a zip is named and counted; every other day is read."""
    days = {f"room/2026-03-0{n}.json": [post("UA", f"177244560{n}.000100", f"{n}" * 500)] for n in range(1, 5)}
    path = zipped(write(tmp_path / "e", small(**days)), tmp_path / "e.zip")
    raw = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as judge:
        at = judge.getinfo("room/2026-03-02.json").header_offset
    raw[at + 60] ^= 0xFF
    path.write_bytes(raw)
    rows, tally = read_rows(SLACK, path)
    assert len(rows["Message"]) == 3
    assert tally.skipped == {"day file that is damaged": 1}
    assert tally.places["day file that is damaged"] == ["room/2026-03-02.json: damaged"]


def test_a_batch_is_bounded_by_its_words(tmp_path):
    """Long messages make short batches: what waits stays within some megabytes, and a message is cut at 20,000 characters."""
    day = [post("UA", f"1772445600.{n:06d}", "x" * 60_000) for n in range(500)]
    folder = write(tmp_path / "e", small(**{"room/2026-03-02.json": day}))
    sizes = [
        sum(map(len, batch.columns["text"]))
        for batch in SLACK.read(SLACK.recognise(folder), Door(KEY, "slack"))
        if "text" in batch.columns
    ]
    assert sum(sizes) == 500 * 20_000
    assert max(sizes) <= 4_000_000 + 64 * 20_000


def test_a_changed_zip_is_read_anew(tmp_path):
    """What is kept of a zip's directory and users between calls does not outlive a change of the file."""
    path = tmp_path / "e.zip"
    for text in ("before", "after it"):
        folder = write(tmp_path / "e", small(**{"room/2026-03-02.json": [post("UA", "1772445600.000100", text)]}))
        zipped(folder, path)
        assert [m["text"] for m in messages(path)] == [text]
        shutil.rmtree(folder)


def test_a_zip_cut_short_says_so(tmp_path):
    """A download that stopped is recognised as a Slack export, and refused with what to do."""
    days = {f"room/2026-03-{n:02d}.json": [post("UA", f"17724456{n:02d}.000100", "a")] for n in range(1, 30)}
    path = zipped(write(tmp_path / "e", small(**days)), tmp_path / "e.zip")
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(InputError, match=r"Download or copy it again"):
        list(SLACK.read(SLACK.recognise(path), Door(KEY, "slack")))


def test_a_large_month_is_read_day_by_day(tmp_path, monkeypatch):
    """Where a month holds much, each day is a part, a large day shares of one; a day added is a part added, the others stay."""
    monkeypatch.setattr(_slack_layout, "PART_BYTES", 300)
    rooms = [{"id": f"C{n}", "name": f"room-{n}"} for n in range(4)]
    files = small(**{"channels.json": rooms})
    for day in ("02", "03"):
        for n in range(4 if day == "03" else 1):
            files[f"room-{n}/2026-03-{day}.json"] = [post("UA", f"17724{day}{n:02d}0.000100", "a word " * 20)]
    before = SLACK.recognise(zipped(write(tmp_path / "one", files), tmp_path / "one.zip"))
    assert before.parts[0] == "2026-03-02"
    assert {part.partition(" ")[0] for part in before.parts} == {"2026-03-02", "2026-03-03"}
    assert len(before.parts) > 2
    files["room-0/2026-03-04.json"] = [post("UA", "1772700000.000100", "one more")]
    after = SLACK.recognise(zipped(write(tmp_path / "two", files), tmp_path / "two.zip"))
    assert set(after.parts) - set(before.parts) == {"2026-03-04"}
    prints = [SLACK.fingerprint(replace(e, parts=("2026-03-02",))) for e in (before, after)]
    assert prints[0] == prints[1]
    by_day, by_month = (as_json(*read_all(SLACK, SLACK.recognise(tmp_path / name))) for name in ("two.zip", "two"))
    assert by_day == by_month  # an unpacked export tells no sizes, and is read by the month
