"""How often was the program that read the messages right, where people checked?"""

from typing import Any

import numpy as np

from groundswell.measures import _labels as labels
from groundswell.measures._floors import Quantity
from groundswell.measures._rates import Floats, Interval, wilson
from groundswell.measures._weeks import monday_of, sunday_of
from groundswell.model.measure import Counts, EngineLike, Exit, Finding, Measure, ReleaseLike, Result
from groundswell.model.phrase import Phrase, say

CLASSES: dict[str, Phrase] = {
    "said": say("said"),
    "done": say("done"),
    "learned": say("learned"),
    "dropped": say("dropped"),
}
"""Classes a page counts, with their names."""

LEAST_CLAIMED = 10
"""Fewest audited messages a share of right readings may rest on."""

_CHECKED = """
select dense_rank() over (order by l.id) as item, l.coder, min(l.probability) as probability, max(l.predicted) as predicted,
       max(case when l.stratum like 'missed%' then 1 else 0 end) as missed,
       max(case when l.act in ('uses', 'tries', 'shares', 'takes_up') then 1 else 0 end) as done,
       max(case when l.act in ('announces', 'demands', 'pressed') then 1 else 0 end) as said,
       max(case when l.act = 'learns' then 1 else 0 end) as learned,
       max(case when l.act = 'drops' then 1 else 0 end) as dropped
from labels l
group by l.id, l.coder
order by item, l.coder"""

_SPAN = """
select count(distinct t.person) as people, min(t.week) as first_week, max(t.week) as top_week
from (select person, week_of(day) as week from traces where person > 0) t"""

_SQL = {"checked": _CHECKED, "span": _SPAN}

_ASSUMPTIONS = (
    say("Audited messages were drawn at random, each with a known chance."),
    say("The first labeller's word is taken as true; how far two people agree stands beside it."),
)


def count(engine: EngineLike) -> Counts:
    """Lay out what the program gave and what people saw, one row an audited message and labeller.

    Returns:
        `checked`: predicted class, chance of being drawn, whether it had not passed the first filter, classes seen (0 or 1).
    """
    tables = {name: engine.run(sql) for name, sql in _SQL.items()}
    span = tables["span"].to_pylist()[0]
    return Counts(
        measure="reliability",
        exit=Exit.PRACTICES,
        tables=tables,
        people=span["people"],
        units=len(set(tables["checked"]["item"].to_pylist())),
        start=monday_of(span["first_week"] or 0),
        end=sunday_of(span["top_week"] or 0),
    )


def estimate(release: ReleaseLike) -> Finding:
    """Say for each class how much of what the program claimed is so, and how much of what is so it found.

    Args:
        release: tables of `count`; a refused release withholds everything.

    Returns:
        Shares weighted by 1 / chance of being drawn, with Wilson intervals at the effective number of messages.
    """
    if release.refused is not None:
        return _withheld(release, release.refused, release.unlock)
    rows = [row for row in release.tables["checked"].to_pylist() if row["coder"] == 1]
    if len(rows) < labels.LEAST_GOLD:
        why = labels.why_withheld(labels.gold_of(_as_gold(release), "done"))
        return _withheld(release, *(why or (say("messages were read by a program, and nobody has audited it here"), None)))
    weight = np.array([1.0 / row["probability"] for row in rows])
    results: list[Result] = []
    for name in CLASSES:
        claimed = np.array([row["predicted"] == name for row in rows], dtype=bool)
        seen = np.array([bool(row[name]) for row in rows], dtype=bool)
        results += [
            _share(_quantity(release, name, "right"), seen, claimed, weight),
            _share(_quantity(release, name, "found"), claimed, seen, weight),
        ]
    missed = np.array([bool(row["missed"]) for row in rows], dtype=bool)
    any_act = np.array([any(row[name] for name in CLASSES) for row in rows], dtype=bool)
    results.append(_share(_quantity(release, "", "filter"), missed, any_act, weight))
    twice = labels.alpha_of(labels.gold_of(_as_gold(release), "done"))
    known = (
        None if twice is None else say("Two people who labelled the same messages agree with alpha {alpha:ratio}.", alpha=twice)
    )
    sentence = say(
        "{n:count} message was checked by a person: below is how often the program was right"
        " | {n:count} messages were checked by a person: below is how often the program was right",
        n=len(rows),
    )
    return Finding(measure="reliability", sentence=sentence, results=tuple(results), known=known)


def _share(quantity: Quantity, hit: "np.ndarray[Any, Any]", among: "np.ndarray[Any, Any]", weight: Floats) -> Result:
    """Weighted share of hits among some messages, withheld where they are too few."""
    if among.sum() < LEAST_CLAIMED:
        return quantity.withheld(
            say("fewer than {least:count} audited messages show it", least=LEAST_CLAIMED), say("Run `groundswell audit`.")
        )
    kept = weight[among]
    share = float(np.average(hit[among], weights=kept))
    effective = float(kept.sum() ** 2 / (kept**2).sum())
    around = wilson(share * effective, effective)
    return quantity.value(Interval(share, min(around.low, share), max(around.high, share)))  # at 0 and 1 floats differ


def _quantity(release: ReleaseLike, name: str, kind: str) -> Quantity:
    label = {
        "right": say("Of messages read as “{kind}”, the share that is so", kind=CLASSES.get(name, say("done"))),
        "found": say("Of messages that are “{kind}”, the share that was found", kind=CLASSES.get(name, say("done"))),
        "filter": say("Of messages with any such act, the share the first filter passed over"),
    }[kind]
    return Quantity(
        measure="reliability", key=f"{kind}_{name}" if name else kind, label=label, unit="share", start=release.start,
        end=release.end, n_people=release.people, n_units=release.units, assumptions=_ASSUMPTIONS, figures=2,
    )  # fmt: skip


def _withheld(release: ReleaseLike, reason: Phrase, unlock: Phrase | None) -> Finding:
    results = [_quantity(release, name, "right").withheld(reason, unlock) for name in CLASSES]
    sentence = say("How often the program that read the messages is right is not known here: {reason}.", reason=reason)
    return Finding(measure="reliability", sentence=sentence, results=tuple(results))


def _as_gold(release: ReleaseLike) -> Any:
    """The same rows in the form M0 takes, without score, source and week, which no number here rests on."""
    import pyarrow as pa

    table = release.tables["checked"]
    extra = {"score": pa.array([0.0] * len(table)), "source": pa.array([""] * len(table)), "week": pa.nulls(len(table))}
    for column, values in extra.items():
        table = table.append_column(column, values)
    return table


MEASURE = Measure(
    name="reliability",
    code="M0",
    title=say("How far the reading can be trusted"),
    question=say("How often was the program that read the messages right?"),
    estimand=say(
        "For each class, the share of claimed messages that a person sees so too, and the share of such messages that were "
        "claimed, in the population the audit was drawn from."
    ),
    unit="messages",
    exit=Exit.PRACTICES,
    needs=("labels",),
    sql=_SQL,
    assumptions=_ASSUMPTIONS,
    references=("Hájek 1971", "Wilson 1927", "Krippendorff 2011"),
    order=110,
    count=count,
    estimate=estimate,
    known_limits=(say("A class is read, not a person: nothing here tells who wrote what."),),
)
