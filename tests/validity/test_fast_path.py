"""The short way from a simulated world to an engine gives what the long way, through the store, gives."""

import numpy as np
import pytest

from groundswell.runs import _planted_truth as truth
from groundswell.runs._planted_companies import QUIET, Company
from groundswell.runs._worlds import opened
from groundswell.runs.company import open_company
from groundswell.simulation.traces import event_batches
from groundswell.store.manifest import Intake
from groundswell.store.tables import Store

SMALL = Company(people=60, weeks=40, dials=QUIET, labels=50)


@pytest.fixture(scope="module")
def world():
    """A small company."""
    return SMALL.live(80_000)


def test_the_short_way_finds_the_same_practices(world, tmp_path):
    """Every column of every practice is the same through Parquet, manifest and merge as through memory."""
    store = Store(tmp_path / "store")
    with store.writing():
        store.commit(store.draft(event_batches(world, labels=50)), Intake("digest", "simulated", {}, {}, {}))
        store.settle()
    ordered = "select * from practices order by unit, tool, job, born_on, carrier, source"
    whole = open_company(store)
    with opened(world, labels=50) as engine:
        short = [{k: v for k, v in r.items() if k != "practice"} for r in engine.run(ordered).to_pylist()]
    long = [{k: v for k, v in r.items() if k != "practice"} for r in whole.run(ordered).to_pylist()]
    whole.close()
    assert len(short) > 20
    assert short == long


def test_a_life_table_by_hand():
    """Of four, one ends on day 1 and one on day 3, one is cut short on day 2: alive .75 after 1, .375 after 3."""
    alive = truth.life_table(np.array([1.0, 2.0, 3.0, 9.0]), np.array([True, False, True, False]), horizon=4)
    assert alive.tolist() == pytest.approx([1.0, 0.75, 0.75, 0.375, 0.375])


def test_truths_are_those_of_the_dials():
    """Over a few companies the planted follow-through and the planted order of lives come back in the truth."""
    worlds = [Company(people=400).live(81_000 + n) for n in range(3)]
    assert np.mean([truth.taken_up(w) for w in worlds]) == pytest.approx(0.4, abs=0.06)
    assert all(0 < truth.day_share(w) < 1 for w in worlds)
    assert {"grassroots", "mandated"} <= set(truth.origins_by_name(worlds[0]).values())
