"""Dials that tests/test_simulation_world.py does not turn: the truth follows each of them, in either direction."""

from functools import cache

import numpy as np
import pytest

from groundswell.simulation.acts import EXAMPLE, PERMISSION, awake
from groundswell.simulation.catalogue import TOOL, TOOLS
from groundswell.simulation.conversation import Conversation
from groundswell.simulation.exports.marks import AGENT_FROM, FOOTER_UNTIL, MADE_WITH, mark
from groundswell.simulation.people import NEVER
from groundswell.simulation.policy import Dials, Policy
from groundswell.simulation.speech.frames import Dice
from groundswell.simulation.speech.wording import label
from groundswell.simulation.world import World, simulate


@cache
def world(policy: Policy = Policy.BOTH, people: int = 600, weeks: int = 52, seed: int = 5, **dials: float) -> World:
    return simulate(people=people, weeks=weeks, policy=policy, seed=seed, dials=Dials(**dials))  # type: ignore[arg-type]


@pytest.mark.parametrize("log", [-1.0, 0.0, 1.0])
def test_mandate_moves_drops(log: float) -> None:
    """Whoever started under a push drops at the planted hazard ratio to others: later, as soon, or sooner."""
    w = world(
        Policy.MANDATE, people=3000, weeks=78, mandate_drop_log=log, perform_share=0.0, sure_weeks=0, end_rate=1e-9,
        drop_rate=0.03,
        turnover=0.0, moves=0.0, mandate_start_log=2.0, push_weeks=16,
    )  # fmt: skip
    uses, last = w.course.uses, 78 * 7
    free = uses["keeper"] == 0

    def hazard(pushed: int) -> float:
        mine = free & (uses["pushed"] == pushed)
        return float((uses["end"][mine] < last).sum() / (np.minimum(uses["end"], last) - uses["start"])[mine].sum())

    assert np.log(hazard(1) / hazard(0)) == pytest.approx(log, abs=0.3)


def test_traces_follow_their_rate() -> None:
    """A practice leaves as many traces as its dial says, those born of a demand as many as theirs; uses do not change."""
    few, many = (world(trace_rate=rate, sure_weeks=0) for rate in (0.2, 0.8))
    assert np.array_equal(few.course.uses["start"], many.course.uses["start"])
    counts = [int((w.acts["use"] >= 0).sum()) - len(w.course.shares["use"]) for w in (few, many)]
    assert 2.4 < counts[1] / counts[0] < 4.2
    quiet = world(Policy.MANDATE, trace_rate=0.8, trace_rate_mandated=0.1, sure_weeks=0)
    uses, books = quiet.course.uses, quiet.course.practices
    mine = quiet.acts["use"][quiet.acts["use"] >= 0]
    demanded = books["origin"][uses["practice"]] == 1
    weeks = np.minimum(uses["end"], 7 * quiet.weeks) - uses["start"]
    rate = [np.isin(mine, np.flatnonzero(some)).sum() / weeks[some].sum() for some in (demanded, ~demanded)]
    assert rate[0] < 0.4 * rate[1]


def test_hidden_practices_show_later() -> None:
    """A grassroots practice leaves its first trace after the planted delay on average; one that was ordered at once."""
    for weeks in (0.0, 3.0):
        books = world(hidden_weeks=weeks).course.practices
        real = books["performed"] == 0
        delay = books["entry"] - books["born"]
        assert delay[real & (books["origin"] == 0)].mean() == pytest.approx(7 * weeks, rel=0.25, abs=0.01)
        assert delay[real & (books["origin"] == 1)].max(initial=0) <= (0 if weeks == 0 else 70)


def test_pauses_end() -> None:
    """The planted share of uses falls silent once for three to eight weeks, and comes back."""
    for share in (0.0, 1.0):
        w = world(pause_share=share)
        use = np.flatnonzero((w.course.uses["performed"] == 0) & (w.course.uses["start"] < 7))
        days = np.arange(7 * w.weeks)
        on = np.array([awake(w.scene, np.full(len(days), u), days) for u in use.tolist()])
        silent = (~on).sum(axis=1)
        assert (silent == 0).all() if share == 0.0 else ((silent >= 21) & (silent < 56)).all()
        assert on[:, -60:].any(axis=1).all()


