"""What the staying power of practices looks like on a page: results, the sentence in either direction, and pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from groundswell.measures import _survival_misread as misread
from groundswell.measures import _survival_quantities as quantities
from groundswell.measures._floors import Quantity
from groundswell.measures._practice_counts import LEAST_PRACTICES, caution, two_figures
from groundswell.measures._survival_adjusted import Adjusted, adjusted, told
from groundswell.measures._survival_compare import ALPHA, HORIZON, SHORTER, Difference, compare, readable, why_not
from groundswell.measures._survival_curves import (
    LEAST_AT_RISK,
    Lives,
    Whole,
    cumulative_incidence,
    kaplan_meier,
    last_readable_day,
    log_log,
)
from groundswell.measures._survival_misread import Mask
from groundswell.model.measure import Finding, ReleaseLike, Result, Verdict
from groundswell.model.phrase import Phrase, say

FATES = ("alive", "abandoned", "replaced", "absorbed")
"""Codes 0 to 3 of the estimators."""


@dataclass(frozen=True)
class Every:
    """All watched practices, one element each, and what is known of their origins.

    Attributes:
        lives: for the estimators.
        origin: of each.
        known: practices by origin, all six origins.
        fragile: how many have an origin that hangs on the look-back.
        reads: messages each rests on alone; 0 for those that something else shows.
    """

    lives: Lives
    origin: "np.ndarray[Any, Any]"
    known: dict[str, int]
    fragile: int
    reads: Whole

    def of(self, origin: str) -> Lives:
        """The practices of one origin."""
        return self.lives.where(self.origin == origin)


@dataclass(frozen=True)
class Comparison:
    """One origin against grassroots: its result, the difference behind it if it may be told, and the two held equal."""

    result: Result
    difference: Difference | None
    origin: str
    horizon: int
    equal: Adjusted


def started(origin: str) -> Phrase:
    """How practices of an origin began, to follow the word "practices"."""
    names = {
        "grassroots": say("that began with someone trying it"),
        "mandated": say("that began with a demand"),
        "provisioned": say("that began with a seat, a training or a vendor"),
        "interleaved": say("that began after a general call to use AI"),
    }
    return names[origin]


def lives_of(release: ReleaseLike) -> Every:
    """Read the released counts back into one element a practice; practices of a cell are alike."""
    rows = release.tables["lives"].to_pydict()
    times = np.array(rows["practices"], dtype=int)
    codes = {fate: i for i, fate in enumerate(FATES)}
    lives = Lives(
        entry=np.repeat(np.array(rows["entry_days"], dtype=float), times),
        exit=np.repeat(np.array(rows["exit_days"], dtype=float), times),
        fate=np.repeat(np.array([codes[f] for f in rows["fate"]], dtype=np.int64), times),
        stratum=np.repeat(np.array(rows["team"], dtype=np.int64), times),
    )
    origins = release.tables["origins"].to_pydict()
    known = dict(zip(origins["origin"], origins["practices"], strict=True))
    fragile = int(sum(f for o, f in zip(origins["origin"], origins["fragile"], strict=True) if o != "unknown"))
    # A release kept from before this was counted has no such column: then nothing is known to be in doubt.
    reads = np.repeat(np.array(rows.get("reads", [0] * len(times)), dtype=np.int64), times)
    return Every(lives, np.repeat(np.array(rows["origin"], dtype=object), times), known, fragile, reads)


def basis_of(release: ReleaseLike) -> str:
    """What a practice is in this release: 'work', 'tool' or 'file' (`_practice_counts.LIVED`)."""
    rows = release.tables["basis"].to_pylist() if "basis" in release.tables else []
    return str(rows[0]["basis"]) if rows else "work"


def known(release: ReleaseLike) -> Phrase:
    """How we know it, and what is meant by a practice where it is not a tool for a job."""
    told = {
        "work": say(
            "Life counts from the first trace; a practice that never left one is not counted, and one that goes on without "
            "leaving traces looks ended. We know the end from the last trace and from how long each was used to be silent."
        ),
        "tool": say(
            "Too few traces name the work, so that a practice is here a tool in use in a team, for whatever work: it outlives "
            "the single uses. We know its end from its last trace and from how long it was used to be silent."
        ),
        "file": say("A practice is here a shared file; it ends when it is deleted, used or not, and moving it is no end."),
    }
    return told[basis_of(release)]


def refused(release: ReleaseLike) -> Finding:
    """Everything withheld, with the release's own reason."""
    reason = release.refused or say("nothing was released")
    unlock = release.unlock or say("more exports, or a longer time")
    listed = [quantities.share_alive(release, day, release.units) for day in (90, HORIZON)]
    listed += [quantities.mean_life(release, release.units), quantities.difference(release, "mandated", release.units)]
    return Finding(
        measure=release.measure,
        sentence=say("How long practices live cannot be told yet: {why}.", why=reason),
        results=tuple(q.withheld(reason, unlock) for q in listed),
    )


