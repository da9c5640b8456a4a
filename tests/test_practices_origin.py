"""How practices started (M2): the as-of rule, its look-backs, and that nothing after a birth can change an origin."""

import numpy as np
import pytest

from groundswell.practices import origin
from practice_company import day, linked, moment

BIRTH = 200
END = 420

# Person 1 uses; 2 is the manager; 3 is above; 4 sits elsewhere; 5 to 8 make up the company.
CHART = [
    {"person": p, "unit": "north" if p < 4 else "south", "manager_person": boss, "day": day(0), "source": "chart"}
    for p, boss in ((1, 2), (2, 3), (3, 0), (4, 0), (5, 4), (6, 4), (7, 4), (8, 4))
]
TRACES = [
    {"person": p, "day": day(d), "place": {4: 13}.get(p, 11), "source": "chat"} for p in range(1, 9) for d in range(0, END + 1, 5)
]


def use(at=BIRTH + 0.6, person=1, **more):
    """One concrete use."""
    return {"person": person, "act": "uses", "tool": "quill", "ts": moment(at), **more}


def demand(at=BIRTH - 20, person=2, tool="quill", job="unknown", place=12, **more):
    """Somebody asks others to use a tool."""
    return {"person": person, "act": "demands", "tool": tool, "job": job, "place": place, "ts": moment(at), **more}


def origin_of(acts, births=1, **rows):
    """Origin of the practice of the first user, and whether it is fragile."""
    found = linked(END, acts=acts, **{"traces": TRACES, "positions": CHART, **rows}).run(
        "select origin, fragile from practices where tool = 'quill' and unit = 'north'"
    )
    assert found.num_rows == births
    return found["origin"][0].as_py(), found["fragile"][0].as_py()


def test_nothing_before_and_a_leader_to_be_heard_is_grassroots():
    """Nobody asked, nothing was given, and the manager could be heard in chat: somebody tried it."""
    assert origin_of([use()]) == ("grassroots", False)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (demand(), "mandated"),
        (demand(person=3), "mandated"),
        (demand(tool="any", job="coding"), "mandated"),
        (demand(tool="any"), "interleaved"),
        (demand(tool=""), "interleaved"),
        (demand(tool="pen"), "grassroots"),
        (demand(tool="pen", job="coding"), "mandated"),
        (demand(tool="any", job="testing"), "grassroots"),
        (demand(tool="any", job="unknown", at=BIRTH - 100), "grassroots"),
        (demand(person=4, place=13), "grassroots"),
        (demand(person=4, place=11), "mandated"),
        (demand(person=4, place=13, readers=6), "mandated"),
        (demand(person=4, place=13, readers=3), "grassroots"),
        (demand(person=1, place=11), "grassroots"),
        (demand(act="pressed", person=1), "mandated"),
        (demand(act="pressed", person=4, place=11), "grassroots"),
        (demand(act="announces"), "grassroots"),
        (demand(act="announces", obligation=True), "mandated"),
        (demand(act="nudges"), "grassroots"),
        (demand(modality="negated"), "grassroots"),
        (demand(at=BIRTH - 91), "grassroots"),
        (demand(at=BIRTH + 0.5), "mandated"),
        (demand(at=BIRTH + 0.7), "grassroots"),
        (demand(at=BIRTH + 30), "grassroots"),
    ],
)
def test_demand_counts_if_it_names_it_reached_the_first_user_and_came_before(before, expected):
    """What was asked, by whom, where and when decides; asking oneself, hearsay of others and later demands do not."""
    assert origin_of([use(), before])[0] == expected


@pytest.mark.parametrize(
    ("programme", "expected"),
    [
        ({"kind": "training"}, "provisioned"),
        ({"kind": "seats", "tool": "quill"}, "provisioned"),
        ({"kind": "vendor", "unit": "north"}, "provisioned"),
        ({"kind": "training", "tool": "pen"}, "grassroots"),
        ({"kind": "training", "unit": "south"}, "grassroots"),
        ({"kind": "event"}, "grassroots"),
        ({"kind": "training", "day": day(BIRTH - 91)}, "grassroots"),
        ({"kind": "training", "day": day(BIRTH + 1)}, "grassroots"),
    ],
)
def test_programme_provides_if_it_concerns_the_first_user_and_came_before(programme, expected):
    """Trainings, seats and vendors' events of the unit and tool provide; others, and later ones, do not."""
    assert origin_of([use()], programmes=[{"day": day(BIRTH - 10), "source": "chart", **programme}])[0] == expected


def test_seat_of_the_first_user_provides():
    """A seat assigned to the first user before the birth provides; a colleague's or a later one does not."""

    def seat(person, on):
        return {"person": person, "tool": "quill", "assigned_on": day(on), "day": day(END), "source": "seats"}

    assert origin_of([use()], seats=[seat(1, BIRTH - 5)])[0] == "provisioned"
    assert origin_of([use()], seats=[seat(2, BIRTH - 5)])[0] == "grassroots"
    assert origin_of([use()], seats=[seat(1, BIRTH + 5)])[0] == "grassroots"


def test_demand_outweighs_what_was_given_and_what_was_given_a_general_call():
    """With all three, mandated; without the named demand, provisioned."""
    training = [{"kind": "training", "day": day(BIRTH - 10), "source": "chart"}]
    general = demand(tool="any")
    assert origin_of([use(), demand(), general], programmes=training)[0] == "mandated"
    assert origin_of([use(), general], programmes=training)[0] == "provisioned"


def test_without_a_leader_to_be_heard_no_mandate_was_seen():
    """If nobody in the reporting line ever writes in a chat we read, nothing may be called grassroots."""
    silent = [t for t in TRACES if t["person"] not in (2, 3)]
    assert origin_of([use()], traces=silent)[0] == "no_mandate_seen"


