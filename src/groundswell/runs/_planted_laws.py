"""The acceptance of each estimator: cases drawn from a plain law, in the sizes the specification names (docs: measures)."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from groundswell.runs._validity_draws import Draw, Kind, Promise
from groundswell.runs._validity_trials import Path, Question, Trial

Floats = npt.NDArray[np.float64]
Run = Callable[[int], Mapping[str, Sequence[Draw]]]


def lives(
    rng: np.random.Generator, *, n: int = 160, teams: int = 20, frailty: float = 0.3, ratio: float = 1.0, late: float = 0.0,
    uneven: float = 0.5,
) -> tuple[Any, Any]:  # fmt: skip
    """Lives of grassroots and of mandated practices.

    Exponential with mean 120 days, the hazard of mandated ones `ratio` times as high; teams differ by a log-normal frailty and in
    their mix of origins; followed for 120 to 400 days; grassroots ones first seen on average `late` days after birth.
    """
    from groundswell.measures._survival_curves import Lives

    team = rng.integers(0, teams, n)
    alike = np.exp(rng.normal(0, frailty, teams))
    told = rng.random(n) < np.clip(0.5 + uneven * rng.normal(0, 1, teams), 0.1, 0.9)[team]
    end = 120 * rng.exponential(1, n) / (alike[team] * np.where(told, ratio, 1.0))
    stop = rng.uniform(120, 400, n)
    entry = np.where(told, 0.0, np.floor(late * rng.exponential(1, n)))
    leave = np.ceil(np.minimum(end, stop))
    every = Lives(entry, leave, (end <= stop).astype(np.int64), team)
    keep = entry < leave
    return every.where(keep & ~told), every.where(keep & told)


def life_difference(ratio: float) -> float:
    """Mean days within 180 that such lives differ, at a frailty of zero."""
    means = [120 / r * (1 - np.exp(-180 * r / 120)) for r in (1.0, ratio)]
    return float(means[0] - means[1])


def _compared(**planted: float) -> Run:
    def run(seed: int) -> dict[str, list[Draw]]:
        from groundswell.measures import _survival_compare as compare

        rng = np.random.default_rng([3, seed])
        found = compare.compare(lives(rng, **planted), seed=seed)  # type: ignore[arg-type]  # numbers only
        truth = life_difference(planted.get("ratio", 1.0))
        said = (1 if found.days.value > 0 else -1) if found.shown else 0
        draw = Draw(estimate=found.days.value, low=found.days.low, high=found.days.high, truth=truth, said=said)
        by_test = Draw(estimate=found.p, low=found.p, high=found.p, said=int(found.p <= compare.ALPHA))
        return {"survival.difference": [draw], "survival.permutation": [by_test]}

    return run


def _share_of_announcements(seed: int) -> dict[str, list[Draw]]:
    from groundswell.measures import _rates as rates

    rng = np.random.default_rng([1, seed])
    draws = []
    for share in (0.2, 0.5, 0.8):
        unit = np.repeat(np.arange(12), 3)
        chances = 1 / (1 + np.exp(-(_centre(share, 0.5) + rng.normal(0, 0.5, 12))))[unit]
        got = rates.combined_share([((rng.random(36) < chances).astype(float), unit)])
        draws.append(Draw(estimate=got.value, low=got.low, high=got.high, truth=share, part=f"{share}"))
    return {"follow_through.follow_through": draws}


def _centre(share: float, spread: float) -> float:
    """Where a normal on the logit scale must stand for its mean share to be `share`; by bisection on a fixed grid."""
    z = np.linspace(-5, 5, 401)
    weight = np.exp(-(z**2) / 2)
    low, high = -8.0, 8.0
    for _ in range(50):
        middle = (low + high) / 2
        here = float((weight / (1 + np.exp(-(middle + spread * z)))).sum() / weight.sum())
        low, high = (middle, high) if here < share else (low, middle)
    return (low + high) / 2


def _weeks_that_hang_together(seed: int) -> dict[str, list[Draw]]:
    from groundswell.measures import _change_point as points

    rng = np.random.default_rng([35, seed])
    noise = np.zeros(78)
    for i in range(1, 78):
        noise[i] = 0.5 * noise[i - 1] + rng.normal(0, 0.25)
    share = 1 / (1 + np.exp(-(np.log(0.4 / 0.6) + noise)))
    hits = rng.binomial(60, share).astype(float)
    found = points.change(hits, np.full(78, 60.0), seed=seed, permutations=199)
    return {"going_back.change": [Draw(estimate=found.p, low=found.p, high=found.p, said=int(found.p <= 0.05))]}


def _kinds(seed: int) -> dict[str, list[Draw]]:
    from groundswell.measures import _beta_binomial as shrunk

    rng = np.random.default_rng([7, seed])
    concentration = (8.0, 60.0)[seed % 2]
    trials = rng.integers(3, 41, 8).astype(float)
    truth = rng.beta(0.5 * concentration, 0.5 * concentration, 8)
    hits = rng.binomial(trials.astype(int), truth).astype(float)
    found = shrunk.shrink(hits, trials).groups
    draws = [Draw(estimate=g.value, low=g.low, high=g.high, truth=float(t)) for g, t in zip(found, truth, strict=True)]
    ours = float(np.mean([(g.value - t) ** 2 for g, t in zip(found, truth, strict=True)]))
    gain = ours - float(np.mean((hits / trials - truth) ** 2))
    return {"kinds.in_use": draws, "kinds.error": [Draw(estimate=gain, low=gain, high=gain)]}


def _drawn_order(seed: int) -> dict[str, list[Draw]]:
    from groundswell.measures import _permute as order

    rng = np.random.default_rng([13, seed])
    drawn = rng.permutation(np.array([0.0] * 4 + [100.0] * 4))
    group = np.repeat(np.arange(8), 5)
    value = rng.normal(0, 1, 8)[group] + rng.normal(0, 1, 40)
    none, some = [
        order.permute(order.Cases(group, np.full(40, 50.0), value + effect * (drawn[group] == 0)), drawn, seed=seed)
        for effect in (0.0, 2.0)
    ]
    if none is None or some is None:
        return {"phase_in.none": [Draw()], "phase_in.effect": [Draw()]}
    alarm = Draw(
        estimate=none.interval.value, low=none.interval.low, high=none.interval.high, truth=0.0, said=int(none.p <= 0.05)
    )
    seen = (1 if some.interval.value > 0 else -1) if some.p <= 0.05 else 0
    held = Draw(estimate=some.interval.value, low=some.interval.low, high=some.interval.high, truth=2.0, said=seen)
    return {"phase_in.none": [alarm], "phase_in.effect": [held]}


def _reasons(seed: int) -> dict[str, list[Draw]]:
    from groundswell.measures import _cascades as cascades

    rng = np.random.default_rng([5, seed])
    levels = []
    for _ in range(12):
        many = int(rng.integers(2, 6))
        levels.append({at: float(rng.binomial(many, 0.7**at)) / many for at in (1, 2, 3)})
    got = cascades.kept(levels, [{at: {at: 1.0} for at in c} for c in levels], 1.0, 0.0)
    return {"reasons.kept": [Draw(estimate=got.value, low=got.low, high=got.high, truth=0.7)]}


def _question(
    name: str, code: str, words: str, unit: str, *promises: Promise, expected: int = 0, decides: bool = True
) -> Question:
    return Question(name=name, code=code, words=words, unit=unit, expected=expected, decides=decides, promises=promises)


def _survival(name: str, planted: str, seed: int, promises: Sequence[Promise], *, expected: int = 0, **law: float) -> Trial:
    words = "grassroots minus mandated, mean days of life within 180, as a reader is told"
    permuted = "the permutation within teams alone, p at most .05"
    by_test = tuple(p for p in promises if p.kind is Kind.ALARMS)
    return Trial(
        name=name, path=Path.LAW, planted=planted, seed=seed, fast=100, full=1000, run=_compared(**law),
        questions=(
            _question("survival.difference", "M3", words, "days", *promises, expected=expected),
            *((_question("survival.permutation", "M3", permuted, "share", *by_test),) if by_test else ()),
        ),
    )  # fmt: skip


ALARMS_08 = Promise(kind=Kind.ALARMS, most=0.08, source="M3 ii, iii")
COVERS_93 = Promise(kind=Kind.COVERAGE, least=0.93, source="ours")

TRIALS: tuple[Trial, ...] = (
    _survival(
        "lives_alike", "160 practices in 20 teams, no effect of origin, frailty of teams .3", 1000,
        (Promise(kind=Kind.BIAS, most=5, source="M3 i"), ALARMS_08, COVERS_93),
    ),
    _survival("lives_seen_late", "grassroots first seen 25 days late on average, no effect", 2000,
              (ALARMS_08, Promise(kind=Kind.BIAS, most=5, source="M3 i")), late=25.0),
    _survival("six_alike_teams", "six teams, frailty .7, no effect", 3000, (ALARMS_08,), teams=6, frailty=0.7),
    _survival("twice_the_hazard", "mandated practices end at twice the hazard, 160 practices", 4000,
              (Promise(kind=Kind.POWER, least=0.85, source="M3 v"), Promise(kind=Kind.WRONG, most=0.05, source="ours")),
              expected=1, ratio=2.0, uneven=0.0),
    _survival("half_the_hazard", "mandated practices end at half the hazard, 160 practices", 5000,
              (Promise(kind=Kind.POWER, least=0.85, source="M3 v, the other way"),
               Promise(kind=Kind.WRONG, most=0.05, source="ours")), expected=-1, ratio=0.5, uneven=0.0),
    Trial(
        name="weeks_that_hang_together", path=Path.LAW, planted="78 weeks without a change, autoregression of .5", seed=6000,
        fast=100, full=1000, run=_weeks_that_hang_together,
        questions=(_question("going_back.change", "M3", "a lasting change, p at most .05", "share",
                             Promise(kind=Kind.ALARMS, most=0.08, source="M3 vi")),),
    ),
    Trial(
        name="announcements_of_twelve_units", path=Path.LAW,
        planted="follow-through .2, .5 and .8, 12 units, 36 announcements, units differing by .5 on the logit scale",
        seed=7000, fast=150, full=1000, run=_share_of_announcements,
        questions=(_question("follow_through.follow_through", "M1", "share taken up", "share",
                             Promise(kind=Kind.COVERAGE, least=0.94, source="M1"), decides=False),),
    ),
    Trial(
        name="eight_kinds_of_work", path=Path.LAW, planted="8 kinds of work with 3 to 40 practices each, alike or apart",
        seed=8000, fast=60, full=600, run=_kinds,
        questions=(
            _question("kinds.in_use", "M7", "share in use after 90 days", "share",
                      Promise(kind=Kind.COVERAGE, least=0.92, source="M7"), decides=False),
            _question("kinds.error", "M7", "squared error minus that of the raw shares", "share",
                      Promise(kind=Kind.MEAN, most=0.0, source="M7"), decides=False),
        ),
    ),
    Trial(
        name="a_drawn_order", path=Path.LAW, planted="8 groups, 4 drawn to begin; no effect, or one of 2 standard deviations",
        seed=9000, fast=100, full=1000, run=_drawn_order,
        questions=(
            _question("phase_in.none", "M13", "effect where there is none", "standard deviations",
                      Promise(kind=Kind.ALARMS, most=0.05, source="M13"), Promise(kind=Kind.COVERAGE, least=0.95, source="M13")),
            _question("phase_in.effect", "M13", "effect of 2 standard deviations", "standard deviations",
                      Promise(kind=Kind.COVERAGE, least=0.95, source="M13"), expected=1),
        ),
    ),
    Trial(
        name="twelve_cascades", path=Path.LAW, planted="12 cascades of three levels, .7 of the reasons kept at each",
        seed=10000, fast=150, full=1000, run=_reasons,
        questions=(_question("reasons.kept", "M5", "share of reasons kept a level", "share",
                             Promise(kind=Kind.COVERAGE, least=0.92, source="M5"), decides=False),),
    ),
)  # fmt: skip
"""One trial a criterion that the specification states for an estimator alone."""
