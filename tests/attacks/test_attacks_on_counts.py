"""Attacks on what is let out: each succeeds against a build that was weakened on purpose, and fails against ours."""

import dataclasses
import itertools
import random
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest
from scipy.optimize import linprog

from groundswell.errors import PrivacyError
from groundswell.measures.adoption import MEASURE as ADOPTION
from groundswell.model.measure import Counts, Exit, Verdict
from groundswell.privacy import book as books
from groundswell.privacy import noise, record
from groundswell.privacy.book import Book
from groundswell.privacy.release import Release, release
from groundswell.privacy.suppression import Guarded, bounds, guard
from measure_rows import day, engine

Q1, Q2 = datetime(2026, 4, 2, 9, tzinfo=UTC), datetime(2026, 7, 2, 9, tzinfo=UTC)
WORLDS = 2_000
"""Independent companies an attacker tries at once: one row of a noised table each."""

FIVE_SD = 5 * np.sqrt(0.25 / WORLDS)
"""What guessing at random exceeds with a probability of 3e-7: the false alarm of the differencing tests."""


def book(folder, now=Q1):
    """A book in an empty folder."""
    return Book(record=folder / "record", folder=folder / "releases", now=now)


def grid(values, people=300, **other):
    """A count of people in each of many worlds."""
    table = pa.table({"world": list(range(len(values))), "users": [int(v) for v in values]})
    plain = {"exit": Exit.PEOPLE, "people": people, "units": people, "noised": {"grid": ("users",)}}
    whole = {"measure": "sample", "tables": {"grid": table}, "start": date(2026, 1, 1), "end": date(2026, 3, 31)}
    return Counts(**{**whole, **plain, **other})


def column(out):
    """The released counts."""
    return np.array(out.tables["grid"]["users"].to_pylist(), dtype=float)


def leaver_attack(folder):
    """Share of worlds in which a release before and one after a person left tell whether that person was a user."""
    rng = np.random.default_rng(5)
    stayed, was_user = rng.binomial(299, 0.4, WORLDS), rng.integers(0, 2, WORLDS)
    before = column(release(grid(stayed + was_user), book=book(folder, Q1)))
    after = column(release(grid(stayed, people=299), book=book(folder, Q2)))
    return np.mean((before - after > 0.5) == was_user)


def test_one_leaver_between_two_quarters_cannot_be_told(tmp_path):
    """Subtracting two quarters that differ by one leaver is right as often as a coin, up to what noise of 12 people lets through
    (.512) and five standard deviations of chance (false alarm 3e-7)."""
    assert leaver_attack(tmp_path) < 0.512 + FIVE_SD


def test_weakened_one_leaver_is_told_without_noise(tmp_path, monkeypatch):
    """Against a build that adds no noise the same attack is right every time."""
    monkeypatch.setattr(noise, "add", lambda counts, sigma: list(counts))
    assert leaver_attack(tmp_path) == 1.0


def rerun_attack(folder):
    """Error of the mean over forty answers of one quarter, each for an org chart in which one more person is moved elsewhere."""
    truth = np.full(WORLDS, 120)
    answers = []
    for n in range(40):
        moved = grid(truth, people=300 + n % 2)
        answers.append(column(release(moved, book=book(folder))))
    return float(np.std(np.mean(answers, axis=0) - truth))


def test_asking_again_with_a_changed_org_chart_tells_nothing_new(tmp_path):
    """Forty runs of a quarter average to the noise of one: the error stays twelve people (10 % is over five standard errors,
    false alarm under 1e-6), and the budget is charged once."""
    assert rerun_attack(tmp_path) == pytest.approx(12, rel=0.1)
    assert [e.kind for e in record.verify(tmp_path / "record")].count("released") == 1


def test_weakened_asking_again_averages_the_noise_away(tmp_path, monkeypatch):
    """Against a build that forgets what it let out and has no budget the error falls to two people."""
    monkeypatch.setattr(Book, "entered", lambda self, measure: None)
    monkeypatch.setattr(books.Ledger, "holds", lambda self, **cost: True)
    monkeypatch.setattr(books.Ledger, "spend", lambda self, what, **cost: None)
    assert rerun_attack(tmp_path) < 2.2


def practice_rerun(folder):
    """What the difference of two runs of one quarter, with and without one person in the org chart, tells of that person."""
    with_them = grid([40, 50], exit=Exit.PRACTICES, units=90, noised={})
    without = replace(with_them, tables={"grid": pa.table({"world": [0, 1], "users": [40, 49]})})
    first, second = (release(c, book=book(folder)) for c in (with_them, without))
    return None if second.refused else column(first) - column(second)


def test_results_about_practices_cannot_be_subtracted_within_a_quarter(tmp_path):
    """They carry no noise, so that other counts for the same quarter are refused."""
    assert practice_rerun(tmp_path) is None


def test_weakened_results_about_practices_are_subtracted(tmp_path, monkeypatch):
    """Against a build that forgets, the difference is the person."""
    monkeypatch.setattr(Book, "entered", lambda self, measure: None)
    assert practice_rerun(tmp_path).tolist() == [0, 1]


