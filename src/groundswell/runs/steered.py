"""Freezes what rests on sources that stopped agreeing: while one of them is being steered, no claim is decided by it (R10)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from groundswell.measures.agreement import BOTH, steered
from groundswell.model.measure import Finding, Measure, Result, Verdict
from groundswell.model.phrase import Phrase, say

READS: Mapping[str, frozenset[str]] = {
    "chat_logs": frozenset({"acts", "usage_days", "practices"}),
    "chat_pulse": frozenset({"acts", "pulse_answers", "practices"}),
    "logs_pulse": frozenset({"usage_days", "pulse_answers", "practices"}),
}
"""Pair of sources -> tables their traces stand in, practices made of them included."""

APART = frozenset({"agreement", "reliability"})
"""Measures of the sources themselves."""


def freeze(findings: Sequence[Finding], measures: Mapping[str, Measure]) -> tuple[Finding, ...]:
    """The findings, those that rest on steered sources only indicative: no claim is decided by them, nothing is told apart.

    Args:
        findings: one a measure, that of `agreement` among them.
        measures: their definitions, by name.
    """
    pairs = [pair for finding in findings for pair in steered(finding)]
    if not pairs:
        return tuple(findings)
    tables = frozenset[str]().union(*(READS[pair] for pair in pairs))
    why = say("this measure is being steered: {both} agree less than before", both=BOTH[pairs[0]])
    return tuple(_frozen(f, why) if f.measure not in APART and _reads(measures[f.measure]) & tables else f for f in findings)


def _reads(measure: Measure) -> frozenset[str]:
    return frozenset(word for sql in measure.sql.values() for word in re.findall(r"\w+", sql))


def _frozen(finding: Finding, why: Phrase) -> Finding:
    return replace(finding, results=tuple(_doubted(result, why) for result in finding.results))


def _doubted(result: Result, why: Phrase) -> Result:
    if result.verdict is not Verdict.PUBLISHED:
        return result
    return replace(result, verdict=Verdict.INDICATIVE, reason=why, unlock=say("sources that agree as they did before"))
