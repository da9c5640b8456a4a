"""The simulated company: the same from the same seed, an organisation with levels, and dials that move what they say."""

import ast
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import groundswell.simulation
from groundswell.simulation.catalogue import TOOLS
from groundswell.simulation.chance import Chance, expand
from groundswell.simulation.people import NEVER
from groundswell.simulation.policy import Dials, Policy, settled
from groundswell.simulation.state import Course
from groundswell.simulation.world import World, simulate

ROOM = Path(groundswell.simulation.__file__).parent


@cache
def world(policy: Policy = Policy.BOTH, people: int = 1200, weeks: int = 52, seed: int = 5, **dials: float) -> World:
    return simulate(people=people, weeks=weeks, policy=policy, seed=seed, dials=Dials(**dials))  # type: ignore[arg-type]


def bytes_of(course: Course) -> bytes:
    tables = (course.uses, course.practices, course.shares, course.announcements)
    return b"".join(column.tobytes() for table in tables for column in table.values())


def test_same_seed_same_bytes() -> None:
    """The same seed gives the same course and the same acts, byte for byte; another seed gives another."""
    one, two = (simulate(people=200, weeks=30, policy=Policy.BOTH, seed=3) for _ in range(2))
    other = simulate(people=200, weeks=30, policy=Policy.BOTH, seed=4)
    assert bytes_of(one.course) == bytes_of(two.course) != bytes_of(other.course)
    assert all(one.acts[name].tobytes() == two.acts[name].tobytes() for name in one.acts)


def test_room_never_sees_the_reader() -> None:
    """The room imports model, errors and itself, so that no validity test can prove a word list equal to itself."""
    for path in ROOM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                own = name.startswith(("groundswell.model", "groundswell.errors", "groundswell.simulation"))
                assert own or not name.startswith("groundswell"), f"{path.name} imports {name}"


def test_work_is_bounded() -> None:
    """A year of 2,000 people takes 52 steps, one draw a person and step, and few more for what happens, whatever the policy."""
    for policy in Policy:
        w = world(policy, people=2000, seed=7)
        course, pass_ = w.course, 52 * len(w.company)
        assert course.steps == 52
        events = len(course.uses["start"]) + len(course.shares["day"])
        assert pass_ <= course.draws <= pass_ + 3 * events
        assert course.draws <= 1.2 * pass_


@pytest.mark.parametrize("people", [60, 240, 2000])
def test_organisation_has_levels_and_teams(people: int) -> None:
    """Teams have 6 to 12 people, everybody but the top reports to somebody, and no line of managers is a circle."""
    company = world(people=people, seed=7).company
    assert company.initial == people
    size = np.bincount(company.unit_first[: company.initial], minlength=len(company.units))
    lower = [u for u, name in enumerate(company.units) if name != "Leadership" and not name.endswith("management")]
    assert all(6 <= size[u] <= 12 for u in lower)
    for day in (0, 180, 363):
        managers = company.managers_on(day)
        here = np.flatnonzero(company.there(np.arange(len(company)), day))
        top = [p for p in here if managers[p] < 0]
        assert len(top) == 1
        assert company.there(managers[here[managers[here] >= 0]], day).all()
        above = here.copy()
        for _ in range(6):
            above = np.where(above >= 0, managers[np.maximum(above, 0)], -1)
        assert (above < 0).all()


def test_people_join_leave_and_move() -> None:
    """About the share of people set by the dials leaves in a year, is replaced in the same team, and changes team."""
    quick = world(people=2000, seed=7, turnover=0.3, moves=0.1).company
    left = (quick.left_on < 364).sum() / 2000
    assert 0.25 < left < 0.35
    assert len(quick) - quick.initial > 0.7 * (quick.left_on < 330).sum()
    assert 0.06 < (quick.moves_on < NEVER).sum() / 2000 < 0.11
    assert len(quick.successions) > 20
    still = world(people=2000, seed=7, turnover=0.0, moves=0.0).company
    assert len(still) == 2000
    assert not still.successions


