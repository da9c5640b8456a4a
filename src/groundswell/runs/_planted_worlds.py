"""The planted companies of the validity report: one row a truth, in both directions and with nothing planted."""

import math
from dataclasses import replace

from groundswell.runs import _planted_truth as truth
from groundswell.runs._planted_companies import (
    COVERS,
    EVERY_READ,
    FEW_ALARMS,
    NEVER_WRONG,
    QUIET,
    Ask,
    Company,
    against,
    by_work,
    claim,
    number,
    origin_gain,
    spreads,
    trial,
)
from groundswell.runs._validity_draws import Kind, Promise
from groundswell.runs._validity_trials import Question, Trial
from groundswell.simulation.policy import Dials, Policy

Pair = tuple[Question, Ask]


def _ask(
    name: str, code: str, words: str, unit: str, ask: Ask, *promises: Promise, expected: int = 0, pooled: bool = False,
    decides: bool = True,
) -> Pair:  # fmt: skip
    question = Question(
        name=name, code=code, words=words, unit=unit, expected=expected, pooled=pooled, decides=decides, promises=promises
    )
    return question, ask


def _lives(*promises: Promise, expected: int = 0) -> tuple[Pair, Pair]:
    """The difference of lives by origin, and what the page then says of the claim that ordered pilots are abandoned."""
    planted = truth.life_difference("grassroots", "mandated")
    judged = tuple(p for p in promises if p.kind in {Kind.ALARMS, Kind.POWER, Kind.WRONG})
    return (
        _ask("survival.difference", "M3", "grassroots minus mandated, mean days of life within 180", "days",
             number("survival", "difference", planted), *promises, expected=expected, pooled=True),
        _ask("page.H5", "H5", "what the page says: pilots started by order are abandoned", "verdict", claim("H5"), *judged,
             expected=expected),
    )  # fmt: skip


def _held(least: float, source: str) -> Promise:
    return Promise(kind=Kind.COVERAGE, least=least, source=source)


def _withheld(source: str) -> Promise:
    return Promise(kind=Kind.WITHHELD, least=0.98, source=source)


GATE_POWER = Promise(kind=Kind.POWER, least=0.8, source="gate")
SMALL_BIAS = Promise(kind=Kind.BIAS, most=5, source="M3 i")

NULL = Company(people=500, dials=QUIET)
"""Announcements, demands, seats and trainings as usual, and no difference in how long what they start will live."""

_EVERYDAY: tuple[Pair, ...] = (
    *_lives(SMALL_BIAS, FEW_ALARMS, COVERS),
    _ask("survival.alive_90", "M3", "practices alive after 90 days", "share", number("survival", "alive_90", truth.alive_at(90)),
         COVERS, pooled=True, decides=False),
    _ask("survival.alive_180", "M3", "practices alive after 180 days", "share",
         number("survival", "alive_180", truth.alive_at(180)), COVERS, pooled=True, decides=False),
    _ask("origin.grassroots", "M2", "began with someone trying it", "share",
         number("origin", "grassroots", truth.origin_share("grassroots")), COVERS, pooled=True, decides=False),
    _ask("origin.mandated", "M2", "began with a demand", "share",
         number("origin", "mandated", truth.origin_share("mandated")), COVERS, pooled=True, decides=False),
    _ask("origin.gain", "M2", "Brier score of the origins, how much smaller than the base rate's", "share", origin_gain,
         Promise(kind=Kind.MEAN, least=0.4, source="M2"), decides=False),
    _ask("follow_through.follow_through", "M1", "announced and taken up within 90 days", "share",
         number("follow_through", "follow_through", truth.taken_up), _held(0.94, "M1"), pooled=True, decides=False),
    _ask("follow_through.demanded_difference", "M1", "taken up: demands minus other announcements", "share",
         number("follow_through", "demanded_difference", truth.taken_up_difference), FEW_ALARMS, COVERS, pooled=True),
    _ask("kinds.in_use", "M7", "in use after 90 days, each kind of work", "share", by_work, _held(0.92, "M7"), pooled=True,
         decides=False),
    _ask("pulse.day_share", "M8", "person-workdays with AI used; users answer .6, others .4; logs see half of it", "share",
         number("pulse", "day_share", truth.day_share), COVERS, decides=False),
)  # fmt: skip


