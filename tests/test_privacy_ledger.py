"""Noise and its accounting."""

import json
from datetime import UTC, datetime

import numpy as np
import opendp.prelude as dp
import pytest
from scipy import stats

from groundswell.errors import PrivacyError
from groundswell.privacy import noise, record
from groundswell.privacy.ledger import DELTA, EPSILON, RELEASED, Ledger

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
ALPHA = 1e-6
"""False alarm of a statistical test: it is never retried."""


@pytest.mark.parametrize("sigma", [5.0, 12.0])
def test_the_noise_follows_its_law_at_the_declared_scale(sigma):
    """20,000 draws fit the discrete Gaussian of that scale (chi-square, false alarm one in a million)."""
    drawn = np.array(noise.add([0] * 20_000, sigma=sigma))
    support = np.arange(-int(10 * sigma), int(10 * sigma) + 1)
    law = np.exp(-(support**2) / (2 * sigma**2))
    law /= law.sum()
    edges = support[np.unique(np.searchsorted(np.cumsum(law), np.linspace(0, 1, 13)[1:-1]))]
    expected = np.bincount(np.searchsorted(edges, support), weights=law) * len(drawn)
    assert fit(drawn, edges, expected) > ALPHA
    wrong = np.random.default_rng(1).normal(0, sigma * 1.1, len(drawn)).round()
    assert fit(wrong, edges, expected) < ALPHA, "a scale wrong by a tenth must be seen"


def fit(drawn, edges, expected):
    """P-value that the draws follow the law whose cells are expected this often."""
    return stats.chisquare(np.bincount(np.searchsorted(edges, drawn), minlength=len(expected)), expected).pvalue


PLANS = {
    "three of one kind": [(12.0, 1)] * 3,
    "the planned year": [(5.0, 1)] * 8 + [(12.0, 1)] * 24,
    "many cells moved": [(12.0, 13), (5.0, 2), (12.0, 1)],
}
"""Releases of a year: noise in people, and cells one person moves."""


@pytest.mark.parametrize("plan", PLANS)
def test_the_ledger_agrees_with_opendp_s_own_composition(plan, tmp_path):
    """A year's releases cost what OpenDP says of the composed mechanism, to one part in a million: of one kind, both scales
    mixed, and where one person moves several cells."""
    ledger = Ledger(tmp_path / "record", 2026)
    for sigma, moves in PLANS[plan]:
        ledger.spend("count", sigma=sigma, moves=moves, now=NOW)
    space = dp.vector_domain(dp.atom_domain(T="i32")), dp.l2_distance(T="f64")
    # A mechanism of scale s asked at distance sqrt(m) costs what one of scale s / sqrt(m) costs at distance 1.
    whole = dp.c.make_composition([dp.m.make_gaussian(*space, scale=sigma / np.sqrt(moves)) for sigma, moves in PLANS[plan]])
    assert ledger.spent() == pytest.approx(dp.c.make_zCDP_to_approxDP(whole).map(1.0).epsilon(DELTA), abs=1e-6)


def test_the_year_is_told_quarter_by_quarter(tmp_path):
    """Each released page is a step with what was spent up to it; what another year spent is not in it."""
    ledger = Ledger(tmp_path / "record", 2026)
    told = []
    for quarter, n in (("2025-Q4", 2), ("2026-Q1", 1)):
        for _ in range(n):
            ledger.spend("pulse", sigma=12, moves=1, now=NOW)
        record.append(ledger.path, RELEASED, {"what": "page", "quarter": quarter, "rho": 0.0}, now=NOW)
        told.append((quarter, pytest.approx(ledger.spent())))
    assert list(ledger.steps()) == told
    assert Ledger(ledger.path, 2027).steps() == ()


