"""Attacks on what reading leaves behind: logs, the trained model, time and size."""

import ast
import io
import logging
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from groundswell.measures.adoption import MEASURE as ADOPTION
from groundswell.model.reading import Act, Modality
from groundswell.model.source import Batch
from groundswell.model.trace import Message
from groundswell.privacy.door import Door
from groundswell.privacy.release import release
from groundswell.reading import features, linear
from groundswell.reading.reader import Reader
from groundswell.report.forms import to_json
from groundswell.report.page import Page
from groundswell.runs.ingest import _rows
from measure_rows import day, engine, moment

PACKAGE = Path(features.__file__).parent.parent
RARE = "zephyrine"
"""Stands in every planted message; in no exemplar and no language file."""


def messages(texts):
    """A batch of messages by one person."""
    door = Door(bytes(32), "slack")
    n, nobody = len(texts), {"readers": None, "thread": 0, "opens": False, "reply_to": 0, "mentions": [], "version": 0}
    ada = {
        "actor": door.person(email="ada@invented.example"),
        "actor_kind": "person",
        "place": 1,
        "source": "slack",
        "ts": moment(1),
    }
    columns = {name: [value] * n for name, value in {**nobody, **ada}.items()} | {"id": list(range(1, n + 1)), "text": texts}
    return door, Batch(Message, columns)


def leaks(reader, tmp_path):
    """Everything a reader leaves behind of a batch: rows, log lines, both streams, files."""
    door, batch = messages([f"I used Claude for the {RARE} invoices and it saved me an hour", f"we tried Copilot on {RARE}"])
    stream, streams = io.StringIO(), (sys.stdout, sys.stderr)
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.DEBUG)
    sys.stdout = sys.stderr = stream
    try:
        rows = list(_rows([batch], reader, door))
    finally:
        sys.stdout, sys.stderr = streams
        logging.getLogger().removeHandler(handler)
        logging.getLogger().setLevel(logging.WARNING)
    stored = repr([dict(b.columns) for b in rows])
    files = "".join(p.read_text("utf8", "replace") for p in tmp_path.rglob("*") if p.is_file())
    return [name for name, text in (("rows", stored), ("streams", stream.getvalue()), ("files", files)) if RARE in text]


def test_the_reader_leaves_no_word_behind(tmp_path, monkeypatch):
    """Neither rows nor log lines nor output nor files hold a word of what was read."""
    monkeypatch.chdir(tmp_path)
    assert leaks(Reader(), tmp_path) == []


class Logging(Reader):
    """A reader that was weakened: it logs, prints, and keeps a file and a word."""

    def annotate(self, messages):
        text = messages.columns["text"][0]
        logging.getLogger("reader").debug("reading %s", text)
        Path("cache.txt").write_text(text)
        return super().annotate(messages)


def test_weakened_a_reader_that_logs_is_seen(tmp_path, monkeypatch):
    """The same look finds the words a logging reader leaves in its log and its file."""
    monkeypatch.chdir(tmp_path)
    assert leaks(Logging(), tmp_path) == ["streams", "files"]


class Storing(Reader):
    """A reader that was weakened: it puts a word of the text where the tool belongs."""

    def annotate(self, messages):
        read = super().annotate(messages)
        return Batch(read.row, {**read.columns, "job": [messages.columns["text"][0]] * len(read)})


