"""What do two companies' numbers tell apart?"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from groundswell.model.measure import Finding, Line, Mark, Picture, Point, Result, Shape
from groundswell.model.phrase import Phrase, say
from groundswell.report import certainty

# Rows of the picture that opens a page of two companies: what a reader takes in at once.
_MOST = 8
# Differences that are told in words there; the rest stands behind a fold.
_IN_WORDS = 5


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One quantity, company by company.

    Attributes:
        label: what it is, as the first company that has it words it.
        results: what each company has, in the order of the columns; None where a company lacks it.
        statements: the same in words.
        apart: True if the intervals of all lie apart, False if they overlap; None where nothing can be compared.
    """

    label: Phrase
    results: tuple[Result | None, ...]
    statements: tuple[certainty.Statement | None, ...]
    apart: bool | None

    @property
    def separation(self) -> float:
        """How wide the gap between the first two estimates is, in half widths of an interval of their difference; 0 without two.

        Of ratios the logarithms are set beside each other, as their intervals are even there.
        """
        pairs = [r for r in self.results[:2] if r is not None and r.estimate is not None]
        if len(pairs) < 2:
            return 0.0
        logs = all(r.unit == "ratio" and (r.low or 0.0) > 0 for r in pairs)
        ends = [[math.log(v or 1.0) if logs else v or 0.0 for v in (r.low, r.estimate, r.high)] for r in pairs]
        reach = math.hypot(*((high - low) / 2 for low, _, high in ends))
        return abs(ends[0][1] - ends[1][1]) / reach if reach > 0 else 0.0


def compared(findings: Sequence[Finding | None], unit: str) -> tuple[Compared, ...]:
    """Every quantity that at least one company was let out, in order.

    Args:
        findings: of one measure, one a company; None where it found nothing.
        unit: the measure's word for one of the units it rests on.
    """
    held = [{(r.key, r.group): (r, r.label) for r in certainty.labelled(f.results)} if f else {} for f in findings]
    keys = dict.fromkeys(key for one in held for key, (result, _) in one.items() if result.estimate is not None)
    return tuple(_row([one.get(key) for one in held], unit) for key in keys)


def _row(found: Sequence[tuple[Result, Phrase] | None], unit: str) -> Compared:
    results = tuple(entry[0] if entry else None for entry in found)
    return Compared(
        label=next(entry[1] for entry in found if entry),
        results=results,
        statements=tuple(certainty.statement(r, unit) if r else None for r in results),
        apart=_apart(results),
    )


def _apart(results: Sequence[Result | None]) -> bool | None:
    """Whether no two intervals touch; an amount that was counted, not estimated, is no evidence of a difference."""
    ends = [(r.low, r.high) for r in results if r and r.low is not None and r.high is not None and r.low < r.high]
    if len(ends) < len(results) or len(ends) < 2:
        return None
    return all(a[1] < b[0] or b[1] < a[0] for a, b in combinations(ends, 2))


def sentence(rows: Sequence[Compared]) -> Phrase:
    """How many numbers lie apart, of how many that can be compared."""
    judged = [row for row in rows if row.apart is not None]
    apart = sum(row.apart is True for row in judged)
    if not judged:
        return say("Nothing can be compared yet: no number was let out for both.")
    if not apart:
        return say("Of {n:count} numbers that both have, none lies apart: every two intervals overlap.", n=len(judged))
    return say(
        "Of {all:count} numbers that both have, {n:count} lies apart: its two intervals do not overlap. "
        "The others cannot be told apart. | "
        "Of {all:count} numbers that both have, {n:count} lie apart: their two intervals do not overlap. "
        "The others cannot be told apart.",
        all=len(judged),
        n=apart,
    )


def strip(measures: Sequence[Sequence[Compared]], names: Sequence[Phrase]) -> Picture | None:
    """Shares of all companies on one axis: of every measure what lies widest apart, then the first of the others.

    Args:
        measures: what can be compared of each measure, in the order of the page; the widest apart of each is drawn.
        names: what each company's column is called.
    """
    drawn = [[row for row in rows if _can_be_drawn(row)] for rows in measures]
    apart = [row for rows in drawn if (row := _widest(rows))]
    chosen = [*apart, *(rows[0] for rows in drawn if rows and not rows[0].apart)][:_MOST]
    if not chosen:
        return None
    return Picture(
        key="told_apart",
        shape=Shape.INTERVALS,
        title=say("What lies apart, and what does not"),
        x_label=say("shares, each with its interval; those that lie apart stand first"),
        y_label=say("quantity"),
        lines=tuple(Line(name=_name(row), points=tuple(_points(row.results))) for row in chosen),
        marks=tuple(Mark(x=float(n), label=name) for n, name in enumerate(names)),
        alt=say(
            "Two intervals a row, one a company: {n:count} of {all:count} rows lie apart.", n=_apart_in(chosen), all=len(chosen)
        ),
        y_unit="share",
    )


def foremost(chapters: Sequence[Sequence[Compared]]) -> tuple[tuple[int, Compared], ...]:
    """The differences told in words: of each chapter that one which lies widest apart for its intervals, five at most.

    The rule was fixed before any company was read. Where more than five chapters hold one, the first five of the page stand.

    Args:
        chapters: what can be compared of each chapter, in the order of the page.

    Returns:
        Number of the chapter and its row, in that order.
    """
    found = [(n, row) for n, rows in enumerate(chapters) if (row := _widest(rows))]
    return tuple(found[:_IN_WORDS])


def _widest(rows: Sequence[Compared]) -> Compared | None:
    """Of the rows that lie apart the one that does so most for its intervals, the first of equals; None if none lies apart."""
    return max((row for row in rows if row.apart), key=lambda row: row.separation, default=None)


def by_measure(findings: Sequence[Sequence[Finding]]) -> Mapping[str, tuple[Finding | None, ...]]:
    """Findings of one chapter, side by side by the measure they come from, in order."""
    names = dict.fromkeys(finding.measure for column in findings for finding in column)
    return {name: tuple(next((f for f in column if f.measure == name), None) for column in findings) for name in names}


def _apart_in(rows: Sequence[Compared]) -> int:
    return sum(row.apart is True for row in rows)


def _can_be_drawn(row: Compared) -> bool:
    """Whether it is a share of the whole organisation that every company has."""
    return row.apart is not None and all(
        r and r.unit == "share" and r.group == "organisation" and not certainty.is_difference(r) for r in row.results
    )


def _name(row: Compared) -> Phrase:
    return say("{label} – apart", label=row.label) if row.apart else row.label


def _points(results: Sequence[Result | None]) -> list[Point]:
    return [
        Point(x=float(n), value=r.estimate, low=r.low, high=r.high) for n, r in enumerate(results) if r and r.estimate is not None
    ]