def test_the_planned_year_fits_the_budget_and_no_more(tmp_path):
    """Two counts a quarter at sigma 5 and six at sigma 12 fit; one more count is refused and not recorded."""
    ledger = Ledger(tmp_path / "record", 2026)
    for n, sigma in enumerate([5.0] * 8 + [12.0] * 24):
        ledger.spend(f"count {n}", sigma=sigma, moves=1, now=NOW)
    assert 3.4 < ledger.spent() <= EPSILON
    with pytest.raises(PrivacyError, match="is spent"):
        ledger.spend("one more", sigma=5, moves=1, now=NOW)
    assert len(record.verify(ledger.path)) == 32
    assert Ledger(ledger.path, 2027).spent() == 0


def test_moving_more_cells_costs_more():
    """The cost grows with the number of cells one person moves, as the squared L2 sensitivity does."""
    assert noise.rho(sigma=12, moves=13) == pytest.approx(13 / (2 * 12**2))
    assert noise.epsilon(noise.rho(sigma=12, moves=1), delta=DELTA) < noise.epsilon(noise.rho(sigma=12, moves=4), delta=DELTA)


def test_a_budget_can_be_lowered_never_raised(tmp_path):
    """A company may promise less than the specification allows, not more."""
    Ledger(tmp_path / "record", 2026, limit=1.0)
    with pytest.raises(PrivacyError, match="at most"):
        Ledger(tmp_path / "record", 2026, limit=EPSILON + 0.1)


def planted(path, how):
    """A record of four entries with one fault planted."""
    for n in range(4):
        record.append(path, "read", {"source": "slack", "n": n}, now=NOW)
    lines = path.read_text().splitlines()
    if how == "changed":
        lines[1] = lines[1].replace('"n": 1}', '"n": 7}')
    elif how == "removed":
        del lines[1]
    elif how == "moved":
        lines[1], lines[2] = lines[2], lines[1]
    elif how == "added":
        lines.insert(2, lines[1])
    elif how == "rewritten":
        entry = json.loads(lines[1])
        entry["facts"]["n"] = 7
        entry["hash"] = record._hash(entry["n"], entry["at"], entry["kind"], entry["facts"], entry["before"])
        lines[1] = json.dumps(entry)
    path.write_text("\n".join(lines) + "\n")


@pytest.mark.parametrize("how", ["changed", "removed", "moved", "added", "rewritten"])
def test_a_record_that_was_touched_is_seen(tmp_path, how):
    """A line changed, removed, moved, added or rewritten with a new hash of its own is named, and nothing can be appended."""
    path = tmp_path / "record"
    planted(path, how)
    with pytest.raises(PrivacyError, match=r"record:\d"):
        record.verify(path)
    with pytest.raises(PrivacyError):
        record.append(path, "read", {}, now=NOW)


def test_a_record_left_alone_holds(tmp_path):
    """An untouched record verifies, entry by entry; the planting above is what breaks it."""
    path = tmp_path / "record"
    planted(path, "not at all")
    assert [e.n for e in record.verify(path)] == [1, 2, 3, 4]


def test_a_torn_last_line_is_not_an_entry(tmp_path):
    """After a power cut in the middle of a line the record holds up to the line before, and goes on from there."""
    path = tmp_path / "record"
    planted(path, "not at all")
    path.write_bytes(path.read_bytes()[:-10])
    assert len(record.verify(path)) == 3
    record.append(path, "read", {}, now=NOW)
    assert len(record.verify(path)) == 4


def test_two_runs_at_once_do_not_spend_the_same_budget(tmp_path):
    """Eight runs that each want most of the year at once: one gets it, the others are refused, and the record holds together."""
    from concurrent.futures import ThreadPoolExecutor

    def want(n):
        try:
            Ledger(tmp_path / "record", 2026).spend(f"run {n}", sigma=1.8, moves=1, now=NOW)
        except PrivacyError:
            return 0
        return 1

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(want, range(8))) == 1
    assert len(record.verify(tmp_path / "record")) == 1


def test_reading_the_record_writes_nothing(tmp_path):
    """An outsider may verify a record that may not be written to, a torn last line included."""
    path = tmp_path / "record"
    planted(path, "not at all")
    path.write_bytes(path.read_bytes()[:-10])
    before = path.read_bytes()
    record.verify(path)
    assert path.read_bytes() == before
