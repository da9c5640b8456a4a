"""The results, the sentence and the picture of licences, from counts of seats by what is known of their use (M8)."""

from typing import Any

from groundswell.measures._floors import Quantity, floored_share, too_few
from groundswell.measures._rates import LEAST_PEOPLE, Interval
from groundswell.model.measure import Finding, Line, Picture, Point, ReleaseLike, Result, Shape
from groundswell.model.phrase import Phrase, say

STATES = ("active", "new", "idle", "possible")

ASSUMPTIONS = (
    say("A seat with telemetry on and no activity in 28 days is idle; one without telemetry may be."),
    say("Seats assigned within the last 28 days and not yet used are counted apart, neither used nor idle."),
    say("All assigned seats of the last snapshot are counted: this is not a sample."),
)

MORE = say("a seat list with more people")
Row = dict[str, Any]


def finding(release: ReleaseLike) -> Finding:
    """Everything said about licences."""
    if release.refused is not None or not len(release.tables["states"]):
        reason = release.refused or say("no seat list was found")
        unlock = release.unlock or say("a seat list of a tool, with prices")
        share = _quantity(release, "active_share", SHARE, "share", 0).withheld(reason, unlock)
        return Finding(measure="seats", sentence=_cannot(reason), results=(share,))
    rows = release.tables["states"].to_pylist()
    whole = tally(rows)
    counts = counted(whole)
    share = active_share(release, whole, "organisation")
    cost = costs(release, rows)
    per_tool = tuple(active_share(release, tally([r for r in rows if r["tool"] == tool]), tool) for tool in _tools(rows))
    numbers = tuple(
        _number(release, key, label, counts[key]) for key, label in LABELS.items() if key != "habitual" or _logged(release)
    )
    return Finding(
        measure="seats",
        sentence=sentence(whole, counts, share, cost),
        results=(share, *cost, *numbers, *(per_tool if len(per_tool) > 1 else ())),
        pictures=_picture(counts),
        known=say(
            "Idle for certain means that activity is measured and there was none; where telemetry is off a seat only may be idle."
        ),
    )


SHARE = say("Share of assigned seats used in the 28 days before the snapshot")
LABELS = {
    "assigned": say("Seats assigned"),
    "ever": say("Seats ever seen in use"),
    "active": say("Seats used in the last 28 days"),
    "habitual": say("Seats used in at least 3 of the last 4 weeks"),
    "new": say("Seats assigned in the last 28 days and not yet used"),
    "idle": say("Seats idle for certain"),
    "possible": say("Seats possibly idle: their use is not measured"),
    "elsewhere": say("Idle seats whose holder left a mark of another tool"),
}


def tally(rows: list[Row]) -> dict[str, int]:
    """Seats by state and by what else is known of them."""
    found = {state: sum(r["seats"] for r in rows if r["state"] == state) for state in STATES}
    found["assigned"] = sum(found[s] for s in STATES)
    found["ever"] = sum(r["ever"] for r in rows)
    found["habitual"] = sum(r["habitual"] for r in rows)
    found["elsewhere"] = sum(r["other"] for r in rows if r["state"] in ("idle", "possible"))
    return found


def counted(whole: dict[str, int]) -> dict[str, int | None]:
    """Which of these numbers may be printed.

    None stands for a number of 1 to 9. When just one state is so small, the next smallest goes too: else subtraction from
    the seats assigned would give it back. 0 is printed, since nobody stands behind it.
    """
    small = {s for s in STATES if 0 < whole[s] < LEAST_PEOPLE}
    if len(small) == 1:
        others = sorted((whole[s], s) for s in STATES if s not in small and whole[s] > 0)
        small |= {others[0][1]} if others else set()
    shown: dict[str, int | None] = {s: None if s in small else whole[s] for s in STATES}
    for name in ("assigned", "ever", "habitual", "elsewhere"):
        shown[name] = None if 0 < whole[name] < LEAST_PEOPLE else whole[name]
    # Ever used, habitual and elsewhere differ from a state by a few people at times: such a gap is a count too.
    for name in ("ever", "habitual", "elsewhere"):
        gaps = [abs(whole[name] - whole[other]) for other in ("active", "assigned", "idle") if other in shown]
        if any(0 < gap < LEAST_PEOPLE for gap in gaps):
            shown[name] = None
    return shown


def active_share(release: ReleaseLike, whole: dict[str, int], group: str) -> Result:
    """Used seats of all but the new ones; the interval reaches from no unmeasured seat in use to all of them."""
    base = whole["assigned"] - whole["new"]
    quantity = _quantity(release, "active_share", SHARE, "share", base, group)
    if base < LEAST_PEOPLE or 0 < whole["possible"] < LEAST_PEOPLE:
        return quantity.withheld(too_few(), MORE)
    low, high = whole["active"] / base, (whole["active"] + whole["possible"]) / base
    measured = base - whole["possible"]
    if measured < LEAST_PEOPLE:
        return quantity.withheld(say("the use of these seats is not measured"), say("telemetry, or a usage log of the tool"))
    # Where seats are not measured the share among the measured ones stands for all; the bounds do not assume it.
    return floored_share(quantity, 0, base, Interval(whole["active"] / measured, low, high))


