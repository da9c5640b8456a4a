"""The audit: a sample is drawn, shown without date and author, labelled, and kept without its text."""

import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from groundswell.cli import audit_page
from groundswell.cli.audit import KEYS, MEANING
from groundswell.cli.main import app
from groundswell.errors import NothingToReadError, PrivacyError
from groundswell.model.reading import Act
from groundswell.privacy import record
from groundswell.privacy.charter import Charter
from groundswell.runs import audit
from groundswell.runs.find import find
from groundswell.runs.folder import Folder, init
from groundswell.runs.pack import pack
from groundswell.store.tables import Store

SAMPLES = Path(__file__).parent / "data" / "sources"
KEY = bytes(range(32))
NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def chat(tmp_path_factory):
    """An invented Slack export in which people speak of AI often."""
    folder = tmp_path_factory.mktemp("chat") / "export"
    (folder / "general").mkdir(parents=True)
    words = ["I used Claude to write the tests for this ticket", "we must all use Copilot by Friday", "lunch?", "thanks, see you"]
    posts = [
        {"type": "message", "user": f"U{n % 7}", "ts": f"{1772442000 + 60 * n}.000100", "text": f"{words[n % 4]} {n}"}
        for n in range(80)
    ]
    (folder / "general" / "2026-03-02.json").write_text(json.dumps(posts))
    (folder / "channels.json").write_text(json.dumps([{"id": "C1", "name": "general", "members": []}]))
    (folder / "users.json").write_text(json.dumps([{"id": f"U{n}", "name": f"u{n}", "profile": {}} for n in range(7)]))
    (folder / "integration_logs.json").write_text("[]")
    return folder


@pytest.fixture(scope="module")
def items(chat):
    """A sample of twenty messages."""
    return audit.sample(find([chat]).exports, key=KEY, n=20, seed=1)


def test_a_sample_is_drawn_with_known_chances_and_the_same_again(chat, items):
    """Twenty messages, each with its chance in (0, 1]; the same seed draws the same, another draws others."""
    assert len(items) == 20
    assert all(0 < i.draw.probability <= 1 for i in items)
    again = audit.sample(find([chat]).exports, key=KEY, n=20, seed=1)
    assert [i.draw for i in again] == [i.draw for i in items]
    other = audit.sample(find([chat]).exports, key=KEY, n=20, seed=2)
    assert [i.draw.candidate.id for i in other] != [i.draw.candidate.id for i in items]
    assert len(audit.repeated(items, seed=1)) == 4


def test_orders_are_a_layer_of_their_own(items):
    """Messages read as orders to use AI are drawn from their own layer, and only they."""
    orders = [i for i in items if i.draw.candidate.stratum.startswith("demands / ")]
    assert orders
    assert all("must all use" in i.text for i in orders)


def test_exports_without_messages_have_nothing_to_audit():
    """A seat list has no message to label, and the audit says so."""
    with pytest.raises(NothingToReadError, match="no message"):
        audit.sample(find([SAMPLES / "seats"]).exports, key=KEY, n=20, seed=1)


def test_labels_are_kept_without_text_and_not_asked_twice(tmp_path, items):
    """After a labeller stopped half way, the rest is asked; no word of a message is in any file of the store."""
    store = Store(tmp_path)
    audit.keep(store, audit.rows([(i, {Act.USES}) for i in items[:12]], coder=1))
    assert audit.unlabelled(store, items, coder=1) == items[12:]
    assert audit.unlabelled(store, items, coder=2) == items
    written = b"".join(p.read_bytes() for p in tmp_path.rglob("*") if p.is_file())
    assert not any(i.text.encode() in written for i in items)


