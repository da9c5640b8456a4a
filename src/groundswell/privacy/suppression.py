"""Hides small cells of a table whose margins are known, and enough others that no hidden cell can be worked out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from groundswell.errors import PrivacyError

MOST_CELLS = 2_000
"""Cells of a table that is proved in seconds; a larger one has no place on a page."""

SLACK = 1e-6
"""What the solver may be off by."""

Coordinates = tuple[Any, ...]
"""Where a cell stands: one word a dimension."""


@dataclass(frozen=True)
class Guarded:
    """A table after suppression.

    Attributes:
        shown: cell -> count, for the cells that may be shown.
        hidden: the suppressed cells, in order.
        intervals: hidden cell -> what can be worked out of it from all shown cells and margins, low and high.
    """

    shown: Mapping[Coordinates, int]
    hidden: tuple[Coordinates, ...]
    intervals: Mapping[Coordinates, tuple[float, float]]


def guard(cells: Mapping[Coordinates, int], *, least: float, width: float) -> Guarded:
    """Suppress until every hidden cell could be anything in a wide interval, for whoever knows all margins and all shown cells.

    Hidden are first the cells below `least` (zeros included: that nobody is in a cell says something of everybody), then, as
    long as some hidden cell can be worked out too narrowly, the smallest shown cell that shares a margin with it.

    Args:
        cells: coordinates -> count >= 0; all of the same number of dimensions, 1 or more; at most MOST_CELLS.
        least: cells below it are hidden.
        width: how wide the interval of each hidden cell must be.

    Returns:
        The guarded table; where no set of cells will do, nothing is shown. A table of one dimension is held to its total.

    Raises:
        PrivacyError: the table is larger than can be proved.

    Source: Hundepool et al. 2012, chapter 4; intervals by linear programming over the published margins.
    """
    if len(cells) > MOST_CELLS:
        raise PrivacyError("suppression", f"a table of {len(cells)} cells", expected=f"at most {MOST_CELLS}")
    hidden = {c for c, n in cells.items() if n < least}
    intervals = bounds(cells, hidden)
    while True:
        narrow = [c for c, (low, high) in sorted(intervals.items(), key=repr) if high - low < width - SLACK]
        if not narrow:
            shown = {c: n for c, n in cells.items() if c not in hidden}
            return Guarded(shown, tuple(sorted(hidden, key=repr)), intervals)
        partners = _partners(cells, hidden, narrow[0])
        if not partners:
            # Nothing left shares a margin: even hiding all would not do, so the margins themselves must go too.
            whole = {c: (0.0, float("inf")) for c in cells}
            return Guarded({}, tuple(sorted(cells, key=repr)), whole)
        hidden.add(min(partners, key=lambda c: (cells[c], repr(c))))
        intervals = bounds(cells, hidden)


def bounds(cells: Mapping[Coordinates, int], hidden: set[Coordinates]) -> dict[Coordinates, tuple[float, float]]:
    """What an attacker who knows every margin and every shown cell can work out of each hidden one.

    Returns:
        hidden cell -> smallest and largest count >= 0 that fit, by linear programming.
    """
    from scipy.optimize import linprog

    unknown = sorted(hidden, key=repr)
    if not unknown:
        return {}
    rows, totals = _equations(cells, unknown)
    found = {}
    for n, cell in enumerate(unknown):
        objective = [0.0] * len(unknown)
        objective[n] = 1.0
        low = linprog(objective, A_eq=rows, b_eq=totals, bounds=(0, None), method="highs")
        high = linprog([-x for x in objective], A_eq=rows, b_eq=totals, bounds=(0, None), method="highs")
        if not (low.success and high.success):
            raise PrivacyError("suppression", "the solver could not bound a hidden cell")
        found[cell] = (float(low.fun), float(-high.fun))
    return found


def _equations(cells: Mapping[Coordinates, int], unknown: Sequence[Coordinates]) -> tuple[list[list[float]], list[float]]:
    """One equation a margin: the hidden cells of a line sum to the margin less what is shown of it."""
    rows: list[list[float]] = []
    totals: list[float] = []
    for line in _lines(unknown):
        members = [line[0] == "total" or c[line[1]] == line[2] for c in unknown]
        rows.append([1.0 if m else 0.0 for m in members])
        totals.append(float(sum(cells[c] for c, m in zip(unknown, members, strict=True) if m)))
    return rows, totals


def _lines(unknown: Sequence[Coordinates]) -> list[tuple[str, int, Any]]:
    """Every published margin that touches a hidden cell: the total, and each line of each dimension."""
    dimensions = len(unknown[0])
    if dimensions == 1:
        return [("total", 0, None)]
    found = {(d, c[d]) for c in unknown for d in range(dimensions)}
    return [("total", 0, None), *(("line", d, word) for d, word in sorted(found, key=repr))]


def _partners(cells: Mapping[Coordinates, int], hidden: set[Coordinates], cell: Coordinates) -> list[Coordinates]:
    """Shown cells whose hiding could widen this one: those on a line with a hidden cell, or any in a table of one dimension."""
    shown = [c for c in cells if c not in hidden]
    if len(cell) == 1:
        return shown
    near = [c for c in shown if any(a == b for a, b in zip(c, cell, strict=True))]
    return near or [c for c in shown if any(a == b for other in hidden for a, b in zip(c, other, strict=True))]
