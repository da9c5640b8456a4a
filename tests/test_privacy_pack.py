"""The works-council pack: from the folder's real state, in three languages."""

import json
import re
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from groundswell.errors import InputError
from groundswell.privacy import record
from groundswell.privacy.charter import QUESTIONS, Charter
from groundswell.privacy.keyring import open_keys
from groundswell.privacy.ledger import Ledger
from groundswell.runs.folder import Folder, init, measure, read
from groundswell.runs.mine import Wish, mine
from groundswell.runs.pack import LANGUAGES, pack, to_html
from groundswell.runs.subject import Handles

SAMPLES = Path(__file__).parent / "data" / "sources"
NOW = datetime(2026, 4, 2, 9, tzinfo=UTC)
WHOLE = Charter(**{name: f"Our <answer> to {name}." for name in QUESTIONS})


@pytest.fixture(scope="module")
def released_once(tmp_path_factory):
    """A company with a complete charter, exports, a release, a look and a charge."""
    home = tmp_path_factory.mktemp("pack")
    place = Folder(home / "company")
    init(place, WHOLE, now=NOW)
    keys = open_keys(home / "key", now=NOW)
    read(place, [SAMPLES / "slack" / "export", SAMPLES / "claude_code"], key=keys.key, opt_out_key=keys.opt_out, now=NOW)
    measure(place, now=NOW)
    Ledger(place.record_file, 2026).spend("a count 2026-Q1", sigma=12, moves=2, now=NOW)
    mine(place, Handles(email="nobody@invented.example"), Wish.SEE, keys=keys, now=NOW)
    return place


@pytest.fixture
def folder(released_once, tmp_path):
    """A copy of it, so that each test may write into its own."""
    return Folder(Path(shutil.copytree(released_once.path, tmp_path / "company")))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_pack_tells_the_folder_s_state(folder, lang):
    """Every answer of the charter, every refusal with its count, every table, key and release with its cost, and the last hash
    stand in it."""
    text = pack(folder, now=NOW, lang=lang).markdown
    last = record.verify(folder.record_file)[-1].hash
    for told in (last, "a count 2026-Q1", "0.00694", "2026-04-02", folder.epochs()[0], "--kept " + last):
        assert told in text
    for name in set(QUESTIONS) - {"organisation"}:
        assert f"Our \\<answer\\> to {name.replace('_', chr(92) + '_')}." in text
    spent = Ledger(folder.record_file, 2026).spent()
    assert f"{spent:.2f}" in text


def test_the_pack_changes_with_the_folder(folder):
    """A further release and a further look are in the next pack: it is made from the record, not from memory."""
    before = pack(folder, now=NOW).markdown
    assert "1 shown" in before
    Ledger(folder.record_file, 2026).spend("another count", sigma=5, moves=1, now=NOW)
    after = pack(folder, now=NOW).markdown
    assert "another count" in after
    assert "another count" not in before


FIRST = {
    "What this software cannot prevent": ["Whoever", "holds"],
    "Ce que ce logiciel ne peut pas empêcher": ["Qui", "détient"],
    "Điều phần mềm này không ngăn được": ["Ai", "giữ"],
}
"""Heading of the first section in each language, and how its first line begins."""


