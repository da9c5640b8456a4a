"""The way out: floors, noise and its price, suppression, one release a quarter, protections that only rise."""

import itertools
import random
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from groundswell.errors import InputError, PrivacyError
from groundswell.measures import _rates
from groundswell.model.measure import Counts, Exit
from groundswell.privacy import record
from groundswell.privacy.book import Book
from groundswell.privacy.protection import DEFAULT, Protection, read_protection
from groundswell.privacy.release import LEAST_PEOPLE, release
from groundswell.privacy.suppression import bounds, guard

NOW = datetime(2026, 4, 2, 9, tzinfo=UTC)
ALPHA = 1e-6
"""False alarm of a statistical test: it is never retried."""


def book(folder, now=NOW, **protection):
    """A book in an empty folder."""
    return Book(record=folder / "record", folder=folder / "releases", now=now, protection=Protection(**protection))


def counted(cells=200, people=300, value=50, **other):
    """Counts of people on a fixed grid of quarters of work, one column noised."""
    table = pa.table({"cell": list(range(cells)), "users": [value] * cells})
    plain = {"exit": Exit.PEOPLE, "people": people, "units": people, "noised": {"grid": ("users",)}}
    return Counts(measure="sample", tables={"grid": table}, start=date(2026, 1, 1), end=date(2026, 3, 31), **{**plain, **other})


def users(out):
    """The released column."""
    return np.array(out.tables["grid"]["users"].to_pylist())


def test_counts_of_people_carry_noise_of_the_declared_scale(tmp_path):
    """5,000 released cells fit the declared law around the truth (Kolmogorov-Smirnov on cells jittered to a continuum,
    false alarm one in a million), and the declared scale is the one the record was charged for."""
    out = release(counted(cells=5_000), book=book(tmp_path))
    assert out.sigma == 12
    rng = np.random.default_rng(1)
    drawn = users(out) - 50 + rng.uniform(-0.5, 0.5, 5_000)
    assert stats.kstest(drawn, "norm", args=(0, np.sqrt(12**2 + 1 / 12))).pvalue > ALPHA
    assert stats.kstest(drawn * 1.2, "norm", args=(0, 12)).pvalue < ALPHA, "a wrong scale must be seen"
    paid = [e.facts for e in record.verify(tmp_path / "record") if e.kind == "released"]
    assert [(p["sigma"], p["moves"]) for p in paid] == [(12, 1)]


@pytest.mark.parametrize(("people", "groups", "sigma"), [(100, False, 5), (235, False, 5), (236, False, 12), (1_000, True, 5)])
def test_the_organisation_bears_more_noise_than_a_group(tmp_path, people, groups, sigma):
    """Twelve people for an organisation whose shares can bear it; five for a group, and for an organisation that is one."""
    assert release(counted(people=people, groups=groups), book=book(tmp_path)).sigma == sigma


def test_below_a_hundred_people_floors_alone_and_said(tmp_path):
    """99 people: the counts are exact, nothing is charged, and the note says why."""
    out = release(counted(people=99), book=book(tmp_path))
    assert (out.sigma, set(users(out))) == (0, {50})
    assert "fewer than" in out.note.text
    assert not [e for e in record.verify(tmp_path / "record") if e.kind == "released"]


def test_a_trial_says_that_it_is_one():
    """Without a charter there is no noise, and the note says so."""
    out = release(counted())
    assert (out.sigma, set(users(out))) == (0, {50})
    assert "trial" in out.note.text


def test_a_measure_that_declares_no_noise_is_not_said_to_have_any(tmp_path):
    """Counts of people without a declared column leave under floors, and no noise is claimed."""
    out = release(counted(noised={}), book=book(tmp_path))
    assert out.sigma == 0
    assert "noise" not in out.note.text


