"""Attacks on every door of the server: foreign forms and numbers, planted sessions and links, what is written and attached."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from fastapi.routing import APIRoute

from groundswell.selfreport import entry
from groundswell.selfreport.base import reading
from groundswell.web.identity import inside
from groundswell.web.security import BODY_BYTES, HEADERS, Pace
from web_company import ORIGIN, PASSWORD, company

ENTRY = {"title": "A job", "tool": "Claude", "outcome": "kept", "visible": "everyone"}
OPEN = {
    "/sign-in", "/sign-out", "/recover", "/join/{secret}", "/static/{name}", "/language/{code}", "/sign-in/provider",
    "/sign-in/provider/back", "/sign-in/passkey", "/sign-in/passkey/options", "/health",
}  # fmt: skip
"""Doors anybody may come to, as agreed; any other that answers a stranger is a finding."""


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    return company(tmp_path_factory.mktemp("company"))


@pytest.fixture(scope="module")
def ada(served):
    return served.joined("Ada", leads=True)


@pytest.fixture(scope="module")
def eve(served):
    return served.joined("Eve", unit="Sales")


def doors(app, method):
    """Every route of a method, found in the application itself; a page added later is attacked too."""

    def routes(found):
        for route in found:
            if isinstance(route, APIRoute):
                yield route
            elif hasattr(route, "routes"):
                yield from routes(route.routes)
            elif hasattr(route, "effective_route_contexts"):
                yield from (c.original_route if hasattr(c, "original_route") else c for c in route.effective_route_contexts())

    return sorted({(r.path, method) for r in routes(app.routes) if method in (r.methods or ())})


def filled(path):
    """A path with something in its places."""
    return re.sub(r"\{[^}]+\}", "x" * 22, path)


def test_there_are_doors_to_attack(served):
    """The lists below are not empty, and hold the logbook's."""
    assert ("/logbook", "POST") in doors(served.app, "POST")
    assert ("/logbook/{number}", "GET") in doors(served.app, "GET")


def test_a_stranger_gets_in_nowhere(served):
    """Every door that is not open by agreement sends a stranger to sign in, whatever its method, and does nothing."""
    stranger = served.browser()
    form = {"csrf": stranger.token(stranger.get("/sign-in"))}
    for path, method in [d for m in ("GET", "POST", "PUT", "DELETE", "PATCH") for d in doors(served.app, m)]:
        if path not in OPEN and not path.startswith(("/pulse", "/openapi")):
            data = form if method != "GET" else None
            answer = stranger.request(method, filled(path), data=data)
            assert answer.status_code == 303, (method, path)
            assert answer.headers["location"].startswith("/sign-in"), (method, path)


@pytest.mark.parametrize("how", ["none", "foreign", "other session", "origin", "site"])
def test_no_form_from_elsewhere_does_anything(served, ada, eve, how):
    """A form without token, with a made-up or another's, or from another site, is refused at every door that changes."""
    headers = {"origin": {"origin": "https://elsewhere.example"}, "site": {"sec-fetch-site": "cross-site"}}.get(how, {})
    token = {"none": "", "foreign": "0" * 64, "other session": eve.token()}.get(how, ada.token())
    for path, method in doors(served.app, "POST"):
        if path.startswith("/pulse"):
            continue  # answered without a cookie, by a token of its own; attacked in its own tests
        answer = ada.request(method, filled(path), data={"csrf": token, **ENTRY}, headers=headers)
        assert answer.status_code == 403, (path, answer.status_code)
    assert ada.get("/").status_code == 200


def test_a_token_in_the_address_is_none(served, ada):
    """The token counts in the form or the header alone: an address is kept in logs and histories."""
    assert ada.request("POST", f"/logbook?csrf={ada.token()}", data=ENTRY).status_code == 403


def test_a_get_changes_nothing(served, ada):
    """Opening every page there is, with things in its address, leaves every row as it was."""

    def rows():
        with reading(served.book) as connection:
            tables = connection.exec_driver_sql("select name from sqlite_master where type = 'table'").scalars().all()
            kept = [t for t in tables if t not in ("tries", "pending")]
            return {t: connection.exec_driver_sql(f"select * from {t} order by 1").all() for t in kept}  # noqa: S608

    before = rows()
    for path, _ in doors(served.app, "GET"):
        if not path.startswith("/pulse"):
            ada.get(filled(path), params={"using": "false", "still": "false", "erase": "true", "onward": "/"})
    assert rows() == before


