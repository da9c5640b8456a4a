"""No path yields another person's mirror: only leaders ask, only a vouched address is looked up, nothing stays."""

import html
import re
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from groundswell.privacy import mirror as door
from groundswell.privacy.charter import Charter
from groundswell.privacy.keyring import open_keys
from groundswell.privacy.mirror import Own, key_for, reflect, seal
from groundswell.runs import folder as folders
from groundswell.selfreport.base import writing
from web_company import company

PHRASE = "the heron waits by the weir"
SHOWN = reflect([Own("2025-Q4", 300, 20, {"demands": 20}), Own("2026-Q1", 300, 40, {"lessons": 39})], right={}, seed=1)


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    """A cheaper key derivation for tests."""
    monkeypatch.setattr(door, "_OPS", 1)
    monkeypatch.setattr(door, "_MEMORY", 8192 * 1024)
    monkeypatch.delenv("GROUNDSWELL_KEY", raising=False)


@pytest.fixture
def served(tmp_path):
    folders.init(folders.Folder(tmp_path), Charter(), now=datetime(2026, 1, 1, tzinfo=UTC))
    return company(tmp_path)


def with_key(served, monkeypatch, tmp_path_factory):
    place = tmp_path_factory.mktemp("key") / "key.json"
    open_keys(place, now=served.now)
    monkeypatch.setenv("GROUNDSWELL_KEY", str(place))


def test_a_key_is_made_and_a_sealed_mirror_opened(served):
    """A leader makes a key, whoever holds the company's key seals a mirror to it, the leader's sentence opens it on the page."""
    ada = served.joined("Ada", leads=True)
    made = ada.post("/mirror/key", page=ada.get("/mirror"), sentence=PHRASE)
    key = html.unescape(re.search(r"<pre>([\w=-]+)</pre>", made.text)[1])
    opened = ada.post("/mirror/open", page=ada.get("/mirror"), sentence=PHRASE, sealed=seal(SHOWN, key))
    assert opened.status_code == 200
    assert "changed beyond chance" in opened.text
    assert "Coutifaris &amp; Grant 2022" in opened.text
    assert PHRASE not in made.text + opened.text


def test_another_persons_mirror_stays_shut(served):
    """A sealed mirror that fell into other hands is not opened by any sentence of theirs, nor by being signed in."""
    bo = served.joined("Bo", leads=True)
    stolen = seal(SHOWN, key_for(PHRASE))
    answer = bo.post("/mirror/open", page=bo.get("/mirror"), sentence="another sentence of his", sealed=stolen)
    assert answer.status_code == 403
    assert "2025-Q4" not in answer.text


def test_who_leads_nobody_has_no_mirror(served):
    """Members and strangers are kept out of every door of it, stewards too."""
    member, stranger = served.joined("Cy"), served.browser()
    for path in ("/mirror", "/mirror/look", "/mirror/key", "/mirror/open"):
        assert member.get("/mirror").status_code == 403
        assert stranger.get("/mirror").status_code == 303
        if path != "/mirror":
            page = member.get("/")
            assert member.post(path, page=page, sentence=PHRASE, sealed="x").status_code == 403


def test_a_typed_address_proves_nothing(served, monkeypatch, tmp_path_factory):
    """A local account may have been joined under another person's address: it sees no words read from exports."""
    with_key(served, monkeypatch, tmp_path_factory)
    ada = served.joined("Ada", leads=True)
    assert ada.post("/mirror/look", page=ada.get("/mirror"), sentence=PHRASE).status_code == 409


def test_a_vouched_address_is_looked_up_and_nothing_else(served, monkeypatch, tmp_path_factory):
    """Who asks is who is shown: no field of the request names anybody, and what is noted is that a mirror was made."""
    with_key(served, monkeypatch, tmp_path_factory)
    ada = served.joined("Ada", leads=True)
    with writing(served.book) as connection:
        connection.execute(sa.text("update accounts set issuer = 'https://id.example', subject = '1'"))
    page = ada.get("/mirror")
    answer = ada.post("/mirror/look", page=page, sentence=PHRASE, email="bo@lanterne.example", address="bo@lanterne.example")
    assert answer.status_code == 200
    assert "too few to say anything" in answer.text
    told = folders.Folder(served.folder).record_file.read_text()
    assert "mirror opened" in told
    assert "lanterne.example" not in told
    assert ada.member.account not in told


def test_nothing_of_a_mirror_stays(served, caplog):
    """Neither book, nor folder, nor log holds a sentence, a key, a sealed text or a count after a mirror was opened."""
    ada = served.joined("Ada", leads=True)
    key = key_for(PHRASE)
    sealed = seal(SHOWN, key)
    ada.post("/mirror/key", page=ada.get("/mirror"), sentence=PHRASE)
    ada.post("/mirror/open", page=ada.get("/mirror"), sentence=PHRASE, sealed=sealed)
    with served.book.connect() as connection:
        connection.exec_driver_sql("pragma wal_checkpoint(truncate)")
    held = b"".join(path.read_bytes() for path in served.folder.rglob("*") if path.is_file()) + caplog.text.encode()
    for part in (PHRASE, key, sealed[:40], "2025-Q4"):
        assert part.encode() not in held
