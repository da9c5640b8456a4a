"""Two companies side by side: one where talk outruns use, one where a quiet groundswell lives."""

from pathlib import Path

from groundswell.simulation.exports.company import write
from groundswell.simulation.policy import Dials, Policy
from groundswell.simulation.world import World, simulate

PEOPLE = 280
"""People in each: 180 have some 45 announcements of something new, and what became of them does not lie apart (M1)."""

WEEKLY = 5.0
"""Messages a person and week, at least: a page made in a minute reads some 350,000 of them."""

WEEKS = 80
SEEN_FROM = 20
"""Week in which the exports begin: AI was there before them, as it is everywhere, and what people write of is about as mixed at
their beginning as at their end. With exports from the first day a reader's mean error moves with the mix, and M0 withholds."""

_ONSETS = (("chat", SEEN_FROM), ("code", SEEN_FROM), ("usage", SEEN_FROM))
NAMES: tuple[str, str] = ("talk-outruns-use", "quiet-groundswell")
SOURCES: tuple[str, ...] = ("slack", "org_chart", "git", "copilot", "claude_code", "seats", "programmes", "pulse", "truth")
# Most of what is said is an order; hardly any of it happens, half of what starts under it is performed, the rest does not last.
_LOUD = Dials(
    trainings=0.0,
    cascades=9.0,
    starts=0.06,
    announcements=7.0,
    demand_share=0.7,
    generic_demands=0.0,
    leader_tells=0.1,
    follow_through=0.03,
    follow_through_demanded=0.06,
    follow_through_sd=0.3,
    mandate_start_log=1.5,
    mandate_end_log=0.6,
    mandate_drop_log=0.5,
    perform_share=0.5,
    end_rate=0.07,
    informal_log=0.2,
    share_rate=0.05,
    trace_rate=1.3,
    silent_share=0.05,
    talk_rate=0.02,
    leader_talk_rate=0.03,
    reason_survival=0.4,
    deadline_top=0.05,
    deadline_step=0.2,
    seat_share=0.9,
    push_weeks=10,
    drop_rate=0.05,
    onsets=_ONSETS,
)
# As much is announced, little is ordered, nearly all is kept; practices begin at the edge, are shown, taken up, and stay.
# Few traces of each: what is used is spoken of little, and what was announced is new to most who hear of it.
_QUIET = Dials(
    trainings=0.0,
    cascades=9.0,
    starts=0.008,
    announcements=7.0,
    demand_share=0.05,
    generic_demands=0.0,
    leader_tells=0.5,
    follow_through=0.97,
    follow_through_demanded=0.97,
    follow_through_sd=0.3,
    perform_share=0.05,
    end_rate=0.008,
    drop_rate=0.01,
    hidden_weeks=2.0,
    informal_log=1.1,
    share_rate=0.03,
    join_share=0.4,
    trace_rate=0.15,
    silent_share=0.1,
    leader_talk_rate=0.003,
    reason_survival=0.85,
    deadline_step=0.02,
    seat_share=0.8,
    talk_rate=0.003,
    onsets=_ONSETS,
    learn_share=0.05,
    share_outside=0.3,
    sure_weeks=6,
)


def world(name: str, *, seed: int = 7) -> World:
    """One of the two worlds of the demonstration, by its name."""
    loud, quiet = NAMES
    if name == loud:
        return simulate(people=PEOPLE, weeks=WEEKS, policy=Policy.MANDATE, seed=seed, dials=_LOUD)
    if name == quiet:
        return simulate(people=PEOPLE, weeks=WEEKS, policy=Policy.CURIOUS, seed=seed + 1, dials=_QUIET)
    raise ValueError(f"no company called {name}; one of {loud}, {quiet}")


def write_company(folder: Path, name: str, *, seed: int = 7) -> Path:
    """Write one company under `folder` and return its folder.

    It holds org_chart.csv, slack_export.zip, repositories, copilot_users_1_day.ndjson, copilot_seats_<date>.json,
    claude_code_<month>.json, seats.csv, programmes.csv, pulse.csv and truth/.
    """
    write(world(name, seed=seed), folder / name, sources=SOURCES, weekly=WEEKLY)
    return folder / name


def two_companies(folder: Path, *, seed: int = 7) -> tuple[Path, Path]:
    """Write both companies under `folder` and return their folders, the loud one first."""
    loud, quiet = (write_company(folder, name, seed=seed) for name in NAMES)
    return loud, quiet
