"""How sure is a result, in words that match its interval?"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from groundswell.model.measure import Finding, Result, Verdict
from groundswell.model.phrase import Phrase, say
from groundswell.report.amounts import amount, counted, in_points, short

# Half-widths of a share's interval, and ratios of ends or relative half-widths of other quantities, up to which we call a result
# well known, or fairly well known. Chosen so that "well known" would not change what a reader does.
_SHARE = (0.06, 0.15)
_FACTOR = (1.35, 2.0)
_RELATIVE = (0.15, 0.5)


class Grade(StrEnum):
    """How tightly an interval holds a quantity."""

    WELL = "well"
    FAIRLY = "fairly"
    ROUGHLY = "roughly"
    EITHER = "either"
    COUNTED = "counted"
    INDICATIVE = "indicative"
    WITHHELD = "withheld"


_WORDS = {
    Grade.WELL: say("Well known"),
    Grade.FAIRLY: say("Fairly well known"),
    Grade.ROUGHLY: say("Only roughly known"),
    Grade.EITHER: say("No clear difference"),
    Grade.COUNTED: say("Counted, not estimated"),
    Grade.INDICATIVE: say("Indicative only"),
    Grade.WITHHELD: say("Withheld"),
}
_BOUNDS = {
    Grade.WELL: say("A lower bound, itself well known"),
    Grade.FAIRLY: say("A lower bound, itself fairly well known"),
    Grade.ROUGHLY: say("A lower bound, itself only roughly known"),
}


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One result, ready to be said.

    Attributes:
        labels: what the quantity is; several where the same reason withholds several quantities.
        value: the estimate, or the word for withheld.
        interval: from where to where; None when withheld or counted exactly.
        basis: how many units and people it rests on; None when withheld.
        sure: how sure, in words.
        why: the rest of the sentence that begins with the value: reason and what would unlock it; None when published.
        grade: for the style sheet.
        least: what would not be seen, where no difference shows; else None.
    """

    labels: tuple[Phrase, ...]
    value: Phrase
    interval: Phrase | None
    basis: Phrase | None
    sure: Phrase
    why: Phrase | None
    grade: Grade
    least: Phrase | None = None

    @property
    def size(self) -> int:
        """How many quantities it is about."""
        return len(self.labels)


def grade(result: Result) -> Grade:
    """How tightly the interval holds the quantity; EITHER when it includes "no difference"."""
    if result.verdict is Verdict.WITHHELD or result.estimate is None or result.low is None or result.high is None:
        return Grade.WITHHELD
    if result.verdict is Verdict.INDICATIVE:
        return Grade.INDICATIVE
    if result.low == result.high:
        return Grade.COUNTED
    if (result.unit == "ratio" and result.low <= 1 <= result.high) or (is_difference(result) and result.low <= 0 <= result.high):
        return Grade.EITHER
    width, (well, fairly) = _width(result.unit, result.estimate, result.low, result.high)
    return Grade.WELL if width <= well else Grade.FAIRLY if width <= fairly else Grade.ROUGHLY


def is_difference(result: Result) -> bool:
    """Whether the quantity is a difference, which needs its sign: named so, or reaching below zero."""
    named = any(word in result.key for word in ("difference", "change", "contrast", "excess"))
    return named or (result.low is not None and result.low < 0)


def statements(results: Sequence[Result], unit: str, *, told: Sequence[Phrase] = ()) -> tuple[Statement, ...]:
    """Every result in words, in order; a reason that several share is said once, where the first of them stands.

    Args:
        results: of one finding.
        unit: the measure's word for one of the units they rest on.
        told: reasons that the sentence above them gives already; what is withheld for one of them is not told why again.
    """
    said: list[Statement] = []
    before: Phrase | None = None
    for result in labelled(results):
        new = statement(result, unit)
        if new.grade is Grade.WITHHELD and result.reason is not None and result.reason in told:
            new = replace(new, why=_as_above(result))
        same = [n for n, old in enumerate(said) if new.grade is old.grade is Grade.WITHHELD and new.why == old.why]
        if same:
            said[same[0]] = replace(said[same[0]], labels=(*said[same[0]].labels, *new.labels))
            continue
        again = new.grade is Grade.INDICATIVE and new.why == before
        before = new.why
        said.append(replace(new, why=say("; only indicative, for the same reason.")) if again else new)
    return tuple(said)


def labelled(results: Sequence[Result]) -> tuple[Result, ...]:
    """The results, those that share a label told apart by their group: a tool, a unit."""
    times = Counter((result.label.text, repr(result.label.values)) for result in results)

    def named(result: Result) -> Result:
        if times[result.label.text, repr(result.label.values)] == 1 or result.group == "organisation":
            return result
        return replace(result, label=say("{label}, {tool}", label=result.label, tool=result.group))

    return tuple(named(result) for result in results)


def holds(phrase: Phrase, value: float) -> bool:
    """Whether a sentence says a value already."""
    return any(
        holds(held, value) if isinstance(held, Phrase) else isinstance(held, float) and held == value
        for held in phrase.values.values()
    )


