"""The command line as a user meets it."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLES = Path(__file__).parent / "data" / "sources"
HEAVY = {"altair", "duckdb", "numpy", "opendp", "pyarrow", "scipy", "sklearn", "vl_convert", "pandas", "jinja2", "babel"}


def groundswell(*args, cwd, env=None):
    """Run the installed command as a user would."""
    full = {**os.environ, "XDG_STATE_HOME": str(cwd / "state"), "COLUMNS": "200", **(env or {})}
    command = [sys.executable, "-m", "groundswell.cli.main", *map(str, args)]
    return subprocess.run(command, cwd=cwd, env=full, capture_output=True, text=True, timeout=120)


@pytest.fixture
def exports(tmp_path):
    """A folder with one small invented export."""
    folder = tmp_path / "exports"
    folder.mkdir()
    for sample in ("org_chart/people.csv", "claude_code/claude-code.json"):
        (folder / Path(sample).name).write_bytes((SAMPLES / sample).read_bytes())
    return folder


def test_help_loads_nothing_heavy():
    """Start-up imports no engine, no charts, no statistics: they are loaded by the step that needs them."""
    code = "import sys, groundswell.cli.main; print(*sorted(m for m in sys.modules if '.' not in m))"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
    assert "typer" in loaded
    assert not HEAVY & loaded


def test_a_report_is_one_file_that_asks_no_host(tmp_path, exports):
    """`report FOLDER` writes one page, prints where, and leaves nothing else in the folder it was run from."""
    run = groundswell("report", exports, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert run.stdout.strip() == "report.html"
    page = (tmp_path / "report.html").read_text("utf8")
    assert "<h1" in page
    assert 'src="http' not in page
    assert sorted(p.name for p in tmp_path.iterdir()) == ["exports", "report.html", "state"]


def test_the_same_exports_give_the_same_page(tmp_path, exports):
    """Two runs write the same bytes, in whatever order the paths are given."""
    groundswell("report", exports / "people.csv", exports / "claude-code.json", "-o", "one.html", cwd=tmp_path)
    groundswell("report", exports / "claude-code.json", exports / "people.csv", "-o", "two.html", cwd=tmp_path)
    assert (tmp_path / "one.html").read_bytes() == (tmp_path / "two.html").read_bytes()


@pytest.mark.parametrize("lang", ["en", "fr", "vi"])
def test_the_language_of_the_page_is_chosen(tmp_path, exports, lang):
    """--lang gives the page in that language."""
    run = groundswell("report", exports, "--lang", lang, cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    assert f'lang="{lang}"' in (tmp_path / "report.html").read_text("utf8")


def test_without_a_choice_the_page_speaks_every_language(tmp_path, exports):
    """Without --lang one file holds every language; company.toml may settle on one; one there is no file for is refused."""
    assert groundswell("report", exports, cwd=tmp_path).returncode == 0
    html = (tmp_path / "report.html").read_text("utf8")
    assert re.findall(r'<input type="radio" name="lang" id="lang-(\w+)"', html) == ["en", "fr", "vi"]
    (exports / "company.toml").write_text('language = "vi"\n', "utf8")
    assert groundswell("report", exports, cwd=tmp_path).returncode == 0
    html = (tmp_path / "report.html").read_text("utf8")
    assert '<html lang="vi">' in html
    assert 'id="lang-' not in html
    (exports / "company.toml").write_text('language = "xx"\n', "utf8")
    refused = groundswell("report", exports, cwd=tmp_path)
    assert refused.returncode != 0
    assert "company.toml" in refused.stderr
    assert "en, fr, vi" in refused.stderr


def test_other_forms_of_the_page(tmp_path, exports):
    """--format json is one JSON document, --format md is text."""
    assert groundswell("report", exports, "--format", "json", cwd=tmp_path).returncode == 0
    assert json.loads((tmp_path / "report.json").read_text("utf8"))
    assert groundswell("report", exports, "--format", "md", cwd=tmp_path).returncode == 0
    assert (tmp_path / "report.md").read_text("utf8").startswith("#")


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["report", "nowhere"], 2, "nowhere: there is no such file or folder. Check the path."),
        (["report", "empty"], 3, "nothing here is recognised"),
        (["report", "exports", "-o", "no/such/place.html"], 4, "there is no such folder"),
        (["report", "exports", "-o", "empty"], 4, "this is a folder"),
        (["report", "exports", "--key", "exports/people.csv"], 5, "key"),
        (["doctor", "nowhere"], 2, "no such file or folder"),
    ],
)
def test_a_failure_is_one_sentence_and_an_exit_code(tmp_path, exports, args, code, says):
    """What came, where, what was expected, what to do: on standard error, without a traceback."""
    (tmp_path / "empty").mkdir()
    run = groundswell(*args, cwd=tmp_path)
    assert run.returncode == code
    assert says in run.stderr
    assert "Traceback" not in run.stderr
    assert len(run.stderr.strip().splitlines()) == 1


def test_doctor_says_what_is_here_and_what_cannot_be_told(tmp_path, exports):
    """`doctor FOLDER` names the sources, their period, and each question with the reason it cannot be answered."""
    run = groundswell("doctor", exports, "--json", cwd=tmp_path)
    assert run.returncode == 0, run.stderr
    told = json.loads(run.stdout)
    assert [s["source"] for s in told["sources"]] == ["claude_code", "org_chart"]
    assert all(s["people"] is None for s in told["sources"]), "fewer than ten people are not counted"
    assert told["questions"]
    assert all(q["why"] for q in told["questions"])
    assert any(not q["can"] and q["unlock"] for q in told["questions"])
    plain = groundswell("doctor", exports, cwd=tmp_path)
    assert "claude_code" in plain.stdout
    assert "fewer than 10" in plain.stdout


def test_doctor_lists_every_source():
    """`doctor --sources` says what each source shows and can never show."""
    from groundswell import registry

    run = groundswell("doctor", "--sources", "--json", cwd=Path.cwd())
    listed = {s["source"]: s for s in json.loads(run.stdout)}
    assert set(listed) == set(registry.sources())
    assert all(s["shows"] and s["never"] for s in listed.values())


@pytest.mark.parametrize("command", ["read", "measure"])
def test_a_cluster_that_is_not_there_is_one_sentence(tmp_path, exports, command):
    """--engine with an address at which nothing answers, or without Spark's client, says so at once and what to do."""
    groundswell("init", "--no-ask", "company", cwd=tmp_path)
    words = [command, "company", *([exports] if command == "read" else []), "--engine", "spark://127.0.0.1:9"]
    run = groundswell(*words, cwd=tmp_path)
    assert run.returncode == 2
    assert run.stderr.count("\n") == 1
    assert run.stderr.startswith("spark://127.0.0.1:9: ")