REFUSED = {"en": "day file of a direct message", "fr": "message direct", "vi": "tin nhắn"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_pack_is_in_one_language(folder, lang):
    """Reasons, tables, questions left open and protections are in the language of the pack, not in that of the program."""
    text = pack(folder, now=NOW, lang=lang).markdown
    assert REFUSED[lang] in text
    if lang != "en":
        assert not [word for word in ("day file of", "usage days", "aggregation |", "were entered in the record") if word in text]


def test_every_refusal_is_translated():
    """Whatever the sample of any source makes its reader refuse is said in the languages of the page and of the pack."""
    from groundswell.languages.load import load

    reasons = {r for file in SAMPLES.glob("*/expected.json") for r in json.loads(file.read_text("utf8"))["refused"]}
    assert len(reasons) > 15
    for lang in set(LANGUAGES) - {"en"}:
        assert reasons <= set(load(lang).phrases)


def test_a_changed_charter_and_definition_are_in_the_pack(folder, monkeypatch):
    """The days on which the charter was entered, and what was fixed and changed since, stand in it."""
    from groundswell import registry
    from groundswell.measures import _survival_curves

    folder.charter_file.write_text(folder.charter_file.read_text("utf8").replace("purpose.", "purpose, and another."), "utf8")
    two = {name: one for name, one in registry.measures().items() if name in ("seats", "survival")}
    monkeypatch.setattr(registry, "measures", lambda: two)
    monkeypatch.setattr(_survival_curves, "SWAPPED_IN", 90, raising=False)
    measure(folder, now=datetime(2026, 4, 9, tzinfo=UTC))
    text = pack(folder, now=NOW).markdown
    assert "2026-04-02, 2026-04-09" in text
    assert f"after traces had been read: {two['survival'].title.text}" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_what_software_cannot_prevent_is_said_first(folder, lang):
    """The first section is what no setting changes, and its first line is about whoever holds the raw exports."""
    sections = re.split(r"(?m)^## ", pack(folder, now=NOW, lang=lang).markdown)
    first = sections[1].splitlines()
    assert first[0] in FIRST
    assert next(line for line in first if line.startswith("- ")).split()[1:3] == FIRST[first[0]]
    assert len(sections) == 10


def test_the_languages_say_as_much():
    """The templates have the same headings, lists, tables and values, in the same order."""
    from importlib.resources import files

    texts = [files("groundswell.runs").joinpath("packs", f"{lang}.md").read_text("utf8") for lang in LANGUAGES]
    shapes = [
        [line[:2] if line[:1] in "#-|" else line[:12] if line.startswith("{%") else "." * bool(line) for line in t.splitlines()]
        for t in texts
    ]
    assert shapes[0] == shapes[1] == shapes[2]
    values = [sorted(re.findall(r"\{\{ ([a-z_.]+)", t)) for t in texts]
    assert values[0] == values[1] == values[2]


def test_an_incomplete_charter_is_said_at_the_top(tmp_path):
    """Without answers the pack says which are missing, and that nothing counts as released."""
    place = Folder(tmp_path / "company")
    init(place, Charter(), now=NOW)
    text = pack(place, now=NOW).markdown
    assert "The charter is not complete" in text.split("## ")[0]
    assert "Nothing has been released" in text
    assert "Nothing has been read yet" in text


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_is_well_formed_and_asks_no_host(folder, lang):
    """The HTML holds every section and table, escapes what people answered, and loads nothing from anywhere."""
    from html.parser import HTMLParser

    page = pack(folder, now=NOW, lang=lang).html
    open_tags = []

    class Balance(HTMLParser):
        def handle_starttag(self, tag, attrs):
            assert not {name for name, _ in attrs} & {"src", "href", "onload"}
            if tag not in {"meta"}:
                open_tags.append(tag)

        def handle_endtag(self, tag):
            assert open_tags.pop() == tag

    Balance().feed(page)
    assert not open_tags
    assert f'<html lang="{lang}">' in page
    assert page.count("<h2>") == 9
    assert "Our &lt;answer&gt; to purpose." in page
    assert "<answer>" not in page
    assert "\\" not in page


def test_the_pack_s_markdown_becomes_html():
    """Headings, paragraphs, bold, lists and tables, with marks that people wrote kept as they are."""
    page = to_html(
        "# A\n\nSome **bold** \\*text\\* & `code`.\n\n- one\n- two\n\n| a | b |\n| --- | --- |\n| 1 \\| 2 | 3 |", lang="en"
    )
    for part in (
        "<h1>A</h1>",
        "<p>Some <strong>bold</strong> *text* &amp; <code>code</code>.</p>",
        "<ul>\n<li>one</li>\n<li>two</li>\n</ul>",
        "<tr><td>1 | 2</td><td>3</td></tr>",
    ):
        assert part in page


def test_a_folder_without_a_charter_has_no_pack(tmp_path):
    """The pack of any other folder is refused."""
    with pytest.raises(InputError, match="groundswell init"):
        pack(Folder(tmp_path), now=NOW)
