"""Holds what the measures say against the eleven claims, by rules fixed before any trace is read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from groundswell.model.measure import Finding, Result, Verdict
from groundswell.model.phrase import Phrase, say
from groundswell.report.hypotheses import CLAIMS
from groundswell.report.page import HypothesisVerdict, Says

KEPT = 0.9
"""Share of reasons left at each level from which they count as having survived (H4): nine in ten."""


@dataclass(frozen=True)
class Rule:
    """How one number speaks to one claim.

    Attributes:
        measure, key: which result; the first that was let out decides.
        neutral: the value at which there is no difference.
        supports: +1 if a value above `neutral` supports the claim, -1 if one below does.
    """

    measure: str
    key: str
    neutral: float
    supports: int


RULES: dict[str, tuple[Rule, ...]] = {
    "H1": (Rule("follow_through", "demanded_difference", 0.0, -1), Rule("follow_through", "drift", 1.0, +1)),
    "H2": (),
    "H3": (Rule("origin", "grassroots", 0.5, +1),),
    "H4": (Rule("reasons", "pressure_change", 0.0, +1), Rule("reasons", "kept", KEPT, -1)),
    "H5": (Rule("survival", "difference", 0.0, +1),),
    "H6": (),
    "H7": (),
    "H8": (Rule("seats", "active_share", 0.5, -1),),
    "H9": (Rule("listening", "gap", 0.5, +1),),
    "H10": (Rule("phase_in", "life_effect", 0.0, +1), Rule("phase_in", "follow_through_effect", 0.0, +1)),
    "H11": (Rule("after_fashion", "persistence", 1.0, +1),),
}
"""Claim -> the numbers that speak to it, in the order they are asked (docs: hypotheses)."""

HOLDS, FAILS = frozenset({"support", "debugging", "automation"}), frozenset({"revops", "forecasting"})
"""Kinds of work in which H7 says AI holds, and in which it says it fails."""

WAYS: dict[str, tuple[str, str]] = {
    "informal": ("excess_informal", "ratio_informal"),
    "line": ("excess_formal", "ratio_formal"),
}
"""Way a tool may travel -> the two numbers of the measure `spread` that must agree before it is said to (M4)."""

NEEDS: dict[str, Phrase] = {
    "H6": say("only a programme brought in group by group, in a drawn order, could tell"),
    "H10": say("only a charter brought in group by group, in a drawn order, could tell"),
}


def verdicts(findings: Sequence[Finding]) -> tuple[HypothesisVerdict, ...]:
    """What these findings say to each claim, in the order of the claims.

    A claim is supported or refuted only where an interval that was let out, and not merely as indicative, lies wholly on one
    side of the value that means no difference.
    """
    results = {(r.measure, r.key): r for f in findings for r in f.results if r.group == "organisation"}
    kinds = {r.group: r for f in findings if f.measure == "kinds" for r in f.results if r.verdict is Verdict.PUBLISHED}
    own = {"H2": lambda: _by_ties("H2", results), "H7": lambda: _by_kind("H7", kinds)}
    return tuple(own[code]() if code in own else _verdict(code, results) for code in CLAIMS)


def _by_ties(code: str, results: dict[tuple[str, str], Result]) -> HypothesisVerdict:
    """Informal ties alone support it; the reporting line, alone or beside them, refutes it; neither shown leaves it open."""
    shown = {}
    for way, (excess, ratio) in WAYS.items():
        parts = [(results.get(("spread", key)), neutral) for key, neutral in ((excess, 0.0), (ratio, 1.0))]
        shown[way] = all(r is not None and r.verdict is Verdict.PUBLISHED and (r.low or 0.0) > neutral for r, neutral in parts)
    says = Says.REFUTES if shown["line"] else Says.SUPPORTS if shown["informal"] else Says.CANNOT_TELL
    told = results.get(("spread", WAYS["line" if shown["line"] else "informal"][int(says is not Says.CANNOT_TELL)]))
    if told is None:
        why = say("these traces do not show it")
    elif told.verdict is Verdict.WITHHELD:
        why = told.reason or say("these traces do not show it")
    else:
        why = _in_words(told)
    return HypothesisVerdict(code=code, claim=CLAIMS[code], says=says, why=why)


def _by_kind(code: str, kinds: dict[str, Result]) -> HypothesisVerdict:
    """Compare every kind of work in which AI is said to hold with every one in which it is said to fail."""
    pairs = [(kinds[a], kinds[b]) for a in sorted(HOLDS & kinds.keys()) for b in sorted(FAILS & kinds.keys())]
    higher = [1 for a, b in pairs if (a.low or 0.0) > (b.high or 1.0)]
    lower = [1 for a, b in pairs if (a.high or 1.0) < (b.low or 0.0)]
    says = Says.CANNOT_TELL
    why = say("no two of these kinds of work have intervals that lie apart")
    if not pairs:
        why = say("these kinds of work are not all seen often enough")
    elif higher and not lower:
        says, why = Says.SUPPORTS, say("intervals lie apart, in this direction")
    elif lower and not higher:
        says, why = Says.REFUTES, say("intervals lie apart, in the other direction")
    return HypothesisVerdict(code=code, claim=CLAIMS[code], says=says, why=why)


def _verdict(code: str, results: dict[tuple[str, str], Result]) -> HypothesisVerdict:
    for rule in RULES[code]:
        result = results.get((rule.measure, rule.key))
        if result is not None and result.verdict is not Verdict.WITHHELD:
            return _spoken(code, rule, result)
    for rule in RULES[code]:
        result = results.get((rule.measure, rule.key))
        if result is not None and result.reason is not None:
            return HypothesisVerdict(code=code, claim=CLAIMS[code], says=Says.CANNOT_TELL, why=result.reason)
    why = NEEDS.get(code, say("these traces do not show it"))
    return HypothesisVerdict(code=code, claim=CLAIMS[code], says=Says.CANNOT_TELL, why=why)


def _spoken(code: str, rule: Rule, result: Result) -> HypothesisVerdict:
    low, high = result.low, result.high
    if low is None or high is None:
        raise ValueError(f"{result.measure}.{result.key}: a result that was let out has an interval")
    above, below = low > rule.neutral, high < rule.neutral
    decided = (above or below) and result.verdict is Verdict.PUBLISHED
    supported = above == (rule.supports > 0)
    says = (Says.SUPPORTS if supported else Says.REFUTES) if decided else Says.CANNOT_TELL
    return HypothesisVerdict(code=code, claim=CLAIMS[code], says=says, why=_in_words(result))


def _in_words(result: Result) -> Phrase:
    """A number that was let out, with its interval."""
    value: dict[str, Phrase | float] = {
        "label": result.label, "estimate": result.estimate or 0.0, "low": result.low or 0.0, "high": result.high or 0.0
    }  # fmt: skip
    spec = {"share": "percent", "ratio": "ratio", "days": "signed"}.get(result.unit, "number")
    return SPOKEN[spec](value)


SPOKEN: dict[str, Callable[[dict[str, Phrase | float]], Phrase]] = {
    "percent": lambda v: say("{label}: {estimate:percent}, between {low:percent} and {high:percent}", **v),
    "ratio": lambda v: say("{label}: {estimate:ratio}, between {low:ratio} and {high:ratio}", **v),
    "signed": lambda v: say("{label}: {estimate:signed} days, between {low:signed} and {high:signed}", **v),
    "number": lambda v: say("{label}: {estimate:number}, between {low:number} and {high:number}", **v),
}
"""Unit -> how a number is put into words."""
