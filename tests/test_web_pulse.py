"""The doors of the pulse: no cookie is read, nothing is counted twice, words go no further than their coding."""

import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, time, timedelta

import pytest

from groundswell.privacy import blind
from groundswell.runs.why import reasons_of
from groundswell.selfreport import pulse
from groundswell.selfreport.asking import ask_of, claim_of, second_day
from pulse_people import hire, rows
from web_company import PASSWORD, company

JSON = {"accept": "application/json"}


@pytest.fixture
def served(tmp_path):
    return company(tmp_path)


@pytest.fixture(scope="module", autouse=True)
def _one_key():
    """One key for all tests here, since a real one takes seconds to draw where others work too."""
    patch = pytest.MonkeyPatch()
    drawn = blind.make_key(1024)
    patch.setattr(blind, "make_key", lambda bits=0: drawn)
    yield
    patch.undo()


def on_turn(served, who):
    """Somebody's right, on the day they are asked."""
    ask = ask_of(served.settings.secret, who.member.account, "2026-Q2")
    served.now = datetime.combine(ask.on, time(9, 30), UTC)
    who.cookies.clear()  # weeks have passed since they joined: they sign in anew
    who.post("/sign-in", page=who.get("/sign-in"), address=who.address, password=PASSWORD)
    return ask, claim_of(served.settings.secret, who.member.account, ask)


def token(served, ask, claim):
    """What a browser gets for a right, as its script does."""
    stranger = served.browser()
    told = stranger.get(f"/pulse/key/{ask.quarter}", headers=JSON).json()
    key = blind.public_key(bytes.fromhex(told["key"]))
    assert told["fingerprint"] == key.fingerprint
    assert (int(told["n"], 16), told["e"]) == (key.n, key.e)
    prepared = blind.prepare(secrets.token_bytes(pulse.TOKEN_BYTES))
    hidden = blind.blind(key, prepared)
    sent = {"claim": claim, "hidden": hidden.message.hex()}
    answer = stranger.request("POST", "/pulse/sign", json=sent, headers=JSON)
    assert answer.status_code == 200, answer.text
    signature = blind.finalize(key, prepared, bytes.fromhex(answer.json()["signed"]), hidden.inverse)
    return {"quarter": ask.quarter, "about": ask.about.isoformat(), "token": prepared.hex(), "signature": signature.hex()}


def send(served, **told):
    return served.browser().request("POST", "/pulse/answer", json=told, headers=JSON)


def test_an_answer_is_taken_from_nobody(served):
    """A right, a hidden token, an answer: none of the three requests carries a cookie, and the answer is counted once."""
    ask, claim = on_turn(served, served.joined("Ada"))
    ready = token(served, ask, claim)
    first = send(served, **ready, used=True, tool="claude", job="coding", how="own", kept=True, expected=False)
    assert (first.status_code, first.json()) == (200, {"taken": True})
    again = send(served, **ready, used=False)
    assert (again.status_code, again.json()["error"]) == (409, "This answer has been given already.")
    assert len(rows(served.book, pulse.WAITING)) == 1


def test_one_token_sent_many_times_at_once_is_one_answer(served):
    """Eight requests with the same token at the same moment: one is taken, seven are told it was given already."""
    ask, claim = on_turn(served, served.joined("Ada"))
    ready, before = token(served, ask, claim), len(rows(served.book, pulse.WAITING))
    with ThreadPoolExecutor(8) as at_once:
        answers = list(at_once.map(lambda n: send(served, **ready, used=n % 2 == 0).status_code, range(8)))
    assert sorted(answers) == [200] + [409] * 7
    assert len(rows(served.book, pulse.WAITING)) == before + 1


def test_a_session_changes_nothing_at_these_doors(served):
    """A browser that sends its session along is treated as one that does not, and gets no cookie."""
    ada = served.joined("Ada")
    ask, claim = on_turn(served, ada)
    ready = token(served, ask, claim)
    answer = ada.request("POST", "/pulse/answer", json={**ready, "used": True}, headers=JSON)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert ada.member.account not in repr(rows(served.book, pulse.WAITING))


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"signature": "00" * 128}, 403),
        ({"token": "00" * 64}, 403),
        ({"token": "zz"}, 422),
        ({"quarter": "2026-Q3"}, 409),
        ({"about": "2026-01-02"}, 409),
        ({"about": "yesterday"}, 422),
        ({"why": "x" * 601}, 422),
        ({"used": "perhaps"}, 422),
    ],
)
def test_what_is_no_answer_is_refused(served, change, status):
    """Forged tokens, other days and other forms are refused in the one shape, and spend nothing."""
    ask, claim = on_turn(served, served.joined("Ada"))
    ready = token(served, ask, claim)
    answer = send(served, **{**ready, "used": True, **change})
    assert answer.status_code == status
    assert set(answer.json()) == {"status", "error"}
    assert send(served, **ready, used=True).status_code == 200


@pytest.mark.parametrize(
    ("claim", "hidden", "status"), [("rubbish", "00" * 128, 404), (None, "00" * 3, 422), (None, "ff" * 128, 422)]
)
def test_what_is_no_right_is_not_signed(served, claim, hidden, status):
    """A right of nobody's and a hidden token of another form are refused, and use nothing up."""
    _, real = on_turn(served, served.joined("Ada"))
    sent = {"claim": claim or real, "hidden": hidden}
    assert served.browser().request("POST", "/pulse/sign", json=sent, headers=JSON).status_code == status
    assert rows(served.book, pulse.CLAIMS) == []


