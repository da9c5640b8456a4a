"""What every measure promises, held for each one that is found, present and future."""

import math
import re
from collections import Counter
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from groundswell.model.measure import Exit, Finding, Verdict
from groundswell.model.phrase import Phrase, say
from groundswell.privacy.release import release
from groundswell.registry import measures
from groundswell.runs.contract import broken
from groundswell.runs.measure import measure as answer
from groundswell.simulation.policy import Dials, Policy
from groundswell.simulation.world import simulate
from groundswell.store.schema import TABLES
from simulated_company import engine_on, people_of, shuffled, tables_of, without

MEASURES = measures()
DERIVED = {"members", "practices", "practice_people", "phases", "people", "period"}
"""Tables that runs registers beside the stored ones."""

every_measure = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)

FORBIDDEN = {
    "extract(dow": r"extract\s*\(\s*dow",
    "date_diff (use days_between)": r"\bdate_diff\s*\(",
    "ln of what may be 0": r"\bln\s*\(",
    "union by name": r"union\s+(all\s+)?by\s+name",
    "ignore nulls": r"ignore\s+nulls",
    "asof join": r"asof\s+join",
    "percentile_cont": r"percentile_cont",
    "quantile_cont": r"quantile_cont",
    "concat( (use ||)": r"\bconcat\s*\(",
    "regexp_matches": r"regexp_matches",
    "regexp_extract": r"regexp_extract",
    "generate_series": r"generate_series",
    "struct_pack": r"struct_pack",
    "qualify": r"\bqualify\b",
    "group by all": r"group\s+by\s+all",
    "order by all": r"order\s+by\s+all",
    "a cast written with ::": r"::",
    "a list aggregate": r"\b(list|array_agg)\s*\(",
    "double quotes": r'"',
    "a column called at": r"(?<![\w.])at\s*(,|=|<|>)",
    "cast to varchar (use string)": r"as\s+varchar",
}
"""Constructs that differ between engines (engine.md, section 2), with the way round where there is one."""


class Spy:
    """An engine that remembers what it was asked."""

    def __init__(self, engine):
        self._engine = engine
        self.asked = []

    def run(self, sql):
        self.asked.append(sql)
        return self._engine.run(sql)

    def has(self, table):
        return self._engine.has(table)


@pytest.fixture(scope="module")
def tables():
    """Stored tables of a small invented company that announces, demands, tries and stops."""
    dials = Dials(starts=0.05, announcements=6.0, demand_share=0.5)
    world = simulate(people=150, weeks=56, policy=Policy.BOTH, seed=11, dials=dials)
    return tables_of(world, labels=160)


@pytest.fixture(scope="module")
def company(tables):
    """The company on an engine."""
    return engine_on(tables)


@pytest.fixture(scope="module")
def counted(company):
    """Name -> counts and the texts that were run for them."""
    found = {}
    for name, measure in MEASURES.items():
        spy = Spy(company)
        found[name] = (measure.count(spy), spy.asked)
    return found


def tables_named(sql):
    """Tables a text reads, its own with-parts left out."""
    own = set(re.findall(r"(?:with|,)\s*(\w+)\s+as\s*\(", sql, re.I))
    return set(re.findall(r"\b(?:from|join)\s+(\w+)", sql, re.I)) - own


def lint(sql):
    """Constructs of a text that not every engine reads alike."""
    plain = re.sub(r"'[^']*'", "''", sql)
    found = [name for name, pattern in FORBIDDEN.items() if re.search(pattern, plain, re.I)]
    windows = re.findall(r"\b(?:lag|lead)\s*\([^()]*\)\s*over\s*\(([^()]*)\)", plain, re.I)
    if not all("nulls last" in window.lower() for window in windows):
        found.append("lag or lead over an order without nulls last")
    return found


@every_measure
def test_declares_itself(measure):
    """A measure states its number, question, estimand, unit, assumptions and references, and shows every text it counts by."""
    assert re.fullmatch(r"[MR]\d+", measure.code) or measure.code == measure.name
    assert measure.question.text.endswith("?")
    assert measure.title.text
    assert len(measure.estimand.text) > 20
    assert measure.unit
    assert measure.assumptions
    assert measure.references
    assert measure.sql
    assert measure.needs


@every_measure
def test_texts_mean_the_same_on_every_engine(measure):
    """No text uses a construct that engines read differently."""
    assert {name: lint(sql) for name, sql in measure.sql.items() if lint(sql)} == {}


