"""The pulse in PostgreSQL: many answers at the same moment, from many connections, and none is lost, doubled or moved alone."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from groundswell.privacy import blind
from groundswell.selfreport import pulse
from groundswell.selfreport.answers import BATCH, Answer
from groundswell.selfreport.base import METADATA, open_book, writing
from groundswell.selfreport.pulse import Refusal
from postgres_server import postgres as running
from pulse_people import QUARTER, SECRET, TOOLS, fetch, hire, ready_token, rows, send, turn

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def book():
    """A book in a PostgreSQL server of the tests' own."""
    with running() as url:
        engine = open_book(url)
        yield engine
        engine.dispose()


@pytest.fixture(autouse=True)
def _empty(book):
    """Each test begins with an empty book."""
    yield
    with writing(book) as connection:
        for table in reversed(METADATA.sorted_tables):
            connection.execute(table.delete())


def test_a_rush_loses_nothing(book):
    """Three hundred people answer over eight connections at once: each is counted once, in batches, whatever the order."""
    people = hire(book, ["Sales"] * 300)
    with writing(book) as connection:
        key = pulse._key(connection, QUARTER, SECRET)
    tokens = [ready_token(key, turn(who)[0]) for who in people]

    def give(token):
        ask = pulse.turn_about(token.quarter, token.about)
        with writing(book) as connection:
            said = Answer(used=True, tool="claude")
            return pulse.spend(connection, token, said, secret=SECRET, tools=TOOLS, today=ask.on)

    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(give, [*tokens, *tokens]))
    assert told.count(None) == 300
    assert told.count(Refusal.SPENT) == 300
    assert len(rows(book, pulse.ANSWERS)) + len(rows(book, pulse.WAITING)) == 300
    assert sum(row["n"] for row in rows(book, pulse.TALLIES) if row["item"] == "day") == len(rows(book, pulse.ANSWERS))
    with writing(book) as connection:
        pulse.settle(connection, QUARTER)
        kept, counts = pulse.quarter_answers(connection, QUARTER)
    assert len(kept) == 300
    assert sum(n for (item, _), n in counts.items() if item == "day") == 300


def test_one_right_one_token_at_the_same_moment(book):
    """Whoever asks for two tokens at once from two browsers gets one."""
    (who,) = hire(book, ["Sales"])
    with writing(book) as connection:
        pulse.public_key(connection, QUARTER, secret=SECRET)
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(lambda _: fetch(book, who), range(8)))
    assert told.count(Refusal.USED) == 7


def test_one_key_for_everyone(book):
    """Workers that need the quarter's key at the same moment all get the same one."""
    with ThreadPoolExecutor(4) as pool:
        keys = set(pool.map(lambda _: _public(book), range(4)))
    assert len(keys) == 1


def test_a_batch_is_five_here_too(book):
    """One after the other, answers appear five at a time."""
    people = hire(book, ["Sales"] * 7)
    seen = []
    for who in people:
        assert send(book, fetch(book, who), Answer(used=False)) is None
        seen.append(len(rows(book, pulse.ANSWERS)))
    assert seen == [0, 0, 0, 0, BATCH, BATCH, BATCH]


def _public(book):
    with writing(book) as connection:
        return pulse.public_key(connection, QUARTER, secret=SECRET)


def test_the_published_key_length(book):
    """The key in use is of full length here, unlike in the fast tests."""
    assert _public(book).n.bit_length() == blind.BITS
