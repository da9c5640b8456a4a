"""Counts of people under noise: what one person moves, that rows hang on nobody, what a year costs, and that intervals hold."""

from datetime import UTC, date, datetime

import numpy as np
import pyarrow as pa
import pytest

from groundswell.measures import _noised
from groundswell.measures._noised import LARGE, noised_share, quarter_of
from groundswell.model.measure import Counts, Exit, Verdict
from groundswell.privacy import noise
from groundswell.privacy.book import Book
from groundswell.privacy.ledger import DELTA, EPSILON
from groundswell.privacy.release import release
from groundswell.registry import measures
from groundswell.runs import _planted_truth as truth
from groundswell.runs.company import open_company
from groundswell.simulation.policy import Dials, Policy
from groundswell.simulation.traces import event_batches
from groundswell.simulation.world import simulate
from groundswell.store.engine import DuckDB
from groundswell.store.manifest import Intake
from groundswell.store.tables import Store
from groundswell.ties import formal
from simulated_company import people_of, tables_of, without

MEASURES = {name: m for name, m in measures().items() if "noised" in m.sql}
MOVES = {"adoption": 4, "pulse": 6, "seats": 1}
NOW = datetime(2026, 1, 5, tzinfo=UTC)
PERIOD = pa.table({"start_day": [date(2025, 1, 6)], "end_day": [date(2025, 12, 31)]})
"""What a release of that day counts: up to the end of the last quarter that is over."""


def opened(tables, handles=None):
    """The stored tables on an engine, without links: these counts need none."""
    people = people_of(tables) if handles is None else handles
    engine = DuckDB()
    numbers = pa.array(range(1, len(people) + 1), pa.int32())
    engine.load({}, pa.table({"actor": pa.array(people, pa.int64()), "person": numbers}))
    engine.register("period", PERIOD)
    put(engine, tables)
    return engine


def put(engine, tables):
    """Other stored tables in place of the ones an engine holds, for the same people."""
    for name, held in tables.items():
        engine.register(f"raw_{name}", held)
    engine.register("members", formal.members(engine))


def rows(engine, name):
    """what -> people, of a measure's noised counts."""
    return {r["what"]: r["people"] for r in engine.run(MEASURES[name].sql["noised"]).to_pylist()}


@pytest.fixture(scope="module")
def tables():
    """Stored tables of a company of 24 people who hold seats, leave marks and answer."""
    dials = Dials(starts=0.08, respond_user=0.9, respond_other=0.9)
    return tables_of(simulate(people=24, weeks=52, policy=Policy.BOTH, seed=4, dials=dials))


@pytest.fixture(scope="module")
def whole(tables):
    """Measure -> its noised counts of everybody."""
    engine = opened(tables)
    return {name: rows(engine, name) for name in MEASURES}


def apart(before, after):
    """Cells that differ, and the largest difference."""
    assert before.keys() == after.keys()
    gaps = [abs(before[what] - after[what]) for what in before]
    return sum(gap > 0 for gap in gaps), max(gaps)


def test_every_measure_that_counts_people_declares_noise():
    """Whoever leaves by the exit of people has counts that can carry noise."""
    assert {name for name, m in measures().items() if m.exit is Exit.PEOPLE} == set(MEASURES) == set(MOVES)


def test_removing_any_person_moves_one_in_each_row_they_stand_in(tables, whole):
    """Of 24 people and those who left, each alone is taken out of every table: no cell moves by more than 1, few cells move."""
    assert sum(whole["seats"].values()) > 5
    assert whole["adoption"]["any"] > 2
    engine = opened(tables)
    for handle in people_of(tables):
        put(engine, without(tables, handle))
        for name in ("adoption", "seats", "pulse"):
            cells, most = apart(whole[name], rows(engine, name))
            assert most <= 1
            assert cells <= MOVES[name]


def test_removing_any_answer_moves_one_row_a_question(tables, whole):
    """An answer to the pulse bears no person, so each answer of the quarter is taken out by itself."""
    answers = tables["pulse_answers"]
    engine = opened(tables)
    assert whole["pulse"]["days both"] + whole["pulse"]["days one"] + whole["pulse"]["days none"] > 0
    for n in np.flatnonzero(np.array(answers["day"].to_pylist()) >= date(2025, 10, 1)).tolist():
        engine.register("raw_pulse_answers", pa.concat_tables([answers.slice(0, n), answers.slice(n + 1)]))
        cells, most = apart(whole["pulse"], rows(engine, "pulse"))
        assert most <= 1
        assert cells <= 4  # what was used, how, expected, two days


@pytest.mark.parametrize("name", MEASURES)
def test_rows_hang_on_no_trace(name, whole, tables):
    """A company of which only three people are known has the very same rows."""
    few = people_of(tables)[3:]
    rest = tables
    for handle in few:
        rest = without(rest, handle)
    rest = {**rest, "pulse_answers": tables["pulse_answers"].slice(0, 0)}
    assert rows(opened(rest, people_of(tables)), name).keys() == whole[name].keys()


def test_a_year_of_quarters_stays_within_the_budget():
    """All questions, four times a year, cost at most epsilon 3.5: at the organisation's noise, and one a measure at a group's."""
    large = 4 * sum(noise.rho(sigma=12, moves=moves) for moves in MOVES.values())
    small = 4 * sum(noise.rho(sigma=5, moves=1) for _ in MOVES)
    assert noise.epsilon(large, delta=DELTA) <= EPSILON
    assert noise.epsilon(small, delta=DELTA) <= EPSILON


