"""What has been spent of the year's privacy budget; when it is spent, releases stop."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from groundswell.errors import PrivacyError
from groundswell.privacy import noise, record

EPSILON = 3.5
"""Budget of a calendar year (M11): 2 counts x 4 quarters a group at sigma 5 and 6 x 4 for the organisation at sigma 12."""

DELTA = 1e-6
"""Probability with which the bound may fail."""

RELEASED = "released"
"""Kind of the record's entries that cost something."""


@dataclass(frozen=True)
class Ledger:
    """The year's spending, kept in the hash-chained record, so that no release can be forgotten.

    Attributes:
        path: the record.
        year: calendar year in UTC.
        limit: epsilon of the year; may be lowered, never raised.
    """

    path: Path
    year: int
    limit: float = EPSILON

    def __post_init__(self) -> None:
        if not 0 < self.limit <= EPSILON:
            raise PrivacyError(
                "ledger", f"a budget of {self.limit} is asked for", expected=f"at most {EPSILON}", remedy="Lower it"
            )

    def spent_rho(self) -> float:
        """Sum of the costs of this year's releases."""
        return self._sum(record.verify(self.path))

    def spent(self) -> float:
        """Epsilon spent this year, at DELTA."""
        return noise.epsilon(self.spent_rho(), delta=DELTA)

    def spend(self, what: str, *, sigma: float, moves: int, now: datetime) -> None:
        """Record a release before its noise is drawn: a crash may waste budget, never forget it.

        Args:
            what: name of the measure and table released.
            sigma: standard deviation of its noise, in people.
            moves: cells one person can move.
            now: the moment, in the ledger's year.

        Raises:
            PrivacyError: the budget does not hold it; nothing is recorded.
        """
        if now.year != self.year:
            raise PrivacyError("ledger", f"a release of {now.year} in the ledger of {self.year}")
        cost = noise.rho(sigma=sigma, moves=moves)

        def held(entries: Sequence[record.Entry]) -> None:
            spent = self._sum(entries)
            if noise.epsilon(spent + cost, delta=DELTA) > self.limit:
                raise PrivacyError(
                    "ledger",
                    f"the budget of {self.year} is spent: {noise.epsilon(spent, delta=DELTA):.2f} of {self.limit}",
                    remedy="Wait for the next year; what was released stays readable",
                )

        # Checked under the record's lock: two runs at once could else each find the last of the budget free.
        record.append(self.path, RELEASED, {"what": what, "rho": cost, "sigma": sigma, "moves": moves}, now=now, unless=held)

    def steps(self) -> tuple[tuple[str, float], ...]:
        """Quarters whose page was let out this year, oldest first, each with the epsilon spent up to and with it."""
        steps: dict[str, float] = {}
        spent = 0.0
        for entry in record.verify(self.path):
            if entry.kind == RELEASED and entry.at.startswith(str(self.year)):
                spent += float(entry.facts["rho"])
                if "quarter" in entry.facts:
                    steps[str(entry.facts["quarter"])] = noise.epsilon(spent, delta=DELTA)
        return tuple(steps.items())

    def holds(self, *, sigma: float, moves: int) -> bool:
        """Whether a release of this cost still fits the year."""
        return noise.epsilon(self.spent_rho() + noise.rho(sigma=sigma, moves=moves), delta=DELTA) <= self.limit

    def _sum(self, entries: Sequence[record.Entry]) -> float:
        return sum(float(e.facts["rho"]) for e in entries if e.kind == RELEASED and e.at.startswith(str(self.year)))
