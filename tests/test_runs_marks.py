"""A company's own AI tool in git: listed without a rule, confirmed in one step, read from then on."""

import json
import subprocess

import pytest

from groundswell.errors import InputError
from groundswell.runs.find import find
from groundswell.runs.ingest import ingest
from groundswell.runs.marks import confirm, unknown_marks
from groundswell.runs.names import read_names
from groundswell.store.tables import Store
from test_cli import groundswell

WHO = {"GIT_AUTHOR_NAME": "Ada Nobody", "GIT_AUTHOR_EMAIL": "ada@invented.example"}
ENV = {**WHO, "GIT_COMMITTER_NAME": "Ada Nobody", "GIT_COMMITTER_EMAIL": "ada@invented.example", "PATH": "/usr/bin:/bin"}


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A repository in which 25 commits bear a trailer of the company's own tool."""
    path = tmp_path_factory.mktemp("code") / "repository"
    subprocess.run(["git", "init", "-q", str(path)], check=True, env=ENV)
    commits = "".join(
        f"commit refs/heads/main\nauthor Ada Nobody <ada@invented.example> {1_700_000_000 + n * 86_400} +0000\n"
        f"committer Ada Nobody <ada@invented.example> {1_700_000_000 + n * 86_400} +0000\n"
        f"data <<E\nchange {n}\n\nAssisted-by: harbour-agent/2.{n}\nE\n\n"
        for n in range(25)
    )
    subprocess.run(["git", "fast-import", "--quiet"], input=commits.encode(), cwd=path, check=True, env=ENV)
    subprocess.run(["git", "symbolic-ref", "HEAD", "refs/heads/main"], cwd=path, check=True, env=ENV)
    return path


def uses(store):
    """Tools of the acts a store holds."""
    import pyarrow.parquet as pq

    return {tool for file in store.files("acts") for tool in pq.read_table(file)["tool"].to_pylist()}


def test_an_unknown_mark_is_listed_and_confirmed(repository, tmp_path):
    """Before it is confirmed the mark is only listed; after, a repository read before is read anew and the tool is seen."""
    (one,) = unknown_marks([repository])
    assert (one.commits, one.people) == (25, 1)
    store = Store(tmp_path / "store")
    ingest(store, find([repository]).exports, key=bytes(32), workers=1)
    before = uses(store)
    assert "Harbour" not in before
    assert ingest(store, find([repository]).exports, key=bytes(32), workers=1).known == 1
    assert confirm([repository], [f"{one.key}=Harbour"], tmp_path) == [one.key]
    assert unknown_marks([repository, tmp_path]) == []
    ingest(store, find([repository]).exports, key=bytes(32), names=read_names([tmp_path]), workers=1)
    assert uses(store) - before == {"Harbour"}


def test_a_second_confirmation_keeps_the_first(repository, tmp_path):
    """What marks.toml holds, by hand or by command, stays."""
    (tmp_path / "marks.toml").write_text("# by hand\n")
    confirm([repository], [f"{unknown_marks([repository])[0].key}=Harbour"], tmp_path)
    assert (tmp_path / "marks.toml").read_text().startswith("# by hand\n\n[[channel]]\n")


@pytest.mark.parametrize("word", ["assisted-by", "nothing=Harbour", "="])
def test_what_is_not_listed_is_not_confirmed(repository, tmp_path, word):
    """A word that is no mark of the list is named, and nothing is written."""
    with pytest.raises(InputError, match="mark=tool"):
        confirm([repository], [word], tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_command_lists_as_json(repository, tmp_path):
    """`groundswell marks --json` prints what the table shows."""
    run = groundswell("marks", repository, "--json", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert [row["commits"] for row in json.loads(run.stdout)] == [25]