def test_a_planted_session_is_worth_nothing(served, ada):
    """A cookie set before signing in is replaced by signing in, and does not open anything afterwards (session fixation)."""
    victim = served.browser()
    victim.cookies.set("session", "planted-by-eve", domain="127.0.0.1", path="/")
    page = victim.get("/sign-in")
    victim.post("/sign-in", page=page, address=ada.address, password=PASSWORD)
    assert victim.cookies.get("session", domain="127.0.0.1") != "planted-by-eve"
    eve = served.browser()
    eve.cookies.set("session", "planted-by-eve")
    assert eve.get("/").status_code == 303


def test_cookies_are_out_of_reach(tmp_path):
    """Behind encryption the session's cookie is bound to this host, unreadable by scripts and not sent along by other sites."""
    secure = company(tmp_path, origin="https://groundswell.lanterne.example")
    sent = secure.browser().get("/sign-in")
    cookie = sent.headers["set-cookie"]
    assert cookie.startswith("__Host-visit=")
    assert {"HttpOnly", "Secure", "Path=/", "SameSite=lax"} <= set(cookie.split("; "))
    assert "domain" not in cookie.casefold()
    assert "max-age=" in sent.headers["strict-transport-security"]


@pytest.mark.parametrize(
    "address",
    [
        "https://elsewhere.example",
        "//elsewhere.example",
        "/\\elsewhere.example",
        "\\\\elsewhere.example",
        "/\t/elsewhere.example",
        "javascript:alert(1)",
        "http:elsewhere.example",
        "/\n/elsewhere.example",
        " //elsewhere.example",
        "///elsewhere.example",
        "",
    ],
)
def test_nobody_is_led_elsewhere(ada, address):
    """No way of writing another place in `onward` leads there, from any door that takes one."""
    assert inside(address) == "/"
    assert ada.get("/sign-in", params={"onward": address}).headers["location"] == "/"
    assert ada.get("/language/fr", params={"onward": address}).headers["location"] == "/"


