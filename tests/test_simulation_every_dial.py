"""Every dial, one after the other: what it plants is seen in what happened, and the truth says how it was set."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pytest

from groundswell.simulation.acts import ACT, ANY, DROP, EXAMPLE, MODALITY
from groundswell.simulation.catalogue import JOBS, TOOL, TOOLS
from groundswell.simulation.people import NEVER
from groundswell.simulation.policy import Dials, Policy
from groundswell.simulation.state import CAUSES
from groundswell.simulation.world import World, simulate

PEOPLE, WEEKS, SEED = 200, 36, 5
DAYS = 7 * WEEKS


@dataclass(frozen=True)
class Turn:
    """One dial turned from low to high.

    Attributes:
        low, high: two values.
        seen: what must be larger by a quarter in the second world.
        beside: other dials, alike in both.
        policy: of both.
    """

    low: Any
    high: Any
    seen: Callable[[World], float]
    beside: tuple[tuple[str, Any], ...] = ()
    policy: Policy = Policy.BOTH


@cache
def world(policy: Policy, seed: int, dials: tuple[tuple[str, Any], ...]) -> World:
    return simulate(people=PEOPLE, weeks=WEEKS, policy=policy, seed=seed, dials=Dials(**dict(dials)))


def acts(w: World, *names: str, modality: str | None = None) -> "np.ndarray":
    mine = np.isin(w.acts["act"], [ACT[name] for name in names])
    return mine & (w.acts["modality"] == MODALITY[modality]) if modality else mine


def by_cause(w: World, cause: str) -> float:
    return float((w.course.uses["cause"] == CAUSES.index(cause)).sum())


def pushed(w: World) -> float:
    uses = w.course.uses
    return float(((uses["pushed"] == 1) & (uses["sure"] == 0)).sum())


def hazard(w: World, mine: "np.ndarray", table: str = "practices") -> float:
    """Ends a day at risk."""
    books = w.course.practices if table == "practices" else w.course.uses
    first = books["born"] if table == "practices" else books["start"]
    return float((books["end"][mine] < DAYS).sum() / max((np.minimum(books["end"], DAYS) - first)[mine].sum(), 1))


def practices(w: World, **which: int) -> "np.ndarray":
    books = w.course.practices
    mine = books["performed"] == 0
    for name, value in which.items():
        mine &= books[name] == value
    return mine


def pulled(w: World) -> float:
    """How unevenly starts are spread over people: variance over mean."""
    starts = np.bincount(w.course.uses["person"], minlength=len(w.company))
    return float(starts.var() / starts.mean())


def alike(w: World) -> float:
    """How much more alike in trait two contacts are than two strangers."""
    one = np.repeat(np.arange(len(w.company)), np.diff(w.network.edges))
    return 1.0 + float(np.corrcoef(w.network.trait[one], w.network.trait[w.network.contacts])[0, 1])


def of_high_trait(w: World) -> float:
    starts = np.bincount(w.course.uses["person"], minlength=len(w.company))
    return float(starts[w.network.trait > 0].sum() / starts[w.network.trait < 0].sum())


def shocked(w: World, first: int, last: int) -> float:
    uses = w.course.uses
    when = (uses["start"] >= 7 * first) & (uses["start"] < 7 * last) & (uses["tool"] == w.plan.shock_tool)
    return float((when & w.plan.hit[uses["person"]]).sum())


def taken(w: World, act: str) -> float:
    told = w.truth["announcements"]
    mine = told["followed"] & (told["act"] == act)
    return float(told["taken_up"][mine].mean())


def between_teams(w: World) -> float:
    """Spread of the share of practices that ended, between teams of five practices and more."""
    books, mine = w.course.practices, practices(w)
    size = np.bincount(books["unit"][mine], minlength=len(w.company.units))
    over = np.bincount(books["unit"][mine], weights=books["end"][mine] < DAYS, minlength=len(size))
    some = size >= 5
    return float((over[some] / size[some]).std())


def fate(w: World, number: int) -> float:
    books = w.course.practices
    return float(((books["fate"] == number) & (books["end"] < DAYS) & (books["performed"] == 0)).sum())


def ended_in(w: World, job: str) -> float:
    return hazard(w, practices(w, job=JOBS.index(job)))


def spoken_of(w: World) -> float:
    """Traces of use a week of use: shares and drops left out."""
    return float(acts(w, "uses", "tries", "takes_up", "learns").sum())


def delay(w: World) -> float:
    books = w.course.practices
    return float((books["entry"] - books["born"])[practices(w, origin=0)].mean())


def undone(w: World) -> float:
    return float((w.acts["modality"] != MODALITY["done"]).sum())


def talk(w: World, first: int, last: int) -> float:
    week = w.acts["day"] // 7
    return float(((w.acts["modality"] != MODALITY["done"]) & (week >= first) & (week < last)).sum())


def starts_in(w: World, first: int, last: int) -> float:
    start = w.course.uses["start"] // 7
    return float(((start >= first) & (start < last)).sum())


def general(w: World) -> float:
    return float((acts(w, "announces") & (w.acts["tool"] == ANY) & (w.acts["cascade"] < 0)).sum())


def reasons_kept(w: World) -> float:
    told = w.truth["statements"]
    left = np.array([int(bits).bit_count() for bits in told["reasons"]])
    return float(left[told["level"] > 0].mean())


def deadlines(w: World, *levels: int) -> float:
    told = w.truth["statements"]
    return float(told["deadline"][np.isin(told["level"], levels)].mean())


def answered(w: World, used: int) -> float:
    """People-quarters that answered, of those who used AI on their day, or did not."""
    rows = w.pulse
    return float(len(np.unique(rows["person"][rows["used"] == used] * 64 + rows["quarter"][rows["used"] == used])))


def silent(w: World) -> float:
    return float(len(w.course.uses["start"])) / max(len(np.unique(w.acts["use"])), 1)


def mandated_traces(w: World) -> float:
    mine = acts(w, "uses", "tries", "takes_up", "learns") & (w.acts["practice"] >= 0)
    return float((w.course.practices["origin"][w.acts["practice"][mine]] == 1).sum())


PLAIN = (("sure_weeks", 0), ("perform_share", 0.0))
DEMANDS = (*PLAIN, ("announcements", 8.0), ("demand_share", 1.0))
HYPE = (("hype_week", 18), ("talk_rate", 0.03))


def tickets(w: World, *, helped: bool) -> "np.ndarray":
    return (w.work["job"] == JOBS.index("support")) & ((w.work["use"] >= 0) == helped)


def went(w: World, *, helped: bool) -> float:
    return float(w.work["succeeded"][tickets(w, helped=helped)].mean())


def minutes_of(w: World, *, helped: bool) -> float:
    return float(np.median(w.work["minutes"][tickets(w, helped=helped)]))


TURNS: dict[str, Turn] = {
    "start": Turn(date(2025, 1, 6), date(2026, 1, 5), lambda w: float(w.truth["acts"]["date"].min().astype(int)) - 20_000),
    "team_size": Turn(12, 6, lambda w: len(w.company.units)),
    "turnover": Turn(0.1, 0.5, lambda w: (w.company.left_on < DAYS).sum()),
    "moves": Turn(0.05, 0.5, lambda w: (w.company.moves_on < NEVER).sum()),
    "starts": Turn(0.01, 0.05, lambda w: len(w.course.uses["start"])),
    "propensity_sd": Turn(0.0, 1.2, pulled, (("starts", 0.06),), Policy.NONE),
    "mandate_start_log": Turn(-1.0, 1.5, pushed, DEMANDS, Policy.MANDATE),
    "mandate_end_log": Turn(-1.0, 1.0, lambda w: hazard(w, practices(w, origin=1)), DEMANDS, Policy.MANDATE),
    "mandate_drop_log": Turn(
        -1.5, 1.5, lambda w: hazard(w, (w.course.uses["pushed"] == 1) & (w.course.uses["keeper"] == 0), "uses"),
        (*DEMANDS, ("mandate_start_log", 1.5), ("drop_rate", 0.05)), Policy.MANDATE,
    ),
    "push_weeks": Turn(3, 16, pushed, DEMANDS, Policy.MANDATE),
    "perform_share": Turn(0.1, 0.8, lambda w: w.course.uses["performed"].sum(), (("sure_weeks", 0),), Policy.MANDATE),
    "programme_start_log": Turn(0.0, 1.5, lambda w: by_cause(w, "programme")),
    "informal_log": Turn(0.0, 1.5, lambda w: by_cause(w, "informal"), (("share_rate", 0.5),)),
    "formal_log": Turn(0.0, 1.5, lambda w: by_cause(w, "formal"), (("share_rate", 0.5), ("share_outside", 0.0))),
    "leader_start_log": Turn(-1.0, 1.0, lambda w: len(w.course.uses["start"]), (("leader_tells", 1.0),), Policy.NONE),
    "informal_degree": Turn(3.0, 9.0, lambda w: len(w.network.contacts)),
    "assortment": Turn(0.0, 1.0, alike),
    "homophily_log": Turn(-0.7, 0.7, of_high_trait, (("starts", 0.05),), Policy.NONE),
    "shock_log": Turn(0.01, 2.0, lambda w: shocked(w, 12, 18), (("shock_week", 12), ("shock_share", 0.6), ("starts", 0.04))),
    "shock_week": Turn(26, 12, lambda w: shocked(w, 12, 18), (("shock_log", 2.0), ("shock_share", 0.6), ("starts", 0.04))),
    "shock_share": Turn(0.1, 0.7, lambda w: w.plan.hit.sum(), (("shock_log", 1.0),)),
    "announcements": Turn(2.0, 6.0, lambda w: len(w.course.announcements["day"])),
    "demand_share": Turn(0.2, 0.9, lambda w: w.course.announcements["demand"].mean()),
    "follow_through": Turn(0.2, 0.8, lambda w: taken(w, "announces"), (("announcements", 6.0),)),
    "follow_through_demanded": Turn(0.2, 0.8, lambda w: taken(w, "demands"), (("announcements", 6.0),)),
    "follow_through_sd": Turn(0.2, 1.0, lambda w: w.plan.follow_log.std()),
    "sure_weeks": Turn(0, 8, lambda w: np.isin(w.acts["use"], np.flatnonzero(w.course.uses["sure"] == 1)).sum(),
                       (("follow_through", 0.9), ("end_rate", 0.2), ("drop_rate", 0.2), ("trace_rate", 0.2))),
    "withdrawn_share": Turn(0.0, 0.8, lambda w: 1 + (w.course.announcements["withdrawn"] >= 0).sum()),
    "generic_demands": Turn(2.0, 12.0, lambda w: (acts(w, "demands", modality="done") & (w.acts["tool"] == ANY)).sum()),
    "leader_tells": Turn(0.1, 0.9, lambda w: ((w.acts["words"] & EXAMPLE) > 0).sum(), (("demand_share", 0.0),)),
    "trainings": Turn(0.5, 6.0, lambda w: (w.plan.events.kind == 1).sum()),
    "seat_tools": Turn(1, 3, lambda w: len(np.unique(w.seats["tool"]))),
    "seat_share": Turn(0.2, 0.9, lambda w: len(w.seats["person"])),
    "end_rate": Turn(0.01, 0.08, lambda w: hazard(w, practices(w)), PLAIN),
    "drop_rate": Turn(0.01, 0.08, lambda w: hazard(w, w.course.uses["keeper"] == 0, "uses"), (*PLAIN, ("end_rate", 0.0))),
    "team_frailty_sd": Turn(0.0, 2.0, between_teams, (*PLAIN, ("starts", 0.08), ("job_end_log", ())), Policy.NONE),
    "job_end_log": Turn((("coding", -1.0),), (("coding", 1.0),), lambda w: ended_in(w, "coding"), (*PLAIN, ("starts", 0.05))),
    "replaced_share": Turn(0.05, 0.6, lambda w: fate(w, 2)),
    "absorbed_share": Turn(0.05, 0.6, lambda w: fate(w, 3)),
    "pause_share": Turn(0.1, 0.9, lambda w: (w.acts["drop"] == DROP["paused"]).sum(), (("drop_told", 1.0),)),
    "share_rate": Turn(0.1, 0.4, lambda w: len(w.course.shares["use"])),
    "share_outside": Turn(0.2, 0.9, lambda w: (w.course.shares["community"] >= 0).mean()),
    "join_share": Turn(0.05, 0.4, lambda w: by_cause(w, "team")),
    "work_rate": Turn(0.5, 1.5, lambda w: len(w.work["day"])),
    "work_success": Turn(0.3, 0.9, lambda w: went(w, helped=False)),
    "ai_success_log": Turn((("support", -1.5),), (("support", 1.5),), lambda w: went(w, helped=True), (("starts", 0.05),)),
    "ai_time_log": Turn(-0.7, 0.3, lambda w: minutes_of(w, helped=True), (("starts", 0.05),)),
    "trace_rate": Turn(0.3, 1.0, spoken_of),
    "trace_rate_mandated": Turn(0.1, 1.0, mandated_traces, DEMANDS, Policy.MANDATE),
    "silent_share": Turn(0.0, 0.7, silent, (("sure_weeks", 0),)),
    "hidden_weeks": Turn(0.5, 4.0, delay),
    "talk_rate": Turn(0.01, 0.05, undone),
    "leader_talk_rate": Turn(0.02, 0.2, general),
    "hype_week": Turn(30, 18, lambda w: talk(w, 16, 21), HYPE[1:]),
    "hype_height": Turn(2.0, 8.0, lambda w: talk(w, 16, 21), HYPE),
    "hype_width": Turn(1.0, 6.0, undone, HYPE),
    "hype_use": Turn(0.0, 1.0, lambda w: starts_in(w, 16, 21), HYPE),
    "drop_told": Turn(0.1, 0.9, lambda w: acts(w, "drops", modality="done").sum(), (("reverted_share", 0.0),)),
    "learn_share": Turn(0.03, 0.3, lambda w: acts(w, "learns", modality="done").sum()),
    "reverted_share": Turn(0.01, 0.1, lambda w: (w.acts["drop"] == DROP["reverted"]).sum()),
    "cascades": Turn(3.0, 10.0, lambda w: len(set(w.truth["statements"]["cascade"].tolist()))),
    "reason_survival": Turn(0.3, 0.9, reasons_kept),
    "deadline_top": Turn(0.05, 0.6, lambda w: deadlines(w, 0, 1, 2)),
    "deadline_step": Turn(0.02, 0.4, lambda w: deadlines(w, 1, 2)),
    "day_use": Turn(0.2, 0.6, lambda w: w.truth["quarters"]["used_days"].sum()),
    "respond_user": Turn(0.3, 0.9, lambda w: answered(w, 1)),
    "respond_other": Turn(0.2, 0.7, lambda w: answered(w, 0)),
    "expected_share": Turn(
        0.2, 0.9, lambda w: w.pulse["expected"].sum(),
        (("perform_share", 0.9), ("starts", 0.05), ("day_use", 0.8), *DEMANDS[2:], ("mandate_start_log", 2.0)), Policy.MANDATE,
    ),
    "missing": Turn(frozenset({"chat"}), frozenset(), lambda w: (~w.places.is_repository(w.acts["place"])).sum()),
    "onsets": Turn((("usage", 30),), (("usage", 10),), lambda w: len(w.log["day"])),
    "usage_coverage": Turn(0.3, 0.9, lambda w: len(w.log["day"])),
}  # fmt: skip


def test_no_dial_is_left_out() -> None:
    """A dial without a turn here could do nothing and nobody would know."""
    assert set(TURNS) == {field.name for field in fields(Dials)}
    assert {tool.name for tool in TOOLS} == set(TOOL)


@pytest.mark.parametrize("name", TURNS)
def test_dial(name: str) -> None:
    """Turned up, it shows: a quarter more at least of what it plants; and the truth states both settings."""
    turn = TURNS[name]
    seen = []
    for value in (turn.low, turn.high):
        w = world(turn.policy, SEED, (*turn.beside, (name, value)))
        told = w.truth["dials"]
        said = str(told["value"][told["dial"] == name][0])
        assert said == (",".join(sorted(value)) if isinstance(value, frozenset) else str(value))
        seen.append(float(turn.seen(w)))
    assert seen[1] > 1.25 * seen[0], seen
