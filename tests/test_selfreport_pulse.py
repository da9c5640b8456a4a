"""The pulse in the book: one answer a person, none lost, and nothing in any table that leads from an answer to whose it is."""

import hashlib
import hmac
import json
import random
from collections import Counter
from datetime import date, timedelta
from itertools import combinations, pairwise

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric import rsa

from groundswell.errors import PrivacyError
from groundswell.privacy import blind
from groundswell.selfreport import pulse
from groundswell.selfreport.answers import BATCH, Answer, deal
from groundswell.selfreport.asking import read_claim
from groundswell.selfreport.base import all_tables, open_book, reading, writing
from groundswell.selfreport.pulse import Refusal, Token
from pulse_people import QUARTER, SECRET, TOOLS, fetch, hire, rows, send, turn

YES = Answer(used=True, tool="claude", job="coding", how="own", kept=True, expected=False)


@pytest.fixture(scope="module", autouse=True)
def _short_keys():
    """A key of 1,024 bits for these tests: one of 2,048 takes seconds to draw where others work too."""
    patch = pytest.MonkeyPatch()
    drawn = blind.make_key(1024)
    patch.setattr(blind, "make_key", lambda bits=0: drawn)
    yield
    patch.undo()


@pytest.fixture
def book(tmp_path):
    """An empty book."""
    engine = open_book(f"sqlite:///{tmp_path / 'book'}")
    yield engine
    engine.dispose()


def test_a_token_is_spent_once(book):
    """A second vote with the same token is refused, and changes nothing."""
    (who,) = hire(book, ["Sales"])
    token = fetch(book, who)
    assert send(book, token, YES) is None
    before = rows(book, pulse.WAITING)
    assert send(book, token, Answer(used=False)) is Refusal.SPENT
    assert rows(book, pulse.WAITING) == before


def test_a_person_gets_one_token(book):
    """Asking again with another hidden token is refused; the same request, as after a lost reply, is answered again."""
    (who,) = hire(book, ["Sales"])
    ask, claim = turn(who)
    with writing(book) as connection:
        key = pulse.public_key(connection, QUARTER, secret=SECRET)
        hidden = blind.blind(key, blind.prepare(b"t" * pulse.TOKEN_BYTES)).message
        first = pulse.sign(connection, claim, hidden, secret=SECRET, today=ask.on)
        assert pulse.sign(connection, claim, hidden, secret=SECRET, today=ask.on) == first
    assert fetch(book, who) is Refusal.USED


def test_a_right_used_without_script_is_used_up(book):
    """Who answered without script gets no token besides, and who has a token cannot answer without."""
    one, other = hire(book, ["Sales", "Sales"])
    ask, claim = turn(one)
    with writing(book) as connection:
        openly = {"secret": SECRET, "tools": TOOLS, "today": ask.on}
        assert pulse.spend_openly(connection, claim, YES, **openly) is None
        assert pulse.spend_openly(connection, claim, YES, **openly) is Refusal.USED
    assert fetch(book, one) is Refusal.USED
    fetch(book, other)
    ask, claim = turn(other)
    with writing(book) as connection:
        assert pulse.spend_openly(connection, claim, YES, secret=SECRET, tools=TOOLS, today=ask.on) is Refusal.USED
    assert len(rows(book, pulse.WAITING)) == 1


@pytest.mark.parametrize(("days", "opens"), [(-1, False), (0, True), (2, True), (9, False)])
def test_a_link_opens_for_some_days(book, days, opens):
    """A link opens neither before its day nor long after it, and neither does a token."""
    (who,) = hire(book, ["Sales"])
    ask, _ = turn(who)
    day = ask.on + timedelta(days=days)
    fetched = fetch(book, who, today=day)
    assert isinstance(fetched, Token) == opens
    token = fetched if opens else fetch(book, who)
    assert send(book, token, YES, today=day) is (None if opens else Refusal.CLOSED)


def test_a_forged_token_is_refused(book):
    """A token this server did not sign, or one changed by a bit, is refused; so is one of another quarter or day."""
    (who,) = hire(book, ["Sales"])
    good = fetch(book, who)
    other = blind._of(rsa.generate_private_key(65537, 2048))
    hidden = blind.blind(other.public, good.prepared)
    forged = blind.finalize(other.public, good.prepared, blind.blind_sign(other, hidden.message), hidden.inverse)
    for token in (
        Token(good.quarter, good.about, good.prepared, forged),
        Token(good.quarter, good.about, good.prepared[:-1] + b"?", good.signature),
        Token(good.quarter, good.about, good.prepared + b"?", good.signature),
        Token(good.quarter, good.about, good.prepared, good.signature[:-1]),
        Token(good.quarter, good.about, b"", b""),
    ):
        assert send(book, token, YES) is Refusal.FORGED
    for quarter, about in (
        ("2025-Q4", good.about),
        (good.quarter, "2026-01-03"),
        ("rubbish", good.about),
        (good.quarter, "rubbish"),
    ):
        token = Token(quarter, about, good.prepared, good.signature)
        assert send(book, token, YES, today=date.fromisoformat(good.about) + timedelta(days=1)) is Refusal.CLOSED
    assert rows(book, pulse.SPENT) == []