def _origins() -> tuple[Trial, ...]:
    late = replace(QUIET, hidden_weeks=25 / 7)
    rare = replace(QUIET, trace_rate=1.0, trace_rate_mandated=0.25)
    return (
        trial("origin_makes_no_difference", "no effect of origin on how long practices live; demands come later too", NULL,
              _EVERYDAY, seed=20000, fast=10, full=120),
        trial("mandate_helps", "practices born of a demand end at .3 of the hazard of the others (log -1.2)",
              Company(people=1000, dials=replace(QUIET, mandate_end_log=-1.2)),
              _lives(COVERS, GATE_POWER, NEVER_WRONG, expected=-1), seed=21000, fast=6, full=60),
        trial("mandate_hurts", "practices born of a demand end at 2.5 times the hazard of the others (log 0.9)",
              Company(people=1000, dials=replace(QUIET, mandate_end_log=0.9)),
              _lives(COVERS, GATE_POWER, NEVER_WRONG, expected=1), seed=22000, fast=6, full=60),
        trial("grassroots_seen_late", "grassroots practices leave their first trace 25 days late on average; no effect of origin",
              Company(people=500, dials=late), _lives(SMALL_BIAS, FEW_ALARMS), seed=23000, fast=8, full=120),
        trial("mandated_leave_few_traces", "a trace a week, a quarter of that where it began with a demand; no effect of origin",
              Company(people=500, dials=rare), _lives(Promise(kind=Kind.BIAS, most=14, source="M3 iv"), FEW_ALARMS),
              seed=24000, fast=6, full=80),
    )  # fmt: skip


_SPREAD = Dials(
    team_size=10,
    starts=0.1,
    join_share=0.0,
    informal_log=0.0,
    formal_log=0.0,
    share_rate=0.4,
    share_outside=0.8,
    perform_share=0.0,
)
"""200 people in 20 teams who show much of what they do to people of other teams."""

LINE_POWER = Promise(kind=Kind.POWER, least=0.4, source="ours")
"""A person has one leader and a handful of reports beside six informal contacts, so that the line is seen less often."""

_NO_LIST = frozenset({"programmes"})


def _spread(
    name: str, planted: str, seed: int, dials: Dials, informal: int = 0, formal: int = 0, unknown: frozenset[str] = frozenset()
) -> Trial:
    ways = (("informal", "informal ties", informal), ("formal", "the reporting line", formal))
    asks = [
        _ask(f"spread.{way}", "M4", f"adoptions said to follow examples along {words}", "ratio", spreads(way),
             *_spread_promise(way, expected), expected=expected)
        for way, words, expected in ways
    ]  # fmt: skip
    untold = () if informal else (Promise(kind=Kind.WITHHELD, least=0.93, source="M4"),)
    asks.append(
        _ask("spread.ratio_informal", "M4", "the hazard ratio along informal ties, where it is told", "ratio",
             number("spread", "ratio_informal", lambda _: math.exp(dials.informal_log), neutral=1.0), *untold, decides=False)
    )  # fmt: skip
    company = Company(people=200, weeks=65, policy=Policy.NONE, dials=dials, unknown=unknown)
    return trial(name, planted, company, asks, seed=seed, fast=4, full=80)


def _spread_promise(way: str, expected: int) -> tuple[Promise, ...]:
    if not expected:
        return (Promise(kind=Kind.ALARMS, most=0.07, source="M4"),)
    return (Promise(kind=Kind.POWER, least=0.55, source="M4"),) if way == "informal" else (LINE_POWER,)


def _travel() -> tuple[Trial, ...]:
    alike, shocked = replace(_SPREAD, homophily_log=0.7), replace(_SPREAD, shock_log=1.5)
    both = replace(alike, shock_log=1.5)
    shown_at_home = replace(_SPREAD, share_outside=0.2)
    shock = "a shock of log 1.5 to one tool hits some communities for six weeks"
    return (
        _spread("nothing_travels", "no example moves anybody", 30000, _SPREAD),
        _spread("alike_people_are_tied", "homophily of .7 a standard deviation; no example moves anybody", 31000, alike),
        _spread("a_common_cause", f"{shock}, in no list; no example moves anybody", 32000, shocked, unknown=_NO_LIST),
        _spread("alike_and_shocked", "homophily and shock together, in no list; no example moves anybody", 33000, both,
                unknown=_NO_LIST),
        _spread("a_project_that_is_listed", "homophily and shock together; the projects are listed as strata", 33_500, both),
        _spread("informal_only", "an example from an informal contact doubles starts; the line does nothing", 34000,
                replace(_SPREAD, informal_log=0.69), informal=1),
        _spread("line_only", "an example of one's leader, or of a report, triples starts; informal contacts do nothing", 35000,
                replace(shown_at_home, formal_log=1.1), formal=1),
        _spread("the_line_shows_in_vain", "leaders and reports show what they do in their team, and nobody is moved", 36000,
                shown_at_home),
        _spread("the_line_alike_and_shocked", "the same with homophily and shock together, in no list", 37000,
                replace(both, share_outside=0.2), unknown=_NO_LIST),
    )  # fmt: skip