def alive(release: ReleaseLike, lives: Lives, masks: Sequence[Mask], day: int, doubt: tuple[Phrase, Phrase] | None) -> Result:
    """Share of practices alive after a number of days, over the completed data sets `masks` picks."""
    quantity = quantities.share_alive(release, day, len(lives))
    stop = _unread(lives, day)
    if stop is not None:
        return quantity.withheld(*stop)
    return quantity.value(two_figures(misread.alive(lives, masks, day)), **_doubt(doubt))


def mean_life(release: ReleaseLike, lives: Lives, masks: Sequence[Mask], doubt: tuple[Phrase, Phrase] | None) -> Result:
    """Mean life within the first 180 days."""
    quantity = quantities.mean_life(release, len(lives))
    stop = _unread(lives, HORIZON)
    if stop is not None:
        return quantity.withheld(*stop)
    return quantity.value(two_figures(misread.mean(lives, masks, HORIZON)), **_doubt(doubt))


def fates(release: ReleaseLike, lives: Lives, masks: Sequence[Mask], doubt: tuple[Phrase, Phrase] | None) -> tuple[Result, ...]:
    """Share abandoned, replaced and absorbed by 180 days."""
    labels = (
        ("abandoned_180", say("practices given up within 180 days")),
        ("replaced_180", say("practices replaced by another tool within 180 days")),
        ("absorbed_180", say("practices built into something larger within 180 days")),
    )
    stop = _unread(lives, HORIZON)
    found = []
    for fate, (key, label) in enumerate(labels, 1):
        quantity = Quantity(
            measure=release.measure, key=key, label=label, unit="share", start=release.start, end=release.end,
            n_people=release.people, n_units=len(lives), assumptions=quantities.SILENT,
        )  # fmt: skip
        if stop is not None:
            found.append(quantity.withheld(*stop))
            continue
        value, variance = cumulative_incidence(lives, fate, np.array([float(HORIZON)]))
        whole = log_log(float(value[0]), float(variance[0]), len(lives))
        found.append(quantity.value(two_figures(misread.ended(lives, masks, fate, HORIZON, whole)), **_doubt(doubt)))
    return tuple(found)


def files(release: ReleaseLike) -> tuple[Result, ...]:
    """Share of shared files still there after 180 days, where practices are not files already; nothing without any file."""
    rows = release.tables["files"].to_pydict() if "files" in release.tables else {"practices": []}
    if not rows["practices"] or basis_of(release) == "file":
        return ()
    times = np.array(rows["practices"], dtype=int)
    lives = Lives(
        entry=np.repeat(np.array(rows["entry_days"], dtype=float), times),
        exit=np.repeat(np.array(rows["exit_days"], dtype=float), times),
        fate=np.repeat(np.array([FATES.index(f) for f in rows["fate"]], dtype=np.int64), times),
        stratum=np.zeros(int(times.sum()), dtype=np.int64),
    )
    quantity = Quantity(
        measure=release.measure, key="files_180", label=say("shared files still there after 180 days"), unit="share",
        start=release.start, end=release.end, n_people=release.people, n_units=len(lives),
        assumptions=(say("A shared file ends when it is deleted, used or not."),),
    )  # fmt: skip
    stop = _unread(lives, HORIZON)
    if stop is not None:
        return (quantity.withheld(*stop),)
    few = (say("there are fewer than {firm:count} files", firm=120), say("more repositories")) if len(lives) < 120 else None
    return (quantity.value(two_figures(kaplan_meier(lives).interval(HORIZON)), **_doubt(few)),)


