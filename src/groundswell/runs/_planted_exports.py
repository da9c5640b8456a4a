"""A planted company that writes its own export files, read, audited and answered as the demonstration's are."""

from collections.abc import Callable

from groundswell.report.page import Page, Says
from groundswell.runs import _planted_truth as truth
from groundswell.runs._planted_companies import QUIET, Company
from groundswell.runs._validity_draws import Draw, Kind, Promise
from groundswell.runs._validity_trials import Path, Question, Trial
from groundswell.runs._worlds import told
from groundswell.simulation.world import World

COMPANY = Company(people=220, weeks=65, dials=QUIET)
"""People enough for 40 practices that are traced often enough for their end to be told."""

KEY = bytes(range(32))
"""Of the pseudonyms; nothing here is about anybody."""

SOURCES = ("slack", "org_chart", "git", "seats", "programmes", "truth")


def page_of(world: World) -> Page:
    """The page of a world, through its export files, with half an ordinary message a person and week."""
    from groundswell.runs import demo
    from groundswell.runs.scratch import scratch
    from groundswell.simulation.exports.company import write

    with scratch() as place:
        folder = place / "company"
        write(world, folder, sources=SOURCES, weekly=0.5)
        return demo.audited_page(folder, KEY, seed=world.seed)


def _run(seed: int) -> dict[str, list[Draw]]:
    world = COMPANY.live(seed)
    page = page_of(world)
    claims = {h.code: {Says.SUPPORTS: 1, Says.REFUTES: -1}.get(h.says, 0) for h in page.hypotheses}
    planted: dict[str, Callable[[World], float]] = {
        "survival.alive_90": truth.alive_at(90),
        "origin.grassroots": truth.origin_share("grassroots"),
        "origin.mandated": truth.origin_share("mandated"),
        "origin.interleaved": truth.origin_share("interleaved"),
        "follow_through.follow_through": truth.taken_up,
    }
    found: dict[str, list[Draw]] = {}
    for name, value in planted.items():
        measure, _, key = name.partition(".")
        result = next((r for f in page.findings if f.measure == measure for r in f.results if r.key == key), None)
        shown = result is not None and result.estimate is not None
        found[name] = [
            Draw(estimate=result.estimate, low=result.low, high=result.high, truth=value(world), said=told(result, 0.5))
            if result is not None and shown
            else Draw(truth=value(world))
        ]
    said = claims["H5"]
    return {**found, "page.H5": [Draw(estimate=float(said), low=float(said), high=float(said), said=said)]}


def _share(name: str, code: str, words: str) -> Question:
    promise = Promise(kind=Kind.COVERAGE, least=0.92, source="ours")
    return Question(name=name, code=code, words=words, unit="share", pooled=True, decides=False, promises=(promise,))


TRIALS: tuple[Trial, ...] = (
    Trial(
        name="from_export_files", path=Path.EXPORTS, seed=75_100, fast=1, full=12, run=_run,
        planted="no effect of origin; text written by the simulator, read by the real reader, 600 messages audited without error",
        questions=(
            _share("survival.alive_90", "M3", "practices alive after 90 days"),
            _share("origin.grassroots", "M2", "began with someone trying it"),
            _share("origin.mandated", "M2", "began with a demand"),
            _share("origin.interleaved", "M2", "began after a general call to use AI"),
            _share("follow_through.follow_through", "M1", "announced and taken up within 90 days"),
            Question(
                name="page.H5", code="H5", words="what the page says: pilots started by order are abandoned", unit="verdict",
                promises=(Promise(kind=Kind.ALARMS, most=0.08, source="gate"),),
            ),
        ),
    ),
)  # fmt: skip
"""The whole path. Simulated text says nothing of how good the reader is on real messages: it exercises the path."""
