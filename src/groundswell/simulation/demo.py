"""Two companies side by side: one where talk outruns use, one where a quiet groundswell lives."""

from pathlib import Path

from groundswell.simulation.exports.company import write
from groundswell.simulation.policy import Dials, Policy
from groundswell.simulation.world import World, simulate

PEOPLE = 60
WEEKS = 60
NAMES: tuple[str, str] = ("talk-outruns-use", "quiet-groundswell")
SOURCES: tuple[str, ...] = ("slack", "org_chart", "git", "copilot", "claude_code", "seats", "pulse", "truth")
# Mandates and announcements dominate; what begins under them is half performed and does not last.
_LOUD = Dials(
    team_size=6,
    seat_tools=2,
    trainings=0.0,
    cascades=8.0,
    starts=0.08,
    announcements=7.0,
    demand_share=0.55,
    generic_demands=0.0,
    leader_tells=0.1,
    follow_through=0.15,
    follow_through_demanded=0.45,
    follow_through_sd=0.3,
    sure_weeks=3,
    mandate_end_log=0.9,
    mandate_drop_log=0.5,
    perform_share=0.3,
    end_rate=0.04,
    hidden_weeks=0.3,
    informal_log=0.4,
    share_rate=0.08,
    trace_rate=1.3,
    silent_share=0.05,
    talk_rate=0.03,
    leader_talk_rate=0.04,
    hype_week=22,
    hype_height=6.0,
    reason_survival=0.45,
    deadline_top=0.0,
    deadline_step=0.08,
    seat_share=0.9,
)
# Few announcements; practices begin at the edge, are shown to others and stay.
_QUIET = Dials(
    team_size=6,
    trainings=0.0,
    cascades=8.0,
    starts=0.045,
    announcements=4.4,
    demand_share=0.6,
    generic_demands=0.0,
    leader_tells=0.9,
    follow_through=0.6,
    follow_through_demanded=0.8,
    follow_through_sd=0.3,
    mandate_end_log=0.5,
    perform_share=0.05,
    end_rate=0.012,
    drop_rate=0.01,
    hidden_weeks=2.0,
    informal_log=1.1,
    share_rate=0.25,
    join_share=0.2,
    trace_rate=0.9,
    silent_share=0.15,
    leader_talk_rate=0.02,
    reason_survival=0.85,
    deadline_step=0.02,
    seat_share=0.9,
)


def worlds(seed: int = 7) -> tuple[World, World]:
    """The two worlds of the demonstration."""
    loud = simulate(people=PEOPLE, weeks=WEEKS, policy=Policy.MANDATE, seed=seed, dials=_LOUD)
    quiet = simulate(people=PEOPLE, weeks=WEEKS, policy=Policy.CURIOUS, seed=seed + 1, dials=_QUIET)
    return loud, quiet


def two_companies(folder: Path, *, seed: int = 7) -> tuple[Path, Path]:
    """Write both companies under `folder` and return their folders, the loud one first.

    Each holds org_chart.csv, slack_export.zip, product.git, copilot_users_1_day.ndjson, copilot_seats_<date>.json,
    claude_code_<month>.json, seats.csv, pulse.csv and truth/.
    """
    loud, quiet = worlds(seed)
    first, second = folder / NAMES[0], folder / NAMES[1]
    write(loud, first, sources=SOURCES)
    write(quiet, second, sources=SOURCES)
    return first, second
