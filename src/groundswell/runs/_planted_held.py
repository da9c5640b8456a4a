"""The acceptance of what is told once all else is held equal: lives in which tool, team and later demands mislead (M3)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.runs._validity_draws import Draw, Kind, Promise
from groundswell.runs._validity_trials import Path, Question, Trial

NEVER = -1
"""Day of a later demand where none came."""


@dataclass(frozen=True, kw_only=True)
class Planted:
    """What sets mandated practices apart, in truth and in seeming.

    Attributes:
        practices, teams: how many.
        ratio: hazard of mandated practices against grassroots ones, all else equal.
        tool_ratio: hazard with the second tool against the first.
        tool_gap: by how much likelier the second tool is where a practice began with a demand.
        asked_ratio: hazard after a later demand, which comes to grassroots practices at 1 in 100 days; None without any.
        late: mean days after birth at which grassroots practices are first seen.
        frailty: standard deviation of the teams' log hazards.
        unlike: standard deviation between teams of the log ratio of the two origins, round that of `ratio`.
    """

    practices: int = 240
    teams: int = 24
    ratio: float = 1.0
    tool_ratio: float = 1.0
    tool_gap: float = 0.0
    asked_ratio: float | None = None
    late: float = 0.0
    frailty: float = 0.3
    unlike: float = 0.0


def held(rng: np.random.Generator, planted: Planted) -> dict[str, list[Any]]:
    """Columns of lives as `survival` counts them: exponential with mean 120 days, followed for 120 to 365 days."""
    n, teams = planted.practices, planted.teams
    told = rng.random(n) < 0.5
    team = rng.integers(0, teams, n)
    second = rng.random(n) < 0.5 + np.where(told, planted.tool_gap, -planted.tool_gap)
    apart = np.log(planted.ratio) + rng.normal(0, planted.unlike, teams)
    log = np.where(told, apart[team], 0.0) + np.where(second, np.log(planted.tool_ratio), 0.0)
    rate = np.exp(log + rng.normal(0, planted.frailty, teams)[team]) / 120
    spent, asked = rng.exponential(1, n), np.full(n, np.inf)
    if planted.asked_ratio is not None:
        asked = np.where(told, np.inf, np.ceil(100 * rng.exponential(1, n)))
    before = rate * np.where(np.isfinite(asked), asked, 1e9)
    after = np.where(np.isfinite(asked), asked, 0.0) + (spent - before) / (rate * (planted.asked_ratio or 1.0))
    end = np.where(spent <= before, spent / rate, after)
    stop = rng.uniform(120, 365, n)
    entry = np.where(told, 0.0, np.floor(planted.late * rng.exponential(1, n)))
    leave = np.ceil(np.minimum(end, stop))
    keep = entry < leave
    columns = {
        "team": team + 1, "origin": np.where(told, "mandated", "grassroots"), "tool": 1 + second.astype(int),
        "job": rng.integers(1, 3, n), "quarter": rng.integers(200, 203, n),
        "asked_days": np.where(asked < leave, np.minimum(asked, 1e6), NEVER).astype(int), "ended": (end <= stop).astype(int),
        "entry_days": entry.astype(int), "exit_days": leave.astype(int), "practices": np.ones(n, dtype=int),
    }  # fmt: skip
    return {name: column[keep].tolist() for name, column in columns.items()}


@dataclass(frozen=True)
class _Run:
    planted: Planted
    misled: bool

    def __call__(self, seed: int) -> Mapping[str, Sequence[Draw]]:
        """The ratio of grassroots to mandated as a reader is told it, and the same without a term for the tool."""
        from groundswell.measures import _survival_adjusted as adjusting

        columns = held(np.random.default_rng([36, seed]), self.planted)
        found = {"survival.held_equal": adjusting.adjusted(columns, "grassroots", "mandated")}
        if self.misled:
            one_tool = {**columns, "tool": [1] * len(columns["tool"])}
            found["survival.held_without_tool"] = adjusting.adjusted(one_tool, "grassroots", "mandated")
        return {name: [self._draw(one)] for name, one in found.items()}

    def _draw(self, found: Any) -> Draw:
        truth = 1 / self.planted.ratio
        if found.ratio is None:
            return Draw(truth=truth)
        # The sign told is that of grassroots lasting longer.
        return Draw(estimate=found.ratio.value, low=found.ratio.low, high=found.ratio.high, truth=truth, said=found.shown)


FEW = Promise(kind=Kind.ALARMS, most=0.08, source="M3 i to iii")
COVERS = Promise(kind=Kind.COVERAGE, least=0.92, source="ours")
POWER = Promise(kind=Kind.POWER, least=0.85, source="M3 v")
RIGHT = Promise(kind=Kind.WRONG, most=0.05, source="ours")
MISLED = Promise(kind=Kind.ALARMS, least=0.3, source="ours")
WORDS = "grassroots against mandated, how fast they end, all else held equal"
WITHOUT = "the same without a term for the tool: must be misled"


def _trial(
    name: str, words: str, seed: int, planted: Planted, *promises: Promise, expected: int = 0, misled: bool = False
) -> Trial:
    asked = [Question(name="survival.held_equal", code="M3", words=WORDS, unit="ratio", expected=expected, promises=promises)]
    if misled:
        asked.append(Question(name="survival.held_without_tool", code="M3", words=WITHOUT, unit="ratio", promises=(MISLED,)))
    return Trial(
        name=name, path=Path.LAW, planted=words, seed=seed, fast=40, full=600, questions=tuple(asked), run=_Run(planted, misled)
    )


TRIALS: tuple[Trial, ...] = (
    _trial("held_equal_nothing", "240 practices in 24 teams, a tool that ends three times as fast is commoner where it began with"
           " a demand; no effect of origin", 13000, Planted(tool_ratio=3.0, tool_gap=0.35), FEW, COVERS, misled=True),
    _trial("held_equal_later_demand", "no effect of origin; a later demand comes to those that live, and halves the hazard from"
           " then on; grassroots seen 25 days late", 13_700, Planted(practices=400, asked_ratio=0.5, late=25.0), FEW, COVERS),
    _trial("held_equal_six_teams", "six teams, frailty .7, no effect of origin", 14_400, Planted(teams=6, frailty=0.7), FEW),
    _trial("held_equal_unlike_teams", "origin makes a difference in each team, by .7 on the log scale either way, none overall",
           15_100, Planted(practices=800, teams=40, frailty=0.7, unlike=0.7), FEW),
    _trial("held_equal_twice", "mandated practices end at twice the hazard, and use a short-lived tool less", 15_800,
           Planted(ratio=2.0, tool_ratio=2.0, tool_gap=-0.2), POWER, RIGHT, COVERS, expected=1),
    _trial("held_equal_half", "mandated practices end at half the hazard, and use a short-lived tool more", 16_500,
           Planted(ratio=0.5, tool_ratio=2.0, tool_gap=0.2), POWER, RIGHT, COVERS, expected=-1),
)  # fmt: skip
"""One trial a way of being misled, and one a direction."""