def also_compared(every: Every) -> tuple[str, ...]:
    """Other origins worth a comparison with grassroots: those with enough practices to be one."""
    return tuple(o for o in ("interleaved", "provisioned") if len(every.of(o)) >= 12)


def comparisons(
    release: ReleaseLike, every: Every, origin: str, *, seed: int, equal: Adjusted, masks: Sequence[Mask]
) -> tuple[Comparison, ...]:
    """Grassroots against another origin to 180 days; where an arm cannot be read that far, to 90 days as well.

    Args:
        release: what was let out.
        every: all watched practices.
        origin: the other.
        seed: of the permutations.
        equal: the two with all else held equal.
        masks: which practices are real, in each completed data set.
    """
    arms = (every.of("grassroots"), every.of(origin))
    sets = _completed(every, origin, masks)
    first = _comparison(release, every, arms, (origin, HORIZON), (seed, equal, sets))
    if first.difference is None and len(arms[0]) and len(arms[1]) and not readable(arms, HORIZON) and readable(arms, SHORTER):
        return first, _comparison(release, every, arms, (origin, SHORTER), (seed, equal, sets))
    return (first,)


def _completed(every: Every, origin: str, masks: Sequence[Mask]) -> list[tuple[Lives, Lives]]:
    """The two arms of each completed data set; none where there is but one, and where one leaves an arm empty."""
    own, other = every.origin == "grassroots", every.origin == origin
    if len(masks) < 2 or any(not (mask & own).any() or not (mask & other).any() for mask in masks):
        return []
    return [(every.lives.where(mask & own), every.lives.where(mask & other)) for mask in masks]


def held_equal(release: ReleaseLike, every: Every, origin: str) -> tuple[Adjusted, Result]:
    """Grassroots against another origin with all else held equal."""
    arms = (every.of("grassroots"), every.of(origin))
    stop = _may_not(every, arms, origin, 0)
    found = Adjusted(None, None, 0, 0)
    if stop is None and "held" in release.tables:
        found = adjusted(release.tables["held"].to_pydict(), "grassroots", origin)
    return found, told(release, found, origin, len(arms[0]) + len(arms[1]), stop)


def _may_not(every: Every, arms: tuple[Lives, Lives], origin: str, horizon: int) -> tuple[Phrase, Phrase] | None:
    """Why grassroots and another origin may not be compared, and what would change that."""
    if every.known["no_mandate_seen"] > 0 and len(arms[0]) == 0:
        return say("these sources do not show what leaders asked for"), say(
            "a chat export with the channels leaders write in, and an org chart"
        )
    unsure = (every.known["unknown"] + every.fragile) / max(sum(every.known.values()), 1)
    return why_not(arms, (started("grassroots"), started(origin)), unsure, horizon)


def _comparison(
    release: ReleaseLike,
    every: Every,
    arms: tuple[Lives, Lives],
    what: tuple[str, int],
    how: tuple[int, Adjusted, list[tuple[Lives, Lives]]],
) -> Comparison:
    """Restricted mean life of grassroots practices minus that of another origin, or why it is withheld."""
    (origin, horizon), (seed, equal, sets) = what, how
    together = len(arms[0]) + len(arms[1])
    quantity = quantities.difference(release, origin, together, horizon)
    stop = _may_not(every, arms, origin, horizon)
    if stop is not None:
        return Comparison(quantity.withheld(*stop), None, origin, horizon, equal)
    found = compare(arms, seed=seed, horizon=horizon, completed=sets)
    doubt = caution(together, release.tables["read"].to_pylist()[0])
    apart = not found.days.low <= 0 <= found.days.high
    if doubt is None and apart and found.p > ALPHA:
        doubt = (say("the difference does not show within teams"), say("more practices of both kinds in the same teams"))
    if doubt is None and found.shown and equal.ratio is not None and equal.shown != np.sign(found.days.value):
        doubt = (
            say("it does not show once team, tool, kind of work and time of start are held equal"),
            say("more practices of both kinds with the same tool and work"),
        )
    return Comparison(quantity.value(two_figures(found.days), **_doubt(doubt)), found, origin, horizon, equal)


