"""Policies and dials: everything that can be planted in a simulated company, with its unit."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class Policy(StrEnum):
    """What the top of the company does about AI."""

    CURIOUS = "curious"
    MANDATE = "mandate"
    BOTH = "both"
    NONE = "none"


# What a policy means where a dial is left to it: (announcements a unit a year, share worded as demands,
# generic demands a year, how far leaders prototype and tell, cascades a year, trainings a department a year).
_NAMES = ("announcements", "demand_share", "generic_demands", "leader_tells", "cascades", "trainings")
_POLICY: dict[Policy, tuple[float, ...]] = {
    Policy.CURIOUS: (1.5, 0.05, 0.0, 0.85, 6.0, 1.0),
    Policy.MANDATE: (4.0, 0.75, 1.0, 0.10, 10.0, 0.5),
    Policy.BOTH: (3.0, 0.50, 0.5, 0.75, 8.0, 1.0),
    Policy.NONE: (0.0, 0.0, 0.0, 0.30, 0.0, 0.0),
}

# H7 as a default truth: log hazard of a practice's end by kind of work, relative to the rest.
_JOB_END: tuple[tuple[str, float], ...] = (
    ("support", -0.5),
    ("debugging", -0.5),
    ("automation", -0.4),
    ("revops", 0.5),
    ("forecasting", 0.5),
)


# Log odds that a piece of work succeeds with AI, relative to without, by kind of work.
_AI_SUCCESS: tuple[tuple[str, float], ...] = (
    ("support", 0.5),
    ("debugging", 0.5),
    ("coding", 0.2),
    ("closing", -0.3),
    ("forecasting", -0.5),
)


@dataclass(frozen=True, kw_only=True)
class Dials:
    """The planted truth of a world. "log" dials are log hazard ratios: 0 is no effect, either sign is allowed.

    A dial that is None is set by the policy. Rates are a person's, a unit's or the company's, as said; a week has 5 working days.

    Attributes:
        start: first day, a Monday.
        team_size: people in a team aimed at, 6 to 12.
        turnover: share of people who leave in a year; each is replaced after 2 to 8 weeks.
        moves: share of people who change team within their department in a year.

        starts: spontaneous starts a person and week, for a person of average propensity and all tools together.
        propensity_sd: spread of the log propensity to start between people.
        mandate_start_log: effect of a demand naming a tool on starts with it, while it is pushed.
        mandate_end_log: effect on the end of a practice of being born of a demand (M3: negative, zero or positive).
        mandate_drop_log: effect on one person's drop of having started under a push.
        push_weeks: how long a demand is followed up.
        perform_share: share of starts under a push that are performed: traces without use, until the push ends.
        programme_start_log: effect of seats and trainings on starts with the tool, for push_weeks.
        informal_log: effect on a start of a visible share by an informal contact in the last six weeks.
        formal_log: the same by the person one reports to, or by a report.
        leader_start_log: effect on starts of a leader who prototypes and tells (at 1) against one who demands (at 0).
        informal_degree: informal contacts of a person, in other teams.
        assortment: how far informal communities are made of people of like trait, 0 to 1.
        homophily_log: effect on starts of one standard deviation of that trait.
        shock_log: effect on starts of a common cause that hits the members of some communities.
        shock_week: when that cause begins; lasts six weeks.
        shock_share: share of communities hit.

        announcements: announcements of a named tool and job a unit and year.
        demand_share: share of them worded as demands.
        follow_through: probability that what is announced is taken up within 90 days.
        follow_through_demanded: the same for demands.
        follow_through_sd: spread of its logit between units.
        sure_weeks: weeks that a planted take-up is sure to last and to show; 0 leaves its life to the hazards alone.
        withdrawn_share: share of announcements not taken up that are withdrawn within 90 days.
        generic_demands: "use AI" without a tool or job, a company and year.
        leader_tells: how far leaders prototype and tell of failures (1) or demand with deadlines (0).
        trainings: trainings a department and year.
        seat_tools: how many tools the company buys seats of.
        seat_share: share of a department that gets a seat when it is provisioned.

        end_rate: hazard of a practice's end a week.
        drop_rate: hazard that a user other than its keeper drops it, a week.
        team_frailty_sd: spread of the log hazard of practices' ends between teams.
        job_end_log: log hazard of a practice's end, by kind of work.
        replaced_share, absorbed_share: shares of ends that are replacements and absorptions; the rest are abandonments.
        pause_share: share of uses that pause once for 3 to 8 weeks and return.
        share_rate: shares of a user a week.
        share_outside: share of them that go to an informal community and not to the own team.
        join_share: share of what is shown to the own team that a colleague there takes up.

        work_rate: pieces of work that come to a person, times what the catalogue says of each role.
        work_success: share of them that succeed at once, without AI.
        ai_success_log: log odds of that with AI, relative to without, by kind of work; 0 for those not named.
        ai_time_log: log of the time one takes with AI, relative to without.

        trace_rate: traces of a use a week; what is shown to others and drops that are told come on top.
        trace_rate_mandated: the same for practices born of a demand; None: as the others.
        silent_share: share of users who leave no trace in chat or code.
        hidden_weeks: mean delay until a grassroots practice leaves its first trace.
        talk_rate: statements without use (intentions, questions, hearsay, encouragement) a person and week.
        leader_talk_rate: announcements without a named job by leaders, a leader and week.
        hype_week: week of the peak of talk; None: no fashion.
        hype_height: talk at the peak over talk otherwise.
        hype_width: weeks of the fashion on either side of its peak.
        hype_use: how far starts and traces of use follow the fashion, 0 to 1.
        drop_told: share of drops, and of pauses, that are told.
        learn_share: share of traces that tell a lesson, at an average leader.
        reverted_share: share of traces that tell of something made with the tool being taken out again; the use goes on.

        cascades: statements of the top that are passed down, a year.
        reason_survival: probability that a reason survives one level (M5's rho).
        deadline_top, deadline_step: probability of a deadline in the wording at the top, and what each level adds.

        day_use: probability that a user uses it on a working day.
        respond_user, respond_other: probability to answer the pulse for those who used AI the day before, and others.
        expected_share: share of performed use that the pulse admits as "mainly because it was expected".
        missing: sources without any trace, of chat, code, usage, seats.
        onsets: (source, week) before which a source shows nothing.
        usage_coverage: share of people whom usage logs see.
    """

    start: date = date(2025, 1, 6)
    team_size: int = 8
    turnover: float = 0.12
    moves: float = 0.04

    starts: float = 0.02
    propensity_sd: float = 0.5
    mandate_start_log: float = 0.7
    mandate_end_log: float = 0.0
    mandate_drop_log: float = 0.0
    push_weeks: int = 8
    perform_share: float = 0.3
    programme_start_log: float = 0.5
    informal_log: float = 0.9
    formal_log: float = 0.3
    leader_start_log: float = 0.0
    informal_degree: float = 6.0
    assortment: float = 0.5
    homophily_log: float = 0.0
    shock_log: float = 0.0
    shock_week: int = 26
    shock_share: float = 0.3

    announcements: float | None = None
    demand_share: float | None = None
    follow_through: float = 0.4
    follow_through_demanded: float = 0.4
    follow_through_sd: float = 0.5
    sure_weeks: int = 4
    withdrawn_share: float = 0.1
    generic_demands: float | None = None
    leader_tells: float | None = None
    trainings: float | None = None
    seat_tools: int = 2
    seat_share: float = 0.7

    end_rate: float = 0.03
    drop_rate: float = 0.02
    team_frailty_sd: float = 0.3
    job_end_log: tuple[tuple[str, float], ...] = _JOB_END
    replaced_share: float = 0.12
    absorbed_share: float = 0.10
    pause_share: float = 0.25
    share_rate: float = 0.2
    share_outside: float = 0.5
    join_share: float = 0.12

    work_rate: float = 1.0
    work_success: float = 0.85
    ai_success_log: tuple[tuple[str, float], ...] = _AI_SUCCESS
    ai_time_log: float = -0.2

    trace_rate: float = 0.8
    trace_rate_mandated: float | None = None
    silent_share: float = 0.15
    hidden_weeks: float = 1.0
    talk_rate: float = 0.01
    leader_talk_rate: float = 0.02
    hype_week: int | None = None
    hype_height: float = 4.0
    hype_width: float = 3.0
    hype_use: float = 0.0
    drop_told: float = 0.4
    learn_share: float = 0.10
    reverted_share: float = 0.01

    cascades: float | None = None
    reason_survival: float = 0.7
    deadline_top: float = 0.1
    deadline_step: float = 0.15

    day_use: float = 0.35
    respond_user: float = 0.6
    respond_other: float = 0.4
    expected_share: float = 0.7
    missing: frozenset[str] = frozenset()
    onsets: tuple[tuple[str, int], ...] = ()
    usage_coverage: float = 1.0

    def __post_init__(self) -> None:
        if self.start.weekday():
            raise ValueError(f"start is {self.start:%A}; a world starts on a Monday")
        if not 6 <= self.team_size <= 12:
            raise ValueError(f"team_size is {self.team_size}; teams have 6 to 12 people")


def settled(policy: Policy, dials: Dials) -> Dials:
    """The dials with every None replaced by what the policy means."""
    left = {name: value for name, value in zip(_NAMES, _POLICY[policy], strict=True) if getattr(dials, name) is None}
    if dials.trace_rate_mandated is None:
        left["trace_rate_mandated"] = dials.trace_rate
    return replace(dials, **left)  # type: ignore[arg-type]  # names are checked by the dataclass


def given(value: float | None) -> float:
    """A dial after `settled`; raises if a policy left it open."""
    if value is None:
        raise ValueError("a dial was left to a policy that does not set it")
    return value
