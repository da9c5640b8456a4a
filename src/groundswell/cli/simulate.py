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
    people: Annotated[int, typer.Option(min=20, help="How many people work there.")] = 60,
    weeks: Annotated[int, typer.Option(min=13, help="How many weeks are simulated.")] = 60,
    policy: Annotated[PolicyName, typer.Option(help="What its leaders do.")] = PolicyName.BOTH,
    seed: Annotated[int, typer.Option(help="The same seed writes the same bytes.")] = 7,
) -> None:
    """Write a company whose truth is known: exports as real ones, and the truth beside them."""
    from groundswell.simulation.exports.company import write
    from groundswell.simulation.policy import Policy
    from groundswell.simulation.world import simulate as invent

    write(invent(people=people, weeks=weeks, policy=Policy(policy.value), seed=seed), out)
    typer.echo(str(out))