def test_what_is_no_hidden_token_uses_no_right_up(book):
    """A browser that sends rubbish may try again."""
    (who,) = hire(book, ["Sales"])
    ask, claim = turn(who)
    with pytest.raises(PrivacyError, match="no blinded token"), writing(book) as connection:
        pulse.sign(connection, claim, b"rubbish", secret=SECRET, today=ask.on)
    assert isinstance(fetch(book, who), Token)


def test_a_day_off_is_no_answer(book):
    """Who did not work on the day spends the token, and nothing is counted."""
    (who,) = hire(book, ["Sales"])
    token = fetch(book, who)
    assert send(book, token, None) is None
    assert rows(book, pulse.WAITING) == []
    assert send(book, token, YES) is Refusal.SPENT


def answered(book, who, what=YES):
    token = fetch(book, who)
    assert isinstance(token, Token)
    assert send(book, token, what) is None


def test_answers_move_in_batches(book):
    """However often the tables are looked at, answers appear five at a time, and so does every count."""
    people = hire(book, ["Sales"] * 13)
    seen, told = [0], [0]
    for who in people:
        answered(book, who)
        seen.append(len(rows(book, pulse.ANSWERS)))
        told.append(sum(int(row["n"]) for row in rows(book, pulse.TALLIES) if row["item"] == "day"))
    assert seen == told
    assert {later - earlier for earlier, later in pairwise(seen)} == {0, BATCH}
    assert len(rows(book, pulse.WAITING)) == 13 % BATCH


def test_a_small_team_is_never_named(book):
    """An answer says where it comes from only from ten people on, whatever the browser sends."""
    people = hire(book, ["Sales"] * 10 + ["Board"] * 9 + [""])
    with reading(book) as connection:
        assert pulse.group_of(connection, "Sales", leads=True) == ("Sales", "")
        assert pulse.group_of(connection, "Board", leads=True) == ("", "")
    for who, unit in zip(people, ["Sales"] * 10 + ["Board"] * 9 + ["Nowhere"], strict=True):
        answered(book, who, Answer(used=True, tool="claude", stratum=unit))
    assert Counter(row["stratum"] for row in rows(book, pulse.ANSWERS)) == {"Sales": 10, "": 10}


def test_a_level_of_few_is_never_named(book):
    """Whether a why comes from somebody who leads is said only where ten do and ten do not."""
    hire(book, ["Sales"] * 12)
    with writing(book) as connection:
        connection.execute(sa.text("update accounts set leads = 1 where id < 'account-0009'"))
        assert pulse.group_of(connection, "", leads=True) == ("", "")
        copied = "id || 'x', name, unit, role, leads, since from accounts"
        connection.execute(sa.text(f"insert into accounts (id, name, unit, role, leads, since) select {copied}"))
        assert pulse.group_of(connection, "", leads=True) == ("", "")
        connection.execute(sa.text("update accounts set leads = (id like '%x')"))
        assert pulse.group_of(connection, "", leads=True) == ("", "leads")
        assert pulse.group_of(connection, "", leads=False) == ("", "works")


def said(number):
    """Answers that tell people apart as far as answers can."""
    draw = random.Random(number)
    return Answer(
        used=True,
        tool=draw.choice(sorted(TOOLS)),
        job=draw.choice(["coding", "legal", "writing", "support"]),
        how=draw.choice(["own", "asked", "colleague"]),
        kept=draw.choice([True, False, None]),
        expected=draw.choice([True, False, None]),
        stratum="Sales",
    )


def world(tmp_path, name, order):
    """A company of forty people who answer, the n-th with `said(order[n])`."""
    book = open_book(f"sqlite:///{tmp_path / name}")
    people = hire(book, ["Sales"] * 40)
    for who, number in zip(people, order, strict=True):
        answered(book, who, said(number))
    return book, people


RANDOM = {"number", "key", "token", "request", "sealed"}
"""Columns that hold randomness, or hashes of it."""


def told(book):
    """Everything the tables of the pulse say besides randomness."""
    tables = [table for name, table in all_tables().tables.items() if name.startswith("pulse_")]
    return {
        table.name: Counter(json.dumps({k: str(v) for k, v in row.items() if k not in RANDOM}) for row in rows(book, table))
        for table in tables
    }


def test_who_said_what_changes_nothing_that_is_stored(tmp_path):
    """If the same answers are given by other people, in another order, every table says the same: no join can tell."""
    same = list(range(40))
    other = random.Random(3).sample(same, 40)
    one, _ = world(tmp_path, "one", same)
    two, _ = world(tmp_path, "two", other)
    assert told(one) == told(two)