def overspend(folder):
    """How many releases of the plan's size go out in one year under different names."""
    out = 0
    for n in range(200):
        out += release(replace(grid([50]), measure=f"m{n}"), book=book(folder)).refused is None
    return out


def test_an_overspent_ledger_stops(tmp_path):
    """The year ends after as many releases as the plan's budget pays at the scale of the organisation, not one more."""
    assert overspend(tmp_path) == 70
    assert book(tmp_path).ledger.spent() <= 3.5


def test_weakened_an_overspent_ledger_goes_on(tmp_path, monkeypatch):
    """Against a ledger that never refuses all two hundred go out."""
    monkeypatch.setattr(books.Ledger, "holds", lambda self, **cost: True)
    monkeypatch.setattr(books.Ledger, "spend", lambda self, what, **cost: None)
    assert overspend(tmp_path) == 200


def forge(real, seal):
    """Every way to make a release without privacy: built anew, or one that is there with another number."""
    fields = {f.name: getattr(real, f.name) for f in dataclasses.fields(real)}
    return [
        lambda: Release(**fields, seal=seal),
        lambda: replace(real, people=10_000, seal=seal),
        lambda: replace(real, people=10_000, seal=getattr(real, "seal", seal)),
        lambda: replace(real, people=10_000),
    ]


def test_a_forged_release_is_refused():
    """No Release can be built outside privacy: not with a seal of one's own, not with that of a real one, which keeps none, not
    by changing one that is there."""
    real = release(grid([50]))
    for seal in (None, object(), "seal", True):
        for attempt in forge(real, seal):
            with pytest.raises((PrivacyError, ValueError), match=r"outside privacy|must be specified"):
                attempt()
    assert not hasattr(real, "seal")
    with pytest.raises(AttributeError):
        real.sigma = 12.0
    with pytest.raises(TypeError):
        real.tables["grid"] = None


def test_weakened_a_release_without_a_seal_is_forged(monkeypatch):
    """Against a class that checks nothing the same forgeries pass."""
    monkeypatch.setattr(Release, "__post_init__", lambda self, seal: None)
    forged = [attempt() for attempt in forge(release(grid([50])), object())[:3]]
    assert [f.people for f in forged[1:]] == [10_000, 10_000]


def test_weakened_a_seal_that_is_kept_is_copied():
    """Against a class that keeps its seal, as ours once did, `replace` carries it into the forgery."""

    @dataclasses.dataclass(frozen=True)
    class Kept:
        people: int
        seal: object

        def __post_init__(self):
            if self.seal is not OURS:
                raise PrivacyError("sample", "a release was made outside privacy")

    assert replace(Kept(50, OURS), people=10_000).people == 10_000


OURS = object()
"""The seal of the weakened class."""


def forge_on_disk(folder):
    """Let a release out, change what was kept of it, ask again."""
    release(grid([50, 60]), book=book(folder))
    (file,) = (folder / "releases").iterdir()
    file.write_text(file.read_text().replace('"people": 300', '"people": 900'))
    return release(grid([50, 60]), book=book(folder)).people


def test_a_kept_release_that_was_changed_or_taken_away_is_refused(tmp_path):
    """Its digest stands in the record: changed or gone, it is an error, never a second drawing."""
    with pytest.raises(PrivacyError, match="was changed"):
        forge_on_disk(tmp_path)
    next((tmp_path / "releases").iterdir()).unlink()
    with pytest.raises(PrivacyError, match="is gone"):
        release(grid([50, 60]), book=book(tmp_path))


def test_weakened_a_kept_release_that_is_not_checked_is_forged(tmp_path, monkeypatch):
    """Against a book that checks no digest the change is believed."""
    import json

    monkeypatch.setattr(Book, "load", lambda self, m, shape, digest: json.loads(self._file(m, shape).read_text()))
    assert forge_on_disk(tmp_path) == 900


def world(seed):
    """Counts of users by unit and role, many of them small."""
    r = random.Random(seed)
    return {c: r.choice([1, 3, 7, 12, 18, 25, 40]) for c in itertools.product("abcd", "xyz")}


def solved(cells, shown):
    """Cells below ten that a solver works out to the person, from all margins and what is shown."""
    found = bounds(cells, set(cells) - set(shown))
    return sum(high - low < 0.5 and cells[c] < 10 for c, (low, high) in found.items())


def small_only(cells, *, least, width):
    """The weakened build: hides small cells and stops there."""
    return Guarded({c: n for c, n in cells.items() if n >= least}, (), {})


def margin_attack(guarding):
    """Small cells worked out by subtraction on the margins, over fifteen tables."""
    found = 0
    for seed in range(15):
        cells = world(seed)
        shown = guarding(cells, least=10, width=10).shown
        found += solved(cells, shown) if shown else 0
    return found


def test_subtraction_on_margins_recovers_no_small_cell():
    """From published margins and shown cells a linear programme pins down no hidden cell of fifteen tables."""
    assert margin_attack(guard) == 0


