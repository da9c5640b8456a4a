"""The server in a real browser: by keyboard, on a phone, at night, with a passkey, and nothing axe finds serious."""

import socket
import threading
import time
from dataclasses import replace
from datetime import date

import pytest

import report_samples as samples
from groundswell.report.render import render
from groundswell.runs.folder import Folder
from groundswell.runs.releases import keep
from groundswell.selfreport import accounts, sessions
from groundswell.selfreport.accounts import Role
from groundswell.selfreport.base import writing
from test_report_browser import CHROMIUM, QUIET
from web_company import PASSWORD, company

pytestmark = pytest.mark.browser

RELEASE = "/page/2025-Q4"
PAGES = ["/", "/logbook", "/logbook/new", "/practices", "/charter", "/page", "/me", "/welcome"]


@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, started once."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A server on loopback that people have told things to."""
    import uvicorn

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    made = company(tmp_path_factory.mktemp("company"), origin=f"http://localhost:{port}")
    made.origin = made.settings.origin
    release = replace(samples.git_only(), trial=False, end=date(2025, 12, 31))
    keep(Folder(made.folder), release, now=made.now, render=lambda page, lang: render(page, lang=lang))
    server = uvicorn.Server(uvicorn.Config(made.app, host="127.0.0.1", port=port, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(100):
        if server.started:
            break
        time.sleep(0.1)
    yield made
    server.should_exit = True
    thread.join(timeout=20)


def session_of(served, name, **more):
    """A new person's session."""
    with writing(served.book) as connection:
        said = {"unit": "Support", "role": Role.MEMBER, "leads": False, **more}
        link = accounts.welcome(connection, now=served.now, **said)
        address = f"{name.casefold().replace(' ', '.')}@lanterne.example"
        account, _ = accounts.join(connection, link, address=address, name=name, password=PASSWORD, now=served.now)
        return sessions.begin(connection, account, now=served.now)


@pytest.fixture(scope="module")
def ada(served):
    """A steward who leads, and has told something with everything in it."""
    return session_of(served, "Ada Lindqvist", role=Role.STEWARD, leads=True)


def page_of(browser, served, session="", **context):
    """A fresh page that notes every error and every request elsewhere."""
    held = browser.new_context(**{"locale": "en-GB", **context})
    if session:
        held.add_cookies([{"name": "session", "value": session, "url": served.origin, "httpOnly": True, "sameSite": "Lax"}])
    page = held.new_page()
    page.errors = []
    page.on("console", lambda m: page.errors.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda e: page.errors.append(str(e)))
    page.on("request", lambda r: page.errors.append(r.url) if not r.url.startswith((served.origin, "data:")) else None)
    return page


@pytest.fixture(scope="module")
def told(browser, served, ada):
    """The address of an entry told by keyboard alone, within half a minute of a person who types fast."""
    page = page_of(browser, served, ada)
    page.goto(f"{served.origin}/logbook/new")
    page.focus("#title")
    keys = page.keyboard
    keys.type("Sorting the Monday tickets")
    keys.press("Tab")
    keys.type("Claude")
    keys.press("Tab")
    keys.type("support")
    keys.press("Tab")
    keys.type("I pasted **forty** tickets:\n\n- one\n- two\n\nand asked for `piles`.")
    keys.press("Tab")
    keys.press("ArrowRight")  # from "not sure yet" round to "kept it"
    keys.press("Tab")
    keys.type("It mixes refunds up with returns.")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Enter")
    page.wait_for_url(lambda url: "/logbook/" in url and not url.endswith("/new"))
    assert page.errors == []
    assert "Kept it" in page.content()
    assert page.locator("strong", has_text="forty").count() == 1
    return page.url


def test_half_a_minute_by_keyboard(told):
    """A person tells an experiment without touching a mouse."""
    assert "/logbook/" in told


@pytest.mark.parametrize(
    ("width", "scheme", "locale"), [(390, "dark", "fr-FR"), (1280, "light", "en-GB"), (820, "dark", "vi-VN")]
)
def test_axe_finds_nothing_serious(browser, served, ada, told, width, scheme, locale):
    """On every page, in each language, light and dark, from phone to desk, axe finds no violation that is serious or critical."""
    from axe_playwright_python.sync_playwright import Axe

    page = page_of(browser, served, ada, viewport={"width": width, "height": 900}, color_scheme=scheme, locale=locale)
    for address in [*PAGES, told.removeprefix(served.origin), "/practices/support/claude", "/nowhere"]:
        page.goto(served.origin + address)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found = _axe(Axe(), page)
        assert found == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    assert [e for e in page.errors if "404" not in e] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_release_is_drawn_under_its_own_policy(browser, served, ada, scheme):
    """A released page keeps its style, loads nothing and breaks no rule of its policy; a link leads back."""
    page = page_of(browser, served, ada, viewport={"width": 1280, "height": 900}, color_scheme=scheme, locale="fr-FR")
    page.goto(served.origin + RELEASE)
    assert page.errors == []
    assert page.locator("svg >> visible=true").count() > 0
    paper = "rgb(253, 252, 248)" if scheme == "light" else "rgb(24, 24, 21)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == paper
    page.click("text=Retour à Groundswell")
    page.wait_for_url("**/page")


def test_axe_would_find_a_fault(browser, served, ada):
    """The look above sees a planted fault: a field that lost its label."""
    from axe_playwright_python.sync_playwright import Axe

    page = page_of(browser, served, ada)
    page.goto(f"{served.origin}/logbook/new")
    page.evaluate("document.querySelector('label[for=title]').remove(); document.querySelector('#title').placeholder = ''")
    assert "label" in {rule for rule, _ in _axe(Axe(), page)}


def test_doors_are_accessible_too(browser, served):
    """The pages of whoever has not signed in are as accessible."""
    from axe_playwright_python.sync_playwright import Axe

    page = page_of(browser, served, viewport={"width": 390, "height": 900})
    with writing(served.book) as connection:
        link = accounts.welcome(connection, unit="", role=Role.MEMBER, leads=False, now=served.now)
    for address in ("/sign-in", "/recover", f"/join/{link}"):
        page.goto(served.origin + address)
        assert _axe(Axe(), page) == [], address
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def _axe(axe, page):
    """Rules broken seriously; the browser's debugger lets this script of the test's own past the page's policy."""
    found = axe.run(page).response["violations"]
    return [(rule["id"], rule["nodes"][0]["html"][:200]) for rule in found if rule["impact"] in {"serious", "critical"}]


def test_joining_telling_and_leaving_end_to_end(browser, served):
    """From the link to the last form, without a script: join, see the code, tell without a name, sign out, sign in, erase."""
    page = page_of(browser, served, java_script_enabled=False)
    with writing(served.book) as connection:
        link = accounts.welcome(connection, unit="Sales", role=Role.MEMBER, leads=False, now=served.now)
    page.goto(f"{served.origin}/join/{link}")
    page.fill("#name", "Tom Varga")
    page.fill("#address", "tom@lanterne.example")
    page.fill("#password", PASSWORD)
    page.click("main button")
    assert page.locator("pre").inner_text()
    page.click("main a.button")
    page.click("main a.button")
    page.fill("#title", "A quiet job")
    page.fill("#tool", "Harbour")
    page.check("input[value=nameless]")
    page.click("main form > .row button")
    assert page.locator("pre").inner_text()
    page.click("text=See the entry")
    assert "Tom Varga" not in page.locator("main").inner_text()
    page.click("text=Sign out")
    page.fill("#address", "tom@lanterne.example")
    page.fill("#password", PASSWORD)
    page.click("main button")
    page.goto(f"{served.origin}/me")
    page.click("summary")
    page.click("text=Erase it now")
    page.wait_for_url("**/sign-in")
    page.fill("#address", "tom@lanterne.example")
    page.fill("#password", PASSWORD)
    page.click("main button")
    assert "do not belong together" in page.content()


def test_a_passkey_signs_in(browser, served):
    """A device of the browser's own makes a passkey and signs in with it; taken away, it opens nothing any more."""
    session = session_of(served, "Pia")
    page = page_of(browser, served, session)
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    device.send(
        "WebAuthn.addVirtualAuthenticator", {"options": {**options, "isUserVerified": True, "automaticPresenceSimulation": True}}
    )
    page.goto(f"{served.origin}/me")
    page.click("text=Add a passkey")
    page.wait_for_selector("text=Remove")
    page.click("text=Sign out >> nth=0")
    page.wait_for_url("**/sign-in")
    page.click("text=Sign in with a passkey")
    page.wait_for_url(f"{served.origin}/")
    assert "Pia" in page.content()
    page.goto(f"{served.origin}/me")
    page.click("text=Remove")
    page.click("text=Sign out >> nth=0")
    page.wait_for_url("**/sign-in")
    page.click("text=Sign in with a passkey")
    page.wait_for_selector("[role=alert]:visible")
    assert page.url.endswith("/sign-in")


def test_focus_is_seen_and_the_text_reached_first(browser, served, ada):
    """The first tab leads past the navigation to the text, and what has the focus is outlined."""
    page = page_of(browser, served, ada)
    page.goto(f"{served.origin}/logbook")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    assert page.evaluate("document.activeElement.getBoundingClientRect().width") > 40
    page.keyboard.press("Tab")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_on_paper_only_what_was_told(browser, served, ada, told):
    """Printed, an entry stands without navigation, buttons and forms, in light."""
    page = page_of(browser, served, ada, color_scheme="dark")
    page.goto(told)
    page.emulate_media(media="print", color_scheme="dark")
    assert page.locator("nav >> visible=true").count() == 0
    assert page.locator("button >> visible=true").count() == 0
    assert page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--ink').trim()") == "#22211d"
