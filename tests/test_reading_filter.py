"""What passes the first filter, and what a thread lends."""

import itertools
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundswell.reading import filter as first_filter

PASS = [
    "I asked ChatGPT about it",
    "AI helped",
    "we use ai daily",
    "Claude Code is down",
    "I used Claude for the draft",
    "L'IA propose autre chose",
    "on a demandé à l'ia",
    "on l’a fait avec l’IA",
    "mình dùng ai để viết mail",
    "công cụ AI mới",
    "switched to Cursor last week",
    "a custom gpt for it",
    "(copilot)",
    "un agent conversationnel répond",
]
STOP = [
    "j'ai vu le film",
    "J’ai fini",
    "Ai là người làm việc này?",
    "không biết hỏi ai",
    "ai cũng bận",
    "Claude est en congé demain",
    "Merci Claude !",
    "the cursor blinks",
    "AIR traffic",
    "maison à vendre",
    "said and done",
    "Aider les équipes",
    "Jules arrive à midi",
    "",
]


@pytest.mark.parametrize("text", PASS)
def test_lets_through_talk_of_ai(text: str) -> None:
    """Messages that name AI or a tool pass, in three languages and however written."""
    assert first_filter.matches(pa.array([text]))[0]


@pytest.mark.parametrize("text", STOP)
def test_stops_ordinary_words(text: str) -> None:
    """French "j'ai", Vietnamese "ai", first names and mouse pointers do not pass."""
    assert not first_filter.matches(pa.array([text]))[0]


def test_decomposed_letters_are_the_same() -> None:
    """A text passes or not whether its accents are composed or apart."""
    texts = PASS + STOP
    apart = [unicodedata.normalize("NFD", text) for text in texts]
    assert first_filter.matches(pa.array(texts)).tolist() == first_filter.matches(pa.array(apart)).tolist()


def test_own_tools_pass() -> None:
    """A company's own tool name passes once given, as a word and without case, with its signs taken literally."""
    texts = pa.array(["plumebot wrote it", "Plumebots wrote it", "c++bot did"])
    assert first_filter.matches(texts).tolist() == [False, False, False]
    assert first_filter.matches(texts, ("Plumebot", "C++bot")).tolist() == [True, False, True]


def test_thread_lends_topic() -> None:
    """A message passes in context for three messages after a match, and always where the opener matched."""
    passed = np.array([True, False, False, False, False, False])
    threads = [5] * 6
    lent, near = first_filter.Threads().lend(threads, [False] * 6, passed)
    assert lent.tolist() == [False, True, True, True, False, False]
    assert near.tolist() == [False, True, True, True, True, True]
    lent, _ = first_filter.Threads().lend(threads, [True] + [False] * 5, passed)
    assert lent.tolist() == [False, True, True, True, True, True]


def test_threads_do_not_mix() -> None:
    """A match lends nothing to another thread, nor to messages outside threads."""
    lent, near = first_filter.Threads().lend([1, 2, 0, 0], [True, True, False, False], np.array([True, False, True, False]))
    assert not lent.any()
    assert not near.any()


def test_memory_of_threads_is_bounded() -> None:
    """The oldest thread is forgotten beyond the capacity, the newest kept."""
    threads = first_filter.Threads(capacity=2)
    threads.lend([1, 2, 3], [True] * 3, np.array([True] * 3))
    assert len(threads._open) == 2
    lent, _ = threads.lend([1, 3], [False] * 2, np.array([False] * 2))
    assert lent.tolist() == [False, True]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 2), st.booleans(), st.booleans()), max_size=12),
    st.lists(st.integers(0, 12), max_size=3),
)
def test_context_does_not_depend_on_batches(rows: list[tuple[int, bool, bool]], cuts: list[int]) -> None:
    """Threads lend the same topics however the messages are cut into batches."""

    def run(bounds: list[int]) -> list[bool]:
        threads, out = first_filter.Threads(), []
        for start, stop in itertools.pairwise(bounds):
            piece = rows[start:stop]
            lent, _ = threads.lend([r[0] for r in piece], [r[1] for r in piece], np.array([r[2] for r in piece], dtype=bool))
            out += lent.tolist()
        return out

    assert run([0, len(rows)]) == run([0, *sorted(min(cut, len(rows)) for cut in cuts), len(rows)])
