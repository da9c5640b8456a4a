"""Whole simulated companies with one thing planted in each, and what the page must make of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from groundswell.model.measure import Finding, Result
from groundswell.report.page import Says
from groundswell.runs import _planted_truth as truth
from groundswell.runs._validity_draws import Draw, Kind, Promise
from groundswell.runs._validity_trials import Path, Question, Trial
from groundswell.runs._worlds import answers, opened, result_of, told
from groundswell.runs.hypotheses import verdicts
from groundswell.simulation.misreading import Confusion, confused
from groundswell.simulation.policy import Dials, Policy
from groundswell.simulation.world import World, simulate
from groundswell.store.engine import DuckDB


@dataclass(frozen=True, kw_only=True)
class Company:
    """What is planted in a simulated company, and how its traces are read.

    Attributes:
        people, weeks, policy, dials: as `simulate` takes them.
        confusion: the reader's errors; None for a reader without error.
        labels: messages audited.
        unknown: tables that nobody gave, such as the list of projects and trainings.
    """

    people: int = 400
    weeks: int = 78
    policy: Policy = Policy.BOTH
    dials: Dials = field(default_factory=Dials)
    confusion: Confusion | None = None
    labels: int = 400
    unknown: frozenset[str] = frozenset()

    def live(self, seed: int) -> World:
        """One such company."""
        return simulate(people=self.people, weeks=self.weeks, policy=self.policy, seed=seed, dials=self.dials)


@dataclass(frozen=True)
class Seen:
    """One company, its traces on an engine and the answers about it."""

    company: Company
    world: World
    engine: DuckDB
    findings: Mapping[str, Finding]


Ask = Callable[[Seen], Sequence[Draw]]


def number(
    measure: str, key: str, planted: Callable[[World], float] | None = None, *, neutral: float = 0.0, group: str = "organisation"
) -> Ask:
    """Ask for one printed number; its truth is computed from the world."""

    def ask(seen: Seen) -> list[Draw]:
        result = result_of(seen.findings, measure, key, group)
        return [drawn(result, planted(seen.world) if planted else None, neutral)]

    return ask


def drawn(result: Result | None, planted: float | None, neutral: float, part: str = "") -> Draw:
    """A printed number as a draw; one that the page does not print counts as withheld."""
    if result is None or result.estimate is None:
        return Draw(truth=planted, part=part)
    return Draw(estimate=result.estimate, low=result.low, high=result.high, truth=planted, said=told(result, neutral), part=part)


def claim(code: str) -> Ask:
    """Ask what the page says of a hypothesis: +1 supported, -1 refuted, 0 cannot tell."""

    def ask(seen: Seen) -> list[Draw]:
        verdict = next(v for v in verdicts(tuple(seen.findings.values())) if v.code == code)
        said = {Says.SUPPORTS: 1, Says.REFUTES: -1}.get(verdict.says, 0)
        return [Draw(estimate=float(said), low=float(said), high=float(said), said=said)]

    return ask


def by_work(seen: Seen) -> list[Draw]:
    """The share in use after 90 days of every kind of work the page prints, but for the rest put together."""
    planted = truth.alive_by_work(seen.world)
    results = [r for r in seen.findings["kinds"].results if r.key.startswith("in_use_") and r.group in planted]
    return [drawn(r, planted[r.group], 0.5, r.group) for r in results]


def origin_gain(seen: Seen) -> list[Draw]:
    """How much smaller the Brier score of the origins is than the base rate's, as a share of it, over the practices traced."""
    planted = truth.origins_by_name(seen.world)
    rows = seen.engine.run("select unit, job, tool, origin from practices where origin <> 'unknown'").to_pylist()
    pairs = [(r["origin"], planted[k]) for r in rows if (k := (r["unit"], r["job"], r["tool"])) in planted]
    if not pairs:
        return [Draw()]
    n = len(pairs)
    share = {o: sum(born == o for _, born in pairs) / n for o in {born for _, born in pairs}}
    base = sum(s * (1 - s) for s in share.values())
    brier = sum(2.0 * (said != born) for said, born in pairs) / n
    gain = 1 - brier / base if base else 0.0
    return [Draw(estimate=gain, low=gain, high=gain)]


def spreads(way: str) -> Ask:
    """Ask whether the sentence says that adoptions follow examples along informal ties, or along the reporting line."""
    names = {"informal": "informal ties between teams", "formal": "the reporting line"}

    def ask(seen: Seen) -> list[Draw]:
        finding = seen.findings["spread"]
        ratio = result_of(seen.findings, "spread", f"ratio_{way}")
        excess = result_of(seen.findings, "spread", f"excess_{way}")
        if excess is None or finding.sentence.text.startswith("Whether tools travel from colleague to colleague cannot be told"):
            return [Draw()]
        one = finding.sentence.values.get("way")
        both = finding.sentence.text.startswith("Taking up a tool is consistent") and one is None
        said = int(both or (one is not None and getattr(one, "text", "") == names[way]))
        out = ratio if ratio is not None and ratio.estimate is not None else excess
        if out.estimate is None:
            return [Draw(estimate=1.0, low=1.0, high=1.0, said=said)]  # dates alone showed it, so that no size was told
        return [Draw(estimate=out.estimate, low=out.low, high=out.high, said=said)]

    return ask


def against(measure: str, key: str, other: Company, *, neutral: float = 0.0) -> Ask:
    """Ask for a number whose truth is what the same measure gives on the same company seen or read otherwise."""

    def ask(seen: Seen) -> list[Draw]:
        world = other.live(seen.world.seed)
        with opened(world, confusion=other.confusion, labels=other.labels) as engine:
            whole = result_of(answers(engine, [measure]), measure, key)
        planted = whole.estimate if whole is not None else None
        return [drawn(result_of(seen.findings, measure, key), planted, neutral)]

    return ask


def trial(
    name: str, planted: str, company: Company, asks: Iterable[tuple[Question, Ask]], *, seed: int, fast: int, full: int
) -> Trial:
    """A trial that runs the whole path from acts to the page's numbers."""
    pairs = tuple(asks)
    return Trial(
        name=name, path=Path.COMPANY, planted=planted, seed=seed, fast=fast, full=full,
        questions=tuple(question for question, _ in pairs), run=partial(_run, company, pairs),
    )  # fmt: skip


def _run(company: Company, asks: tuple[tuple[Question, Ask], ...], seed: int) -> dict[str, Sequence[Draw]]:
    world = company.live(seed)
    wanted = {SPEAKS.get(question.name, question.name.partition(".")[0]) for question, _ in asks}
    with opened(world, confusion=company.confusion, labels=company.labels, unknown=company.unknown) as engine:
        seen = Seen(company, world, engine, answers(engine, sorted(wanted)))
        return {question.name: ask(seen) for question, ask in asks}


SPEAKS = {"page.H5": "survival", "page.H7": "kinds"}
"""Claim of the page -> the measure that speaks to it."""

QUIET = Dials(perform_share=0.0, sure_weeks=0)
"""No performed use and no planted take-up: lives follow their hazards alone, so that the effect of an origin is the dial's."""

EVERY_READ: Confusion = confused(sensitivity=0.8, specificity=0.95)

COVERS = Promise(kind=Kind.COVERAGE, least=0.92, source="ours")
FEW_ALARMS = Promise(kind=Kind.ALARMS, most=0.08, source="M3, gate")
NEVER_WRONG = Promise(kind=Kind.WRONG, most=0.05, source="gate")
