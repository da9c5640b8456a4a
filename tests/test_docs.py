"""The documentation is true: its commands run, its code runs, and everything there is stands in it."""

import contextlib
import importlib
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path

import pytest

from groundswell import registry

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
SAMPLES = ROOT / "tests" / "data" / "sources"
sys.path.insert(0, str(DOCS))
reference = importlib.import_module("reference")

WRITTEN = sorted(path for path in DOCS.glob("*.md"))
PAGES = {path.name: path.read_text("utf8") for path in WRITTEN}
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
NAMED = re.compile(r"^`([\w./]+)`:\n\n```\w+\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(text, language):
    """Every code block of a language, in order."""
    return [code for kind, code in BLOCK.findall(text) if kind == language]


def commands(text):
    """Every `groundswell ...` line of the console blocks, without its comment."""
    lines = [line.split("#")[0].strip() for code in blocks(text, "console") for line in code.splitlines()]
    return [line for line in lines if line.startswith("groundswell ")]


def environment(folder):
    """An environment whose key lies in the folder and whose `groundswell` is this one."""
    return {**os.environ, "XDG_STATE_HOME": str(folder / "state"), "COLUMNS": "200", "PYTHONWARNINGS": "default"}


@pytest.fixture
def place(tmp_path):
    """A folder with what the pages speak of: a repository with some history, and a folder of exports."""
    repository = tmp_path / "repository"
    repository.mkdir()
    git = ["git", "-C", str(repository), "-c", "user.name=Ada Lindqvist", "-c", "user.email=ada@lanterne.example"]
    subprocess.run([*git, "init", "-q"], check=True)
    for week in range(8):
        (repository / "notes.txt").write_text(f"week {week}\n")
        day = (date(2026, 1, 5) + timedelta(weeks=week)).isoformat() + "T10:00:00+00:00"
        dated = {**os.environ, "GIT_AUTHOR_DATE": day, "GIT_COMMITTER_DATE": day}
        subprocess.run([*git, "add", "."], check=True)
        message = f"Note {week}\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n"
        subprocess.run([*git, "commit", "-q", "-m", message], check=True, env=dated)
    exports = tmp_path / "exports"
    exports.mkdir()
    for sample in ("org_chart/people.csv", "claude_code/claude-code.json"):
        (exports / Path(sample).name).write_bytes((SAMPLES / sample).read_bytes())
    return tmp_path


@pytest.mark.slow
@pytest.mark.parametrize("command", commands(PAGES["start.md"]))
def test_each_command_of_the_start_runs(place, command):
    """A newcomer who types a line of the ten-minute start gets what it says, and exit code 0."""
    before = [line for line in commands(PAGES["start.md"]) if "company" in command and "company" in line]
    for line in before[: before.index(command) + 1] if before else [command]:
        run = subprocess.run(
            [sys.executable, "-m", "groundswell.cli.main", *shlex.split(line)[1:]],
            cwd=place,
            env=environment(place),
            capture_output=True,
            text=True,
            timeout=300,
        )
        assert run.returncode == 0, (line, run.stderr)
    made = {"--html": "coverage.html", "--output": "", "--figures": "pictures"}
    for option in made.keys() & set(shlex.split(command)):
        assert (place / shlex.split(command)[shlex.split(command).index(option) + 1]).exists()


def test_commands_named_anywhere_exist():
    """Every command the README or a page names is one of the program's, with options it has."""
    known = reference.commands()
    texts = {**PAGES, "README.md": (ROOT / "README.md").read_text("utf8")}
    named = [(page, line) for page, text in texts.items() for line in [*commands(text), *_inline(text)]]
    assert len(named) > 20
    for page, line in named:
        words = [word for word in line.split()[1:] if word not in ("...",)]
        name = " ".join(words[:2]) if " ".join(words[:2]) in known else words[0]
        assert name in known or name == "keys", (page, line)
        options = {o for p in getattr(known.get(name), "params", ()) for o in (*p.opts, *p.secondary_opts)}
        assert {w for w in words if w.startswith("--")} <= options, (page, line)


def _inline(text):
    return re.findall(r"`(groundswell [a-z][^`\n]*)`", text)


def test_make_targets_named_anywhere_exist():
    """`make x` in the README or on a page is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf8"), re.MULTILINE))
    named = {
        name
        for text in (*PAGES.values(), (ROOT / "README.md").read_text("utf8"))
        for name in re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)
    }
    assert named
    assert named <= targets


def test_links_between_pages_lead_somewhere():
    """Every link to a page is one that is written or generated."""
    made = set(PAGES) | {f"reference/{name}" for name in reference.pages()} | {p.name for p in DOCS.glob("*.ipynb")}
    for page, text in PAGES.items():
        for target in re.findall(r"\]\(([\w/.]+\.(?:md|ipynb))[)#]", text):
            assert target in made, (page, target)


def test_every_measure_is_documented():
    """Each measure has its page with question, estimand, assumptions, references and every query."""
    pages, say = reference.pages(), reference.say
    for name, measure in registry.measures().items():
        text = pages[f"measures/{name}.md"]
        for phrase in (measure.title, measure.question, measure.estimand, *measure.assumptions, *measure.known_limits):
            assert say(phrase) in text, name
        assert all(cited in text for cited in measure.references)
        assert all(sql.strip() in text for sql in measure.sql.values())
        assert f"({name}.md)" in pages["measures/index.md"]


def test_validity_figures_stand_with_their_measure():
    """Where a validity run was kept, each measure it asked shows what was planted and what came out."""
    if not reference.VALIDITY.is_file():
        pytest.skip("no validity run is kept")
    asked = {row["question"].partition(".")[0] for row in json.loads(reference.VALIDITY.read_text("utf8"))["rows"]}
    shown = [name for name in registry.measures() if "| Planted |" in reference.pages()[f"measures/{name}.md"]]
    assert shown == [name for name in registry.measures() if name in asked]
    assert shown


def test_every_source_is_documented_with_its_traps():
    """Each source stands there with what it shows, can never show, and what misleads in it."""
    text = reference.pages()["sources.md"]
    for source in registry.sources().values():
        for line in (source.title, *source.shows, *source.never, *source.traps):
            assert line in text, source.name


def test_the_readme_names_every_source():
    """The table of the README is the one the code gives: a source added, renamed or taken away fails here until it follows."""
    named = [source.title for source in registry.sources().values()]
    assert all(reference.sources_table().count(title) for title in named)
    assert reference.sources_table() in (ROOT / "README.md").read_text("utf8"), (
        "put the table that reference.sources_table() gives into README.md"
    )


def test_every_command_and_option_is_documented():
    """Each command has its section with every argument and option, and none is without a word of help."""
    text = reference.pages()["commands.md"]
    for name, command in reference.commands().items():
        assert f"## groundswell {name}\n" in text
        assert command.help, name
        for parameter in command.params:
            assert parameter.help or parameter.name == "paths", (name, parameter.name)
            for option in parameter.opts if parameter.param_type_name == "option" else ():
                assert f"{option}" in text, (name, option)


def test_generated_pages_follow_the_code(tmp_path):
    """Writing the reference again replaces every page and takes away those of plug-ins that are gone."""
    (tmp_path / "measures").mkdir()
    (tmp_path / "measures" / "gone.md").write_text("old")
    reference.write(tmp_path)
    written = {str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*.md")}
    assert written == set(reference.pages())


@pytest.mark.slow
@pytest.mark.parametrize("page", [name for name, text in PAGES.items() if blocks(text, "python") and name != "extend.md"])
def test_python_on_a_page_runs(place, page, monkeypatch):
    """The Python of a page runs from its first block to its last, in a folder with some exports."""
    monkeypatch.chdir(place)
    monkeypatch.setenv("XDG_STATE_HOME", str(place / "state"))
    space = {}
    for code in blocks(PAGES[page], "python"):
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(code, page, "exec"), space)  # noqa: S102  # the page's own code


@pytest.mark.slow
def test_the_notebook_runs_and_was_left_clean(tmp_path, monkeypatch):
    """Every cell of the worked notebook runs in order; it is kept without outputs."""
    notebook = json.loads((DOCS / "notebook.ipynb").read_text("utf8"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    space, said = {}, io.StringIO()
    codes = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert len(codes) >= 8
    for cell in codes:
        assert cell["outputs"] == []
        assert cell["execution_count"] is None
        with contextlib.redirect_stdout(said):
            exec(compile("".join(cell["source"]), "notebook", "exec"), space)  # noqa: S102  # the notebook's own code
    assert len(said.getvalue()) > 200
    assert space["charts"]


@pytest.fixture
def house(tmp_path, monkeypatch):
    """The package of the page on extending, installed as its own pyproject says."""
    files = dict(NAMED.findall(PAGES["extend.md"]))
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf8")
    points = tomllib.loads(files["pyproject.toml"])["project"]["entry-points"]
    info = tmp_path / "house-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: house\nVersion: 1.0\n")
    lines = (f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in held.items()) for group, held in points.items())
    (info / "entry_points.txt").write_text("\n".join(lines))
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in [name for name in sys.modules if name.split(".")[0] == "house"]:
        del sys.modules[name]


def test_the_example_source_is_found_and_reads(house):
    """The source of the page registers by its entry point, recognises its sample alone, and counts its bad record."""
    from groundswell.privacy.door import Door

    source = registry.sources()["tally"]
    export = source.recognise(house / "sample" / "tally.csv")
    assert export is not None
    assert source.recognise(house / "pyproject.toml") is None
    assert source.recognise(house) is None
    door = Door(bytes(32), "tally")
    (batch,) = source.read(export, door)
    assert len(batch) == 3
    assert len(set(batch.columns["id"])) == 3
    assert sum(door.tally.skipped.values()) == 1
    assert not any("lanterne" in str(value) for column in batch.columns.values() for value in column)


def test_the_example_measure_answers_a_company(house):
    """The measure of the page counts a simulated company, passes privacy, and says a share with its interval."""
    from groundswell.model.measure import Verdict
    from groundswell.privacy.release import release
    from groundswell.report.words import words
    from groundswell.simulation.policy import Policy
    from groundswell.simulation.world import simulate
    from simulated_company import engine_on, tables_of

    measure = registry.measures()["came_back"]
    engine = engine_on(tables_of(simulate(people=200, weeks=30, policy=Policy.CURIOUS, seed=5)))
    finding = measure.estimate(release(measure.count(engine)))
    result = finding.results[0]
    assert result.verdict is not Verdict.PUBLISHED or result.low <= result.estimate <= result.high
    assert words("en").say(finding.sentence)
    assert result.n_people >= 10


def test_the_example_language_has_the_parts_of_a_language():
    """The sections and cues the page shows are those of a language file, and its example is read there."""
    from groundswell.languages.load import load

    shown = tomllib.loads(blocks(PAGES["extend.md"], "toml")[-1])
    french = load("fr")
    assert set(shown) == {"name", "cues", "examples", "phrases"}
    assert set(shown["cues"]["act"]) <= set(french.cues["act"])
    assert set(shown["examples"][0]) <= {"text", "acts", "modality", "tool", "job", "carries"}
    assert all(french.phrases[english] == text for english, text in shown["phrases"].items())


def test_attacks_the_threat_model_names_exist():
    """Each test file the threat model points to is there."""
    named = set(re.findall(r"`(tests/[\w/]+\.py)`", PAGES["threat_model.md"]))
    assert named
    assert all((ROOT / path).is_file() for path in named)


def test_what_software_cannot_prevent_comes_first():
    """The threat model begins with what no setting changes."""
    heads = re.findall(r"^## (.+)$", PAGES["threat_model.md"], re.MULTILINE)
    assert heads[0] == "What software cannot prevent"


def test_pages_name_no_host_and_no_machine():
    """No page names an address or a path of some machine."""
    for name, text in PAGES.items():
        assert not re.search(r"https?://|/home/|/root/|/work/|/tmp/", text), name
