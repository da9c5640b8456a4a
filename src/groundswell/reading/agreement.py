"""How far do two people who label the same messages agree beyond chance?"""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence


def krippendorff(units: Iterable[Sequence[Hashable | None]]) -> float | None:
    """Krippendorff's alpha for nominal values.

    Args:
        units: the values each unit was given, one a coder; None where a coder gave none.

    Returns:
        At most 1 (perfect agreement), 0 at chance, below 0 for agreement worse than chance; None where fewer than two values can
        be paired or only one value ever occurs, because then agreement cannot be told from chance.

    Source: Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), section C, nominal data with any number of coders.
    """
    weights: dict[tuple[Hashable, Hashable], float] = {}
    totals: dict[Hashable, float] = {}
    for values in units:
        given = Counter(value for value in values if value is not None)
        paired = sum(given.values())
        if paired < 2:
            continue
        for one, first in given.items():
            totals[one] = totals.get(one, 0.0) + first
            for other, second in given.items():
                pairs = first * (second - (one == other))
                weights[one, other] = weights.get((one, other), 0.0) + pairs / (paired - 1)
    n = sum(totals.values())
    expected = n * n - sum(total * total for total in totals.values())
    if n < 2 or expected == 0:
        return None
    observed = sum(weight for (one, other), weight in weights.items() if one != other)
    return 1.0 - (n - 1) * observed / expected