def costs(release: ReleaseLike, rows: list[Row]) -> tuple[Result, ...]:
    """Monthly price of idle seats in each currency: at least the certain ones, at most the possible ones too."""
    found = []
    for currency in sorted({r["currency"] for r in rows if r["priced"] > 0}) or [""]:
        own = [r for r in rows if r["currency"] == currency]
        seats = {s: sum(r["priced"] for r in own if r["state"] == s) for s in ("idle", "possible")}
        label = say("Price of idle seats a month, {currency}", currency=currency or say("currency unknown"))
        quantity = _quantity(release, "idle_cost", label, "currency", sum(seats.values()))
        if not any(r["priced"] for r in own):
            found.append(quantity.withheld(say("the price of a seat is not known"), say("a seat list with prices")))
        elif any(0 < n < LEAST_PEOPLE for n in seats.values()):
            found.append(quantity.withheld(too_few(), MORE))
        else:
            sure = float(sum(r["price"] for r in own if r["state"] == "idle"))
            perhaps = float(sum(r["price"] for r in own if r["state"] == "possible"))
            unpriced = sum(r["seats"] - r["priced"] for r in own if r["state"] in ("idle", "possible"))
            reason = say("some idle seats have no price, so that it is at least this") if unpriced else None
            unlock = None if reason is None else say("prices of all seats")
            found.append(quantity.value(Interval(sure, sure, sure + perhaps), reason=reason, unlock=unlock))
    return tuple(found)


def sentence(whole: dict[str, int], counts: dict[str, int | None], share: Result, cost: tuple[Result, ...]) -> Phrase:
    """What a reader sees first, in the same words for many idle seats and for none."""
    if share.estimate is None:
        first: Phrase = say(
            "Of {n:count} assigned seats, the share used in 28 days: {reason}.", n=whole["assigned"], reason=share.reason or MORE
        )
    elif (share.low, share.high) == (share.estimate, share.estimate):
        first = say(
            "Of {n:count} assigned seats, {share:percent} were used in the last 28 days.",
            n=whole["assigned"],
            share=share.estimate,
        )
    else:
        first = say(
            "Of {n:count} assigned seats, between {low:percent} and {high:percent} were used in the last 28 days:"
            " not all are measured.",
            n=whole["assigned"],
            low=share.low or 0.0,
            high=share.high or 0.0,
        )
    priced = [c for c in cost if c.estimate is not None]
    if not priced or not _currency(priced[0]):
        return first
    money = [
        say(
            "Idle seats cost between {low:count} and {high:count} {currency} a month.",
            low=round(c.low or 0.0),
            high=round(c.high or 0.0),
            currency=_currency(c),
        )
        for c in priced
    ]
    return say("{first} {second}", first=first, second=money[0])


def _currency(cost: Result) -> str:
    value = cost.label.values["currency"]
    return value if isinstance(value, str) else ""


def _number(release: ReleaseLike, key: str, label: Phrase, n: int | None) -> Result:
    quantity = _quantity(release, f"seats_{key}", label, "people", n or 0)
    if n is None:
        return quantity.withheld(
            say("it is about fewer than {least:count} people, or one step from such a number", least=LEAST_PEOPLE), MORE
        )
    return quantity.value(Interval(float(n), float(n), float(n)))


def _picture(counts: dict[str, int | None]) -> tuple[Picture, ...]:
    order = ("assigned", "ever", "active", "habitual", "new", "possible", "idle")
    lines = tuple(
        Line(name=LABELS[key], points=(Point(x=0.0, value=float(n)),)) for key in order if (n := counts[key]) is not None
    )
    if not lines:
        return ()
    return (
        Picture(
            key="seats_states",
            shape=Shape.BARS,
            title=say("Seats by what is known of their use"),
            x_label=say("seats"),
            y_label=say("state"),
            lines=lines,
            alt=say("Bars: seats assigned, ever used, used in the last 28 days, possibly idle and idle for certain."),
            y_unit="count",
        ),
    )


def _tools(rows: list[Row]) -> list[str]:
    return sorted({r["tool"] for r in rows})


def _logged(release: ReleaseLike) -> bool:
    return bool(release.tables["span"].to_pylist()[0]["logged_tools"])


def _quantity(release: ReleaseLike, key: str, label: Phrase, unit: str, people: int, group: str = "organisation") -> Quantity:
    return Quantity(
        measure="seats",
        key=key,
        label=label,
        unit=unit,
        group=group,
        start=release.start,
        end=release.end,
        n_people=people,
        n_units=people,
        assumptions=ASSUMPTIONS,
    )


def _cannot(reason: Phrase) -> Phrase:
    return say("Which licences are used cannot be said: {reason}.", reason=reason)