class Acting(HTMLParser):
    """What of a page could act: tags that load or run something, handlers, and where links and forms lead."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag in {"script", "img", "svg", "iframe", "style", "object", "embed", "base", "meta", "link"}:
            self.found.append(tag)
        for name, value in attrs:
            plain = re.sub(r"[\s\x00]", "", value or "").casefold()
            inside_here = plain.startswith("/") and not plain.startswith("//")
            if (
                name.startswith("on")
                or name == "style"
                or (name in {"href", "src"} and not (inside_here or "x.example" in plain))
            ):
                self.found.append((tag, name, value))
            if name == "action" and not inside_here:
                self.found.append((tag, name, value))


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[a](javascript:alert(1))",
        "[a](data:text/html;base64,PHN2Zz4=)",
        "![a](https://x.example/pixel)",
        "[a](&#106;avascript:alert(1))",
        "<svg/onload=alert(1)>",
        "`<b onclick=x>`",
        "[a](java\nscript:alert(1))",
        '[a](https://x.example "onmouseover=alert(1)")',
        "<a href='vbscript:x'>a</a>",
        "<style>*{display:none}</style>",
        "[a]: javascript:alert(1)\n[a]",
        "<iframe srcdoc='<script>alert(1)</script>'>",
        "# <form action=https://elsewhere.example>",
    ],
)
def test_what_is_written_cannot_act(ada, eve, text):
    """Markdown makes no script, no picture, no form and no link but to pages, wherever an entry is shown."""
    told = {**ENTRY, "tried": text, "happened": text, "learned": text, "title": text[:100]}
    where = ada.post("/logbook", **told).headers["location"]
    for path in (where, "/", "/logbook", "/practices/unknown/claude"):
        seen = Acting()
        seen.feed(eve.get(path).text.partition("<main")[2].partition("</main>")[0])
        assert seen.found == [], path


def test_the_look_above_would_see_a_fault():
    """The parser finds a script, a handler and a link that acts when there is one."""
    seen = Acting()
    seen.feed("<script>x</script><b onclick=x>b</b><a href=' java\nscript:x'>a</a><form action=//elsewhere.example>")
    assert len(seen.found) == 4


def attach(browser, name, raw):
    """Tell something with an attachment."""
    return browser.post("/logbook", files={"attachment": (name, raw, "text/html")}, **ENTRY)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("prompt.exe", b"text"),
        ("prompt", b"text"),
        ("prompt.md", b"MZ\x00\x01"),
        ("prompt.md", b"\xff\xfe\x00"),
        ("run.py", "access = 'user\u202e\u2066# only admins\u2069\u2066'".encode()),
        ("run.py", b"key = '" + b"AKIA" + b"ABCDEFGHIJKLMNOP'"),
        ("run.sh", b"-----BEGIN RSA PRIVATE KEY-----\nMII"),
        ("big.txt", b"x" * (64 * 1024 + 1)),
        ("x" * 90 + ".md", b"text"),
        ("\u202egpj.md", b"text"),
    ],
)
def test_what_must_not_be_attached(ada, name, raw):
    """A program, bytes that are no text, hidden characters, a key, or too much is refused in words; nothing of it is kept."""
    answer = attach(ada, name, raw)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_an_attachment_is_only_ever_text(ada, eve):
    """A page full of scripts, attached, is shown escaped and sent as a file of plain text under a harmless name."""
    where = attach(ada, '../../e"vil\r\n.html', b"<script>alert(1)</script>").headers["location"]
    page = eve.get(where).text
    assert "&lt;script&gt;alert(1)" in page
    link = re.search(r'href="(/logbook/[\w-]+/attachment/[\w-]+)"', page)[1]
    sent = eve.get(link)
    assert sent.headers["content-type"].startswith("text/plain")
    assert sent.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in sent.headers["content-security-policy"]
    assert re.fullmatch(r'attachment; filename="[\w. -]+"', sent.headers["content-disposition"])


def test_an_attachment_opens_with_its_own_entry_alone(served, ada, eve):
    """The number of an attachment opens nothing under another entry's address, nor for whoever may not see its entry."""
    hidden = ada.post("/logbook", files={"attachment": ("p.md", b"a heron", "text/plain")}, **{**ENTRY, "visible": "me"}).headers[
        "location"
    ]
    shown = ada.post("/logbook", **ENTRY).headers["location"]
    number = re.search(r"/attachment/([\w-]+)", ada.get(hidden).text)[1]
    assert ada.get(f"{hidden}/attachment/{number}").text == "a heron"
    assert eve.get(f"{hidden}/attachment/{number}").status_code == 404
    assert eve.get(f"{shown}/attachment/{number}").status_code == 404
    assert eve.post(f"{hidden}/attachment/{number}/remove").status_code == 404
    assert eve.post(f"{shown}/attachment/{number}/remove").status_code == 404
    assert ada.get(f"{hidden}/attachment/{number}").status_code == 200


def test_a_hidden_entry_answers_as_none_at_all(served, ada, eve):
    """At every door with an entry's number, one that Eve may not see gets the answer of a number nobody drew, to the letter."""
    hidden = ada.post("/logbook", **{**ENTRY, "visible": "me"}).headers["location"].rpartition("/")[2]
    nobodys, tried = "z" * len(hidden), 0
    for method in ("GET", "POST"):
        for path, _ in doors(served.app, method):
            if "{number}" in path and path.startswith("/logbook/"):
                tried += 1
                answers = []
                for number in (hidden, nobodys):
                    where = filled(path.replace("{number}", number))
                    fields = {**ENTRY, "still": "true", "code": "y" * 43}
                    answer = eve.get(where) if method == "GET" else eve.post(where, **fields)
                    answers.append((answer.status_code, answer.text.replace(number, "")))
                assert answers[0] == answers[1], path
                assert answers[0][0] in (403, 404), path
    assert tried >= 9