def test_weakened_subtraction_on_margins_recovers_small_cells():
    """Against a build that hides small cells alone the same programme finds many, to the person."""
    assert margin_attack(small_only) > 8


def reconstruct(publish):
    """Share of 144 people whose secret answer a solver gets right from published tables, knowing everybody's unit, role and site.

    The attacker minimises the misfit to every published count over answers in [0, 1], as Dinur & Nissim 2003 do, and rounds.
    """
    rng = np.random.default_rng(11)
    people = np.array(list(itertools.product(range(6), range(4), range(6))))
    secret = rng.integers(0, 2, len(people))
    rows, totals = publish(people, secret)
    n, m = len(people), len(rows)
    if not m:
        return float(max(secret.mean(), 1 - secret.mean()))
    ones = np.array(rows, dtype=float)
    misfit = np.vstack([np.hstack([ones, -np.eye(m)]), np.hstack([-ones, -np.eye(m)])])
    bound = np.concatenate([totals, -np.array(totals, dtype=float)])
    cost = np.concatenate([rng.uniform(-1e-3, 1e-3, n), np.ones(m)])
    answer = linprog(cost, A_ub=misfit, b_ub=bound, bounds=[(0, 1)] * n + [(0, None)] * m, method="highs").x[:n]
    return float(np.mean((answer > 0.5) == secret))


def our_tables(people, secret):
    """What our build lets out of one quarter: one-way counts by unit, role and site, noised at the scale of groups."""
    rows, totals = [], []
    for dimension in range(3):
        masks = [people[:, dimension] == value for value in range(people[:, dimension].max() + 1)]
        counts = [int(secret[m].sum()) for m in masks]
        rows += masks
        totals += noise.add(counts, sigma=5)
    return rows, totals


def free_tables(people, secret):
    """The weakened build: any filter one likes, exact."""
    rng = np.random.default_rng(3)
    masks = [rng.integers(0, 2, len(people)).astype(bool) for _ in range(300)]
    return masks, [int(secret[m].sum()) for m in masks]


def test_a_solver_reconstructs_nobody_from_published_tables():
    """From a quarter's one-way noised tables a solver is right about two thirds of the people at most, for even answers: five
    standard deviations above a coin with what exact margins would add (false alarm under 1e-6)."""
    assert reconstruct(our_tables) < 0.5 + 5 * np.sqrt(0.25 / 144)


def test_weakened_a_solver_reconstructs_everybody_from_free_filters():
    """Against a build with free filters and exact counts the same solver is right about everybody."""
    assert reconstruct(free_tables) > 0.97


def headline(users, people=60):
    """What the page says of a company in which some of the people left a mark of use."""
    days = range(0, 91, 7)
    traces = [{"person": n, "day": day(d)} for n in range(1, people + 1) for d in days]
    uses = [{"person": n, "day": day(d)} for n in range(1, users + 1) for d in days]
    finding = ADOPTION.estimate(release(ADOPTION.count(engine(traces=traces, usage_days=uses))))
    return finding.results[0], finding


@pytest.mark.parametrize(("one", "other"), [(0, 3), (60, 57)])
def test_nobody_and_everybody_are_not_told_from_a_few(one, other):
    """A share of none reads as one of a few, a share of all as one of nearly all: no number, the same words."""
    (first, said), (second, also) = headline(one), headline(other)
    assert first.verdict is second.verdict is Verdict.WITHHELD
    assert (first.reason, first.estimate, said.sentence) == (second.reason, second.estimate, also.sentence)
    assert "edge" in first.reason.values, "withheld for the edge, not for something else"


def test_weakened_without_the_edge_everybody_is_told(monkeypatch):
    """Against a build that tells shares up to the edge, all is told from nearly all."""
    from groundswell.measures import _adoption, _floors, _rates

    for module in (_floors, _rates, _adoption):
        monkeypatch.setattr(module, "EDGE", 0.0, raising=False)
    (first, _), (second, _) = headline(60), headline(57)
    assert first.estimate == 1.0
    assert second.estimate == pytest.approx(0.95)


def test_a_role_with_one_incumbent_is_not_shown():
    """In a table by role a role of one, with published margins, is hidden with a partner, so that its holder's answer cannot be
    worked out; and no measure counts by role at all."""
    from groundswell import registry

    cells = {("director",): 1, ("engineer",): 60, ("analyst",): 30}
    guarded = guard(cells, least=10, width=10)
    assert ("director",) not in guarded.shown
    low, high = guarded.intervals["director",]
    assert (low, high - low >= 10) == (0.0, True)
    assert not [m.name for m in registry.measures().values() for text in m.sql.values() if re.search(r"\brole\b", text)]


def test_weakened_a_role_with_one_incumbent_is_worked_out():
    """Against a build that hides the small cell alone the total gives it away."""
    cells = {("director",): 1, ("engineer",): 60, ("analyst",): 30}
    shown = small_only(cells, least=10, width=10).shown
    assert bounds(cells, set(cells) - set(shown)) == {("director",): (1.0, 1.0)}