def sentence(shares: list[Result], found: Comparison, basis: str) -> Phrase:
    """The first sentence, in the same words whichever way the difference goes."""
    return say("{alive} {origin}", alive=_alive_sentence(shares, basis), origin=_origin_sentence(found))


def _alive_sentence(shares: list[Result], basis: str) -> Phrase:
    told = [s for s in shares if s.verdict is not Verdict.WITHHELD]
    if not told:
        return say("How many practices are still alive after some months cannot be told yet.")
    last = told[-1]
    days = HORIZON if last.key == f"alive_{HORIZON}" else 90
    read: dict[str, Phrase | float] = {
        "share": last.estimate or 0.0, "days": days, "low": last.low or 0.0, "high": last.high or 0.0
    }  # fmt: skip
    if basis == "tool":
        return say(
            "{share:percent} of tools in use in a team were still in use there after {days:days} "
            "({low:percent} to {high:percent}).",
            **read,
        )
    if basis == "file":
        return say(
            "{share:percent} of shared files were still there {days:days} after they were made "
            "({low:percent} to {high:percent}).",
            **read,
        )
    return say(
        "{share:percent} of practices were still alive {days:days} after their first use ({low:percent} to {high:percent}).",
        **read,
    )


def _origin_sentence(found: Comparison) -> Phrase:
    if found.difference is None:
        return say("Whether it depends on how they started cannot be told: {why}.", why=found.result.reason or say("unknown"))
    days = two_figures(found.difference.days)
    if not found.difference.shown:
        return say(
            "Between those that began with someone trying it and those that began with a demand no difference shows: "
            "{low:number} to {high:number} days, and one of less than {least:days} would not be seen.",
            low=days.low,
            high=days.high,
            least=round(found.difference.detectable),
        )
    longer = found.difference.days.value > 0
    first, second = ("grassroots", "mandated") if longer else ("mandated", "grassroots")
    low, high = (days.low, days.high) if longer else (-days.high, -days.low)
    return say(
        "Those {first} lived {days:days} longer within their first {horizon:days} than those {second} "
        "({low:number} to {high:number}). {equal}",
        equal=_equal_words(found),
        first=started(first),
        second=started(second),
        days=round(abs(days.value)),
        horizon=found.horizon,
        low=low,
        high=high,
    )


def _equal_words(found: Comparison) -> Phrase:
    """What is left of a difference that shows once all else is held equal."""
    difference, equal = found.difference, found.equal
    if difference is None or equal.ratio is None:
        return say("Whether it stays with tool and kind of work held equal cannot be told.")
    if equal.shown == np.sign(difference.days.value):
        return say("It stays with team, tool, kind of work and time of start held equal.")
    return say("It does not show once team, tool, kind of work and time of start are held equal.")


def _unread(lives: Lives, day: int) -> tuple[Phrase, Phrase] | None:
    if len(lives) < LEAST_PRACTICES:
        return say("it rests on {n:count} practice | it rests on {n:count} practices", n=len(lives)), say(
            "more exports, or a longer time"
        )
    if last_readable_day(lives) >= day:
        return None
    return (
        say("fewer than {least:count} practices were watched for {days:days}", least=LEAST_AT_RISK, days=day),
        say("a longer time"),
    )


def _doubt(doubt: tuple[Phrase, Phrase] | None) -> dict[str, Phrase]:
    return {} if doubt is None else {"reason": doubt[0], "unlock": doubt[1]}
