"""The page's other forms: JSON for programs, Markdown for people, figures for slides."""

import json
import re
import struct
import xml.etree.ElementTree as ET
from dataclasses import fields, replace
from pathlib import Path

import pytest

import report_samples as samples
from groundswell.errors import OutputError
from groundswell.report.figures import figures
from groundswell.report.forms import FORMAT, VERSION, to_json, to_markdown
from groundswell.report.page import Page


def test_json_is_versioned_and_holds_every_field() -> None:
    """The JSON names its format and version and holds every field of a page, every point of every picture, and no function."""
    held = json.loads(to_json(samples.full()))
    assert (held["format"], held["version"]) == (FORMAT, VERSION)
    assert set(held["page"]) == {field.name for field in fields(Page)}
    points = [
        p for f in held["page"]["findings"] for picture in f["pictures"] for line in picture["lines"] for p in line["points"]
    ]
    assert len(points) == sum(
        len(line.points) for f in samples.full().findings for picture in f.pictures for line in picture.lines
    )
    assert all("count" not in measure and measure["sql"] for measure in held["page"]["measures"])
    assert [finding["chapter"] for finding in held["page"]["findings"]] == [
        "said",
        "done",
        "lasted",
        "started",
        "reasons",
        "kinds",
        "seats",
    ]


def test_json_phrases_carry_key_values_and_english() -> None:
    """A phrase in the JSON can be translated again, and read as it is."""
    page = json.loads(to_json(samples.full()))["page"]
    label = page["beside"][0]["figure"]
    assert label["values"] == {"share": 0.242}
    assert label["text"].startswith("{share:percent}")
    assert label["plain"].startswith("24%")


def test_json_keeps_withheld_results() -> None:
    """A withheld result is in the JSON with its reason, and with null where a value would be."""
    page = json.loads(to_json(samples.full()))["page"]
    withheld = [r for finding in page["findings"] for r in finding["results"] if r["verdict"] == "withheld"]
    assert withheld
    assert all(r["estimate"] is None and r["reason"]["plain"] and r["unlock"]["plain"] for r in withheld)


@pytest.mark.parametrize("lang", ["en", "fr", "vi"])
def test_markdown_says_every_result_and_draws_no_markup(lang: str) -> None:
    """The Markdown form holds every result and table, and nothing in it is markup that came from outside."""
    text = to_markdown(samples.full(), lang=lang)
    assert text.count("\n- ") >= sum(len(finding.results) for finding in samples.full().findings)
    assert not re.search(r"(?<!\\)<", re.sub(r"```sql.*?```", "", text, flags=re.DOTALL))
    assert text.count("```") == 2 * len(samples.MEASURES)


def test_markdown_of_an_empty_page_is_whole() -> None:
    """A page without findings has a Markdown form too."""
    assert to_markdown(samples.empty()).count("cannot be told from these traces") == 3


def test_figures_are_written_once_each_as_svg_and_png(tmp_path: Path) -> None:
    """Every picture becomes an SVG that stands alone and a PNG sharp enough for print, with title and marks inside."""
    written = figures(samples.full(), tmp_path / "new")
    keys = [*(picture.key for finding in samples.full().findings for picture in finding.pictures), "ledger"]
    assert [path.name for path in written] == [f"{key}.{kind}" for key in keys for kind in ("svg", "png")]
    for svg, png in zip(written[::2], written[1::2], strict=True):
        text = svg.read_text(encoding="utf-8")
        root = ET.fromstring(text)  # noqa: S314  # drawn here
        assert root.attrib["aria-label"]
        assert "var(" not in text
        width = struct.unpack(">I", png.read_bytes()[16:20])[0]
        assert width >= 3 * 640
    weeks = (tmp_path / "new" / "said_and_done.svg").read_text(encoding="utf-8")
    assert "2. 22\u00a0May\u00a02025: the usage log begins" in weeks


def test_figure_names_cannot_leave_the_folder(tmp_path: Path) -> None:
    """A picture whose key looks like a path is written inside the folder."""
    finding = samples.seats()
    bad = replace(finding, pictures=(replace(finding.pictures[0], key="../../Out Side"),))
    (svg, _) = figures(replace(samples.empty(), findings=(bad,)), tmp_path)
    assert svg.parent == tmp_path


def test_unwritable_folder_is_one_clear_error(tmp_path: Path) -> None:
    """A folder that cannot be made gives one error that names it and what to do."""
    blocked = tmp_path / "file"
    blocked.write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="choose another folder"):
        figures(samples.full(), blocked / "figures")
