"""What the reader gives for messages, and what it never gives."""

import itertools
import random
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundswell.model.reading import Act, ActRow, Modality
from groundswell.model.source import Batch
from groundswell.model.trace import Trace
from groundswell.reading import exemplar, wording
from groundswell.reading.reader import Reader
from reading_messages import messages, part

CANARY = "zyxwcanary"


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader()


def acts(rows: Batch, modality: str = Modality.DONE) -> set[str]:
    return {act for act, way in zip(rows.columns["act"], rows.columns["modality"], strict=True) if way == modality}


def test_no_text_in_any_column(reader: Reader) -> None:
    """A word of a message is in no column of the rows and in nothing a prediction holds."""
    texts = [f"I used ChatGPT for {CANARY} yesterday", f"All must use Copilot for {CANARY} by Friday because {CANARY}"]
    rows, seen = reader.both(messages(texts))
    assert len(rows) >= 2
    assert CANARY not in repr(rows.columns)
    assert CANARY not in repr(seen)
    assert set(rows.columns) == {field.name for field in fields(ActRow)}


def test_columns_are_those_of_the_row(reader: Reader) -> None:
    """Every column is as long as the batch and holds values of the row class's types."""
    rows = reader.annotate(messages(["I used Claude for the tickets", "We stopped using Copilot", "Has anyone tried Gemini?"]))
    one = ActRow(**{name: values[0] for name, values in rows.columns.items()})
    assert isinstance(one.score, float)
    assert 0 < one.score <= 1
    assert one.act in set(Act)
    assert one.reader == reader.version == "linear-3"
    assert {len(values) for values in rows.columns.values()} == {len(rows)}


@pytest.mark.parametrize(
    ("text", "modality"),
    [
        ("We don't use AI for reports.", Modality.NEGATED),
        ("I'm going to try Claude tomorrow.", Modality.INTENDED),
        ("Has anybody tried Copilot for tables?", Modality.ASKED),
        ("My neighbour uses ChatGPT for all his letters.", Modality.REPORTED),
        ("On n'utilise pas ChatGPT au bureau.", Modality.NEGATED),
        ("Je vais essayer Claude demain.", Modality.INTENDED),
        ("Mes étudiants utilisent ChatGPT pour leurs dissertations.", Modality.REPORTED),
        ("Phòng mình không dùng ChatGPT.", Modality.NEGATED),
        ("Mai mình sẽ thử Claude.", Modality.INTENDED),
        ("Có ai dùng Copilot chưa ạ?", Modality.ASKED),
    ],
)
def test_only_what_is_done_counts_as_done(text: str, modality: str, reader: Reader) -> None:
    """Denied, intended, asked and reported acts are never rows of something done, nor an act in the prediction."""
    rows, seen = reader.both(messages([text]))
    assert not acts(rows)
    assert modality in rows.columns["modality"]
    assert seen.coarse == ["none"]


def test_only_persons_act(reader: Reader) -> None:
    """The same words by a bot or an agent are no act, though they may give their thread its topic."""
    text = "I used ChatGPT for the tickets"
    rows = reader.annotate(messages([text] * 3, actor_kind=["person", "bot", "agent"]))
    assert set(rows.columns["id"]) == {1}


def test_quoted_lines_are_not_the_quoters(reader: Reader) -> None:
    """What stands in quoted lines is not read."""
    rows = reader.annotate(messages(["> I used ChatGPT for the tickets yesterday\nInteresting, thank you."]))
    assert not acts(rows)


def test_own_product_talk_is_no_practice() -> None:
    """Talk about the product a company builds is not an act; the same words about a tool are."""
    text = "Quillbox summarised the tickets for our customers today, the release is out."
    assert not acts(Reader(own_products=["Quillbox"]).annotate(messages([text])))
    assert not acts(
        Reader(own_products=["Claude"]).annotate(messages(["Claude now answers customers in French, release is out."]))
    )
    assert acts(Reader(own_tools=["AskNora"]).annotate(messages(["I asked AskNora to summarise the tickets."]))) == {"uses"}


def test_thread_context_is_read(reader: Reader) -> None:
    """A reply without any AI word is read in a thread about AI, and not elsewhere."""
    texts = ["I let Claude triage the tickets, here is how.", "I tried it this morning on two tickets, looks promising."]
    inside = Reader().annotate(messages(texts, thread=[3, 3], opens=[True, False]))
    outside = Reader().annotate(messages(texts, thread=[3, 4], opens=[True, True]))
    assert 2 in inside.columns["id"]
    assert 2 not in outside.columns["id"]