def test_an_answer_takes_the_same_work_whoever_read_before(served, ada, eve, monkeypatch):
    """No text is turned into HTML by a reader, the first or the hundredth: the time of an answer tells nobody who read before."""
    where = ada.post("/logbook", **{**ENTRY, "tried": "a **heron**", "learned": "it waits"}).headers["location"]
    before = eve.get("/logbook").text  # what does not depend on an entry, such as a template, is ready
    made = []
    for name in ("html", "gist"):
        monkeypatch.setattr(entry, name, lambda text: made.append(text) or text)
    for _ in range(2):
        assert "<strong>heron</strong>" in eve.get(where).text
        assert eve.get("/logbook").text == before
    assert made == []
    ada.post(where, **{**ENTRY, "tried": "another"})
    assert made, "a writer makes it, so the look above would have seen a reader do so"


def test_others_grants_and_keys_are_not_ones_own(served, ada, eve):
    """Nobody takes back another's grant, grants without leading, or removes another's passkey."""
    ada.post("/charter/grants", kind="hours", amount="2", per="week", everyone="true")
    number = re.search(r"/charter/grants/([\w-]+)/take-back", ada.get("/charter").text)[1]
    leader = served.joined("Lea", unit="Sales", leads=True)
    assert leader.post(f"/charter/grants/{number}/take-back").status_code == 404
    assert eve.post(f"/charter/grants/{number}/take-back").status_code == 403
    assert eve.post("/charter/grants", kind="hours", amount="2", per="week").status_code == 403
    assert "2 hours a week" in eve.get("/charter").text


@pytest.mark.parametrize("path", ["/welcome"])
def test_a_member_is_no_steward(eve, path):
    """A member's forms do not reach what stewards do, and no field of a form makes one a steward."""
    assert eve.get(path).status_code == 403
    assert eve.post(path, unit="x", role="steward").status_code == 403
    assert eve.post("/welcome/close", address="ada@lanterne.example").status_code == 403


def test_a_joining_link_gives_what_it_was_made_for(served):
    """Whoever joins cannot add a role, a team or leadership to what the link gives."""
    from groundswell.selfreport.accounts import Role, member_of, welcome, with_password
    from groundswell.selfreport.base import writing

    with writing(served.book) as connection:
        secret = welcome(connection, unit="Sales", role=Role.MEMBER, leads=False, now=served.now)
    mallory = served.browser()
    more = {"role": "steward", "leads": "true", "unit": "Board"}
    form = {"name": "Mallory", "address": "mallory@lanterne.example", "password": PASSWORD, **more}
    mallory.post(f"/join/{secret}", page=mallory.get(f"/join/{secret}"), **form)
    with reading(served.book) as connection:
        made = member_of(connection, with_password(connection, "mallory@lanterne.example", PASSWORD))
    assert (made.role, made.unit, made.leads) == (Role.MEMBER, "Sales", False)


def test_guessing_is_slowed_over_all_workers(tmp_path):
    """After ten wrong passwords for an address every worker refuses further ones, right or wrong, for a quarter of an hour."""
    from groundswell.web.app import create_app
    from web_company import Browser

    served = company(tmp_path)
    ada = served.joined("Ada")
    workers = [served.app, create_app(served.settings, clock=lambda: served.now, book=served.book)]
    statuses = []
    for n in range(12):
        served.app = workers[n % 2]
        browser = Browser(served)
        statuses.append(browser.post("/sign-in", page=browser.get("/sign-in"), address=ada.address, password="wrong").status_code)  # noqa: S106
    assert statuses == [403] * 10 + [429] * 2
    browser = served.browser()
    assert browser.post("/sign-in", page=browser.get("/sign-in"), address=ada.address, password=PASSWORD).status_code == 429
    served.later(minutes=16)
    assert browser.post("/sign-in", page=browser.get("/sign-in"), address=ada.address, password=PASSWORD).status_code == 303
    with reading(served.book) as connection:
        kept = repr(connection.exec_driver_sql("select * from tries").all())
    assert "ada" not in kept
    assert "testclient" not in kept


def test_reading_too_fast_is_slowed(tmp_path):
    """Beyond its pace a visitor is answered 429; cookies made up for each request run into the limit of their address."""
    served = company(tmp_path, reads_a_minute=5)
    browser = served.browser()
    browser.get("/sign-in")
    assert [browser.get("/sign-in").status_code for _ in range(7)] == [200] * 5 + [429] * 2
    assert served.browser().get("/health", headers={"cookie": "visit=colleague"}).status_code == 200
    forged = [served.browser().get("/health", headers={"cookie": f"visit={n}"}).status_code for n in range(5 * Pace.AN_OFFICE)]
    assert forged[0] == 200
    assert forged[-1] == 429


