"""The gate: where origin makes no difference none is shown, where a mandate helps it says so, late sight flatters nobody."""

from dataclasses import replace

import pytest

from groundswell.model.measure import Verdict
from groundswell.report.hypotheses import CLAIMS
from groundswell.report.page import Says
from groundswell.runs._planted_companies import QUIET, Company, Seen, claim, number, spreads
from groundswell.runs._planted_exports import COMPANY, page_of
from groundswell.runs._worlds import answers, opened
from groundswell.runs.hypotheses import RULES, WAYS
from groundswell.runs.validate import trials
from groundswell.simulation.policy import Dials, Policy

GATE = {
    "origin_makes_no_difference": 8,
    "mandate_helps": 3,
    "mandate_hurts": 3,
    "grassroots_seen_late": 8,
    "nothing_travels": 4,
    "from_export_files": 1,
}
"""Trials that are the gate, with the fewest companies each may have in the fast set."""


def test_every_change_is_tried_at_the_gate():
    """`groundswell validate --fast`, which every change runs, has each trial of the gate, asks it what the page says, and
    a broken promise of it ends with an error."""
    for name, least in GATE.items():
        trial = trials()[name]
        assert trial.fast >= least
        assert any(question.promises for question in trial.questions)


def looked_at(company, seed, *measures):
    """One company of this kind, and what the measures say of it."""
    world = company.live(seed)
    with opened(world, confusion=company.confusion, labels=company.labels) as engine:
        return Seen(company, world, engine, answers(engine, measures))


def told(company, first, worlds):
    """What the page says of H5 in some companies: supported +1, refuted -1, cannot tell 0; and the sentences."""
    seen = [looked_at(company, first + n, "survival") for n in range(worlds)]
    return [claim("H5")(s)[0].said for s in seen], [s.findings["survival"].sentence for s in seen]


@pytest.mark.validity
def test_where_origin_makes_no_difference_none_is_shown():
    """No effect of origin: at most 2 of 8 companies are told of one; at a false alarm of .05 more come 6 times in 1,000."""
    said, _ = told(Company(people=300, dials=QUIET), 70_000, 8)
    assert sum(map(bool, said)) <= 2


@pytest.mark.validity
def test_where_a_mandate_helps_the_page_says_so():
    """What is ordered lives longer: at least 2 of 3 companies refute the claim in words, none supports it."""
    said, sentences = told(Company(people=1000, dials=replace(QUIET, mandate_end_log=-1.2)), 71_000, 3)
    assert 1 not in said
    assert said.count(-1) >= 2
    for sentence in (s for s, v in zip(sentences, said, strict=True) if v == -1):
        about_origin = sentence.values["origin"]
        assert "lived {days:days} longer" in about_origin.text
        assert about_origin.values["first"].text == "that began with a demand"


@pytest.mark.validity
def test_where_a_mandate_hurts_the_page_says_that_in_the_same_words():
    """What is ordered is given up: none of 3 companies refutes the claim, at least 2 support it in the mirrored sentence."""
    said, sentences = told(Company(people=1000, dials=replace(QUIET, mandate_end_log=1.2)), 72_000, 3)
    assert -1 not in said
    assert said.count(1) >= 2
    told_so = next(s for s, v in zip(sentences, said, strict=True) if v == 1)
    assert told_so.values["origin"].values["first"].text == "that began with someone trying it"


@pytest.mark.validity
def test_grassroots_seen_late_is_not_flattered():
    """First seen 25 days late, no effect: at most 2 of 8 companies are told of a difference (.05: 6 times in 1,000)."""
    said, _ = told(Company(people=300, dials=replace(QUIET, hidden_weeks=25 / 7)), 73_000, 8)
    assert sum(map(bool, said)) <= 2


@pytest.mark.validity
def test_where_nothing_is_planted_nothing_is_found():
    """No order, no example that moves anybody: nothing is compared by origin, and at most 1 of 4 companies shows spread."""
    dials = Dials(starts=0.04, join_share=0.0, informal_log=0.0, formal_log=0.0, share_rate=0.4, perform_share=0.0)
    seen = [looked_at(Company(policy=Policy.NONE, weeks=65, dials=dials), 74_000 + n, "spread", "survival") for n in range(4)]
    assert all(number("survival", "difference")(s)[0].estimate is None for s in seen)
    assert sum(spreads(way)(s)[0].said for s in seen for way in ("informal", "formal")) <= 1


@pytest.fixture(scope="module")
def page():
    """The page of a small company without an effect of origin, read from the files it exported."""
    return page_of(COMPANY.live(75_000))


@pytest.mark.validity
def test_from_export_files_no_difference_is_shown_either(page):
    """Slack, git and an org chart through reading, audit and release: lives are told, and no effect of origin."""
    lives = next(f for f in page.findings if f.measure == "survival")
    let_out = {r.key for r in lives.results if r.verdict is not Verdict.WITHHELD}
    assert "alive_90" in let_out
    assert {h.code: h.says for h in page.hypotheses}["H5"] is Says.CANNOT_TELL


@pytest.mark.validity
def test_every_claim_is_asked_of_a_number_that_exists(page):
    """A rule for a claim names a result that its measure prints; else the page could never say anything of it."""
    printed = {(r.measure, r.key) for f in page.findings for r in f.results}
    missing = {code for code in CLAIMS for rule in RULES[code] if (rule.measure, rule.key) not in printed}
    assert not missing
    assert {("spread", excess) for excess, _ in WAYS.values()} <= printed
