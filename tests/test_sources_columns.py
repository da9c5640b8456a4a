"""What columns of many messages are made of: keyed ids, and instants nobody looks at."""

from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from groundswell.sources import _words
from groundswell.sources._instants import Instants
from groundswell.sources._keyed import keyed, siphash

WORD = 2**64 - 1


def one_by_one(message, key):
    """SipHash-2-4 of one word as the paper writes it, in plain integers."""

    def turned(word, bits):
        return (word << bits | word >> (64 - bits)) & WORD

    def rounds(v, count):
        for _ in range(count):
            v[0] = (v[0] + v[1]) & WORD
            v[2] = (v[2] + v[3]) & WORD
            v[1] = turned(v[1], 13) ^ v[0]
            v[3] = turned(v[3], 16) ^ v[2]
            v[0] = turned(v[0], 32)
            v[2] = (v[2] + v[1]) & WORD
            v[0] = (v[0] + v[3]) & WORD
            v[1] = turned(v[1], 17) ^ v[2]
            v[3] = turned(v[3], 21) ^ v[0]
            v[2] = turned(v[2], 32)

    start = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
    v = [key[n % 2] ^ word for n, word in enumerate(start)]
    for block in (message, 8 << 56):
        v[3] ^= block
        rounds(v, 2)
        v[0] ^= block
    v[2] ^= 0xFF
    rounds(v, 4)
    return v[0] ^ v[1] ^ v[2] ^ v[3]


def of(numbers):
    """A column of words."""
    return np.array(numbers, np.uint64)


def test_the_paper_s_own_vector():
    """Key 00..0f and message 00..07 give the vector its authors publish with the reference implementation."""
    whole = bytes(range(16))
    key = [int.from_bytes(whole[n : n + 8], "little") for n in (0, 8)]
    message = int.from_bytes(whole[:8], "little")
    assert siphash(of([message]), of(key[:1]), of(key[1:])).tobytes() == bytes.fromhex("6224939a79f5f593")


@given(st.lists(st.tuples(*[st.integers(0, WORD)] * 3), min_size=1, max_size=8))
def test_columns_are_hashed_as_one_by_one(rows):
    """Every row of a column, under its own key, gives what plain integers give; and no argument is changed."""
    columns = [of(part) for part in zip(*rows, strict=True)]
    before = [column.copy() for column in columns]
    assert siphash(*columns).tolist() == [one_by_one(message, (one, other)) for message, one, other in rows]
    assert all((a == b).all() for a, b in zip(columns, before, strict=True))


def test_ids_are_63_bits_and_never_nobody():
    """An id is positive and fits a signed column, and ten thousand of them under two keys are all different."""
    numbers = np.arange(10_000, dtype=np.int64)
    ids = np.concatenate([keyed(numbers, np.full(10_000, key, np.uint64), np.full(10_000, 7, np.uint64)) for key in (1, 2)])
    assert ids.min() > 0
    assert len(np.unique(ids)) == 20_000


def test_instants_are_what_they_stand_for():
    """One by one, in a slice, joined and as an Arrow column, they are the same aware UTC times."""
    times = [datetime(2026, 3, 1, 10, 0, n, 123_456, UTC) for n in range(5)]
    column = Instants(np.array([int(t.timestamp()) * 1_000_000 + t.microsecond for t in times], np.int64))
    assert list(column) == times == [column[n] for n in range(len(column))]
    assert column == times
    assert column != times[:-1]
    assert list(Instants.joined([column[:2], column[2:]])) == times
    assert pa.array(column, pa.timestamp("us")).to_pylist() == [t.replace(tzinfo=None) for t in times]


@given(st.lists(st.text("ab <>@U1|#!\0\n&lt;`", max_size=30), max_size=6))
def test_many_texts_read_as_each_alone(texts):
    """Texts cleaned together give what each gives alone, and each mention is told of under its own text's number."""
    told = []
    together = _words.slack_all(texts, lambda row, native: told.append((row, native)) or "@")
    alone, said = [], []
    for row, text in enumerate(texts):
        alone.append(_words.slack(text, lambda native, row=row: said.append((row, native)) or "@"))
    assert together == alone
    assert told == said
