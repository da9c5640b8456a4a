"""What the measures say to the eleven claims, either way."""

from datetime import date

import pytest

from groundswell import registry
from groundswell.model.measure import Finding, Result, Verdict
from groundswell.model.phrase import say
from groundswell.report.hypotheses import CLAIMS
from groundswell.report.page import Says
from groundswell.runs.hypotheses import RULES, verdicts


def result(measure, key, low, high, *, verdict=Verdict.PUBLISHED, group="organisation"):
    """A result with this interval."""
    known = verdict is not Verdict.WITHHELD
    return Result(
        measure=measure, key=key, label=say("a number"), group=group, start=date(2026, 1, 1), end=date(2026, 6, 30),
        estimate=(low + high) / 2 if known else None, low=low if known else None, high=high if known else None,
        unit="share", n_people=50, n_units=50, verdict=verdict,
        reason=None if verdict is Verdict.PUBLISHED else say("too few"),
    )  # fmt: skip


def said(code, *results):
    """What these results say to one claim."""
    findings = [Finding(measure=r.measure, sentence=say("so"), results=(r,)) for r in results]
    return next(v for v in verdicts(findings) if v.code == code)


CASES = [(code, rule) for code, rules in RULES.items() for rule in rules]


@pytest.mark.parametrize(("code", "rule"), CASES, ids=[f"{c}-{r.measure}-{r.key}" for c, r in CASES])
def test_a_claim_can_be_refuted_as_easily_as_supported(code, rule):
    """The same interval, mirrored about no difference, turns support into refutation; one that holds it says nothing."""
    near, far = 0.05, 0.09
    above, below = (rule.neutral + near, rule.neutral + far), (rule.neutral - far, rule.neutral - near)
    for_it, against = (above, below) if rule.supports > 0 else (below, above)
    assert said(code, result(rule.measure, rule.key, *for_it)).says is Says.SUPPORTS
    assert said(code, result(rule.measure, rule.key, *against)).says is Says.REFUTES
    assert said(code, result(rule.measure, rule.key, rule.neutral - near, rule.neutral + near)).says is Says.CANNOT_TELL


@pytest.mark.parametrize(("code", "rule"), CASES, ids=[f"{c}-{r.measure}-{r.key}" for c, r in CASES])
def test_what_is_only_indicative_or_withheld_decides_nothing(code, rule):
    """An interval far from no difference says nothing while it is only indicative, and a withheld result gives its reason."""
    far = (rule.neutral + 5, rule.neutral + 6)
    assert said(code, result(rule.measure, rule.key, *far, verdict=Verdict.INDICATIVE)).says is Says.CANNOT_TELL
    withheld = said(code, result(rule.measure, rule.key, *far, verdict=Verdict.WITHHELD))
    assert withheld.says is Says.CANNOT_TELL
    assert withheld.why.text == "too few"


def test_kinds_of_work_are_compared_in_both_directions():
    """Intervals apart in the claimed direction support H7, apart in the other refute it, overlapping ones say nothing."""
    high, low, wide = (0.7, 0.9), (0.2, 0.4), (0.3, 0.8)

    def h7(support, forecasting):
        one = result("kinds", "in_use_support", *support, group="support")
        return said("H7", one, result("kinds", "in_use_forecasting", *forecasting, group="forecasting")).says

    assert h7(high, low) is Says.SUPPORTS
    assert h7(low, high) is Says.REFUTES
    assert h7(high, wide) is Says.CANNOT_TELL
    assert said("H7", result("kinds", "in_use_support", *high, group="support")).says is Says.CANNOT_TELL


@pytest.mark.parametrize(
    ("informal", "line", "says"),
    [(True, False, Says.SUPPORTS), (False, True, Says.REFUTES), (True, True, Says.REFUTES), (False, False, Says.CANNOT_TELL)],
)
def test_ties_support_and_the_line_refutes(informal, line, says):
    """H2: an excess along informal ties alone supports it, one along the line refutes it, neither leaves it open."""
    found = []
    for key, there in (("informal", informal), ("formal", line)):
        found.append(result("spread", f"excess_{key}", *((0.1, 0.3) if there else (-0.1, 0.2))))
        found.append(result("spread", f"ratio_{key}", *((1.2, 2.0) if there else (0.8, 1.4))))
    assert said("H2", *found).says is says


@pytest.mark.parametrize("missing", ["excess_informal", "ratio_informal"])
def test_one_test_of_spread_alone_decides_nothing(missing):
    """H2: exchanged dates without the risk sets, or the risk sets without exchanged dates, leave the claim open."""
    held = {"excess_informal": (0.1, 0.3), "ratio_informal": (1.2, 2.0)}
    rest = [result("spread", key, *held[key]) for key in held if key != missing]
    assert said("H2", *rest).says is Says.CANNOT_TELL
    withheld = result("spread", missing, *held[missing], verdict=Verdict.WITHHELD)
    assert said("H2", *rest, withheld).says is Says.CANNOT_TELL


def test_without_a_finding_every_claim_is_open():
    """No traces, no verdict: each of the eleven claims is printed with why it cannot be told."""
    found = verdicts([])
    assert [v.code for v in found] == list(CLAIMS) == list(RULES)
    assert {v.says for v in found} == {Says.CANNOT_TELL}


def test_every_rule_asks_a_measure_there_is():
    """A rule that names no measure would leave its claim open for ever without anybody noticing."""
    assert {rule.measure for _, rule in CASES} <= set(registry.measures())
