"""The folder tree is the architecture: what style.md promises of it, held by reading the code."""

import ast
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "groundswell"
FILES = sorted(PACKAGE.rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
ROOMS_WITHOUT_MEANING = {"utils", "common", "core", "helpers", "manager", "misc"}
MOST_LINES = 400
MOST_LINES_OF_A_FUNCTION = 40


def short(path):
    """Path as a test id."""
    return str(path.relative_to(ROOT))


def functions(path):
    """Every function and method of a file."""
    tree = ast.parse(path.read_text("utf8"))
    return [n for n in ast.walk(tree) if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef))]


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_file_is_read_at_one_sitting(path):
    """A file has one subject: fewer than 400 lines, a first sentence that says it, no function past 40 lines of code."""
    text = path.read_text("utf8")
    assert len(text.splitlines()) < MOST_LINES
    assert ast.get_docstring(ast.parse(text))
    long = {f.name: n for f in functions(path) if (n := _code_lines(f)) > MOST_LINES_OF_A_FUNCTION}
    assert not long


def _code_lines(function):
    """Lines of the body without the docstring: explaining is not what makes a function long."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


@pytest.mark.parametrize("path", FILES, ids=short)
def test_a_room_has_a_meaning(path):
    """No file or folder is called by what could be in it."""
    assert not ROOMS_WITHOUT_MEANING & {part.removesuffix(".py").strip("_") for part in path.relative_to(PACKAGE).parts}


@pytest.mark.parametrize("path", [f for f in FILES if f.name == "__init__.py" and f.parent != PACKAGE], ids=short)
def test_a_door_plate_holds_one_sentence(path):
    """The __init__ of a room says what the room is, and nothing else."""
    tree = ast.parse(path.read_text("utf8"))
    assert len(tree.body) == 1
    assert ast.get_docstring(tree)


@pytest.mark.parametrize("path", TESTS, ids=short)
def test_every_test_states_its_promise(path):
    """A test's first line is a sentence."""
    silent = [f.name for f in functions(path) if f.name.startswith("test_") and not (ast.get_docstring(f) or "").strip()]
    assert not silent


@pytest.mark.parametrize("path", [f for f in FILES if f.parent != PACKAGE / "cli"], ids=short)
def test_only_the_command_line_prints(path):
    """Nothing below the command line writes to the terminal or to a log."""
    names = {
        n.func.id for n in ast.walk(ast.parse(path.read_text("utf8"))) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    imported = {a.name for n in ast.walk(ast.parse(path.read_text("utf8"))) if isinstance(n, ast.Import) for a in n.names}
    main_only = path.name in {"train.py"}  # a build command of its own
    assert main_only or "print" not in names
    assert "logging" not in imported


SEALED = {"Release", "_seal", "_sealed", "_again"}
"""What can make a release; `release` the function, which holds to the floors, is everybody's."""


def makes_a_release(code):
    """Names by which a text could make a release: called, imported under any name, taken off the module, or named in a string."""
    found = set()
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("groundswell.privacy"):
            found |= {a.name for a in node.names} & SEALED
        elif isinstance(node, ast.Attribute):
            found |= {node.attr} & SEALED
        elif isinstance(node, ast.Name):
            found |= {node.id} & {"Release"}  # another room may call something of its own sealed
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value} & SEALED
    return found


@pytest.mark.parametrize("path", [f for f in FILES if f.parent != PACKAGE / "privacy"], ids=short)
def test_only_privacy_builds_a_release(path):
    """No other room calls the Release class, under any name: what a statistic sees has passed the floors."""
    assert not makes_a_release(path.read_text("utf8"))


@pytest.mark.parametrize(
    "code",
    [
        "from groundswell.privacy.release import Release\nRelease(people=3)",
        "from groundswell.privacy.release import Release as R\nR(people=3)",
        "from groundswell.privacy import release as r\nr.Release(people=3)",
        "from groundswell.privacy import release as r\nx = r._seal",
        "import groundswell.privacy.release as r\ngetattr(r, 'Release')(people=3)",
    ],
)
def test_planted_a_release_built_elsewhere_is_seen(code):
    """Each way of naming what makes a release, planted, is found."""
    assert makes_a_release(code)


def test_the_rule_between_rooms_names_every_room():
    """The layers in pyproject.toml are exhaustive: each folder of the package stands in exactly one of them."""
    contract = tomllib.loads((ROOT / "pyproject.toml").read_text("utf8"))["tool"]["importlinter"]["contracts"][0]
    named = [room.strip(" ()") for layer in contract["layers"] for room in layer.split("|")]
    rooms = {p.name for p in PACKAGE.iterdir() if p.is_dir() and p.name != "__pycache__"} | {"errors", "registry"}
    assert contract["exhaustive"]
    assert len(named) == len(set(named))
    assert rooms <= set(named)


@pytest.mark.parametrize("path", sorted((ROOT / "requirements").glob("*.txt")), ids=short)
def test_pins_carry_hashes_and_no_address(path):
    """Every pinned requirement has a hash, and no index is written into the repository."""
    text = path.read_text("utf8")
    assert "://" not in text
    pinned = [line for line in text.splitlines() if "==" in line]
    assert pinned
    assert text.count("\n    --hash=") >= len(pinned)
