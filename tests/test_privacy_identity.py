"""Folding handles into persons."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from groundswell.privacy.identity import email_handle, fold, name_handle


@pytest.mark.parametrize(
    ("email", "handle"),
    [
        ("Ada.Quill@Example.test ", "email:ada.quill@example.test"),
        ("<ada+work@example.test>", "email:ada@example.test"),
        ("123+Ada-Q@users.noreply.github.com", "login:ada-q"),
        ("ada-q@users.noreply.gitlab.com", "login:ada-q"),
        ("+tag@example.test", "email:+tag@example.test"),
        ("not an address", ""),
        ("", ""),
    ],
)
def test_an_address_has_one_normal_form(email, handle):
    """An address is the same handle in any case, with any tag, and a private address is the login it stands for."""
    assert email_handle(email) == handle


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Ada Quill", "name:ada quill"),
        ("QUILL, Ada", "name:ada quill"),
        ("Đỗ Thị Sương", "name:do suong thi"),
        ("Ada", ""),
        ("A. Q.", ""),
    ],
)
def test_a_first_name_alone_is_nobody(name, handle):
    """A full name folds case, order and accents; one word, or initials, name nobody."""
    assert name_handle(name) == handle


def test_a_shared_name_does_not_join_two_known_people():
    """Two people the org chart tells apart stay two, though they bear one name; a third handle of that name joins neither."""
    persons = fold([(1, 11), (2, 12)], [(1, 99), (2, 99), (5, 99)], known=[1, 2], actors=[11, 12, 5])
    assert persons[11] != persons[12]
    assert persons[5] not in {persons[11], persons[12]}


def test_a_name_joins_the_handles_of_one_person():
    """Without two known people behind it, a full name joins an address and a login."""
    persons = fold([(1, 11)], [(1, 99), (5, 99)], known=[1], actors=[11, 5])
    assert persons[11] == persons[5]


def test_a_common_name_joins_nobody():
    """A name that would join more than eight handles is a common name, not a person."""
    persons = fold([], [(n, 99) for n in range(1, 10)], actors=range(1, 10))
    assert len({persons[n] for n in range(1, 10)}) == 9


pairs = st.lists(st.tuples(st.integers(1, 12), st.integers(13, 24)), max_size=20)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the folding
@given(strong=pairs, names=pairs, seed=st.integers(0, 999))
def test_folding_does_not_depend_on_the_order_of_handles(strong, names, seed):
    """The same handles in any order give the same numbers."""
    shuffled_strong, shuffled_names = strong[:], names[:]
    random.Random(seed).shuffle(shuffled_strong)
    random.Random(seed + 1).shuffle(shuffled_names)
    assert fold(strong, names) == fold(shuffled_strong, shuffled_names)