def test_nobody_acts_while_away() -> None:
    """No act, use or log row of anybody before they join or after they leave."""
    w = world()
    for rows in (w.acts, w.log):
        assert w.company.there(rows["person"], rows["day"]).all()
    uses = w.course.uses
    assert (uses["end"] <= w.company.left_on[uses["person"]]).all()


def test_ties_cross_teams() -> None:
    """Informal ties stand both ways, between different teams, inside one community of both."""
    network, company = world().network, world().company
    one = np.repeat(np.arange(len(company)), np.diff(network.edges))
    pairs = set(zip(one.tolist(), network.contacts.tolist(), strict=True))
    assert len(pairs) == len(one)
    assert {(b, a) for a, b in pairs} == pairs
    assert (company.unit_first[one] != company.unit_first[network.contacts]).all()
    belongs = set(zip(network.member.tolist(), network.community.tolist(), strict=True))
    assert all(row in belongs for row in zip(one.tolist(), network.tied_in.tolist(), strict=True))
    assert 4.0 < len(one) / len(company) < 8.0


def test_starts_follow_their_hazard() -> None:
    """With nothing seen and nothing given up, each person starts each tool with probability 1 - exp(-hazard x weeks)."""
    apart = {"informal_log": 0.0, "formal_log": 0.0, "join_share": 0.0, "programme_start_log": 0.0, "turnover": 0.0, "moves": 0.0}
    w = world(Policy.NONE, people=2000, seed=3, starts=0.1, propensity_sd=0.0, end_rate=0.0, drop_rate=0.0, **apart)
    weight, first = np.array([tool.weight for tool in TOOLS]), np.array([tool.week for tool in TOOLS])
    suits = w.company.code_units()[w.company.unit_first][:, None] | ~np.array([tool.code for tool in TOOLS])
    chance = (1 - np.exp(-0.1 * weight / weight.sum() * (52 - first))) * suits
    for tool, started in enumerate(np.bincount(w.course.uses["tool"], minlength=len(TOOLS))):
        p = chance[:, tool]
        assert abs(started - p.sum()) < 5 * np.sqrt((p * (1 - p)).sum()), TOOLS[tool].name  # false alarm 5e-6 over the tools


def test_examples_were_really_given() -> None:
    """Whoever has seen an example saw one: a share so many days before, of that tool, by that contact, in a circle of both."""
    w = world(Policy.BOTH, people=2000, seed=7)
    uses, shares, network = w.course.uses, w.course.shares, w.network
    given = {
        (person, tool, day, circle)
        for person, tool, day, circle in zip(
            *(uses[name][shares["use"]].tolist() for name in ("person", "tool")),
            shares["day"].tolist(),
            shares["community"].tolist(),
            strict=True,
        )
    }
    caused = np.flatnonzero(uses["cause"] == 1)
    assert len(caused) > 100
    for n in caused.tolist():
        person, whom, tool, day = (int(uses[name][n]) for name in ("person", "whom", "tool", "start"))
        mine = slice(network.edges[person], network.edges[person + 1])
        circles = network.tied_in[mine][network.contacts[mine] == whom]
        assert 0 < uses["informal"][n] <= 42
        assert any((whom, tool, day - int(uses["informal"][n]), int(circle)) in given for circle in circles)


def pushed_starts(w: World) -> int:
    uses = w.course.uses
    return int(((uses["pushed"] == 1) & (uses["sure"] == 0) & np.isin(uses["cause"], [0, 1, 2, 3, 5])).sum())


@pytest.mark.validity
def test_mandate_moves_starts() -> None:
    """A demand makes starts rarer, leaves them alone or makes them more frequent, by about the planted ratio e."""
    less, none, more = (pushed_starts(world(Policy.MANDATE, people=2000, mandate_start_log=log)) for log in (-1.0, 0.0, 1.0))
    assert 0.15 < less / none < 0.65
    assert 1.9 < more / none < 4.0


