"""Whoever makes a mirror reads one person's rows, cannot open what they make, and leaves nothing of it behind."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from groundswell.errors import InputError, PrivacyError
from groundswell.model.reading import Act, Modality
from groundswell.privacy import mirror as door
from groundswell.privacy import record
from groundswell.privacy.charter import Charter
from groundswell.privacy.keyring import open_keys
from groundswell.privacy.mirror import key_for, unseal
from groundswell.runs.folder import Folder, init, read
from groundswell.runs.mirror import items_of, mirror_of, sealed_mirror
from groundswell.runs.subject import Handles

NOW = datetime(2026, 4, 10, 9, tzinfo=UTC)
PHRASE = "the heron waits by the weir"
LEADER, OTHER = "ada@lanterne.example", "bo@lanterne.example"


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """A cheaper key derivation for tests."""
    monkeypatch.setattr(door, "_OPS", 1)
    monkeypatch.setattr(door, "_MEMORY", 8192 * 1024)


@pytest.fixture(scope="module")
def company(tmp_path_factory):
    """A company in whose public channel two people write; one of them demands a good deal."""
    tmp_path = tmp_path_factory.mktemp("company")
    export = tmp_path / "export"
    (export / "general").mkdir(parents=True)
    names = {"U1": LEADER, "U2": OTHER}
    users = [{"id": u, "name": u, "profile": {"email": address}} for u, address in names.items()]
    (export / "users.json").write_text(json.dumps(users))
    (export / "channels.json").write_text(json.dumps([{"id": "C1", "name": "general", "members": list(names)}]))
    said = {
        "U1": "Everyone must use Claude for every ticket by the end of the quarter, no exceptions.",
        "U2": "I tried Claude on the invoices yesterday and it worked.",
    }
    for n in range(60):
        day = date(2025, 11, 3) + timedelta(days=2 * n)
        at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC).timestamp()
        posts = [
            {"type": "message", "user": user, "text": f"{text} ({n})", "ts": f"{at + i:.6f}"}
            for i, (user, text) in enumerate(said.items())
        ]
        (export / "general" / f"{day.isoformat()}.json").write_text(json.dumps(posts))
    folder = Folder(tmp_path / "company")
    init(folder, Charter(), now=NOW)
    keys = open_keys(tmp_path / "key.json", now=NOW)
    read(folder, [export], key=keys.key, now=NOW, workers=1)
    return folder, keys


def test_somebody_sees_their_own_words_and_nobody_elses(company):
    """The leader's demands are in the leader's mirror; of the other person's trials there is none."""
    folder, keys = company
    shown = mirror_of(folder, Handles(email=LEADER), keys=keys, now=NOW)
    whole = {item: sum(q.counts[item] for q in shown.quarters) for item in door.ITEMS}
    assert whole["demands"] > 40
    assert whole["prototypes"] == 0
    others = mirror_of(folder, Handles(email=OTHER), keys=keys, now=NOW)
    assert sum(q.counts["demands"] for q in others.quarters) == 0
    assert [q.quarter for q in shown.quarters] == ["2025-Q3", "2025-Q4", "2026-Q1", "2026-Q2"]
    assert mirror_of(folder, Handles(email="nobody@lanterne.example"), keys=keys, now=NOW).withheld


def test_whoever_makes_a_mirror_cannot_open_it(company):
    """Sealed to a key, it is opened by the sentence alone; folder, record and key of the company do not open it."""
    folder, keys = company
    sealed = sealed_mirror(folder, Handles(email=LEADER), to=key_for(PHRASE), keys=keys, now=NOW)
    assert unseal(sealed, PHRASE) == mirror_of(folder, Handles(email=LEADER), keys=keys, now=NOW)
    for guess in (keys.key.hex(), LEADER, folder.record_file.read_text(), "another sentence of hers"):
        with pytest.raises(PrivacyError):
            unseal(sealed, guess)


def test_only_that_a_mirror_was_opened_is_kept(company):
    """Nothing in the folder changes but the record, which says that a mirror was opened, and not whose nor what it showed."""
    folder, keys = company
    before = {p: p.read_bytes() for p in folder.path.rglob("*") if p.is_file()}
    sealed_mirror(folder, Handles(email=LEADER), to=key_for(PHRASE), keys=keys, now=NOW)
    after = {p: p.read_bytes() for p in folder.path.rglob("*") if p.is_file()}
    assert {p for p in after if after[p] != before.get(p)} == {folder.record_file}
    (*_, last) = record.verify(folder.record_file)
    assert (last.kind, dict(last.facts)) == ("mirror opened", {})


def test_without_the_key_there_is_no_mirror(company, tmp_path):
    """Another key shows nothing, and neither does a name, which proves nothing."""
    folder, _ = company
    with pytest.raises(PrivacyError):
        mirror_of(folder, Handles(email=LEADER), keys=open_keys(tmp_path / "other.json", now=NOW), now=NOW)
    with pytest.raises(InputError):
        mirror_of(folder, Handles(), keys=company[1], now=NOW)


@pytest.mark.parametrize(
    ("act", "way", "more", "items"),
    [
        (Act.TRIES, Modality.DONE, {}, {"prototypes"}),
        (Act.SHARES, Modality.DONE, {"whom": 5}, {"help"}),
        (Act.LEARNS, Modality.DONE, {}, {"lessons"}),
        (Act.DROPS, Modality.NEGATED, {}, set()),
        (Act.USES, Modality.ASKED, {}, {"questions"}),
        (Act.DEMANDS, Modality.DONE, {"deadline": True, "sanction": True}, {"demands", "deadlines", "sanctions"}),
        (Act.ANNOUNCES, Modality.INTENDED, {"reason": True}, {"reasons"}),
        (Act.DEMANDS, Modality.REPORTED, {"deadline": True}, set()),
    ],
)
def test_what_an_act_is_in_a_mirror(act, way, more, items):
    """Each act stands under what its author did by it; what they report of others is not theirs."""
    row = {"act": act, "modality": way, "whom": 0, "reason": False, "deadline": False, "sanction": False, **more}
    assert items_of(row) == items