def test_too_much_is_not_read(served, ada):
    """A body beyond the limit is refused by its announced length, and cut off where it announces none."""
    assert ada.post("/logbook", **{**ENTRY, "tried": "x" * (BODY_BYTES + 1)}).status_code == 413

    def endless():
        yield f"csrf={ada.token()}&tried=".encode()
        for _ in range(BODY_BYTES // 1024 + 2):
            yield b"x" * 1024

    kind = {"content-type": "application/x-www-form-urlencoded"}
    assert ada.request("POST", "/logbook", content=endless(), headers=kind).status_code == 413


@pytest.mark.parametrize("host", ["elsewhere.example", "127.0.0.1:8700@elsewhere.example", ""])
def test_another_name_is_not_answered(served, host):
    """A request under another host's name is refused before anything is done, so that no link is made from it."""
    assert served.browser().get("/sign-in", headers={"host": host}).status_code == 400


def test_every_answer_is_dressed(served, ada):
    """Pages, refusals and files all carry the policy that lets nothing foreign load or act, with no unsafe word in it."""
    answers = [
        ada.get("/"),
        ada.get("/nowhere"),
        ada.get("/static/style.css"),
        ada.post("/logbook", plain=True),
        served.browser().get("/"),
    ]
    for answer in answers:
        for name in HEADERS.keys() - {"cache-control"}:
            assert answer.headers[name], (answer.url, name)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "*" not in policy
    assert ada.get("/").headers["cache-control"] == "no-store"


def test_a_failure_says_nothing(served, monkeypatch):
    """An unforeseen failure is answered with a page of ours that quotes nothing of it, dressed like any other."""
    from groundswell.web.pages import start

    browser = served.joined("Fay")
    monkeypatch.setattr(start.logbook, "find", lambda *_, **__: (_ for _ in ()).throw(RuntimeError("Fay wrote of herons")))
    with pytest.raises(RuntimeError):
        browser.get("/")
    browser._transport.raise_server_exceptions = False
    answer = browser.get("/")
    assert answer.status_code == 500
    assert "herons" not in answer.text
    assert "Something failed on our side" in answer.text
    assert answer.headers["content-security-policy"]


def test_one_shape_of_refusal(served, ada):
    """A program is told every refusal as {"status", "error"} with a sentence, and nothing else."""
    asked = {"accept": "application/json"}
    answers = [
        ada.request("GET", "/nowhere", headers=asked),
        ada.request("PUT", "/logbook", headers=asked),
        ada.request("POST", "/logbook", headers=asked),
        served.browser().request("GET", "/", headers=asked),
        ada.request("POST", "/charter/grants", data={"csrf": ada.token(), "kind": "none"}, headers=asked),
    ]
    assert [a.status_code for a in answers] == [404, 405, 403, 401, 422]
    for answer in answers:
        told = answer.json()
        assert set(told) == {"status", "error"}
        assert told["status"] == answer.status_code
        assert told["error"].endswith(".")


def test_no_page_loads_from_elsewhere_or_writes_style_inside(served, ada):
    """Templates hold no inline script, style or handler, and no address of another host: the policy needs no exception."""
    folder = Path(__file__).parents[2] / "src" / "groundswell" / "web" / "templates"
    for file in folder.glob("*.j2"):
        text = file.read_text("utf8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|https?://", text), file.name
        assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text)), file.name


def test_what_is_written_down_names_nobody(served, ada):
    """The server's record holds kinds and counts: no name, no address, no account, no word of an entry."""
    ada.post("/charter/grants", kind="amnesty", note="Herons may err.", everyone="true")
    text = served.settings.record.read_text("utf8")
    assert json.loads(text.splitlines()[0])["kind"] == "granted"
    for trace in ("Ada", ada.address, ada.member.account, "Herons"):
        assert trace not in text
    assert ORIGIN not in text


