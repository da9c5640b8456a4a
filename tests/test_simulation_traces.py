"""Rows straight from a simulated world: complete, true to its truth, and with the reader's error that was planted."""

from dataclasses import fields
from functools import cache

import numpy as np
import pytest

from groundswell.model.reading import COARSE, Act, ActRow, Label
from groundswell.model.trace import PulseAnswer, Seat, TieTrace, Trace, UsageDay
from groundswell.simulation.acts import ACTS, MODALITY
from groundswell.simulation.misreading import confused
from groundswell.simulation.policy import Dials, Policy
from groundswell.simulation.traces import Ids, event_batches
from groundswell.simulation.world import World, simulate

ROWS = ("Position", "Seat", "Programme", "UsageDay", "Trace", "TieTrace", "ArtefactTrace", "PulseAnswer", "ActRow")


@cache
def world(**dials: float) -> World:
    return simulate(people=600, weeks=52, policy=Policy.BOTH, seed=11, dials=Dials(**dials))  # type: ignore[arg-type]


def gather(w: World, **given: object) -> dict[str, dict[str, np.ndarray]]:
    parts: dict[str, list] = {}
    for batch in event_batches(w, **given):  # type: ignore[arg-type]
        parts.setdefault(batch.row.__name__, []).append(batch)
    return {
        name: {column: np.concatenate([b.columns[column] for b in batches]) for column in batches[0].columns}
        for name, batches in parts.items()
    }


@cache
def plain() -> dict[str, dict[str, np.ndarray]]:
    return gather(world())


def test_every_field_of_every_row() -> None:
    """Every row class comes with all its fields, of one length, in batches of bounded size."""
    seen = set()
    for batch in event_batches(world(), labels=50):
        assert list(batch.columns) == [field.name for field in fields(batch.row)]
        assert len({len(column) for column in batch.columns.values()}) == 1
        assert 0 < len(batch) <= 1 << 16
        seen.add(batch.row.__name__)
    assert seen == {*ROWS, "Label"}


def test_ids_are_hashes_and_unique() -> None:
    """Ids are below 2**63, above 0, and name one row each; no pseudonym is a person's number."""
    for name, columns in plain().items():
        assert columns["id"].min() > 0
        if name != "ActRow":
            assert len(np.unique(columns["id"])) == len(columns["id"]), name
        if "actor" in columns:
            assert columns["actor"].min() > 1 << 20
    assert (plain()["TieTrace"]["actor"] != plain()["TieTrace"]["whom"]).all()


def test_same_world_same_rows() -> None:
    """The same world gives the same rows twice."""
    again = gather(simulate(people=600, weeks=52, policy=Policy.BOTH, seed=11))
    for name, columns in plain().items():
        assert all(np.array_equal(columns[c], again[name][c]) for c in columns if columns[c].dtype.kind != "M")


def test_acts_without_error_are_the_truth() -> None:
    """Without a confusion matrix every act is read once, as it is, by its author, with its practice's tool and job."""
    w, rows = world(), plain()["ActRow"]
    truth = w.truth["acts"]
    for name in ("act", "modality", "tool", "job", "drop"):
        assert np.array_equal(rows[name], truth[name])
    assert np.array_equal(rows["actor"], Ids(w.seed).of("person", truth["person"]))
    assert np.array_equal(rows["ts"].astype("datetime64[D]"), truth["date"])


