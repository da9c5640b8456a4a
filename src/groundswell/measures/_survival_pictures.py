"""The curves of staying power: survival with bands and numbers at risk, and what became of the practices that ended."""

import numpy as np

from groundswell.measures._rates import Interval
from groundswell.measures._survival_compare import HORIZON
from groundswell.measures._survival_curves import (
    Lives,
    cumulative_incidence,
    kaplan_meier,
    last_readable_day,
    log_log,
    number_at_risk,
)
from groundswell.model.measure import Line, Picture, Point, Shape
from groundswell.model.phrase import say

STEP_DAYS = 7
"""Days between drawn points."""


def pictures(every: Lives, arms: tuple[Lives, Lives] | None) -> tuple[Picture, ...]:
    """Survival with bands and numbers at risk, by origin where that may be told; cumulative incidence of the fates."""
    drawn = [(say("all practices"), every)]
    if arms is not None:
        drawn = [(say("began with someone trying it"), arms[0]), (say("began with a demand"), arms[1])]
    lines = tuple(Line(name=name, points=_survival_points(lives)) for name, lives in drawn)
    last = _last_drawn(every)
    names = (say("given up"), say("replaced by another tool"), say("built into something larger"))
    ends = tuple(Line(name=n, points=_incidence_points(every, k, last)) for k, n in enumerate(names, 1))
    return (
        Picture(
            key="survival",
            shape=Shape.SURVIVAL,
            title=say("Practices still alive, by days since their first use"),
            x_label=say("days since first use"),
            y_label=say("share still alive"),
            lines=lines,
            alt=say("Curves of the share of practices still alive, falling from all at first use, each with its band."),
            y_unit="share",
        ),
        Picture(
            key="fates",
            shape=Shape.SURVIVAL,
            title=say("What became of the practices that ended"),
            x_label=say("days since first use"),
            y_label=say("share ended in this way"),
            lines=ends,
            alt=say("Three rising curves: the share of practices given up, replaced, and built into something larger."),
            y_unit="share",
        ),
    )


def _last_drawn(lives: Lives) -> int:
    return int(min(last_readable_day(lives), HORIZON))


def _survival_points(lives: Lives) -> tuple[Point, ...]:
    curve = kaplan_meier(lives)
    days = np.arange(0, _last_drawn(lives) + 1, STEP_DAYS, dtype=float)
    at_risk = number_at_risk(lives, np.maximum(days, 1.0))
    points = []
    for day, n in zip(days.tolist(), at_risk.tolist(), strict=True):
        band = curve.interval(day) if day else Interval(1.0, 1.0, 1.0)
        points.append(Point(x=day, value=band.value, low=band.low, high=band.high, at_risk=int(n)))
    return tuple(points)


def _incidence_points(lives: Lives, fate: int, last: int) -> tuple[Point, ...]:
    days = np.arange(0, last + 1, STEP_DAYS, dtype=float)
    values, variances = cumulative_incidence(lives, fate, days)
    at_risk = number_at_risk(lives, np.maximum(days, 1.0))
    bands = [
        log_log(v, s, len(lives)) if v > 0 else Interval(0.0, 0.0, 0.0) for v, s in zip(values.tolist(), variances, strict=True)
    ]
    return tuple(
        Point(x=d, value=b.value, low=b.low, high=b.high, at_risk=int(n))
        for d, b, n in zip(days.tolist(), bands, at_risk.tolist(), strict=True)
    )