def test_chat_that_does_not_reach_back_makes_the_start_unknown():
    """Born seven weeks after the chat begins, with no demand seen, the start is unknown; with one seen, it is known."""
    late = [t for t in TRACES if t["day"] >= day(BIRTH - 50)]
    assert origin_of([use()], traces=late)[0] == "unknown"
    assert origin_of([use(), demand()], traces=late)[0] == "mandated"


def test_reporting_line_is_that_of_the_day():
    """A demand by somebody who became the manager only later does not count."""
    moved = [{**row, "day": day(210), "manager_person": 4} if row["person"] == 1 else {**row, "day": day(210)} for row in CHART]
    asked = demand(person=4, place=13)
    assert origin_of([use(), asked], positions=[*CHART, *moved])[0] == "grassroots"
    earlier = [{**row, "day": day(150)} for row in moved]
    assert origin_of([use(), asked], positions=[*CHART, *earlier])[0] == "mandated"


def test_channel_first_read_after_the_birth_does_not_count():
    """A demand in a channel the first user came to only later had not reached them."""
    asked = demand(person=4, place=13)
    came = {"person": 1, "day": day(BIRTH + 10), "place": 13, "source": "chat"}
    assert origin_of([use(), asked], traces=[*TRACES, came])[0] == "grassroots"
    assert origin_of([use(), asked], traces=[*TRACES, {**came, "day": day(BIRTH - 40)}])[0] == "mandated"


@pytest.mark.parametrize(("days", "fragile"), [(20, False), (45, False), (75, True), (120, False)])
def test_origin_that_most_look_backs_do_not_share_is_fragile(days, fragile):
    """At 75 days back two look-backs of four say mandated and two do not; elsewhere three agree."""
    assert origin_of([use(), demand(at=BIRTH - days)])[1] is fragile


def test_chief_who_writes_to_one_department_asks_only_those_who_read_there():
    """A demand from far above counts where half of their people read, or where the unit itself writes; else not."""
    chart = [{**row, "manager_person": 3 if row["person"] == 4 else row["manager_person"]} for row in CHART]
    narrow, wide = demand(person=3, place=13, readers=2), demand(person=3, place=13, readers=5)
    assert origin_of([use(), narrow], positions=chart)[0] == "grassroots"
    assert origin_of([use(), wide], positions=chart)[0] == "mandated"
    mate = {"person": 2, "day": day(BIRTH - 40), "place": 13, "source": "chat"}
    assert origin_of([use(), narrow], positions=chart, traces=[*TRACES, mate])[0] == "mandated"
    assert origin_of([use(), narrow], positions=chart, traces=[*TRACES, {**mate, "day": day(BIRTH + 9)}])[0] == "grassroots"


def test_circle_in_the_chart_ends():
    """Two people who manage each other do not hang the reporting line."""
    circle = [{**row, "manager_person": {1: 2, 2: 1}.get(row["person"], 0)} for row in CHART]
    assert origin_of([use(), demand()], positions=circle)[0] == "mandated"


def test_no_later_event_changes_an_origin():
    """R3: deleting, moving and replacing everything after the births leaves every origin and its fragility as they were."""
    rng = np.random.default_rng(9)
    early = [
        use(at=float(t), person=int(p), tool=("quill", "pen", "nib")[int(t) % 3], job=("coding", "testing")[int(t) % 2])
        for p, t in zip(rng.integers(1, 9, 9), rng.uniform(60, 200, 9), strict=True)
    ]
    who, when, where = rng.integers(1, 9, 6), rng.uniform(10, 200, 6), rng.integers(12, 14, 6)
    what = rng.choice(["quill", "any", "pen"], 6)
    early += [
        demand(at=float(t), person=int(p), tool=str(tool), place=int(place))
        for p, t, tool, place in zip(who, when, what, where, strict=True)
    ]
    given = [{"kind": "training", "day": day(120), "unit": "south", "source": "chart"}]
    before = [t for t in TRACES if t["day"] < day(201)]

    def found(seed):
        later = np.random.default_rng(seed)
        n = int(later.integers(0, 30))
        acts = [
            use(at=float(t), person=int(p), place=int(11 + p % 2))
            if k
            else demand(at=float(t), person=int(p), tool="quill", place=11)
            for p, t, k in zip(later.integers(1, 9, n), later.uniform(201, END, n), later.integers(0, 2, n), strict=True)
        ]
        traces = [t for t in TRACES if t["day"] >= day(201) and later.random() < 0.5]
        programmes = [{"kind": "training", "day": day(int(d)), "source": "chart"} for d in later.integers(202, END, 3)]
        seats = [
            {"person": 1, "tool": "quill", "assigned_on": day(int(later.integers(202, END))), "day": day(END), "source": "s"}
        ]
        engine = linked(
            END, acts=early + acts, traces=before + traces, positions=CHART, programmes=given + programmes, seats=seats
        )
        rows = engine.run("select tool, job, unit, born_on, origin, fragile from practices order by tool, job, unit").to_pylist()
        return [row for row in rows if row["born_on"] < day(201)]

    first = found(0)
    assert len({row["origin"] for row in first}) >= 3
    for seed in range(1, 7):
        assert found(seed) == first


def test_an_origin_that_looked_ahead_would_be_caught():
    """Fault planted: with the strictness taken out of the text, the demand after the birth does change the origin."""
    after = [use(), demand(at=BIRTH + 0.7)]
    engine = linked(END, acts=after, traces=TRACES, positions=CHART)
    assert engine.run(origin.DEMANDED).num_rows == 0
    assert engine.run(origin.DEMANDED.replace("d.ts < b.born_ts and", "")).num_rows == 1
