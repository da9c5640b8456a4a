"""Every language file, present and future, keeps the contract of its room."""

import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from groundswell.errors import PluginError
from groundswell.languages import load as languages
from groundswell.model.reading import Act, DropKind, Job, Modality
from groundswell.model.source import Batch
from groundswell.reading import substance, wording
from groundswell.reading.reader import Reader
from reading_messages import messages

CODES = languages.codes()
FREE = {"names", "language"}  # groups whose cues differ from language to language


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


@pytest.mark.parametrize("code", CODES)
def test_has_the_cues_of_english(code: str) -> None:
    """A language has every group and cue English has, so that no cue is silently blind in it."""
    ours, english = languages.load(code).cues, languages.load("en").cues
    assert set(ours) == set(english)
    for group in set(english) - FREE:
        assert set(ours[group]) == set(english[group]), group


def test_cues_are_those_of_the_codebook() -> None:
    """Acts, modalities, kinds of work, drops and substance are read from cues of exactly those names."""
    cues = languages.load("en").cues
    assert set(cues["act"]) == set(Act)
    assert set(cues["modality"]) == set(Modality) - {Modality.DONE}
    assert set(cues["job"]) == set(Job) - {Job.UNKNOWN}
    assert set(cues["drop"]) == set(DropKind) - {DropKind.ABANDONED}
    assert set(cues["substance"]) == set(substance.FIELDS)


@pytest.mark.parametrize("code", CODES)
def test_fragments_are_patterns(code: str) -> None:
    """Every fragment compiles in RE2, alone, and matches no empty sentence."""
    for group, cues in languages.load(code).cues.items():
        for cue, fragments in cues.items():
            if group == "language":
                continue
            for fragment in fragments:
                hit = pc.match_substring_regex(pa.array(["  "]), wording.cue([fragment]))
                assert not hit[0].as_py(), f"{group}.{cue}: {fragment}"


def _examples() -> Iterator[tuple[str, languages.Example]]:
    for code in CODES:
        for example in languages.load(code).examples:
            yield code, example


@pytest.mark.parametrize(
    ("code", "example"), list(_examples()), ids=lambda value: value if isinstance(value, str) else value.text[:40]
)
def test_reads_its_own_examples(code: str, example: languages.Example, reader: Reader) -> None:
    """A language reads each of its examples as its file says: acts, how they are put, tool, kind of work, substance."""
    rows = reader.annotate(messages([example.text])).columns
    done = {act for act, way in zip(rows["act"], rows["modality"], strict=True) if way == Modality.DONE}
    if example.modality == Modality.DONE:
        assert set(example.acts) <= done
        assert bool(example.acts) == bool(done)
    else:
        assert not done
        assert example.modality in rows["modality"]
    if example.tool:
        assert example.tool in rows["tool"]
    if example.job:
        assert example.job in rows["job"]
    for field in example.carries:
        assert any(carried for act, carried in zip(rows["act"], rows[field], strict=True) if act in example.acts), field


@pytest.mark.parametrize("code", CODES)
def test_examples_cover_the_codebook(code: str) -> None:
    """Each language shows an example of every act but a nudge, of each way of not having done it but hearsay, and of nothing."""
    examples = languages.load(code).examples
    assert {act for example in examples for act in example.acts} >= set(Act) - {Act.NUDGES}
    assert {example.modality for example in examples} >= set(Modality) - {Modality.REPORTED}
    assert any(not example.acts for example in examples)


@pytest.mark.parametrize("code", CODES)
def test_translations_keep_placeholders(code: str) -> None:
    """A translated phrase has the placeholders of its English, no more and no fewer."""
    for english, translated in languages.load(code).phrases.items():
        assert set(re.findall(r"\{[^}]+\}", english)) == set(re.findall(r"\{[^}]+\}", translated)), english


def test_unknown_language_is_refused_by_name() -> None:
    """Asking for a language there is none of says which there are."""
    with pytest.raises(PluginError, match="en or fr or vi"):
        languages.load("xx")


def test_an_empty_batch_is_read() -> None:
    """No messages give no rows, with every column present."""
    rows = Reader().annotate(messages([]))
    assert isinstance(rows, Batch)
    assert len(rows) == 0
    assert len(rows.columns) == 26