def _readers() -> tuple[Trial, ...]:
    plain = Company(people=500, dials=QUIET)
    errs = replace(plain, confusion=EVERY_READ, labels=600)
    unlisted = replace(plain, unknown=frozenset({"programmes"}))
    same = _held(0.92, "M0")
    return (
        trial("a_reader_that_errs_in_a_company", "acts read with sensitivity .8, specificity .95; 600 messages audited", errs,
              (
                  _ask("follow_through.follow_through", "M0", "announced and taken up, against the truth", "share",
                       number("follow_through", "follow_through", truth.taken_up), same, pooled=True, decides=False),
                  _ask("adoption.chat_last_quarter", "M0", "people with a mark in chat, against a reader without error", "share",
                       against("adoption", "chat_last_quarter", plain), same, decides=False),
                  _ask("adoption.person_weeks_last_quarter", "M0", "person-weeks with a mark, against a reader without error",
                       "share", against("adoption", "person_weeks_last_quarter", plain), same, decides=False),
                  *(_ask(f"origin.{origin}", "M2", words, "share", number("origin", origin, truth.origin_share(origin)), COVERS,
                         pooled=True, decides=False)
                    for origin, words in (("grassroots", "began with someone trying it"), ("mandated", "began with a demand"))),
                  _ask("survival.alive_90", "M0", "practices alive after 90 days, against the truth", "share",
                       number("survival", "alive_90", truth.alive_at(90)), same, pooled=True, decides=False),
                  *_lives(FEW_ALARMS),
              ), seed=40000, fast=5, full=60),
        trial("no_list_of_trainings", "nobody listed trainings, rollouts and vendors' events", unlisted,
              (
                  _ask("origin.grassroots", "M2", "began with someone trying it", "share", number("origin", "grassroots"),
                       _withheld("M2"), decides=False),
                  _ask("origin.mandated", "M2", "began with a demand", "share",
                       number("origin", "mandated", truth.origin_share("mandated")), COVERS, pooled=True, decides=False),
              ), seed=43000, fast=3, full=40),
    )  # fmt: skip


def _missing() -> tuple[Trial, ...]:
    plain = Company(people=500, dials=QUIET)
    onset = replace(plain, dials=replace(QUIET, onsets=(("usage", 52),)))
    silent = replace(plain, dials=replace(QUIET, missing=frozenset({"chat"})))
    return (
        trial("logs_begin_midway", "usage logs begin in week 52 of 78; nothing changes but what is seen", onset,
              (
                  _ask("follow_through.drift", "M1", "talk growing beside use", "ratio",
                       number("follow_through", "drift", neutral=1.0), _withheld("M1, R5")),
                  _ask("adoption.change_last_quarter", "R5", "change of adoption, last quarter", "share",
                       number("adoption", "change_last_quarter"), FEW_ALARMS),
              ), seed=41000, fast=5, full=40),
        trial("no_chat", "no chat export: what leaders asked for cannot be known", silent,
              (
                  _ask("survival.difference", "M3", "grassroots minus mandated", "days", number("survival", "difference"),
                       _withheld("M2, M3")),
                  _ask("origin.grassroots", "M2", "began with someone trying it", "share", number("origin", "grassroots"),
                       _withheld("M2"), decides=False),
                  _ask("follow_through.follow_through", "M1", "announced and taken up", "share",
                       number("follow_through", "follow_through"), _withheld("M1"), decides=False),
              ), seed=42000, fast=4, full=20),
    )  # fmt: skip