def test_the_terminal_takes_letters_and_keeps_what_was_labelled(tmp_path, chat):
    """`groundswell audit` shows messages, refuses a letter that is no act, stops at `!`, and keeps the labels."""
    place = Folder(tmp_path / "company")
    init(place, Charter(), now=datetime(2026, 4, 1, tzinfo=UTC))
    run = subprocess.run(
        [sys.executable, "-m", "groundswell.cli.main", "audit", str(place.path), str(chat), "-n", "10"],
        input="u\nz\n\nas\n!\n", capture_output=True, text=True, timeout=120, cwd=tmp_path,
        env={**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "No act has the letter z" in run.stdout
    assert "3 of 10 messages labelled" in run.stdout
    assert "2026" not in run.stdout
    assert "U1" not in run.stdout
    assert len(place.store().files("labels")) == 1


def shown(tmp_path, chat, answers):
    """A company, and what the record says of an audit that got these answers."""
    place = Folder(tmp_path / "company")
    init(place, Charter(), now=NOW)
    told = CliRunner().invoke(
        app, ["audit", str(place.path), str(chat), "-n", "10", "--key", str(tmp_path / "key")], input=answers
    )
    entries = [e.facts for e in record.verify(place.record_file) if e.kind == audit.AUDIT]
    return place, told.output, entries


def test_nobody_reads_messages_unentered(tmp_path, chat):
    """That somebody reads a sample, and of how many at most, stands in the record before the first message is shown: who stops at
    once, and labels nothing, has read it all the same. It counts in the works council's pack."""
    place, output, entries = shown(tmp_path, chat, "!\n")
    assert "--- 1 of 10" in output
    assert entries == [{"what": "shown", "messages": 10, "coder": 1}]
    assert not any(word in place.record_file.read_text("utf8") for word in ("Claude", "Copilot", "U1"))
    assert "so far: 1 times, 10 messages at most" in pack(place, now=NOW).markdown


def test_a_changed_record_shows_no_message(tmp_path, chat, monkeypatch):
    """Where the record was changed by another hand nothing is shown."""
    place, _, _ = shown(tmp_path, chat, "!\n")
    place.record_file.write_text(place.record_file.read_text("utf8").replace('"messages": 10', '"messages": 1'), "utf8")
    told = CliRunner().invoke(app, ["audit", str(place.path), str(chat), "-n", "10", "--key", str(tmp_path / "key")], input="!\n")
    assert isinstance(told.exception, PrivacyError)
    assert "--- 1 of" not in told.output


def test_weakened_an_audit_that_enters_afterwards_is_read_unentered(tmp_path, chat, monkeypatch):
    """Against a build that enters nothing, as ours once did, the messages are shown and the record is silent."""
    monkeypatch.setattr(audit, "opened", lambda *args, **facts: None)
    _, output, entries = shown(tmp_path, chat, "!\n")
    assert "--- 1 of 10" in output
    assert entries == []


def ask(url, data=None):
    """Fetch a page, or post an answer; the status of a refusal."""
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data), timeout=10) as answer:  # noqa: S310 - loopback
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code


def test_the_page_answers_only_this_run_and_labels_by_keyboard(monkeypatch, items):
    """Without the run's secret path nothing is shown; answers in turn are taken, a repeated or malformed one is not."""
    monkeypatch.setattr(audit_page.webbrowser, "open", lambda url: None)
    said, urls, ready = [], [], threading.Event()
    serve = threading.Thread(
        target=audit_page.serve,
        args=(items[:3], lambda item, acts: said.append((item, acts))),
        kwargs={"keys": KEYS, "meaning": MEANING, "opened": lambda url: (urls.append(url), ready.set())},
    )
    serve.start()
    assert ready.wait(10)
    url = urls[0]
    assert url.startswith("http://127.0.0.1:")
    assert ask(url.rpartition("/")[0] + "/") == 404
    assert ask(url.rpartition("/")[0] + "/guess", data=b"{}") == 404
    page = ask(url)
    assert "1 of 3" in page
    assert items[0].text.strip()[:10] in page
    for answer in (b"rubbish", b'{"n": 0, "keys": ["z"], "stop": false}', b'{"n": 2, "keys": ["u"], "stop": false}'):
        ask(url, data=answer)
    assert said == []
    for n, letters in enumerate(('["u", "l"]', "[]", '["d"]')):
        ask(url, data=f'{{"n": {n}, "keys": {letters}, "stop": false}}'.encode())
    serve.join(10)
    assert not serve.is_alive()
    assert [acts for _, acts in said] == [{Act.USES, Act.LEARNS}, set(), {Act.DROPS}]


def test_every_act_of_the_codebook_has_a_key_and_a_meaning():
    """No act is missing from what a labeller can say."""
    assert set(KEYS.values()) == set(Act) == set(MEANING)


