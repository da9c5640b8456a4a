"""`import groundswell as gs`: light to import, and the same page as the command line."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

import groundswell as gs
import report_samples as samples
from groundswell.runs.notebook import Pair, Told

SAMPLES = Path(__file__).parent / "data" / "sources"
HEAVY = {"altair", "duckdb", "numpy", "opendp", "pyarrow", "scipy", "vl_convert", "jinja2", "babel", "typer"}


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """A small invented export, reported."""
    exports = [SAMPLES / "org_chart" / "people.csv", SAMPLES / "claude_code" / "claude-code.json"]
    return gs.report(exports, key=tmp_path_factory.mktemp("key") / "key")


def test_importing_loads_nothing_heavy():
    """The verbs are there at once; what they need is loaded when one is called."""
    code = "import sys, groundswell as gs; gs.report; print(*sorted({m.partition('.')[0] for m in sys.modules}))"
    loaded = set(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split())
    assert not HEAVY & loaded


def test_report_is_a_verb_and_still_a_room():
    """`gs.report` can be called, and `groundswell.report` can be imported from, in whatever order."""
    code = (
        "import groundswell as gs, groundswell.report.words as w\n"
        "from groundswell.report.render import render\n"
        "assert callable(gs.report) and gs.report.words is w and callable(gs.report)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_all_verbs_are_there_and_nothing_else_is_made_up():
    """report, doctor, simulate, demo can be called; another name is an AttributeError that says so."""
    assert all(callable(getattr(gs, name)) for name in gs.__all__ if name != "__version__")
    with pytest.raises(AttributeError, match="frobnicate"):
        _ = gs.frobnicate


def test_json_is_the_page(told):
    """The JSON of a notebook is that of the command line: one object of this format and version."""
    held = json.loads(told.to_json())
    assert (held["format"], held["version"]) == ("groundswell.page", 1)
    assert held["page"]["start"] == told.page.start.isoformat()


def test_tables_hold_every_number(told):
    """Rows are plain dictionaries: one a result, with a value and an interval or with a reason."""
    tables = told.tables()
    assert set(tables) == {"results", "points", "coverage", "questions", "hypotheses", "published"}
    assert len(tables["results"]) == sum(len(finding.results) for finding in told.page.findings)
    for row in tables["results"]:
        assert (row["estimate"] is None) == (row["verdict"] == "withheld") == (row["low"] is None)
        assert row["reason"] is not None or row["verdict"] == "published"
    assert [row["code"] for row in tables["hypotheses"]] == [f"H{n}" for n in range(1, 12)]
    assert {row["source"] for row in tables["coverage"]} == {"claude_code", "org_chart"}


def test_tables_do_not_tell_small_numbers_of_people(told):
    """A source that shows fewer than ten people has None where the number would stand."""
    assert {row["people"] for row in told.tables()["coverage"]} == {None}


def test_tables_become_arrow_as_they_are():
    """pyarrow takes the rows without a word about types."""
    import pyarrow as pa

    for name, rows in Told(samples.full()).tables().items():
        assert pa.Table.from_pylist(rows).num_rows == len(rows) > 0, name


def test_words_are_in_the_language_asked_for(told):
    """Sentences, tables and charts speak French when asked."""
    assert told.sentences()["done"] != told.sentences("fr")["done"]
    english, french = (told.tables(lang)["results"][0]["label"] for lang in ("en", "fr"))
    assert english != french


def test_charts_are_whole_and_say_their_words():
    """Every picture is an Altair chart without any marker left in it, and its words are in the language asked for."""
    pictures = [p for f in samples.full().findings for p in f.pictures]
    charts = Told(samples.full()).charts("fr")
    assert list(charts) == [picture.key for picture in pictures]
    for chart in charts.values():
        spec = chart.to_json()
        assert '"~' not in spec
        assert "#a100" not in spec
    assert "part" in charts["follow_through"].to_json() or "jours" in charts["follow_through"].to_json()


def test_html_of_doctor_is_what_was_read():
    """The page of `doctor` has no result; that of `report` has."""
    page = samples.full()
    assert 'class="opening"' in Told(page).to_html()
    assert 'class="opening"' not in Told(page, whole=False).to_html()


def test_pair_is_one_page_of_two():
    """A pair gives both, and one page of both."""
    first, second = samples.pair()
    pair = Pair(Told(first), Told(second))
    assert [one.page for one in pair] == [first, second]
    assert 'class="pair"' in pair.to_html()


def test_simulate_writes_a_company(tmp_path):
    """The same seed writes the same company."""
    one = gs.simulate(tmp_path / "one", people=24, weeks=13, policy="none", seed=3)
    other = gs.simulate(tmp_path / "other", people=24, weeks=13, policy="none", seed=3)
    names = sorted(str(p.relative_to(one)) for p in one.rglob("*.csv"))
    assert names
    for name in names:
        assert (one / name).read_bytes() == (other / name).read_bytes()


def test_a_notebook_shows_its_sentences(told):
    """What a notebook shows of a report is its sentences, escaped."""
    shown = told._repr_html_()
    assert shown.count("<p>") == len(told.sentences())