def test_lint_sees_what_it_forbids():
    """Each forbidden construct, planted in a harmless text, is found."""
    planted = [
        "select extract(dow from day) from traces", "select date_diff('day', a, b) from traces", "select ln(x) from traces",
        "select 1 union by name select 2", "select last(x ignore nulls) from traces", "select * from a asof join b on 1 = 1",
        "select percentile_cont(0.5) from traces", "select quantile_cont(x, 0.5) from traces", "select concat(a, b) from traces",
        "select regexp_matches(a, 'b') from traces", "select regexp_extract(a, 'b') from traces",
        "select * from generate_series(1, 2)", "select struct_pack(a := 1)", "select * from traces qualify 1 = 1",
        "select a from traces group by all", "select a from traces order by all", "select a::int from traces",
        "select list(a) from traces", 'select "a" from traces', "select at, b from traces",
        "select cast(a as varchar) from traces", "select lag(a) over (order by b) from traces",
    ]  # fmt: skip
    assert [sql for sql in planted if not lint(sql)] == []


@every_measure
def test_runs_only_what_it_shows_on_tables_it_may_use(measure, counted):
    """Every text run is one the page shows, reads only stored or derived tables, and each needed table is read."""
    _, asked = counted[measure.name]
    assert set(asked) <= set(measure.sql.values())
    used = set().union(*(tables_named(sql) for sql in measure.sql.values()))
    assert used <= {*TABLES, *DERIVED}
    assert set(measure.needs) <= used


@every_measure
def test_counts_hold_nobody(measure, counted, tables):
    """Counts pass the release, and neither a column's name nor a word in it stands for a person or a place."""
    counts, _ = counted[measure.name]
    assert counts.measure == measure.name
    assert counts.exit is measure.exit
    assert counts.start <= counts.end
    release(counts)
    handles = {str(h) for h in (*people_of(tables), *tables["traces"]["place"].unique().to_pylist())}
    for table in counts.tables.values():
        assert not {"person", "actor", "whom", "manager", "place", "thread", "artefact", "id"} & set(table.column_names)
        for column in table.columns:
            if pa.types.is_string(column.type):
                assert not handles & set(column.unique().to_pylist())


@every_measure
def test_order_of_rows_does_not_matter(measure, counted, tables):
    """Shuffled rows give the very same tables."""
    again = measure.count(_engine_once(tables))
    first, _ = counted[measure.name]
    assert again.tables.keys() == first.tables.keys()
    for name, table in first.tables.items():
        assert _rounded(again.tables[name]) == _rounded(table), name


_ONCE = {}


def _engine_once(tables):
    """One engine on shuffled rows for all measures."""
    if "engine" not in _ONCE:
        _ONCE["engine"] = engine_on(shuffled(tables, seed=3), people_of(tables))
    return _ONCE["engine"]


def _rounded(table):
    """Rows with averages rounded, since sums of floats depend on their order in the last digit."""
    return [{k: round(v, 9) if isinstance(v, float) else v for k, v in row.items()} for row in table.to_pylist()]


@every_measure
def test_estimate_is_pure(measure, counted):
    """The same release gives the same finding, and the release is left as it was."""
    counts, _ = counted[measure.name]
    let_out = release(counts)
    before = {name: table.to_pylist() for name, table in let_out.tables.items()}
    assert measure.estimate(let_out) == measure.estimate(release(counts))
    assert {name: table.to_pylist() for name, table in let_out.tables.items()} == before


@every_measure
def test_finding_is_whole(measure, counted):
    """A finding has a sentence, results under its own name with keys of their own, and a reason for whatever is not published."""
    finding = measure.estimate(release(counted[measure.name][0]))
    assert finding.results
    assert isinstance(finding.sentence, Phrase)
    names = Counter((r.key, r.group) for r in finding.results)
    assert [name for name, times in names.items() if times > 1] == []
    for result in finding.results:
        assert result.measure == measure.name
        assert re.fullmatch(r"[a-z0-9_]+", result.key)
        if result.verdict is not Verdict.PUBLISHED:
            assert result.reason is not None
        if result.estimate is not None:
            assert result.low <= result.estimate <= result.high
    for picture in finding.pictures:
        assert all(line.points for line in picture.lines)


@every_measure
def test_practice_results_leave_with_two_figures(measure, counted):
    """Results that carry no noise are rounded to two significant figures (M11)."""
    if measure.exit is Exit.PEOPLE:
        return
    finding = measure.estimate(release(counted[measure.name][0]))
    for result in finding.results:
        for value in (result.estimate, result.low, result.high):
            assert value is None or float(f"{value:.2g}") == value, result.key


