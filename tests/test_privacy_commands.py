"""The commands that protect people, as a user meets them."""

import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from groundswell.cli import main

SAMPLES = Path(__file__).parent / "data" / "sources"


def command(*args):
    """Run a command as its entry point does, in this process; what it printed and its exit code."""
    import contextlib
    import io

    out, err = io.StringIO(), io.StringIO()
    before, sys.argv = sys.argv, ["groundswell", *map(str, args)]
    code = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main.run()
    except SystemExit as end:
        code = end.code or 0
    finally:
        sys.argv = before
    return SimpleNamespace(returncode=code, stdout=out.getvalue(), stderr=err.getvalue())


@pytest.fixture(scope="module")
def read_once(tmp_path_factory):
    """A folder with a company whose org chart was read, and its key."""
    place = tmp_path_factory.mktemp("commands")
    with pytest.MonkeyPatch.context() as patch:
        here(patch, place)
        assert command("init", "firm", "--no-ask").returncode == 0
        assert command("read", "firm", SAMPLES / "org_chart" / "people.csv").returncode == 0
    return place


def here(patch, place):
    """Stand in a folder with a state folder of its own; the tests' process keeps its own way of failing."""
    patch.chdir(place)
    patch.setenv("XDG_STATE_HOME", str(place / "state"))
    patch.setenv("COLUMNS", "200")
    patch.setattr(main, "hush", lambda: None)


@pytest.fixture
def run(read_once, tmp_path, monkeypatch):
    """Runs a command in a copy of that folder."""
    shutil.copytree(read_once, tmp_path, dirs_exist_ok=True)
    here(monkeypatch, tmp_path)
    return command


ADA = ("--email", "ada.imagined@invented.example")


def test_mine_shows_and_takes_out(run, tmp_path):
    """`mine` shows a person's rows as text or JSON, `--opt-out` takes them out, and then nothing is held."""
    told = json.loads(run("mine", "firm", *ADA, "--json").stdout)
    assert [row["unit"] for row in told["rows"]["positions"]] == ["Direction générale"] * 2
    assert "positions: 2 rows" in run("mine", "firm", *ADA).stdout
    out = run("mine", "firm", *ADA, "--opt-out")
    assert out.returncode == 0, out.stderr
    assert "Left out of every later reading" in out.stdout
    assert "Nothing is held" in run("mine", "firm", *ADA).stdout
    assert "imagined" not in (tmp_path / "firm" / "record.jsonl").read_text().lower()


def test_mine_without_the_key_shows_nothing(run, tmp_path):
    """Without the key file nobody is looked up, and no new key is made in its place."""
    key = tmp_path / "state" / "groundswell" / "key"
    key.rename(tmp_path / "away")
    refused = run("mine", "firm", *ADA)
    assert refused.returncode == 2
    assert "there is no key here" in refused.stderr.replace("\n", " ").replace("│ ", "") or "no key" in refused.stderr
    assert not key.exists()


def test_a_key_in_three_parts(run, tmp_path):
    """`keys split --remove` leaves three parts and no key; two of them joined read the company again."""
    assert run("keys", "split", "parts", "--remove").returncode == 0
    assert run("mine", "firm", *ADA).returncode == 2
    assert [p.stat().st_mode & 0o077 for p in sorted((tmp_path / "parts").iterdir())] == [0, 0, 0]
    assert run("keys", "join", "parts/part-1.txt").returncode == 2
    assert run("keys", "join", "parts/part-3.txt", "parts/part-1.txt").returncode == 0
    assert "positions: 2 rows" in run("mine", "firm", *ADA).stdout


def test_a_destroyed_key_unlinks(run, tmp_path):
    """After `keys destroy` nobody can be looked up in the tables, which stay and are measured as before."""
    since = json.loads((tmp_path / "state" / "groundswell" / "key").read_text())["epochs"][0]["since"]
    assert run("keys", "destroy", since, "--yes").returncode == 0
    refused = run("mine", "firm", *ADA)
    assert (refused.returncode, "did not make its tables" in refused.stderr) == (5, True)
    assert list((tmp_path / "firm" / "store").rglob("*.parquet"))


def test_the_pack_is_written_in_every_language_and_in_two_forms(run, tmp_path):
    """`pack` writes a page and a text in each language, and says which."""
    out = run("pack", "firm")
    assert out.stdout.split() == [f"pack-{code}.{form}" for code in ("en", "fr", "vi") for form in ("html", "md")]
    assert all((tmp_path / name).read_text("utf8") for name in out.stdout.split())
    assert run("pack", "firm", "--lang", "fr").stdout.split() == ["pack-fr.html", "pack-fr.md"]


def test_a_charter_that_lowers_a_protection_is_refused(run, tmp_path):
    """A charter with a lower floor stops the measuring with its own exit code and one sentence."""
    charter = tmp_path / "firm" / "charter.toml"
    charter.write_text(charter.read_text() + "least_people = 3\n")
    refused = run("measure", "firm")
    assert refused.returncode == 5
    assert "least_people: 3 would protect less" in refused.stderr
