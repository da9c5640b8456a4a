"""Attacks by a measure that forgets the floors, or by a company that raised them: held at the last gate, before the page."""

from dataclasses import replace
from datetime import date

import pytest

from groundswell.errors import PrivacyError
from groundswell.model.measure import Exit, Finding, Line, Picture, Point, Result, Shape, Verdict
from groundswell.model.phrase import say
from groundswell.privacy import hold as gate
from groundswell.privacy.hold import hold
from groundswell.privacy.protection import DEFAULT, Protection


def result(share, people, key="share", unit="share"):
    """A result that a measure would publish."""
    return Result(
        measure="sample", key=key, label=say("a share"), start=date(2026, 1, 1), end=date(2026, 3, 31), estimate=share,
        low=share, high=share, unit=unit, n_people=people, n_units=people, verdict=Verdict.PUBLISHED,
    )  # fmt: skip


def careless(share, people, *, at_risk=60, points=(0.02, 0.5, 0.99)):
    """What a measure without floors says: a share of so many people, in words and in a picture too."""
    picture = Picture(
        key="sample", shape=Shape.WEEKS, title=say("t"), x_label=say("x"), y_label=say("y"), alt=say("a"), y_unit="share",
        lines=(Line(name=say("l"), points=tuple(Point(x=n, value=v, at_risk=at_risk) for n, v in enumerate(points))),),
    )  # fmt: skip
    return Finding(
        measure="sample",
        sentence=say("{share:percent} of them use it.", share=share),
        results=(result(share, people),),
        pictures=(picture,),
    )


def told(finding):
    """Every number of a finding."""
    numbers = [v for r in finding.results for v in (r.estimate, r.low, r.high, r.n_people) if v is not None]
    numbers += [v for v in finding.sentence.values.values() if isinstance(v, float)]
    return numbers + [p.value for picture in finding.pictures for line in picture.lines for p in line.points]


ATTACKS = [(0.5, 3), (0.0, 60), (0.04, 60), (1.0, 60), (0.97, 60)]
"""Half of three people; none, few, all, nearly all of sixty."""


@pytest.mark.parametrize(("share", "people"), ATTACKS)
def test_a_measure_without_floors_tells_nothing_of_few(share, people):
    """Neither its result nor its sentence tells the share, nor how many few people are; what is beyond the edge is drawn in one
    place."""
    held = hold(careless(share, people), way=Exit.PEOPLE, protection=DEFAULT)
    assert (held.results[0].estimate, held.results[0].low, held.results[0].high) == (None, None, None)
    assert held.results[0].verdict is Verdict.WITHHELD
    assert held.results[0].reason.text
    assert held.results[0].unlock.text
    assert "share" not in held.sentence.values
    assert people not in told(held) or people >= 10
    drawn = [0.05, 0.95] if share == 0.5 else [0.05, 0.5, 0.95]  # what is held back is not drawn either
    assert [p.value for p in held.pictures[0].lines[0].points] == pytest.approx(drawn)


@pytest.mark.parametrize(("share", "people"), ATTACKS)
def test_weakened_without_the_last_gate_it_is_told(share, people, monkeypatch):
    """Against a build that takes a measure at its word the share stands on the page, in result, sentence and picture."""
    monkeypatch.setattr(gate, "_held", lambda result, way, protection: result)
    held = gate.hold(careless(share, people), way=Exit.PEOPLE, protection=DEFAULT)
    assert held.results[0].estimate == held.sentence.values["share"] == share
    assert people in told(held)


def test_three_people_and_nine_read_the_same():
    """Below the floor findings are the same to the last field, whatever the share."""
    first, second = (hold(careless(0.5, n, at_risk=n), way=Exit.PEOPLE, protection=DEFAULT) for n in (3, 9))
    assert (first.results, first.sentence, first.pictures) == (second.results, second.sentence, second.pictures)
    assert first.pictures == ()


def test_an_honest_finding_passes_unchanged():
    """A share of enough people, a difference of two shares, and results about practices are left as they are."""
    fine = replace(careless(0.5, 60, points=(0.2, 0.5)), results=(result(0.5, 60), result(0.02, 60, "change_last_quarter")))
    assert hold(fine, way=Exit.PEOPLE, protection=DEFAULT) == fine
    about_practices = careless(0.04, 60, at_risk=3)
    assert hold(about_practices, way=Exit.PRACTICES, protection=DEFAULT) == about_practices


def test_a_raised_floor_is_held_in_every_cell():
    """A company that asks for thirty people gets thirty in every result and point, not in the whole alone."""
    raised = Protection(least_people=30)
    assert hold(careless(0.5, 20), way=Exit.PEOPLE, protection=raised).results[0].estimate is None
    assert hold(careless(0.5, 20), way=Exit.PRACTICES, protection=raised).results[0].estimate is None
    assert hold(careless(0.5, 60, at_risk=20), way=Exit.PEOPLE, protection=raised).pictures == ()
    assert hold(careless(0.5, 20), way=Exit.PEOPLE, protection=DEFAULT).results[0].estimate == 0.5


PSEUDONYM = 0x5A17_0000_1234_5678

SAID = {
    "a pseudonym as a number": {"who": PSEUDONYM},
    "a pseudonym as digits": {"who": str(PSEUDONYM)},
    "an address": {"who": "ada@example.test"},
    "a quotation": {"who": "I tried it\nand it failed"},
    "a phrase in a phrase": {"who": say("{of}", of=str(PSEUDONYM))},
    "a Python object": {"who": frozenset({1, 2})},
}
"""What a measure could have kept while it counted, and says while it estimates."""


def stateful(what):
    """The finding of a measure that keeps a row of its count in a variable and quotes it."""
    return replace(careless(0.5, 60), sentence=say("Most of it is {who}.", **SAID[what]))


@pytest.mark.parametrize("what", SAID)
def test_a_measure_cannot_say_what_it_saw_while_counting(what):
    """A pseudonym, an address, a quotation or an object in a sentence, label or reason stops the run, unquoted."""
    with pytest.raises(PrivacyError, match="sample") as raised:
        hold(stateful(what), way=Exit.PRACTICES, protection=DEFAULT)
    assert str(PSEUDONYM) not in str(raised.value)
    labelled = replace(careless(0.5, 60), results=(replace(result(0.5, 60), label=stateful(what).sentence),))
    with pytest.raises(PrivacyError):
        hold(labelled, way=Exit.PRACTICES, protection=DEFAULT)


@pytest.mark.parametrize("what", SAID)
def test_weakened_a_sentence_that_is_not_looked_at_says_it(what, monkeypatch):
    """Against a gate that takes sentences at their word it stands on the page."""
    monkeypatch.setattr(gate, "checked", lambda where, thing: None)
    assert hold(stateful(what), way=Exit.PRACTICES, protection=DEFAULT).sentence == stateful(what).sentence