@pytest.mark.validity
@pytest.mark.parametrize("log", [-1.0, 0.0, 1.0])
def test_mandate_moves_ends(log: float) -> None:
    """Practices born of a demand end at the planted hazard ratio to grassroots ones: shorter, alike or longer lives."""
    w = world(Policy.MANDATE, weeks=78, mandate_end_log=log, perform_share=0.0, sure_weeks=0)
    books, last = w.course.practices, 78 * 7

    def hazard(origin: int) -> float:
        mine = books["origin"] == origin
        return float((books["end"][mine] < last).sum() / (np.minimum(books["end"], last) - books["born"])[mine].sum())

    assert np.log(hazard(1) / hazard(0)) == pytest.approx(log, abs=0.3)


def exposed_starts(w: World, tie: str) -> int:
    uses = w.course.uses
    return int(((uses[tie] >= 0) & (uses["sure"] == 0) & np.isin(uses["cause"], [0, 1, 2, 3, 5])).sum())


@pytest.mark.validity
@pytest.mark.parametrize("tie", ["informal", "formal"])
def test_exposure_moves_starts(tie: str) -> None:
    """Having seen an example makes starts rarer, leaves them alone or makes them more frequent, by about the planted ratio."""
    dial = f"{tie}_log"
    less, none, more = (
        exposed_starts(world(Policy.CURIOUS, people=2000, share_rate=0.5, **{dial: log}), tie) for log in (-1.0, 0.0, 1.0)
    )
    assert 0.25 < less / none < 0.55
    assert 2.0 < more / none < 4.5  # starts make further examples, so more than e


@pytest.mark.validity
def test_homophily_moves_starts() -> None:
    """With homophily people of high trait start more, or less; without it as often."""
    ratios = []
    for log in (-0.7, 0.0, 0.7):
        w = world(Policy.NONE, people=2000, homophily_log=log)
        starts = np.bincount(w.course.uses["person"], minlength=len(w.company))
        ratios.append(starts[w.network.trait > 0.8].mean() / starts[w.network.trait < -0.8].mean())
    assert ratios[0] < 0.3
    assert 0.7 < ratios[1] < 1.45
    assert ratios[2] > 3.0


@pytest.mark.validity
def test_shock_moves_starts_of_those_hit() -> None:
    """A common cause moves starts of its tool among the people it hits while it lasts, and nobody else's."""
    counts = []
    for log in (-1.5, 1e-9, 1.5):
        w = world(Policy.NONE, people=2000, shock_log=log, starts=0.06)
        uses = w.course.uses
        during = (uses["start"] >= 182) & (uses["start"] < 224) & (uses["tool"] == w.plan.shock_tool)
        hit = w.plan.hit[uses["person"]]
        counts.append(((during & hit).sum(), (during & ~hit).sum()))
    assert counts[0][0] < 0.6 * counts[1][0]
    assert counts[2][0] > 2.5 * counts[1][0]
    assert counts[2][1] == pytest.approx(counts[1][1], rel=0.3)


@pytest.mark.validity
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_follow_through_is_planted(share: float) -> None:
    """The planted share of announcements is taken up by two others in three weeks within 90 days, and hardly any other."""
    w = world(Policy.MANDATE, follow_through=share, follow_through_demanded=share)
    told = w.truth["announcements"]
    followed = told["followed"]
    assert told["taken_up"][followed].mean() == pytest.approx(share, abs=0.06)
    wrong = (told["taken_up"] != told["planted"])[followed].mean()
    assert wrong < 0.04