def _withheld_whole(finding):
    assert isinstance(finding, Finding)
    assert finding.sentence.text
    assert finding.results
    for result in finding.results:
        assert result.verdict is Verdict.WITHHELD, result.key
        assert result.reason is not None
        assert result.unlock is not None, result.key


@every_measure
def test_empty_company_is_withheld_not_an_error(measure):
    """With nothing to read everything is withheld, with a sentence, a reason and what would unlock it."""
    engine = engine_on({})
    _withheld_whole(measure.estimate(release(measure.count(engine))))


@every_measure
def test_refused_release_is_withheld_with_its_reason(measure, counted):
    """Fewer than ten people: nothing is let out, and the finding says so."""
    counts = replace(counted[measure.name][0], people=9)
    _withheld_whole(measure.estimate(release(counts)))


@pytest.mark.parametrize("measure", [m for m in MEASURES.values() if m.exit is Exit.PEOPLE], ids=lambda m: m.name)
def test_one_person_moves_at_most_what_is_declared(measure, counted, tables):
    """Without every row that names one person, no more rows change than the measure declares: of what is noised, else of all.

    That each cell moves by at most one, for every person, is held in test_measures_noised.
    """
    first, _ = counted[measure.name]
    for engine in _engines_without_one(tables):
        again = measure.count(engine)
        moved = sum(_changed(first.tables[name], again.tables[name]) for name in first.noised or first.tables)
        assert moved <= first.moves


_WITHOUT = []


def _engines_without_one(tables):
    """Engines of the company without its busiest, its middling and its quietest person."""
    if not _WITHOUT:
        acts = pc.value_counts(tables["traces"]["actor"]).to_pylist()
        by_traces = [a["values"] for a in sorted(acts, key=lambda a: (a["counts"], a["values"])) if a["values"]]
        chosen = (by_traces[0], by_traces[len(by_traces) // 2], by_traces[-1])
        _WITHOUT.extend(engine_on(without(tables, handle), people_of(tables)) for handle in chosen)
    return _WITHOUT


def _changed(before, after):
    """Rows that differ between two tables, a row that changed counted once."""
    one, other = (Counter(tuple(row.items()) for row in _rounded(t)) for t in (before, after))
    return max((one - other).total(), (other - one).total())


@pytest.fixture(scope="module")
def answers(company, counted):
    """What `runs.measure` says of the company, on the counts made above."""

    def counts_of(measure):
        return counted[measure.name][0]

    known = {name: replace(measure, count=lambda _, m=measure: counts_of(m)) for name, measure in MEASURES.items()}
    return {f.measure: f for f in answer(company, known).findings}


@every_measure
def test_every_number_carries_what_it_must(measure, answers):
    """On a simulated company, through the pipeline: interval, people, coverage, assumptions, and what would not be seen."""
    assert broken(answers[measure.name], has_chart=True) == ()


def test_the_contract_is_tried_on_much_that_is_printed(answers):
    """The company is large enough for numbers of each kind: most measures print some, some are withheld, some show nothing."""
    results = [r for f in answers.values() for r in f.results]
    printed = [r for r in results if r.estimate is not None]
    assert len({r.measure for r in printed}) >= 9
    assert len(printed) >= 40
    assert len(results) - len(printed) >= 10
    assert sum(r.least is not None for r in printed) >= 2
    assert {r.coverage for r in printed} & {0.5, 0.75, 0.9}


FAULTS = {
    "interval": {"low": -math.inf, "high": math.inf},
    "outside": {"low": 2e9, "high": 3e9},
    "people": {"n_people": 9},
    "coverage": {"coverage": None},
    "assumptions": {"assumptions": ()},
    "half withheld": {"estimate": None, "verdict": Verdict.WITHHELD, "reason": say("x"), "unlock": say("y")},
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_contract_sees_each_part_that_is_missing(answers, fault):
    """Each part taken from each printed number in turn, or left behind in a withheld one, is seen every time."""
    for finding in answers.values():
        for result in finding.results:
            if result.estimate:
                bad = replace(finding, results=(replace(result, **FAULTS[fault]),))
                assert broken(bad, has_chart=True) != (), result.key


def test_the_contract_sees_silence_on_what_would_not_be_seen(answers):
    """Without its smallest difference no comparison that shows nothing passes; without an unlock nothing withheld does."""
    seen = 0
    for finding in answers.values():
        for result in finding.results:
            if result.least is not None:
                assert broken(replace(finding, results=(replace(result, least=None),)), has_chart=True) != ()
                seen += 1
            if result.estimate is None:
                assert broken(replace(finding, results=(replace(result, unlock=None),)), has_chart=True) != ()
                seen += 1
    assert seen > 10