def _fashion() -> tuple[Trial, ...]:
    # Leaders announce nothing on a schedule here: their general talk is all the talk there is, and it follows the fashion.
    talk = Dials(hype_week=24, hype_height=8.0, hype_width=2.0, leader_talk_rate=0.15, perform_share=0.0)
    # Talk that swells towards the end, or towards the start, while use goes its own way.
    swell = replace(talk, leader_talk_rate=0.3, hype_height=10.0, hype_width=10.0)
    late, early = (replace(swell, hype_week=week) for week in (74, 4))
    drift = "talk growing beside use, last half against first"
    return (
        trial("use_outlives_the_talk", "talk peaks at eight times its level and falls back; use goes its own way",
              Company(people=600, policy=Policy.NONE, dials=talk), (
                  _ask("after_fashion.persistence", "M10", "use kept after the peak, against talk", "ratio",
                       number("after_fashion", "persistence", truth.persistence, neutral=1.0),
                       Promise(kind=Kind.POWER, least=0.9, source="M10"), NEVER_WRONG, COVERS, expected=1),
              ), seed=50000, fast=3, full=50),
        trial("use_follows_the_talk", "starts and traces of use follow the fashion wholly; habits formed stay",
              Company(people=600, policy=Policy.NONE, dials=replace(talk, hype_use=1.0)), (
                  _ask("after_fashion.persistence", "M10", "use kept after the peak, against talk", "ratio",
                       number("after_fashion", "persistence", truth.persistence, neutral=1.0), _held(0.9, "M10"),
                       decides=False),
              ), seed=51000, fast=3, full=50),
        trial("talk_grows", "talk swells in the last months", Company(people=500, policy=Policy.CURIOUS, dials=late), (
            _ask("follow_through.drift", "M1", drift, "ratio", number("follow_through", "drift", neutral=1.0), NEVER_WRONG,
                 expected=1),
        ), seed=52000, fast=3, full=40),
        trial("talk_fades", "talk was loudest at the start", Company(people=500, policy=Policy.CURIOUS, dials=early), (
            _ask("follow_through.drift", "M1", drift, "ratio", number("follow_through", "drift", neutral=1.0), NEVER_WRONG,
                 expected=-1),
        ), seed=53000, fast=3, full=40),
    )  # fmt: skip


def _elsewhere() -> tuple[Trial, ...]:
    together, apart = (replace(QUIET, job_end_log=log) for log in ((), _APART))
    seats = Company(people=600, dials=replace(QUIET, usage_coverage=0.8))
    return (
        trial("kinds_of_work_alike", "every kind of work lasts as long", Company(people=1000, dials=together), (
            _ask("page.H7", "H7", "what the page says: it holds in some kinds of work and fails in others", "verdict",
                 claim("H7"), FEW_ALARMS),
        ), seed=60000, fast=5, full=60),
        trial("kinds_of_work_apart", "support, debugging, automation end at a third of the rate, revops, forecasting at thrice",
              Company(people=1000, dials=apart), (
                  _ask("page.H7", "H7", "what the page says: it holds in some kinds of work and fails in others", "verdict",
                       claim("H7"), GATE_POWER, NEVER_WRONG, expected=1),
                  _ask("kinds.in_use", "M7", "in use after 90 days, each kind of work", "share", by_work, _held(0.92, "M7"),
                       pooled=True, decides=False),
              ), seed=61000, fast=5, full=60),
        trial("a_fifth_of_the_seats_unseen", "logs see four people in five; the rest of the seats are not measured", seats, (
            _ask("seats.active_share", "M8", "seats in use, against logs that see everybody", "share",
                 against("seats", "active_share", replace(seats, dials=QUIET)), _held(0.95, "M8"), decides=False),
        ), seed=62000, fast=4, full=40),
        trial("a_pulse_without_logs", "users answer .6, others .4, and no log can correct it",
              Company(people=600, dials=replace(QUIET, missing=frozenset({"usage"}))), (
                  _ask("pulse.day_share", "M8", "person-workdays with AI used", "share",
                       number("pulse", "day_share", truth.day_share), _held(0.95, "M8"), decides=False),
              ), seed=63000, fast=4, full=40),
        # Few enough people that nobody stands between a department's head and its leads: the simulator passes them by.
        trial("reasons_survive", "20 statements of the top a year, each of two levels keeps .7 of the reasons",
              Company(people=200, dials=replace(QUIET, team_size=12, cascades=20.0, reason_survival=0.7)), (
                  _ask("reasons.kept", "M5", "share of reasons kept a level", "share",
                       number("reasons", "kept", lambda _: 0.7), _held(0.92, "M5"),
                       Promise(kind=Kind.WITHHELD, most=0.5, source="ours"), decides=False),
              ), seed=64000, fast=3, full=40),
    )  # fmt: skip


_APART = (("support", -1.1), ("debugging", -1.1), ("automation", -1.1), ("revops", 1.1), ("forecasting", 1.1))

TRIALS: tuple[Trial, ...] = (*_origins(), *_travel(), *_readers(), *_missing(), *_fashion(), *_elsewhere())
"""Every planted company, in the order of the report."""
