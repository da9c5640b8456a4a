"""The pulse in a real browser: the script hides what it has signed, no cookie leaves, and the page works without it."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from datetime import time as clock_time
from typing import Any

import pytest
import uvicorn

import rfc9474 as published
from groundswell.privacy import blind
from groundswell.selfreport import pulse
from groundswell.selfreport.asking import ask_of, claim_of
from pulse_people import hire, rows
from test_report_browser import CHROMIUM, QUIET, WIDTHS
from web_company import PASSWORD, Company, company

pytestmark = pytest.mark.browser

PORT = 8719


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's Chromium, started once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def served(tmp_path: Any) -> Iterator[Company]:
    """A company behind a real server."""
    yield from served_at(tmp_path)


def served_at(folder: Any) -> Iterator[Company]:
    """A company of a dozen people behind a real server, until the test is over."""
    made = company(folder)
    hire(made.book, ["Support"] * 12)
    server = uvicorn.Server(uvicorn.Config(made.app, port=PORT, log_level="critical", lifespan="off"))
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    while not server.started:
        time.sleep(0.05)
    yield made
    server.should_exit = True
    running.join()


def due(served: Company, name: str) -> tuple[Any, str]:
    """Somebody who is asked today, and their right."""
    who = served.joined(name)
    assert who.member
    ask = ask_of(served.settings.secret, who.member.account, "2026-Q1")
    served.now = datetime.combine(ask.on, clock_time(9, 30), UTC)
    return who, claim_of(served.settings.secret, who.member.account, ask)


def opened(browser: Any, **context: Any) -> Any:
    """A fresh browser that notes every request with its headers, and every complaint."""
    held = browser.new_context(base_url=f"http://127.0.0.1:{PORT}", **context)
    page = held.new_page()
    page.asked, page.errors = [], []
    page.on("request", lambda request: page.asked.append(request))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    return page


def signed_in(page: Any, who: Any) -> None:
    page.goto("/sign-in?onward=%2Fpulse")
    page.fill("#address", who.address)
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.wait_for_url("**/pulse")


def test_a_link_is_five_seconds(browser: Any, served: Company) -> None:
    """By a link, without signing in: three taps and a click, one answer, and neither cookie nor right nor address in it."""
    _, claim = due(served, "Ada")
    page = opened(browser, viewport={"width": WIDTHS["phone"], "height": 800})
    page.goto(f"/pulse#{claim}~Support~works")
    page.get_by_label("yes", exact=True).first.check()
    page.select_option("#tool", "claude")
    page.select_option("#job", "coding")
    page.get_by_role("button", name="Send").click()
    page.locator("#done").wait_for(state="visible")
    (told,) = [request for request in page.asked if request.url.endswith("/pulse/answer")]
    headers = told.all_headers()
    assert "cookie" not in headers
    assert "referer" not in headers
    assert claim.split(".")[2] not in told.post_data
    assert page.url.endswith("/pulse"), "the right is still in the address bar"
    assert page.evaluate("JSON.stringify(localStorage)") == "{}"
    assert page.errors == []
    (row,) = rows(served.book, pulse.WAITING)
    assert b'"tool":"claude","job":"coding"' in bytes(row["content"])
    assert b'"stratum":"Support"' in bytes(row["content"])
    assert {request.url.split("/")[2] for request in page.asked} == {f"127.0.0.1:{PORT}"}


def test_what_is_signed_is_not_what_is_spent(browser: Any, served: Company) -> None:
    """The request that is signed and the token that is spent have nothing in common, and the token was never sent before."""
    ada, _ = due(served, "Ada")
    page = opened(browser)
    signed_in(page, ada)
    page.get_by_label("no", exact=True).first.check()
    page.get_by_role("button", name="Send").click()
    page.locator("#done").wait_for(state="visible")
    asked = {
        request.url.rpartition("/")[2]: request.post_data_json
        for request in page.asked
        if request.method == "POST" and "/pulse/" in request.url
    }
    assert set(asked) == {"sign", "answer"}
    assert set(asked["sign"]) == {"claim", "hidden"}
    token, hidden = asked["answer"]["token"], asked["sign"]["hidden"]
    assert not any(token[at : at + 16] in hidden for at in range(0, len(token) - 16, 2))
    assert ada.member.account not in str(asked["answer"])
    page.goto("/pulse")
    assert page.get_by_text("You have been asked this quarter").is_visible()


def test_a_lost_connection_loses_no_right(browser: Any, served: Company) -> None:
    """If the answer does not get through, the token waits in this browser, and the page sends it on the next try."""
    ada, _ = due(served, "Ada")
    page = opened(browser)
    signed_in(page, ada)
    page.route("**/pulse/answer", lambda route: route.abort())
    page.get_by_label("no", exact=True).first.check()
    page.get_by_role("button", name="Send").click()
    page.get_by_text("could not be sent").wait_for()
    page.unroute("**/pulse/answer")
    page.goto("/pulse")  # the right is used, but this browser still holds what it was used for
    page.get_by_label("no", exact=True).first.check()
    page.get_by_role("button", name="Send").click()
    page.locator("#done").wait_for(state="visible")
    assert len(rows(served.book, pulse.WAITING)) == 1


def test_without_script_the_page_says_what_is_not_promised(browser: Any, served: Company) -> None:
    """A browser without script can answer, signed in, and is told that the server then sees more."""
    ada, claim = due(served, "Ada")
    page = opened(browser, java_script_enabled=False)
    page.goto(f"/pulse#{claim}")
    assert page.get_by_text("Sign in to answer without script").is_visible()
    signed_in(page, ada)
    assert page.get_by_text("the server sees in one request").is_visible()
    assert not page.get_by_text("Nobody, from what is stored").is_visible()
    page.get_by_label("yes", exact=True).first.check()
    page.get_by_role("button", name="Send").click()
    assert page.get_by_text("Thank you").is_visible()
    assert len(rows(served.book, pulse.WAITING)) == 1


def test_the_script_keeps_to_the_published_numbers(browser: Any, served: Company) -> None:
    """In the browser, too, every step gives the numbers RFC 9474 publishes, and a signature that does not fit is not taken."""
    page = opened(browser)
    page.goto("/pulse")
    factor = pow(int(published.INVERSE, 16), -1, int(published.N, 16))
    given = {name: getattr(published, name) for name in ("N", "E", "PREFIX", "MESSAGE", "SALT", "BLIND_SIGNATURE")}
    found = page.evaluate(
        """async (given) => {
            const s = await import("/static/pulse.js");
            const key = { n: BigInt("0x" + given.N), e: BigInt("0x" + given.E) };
            const prepared = s.prepare(s.unhex(given.MESSAGE), s.unhex(given.PREFIX));
            const hidden = await s.blind(key, prepared, s.unhex(given.SALT), BigInt("0x" + given.factor));
            const signature = await s.finalize(key, prepared, s.unhex(given.BLIND_SIGNATURE), hidden.back);
            const spoilt = s.unhex(given.BLIND_SIGNATURE.slice(0, -2) + "00");
            const caught = await s.finalize(key, prepared, spoilt, hidden.back).catch((error) => error.message);
            return [s.hex(hidden.message), hidden.back.toString(16), s.hex(signature), caught];
        }""",
        {**given, "factor": f"{factor:x}"},
    )
    assert found == [published.BLINDED, f"{int(published.INVERSE, 16):x}", published.SIGNATURE, "the signature does not fit"]


def test_the_two_sides_agree_on_any_key(browser: Any, served: Company) -> None:
    """What the script hides, the server signs, and what the script opens, the server takes: many times, with real keys."""
    page = opened(browser)
    page.goto("/pulse")
    key = blind.make_key()
    given = {"n": f"{key.public.n:x}", "e": key.public.e}
    for _ in range(10):
        hidden, back, prepared, chosen = page.evaluate(
            """async ({ n, e }) => {
                const s = await import("/static/pulse.js");
                const prepared = s.newToken(), key = { n: BigInt("0x" + n), e: BigInt(e) };
                const hidden = await s.blind(key, prepared);
                return [s.hex(hidden.message), hidden.back.toString(16), s.hex(prepared), await s.secondDay(prepared)];
            }""",
            given,
        )
        raw = bytes.fromhex(prepared)
        signature = blind.finalize(key.public, raw, blind.blind_sign(key, bytes.fromhex(hidden)), int(back, 16))
        assert blind.verify(key.public, raw, signature)
        assert chosen == pulse.second_day(raw)


@pytest.mark.parametrize("lang", ["en", "fr", "vi"])
@pytest.mark.parametrize("width", WIDTHS)
def test_everybody_can_use_it(browser: Any, served: Company, lang: str, width: str) -> None:
    """In every language and width: nothing serious for axe, nothing cut off, and the keyboard alone is enough."""
    from axe_playwright_python.sync_playwright import Axe

    _, claim = due(served, "Ada")
    page = opened(browser, viewport={"width": WIDTHS[width], "height": 900}, locale=lang)
    page.goto(f"/pulse#{claim}~Support~works")
    page.locator("input[name=used][value=yes]").check()
    page.locator("details").first.evaluate("node => { node.open = true; }")
    found = Axe().run(page)
    assert [v["id"] for v in found.response["violations"] if v["impact"] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.locator("input[name=used][value=yes]").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("input[name=used][value=no]").is_checked()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.type") == "submit":
            break
    page.keyboard.press("Enter")
    page.locator("#done").wait_for(state="visible")
    assert page.errors == []