def test_the_book_knows_no_hour(tmp_path):
    """After people joined, told and tapped, no row that is kept tells at which hour, only days: presence cannot be read off."""
    served = company(tmp_path)
    ada = served.joined("Ada", leads=True)
    where = ada.post("/logbook", **ENTRY).headers["location"]
    served.joined("Béla").post(f"{where}/use")
    ada.post("/logbook", **{**ENTRY, "visible": "nameless"})
    ada.post("/charter/grants", kind="hours", amount="2", per="week")
    with reading(served.book) as connection:
        tables = connection.exec_driver_sql("select name from sqlite_master where type = 'table'").scalars().all()
        rows = {t: connection.exec_driver_sql(f"select * from {t}").all() for t in tables if t not in ("tries", "pending")}  # noqa: S608
    seen = 0
    for table, held in rows.items():
        for value in (v for row in held for v in row):
            assert not (isinstance(value, int) and value > 10**9 and value % 86_400), table
            assert not re.search(r"\d\d:\d\d", str(value)), table
            seen += 1
    assert seen > 50


def test_an_address_without_account_takes_as_long(served, ada, monkeypatch):
    """A password is checked against a hash whether or not there is an account, so that time tells nothing."""
    from groundswell.selfreport import accounts

    class Counted:
        n = 0

        def verify(self, *_):
            Counted.n += 1
            from argon2.exceptions import VerifyMismatchError

            raise VerifyMismatchError

    monkeypatch.setattr(accounts, "_hasher", Counted)
    accounts._nobodys.cache_clear()
    monkeypatch.setattr(accounts, "_nobodys", lambda: "$argon2id$nobody")
    with reading(served.book) as connection:
        for address in (ada.address, "nobody@lanterne.example"):
            assert accounts.with_password(connection, address, PASSWORD) is None
    assert Counted.n == 2


def test_a_joining_link_finds_out_nobody(tmp_path):
    """A link's form can be sent a few times: too few to try out who has an account."""
    from groundswell.selfreport.accounts import Role, welcome
    from groundswell.selfreport.base import writing

    served = company(tmp_path)
    served.joined("Ada")
    with writing(served.book) as connection:
        secret = welcome(connection, unit="", role=Role.MEMBER, leads=False, now=served.now)
    eve = served.browser()
    page = eve.get(f"/join/{secret}")
    form = {"name": "Eve", "password": PASSWORD}
    statuses = [eve.post(f"/join/{secret}", page=page, address="ada@lanterne.example", **form).status_code for _ in range(10)]
    assert statuses == [422] * 8 + [429] * 2


def test_a_steward_takes_down_what_all_see_and_reads_nothing_by_it(served, ada, eve):
    """A steward can take out an entry they see like anybody; not one of another team or of somebody's own; a member can none."""
    from groundswell.selfreport.accounts import Role

    sten = served.joined("Sten", unit="IT", role=Role.STEWARD)
    shown = ada.post("/logbook", **{**ENTRY, "title": "Harmful"}).headers["location"]
    for visible in ("me", "team"):
        hidden = ada.post("/logbook", **{**ENTRY, "visible": visible}).headers["location"]
        assert sten.get(hidden).status_code == 404
        assert sten.post(f"{hidden}/take-down").status_code == 404
        assert ada.get(hidden).status_code == 200
    assert eve.post(f"{shown}/take-down").status_code == 403
    assert sten.post(f"{shown}/take-down").status_code == 303
    assert ada.get(shown).status_code == 404
    assert "Harmful" not in served.settings.record.read_text("utf8")


def test_a_log_of_a_failure_quotes_nothing():
    """What a worker writes of a failure is its kind and place, not its words; the words of a log line's own stay."""
    import logging

    from groundswell.cli.serve import Quiet

    try:
        raise ValueError("Ada wrote of herons")
    except ValueError as error:
        record = logging.LogRecord(
            "uvicorn.error",
            logging.ERROR,
            "x.py",
            1,
            "Exception in ASGI application\n",
            (),
            (ValueError, error, error.__traceback__),
        )
    assert Quiet().filter(record)
    told = logging.Formatter("%(message)s").format(record)
    assert "herons" not in told
    assert "ValueError at test_attacks_on_serve.py" in told