def test_no_exact_table_leaves_beside_a_noised_one(tmp_path):
    """Of the other tables only those about no person stay."""
    extra = {"exact": pa.table({"users": [50]}), "gaps": pa.table({"weeks": [3]})}
    counts = counted()
    counts = replace(counts, tables={**counts.tables, **extra}, plain=("gaps",))
    assert set(release(counts, book=book(tmp_path)).tables) == {"grid", "gaps"}


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ({"cell": [1, 2], "users": [5, 6], "weight": [5.0, 6.0]}, "exact number"),
        ({"cell": [1, 1], "users": [5, 6]}, "one name"),
        ({"cell": [1, 2], "users": [5.0, 6.0]}, "no count"),
        ({"cell": [1, 2], "users": [5, None]}, "no count"),
        ({"cell": [1, 2]}, "not there"),
    ],
)
def test_noise_that_would_hide_nothing_is_refused(tmp_path, table, says):
    """An exact number beside the noise, two rows of one name, or a column that is no count is refused and not charged."""
    with pytest.raises(PrivacyError, match=says):
        release(replace(counted(), tables={"grid": pa.table(table)}), book=book(tmp_path))
    assert record.verify(tmp_path / "record") == []


def test_asking_again_gives_the_same_and_costs_nothing(tmp_path):
    """The release of a quarter is kept: asked again, with any counts, it is the same to the cell, and is paid once."""
    first = release(counted(), book=book(tmp_path))
    again = release(counted(value=70), book=book(tmp_path))
    assert (users(first) == users(again)).all()
    assert (first.sigma, first.note, first.people) == (again.sigma, again.note, again.people)
    assert [e.kind for e in record.verify(tmp_path / "record")] == ["released", "kept"]


def test_the_next_quarter_is_a_new_release(tmp_path):
    """A new quarter draws anew and is paid anew."""
    first = release(counted(), book=book(tmp_path))
    later = release(counted(), book=book(tmp_path, now=NOW.replace(month=7)))
    assert (users(first) != users(later)).any()
    assert [e.kind for e in record.verify(tmp_path / "record")].count("released") == 2


def test_when_the_budget_is_spent_releases_stop(tmp_path):
    """A release that does not fit the year is refused with the reason, and what was released stays readable."""
    place = book(tmp_path, epsilon=1.0)
    first = release(counted(), book=place)
    names = iter(f"other{n}" for n in range(100))
    while release(replace(counted(), measure=(name := next(names))), book=place).refused is None:
        assert name != "other60", "the budget never ends"
    refused = release(replace(counted(), measure="last"), book=place)
    assert (refused.refused.text, dict(refused.tables)) == ("the year's privacy budget is spent", {})
    assert (users(release(counted(), book=place)) == users(first)).all()
    assert place.ledger.spent() <= 1.0


def test_results_about_practices_are_let_out_once_a_quarter(tmp_path):
    """The same counts are given again; other counts for the same quarter are refused; the next quarter they are let out."""
    counts = counted(exit=Exit.PRACTICES, units=60, noised={})
    assert release(counts, book=book(tmp_path)).refused is None
    shuffled = replace(counts, tables={"grid": counts.tables["grid"].take(list(reversed(range(200))))})
    assert release(shuffled, book=book(tmp_path)).refused is None
    other = replace(counts, tables={"grid": pa.table({"cell": list(range(200)), "users": [50] * 199 + [51]})})
    assert "difference" in release(other, book=book(tmp_path)).refused.text
    assert release(other, book=book(tmp_path, now=NOW.replace(month=7))).refused is None


def test_practices_rest_on_enough_units():
    """A measure may ask for more units than privacy does, never for fewer."""
    assert release(counted(exit=Exit.PRACTICES, units=39, noised={})).refused is not None
    assert release(counted(exit=Exit.PRACTICES, units=40, noised={})).refused is None
    assert release(counted(exit=Exit.PRACTICES, units=7, least_units=1, noised={})).refused is not None


def test_three_people_and_nine_read_the_same():
    """Below the floor a release is empty and does not tell how many there were."""
    few, more = (release(counted(people=n)) for n in (3, 9))
    assert (few.people, few.units, dict(few.tables), few.refused) == (more.people, more.units, dict(more.tables), more.refused)
    assert few.people == 0


