"""A mirror is opened by one sentence alone, counts one person's own words, and compares them with nobody."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from groundswell.errors import InputError, PrivacyError
from groundswell.privacy import mirror
from groundswell.privacy.mirror import ITEMS, LEAST_STATEMENTS, Own, exact_change, key_for, reflect, seal, unseal

PHRASE = "the heron waits by the weir"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """A cheaper key derivation for tests: the real one takes 128 MB by design."""
    monkeypatch.setattr(mirror, "_OPS", 1)
    monkeypatch.setattr(mirror, "_MEMORY", 8192 * 1024)


def own(quarter, **counts):
    return Own(quarter, 200, sum(counts.values()), counts)


SHOWN = reflect([own("2025-Q4", demands=12, lessons=3), own("2026-Q1", demands=2, lessons=14)], right={}, seed=1)


def test_only_the_sentence_opens_a_mirror():
    """What is sealed to a key is opened by its sentence, and by no other sentence, key or byte."""
    sealed = seal(SHOWN, key_for(PHRASE))
    assert unseal(sealed, PHRASE) == SHOWN
    spoilt = sealed[:-8] + ("A" * 8)
    for text, phrase in ((sealed, PHRASE + "."), (spoilt, PHRASE), ("", PHRASE), ("rubbish!", PHRASE), ("é", PHRASE)):
        with pytest.raises(PrivacyError, match="does not open it"):
            unseal(text, phrase)


def test_a_sealed_mirror_says_nothing():
    """Two mirrors sealed to one key have nothing in common, whatever is in them has the same length, and no word of it shows."""
    key, empty = key_for(PHRASE), reflect([own("2026-Q1", demands=1)], right={}, seed=1)
    one, two, three = seal(SHOWN, key), seal(SHOWN, key), seal(empty, key)
    assert len({one, two, three}) == 3
    assert len({len(one), len(two), len(three)}) == 1
    assert "demands" not in one
    assert key_for(PHRASE) != key


@pytest.mark.parametrize("key", ["", "rubbish", "é", "AAAA", "cut"])
def test_what_is_no_key_is_refused(key):
    """A mirror is sealed to a whole key or not at all."""
    key = key_for(PHRASE)[:-4] if key == "cut" else key  # drawn here: each process of the suite draws another
    with pytest.raises(InputError):
        seal(SHOWN, key)


def test_a_short_sentence_is_no_key():
    """A sentence that could be guessed makes no key."""
    with pytest.raises(InputError, match="too short"):
        key_for("short")


def test_too_few_words_say_nothing():
    """Below twenty own public statements no count is made, not even of the quarters that had some."""
    few = reflect([own("2025-Q4", demands=10), own("2026-Q1", demands=LEAST_STATEMENTS - 11)], right={}, seed=1)
    assert few.withheld
    assert few.quarters == ()
    assert not reflect([own("2025-Q4", demands=10), own("2026-Q1", demands=LEAST_STATEMENTS - 10)], right={}, seed=1).withheld


def test_counts_are_each_for_itself():
    """Every item stands alone, each quarter beside the one before: no sum, no rank, no other person."""
    assert [q.quarter for q in SHOWN.quarters] == ["2025-Q4", "2026-Q1"]
    assert SHOWN.quarters[1].counts == {**dict.fromkeys(ITEMS, 0), "demands": 2, "lessons": 14}
    assert SHOWN.quarters[0].change == {}
    assert SHOWN.quarters[1].change["demands"] < 0.05
    assert SHOWN.quarters[1].change["questions"] == 1.0
    assert set(mirror.Quarter.__struct_fields__) == {"quarter", "messages", "counts", "change"}


@settings(max_examples=30)
@given(st.integers(0, 40), st.integers(1, 500), st.integers(0, 40), st.integers(1, 500))
def test_the_exact_test_is_the_librarys(first, first_of, second, second_of):
    """The conditional test agrees with scipy's exact binomial test."""
    ours = exact_change(first, first_of, second, second_of)
    theirs = binomtest(first, first + second, first_of / (first_of + second_of)).pvalue if first + second else 1.0
    assert ours == pytest.approx(theirs, rel=1e-6)


def test_where_nothing_changed_nothing_is_said():
    """With the same rate in both quarters a change is found no more often than the level says, the reader's doubt included."""
    rng = np.random.default_rng(7)
    found = 0
    for n in range(100):
        pair = [Own(q, 400, 30, {"demands": int(rng.poisson(12))}) for q in ("2025-Q4", "2026-Q1")]
        shown = reflect(pair, right={"demands": (80, 100)}, seed=n)
        found += shown.quarters[1].change["demands"] < 0.05
    assert found <= 12  # 5 at most are expected; more than 12 once in a thousand


def test_the_readers_doubt_weakens_a_change():
    """A reader that is often wrong makes the same difference less certain; an audit of all right leaves it about as it is."""
    pair = [own("2025-Q4", demands=24), own("2026-Q1", demands=8)]
    plain, sure, doubtful = (
        reflect(pair, right=right, seed=3).quarters[1].change["demands"]
        for right in ({}, {"demands": (200, 200)}, {"demands": (60, 200)})
    )
    assert plain < 0.01
    assert plain < sure < doubtful
