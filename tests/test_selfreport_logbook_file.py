"""What the store learns of the logbook: acts, tools, kinds of work and pseudonyms; no words, and nothing one kept to oneself."""

import json

import pytest

from groundswell.model.reading import Act
from groundswell.privacy.door import Door
from groundswell.selfreport.base import reading
from groundswell.selfreport.logbook_file import NAMELESS_PEN, UNLISTED, entries_to_file
from groundswell.sources.logbook import SOURCE
from web_company import company

FIELDS = {"tool": "Claude", "outcome": "kept", "visible": "everyone", "job": "support"}


@pytest.fixture
def written(tmp_path):
    """A company that told some things, and the file of it."""
    served = company(tmp_path / "company")
    ada, bela = served.joined("Ada"), served.joined("Béla")
    first = ada.post("/logbook", title="A heron job", tried="A heron try", learned="Herons wait", **FIELDS).headers["location"]
    bela.post(f"{first}/use")
    bela.post("/logbook", title="A heron change", **{**FIELDS, "outcome": "dropped", "drop": "switched", "parent": first[9:]})
    ada.post("/logbook", title="My own heron", **{**FIELDS, "visible": "me", "job": "legal"})
    ada.post("/logbook", title="A quiet heron", **{**FIELDS, "visible": "nameless", "job": "design"})
    ada.post("/logbook", title="A heron tool", **{**FIELDS, "tool": "What Olga Heron wrote", "job": "review"})
    path = tmp_path / "logbook.json"
    with reading(served.book) as connection:
        n = entries_to_file(connection, path, tools_known=["harbour"])
    rows = json.loads(path.read_text("utf8"))["entries"]
    assert n == len(rows)
    return path, rows


def test_the_source_reads_the_file(written):
    """The file is recognised by the source of its name, every row is kept, and each act is there."""
    path, rows = written
    export, door = SOURCE.recognise(path), Door(bytes(32), "logbook")
    assert export is not None
    batches = list(SOURCE.read(export, door))
    acts = next(batch for batch in batches if batch.row.__name__ == "ActRow").columns
    assert not door.tally.skipped
    assert len(rows) == 5
    found = set(zip(acts["job"], acts["act"], strict=True))
    assert {("support", Act.TRIES), ("support", Act.USES), ("support", Act.LEARNS), ("support", Act.TAKES_UP)} <= found
    assert ("support", Act.DROPS) in found
    assert ("design", Act.TRIES) in found
    taken = [w for w, a in zip(acts["whom"], acts["act"], strict=True) if a == Act.TAKES_UP]
    tried = [p for p, a, j in zip(acts["actor"], acts["act"], acts["job"], strict=True) if (a, j) == (Act.TRIES, "support")]
    assert set(taken) <= set(tried)


def test_no_word_of_an_entry_is_in_it(written):
    """Titles, texts and names of attachments stay in the logbook, and so does what one keeps to oneself."""
    text = written[0].read_text("utf8").casefold()
    assert "heron" not in text
    assert "legal" not in text


def test_without_a_name_no_address(written):
    """An entry without a name bears the one pen all such entries share, its month, and whom it took nothing from."""
    quiet = next(row for row in written[1] if row["job"] == "design")
    assert (quiet["person"], quiet["pen"], quiet["whom"]) == ("", NAMELESS_PEN, "")
    assert quiet["at"].endswith("-01")


def test_a_tool_on_no_list_is_not_named(written):
    """What one person typed as a tool might be a name: it reaches the store as AI in general."""
    assert {row["tool"] for row in written[1] if row["job"] == "review"} == {UNLISTED}
    assert {row["tool"] for row in written[1] if row["job"] == "support"} == {"claude"}
