"""Published results beside a company's own: every one is there, an analogue only where it was let out."""

from dataclasses import replace

from markupsafe import escape

import report_samples as samples
from groundswell import registry
from groundswell.model.measure import Finding
from groundswell.model.phrase import say
from groundswell.report.render import render
from groundswell.report.words import words
from groundswell.runs.published import STUDIES, beside


def found(measure, *results):
    """A finding with these results."""
    return Finding(measure=measure, sentence=say("x"), results=results)


def test_every_study_stands_there_whatever_was_found():
    """Without any finding each study is listed with its figure and how it differs, and no number of ours."""
    rows = beside(())
    assert len(rows) == len(STUDIES) == 13
    assert all(row.ours is None for row in rows)
    assert all(words("en").say(row.figure) and words("en").say(row.differs) for row in rows)


def test_each_study_says_where_its_figure_was_found():
    """Whether the publication itself was seen stands beside every figure, on the page too; not every one was."""
    rows = beside(())
    assert all(row.checked is not None for row in rows)
    said = {words("en").say(row.checked) for row in rows}
    assert any("own abstract" in text for text in said)
    assert any("not seen" in text for text in said)
    page = render(replace(samples.full(), beside=rows))
    assert all(str(escape(words("en").say(row.checked))) in page for row in rows)


def test_an_analogue_is_a_number_that_was_let_out():
    """Ours is the published share beside which it belongs; a withheld one leaves the place empty."""
    let_out = samples.result("pulse", "day_share", say("x"), (0.3, 0.2, 0.4), "share", 40, 40)
    held = samples.withheld("survival", "abandoned_180", say("y"), say("too few"), say("more"))
    ours = {row.source: row.ours for row in beside((found("pulse", let_out), found("survival", held)))}
    assert ours["Gallup, fourth quarter of 2025, 22,368 US workers"] is let_out
    assert sum(value is not None for value in ours.values()) == 1


def test_analogues_are_of_the_whole_organisation_or_of_a_kind_of_work():
    """A number of one tool or one unit is never set beside a study."""
    one_tool = samples.result("seats", "active_share", say("x"), (0.3, 0.2, 0.4), "share", 40, 40)
    assert all(row.ours is None for row in beside((found("seats", replace(one_tool, group="copilot")),)))
    kind = replace(samples.result("kinds", "in_use_support", say("x"), (0.8, 0.7, 0.9), "share", 40, 40), group="support")
    assert [row.source.split()[0] for row in beside((found("kinds", kind),)) if row.ours] == ["Brynjolfsson,"]


def test_analogues_name_measures_and_keys_that_exist():
    """Each analogue names a measure there is, and a key that its own file writes."""
    measures = registry.measures()
    for study in STUDIES:
        for measure, key in study.ours:
            assert measure in measures, study.source
            assert key.removeprefix("in_use_") in _keys(measure) | {"support", "coding"}, key


def _keys(measure):
    """Every string literal in the measure's file and in those of its helpers."""
    import ast
    from pathlib import Path

    import groundswell.measures as room

    texts = set()
    for file in Path(room.__path__[0]).glob("*.py"):
        tree = ast.parse(file.read_text("utf8"))
        texts |= {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return texts
