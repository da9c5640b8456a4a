"""The commands that protect people, as a user meets them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent / "data" / "sources"


@pytest.fixture
def run(tmp_path):
    """Runs a command in a folder with a company whose org chart and usage log were read."""
    env = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "COLUMNS": "200"}

    def command(*args):
        whole = [sys.executable, "-m", "groundswell.cli.main", *map(str, args)]
        return subprocess.run(whole, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120)

    assert command("init", "firm", "--no-ask").returncode == 0
    assert command("read", "firm", SAMPLES / "org_chart" / "people.csv").returncode == 0
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


def test_the_pack_is_written_in_two_languages_and_two_forms(run, tmp_path):
    """`pack` writes four files, and says which."""
    out = run("pack", "firm")
    assert out.stdout.split() == ["pack-en.html", "pack-en.md", "pack-fr.html", "pack-fr.md"]
    assert all((tmp_path / name).read_text("utf8") for name in out.stdout.split())
    assert run("pack", "firm", "--lang", "fr").stdout.split() == ["pack-fr.html", "pack-fr.md"]


def test_a_charter_that_lowers_a_protection_is_refused(run, tmp_path):
    """A charter with a lower floor stops the measuring with its own exit code and one sentence."""
    charter = tmp_path / "firm" / "charter.toml"
    charter.write_text(charter.read_text() + "least_people = 3\n")
    refused = run("measure", "firm")
    assert refused.returncode == 5
    assert "least_people: 3 would protect less" in refused.stderr