def test_take_up_points_at_the_giver(reader: Reader) -> None:
    """Take-up names the person mentioned, else the one answered."""
    text = "I used your ChatGPT prompt today, works great for our tickets"
    columns = reader.annotate(messages([text, text], mentions=[[42], []], reply_to=[9, 9])).columns
    whom = {id_: who for id_, act, who in zip(columns["id"], columns["act"], columns["whom"], strict=True) if act == Act.TAKES_UP}
    assert whom == {1: 42, 2: 9}


def test_refuses_other_batches(reader: Reader) -> None:
    """A batch of anything but messages is refused."""
    with pytest.raises(TypeError, match="Trace"):
        reader.annotate(Batch(Trace, {}))


@settings(max_examples=6, deadline=None)
@given(st.randoms(use_true_random=False), st.lists(st.integers(0, 14), max_size=3))
def test_acts_do_not_depend_on_batches(chance: random.Random, cuts: list[int]) -> None:
    """The same messages give the same rows however they are cut into batches."""
    pool = [sample.text for sample in exemplar.load()]
    texts = [chance.choice(pool) for _ in range(14)]
    threads = [chance.choice([0, 1, 2]) for _ in texts]
    whole = messages(texts, thread=threads, opens=[chance.random() < 0.3 for _ in texts])
    bounds = [0, *sorted(cuts), len(texts)]
    one, many = Reader(), Reader()
    expected = one.annotate(whole).columns
    pieces = [many.annotate(part(whole, start, stop)).columns for start, stop in itertools.pairwise(bounds)]
    for name, values in expected.items():
        assert list(values) == [value for piece in pieces for value in piece[name]], name


def test_strange_texts_are_read(reader: Reader) -> None:
    """Null bytes, endless words, only signs, right-to-left text and missing text neither raise nor act."""
    texts = ["", "\x00 AI", "A" * 100_000, "AI " * 5000, "!!! ??? ...", "الذكاء AI", "😂" * 300, "\n\n> AI\n", "[code]"]
    rows = reader.annotate(messages([*texts, None]))  # type: ignore[list-item]
    assert len(rows) < len(texts)


def test_explain_shows_where_cues_stand(reader: Reader) -> None:
    """The debug view gives positions and names of cues, so that a misreading can be traced."""
    shown = reader.explain("We stopped using Copilot.")
    assert shown[0]["tool"] == "copilot"
    assert ("act", "drops") in {(group, cue) for group, cue, _, _ in shown[0]["cues"]}


def test_language_is_told_by_its_words() -> None:
    """Short messages of each language are told apart, also where they share tool names."""
    for text, code in [("I asked ChatGPT", "en"), ("J'ai demandé à ChatGPT", "fr"), ("Em hỏi ChatGPT rồi", "vi"), ("ok", "en")]:
        assert wording.language_of(wording.tokens(text)) == code


def test_predictions_are_probabilities(reader: Reader) -> None:
    """Scores lie in [0, 1], a message not read scores 1 as none, and how it passed is told."""
    texts = ["I used ChatGPT for the tickets", "hello", "What is AI?"]
    seen = reader.predict(messages(texts))
    assert seen.way == ["words", "", "words"]
    assert seen.coarse[0] == "done"
    assert seen.coarse[1] == "none"
    assert seen.score[1] == 1
    assert np.all((seen.score >= 0) & (seen.score <= 1))
    assert seen.any_act[0] > 0.5 > seen.any_act[2]


def test_nothing_of_the_evidence_reaches_the_store(reader: Reader) -> None:
    """Positions and cue ids exist while a message is read; no stored table has a column for them, no row a cue's name."""
    from groundswell.store.schema import TABLES, schema_of

    text = "We stopped using Copilot, nobody opened it."
    cues_seen = {cue for sentence in reader.explain(text) for _, cue, start, end in sentence["cues"] if end > start}
    assert cues_seen
    columns = {name for row in TABLES.values() for name in schema_of(row).names}
    assert not [name for name in columns if any(part in name for part in ("cue", "span", "offset", "evidence", "text", "focus"))]
    held = {str(value) for values in reader.annotate(messages([text])).columns.values() for value in values}
    assert not held & (cues_seen - {act.value for act in Act})
