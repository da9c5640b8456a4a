"""What each number on staying power is called, in which unit, and what must hold for it."""

from groundswell.measures._floors import Quantity
from groundswell.measures._survival_compare import HORIZON
from groundswell.model.measure import ReleaseLike
from groundswell.model.phrase import say

SILENT = (
    say("silence past a practice's own rhythm is its end"),
    say("practices that were watched for a shorter time would have lived like the others"),
)


def share_alive(release: ReleaseLike, day: int, units: int) -> Quantity:
    """The share of practices alive after so many days."""
    labels = {90: say("practices still alive after 90 days"), 180: say("practices still alive after 180 days")}
    return Quantity(
        measure=release.measure, key=f"alive_{day}", label=labels[day], unit="share", start=release.start, end=release.end,
        n_people=release.people, n_units=units, assumptions=SILENT,
    )  # fmt: skip


def mean_life(release: ReleaseLike, units: int) -> Quantity:
    """Mean days of life within the horizon."""
    return Quantity(
        measure=release.measure, key="mean_life", label=say("mean life of a practice within its first 180 days"), unit="days",
        start=release.start, end=release.end, n_people=release.people, n_units=units, assumptions=SILENT,
    )  # fmt: skip


def difference(release: ReleaseLike, origin: str, units: int, horizon: int = HORIZON) -> Quantity:
    """Mean days of life within the horizon: practices people tried by themselves, minus those of another origin."""
    labels = {
        "mandated": say("began with someone trying it, minus began with a demand"),
        "provisioned": say("began with someone trying it, minus began with a seat, a training or a vendor"),
        "interleaved": say("began with someone trying it, minus began after a general call to use AI"),
    }
    key = "_".join(["difference", *([] if origin == "mandated" else [origin]), *([] if horizon == HORIZON else [str(horizon)])])
    label = say("mean days of life within the first {horizon:days}: {arms}", horizon=horizon, arms=labels[origin])
    return Quantity(
        measure=release.measure, key=key, label=label, unit="days", start=release.start, end=release.end,
        n_people=release.people, n_units=units, neutral=0.0,
        assumptions=(
            say("practices of the two kinds of start would have lived alike in the same team, had they started alike"),
            say("protected by aggregation, not by differential privacy"),
        ),
    )  # fmt: skip


def held_equal(release: ReleaseLike, origin: str, units: int) -> Quantity:
    """How fast practices people tried by themselves end, against those of another origin, all else held equal."""
    labels = {
        "mandated": say("began with someone trying it, against began with a demand"),
        "provisioned": say("began with someone trying it, against began with a seat, a training or a vendor"),
        "interleaved": say("began with someone trying it, against began after a general call to use AI"),
    }
    return Quantity(
        measure=release.measure, key="_".join(["held_equal", *([] if origin == "mandated" else [origin])]),
        label=say("how fast they end, all else held equal (1 = the same, less than 1 = they last longer): {arms}",
                  arms=labels[origin]),
        unit="ratio", start=release.start, end=release.end, n_people=release.people, n_units=units, neutral=1.0,
        assumptions=(
            say("held equal: team, tool, kind of work, quarter of birth, and a demand that came later"),
            say("the ratio is the same at every age of a practice"),
            say("protected by aggregation, not by differential privacy"),
        ),
    )  # fmt: skip