def test_logs_agree_with_uses() -> None:
    """An active day in a log lies in a real use of that tool by that person; a passive one in a performed use."""
    w = world()
    uses = w.course.uses
    for active, performed in ((1, 0), (0, 1)):
        rows = np.flatnonzero(w.log["active"] == active)
        for n in rows[:: max(len(rows) // 60, 1)]:
            person, tool, day = (w.log[name][n] for name in ("person", "tool", "day"))
            mine = (uses["person"] == person) & (uses["tool"] == tool) & (uses["start"] <= day) & (uses["end"] > day)
            assert (uses["performed"][mine] == performed).any()
    assert len(plain()["UsageDay"]["id"]) == len(w.log["day"])


def test_seats_go_with_logs() -> None:
    """Whoever is in a log held a seat on a snapshot or between two, and the last activity is one of the log's days."""
    seats, log = plain()["Seat"], plain()["UsageDay"]
    assert set(zip(log["actor"], log["tool"], strict=True)) <= set(zip(seats["actor"], seats["tool"], strict=True))
    known = ~np.isnat(seats["last_active_on"])
    days = set(zip(log["actor"], log["tool"], log["day"], strict=True))
    held = zip(seats["actor"][known], seats["tool"][known], seats["last_active_on"][known], strict=True)
    assert all(row in days for row in held)
    assert (seats["last_active_on"][known] <= seats["day"][known]).all()


def test_confusion_is_planted() -> None:
    """Acts are missed, and messages without an act are read as one, at the planted rates; marks in commits are not misread."""
    w = world()
    exact = plain()["ActRow"]
    read = gather(w, confusion=confused(sensitivity=0.8, specificity=0.9), seed=2)
    rows = read["ActRow"]
    git = {name: (columns["source"] == "git").sum() for name, columns in (("exact", exact), ("read", rows))}
    assert git["exact"] == git["read"]
    chat = (exact["source"] == "slack").sum()
    true = np.isin(rows["id"], exact["id"]) & (rows["source"] == "slack")
    false = ~np.isin(rows["id"], exact["id"])
    assert true.sum() / chat == pytest.approx(0.8, abs=0.02)
    assert false.sum() / chat == pytest.approx(0.1, abs=0.015)
    swapped = gather(w, confusion={"uses": {"tries": 1.0}}, seed=2)["ActRow"]
    assert not (swapped["act"][swapped["source"] == "slack"] == "uses").any()


def test_confusion_must_be_probabilities() -> None:
    """A row of a confusion matrix that sums to more than one, or is negative, is refused."""
    for row in ({"none": 1.2}, {"none": -0.1}):
        with pytest.raises(ValueError, match="confusion of 'uses'"):
            gather(world(), confusion={"uses": row})


def test_audit_weights_are_right() -> None:
    """The audit's weighted count of an act is unbiased: over 40 audits it meets the true count."""
    w = world()
    confusion = confused(sensitivity=0.7, specificity=0.9)
    code = w.places.is_repository(w.acts["place"])
    done = {ACTS.index(a.value) for a in Act if COARSE[a] == "done"}
    true = (np.isin(w.acts["act"], list(done)) & (w.acts["modality"] == MODALITY["done"]))[~code].sum()
    names = {a.value for a in Act if COARSE[a] == "done"}
    estimates, sizes = [], []
    for seed in range(40):
        for batch in event_batches(w, confusion=confusion, labels=300, seed=seed):
            if batch.row is Label:
                first = np.asarray(batch.columns["coder"]) == 1
                hit = np.isin(batch.columns["act"], list(names)) & first
                estimates.append((hit / np.asarray(batch.columns["probability"])).sum())
                sizes.append(first.sum())
    assert set(sizes) == {300}
    error = np.std(estimates, ddof=1) / np.sqrt(len(estimates))
    assert abs(np.mean(estimates) - true) < 4 * error
    assert error < 0.05 * true


def test_second_coder_labels_a_fifth() -> None:
    """About a fifth of the audit is labelled twice, and the two agree on most but not all."""
    rows = gather(world(), confusion=confused(sensitivity=0.8, specificity=0.9), labels=800, seed=3)["Label"]
    first, second = ({i: a for i, a, c in zip(rows["id"], rows["act"], rows["coder"], strict=True) if c == k} for k in (1, 2))
    assert len(second) / len(first) == pytest.approx(0.2, abs=0.05)
    agree = np.mean([first[i] == a for i, a in second.items()])
    assert 0.85 < agree < 1.0


def test_pulse_answers_as_planted() -> None:
    """Those who used AI the day before answer more often than the others, by the planted rates, and no row bears a person."""
    w = world(respond_user=0.9, respond_other=0.3, starts=0.1)
    rows = gather(w)["PulseAnswer"]
    assert "actor" not in {field.name for field in fields(PulseAnswer)}
    truth = w.truth["quarters"]
    share = truth["used_days"].sum() / truth["days"].sum()
    answered = len(np.unique(w.pulse["person"] * 8 + w.pulse["quarter"]))
    asked = 4 * 600
    assert answered / asked == pytest.approx(0.9 * share + 0.3 * (1 - share), abs=0.03)
    people = np.unique(w.pulse["person"][w.pulse["used"] == 1] * 8 + w.pulse["quarter"][w.pulse["used"] == 1])
    assert len(people) / answered == pytest.approx(0.9 * share / (0.9 * share + 0.3 * (1 - share)), abs=0.04)
    assert set(rows["how"]) <= {"", "own", "colleague", "asked", "programme", "other"}


def test_control_series_covers_the_active() -> None:
    """Nearly everybody leaves some trace of any topic in nearly every week, and ties join people who know each other."""
    w, rows = world(), plain()
    weeks = (rows["Trace"]["day"] - np.datetime64(w.dials.start)).astype(int) // 7
    assert len(np.unique(rows["Trace"]["actor"] * 1_000 + weeks)) > 0.85 * 600 * 52
    ids = Ids(w.seed).of("person", np.arange(len(w.company)))
    one = np.repeat(np.arange(len(w.company)), np.diff(w.network.edges))
    known = set(zip(ids[one].tolist(), ids[w.network.contacts].tolist(), strict=True))
    managers = w.company.managers_on(0)
    below = np.flatnonzero(managers >= 0)
    known |= set(zip(ids[below].tolist(), ids[managers[below]].tolist(), strict=True))
    pairs = zip(rows["TieTrace"]["actor"].tolist(), rows["TieTrace"]["whom"].tolist(), strict=True)
    assert all((a, b) in known or (b, a) in known for a, b in pairs)


def test_rows_are_the_models() -> None:
    """The classes yielded are the model's own."""
    assert {b.row for b in event_batches(world())} >= {ActRow, Seat, TieTrace, Trace, UsageDay}


def test_what_was_only_asked_denied_or_intended_is_labelled_none() -> None:
    """In an audit only what was done is an act: of messages without any done act, no first label and no class says otherwise."""
    rows = gather(world(), confusion=confused(sensitivity=1.0, specificity=1.0), labels=6_000, seed=3)
    acts, labels = rows["ActRow"], rows["Label"]
    done = set(acts["id"][acts["modality"] == "done"].tolist())
    undone = set(acts["id"].tolist()) - done
    first = labels["coder"] == 1
    seen = np.array([id_ in undone for id_ in labels["id"].tolist()]) & first
    assert seen.sum() > 20
    assert set(labels["act"][seen].tolist()) == {"none"}
    assert set(labels["predicted"][seen].tolist()) == {"none"}