def test_tools_are_renamed() -> None:
    """From its week on a renamed tool is called by its new name, by more people as time goes; the truth keeps one name."""
    for kind in (k for k, tool in enumerate(TOOLS) if tool.renamed is not None):
        tool = TOOLS[kind]
        assert tool.renamed is not None
        shares = [
            sum(label(kind, week, "en", Dice(n * 7919 + week)) == tool.later for n in range(400)) / 400
            for week in (tool.renamed - 1, tool.renamed, tool.renamed + 12)
        ]
        assert shares[0] == 0.0 < shares[1] < shares[2] < 1.0
    said = [
        p.text for _, posts in Conversation(world(people=200, weeks=60)).days() for p in posts if p.tool == TOOL["m365_copilot"]
    ]
    assert any("M365 Copilot" in text for text in said)
    assert any("Copilot in Excel" in text for text in said)


@pytest.mark.parametrize("share", [0.0, 0.6])
def test_tools_are_replaced(share: float) -> None:
    """The planted share of practices that end is replaced: their users go on with another tool for the same job on that day."""
    w = world(replaced_share=share, absorbed_share=0.0, end_rate=0.06)
    books, uses = w.course.practices, w.course.uses
    ended = (books["end"] < 7 * w.weeks) & (books["performed"] == 0)
    replaced = ended & (books["fate"] == 2)
    assert replaced.sum() / ended.sum() <= share + 0.05
    follow = np.flatnonzero(uses["cause"] == 6)
    assert (len(follow) > 50) == (share > 0)
    for row in follow[:200].tolist():
        before = np.flatnonzero((uses["person"] == uses["person"][row]) & (uses["end"] <= uses["start"][row]))
        same = before[(uses["job"][before] == uses["job"][row]) & (uses["tool"][before] != uses["tool"][row])]
        assert len(same)


def test_trailers_change_with_the_weeks() -> None:
    """Claude's footer gives way, Cursor's own trailer comes and goes, Copilot's agent opens pull requests from its week on."""

    def marks(tool: str, week: int) -> list[str]:
        return [str(mark(tool, week, Dice(n * 7919))) for n in range(60)]

    assert all("Generated with" in text for text in marks("claude", FOOTER_UNTIL - 1))
    assert not any("Generated with" in text for text in marks("claude", FOOTER_UNTIL))
    seen = [any("Made-with" in text for text in marks("cursor", week)) for week in (MADE_WITH[0] - 1, MADE_WITH[0], MADE_WITH[1])]
    assert seen == [False, True, False]
    assert [any("swe-agent" in text for text in marks("copilot", week)) for week in (AGENT_FROM - 1, AGENT_FROM)] == [False, True]
    renamed = TOOLS[TOOL["harbour"]]
    assert renamed.renamed is not None
    assert [any(renamed.later in text for text in marks("harbour", week)) for week in (renamed.renamed - 1, renamed.renamed)] == [
        False,
        True,
    ]


def test_leaders_behave_as_set() -> None:
    """Leaders who prototype tell of own attempts and allow failure in what they announce; those who do not, hardly ever."""
    shares = []
    for tells in (0.05, 0.5, 0.95):
        acts = world(leader_tells=tells, demand_share=0.0, announcements=4.0).acts
        words = acts["words"][acts["announcement"] >= 0]
        shares.append(float(((words & EXAMPLE) > 0).mean() + ((words & PERMISSION) > 0).mean()) / 2)
    assert shares[0] < 0.2 < shares[1] < 0.7 < shares[2]
    starts = [len(world(Policy.NONE, leader_tells=1.0, leader_start_log=log).course.uses["start"]) for log in (-1.0, 0.0, 1.0)]
    assert starts[0] < 0.7 * starts[1]
    assert starts[2] > 1.5 * starts[1]


def test_cascades_have_themes_of_their_own() -> None:
    """No two statements of the top within a year are on the same tool and work, and what is passed on keeps its source's."""
    told = world(Policy.BOTH, people=800, cascades=10.0).truth["acts"]
    passed = told["cascade"] >= 0
    themes = {int(c): (t, j) for c, t, j in zip(told["cascade"][passed], told["tool"][passed], told["job"][passed], strict=True)}
    for c, t, j in zip(told["cascade"][passed], told["tool"][passed], told["job"][passed], strict=True):
        assert themes[int(c)] == (t, j)
    assert len(set(themes.values())) == len(themes) >= 9


def test_people_come_back_to_nothing_they_left() -> None:
    """Uses end when people leave or change team, and nobody starts before they join."""
    w = world(turnover=0.4, moves=0.4)
    uses, company = w.course.uses, w.company
    assert (uses["end"] <= company.left_on[uses["person"]]).all()
    assert (uses["start"] >= company.joined_on[uses["person"]]).all()
    moves = company.moves_on[uses["person"]]
    assert ((uses["start"] >= moves) | (uses["end"] <= moves)).all()
    assert (company.moves_on < NEVER).sum() > 20
    assert (company.left_on < 7 * w.weeks).sum() > 50