def test_size_at_which_the_noise_of_the_organisation_is_borne_is_that_of_the_release():
    """From LARGE people on a release draws with 12, just below with 5: the questions asked are those that are paid for."""
    from groundswell.privacy.protection import DEFAULT
    from groundswell.privacy.release import _sigma

    def counts(people):
        return Counts(
            measure="m", exit=Exit.PEOPLE, tables={}, people=people, units=people, start=NOW.date(), end=NOW.date(),
        )  # fmt: skip

    assert (_sigma(counts(LARGE), DEFAULT), _sigma(counts(LARGE - 1), DEFAULT)) == (12.0, 5.0)


def test_quarter_of_a_day():
    """A quarter begins and ends on its calendar days."""
    assert [str(d) for d in quarter_of(NOW.date())] == ["2026-01-01", "2026-03-31"]
    assert [str(d) for d in quarter_of(datetime(2025, 12, 31, tzinfo=UTC).date())] == ["2025-10-01", "2025-12-31"]


@pytest.mark.parametrize(("people", "sigma"), [(150, 5), (400, 12), (2000, 12)])
def test_interval_of_a_noised_share_holds_the_share(people, sigma):
    """A share of .35 of independent people, noised: of 400 intervals 91.5 % hold it or more, false alarm below 1 in 1,000."""
    rng = np.random.default_rng(people)
    counts = rng.binomial(people, 0.35, 400)
    drawn = noise.add([int(c) for c in counts], sigma=sigma)
    held = [s.low <= 0.35 <= s.high for s in (noised_share(hits, people, sigma=sigma)[0] for hits in drawn)]
    assert np.mean(held) >= 0.915
    wide = noised_share(0.35 * people, people, sigma=sigma)[0]
    bare = noised_share(0.35 * people, people, sigma=0)[0]
    assert wide.high - wide.low > bare.high - bare.low


def test_share_hidden_by_noise_is_withheld_and_near_edges_all_read_the_same():
    """Fifty people under noise of 5 tell nothing; a share near nobody, whatever it is, reads like every other one near it."""
    from groundswell.measures._floors import Quantity
    from groundswell.model.phrase import say

    asked = Quantity(
        measure="m", key="k", label=say("a share"), unit="share", start=NOW.date(), end=NOW.date(), n_people=50, n_units=50
    )
    assert _noised.told_share(asked, 20, 50, sigma=5).verdict is Verdict.WITHHELD
    near = [_noised.told_share(asked, hits, 400, sigma=12).reason for hits in (-9, 3, 38)]
    assert near[0] == near[1] == near[2]
    assert near[0].values["high"] > 0.1


# --- a released page of a simulated company ---


def released(engine, name, folder):
    """What a measure says of a company with a complete charter, freshly noised."""
    folder.mkdir()
    book = Book(record=folder / "record.jsonl", folder=folder / "releases", now=NOW)
    counts = MEASURES[name].count(engine)
    return MEASURES[name].estimate(release(counts, book=book)), release(counts, book=book)


@pytest.mark.slow
@pytest.mark.parametrize(("people", "worlds"), [(400, 6), (2000, 2)])
def test_released_intervals_hold_the_truth_of_a_simulated_company(people, worlds, tmp_path):
    """Fresh noise each time: nine times in ten or more adoption holds its exact count, the pulse the planted share of days."""
    dials = Dials(starts=0.08, respond_user=0.7, respond_other=0.7, day_use=0.6)
    held = {"people_last_quarter": [], "day_share": []}
    for seed in range(worlds):
        world = simulate(people=people, weeks=52, policy=Policy.BOTH, seed=seed, dials=dials)
        engine = opened(tables_of(world))
        cohort = engine.run(MEASURES["adoption"].sql["cohort"]).to_pylist()[0]["people"]
        planted = {"people_last_quarter": rows(engine, "adoption")["any"] / cohort, "day_share": truth.day_share(world)}
        for n in range(6):
            for name, key in (("adoption", "people_last_quarter"), ("pulse", "day_share")):
                found, let_out = released(engine, name, tmp_path / f"{seed}-{n}-{name}")
                assert let_out.sigma == 12
                told = next(r for r in found.results if r.key == key)
                if told.estimate is not None:
                    held[key].append(told.low <= planted[key] <= told.high)
        engine.close()
    assert len(held["people_last_quarter"]) == 6 * worlds
    assert len(held["day_share"]) >= 3 * worlds
    assert all(np.mean(h) >= 0.9 for h in held.values()), held


def test_what_comes_after_the_quarter_is_not_counted_in_it(tmp_path):
    """A company opened up to a day holds nothing dated later; its chart and its audit stay whole."""
    store = Store(tmp_path / "store")
    with store.writing():
        world = simulate(people=24, weeks=40, policy=Policy.BOTH, seed=3)
        store.commit(store.draft(event_batches(world, labels=30)), Intake("digest", "simulated", {}, {}, {}))
        store.settle()
    end = date(2025, 6, 30)
    part, whole = open_company(store, end=end), open_company(store)
    for table, day in (
        ("traces", "day"),
        ("acts", "day_of(ts)"),
        ("usage_days", "day"),
        ("seats", "day"),
        ("pulse_answers", "day"),
    ):
        last = [e.run(f"select max({day}) as last from {table}").to_pylist()[0]["last"] for e in (part, whole)]  # noqa: S608
        assert last[0] <= end < last[1], table
    for table in ("positions", "labels"):
        rows = [e.run(f"select count(*) as n from {table}").to_pylist()[0]["n"] for e in (part, whole)]  # noqa: S608
        assert rows[0] == rows[1] > 0
    part.close(), whole.close()