def test_a_reader_that_stores_text_is_stopped(tmp_path):
    """Words of a message in a column of a closed list stop the run, and the error does not quote them."""
    from groundswell.errors import PrivacyError

    with pytest.raises(PrivacyError, match=r"ActRow\.job") as raised:
        leaks(Storing(), tmp_path)
    assert RARE not in str(raised.value)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nothing_keeps_a_log(path):
    """No file of the program imports a log, a tracer or a crash reporter, but what mutes its server's."""
    muted = {"logging"} if path == PACKAGE / "cli" / "serve.py" else set()
    imported = set()
    for node in ast.walk(ast.parse(path.read_text("utf8"))):
        if isinstance(node, ast.Import):
            imported |= {a.name.split(".")[0] for a in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").split(".")[0])
    assert not (imported - muted) & {"logging", "syslog", "faulthandler", "cgitb", "sentry_sdk", "loguru", "warnings"}


SYLLABLES = ["ka", "lo", "mi", "ten", "var", "sul", "dri", "pon", "qua", "zel", "bor", "fin"]


def private(rng):
    """An invented message, of words nobody else writes."""
    words = ["".join(rng.choice(SYLLABLES, 5)) for _ in range(6)]
    return f"I used Claude for {' '.join(words)}"


def auc(inside, outside):
    """Chance that a member scores above a non-member; ties count half."""
    return float(np.mean((inside[:, None] > outside[None, :]) + 0.5 * (inside[:, None] == outside[None, :])))


def scores(weights, texts):
    """Log-odds of a use, unrounded."""
    from groundswell.reading import units

    cut = units.joined(units.cut(pa.array(texts, pa.string()), own_tools=(), own_products=()))
    return linear.Linear(weights).logits(cut, features.rules(cut))[:, linear.ACTS.index(Act.USES)]


N = 80
FIVE_SD = 5 * np.sqrt((2 * N + 1) / (12 * N * N))
"""What the area under the curve of a guess exceeds with a probability of 3e-7: the false alarm of the membership test."""


def test_the_model_does_not_know_what_it_read():
    """Of messages that were read and messages that were not, the model's own confidence tells neither apart: it is trained on
    invented sentences alone, and reading changes no weight (area under the curve within five standard deviations of a half)."""
    rng = np.random.default_rng(2)
    read, unread = [private(rng) for _ in range(N)], [private(rng) for _ in range(N)]
    before = linear.default().words.tobytes()
    door, batch = messages(read)
    list(_rows([batch], Reader(), door))
    assert linear.default().words.tobytes() == before
    assert abs(auc(scores(linear.default(), read), scores(linear.default(), unread)) - 0.5) < FIVE_SD


@pytest.mark.slow
def test_weakened_a_model_trained_on_messages_knows_them():
    """Against a model trained on the company's own messages the same attack tells members from others nearly always."""
    from groundswell.reading import exemplar, train

    rng = np.random.default_rng(2)
    read, unread = [private(rng) for _ in range(N)], [private(rng) for _ in range(N)]
    theirs = [exemplar.Exemplar(t, frozenset({Act.USES} if n % 2 else ()), Modality.DONE, "en") for n, t in enumerate(read)]
    weights = train.train([*exemplar.load()[:400], *theirs], seed=1)
    members, others = scores(weights, read[1::2]), scores(weights, unread)
    assert auc(members, others) > 0.9


def told_by_the_file(weights, texts):
    """For each text, how far a model's file differs from the package's where that text's words have their weights, on average."""
    from groundswell.reading import units

    moved = np.abs(weights.words - linear.default().words).max(axis=1)
    cut = units.joined(units.cut(pa.array(texts, pa.string()), own_tools=(), own_products=()))
    places = [sorted({int(b) for key in features.terms(unit) for b in features.term(key)[0]}) for unit in cut.focus]
    return np.array([np.mean([moved[b] for b in held]) for held in places])


def retrained(read):
    """A model that learned from these messages, as `groundswell audit --retrain` makes one."""
    from groundswell.model.reading import Label
    from groundswell.reading import audit

    plain = {"version": 0, "probability": 1.0, "stratum": "", "coder": 1, "predicted": "done", "score": 0.5, "reader": "linear"}
    labels = [Label(id=n, act="uses" if n % 2 else "none", **plain) for n in range(len(read))]
    return audit.retrain(labels, dict(enumerate(read)))


def membership(weights, read, unread):
    """How well whoever has the model's file tells messages it learned from, by what it says, and by which words it holds."""
    said = [scores(weights, texts) - scores(linear.default(), texts) for texts in (read, unread)]
    return auc(said[0][1::2], said[1]), auc(told_by_the_file(weights, read), told_by_the_file(weights, unread))


@pytest.mark.slow
def test_a_retrained_model_does_not_know_single_messages():
    """A reader that learned from labelled messages keeps weights of words that twenty of them share: by what it says more than
    before, and by which words its file holds, members are told from others no better than chance allows (five standard
    deviations, false alarm 3e-7)."""
    rng = np.random.default_rng(2)
    read, unread = [private(rng) for _ in range(N)], [private(rng) for _ in range(N)]
    told = membership(retrained(read), read, unread)
    assert all(abs(value - 0.5) < FIVE_SD * np.sqrt(2) for value in told), told


@pytest.mark.slow
def test_weakened_a_retrained_model_that_keeps_every_word_knows_them(monkeypatch):
    """Against one that keeps a weight for every word, as ours once did, members are told by both."""
    from groundswell.reading import audit

    monkeypatch.setattr(audit, "LEAST_MESSAGES", 1)
    rng = np.random.default_rng(2)
    read, unread = [private(rng) for _ in range(N)], [private(rng) for _ in range(N)]
    said, held = membership(retrained(read), read, unread)
    assert said > 0.9
    assert held > 0.5 + FIVE_SD


def test_the_model_is_made_from_the_package_alone():
    """Training opens nothing but the package's own exemplars and language files: no path of a company is a parameter of it."""
    tree = ast.parse((PACKAGE / "reading" / "train.py").read_text("utf8"))
    calls = {
        n.func.attr if isinstance(n.func, ast.Attribute) else getattr(n.func, "id", "")
        for n in ast.walk(tree)
        if isinstance(n, ast.Call)
    }
    assert "load" in calls
    assert not calls & {"open", "read_text", "read_bytes", "read_table", "argv"}


def page(users, people):
    """A page of one measure, in its largest form."""
    traces = [{"person": n, "day": day(d)} for n in range(1, people + 1) for d in range(0, 91, 7)]
    uses = [{"person": n, "day": day(d)} for n in range(1, users + 1) for d in range(0, 91, 7)]
    found = ADOPTION.estimate(release(ADOPTION.count(engine(traces=traces, usage_days=uses))))
    return to_json(
        Page(
            company="",
            start=found.results[0].start,
            end=found.results[0].end,
            findings=(replace(found, pictures=()),),
            measures=(ADOPTION,),
        )
    )


def test_a_page_below_the_floor_has_one_size():
    """Three people or nine, none of them a user or all: the page is the same to the byte, so that its size tells nothing. A page
    above the floor is as long as its numbers are, which tells what they say; nothing is padded."""
    assert len({page(users, people) for people in (3, 9) for users in (0, 3)}) == 1


def test_weakened_without_the_floor_the_page_tells(monkeypatch):
    """Against a build without a floor three people and nine give other pages."""
    from groundswell.privacy import release as releases

    monkeypatch.setattr(releases, "_refusal", lambda counts, protection: None)
    monkeypatch.setattr(releases, "LEAST_PEOPLE", 0)
    assert len({page(users, people) for people in (3, 9) for users in (0, 3)}) > 1


def test_deciding_below_the_floor_takes_no_longer_for_more_people():
    """What a refusal costs does not hang on how many of few people stand behind it: the gate looks at one number. Counting and
    reading do take longer for more traces; that is not hidden, and whoever can time them holds the traces.

    Held by counting steps of the interpreter, not seconds, so that a busy machine raises no false alarm."""

    def steps(people):
        counts = replace(ADOPTION.count(engine(traces=[{"person": 1, "day": day(1)}])), people=people)
        taken = 0

        def tick(frame, event, arg):
            nonlocal taken
            taken += event == "line"
            return tick

        release(counts)
        sys.settrace(tick)
        try:
            release(counts)
        finally:
            sys.settrace(None)
        return taken

    assert len({steps(n) for n in (1, 3, 9)}) == 1