def test_what_names_a_person_is_not_shown(tmp_path_factory):
    """A labeller sees a message without its mentions, mail addresses, telephone numbers and links."""
    folder = tmp_path_factory.mktemp("named") / "export"
    (folder / "general").mkdir(parents=True)
    text = "<@U2> I used Claude for it, write to ada@invented.example or +33 6 12 34 56 78"
    posts = [{"type": "message", "user": "U1", "ts": "1772442000.000100", "text": text}]
    (folder / "general" / "2026-03-02.json").write_text(json.dumps(posts))
    (folder / "channels.json").write_text(json.dumps([{"id": "C1", "name": "general", "members": []}]))
    (folder / "users.json").write_text(json.dumps([{"id": f"U{n}", "name": f"u{n}", "profile": {}} for n in (1, 2)]))
    (folder / "integration_logs.json").write_text("[]")
    (item,) = audit.sample(find([folder]).exports, key=KEY, n=10, seed=1)
    assert "Claude" in item.text
    assert not any(part in item.text for part in ("U2", "ada", "33 6"))


def test_few_labels_teach_nothing(tmp_path, items):
    """Below thirty labelled messages the reader is left as it is and no file is written."""
    store = Store(tmp_path)
    audit.keep(store, audit.rows([(i, {Act.USES}) for i in items], coder=1))
    assert audit.retrain(store, items, tmp_path) is None
    assert not list(tmp_path.glob("local-reader-*"))


@pytest.mark.slow
def test_labels_retrain_the_reader_that_reads_from_then_on(tmp_path, chat):
    """A standing phrase that is no act here is read as one before, and not after its labels: the folder's reader has a name of
    its own, is found by what reads next, and its file holds no word of a message."""
    from groundswell.reading import choose
    from groundswell.runs.names import read_names
    from reading_messages import messages

    store = Store(tmp_path / "store")
    items = audit.sample(find([chat]).exports, key=KEY, n=60, seed=1)
    audit.keep(store, audit.rows([(i, set()) for i in items], coder=1))
    path, learned = audit.retrain(store, items, tmp_path)
    assert learned == len(items) >= 30
    assert oct(path.stat().st_mode)[-3:] == "600"
    assert b"ticket" not in path.read_bytes()
    text = messages(["I used Claude to write the tests for this ticket 99"])
    chosen = read_names([tmp_path]).reader
    assert chosen.local == str(path)
    after = choose.reader(chosen)
    assert after.version == path.stem
    assert choose.reader(choose.Choice()).predict(text).coarse == ["done"]
    assert after.predict(text).coarse == ["none"]


def test_a_folder_is_read_by_one_reader(tmp_path, chat):
    """A retrained model that appears after the first reading is left aside there, and taken in a folder that holds it from the
    start."""
    from groundswell.reading.choose import Choice
    from groundswell.runs.ingest import ingest
    from groundswell.runs.names import Names
    from groundswell.runs.readers import settled, versions

    local = Names(reader=Choice(local=str(tmp_path / "local-reader-12345678.npz")))
    store = Store(tmp_path / "store")
    assert settled(local, store) == local
    ingest(store, find([chat]).exports, key=KEY, workers=1)
    assert versions(store) == {"linear-3"}
    assert settled(local, store).reader.local == ""
    assert settled(Names(), store) == Names()


def test_every_unit_has_its_own_strata(chat):
    """Where an org chart tells who belongs where, messages are drawn by unit too, and the draw's chances stay known."""
    from groundswell.privacy.door import Door
    from groundswell.sources.slack import SOURCE

    door = Door(KEY, "slack")
    (export,) = find([chat]).exports
    actors = sorted({a for b in SOURCE.read(export, door) if "text" in b.columns for a in door.admit(b).columns["actor"]})
    units = {actor: f"Team {n % 2}" for n, actor in enumerate(actors)}
    drawn = audit.sample([export], key=KEY, n=20, seed=1, units=units)
    assert {item.draw.candidate.unit for item in drawn} == {"Team 0", "Team 1"}
    assert all(item.draw.candidate.stratum.endswith(item.draw.candidate.unit) for item in drawn)


def test_units_come_from_the_chart(tmp_path):
    """The unit of each actor is the one the newest org chart has, for the company the samples describe; none without a chart."""
    from groundswell.runs.company import units_of
    from groundswell.runs.ingest import ingest

    store = Store(tmp_path)
    ingest(store, find([SAMPLES / "org_chart"]).exports, key=KEY, workers=1)
    units = units_of(store)
    assert len(set(units.values())) > 1
    assert units_of(Store(tmp_path / "empty")) == {}
