"""What a list of pull or merge requests tells beyond the contract every source keeps."""

import json

import pytest

from groundswell.privacy.door import Door
from groundswell.sources.pull_requests import SOURCE
from source_samples import KEY, place_sample, read_rows


def write(folder, *requests, lines=False):
    """File of requests, as one array or a record a line."""
    path = folder / "requests.json"
    path.write_text("\n".join(map(json.dumps, requests)) if lines else json.dumps(requests))
    return path


GITLAB = {
    "iid": 5, "web_url": "https://gitlab.plainly.example/team/engine/-/merge_requests/5", "source_branch": "claude/fix-5",
    "author": {"username": "adainvented", "name": "Ada Invented"}, "created_at": "2025-06-02T09:00:00.000+02:00",
    "merged_at": "2025-06-04T10:00:00.000Z", "reviewers": [{"username": "beamadeup"}], "description": "Invented words",
}  # fmt: skip
REST = {
    "number": 11, "html_url": "https://github.com/plainly/engine/pull/11", "user": {"login": "adainvented", "type": "User"},
    "head": {"ref": "codex/faster-parser", "sha": "0"}, "created_at": "2025-06-02T09:00:00Z", "merged_at": None,
    "requested_reviewers": [], "assignees": [],
}  # fmt: skip


@pytest.mark.parametrize(("request_", "tool"), [(GITLAB, "claude"), (REST, "codex")], ids=["gitlab", "rest"])
@pytest.mark.parametrize("lines", [False, True])
def test_every_host_s_names_are_read(tmp_path, request_, tool, lines):
    """glab's and the REST API's field names give the same rows as gh's, as an array or a record a line."""
    rows, _ = read_rows(SOURCE, write(tmp_path, request_, request_, lines=lines))
    assert {(row["tool"], row["channel"]) for row in rows["ActRow"]} == {(tool, "agent branch")}
    assert len({row["id"] for row in rows["Trace"]}) == 1


def test_the_author_is_the_person_commits_know(tmp_path):
    """A login in the list and a noreply address in a commit are one pseudonym."""
    rows, _ = read_rows(SOURCE, write(tmp_path, REST))
    assert rows["Trace"][0]["actor"] == Door(KEY, "git").person(email="7+adainvented@users.noreply.github.com")


def test_a_request_is_itself_whoever_prints_it(tmp_path):
    """The same request printed by gh and by the REST API has one id and one place."""
    gh = {
        "number": 11,
        "url": REST["html_url"],
        "author": {"login": "adainvented"},
        "headRefName": "x",
        "createdAt": "2025-06-02T09:00:00Z",
    }
    (tmp_path / "a").mkdir()
    one, other = read_rows(SOURCE, write(tmp_path, gh))[0], read_rows(SOURCE, write(tmp_path / "a", REST))[0]
    assert [(r["id"], r["place"]) for r in one["Trace"]] == [(r["id"], r["place"]) for r in other["Trace"]]


def test_reviews_tie_people_only(tmp_path):
    """A review by another person ties the two once a day; one's own, an app's and one merely asked for do not."""
    rows, _ = read_rows(SOURCE, place_sample("pull_requests", tmp_path / "sample"))
    assert len(rows["TieTrace"]) == 1
    unmerged = GITLAB | {"merged_at": None}
    assert "TieTrace" not in read_rows(SOURCE, write(tmp_path, unmerged))[0]


def test_a_file_that_breaks_off_is_said(tmp_path):
    """A list cut in its middle is a counted loss, never a silently shorter list."""
    path = place_sample("pull_requests", tmp_path / "sample")
    path.write_bytes(path.read_bytes()[:1_500])
    _, tally = read_rows(SOURCE, path)
    assert tally.skipped