@pytest.mark.validity
@pytest.mark.parametrize("survival", [0.0, 0.7, 1.0])
def test_reasons_survive_as_planted(survival: float) -> None:
    """Each level keeps each reason with the planted probability; deadlines do not depend on it."""
    told = world(Policy.BOTH, people=2000, reason_survival=survival).truth["statements"]
    left = np.array([int(bits).bit_count() for bits in told["reasons"]])
    level = told["level"]
    top = np.bincount(told["cascade"][level == 0], weights=left[level == 0])
    for step in (1, 2):
        kept = left[level == step].sum() / top[told["cascade"][level == step]].sum()
        assert kept == pytest.approx(survival**step, abs=0.06)


@pytest.mark.validity
def test_pressure_grows_as_planted() -> None:
    """Each level below the top adds the planted probability of a deadline."""
    told = world(Policy.BOTH, people=2000, deadline_top=0.1, deadline_step=0.3).truth["statements"]
    at = [told["deadline"][told["level"] == level].mean() for level in (1, 2)]
    assert at[1] - at[0] == pytest.approx(0.3, abs=0.15)
    assert at[1] == pytest.approx(0.7, abs=0.08)


@pytest.mark.validity
def test_kind_of_work_moves_ends() -> None:
    """Practices of a job with a higher planted hazard live shorter."""
    w = world(Policy.NONE, people=2000, job_end_log=(("coding", -1.0), ("support", 1.0)), seed=8)  # type: ignore[arg-type]
    told = w.truth["practices"]
    old = told["born_on"] < np.datetime64("2025-07-01")
    alive = {job: (told["fate"] == "alive")[old & (told["job"] == job)].mean() for job in ("coding", "support")}
    assert alive["coding"] > alive["support"] + 0.3


@pytest.mark.validity
def test_silence_performance_and_hiding() -> None:
    """Silent users leave no trace, performers leave traces without use, and hidden practices show only later."""
    assert world(silent_share=1.0, follow_through=0.0, follow_through_demanded=0.0).acts["use"].max() < 0
    w = world(Policy.MANDATE, people=2000, perform_share=0.6, hidden_weeks=4.0)
    uses, acts = w.course.uses, w.acts
    told = acts["use"] >= 0
    performed = uses["performed"][acts["use"][told]] == 1
    assert performed.any()
    lot = (uses["pushed"] == 1) & (uses["sure"] == 0) & (uses["cause"] != 6)
    assert (uses["performed"] == 1)[lot].mean() == pytest.approx(0.6, abs=0.12)
    books = w.course.practices
    wild = books["origin"] == 0
    assert (books["entry"] - books["born"])[wild & (books["performed"] == 0)].mean() == pytest.approx(28, rel=0.25)
    assert (acts["day"][told] >= books["entry"][acts["practice"][told]]).all()
    none = world(perform_share=0.0)
    assert not none.course.uses["performed"].any()


def test_missing_sources_and_onsets() -> None:
    """A missing source leaves no trace, and a late one none before its onset."""
    w = world(missing=frozenset({"chat"}))  # type: ignore[arg-type]
    assert w.places.is_repository(w.acts["place"]).all()
    w = world(missing=frozenset({"code", "usage", "seats"}))  # type: ignore[arg-type]
    assert not w.places.is_repository(w.acts["place"]).any()
    assert not len(w.log["day"])
    assert not len(w.seats["person"])
    w = world(onsets=(("chat", 20), ("usage", 30)))  # type: ignore[arg-type]
    assert w.acts["day"][~w.places.is_repository(w.acts["place"])].min() >= 140
    assert w.log["day"].min() >= 210


def test_coverage_of_logs() -> None:
    """Halving the share of people whom logs see about halves the log."""
    whole, half = (len(world(usage_coverage=share).log["day"]) for share in (1.0, 0.5))
    assert half / whole == pytest.approx(0.5, abs=0.12)


