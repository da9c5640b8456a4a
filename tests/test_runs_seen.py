"""What share of a company's people the sources behind a measure show: told in steps, and not at all without an org chart."""

from dataclasses import replace

import pytest

import report_samples as samples
from groundswell.model.measure import Finding
from groundswell.model.phrase import say
from groundswell.model.trace import Family
from groundswell.report import certainty, view
from groundswell.report.words import Words
from groundswell.runs.seen import Seen, covered, seen_by
from practice_company import day, linked

EN = Words("en")
CHAT, CODE = Family.CHAT, Family.CODE


@pytest.mark.parametrize(
    ("shown", "share"), [(40, 0.9), (36, 0.9), (35, 0.75), (20, 0.5), (10, 0.25), (4, 0.1), (3, 0.0), (0, 0.0)]
)
def test_a_share_is_told_as_at_least_one_of_few_steps(shown, share):
    """36 of 40 and 40 of 40 read the same; fewer than a tenth is told as such, never how few."""
    seen = Seen(40, {frozenset({CHAT}): shown, frozenset(): 40 - shown})
    assert seen.share([CHAT]) == share
    assert seen.share([]) == share  # whatever source


def test_only_the_sources_a_measure_reads_count():
    """Ten of forty stand in code alone, twenty in chat: half are seen by a measure of chat, three quarters by any."""
    seen = Seen(40, {frozenset({CHAT}): 12, frozenset({CHAT, CODE}): 8, frozenset({CODE}): 10, frozenset(): 10})
    assert seen.share([CHAT]) == 0.5
    assert seen.share([Family.SELFREPORT]) == seen.share([]) == 0.75


def test_without_a_chart_of_ten_people_nothing_is_known():
    """Nine people of a chart, or no chart at all, give no share."""
    assert Seen(9, {frozenset({CHAT}): 9}).share([CHAT]) is None
    assert seen_by(linked(300, traces=[{"person": 1, "day": day(1), "place": 11, "source": "slack"}])).share([CHAT]) is None


def test_people_are_counted_from_the_tables_in_the_last_quarter():
    """Of twelve in the chart nine wrote in the last 13 weeks, one before, one has a seat; one who left is in neither."""
    positions = [{"person": p, "unit": "loft", "day": day(0), "source": "org_chart"} for p in range(1, 13)]
    positions.append({"person": 13, "unit": "loft", "day": day(0), "source": "org_chart", "left_on": day(20)})
    traces = [{"person": p, "day": day(290), "place": 11, "source": "slack"} for p in range(1, 10)]
    traces += [{"person": 10, "day": day(100), "place": 11, "source": "slack"}, {"person": 13, "day": day(10), "source": "slack"}]
    seats = [{"person": 11, "tool": "quill", "day": day(280), "source": "seats"}]
    seen = seen_by(linked(299, positions=positions, traces=traces, seats=seats))
    assert seen.people == 12
    assert seen.by[frozenset({CHAT})] == 9
    assert seen.by[frozenset({Family.SEATS})] == 1
    assert seen.share([CHAT]) == 0.75


def test_a_results_own_coverage_stays():
    """A pulse knows how many of those asked answered; that is not replaced."""
    own = replace(samples.result("pulse", "a", say("a"), (0.3, 0.2, 0.4), "share", 40, 40), coverage=0.44)
    bare = samples.result("pulse", "b", say("b"), (0.3, 0.2, 0.4), "share", 40, 40)
    found = covered(Finding(measure="pulse", sentence=say("x"), results=(own, bare)), 0.75)
    assert [r.coverage for r in found.results] == [0.44, 0.75]


def test_what_would_not_be_seen_is_said_beside_no_difference():
    """A difference in points or in days, and a ratio on both sides of 1; nothing of the kind where there is a difference."""
    none = replace(samples.result("m", "x_difference", say("x"), (0.1, -0.1, 0.3), "share", 40, 40), least=0.29)
    days = replace(samples.result("m", "x_difference", say("x"), (4.0, -9.0, 17.0), "days", 40, 40), least=19.0)
    ratio = replace(samples.result("m", "x", say("x"), (1.1, 0.8, 1.5), "ratio", 40, 40), least=1.6)
    clear = samples.result("m", "x_difference", say("x"), (0.2, 0.1, 0.3), "share", 40, 40)
    said = [certainty.statement(r, "person").least for r in (none, days, ratio, clear)]
    assert [None if s is None else EN.say(s) for s in said] == [
        "A difference of less than 29 percentage points would not be seen.",
        "A difference of less than 19 days would not be seen.",
        "A factor between 0.62 and 1.6 would not be seen.",
        None,
    ]


def test_a_lower_bound_is_not_called_well_known():
    """The same interval reads as well known for a share that is seen whole, and as a lower bound for one that is not."""
    whole = samples.result("m", "a", say("a"), (0.3, 0.28, 0.32), "share", 400, 400)
    assert EN.say(certainty.statement(whole, "person").sure) == "Well known"
    assert EN.say(certainty.statement(replace(whole, at_least=True), "person").sure) == "A lower bound, itself well known"


def test_a_reason_the_sentence_gives_is_not_given_again():
    """Where the sentence says why nothing can be told, the withheld number says only what would unlock it."""
    why, more = say("too few practices"), say("a longer time")
    held = samples.withheld("m", "a", say("a"), why, more)
    told = certainty.statements([held], "person", told=certainty.clauses(say("It cannot be told: {why}.", why=why)))
    assert told[0].why is not None
    assert EN.say(told[0].why) == ", for the reason given above. To know: a longer time."
    assert "too few" in EN.say(certainty.statements([held], "person")[0].why or say(""))


def test_the_definition_of_a_measure_says_what_its_sources_show():
    """At least so many of the people, fewer than a tenth, or not known; and single numbers' assumptions stand with the others."""
    page = samples.full()
    measure = page.measures[0]
    for share, words in ((None, "is not known"), (0.0, "fewer than a tenth"), (0.75, "at least 75%")):
        findings = tuple(
            replace(f, results=tuple(replace(r, coverage=share, assumptions=(say("it holds"),)) for r in f.results))
            for f in page.findings
        )
        made = replace(page, findings=findings)
        assert words in EN.say(view.seen(measure, made)).replace("\u202f", "").replace("\u00a0", "")
        assert "it holds" in [EN.say(clause) for clause in view.assumed(measure, [made])]