def test_another_persons_right_cannot_be_made(served):
    """Knowing everything of one's own right does not give another person's (IDOR): numbers and proofs are keyed."""
    ada, bo = served.joined("Ada"), served.joined("Bo")
    _, claim = on_turn(served, ada)
    quarter, about, packed = claim.split(".")
    guesses = [bo.member.account, f"{quarter}.{about}.{bo.member.account}", claim[:-1] + ("A" if claim[-1] != "A" else "B")]
    guesses += [f"{quarter}.{about}.{packed[:-4]}AAAA", f"2026-Q1.{about}.{packed}"]
    for guess in guesses:
        sent = {"claim": guess, "hidden": "01" * 128}
        assert served.browser().request("POST", "/pulse/sign", json=sent, headers=JSON).status_code == 404


def test_the_page_asks_on_the_day_and_not_before(served):
    """The form stands on the page of whoever is asked today, naming the day; on other days the page says how it goes."""
    ada = served.joined("Ada")
    ask, claim = on_turn(served, ada)
    page = ada.get("/pulse").text
    assert claim in page
    assert f"{ask.about.day}\u00a0" in page
    served.later(days=6)
    page = ada.get("/pulse").text
    assert 'data-claim=""' in page
    assert "drawn at random" in page
    assert 'data-claim=""' in served.browser().get("/pulse").text


def test_an_answer_without_script_is_counted_the_same(served):
    """The plain form stores what the script stores, once; whoever used it is not asked again."""
    ada = served.joined("Ada")
    on_turn(served, ada)
    page = ada.get("/pulse")
    assert "runs no script here" in page.text
    answer = ada.post("/pulse/plain", page=page, used="yes", tool="claude", job="legal", how="asked", kept="no", expected="yes")
    assert answer.status_code == 200
    assert "Thank you" in answer.text
    assert ada.post("/pulse/plain", page=page, used="no").status_code == 409
    assert "You have been asked this quarter" in ada.get("/pulse").text
    stranger = served.browser()
    assert stranger.post("/pulse/plain", page=stranger.get("/sign-in"), used="no").status_code == 303
    assert ada.post("/pulse/plain", plain=True, used="no").status_code == 403


def test_small_teams_are_not_offered(served):
    """The page offers to name a team of ten, not one of nine."""
    hire(served.book, ["Support"] * 8 + ["Sales"] * 10)
    ada, bo = served.joined("Ada", unit="Support"), served.joined("Bo", unit="Sales")
    on_turn(served, ada)
    assert 'data-stratum=""' in ada.get("/pulse").text
    on_turn(served, bo)
    assert 'data-stratum="Sales"' in bo.get("/pulse").text


def test_the_words_of_a_why_are_kept_nowhere(served, caplog):
    """What somebody writes is coded into reasons; not a word of it is in the book, its log or any message."""
    hire(served.book, ["Support"] * 9)
    words = "So that support answers customers faster, and because copying tickets by hand costs us a zebra of time"
    for name in ("Ada", "Bo", "Cy", "Di", "Ed"):
        ask, claim = on_turn(served, served.joined(name))
        assert send(served, **token(served, ask, claim), used=False, why=words).status_code == 200
    told = [row for row in rows(served.book, pulse.TALLIES) if row["item"] == "reasons"]
    assert [(row["word"], row["n"]) for row in told] == [(f":{reasons_of(words)}", 5)]
    held = b"".join(file.read_bytes() for file in (served.folder / "serve").iterdir())
    assert b"zebra" not in held + caplog.text.encode()


@pytest.mark.parametrize(
    ("words", "reasons"),
    [
        ("So that support answers customers faster.", 1),
        ("pour que le support réponde plus vite aux clients", 1),
        ("because we lose hours copying tickets by hand, it costs us too much time", 2),
        ("no idea, the boss wants it", 0),
        ("  ", None),
    ],
)
def test_words_become_reasons(words, reasons):
    """A why is coded by the reasons it names, in any language there is; words that name none are an answer, no words are none."""
    assert reasons_of(words) == reasons


def test_a_second_day_is_asked_of_a_token_not_of_a_person(served):
    """A second day counts only for tokens whose own randomness asks for it, whatever a browser sends."""
    hire(served.book, ["Support"] * 9)
    asked = 0
    for n in range(10):
        ask, claim = on_turn(served, served.joined(f"Person of {n}"))
        ready = token(served, ask, claim)
        asked += second_day(bytes.fromhex(ready["token"]))
        assert send(served, **ready, used=True, second=True).status_code == 200
    pairs = Counter({str(row["word"]): row["n"] for row in rows(served.book, pulse.TALLIES) if row["item"] == "second"})
    assert pairs.total() == asked


def test_the_key_of_a_quarter_is_shown_while_it_is_in_use(served):
    """Everyone is shown the same key; one of a quarter that is over or has not begun is not."""
    stranger = served.browser()
    first = stranger.get("/pulse/key/2026-Q1", headers=JSON).json()
    assert first == served.joined("Ada").get("/pulse/key/2026-Q1", headers=JSON).json()
    assert first["fingerprint"] in stranger.get("/pulse").text
    assert stranger.get("/pulse/key/2026-Q2", headers=JSON).status_code == 409
    served.now += timedelta(days=60)
    assert stranger.get("/pulse/key/2026-Q1", headers=JSON).status_code == 409