@pytest.mark.validity
def test_talk_follows_its_dials() -> None:
    """Talk without use follows its rate and its fashion; use follows the fashion only if told to."""
    calm, loud = (world(talk_rate=rate) for rate in (0.0, 0.05))
    assert (calm.truth["acts"]["act"] == "nudges").sum() == 0
    nudges = (loud.truth["acts"]["act"] == "nudges").sum()
    assert nudges == pytest.approx(0.05 * 0.22 * 1200 * 52, rel=0.15)
    spiky = world(Policy.NONE, talk_rate=0.02, hype_week=26, hype_height=8.0)
    week = spiky.acts["day"] // 7
    talk = np.bincount(week[spiky.acts["use"] < 0], minlength=52)
    use = np.bincount(week[spiky.acts["use"] >= 0], minlength=52)
    assert talk[24:29].mean() > 4 * talk[:15].mean()
    assert use[24:29].mean() < 2 * use[15:20].mean()
    follows = world(Policy.NONE, talk_rate=0.02, hype_week=26, hype_height=8.0, hype_use=1.0)
    bumped = np.bincount(follows.acts["day"][follows.acts["use"] >= 0] // 7, minlength=52)
    assert bumped[24:29].mean() > 3 * bumped[15:20].mean()


def test_policies_differ_as_said() -> None:
    """A policy of none announces nothing; a mandate demands more and tells less than curiosity."""
    assert not len(world(Policy.NONE).course.announcements["day"])
    demanded = {p: int(world(p).course.announcements["demand"].sum()) for p in (Policy.CURIOUS, Policy.MANDATE)}
    assert demanded[Policy.MANDATE] > 10 * demanded[Policy.CURIOUS]
    assert world(Policy.MANDATE).plan.tells.mean() < 0.3 < 0.7 < world(Policy.CURIOUS).plan.tells.mean()
    assert settled(Policy.MANDATE, Dials(announcements=0.0)).announcements == 0.0


def test_origin_is_known_at_birth() -> None:
    """A practice is mandated exactly when a demand named its tool or job in its unit in the 90 days before its birth."""
    w = world(Policy.MANDATE)
    books, told = w.course.practices, w.course.announcements
    asked = told["demand"] == 1
    for n in range(0, len(books["born"]), 7):
        before = (told["day"] < books["born"][n]) & (told["day"] >= books["born"][n] - 90) & (told["unit"] == books["unit"][n])
        named = (told["tool"] == books["tool"][n]) | (told["job"] == books["job"][n])
        assert (asked & before & named).any() == (books["origin"][n] == 1)


def test_draws_are_uniform_and_independent_of_batching() -> None:
    """A draw depends on its stream, owner and tick only, and fills the unit interval evenly."""
    stream = Chance(1).stream("x")
    all_ = stream.uniform(np.arange(100_000), 3)
    assert np.array_equal(all_[500:600], stream.uniform(np.arange(500, 600), 3))
    assert np.abs(np.histogram(all_, bins=20, range=(0, 1))[0] / 5000 - 1).max() < 0.06
    assert abs(np.corrcoef(all_, stream.uniform(np.arange(100_000), 4))[0, 1]) < 0.015
    counts = stream.poisson(2.0, np.arange(50_000))
    assert counts.mean() == pytest.approx(2.0, abs=0.05)
    assert counts.var() == pytest.approx(2.0, abs=0.1)
    owner, place = expand(np.array([2, 0, 3]))
    assert owner.tolist() == [0, 0, 2, 2, 2]
    assert place.tolist() == [0, 1, 0, 1, 2]


def test_refuses_worlds_that_cannot_be() -> None:
    """Too few people, no week, or a start that is no Monday are refused with the reason."""
    with pytest.raises(ValueError, match="at least 24"):
        simulate(people=10, weeks=4, policy=Policy.NONE, seed=1)
    with pytest.raises(ValueError, match="at least one"):
        simulate(people=60, weeks=0, policy=Policy.NONE, seed=1)
    with pytest.raises(ValueError, match="Monday"):
        Dials(start=Dials().start.replace(day=7))