def statement(result: Result, unit: str) -> Statement:
    """A result in words; `unit` is the measure's word for one of the units it rests on."""
    found = grade(result)
    if result.estimate is None or result.low is None or result.high is None:
        value, interval, basis = _WORDS[Grade.WITHHELD], None, None
    else:
        signed = is_difference(result)
        unit_of_it = "exact" if found is Grade.COUNTED and result.unit == "currency" else result.unit
        value = amount(result.estimate, unit_of_it, signed=signed)
        interval = _between(result, signed=signed) if result.low < result.high else None
        basis = None if found is Grade.COUNTED and result.unit == "people" else rests_on(result, unit)
    sure = (_BOUNDS if result.at_least else _WORDS).get(found, _WORDS[found])
    return Statement(
        labels=(result.label,), value=value, interval=interval, basis=basis, sure=sure, why=_why(result), grade=found,
        least=None if result.least is None else _unseen(result.least, result.unit),
    )  # fmt: skip


def rests_on(result: Result, unit: str) -> Phrase:
    """How many units and people a result rests on."""
    people = counted(result.n_people, "person")
    if unit in ("person", "people") or not result.n_units:
        return people
    return say("{units}, {people}", units=counted(result.n_units, unit), people=people)


def headline(finding: Finding) -> Result | None:
    """The result that says how sure a sentence is: the one whose value it says, else the first that is not withheld."""
    let_out = [result for result in finding.results if result.estimate is not None]
    told = [result for result in let_out if holds(finding.sentence, result.estimate or 0.0)]
    return next(iter((*told, *let_out, *finding.results)), None)


def because(reason: Phrase, unlock: Phrase | None) -> Phrase:
    """Why something is not said, and what would unlock it; takes clauses, and whole sentences just as well."""
    why = reason if _is_sentence(reason) else say("Because {reason}.", reason=reason)
    return why if unlock is None else say("{why} {unlock}", why=why, unlock=to_know(unlock))


def to_know(unlock: Phrase) -> Phrase:
    """What to add in order to know."""
    if _is_sentence(unlock):
        return say("To know: {unlock}", unlock=unlock)
    return say("To know: {unlock}.", unlock=unlock)


def _is_sentence(phrase: Phrase) -> bool:
    return phrase.text.endswith((".", "!", "?"))


def _why(result: Result) -> Phrase | None:
    """The rest of a sentence that begins with the value: ", because ..." or ". ..."."""
    if result.reason is None:
        return None
    if _is_sentence(result.reason):
        why = say(". {reason}", reason=result.reason)
    elif result.verdict is Verdict.INDICATIVE:
        why = say("; only indicative, because {reason}.", reason=result.reason)
    else:
        why = say(", because {reason}.", reason=result.reason)
    return why if result.unlock is None else say("{why} {unlock}", why=why, unlock=to_know(result.unlock))


def clauses(phrase: Phrase) -> tuple[Phrase, ...]:
    """Every phrase a sentence is put together from, itself left out."""
    held = [value for value in phrase.values.values() if isinstance(value, Phrase)]
    return tuple(held + [inner for value in held for inner in clauses(value)])


def _as_above(result: Result) -> Phrase:
    why = say(", for the reason given above.")
    return why if result.unlock is None else say("{why} {unlock}", why=why, unlock=to_know(result.unlock))


def _between(result: Result, *, signed: bool) -> Phrase:
    """From where to where; the unit is named once, at the end."""
    ends = [result.low or 0.0, result.high or 0.0]
    if result.unit == "ratio":
        low, high = (short(end, "ratio") for end in ends)
    elif result.unit == "share" and signed:
        low, high = say("{value:signed}", value=in_points(ends[0])), amount(ends[1], "share", signed=True)
    else:
        low = (
            say("{value:signed}", value=round(ends[0]))
            if signed and result.unit == "days"
            else short(ends[0], _bare(result.unit))
        )
        high = amount(ends[1], result.unit, signed=signed)
    return say("between {low} and {high}", low=low, high=high)


def _unseen(least: float, unit: str) -> Phrase:
    """What is too small to be told from no difference four times in five."""
    if unit == "ratio":
        return say("A factor between {low:ratio} and {high:ratio} would not be seen.", low=1 / least, high=least)
    size = say("{value:number} percentage points", value=in_points(least)) if unit == "share" else amount(least, unit)
    return say("A difference of less than {size} would not be seen.", size=size)


def _bare(unit: str) -> str:
    return unit if unit in ("share", "currency", "number") else "count"


def _width(unit: str, estimate: float, low: float, high: float) -> tuple[float, tuple[float, float]]:
    if unit == "share":
        return (high - low) / 2, _SHARE
    if unit == "ratio":
        return (high / low if low > 0 else float("inf")), _FACTOR
    return ((high - low) / 2 / abs(estimate) if estimate else float("inf")), _RELATIVE