def test_small_cells_are_suppressed_with_their_partners():
    """Of a table with published margins small cells leave as null, every number of their row too, with one partner at least."""
    table = pa.table({"unit": ["a", "b", "c"], "users": [3, 40, 50], "weeks": [9, 120, 150]})
    out = release(replace(counted(noised={}, suppressed={"grid": "users"}), tables={"grid": table}))
    assert out.tables["grid"].to_pylist() == [
        {"unit": "a", "users": None, "weeks": None},
        {"unit": "b", "users": None, "weeks": None},
        {"unit": "c", "users": 50, "weeks": 150},
    ]


@pytest.mark.parametrize("seed", range(12))
def test_no_hidden_cell_can_be_worked_out(seed):
    """Whatever the table, from all margins and all shown cells every hidden cell keeps an interval of ten."""
    r = random.Random(seed)
    shape = r.choice([("abc", "xy"), ("abcd", "xyz"), ("abcde",)])
    cells = {c: r.choice([0, 1, 4, 9, 10, 15, 30, 80]) for c in itertools.product(*shape)}
    guarded = guard(cells, least=10, width=10)
    assert {c for c, n in cells.items() if n < 10} <= set(guarded.hidden)
    assert not set(guarded.shown) & set(guarded.hidden)
    if guarded.shown:
        found = bounds(cells, set(guarded.hidden))
        assert all(high - low >= 10 - 1e-6 for low, high in found.values())
        assert all(low - 1e-6 <= cells[c] <= high + 1e-6 for c, (low, high) in found.items()), "the truth lies within"


def test_a_table_that_cannot_be_guarded_is_not_shown():
    """Where even hiding all cells leaves one narrow, nothing is shown."""
    assert guard({("a",): 3, ("b",): 4}, least=10, width=10).shown == {}


@pytest.mark.parametrize("name", ["least_people", "least_units", "sigma_group", "sigma_organisation", "interval_width"])
def test_a_protection_can_be_raised_never_lowered(name):
    """Floors and noise may only grow."""
    value = getattr(DEFAULT, name)
    assert getattr(Protection(**{name: value + 1}), name) == value + 1
    for lower in (value - 0.5, 0, -1, float("nan"), float("inf"), True):
        with pytest.raises(PrivacyError, match=name):
            Protection(**{name: lower})


@pytest.mark.parametrize("name", ["epsilon", "noised_from"])
def test_a_budget_may_only_shrink(name):
    """The year's budget, and the size below which nothing is noised, may only get smaller."""
    value = getattr(DEFAULT, name)
    assert getattr(Protection(**{name: value / 2}), name) == value / 2
    for more in (value + 0.1, 0, -1, float("nan")):
        with pytest.raises(PrivacyError, match=name):
            Protection(**{name: more})


def test_a_charter_may_raise_protections(tmp_path):
    """[protection] in the charter is read; a lower value, an unknown word or a word for a number is refused with its name."""
    file = tmp_path / "charter.toml"
    assert read_protection(file) == DEFAULT
    file.write_text("[protection]\nleast_people = 15\n")
    assert read_protection(file).least_people == 15
    file.write_text("[protection]\nleast_people = 5\n")
    with pytest.raises(PrivacyError, match=r"least_people: 5 would protect less. Expected at least 10"):
        read_protection(file)
    for wrong in ("[protection]\nleast = 5\n", "protection = 3\n", "[protection\n"):
        file.write_text(wrong)
        with pytest.raises(InputError, match=r"charter\.toml"):
            read_protection(file)
    file.write_text('[protection]\nleast_people = "many"\n')
    with pytest.raises(PrivacyError, match="least_people"):
        read_protection(file)


def test_a_raised_floor_is_held(tmp_path):
    """With a floor of 400 people a release that rests on 300 is refused."""
    assert release(counted(), book=book(tmp_path, least_people=400)).refused is not None


def test_measures_and_the_gate_agree_on_the_floor():
    """The floor a measure writes on the page is the one that the gate holds."""
    assert _rates.LEAST_PEOPLE == LEAST_PEOPLE == DEFAULT.least_people
    assert _rates.EDGE == 0.10
