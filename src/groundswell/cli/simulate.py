"""`groundswell simulate`: a company with known truth, in real export formats."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class PolicyName(StrEnum):
    """What the simulated leaders do."""

    CURIOUS = "curious"
    MANDATE = "mandate"
    BOTH = "both"
    NONE = "none"


def simulate(
    out: Annotated[Path, typer.Argument(help="Receives the exports and the truth.")],
    people: Annotated[int, typer.Option(min=24, help="How many people work there.")] = 60,
    weeks: Annotated[int, typer.Option(min=13, help="How many weeks are simulated.")] = 60,
    policy: Annotated[PolicyName, typer.Option(help="What its leaders do.")] = PolicyName.BOTH,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 7,
    sources: Annotated[str, typer.Option(help="Which exports, with commas between, such as slack,org_chart,truth.")] = "",
    weekly: Annotated[float, typer.Option(min=1.0, help="Messages a person and week, at least.")] = 8.0,
) -> None:
    """Write a company whose truth is known: exports as real ones, and the truth beside them."""
    from groundswell.cli.progress import bar
    from groundswell.simulation.exports.company import ALL, write
    from groundswell.simulation.policy import Dials, Policy
    from groundswell.simulation.world import simulate as invent

    wanted = tuple(filter(None, (word.strip() for word in sources.split(",")))) or ALL
    unknown = sorted(set(wanted) - set(ALL))
    if unknown:
        raise typer.BadParameter(
            f"no export is called {', '.join(unknown)}; choose among {', '.join(ALL)}", param_hint="--sources"
        )
    # Three kinds of seats, so that each vendor whose file is written has something to report.
    world = invent(people=people, weeks=weeks, policy=Policy(policy.value), seed=seed, dials=Dials(seat_tools=3))
    with bar("Company") as progress:
        write(world, out, sources=wanted, weekly=weekly, progress=progress)
    typer.echo(str(out))
