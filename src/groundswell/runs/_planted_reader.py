"""The acceptance of M0: a reader that errs at known rates, and an audit that must undo it."""

from typing import Any

import numpy as np
import numpy.typing as npt

from groundswell.runs._validity_draws import Draw, Kind, Promise
from groundswell.runs._validity_trials import Path, Question, Trial

Floats = npt.NDArray[np.float64]

MEANS = (150.0, 75.0)
"""Mean lives in days of the two origins of the misread trial."""

HORIZON = 180.0


def _read(rng: np.random.Generator, truth: Floats, sensitivity: Any, specificity: Any) -> Floats:
    seen: Floats = (rng.random(len(truth)) < np.where(truth > 0, sensitivity, 1 - specificity)).astype(float)
    return seen


def prevalence(seed: int) -> dict[str, list[Draw]]:
    """Messages of 12 groups, sensitivity .80, specificity .95, their logits varying by .5 between groups, 400 audited."""
    from groundswell.measures import _rectify as rectify

    rng = np.random.default_rng([11, seed])
    size = rng.integers(200, 1500, 12)
    group = np.repeat(np.arange(12), size)
    truth = (rng.random(len(group)) < rng.uniform(0.05, 0.3, 12)[group]).astype(float)
    rates = [1 / (1 + np.exp(-(np.log(r / (1 - r)) + rng.normal(0, 0.5, 12)))) for r in (0.80, 0.95)]
    seen = _read(rng, truth, rates[0][group], rates[1][group])
    audited = rng.choice(len(group), 400, replace=False)
    rest = np.setdiff1d(np.arange(len(truth)), audited)
    got, _ = rectify.ppi_mean(truth[audited], seen[audited], seen[rest])
    whole = Draw(estimate=got.value, low=got.low, high=got.high, truth=float(truth.mean()))
    means = [np.bincount(group, v) / size for v in (seen, truth)]
    drawn = rectify.group_draws(truth[audited], seen[audited], group[audited], means[0], size.astype(float), seed=seed)
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    columns = zip(drawn.mean(axis=0), low, high, means[1], strict=True)
    groups = [Draw(estimate=float(e), low=float(a), high=float(b), truth=float(t)) for e, a, b, t in columns]
    raw = float(seen.mean())
    return {"labels.organisation": [whole], "labels.group": groups, "labels.raw": [_bare(raw, float(truth.mean()))]}


def misread_origin(seed: int) -> dict[str, list[Draw]]:
    """Two origins, one in five misread, a quarter audited: the difference in restricted mean life, as it is and with a fault."""
    truth = sum(s * m * (1 - np.exp(-HORIZON / m)) for s, m in zip((1, -1), MEANS, strict=True))
    return {
        "labels.life": [_life(seed, float(truth), with_outcome=True)],
        "labels.life_without_outcome": [_life(seed, float(truth), with_outcome=False)],
    }


def _life(seed: int, truth: float, *, with_outcome: bool, n: int = 320) -> Draw:
    from scipy.stats import t

    from groundswell.measures import _impute as impute
    from groundswell.measures._labels import Gold

    rng = np.random.default_rng([12, seed])
    origin = (rng.random(n) < 0.5).astype(float)
    life = rng.exponential(np.where(origin > 0, *MEANS))
    window = rng.uniform(200, 400, n)
    time, ended = np.minimum(life, window), (life <= window).astype(float)
    score = np.where(_read(rng, origin, 0.8, 0.8) > 0, 0.8, 0.2)
    outcome = np.column_stack([ended, _cumulative_hazard(time, ended)]) if with_outcome else np.zeros((n, 0))
    audited = rng.random(n) < 0.25
    m, plain = int(audited.sum()), np.full(int(audited.sum()), "", dtype=object)
    gold = Gold(
        truth=origin[audited], claimed=np.ones(m, dtype=bool), score=score[audited], weight=np.ones(m), source=plain,
        week=np.full(m, np.nan), again=origin[audited],
    )  # fmt: skip
    claimed = impute.candidates(score, np.full(n, ""), outcome, np.where(audited, origin, np.nan))
    drawn = impute.calibrate(gold, claimed, seed=seed, gold_covariates=outcome[audited])
    parts = [[_restricted(time[arm], ended[arm]) for arm in (d, ~d)] for d in drawn]
    values, variances = (np.array(v) for v in zip(*((a[0] - b[0], a[1] + b[1]) for a, b in parts), strict=True))
    value, variance, freedom = impute.rubin(values, variances)
    reach = float(t.ppf(0.975, freedom)) * float(np.sqrt(variance))
    return Draw(estimate=value, low=value - reach, high=value + reach, truth=truth)


def _restricted(time: Floats, ended: Floats) -> tuple[float, float]:
    """Area under Kaplan and Meier's curve to the horizon, and its variance; written here to owe the measures nothing."""
    order = np.argsort(time)
    time, ended = time[order], ended[order]
    at_risk = np.arange(len(time), 0, -1)
    alive = np.cumprod(1 - ended / at_risk)
    inside = time < HORIZON
    edges, height = np.r_[0.0, time[inside], HORIZON], np.r_[1.0, alive[inside]]
    areas = np.diff(edges) * height
    right = np.cumsum(areas[::-1])[::-1][1:]
    hit = (ended[inside] > 0) & (at_risk[inside] > 1)
    n = at_risk[inside][hit]
    return float(areas.sum()), float(np.sum(right[hit] ** 2 / (n * (n - 1.0))))


def _cumulative_hazard(time: Floats, ended: Floats) -> Floats:
    order = np.argsort(time)
    steps = np.empty(len(time))
    steps[order] = np.cumsum(ended[order] / np.arange(len(time), 0, -1))
    return steps


def _bare(value: float, truth: float) -> Draw:
    return Draw(estimate=value, low=value, high=value, truth=truth)


def _question(name: str, words: str, unit: str, *promises: Promise) -> Question:
    return Question(name=name, code="M0", words=words, unit=unit, decides=False, promises=promises)


TRIALS: tuple[Trial, ...] = (
    Trial(
        name="a_reader_that_errs", path=Path.LAW, seed=11000, fast=60, full=600, run=prevalence,
        planted="sensitivity .80, specificity .95, varying by .5 on the logit scale between 12 groups, 400 audited",
        questions=(
            _question("labels.organisation", "how often it really occurs, organisation", "share",
                      Promise(kind=Kind.COVERAGE, least=0.93, source="M0"), Promise(kind=Kind.BIAS, most=0.01, source="M0")),
            _question("labels.group", "how often it really occurs, group", "share",
                      Promise(kind=Kind.COVERAGE, least=0.91, source="M0")),
            _question("labels.raw", "the same from raw labels, which must be wrong", "share",
                      Promise(kind=Kind.BIAS, least=0.005, source="ours")),
        ),
    ),
    Trial(
        name="origin_misread", path=Path.LAW, seed=12000, fast=40, full=400, run=misread_origin,
        planted="origin misread for one practice in five, a quarter audited, lives of 150 and 75 days",
        questions=(
            _question("labels.life", "difference in mean days of life within 180", "days",
                      Promise(kind=Kind.BIAS, most=3, source="M0"), Promise(kind=Kind.COVERAGE, least=0.92, source="M0")),
            _question("labels.life_without_outcome", "the same, outcome left out of the imputation: must be wrong", "days",
                      Promise(kind=Kind.BIAS, least=3, source="M0")),
        ),
    ),
)  # fmt: skip
"""Trials of what stands between the reader and every count."""