def test_no_table_leads_from_an_answer_to_a_person(tmp_path):
    """No value of an answer stands in another table, and none is a hash of anything known of a person, even with the secret."""
    book, people = world(tmp_path, "book", list(range(40)))
    everything = {name: rows(book, table) for name, table in all_tables().tables.items()}
    numbers = {name: {v for row in held for k, v in row.items() if k in RANDOM} for name, held in everything.items()}
    for one, other in combinations(everything, 2):
        assert not numbers[one] & numbers[other], f"{one} and {other} can be joined"
    known = [str(v).encode() for row in everything["accounts"] for v in row.values() if v is not None]
    known += [turn(who)[1].encode() for who in people]
    guesses = {hashlib.sha256(k).digest() for k in known} | {hmac.new(SECRET, k, hashlib.sha256).digest() for k in known}
    guesses |= {g.hex().encode() for g in guesses}
    for name in ("pulse_spent", "pulse_answers", "pulse_tallies", "pulse_waiting"):
        held = {v if isinstance(v, bytes) else str(v).encode() for row in everything[name] for v in row.values()}
        assert not held & guesses, name
    columns = {c.name for t in all_tables().tables.values() for c in t.columns if t.name.startswith("pulse_")}
    assert not {"account", "at", "hour", "address", "claim"} & columns


def test_the_order_in_the_file_is_not_the_order_of_answering(tmp_path):
    """Rows of rights, of tokens and of answers lie in orders that have nothing to do with each other."""
    book, people = world(tmp_path, "book", list(range(40)))
    rank = {hashlib.sha256(read_claim(SECRET, turn(who)[1])[1]).digest(): n for n, who in enumerate(people)}
    lying = [rank[row["key"]] for row in rows(book, pulse.CLAIMS)]
    content = Counter(str(said(n).tool) + said(n).job + said(n).how for n in range(40))
    by_content = [row["tool"] + row["job"] + row["how"] for row in rows(book, pulse.ANSWERS)]
    unique = [n for n in range(40) if content[said(n).tool + said(n).job + said(n).how] == 1]
    place = {n: by_content.index(said(n).tool + said(n).job + said(n).how) for n in unique}
    assert sorted(lying) == list(range(40))
    agree = sum((place[a] < place[b]) == (a < b) for a, b in combinations(unique, 2)) / len(list(combinations(unique, 2)))
    assert 0.15 < agree < 0.85  # one half is chance; the order of answering would give 1
    assert lying != sorted(lying)


def test_who_holds_the_secret_learns_who_asked_and_no_more(tmp_path):
    """What cannot be hidden is said in docs/pulse.md: the secret tells who fetched a token. It goes when the quarter is over."""
    book, people = world(tmp_path, "book", list(range(40)))
    asked = {row["key"] for row in rows(book, pulse.CLAIMS)}
    assert asked == {hashlib.sha256(read_claim(SECRET, turn(who)[1])[1]).digest() for who in people}
    with writing(book) as connection:
        pulse.forget(connection, date(2026, 4, 5))
    assert len(rows(book, pulse.CLAIMS)) == 40
    with writing(book) as connection:
        pulse.forget(connection, date(2026, 4, 6))
    assert [rows(book, table) for table in (pulse.CLAIMS, pulse.SPENT, pulse.KEYS)] == [[], [], []]
    assert len(rows(book, pulse.ANSWERS)) == 40


def test_a_quarter_is_given_out_whole(book):
    """At its end a quarter gives every answer, those that waited too, and every count; fewer than a batch stay in."""
    people = hire(book, ["Sales"] * 12)
    for who in people[:4]:
        answered(book, who)
    with reading(book) as connection:
        assert pulse.quarter_answers(connection, QUARTER) == ([], Counter())
    for who in people[4:]:
        answered(book, who)
    with writing(book) as connection:
        pulse.settle(connection, QUARTER)
        kept, counts = pulse.quarter_answers(connection, QUARTER)
        again = pulse.quarter_answers(connection, QUARTER)
    assert rows(book, pulse.WAITING) == []
    assert len(kept) == 12
    assert sum(n for (item, _), n in counts.items() if item == "day") == 12
    assert deal(SECRET, kept, counts) == deal(SECRET, *again)


def test_another_secret_opens_no_key(book):
    """The half that signs is of no use without the server's secret: a stolen book signs nothing."""
    with writing(book) as connection:
        pulse.public_key(connection, QUARTER, secret=SECRET)
        with pytest.raises(PrivacyError, match="did not seal"):
            pulse.public_key(connection, QUARTER, secret=b"another secret")
    held = b"".join(bytes(row["sealed"]) for row in rows(book, pulse.KEYS))
    key = blind.make_key()
    assert key.p.to_bytes(64, "big") not in held


def test_rights_of_the_forgotten_are_gone_with_the_account(book):
    """An erased account leaves nothing in the pulse that names it."""
    (who,) = hire(book, ["Sales"])
    answered(book, who)
    with writing(book) as connection:
        connection.execute(sa.text("delete from accounts"))
    text = repr([rows(book, t) for n, t in all_tables().tables.items() if n.startswith("pulse_")])
    assert who not in text
    assert "person0" not in text
