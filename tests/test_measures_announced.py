"""M1: announcements and what followed them are counted as a plain reading of the rule says, whatever the engine's plan."""

import numpy as np

from groundswell.measures.follow_through import MEASURE
from measure_rows import day, engine, members, moment


def use(person, tool, when):
    return {"person": person, "ts": moment(when), "tool": tool, "source": "git"}


def test_the_count_equals_a_plain_python_one():
    """In a company with a chart for half of the people, every person-week after an announcement is found, and no other.

    The engine's own plan must not matter: an earlier text with a left join lost the announcements that concern everybody.
    """
    chance = np.random.default_rng(51)
    charted = [{"person": p, "unit": f"unit {p % 3}", "manager_person": p % 3 + 1 if p > 3 else 0} for p in range(1, 21)]
    tools = ["quill", "anvil"]

    def drawn(first, last):
        return int(chance.integers(first, last))

    board = {"act": "announces", "channel": "board", "source": "board"}
    acts = [
        {**board, "person": drawn(1, 41), "ts": moment(drawn(50, 90)), "tool": tools[drawn(0, 2)], "place": drawn(1, 4)}
        for _ in range(12)
    ]
    acts += [use(drawn(1, 41), tools[drawn(0, 2)], drawn(0, 250)) for _ in range(1500)]
    tables = MEASURE.count(engine(acts=acts, members=members(charted))).tables
    got = {(r["case_no"], r["week"], r["after_days"]) for r in tables["evidence"].to_pylist()}
    expected, lived = _by_hand(acts, charted)
    assert got == expected
    assert [r["lived"] for r in tables["cases"].to_pylist()] == lived


def test_what_is_passed_on_down_the_line_is_no_announcement_of_its_own():
    """A lead who repeats what was said above within 90 days adds no case; one who names another thing, or comes later, does."""
    charted = [{"person": p, "unit": f"unit {min(p, 2)}", "manager_person": p - 1} for p in (1, 2, 3)]
    said = {"act": "announces", "channel": "board", "source": "board", "place": 1}
    top = {**said, "person": 1, "ts": moment(50), "tool": "quill", "job": "support"}

    def cases(**repeat):
        acts = [top, {**said, "person": 3, "ts": moment(60), "tool": "quill", "job": "support", **repeat}, use(2, "quill", 70)]
        return len(MEASURE.count(engine(acts=acts, members=members(charted))).tables["cases"])

    assert cases() == cases(job="unknown") == cases(tool="any") == cases(ts=moment(50)) == 1
    assert cases(tool="anvil") == cases(job="legal") == cases(ts=moment(141)) == cases(ts=moment(49)) == 2
    assert cases(person=7) == 2  # nobody above them said it


def _passed_on(announcement, acts, boss):
    """Whether somebody above said the same within the 90 days before."""
    above, who = set(), announcement["person"]
    while boss.get(who):
        who = boss[who]
        above.add(who)
    return any(
        a.get("act") == "announces" and a["person"] in above and a["tool"] == announcement["tool"]
        and 0 <= (announcement["ts"].date() - a["ts"].date()).days <= 90
        for a in acts
    )  # fmt: skip


def _by_hand(acts, charted):
    unit, boss = {m["person"]: m["unit"] for m in charted}, {m["person"]: m["manager_person"] for m in charted}
    week = lambda ts: (ts.date() - day(0)).days // 7 + (day(0).toordinal() - 719163 - 4) // 7  # noqa: E731
    said = {}
    for a in acts:
        if a.get("act") == "announces" and not _passed_on(a, acts, boss):
            key = (unit.get(a["person"]) or str(a["place"]), a["tool"], week(a["ts"]))
            said[key] = min(said.get(key, a), a, key=lambda x: x["ts"])
    cases = sorted(said.items(), key=lambda item: (item[1]["ts"], item[0][0], item[0][1]))
    expected, lived = set(), []
    for n, ((where, tool, _), case) in enumerate(cases, start=1):
        who, day_ = case["person"], case["ts"].date()
        if who in boss.values():
            concerned = {p for p in boss if boss[p] == who or boss.get(boss[p]) == who} | {who}
        else:
            concerned = {p for p in unit if unit[p] == where} if who in unit else set(range(1, 41))
        mine = [a for a in acts if a.get("act") is None and a["tool"] == tool and a["person"] in concerned]
        lived.append(int(any(a["ts"].date() < day_ for a in mine)))
        first = {}
        for a in mine:
            after = (a["ts"].date() - day_).days
            if a["person"] != who and 0 <= after <= 90:
                key = (week(a["ts"]), a["person"])
                first[key] = min(first.get(key, after), after)
        by_week = {}
        for (w, p), after in first.items():
            by_week.setdefault(w, []).append((after, p))
        expected |= {(n, w, after) for w, rows in by_week.items() for after, _ in sorted(rows)[:12]}
    return expected, lived
